"""Numeric results against numeric limits: units brought together, stretches of numbers compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context as Precision
from decimal import Decimal, localcontext

from dossiers.limits.notation import quantity, show
from dossiers.limits.numerals import show_number
from dossiers.limits.results import Context, Outcome, Reading, Verdict
from dossiers.limits.simple import ROUTES, THRESHOLDS, Approx, Derived, Difference, Limit, OfDose, OneSided, Range
from dossiers.limits.text import NBSP, LimitFault
from dossiers.limits.units import BELOW_ZERO, PERCENT, POINTS, convert, tidy_unit
from dossiers.limits.words import Bound, folded

EU_RATE = "EU/kg/h"
PER_KG = re.compile(r"(?:/|^per | per )kg$")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of numbers; None: without end on that side."""

    low: Decimal | None = None
    high: Decimal | None = None
    with_low: bool = True
    with_high: bool = True

    def within(self, other: Span) -> bool:
        """Whether every number of this stretch lies in the other."""
        low = other.low is None or (
            self.low is not None
            and (self.low > other.low or (self.low == other.low and (other.with_low or not self.with_low)))
        )
        return low and (
            other.high is None
            or (
                self.high is not None
                and (self.high < other.high or (self.high == other.high and (other.with_high or not self.with_high)))
            )
        )

    def is_apart(self, other: Span) -> bool:
        """Whether the two have no number in common."""
        return _is_below(self, other) or _is_below(other, self)

    def scaled(self, factor: Decimal, shift: Decimal = Decimal(0)) -> Span:
        """Each number times `factor` plus `shift`; a negative factor turns the stretch around."""
        low, high = (None if edge is None else edge * factor + shift for edge in (self.low, self.high))
        return (
            Span(low, high, self.with_low, self.with_high)
            if factor > 0
            else Span(high, low, self.with_high, self.with_low)
        )


def _is_below(one: Span, two: Span) -> bool:
    if one.high is None or two.low is None:
        return False
    return one.high < two.low or (one.high == two.low and not (one.with_high and two.with_low))


class Cannot(Exception):
    """The comparison cannot be made; the text is a sentence without its full stop."""


def judge(criterion: Limit | OfDose | Difference | Derived, reading: Reading, context: Context) -> Verdict:
    """Whether one result meets a numeric criterion, with the reason."""
    try:
        with localcontext(Precision(prec=60)):
            return _judge(criterion, reading, context)
    except Cannot as cannot:
        return Verdict(Outcome.CANNOT_SAY, f"{cannot}.")


def _judge(criterion: Limit | OfDose | Difference | Derived, reading: Reading, context: Context) -> Verdict:
    allowed, unit, shown = _allowed(criterion, reading, context)
    said = reading.show(unit)
    if reading.value is None and not reading.is_not_detected:
        raise Cannot(f"The result {said} is not a number, and {shown} asks for one")
    if reading.value is None:
        raise Cannot(f"The result “not detected” says nothing about {shown} until its detection limit is given")
    got = _difference(criterion, reading) if isinstance(criterion, Difference) else _got(reading, unit, shown, context)
    if got.within(allowed):
        return Verdict(Outcome.PASSES, f"The result {said} meets {shown}.")
    if got.is_apart(allowed):
        return Verdict(Outcome.FAILS, f"The result {said} does not meet {shown}.")
    return Verdict(Outcome.CANNOT_SAY, f"The result {said} may or may not meet {shown}.")


def _allowed(
    criterion: Limit | OfDose | Difference | Derived, reading: Reading, context: Context
) -> tuple[Span, str, str]:
    """(numbers that pass, their unit, the limit as a sentence names it)."""
    match criterion:
        case Derived():
            return _derived(criterion, reading, context)
        case OneSided() if (
            criterion.unit == EU_RATE and not criterion.bound.is_lower and reading.unit not in ("", EU_RATE)
        ):
            span, unit, shown = _derived(Derived(criterion.value), reading, context)
            return Span(None, span.high, with_high=criterion.bound.is_inclusive), unit, shown
        case OneSided() | Difference():
            return _side(criterion.bound, criterion.value), criterion.unit, show(criterion)
        case Range():
            return (
                Span(criterion.low, criterion.high, criterion.with_low, criterion.with_high),
                criterion.unit,
                show(criterion),
            )
        case Approx():
            spread = abs(criterion.value) * criterion.tolerance / 100 if criterion.relative else criterion.tolerance
            return Span(criterion.value - spread, criterion.value + spread), criterion.unit, show(criterion)
        case OfDose():
            if context.dose is None:
                raise Cannot(f"The limit goes around the {criterion.target}, which is not known")
            spread = context.dose * criterion.tolerance / 100
            shown = f"{show(criterion)} with {quantity(context.dose, context.dose_unit)}"
            return Span(context.dose - spread, context.dose + spread), context.dose_unit, shown


def _side(bound: Bound, value: Decimal) -> Span:
    return (
        Span(value, None, with_low=bound.is_inclusive)
        if bound.is_lower
        else Span(None, value, with_high=bound.is_inclusive)
    )


def _stretch(value: Decimal, qualifier: str, may_be_negative: bool) -> Span:
    """The numbers that a result can stand for: "< 1" is from 0 to below 1 where nothing is less than nothing."""
    if qualifier in ("", "="):
        return Span(value, value)
    if qualifier in (Bound.GTE, Bound.GT):
        return _side(Bound(qualifier), value)
    low = None if may_be_negative or value <= 0 else Decimal(0)
    return Span(low, value, with_high=qualifier == Bound.LTE)


def _got(reading: Reading, unit: str, shown: str, context: Context) -> Span:
    assert reading.value is not None
    span = _stretch(reading.value, reading.qualifier, (reading.unit or unit) in BELOW_ZERO)
    edges = [None if edge is None else _in_unit(edge, reading.unit, unit, context) for edge in (span.low, span.high)]
    if edges == [span.low, span.high]:
        return span
    if any(edge is None and had is not None for edge, had in zip(edges, (span.low, span.high), strict=True)):
        raise Cannot(_apart(reading, unit, shown, context))
    return Span(edges[0], edges[1], span.with_low, span.with_high)


def _in_unit(value: Decimal, source: str, target: str, context: Context) -> Decimal | None:
    """`value` in the unit of the limit; None if it cannot be brought there. A missing unit is the limit's unit.

    A bare "%" stands for the percentage that the limit speaks of. For a limit per kg an amount is divided by the body
    weight.
    """
    if not source:
        return value
    changed = convert(value, source, target)
    if changed is not None or (_tidy(source) == PERCENT and target.startswith(f"{PERCENT} ")):
        return value if changed is None else changed
    amount = PER_KG.sub("", target)
    if context.weight is None or amount == target or "osm" in amount.casefold():
        return None
    changed = convert(value, source, amount)
    return None if changed is None else changed / context.weight


def _apart(reading: Reading, unit: str, shown: str, context: Context) -> str:
    amount = PER_KG.sub("", unit)
    if context.weight is None and amount != unit and convert(Decimal(1), reading.unit, amount) is not None:
        return f"The body weight is needed to compare {reading.show()} with {shown}"
    return _no_way(reading.unit, unit)


def _no_way(source: str, target: str) -> str:
    return f"The result is in {source}, the limit in {target or 'no unit'}, and nothing converts one into the other"


def _tidy(unit: str) -> str:
    try:
        return tidy_unit(unit)
    except LimitFault:
        return unit


def _difference(criterion: Difference, reading: Reading) -> Span:
    """The difference that a result stands for; percentages differ by percentage points."""
    assert reading.value is not None
    unit = _tidy(reading.unit)
    is_percent = unit.split(" ")[0] == PERCENT
    if reading.control is None and is_percent and criterion.unit == POINTS:
        raise Cannot(
            "A percentage is given without its control; give the control too, or the difference in percentage points"
        )
    source = POINTS if is_percent and criterion.unit == POINTS else unit
    span = _stretch(reading.value, reading.qualifier, reading.control is None)
    if reading.control is not None:
        span = (
            span.scaled(Decimal(-1), reading.control)
            if criterion.control_first
            else span.scaled(Decimal(1), -reading.control)
        )
    edges = [
        edge if edge is None or not source else convert(edge, source, criterion.unit) for edge in (span.low, span.high)
    ]
    if any(edge is None and had is not None for edge, had in zip(edges, (span.low, span.high), strict=True)):
        raise Cannot(_no_way(reading.unit, criterion.unit))
    return Span(edges[0], edges[1], span.with_low, span.with_high)


def _derived(criterion: Derived, reading: Reading, context: Context) -> tuple[Span, str, str]:
    """(endotoxin that passes, its unit, how it was worked out) for K/M, in the kind of unit the result is given in."""
    route = criterion.route or ROUTES.get(folded(context.route), context.route)
    k = criterion.threshold if criterion.threshold is not None else THRESHOLDS.get(route)
    if k is None:
        known = ", ".join(THRESHOLDS)
        raise Cannot(f"The threshold K of the route {route or '(not given)'} is not known here, only of {known}")
    unit = reading.unit or "EU/mL"
    hours = max(context.hours or Decimal(1), Decimal(1))
    total = None if context.weight is None else k * context.weight * hours
    per_volume = _over(total, context.dose_volume)
    ways = [(EU_RATE, k), ("EU/kg", k * hours), ("EU/mL", per_volume), ("EU", total), ("EU/dose", total)]
    if context.dose_unit:
        ways.append((f"EU/{context.dose_unit}", _over(total, context.dose)))
    for target, limit in ways:
        if convert(Decimal(1), unit, target) is None:
            continue
        if limit is None:
            raise Cannot(f"The endotoxin limit K/M needs {_missing(target, context)}")
        return (
            Span(None, limit),
            target,
            f"≤{NBSP}{quantity(_rounded(limit), target)} ({_worked_out(k, hours, context)})",
        )
    raise Cannot(f"The result is in {unit}, the endotoxin limit K/M in EU, and nothing converts one into the other")


def _over(total: Decimal | None, by: Decimal | None) -> Decimal | None:
    return None if total is None or by is None else total / by


def _rounded(limit: Decimal) -> Decimal:
    return Precision(prec=4).plus(limit).normalize()


def _missing(target: str, context: Context) -> str:
    needed = [] if context.weight else ["the body weight"]
    if target == "EU/mL" and not context.dose_volume:
        needed.append("the volume of the dose")
    if target not in ("EU/mL", "EU", "EU/dose") and not context.dose:
        needed.append("the dose")
    return " and ".join(needed)


def _worked_out(k: Decimal, hours: Decimal, context: Context) -> str:
    said = [f"K/M with K = {quantity(k, EU_RATE)}"]
    said += [quantity(context.weight, "kg")] if context.weight else []
    said += [quantity(context.dose_volume, "mL")] if context.dose_volume else []
    return ", ".join([*said, f"given within {show_number(hours)}{NBSP}h"])
