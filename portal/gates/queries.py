"""What a gate is judged on, and what may be decided now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.records import RECORDS
from dossiers.stage import Stage
from portal.conflicts import conflicts, is_blind, owing
from portal.gates.lines import Asked, Line, asked, meeting
from portal.gates.rules import in_force
from portal.intake.queries import confirmed
from portal.models import Decision, Issue, Membership, Person, Project
from portal.programme import Evidence, Meeting
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
    """The whole gate sheet: standing, gates in order, what the one ahead asks, choices, decisions, the meeting.

    `blind`: the reader may not see reviewers or scores, or not yet (`owes`: their own review is open), so the sheet has
    no line that tells of them. `telling`: the ids of the lines that do, at all gates.
    """

    standing: Standing
    gate: Gate | None
    asked: Asked | None
    passages: tuple[Passage, ...]
    missing: tuple[Lack, ...]
    choices: tuple[Choice, ...]
    decisions: tuple[Decision, ...]
    meeting: Meeting | None
    blind: bool
    owes: bool
    telling: frozenset[str]

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that the reader may see."""
        found = self.asked.lines if self.asked else ()
        return tuple(x for x in found if not (self.blind and (x.kind == "scores" or x.id in self.telling)))

    def sealed(self, decision: Decision) -> list[dict[str, Any]]:
        """The lines of the sheet that a decision was made on, as far as the reader may see them."""
        return [x for x in decision.sheet or () if not (self.blind and x["id"] in self.telling)]

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


def standing(
    session: Unit, person: Person, project: Project, decisions: Sequence[Decision]
) -> tuple[Standing, Asked | None]:
    """What a move of `project` by `person` is judged on now, and what the gate ahead asks."""
    members = session.execute(
        select(col(Membership.person_id), col(Membership.function)).where(col(Membership.project_id) == project.id)
    )
    issued = session.scalars(select(col(Issue.outline)).where(col(Issue.project_id) == project.id).distinct())
    functions = frozenset((who, Function(function)) for who, function in members)
    judged = Standing(fold(decisions), binder_of(session, project), functions, frozenset(issued))
    if judged.course.stage is Stage.IDEA:
        judged = replace(judged, confirmed=confirmed(session, project))
    gate = next_gate(judged.course)
    found = asked(session, project, gate, judged.binder) if gate is not None else None
    if found is None:
        return judged, None
    barred = " ".join(conflicts(session, person, project))
    left = found.attempt <= found.book.attempts
    return replace(judged, unshown=found.unshown, unmet=found.unmet, barred=barred, attempts_left=left), found


# What a decider would say: with it, only what the project itself lacks is a reason why not.
SAYING = Said("because", "if", "Report of 1 Jan 2026")


def sheet(session: Unit, who: Asker, project: Project) -> Sheet:
    """The gate sheet of `project` as `who` meets it."""
    decisions = decided(session, project.id)
    judged, found = standing(session, who.person, project, decisions)
    gate = found.gate if found else None
    owes = project.id in owing(session, who.person)
    blind = owes or is_blind(session, who.person, project)
    book = found.book if found else in_force(session)
    tell = frozenset(m.id for rules in book.gates.values() for m in rules.must_meet if m.scores)
    missing = lacks(judged.binder, gate.due) if gate and gate.due else ()
    telling = replace(judged, said=SAYING)
    if blind:  # a reason that tells of scores is none that the reader may read
        telling = replace(telling, unshown=(), unmet=())
    choices = tuple(
        Choice(move, _leads_to(move, judged.course), refusals(move, telling, who.roles))
        for move in open_moves(judged.course.stage, who.roles)
        if not move.gate or gate is None or move.gate == gate.id
    )
    held = meeting(session, project.id, gate.id, found.attempt) if gate and found else None
    passages = _passages(judged.course, gate, decisions)
    return Sheet(
        judged, gate, found, passages, missing, choices, tuple(decisions[::-1]), held, blind, owes, tell
    )  # fmt: skip


def evidence(session: Unit, project: Project, uid: UUID) -> Evidence:
    """One attached document. Raises `LookupError`."""
    found = session.get(Evidence, uid)
    if found is None or found.project_id != project.id:
        raise LookupError("This document is not there.")
    return found


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
