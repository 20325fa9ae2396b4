"""Numbers are found in sentences as people write them, with the power and the unit that belong to each."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.checks.amounts import WORDS, amounts, counted
from dossiers.limits import show_number

SENTENCES = {
    "the titre varied from 2.9 to 3.8 × 10⁸ TU/mL": [("2.9E+8", "TU/mL"), ("3.8E+8", "TU/mL")],
    "5 × 10¹¹, 1 × 10¹² and 2 × 10¹² vg/kg": [("5E+11", "vg/kg"), ("1E+12", "vg/kg"), ("2E+12", "vg/kg")],
    "0.5, 1 and 2 × 10⁶/kg lie within": [("5E+5", "/kg"), ("1E+6", "/kg"), ("2E+6", "/kg")],
    "patients 12–28 %, n = 2": [("12", "%"), ("28", "%"), ("2", "")],
    "peaks of 38 000 and 61 000 copies": [("38000", "copies"), ("61000", "copies")],
    "batch C19-24-102-P (12 % CAR+ cells)": [("12", "%")],
    "no number at all": [],
}


@pytest.mark.parametrize(("sentence", "expected"), SENTENCES.items())
def test_amounts_of_a_sentence(sentence: str, expected: list[tuple[str, str]]) -> None:
    assert [(a.value, a.unit) for a in amounts(sentence)] == [(Decimal(v), u) for v, u in expected]


def test_a_sign_and_a_loose_word_are_seen() -> None:
    (limit,) = amounts("the limit (≥ 30 %)")
    (loose,) = amounts("it was at most 18 ng")
    assert (limit.sign, limit.hedged, loose.sign, loose.hedged) == ("≥", False, "", True)


@given(st.decimals(min_value=0, max_value=10**12, allow_nan=False, allow_infinity=False, places=2))
def test_what_the_product_shows_is_read_back(value: Decimal) -> None:
    (found,) = amounts(f"it holds {show_number(value)} vg/mL in all")
    assert (found.value, found.unit) == (value, "vg/mL")


@given(st.text(alphabet="0123456789 .,×10⁶⁻–-±%/eE()[]abc≥\u00a0", max_size=40))
def test_no_text_is_too_strange(text: str) -> None:
    assert all(a.value.is_finite() and 0 <= a.start < a.end <= len(text) for a in amounts(text))


def test_numbers_as_words() -> None:
    assert [counted(w) for w in ("five", "Fifteen", "15", "a few", "²", "")] == [5, 15, 15, None, None, None]
    assert sorted(WORDS.values()) == list(range(1, 21))
