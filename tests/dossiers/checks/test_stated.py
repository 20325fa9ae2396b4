"""What two sides state is compared by what it means: units, rounding, spelling."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.checks.findings import Severity
from dossiers.checks.stated import differing, equal, same, same_amount
from dossiers.limits import parse

ALIKE = (
    ("≤ −150 °C", "≤ -150 °C"),
    ("30 min", "0.5 h"),
    ("15–25 °C", "15 to 25 °C"),
    ("96 h", "4 days"),
    ("protected from light", "Protected from light."),
)
UNLIKE = (("2–8 °C", "15–25 °C"), ("12 months", "18 months"), ("30 min", "30 h"), ("≤ −150 °C", "≤ −80 °C"))


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_the_same_in_other_words(one: str, other: str) -> None:
    assert same_amount(one, other) and same_amount(other, one)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_something_else(one: str, other: str) -> None:
    assert not same_amount(one, other) and not same_amount(other, one)


def test_a_strength_in_another_unit_is_the_same_and_a_rounded_one_too() -> None:
    held = parse("0.85e13–1.15e13 vg/mL")
    assert same(parse("0.85e10–1.15e10 vg/µL"), held)
    assert not same(parse("0.80e13–1.20e13 vg/mL"), held)
    assert not same(parse("0.85e13–1.15e13 vp/mL"), held)
    assert not same(parse("≥ 0.85e13 vg/mL"), held)


def test_a_spelling_is_a_warning_and_another_name_is_not() -> None:
    spelt, other = differing(("n", "name"), "TDM CAR-19", "TDM-CAR19"), differing(("n", "name"), "TDM-22", "TDM-19")
    assert spelt is not None and spelt.severity is Severity.WARNING
    assert other is not None and other.severity is None
    assert differing(("n", "name"), "TDM-19 ", "TDM-19") is None


@given(st.decimals(min_value="0.001", max_value=10**9, allow_nan=False, allow_infinity=False, places=3))
def test_a_thousand_times_is_never_the_same(value: Decimal) -> None:
    assert equal(value, "mg", value * 1000, "µg") and not equal(value, "mg", value * 1000, "mg")
