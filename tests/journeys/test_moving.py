"""A manager moves a card: by drag and by keyboard, both end at the decision form of the project."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.models import Person, Project
from portal.stages import Role
from tests.portal.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


def test_a_card_is_moved_by_drag_and_by_keyboard(
    page: Page, served: str, people: dict[Role, Person], project: Callable[..., Project]
) -> None:
    project("feasibility", "TST-1")
    page.set_viewport_size({"width": 2400, "height": 900})  # every column in sight
    page.goto(served + "/sign-in?next=/board")
    page.get_by_label("E-mail address").fill(people[Role.INVESTMENT].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(served + "/board")
    card, column = page.locator(".board-card"), page.get_by_role("region", name="On hold")
    card.drag_to(page.get_by_role("region", name="GMP tech transfer"))
    expect(page.locator("#flash")).to_contain_text("leads TST-1 to GMP tech transfer now")
    card.drag_to(column)
    expect(page).to_have_url(f"{served}/projects/TST-1/gates?move=hold#decide")
    expect(page.locator("input[name=move][value=hold]")).to_be_checked()

    page.goto(served + "/board")
    card.get_by_text("Other steps").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    for _ in range(6):
        if page.evaluate("document.activeElement.textContent") == "Hold":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{served}/projects/TST-1/gates?move=hold#decide")
    expect(page.locator("input[name=move][value=hold]")).to_be_checked()
