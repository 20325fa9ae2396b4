"""Whether a result meets its criterion: judged when asked, against the version in force when the batch was released.

A verdict is never stored. A batch keeps the specification version of its release (before release: of its manufacture),
so that a later change of limits judges no old batch anew (data model, rule 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from dossiers.facts import by_name
from dossiers.limits import AllOf, AnyOf, Context, Criterion, LimitFault, Outcome, Reading, Verdict, compare, parse
from dossiers.records.conditions import Holdings
from dossiers.records.product import Product
from dossiers.records.quality import Specification, SpecTest
from dossiers.records.results import Batch, Qualifier, ResultState, Statistic, TestResult
from dossiers.records.stability import StabilityResult

Result = TestResult | StabilityResult

__all__ = ["Outcome", "Result", "Ruling", "Verdict", "judge", "rule_for", "siblings"]

_STATES = {
    ResultState.NOT_DONE: "The test was not done.",
    ResultState.NOT_APPLICABLE: "The test does not apply to this batch.",
    ResultState.PENDING: "The result is not there yet.",
}


@dataclass(frozen=True)
class Ruling:
    """The row of the specification that a result is judged by, or one sentence why there is none."""

    row: SpecTest | None
    why: str = ""


def judge(result: Result, binder: Holdings) -> Verdict:
    """Whether `result` meets the criterion that holds for it: passes, fails, cannot say (and why), or no limit.

    Where the criterion is made of alternatives, every read-out of the same test on the same batch is weighed, and each
    of them gets the same verdict.
    """
    ruling = rule_for(result, binder)
    if ruling.row is None:
        return Verdict(Outcome.CANNOT_SAY, ruling.why)
    if why := _why_not(result):
        return Verdict(Outcome.CANNOT_SAY, why)
    try:
        return _compared(result, ruling.row, binder)
    except LimitFault as why:
        return Verdict(Outcome.CANNOT_SAY, str(why))


def _why_not(result: Result) -> str:
    """Why the result is nothing to compare; "" if it is something."""
    if isinstance(result, StabilityResult):
        return ""
    if result.statistic is Statistic.SD:
        return "A standard deviation is not compared with the limit."
    return _STATES.get(result.state, "") if result.state else ""


def _compared(result: Result, row: SpecTest, binder: Holdings) -> Verdict:
    criterion = _criterion(result, row)
    if criterion is None:
        return Verdict(Outcome.CANNOT_SAY, f"{row.named()} has no acceptance criterion yet.")
    # Alternatives may count in different units: a result that names none is then in its own alternative's.
    several = isinstance(criterion, AnyOf | AllOf)
    together, unit = (siblings(result, binder), "") if several else ((result,), row.unit or "")
    readings = [reading for one in together if (reading := _reading(one, unit)) is not None]
    context = _context(result, row, binder)
    verdict = compare(criterion, readings, context)
    if several or verdict.outcome is not Outcome.PASSES or len(readings) != 1:
        return verdict
    return next(
        (v for v in _of_extremes(result, readings[0], criterion, context) if v.outcome is Outcome.FAILS), verdict
    )


def _of_extremes(result: Result, middle: Reading, criterion: Criterion, context: Context) -> Iterator[Verdict]:
    """The verdicts on the lowest and the highest of the readings that a mean or median sums up (A36: a logger)."""
    for name in ("minimum", "maximum"):
        if (end := getattr(result, name, None)) is not None:
            verdict = compare(criterion, [replace(middle, value=end, qualifier="")], context)
            yield replace(verdict, why=f"The {by_name(TestResult)[name].label.casefold()}: {verdict.why}")


def rule_for(result: Result, binder: Holdings) -> Ruling:
    """The row that judges `result`: for a batch the row of its frozen specification version, else the row it names."""
    uid = result.spec_test if isinstance(result, TestResult) else result.test
    row = binder.find(uid) if uid else None
    if not isinstance(row, SpecTest):
        return Ruling(None, "The result answers no row of a specification.")
    if isinstance(result, StabilityResult) or result.batch is None:
        return Ruling(row)
    batch = binder.find(result.batch)
    named = binder.find(row.specification) if row.specification else None
    frozen = binder.find(batch.spec_version) if isinstance(batch, Batch) and batch.spec_version else None
    if not isinstance(batch, Batch) or not isinstance(frozen, Specification):
        name = batch.named() if isinstance(batch, Batch) else "that is named here"
        return Ruling(None, f"The batch {name} does not say which specification version was in force at its release.")
    if not isinstance(named, Specification) or named.uid == frozen.uid or not are_versions(named, frozen):
        return Ruling(row)
    return _in_version(row, frozen, binder)


def are_versions(one: Specification, other: Specification) -> bool:
    """Whether two records are versions of one specification."""
    return bool(one.code) and one.code == other.code and one.scope == other.scope


def _in_version(row: SpecTest, frozen: Specification, binder: Holdings) -> Ruling:
    """The row of `frozen` for the same test at the same point of the chain."""
    wanted = identity(row)
    of_frozen = binder.grouped("spec_test", ("specification",)).get((frozen.uid,), ())
    rows = [r for r in of_frozen if identity(r) == wanted]
    if len(rows) == 1:
        return Ruling(rows[0])
    found = "no row" if not rows else f"{len(rows)} rows"
    return Ruling(None, f"{frozen.named()}, in force at release, has {found} for {row.named()}.")


def identity(row: SpecTest) -> tuple[str, ...]:
    """What makes a row the same test in two versions: its name, stage, time point and condition."""
    return _folded((row.test, row.stage, row.time_point, row.applies_if))


@lru_cache(maxsize=4096)
def _folded(words: tuple[str | None, ...]) -> tuple[str, ...]:
    return tuple(" ".join(str(word or "").casefold().split()) for word in words)


def siblings(result: Result, binder: Holdings) -> Sequence[Result]:
    """Every read-out of the same test on the same batch (or bank, or study and time point), in the project's order."""
    by: tuple[str, ...] = ("batch", "bank", "spec_test")
    if isinstance(result, StabilityResult):
        by = ("study", "batch", "test", "timepoint", "timepoint_unit")
    kind = result.kind()
    return binder.grouped(kind, by).get(tuple(getattr(result, name) for name in by)) or (result,)


def _criterion(result: Result, row: SpecTest) -> Criterion | None:
    """The criterion of the row; in a stability study the one for the end of shelf life, where it differs."""
    if isinstance(result, StabilityResult) and row.shelf_life_criterion:
        return parse(row.shelf_life_criterion)
    return row.limits


def _reading(result: Result, unit: str) -> Reading | None:
    """The result, in `unit` if it names none; None where nothing is reported. Raises `LimitFault`."""
    unit = result.unit or unit
    label = (result.readout or "").strip().rstrip(")")
    is_below = getattr(result, "state", None) is ResultState.BELOW_LOQ
    if not result.value:
        nothing = result.qualifier is Qualifier.ND
        return Reading(None, "ND", unit, "", label, result.control) if nothing else None
    reading = replace(_read(result.value, unit, label), control=result.control)
    sign = "<" if is_below and reading.qualifier == "" else reading.qualifier
    if result.qualifier is not None:
        if reading.qualifier not in ("", result.qualifier.value):
            raise LimitFault(f"The result “{result.value}” contradicts its qualifier “{result.qualifier.value}”.")
        sign = result.qualifier.value
    return replace(reading, qualifier=sign)


@lru_cache(maxsize=16_384)
def _read(typed: str, unit: str, label: str) -> Reading:
    """The result that was typed: a document judges every result anew, and few have changed."""
    return Reading.read(typed, unit, label)


def _context(result: Result, row: SpecTest, binder: Holdings) -> Context:
    """What is known of the batch and the product that a limit may depend on. Nothing here is about a patient."""
    product = binder.product
    route = product.route.value if isinstance(product, Product) and product.route is not None else ""
    origin = product.origin.value if isinstance(product, Product) and product.origin is not None else ""
    known = {"autologous", "allogeneic"}
    met = (origin,) if origin in known else ()
    batch = binder.find(result.batch) if result.batch else None
    dose = batch.ordered_dose if isinstance(batch, Batch) else None
    return Context(
        dose=dose if dose is not None and dose > Decimal(0) else None,
        dose_unit=(batch.ordered_dose_unit or "") if isinstance(batch, Batch) else "",
        route=route,
        stage="shelf life" if isinstance(result, StabilityResult) else row.time_point or "release",
        met=met,
        unmet=tuple(sorted(known - set(met))) if met else (),
    )
