"""The best set in whole numbers, however large they are."""

from __future__ import annotations

from itertools import compress, product
from time import monotonic

from hypothesis import given, settings
from hypothesis import strategies as some

from portal.knapsack import Found, Row, Search, best


def soon(*cost: int) -> Search:
    return Search(monotonic() + 60, cost)


def test_the_best_set() -> None:
    assert best((10, 7, 5), [Row((5, 4, 3), 7)], soon()) == Found(frozenset({1, 2}), True, True)
    assert best((10, 7, 5), [], soon()).places == {0, 1, 2}
    assert best((), [Row((), 7)], soon()) == Found(frozenset(), True, True)
    assert best((1, 0), [Row((2, 0), 1)], soon()) == Found(frozenset(), True, True)


def test_of_sets_worth_the_same_the_cheapest() -> None:
    one = [Row((1, 1, 1), 1)]
    assert best((1, 1, 1), one, soon(9, 2, 7)).places == {1}
    assert best((2, 1, 1), one, soon(9, 2, 7)).places == {0}, "worth comes first"


def test_without_time_nothing_is_proven_and_limits_are_kept() -> None:
    assert best((3, 2), [Row((1, 1), 1)], Search(monotonic())) == Found(frozenset(), False, False)


ITEMS = some.lists(some.tuples(some.integers(0, 9), some.integers(0, 10**14), some.integers(0, 4)), max_size=7)


@settings(deadline=None, max_examples=80)
@given(ITEMS, some.lists(some.booleans(), min_size=7, max_size=7), some.integers(-1, 1), some.integers(0, 14))
def test_no_set_of_any_size_of_numbers_is_better(
    items: list[tuple[int, int, int]], part: list[bool], off: int, slots: int
) -> None:
    """The limit is what some of the things need, a cent more or a cent less: a solver's rounding does not see it."""
    worth, cents, places = ([item[n] for item in items] for n in range(3))
    limit = max(0, sum(compress(cents, part)) + off)
    found = best(worth, [Row(tuple(cents), limit), Row(tuple(places), slots)], Search(monotonic() + 60, cents))
    assert found.proven and found.cheapest
    sets = [s for s in product((0, 1), repeat=len(items)) if sum(compress(cents, s)) <= limit]
    sets = [s for s in sets if sum(compress(places, s)) <= slots]
    top = max(sum(compress(worth, s)) for s in sets)
    least = min(sum(compress(cents, s)) for s in sets if sum(compress(worth, s)) == top)
    assert sum(worth[n] for n in found.places) == top
    assert sum(cents[n] for n in found.places) == least
    assert sum(places[n] for n in found.places) <= slots
