"""Results against a criterion: passes, fails, cannot say (and why), or no limit.

A result is a stretch of numbers ("< 1" reaches from nothing to 1), and so is a limit. Inside passes, outside fails, and
whatever lies partly inside cannot be said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dossiers.limits.criteria import (
    AllOf,
    AnyOf,
    ByCase,
    ByWeight,
    Conditional,
    Criterion,
    PerPatient,
)
from dossiers.limits.measures import judge
from dossiers.limits.notation import quantity, show
from dossiers.limits.numerals import show_number
from dossiers.limits.results import Context, Outcome, Reading, Verdict
from dossiers.limits.simple import Absent, Conforms, NoLimit
from dossiers.limits.spelling import Simple
from dossiers.limits.text import NBSP
from dossiers.limits.words import FAILS, FOUND, NOTHING_OF, PASSES, Standing, folded

NOTHING_KNOWN = Context()

_STANDINGS = {
    Standing.REPORT: (Outcome.NO_LIMIT, "The result is reported; there is no limit"),
    Standing.INFO_ONLY: (Outcome.NO_LIMIT, "The result is for information only; there is no limit"),
    Standing.NOT_APPLICABLE: (Outcome.NO_LIMIT, "The test is not applicable"),
    Standing.TO_BE_SET: (Outcome.CANNOT_SAY, "The limit is still to be set"),
    Standing.NOT_PUBLIC: (Outcome.CANNOT_SAY, "The limit is not public"),
    Standing.NOT_FOUND: (Outcome.CANNOT_SAY, "The limit was not found"),
}


def compare(criterion: Criterion, readings: Sequence[Reading], context: Context = NOTHING_KNOWN) -> Verdict:
    """Whether `readings` meet `criterion`, with the reason. Several results of one test must meet it each.

    The stage, cohort, weight and dose that a limit may depend on come from `context`.
    """
    match criterion:
        case AnyOf() | AllOf():
            return _alternatives(criterion, readings, context)
        case ByWeight():
            return _by_weight(criterion, readings, context)
        case ByCase():
            return _by_case(criterion, readings, context)
        case Conditional():
            return _conditional(criterion, readings, context)
        case PerPatient():
            return _per_patient(criterion, readings, context)
        case NoLimit():
            outcome, why = _STANDINGS[criterion.standing]
            return Verdict(outcome, f"{why}{f' ({criterion.qualifier})' if criterion.qualifier else ''}.")
    return _each(criterion, readings, context)


def _each(criterion: Simple, readings: Sequence[Reading], context: Context) -> Verdict:
    if not readings:
        return Verdict(Outcome.CANNOT_SAY, "There is no result yet.")
    found = [_one(criterion, reading, context) for reading in readings]
    outcome = _together([verdict.outcome for verdict in found])
    whys = dict.fromkeys(verdict.why for verdict in found if verdict.outcome is outcome)
    return Verdict(outcome, " ".join(whys))


def _one(criterion: Simple, reading: Reading, context: Context) -> Verdict:
    match criterion:
        case Absent():
            return _absent(criterion, reading)
        case Conforms():
            return _conforms(criterion, reading)
        case NoLimit():
            return compare(criterion, [reading], context)
    return judge(criterion, reading, context)


def _together(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome where all must hold."""
    order = (Outcome.FAILS, Outcome.CANNOT_SAY, Outcome.PASSES)
    return next((outcome for outcome in order if outcome in outcomes), Outcome.NO_LIMIT)


def _either(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome where one suffices."""
    order = (Outcome.PASSES, Outcome.NO_LIMIT, Outcome.CANNOT_SAY)
    return next((outcome for outcome in order if outcome in outcomes), Outcome.FAILS)


# ---------------------------------------------------------------- words


def _absent(criterion: Absent, reading: Reading) -> Verdict:
    limit, said = show(criterion), folded(reading.text)
    if (
        reading.is_not_detected
        or said in PASSES
        or said == "sterile"
        or (reading.value == 0 and reading.qualifier in ("", "=", "≤"))
    ):
        return Verdict(Outcome.PASSES, f"The result {reading.show()} meets {limit}.")
    if (
        said in FOUND
        or said in FAILS
        or (reading.value is not None and reading.value >= 0 and reading.qualifier in ("", "=", ">", "≥"))
    ):
        if reading.value == 0 and reading.qualifier == "≥":
            return Verdict(Outcome.CANNOT_SAY, f"The result {reading.show()} may or may not meet {limit}.")
        return Verdict(Outcome.FAILS, f"The result {reading.show()} does not meet {limit}.")
    remedy = (
        "record the result as ND if nothing was found"
        if reading.value is not None
        else "write absent, not detected or positive"
    )
    return Verdict(Outcome.CANNOT_SAY, f"Whether {reading.show()} means {limit} cannot be said; {remedy}.")


def _conforms(criterion: Conforms, reading: Reading) -> Verdict:
    wanted, limit = folded(criterion.text), show(criterion)
    said = folded(reading.text) if reading.value is None else show_number(reading.value)
    if reading.is_not_detected and not said:
        said = "not detected"
    is_found = wanted in FOUND
    if (said and said == wanted) or said in PASSES or (is_found and said in FOUND):
        return Verdict(Outcome.PASSES, f"The result {reading.show()} meets {limit}.")
    if said in FAILS or (wanted and said in (f"not {wanted}", f"non-{wanted}")) or (is_found and said in NOTHING_OF):
        return Verdict(Outcome.FAILS, f"The result {reading.show()} does not meet {limit}.")
    return Verdict(
        Outcome.CANNOT_SAY,
        f"Whether {reading.show()} meets {limit} is for a person to say; write conforms or does not conform.",
    )


# ---------------------------------------------------------------- criteria made of others


def _alternatives(several: AnyOf | AllOf, readings: Sequence[Reading], context: Context) -> Verdict:
    verdicts = []
    for alternative in several.alternatives:
        mine = list(readings)
        if alternative.label:
            mine = [replace(r, label="") for r in readings if folded(r.label) == folded(alternative.label)]
        verdict = compare(alternative.criterion, mine, context)
        if alternative.label and not mine and verdict.outcome is Outcome.CANNOT_SAY and readings:
            verdict = Verdict(Outcome.CANNOT_SAY, "There is no result for it.")
        verdicts.append((alternative.label, verdict))
    outcomes = [verdict.outcome for _, verdict in verdicts]
    outcome = _either(outcomes) if isinstance(several, AnyOf) else _together(outcomes)
    whys = [f"{label}) {v.why}" if label else v.why for label, v in verdicts if v.outcome is outcome]
    return Verdict(outcome, " ".join(dict.fromkeys(whys)))


def _by_weight(several: ByWeight, readings: Sequence[Reading], context: Context) -> Verdict:
    if context.weight is None:
        return Verdict(
            Outcome.CANNOT_SAY, f"The limit depends on the body weight, which is not known: {show(several)}."
        )
    for band in several.bands:
        if band.holds(context.weight):
            return compare(band.criterion, readings, context)
    return Verdict(Outcome.CANNOT_SAY, f"No weight band covers {show_number(context.weight)}{NBSP}kg: {show(several)}.")


def _by_case(several: ByCase, readings: Sequence[Reading], context: Context) -> Verdict:
    held = [case for case in several.cases if context.holds(case.name)]
    if not held:
        names = ", ".join(case.name for case in several.cases)
        given = ", ".join(
            word for word in (context.stage, context.cohort and f"cohort {context.cohort}", *context.met) if word
        )
        there = f"this is {given}" if given else "it is not known which this is"
        return Verdict(Outcome.CANNOT_SAY, f"The limit is set for {names}; {there}.")
    verdicts = [compare(case.criterion, readings, context) for case in held]
    outcome = _together([verdict.outcome for verdict in verdicts])
    whys = [
        f"{case.name[0].upper()}{case.name[1:]}: {v.why}"
        for case, v in zip(held, verdicts, strict=True)
        if v.outcome is outcome
    ]
    return Verdict(outcome, " ".join(whys))


def _conditional(criterion: Conditional, readings: Sequence[Reading], context: Context) -> Verdict:
    holds = context.holds(criterion.condition)
    if holds is None:
        return Verdict(
            Outcome.CANNOT_SAY, f"The limit applies only if {criterion.condition}, and it is not known whether it does."
        )
    if not holds:
        return Verdict(Outcome.NO_LIMIT, f"The limit applies only if {criterion.condition}, which is not so.")
    return compare(criterion.criterion, readings, context)


def _per_patient(criterion: PerPatient, readings: Sequence[Reading], context: Context) -> Verdict:
    verdict = compare(criterion.limit, readings, context)
    if (
        verdict.outcome is not Outcome.CANNOT_SAY
        or context.weight is not None
        or not re.search("body weight", verdict.why)
    ):
        return verdict
    examples = "; ".join(f"{quantity(e.value, e.unit)} for {show_number(e.weight)}{NBSP}kg" for e in criterion.examples)
    return Verdict(Outcome.CANNOT_SAY, f"{verdict.why[:-1]} (it comes to {examples}).")
