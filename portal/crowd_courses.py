"""Invented courses for a crowd of projects: every step is one of the table of moves, and gates come in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import cast

from dossiers.stage import ROAD, Stage
from portal.models import Decision
from portal.stages import MOVES, PROPOSING, TAKEN_IN, Course, Move, Verdict, fold, move, next_gate, target

# How many of a hundred projects stand where.
STANDING = {
    Stage.IDEA: 18, Stage.PROPOSED: 12, Stage.FEASIBILITY: 30, Stage.TRANSFER: 10, Stage.DOSSIER: 7,
    Stage.SUBMITTED: 4, Stage.RUNNING: 5, Stage.CLOSED: 3, Stage.STOPPED: 7, Stage.ON_HOLD: 4,
}  # fmt: skip
DAYS = {  # from one step to the next, about
    Stage.IDEA: 40, Stage.PROPOSED: 20, Stage.FEASIBILITY: 90, Stage.TRANSFER: 240, Stage.DOSSIER: 150,
    Stage.SUBMITTED: 90, Stage.RUNNING: 500, Stage.CLOSED: 200, Stage.STOPPED: 120, Stage.ON_HOLD: 80,
}  # fmt: skip
BESIDE = (Stage.STOPPED, Stage.ON_HOLD)
TAKEN = 0.1  # of the projects that left the idea behind were taken in from a file
AGAIN = Verdict.REVISE, Verdict.RECYCLE


@dataclass(frozen=True, slots=True)
class Step:
    """A decision of an invented course, with what the course and its pace are read from."""

    move: str
    gate: str
    verdict: str
    source: str
    target: str
    at: datetime


def standings(rng: Random, number: int) -> list[Stage]:
    """Where each of `number` projects is to stand."""
    return rng.choices(list(STANDING), weights=list(STANDING.values()), k=number)


def course(rng: Random, goal: Stage, now: datetime) -> tuple[Decision, ...]:
    """The decisions, in order and all before `now`, that bring an invented project to `goal`; read-only."""
    made = list(_moves(rng, goal))
    gaps = [DAYS[Stage(to)] * rng.lognormvariate(0, 0.6) for *_, to in made]
    at = now - timedelta(days=sum(gaps))
    steps = []
    for (name, gate, verdict, source, to), days in zip(made, gaps, strict=True):
        steps.append(Step(name, gate, verdict, source, to, at))
        at += timedelta(days=days)
    return tuple(cast(Decision, step) for step in steps)


Made = tuple[str, str, str, str, str]  # move, gate, verdict, source, target


def _moves(rng: Random, goal: Stage) -> Iterator[Made]:
    """The moves to `goal`, one after another."""
    road = goal if goal in ROAD else rng.choice(ROAD[1:-1])
    made = [_begun(rng, road)]
    while (at := _reached(made)).stage is not road or _goes_on(rng, at):
        made += _onward(rng, made, at)
    if goal in BESIDE:
        if goal is Stage.ON_HOLD or rng.random() < 0.3:
            made.append(_taken(move("hold"), _reached(made)))
        if goal is Stage.STOPPED:
            made.append(_taken(move("stop"), _reached(made)))
    yield from made


def _begun(rng: Random, road: Stage) -> Made:
    if road is not Stage.IDEA and rng.random() < TAKEN:
        return TAKEN_IN, "", "", "", rng.choice(ROAD[1 : ROAD.index(road) + 1]).value
    return PROPOSING, "", "", "", Stage.IDEA.value


def _reached(made: Sequence[Made]) -> Course:
    return fold(cast(Decision, Step(*one, at=datetime.max)) for one in made)  # noqa: DTZ901 (no course asks when)


def _goes_on(rng: Random, at: Course) -> bool:
    """Whether a project that has three gates to pass at its stage passes one more of them and stays."""
    gate = next_gate(at)
    return at.stage is Stage.FEASIBILITY and gate is not None and gate.id != "G3" and rng.random() < 0.4


def _onward(rng: Random, made: Sequence[Made], at: Course) -> list[Made]:
    """The next move on the road, or a turn beside it that leads back; never twice the same turn."""
    gate, names = next_gate(at), {one[0] for one in made}
    here = [m for m in MOVES if at.stage in m.source and (not m.gate or (gate is not None and m.gate == gate.id))]
    turn = rng.random()
    if turn < 0.05 and "hold" not in names and move("hold") in here:
        return [held := _taken(move("hold"), at), _taken(move("resume"), _reached([*made, held]))]
    if turn < 0.06 and "stop" not in names and move("stop") in here:
        return [stopped := _taken(move("stop"), at), _taken(move("reopen"), _reached([*made, stopped]))]
    back = [m for m in here if m.verdict in AGAIN and m.name not in names]
    if turn < 0.18 and back:
        return [_taken(back[0], at)]
    go = [m for m in here if m.name == "submit" or (m.verdict is not None and m.verdict.passes)]
    return [_taken(go[-1] if turn > 0.85 else go[0], at)]


def _taken(one: Move, at: Course) -> Made:
    return one.name, one.gate, one.verdict.value if one.verdict else "", at.stage.value, target(one, at).value
