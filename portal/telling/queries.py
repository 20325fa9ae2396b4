"""Questions about notices."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from portal.models import Person, Project
from portal.programme import Notice
from portal.trail import Unit

PAGE = 25


@dataclass(frozen=True, slots=True)
class Told:
    """A page of a person's notices, newest first, each with the key of its project, if it has one."""

    lines: tuple[tuple[Notice, str], ...]
    total: int
    unread: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def unread(session: Unit, person: Person) -> int:
    """How many notices the person has not read."""
    mine = (col(Notice.person_id) == person.id, col(Notice.read_at).is_(None))
    return session.scalar(select(func.count()).select_from(Notice).where(*mine)) or 0


def told(session: Unit, person: Person, number: int = 1) -> Told:
    """What the person was told, page `number` of it: three queries, however much it is."""
    mine = col(Notice.person_id) == person.id
    total = session.scalar(select(func.count()).select_from(Notice).where(mine)) or 0
    number = min(max(1, number), max(1, -(-total // PAGE)))
    rows = session.execute(
        select(Notice, col(Project.key))
        .outerjoin(Project, col(Project.id) == col(Notice.project_id))
        .where(mine)
        .order_by(col(Notice.at).desc(), col(Notice.id))
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    return Told(tuple((notice, key or "") for notice, key in rows), total, unread(session, person), number)
