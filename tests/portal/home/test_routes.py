"""My work: what each role meets there."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from dossiers.records import RECORDS
from portal import db
from portal.db import held, signed
from portal.models import Person, Project
from portal.stages import Role

Enter = Callable[[str], FlaskClient]
Made = Callable[..., Project]


@pytest.mark.parametrize("role", list(Role))
def test_an_empty_page_teaches(sign_in: Enter, role: Role) -> None:
    text = sign_in(role.value).get("/").get_data(as_text=True)
    assert "Nothing waits for you" in text
    says = {
        Role.RESEARCHER: "It begins with an idea",
        Role.CLINICIAN: "It begins with an idea",
        Role.ADMINISTRATOR: "You administer people",
    }
    assert says.get(role, "A project&#39;s lead or an investment manager adds you") in text.replace("'", "&#39;")


def test_own_projects_show_stage_next_gate_and_what_is_missing(sign_in: Enter, project: Made) -> None:
    made = project("dossier", "MINE-1", ("regulatory",))
    project("dossier", "OTHER-1", ("quality",))
    with signed("tests", "facts") as session:
        session.add(RECORDS["product"](uid=uuid4(), project_id=made.id, key="my product", absent={}, sources={}))
    text = sign_in("regulatory").get("/").get_data(as_text=True)
    assert "MINE-1" in text
    assert "Next: gate G5, submission" in text
    assert "still missing for this gate" in text
    mine = text[text.index('id="mine-title"') :]
    assert "OTHER-1" not in mine.split("</section>")[0]


@pytest.mark.parametrize(
    ("stage", "gate", "waits_for"),
    [
        ("idea", "", ()),
        ("proposed", "G0 Intake", ("investment_manager",)),
        ("feasibility", "G1 Feasibility", ("investment_manager",)),
        ("transfer", "G4 GMP readiness", ("quality",)),
        ("dossier", "G5 Submission", ("regulatory",)),
        ("submitted", "G6 Start of the trial", ("regulatory",)),
        ("running", "G7 After the trial", ("investment_manager",)),
        ("closed", "", ()),
    ],
)
def test_a_gate_waits_for_those_who_decide_it_and_for_nobody_else(
    sign_in: Enter, project: Made, stage: str, gate: str, waits_for: tuple[str, ...]
) -> None:
    project(stage, "WAIT-1", ("researcher",))
    for role in Role:
        text = sign_in(role.value).get("/").get_data(as_text=True)
        waits = "Gates that wait for you" in text
        assert waits == (role.value in waits_for), role
        if waits:
            assert gate in text
        elif role is not Role.RESEARCHER:
            assert "WAIT-1" not in text


def test_what_others_changed_is_told_and_own_changes_are_not(
    sign_in: Enter, project: Made, people: dict[Role, Person]
) -> None:
    made = project("feasibility", members=("researcher", "clinician"))
    with signed(people[Role.CLINICIAN], "a better title") as session:
        held(session, Project, made.id, made.revision).title = "Better"
    assert "a better title" in sign_in("researcher").get("/").get_data(as_text=True)
    assert "a better title" not in sign_in("clinician").get("/").get_data(as_text=True)


def test_nothing_of_a_project_one_left_is_shown(sign_in: Enter, project: Made, people: dict[Role, Person]) -> None:
    project("idea", "SECRET-9", ("researcher",))
    for role in set(Role) - {Role.RESEARCHER}:
        assert "SECRET-9" not in sign_in(role.value).get("/").get_data(as_text=True)


def test_the_queries_do_not_grow_with_the_projects_that_wait(sign_in: Enter, project: Made) -> None:
    browser = sign_in("investment_manager")

    def count() -> int:
        statements: list[str] = []
        event.listen(db.engine(), "before_cursor_execute", lambda *a: statements.append(a[2]))
        browser.get("/")
        return len(statements)

    project("proposed", "W-0")
    few = count()
    for n in range(1, 6):
        project("proposed", f"W-{n}")
    assert count() <= few
