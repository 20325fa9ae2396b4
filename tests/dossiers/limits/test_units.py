"""Units as the field writes them; conversion where it is defined."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.limits import LimitFault, convert, parse, tidy_unit, unit_of

D = Decimal


@pytest.mark.parametrize(
    ("value", "source", "target", "wanted"),
    [
        ("500", "EU/L", "EU/mL", "0.5"),
        ("0.25", "EU/mL", "EU/ml", "0.25"),
        ("1000", "ng/mL", "µg/mL", "1"),
        ("3", "beads per 3e6 TNC", "bead per 30e6 TNC", "30"),
        ("2", "10^6 cells/mL", "cells/µL", "2000"),
        ("5", "CD3+ cells/g", "CD3+ cells/kg", "5000"),
        ("90", "min", "h", "1.5"),
        ("5", "kb", "bp", "5000"),
        ("50", "°F", "°C", "10"),
        ("20", "%", "ppm", "200000"),
    ],
)
def test_units_convert_where_that_is_defined(value: str, source: str, target: str, wanted: str) -> None:
    assert convert(D(value), source, target) == D(wanted)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("EU/mL", "IU/mL"),
        ("%", "percentage points"),
        ("cells/kg", "CAR19+ cells/kg"),
        ("copies/cell", "copies/100 ng DNA"),
        ("vg", "vp"),
        ("mL", ""),
        ("TU/mL", "CFU/mL"),
        ("≥", "%"),
        ("TNC", "N"),
    ],
)
def test_units_of_different_things_do_not_convert(source: str, target: str) -> None:
    assert convert(D(1), source, target) is None
    assert convert(D(1), target, source) is None


@given(st.text(max_size=20))
def test_tidying_a_unit_once_is_enough(text: str) -> None:
    try:
        unit = tidy_unit(text)
    except LimitFault:
        return
    assert tidy_unit(unit) == unit
    assert convert(D(2), unit, unit) == 2


def test_the_unit_of_a_criterion_is_that_of_its_results() -> None:
    assert unit_of(parse("≥ 70 %")) == "%"
    assert unit_of(parse("release: ≥ 70 %; shelf life: ≥ 60 %")) == "%"
    assert unit_of(parse("a) < 70 % or b) difference > 50 pp")) == ""
    assert unit_of(parse("K/M")) == "EU/mL"
    assert unit_of(parse("> 5e5 cells/kg; 35e6 cells for a 70 kg patient")) == "cells/kg"
    assert unit_of(parse("absent in 10 mL")) == ""


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("ng/1e13 vg", "ng/10¹³\u00a0vg"),
        ("ng per 10^13 vg", "ng per 10¹³ vg"),
        ("ng per 1 × 10¹³ vg", "ng per 10¹³ vg"),
        ("beads per 3e6 cells", "beads per 3\u00a0×\u00a010⁶ cells"),
    ],
)
def test_a_power_of_ten_in_a_unit_stands_alone(typed: str, tidy: str) -> None:
    assert tidy_unit(typed).replace("\u00a0", " ") == tidy.replace("\u00a0", " ")
    assert convert(D(5), typed, tidy) == 5
