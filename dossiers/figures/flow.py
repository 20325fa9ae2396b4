"""The flow diagram of a process: steps downwards, what goes in on their left, in-process controls on their right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from dossiers.blocks import Blocks, Drawn, Figure, Gap, Inlines, Run
from dossiers.facts import NBSP
from dossiers.records.controls import HoldPoint, HoldType, InProcessControl, LimitType
from dossiers.records.materials import Material, MaterialRole
from dossiers.records.process import Process, ProcessStep
from dossiers.shelf import Lacking, Shelf, Shown, notation
from dossiers.tables import nothing

WIDTH = 160.0  # millimetres between the margins of an A4 page
HEIGHT = 186.0  # as high as a figure may be with its caption on the page


@dataclass(frozen=True, slots=True)
class Station:
    """A step as the diagram shows it, with what waits or exists after it."""

    number: str
    name: str
    about: str
    inputs: tuple[str, ...]
    controls: tuple[str, ...]
    holds: tuple[str, ...]
    becomes: str  # "Drug substance: …" where the active substance is formed by this step
    critical: bool

    @property
    def said(self) -> str:
        """The step in words, for those who do not see it."""
        parts = [f"Step {self.number}: {self.name}" if self.number else self.name]
        parts += ["critical step"] if self.critical else []
        parts += [self.about] if self.about else []
        parts += [f"goes in: {', '.join(self.inputs)}"] if self.inputs else []
        parts += [f"in-process controls: {', '.join(self.controls)}"] if self.controls else []
        return ". ".join(["; ".join(parts), *(f"Then {hold}" for hold in self.holds), *filter(None, [self.becomes])])


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one figure shows: steps, what it continues from and with (or nothing), what the process makes at its end."""

    stations: tuple[Station, ...]
    before: str = ""
    after: str = ""
    result: str = ""

    @property
    def said(self) -> str:
        """The figure in words."""
        parts = ["Flow diagram, from top to bottom", *([f"Continues from {self.before}"] if self.before else [])]
        parts += [station.said for station in self.stations]
        parts += [f"Continues with {self.after}"] if self.after else []
        return ". ".join([*parts, *([f"The process ends with {self.result}"] if self.result else [])]) + "."


def flow(caption: str, process: Shown | Lacking | Shelf) -> Blocks:
    """The flow diagram of a process (or of the steps given): steps in the order of their numbers, with day, grade and
    openness; materials, in-process controls, holds, critical steps, and where the active substance is formed.

    A process too long for a page runs over several figures. Steps that are a part of their process say what it goes on
    from and with. Without steps: a gap.
    """
    steps = _steps(process)
    if not steps:
        return (nothing(caption, "process_step"),)
    stations = tuple(_station(step, steps[0]._binder) for step in steps)
    made = _within(sheets(stations, _result(steps[0])), steps)
    figures = []
    for n, sheet in enumerate(made, 1):
        said = caption if len(made) == 1 else f"{caption} ({n} of {len(made)})"
        figures.append(Figure("", (Run(said),), sheet.said, Drawn(_drawn, sheet), WIDTH))
    return tuple(figures)


def _within(made: tuple[Sheet, ...], steps: Shelf) -> tuple[Sheet, ...]:
    """The sheets with the steps of the same process named that stand before and behind those shown."""
    binder = steps[0]._binder
    process = binder.find(_process(steps[0]))
    whole = _steps(Shown(process, binder)) if process else steps
    first, last = whole.index(steps[0]), whole.index(steps[-1])
    if first > 0:
        made = (replace(made[0], before=_short(_station(whole[first - 1], binder))), *made[1:])
    if last + 1 < len(whole):
        made = (*made[:-1], replace(made[-1], after=_short(_station(whole[last + 1], binder)), result=""))
    return made


# ---------------------------------------------------------------- what is shown


def _process(step: Shown) -> Any:
    return getattr(step.record, "process", None)


def _steps(process: Shown | Lacking | Shelf) -> Shelf:
    if isinstance(process, Shown):
        binder = process._binder
        steps = [s for s in binder.all("process_step") if getattr(s, "process", None) == process.record.uid]
        process = Shelf("process_step", (Shown(s, binder) for s in steps))
    return process.by("number") if isinstance(process, Shelf) else Shelf("process_step")


def _station(step: Shown, binder: Any) -> Station:
    record: Any = step.record
    assert isinstance(record, ProcessStep)
    uid = record.uid
    formed = [f"Drug substance: {s.named()}" for s in binder.all("active_substance") if s.defined_at_step == uid]
    return Station(
        number=str(record.number) if record.number is not None else "",
        name=_told(step.name.inlines) if record.name else "(step without a name)",
        about=_about(record),
        inputs=tuple(_input(Shown(m, binder)) for m in binder.all("material") if m.used_in_step == uid),
        controls=tuple(_control(c) for c in binder.all("in_process_control") if c.step == uid),
        holds=tuple(_hold(h, binder) for h in binder.all("hold_point") if h.after_step == uid),
        becomes="; ".join(formed),
        critical=record.is_critical is True,
    )


def _about(step: ProcessStep) -> str:
    """When and where: "day 1, 24 h, closed, grade C"."""
    day = f"day{NBSP}{'−' if step.day < 0 else ''}{abs(step.day)}" if step.day is not None else ""
    room = f"grade{NBSP}{step.clean_grade.label}" if step.clean_grade is not None else ""
    return ", ".join(filter(None, (day, step.duration, step.open_closed and step.open_closed.label, room)))


def _told(words: Inlines) -> str:
    """Words as the picture has them, with the mark of a value whose source was not re-read."""
    return "".join(word.text for word in words if isinstance(word, (Run, Gap)))


def _input(shown: Shown) -> str:
    material = shown.record
    assert isinstance(material, Material)
    is_told = material.role in (MaterialRole.STARTING, MaterialRole.EXCIPIENT)
    name = _told(shown.inlines)
    return f"{name} ({material.role.label})" if material.role and is_told else name


def _control(control: InProcessControl) -> str:
    limit = notation(control.limit) if control.limit else ""
    limit += f" of {control.population}" if limit and control.population else ""
    manner = control.limit_type.label if control.limit_type in (LimitType.ACTION, LimitType.MONITOR) else ""
    said = f"{control.test or 'control without a name'}{f': {limit}' if limit else ''}"
    return f"{said} ({manner})" if manner else said


def _hold(hold: HoldPoint, binder: Any) -> str:
    first = "transport" if hold.type is HoldType.TRANSPORT else "hold"
    container = binder.name_of(hold.container) if hold.container else ""
    known = Shown(hold, binder)
    time = f"at most {known.max_time}" if hold.max_time is not None else ""
    degrees = hold.temperature or ""
    degrees += f"{NBSP}°C" if degrees[-1:].isdigit() else ""
    return f"{first}: " + (
        ", ".join(filter(None, (hold.material, hold.transport_route, degrees, time, container))) or "not described yet"
    )


def _result(step: Shown) -> str:
    """What the process makes: "drug product: name"."""
    binder = step._binder
    process: Any = binder.find(_process(step))
    if not isinstance(process, Process) or process.scope is None:
        return ""
    made = process.product or process.active_substance or process.material
    kind = "drug product" if process.scope.value == "combined" else process.scope.label
    return f"{kind}: {binder.name_of(made)}" if made else kind


# ---------------------------------------------------------------- where it stands


@dataclass(frozen=True, slots=True)
class Lines:
    """A station's texts broken into the lines that are drawn, and its height in millimetres."""

    station: Station
    title: tuple[str, ...]
    about: tuple[str, ...]
    inputs: tuple[tuple[str, ...], ...]
    controls: tuple[tuple[str, ...], ...]
    holds: tuple[tuple[str, ...], ...]

    @property
    def box(self) -> float:
        """Height of the step's box."""
        return len(self.title) * TITLE + len(self.about) * SMALL + 4.4

    @property
    def row(self) -> float:
        """Height of the step with what stands beside it."""
        return max(self.box, *(_block(side) + 1 for side in (self.inputs, self.controls)))

    @property
    def height(self) -> float:
        """Height of the row with the holds and the line under it, and the arrow to the next."""
        between = sum(len(hold) * SMALL + 7.2 for hold in self.holds) + (8.2 if self.station.becomes else 0)
        return self.row + between + ARROW


TITLE, SMALL, ARROW, HEAD = 3.7, 3.1, 5.0, 7.0  # millimetres: a line of a title, of small print, an arrow, the heading
BIG_PRINT, PRINT = 8.0, 7.0  # points
LEFT, RIGHT = 51.0, 109.0  # edges of the boxes


def _block(items: Sequence[Sequence[str]]) -> float:
    return sum(len(item) * SMALL + 0.5 for item in items)


@lru_cache(maxsize=512)
def _lines(station: Station) -> Lines:
    from dossiers.drawing import wrapped

    title = f"{station.number}. {station.name}" if station.number else station.name
    room = RIGHT - LEFT - 4 - (14 if station.critical else 0)
    return Lines(
        station,
        tuple(wrapped(title, room, BIG_PRINT, bold=True)),
        tuple(wrapped(station.about, RIGHT - LEFT - 4, PRINT)) if station.about else (),
        tuple(tuple(wrapped(item, LEFT - 7.5, PRINT)) for item in station.inputs),
        tuple(tuple(wrapped(item, WIDTH - RIGHT - 7.5, PRINT)) for item in station.controls),
        tuple(tuple(wrapped(hold[0].upper() + hold[1:], 76, PRINT)) for hold in station.holds),
    )


def sheets(stations: Sequence[Station], result: str, most: float = HEIGHT) -> tuple[Sheet, ...]:
    """The stations spread over as few sheets as hold them, about equally full; each names its neighbours."""
    heights = [_lines(s).height for s in stations]
    room = most - HEAD - 2 * ARROW - 8
    groups = _spread(heights, room)
    even = next(e for e in _tries(sum(heights) / len(groups), room) if len(_spread(heights, e)) == len(groups))
    groups = _spread(heights, even)
    made = []
    for i, group in enumerate(groups):
        first, last = group[0], group[-1]
        made.append(
            Sheet(
                tuple(stations[n] for n in group),
                _short(stations[first - 1]) if i else "",
                _short(stations[last + 1]) if i + 1 < len(groups) else "",
                result if i + 1 == len(groups) else "",
            )
        )
    return tuple(made)


def _tries(low: float, high: float) -> Iterable[float]:
    return (*(low + (high - low) * n / 20 for n in range(20)), high)


def _spread(heights: Sequence[float], room: float) -> list[list[int]]:
    groups: list[list[int]] = [[]]
    filled = 0.0
    for n, height in enumerate(heights):
        if groups[-1] and filled + height > room:
            groups.append([])
            filled = 0.0
        groups[-1].append(n)
        filled += height
    return groups


def _short(station: Station) -> str:
    return f"step {station.number}" if station.number else station.name


# ---------------------------------------------------------------- drawn


@lru_cache(maxsize=64)
def _drawn(sheet: Sheet) -> tuple[bytes, str]:
    from dossiers import drawing
    from dossiers.figures.chart import Chart

    lines = [_lines(station) for station in sheet.stations]
    ends = (ARROW + 6.5 if sheet.before else 0) + (6.5 if sheet.after or sheet.result else -ARROW)
    height = HEAD + sum(part.height for part in lines) + ends + 2
    return drawing.drawn(WIDTH, height, lambda made: Chart(made, height).paint(sheet, lines))
