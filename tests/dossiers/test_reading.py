"""What a person types → what a record holds, or one sentence that says what to mend."""

from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.facts import Choice, Fact, Form, show, show_bare
from dossiers.reading import BIDI, Unreadable, read, read_one
from dossiers.records.product import Product


class Colour(Choice):
    RED = "red"
    DARK_BLUE = "dark_blue"


ID = UUID(int=7)
LINE = Fact("x", "Batch", Form.LINE, max_length=20)
SHARE = Fact("x", "Viability", Form.NUMBER, unit="%", bounds=(("ge", Decimal(0)), ("le", Decimal(100))))


@pytest.mark.parametrize(
    ("form", "typed", "value"),
    [
        (Form.LINE, "  B-1 ", "B-1"),
        (Form.TEXT, "a\r\nb", "a\nb"),
        (Form.PROSE, "# not stripped of *marks*", "# not stripped of *marks*"),
        (Form.NUMBER, "12.50", Decimal("12.50")),
        (Form.NUMBER, "1.5e6", Decimal("1.5e6")),
        (Form.NUMBER, "1.5 × 10⁶", Decimal("1.5e6")),
        (Form.INTEGER, "1e3", 1000),
        (Form.DATE, "2026-03-12", date(2026, 3, 12)),
        (Form.MONTH, "2024-06", "2024-06"),
        (Form.YESNO, "No", False),
        (Form.YESNO, True, True),
        (Form.LINES, "a; b\nc", ["a", "b", "c"]),
        (Form.LINK, str(ID), ID),
        (Form.LINKS, [str(ID), ID], [ID]),
        (Form.CRITERION, "≥ 70 %", "≥ 70 %"),
        (Form.LINE, " ", None),
        (Form.LINKS, [], None),
    ],
)
def test_reads(form: Form, typed: Any, value: Any) -> None:
    assert read_one(Fact("x", "X", form), typed) == value


def test_choices_by_value_or_label() -> None:
    f = Fact("x", "Colour", Form.CHOICE, choices=Colour)
    assert read_one(f, "dark_blue") is read_one(f, "Dark blue") is Colour.DARK_BLUE
    assert read_one(Fact("x", "Colours", Form.CHOICES, choices=Colour), "red; dark blue; red") == [
        Colour.RED,
        Colour.DARK_BLUE,
    ]


@pytest.mark.parametrize(
    ("fact", "typed", "words"),
    [
        (LINE, "a\x0bb", "000B"),
        (LINE, "a\u202eb", "writing direction"),
        (LINE, "a\nb", "line break"),
        (LINE, "a\ue000b", "private-use"),
        (LINE, "x" * 21, "at most 20 characters; this has 21"),
        (LINE, ["a"], "one value"),
        (SHARE, "120", "at most 100\u00a0%; this is 120\u00a0%"),
        (SHARE, "-1", "at least 0"),
        (SHARE, "many", "“many” is not one"),
        (SHARE, "NaN", "number"),
        (SHARE, True, "number"),
        (Fact("x", "N", Form.INTEGER), "1.5", "whole number"),
        (Fact("x", "Day", Form.DATE), "12/03/2026", "2026-03-12"),
        (Fact("x", "Day", Form.DATE), "2026-02-30", "2026-03-12"),
        (Fact("x", "Month", Form.MONTH), "2026-13", "2026-03"),
        (Fact("x", "Y", Form.YESNO), "perhaps", "yes or no"),
        (Fact("x", "Site", Form.LINK, to="site"), "nowhere", "must name a site"),
        (Fact("x", "Colour", Form.CHOICE, choices=Colour), "green", "one of red, dark blue"),
        (Fact("x", "Limit", Form.CRITERION), "≥ and ≤", "Limit"),
    ],
)
def test_refuses_with_a_sentence(fact: Fact, typed: Any, words: str) -> None:
    with pytest.raises(Unreadable, match=words.replace("(", r"\(")) as caught:
        read_one(fact, typed)
    assert str(caught.value).endswith((".", ")"))


def test_a_unit_typed_behind_the_number_is_taken_off() -> None:
    assert read_one(SHARE, "70 %") == Decimal(70)


def test_an_unknown_fact_gets_the_nearest_name() -> None:
    values, messages = read(Product, {"cod": "x", "code": "P-1"})
    assert values == {"code": "P-1"} and "did you mean “code”" in messages["cod"]


SEEN = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp"), exclude_characters="".join(BIDI)
    ),
    max_size=20,
)


@given(SEEN)
def test_every_printable_text_is_kept_letter_for_letter(text: str) -> None:
    value = read_one(LINE, text)
    assert (value or "") == text.strip()
    assert show(LINE, value) == text.strip()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=0, max_value=100))
def test_digits_are_kept(number: Decimal) -> None:
    value = read_one(SHARE, str(number))
    assert str(value) == str(number)
    assert read_one(SHARE, show_bare(SHARE, value)) == number


@given(
    st.sampled_from(Form),
    st.text(max_size=40) | st.integers() | st.booleans() | st.lists(st.text(max_size=5), max_size=3),
)
def test_nothing_typed_breaks_the_reader(form: Form, typed: Any) -> None:
    f = Fact("x", "X", form, choices=Colour if form in (Form.CHOICE, Form.CHOICES) else None)
    with contextlib.suppress(Unreadable):
        read_one(f, typed)
