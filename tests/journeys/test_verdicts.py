"""Verdicts: one that sends an idea back with what it rests on, and one that is asked for on the board and sealed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal import db
from portal.models import Decision, Person, Project
from portal.programme import Telling
from portal.stages import Role
from tests.journeys.test_intake import confirm
from tests.journeys.test_roads import answer_everything, enter, supply_the_first_gate
from tests.portal.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

SHEET = "/projects/CAR19/gates"
Submitted = Callable[[], Project]


def propose_in_a_tandem(page: Page, served: str, people: dict[Role, Person]) -> None:
    """From the sign-in to a submitted proposal."""
    enter(page, served, people[Role.RESEARCHER])
    page.get_by_role("link", name="Propose an idea").first.click()
    page.get_by_label("Working title").fill("T cells against CD19")
    page.get_by_label("Acronym").fill("CAR19")
    page.get_by_role("button", name="Start the proposal").click()
    answer_everything(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(served + "/projects/CAR19/people")
    page.get_by_label("Person", exact=True).select_option(label="Test clinician, clinician@test.example")
    page.get_by_label("In this project").select_option(label="Clinical lead")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("rowheader", name="Test clinician")).to_be_visible()
    submit(page, served, people)


def submit(page: Page, served: str, people: dict[Role, Person]) -> None:
    """Both confirm, the researcher last, who submits."""
    confirm(page, served, people[Role.CLINICIAN])
    confirm(page, served, people[Role.RESEARCHER])
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Submitted.")).to_be_visible()


def decide(page: Page, move: str, reasons: str) -> None:
    """Fill the decision form and send it."""
    page.get_by_label(move, exact=False).first.check()
    page.get_by_label("Reasons").fill(reasons)
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Take the decision").click()


def test_from_the_sign_in_to_a_verdict_and_its_answer(page: Page, served: str, people: dict[Role, Person]) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    propose_in_a_tandem(page, served, people)

    # the manager sends it back, says what that rests on, and tells the applicants
    enter(page, served, people[Role.INVESTMENT])
    page.goto(served + SHEET)
    page.get_by_text("What the reasons rest on").click()
    for line in ("Nothing in it is unlawful", "Duplicates and competitors looked for"):
        page.get_by_role("checkbox", name=line).check()
    page.get_by_label("Tell them the verdict and why").check()
    decide(page, "Return", "Name the comparator, and how strong the effect is.")
    expect(page.get_by_text("Decided: return")).to_be_visible()

    # the researcher finds the notice, which leads to the verdict, and from there to the proposal
    enter(page, served, people[Role.RESEARCHER])
    page.get_by_role("link", name="Notices (").click()
    notice = page.get_by_role("article").filter(has_text="CAR19: revise at G0")
    expect(notice).to_contain_text("Name the comparator, and how strong the effect is.")
    notice.get_by_role("button", name="Open the page").click()
    expect(page).to_have_url(served + SHEET)
    page.get_by_role("navigation", name="Project CAR19").get_by_role("link", name="Proposal").click()
    asked = page.locator("#answered")
    expect(asked).to_contain_text("Name the comparator, and how strong the effect is.")
    expect(asked).to_contain_text("Nothing in it is unlawful")
    expect(asked).to_contain_text("Duplicates and competitors looked for")
    expect(asked).to_contain_text("Nothing so far.")

    # it is answered field by field
    page.locator("#f-moa").fill("About a strong mode of action")
    page.locator("#f-competitors").fill("Blinatumomab")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(asked.get_by_role("term")).to_have_text(["Others with the same aim", "Mode of action"])
    expect(asked.locator("ins").first).to_contain_text("Blinatumomab")
    asked.get_by_role("link", name="Mode of action").click()
    expect(page.locator("#f-moa")).to_be_focused()

    # without the confirmation of both it cannot be submitted; with it, it can
    page.goto(served + "/projects/CAR19/proposal/check")
    expect(page.get_by_text("Not confirmed as it stands now")).to_be_visible()
    expect(page.get_by_role("button", name="Submit")).to_have_count(0)
    submit(page, served, people)

    # the manager reads the difference, then admits it, from evidence
    enter(page, served, people[Role.INVESTMENT])
    page.goto(served + "/projects/CAR19/proposal")
    expect(page.get_by_role("heading", name="Sent back before, and submitted again")).to_be_visible()
    expect(asked.locator("ins")).to_have_count(2)
    page.goto(served + SHEET)
    expect(page.locator("#sheet > .lead")).to_contain_text("Attempt 2,")
    supply_the_first_gate(page)
    decide(page, "Admit", "Both questions are answered.")
    expect(page.get_by_text("Decided: admit")).to_be_visible()
    expect(page.locator(".project-bar")).to_contain_text("Feasibility")
    with db.reading() as session:
        back, admitted = list(session.scalars(select(Decision).order_by(Decision.serial)))[-3::2]  # type: ignore[arg-type]
        assert (back.verdict, back.tied, back.told) == ("revise", ["lawful", "duplicates"], True)
        assert (admitted.verdict, admitted.gate, admitted.attempt) == ("go", "G0", 2)
        assert [t.told for t in session.scalars(select(Telling))] == [True, True]


def test_a_notice_is_not_sent_where_the_manager_says_so(
    page: Page, served: str, people: dict[Role, Person], submitted: Submitted
) -> None:
    submitted()
    page.on("dialog", lambda dialog: dialog.accept())
    enter(page, served, people[Role.INVESTMENT])
    page.goto(served + SHEET)
    page.get_by_label("Do not tell them now").check()
    decide(page, "Return", "We speak about it on Monday.")
    expect(page.get_by_text("Decided: return")).to_be_visible()
    enter(page, served, people[Role.RESEARCHER])
    page.goto(served + "/notices")
    expect(page.get_by_text("revise at G0")).to_have_count(0)


def test_from_the_board_to_a_sealed_decision(
    page: Page, served: str, people: dict[Role, Person], submitted: Submitted
) -> None:
    made = submitted()
    page.on("dialog", lambda dialog: dialog.accept())
    enter(page, served, people[Role.INVESTMENT])
    page.set_viewport_size({"width": 2400, "height": 900})  # every column in sight
    page.get_by_role("link", name="Board").click()
    card = page.locator(f"#card-{made.id}")
    expect(page.get_by_role("region", name="Proposed").locator(".board-card")).to_have_count(1)
    card.drag_to(page.get_by_role("region", name="Feasibility"))
    expect(page).to_have_url(f"{served}{SHEET}?move=admit#decide")

    # without evidence the sheet says what is missing; with it the step is open
    admit = page.locator("input[name=move][value=admit]")
    expect(admit).to_be_disabled()
    expect(page.locator("#decide")).to_contain_text("Not yet:")
    supply_the_first_gate(page)
    expect(admit).to_be_enabled()

    # a colleague reads the same sheet in another tab
    second = page.context.new_page()
    second.on("dialog", lambda dialog: dialog.accept())
    second.goto(f"{served}{SHEET}?move=return")

    # a wrong password decides nothing and loses nothing
    page.goto(f"{served}{SHEET}?move=admit#decide")
    expect(admit).to_be_checked()
    page.get_by_label("Reasons").fill("A clear need; the path is plausible.")
    page.get_by_text("What the reasons rest on").click()
    page.get_by_role("checkbox", name="Nothing in it is unlawful").check()
    page.get_by_label("Do not tell them now").check()
    page.get_by_label("Your password, again").fill("not this one")
    page.get_by_role("button", name="Take the decision").click()
    expect(page.locator("#decide").get_by_role("alert")).to_contain_text("This is not your password")
    expect(page.get_by_label("Reasons")).to_have_value("A clear need; the path is plausible.")
    expect(admit).to_be_checked()
    expect(page.get_by_role("checkbox", name="Nothing in it is unlawful")).to_be_checked()
    expect(page.get_by_label("Do not tell them now")).to_be_checked()
    expect(page.get_by_label("Your password, again")).to_have_value("")
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Take the decision").click()
    expect(page.get_by_text("Decided: admit")).to_be_visible()
    expect(page.get_by_role("heading", name="Decisions so far").locator("..")).to_contain_text("named in the reasons")

    # the other tab's sheet is older than the decision
    decide(second, "Return", "Say which patients.")
    said = second.locator("#decide").get_by_role("alert")
    expect(said).to_contain_text("The project moved on since you opened this sheet")
    expect(said).to_contain_text("admit, by Test investment manager")
    expect(second.get_by_label("Reasons")).to_have_value("Say which patients.")
    with db.reading() as session:
        decisions = [d.move for d in session.scalars(select(Decision).order_by(Decision.serial))]  # type: ignore[arg-type]
        assert decisions[-2:] == ["submit", "admit"]

    # the board shows the new stage
    page.goto(served + "/board")
    expect(page.get_by_role("region", name="Feasibility").locator(f"#card-{made.id}")).to_be_visible()
    expect(page.get_by_role("region", name="Proposed").locator(".board-card")).to_have_count(0)
