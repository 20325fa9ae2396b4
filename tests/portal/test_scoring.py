"""Scores into a proposal: the worked example, every branch, and what holds for any scores."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rulebook import RulebookFault, read, seeded
from portal.scoring import Given, card, severities, usable

BOOK = read(seeded())
NAMES = tuple(c.id for c in BOOK.criteria)


def scored(default: int = 3, **other: int) -> list[Given]:
    return [Given(name, other.get(name, default)) for name in NAMES]


def test_the_worked_example_comes_out() -> None:
    """The example of the reference stage gates: 61.8, nothing under its minimum, go with conditions."""
    made = card(BOOK, "G1", scored(C01=4, C02=4, C07=2, C11=2, C12=2))
    assert made.weighted == Decimal("61.8")
    assert made.below == ()
    assert made.proposal == "conditional_go"


@pytest.mark.parametrize(
    ("gate", "scores", "failed", "proposal"),
    [
        ("G1", scored(5), (), "go"),
        ("G1", scored(5), ("It is lawful",), "revise"),
        ("G1", scored(5, C02=0), (), "revise"),
        ("G1", scored(1), (), "stop"),
        ("G1", scored(2, C01=3), (), "revise"),
        ("G1", scored(4, C12=0), (), "go"),  # no minimum for C12 at G1
        ("G2", scored(4, C01=2), (), "conditional_go"),  # one point under, no knock-out
        ("G2", scored(4, C01=1), (), "revise"),  # two points under
        ("G2", scored(4, C02=2), (), "revise"),  # a knock-out criterion under its minimum
        ("G1", scored(5)[1:], (), ""),
        ("G6", scored(5), (), "go"),
    ],
)
def test_each_branch(gate: str, scores: list[Given], failed: tuple[str, ...], proposal: str) -> None:
    made = card(BOOK, gate, scores, failed)
    assert made.proposal == proposal
    assert made.reasons


@pytest.mark.parametrize(("letter", "left"), [("A", "4"), ("B", "4"), ("C", "3.5"), ("D", "3")])
def test_confidence_takes_off(letter: str, left: str) -> None:
    assert usable(BOOK, Given("C01", 4, letter)) == Decimal(left)
    assert usable(BOOK, Given("C01", 0, letter)) == 0


def test_mean_median_spread() -> None:
    (first, *_) = card(BOOK, "G1", [Given("C01", n, "A", f"r{n}") for n in (1, 2, 5)]).criteria
    assert (first.mean, first.median, first.spread) == (Decimal(8) / 3, Decimal(2), Decimal(4))


def test_a_severe_reviewer_is_found_and_half_taken_out() -> None:
    scores = [Given(n, 2, "A", "severe") for n in NAMES] + [Given(n, 4, "A", "mild") for n in NAMES]
    assert severities(BOOK, scores) == {"severe": Decimal(-2), "mild": Decimal(2)}
    made = card(BOOK, "G1", scores)
    assert made.weighted == made.adjusted == Decimal(60)
    only = card(BOOK, "G1", [*scores, Given("C01", 4, "A", "third")])
    assert only.adjusted is not None


giving = st.builds(Given, st.sampled_from(NAMES), st.integers(0, 5), st.sampled_from("ABCD"), st.sampled_from("xyz"))


@given(st.lists(giving, max_size=60), st.sampled_from(["G0", "G1", "G3", "G5", "G7"]))
def test_any_scores_stay_within_bounds(scores: list[Given], gate: str) -> None:
    made = card(BOOK, gate, scores)
    for value in (made.weighted, made.raw, made.adjusted):
        assert value is None or 0 <= value <= 100
    if made.weighted is not None and made.raw is not None:
        assert made.weighted <= made.raw
    for one in made.criteria:
        assert one.usable is None or 0 <= one.usable <= 5
        assert one.adjusted is None or 0 <= one.adjusted <= 5


@given(st.lists(giving, min_size=1, max_size=40), giving)
def test_the_order_of_scores_does_not_matter(scores: list[Given], more: Given) -> None:
    assert card(BOOK, "G1", [*scores, more]).weighted == card(BOOK, "G1", [more, *reversed(scores)]).weighted


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("weight: 12", "weight: 13"), "they must come to 100"),
        (("go: 65", "go: 45"), "must rise from stop"),
        (("id: C02", "id: C01"), "the same id"),
        (("science: 2", "magic: 2"), "no readiness track"),
        (("criteria:", "kriteria:"), "missing or of the wrong kind"),
        (("version_note", "{version_note"), "no YAML"),
    ],
)
def test_a_wrong_rulebook_gets_a_sentence(change: tuple[str, str], words: str) -> None:
    with pytest.raises(RulebookFault, match=words):
        read(
            seeded().replace(*change, 1)
            if change[0] != "science: 2"
            else seeded().replace("      science: 2", "      magic: 2", 1)
        )


def test_every_gate_and_anchor_is_there() -> None:
    assert list(BOOK.gates) == [f"G{n}" for n in range(8)]
    assert all(set(c.anchors) == {0, 1, 3, 5} for c in BOOK.criteria)
    assert set(BOOK.thresholds) == {"G1", "G2", "G3", "G4", "G5"}
    assert set(BOOK.levels) == set(range(1, 10))
    assert all(set(level) == set(BOOK.tracks) for level in BOOK.levels.values())
