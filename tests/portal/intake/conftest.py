"""An idea with its form filled in and its tandem complete."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal import db
from portal.models import Membership, Person, Project
from portal.stages import Function, Role
from tests.portal.conftest import post
from tests.portal.proposals.test_proposals import answers

Enter = Callable[[str], FlaskClient]
KEY = "CAR19"


def revision_of(model: type[Project | Proposal] = Project) -> str:
    """The revision of the only row of `model`, as a form sends it."""
    with db.reading() as session:
        return str(session.scalars(select(model)).one().revision)


@pytest.fixture
def researcher(sign_in: Enter) -> FlaskClient:
    """The investigator, whose idea CAR19 is complete but for a clinical lead."""
    browser = sign_in("researcher")
    assert post(browser, "/proposals/new", project_title="CD19 CAR-T", acronym=KEY).status_code == 303
    assert post(browser, f"/projects/{KEY}/proposal", revision="1", **answers()).status_code == 303
    return browser


@pytest.fixture
def clinician(researcher: FlaskClient, sign_in: Enter, people: dict[Role, Person]) -> FlaskClient:
    """The clinical lead, who joined the idea."""
    with db.signed("tests", "complete the tandem") as session:
        project = session.scalars(select(Project).where(col(Project.key) == KEY)).one()
        lead = Function.CLINICAL_LEAD.value
        session.add(Membership(project_id=project.id, person_id=people[Role.CLINICIAN].id, function=lead))
    return sign_in("clinician")


def confirm(browser: FlaskClient) -> int:
    """The status of confirming the proposal as it stands."""
    return post(browser, f"/projects/{KEY}/proposal/confirm", revision=revision_of(Proposal)).status_code


def submit(browser: FlaskClient) -> int:
    """The status of submitting it."""
    return post(browser, f"/projects/{KEY}/proposal/check", move="submit", revision=revision_of()).status_code
