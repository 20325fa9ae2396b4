"""Pages in a real browser: they fit, they are accessible, and nothing is said on the console."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import ConsoleMessage, Page

from portal.models import Person, Project
from portal.rights import Right
from portal.stages import Role
from tests.portal.conftest import PASSWORD

pytestmark = pytest.mark.browser

Made = Callable[..., Project]


def enter(page: Page, served: str, people: dict[Role, Person], role: Role) -> None:
    page.goto(served + "/sign-in")
    page.get_by_label("E-mail address").fill(people[role].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="My work").wait_for()


def pages_of(app: Flask, key: str) -> list[tuple[Right, str]]:
    """(right, address) of every page that needs no more than a project's key."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= {"key"} and not rule.endpoint.startswith("assets."):
            found.append((app.view_functions[rule.endpoint].right, rule.rule.replace("<key>", key)))  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", [Role.RESEARCHER, Role.INVESTMENT, Role.REGULATORY, Role.ADMINISTRATOR])
def test_every_page_fits_and_is_accessible(
    page: Page, app: Flask, served: str, people: dict[Role, Person], project: Made, role: Role
) -> None:
    project("idea" if role is Role.RESEARCHER else "dossier", "LOOK-1", ("researcher", "clinician", "regulatory"))
    said: list[str] = []
    page.on("console", lambda message: said.append(_told(message)))
    enter(page, served, people, role)
    for _, address in pages_of(app, "LOOK-1"):
        if page.request.get(served + address).headers.get("content-type", "").split(";")[0] != "text/html":
            continue
        for width in (1600, 360):
            page.set_viewport_size({"width": width, "height": 900})
            answer = page.goto(served + address)
            assert answer is not None
            if answer.status in (403, 404):
                said.clear()
                break
            assert answer.status == 200, address
            over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert over <= 0, f"{address} at {width} px is {over} px too wide"
            assert page.locator("h1").count() == 1, f"{address} has not one heading"
        else:
            found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
            assert found.violations_count == 0, f"{address}: {found.generate_report()}"
    assert [line for line in said if line] == []


def _told(message: ConsoleMessage) -> str:
    return f"{message.type}: {message.text}" if message.type in ("error", "warning") else ""


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_person_joins_a_project_without_the_page_being_left(
    page: Page, served: str, people: dict[Role, Person], project: Made
) -> None:
    project("feasibility", "LOOK-1", ("researcher",))
    enter(page, served, people, Role.INVESTMENT)
    page.goto(served + "/projects/LOOK-1/people")
    page.evaluate("window.here = true")
    page.get_by_label("Person", exact=True).select_option(label="Test clinician, clinician@test.example")
    page.get_by_label("In this project").select_option(label="Clinical lead")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("row", name="Test clinician").wait_for()
    assert page.evaluate("window.here")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("Choose a person.").wait_for()  # 422 is swapped
    page.get_by_role("button", name="Remove Test clinician").click()
    page.get_by_role("row", name="Test clinician").wait_for(state="detached")
    page.get_by_role("button", name="Remove Test researcher").click()
    page.get_by_text("last person who works on the project").wait_for()  # 409 is told beside the table
    assert page.get_by_role("row", name="Test researcher").count() == 1


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_an_ended_sign_in_leads_to_the_sign_in_page_and_back(
    page: Page, served: str, people: dict[Role, Person], project: Made
) -> None:
    project("feasibility", "LOOK-1", ("researcher", "clinician"))
    enter(page, served, people, Role.INVESTMENT)
    page.goto(served + "/projects/LOOK-1/people")
    page.context.clear_cookies(name="tandem_sign_in")
    page.get_by_role("button", name="Remove Test clinician").click()
    page.get_by_label("Password").wait_for()
    assert page.url.endswith("/sign-in?next=/projects/LOOK-1/people")
