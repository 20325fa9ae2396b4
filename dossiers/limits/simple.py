"""Acceptance criteria that are not made of others: one frozen dataclass for each kind.

Whatever can be made of these can be shown and read back: what a text could not say is refused with `LimitFault` here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from dossiers.limits.numerals import DIGIT_LIMIT, POWER_LIMIT, show_number
from dossiers.limits.text import clean, fault, note
from dossiers.limits.units import tidy_unit
from dossiers.limits.words import NOTHING, PASSES, SIGN_WITHIN, Bound, Standing, folded


def keep(of: object, **values: object) -> None:
    """Nothing; sets tidied fields of a frozen dataclass while it is made."""
    for name, value in values.items():
        object.__setattr__(of, name, value)


def prove(*values: Decimal | None) -> None:
    """Nothing, or `LimitFault` for a number that no text can say."""
    for value in values:
        if value is None:
            continue
        if not value.is_finite() or abs(value.adjusted()) > POWER_LIMIT or len(value.as_tuple().digits) > DIGIT_LIMIT:
            raise fault("This number cannot be a limit", str(value), f"write one of at most {DIGIT_LIMIT} digits")


def prove_weights(*weights: Decimal | None) -> None:
    """Nothing, or `LimitFault` for a body weight (kg) that cannot be."""
    prove(*weights)
    for weight in weights:
        if weight is not None and weight <= 0:
            raise fault("A body weight must be more than nothing", show_number(weight), "write for example 70 kg")
        if weight is not None and (weight > 1000 or weight < Decimal("0.01")):
            raise fault("This is no body weight", show_number(weight), "write it in kg, for example 70 kg")


@dataclass(frozen=True)
class OneSided:
    """A lower or an upper limit: ≥ 70 % (viable CD3+)."""

    bound: Bound
    value: Decimal
    unit: str = ""
    qualifier: str = ""

    def __post_init__(self) -> None:
        prove(self.value)
        keep(self, unit=tidy_unit(self.unit), qualifier=note(self.qualifier, "The remark"))


@dataclass(frozen=True)
class Range:
    """From `low` to `high`: 1.0–5.0 × 10⁶ cells/kg. Either end may be excluded: > 1 to < 5 %."""

    low: Decimal
    high: Decimal
    unit: str = ""
    qualifier: str = ""
    with_low: bool = True
    with_high: bool = True

    def __post_init__(self) -> None:
        prove(self.low, self.high)
        if self.low > self.high:
            between = f"{show_number(self.low)} to {show_number(self.high)}"
            raise fault("The lower limit of this range lies above the upper", between, "write the smaller number first")
        keep(self, unit=tidy_unit(self.unit), qualifier=note(self.qualifier, "The remark"))


@dataclass(frozen=True)
class Approx:
    """`value` ± `tolerance`: 7.2 ± 0.4. `relative`: the tolerance is per cent of the value, 2.0 mg/mL ± 10 %."""

    value: Decimal
    tolerance: Decimal
    unit: str = ""
    qualifier: str = ""
    relative: bool = False

    def __post_init__(self) -> None:
        prove(self.value, self.tolerance)
        if self.tolerance < 0:
            raise fault("A tolerance cannot be negative", show_number(self.tolerance), "write for example 7.2 ± 0.4")
        keep(self, unit=tidy_unit(self.unit), qualifier=note(self.qualifier, "The remark"))


@dataclass(frozen=True)
class OfDose:
    """A tolerance in per cent around what was ordered or labelled, known for each batch only: ordered dose ± 20 %."""

    tolerance: Decimal
    target: str = "ordered dose"
    qualifier: str = ""

    def __post_init__(self) -> None:
        prove(self.tolerance)
        if self.tolerance < 0:
            raise fault(
                "A tolerance cannot be negative", show_number(self.tolerance), "write for example ordered dose ± 20 %"
            )
        if self.target not in TARGETS:
            raise fault(
                "This is not a dose that a tolerance can go around", self.target, f"write one of {', '.join(TARGETS)}"
            )
        keep(self, qualifier=note(self.qualifier, "The remark"))


TARGETS = ("ordered dose", "target dose", "nominal dose", "label claim")


@dataclass(frozen=True)
class Absent:
    """Nothing of it (`wording`: absent, not detected, negative, no growth), in a quantity if said: absent in 10 mL."""

    amount: Decimal | None = None
    unit: str = ""
    qualifier: str = ""
    wording: str = "absent"

    def __post_init__(self) -> None:
        if self.wording not in NOTHING:
            raise fault("This is not a word for absence", self.wording, f"write one of {', '.join(NOTHING)}")
        if self.amount is None and self.unit:
            raise fault("A unit stands without its quantity", self.unit, "write for example absent in 10 mL")
        if self.amount is not None and self.amount <= 0:
            raise fault(
                "A quantity must be more than nothing", show_number(self.amount), "write for example absent in 10 mL"
            )
        prove(self.amount)
        keep(self, unit=tidy_unit(self.unit), qualifier=note(self.qualifier, "The remark"))


@dataclass(frozen=True)
class Conforms:
    """A criterion in words: cloudy liquid. Without text: conforms (to what the method describes)."""

    text: str = ""
    qualifier: str = ""

    def __post_init__(self) -> None:
        text = re.sub("[“”„]", '"', clean(self.text, "A description", 500))
        keep(self, text="" if folded(text) in PASSES else text, qualifier=note(self.qualifier, "The remark"))


@dataclass(frozen=True)
class NoLimit:
    """A test without a limit, and why: report result, for information only, to be set, not public …"""

    standing: Standing
    qualifier: str = ""

    def __post_init__(self) -> None:
        keep(self, qualifier=note(self.qualifier, "The remark"))


@dataclass(frozen=True)
class Difference:
    """Sample minus control: difference > 50 percentage points; `control_first`: control minus sample."""

    bound: Bound
    value: Decimal
    unit: str = ""
    qualifier: str = ""
    control: str = ""
    control_first: bool = False

    def __post_init__(self) -> None:
        prove(self.value)
        control = clean(self.control, "The name of a control", 80)
        if folded(control) == "control":
            control = ""
        if control and (
            not re.fullmatch(r"[^\W\d_][^()\[\]“”;:±]*", control)
            or SIGN_WITHIN.search(control)
            or re.search(r"\b(minus|sample|or|and|if)\b", control, re.IGNORECASE)
        ):
            raise fault(
                "This cannot be the name of a control",
                control,
                "write for example difference to untransduced cells > 50 %",
            )
        keep(self, control=control, unit=tidy_unit(self.unit), qualifier=note(self.qualifier, "The remark"))


@dataclass(frozen=True)
class Derived:
    """The endotoxin limit K/M: `threshold` K in EU per kg body weight and hour over the dose given in an hour.

    Without a threshold K follows from the route (see `THRESHOLDS`).
    """

    threshold: Decimal | None = None
    route: str = ""
    qualifier: str = ""

    def __post_init__(self) -> None:
        prove(self.threshold)
        if self.threshold is not None and self.threshold <= 0:
            raise fault(
                "A threshold must be more than nothing",
                show_number(self.threshold),
                "write for example ≤ K/M, K = 5 EU/kg/h",
            )
        route = clean(self.route, "A route", 60)
        route = ROUTES.get(folded(route), route)
        if route and not re.fullmatch(r"(?!.*\b(?:or|and|if)\b)[^\W\d_][\w -]*", route, re.IGNORECASE):
            raise fault("This is not a route of administration", route, "write for example ≤ K/M, route intravenous")
        keep(self, route=route, qualifier=note(self.qualifier, "The remark"))


THRESHOLDS = {"intravenous": Decimal(5), "intrathecal": Decimal("0.2")}
"""K in EU per kg and hour by route (Ph. Eur. 5.1.10; own knowledge on 25 Nov 2026, verify before use)."""
ROUTES = {"iv": "intravenous", "i.v": "intravenous", "it": "intrathecal", "i.t": "intrathecal"} | {
    spelling: route
    for route in THRESHOLDS
    for spelling in (route, f"{route} use", f"{route} infusion", f"{route} injection")
}


Limit = OneSided | Range | Approx
