"""An investment manager's table: filtered, kept as a view, and one act on three of its projects."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from portal import db
from portal.models import Person, Project
from portal.programme import Interest, Review
from portal.stages import Role
from tests.portal.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

Make = Callable[..., Project]
People = dict[Role, Person]
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def enter(page: Page, served: str, person: Person) -> None:
    page.goto(served + "/sign-in?next=/projects")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Projects", exact=True).wait_for()


def good(page: Page) -> None:
    """The page is accessible, and fits a wide screen and a telephone."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, f"{width} px"
        found = Axe().run(page, options={"runOnly": STANDARDS})
        assert found.violations_count == 0, found.generate_report()


def many(project: Make, people: People) -> None:
    for key in ("F-1", "F-2", "F-3", "F-4"):
        made = project("feasibility", key, members=("researcher", "clinician"))
        if key == "F-2":
            with db.signed("tests", "interest") as session:
                session.add(Interest(project_id=made.id, person_id=people[Role.REVIEWER].id, ground="rival"))
    project("transfer", "T-1")


def test_from_a_filter_to_reviews_of_three(page: Page, served: str, people: People, project: Make) -> None:
    many(project, people)
    enter(page, served, people[Role.INVESTMENT])
    page.get_by_label("Gate ahead", exact=True).select_option("G1")
    page.wait_for_url("**gate=G1**")
    expect(page.get_by_role("row")).to_have_count(5)
    good(page)

    page.locator("#views > summary").click()
    good(page)
    page.get_by_label("Save what shows now as").fill("At feasibility")
    page.get_by_role("button", name="Save the view").click()
    expect(page.locator("#flash")).to_contain_text("The view “At feasibility” was saved.")
    address = page.url
    page.goto(served + "/projects")
    expect(page.get_by_role("row")).to_have_count(6)
    page.goto(address)
    expect(page.locator("#views > summary")).to_have_text("View: At feasibility")
    expect(page.get_by_role("row")).to_have_count(5)

    every = page.get_by_label("Choose every project of this page")
    every.check()
    expect(page.locator("input[name=p]:checked")).to_have_count(4)
    page.get_by_label("Choose F-4").uncheck()
    expect(every).not_to_be_checked()
    page.get_by_label("With these projects").select_option("review")
    page.get_by_role("button", name="Go on with those chosen").click()
    page.get_by_role("heading", name="Ask for reviews", exact=True).wait_for()
    expect(page.get_by_role("checkbox")).to_have_count(3)
    good(page)
    page.get_by_label("Whom to ask").select_option(label=people[Role.REVIEWER].name)
    page.get_by_label("Scores wanted by").fill("2999-01-31")
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("row", name="F-1")).to_contain_text("is asked for a review at G1")
    expect(page.get_by_role("row", name="F-2")).to_contain_text("left out Test reviewer may not judge this project.")
    expect(page.get_by_role("row", name="F-4")).to_have_count(0)
    good(page)
    page.get_by_role("button", name="Change what is asked").click()
    expect(page.get_by_label("Scores wanted by")).to_have_value("2999-01-31")
    page.get_by_role("button", name="Show what will happen").click()
    page.get_by_role("button", name="Do it to 2 projects").click()
    expect(page.locator("#flash")).to_contain_text("2 projects: a review was asked for. 1 project was left out.")
    expect(page.locator("#views > summary")).to_contain_text("At feasibility")
    with db.reading() as session:
        assert len(session.scalars(select(Review)).all()) == 2


def test_what_moved_is_shown_anew(page: Page, served: str, people: People, project: Make) -> None:
    many(project, people)
    enter(page, served, people[Role.INVESTMENT])
    page.get_by_label("Choose F-1").check()
    page.get_by_label("Choose F-3").check()
    page.get_by_label("With these projects").select_option("open")
    page.get_by_role("button", name="Go on with those chosen").click()
    page.get_by_role("button", name="Show what will happen").click()
    expect(page.get_by_role("button", name="Do it to 2 projects")).to_be_visible()
    with db.signed("tests", "somebody else was faster") as session:
        for made in session.scalars(select(Project)):
            made.confidential = made.key != "F-3"
    page.get_by_role("button", name="Do it to 2 projects").click()
    expect(page.get_by_role("row", name="F-3")).to_contain_text("It is open to all staff already.")
    expect(page.get_by_text("changed since you saw it")).to_have_count(1)
    good(page)
    page.get_by_role("button", name="Do it to 1 project").click()
    expect(page.locator("#flash")).to_contain_text("1 project: open to all staff now.")
