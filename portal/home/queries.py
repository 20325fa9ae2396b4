"""What waits for a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.stage import Stage
from portal.models import Change, Decision, Project
from portal.programme import SEALED
from portal.records.queries import binders_of
from portal.rights import Asker, Right, decided_by, may, visible_to
from portal.stages import GATES, Course, Gate, Lack, Move, fold, lacks, next_gate, open_moves
from portal.trail import Unit

SHOWN_GAPS, SHOWN_CHANGES, SHOWN_PROJECTS, SHOWN_WAITING = 6, 12, 12, 50


@dataclass(frozen=True, slots=True)
class Mine:
    """A project somebody works on: where it stands, what comes next, what is still missing for it."""

    project: Project
    course: Course
    gate: Gate | None
    missing: tuple[Lack, ...]
    may_fill: bool
    last: Decision | None  # the last thing decided about it


@dataclass(frozen=True, slots=True)
class Waiting:
    """A gate that waits for a decision of somebody in this role."""

    project: Project
    gate: Gate


@dataclass(frozen=True, slots=True)
class Waits:
    """The first of the gates that wait for somebody, the project that is longest at its stage first; `total` of all."""

    first: tuple[Waiting, ...]
    total: int

    @property
    def left_out(self) -> int:
        """How many are not among the first."""
        return self.total - len(self.first)


def courses(session: Unit, projects: list[Project]) -> dict[object, list[Decision]]:
    """Project id → its decisions in order, in one query."""
    ids = [project.id for project in projects]
    found: dict[object, list[Decision]] = {key: [] for key in ids}
    for decision in session.scalars(
        select(Decision).where(col(Decision.project_id).in_(ids)).order_by(col(Decision.serial))
    ):
        found[decision.project_id].append(decision)
    return found


def mine(session: Unit, who: Asker) -> list[Mine]:
    """The projects `who` works on, the newest first; at most a page of them."""
    query = (
        select(Project)
        .where(col(Project.id).in_(who.member_of), visible_to(who))
        .order_by(col(Project.created_at).desc())
        .limit(SHOWN_PROJECTS)
    )
    projects = list(session.scalars(query))
    decided, binders = courses(session, projects), binders_of(session, projects)
    return [_mine(who, project, decided[project.id], binders[project.id]) for project in projects]


def _mine(who: Asker, project: Project, decisions: list[Decision], binder: Binder) -> Mine:
    course = fold(decisions)
    gate = next_gate(course)
    missing = lacks(binder, _due(project, gate))
    fills = may(who, Right.EDIT_FACTS, project) or may(who, Right.EDIT_PROPOSAL, project)
    return Mine(project, course, gate, missing, fills, decisions[-1] if decisions else None)


def _due(project: Project, gate: Gate | None) -> Stage:
    """The stage whose facts the project owes next: an idea owes what is asked when it is submitted."""
    if project.standing_at is Stage.IDEA:
        return Stage.PROPOSED
    return gate.due if gate and gate.due else project.standing_at


def waiting(session: Unit, who: Asker) -> Waits:
    """The gates at which `who` could decide. Two queries, however many projects there are."""
    gates = [gate.id for gate in GATES.values() if _decides(open_moves(gate.at, who.roles), gate)]
    mine = (decided_by(who), col(Project.gate).in_(gates))
    total = session.scalar(select(func.count()).select_from(Project).where(*mine)) or 0
    query = select(Project).where(*mine).order_by(col(Project.since), col(Project.key)).limit(SHOWN_WAITING)
    return Waits(tuple(Waiting(project, GATES[project.gate]) for project in session.scalars(query)), total)


def _decides(moves: tuple[Move, ...], gate: Gate) -> bool:
    return any(move.gate == gate.id for move in moves)


def changes(session: Unit, who: Asker) -> list[tuple[Change, Project]]:
    """The last changes by others in the projects `who` works on, newest first, one of each save and row."""
    query = (
        select(Change, Project)
        .join(Project, col(Project.id) == col(Change.project_id))
        .where(col(Change.project_id).in_(who.member_of), col(Change.who_id) != who.person.id, visible_to(who))
        .where(col(Change.kind).not_in(SEALED))
        .order_by(col(Change.id).desc())
        .limit(SHOWN_CHANGES * 20)
    )
    found: dict[object, tuple[Change, Project]] = {}
    for change, project in session.execute(query):
        found.setdefault((change.at, change.row), (change, project))
    return list(found.values())[:SHOWN_CHANGES]
