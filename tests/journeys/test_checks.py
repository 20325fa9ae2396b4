"""A finding leads to its field in one click, and is gone once it is mended, without a reload."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from dossiers.amending import amend
from dossiers.binder import load
from dossiers.paths import folder
from portal.models import Person, Project
from portal.stages import Role
from tests.journeys.test_roads import enter

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


def test_a_finding_is_mended(
    page: Page, served: str, people: dict[Role, Person], project: Callable[..., Project]
) -> None:
    whole = load((folder("seeds") / "demo" / "tdm_car19_01.yaml").read_text("utf-8"))
    project("dossier", "TDM-CAR19-01", records=amend(whole, "spec_test: {ds1: {method: null}}").records)
    enter(page, served, people[Role.REGULATORY])
    page.goto(served + "/projects/TDM-CAR19-01/checks?rule=Q303")
    page.get_by_role("link", name="Specification test ds1: Method").click()
    field = page.locator("#f-method")
    expect(field).to_be_focused()
    said = page.locator("#said-method")
    expect(said).to_contain_text("names no analytical method")
    page.evaluate("window.stays = true")
    field.fill("")
    field.press_sequentially("VCN")
    option = page.locator("#f-method-options option").first.get_attribute("value")
    field.fill(option or "")
    expect(said).to_be_empty(timeout=15_000)
    assert page.evaluate("window.stays"), "the page was loaded anew"
