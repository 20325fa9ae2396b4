"""An idea by two people: invited, confirmed, sent back, answered, submitted again."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from portal.models import Person
from portal.stages import Role
from tests.journeys.test_roads import answer_everything, enter
from tests.portal.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]


def confirm(page: Page, served: str, person: Person) -> None:
    enter(page, served, person)
    page.goto(served + "/projects/CAR19/proposal/check")
    page.get_by_role("button", name="I stand behind this proposal").click()
    expect(page.get_by_text("You confirmed the proposal as it stands.")).to_be_visible()


def test_a_tandem_answers_a_verdict(page: Page, served: str, people: dict[Role, Person]) -> None:
    # the researcher proposes and invites the clinician
    enter(page, served, people[Role.RESEARCHER])
    page.goto(served + "/proposals/new")
    page.get_by_label("Working title").fill("T cells against CD19")
    page.get_by_label("Acronym").fill("CAR19")
    page.get_by_role("button", name="Start the proposal").click()
    answer_everything(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_role("link", name="Invite a co-author").click()
    page.get_by_label("E-mail address").fill(people[Role.CLINICIAN].email)
    page.get_by_label("In this project").select_option(label="Clinical lead")
    page.get_by_role("button", name="Invite").click()
    link = page.locator("code.secret").inner_text()

    # the clinician signs in through the link and accepts
    page.context.clear_cookies()
    page.goto(link)
    page.get_by_label("E-mail address").fill(people[Role.CLINICIAN].email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("You work on CAR19 now.")).to_be_visible()

    # they walk through the class together and keep it for the gate
    page.get_by_role("link", name="Walk through the classification").click()
    for answer in ("Yes", "No", "Yes, viable ones", "Yes", "Both", "No"):
        page.get_by_label(answer, exact=True).check()
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Tissue-engineered product")).to_be_visible()
    page.get_by_role("button", name="Keep it for gate G0").click()
    expect(page.get_by_text("are kept as evidence for gate G0")).to_be_visible()

    # both confirm, and it is submitted
    confirm(page, served, people[Role.CLINICIAN])
    confirm(page, served, people[Role.RESEARCHER])
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Submitted.")).to_be_visible()

    # the investment manager sends it back
    enter(page, served, people[Role.INVESTMENT])
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(served + "/projects/CAR19/gates")
    page.get_by_label("Return").check()
    page.get_by_label("Reasons").fill("Say how strong the effect is.")
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_role("button", name="Take the decision").click()
    expect(page.get_by_text("Decided: return")).to_be_visible()

    # the researcher answers, both confirm anew, and the manager sees what changed
    enter(page, served, people[Role.RESEARCHER])
    page.goto(served + "/projects/CAR19/proposal")
    expect(page.get_by_text("Say how strong the effect is.")).to_be_visible()
    page.locator("#f-moa").fill("About a strong mode of action")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#answered ins")).to_contain_text("a strong")
    confirm(page, served, people[Role.CLINICIAN])
    confirm(page, served, people[Role.RESEARCHER])
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Submitted.")).to_be_visible()
    enter(page, served, people[Role.INVESTMENT])
    page.goto(served + "/projects/CAR19/proposal")
    expect(page.get_by_role("heading", name="Sent back before, and submitted again")).to_be_visible()
    expect(page.locator("#answered ins")).to_contain_text("a strong")
