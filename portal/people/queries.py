"""Questions about people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from portal.config import Settings
from portal.models import Membership, Person, Project, SignIn
from portal.signin import is_live
from portal.stages import Function
from portal.trail import Unit


def everybody(session: Unit) -> list[Person]:
    """All people, those who may sign in first, by name."""
    return list(session.scalars(select(Person).order_by(col(Person.active).desc(), col(Person.name))))


def person(session: Unit, row: UUID) -> Person:
    """The person with this id. Raises `LookupError`."""
    found = session.get(Person, row)
    if found is None:
        raise LookupError("There is no such person.")
    return found


def live_sign_ins(session: Unit, of: Person, settings: Settings) -> list[SignIn]:
    """The person's sign-ins that still hold, the one last used first."""
    mine = (
        select(SignIn)
        .where(col(SignIn.person_id) == of.id, col(SignIn.ended_at).is_(None))
        .order_by(col(SignIn.seen_at).desc())
    )
    return [found for found in session.scalars(mine) if is_live(found, settings)]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works on a project, and as what."""

    person: Person
    function: Function
    membership: Membership


def members(session: Unit, project: Project) -> list[Member]:
    """Who works on `project`, in the order of the functions, then by name."""
    query = (
        select(Membership, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.project_id) == project.id)
    )
    found = [Member(who, Function(membership.function), membership) for membership, who in session.execute(query)]
    order = tuple(Function)
    return sorted(found, key=lambda member: (order.index(member.function), member.person.name))


def candidates(session: Unit, project: Project) -> list[Person]:
    """Active people who do not work on `project` yet, by name."""
    working = select(col(Membership.person_id)).where(col(Membership.project_id) == project.id)
    query = (
        select(Person).where(col(Person.active).is_(True), col(Person.id).not_in(working)).order_by(col(Person.name))
    )
    return list(session.scalars(query))
