"""Which projects are taken with so much money and so many clean-room slots, and why each of the others is not.

Sums are exact: money in cents, values in tenths of a point, as they are printed. The reasons are found by choosing
again with one thing changed. Everything here is pure; nothing but the time a solver may take looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import groupby
from time import monotonic

from portal.knapsack import Found, Row, Search, best

STEP = Decimal("0.1")  # points that a value is counted in
CENT = Decimal("0.01")  # EUR
MOST = 10_000  # candidates of one choice
SECONDS = 5.0  # for one answer
BRANCHES = 50  # after which a reason no longer looks for the set that changes least
NOTHING = Decimal(0)


class State(StrEnum):
    """What is said of a candidate beforehand: it is taken, it may be, it is left out."""

    MUST = "in"
    MAY = "may"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something to take whole or not at all: `value` in tenths of points, `money` in EUR and cents, `slots` whole.

    Raises ValueError for what is below zero or finer than that; `rounded` makes a value fit.
    """

    key: str
    value: Decimal
    money: Decimal
    slots: int
    state: State = State.MAY

    def __post_init__(self) -> None:
        if self.value % STEP or self.money % CENT or self.value < 0 or self.money < 0 or self.slots < 0:
            raise ValueError(f"{self.key} has a value, a sum or a number of slots that cannot be counted.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much money (EUR) and how many slots there are; None: no limit."""

    money: Decimal | None = None
    slots: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """Money in EUR and slots."""

    money: Decimal = NOTHING
    slots: int = 0

    def __bool__(self) -> bool:
        return bool(self.money or self.slots)


@dataclass(frozen=True)
class Choice:
    """The answer: the keys that are taken. `candidates` are all, by key.

    `lacking`: what those that must be in need beyond the limits; then nothing is taken. `proven`: no other set is worth
    more; `cheapest`: and none that is worth the same needs less money. Both but for a solver that ran out of time.
    """

    candidates: Mapping[str, Candidate]
    limits: Limits
    taken: frozenset[str]
    lacking: Need
    proven: bool
    cheapest: bool

    @property
    def value(self) -> Decimal:
        """The points of all that is taken."""
        return self.points(self.taken)

    def points(self, keys: Iterable[str]) -> Decimal:
        """The points of these candidates together."""
        return sum((self.candidates[key].value for key in keys), NOTHING)

    @property
    def used(self) -> Need:
        """What all that is taken needs."""
        return _needed(self.candidates[key] for key in self.taken)

    def short(self, key: str) -> Need:
        """What a candidate needs beyond what is left; nothing where it fits."""
        return _beyond(_needed((self.candidates[key],)), self.used, self.limits)

    def excess(self, key: str) -> Need:
        """What a candidate needs beyond all that there is beside those that must be in; nothing where it could be."""
        musts = _needed(c for c in self.candidates.values() if c.state is State.MUST and c.key != key)
        return _beyond(_needed((self.candidates[key],)), musts, self.limits)


@dataclass(frozen=True, slots=True)
class Swap:
    """What would be otherwise: who would come in and go out (worth most first), and the points that would be lost.

    `lost` is below zero only where the choice itself is not proven. `proven`: fewer points could not be lost.
    """

    into: tuple[str, ...]
    out: tuple[str, ...]
    lost: Decimal
    proven: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate is taken or not. `swap`: what would be if it were not, or were; None: not asked, or no time.

    For one that is not taken: `short` (beyond what is left) and `excess` (beyond all there is beside those that must be
    in: it cannot be taken), and `enough`: whether it would come in if there were `short` more; None: not known.
    """

    taken: bool
    state: State
    short: Need = Need()
    excess: Need = Need()
    swap: Swap | None = None
    enough: bool | None = None


def rounded(value: Decimal) -> Decimal:
    """A value to the tenth of a point."""
    return value.quantize(STEP, ROUND_HALF_UP)


def choose(candidates: Iterable[Candidate], limits: Limits, seconds: float = SECONDS) -> Choice:
    """The set worth most within the limits; of sets worth the same, the cheapest; of like candidates, the first by key.

    The order of the candidates does not matter. Raises ValueError for more than `MOST`, or for a key that comes twice.
    """
    ordered = tuple(sorted(candidates, key=lambda c: c.key))
    if len(ordered) > MOST or len({c.key for c in ordered}) < len(ordered):
        raise ValueError(f"A choice is among at most {MOST} candidates, each with a key of its own.")
    made = _chosen(ordered, limits, seconds)
    if not made.cheapest:
        _chosen.cache_clear()  # with more time, another time, it may be better
    return made


@lru_cache(maxsize=32)
def _chosen(ordered: tuple[Candidate, ...], limits: Limits, seconds: float) -> Choice:
    known = {c.key: c for c in ordered}
    musts = [c for c in ordered if c.state is State.MUST]
    if lacking := _beyond(_needed(musts), Need(), limits):
        return Choice(known, limits, frozenset(), lacking, True, True)
    free = [c for c in ordered if c.state is State.MAY]
    cost = [_cents(c.money) for c in free]
    found = best(*_problem(free, musts, limits), Search(monotonic() + seconds, cost))
    taken = _first_by_key(free, found) | {c.key for c in musts}
    return Choice(known, limits, taken, Need(), found.proven, found.cheapest)


def _first_by_key(free: Sequence[Candidate], found: Found) -> frozenset[str]:
    """The keys that are taken, with the first of those that do not differ in anything but the key."""

    def like(n: int) -> tuple[Decimal, Decimal, int]:
        return free[n].value, free[n].money, free[n].slots

    keys: list[str] = []
    for _, group in groupby(sorted(range(len(free)), key=lambda n: (like(n), free[n].key)), like):
        those = list(group)
        keys += [free[n].key for n in those[: sum(n in found.places for n in those)]]
    return frozenset(keys)


def _problem(free: Sequence[Candidate], fixed: Iterable[Candidate], limits: Limits) -> tuple[list[int], list[Row]]:
    """(worth of the free in tenths of a point, the limits less what the fixed need)."""
    used, rows = _needed(fixed), []
    if limits.money is not None:
        rows.append(Row(tuple(_cents(c.money) for c in free), _cents(limits.money - used.money)))
    if limits.slots is not None:
        rows.append(Row(tuple(c.slots for c in free), limits.slots - used.slots))
    return [int(c.value / STEP) for c in free], rows


def _cents(money: Decimal) -> int:
    return int(money / CENT)


def _needed(of: Iterable[Candidate]) -> Need:
    those = list(of)
    return Need(sum((c.money for c in those), NOTHING), sum(c.slots for c in those))


def _beyond(need: Need, used: Need, limits: Limits) -> Need:
    """What `need` exceeds of the limits when `used` is taken off them."""
    money = NOTHING if limits.money is None else max(NOTHING, need.money - (limits.money - used.money))
    slots = 0 if limits.slots is None else max(0, need.slots - (limits.slots - used.slots))
    return Need(money, slots)


# ---------------------------------------------------------------- reasons


def reasons(choice: Choice, keys: Sequence[str], seconds: float = SECONDS) -> dict[str, Reason]:
    """Key → why it is taken or not, in the order of `keys`.

    `seconds`: for all of them together; where they are used up, the rest has no swap.
    """
    until = monotonic() + seconds
    return {key: _reason(choice, key, until) for key in keys}


def _reason(choice: Choice, key: str, until: float) -> Reason:
    one, taken = choice.candidates[key], key in choice.taken
    if one.state is not State.MAY or choice.lacking:
        return Reason(taken, one.state)
    if taken:
        return Reason(True, one.state, swap=_otherwise(choice, key, until))
    short, excess = choice.short(key), choice.excess(key)
    if excess:
        return Reason(False, one.state, short, excess)
    swap = _otherwise(choice, key, until)
    return Reason(False, one.state, short, excess, swap, _comes_in(choice, key, short, until) if short else None)


def _again(
    choice: Choice, held: Candidate | None, limits: Limits, search: Search
) -> tuple[frozenset[str], bool] | None:
    """(the best set when `held` is as it is not, or as it is for None; whether that is proven); None without time."""
    if monotonic() >= search.until:
        return None
    free, musts = _sides(choice, held)
    found = best(*_problem(free, musts, limits), search)
    if not (found.places or found.proven):
        return None
    return frozenset(free[n].key for n in found.places) | {c.key for c in musts}, found.proven


def _sides(choice: Choice, held: Candidate | None) -> tuple[list[Candidate], list[Candidate]]:
    """(those that may be in, those that are); `held` is among these where it is not taken, and nowhere where it is."""
    others = [c for c in choice.candidates.values() if c is not held]
    musts = [c for c in others if c.state is State.MUST]
    if held is not None and held.key not in choice.taken:
        musts.append(held)
    return [c for c in others if c.state is State.MAY], musts


def _otherwise(choice: Choice, key: str, until: float) -> Swap | None:
    """What would be if what is taken were not, or what is not taken were; None where there is no time."""
    held = choice.candidates[key]
    newcomers = [int(c.key not in choice.taken) for c in _sides(choice, held)[0]]
    found = _again(choice, held, choice.limits, Search(until, newcomers, BRANCHES))
    if found is None:
        return None
    taken, proven = found

    def dear(keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(keys, key=lambda k: (-choice.candidates[k].value, k)))

    into, out = dear(taken - choice.taken - {key}), dear(choice.taken - taken - {key})
    return Swap(into, out, choice.value - choice.points(taken), proven)


def _comes_in(choice: Choice, key: str, more: Need, until: float) -> bool | None:
    """Whether a set that is worth most has `key` in it when there is `more`; None where that is not proven."""
    limits, search = choice.limits, Search(until)
    money = None if limits.money is None else limits.money + more.money
    slots = None if limits.slots is None else limits.slots + more.slots
    found = _again(choice, None, Limits(money, slots), search)
    if found is None or not found[1]:
        return None
    taken, most = found[0], choice.points(found[0])
    if key in taken or most == choice.value + choice.candidates[key].value:  # then it is as good beside all the others
        return True
    forced = _again(choice, choice.candidates[key], Limits(money, slots), search)
    return None if forced is None or not forced[1] else choice.points(forced[0]) == most
