"""Roles, gates and moves, as tables; and the one function that says why a move may not be made now.

A need looks at evidence in the binder, at decisions and at what the decider says, never at a tick. Gates and their
chairs follow the reference stage gates G0–G7 of the programme (2026-11-23; own proposal, to be confirmed by the
steering committee). Where a gate asks for what is not kept as facts, a named and dated document is the evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dossiers.stage import ROAD, Stage
from portal.models import Decision
from portal.needs import (
    HELD,
    Course,
    Lack,
    Need,
    Said,
    Standing,
    after,
    complete,
    conditions_given,
    document_named,
    evidence_shown,
    issued,
    lacks,
    may_try_again,
    must_be_met,
    not_yet,
    owed,
    reason_given,
    tandem_confirmed,
    tandem_named,
    unbiased,
)
from portal.roles import Function, Role, Verdict

__all__ = [
    "DUE", "GATES", "HELD", "MOVES", "PROPOSING", "TAKEN_IN", "TANDEM", "Course", "Function", "Gate", "Lack", "Move",
    "Role", "Said", "Standing", "Verdict", "fold", "lacks", "move", "next_gate", "open_moves", "refusals", "target",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gate:
    """A question the programme asks of a project: when, and who chairs."""

    id: str
    name: str
    question: str
    at: Stage
    chair: Role

    @property
    def due(self) -> Stage | None:
        """The stage by which facts must be known here; None where the gate asks for documents only."""
        return DUE.get(self.id)


_QUESTIONS = (
    Gate("G0", "Intake", "Is this an advanced therapy question we should look at?", Stage.PROPOSED, Role.INVESTMENT),
    Gate("G1", "Feasibility", "Do we take it into the portfolio?", Stage.FEASIBILITY, Role.INVESTMENT),
    Gate("G2", "Candidate", "Is this the product to bring to patients?", Stage.FEASIBILITY, Role.INVESTMENT),
    Gate("G3", "Transfer start", "Is the process ready to move into GMP?", Stage.FEASIBILITY, Role.GMP),
    Gate("G4", "GMP readiness", "Can we make the product and release it?", Stage.TRANSFER, Role.QUALITY),
    Gate("G5", "Submission", "Is the file complete and consistent?", Stage.DOSSIER, Role.REGULATORY),
    Gate("G6", "Start of the trial", "May the first person be treated?", Stage.SUBMITTED, Role.REGULATORY),
    Gate("G7", "After the trial", "What is the result worth?", Stage.RUNNING, Role.INVESTMENT),
)
GATES: Mapping[str, Gate] = {gate.id: gate for gate in _QUESTIONS}

# By which stage facts must be known at a gate. G6 and G7 ask for documents only.
DUE: Mapping[str, Stage] = {
    "G0": Stage.PROPOSED, "G1": Stage.PROPOSED, "G2": Stage.FEASIBILITY, "G3": Stage.FEASIBILITY,
    "G4": Stage.TRANSFER, "G5": Stage.DOSSIER,
}  # fmt: skip

# ---------------------------------------------------------------- moves

TAKEN_IN = "take in"  # how a project begins that comes from a project file; a decision without a source
PROPOSING = "propose"  # how a project begins that a researcher proposes


@dataclass(frozen=True, slots=True)
class Move:
    """A permitted step. A target of None leads back to where the project was held or stopped from."""

    name: str
    source: frozenset[Stage]
    target: Stage | None
    by: frozenset[Role]
    needs: tuple[Need, ...] = ()
    gate: str = ""
    verdict: Verdict | None = None


TANDEM = frozenset({Role.RESEARCHER, Role.CLINICIAN})  # those who carry an idea
_INVEST, _GMP, _QP, _REG = (frozenset({role}) for role in (Role.INVESTMENT, Role.GMP, Role.QUALITY, Role.REGULATORY))

_I, _P, _F, _T, _D, _S, _R = (frozenset({stage}) for stage in ROAD[:-1])
_UNDER_WAY = _P | _F | _T | _D | _S | _R
_HELD, _STOPPED = frozenset({Stage.ON_HOLD}), frozenset({Stage.STOPPED})

_WHY = (reason_given,)
_BACK = (unbiased, may_try_again, reason_given)
_JUDGED = (unbiased, must_be_met, evidence_shown, reason_given)
_TERMS = (unbiased, must_be_met, reason_given, conditions_given)
_SHOWN = (*_JUDGED[:-1], document_named, reason_given)
_IMPD = issued("impd-q", "IMPD quality part")
_OPEN_1, _OPEN_2 = not_yet("G1"), (after("G1"), not_yet("G2"))
_PROPOSAL = (complete(Stage.PROPOSED), tandem_named)
_KNOWN_P, _KNOWN_F, _KNOWN_T, _KNOWN_D = (complete(stage) for stage in ROAD[1:5])
_OWED_P, _OWED_F, _OWED_T, _OWED_D = (owed(stage) for stage in ROAD[1:5])

_GO, _IF, _NO, _AGAIN = Verdict.GO, Verdict.CONDITIONAL, Verdict.REVISE, Verdict.RECYCLE

MOVES: tuple[Move, ...] = (
    Move("submit", _I, Stage.PROPOSED, TANDEM, (*_PROPOSAL, tandem_confirmed)),
    Move("withdraw", _P, Stage.IDEA, TANDEM, _WHY),
    Move("admit", _P, Stage.FEASIBILITY, _INVEST, (*_PROPOSAL, *_JUDGED), "G0", _GO),
    Move("return", _P, Stage.IDEA, _INVEST, (unbiased, reason_given), "G0", _NO),
    Move("adopt", _F, Stage.FEASIBILITY, _INVEST, (_OPEN_1, _KNOWN_P, *_JUDGED), "G1", _GO),
    Move("adopt with conditions", _F, Stage.FEASIBILITY, _INVEST, (_OPEN_1, _OWED_P, *_TERMS), "G1", _IF),
    Move("rework feasibility", _F, Stage.FEASIBILITY, _INVEST, _BACK, "G1", _AGAIN),
    Move("choose", _F, Stage.FEASIBILITY, _INVEST, (*_OPEN_2, _KNOWN_F, *_JUDGED), "G2", _GO),
    Move("choose with conditions", _F, Stage.FEASIBILITY, _INVEST, (*_OPEN_2, _OWED_F, *_TERMS), "G2", _IF),
    Move("rework candidate", _F, Stage.FEASIBILITY, _INVEST, (after("G1"), *_BACK), "G2", _AGAIN),
    Move("start transfer", _F, Stage.TRANSFER, _GMP, (after("G2"), _KNOWN_F, *_JUDGED), "G3", _GO),
    Move("start transfer with conditions", _F, Stage.TRANSFER, _GMP, (after("G2"), _OWED_F, *_TERMS), "G3", _IF),
    Move("rework design", _F, Stage.FEASIBILITY, _GMP, (after("G2"), *_BACK), "G3", _AGAIN),
    Move("hand over", _T, Stage.DOSSIER, _QP, (_KNOWN_T, *_JUDGED), "G4", _GO),
    Move("hand over with conditions", _T, Stage.DOSSIER, _QP, (_OWED_T, *_TERMS), "G4", _IF),
    Move("rework transfer", _T, Stage.TRANSFER, _QP, _BACK, "G4", _AGAIN),
    Move("file", _D, Stage.SUBMITTED, _REG, (_KNOWN_D, _IMPD, *_JUDGED), "G5", _GO),
    Move("file with conditions", _D, Stage.SUBMITTED, _REG, (_OWED_D, _IMPD, *_TERMS), "G5", _IF),
    Move("rework dossier", _D, Stage.DOSSIER, _REG, _BACK, "G5", _AGAIN),
    Move("start trial", _S, Stage.RUNNING, _REG, _SHOWN, "G6", _GO),
    Move("close", _R, Stage.CLOSED, _INVEST, _SHOWN, "G7", _GO),
    Move("hold", _UNDER_WAY, Stage.ON_HOLD, _INVEST, _WHY, "", Verdict.HOLD),
    Move("resume", _HELD, None, _INVEST, _WHY),
    Move("stop", _UNDER_WAY | _HELD, Stage.STOPPED, _INVEST, _WHY, "", Verdict.STOP),
    Move("reopen", _STOPPED, None, _INVEST, _WHY),
)


def move(name: str) -> Move:
    """The move of this name. Raises `LookupError`."""
    found = next((m for m in MOVES if m.name == name), None)
    if found is None:
        raise LookupError(f"There is no move “{name}”.")
    return found


def open_moves(stage: Stage, roles: Iterable[Role]) -> tuple[Move, ...]:
    """The moves that a holder of `roles` could make from `stage` if their needs were met, in the order of the table."""
    held = frozenset(roles)
    return tuple(m for m in MOVES if stage in m.source and m.by & held)


def refusals(made: Move, standing: Standing, roles: Iterable[Role]) -> tuple[str, ...]:
    """Every reason why `made` may not be made now; none means it may. Buttons, guards and tests all ask here."""
    stage, held = standing.course.stage, frozenset(roles)
    reasons = []
    if stage not in made.source:
        reasons.append(f"A project in the stage {stage.label} cannot take the step “{made.name}”.")
    if not made.by & held:
        reasons.append(f"Only {' or '.join(sorted(role.label for role in made.by))} may take the step “{made.name}”.")
    if stage in made.source:
        reasons += [reason for need in made.needs if (reason := need(standing))]
    return tuple(reasons)


def target(made: Move, course: Course) -> Stage:
    """The stage `made` leads to from `course`. Raises `LookupError` for a way back that leads nowhere."""
    found = made.target or course.before
    if found is None:
        raise LookupError("The project was never held or stopped, so there is no stage to go back to.")
    return found


_ORDER = tuple(GATES)


def fold(decisions: Iterable[Decision]) -> Course:
    """What the decisions (in the order of their serials) come to. `project.stage` must equal the stage it gives."""
    course = Course()
    for decision in decisions:
        course = _step(course, decision)
    return course


def _step(course: Course, decision: Decision) -> Course:
    stage, passed, before = Stage(decision.target), course.passed, course.before
    if stage not in ROAD:
        # Held and then stopped: the way back leads to the stage of the road.
        before = course.stage if course.stage in ROAD else before
    if not decision.source:  # taken in at a later stage: earlier gates lie behind it
        passed = frozenset(g.id for g in GATES.values() if stage in ROAD[ROAD.index(g.at) + 1 :])
    elif decision.gate and Verdict(decision.verdict).passes:
        passed |= {decision.gate}
    elif decision.gate:
        passed -= set(_ORDER[_ORDER.index(decision.gate) :])
    return Course(stage, passed, before)


def next_gate(course: Course) -> Gate | None:
    """The first gate of the present stage that is not passed; None where none is waiting."""
    return next((g for g in GATES.values() if g.at is course.stage and g.id not in course.passed), None)
