"""When a project may reach the end of each coming stage: draws from how long stages took, or from the rulebook.

Method: 5,000 times the days of each coming stage are drawn and added up, and the 10th, 50th and 90th percentile are
told. Days come from the finished stays (drawn with replacement); with fewer than five of them they say too little, and
a triangle of ±50 % around the rulebook's weeks is drawn from instead. At the present stage only what is longer than the
days so far can still happen. A forecast holds for a project that goes on: stops, holds and ways back are not in it.
Everything here is pure, and the same seed gives the same dates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from random import Random

from dossiers.stage import ROAD, Stage

DRAWS = 5_000
ENOUGH = 5  # finished stays of a stage from which they are drawn from
APART = 0.5  # of the rulebook's weeks, to either side
PERCENTILES = (10, 50, 90)
FARTHEST = 36_500  # days; later is no date that means anything


@dataclass(frozen=True, slots=True)
class Basis:
    """What the days of a stage are drawn from: those of finished stays, sorted, and the rulebook's weeks (or None)."""

    days: tuple[float, ...]
    weeks: int | None

    @property
    def is_seen(self) -> bool:
        """Whether enough stays are finished to draw from them."""
        return len(self.days) >= ENOUGH

    @property
    def is_known(self) -> bool:
        """Whether there is anything to draw from."""
        return self.is_seen or bool(self.weeks)


@dataclass(frozen=True, slots=True)
class Coming:
    """The end of a stage: the dates by which 10, 50 and 90 of 100 draws have reached it."""

    stage: Stage
    early: date
    middle: date
    late: date


@dataclass(frozen=True, slots=True)
class Forecast:
    """The ends of the coming stages in their order.

    `outlasted`: the present stage has lasted longer than anything it could be drawn from, so that it is taken to end
    today, and every date is the earliest. `unknown`: the first stage that nothing can be drawn from; none follows it.
    """

    ends: tuple[Coming, ...]
    outlasted: bool
    unknown: Stage | None


def basis(days: Sequence[float], weeks: int | None) -> Basis:
    """What a stage is drawn from. Raises ValueError for negative days or weeks."""
    if any(d < 0 for d in days) or (weeks is not None and weeks < 0):
        raise ValueError("A stage cannot last for less than no time.")
    return Basis(tuple(sorted(days)), weeks)


def drawn(of: Basis, elapsed: float, rng: Random, number: int = DRAWS) -> tuple[list[float], bool]:
    """(`number` draws of the days that are still to come after `elapsed` days at the stage, whether it outlasted all).

    Raises ValueError where there is nothing to draw from.
    """
    if not of.is_known:
        raise ValueError("Nothing is known of how long this stage takes.")
    if of.is_seen:
        longer = of.days[bisect_right(of.days, elapsed) :] if elapsed > 0 else of.days
        if not longer:
            return [0.0] * number, True
        return [day - elapsed for day in rng.choices(longer, k=number)], False
    middle = float(of.weeks or 0) * 7
    low, high = middle * (1 - APART), middle * (1 + APART)
    if elapsed >= high:
        return [0.0] * number, True
    under = triangle_share(low, middle, high, elapsed)
    return [
        max(0.0, triangle_at(low, middle, high, under + (1 - under) * rng.random()) - elapsed) for _ in range(number)
    ], False


def triangle_share(low: float, middle: float, high: float, value: float) -> float:
    """The share, 0 to 1, of the triangular distribution that lies at or under `value`."""
    if value <= low:
        return 0.0
    if value >= high:
        return 1.0
    if value <= middle:
        return (value - low) ** 2 / ((high - low) * (middle - low))
    return 1 - (high - value) ** 2 / ((high - low) * (high - middle))


def triangle_at(low: float, middle: float, high: float, share: float) -> float:
    """The value under which `share` (0 to 1) of the triangular distribution lies."""
    if high <= low:
        return low
    if share <= (middle - low) / (high - low):
        return low + sqrt(share * (high - low) * (middle - low))
    return high - sqrt((1 - share) * (high - low) * (high - middle))


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The value that `percent` of 100 of the sorted numbers do not exceed (nearest rank)."""
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]


def forecast(stage: Stage, elapsed: float, bases: Mapping[Stage, Basis], today: date, seed: int) -> Forecast:
    """The ends of `stage`, where a project has been for `elapsed` days, and of the stages of the road after it.

    Off the road, and closed, nothing is coming.
    """
    if stage not in ROAD:
        return Forecast((), False, None)
    rng = Random(seed)  # noqa: S311 (draws of a model, no secret)
    total = [0.0] * DRAWS
    ends: list[Coming] = []
    outlasted = False
    for n, coming in enumerate(ROAD[ROAD.index(stage) : -1]):
        of = bases.get(coming)
        if of is None or not of.is_known:
            return Forecast(tuple(ends), outlasted, coming)
        days, over = drawn(of, elapsed if n == 0 else 0.0, rng)
        outlasted |= over
        total = [a + b for a, b in zip(total, days, strict=True)]
        ordered = sorted(total)
        ends.append(Coming(coming, *(_on(today, percentile(ordered, p)) for p in PERCENTILES)))
    return Forecast(tuple(ends), outlasted, None)


def _on(today: date, days: float) -> date:
    return today + timedelta(days=round(min(days, FARTHEST)))
