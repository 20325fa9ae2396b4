"""Records → figures: the flow diagram of a process, and stability plots. Drawn from facts, said in words beside."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from dossiers.blocks import Block, Figure, Run
from dossiers.limits import LimitFault, show_number
from dossiers.limits import show as show_limit
from dossiers.records.base import Record
from dossiers.shelf import Lacking, Shown
from dossiers.tables import nothing

PER_SHEET = 12  # steps that fit on a page

WIDTH = 160.0  # millimetres between the margins


@dataclass(frozen=True, slots=True)
class Station:
    """A step as the diagram shows it."""

    title: str
    about: str
    inputs: tuple[str, ...]
    controls: tuple[str, ...]
    hold: str
    critical: bool
    becomes: str  # what exists from here on: "drug substance"


def flow(caption: str, process: Shown | Lacking) -> Block | tuple[Block, ...]:
    """The flow diagram of a process: steps in order, what goes in, in-process controls, hold points, critical steps.

    A process of many steps runs over several figures. Without steps: a gap.
    """
    stations = _stations(process) if isinstance(process, Shown) else ()
    if not stations:
        return nothing(caption, "process_step")
    sheets = [stations[i : i + PER_SHEET] for i in range(0, len(stations), PER_SHEET)]
    made = []
    for n, part in enumerate(sheets, 1):
        png, svg = _flow_drawn(tuple(part), n > 1, n < len(sheets))
        said = caption if len(sheets) == 1 else f"{caption} ({n} of {len(sheets)})"
        made.append(Figure("", (Run(said),), _flow_said(part), png, svg, WIDTH))
    return tuple(made) if len(made) > 1 else made[0]


def _stations(process: Shown) -> tuple[Station, ...]:
    binder = process._binder
    steps = [s for s in binder.all("process_step") if _is(s, "process", process.record.uid)]
    steps.sort(key=lambda s: (getattr(s, "number", None) is None, getattr(s, "number", None) or 0))
    defined = {_get(a, "defined_at_step"): a.named() for a in binder.all("active_substance")}
    return tuple(_station(step, binder, defined) for step in steps)


def _get(record: Record, name: str) -> Any:
    return getattr(record, name, None)


def _is(record: Record, name: str, uid: UUID) -> bool:
    return bool(_get(record, name) == uid)


def _station(step: Record, binder: Any, defined: dict[Any, str]) -> Station:
    number, day = _get(step, "number"), _get(step, "day")
    about = [f"day {day}"] if day is not None else []
    about += [w.label for w in (_get(step, "open_closed"),) if w is not None]
    grade = _get(step, "clean_grade")
    about += [f"grade {getattr(grade, 'label', grade)}"] if grade is not None else []
    inputs = tuple(m.named() for m in binder.all("material") if _is(m, "used_in_step", step.uid))
    controls = tuple(_control(c) for c in binder.all("in_process_control") if _is(c, "step", step.uid))
    holds = [_hold(h) for h in binder.all("hold_point") if _is(h, "after_step", step.uid)]
    title = f"{number}. {_get(step, 'name') or ''}" if number is not None else str(_get(step, "name") or step.key)
    becomes = f"drug substance: {defined[step.uid]}" if step.uid in defined else ""
    return Station(
        title, ", ".join(about), inputs, controls, "; ".join(holds), bool(_get(step, "is_critical")), becomes
    )


def _control(record: Record) -> str:
    limit = _get(record, "limit")
    return " ".join(str(part) for part in (_get(record, "test") or record.key, limit) if part)


def _hold(record: Record) -> str:
    hours, at = _get(record, "max_time"), _get(record, "temperature")
    parts = [str(getattr(_get(record, "type"), "label", "hold"))]
    parts += [f"at most {show_number(hours)} h"] if hours is not None else []
    parts += [f"{at} °C" if at and at[-1:].isdigit() else at] if at else []
    return ", ".join(parts)


def _flow_said(stations: Sequence[Station]) -> str:
    """The diagram in words, for those who do not see it."""
    said = []
    for s in stations:
        parts = [s.title + (" (critical)" if s.critical else "")]
        parts += [s.about] if s.about else []
        parts += [f"in: {', '.join(s.inputs)}"] if s.inputs else []
        parts += [f"controls: {', '.join(s.controls)}"] if s.controls else []
        parts += [s.hold] if s.hold else []
        parts += [s.becomes] if s.becomes else []
        said.append("; ".join(parts))
    return "Flow diagram, from top to bottom. " + ". ".join(said) + "."


def _wrapped(words: Sequence[str], width: int, lines: int = 4) -> list[str]:
    found = [line for word in words for line in textwrap.wrap(word, width) or [""]]
    return found[:lines] + (["…"] if len(found) > lines else [])


@lru_cache(maxsize=64)
def _flow_drawn(stations: tuple[Station, ...], continued: bool, goes_on: bool) -> tuple[bytes, str]:
    from dossiers import drawing as d

    texts = [(_wrapped([s.title], 34, 2), _wrapped(s.inputs, 30), _wrapped(s.controls, 34)) for s in stations]
    heights = [
        max(11.0, 4.2 * max(len(t) + bool(s.about), len(i), len(c)) + 4)
        for s, (t, i, c) in zip(stations, texts, strict=True)
    ]
    extra = [(6.0 if s.hold else 0.0) + (6.0 if s.becomes else 0.0) for s in stations]
    total = sum(heights) + sum(extra) + 6.0 * len(stations) + 8
    made = d.sheet(WIDTH, total)
    axes = made.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, total))
    axes.axis("off")
    y = total - 4
    for n, (station, (title, inputs, controls)) in enumerate(zip(stations, texts, strict=True)):
        height, middle = heights[n], y - heights[n] / 2
        _box(axes, y, height, station)
        said = "\n".join(title + ([station.about] if station.about else []))
        axes.text(80, middle, said, ha="center", va="center", color=d.DEEP, linespacing=1.25, fontsize=7.5)
        _beside(axes, middle, inputs, controls)
        y = _below(axes, y - height, station, n + 1 < len(stations) or goes_on)
    if continued:
        axes.annotate("", (80, total - 4), (80, total), arrowprops={"arrowstyle": "-|>", "color": d.GREY, "lw": 0.8})
    return d.printed(made)


def _box(axes: Any, top: float, height: float, station: Station) -> None:
    from matplotlib.patches import FancyBboxPatch

    from dossiers import drawing as d

    line = 1.8 if station.critical else 0.8
    axes.add_patch(
        FancyBboxPatch(
            (53, top - height), 54, height, boxstyle="round,pad=0,rounding_size=1.5", fc=d.SOFT, ec=d.BLUE, lw=line
        )
    )
    if station.critical:
        axes.text(106, top - 1.2, "critical", ha="right", va="top", fontsize=5.5, color=d.BLUE)


def _beside(axes: Any, middle: float, inputs: list[str], controls: list[str]) -> None:
    from dossiers import drawing as d

    if inputs:
        axes.text(47, middle, "\n".join(inputs), ha="right", va="center", fontsize=6.5, linespacing=1.25)
        axes.annotate("", (53, middle), (48, middle), arrowprops={"arrowstyle": "-|>", "color": d.GREY, "lw": 0.8})
    if controls:
        axes.text(113, middle, "\n".join(controls), ha="left", va="center", fontsize=6.5, linespacing=1.25, color=d.GAP)
        axes.plot([107, 112], [middle, middle], color=d.GAP, lw=0.8, ls=(0, (2, 1.5)))


def _below(axes: Any, y: float, station: Station, more: bool) -> float:
    """Where the next step begins, after drawing what lies between: hold, what exists now, the arrow."""
    from dossiers import drawing as d

    for words, colour in ((station.hold, d.GAP), (station.becomes, d.BAD)):
        if words:
            axes.plot([80, 80], [y, y - 2], color=d.GREY, lw=0.8)
            axes.text(
                80,
                y - 4,
                words,
                ha="center",
                va="center",
                fontsize=6.5,
                color=colour,
                bbox={"fc": "white", "ec": colour, "lw": 0.7, "pad": 1.5},
            )
            y -= 6
    if more:
        axes.annotate("", (80, y - 6), (80, y), arrowprops={"arrowstyle": "-|>", "color": d.GREY, "lw": 0.8})
    return y - 6


# ---------------------------------------------------------------- stability

TO_MONTHS = {"h": Decimal(1) / Decimal("730.5"), "d": Decimal(1) / Decimal("30.4375"), "m": Decimal(1)}
MEANT = 4  # points from which a regression line says something
ENOUGH = 2  # points from which a plot says more than a table


@dataclass(frozen=True, slots=True)
class Series:
    """The numeric results of one attribute in a study: unit, limits, points (time, value) by batch."""

    attribute: str
    unit: str
    time: str
    low: float | None
    high: float | None
    points: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    criterion: str


def stability_plots(study: Shown | Lacking) -> tuple[Block, ...]:
    """A plot for each numeric attribute of a study with at least two points: results by batch, limits, regression.

    A straight line with its one-sided 95 % confidence limit of the mean (the manner of ICH Q1E; own knowledge, verify)
    is drawn where the pooled results have at least four time points; otherwise points alone.
    """
    if not isinstance(study, Shown):
        return ()
    return tuple(_plotted(study, series) for series in _series(study))


def _series(study: Shown) -> tuple[Series, ...]:
    binder = study._binder
    held: dict[Any, list[Record]] = {}
    for result in binder.all("stability_result"):
        if _is(result, "study", study.record.uid) and _get(result, "test") is not None and not _get(result, "readout"):
            held.setdefault(_get(result, "test"), []).append(result)
    made = (_one_series(binder.find(test), results, binder) for test, results in held.items())
    return tuple(s for s in made if s is not None and sum(len(p) for _, p in s.points) >= ENOUGH)


def _number(text: Any) -> float | None:
    from dossiers.limits import number

    try:
        return float(number(text)) if text else None
    except LimitFault:
        return None


def _one_series(test: Record | None, results: list[Record], binder: Any) -> Series | None:
    units = {getattr(_get(r, "timepoint_unit"), "value", "m") for r in results}
    if test is None or len(units) != 1:
        return None
    points: dict[str, list[tuple[float, float]]] = {}
    for result in results:
        at, value = _get(result, "timepoint"), _number(_get(result, "value"))
        if at is not None and value is not None and getattr(_get(result, "qualifier"), "value", "=") == "=":
            batch = _get(result, "batch")
            points.setdefault(binder.name_of(batch) if batch else "", []).append((float(at), value))
    low, high = _get(test, "low"), _get(test, "high")
    unit = _get(test, "unit") or next((u for r in results if (u := _get(r, "unit"))), "")
    time = {"h": "hours", "d": "days", "m": "months"}[units.pop()]
    parsed = _get(test, "limits")
    criterion = show_limit(parsed) if parsed is not None else ""
    ordered = tuple((batch, tuple(sorted(found))) for batch, found in points.items())
    bounds = (float(low) if low is not None else None, float(high) if high is not None else None)
    return Series(test.named(), unit, time, *bounds, ordered, criterion) if ordered else None


def _plotted(study: Shown, series: Series) -> Figure:
    png, svg = _plot_drawn(series)
    name = study.record.named()
    fitted = _is_fitted(series)
    line = ", with regression line and one-sided 95 % confidence limit" if fitted else ""
    caption = f"{series.attribute} over time, study {name}{line}"
    said = [
        f"Plot of {series.attribute}{f' in {series.unit}' if series.unit else ''} against {series.time}, study {name}."
    ]
    said += [f"Acceptance criterion {series.criterion}."] if series.criterion else []
    for batch, points in series.points:
        first, last = points[0], points[-1]
        said.append(
            f"{batch or 'Results'}: {len(points)} points, {first[1]:g} at {first[0]:g} "
            f"and {last[1]:g} at {last[0]:g} {series.time}."
        )
    return Figure("", (Run(caption),), " ".join(said), png, svg, 130.0)


def _is_fitted(series: Series) -> bool:
    return len({x for _, points in series.points for x, _ in points}) >= MEANT


@lru_cache(maxsize=128)
def _plot_drawn(series: Series) -> tuple[bytes, str]:
    from dossiers import drawing as d

    made = d.sheet(130, 70)
    axes = made.add_axes((0.11, 0.16, 0.86, 0.78))
    for n, (batch, points) in enumerate(series.points):
        xs, ys = zip(*points, strict=True)
        axes.plot(
            xs,
            ys,
            "os^Dv"[n % 5],
            color=(d.BLUE, d.GAP, d.GREY, d.BAD, d.DEEP)[n % 5],
            ms=4,
            label=batch or "results",
            ls="none",
        )
    for limit, words in ((series.low, "lower limit"), (series.high, "upper limit")):
        if limit is not None:
            axes.axhline(limit, color=d.BAD, lw=0.9, ls=(0, (5, 2)))
            axes.annotate(
                words,
                (0.995, limit),
                xycoords=("axes fraction", "data"),
                ha="right",
                va="bottom",
                fontsize=6.5,
                color=d.BAD,
            )
    if _is_fitted(series):
        _fit(axes, series)
    axes.set_xlabel(f"Time ({series.time})", fontsize=7.5)
    axes.set_ylabel(f"{series.attribute} ({series.unit})" if series.unit else series.attribute, fontsize=7.5)
    axes.tick_params(labelsize=7, width=0.6)
    axes.margins(x=0.05, y=0.18)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(fontsize=6.5, frameon=False, loc="best")
    return d.printed(made)


T95 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753)
"""One-sided 95 % points of Student's t for 1 to 15 degrees of freedom; above, the normal's 1.645 plus 1.6/df."""


def _fit(axes: Any, series: Series) -> None:
    """The pooled straight line, and the confidence limit of its mean on the side of the limit that matters."""
    import numpy as np

    from dossiers import drawing as d

    xs = np.array([x for _, points in series.points for x, _ in points])
    ys = np.array([y for _, points in series.points for _, y in points])
    slope, start = np.polyfit(xs, ys, 1)
    grid = np.linspace(xs.min(), xs.max(), 60)
    axes.plot(grid, start + slope * grid, color=d.BLUE, lw=1.0)
    free, spread = len(xs) - 2, ((xs - xs.mean()) ** 2).sum()
    if free < 1 or spread == 0:
        return
    error = np.sqrt(((ys - start - slope * xs) ** 2).sum() / free)
    t = T95[free - 1] if free <= len(T95) else 1.645 + 1.6 / free
    width = t * error * np.sqrt(1 / len(xs) + (grid - xs.mean()) ** 2 / spread)
    side = 1 if series.low is None and series.high is not None else -1
    axes.plot(grid, start + slope * grid + side * width, color=d.BLUE, lw=0.8, ls=(0, (3, 2)))
