"""Pages about people, as each role meets them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from portal.conflicts import conflicts
from portal.db import reading, signed
from portal.models import Membership, Person, Project, SignIn
from portal.people import queries
from portal.stages import Function, Role
from tests.portal.conftest import PASSWORD, post

Enter = Callable[[str], FlaskClient]
Made = Callable[..., Project]
People = dict[Role, Person]


def person(email: str) -> Person:
    with reading() as session:
        return session.scalars(select(Person).where(col(Person.email) == email)).one()


def test_an_administrator_adds_somebody_who_then_signs_in(sign_in: Enter, app: Flask) -> None:
    browser = sign_in("administrator")
    answer = post(
        browser, "/people/new", name="An Peeters", email="An@Hospital.example", roles=["regulatory", "researcher"]
    )
    assert answer.status_code == 200
    shown = re.search(r"<code>([^<]+)</code>", answer.get_data(as_text=True))
    assert shown
    made = person("an@hospital.example")
    assert made.roles == ["researcher", "regulatory"]
    assert shown[1] not in made.password
    guest = app.test_client()
    assert post(guest, "/sign-in", email="an@hospital.example", password=shown[1]).status_code == 303
    assert "An Peeters" in guest.get("/").get_data(as_text=True)
    assert shown[1] not in browser.get("/people").get_data(as_text=True)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"name": "", "email": "a@b.example", "roles": "quality"}, "Enter the person&#39;s name"),
        ({"name": "A", "email": "not an address", "roles": "quality"}, "Enter an e-mail address such as"),
        ({"name": "A", "email": "a@b.example"}, "Choose at least one role"),
        ({"name": "A", "email": "a@b.example", "roles": "king"}, "There is no role"),
        ({"name": "A", "email": "REVIEWER@test.example", "roles": "quality"}, "Somebody already signs in with"),
        (
            {"name": "A", "email": "a@b.example", "roles": "quality", "unit": "A\u202eB"},
            "Enter the research group or department",
        ),
        ({"name": "A\u202eB", "email": "a@b.example", "roles": "quality"}, "Enter the person&#39;s name"),
    ],
)
def test_an_entry_that_cannot_be_taken_keeps_what_was_typed(sign_in: Enter, form: dict[str, str], said: str) -> None:
    browser = sign_in("administrator")
    for htmx in (False, True):
        answer = post(browser, "/people/new", htmx, **form)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert said in text
        assert f'value="{form["email"]}"' in text
        assert ("<title>Error:" in text) != htmx
    with reading() as session:
        assert len(session.scalars(select(Person)).all()) == len(Role)


def test_roles_change_and_a_stale_form_does_not_win(sign_in: Enter, people: People) -> None:
    browser, url = sign_in("administrator"), f"/people/{people[Role.REVIEWER].id}"
    assert (
        post(browser, url, name="New name", roles=["reviewer", "quality"], active="yes", revision=1).status_code == 303
    )
    assert person("reviewer@test.example").roles == ["reviewer", "quality"]
    stale = post(browser, url, name="Old name", roles=["reviewer"], active="yes", revision=1)
    assert stale.status_code == 409
    assert person("reviewer@test.example").name == "New name"
    assert post(browser, url, name="", roles=[], revision=2).status_code == 422
    assert browser.get(f"/people/{people[Role.GMP].id.int}").status_code == 404
    assert browser.get("/people/00000000-0000-0000-0000-000000000000").status_code == 404


def test_the_group_an_administrator_enters_decides_who_may_judge(sign_in: Enter, people: People, project: Made) -> None:
    made = project("feasibility", "P-1", members=("researcher", "clinician"))
    browser = sign_in("administrator")
    for role, unit in ((Role.RESEARCHER, "Stem  cell laboratory"), (Role.REVIEWER, "stem cell Laboratory ")):
        form = {"name": people[role].name, "roles": role.value, "active": "yes", "revision": 1, "unit": unit}
        assert post(browser, f"/people/{people[role].id}", **form).status_code == 303
    assert person("researcher@test.example").unit == "Stem cell laboratory"
    shown = browser.get(f"/people/{people[Role.REVIEWER].id}").get_data(as_text=True)
    assert 'value="stem cell Laboratory"' in shown
    assert '<option value="Stem cell laboratory">' in shown, "groups that are there are offered, so that they agree"
    with reading() as session:
        found = conflicts(session, session.get_one(Person, people[Role.REVIEWER].id), made)
    assert found == ("An applicant belongs to your unit, stem cell Laboratory.",)


def test_people_are_found_and_paged(sign_in: Enter, people: People) -> None:
    with signed("tests", "many people") as session:
        session.add_all(
            Person(name=f"Crowd {n:03}", email=f"c{n:03}@test.example", unit="Big group") for n in range(queries.PAGE)
        )
    browser = sign_in("administrator")
    first = browser.get("/people").get_data(as_text=True)
    assert f"{queries.PAGE + len(Role)}\N{NO-BREAK SPACE}people" in first
    assert first.count('scope="row"') == queries.PAGE
    second = browser.get("/people?page=2").get_data(as_text=True)
    assert second.count('scope="row"') == len(Role)
    assert browser.get("/people?page=99").get_data(as_text=True).count('scope="row"') == len(Role)
    one = browser.get("/people?q=big+017").get_data(as_text=True)
    assert "Crowd 017" in one
    assert one.count('scope="row"') == 1
    assert "Nobody found" in browser.get("/people?q=nobody+of+this+name").get_data(as_text=True)


def test_deactivation_ends_sign_ins_and_nobody_locks_themself_out(sign_in: Enter, people: People) -> None:
    browser, other = sign_in("administrator"), sign_in("quality")
    assert (
        post(browser, f"/people/{people[Role.QUALITY].id}", name="Gone", roles="quality", revision=1).status_code == 303
    )
    assert other.get("/").status_code == 303
    with reading() as session:
        mine = session.scalars(select(SignIn).where(col(SignIn.person_id) == people[Role.QUALITY].id)).one()
        assert mine.ended_at is not None
    own = f"/people/{people[Role.ADMINISTRATOR].id}"
    for form in ({"roles": "administrator"}, {"roles": "quality", "active": "yes"}):
        answer = post(browser, own, name="Me", revision=1, **form)
        assert answer.status_code == 409
        assert "cannot take your own administration away" in answer.get_data(as_text=True)


def test_a_reset_password_is_shown_once_and_ends_the_old_one(sign_in: Enter, people: People, app: Flask) -> None:
    browser, other = sign_in("administrator"), sign_in("clinician")
    answer = post(browser, f"/people/{people[Role.CLINICIAN].id}/password")
    shown = re.search(r"<code>([^<]+)</code>", answer.get_data(as_text=True))
    assert shown
    assert other.get("/").status_code == 303
    assert post(app.test_client(), "/sign-in", email="clinician@test.example", password=PASSWORD).status_code == 422
    assert post(app.test_client(), "/sign-in", email="clinician@test.example", password=shown[1]).status_code == 303


def test_changing_the_own_password_keeps_this_browser_and_ends_others(sign_in: Enter, app: Flask) -> None:
    browser, other = sign_in("reviewer"), sign_in("reviewer")
    for form, said in (
        (
            {"old": "wrong", "new": "seven green bicycles", "again": "seven green bicycles"},
            "present password is not right",
        ),
        ({"old": PASSWORD, "new": "seven green bicycles", "again": "seven green bicycle"}, "typed differently"),
        ({"old": PASSWORD, "new": "short", "again": "short"}, "10 to 200 characters"),
        ({"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}, "is the old one"),
    ):
        answer = post(browser, "/account/password", **form)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
        assert PASSWORD not in answer.get_data(as_text=True)
    new = "seven green bicycles"
    assert post(browser, "/account/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert browser.get("/account").status_code == 200
    assert other.get("/account").status_code == 303
    assert post(app.test_client(), "/sign-in", email="reviewer@test.example", password=new).status_code == 303


def test_other_browsers_are_listed_and_signed_out(sign_in: Enter) -> None:
    browser, other = sign_in("reviewer"), sign_in("reviewer")
    assert browser.get("/account").get_data(as_text=True).count("Another browser") == 1
    assert post(browser, "/account/sign-ins/end").status_code == 303
    assert other.get("/account").status_code == 303
    assert "Another browser" not in browser.get("/account").get_data(as_text=True)


# ---------------------------------------------------------------- a project's team


def members_of(project: Project) -> dict[str, Function]:
    with reading() as session:
        return {m.person.email: m.function for m in queries.members(session, project)}


def test_the_tandem_comes_together(sign_in: Enter, project: Made, people: People) -> None:
    made = project("idea", members=("researcher",))
    browser, clinician = sign_in("researcher"), sign_in("clinician")
    assert clinician.get("/projects/TST-1/people").status_code == 404
    form = {"person": str(people[Role.CLINICIAN].id), "function": "clinical_lead"}
    part = post(browser, "/projects/TST-1/people", htmx=True, **form)
    assert part.status_code == 200
    assert part.get_data(as_text=True).lstrip().startswith('<section id="members"')
    assert members_of(made) == {
        "researcher@test.example": Function.INVESTIGATOR,
        "clinician@test.example": Function.CLINICAL_LEAD,
    }
    assert clinician.get("/projects/TST-1/people").status_code == 200
    again = post(browser, "/projects/TST-1/people", **form)
    assert again.status_code == 422
    assert "works on TST-1 already" in again.get_data(as_text=True)


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 422, "Choose a person."),
        ({"person": "x", "function": "reviewer"}, 422, "Choose a person."),
        ({"person": "00000000-0000-0000-0000-000000000000", "function": "reviewer"}, 404, "no such person"),
        ({"person": "REVIEWER", "function": "king"}, 422, "Choose what the person does"),
        ({"person": "GONE", "function": "reviewer"}, 404, "may not sign in any more"),
    ],
)
def test_who_cannot_join_is_said(
    sign_in: Enter, project: Made, people: People, form: dict[str, str], status: int, said: str
) -> None:
    made = project("feasibility", members=("researcher",))
    with signed("tests", "left") as session:
        session.get(Person, people[Role.GMP].id).active = False  # type: ignore[union-attr]
    names = {"REVIEWER": str(people[Role.REVIEWER].id), "GONE": str(people[Role.GMP].id)}
    answer = post(
        sign_in("investment_manager"), "/projects/TST-1/people", **{k: names.get(v, v) for k, v in form.items()}
    )
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)
    assert len(members_of(made)) == 1


def test_members_leave_but_not_the_last_and_only_those_of_this_project(sign_in: Enter, project: Made) -> None:
    made, other = (
        project("feasibility", "A-1", ("researcher", "clinician")),
        project("feasibility", "B-1", ("reviewer",)),
    )
    browser = sign_in("investment_manager")
    with reading() as session:
        rows = {m.project_id: m.id for m in session.scalars(select(Membership))}
    assert post(browser, f"/projects/A-1/people/{rows[other.id]}/leave").status_code == 404
    assert post(browser, f"/projects/A-1/people/{rows[made.id]}/leave").status_code == 303
    with reading() as session:
        (left,) = queries.members(session, made)
    refused = post(browser, f"/projects/A-1/people/{left.membership.id}/leave")
    assert refused.status_code == 409
    assert "last person" in refused.get_data(as_text=True)
    assert len(members_of(made)) == len(members_of(other)) == 1


def test_a_project_is_opened_and_shut(sign_in: Enter, project: Made) -> None:
    project("feasibility", members=("researcher",))
    browser, reviewer = sign_in("investment_manager"), sign_in("reviewer")
    assert reviewer.get("/projects/TST-1/people").status_code == 404
    assert post(browser, "/projects/TST-1/confidential", confidential="no", revision=7).status_code == 409
    assert post(browser, "/projects/TST-1/confidential", confidential="no", revision=1).status_code == 303
    assert reviewer.get("/projects/TST-1/people").status_code == 200
    assert post(reviewer, "/projects/TST-1/confidential", confidential="yes", revision=2).status_code == 403
    assert post(browser, "/projects/TST-1/confidential", confidential="yes", revision=2).status_code == 303
    assert reviewer.get("/projects/TST-1/people").status_code == 404
