"""Verbs that tell people something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from portal.models import Membership, Person, Project
from portal.programme import Notice, Telling
from portal.stages import Function
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Told:
    """What people are told: one line, the text under it, and the page it leads to."""

    subject: str
    text: str = ""
    link: str = ""
    project: UUID | None = None


def tell(session: Unit, people: Iterable[UUID], told: Told) -> tuple[Notice, ...]:
    """A notice for each person who may still sign in, in the unit of the act itself: told and done together."""
    wanted = set(people)
    active = session.scalars(
        select(col(Person.id)).where(col(Person.id).in_(wanted), col(Person.active)).order_by(col(Person.id))
    )
    made = tuple(
        Notice(person_id=who, project_id=told.project, subject=told.subject[:300], text=told.text, link=told.link[:500])
        for who in active
    )
    session.add_all(made)
    return made


def applicants(session: Unit, project: UUID) -> list[UUID]:
    """Who carries the project: its tandem and team."""
    theirs = (Function.INVESTIGATOR.value, Function.CLINICAL_LEAD.value, Function.MEMBER.value)
    query = select(col(Membership.person_id)).where(
        col(Membership.project_id) == project, col(Membership.function).in_(theirs)
    )
    return list(session.scalars(query))


def tell_applicants(session: Unit, by: Person, project: Project, told: Told, really: bool) -> None:
    """Tell those who carry the project, or not; either is kept with who chose it."""
    session.add(Telling(project_id=project.id, act=told.subject[:200], told=really, by=by.name))
    if really:
        tell(session, applicants(session, project.id), told)
