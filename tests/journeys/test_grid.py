"""The grid in a real browser: a block from a spreadsheet, two people, a browser that dies, no mouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dossiers.binder import load
from dossiers.stage import Stage
from portal.models import Person, Project
from portal.stages import Role
from tests.portal.conftest import PASSWORD
from tests.portal.records.conftest import FILE, all_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

GRID = "/projects/TST-1/facts/batch"


@pytest.fixture
def made(project: Callable[..., Project]) -> Project:
    members = ("gmp_lead", "regulatory")
    return project(Stage.TRANSFER.value, members=members, records=load(FILE).records)


@pytest.fixture
def opened(chromium: Browser, served: str, people: dict[Role, Person]) -> Iterator[Callable[[Role], Page]]:
    """A function from a role to a page of a browser in which somebody in that role is signed in."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def enter(role: Role) -> Page:
        context = chromium.new_context(base_url=served, viewport={"width": 1600, "height": 900})
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=served)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(people[role].email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="My work")).to_be_visible()
        return page

    yield enter
    for context in contexts:
        context.close()
    assert not faults, "the page raised: " + "; ".join(faults)


def cell(page: Page, row: int, fact: str) -> Any:
    """The control of a cell; rows count from 0."""
    return page.locator("table.grid tbody tr").nth(row).locator(f'[name="{fact}"]')


def state(page: Page) -> Any:
    return page.locator(".save-state")


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def block(rows: int) -> str:
    """40 × 8 cells, as a spreadsheet puts them on the clipboard."""
    return "".join(
        f"N-{n}\tdrug product\t\tFirst site\t{n}.50\tcells\t2026-01-{n % 28 + 1:02}\tpatient\r\n" for n in range(rows)
    )


HEADS = "Batch\tScope\tProcess version\tSite\tSize\tUnit of size\tManufactured\tDonor\r\n"


def test_a_block_of_40_by_8_cells_is_pasted(opened: Callable[[Role], Page], made: Project) -> None:
    page = opened(Role.GMP)
    page.goto(GRID)
    cell(page, 1, "number").focus()
    paste(page, HEADS + block(40))
    expect(state(page)).to_have_text("2\u00a0rows changed and 38\u00a0rows added.")
    expect(page.locator("table.grid tbody tr")).to_have_count(42)
    expect(cell(page, 40, "size")).to_have_value("39.50")
    kept = all_of(made, "batch")
    assert [b.number for b in kept] == ["B-1", *(f"N-{n}" for n in range(40))]
    assert str(kept[40].size) == "39.50"


def test_a_block_with_two_wrong_cells_is_mended_on_the_spot(opened: Callable[[Role], Page], made: Project) -> None:
    page = opened(Role.GMP)
    page.goto(GRID)
    page.locator("#r-new [name=number]").focus()
    paste(page, HEADS + block(20).replace("3.50", "many").replace("\t2026-01-06", "\t6 January"))
    expect(page.locator("#paste-title")).to_contain_text("to mend")
    wrong = page.locator("#paste [aria-invalid=true]")
    assert len(all_of(made, "batch")) == 3
    expect(wrong.first).to_be_focused()
    for n in range(wrong.count()):
        box = wrong.nth(n)
        box.fill("2026-01-06" if "date" in str(box.get_attribute("name")) else "3.5")
    page.get_by_role("button", name="Save all of the block").click()
    expect(page.locator(".flash-message")).to_contain_text("20\u00a0rows added")
    assert len(all_of(made, "batch")) == 23


def test_two_browsers_at_one_row_see_both_texts(opened: Callable[[Role], Page], made: Project) -> None:
    first, second = opened(Role.GMP), opened(Role.REGULATORY)
    first.goto(GRID)
    second.goto(GRID)
    cell(first, 0, "remark").fill("theirs")
    cell(first, 0, "remark").press("Tab")
    expect(state(first)).to_contain_text("Saved")
    cell(second, 0, "remark").fill("mine")
    cell(second, 0, "remark").press("Tab")
    apart = second.locator("#apart")
    expect(apart).to_contain_text("Test GMP lead saved B-1 while you were typing")
    expect(apart.locator("[data-yours]")).to_have_text("mine")
    expect(apart.locator("[data-theirs]")).to_have_text("theirs")
    assert all_of(made, "batch")[0].remark == "theirs"
    apart.get_by_role("button", name="Keep mine").click()
    expect(state(second)).to_contain_text("Saved")
    assert all_of(made, "batch")[0].remark == "mine"


def test_two_browsers_at_one_form_choose_fact_by_fact(opened: Callable[[Role], Page], made: Project) -> None:
    first, second = opened(Role.GMP), opened(Role.REGULATORY)
    url = f"{GRID}/{all_of(made, 'batch')[0].uid}"
    first.goto(url)
    second.goto(url)
    first.locator("#f-remark").fill("theirs")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.locator(".flash-message")).to_contain_text("was saved at")
    second.locator("#f-remark").fill("mine")
    second.locator("#f-size_unit").fill("cells")
    with second.expect_response(lambda answer: answer.request.method == "POST" and "draft" not in answer.url) as answer:
        second.get_by_role("button", name="Save", exact=True).click()
    assert answer.value.status == 409
    expect(second.get_by_role("group", name="Remark")).to_contain_text("theirs")
    expect(second.get_by_role("group", name="Remark")).to_contain_text("mine")
    second.get_by_role("group", name="Remark").get_by_label("Stands there now").check()
    second.get_by_role("button", name="Save what I chose").click()
    expect(second.locator(".flash-message")).to_contain_text("was saved at")
    batch = all_of(made, "batch")[0]
    assert (batch.remark, batch.size_unit) == ("theirs", "cells")


def test_a_browser_that_dies_mid_sentence_loses_nothing(opened: Callable[[Role], Page], made: Project) -> None:
    page = opened(Role.GMP)
    page.goto(GRID)
    cell(page, 0, "remark").press_sequentially("This sentence is not fin")
    expect(state(page)).to_contain_text("Draft saved", timeout=10_000)
    page.close(run_before_unload=False)
    again = opened(Role.GMP)
    again.goto(GRID)
    expect(cell(again, 0, "remark")).to_have_value("This sentence is not fin")
    assert all_of(made, "batch")[0].remark is None
    cell(again, 0, "remark").press("End")
    cell(again, 0, "remark").press_sequentially("ished.")
    cell(again, 0, "remark").press("Tab")
    expect(state(again)).to_contain_text("Saved")
    assert all_of(made, "batch")[0].remark == "This sentence is not finished."
    form = f"{GRID}/{all_of(made, 'batch')[1].uid}"
    again.goto(form)
    again.locator("#f-representative").press_sequentially("Half a tho")
    expect(state(again)).to_contain_text("Draft saved", timeout=10_000)
    again.close(run_before_unload=False)
    third = opened(Role.GMP)
    third.goto(form)
    expect(third.locator("#f-representative")).to_have_value("Half a tho")


def test_the_grid_is_filled_without_a_mouse(opened: Callable[[Role], Page], made: Project) -> None:
    page = opened(Role.GMP)
    page.goto(GRID)
    keys = page.keyboard
    cell(page, 0, "number").focus()
    keys.press("ArrowDown")
    expect(cell(page, 1, "number")).to_be_focused()
    keys.press("ArrowRight")
    keys.press("ArrowLeft")
    expect(cell(page, 1, "number")).to_be_focused()
    keys.type("B-2 by keys")
    keys.press("Enter")
    expect(cell(page, 2, "number")).to_be_focused()
    expect(state(page)).to_contain_text("Saved")
    keys.type("gone")
    keys.press("Escape")
    expect(cell(page, 2, "number")).to_have_value("B-3")
    keys.press("Enter")
    expect(page.locator("#r-new [name=number]")).to_be_focused()
    keys.type("B-4")
    keys.press("Tab")
    keys.type("drug product")
    keys.press("Enter")
    expect(page.locator("table.grid tbody tr")).to_have_count(5)
    expect(page.locator("#r-new [name=number]")).to_be_focused()
    keys.type("B-5")
    keys.press("Control+s")
    expect(page.locator("table.grid tbody tr")).to_have_count(6)
    assert [b.number for b in all_of(made, "batch")] == ["B-1", "B-2 by keys", "B-3", "B-4", "B-5"]


def test_a_wrong_cell_says_so_beside_it(opened: Callable[[Role], Page], made: Project) -> None:
    page = opened(Role.GMP)
    page.goto(GRID)
    cell(page, 0, "size").fill("many")
    cell(page, 0, "size").press("Enter")
    message = page.locator("table.grid tbody tr").nth(0).locator("td.cell-wrong .error")
    expect(message).to_contain_text("Size must be a number")
    assert cell(page, 0, "size").get_attribute("aria-describedby") == message.get_attribute("id")
    page.reload()
    expect(cell(page, 0, "size")).to_have_value("many")
    cell(page, 0, "size").fill("7")
    cell(page, 0, "size").press("Enter")
    expect(page.locator("td.cell-wrong")).to_have_count(0)


def test_without_javascript_a_row_is_saved_by_its_button(
    chromium: Browser, served: str, people: dict[Role, Person], made: Project
) -> None:
    with chromium.new_context(base_url=served, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(people[Role.GMP].email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto(GRID)
        cell(page, 0, "number").fill("B-1 by hand")
        page.get_by_role("button", name="Save row").first.click()
        expect(page.locator(".flash-message")).to_contain_text("was saved at")
        page.locator("#r-new [name=number]").fill("B-4")
        page.get_by_role("button", name="Add row").click()
        expect(page.locator(".flash-message")).to_contain_text("Batch “B-4” was added.")
        page.get_by_role("button", name="Remove B-4").click()
        page.get_by_role("button", name="Restore B-4").click()
        expect(page.locator(".flash-message")).to_contain_text("was restored")
    assert [b.number for b in all_of(made, "batch")] == ["B-1 by hand", "B-2", "B-3", "B-4"]


def numbers(made: Project) -> list[str]:
    return [batch.number for batch in all_of(made, "batch")]


def test_ctrl_z_takes_a_pasted_block_back_at_once(opened: Callable[[Role], Page], made: Project) -> None:
    page, other = opened(Role.GMP), opened(Role.REGULATORY)
    page.goto(GRID)
    cell(page, 0, "remark").fill("before the paste")
    cell(page, 0, "remark").press("Tab")
    expect(state(page)).to_contain_text("Saved")
    cell(page, 1, "number").focus()
    paste(page, HEADS + block(6))
    expect(state(page)).to_have_text("2\u00a0rows changed and 4\u00a0rows added.")
    expect(cell(page, 1, "number")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(state(page)).to_contain_text("was taken back: 2\u00a0rows as before, 4\u00a0new rows removed.")
    assert numbers(made) == ["B-1", "B-2", "B-3"]
    expect(cell(page, 1, "number")).to_be_focused()
    expect(cell(page, 1, "number")).to_have_value("B-2")
    page.keyboard.press("Control+z")  # and one more takes back the cell before it
    expect(cell(page, 0, "remark")).to_have_value("")
    expect(cell(page, 0, "remark")).to_be_focused()
    expect(state(page)).to_contain_text("Saved")
    assert all_of(made, "batch")[0].remark is None

    paste(page, HEADS + block(2))
    expect(page.get_by_role("button", name="Undo this paste")).to_be_visible()
    other.goto(GRID)
    cell(other, 1, "size").fill("77")
    cell(other, 1, "size").press("Tab")
    expect(state(other)).to_contain_text("Saved")
    cell(page, 0, "number").focus()
    page.keyboard.press("Control+z")
    apart = page.locator("#overtook")
    expect(apart).to_be_focused()
    expect(apart.locator("[data-yours]")).to_have_text("1.50")
    expect(apart.locator("[data-theirs]")).to_have_text("77")
    expect(apart.get_by_role("row", name="Test regulatory")).to_be_visible()
    assert numbers(made) == ["N-0", "N-1", "B-3"]


def test_a_paste_is_taken_back_without_javascript(
    chromium: Browser, served: str, people: dict[Role, Person], made: Project
) -> None:
    with chromium.new_context(base_url=served, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("E-mail address").fill(people[Role.GMP].email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.goto(GRID)
        page.get_by_text("Paste a block copied").click()
        page.get_by_label("Block", exact=True).fill(HEADS + block(3))
        page.get_by_role("button", name="Add these rows").click()
        assert len(numbers(made)) == 6
        page.get_by_role("button", name="Undo this paste").click()
        expect(page.locator(".flash-message")).to_contain_text("3\u00a0new rows removed")
        assert numbers(made) == ["B-1", "B-2", "B-3"]
        page.get_by_text("Columns: all").click()
        page.get_by_role("link", name="Only those due now").click()
        page.get_by_text("Columns:").click()
        page.get_by_role("button", name="Move Scope to the left").click()
        assert "columns=scope,number," in page.url
        expect(page.get_by_role("button", name="Move Scope to the right")).to_be_visible()  # the list is open again


def heads(page: Page) -> list[str]:
    return [re.sub(" ([↑↓]|due)", "", text) for text in page.locator("thead th[id]").all_inner_texts()]


def fits(page: Page) -> None:
    """The page is accessible, by axe, as it stands."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_columns_are_chosen_by_keyboard(opened: Callable[[Role], Page], made: Project) -> None:
    page = opened(Role.GMP)
    page.goto(GRID + "?columns=number,scope,size")
    assert heads(page) == ["Batch", "Scope", "Size"]
    keys = page.keyboard
    page.locator("#columns > summary").focus()
    keys.press("Enter")
    fits(page)
    page.get_by_label("Remark", exact=True).focus()
    keys.press("Space")
    expect(page.get_by_label("Remark", exact=True)).to_be_checked()
    keys.press("Tab")
    expect(page.get_by_role("button", name="Move Remark to the left")).to_be_focused()
    for _ in range(60):
        if page.locator(".grid-columns li").nth(1).get_attribute("id") == "c-remark":
            break
        keys.press("Enter")
    expect(page.get_by_role("button", name="Move Remark to the left")).to_be_focused()
    expect(state(page)).to_contain_text("Remark: place 2 of")
    page.get_by_label("Scope", exact=True).focus()
    keys.press("Space")
    keys.press("Enter")  # in a field of the form, Enter shows the columns
    page.wait_for_url("**/facts/batch?columns=number,remark,size")
    assert heads(page) == ["Batch", "Remark", "Size"]
    page.locator("#columns > summary").focus()
    keys.press("Enter")
    keys.press("Escape")
    expect(page.locator("#columns")).not_to_have_attribute("open", "")
    expect(page.locator("#columns > summary")).to_be_focused()
    cell(page, 0, "remark").fill("typed")
    cell(page, 0, "remark").press("ArrowRight")
    expect(state(page)).to_contain_text("Saved")
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator("#columns > summary").click()
    fits(page)


def test_a_view_is_saved_shared_and_begun_with(opened: Callable[[Role], Page], made: Project) -> None:
    page, other = opened(Role.GMP), opened(Role.REGULATORY)
    page.goto(GRID + "?columns=number,size&sort=number&down=yes")
    page.get_by_label("Words").fill("B-")
    page.wait_for_url("**q=B-**down=yes**")
    page.locator("#views > summary").click()
    page.get_by_label("Save what shows now as").fill("Newest first")
    page.get_by_label("Share it with everybody").check()
    page.get_by_label("Begin with it").check()
    page.get_by_role("button", name="Save the view").click()
    expect(page.locator(".flash-message")).to_contain_text("The view “Newest first” was saved.")
    page.goto("/projects/TST-1/facts")
    page.locator(f'a[href="{GRID}"]').first.click()
    page.wait_for_url("**q=B-**")
    assert heads(page) == ["Batch", "Size"]

    other.goto(GRID)
    assert len(heads(other)) > 2
    other.locator("#views > summary").click()
    fits(other)
    other.get_by_role("link", name="Newest first").click()
    expect(other.locator("#views > summary")).to_contain_text("View: Newest first")
    assert heads(other) == ["Batch", "Size"]

    page.locator("#views > summary").click()
    page.locator("#views summary", has_text="Change").click()
    page.get_by_label("Name", exact=True).fill("Newest")
    page.get_by_role("button", name="Save the change").click()
    expect(page.locator("#views > summary")).to_contain_text("View: Newest")
    page.locator("#views > summary").click()
    page.locator("#views summary", has_text="Change").click()
    fits(page)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete the view “Newest”").click()
    expect(page.locator(".flash-message")).to_contain_text("was deleted; no row was")
    page.goto(GRID)
    assert len(heads(page)) > 2
