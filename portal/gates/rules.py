"""The rulebook in force, and which attempt of a gate is running."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from portal.db import Refused
from portal.models import Decision, Person
from portal.programme import RulebookVersion
from portal.rulebook import Rulebook, RulebookFault, read, seeded
from portal.trail import Unit


def in_force(session: Unit) -> Rulebook:
    """The rulebook that gates go by now: the last version, else the one that travels with the product."""
    last = session.scalars(select(RulebookVersion).order_by(col(RulebookVersion.version).desc()).limit(1)).first()
    return read(last.text, last.version) if last is not None else read(seeded(), 0)


def of_version(session: Unit, number: int | None) -> Rulebook:
    """The rulebook of that version, by which a decision was taken; the one in force where none was kept."""
    if number is None:
        return in_force(session)
    row = session.scalars(select(RulebookVersion).where(col(RulebookVersion.version) == number)).one_or_none()
    return read(row.text, row.version) if row is not None else read(seeded(), 0)


def renew(session: Unit, person: Person, text: str, reason: str) -> RulebookVersion:
    """A new version of the rulebook. Raises `Refused` with every problem of the text, or for a missing reason."""
    if not reason.strip():
        raise Refused("Say why the rules change; the reason is kept with the version.")
    now = in_force(session)
    if text.replace("\r\n", "\n").strip() == now.text.strip():
        raise Refused("Nothing was changed.")
    try:
        read(text.replace("\r\n", "\n"), now.version + 1)
    except RulebookFault as why:
        raise Refused(*why.problems) from None
    made = RulebookVersion(
        version=now.version + 1,
        text=text.replace("\r\n", "\n"),
        reason=reason.strip(),
        by_id=person.id,
        by=person.name,
    )
    session.add(made)
    session.flush()
    return made


def versions(session: Unit) -> list[RulebookVersion]:
    """Every version, newest first."""
    return list(session.scalars(select(RulebookVersion).order_by(col(RulebookVersion.version).desc())))


def attempt(session: Unit, project: UUID, gate: str) -> int:
    """Which attempt of the gate is running, from 1: each verdict ends one."""
    given = select(func.count()).where(col(Decision.project_id) == project, col(Decision.gate) == gate)
    return (session.scalar(given) or 0) + 1
