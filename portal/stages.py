"""Roles, gates and moves, as tables; and the one function that says why a move may not be made now.

A need looks at evidence in the binder, at decisions and at what the decider says, never at a tick. Gates and their
chairs follow the reference stage gates G0–G7 of the programme (2026-11-23; own proposal, to be confirmed by the
steering committee). Where a gate asks for what is not kept as facts, a named and dated document is the evidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from dossiers.binder import Binder
from dossiers.facts import Fact
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.stage import ROAD, Stage, so_far
from portal.models import Decision


class Role(StrEnum):
    """What an account may do at all; kept as its value."""

    RESEARCHER = "researcher"
    CLINICIAN = "clinician"
    INVESTMENT = "investment_manager"
    REVIEWER = "reviewer"
    GMP = "gmp_lead"
    QUALITY = "quality"
    REGULATORY = "regulatory"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The role as a reader meets it: "quality (QP)"."""
        return {"gmp_lead": "GMP lead", "quality": "quality (QP)"}.get(self.value, self.value.replace("_", " "))


class Function(StrEnum):
    """What a person does within one project. The first two are the tandem."""

    INVESTIGATOR = "principal_investigator"
    CLINICAL_LEAD = "clinical_lead"
    PROCESS = "process_development"
    PRODUCTION = "gmp_production"
    QUALITY_CONTROL = "quality_control"
    QUALITY_ASSURANCE = "quality_assurance"
    QUALIFIED_PERSON = "qualified_person"
    REGULATORY = "regulatory_affairs"
    TRANSFER_OFFICE = "technology_transfer"
    REVIEWER = "reviewer"
    MEMBER = "team_member"

    @property
    def label(self) -> str:
        """The function as a reader meets it: "principal investigator"."""
        return self.value.replace("_", " ").replace("gmp", "GMP")


class Verdict(StrEnum):
    """What a gate may say. `revise` is what the reference calls recycle."""

    GO = "go"
    CONDITIONAL = "conditional_go"
    REVISE = "revise"

    @property
    def label(self) -> str:
        """The verdict as a reader meets it: "conditional go"."""
        return self.value.replace("_", " ")

    @property
    def passes(self) -> bool:
        """Whether the project gets through the gate."""
        return self in (Verdict.GO, Verdict.CONDITIONAL)


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

# Kinds of record of which a project holds at least one by a stage; an empty binder has no empty facts.
HELD: Mapping[Stage, tuple[str, ...]] = {
    Stage.PROPOSED: ("proposal",),
    Stage.FEASIBILITY: ("product",),
    Stage.TRANSFER: ("active_substance", "site", "material", "process", "process_step"),
    Stage.DOSSIER: ("trial", "specification", "spec_test", "batch", "test_result", "container", "stability_study"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the person who makes a move says with it."""

    reasons: str = ""
    conditions: str = ""
    evidence: str = ""  # title and date of the document that shows it


@dataclass(frozen=True, slots=True)
class Course:
    """What the decisions of a project come to: its stage, the gates that count as passed, where it was held from."""

    stage: Stage = Stage.IDEA
    passed: frozenset[str] = frozenset()
    before: Stage | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a move is judged on: the course so far, the facts, who works on it, what went out, what is said."""

    course: Course
    binder: Binder
    functions: frozenset[tuple[UUID, Function]] = frozenset()  # (person, function)
    issued: frozenset[str] = frozenset()  # outlines of which an issue went out
    said: Said = field(default_factory=Said)


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing the binder should hold and does not: an empty fact of a record, or a kind without a record."""

    kind: str
    record: Record | None = None
    fact: Fact | None = None
    owner: str = ""  # who owes the answer, where somebody said so

    @property
    def sentence(self) -> str:
        """The lack as a list shows it: "Batch ARI0001/01: Manufactured"."""
        called = RECORDS[self.kind].called[0]
        if self.record is None or self.fact is None:
            return f"{called}: none yet"
        return f"{called} {self.record.named()}: {self.fact.label}"


def lacks(binder: Binder, stage: Stage) -> tuple[Lack, ...]:
    """What `binder` should hold by `stage` and does not, kinds without a record first."""
    # The proposal is asked for when the idea is proposed; a project taken in later has none.
    stages = (s for s in HELD if s in so_far(stage) and (s is not Stage.PROPOSED or stage is s))
    kinds = tuple(Lack(kind) for s in stages for kind in HELD[s] if not binder.all(kind))
    facts = (Lack(r.kind(), r, f, (r.absent or {}).get(f.name, {}).get("owner", "")) for r, f in binder.gaps(stage))
    return kinds + tuple(facts)


# ---------------------------------------------------------------- needs

Need = Callable[[Standing], "str | None"]


def complete(stage: Stage) -> Need:
    """A need: everything due by `stage` is known, or its absence has a reason that closes the question."""

    def need(standing: Standing) -> str | None:
        open_ = lacks(standing.binder, stage)
        return f"Due by the stage {stage.label}, and still empty: {_few(open_)}." if open_ else None

    return need


def owed(stage: Stage) -> Need:
    """A need: whatever due by `stage` is not known yet says why and who owes the answer."""

    def need(standing: Standing) -> str | None:
        open_ = tuple(lack for lack in lacks(standing.binder, stage) if not lack.owner)
        return f"Empty, and nobody is named who owes the answer: {_few(open_)}." if open_ else None

    return need


def _few(open_: tuple[Lack, ...], shown: int = 3) -> str:
    rest = len(open_) - shown
    return "; ".join(lack.sentence for lack in open_[:shown]) + (f"; and {rest} more" if rest > 0 else "")


def tandem_named(standing: Standing) -> str | None:
    """A clinician and a basic researcher stand behind the idea, as two people."""
    named = {function for _, function in standing.functions}
    absent = [function for function in (Function.INVESTIGATOR, Function.CLINICAL_LEAD) if function not in named]
    if not absent:
        return None
    who = " or ".join(function.label for function in absent)
    return f"The tandem is not complete: nobody is named as {who}. Add one under People of this project."


def reason_given(standing: Standing) -> str | None:
    """Somebody wrote why."""
    return None if standing.said.reasons.strip() else "Say why: the reason is kept with the decision."


def conditions_given(standing: Standing) -> str | None:
    """A conditional verdict says its conditions."""
    return None if standing.said.conditions.strip() else "A conditional verdict states its conditions."


def document_named(standing: Standing) -> str | None:
    """The document that shows it is named with its date."""
    said = standing.said.evidence
    dated = any(char.isdigit() for char in said)
    return None if len(said.strip()) >= 8 and dated else "Name the document that shows it, with its date."


def after(gate: str) -> Need:
    """A need: the gate before was passed."""
    return lambda standing: (
        None if gate in standing.course.passed else f"Gate {gate} comes first; it was not passed yet."
    )


def not_yet(gate: str) -> Need:
    """A need: the gate is still open."""
    return lambda standing: f"Gate {gate} was passed already." if gate in standing.course.passed else None


def issued(outline: str, called: str) -> Need:
    """A need: the document went out at least once."""
    return lambda standing: (
        None if outline in standing.issued else f"No {called} was issued yet; issue it under Documents."
    )


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
_TERMS = (reason_given, conditions_given)
_SHOWN = (document_named, reason_given)
_IMPD = issued("impd-q", "IMPD quality part")
_OPEN_1, _OPEN_2 = not_yet("G1"), (after("G1"), not_yet("G2"))
_PROPOSAL = (complete(Stage.PROPOSED), tandem_named)
_KNOWN_P, _KNOWN_F, _KNOWN_T, _KNOWN_D = (complete(stage) for stage in ROAD[1:5])
_OWED_P, _OWED_F, _OWED_T, _OWED_D = (owed(stage) for stage in ROAD[1:5])

_GO, _IF, _NO = Verdict.GO, Verdict.CONDITIONAL, Verdict.REVISE

MOVES: tuple[Move, ...] = (
    Move("submit", _I, Stage.PROPOSED, TANDEM, _PROPOSAL),
    Move("withdraw", _P, Stage.IDEA, TANDEM, _WHY),
    Move("admit", _P, Stage.FEASIBILITY, _INVEST, (*_PROPOSAL, *_WHY), "G0", _GO),
    Move("return", _P, Stage.IDEA, _INVEST, _WHY, "G0", _NO),
    Move("adopt", _F, Stage.FEASIBILITY, _INVEST, (_OPEN_1, _KNOWN_P, *_WHY), "G1", _GO),
    Move("adopt with conditions", _F, Stage.FEASIBILITY, _INVEST, (_OPEN_1, _OWED_P, *_TERMS), "G1", _IF),
    Move("rework feasibility", _F, Stage.FEASIBILITY, _INVEST, _WHY, "G1", _NO),
    Move("choose", _F, Stage.FEASIBILITY, _INVEST, (*_OPEN_2, _KNOWN_F, *_WHY), "G2", _GO),
    Move("choose with conditions", _F, Stage.FEASIBILITY, _INVEST, (*_OPEN_2, _OWED_F, *_TERMS), "G2", _IF),
    Move("rework candidate", _F, Stage.FEASIBILITY, _INVEST, (after("G1"), *_WHY), "G2", _NO),
    Move("start transfer", _F, Stage.TRANSFER, _GMP, (after("G2"), _KNOWN_F, *_WHY), "G3", _GO),
    Move("start transfer with conditions", _F, Stage.TRANSFER, _GMP, (after("G2"), _OWED_F, *_TERMS), "G3", _IF),
    Move("rework design", _F, Stage.FEASIBILITY, _GMP, (after("G2"), *_WHY), "G3", _NO),
    Move("hand over", _T, Stage.DOSSIER, _QP, (_KNOWN_T, *_WHY), "G4", _GO),
    Move("hand over with conditions", _T, Stage.DOSSIER, _QP, (_OWED_T, *_TERMS), "G4", _IF),
    Move("rework transfer", _T, Stage.TRANSFER, _QP, _WHY, "G4", _NO),
    Move("file", _D, Stage.SUBMITTED, _REG, (_KNOWN_D, _IMPD, *_WHY), "G5", _GO),
    Move("file with conditions", _D, Stage.SUBMITTED, _REG, (_OWED_D, _IMPD, *_TERMS), "G5", _IF),
    Move("rework dossier", _D, Stage.DOSSIER, _REG, _WHY, "G5", _NO),
    Move("start trial", _S, Stage.RUNNING, _REG, _SHOWN, "G6", _GO),
    Move("close", _R, Stage.CLOSED, _INVEST, _SHOWN, "G7", _GO),
    Move("hold", _UNDER_WAY, Stage.ON_HOLD, _INVEST, _WHY),
    Move("resume", _HELD, None, _INVEST, _WHY),
    Move("stop", _UNDER_WAY | _HELD, Stage.STOPPED, _INVEST, _WHY),
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
