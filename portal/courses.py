"""What the decisions of many projects come to, kept as long as none is added.

Decisions are only ever added to, so that what a project's decisions come to depends on their number alone. A page over
all projects asks for the numbers, and reads the decisions of those projects that have more than when it last looked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, func, select
from sqlmodel import col

from dossiers.stage import ROAD
from portal.db import engine, within
from portal.models import Decision, Project
from portal.pace import DAY, Stay, stays
from portal.stages import Course, Gate, fold, next_gate
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Went:
    """How a project went: its course, the gate ahead, its stays as of its last decision, its last change of stage."""

    number: int  # decisions
    course: Course
    gate: Gate | None
    kept: tuple[Stay, ...]
    last: datetime
    moved: datetime | None

    def stays(self, now: datetime) -> tuple[Stay, ...]:
        """Its stays, the last one as of `now`: what `pace.stays` says of the decisions."""
        if not self.kept or self.course.stage not in ROAD:
            return self.kept
        *before, here = self.kept
        return (*before, replace(here, days=max(here.days + (now - self.last) / DAY, 0.0)))

    def age(self, now: datetime) -> int:
        """Whole days it has been where it stands: what `pace.age` says of the decisions."""
        if self.course.stage in ROAD:
            return max(0, (now - (now - DAY * self.stays(now)[-1].days)).days)
        return max(0, (now - (self.moved or self.last)).days)


_KEPT: dict[Engine, dict[UUID, Went]] = {}  # of the database in use


def went(session: Unit, among: ColumnElement[bool]) -> dict[UUID, Went]:
    """Project id → how it went, for the projects that the condition `among` keeps. Always two queries."""
    counted = select(col(Decision.project_id), func.count()).group_by(col(Decision.project_id))
    counted = counted.where(col(Decision.project_id).in_(select(col(Project.id)).where(among)))
    numbers = {row[0]: row[1] for row in session.execute(counted)}
    kept = _KEPT.get(engine(), {})
    stale = [p for p, number in numbers.items() if p not in kept or kept[p].number != number]
    read = decisions_of(session, within(col(Decision.project_id), stale))
    fresh = {project: _went(those) for project, those in read.items()}
    if fresh:
        kept = {**kept, **fresh}
        _KEPT.clear()  # one process serves one database
        _KEPT[engine()] = kept
    return {project: kept[project] for project in numbers}


def _went(decisions: Sequence[Decision]) -> Went:
    last = decisions[-1].at
    moved = next((d.at for d in reversed(decisions) if d.source != d.target), None)
    course = fold(decisions)
    return Went(len(decisions), course, next_gate(course), stays(decisions, last), last, moved)


def decisions_of(session: Unit, some: ColumnElement[bool]) -> Mapping[UUID, list[Decision]]:
    """Project id → its decisions in order, those that `some` keeps, as rows with what a course needs. One query."""
    query = (
        select(
            col(Decision.project_id), col(Decision.serial), col(Decision.move), col(Decision.gate),
            col(Decision.verdict), col(Decision.source), col(Decision.target), col(Decision.at),
        )
        .where(some)
        .order_by(col(Decision.project_id), col(Decision.serial))
    )  # fmt: skip
    found: dict[UUID, list[Decision]] = {}
    # A row reads like a decision and is never written; ten thousand projects have too many to make records of each.
    for row in session.execute(query):
        found.setdefault(row.project_id, []).append(cast(Decision, row))
    return found
