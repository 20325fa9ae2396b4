"""The editor of a text in a real browser: live preview, nothing typed is lost, pages fit and are accessible."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from portal import db
from portal.models import Comment, Person, Project
from portal.stages import Role
from tests.portal.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]
SECTION = "/projects/SEC-1/documents/impd-q/sections/S.1.2"


def enter(page: Page, served: str, people: dict[Role, Person]) -> None:
    page.goto(served + "/sign-in")
    page.get_by_label("E-mail address").fill(people[Role.REGULATORY].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="My work").wait_for()


def test_a_killed_browser_loses_nothing(
    chromium: Browser, served: str, people: dict[Role, Person], written: Project
) -> None:
    first = chromium.new_context()
    page = first.new_page()
    enter(page, served, people)
    page.goto(served + SECTION + "/text")
    page.get_by_label("Text", exact=True).fill("Half a *sentence* of H~2~O")
    page.locator("#preview em", has_text="sentence").first.wait_for()
    assert page.locator("#preview sub").first.inner_text() == "2"
    page.get_by_text("Draft saved").wait_for()
    first.close()
    second = chromium.new_context()
    page = second.new_page()
    enter(page, served, people)
    page.goto(served + SECTION + "/text")
    assert page.get_by_label("Text", exact=True).input_value() == "Half a *sentence* of H~2~O"
    second.close()


def test_the_text_is_saved_by_keys_alone(page: Page, served: str, people: dict[Role, Person], written: Project) -> None:
    enter(page, served, people)
    page.goto(served + SECTION + "/text")
    page.get_by_label("Text", exact=True).fill("Written by keys.")
    page.keyboard.press("Control+s")
    page.get_by_text("Saved at").wait_for()
    page.goto(served + "/projects/SEC-1/documents/impd-q?section=S.1.2")
    assert "Written by keys." in page.locator("article.document").inner_text()


def test_a_comment_stays_on_the_page(page: Page, served: str, people: dict[Role, Person], written: Project) -> None:
    enter(page, served, people)
    page.goto(served + "/projects/SEC-1/documents/impd-q?section=S.1.2")
    page.evaluate("window.here = true")
    page.get_by_label("Add a comment").fill("Why?")
    page.get_by_role("button", name="Comment", exact=True).click()
    page.locator(".quote", has_text="Why?").wait_for()
    page.get_by_role("button", name="Resolve").click()
    page.get_by_text("1 resolved comment").wait_for()
    assert page.evaluate("window.here")
    with db.reading() as session:
        assert session.scalars(select(Comment)).one().resolved_by == "Test regulatory"


@pytest.mark.parametrize("address", ["/text", "/work", ""])
def test_the_pages_fit_and_are_accessible(
    page: Page, served: str, people: dict[Role, Person], written: Project, address: str
) -> None:
    enter(page, served, people)
    there = SECTION + address if address else "/projects/SEC-1/documents/impd-q?section=S.1.2"
    for width in (1600, 360):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(served + there)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
