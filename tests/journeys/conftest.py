"""The portal of the page tests, served to a real browser; an idea that was submitted, and a second reviewer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal import db
from portal.gates.actions import take
from portal.intake.actions import confirm
from portal.models import Membership, Person, Project
from portal.proposals.actions import propose, save
from portal.rights import Asker, asker
from portal.stages import Function, Role, Said, move
from tests.portal.conftest import app, empty_postgres, empty_sqlite, hashed, people, project, served, settings
from tests.portal.proposals.test_proposals import answers

__all__ = ["app", "empty_postgres", "empty_sqlite", "hashed", "people", "project", "served", "settings"]

KEY = "CAR19"


def asking(person: Person) -> Asker:
    """The person with roles and memberships as they are now."""
    with db.reading() as session:
        return asker(session, person)


@pytest.fixture
def submitted(people: dict[Role, Person]) -> Callable[[], Project]:
    """A function that makes CAR19: proposed by the researcher with every answer, confirmed by both, submitted."""

    def make() -> Project:
        lead, partner = people[Role.RESEARCHER], people[Role.CLINICIAN]
        with db.signed(lead, "propose") as session:
            made = propose(session, asking(lead), "CD19 CAR-T", KEY)
        with db.signed(lead, "join") as session:
            function = Function.CLINICAL_LEAD.value
            session.add(Membership(project_id=made.id, person_id=partner.id, function=function))
        with db.signed(lead, "work on the proposal") as session:
            row = session.scalars(select(Proposal).where(col(Proposal.project_id) == made.id)).one()
            save(session, asking(lead), (row.uid, row.revision), answers(), f"{KEY}/proposal")
        submit(people, made)
        return made

    return make


def submit(people: dict[Role, Person], made: Project) -> None:
    """Both halves of the tandem confirm the proposal as it stands, and it is submitted."""
    with db.reading() as session:
        seen = session.scalars(select(Proposal).where(col(Proposal.project_id) == made.id)).one().revision
        at = session.scalars(select(Project).where(col(Project.id) == made.id)).one().revision
    for role in (Role.RESEARCHER, Role.CLINICIAN):
        with db.signed(people[role], "confirm") as session:
            confirm(session, asking(people[role]), made, seen)
    with db.signed(people[Role.RESEARCHER], "submit") as session:
        take(session, asking(people[Role.RESEARCHER]), (made.id, at), move("submit"), Said())


@pytest.fixture
def second(people: dict[Role, Person], hashed: str) -> Person:
    """Another reviewer."""
    made = Person(name="Nora Maes", email="nora.maes@test.example", password=hashed, roles=[Role.REVIEWER.value])
    with db.signed("tests", "another reviewer") as session:
        session.add(made)
    return made
