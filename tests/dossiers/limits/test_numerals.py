"""Numbers as people write them, and as they are shown."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.limits import LimitFault, number, show_number
from dossiers.limits.numerals import Written

D = Decimal
plain = st.decimals("-1e12", "1e12", allow_nan=False, allow_infinity=False, places=3) | st.integers(-5000, 10**9).map(D)
coefficients = st.decimals("-99", "99", allow_nan=False, places=2)
written = st.builds(lambda c, p: Written(D(f"{c}E{p}"), p), coefficients, st.integers(-12, 14))
numbers = plain | written | st.sampled_from([D("0.50"), D("1E+3"), D("0E+7"), Written("0E6", 6)])


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("70", "70"),
        ("0.50", "0.50"),
        ("0,5", "0.5"),
        ("0,500", "0.500"),
        (".5", "0.5"),
        ("12,3456", "12.3456"),
        ("−20", "-20"),
        ("- 5", "-5"),
        ("1,000,000", "1000000"),
        ("1.000.000", "1000000"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1 000", "1000"),
        ("1 000,5", "1000.5"),
        ("1’000", "1000"),
        ("1.000", "1.000"),
        ("1e6", "1E6"),
        ("1,5E-3", "1.5E-3"),
        ("1.0 × 10⁶", "1.0E6"),
        ("1.0x10^6", "1.0E6"),
        ("1.0 * 10**6", "1.0E6"),
        ("1.0 x 10E6", "1.0E6"),
        ("2·10⁻³", "2E-3"),
        ("10^6", "1E6"),
        ("10⁶", "1E6"),
        ("10e6", "10E6"),
    ],
)
def test_numbers_keep_their_digits(typed: str, value: str) -> None:
    assert number(typed).as_tuple() == D(value).as_tuple()
    assert type(number(typed)) is Decimal


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("1,000", "write 1000, or 1.000"),
        ("12,345", "write 12345, or 12.345"),
        ("1,000e6", "write 1000"),
        ("1,00,000", "1 × 10^6"),
        ("1,0.0,0", "1234.5"),
        ("2 x 106", "write × 10^6"),
        ("1e999999999", "between −99 and 99"),
        ("9" * 31, "at most 30"),
        ("", "write for example 70"),
        ("NaN", "write for example 70"),
        ("Infinity", "write for example 70"),
        ("1 2", "write for example 70"),
        ("٣", "write for example 70"),
        ("1\u202e2", "remove that character"),
    ],
)
def test_numbers_that_can_be_read_in_two_ways_or_none_are_refused(typed: str, remedy: str) -> None:
    with pytest.raises(LimitFault, match=r"\.$") as why:
        number(typed)
    assert remedy in str(why.value)


@given(numbers)
def test_a_shown_number_is_read_back(value: Decimal) -> None:
    assert number(show_number(value)) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.50", "0.50"),
        ("99999", "99999"),
        ("99999.5", "99999.5"),
        ("100000", "1 × 10⁵"),
        ("1234567", "1.234567 × 10⁶"),
        ("1.20E6", "1.20 × 10⁶"),
        ("1E3", "1000"),
        ("0.001", "0.001"),
        ("0.00050", "5.0 × 10⁻⁴"),
        ("-20", "−20"),
        ("-0.0", "0.0"),
        ("0E-400", "0"),
        ("NaN", "NaN"),
    ],
)
def test_numbers_are_shown_with_exact_digits(value: str, shown: str) -> None:
    assert show_number(D(value)) == shown.replace(" ", "\u00a0")
