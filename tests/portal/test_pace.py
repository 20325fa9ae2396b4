"""Stays at stages, read from decisions: time beside the road does not count, and nothing is counted twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.stage import ROAD, Stage
from portal.models import Decision
from portal.pace import age, allowance, stage_weeks, stays
from portal.rulebook import read, seeded
from portal.stages import PROPOSING, TAKEN_IN, Course

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
PROJECT = UUID(int=1)


def course(*steps: tuple[int, str], move: str = PROPOSING) -> list[Decision]:
    """Decisions, one a (day, stage reached)."""
    made: list[Decision] = []
    for n, (day, stage) in enumerate(steps, 1):
        source = made[-1].target if made else ""
        made.append(
            Decision(
                project_id=PROJECT, serial=n, move="step" if made else move, source=source, target=stage, by="t",
                at=BEGAN + timedelta(days=day),
            )
        )  # fmt: skip
    return made


def test_time_on_hold_does_not_count() -> None:
    found = stays(course((0, "idea"), (10, "proposed"), (20, "on_hold"), (50, "proposed"), (55, "feasibility")), BEGAN)
    assert [(s.stage, s.days, s.left_to) for s in found[:2]] == [
        (Stage.IDEA, 10.0, Stage.PROPOSED),
        (Stage.PROPOSED, 15.0, Stage.FEASIBILITY),
    ]
    assert all(s.is_finished for s in found[:2]) and not found[2].is_finished


def test_a_way_back_is_not_finished_and_a_stage_taken_in_at_was_not_seen_whole() -> None:
    back = stays(course((0, "proposed"), (5, "idea"), (9, "proposed")), BEGAN + timedelta(days=10))
    assert [s.is_finished for s in back] == [False, True, False]
    taken = stays(course((0, "transfer"), (5, "dossier"), (9, "submitted"), move=TAKEN_IN), BEGAN + timedelta(days=10))
    assert [s.is_finished for s in taken] == [False, True, False]


def test_a_decision_that_stays_at_the_stage_ends_no_stay() -> None:
    decisions = course((0, "feasibility"), (30, "feasibility"))
    assert [s.days for s in stays(decisions, BEGAN + timedelta(days=40))] == [40.0]
    assert age(decisions, BEGAN + timedelta(days=40)) == 40


def test_age_beside_the_road_counts_from_the_day_it_was_left() -> None:
    decisions = course((0, "feasibility"), (30, "on_hold"), (35, "stopped"))
    assert age(decisions, BEGAN + timedelta(days=40)) == 5
    assert age([], BEGAN) == 0


@pytest.mark.parametrize(
    ("stage", "passed", "weeks"),
    [("proposed", (), 3), ("feasibility", (), 10), ("feasibility", ("G1",), 62), ("feasibility", ("G1", "G2"), 88),
     ("transfer", (), 39), ("idea", (), None), ("closed", (), None)],
)  # fmt: skip
def test_weeks_of_the_rulebook(stage: str, passed: tuple[str, ...], weeks: int | None) -> None:
    assert allowance(read(seeded()), Course(Stage(stage), frozenset(passed), None)) == weeks
    assert stage_weeks(read(seeded()), Stage.FEASIBILITY) == 88
    assert stage_weeks(read(seeded()), Stage.IDEA) is None


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from(list(Stage))), min_size=1, max_size=20))
def test_the_days_of_all_stays_come_to_the_days_on_the_road(steps: list[tuple[int, Stage]]) -> None:
    day, made = 0, []
    for apart, stage in steps:
        day += apart
        made.append((day, stage.value))
    decisions = course(*made)
    end = BEGAN + timedelta(days=day + 7)
    ends = [*(d.at for d in decisions[1:]), end]
    on_road = sum((b - d.at).days for d, b in zip(decisions, ends, strict=True) if Stage(d.target) in ROAD)
    found = stays(decisions, end)
    assert round(sum(s.days for s in found), 6) == on_road
    assert all(s.days >= 0 and s.stage in ROAD for s in found)
    assert all(a.left_to is b.stage for a, b in pairwise(found))
