"""The projects somebody may see as cards in columns: how long each has been there, what waits for whom, what is open.

The number of queries is the same for five projects and for thousands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import case, func, select, union_all
from sqlmodel import col

from dossiers.stage import Stage
from portal.conflicts import blind_among
from portal.courses import decisions_of
from portal.gates.rules import in_force
from portal.models import Decision, Person, Project
from portal.pace import age, allowance
from portal.programme import Review, Task
from portal.rights import Asker, Right, may, visible_to
from portal.rulebook import Rulebook
from portal.stages import TANDEM, Course, Gate, Role, fold, next_gate, open_moves, target
from portal.trail import Unit

MOST = 30  # cards of a column; the rest is counted


@dataclass(frozen=True, slots=True)
class Step:
    """A move that the reader may ask for, and the stage it leads to; `is_at_gate`: it answers the gate ahead."""

    name: str
    leads_to: Stage
    is_at_gate: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A project on the board: days at its stage, weeks that the rulebook gives (None: it says nothing), what waits."""

    project: Project
    gate: Gate | None
    days: int
    weeks: int | None
    waits: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def is_late(self) -> bool:
        """Whether it has been there for longer than the rulebook gives."""
        return self.weeks is not None and self.days > self.weeks * 7

    @property
    def verdict(self) -> Step | None:
        """The step that takes the project through the gate ahead, if the reader is one who may decide it."""
        return next((step for step in self.steps if step.is_at_gate), None)

    @property
    def by_stage(self) -> Mapping[Stage, str]:
        """Stage → the first step that leads there: what dropping the card in that column asks for."""
        found: dict[Stage, str] = {}
        for step in self.steps:
            if step.leads_to is not self.project.standing_at:
                found.setdefault(step.leads_to, step.name)
        return found


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with its cards, those longest there first; `total` counts those that are not shown too."""

    stage: Stage
    cards: tuple[Card, ...]
    total: int

    @property
    def left_out(self) -> int:
        """How many projects of the stage have no card."""
        return self.total - len(self.cards)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of all cards: decisions, waiting tasks and reviews by project, the rulebook, and the moment."""

    decisions: Mapping[UUID, Sequence[Decision]]
    tasks: Mapping[UUID, Sequence[str]]
    reviews: Mapping[UUID, int]
    book: Rulebook
    now: datetime


def board(session: Unit, who: Asker, now: datetime) -> tuple[Column, ...]:
    """The columns in the order of the stages, with the projects that `who` may see. A fixed number of queries."""
    counts = select(col(Project.stage), func.count()).where(visible_to(who)).group_by(col(Project.stage))
    totals = {Stage(stage): number for stage, number in session.execute(counts)}
    projects = _first(session, who)
    ids = [p.id for p in projects]
    open_to = [p.id for p in projects if may(who, Right.JUDGE, p)]
    blind = blind_among(session, who.person, open_to)
    seen = _Seen(
        decisions_of(session, col(Decision.project_id).in_(ids)),
        _tasks(session, ids, now.date()),
        _reviews(session, [uid for uid in open_to if uid not in blind]),
        in_force(session),
        now,
    )
    cards = [_card(who, project, seen) for project in projects]
    return tuple(
        Column(stage, tuple(c for c in cards if c.project.standing_at is stage), totals.get(stage, 0))
        for stage in Stage
    )


def _first(session: Unit, who: Asker) -> list[Project]:
    """The first projects of each stage, those longest there first: so many of each out of the index of the stages."""
    order = (col(Project.since), col(Project.key))
    first = (
        select(col(Project.id))
        .where(visible_to(who), col(Project.stage) == stage.value)
        .order_by(*order)
        .limit(MOST)
        .subquery()
        for stage in Stage
    )
    ids = union_all(*(select(stage.c.id) for stage in first))
    return list(session.scalars(select(Project).where(col(Project.id).in_(ids)).order_by(*order)))


def _tasks(session: Unit, projects: Sequence[UUID], today: date) -> dict[UUID, list[str]]:
    """Project id → who has how many tasks open, a line for each person or role."""
    owner, role = col(Person.name), col(Task.owner_role)
    late = func.sum(case((col(Task.due) < today, 1), else_=0))
    query = (
        select(col(Task.project_id), owner, role, func.count(), late)
        .join(Person, col(Person.id) == col(Task.owner_id), isouter=True)
        .where(col(Task.project_id).in_(projects), col(Task.done_at).is_(None))
        .group_by(col(Task.project_id), owner, role)
        .order_by(col(Task.project_id), owner, role)
    )
    found: dict[UUID, list[str]] = {}
    for project, name, of_role, number, overdue in session.execute(query):
        whom = name or (Role(of_role).label if of_role in tuple(Role) else "nobody named")
        said = f"{whom}: {number} {'task' if number == 1 else 'tasks'}" + (f", {overdue} overdue" if overdue else "")
        found.setdefault(project, []).append(said)
    return found


def _reviews(session: Unit, projects: Sequence[UUID]) -> dict[UUID, int]:
    """Project id → how many reviews were asked for and are not handed in."""
    query = (
        select(col(Review.project_id), func.count())
        .where(col(Review.project_id).in_(projects), col(Review.handed_in_at).is_(None), col(Review.declined) == "")
        .group_by(col(Review.project_id))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _card(who: Asker, project: Project, seen: _Seen) -> Card:
    decisions = seen.decisions.get(project.id, [])
    course = fold(decisions)
    gate = next_gate(course)
    waits = [*_waits(course, gate), *seen.tasks.get(project.id, ())]
    if number := seen.reviews.get(project.id):
        waits.append(f"reviewers: {number} {'review' if number == 1 else 'reviews'}")
    weeks = allowance(seen.book, course)
    return Card(project, gate, age(decisions, seen.now), weeks, tuple(waits), _steps(who, project, course, gate))


def _waits(course: Course, gate: Gate | None) -> list[str]:
    if gate is not None:
        return [f"{gate.chair.label}: decide {gate.id}, {gate.name}"]
    if course.stage is Stage.IDEA:
        return ["tandem: complete and submit the proposal"]
    return []


def _steps(who: Asker, project: Project, course: Course, gate: Gate | None) -> tuple[Step, ...]:
    found = []
    for made in open_moves(course.stage, who.roles):
        right = Right.SUBMIT if made.by <= TANDEM else Right.DECIDE
        back_to_nothing = made.target is None and course.before is None
        if back_to_nothing or (made.gate and gate and made.gate != gate.id) or not may(who, right, project):
            continue
        found.append(Step(made.name, target(made, course), bool(made.gate)))
    return tuple(found)
