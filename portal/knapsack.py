"""The set of things that is worth most and keeps within limits: found by HiGHS, kept small and exact around it.

A solver works with fractions that are nearly right. Everything here goes in and out as whole numbers, and what comes
back is added up again: a set that is over a limit by a cent is forbidden and the solver asked once more.

Most things are decided before the solver starts. With a price on each limit, every thing has a gain: its worth less
what it uses. The gains above zero and the priced limits together are a bound that no set exceeds, whatever the prices
(Lagrange). A thing whose gain is further from zero than that bound from a set that is known already cannot change
sides in any set as good. What is left, the core, is small (Balas and Zemel 1980, doi:10.1287/opre.28.5.1130).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import gcd
from time import monotonic

CORE = 60  # things with which the core begins
FINE = 2**60  # parts into which a price is cut, so that gains are whole numbers
AGAIN = 50  # times that the solver is asked once more before it is given up
BASE = 10**5  # numbers from here on are split into digits
INFEASIBLE = 2  # the solver's word for: there is no such set


@dataclass(frozen=True, slots=True)
class Row:
    """A limit in whole numbers, and how much of it each thing uses (not below zero)."""

    uses: tuple[int, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Found:
    """The places of the things in the best set. `proven`: no set is worth more; `cheapest`: and of those as good none
    costs less. Either is False where the time ran out before; the set keeps within the limits all the same.
    """

    places: frozenset[int]
    proven: bool
    cheapest: bool


@dataclass(frozen=True, slots=True)
class Search:
    """How to search. `until`: the moment, by `time.monotonic`, at which it ends. `cost`: of each thing, not below zero.

    `nodes`: after how many branches the search for the least cost, not that for the most worth, is content; 0: never.
    """

    until: float
    cost: Sequence[int] = ()
    nodes: int = 0


def best(worth: Sequence[int], rows: Sequence[Row], search: Search) -> Found:
    """The set worth most within `rows`; of sets worth the same, one of least cost where costs are given.

    What is worth nothing is left out.
    """
    problem = _Problem.of(worth, rows, search)
    places = problem.places
    if not problem.rows:
        return Found(frozenset(places), True, True)
    problem.price()
    found, proven = _by_core(problem)
    cheapest = proven
    if proven and search.cost:
        found, cheapest = _cheapest(problem, found)
    return Found(frozenset(places[n] for n in found), proven, cheapest)


@dataclass(slots=True)
class _Problem:
    """What is to be decided: the things that are worth something and fit by themselves, and the rows that bind them.

    `order`: the things by how far their gain is from zero. `bound`, `gains`: in `FINE` parts of a point.
    """

    places: list[int]
    worth: list[int]
    rows: list[Row]
    cost: list[int]
    search: Search
    order: list[int] = field(default_factory=list)
    gains: list[int] = field(default_factory=list)
    bound: int = 0

    @classmethod
    def of(cls, worth: Sequence[int], rows: Sequence[Row], search: Search) -> _Problem:
        places = [n for n, w in enumerate(worth) if w > 0 and all(row.uses[n] <= row.limit for row in rows)]
        kept = [_small([row.uses[n] for n in places], row.limit) for row in rows]
        binding = [row for row in kept if sum(row.uses) > row.limit]
        cost = [search.cost[n] for n in places] if search.cost else []
        return cls(places, [worth[n] for n in places], binding, cost, search)

    def price(self) -> None:
        prices = [0] * len(self.rows) if len(self.worth) <= CORE else _prices(self.worth, self.rows)
        used = ([p * use for use in row.uses] for p, row in zip(prices, self.rows, strict=True))
        self.gains = [w * FINE - sum(those) for w, *those in zip(self.worth, *used, strict=True)]
        self.bound = sum(g for g in self.gains if g > 0) + sum(
            p * row.limit for p, row in zip(prices, self.rows, strict=True)
        )
        self.order = sorted(range(len(self.worth)), key=lambda n: (abs(self.gains[n]), n))

    def open_with(self, value: int) -> int:
        """How many things, from the front of `order`, may still be in or out in a set that is worth `value` or more."""
        apart = self.bound - value * FINE
        return sum(abs(gain) <= apart for gain in self.gains)

    def split(self, size: int) -> tuple[list[int], list[int]]:
        """(the core of that size, what is taken outside it)."""
        return self.order[:size], [n for n in self.order[size:] if self.gains[n] > 0]

    def value(self, of: Iterable[int]) -> int:
        return sum(self.worth[n] for n in of)

    def room(self, taken: Iterable[int], core: Sequence[int]) -> list[Row]:
        """The rows for the core, with what is left of each limit."""
        taken = list(taken)
        return [Row(tuple(row.uses[n] for n in core), row.limit - sum(row.uses[n] for n in taken)) for row in self.rows]


def _small(uses: Sequence[int], limit: int) -> Row:
    """The same row in the smallest whole numbers."""
    by = gcd(*uses) or 1
    return Row(tuple(use // by for use in uses), limit // by)


def _prices(worth: Sequence[int], rows: Sequence[Row]) -> list[int]:
    """What a unit of each limit is worth where things could be taken in part, in `FINE` parts of a point."""
    from scipy.optimize import linprog

    matrix, limits = [[float(use) for use in row.uses] for row in rows], [float(row.limit) for row in rows]
    found = linprog([-float(w) for w in worth], A_ub=matrix, b_ub=limits, bounds=(0, 1), method="highs")
    if found.status != 0:
        return [0] * len(rows)  # right with any prices, only slower
    return [round(max(0.0, -float(price)) * FINE) for price in found.ineqlin.marginals]


def _by_core(problem: _Problem) -> tuple[list[int], bool]:
    """(the best set, whether that is proven), by cores that grow until nothing outside could change."""
    size, known, worth = min(CORE, len(problem.worth)), list[int](), problem.worth
    while True:
        core, taken = problem.split(size)
        rows = problem.room(taken, core)
        if all(row.limit >= 0 for row in rows):
            found, proven = _solved([worth[n] for n in core], rows, Search(problem.search.until))
            here = taken + [core[n] for n in found]
            known = max(known, here, key=problem.value)
            needed = problem.open_with(problem.value(known) + 1)
            if not proven or needed <= size:
                return known, proven
        elif size == len(worth):
            raise AssertionError("The limits of the whole are not below zero.")
        else:
            needed = len(worth)
        size = min(needed, size * 3)


def _cheapest(problem: _Problem, known: list[int]) -> tuple[list[int], bool]:
    """(a set of least cost among those worth as much as `known`, the best; whether that is proven)."""
    worth = problem.value(known)
    core, taken = problem.split(problem.open_with(worth))
    rows = problem.room(taken, core)
    if any(row.limit < 0 for row in rows):
        return known, False
    owed = worth - problem.value(taken)
    least = Row(tuple(-problem.worth[n] for n in core), -owed)
    dear = _small([problem.cost[n] for n in core], 0).uses
    found, proven = _solved([-cost for cost in dear], [*rows, least], problem.search)
    here = taken + [core[n] for n in found]
    cost = [sum(problem.cost[n] for n in those) for those in (here, known)]
    return (here, proven) if problem.value(here) == worth and cost[0] <= cost[1] else (known, False)


def _solved(worth: Sequence[int], rows: Sequence[Row], search: Search) -> tuple[list[int], bool]:
    """(the places of the best set, whether that is proven); nothing where the time ran out before any was found.

    The solver may end at a set that only looks best. Its own bound tells: while that leaves room for something better,
    something better is asked for, until there is none.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix, limits, lent = _in_digits(rows)
    options: dict[str, float] = {"mip_rel_gap": 0.0, "presolve": False}
    options |= {"node_limit": search.nodes} if search.nodes else {}
    known, value = list[int](), None
    for _ in range(AGAIN if worth else 0):
        left = search.until - monotonic()
        if left <= 0:
            return known, False
        found = milp(
            [*(-float(w) for w in worth), *[0.0] * lent],
            integrality=[1] * (len(worth) + lent),
            bounds=Bounds(0, [1] * len(worth) + [len(worth) + 1] * lent),
            constraints=LinearConstraint(matrix, ub=limits),
            options=options | {"time_limit": left},
        )
        if found.x is None:
            return known, value is not None and found.status == INFEASIBLE
        chosen = [n for n, share in enumerate(found.x[: len(worth)]) if share > 0.5]
        if all(sum(row.uses[n] for n in chosen) <= row.limit for row in rows):
            here = sum(worth[n] for n in chosen)
            known, value = (chosen, here) if value is None or here > value else (known, value)
            if found.status != 0 or not _leaves_room(-found.mip_dual_bound, value):
                return known, found.status == 0
            matrix.append([*(-float(w) for w in worth), *[0.0] * lent])  # a better one
            limits.append(-value - 1.0)
        else:
            these = frozenset(chosen)
            matrix.append([1.0 if n in these else -1.0 for n in range(len(worth))] + [0.0] * lent)  # any but this one
            limits.append(len(chosen) - 1.0)
    return known, not worth


def _in_digits(rows: Sequence[Row]) -> tuple[list[list[float]], list[float], int]:
    """(rows that ask for the same in numbers below `BASE`, their limits, how many columns they add).

    The solver takes a share of 10^-6 for none, which is much of a large number. So a row of large numbers becomes one
    for each of their digits; a digit that is over its limit borrows `BASE` times what the next one lends, a whole
    number in a column of its own.
    """
    matrix: list[list[float]] = []
    limits: list[float] = []
    columns: list[tuple[int, int]] = []  # of what is lent: (the row that borrows, the row that lends)
    for row in rows:
        uses, limit, first = list(row.uses), row.limit, True
        while True:
            is_last = max(abs(limit), *map(abs, uses)) < BASE
            matrix.append([float(use if is_last else use % BASE) for use in uses])
            limits.append(float(limit if is_last else limit % BASE))
            columns += [] if first else [(len(matrix) - 2, len(matrix) - 1)]
            if is_last:
                break
            uses, limit, first = [use // BASE for use in uses], limit // BASE, False
    for n, line in enumerate(matrix):
        line += [-float(BASE) if n == borrows else 1.0 if n == lends else 0.0 for borrows, lends in columns]
    return matrix, limits, len(columns)


def _leaves_room(bound: float, value: int) -> bool:
    """Whether something better than `value` may lie under the solver's bound, as far as its numbers reach."""
    return bound - value > max(1 - 1e-6, 1e-9 * abs(value))
