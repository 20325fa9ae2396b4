"""Questions about people."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col

from portal.config import Settings
from portal.models import Membership, Person, Project, SignIn
from portal.signin import is_live
from portal.stages import Function
from portal.trail import Unit

PAGE = 50


@dataclass(frozen=True, slots=True)
class People:
    """A page of the people whose name, address or unit has the words; `total` counts those of all pages."""

    people: tuple[Person, ...]
    total: int
    words: str
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def everybody(session: Unit, words: str = "", number: int = 1) -> People:
    """The people, those who may sign in first, by name; `number` counts pages from 1. Two queries."""
    kept = [
        or_(*(col(place).icontains(word, autoescape=True) for place in (Person.name, Person.email, Person.unit)))
        for word in words.split()[:8]
    ]
    total = session.scalar(select(func.count()).select_from(Person).where(*kept)) or 0
    number = min(max(1, number), max(1, -(-total // PAGE)))
    query = select(Person).where(*kept).order_by(col(Person.active).desc(), col(Person.name), col(Person.email))
    return People(tuple(session.scalars(query.limit(PAGE).offset((number - 1) * PAGE))), total, words, number)


def units(session: Unit) -> tuple[str, ...]:
    """The units that people belong to, each once, by name."""
    return tuple(session.scalars(select(col(Person.unit)).where(col(Person.unit) != "").distinct().order_by("unit")))


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
