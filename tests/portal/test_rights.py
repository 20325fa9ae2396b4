"""Who may do what, as a literal table; the same rules in SQL; the guard."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select
from sqlmodel import col

from dossiers.stage import Stage
from portal.db import reading, signed
from portal.models import Person, Project
from portal.rights import PORTAL_WIDE, RULES, Asker, Right, asker, judged_by, may, needs, visible_to
from portal.stages import Role
from tests.portal.conftest import post

LETTERS = {
    Role.RESEARCHER: "R",
    Role.CLINICIAN: "C",
    Role.INVESTMENT: "I",
    Role.REVIEWER: "V",
    Role.GMP: "G",
    Role.QUALITY: "Q",
    Role.REGULATORY: "A",
    Role.ADMINISTRATOR: "Z",
}
STAGES = tuple(Stage)  # idea proposed feasibility transfer dossier submitted running closed stopped on_hold

# Who holds the right at each of STAGES: on a confidential project, "-" for nobody. Members, then non-members.
MEMBERS = {
    Right.SEE: "RCIVGQA RCIVGQA RCIVGQA RCIVGQA RCIVGQA RCIVGQA RCIVGQA RCIVGQA RCIVGQA RCIVGQA",
    Right.EDIT_PROPOSAL: "RC - - - - - - - - -",
    Right.SUBMIT: "RC RC - - - - - - - -",
    Right.EDIT_FACTS: "RC - RCGA RCGQA RCGQA GQA GQA - - -",
    Right.WRITE: "- - RCA RCGQA RCGQA GQA GQA - - -",
    Right.DECIDE: "- I IG IQ IA IA I I I I",
    Right.REVIEW: "- - - - - - - - - -",
    Right.SHOW: "RCG RCIGA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA",
    Right.PLAN: "RCG RCIGA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA RCIGQA",
    Right.FUND: "- I I I I I I I I I",
    Right.JUDGE: "- IA IGQA IGQA IGQA IGQA IGQA IGQA IGQA IGQA",
    Right.JUSTIFY: "- - QA QA QA QA QA - - -",
    Right.ISSUE: "- - IA A A A A - - -",
    Right.MEMBERS: "RC IA IA IA IA IA IA IA IA IA",
}
OTHERS = {
    Right.SEE: "- IA IGQA IGQA IGQA IGQA IGQA IGQA IGQA IGQA",
    Right.EDIT_PROPOSAL: "- - - - - - - - - -",
    Right.SUBMIT: "- - - - - - - - - -",
    Right.EDIT_FACTS: "- - A QA QA QA QA - - -",
    Right.WRITE: "- - A QA QA QA QA - - -",
    Right.DECIDE: "- I IG IQ IA IA I I I I",
    Right.REVIEW: "- - - - - - - - - -",
    Right.SHOW: "- IA IGQA IGQA IGQA IGQA IGQA IGQA IGQA IGQA",
    Right.PLAN: "- IA IGQA IGQA IGQA IGQA IGQA IGQA IGQA IGQA",
    Right.FUND: "- I I I I I I I I I",
    Right.JUDGE: "- IA IGQA IGQA IGQA IGQA IGQA IGQA IGQA IGQA",
    Right.JUSTIFY: "- - QA QA QA QA QA - - -",
    Right.ISSUE: "- - IA A A A A - - -",
    Right.MEMBERS: "- IA IA IA IA IA IA IA IA IA",
}
WIDE = {
    Right.USE: "RCIVGQAZ",
    Right.ADMINISTER: "Z",
    Right.PROPOSE: "RC",
    Right.PORTFOLIO: "RCIVGQA",
    Right.TAKE_IN: "IA",
    Right.RULEBOOK: "I",
    Right.MEETINGS: "IGQA",
}


def somebody(role: Role, *projects: Project) -> Asker:
    return Asker(
        Person(name="A", email="a@b.example", roles=[role.value]), frozenset({role}), frozenset(p.id for p in projects)
    )


def at(stage: Stage, confidential: bool = True) -> Project:
    return Project(id=uuid4(), key="P", title="P", stage=stage.value, confidential=confidential)


def test_the_table_names_every_right() -> None:
    assert set(MEMBERS) == set(OTHERS) == set(Right) - PORTAL_WIDE
    assert set(WIDE) == PORTAL_WIDE - {Right.ENTER}


@pytest.mark.parametrize("right", MEMBERS)
@pytest.mark.parametrize(("table", "member"), [(MEMBERS, True), (OTHERS, False)], ids=["members", "others"])
def test_rights_on_a_confidential_project(right: Right, table: dict[Right, str], member: bool) -> None:
    for stage, expected in zip(STAGES, table[right].split(), strict=True):
        project = at(stage)
        holders = "".join(LETTERS[r] for r in Role if may(somebody(r, *([project] if member else [])), right, project))
        assert holders == expected.strip("-"), f"{right} at {stage}"


@pytest.mark.parametrize("right", WIDE)
def test_rights_in_the_portal(right: Right) -> None:
    assert "".join(LETTERS[role] for role in Role if may(somebody(role), right)) == WIDE[right]


def test_an_open_project_is_seen_by_all_staff_once_submitted_and_changed_by_no_more() -> None:
    for stage in STAGES:
        shut, open_ = at(stage), at(stage, confidential=False)
        for role in Role:
            sees = may(somebody(role), Right.SEE, open_)
            assert sees == (role is not Role.ADMINISTRATOR and stage is not Stage.IDEA) or may(
                somebody(role), Right.SEE, shut
            )
            for right in set(MEMBERS) - {Right.SEE}:
                assert may(somebody(role), right, open_) == may(somebody(role), right, shut)


def test_nobody_and_the_deactivated_hold_nothing() -> None:
    for right in set(Right) - {Right.ENTER}:
        assert not may(None, right, None if right in PORTAL_WIDE else at(Stage.DOSSIER))
    from portal.rights import roles_of

    assert roles_of(Person(name="A", email="a@b.example", roles=["administrator"], active=False)) == frozenset()


def test_a_project_right_is_never_held_without_a_project_nor_a_portal_right_on_one() -> None:
    assert not may(somebody(Role.INVESTMENT), Right.DECIDE)
    assert not may(somebody(Role.ADMINISTRATOR), Right.ADMINISTER, at(Stage.DOSSIER))


@given(
    some.sampled_from(list(Role)),
    some.sampled_from([r for r in Right if r not in PORTAL_WIDE]),
    some.sampled_from(STAGES),
    some.booleans(),
    some.booleans(),
)
def test_no_right_is_held_on_a_project_that_is_not_seen(
    role: Role, right: Right, stage: Stage, member: bool, confidential: bool
) -> None:
    project = at(stage, confidential)
    who = somebody(role, *([project] if member else []))
    assert may(who, Right.SEE, project) or not may(who, right, project)


def test_every_rule_grants_something() -> None:
    for rule in RULES:
        assert rule.roles
        assert rule.during


def test_sql_and_python_see_the_same_projects(people: dict[Role, Person], project: Callable[..., Project]) -> None:
    for number, stage in enumerate(STAGES):
        for confidential in (True, False):
            for members in ((), ("researcher", "gmp_lead"), ("reviewer", "administrator")):
                project(
                    stage.value,
                    f"P-{number}-{confidential}-{len(members)}{members[:1]}",
                    members,
                    confidential=confidential,
                )
    with reading() as session:
        everything = list(session.scalars(select(Project)))
        for person in people.values():
            who = asker(session, person)
            found = set(session.scalars(select(col(Project.key)).where(visible_to(who))))
            assert found == {p.key for p in everything if may(who, Right.SEE, p)}
            judged = set(session.scalars(select(col(Project.key)).where(judged_by(who))))
            assert judged == {p.key for p in everything if may(who, Right.JUDGE, p)}
            if Role.ADMINISTRATOR in who.roles:
                assert not found


# ---------------------------------------------------------------- the guard


def test_a_view_that_states_no_right_is_refused(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/silent", "home.silent", lambda: "silent words")
    answer = client.get("/silent")
    assert answer.status_code == 500
    assert "silent words" not in answer.get_data(as_text=True)


def test_nobody_is_sent_to_sign_in_and_comes_back(client: FlaskClient, people: dict[Role, Person]) -> None:
    answer = client.get("/people?sort=name")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/people?sort%3Dname"
    part = client.get("/people", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/account"})
    assert part.status_code == 401
    assert part.headers["HX-Redirect"] == "/sign-in?next=/account"
    from tests.portal.conftest import PASSWORD

    answer = post(client, "/sign-in", email="administrator@test.example", password=PASSWORD, next="/people?sort=name")
    assert answer.location == "/people?sort=name"


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "\t//evil.example", "/\\/evil"],
)
def test_signing_in_never_leads_to_another_site(client: FlaskClient, people: dict[Role, Person], path: str) -> None:
    from tests.portal.conftest import PASSWORD

    answer = post(client, "/sign-in", email="reviewer@test.example", password=PASSWORD, next=path)
    assert answer.location == "/"


def test_a_right_that_is_not_held_is_403_and_a_project_that_is_not_seen_404(
    sign_in: Callable[[str], FlaskClient], project: Callable[..., Project]
) -> None:
    project("idea", "SECRET-1", ("researcher",))
    project("feasibility", "SEEN-1", ("reviewer",))
    assert sign_in("researcher").get("/people").status_code == 403
    for role in ("clinician", "investment_manager", "administrator", "regulatory"):
        hidden, absent = sign_in(role).get("/projects/SECRET-1/people"), sign_in(role).get("/projects/NONE/people")
        assert hidden.status_code == absent.status_code == 404
        assert "SECRET" not in hidden.get_data(as_text=True)
    assert sign_in("researcher").get("/projects/SECRET-1/people").status_code == 200
    reviewer = sign_in("reviewer")
    assert reviewer.get("/projects/SEEN-1/people").status_code == 200
    refused = post(reviewer, "/projects/SEEN-1/people")
    assert refused.status_code == 403
    assert "You may not say who works on this project now" in refused.get_data(as_text=True)


def test_rights_end_with_the_role(sign_in: Callable[[str], FlaskClient], people: dict[Role, Person]) -> None:
    browser = sign_in("administrator")
    assert browser.get("/people").status_code == 200
    with signed("tests", "role taken") as session:
        session.get(Person, people[Role.ADMINISTRATOR].id).roles = ["reviewer"]  # type: ignore[union-attr]
    assert browser.get("/people").status_code == 403
    with signed("tests", "left") as session:
        session.get(Person, people[Role.ADMINISTRATOR].id).active = False  # type: ignore[union-attr]
    assert browser.get("/").status_code == 303


def test_needs_marks_the_view_itself() -> None:
    def view() -> str:
        return ""

    assert needs(Right.SEE)(view) is view
    assert view.right is Right.SEE  # type: ignore[attr-defined]
