"""The pages of these roads with something on them: accessible by axe and without a sideways scroll, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal import db
from portal.gates.actions import Document, Minutes, level, meet, show, take
from portal.intake.actions import invite
from portal.models import Person, Project, now
from portal.portfolio.actions import Sum, fund
from portal.programme import Review, Task
from portal.proposals.actions import save
from portal.reviews.actions import Given, ask, hand_in, score
from portal.rulebook import read, seeded
from portal.stages import GATES, Role, Said, move
from portal.tasks.actions import Wanted, add
from tests.journeys.conftest import asking, submit
from tests.journeys.test_roads import enter

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

Make = Callable[..., Project]
WIDE, NARROW = 1280, 360
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LONG = "A comment that somebody wrote at length, with 1234567890123456789012345678901234567890 in it. " * 3
MEETS = now().date() + timedelta(days=20)
WALK = "medicine=yes&nucleic=no&cells=viable&manipulated=yes"


def check(page: Page, address: str) -> None:
    """Visit the page at both widths, and hold it against the rules."""
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        holds(page, f"{address} at {width} px")


def holds(page: Page, where: str) -> None:
    """The page as it stands is accessible and no wider than the window."""
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert over <= 0, f"{where} is {over} px too wide"
    found = Axe().run(page, options={"runOnly": RULES})
    assert found.violations_count == 0, f"{where}: {found.generate_report()}"


@pytest.fixture
def idea(people: dict[Role, Person], submitted: Callable[[], Project]) -> Project:
    """CAR19: submitted, sent back on two lines and answered; with invitations, levels and a document."""
    made, manager = submitted(), people[Role.INVESTMENT]
    with db.signed(manager, "return") as session:
        at = session.scalars(select(Project).where(col(Project.id) == made.id)).one().revision
        said = Said("Name the comparator.", tied=("lawful", "duplicates"))
        take(session, asking(manager), (made.id, at), move("return"), said)
    lead = people[Role.RESEARCHER]
    with db.signed(lead, "answer") as session:
        row = session.scalars(select(Proposal).where(col(Proposal.project_id) == made.id)).one()
        save(session, asking(lead), (row.uid, row.revision), {"moa": LONG, "competitors": "Blinatumomab"}, "f")
    with db.signed(lead, "invite") as session:
        for email in ("an.peeters@hospital.example", "somebody.with.a.long.name@a-long-department.hospital.example"):
            invite(session, asking(lead), made, email, "team_member")
    with db.signed(manager, "levels") as session:
        for track, number in (("science", 3), ("manufacturing", 1), ("regulatory", 2)):
            level(session, asking(manager), made, (track, number, "A report with a name"))
    with db.signed(lead, "attach") as session:
        show(session, asking(lead), made, None, Document("", "Letter of support", now().date(), LONG))
    return made


@pytest.fixture
def judged(people: dict[Role, Person], second: Person, project: Make) -> Project:
    """TST-1 in feasibility: one review handed in, one half done; evidence, levels and tasks, one of them late."""
    made, manager = project("feasibility", "TST-1", ("researcher", "clinician")), people[Role.INVESTMENT]
    names = [c.id for c in read(seeded()).criteria]
    for who, given in ((second, names), (people[Role.REVIEWER], names[:4])):
        with db.signed(manager, "ask") as session:
            review = ask(session, asking(manager), made, who.id, now().date())
        with db.signed(who, "score") as session:
            held = session.get(Review, review.id)
            assert held is not None
            score(session, held, {name: Given(4, "C", LONG) for name in given}, LONG)
            if given is names:
                hand_in(session, asking(who), made, held)
    with db.signed(manager, "evidence") as session:
        show(session, asking(manager), made, GATES["G1"], Document("target-profile", "Profile", now().date(), LONG))
        level(session, asking(manager), made, ("science", 3, LONG))
        add(session, asking(manager), made, Wanted("Ask the biosafety officer", "role:regulatory", "2999-01-01", LONG))
        meet(session, made, GATES["G1"], Minutes(MEETS, "Board room", f"An Peeters, {LONG}", "", "", LONG))
        fund(session, made, Sum(LONG[:150], "asked", "180000", "2026-03-12"))
        late = add(session, asking(manager), made, Wanted("Write the plan", "role:investment_manager"))
    with db.signed(manager, "time passes") as session:
        session.get(Task, late.id).due = now().date() - timedelta(days=3)  # type: ignore[union-attr]
    return made


TANDEM_READS = ("/proposal", "/proposal/check", "/proposal/documents", "/invitations", "/tasks", "/gates",
                "/classification", f"/classification?{WALK}", f"/classification?{WALK}&aim=both&device=no")  # fmt: skip


def test_what_the_tandem_reads_and_fills_in(page: Page, served: str, people: dict[Role, Person], idea: Project) -> None:
    enter(page, served, people[Role.RESEARCHER])
    for path in TANDEM_READS:
        check(page, f"{served}/projects/{idea.key}{path}")
    check(page, f"{served}/notices")
    check(page, f"{served}/")


@pytest.mark.parametrize(
    "path", ["/projects/CAR19/proposal", "/projects/CAR19/gates", "/board", "/projects/CAR19/tasks"]
)
def test_what_the_manager_reads_of_a_proposal(
    page: Page, served: str, people: dict[Role, Person], idea: Project, path: str
) -> None:
    submit(people, idea)
    enter(page, served, people[Role.INVESTMENT])
    check(page, served + path)


MANAGER_READS = ("/projects/TST-1/reviews", "/projects/TST-1/gates", "/projects/TST-1/tasks", "/projects/TST-1",
                 "/projects/TST-1/proposal", "/projects/TST-1/tasks?mine=yes", "/board", "/portfolio",
                 "/portfolio/value", "/portfolio/forecast", "/projects", "/notices", "/rulebook", "/", "/meetings",
                 f"/meetings/{MEETS}", "/search?q=project+tst", "/search?q=nothing+of+this", "/portfolio/what-if",
                 "/portfolio/what-if?money=1000.5&slots=2&in=TST-1", "/bulk?p=TST-1&act=review")  # fmt: skip


def test_what_the_manager_reads_of_a_project(
    page: Page, served: str, people: dict[Role, Person], judged: Project
) -> None:
    enter(page, served, people[Role.INVESTMENT])
    for path in MANAGER_READS:
        check(page, served + path)


def test_what_reviewers_read(
    page: Page, served: str, people: dict[Role, Person], second: Person, judged: Project
) -> None:
    enter(page, served, people[Role.REVIEWER])
    for path in ("/projects/TST-1/review", "/notices", "/"):
        check(page, served + path)
    enter(page, served, second)
    check(page, f"{served}/projects/TST-1/review")  # the card


def test_what_was_refused(page: Page, served: str, people: dict[Role, Person], idea: Project, tmp_path: Path) -> None:
    """The pages that say why not, as they come back, hold as well."""
    page.set_viewport_size({"width": NARROW, "height": 900})
    enter(page, served, people[Role.RESEARCHER])
    page.goto(f"{served}/projects/{idea.key}/invitations")
    page.get_by_label("E-mail address").fill("an.peeters@hospital.example")
    page.get_by_label("In this project").select_option(label="Team member")
    page.get_by_role("button", name="Invite").click()
    page.get_by_text("was invited before").wait_for()
    holds(page, "a refused invitation")
    wrong = tmp_path / "list.csv"
    wrong.write_text("a,b", encoding="utf-8")
    page.goto(f"{served}/projects/{idea.key}/proposal/documents")
    page.get_by_label("Title").fill("A list")
    page.get_by_label("Date on it").fill("2026-03-12")
    page.get_by_label("File").set_input_files(wrong)
    page.get_by_role("button", name="Attach").click()
    page.get_by_text("A file of the type “csv” is not taken").wait_for()
    holds(page, "a refused document")
    page.goto(f"{served}/projects/{idea.key}/proposal")
    page.locator("#f-population_be").fill("many")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("alert").wait_for()
    holds(page, "a refused proposal")
