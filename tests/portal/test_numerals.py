"""Whole numbers out of addresses and forms: what is none never is an error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.numerals import MOST, page_number, whole


@given(st.integers(min_value=0, max_value=MOST))
def test_a_number_is_itself(number: int) -> None:
    assert whole(str(number), -1) == number
    assert page_number(str(number)) == max(1, number)


@given(st.text())
def test_anything_else_is_what_was_agreed(said: str) -> None:
    found = whole(said, -1)
    assert found == -1 or (said.isascii() and int(said) == found <= MOST)
    assert page_number(said) >= 1


@pytest.mark.parametrize("said", ["", "-1", "1.5", "1e3", "٣", "²", " 1", "1_000", "9" * 5_000])
def test_signs_other_digits_and_endless_ones_are_no_numbers(said: str) -> None:
    assert whole(said, -1) == -1
    assert page_number(said) == 1
