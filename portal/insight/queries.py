"""Questions about all the projects that somebody may see: how they flow, how long stages take, which gates come.

Every answer rests on visible projects only, and takes a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from statistics import median
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col

from dossiers.stage import ROAD, Stage
from portal.courses import Went, went
from portal.gates.rules import in_force
from portal.models import Project
from portal.pace import Stay, allowances, stage_weeks
from portal.rights import Asker, visible_to
from portal.rulebook import Rulebook
from portal.stages import Gate
from portal.trail import Unit

MOST = 50  # lines of a table; the rest is counted


@dataclass(frozen=True)
class Walk:
    """The visible projects by key, with how each went and its stays until now, the rulebook, and the moment."""

    projects: Sequence[Project]
    went: Mapping[UUID, Went]
    stays: Mapping[UUID, Sequence[Stay]]
    book: Rulebook
    now: datetime

    @cached_property
    def weeks(self) -> Mapping[str, int]:
        """Id of a gate → weeks from entering its stage to it, by the rulebook."""
        return allowances(self.book)

    @cached_property
    def at_stage(self) -> Mapping[Stage, Sequence[tuple[UUID, Stay]]]:
        """Stage of the road → the stays there, each with its project."""
        found: dict[Stage, list[tuple[UUID, Stay]]] = {stage: [] for stage in ROAD}
        for project, stay in chain.from_iterable(((p, s) for s in those) for p, those in self.stays.items()):
            found[stay.stage].append((project, stay))
        return found


def visible(session: Unit, who: Asker) -> list[Project]:
    """The projects that `who` may see, by key, as `rows`. One query."""
    return rows(session, lambda query: query.where(visible_to(who)).order_by(col(Project.key)))


def rows(session: Unit, asked: Callable[[Select[Any]], Select[Any]]) -> list[Project]:
    """Projects as rows that read like them: what `asked` makes of the query of all. One query.

    A row is never written; ten thousand projects are too many to make records of each.
    """
    columns = (Project.id, Project.key, Project.title, Project.stage, Project.confidential, Project.invented)
    every: Select[Any] = select(*map(col, columns))  # type: ignore[assignment]
    return [cast(Project, row) for row in session.execute(asked(every))]


def walk(session: Unit, who: Asker, now: datetime) -> Walk:
    """What `who` may see of how projects went. Four queries."""
    projects = visible(session, who)
    found = went(session, visible_to(who))
    return Walk(projects, found, {p: one.stays(now) for p, one in found.items()}, in_force(session), now)


# ---------------------------------------------------------------- funnel


@dataclass(frozen=True, slots=True)
class Passage:
    """How projects went through a stage of the road; `entered` is the sum of the others.

    A project that comes back to a stage enters it again. `stopped` and `held` are those that stand so now.
    """

    stage: Stage
    entered: int
    onward: int
    back: int
    stopped: int
    held: int
    here: int


def funnel(seen: Walk) -> tuple[Passage, ...]:
    """The passages through the stages of the road, in their order."""
    standing = {p.id: p.stage for p in seen.projects}
    found = []
    for n, (stage, at) in enumerate(seen.at_stage.items()):
        left = [ROAD.index(s.left_to) for _, s in at if s.left_to is not None]
        open_ = [standing[project] for project, s in at if s.left_to is None]
        onward, stopped, held = sum(to > n for to in left), open_.count(Stage.STOPPED), open_.count(Stage.ON_HOLD)
        here = len(open_) - stopped - held
        found.append(Passage(stage, len(at), onward, len(left) - onward, stopped, held, here))
    return tuple(found)


# ---------------------------------------------------------------- time in stage


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a stage took, in days: median and range of the finished stays (None: none is finished).

    `waiting`: projects that are there now, with the median of their days so far. `weeks`: what the rulebook gives.
    """

    stage: Stage
    finished: int
    median: float | None
    shortest: float | None
    longest: float | None
    waiting: int
    so_far: float | None
    weeks: int | None


def paces(seen: Walk) -> tuple[Pace, ...]:
    """How long each stage of the road took, but for the last, which has no end."""
    standing = {p.id: p.stage for p in seen.projects}
    found = []
    for stage, at in list(seen.at_stage.items())[:-1]:
        days = sorted(s.days for _, s in at if s.is_finished)
        open_ = [s.days for project, s in at if s.left_to is None and standing[project] == stage]
        found.append(
            Pace(
                stage,
                len(days),
                median(days) if days else None,
                days[0] if days else None,
                days[-1] if days else None,
                len(open_),
                median(open_) if open_ else None,
                stage_weeks(seen.book, stage),
            )
        )
    return tuple(found)


# ---------------------------------------------------------------- gates ahead


@dataclass(frozen=True, slots=True)
class Ahead:
    """A project with the gate ahead of it and the day it is expected there by the rulebook's weeks."""

    project: Project
    gate: Gate
    expected: date
    is_overdue: bool


def ahead(seen: Walk) -> tuple[Ahead, ...]:
    """The gates ahead, the earliest first: expected when the rulebook's weeks there, without time on hold, end."""
    found, weeks = [], seen.weeks
    for project in seen.projects:
        one = seen.went.get(project.id)
        if one is not None and one.gate is not None and one.gate.id in weeks:
            left = timedelta(weeks=weeks[one.gate.id], days=-seen.stays[project.id][-1].days)
            found.append(Ahead(project, one.gate, (seen.now + left).date(), left < timedelta()))
    return tuple(sorted(found, key=lambda one: (one.expected, one.project.key)))


def months(gates: Sequence[Ahead], today: date, number: int = 12) -> tuple[tuple[str, Mapping[str, int]], ...]:
    """(what the column is called, gate id → how many): overdue, then `number` months from this one on, then later."""
    begin = [date(today.year + (today.month - 1 + n) // 12, (today.month - 1 + n) % 12 + 1, 1) for n in range(number)]
    columns: list[tuple[str, dict[str, int]]] = [("overdue", {})]
    columns += [(f"{day:%b %Y}" if n == 0 or day.month == 1 else f"{day:%b}", {}) for n, day in enumerate(begin)]
    columns.append(("later", {}))
    for one in gates:
        apart = (one.expected.year - today.year) * 12 + one.expected.month - today.month
        place = 0 if one.is_overdue else min(apart, number) + 1
        counts = columns[place][1]
        counts[one.gate.id] = counts.get(one.gate.id, 0) + 1
    return tuple(columns)
