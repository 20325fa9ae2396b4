"""Reviewers: from being asked to the score that counts; and whoever is in conflict, who learns nothing of it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select
from sqlmodel import col

from portal import db
from portal.models import Person, Project, now
from portal.programme import Review
from portal.reviews.actions import Given, ask, hand_in, score
from portal.rights import Right
from portal.rulebook import read, seeded
from portal.stages import Role
from tests.journeys.conftest import asking
from tests.journeys.test_roads import enter
from tests.portal.test_look import pages_of

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("settings", ["sqlite"], indirect=True)]

Make = Callable[..., Project]
NAMES = tuple(c.id for c in read(seeded()).criteria)
SECRET = "the model says nothing of people"


def reviewer_of(page: Page) -> Page:
    """The page of another browser, which knows nothing of this one's sign-in."""
    browser = page.context.browser
    assert browser is not None
    context: BrowserContext = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    made = context.new_page()
    made.on("dialog", lambda dialog: dialog.accept())
    return made


def test_from_the_assignment_to_the_score(
    page: Page, served: str, people: dict[Role, Person], second: Person, project: Make
) -> None:
    project("feasibility", "TST-1", members=("researcher", "clinician"))
    line = page.locator("#line-scores")
    page.on("dialog", lambda dialog: dialog.accept())
    enter(page, served, people[Role.INVESTMENT])
    page.goto(served + "/projects/TST-1/gates")
    expect(line).to_contain_text("Too few scores: C01, C02")

    # the manager asks two
    page.goto(served + "/projects/TST-1/reviews")
    for name in ("Test reviewer", "Nora Maes"):
        page.get_by_label("Ask", exact=True).select_option(label=name)
        page.get_by_label("By", exact=True).fill("2999-12-31")
        page.get_by_role("button", name="Ask for a review").click()
        expect(page.get_by_role("row", name=name)).to_contain_text(f"0 of {len(NAMES)} scored")

    # the first hands in
    other = reviewer_of(page)
    enter(other, served, second)
    other.get_by_role("link", name="TST-1").first.click()
    fill(other, "4", SECRET)
    other.get_by_role("button", name="Hand in").click()
    expect(other.get_by_text("Your scores are handed in. Thank you.")).to_be_visible()
    other.context.close()
    expect(page.get_by_role("heading", name="Scorecard")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("row", name="Nora Maes")).to_contain_text("handed in")

    # the second finds it in the work and in the notices, and scores alone
    own = reviewer_of(page)
    enter(own, served, people[Role.REVIEWER])
    waiting = own.get_by_role("region", name="Reviews you are asked for")
    expect(waiting).to_contain_text("gate G1, asked by Test investment manager, by 31 Dec 2999")
    own.get_by_role("link", name="Notices (").click()
    notice = own.get_by_role("article").filter(has_text="You are asked to review TST-1")
    notice.get_by_role("button", name="Open the page").click()
    expect(own).to_have_url(served + "/projects/TST-1/review")
    alone(own, served)
    fill(own, "3", "")
    own.locator("#criterion-C02 input[value='0']").check()
    own.get_by_label("How well you saw the evidence").nth(2).select_option("C")
    own.get_by_role("button", name="Hand in").click()
    expect(own.get_by_role("alert")).to_contain_text("Say why a score is 0 or 5: C02.")
    expect(own.locator("#criterion-C02 input[value='0']")).to_be_checked()
    alone(own, served)
    own.locator("#criterion-C02").get_by_label("Comment").fill("The mechanism was shown in mice only.")
    own.get_by_role("button", name="Keep for later").click()
    expect(own.get_by_text("Your scores are kept")).to_be_visible()
    alone(own, served)
    own.get_by_role("button", name="Hand in").click()

    # now both are seen, by the reviewer and by the manager, and the sheet goes by them
    row = own.get_by_role("row", name="C02")
    expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile("^(0, 4|4, 0)$"))
    expect(own.get_by_text("Your scores count and stay as they are.")).to_be_visible()
    expect(own.get_by_role("button", name="Hand in")).to_have_count(0)
    own.goto(served + "/")
    expect(waiting).to_have_count(0)
    own.context.close()
    page.goto(served + "/projects/TST-1/gates")
    expect(line).to_contain_text("2 reviews handed in")
    expect(line.locator(".badge-good")).to_be_visible()
    expect(page.get_by_role("region", name="What the scores come to")).to_contain_text("of 100")
    page.goto(served + "/projects/TST-1/reviews")
    expect(page.get_by_role("row", name="C02")).to_contain_text("discuss")


def fill(page: Page, value: str, comment: str) -> None:
    """The same score for every criterion, with a comment on the first."""
    for name in NAMES:
        page.locator(f"#criterion-{name} input[value='{value}']").check()
    page.locator("#criterion-C01").get_by_label("Comment").fill(comment)


def alone(page: Page, served: str) -> None:
    """The reviewer reads nothing of what another scored, on the form or elsewhere."""
    for path in ("/review", "/gates", "", "/history"):
        text = page.request.get(f"{served}/projects/TST-1{path}").text()
        assert SECRET not in text and "Nora Maes" not in text, path
        assert "Scorecard" not in text.replace("with scorecard", ""), path


# ---------------------------------------------------------------- in conflict

ASKED = ("/projects?q=TST-1&down=yes", "/projects.xlsx?q=TST-1", "/search?q=TST-1", "/search?q=Nora", "/search?q=model")
OF_THE_MOMENT = re.compile(r'csrf[^>]*|value="Im[^"]*"|just now|\d+ minutes? ago|\?v=\d+|nonce-[^\']*')


def everything(page: Page, served: str, app: Flask) -> dict[str, str]:
    """What every page and export that needs no more than the project says to the browser's person, by address.

    Status and text, without what changes by itself.
    """
    pages = {path for right, path in pages_of(app, "TST-1") if right is not Right.ENTER}
    found = {}
    for path in sorted(pages) + list(ASKED):
        answer = page.request.get(served + path)
        text = said(answer.body())
        found[path] = f"{answer.status} {OF_THE_MOMENT.sub('', text)}"
    return found


def said(body: bytes) -> str:
    """A page as it is; of a workbook the parts that hold what is read in it."""
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        parts = [name for name in sorted(package.namelist()) if not name.startswith("docProps")]
        return "\n".join(package.read(name).decode("utf-8", "replace") for name in parts)


def test_a_reviewer_in_conflict_is_refused_and_sees_nothing(
    page: Page, app: Flask, served: str, people: dict[Role, Person], second: Person, project: Make
) -> None:
    made = project("feasibility", "TST-1", members=("researcher", "clinician"), confidential=False)
    with db.signed("tests", "the same unit") as session:
        for role in (Role.REVIEWER, Role.RESEARCHER):
            session.get(Person, people[role].id).unit = "Haematology"  # type: ignore[union-attr]

    # the manager is told why, before asking and, should the form be bent, on asking
    enter(page, served, people[Role.INVESTMENT])
    page.goto(served + "/projects/TST-1/reviews")
    choice = page.get_by_label("Ask", exact=True).locator("option", has_text="Test reviewer, Haematology (in conflict)")
    expect(choice).to_be_disabled()
    page.get_by_text("may not be asked").click()
    reason = "An applicant belongs to their unit, Haematology."
    expect(page.get_by_role("listitem").filter(has_text="Test reviewer")).to_contain_text(reason)
    choice.evaluate("(option) => { option.disabled = false; option.selected = true; }")
    page.get_by_role("button", name="Ask for a review").click()
    expect(page.get_by_role("alert")).to_contain_text(f"Test reviewer may not judge this project. {reason}")
    with db.reading() as session:
        assert not session.scalars(select(Review)).all()

    # from their own browser the portal reads the same before and after somebody else's review
    barred = reviewer_of(page)
    enter(barred, served, people[Role.REVIEWER])
    before = everything(barred, served, app)
    judge(people, second, made)
    after = everything(barred, served, app)
    assert [path for path in before if before[path] != after[path]] == []
    for path in after:
        assert SECRET not in after[path], path
        if "q=Nora" not in path:  # that page repeats what was searched for
            assert "Nora Maes" not in after[path], path
    read = {path for path in after if after[path].startswith("200")}
    here = "/projects/TST-1"
    assert {here, f"{here}/gates", f"{here}/history", "/", "/board", "/portfolio", "/projects.xlsx", *ASKED} <= read
    assert after[f"{here}/reviews"].startswith("403")
    barred.goto(served + "/projects/TST-1/gates")
    expect(barred.get_by_role("heading", name="Deliverables")).to_be_visible()
    expect(barred.get_by_role("heading", name="Scores")).to_have_count(0)
    barred.context.close()

    # the manager, who is not in conflict, does read it
    page.goto(served + "/projects/TST-1/reviews")
    expect(page.get_by_role("row", name="Nora Maes")).to_contain_text("handed in")


def judge(people: dict[Role, Person], second: Person, made: Project) -> None:
    """The other reviewer is asked and hands in."""
    with db.signed(people[Role.INVESTMENT], "ask") as session:
        row = session.scalars(select(Project).where(col(Project.id) == made.id)).one()
        review = ask(session, asking(people[Role.INVESTMENT]), row, second.id, now().date())
    with db.signed(second, "score") as session:
        held = session.get(Review, review.id)
        assert held is not None
        score(session, held, {name: Given(4, "B", SECRET) for name in NAMES}, SECRET)
        hand_in(session, asking(second), made, held)
