"""Criteria as the field writes them: ≥ 70 %, 1.0–5.0 × 10⁶ cells/kg, a) < 70 % (E:T 1:1) or b) absent in 10 mL."""

from __future__ import annotations

import re
from decimal import Decimal

from dossiers.limits.criteria import (
    AllOf,
    Alternative,
    AnyOf,
    Band,
    ByCase,
    ByWeight,
    Compound,
    Conditional,
    Criterion,
    Example,
    PerPatient,
)
from dossiers.limits.grammar import parse
from dossiers.limits.numerals import show_number, show_pair
from dossiers.limits.simple import (
    Absent,
    Approx,
    Conforms,
    Derived,
    Difference,
    NoLimit,
    OfDose,
    OneSided,
    Range,
)
from dossiers.limits.text import LONGEST, NBSP, LimitFault, fault
from dossiers.limits.units import PERCENT, POINTS
from dossiers.limits.words import Bound

PLAIN_WORDS = re.compile(r"(?!.*\b(?:or|and|if)\b)[\w +./-]+", re.IGNORECASE)
"""A description that needs no quotation marks after a label."""


def show(criterion: Criterion) -> str:
    """`criterion` in the field's notation; `parse` gives the same criterion back.

    A no-break space stands within numbers and before units. Raises `LimitFault` if it would be longer than a criterion
    may be.
    """
    shown = _show(criterion)
    if len(shown) > LONGEST:
        raise fault("This criterion is too long to be written", shown, f"use at most {LONGEST} characters")
    return shown


def _show(criterion: Criterion) -> str:
    match criterion:
        case Conforms():
            return _conforms(criterion)
        case AnyOf() | AllOf():
            return _alternatives(criterion)
        case PerPatient():
            return "; ".join([_show(criterion.limit), *(_example(e) for e in criterion.examples)])
        case ByWeight():
            return "; ".join(_band(band) for band in criterion.bands)
        case ByCase():
            return "; ".join(f"{case.name}: {_inner(case.criterion)}" for case in criterion.cases)
        case Conditional():
            return f"{_inner(criterion.criterion)} if {criterion.condition}"
    return _bare(criterion) + (f" ({criterion.qualifier})" if criterion.qualifier else "")


def _bare(criterion: OneSided | Range | Approx | OfDose | Absent | NoLimit | Difference | Derived) -> str:
    match criterion:
        case OneSided():
            return f"{criterion.bound.value}{NBSP}{quantity(criterion.value, criterion.unit)}"
        case Range():
            return _range(criterion)
        case Approx():
            return _approx(criterion)
        case OfDose():
            return f"{criterion.target}{NBSP}±{NBSP}{quantity(criterion.tolerance, PERCENT)}"
        case Absent():
            within = "" if criterion.amount is None else f" in {quantity(criterion.amount, criterion.unit)}"
            return criterion.wording + within
        case NoLimit():
            return criterion.standing.value
        case Difference():
            return _difference(criterion)
        case Derived():
            k = "" if criterion.threshold is None else f", K = {quantity(criterion.threshold, 'EU/kg/h')}"
            return f"≤{NBSP}K/M{k}{f', route {criterion.route}' if criterion.route else ''}"


def quantity(value: Decimal, unit: str) -> str:
    """A number with its unit: 0.5 EU/mL, 10⁶/kg."""
    return show_number(value) + _after(unit)


def _after(unit: str) -> str:
    return unit if not unit or unit.startswith(("/", ":")) else NBSP + unit


def _range(r: Range) -> str:
    if r.with_low and r.with_high:
        return show_pair(r.low, r.high, "–" if r.low >= 0 else " to ") + _after(r.unit)
    low, high = (Bound.GTE if r.with_low else Bound.GT), (Bound.LTE if r.with_high else Bound.LT)
    return f"{low.value}{NBSP}{show_pair(r.low, r.high, f' to {high.value}{NBSP}')}{_after(r.unit)}"


def _approx(a: Approx) -> str:
    joint = f"{NBSP}±{NBSP}"
    if a.relative:
        is_clear = a.unit and not a.unit.startswith(PERCENT) and a.unit != POINTS
        return f"{quantity(a.value, a.unit)}{joint}{quantity(a.tolerance, PERCENT)}{'' if is_clear else ' relative'}"
    if a.unit == PERCENT and not a.tolerance <= a.value <= 100:
        return f"{quantity(a.value, PERCENT)}{joint}{quantity(a.tolerance, POINTS)}"
    return show_pair(a.value, a.tolerance, joint) + _after(a.unit)


def _difference(d: Difference) -> str:
    limit = f"{d.bound.value}{NBSP}{quantity(d.value, d.unit)}"
    if d.control_first:
        return f"{d.control or 'control'} minus sample {limit}"
    return f"difference to {d.control} {limit}" if d.control else f"difference {limit}"


def _conforms(c: Conforms) -> str:
    remark = f" ({c.qualifier})" if c.qualifier else ""
    plain = (c.text or "conforms") + remark
    return plain if not c.text or _says(plain, c) else f"“{c.text}”{remark}"


def _says(text: str, criterion: Criterion) -> bool:
    try:
        return parse(text) == criterion
    except LimitFault:
        return False


def _inner(criterion: Criterion) -> str:
    """`criterion` as a part: in square brackets if it is itself made of others, in quotation marks if it is words."""
    if isinstance(criterion, Compound):
        return f"[{_show(criterion)}]"
    shown = _show(criterion)
    if not isinstance(criterion, Conforms) or not criterion.text or shown.startswith("“"):
        return shown
    return f"“{criterion.text}”{f' ({criterion.qualifier})' if criterion.qualifier else ''}"


def _alternatives(several: AnyOf | AllOf) -> str:
    # "≥ 2 and ≤ 8" would be read back as a range
    is_pair = isinstance(several, AllOf) and [type(a.criterion) for a in several.alternatives] == [OneSided, OneSided]
    pieces = [_alternative(a, is_pair) for a in several.alternatives]
    return (" or " if isinstance(several, AnyOf) else " and ").join(pieces)


def _alternative(a: Alternative, is_pair: bool) -> str:
    shown = _inner(a.criterion)
    if a.label:
        is_wordy = isinstance(a.criterion, Conforms) and PLAIN_WORDS.fullmatch(a.criterion.text)
        return f"{a.label}) {_show(a.criterion) if is_wordy else shown}"
    return f"[{shown}]" if is_pair else shown


def _example(e: Example) -> str:
    return f"{quantity(e.value, e.unit)} for a {show_number(e.weight)}{NBSP}kg patient"


def _band(band: Band) -> str:
    low = f"{'from' if band.with_low else 'above'} {show_number(band.low)}{NBSP}kg" if band.low is not None else ""
    high = f"{'up to' if band.with_high else 'below'} {show_number(band.high)}{NBSP}kg" if band.high is not None else ""
    return f"{_inner(band.criterion)} {' to '.join(edge for edge in (low, high) if edge)}"
