"""The roads of the three users: an idea is proposed, passes the gate, becomes facts, a preview and a Word file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import Form, facts
from dossiers.records.proposal import Proposal
from portal import db
from portal.models import Person, Project
from portal.stages import Role
from tests.portal.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


def enter(page: Page, served: str, person: Person) -> None:
    page.context.clear_cookies()
    page.goto(served + "/sign-in")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def answer_everything(page: Page) -> None:
    """Something possible in each field of the proposal's form."""
    for f in facts(Proposal):
        field = page.locator(f"#f-{f.name}")
        match f.form:
            case Form.CHOICE | Form.YESNO:
                field.select_option(index=1)
            case Form.CHOICES:
                field.locator("input[type=checkbox]").first.check()
            case Form.INTEGER | Form.NUMBER:
                field.fill("3")
            case Form.MONTH:
                field.fill("2028-03")
            case _ if f.name != "acronym":
                field.fill(f"About {f.label.lower()}")


def supply_the_first_gate(page: Page) -> None:
    """Attach what gate G0 asks for, answer what must be met, argue the level; green only from evidence."""
    for name in ("confidentiality", "class-note", "duplicates"):
        line = page.locator(f"#line-{name}")
        line.locator("summary").click()
        line.get_by_label("Title").fill("Note of the intake meeting")
        line.get_by_label("Date on it").fill("2026-03-12")
        line.get_by_role("button", name="Attach", exact=True).click()
        expect(page.locator(f"#line-{name} .badge-good")).to_be_visible()
    for name in ("mission", "lawful", "support"):
        line = page.locator(f"#line-{name}")
        line.locator("summary").click()
        line.get_by_label("Yes").check()
        line.get_by_label("What shows it").fill("Letter of the head of department")
        line.get_by_role("button", name="Keep the answer").click()
        expect(page.locator(f"#line-{name} .badge-good")).to_be_visible()
    line = page.locator("#line-readiness-science")
    line.locator("summary").click()
    line.get_by_label("Level").select_option("2")
    line.get_by_label("What shows it").fill("First experiments")
    line.get_by_role("button", name="Keep the level").click()
    expect(page.locator("#line-readiness-science .badge-good")).to_be_visible()


def test_from_an_idea_to_a_word_file(page: Page, served: str, people: dict[Role, Person]) -> None:
    # the researcher proposes
    enter(page, served, people[Role.RESEARCHER])
    page.get_by_role("link", name="Propose an idea").first.click()
    page.get_by_label("Working title").fill("T cells against CD19")
    page.get_by_label("Acronym").fill("CAR19")
    page.get_by_role("button", name="Start the proposal").click()
    expect(page.get_by_role("heading", name="Proposal", exact=True)).to_be_visible()
    answer_everything(page)
    expect(page.locator(".save-state")).to_contain_text("Draft kept at", timeout=15_000)
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_text("The tandem is not complete")).to_be_visible()
    page.get_by_role("link", name="People of this project").click()
    page.get_by_label("Person", exact=True).select_option(label="Test clinician, clinician@test.example")
    page.get_by_label("In this project").select_option(label="Clinical lead")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("rowheader", name="Test clinician")).to_be_visible()
    for role in (Role.CLINICIAN, Role.RESEARCHER):
        enter(page, served, people[role])
        page.goto(served + "/projects/CAR19/proposal/check")
        page.get_by_role("button", name="I stand behind this proposal").click()
        expect(page.get_by_text("You confirmed the proposal as it stands.")).to_be_visible()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Submitted.")).to_be_visible()

    # the investment manager lets it pass
    enter(page, served, people[Role.INVESTMENT])
    page.get_by_role("link", name="CAR19").first.click()
    page.on("dialog", lambda dialog: dialog.accept())
    supply_the_first_gate(page)
    page.get_by_label("Admit").check()
    page.get_by_label("Reasons").fill("A clear need and a plausible path.")
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Take the decision").click()
    expect(page.get_by_text("Decided: admit")).to_be_visible()
    expect(page.get_by_text("A clear need and a plausible path.").first).to_be_visible()

    # regulatory affairs enters facts, reads the preview and takes the Word file
    enter(page, served, people[Role.REGULATORY])
    page.goto(served + "/projects/CAR19/documents/impd-q?section=0.1")
    page.get_by_label("Beside the section").get_by_role("link").first.click()
    expect(page.locator("main")).to_be_visible()
    assert "/facts/" in page.url, "a gap leads to where its fact is entered"


def test_facts_become_a_preview_and_a_word_file(
    page: Page, served: str, people: dict[Role, Person], project: object, tmp_path: Path
) -> None:
    from dossiers.binder import load

    records = load(
        "tandem: 1\nproject: P-1\nrecords:\n  product:\n    main: {code: P-1}\n"
        "  batch:\n    B-1: {number: B-1, scope: ds}\n"
    ).records
    project("dossier", "P-1", records=records)  # type: ignore[operator]
    enter(page, served, people[Role.REGULATORY])
    with db.reading() as session:
        assert session.scalars(select(Project).where(col(Project.key) == "P-1")).one().stage == "dossier"
    page.goto(served + "/projects/P-1/documents/impd-q?section=0.3")
    gap = page.locator("article .gap").first
    gap.click()
    field = page.locator(":focus")
    expect(field).to_be_visible()
    page.goto(served + "/projects/P-1/facts/product")
    page.goto(served + f"/projects/P-1/facts/product/{records['product'][0].uid}#f-name")
    page.locator("#f-name").fill("Cells < 5 & *stars*")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved").first).to_be_visible()
    page.goto(served + "/projects/P-1/documents/impd-q?section=0.3")
    expect(page.locator("article").get_by_text("Cells < 5 & *stars*").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download in Word").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as package:
        assert "Cells &lt; 5 &amp; *stars*" in package.read("word/document.xml").decode()


def test_the_road_without_javascript(page: Page, served: str, people: dict[Role, Person], project: object) -> None:
    project("proposed", "P-1", members=("researcher", "clinician"))  # type: ignore[operator]
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(java_script_enabled=False) as plain:
        bare = plain.new_page()
        enter(bare, served, people[Role.INVESTMENT])
        bare.goto(served + "/projects/P-1/gates")
        bare.get_by_label("Return").check()
        bare.get_by_label("Reasons").fill("Say which patients.")
        bare.get_by_label("Your password, again").fill(PASSWORD)
        bare.get_by_role("button", name="Take the decision").click()
        expect(bare.get_by_text("Decided: return")).to_be_visible()
        enter(bare, served, people[Role.RESEARCHER])
        expect(bare.get_by_text("Say which patients.")).to_be_visible()
        bare.goto(served + "/proposals/new")
        bare.get_by_label("Working title").fill("Another idea")
        bare.get_by_label("Acronym").fill("IDEA-2")
        bare.get_by_role("button", name="Start the proposal").click()
        bare.locator("#f-moa").fill("It repairs.")
        bare.get_by_role("button", name="Save", exact=True).click()
        expect(bare.get_by_text("Saved.")).to_be_visible()
