"""Temperatures as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.checks.temperatures import Span, temperature


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2–8 °C", "2", "8"),
        ("2–8 °C, before freezing", "2", "8"),
        ("15–25 °C in the box, summer and winter profile", "15", "25"),
        ("≤ −150 °C, vapour of liquid nitrogen", None, "-150"),
        ("−90 to −60 °C", "-90", "-60"),
        ("37 °C", "37", "37"),
        ("at least 30 °C", "30", None),
    ],
)
def test_a_range_is_read(text: str, low: str | None, high: str | None) -> None:
    assert temperature(text) == Span(Decimal(low) if low else None, Decimal(high) if high else None)


@pytest.mark.parametrize("text", [None, "", "vapour of liquid nitrogen", "dry ice"])
def test_words_without_a_number_say_no_temperature(text: str | None) -> None:
    assert temperature(text) is None


@given(st.integers(-200, 60), st.integers(1, 40), st.integers(1, 20))
def test_a_range_holds_itself_and_what_lies_within(low: int, width: int, beyond: int) -> None:
    outer = Span(Decimal(low), Decimal(low + width))
    assert outer.holds(outer)
    assert outer.holds(Span(Decimal(low), Decimal(low + width - 1)))
    assert not outer.holds(Span(Decimal(low), Decimal(low + width + beyond)))
    assert not outer.holds(Span(Decimal(low - beyond), Decimal(low)))
    assert Span(None, Decimal(low)).holds(Span(None, Decimal(low - beyond)))
    assert not Span(None, Decimal(low)).holds(Span(Decimal(low), None))


@given(st.text(max_size=60))
def test_no_text_is_an_error(text: str) -> None:
    found = temperature(text)
    assert found is None or found.low is None or found.high is None or found.low <= found.high
