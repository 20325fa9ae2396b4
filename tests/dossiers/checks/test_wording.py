"""What free text mentions, and what it denies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.checks.wording import listed, mentions, names

WORDS = st.text(alphabet="abcdefgh", min_size=3, max_size=8)


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("gamma irradiation with at least 30 kGy", True),
        ("tested for bovine viruses, irradiated", True),
        ("not irradiated", False),
        ("no treatment; it is irradiated by the maker", True),
        ("tested without being irradiated", False),
        ("unirradiated", False),
        ("", False),
        (None, False),
    ],
)
def test_a_denied_word_is_not_mentioned(text: str | None, is_there: bool) -> None:
    assert mentions(text, ["irradiat"]) is is_there


def test_a_title_is_named_whether_or_not_it_denies() -> None:
    assert names("free of, and not, bovine serum", ["bovine"])
    assert not names("hypobovine", ["bovine"])
    assert not names("anything", [])


@given(WORDS, st.lists(WORDS, max_size=4))
def test_whatever_is_mentioned_is_named(word: str, others: list[str]) -> None:
    text = " ".join([*others, word])
    assert names(text, [word]) and mentions(text, [word])
    assert not mentions(f"not {word}", [word])


@given(st.lists(WORDS, max_size=6))
def test_every_item_is_told_in_its_order(items: list[str]) -> None:
    said = listed(items)
    assert [w for w in said.replace(" and ", ", ").split(", ") if w] == items
