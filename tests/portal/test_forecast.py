"""Forecasts: dates in order, the same for the same seed, within what they are drawn from, honest with few data."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.stage import ROAD, Stage
from portal.forecast import (
    DRAWS,
    ENOUGH,
    Basis,
    basis,
    drawn,
    forecast,
    percentile,
    triangle_at,
    triangle_share,
)

TODAY = date(2026, 11, 25)
days = st.floats(0, 2_000, allow_nan=False)
weeks = st.integers(1, 100)
bases = st.builds(basis, st.lists(days, max_size=12), st.one_of(st.none(), weeks))


@given(bases, days, st.integers(0, 10_000))
def test_draws_stay_within_what_they_are_drawn_from(of: Basis, elapsed: float, seed: int) -> None:
    if not of.is_known:
        with pytest.raises(ValueError, match="Nothing is known"):
            drawn(of, elapsed, Random(seed), 50)
        return
    made, outlasted = drawn(of, elapsed, Random(seed), 50)
    longest = max(of.days) if of.is_seen else (of.weeks or 0) * 7 * 1.5
    assert len(made) == 50 and min(made) >= 0
    assert outlasted == (elapsed >= longest and (elapsed > 0 or not of.is_seen))
    if outlasted:
        assert set(made) == {0.0}
    elif of.is_seen:
        assert all(min(abs(day + elapsed - d) for d in of.days) < 1e-6 for day in made)
    else:
        assert all((of.weeks or 0) * 3.5 - 1e-6 <= day + elapsed <= longest + 1e-6 for day in made)


@pytest.mark.parametrize(("number", "seen"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_few_finished_stays_are_not_drawn_from(number: int, seen: bool) -> None:
    of = basis([1_000.0] * number, 10)
    assert of.is_seen is seen
    made, _ = drawn(of, 0, Random(1), 100)
    assert (min(made) >= 1_000) is seen and (max(made) <= 105) is not seen


@given(weeks, st.floats(0, 1))
def test_the_triangle_and_its_inverse_agree(number: int, share: float) -> None:
    middle = number * 7.0
    value = triangle_at(middle / 2, middle, middle * 1.5, share)
    assert middle / 2 <= value <= middle * 1.5
    assert triangle_share(middle / 2, middle, middle * 1.5, value) == pytest.approx(share, abs=1e-6)


def test_the_middle_of_the_triangle_is_the_rulebook() -> None:
    [end, *_] = forecast(Stage.RUNNING, 0, {Stage.RUNNING: basis([], 16)}, TODAY, 1).ends
    assert abs((end.middle - TODAY).days - 112) <= 2
    # A tenth of the triangle lies under low + sqrt(0.1 × width × half-width): 81.0 days, and the mirror of it.
    assert abs((end.early - TODAY).days - 81) <= 2 and abs((end.late - TODAY).days - 143) <= 2


@given(st.sampled_from(list(Stage)), days, st.dictionaries(st.sampled_from(ROAD), bases), st.integers(0, 99))
def test_dates_stand_in_order_and_come_again(stage: Stage, elapsed: float, of: dict[Stage, Basis], seed: int) -> None:
    found = forecast(stage, elapsed, of, TODAY, seed)
    assert found == forecast(stage, elapsed, of, TODAY, seed)
    stages = [e.stage for e in found.ends]
    road = list(ROAD[ROAD.index(stage) : -1]) if stage in ROAD else []
    assert stages == road[: len(stages)]
    assert found.unknown is (road[len(stages)] if len(stages) < len(road) else None)
    for one, after in zip(found.ends, found.ends[1:], strict=False):
        assert one.early <= after.early and one.middle <= after.middle and one.late <= after.late
    assert all(TODAY <= e.early <= e.middle <= e.late for e in found.ends)


def test_what_already_passed_cannot_come_again() -> None:
    of = {Stage.RUNNING: basis([10, 20, 30, 40, 500], None)}
    fresh, waiting, beyond = (forecast(Stage.RUNNING, elapsed, of, TODAY, 1) for elapsed in (0, 60, 600))
    assert fresh.ends[0].middle == TODAY + timedelta(days=30) and not fresh.outlasted
    assert waiting.ends[0].early == TODAY + timedelta(days=440) and not waiting.outlasted
    assert beyond.outlasted and beyond.ends[0].late == TODAY


@given(st.lists(days, min_size=1), st.integers(1, 100))
def test_a_percentile_is_one_of_the_numbers(numbers: list[float], percent: int) -> None:
    ordered = sorted(numbers)
    found = percentile(ordered, percent)
    assert sum(n <= found for n in ordered) * 100 >= percent * len(ordered)
    assert sum(n < found for n in ordered) * 100 < percent * len(ordered)


def test_draws_and_refusals() -> None:
    assert DRAWS == 5_000
    with pytest.raises(ValueError, match="less than no time"):
        basis([-1], 3)
