"""The sentences of the what-if, also where the solver had too little time."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portal.choice.words import because, names, need, points
from portal.choosing import Candidate, Choice, Limits, Need, Reason, State, Swap

ONE = Candidate("X", Decimal(5), Decimal(100), 3)
NONE = Candidate("X", Decimal(0), Decimal(100), 3)
CHOICE = Choice({"X": ONE}, Limits(Decimal(50), 1), frozenset(), Need(), True, True)


def swap(lost: str, *, into: tuple[str, ...] = (), out: tuple[str, ...] = (), proven: bool = True) -> Swap:
    return Swap(into, out, Decimal(lost), proven)


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (Reason(True, State.MAY, swap=swap("0", into=("Z",))), "Without it, Z would come in; as many points."),
        (
            Reason(True, State.MAY, swap=swap("1", into=("Y", "Z"), out=("Q",))),
            "Without it, Y and Z would come in and Q go out; 1.0 point less.",
        ),
        (Reason(True, State.MAY), "Not worked out: the time for reasons was used up."),
        (
            Reason(True, State.MAY, swap=swap("2", proven=False)),
            "Without it, nothing else would come in; at most 2.0 points less, for the solver ran out of time.",
        ),
        (
            Reason(False, State.MAY, Need(Decimal(50), 2), swap=swap("-2", out=("A",)), enough=None),
            (
                "It needs 100 EUR, and 50 EUR is left; it needs 3 slots, and 1 is left. "
                "Taking it would put out A; 2.0 points more, so the choice above is not the best yet."
            ),
        ),
        (
            Reason(False, State.MAY, Need(slots=2), swap=swap("2", out=("A", "B"), into=("C",)), enough=False),
            (
                "It needs 3 slots, and 1 is left. Taking it would put out A and B and let C in and lose 2.0 points "
                "in all. With 2 slots more it would fit, but that would do more for others."
            ),
        ),
        (
            Reason(False, State.MAY, Need(Decimal(50)), Need(Decimal(50))),
            "It cannot be taken: it needs 50 EUR more than there is in all.",
        ),
    ],
)
def test_a_reason_in_words(reason: Reason, says: str) -> None:
    assert because(reason, ONE, CHOICE).replace("\u00a0", " ") == says


def test_what_adds_nothing_says_so() -> None:
    assert because(Reason(False, State.MAY, swap=swap("0")), NONE, CHOICE) == "It adds no points."


def test_lists_and_amounts() -> None:
    assert names("A") == "A" and names("AB") == "A and B" and names("ABC") == "A, B and C"
    assert names("ABCDEFG") == "A, B, C, D, E and 2 more"
    assert need(Need(Decimal(1000), 1)).replace("\u00a0", " ") == "1\u202f000 EUR and 1 slot" and need(Need()) == ""
    assert points(Decimal("0.5")) == "0.5\u00a0points"
