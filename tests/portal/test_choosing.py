"""The choice is the best there is, and its reasons are right: tried against every set there could be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from portal.choosing import (
    CENT,
    MOST,
    STEP,
    Candidate,
    Choice,
    Limits,
    Need,
    State,
    choose,
    reasons,
    rounded,
)
from portal.knapsack import CORE

KEYS = "ABCDEFGHIJ"
TENTHS = some.integers(0, 60).map(lambda n: n * STEP)
SUMS = some.sampled_from([Decimal(n) for n in ("0", "5000", "12500.50", "20000", "99999.99", "150000.01")])
STATES = some.sampled_from([State.MAY] * 6 + [State.MUST, State.OUT])
PARTS = some.tuples(TENTHS, SUMS, some.integers(0, 4), STATES)


@some.composite
def questions(draw: some.DrawFn) -> tuple[list[Candidate], Limits]:
    """Candidates, up to ten, and limits of which most are a part of what all of them need."""
    parts = draw(some.lists(PARTS, max_size=10))
    candidates = [Candidate(key, *part) for key, part in zip(KEYS, parts, strict=False)]
    money = (sum((c.money for c in candidates), Decimal(0)) * draw(some.integers(1, 9)) / 10).quantize(CENT)
    slots = sum(c.slots for c in candidates) * draw(some.integers(1, 9)) // 10
    return candidates, Limits(draw(some.sampled_from([None, money, money])), draw(some.sampled_from([None, slots])))


def sets(candidates: Sequence[Candidate], limits: Limits) -> Iterator[frozenset[str]]:
    """Every set that has the musts, has not the outs, and keeps within the limits."""
    musts = [c for c in candidates if c.state is State.MUST]
    free = [c for c in candidates if c.state is State.MAY]
    for n in range(len(free) + 1):
        for more in combinations(free, n):
            those = [*musts, *more]
            if limits.money is not None and sum(c.money for c in those) > limits.money:
                continue
            if limits.slots is None or sum(c.slots for c in those) <= limits.slots:
                yield frozenset(c.key for c in those)


def worth(candidates: Iterable[Candidate], keys: Iterable[str]) -> Decimal:
    known = {c.key: c.value for c in candidates}
    return sum((known[key] for key in keys), Decimal(0))


def cost(candidates: Iterable[Candidate], keys: Iterable[str]) -> Decimal:
    known = {c.key: c.money for c in candidates}
    return sum((known[key] for key in keys), Decimal(0))


def most(candidates: Sequence[Candidate], limits: Limits) -> Decimal | None:
    return max((worth(candidates, keys) for keys in sets(candidates, limits)), default=None)


def changed(candidates: Sequence[Candidate], key: str, state: State) -> list[Candidate]:
    return [Candidate(c.key, c.value, c.money, c.slots, state if c.key == key else c.state) for c in candidates]


@settings(deadline=None, max_examples=60)
@given(questions(), some.randoms(use_true_random=False))
def test_no_other_set_is_better(asked: tuple[list[Candidate], Limits], random: Random) -> None:
    candidates, limits = asked
    made = choose(candidates, limits)
    top = most(candidates, limits)
    if top is None:
        musts = [c for c in candidates if c.state is State.MUST]
        assert made.lacking and not made.taken
        if limits.money is not None:
            assert made.lacking.money == max(0, sum(c.money for c in musts) - limits.money)
        if limits.slots is not None:
            assert made.lacking.slots == max(0, sum(c.slots for c in musts) - limits.slots)
        return
    assert made.proven and made.cheapest and not made.lacking
    assert made.taken in set(sets(candidates, limits)), "a limit, a must or an out is broken"
    assert made.value == top
    least = min(cost(candidates, k) for k in sets(candidates, limits) if worth(candidates, k) == top)
    assert made.used.money == cost(candidates, made.taken) == least
    mixed = list(candidates)
    random.shuffle(mixed)
    assert choose(mixed, limits).taken == made.taken


@settings(deadline=None, max_examples=40)
@given(questions())
def test_every_reason_is_true(asked: tuple[list[Candidate], Limits]) -> None:
    candidates, limits = asked
    made = choose(candidates, limits)
    if made.lacking:
        return
    for key, reason in reasons(made, [c.key for c in candidates], 60).items():
        one = made.candidates[key]
        assert reason.taken is (key in made.taken) and reason.state is one.state
        if one.state is not State.MAY:
            assert reason.swap is None
            continue
        otherwise = changed(candidates, key, State.OUT if reason.taken else State.MUST)
        top = most(otherwise, limits)
        assert bool(reason.excess) is (top is None)
        if top is None:
            continue
        swap = reason.swap
        assert swap is not None and swap.proven and swap.lost == made.value - top >= 0
        there = made.taken ^ {key}
        assert made.taken.isdisjoint(swap.into) and set(swap.out) <= made.taken - {key}
        there = (there - set(swap.out)) | set(swap.into)
        assert there in set(sets(otherwise, limits)) and worth(candidates, there) == top
        if not reason.taken:
            check_more(made, key, reason.short, reason.enough)


def check_more(made: Choice, key: str, short: Need, enough: bool | None) -> None:
    """What it is said to need beyond what is left, and whether so much more would bring it in."""
    one, limits, candidates = made.candidates[key], made.limits, list(made.candidates.values())
    left = None if limits.money is None else limits.money - made.used.money
    room = None if limits.slots is None else limits.slots - made.used.slots
    assert short.money == (0 if left is None else max(0, one.money - left))
    assert short.slots == (0 if room is None else max(0, one.slots - room))
    if not short:
        assert enough is None and not one.value, "what fits and is worth something is taken"
        return
    raised = Limits(
        None if limits.money is None else limits.money + short.money,
        None if limits.slots is None else limits.slots + short.slots,
    )
    assert enough is (most(changed(candidates, key, State.MUST), raised) == most(candidates, raised))


def of(key: str, value: str, money: str = "0", slots: int = 0, state: State = State.MAY) -> Candidate:
    return Candidate(key, Decimal(value), Decimal(money), slots, state)


def test_a_cent_over_the_limit_is_over_it() -> None:
    """The solver alone takes B, C and D here, which need a cent more than there is: a fraction of nothing to it."""
    sums = ("2816888883.96", "7327922777.64", "5448947283.02", "71472986.33")
    four = [of(key, value, money) for key, value, money in zip("ABCD", ("4", "5", "5", "4"), sums, strict=True)]
    made = choose(four, Limits(Decimal("12848343046.98")))
    assert made.proven and made.value == most(four, made.limits) == 13
    assert made.used.money <= Decimal("12848343046.98")
    more = choose(four, Limits(Decimal("12848343046.99")))
    assert more.taken == {"B", "C", "D"}


def test_of_like_candidates_the_first_by_key_is_taken() -> None:
    like = [of(key, "5", "100", 1) for key in "DBCA"]
    assert choose(like, Limits(Decimal(200))).taken == {"A", "B"}
    assert choose(like, Limits(None, 1)).taken == {"A"}


def test_what_is_worth_nothing_is_not_taken_and_no_limit_takes_the_rest() -> None:
    made = choose([of("A", "0"), of("B", "0.1", "1e9", 400)], Limits())
    assert made.taken == {"B"} and made.proven
    assert not reasons(made, ["A"])["A"].short


def test_what_cannot_be_counted_is_refused() -> None:
    for bad in (("0.05", "1", 1), ("1", "1.001", 1), ("-1", "1", 1), ("1", "-1", 1), ("1", "1", -1)):
        with pytest.raises(ValueError, match="cannot be counted"):
            of("A", *bad)
    with pytest.raises(ValueError, match="key of its own"):
        choose([of("A", "1"), of("A", "2")], Limits())
    with pytest.raises(ValueError, match=str(MOST)):
        choose([of(str(n), "1") for n in range(MOST + 1)], Limits())
    assert (rounded(Decimal("63.45")), rounded(Decimal("63.4499"))) == (Decimal("63.5"), Decimal("63.4"))


def test_a_solver_without_time_says_so() -> None:
    many = crowd(80)
    made = choose(many, Limits(Decimal(10**6), 20), seconds=0)
    assert not made.proven and not made.cheapest
    assert made.used.money <= 10**6 and made.used.slots <= 20
    good = choose(many, Limits(Decimal(10**6), 20), 60)
    assert good.proven and good.value >= made.value
    assert all(r.swap is None and r.enough is None for r in reasons(good, [c.key for c in many], 0).values())


def crowd(number: int) -> list[Candidate]:
    random = Random(number)
    return [
        Candidate(f"P-{n:05}", random.randint(200, 900) * STEP, Decimal(random.randint(10, 400) * 1000), n % 5)
        for n in range(number)
    ]


def table(candidates: Sequence[Candidate], money: int, slots: int) -> Decimal:
    """The most points there can be, by a table over thousands of EUR and slots: another way than the solver's."""
    tops = [[0] * (slots + 1) for _ in range(money + 1)]
    for c in candidates:
        value, thousands = int(c.value / STEP), int(c.money / 1000)
        for m in range(money, thousands - 1, -1):
            row, before = tops[m], tops[m - thousands]
            for s in range(slots, c.slots - 1, -1):
                row[s] = max(row[s], before[s - c.slots] + value)
    return tops[money][slots] * STEP


def test_a_core_that_leaves_most_outside_loses_nothing() -> None:
    """With many times as many candidates as the core begins with, the value is that of a table over all of them."""
    many = crowd(4 * CORE)
    made = choose(many, Limits(Decimal(900_000), 14), 60)
    assert made.proven and made.value == table(many, 900, 14)
    below = next(c.key for c in sorted(many, key=lambda c: c.value, reverse=True) if c.key not in made.taken)
    swap = reasons(made, [below], 60)[below].swap
    assert swap is not None and swap.proven
    one = made.candidates[below]
    others = [c for c in many if c.key != below]
    rest = table(others, 900 - int(one.money / 1000), 14 - one.slots)
    assert swap.lost == made.value - one.value - rest


def test_thousands_are_chosen_among_within_the_time() -> None:
    many = crowd(3000)
    made = choose(many, Limits(Decimal(20_000_000), 400), 60)
    assert made.proven and made.used.money <= 20_000_000 and made.used.slots <= 400
