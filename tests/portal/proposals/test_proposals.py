"""An idea from its first title to the gate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import Form, facts
from dossiers.records.proposal import Proposal
from portal import db
from portal.models import Membership, Pending, Person, Project
from portal.stages import Function, Role
from tests.portal.conftest import post

Enter = Callable[[str], FlaskClient]


def answers() -> dict[str, Any]:
    """Something possible for each fact of the proposal."""
    made: dict[str, Any] = {}
    for f in facts(Proposal):
        match f.form:
            case Form.INTEGER | Form.NUMBER:
                made[f.name] = "3"
            case Form.YESNO:
                made[f.name] = "yes"
            case Form.MONTH:
                made[f.name] = "2028-03"
            case Form.CHOICE | Form.CHOICES:
                assert f.choices is not None
                made[f.name] = next(iter(f.choices)).value
            case _:
                made[f.name] = f"An answer to {f.label}"
    return made | {"acronym": "CAR19", "project_title": "CD19 CAR-T"}


def begin(browser: FlaskClient) -> None:
    answer = post(browser, "/proposals/new", project_title="CD19 CAR-T", acronym="car19")
    assert answer.status_code == 303 and answer.location.endswith("/projects/CAR19/proposal")


def proposal() -> Proposal:
    with db.reading() as session:
        return session.scalars(select(Proposal)).one()


def confirm(browser: FlaskClient) -> None:
    seen = str(proposal().revision)
    assert post(browser, "/projects/CAR19/proposal/confirm", revision=seen).status_code == 303


def test_a_title_and_an_acronym_begin_a_proposal(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    assert "Propose an idea" in browser.get("/proposals/new").get_data(as_text=True)
    begin(browser)
    page = browser.get("/projects/CAR19/proposal").get_data(as_text=True)
    assert "Patient and need" in page and "% answered" in page
    assert sign_in("investment_manager").get("/projects/CAR19").status_code == 404  # an idea is its team's alone


@pytest.mark.parametrize(
    ("title", "acronym", "why"),
    [
        ("", "CAR19", "working title"),
        ("x", "a", "2 to 15"),
        ("x", "b d", "2 to 15"),
        ("a\u202eb", "CAR19", "writing direction"),
    ],
)
def test_what_cannot_begin_one_is_said(sign_in: Enter, title: str, acronym: str, why: str) -> None:
    answer = post(sign_in("researcher"), "/proposals/new", project_title=title, acronym=acronym)
    assert answer.status_code == 422 and why in answer.get_data(as_text=True)
    with db.reading() as session:
        assert not session.scalars(select(Project)).all()


def test_an_acronym_is_used_once(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    begin(browser)
    assert post(browser, "/proposals/new", project_title="y", acronym="CAR19").status_code == 422


def test_saved_whole_or_not_at_all(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    begin(browser)
    answer = post(browser, "/projects/CAR19/proposal", revision="1", moa="It kills.", population_be="many")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "must be a number" in page and "It kills." in page and "many" in page
    assert proposal().moa is None
    answer = post(browser, "/projects/CAR19/proposal", revision="1", moa="It kills.", population_be="40")
    assert answer.status_code == 303
    assert (proposal().moa, proposal().population_be) == ("It kills.", 40)


def test_two_at_once_do_not_overwrite_each_other(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    begin(browser)
    assert post(browser, "/projects/CAR19/proposal", revision="1", moa="first").status_code == 303
    answer = post(browser, "/projects/CAR19/proposal", revision="1", moa="second")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "first" in page and "second" in page
    assert proposal().moa == "first"


def test_what_is_typed_is_kept_and_shown_again(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    begin(browser)
    answer = post(browser, "/projects/CAR19/proposal/draft", revision="1", moa="half a sent")
    assert answer.status_code == 200 and "Draft kept at" in answer.get_data(as_text=True)
    assert proposal().moa is None
    page = browser.get("/projects/CAR19/proposal").get_data(as_text=True)
    assert "half a sent" in page and "not saved yet" in page
    assert post(browser, "/projects/CAR19/proposal", revision="1", moa="half a sentence").status_code == 303
    with db.reading() as session:
        assert not session.scalars(select(Pending)).all()


def test_a_complete_proposal_of_a_tandem_is_submitted_and_withdrawn(sign_in: Enter, people: dict[Role, Person]) -> None:
    browser = sign_in("researcher")
    begin(browser)
    page = browser.get("/projects/CAR19/proposal/check").get_data(as_text=True)
    assert "Not ready yet" in page and "tandem is not complete" in page
    assert post(browser, "/projects/CAR19/proposal/check", move="submit", revision="1").status_code == 409
    assert post(browser, "/projects/CAR19/proposal", revision="1", then="check", **answers()).status_code == 303
    with db.signed("tests", "complete the tandem") as session:
        project = session.scalars(select(Project).where(col(Project.key) == "CAR19")).one()
        lead = Function.CLINICAL_LEAD.value
        session.add(Membership(project_id=project.id, person_id=people[Role.CLINICIAN].id, function=lead))
        seen = project.revision
    page = browser.get("/projects/CAR19/proposal/check").get_data(as_text=True)
    assert "Not confirmed as it stands now by the principal investigator and the clinical lead." in page
    confirm(browser)
    confirm(sign_in("clinician"))
    page = browser.get("/projects/CAR19/proposal/check").get_data(as_text=True)
    assert "Everything the first gate asks for is answered" in page
    assert post(browser, "/projects/CAR19/proposal/check", move="submit", revision=str(seen)).status_code == 303
    assert "CAR19" in sign_in("investment_manager").get("/projects").get_data(as_text=True)
    assert "What you typed" not in browser.get("/projects/CAR19/proposal").get_data(as_text=True)
    with db.reading() as session:
        seen = session.scalars(select(Project)).one().revision
    assert post(browser, "/projects/CAR19/proposal/check", move="withdraw", revision=str(seen)).status_code == 409
    answer = post(browser, "/projects/CAR19/proposal/check", move="withdraw", reason="a new dose", revision=str(seen))
    assert answer.status_code == 303
    with db.reading() as session:
        assert session.scalars(select(Project)).one().stage == "idea"
