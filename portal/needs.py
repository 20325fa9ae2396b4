"""What a move is judged on, and the needs: each says why a move may not be made now, or nothing.

A need looks at evidence, at decisions and at what the decider says, never at a tick.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from dossiers.binder import Binder
from dossiers.facts import Fact
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.stage import Stage, so_far
from portal.roles import Function

# Kinds of record of which a project holds at least one by a stage; an empty binder has no empty facts.
HELD: Mapping[Stage, tuple[str, ...]] = {
    Stage.PROPOSED: ("proposal",),
    Stage.FEASIBILITY: ("product",),
    Stage.TRANSFER: ("active_substance", "site", "material", "process", "process_step"),
    Stage.DOSSIER: ("trial", "specification", "spec_test", "batch", "test_result", "container", "stability_study"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """A condition of a verdict: what is to be done, by the holders of which role, by which day."""

    text: str
    owner: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the person who makes a move says with it.

    `tied` are the ids of the sheet's lines that the reasons rest on; `tell` says whether the applicants are told.
    """

    reasons: str = ""
    conditions: str = ""
    evidence: str = ""  # title and date of the document that shows it
    terms: tuple[Term, ...] = ()
    tied: tuple[str, ...] = ()
    tell: bool = True


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
    unshown: tuple[str, ...] = ()  # lines of the gate's sheet that evidence does not show yet
    unmet: tuple[str, ...] = ()  # must-meet items that are not met, or not answered
    barred: str = ""  # why the person may not judge this project
    attempts_left: bool = True  # whether the gate may send the project back once more
    confirmed: frozenset[UUID] = frozenset()  # who confirmed the proposal as it stands now


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
    return _named(tuple(lack.sentence for lack in open_), shown)


def tandem_named(standing: Standing) -> str | None:
    """A clinician and a basic researcher stand behind the idea, as two people."""
    named = {function for _, function in standing.functions}
    absent = [function for function in (Function.INVESTIGATOR, Function.CLINICAL_LEAD) if function not in named]
    if not absent:
        return None
    who = " or ".join(function.label for function in absent)
    return f"The tandem is not complete: nobody is named as {who}. Add one under People of this project."


def tandem_confirmed(standing: Standing) -> str | None:
    """Both halves of the tandem confirmed the proposal as it stands; a change makes a confirmation fall."""
    holders = {
        f: {who for who, g in standing.functions if g is f} for f in (Function.INVESTIGATOR, Function.CLINICAL_LEAD)
    }
    waiting = [f.label for f, who in holders.items() if who and not who & standing.confirmed]
    return f"Not confirmed as it stands now by the {' and the '.join(waiting)}." if waiting else None


def reason_given(standing: Standing) -> str | None:
    """Somebody wrote why."""
    return None if standing.said.reasons.strip() else "Say why: the reason is kept with the decision."


def conditions_given(standing: Standing) -> str | None:
    """A conditional verdict says its conditions, each with who sees to it by which day."""
    said = standing.said
    if not said.terms:
        return None if said.conditions.strip() else "A conditional verdict states its conditions."
    loose = next((term for term in said.terms if not term.owner or term.due is None), None)
    return f"Say who sees to “{loose.text}”, and by which day." if loose else None


def document_named(standing: Standing) -> str | None:
    """The document that shows it is named with its date."""
    said = standing.said.evidence
    dated = any(char.isdigit() for char in said)
    return None if len(said.strip()) >= 8 and dated else "Name the document that shows it, with its date."


def evidence_shown(standing: Standing) -> str | None:
    """Every line of the gate's sheet is shown by evidence."""
    return f"Not shown by evidence yet: {_named(standing.unshown)}." if standing.unshown else None


def must_be_met(standing: Standing) -> str | None:
    """Every must-meet item is met."""
    return f"Not met, or not answered yet: {_named(standing.unmet)}." if standing.unmet else None


def unbiased(standing: Standing) -> str | None:
    """The person has no interest in the project."""
    return f"You may not judge this project. {standing.barred}" if standing.barred else None


def may_try_again(standing: Standing) -> str | None:
    """The gate has not sent the project back too often."""
    return None if standing.attempts_left else "It was sent back as often as the rulebook allows; hold or stop it."


def _named(lines: tuple[str, ...], shown: int = 4) -> str:
    rest = len(lines) - shown
    return "; ".join(lines[:shown]) + (f"; and {rest} more" if rest > 0 else "")


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
