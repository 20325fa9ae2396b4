"""What a gate is judged on, and what may be decided now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.records import RECORDS
from portal.models import Decision, Issue, Membership, Project
from portal.records.queries import binder_of
from portal.rights import Asker
from portal.stages import (
    GATES,
    Course,
    Function,
    Gate,
    Lack,
    Move,
    Said,
    Standing,
    fold,
    lacks,
    next_gate,
    open_moves,
    refusals,
    target,
)
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Choice:
    """A move the reader could make here, where it leads, and every reason why not yet (besides what they would say)."""

    move: Move
    leads_to: str
    why_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A gate with how it stands: passed (by which decision), ahead, or here."""

    gate: Gate
    state: str  # "passed", "here", "ahead"
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The whole gate sheet: standing, gates in order, what is missing for the one ahead, choices, decisions."""

    standing: Standing
    gate: Gate | None
    passages: tuple[Passage, ...]
    missing: tuple[Lack, ...]
    choices: tuple[Choice, ...]
    decisions: tuple[Decision, ...]

    @property
    def by_kind(self) -> tuple[tuple[str, tuple[Lack, ...]], ...]:
        """(what records of a kind are called, what is missing of them), in the order of the editor's menu."""
        kinds = dict.fromkeys(lack.kind for lack in self.missing)
        ordered = sorted(kinds, key=list(RECORDS).index)
        return tuple((RECORDS[k].called[1], tuple(x for x in self.missing if x.kind == k)) for k in ordered)

    @property
    def owned(self) -> int:
        """How many of the missing things have somebody who owes the answer."""
        return sum(1 for lack in self.missing if lack.owner)


def decided(session: Unit, project: UUID) -> list[Decision]:
    """The decisions of a project in the order they were made."""
    query = select(Decision).where(col(Decision.project_id) == project).order_by(col(Decision.serial))
    return list(session.scalars(query))


def standing(session: Unit, project: Project, decisions: Sequence[Decision]) -> Standing:
    """What a move of `project` is judged on now."""
    members = session.execute(
        select(col(Membership.person_id), col(Membership.function)).where(col(Membership.project_id) == project.id)
    )
    issued = session.scalars(select(col(Issue.outline)).where(col(Issue.project_id) == project.id).distinct())
    functions = frozenset((person, Function(function)) for person, function in members)
    return Standing(fold(decisions), binder_of(session, project), functions, frozenset(issued))


# What a decider would say: with it, only what the project itself lacks is a reason why not.
SAYING = Said("because", "if", "Report of 1 Jan 2026")


def sheet(session: Unit, who: Asker, project: Project) -> Sheet:
    """The gate sheet of `project` as `who` meets it."""
    decisions = decided(session, project.id)
    judged = standing(session, project, decisions)
    gate = next_gate(judged.course)
    missing = lacks(judged.binder, gate.due) if gate and gate.due else ()
    choices = tuple(
        Choice(move, _leads_to(move, judged.course), refusals(move, replace(judged, said=SAYING), who.roles))
        for move in open_moves(judged.course.stage, who.roles)
        if not move.gate or gate is None or move.gate == gate.id
    )
    return Sheet(judged, gate, _passages(judged.course, gate, decisions), missing, choices, tuple(decisions[::-1]))


def _leads_to(move: Move, course: Course) -> str:
    try:
        return target(move, course).label
    except LookupError:
        return ""


def _passages(course: Course, here: Gate | None, decisions: Sequence[Decision]) -> tuple[Passage, ...]:
    last = {d.gate: d for d in decisions if d.gate}
    made = []
    for gate in GATES.values():
        state = "passed" if gate.id in course.passed else "here" if here is not None and gate.id == here.id else "ahead"
        made.append(Passage(gate, state, last.get(gate.id)))
    return tuple(made)
