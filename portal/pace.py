"""How long projects stay at a stage, read from their decisions; and how long the rulebook means them to stay.

Time beside the road (on hold, stopped) does not count. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dossiers.stage import ROAD, Stage
from portal.models import Decision, Project
from portal.rulebook import Rulebook
from portal.stages import GATES, TAKEN_IN, Course, fold, next_gate

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """A project's time at a stage of the road. `days` leaves out what lay beside the road.

    `left_to` is None while it lasts. `whole`: it was seen from its beginning, which a project that was taken in later
    does not allow for the stage it was taken in at.
    """

    stage: Stage
    began: datetime
    days: float
    left_to: Stage | None
    whole: bool

    @property
    def is_finished(self) -> bool:
        """Whether the stage was gone through from its beginning and left onward."""
        return self.whole and self.left_to is not None and ROAD.index(self.left_to) > ROAD.index(self.stage)


def stays(decisions: Iterable[Decision], now: datetime) -> tuple[Stay, ...]:
    """The stays that decisions (in the order of their serials) come to, the last one as of `now`."""
    made: list[Stay] = []
    at: Stage | None = None
    began = resumed = now
    days, running, whole = 0.0, False, True
    for decision in decisions:
        target = Stage(decision.target)
        days += (decision.at - resumed) / DAY if running else 0.0
        resumed, running = decision.at, target in ROAD
        if not running or target is at:
            continue
        if at is not None:
            made.append(Stay(at, began, max(days, 0.0), target, whole))
        at, began, days, whole = target, decision.at, 0.0, decision.move != TAKEN_IN
    if at is not None:
        days += (now - resumed) / DAY if running else 0.0
        made.append(Stay(at, began, max(days, 0.0), None, whole))
    return tuple(made)


def age(decisions: Sequence[Decision], now: datetime) -> int:
    """Whole days that a project has been where it stands; beside the road they count from the day it left it."""
    return max(0, (now - since(decisions, now)).days)


def since(decisions: Sequence[Decision], now: datetime) -> datetime:
    """When a project came to where it stands, so that `now` less this is its age; the same whenever it is asked.

    On the road, time beside it is left out as if it had come later; beside the road it is when it left it.
    """
    if not decisions:
        return now
    if Stage(decisions[-1].target) in ROAD:
        return now - DAY * stays(decisions, now)[-1].days
    return next((d.at for d in reversed(decisions) if d.source != d.target), decisions[-1].at)


def stand(project: Project, decisions: Sequence[Decision]) -> None:
    """Let `project` stand where all its decisions bring it: its stage, since when, and the gate ahead."""
    course = fold(decisions)
    gate = next_gate(course)
    project.stage, project.gate = course.stage.value, gate.id if gate else ""
    project.since = since(decisions, decisions[-1].at)


def stage_weeks(book: Rulebook, stage: Stage) -> int | None:
    """How many weeks the rulebook gives `stage`: those of its gates; None where it says nothing."""
    found = [book.gates[g.id].weeks for g in GATES.values() if g.at is stage and g.id in book.gates]
    return sum(found) if found else None


def allowances(book: Rulebook) -> dict[str, int]:
    """Id of a gate → weeks from entering its stage to it: those of that gate and of the stage's earlier gates."""
    found: dict[str, int] = {}
    so_far: dict[Stage, int] = {}
    for gate in (g for g in GATES.values() if g.id in book.gates):
        found[gate.id] = so_far[gate.at] = so_far.get(gate.at, 0) + book.gates[gate.id].weeks
    return found


def allowance(book: Rulebook, course: Course) -> int | None:
    """Weeks from entering the stage to the gate ahead; None where none is, or where the rulebook says nothing of it."""
    gate = next_gate(course)
    return allowances(book).get(gate.id) if gate else None


def time_left(book: Rulebook, course: Course, seen: Sequence[Stay]) -> timedelta | None:
    """How long the rulebook still gives a project to the gate ahead, negative when it is late; None where no gate is.

    `seen`: its stays. Time beside the road does not count.
    """
    weeks = allowance(book, course)
    return None if weeks is None or not seen else timedelta(weeks=weeks, days=-seen[-1].days)
