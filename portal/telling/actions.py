"""Verbs that tell people something."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from portal.db import Refused
from portal.models import Membership, Person, Project, now
from portal.programme import Notice, Telling
from portal.stages import Function
from portal.trail import Unit

CARRYING = (Function.INVESTIGATOR.value, Function.CLINICAL_LEAD.value, Function.MEMBER.value)
DIGESTS = MappingProxyType({"each": "a mail for each notice", "daily": "one mail a day", "never": "no mail"})


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


def write(session: Unit, address: str, told: Told) -> Notice:
    """A letter to an address that nobody signs in with. It shows on nobody's page; once mailed, its link is emptied."""
    made = Notice(
        address=address, project_id=told.project, subject=told.subject[:300], text=told.text, link=told.link[:500]
    )
    session.add(made)
    return made


def applicants(session: Unit, project: UUID) -> list[UUID]:
    """Who carries the project: its tandem and team."""
    query = select(col(Membership.person_id)).where(
        col(Membership.project_id) == project, col(Membership.function).in_(CARRYING)
    )
    return list(session.scalars(query))


def tell_applicants(session: Unit, by: Person, project: Project, told: Told, really: bool) -> None:
    """Tell those who carry the project, or not; either is kept with who chose it."""
    session.add(Telling(project_id=project.id, act=told.subject[:200], told=really, by=by.name))
    if really:
        tell(session, applicants(session, project.id), told)


def mark_read(session: Unit, person: Person, which: UUID) -> Notice:
    """The person's notice, read from now on. Raises `LookupError` for one that is not theirs."""
    found = session.get(Notice, which, with_for_update=True)
    if found is None or found.person_id != person.id:
        raise LookupError("This notice is not there.")
    found.read_at = found.read_at or now()
    return found


def mark_all_read(session: Unit, person: Person) -> int:
    """How many notices of the person were unread until now."""
    mine = (col(Notice.person_id) == person.id, col(Notice.read_at).is_(None))
    found = session.scalars(select(Notice).where(*mine).with_for_update()).all()
    for notice in found:
        notice.read_at = now()
    return len(found)


def choose(session: Unit, person: Person, digest: str) -> Person:
    """The person, mailed from now on as `digest` says. Raises `Refused` for what is none of `DIGESTS`."""
    if digest not in DIGESTS:
        raise Refused("Choose how you want to be mailed: " + ", ".join(DIGESTS.values()) + ".")
    found = session.get(Person, person.id, with_for_update=True)
    if found is None:
        raise LookupError("There is no such person.")
    found.digest = digest
    return found
