"""The gate sheet: green only from evidence; decisions are kept; two deciders cannot both decide."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from dossiers.stage import Stage
from portal import db
from portal.db import Refused, Stale
from portal.gates import actions, queries
from portal.models import Decision, Person, Project
from portal.rights import asker
from portal.stages import Role, Said, fold, move
from tests.portal.conftest import PASSWORD, post

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]


def test_the_sheet_names_what_is_missing(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1")
    page = sign_in("investment_manager").get("/projects/P-1/gates").get_data(as_text=True)
    assert "Gate G1" in page and "missing" in page and "Rework feasibility" in page


def test_a_decision_moves_the_project_and_is_kept(project: Make, people: dict[Role, Person]) -> None:
    made = project("feasibility", "P-1")
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
        seen = session.get(Project, made.id).revision
    with db.signed(who.person, "hold") as session:
        actions.take(session, who, (made.id, seen), move("hold"), Said("no slot before autumn"))
    with db.reading() as session:
        decisions = queries.decided(session, made.id)
        assert [(d.move, d.source, d.target) for d in decisions][-1] == ("hold", "feasibility", "on_hold")
        assert session.get(Project, made.id).standing_at is Stage.ON_HOLD is fold(decisions).stage
    with pytest.raises(Stale), db.signed(who.person, "stop") as session:
        actions.take(session, who, (made.id, seen), move("stop"), Said("a second decider"))


def test_a_verdict_that_keeps_the_stage_still_counts(project: Make, people: dict[Role, Person]) -> None:
    made = project("feasibility", "P-1")
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
        seen = session.get(Project, made.id).revision
    with db.signed(who.person, "rework") as session:
        actions.take(session, who, (made.id, seen), move("rework feasibility"), Said("dose is not argued"))
    with pytest.raises(Stale), db.signed(who.person, "rework") as session:
        actions.take(session, who, (made.id, seen), move("rework feasibility"), Said("twice"))


@pytest.mark.parametrize(
    ("role", "name", "said", "why"),
    [
        (Role.INVESTMENT, "hold", Said(), "Say why"),
        (Role.INVESTMENT, "adopt", Said("yes"), "still empty"),
        (Role.GMP, "hold", Said("x"), "Only investment manager"),
        (Role.INVESTMENT, "submit", Said("x"), "cannot take the step"),
    ],
)
def test_refused_with_the_reason(
    project: Make, people: dict[Role, Person], role: Role, name: str, said: Said, why: str
) -> None:
    made = project("feasibility", "P-1", members=(role.value,))
    with db.reading() as session:
        who = asker(session, people[role])
        seen = session.get(Project, made.id).revision
    with pytest.raises(Refused, match=why), db.signed(who.person, name) as session:
        actions.take(session, who, (made.id, seen), move(name), said)
    with db.reading() as session:
        assert session.get(Project, made.id).standing_at is Stage.FEASIBILITY
        assert len(queries.decided(session, made.id)) == 1


def test_the_page_keeps_what_was_typed(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1")
    browser = sign_in("investment_manager")
    with db.reading() as session:
        seen = session.scalars(select(Project).where(col(Project.key) == "P-1")).one().revision
    answer = post(
        browser, "/projects/P-1/gates", move="adopt", reasons="typed at length", revision=str(seen), password=PASSWORD
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "typed at length" in page and "still empty" in page
    answer = post(browser, "/projects/P-1/gates", move="hold", reasons="no slot", revision=str(seen))
    assert answer.status_code == 409 and "This is not your password" in answer.get_data(as_text=True)
    said = {"move": "hold", "reasons": "no slot", "revision": str(seen), "password": PASSWORD}
    assert post(browser, "/projects/P-1/gates", **said).status_code == 303
    with db.reading() as session:
        last = session.scalars(select(Decision).order_by(col(Decision.serial).desc())).first()
        assert last is not None and last.move == "hold" and last.reasons == "no slot"


def test_those_who_may_not_decide_are_refused(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1", members=("researcher",))
    browser = sign_in("researcher")
    assert "Take the decision" not in browser.get("/projects/P-1/gates").get_data(as_text=True)
    assert post(browser, "/projects/P-1/gates", move="hold", reasons="x", revision="1").status_code == 403
