"""Acceptance criteria that are made of others, and what a criterion can be at all.

As with the simple kinds, what a text could not say is refused with `LimitFault` when it is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dossiers.limits.simple import (
    Absent,
    Approx,
    Conforms,
    Derived,
    Difference,
    Limit,
    NoLimit,
    OfDose,
    OneSided,
    Range,
    keep,
    prove,
    prove_weights,
)
from dossiers.limits.text import clean, fault, note
from dossiers.limits.units import tidy_unit
from dossiers.limits.words import SIGN_WITHIN, folded, refuse_signs

DEEPEST = 4
MOST = 20


@dataclass(frozen=True)
class Alternative:
    """One of several criteria, with the label by which a result names it: a) < 70 % (E:T 1:1)."""

    criterion: Criterion
    label: str = ""

    def __post_init__(self) -> None:
        if self.label and not re.fullmatch("[A-Za-z0-9]{1,12}", self.label):
            raise fault("This cannot label an alternative", self.label, "write a letter or a number, such as a) or 1)")


@dataclass(frozen=True)
class AnyOf:
    """One of the alternatives must hold: a) < 70 % (E:T 1:1) or b) difference > 50 percentage points (E:T 4:1)."""

    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        _prove_alternatives(self)


@dataclass(frozen=True)
class AllOf:
    """All of them must hold: a) ≥ 70 % and b) absent in 10 mL."""

    alternatives: tuple[Alternative, ...]

    def __post_init__(self) -> None:
        _prove_alternatives(self)


def _prove_alternatives(of: AnyOf | AllOf) -> None:
    labels = [a.label.casefold() for a in of.alternatives]
    if not 2 <= len(labels) <= MOST:
        raise fault("Alternatives must be two or more", str(len(labels)), f"write at least two and at most {MOST}")
    if any(labels) and len(set(labels) - {""}) < len(labels):
        raise fault(
            "The labels of the alternatives do not tell them apart",
            ", ".join(labels),
            "label each differently, or none",
        )
    _prove_depth(of)


@dataclass(frozen=True)
class Example:
    """What a limit per kg comes to for one body weight in kg: 35 × 10⁶ cells for a 70 kg patient."""

    value: Decimal
    unit: str
    weight: Decimal

    def __post_init__(self) -> None:
        prove(self.value)
        prove_weights(self.weight)
        keep(self, unit=tidy_unit(self.unit), weight=Decimal(self.weight))


@dataclass(frozen=True)
class PerPatient:
    """A limit per kg body weight with what it comes to: > 0.5 × 10⁶ cells/kg; 35 × 10⁶ cells for a 70 kg patient."""

    limit: Limit
    examples: tuple[Example, ...]

    def __post_init__(self) -> None:
        if not re.search(r"(/|\bper )kg\b", self.limit.unit):
            raise fault("A limit for each patient needs a unit per kg", self.limit.unit, "write for example cells/kg")
        if not 1 <= len(self.examples) <= MOST:
            raise fault(
                "A limit for each patient needs an example",
                str(len(self.examples)),
                "write for example 35 × 10^6 cells for a 70 kg patient",
            )


@dataclass(frozen=True)
class Band:
    """The criterion for body weights from `low` to `high` (kg; None: open). By default "from" and "below"."""

    criterion: Criterion
    low: Decimal | None = None
    high: Decimal | None = None
    with_low: bool = True
    with_high: bool = False

    def __post_init__(self) -> None:
        prove_weights(self.low, self.high)
        if self.low is None and self.high is None:
            raise fault("A weight band has no weight", "", "write for example ≥ 2 × 10^8 from 50 kg")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise fault("This weight band is empty", f"{self.low} to {self.high} kg", "write the smaller weight first")
        low, high = (None if edge is None else Decimal(edge) for edge in (self.low, self.high))
        keep(
            self,
            low=low,
            high=high,
            with_low=low is None or self.with_low,
            with_high=high is not None and self.with_high,
        )

    def holds(self, weight: Decimal) -> bool:
        """Whether a body weight (kg) lies in the band."""
        above = self.low is None or weight > self.low or (self.with_low and weight == self.low)
        return above and (self.high is None or weight < self.high or (self.with_high and weight == self.high))


@dataclass(frozen=True)
class ByWeight:
    """A criterion for each band of body weight: ≥ 1 × 10⁸ below 50 kg; ≥ 2 × 10⁸ from 50 kg."""

    bands: tuple[Band, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.bands) <= MOST:
            raise fault("Weight bands must be one or more", str(len(self.bands)), f"write at most {MOST}")
        for at, one in enumerate(self.bands):
            for two in self.bands[at + 1 :]:
                if _overlap(one, two):
                    raise fault(
                        "Two weight bands overlap",
                        _edges(one, two),
                        "let each weight fall into one band: below 50 kg; from 50 kg",
                    )
        _prove_depth(self)


def _overlap(one: Band, two: Band) -> bool:
    for first, second in ((one, two), (two, one)):
        if first.high is not None and second.low is not None and first.high <= second.low:
            return first.high == second.low and first.with_high and second.with_low
    return True


def _edges(*bands: Band) -> str:
    return ", ".join(
        f"{b.low if b.low is not None else '…'} to {b.high if b.high is not None else '…'} kg" for b in bands
    )


@dataclass(frozen=True)
class Case:
    """The criterion for one named stage, cohort or other condition of `Context`."""

    name: str
    criterion: Criterion

    def __post_init__(self) -> None:
        name = clean(self.name, "The name of a stage", 40)
        if (
            not re.fullmatch(r"[^\W\d_][^:;()\[\]“”]*", name)
            or SIGN_WITHIN.search(name)
            or re.match("if |difference|conforms|endotoxin", name, re.IGNORECASE)
        ):
            raise fault(
                "This cannot name a stage or cohort", name, "write for example release: ≥ 70 %; shelf life: ≥ 60 %"
            )
        keep(self, name=name)


@dataclass(frozen=True)
class ByCase:
    """A criterion for each stage or cohort: release: ≥ 70 %; shelf life: ≥ 60 %."""

    cases: tuple[Case, ...]

    def __post_init__(self) -> None:
        names = {folded(case.name) for case in self.cases}
        if not 1 <= len(self.cases) <= MOST or len(names) < len(self.cases):
            raise fault(
                "The stages are not told apart", ", ".join(c.name for c in self.cases), "name each stage or cohort once"
            )
        _prove_depth(self)


@dataclass(frozen=True)
class Conditional:
    """A criterion that applies only under a condition: ≥ 70 % if allogeneic."""

    criterion: Criterion
    condition: str

    def __post_init__(self) -> None:
        condition = note(self.condition, "A condition")
        refuse_signs(condition, "A condition")
        if not condition:
            raise fault("A condition is missing after “if”", self.condition, "write for example ≥ 70 % if allogeneic")
        keep(self, condition=condition)
        _prove_depth(self)


Compound = AnyOf | AllOf | PerPatient | ByWeight | ByCase | Conditional
Criterion = Limit | OfDose | Absent | Conforms | NoLimit | Difference | Derived | Compound


def parts(criterion: Criterion) -> tuple[Criterion, ...]:
    """The criteria that `criterion` is made of; () for one that is not made of others."""
    match criterion:
        case AnyOf(several) | AllOf(several):
            return tuple(a.criterion for a in several)
        case ByWeight(bands):
            return tuple(b.criterion for b in bands)
        case ByCase(cases):
            return tuple(c.criterion for c in cases)
        case Conditional(inner, _):
            return (inner,)
        case PerPatient(limit, _):
            return (limit,)
    return ()


def _prove_depth(criterion: Criterion) -> None:
    level: Iterable[Criterion] = (criterion,)
    for _ in range(DEEPEST):
        level = [part for one in level for part in parts(one)]
    if level:
        raise fault(
            "This criterion is nested too deeply",
            type(criterion).__name__,
            f"use at most {DEEPEST - 1} levels of brackets",
        )


def unit_of(criterion: Criterion) -> str:
    """The unit in which a result is expected; "" where there is none, or where alternatives differ."""
    match criterion:
        case OneSided() | Range() | Approx() | Difference():
            return criterion.unit
        case Derived():
            return "EU/mL"
    units = {unit_of(part) for part in parts(criterion)}
    return units.pop() if len(units) == 1 else ""
