"""Stability over time: for each numeric attribute of a study its results by batch, the limits, and a fitted line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dossiers.blocks import Blocks, Drawn, Figure, Manner, Paragraph, Run
from dossiers.evidence.readings import number_of, tidy
from dossiers.evidence.studies import HOURS, moment, results_of, unit_label
from dossiers.facts import NBSP
from dossiers.limits import LimitFault, OneSided, convert, parse, show, show_number, unit_of
from dossiers.records.criterion import ends_of
from dossiers.records.quality import SpecTest
from dossiers.records.results import Qualifier
from dossiers.records.stability import StabilityResult, TimepointUnit
from dossiers.shelf import Lacking, Shelf, Shown

WIDTH, HEIGHT = 150.0, 62.0  # millimetres; three with captions and notes stand on a page
MEANT = 4  # time points from which a straight line says something
ENOUGH = 3  # time points from which a plot says more than a table


@dataclass(frozen=True, slots=True)
class Point:
    """A result in the plot: time, number, and whether the truth lies below (−1) or above (1) it."""

    at: Decimal
    value: Decimal
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as a line: its place and how it is called."""

    value: Decimal
    words: str
    is_lower: bool


@dataclass(frozen=True, slots=True)
class Series:
    """One attribute of a study: points by batch in order of time, limits, number of results that are not drawn."""

    study: str
    attribute: str
    unit: str
    time: TimepointUnit
    batches: tuple[tuple[str, tuple[Point, ...]], ...]
    limits: tuple[Limit, ...] = ()
    criterion: str = ""
    left_out: int = 0

    @property
    def measured(self) -> tuple[Point, ...]:
        """The points that are numbers, not bounds, of all batches."""
        return tuple(p for _, points in self.batches for p in points if not p.beyond)

    @property
    def is_fitted(self) -> bool:
        """Whether a straight line is drawn: at least four time points, over one batch or over all together."""
        return len({p.at for p in self.measured}) >= MEANT

    @property
    def named(self) -> str:
        """The attribute with its unit, as an axis and a caption name it."""
        return f"{self.attribute} ({self.unit})" if self.unit else self.attribute


def stability_plots(studies: Shown | Lacking | Shelf) -> Blocks:
    """A plot for each numeric attribute of a study (or of several) that has results at two time points or more.

    Results count in the attribute's unit. A straight line by least squares, and where there is a limit its one-sided
    95 % confidence bound of the mean (as in ICH Q1E; own knowledge, verify), is drawn from four time points on; a
    note under the plot says so. No plot where there is nothing to plot: the table of the study shows its gaps.
    """
    several = studies if isinstance(studies, Shelf) else [studies] if isinstance(studies, Shown) else []
    return tuple(block for study in several for series in series_of(study) for block in _figure(series))


def series_of(study: Shown) -> Iterator[Series]:
    """The attributes of a study that can be plotted, in the order in which the study first reports them."""
    held: dict[tuple[Any, str], list[Shown]] = {}
    for result in results_of(study):
        record: Any = result.record
        held.setdefault((record.test, (record.readout or "").strip()), []).append(result)
    for (test, readout), results in held.items():
        row = study._binder.find(test)
        if isinstance(row, SpecTest):
            made = _series(study, row, readout, results)
            if len({p.at for _, points in made.batches for p in points}) >= ENOUGH:
                yield made


def _series(study: Shown, row: SpecTest, readout: str, results: Sequence[Shown]) -> Series:
    criterion = row.shelf_life_criterion or row.criterion or ""
    unit = _unit(row, criterion, results)
    time = next((r.record.timepoint_unit for r in results if moment(r) and r.record.timepoint), None)  # type: ignore[attr-defined]
    time = time or TimepointUnit.M
    batches: dict[str, list[Point]] = {}
    left_out = 0
    for result in results:
        record: Any = result.record
        point = _point(result, unit, time)
        left_out += point is None
        if point is not None:
            name = study._binder.name_of(record.batch) if record.batch else ""
            batches.setdefault(name, []).append(point)
    name = f"{row.named()}, read-out {readout}" if readout else row.named()
    ordered = tuple((batch, tuple(sorted(points, key=lambda p: p.at))) for batch, points in batches.items())
    limits, shown = _limits(criterion, unit) if not readout else ((), "")
    return Series(str(study), name, unit, time, ordered, limits, shown, left_out)


def _unit(row: SpecTest, criterion: str, results: Sequence[Shown]) -> str:
    """The unit to plot in: the row's, the criterion's, else the first that a result has."""
    try:
        said = unit_of(parse(criterion)) if criterion else ""
    except LimitFault:
        said = ""
    found = (getattr(r.record, "unit", None) for r in results)
    return tidy(row.unit or said or next((u for u in found if u), ""))


def _point(result: Shown, unit: str, time: TimepointUnit) -> Point | None:
    """The result in the plot's units, or None if it is no number, or in a unit that cannot be converted."""
    record = result.record
    assert isinstance(record, StabilityResult)
    at = moment(result)
    value, sign, typed = number_of(record.value or "")
    own = tidy(record.unit or typed)
    if at is None or value is None:
        return None
    converted = value if own in ("", unit) else convert(value, own, unit)
    if converted is None:
        return None
    sign = record.qualifier.value if record.qualifier else sign
    beyond = {"<": -1, "≤": -1, Qualifier.ND.value: -1, ">": 1, "≥": 1}.get(sign, 0)
    hours = at.value if at.unit is time else at.hours / HOURS[time]
    return Point(hours, converted, beyond)


def _limits(criterion: str, unit: str) -> tuple[tuple[Limit, ...], str]:
    """The limits that are lines in the plot's unit, and the whole criterion in the field's notation."""
    try:
        parsed = parse(criterion) if criterion else None
    except LimitFault:
        parsed = None
    if parsed is None:
        return (), ""
    own = tidy(unit_of(parsed))
    found = []
    for end, is_lower in zip(ends_of(parsed), (True, False), strict=True):
        value = end if end is None or own in ("", unit) else convert(end, own, unit)
        if value is not None:
            bound = f"{parsed.bound.value}{NBSP}" if isinstance(parsed, OneSided) else ""
            side = "" if bound else ("lower limit " if is_lower else "upper limit ")
            found.append(Limit(value, f"{side}{bound}{quantity(value, unit)}", is_lower))
    return tuple(found), show(parsed)


def quantity(value: Decimal, unit: str) -> str:
    """A number with its unit, as text beside a line says it."""
    joint = "" if not unit or unit.startswith("/") else NBSP
    return f"{show_number(value)}{joint}{unit}"


# ---------------------------------------------------------------- said


def _figure(series: Series) -> tuple[Figure, Paragraph]:
    """The plot with a caption that a list of figures can hold, and what is drawn in it as a note under it."""
    caption = begun(f"{series.named} over time, study {series.study}")
    parts = [_batches(series)]
    parts += [_line(series)] if series.is_fitted else []
    if any(p.beyond for _, points in series.batches for p in points):
        parts.append("open triangles are bounds (below or above), not values, and are not in the line")
    if series.left_out:
        parts.append(
            f"{series.left_out} result{'s' if series.left_out > 1 else ''} without a number in this unit not drawn"
        )
    note = begun("; ".join(parts)) + "."
    figure = Figure("", (Run(caption),), _alt(series, _slope(series)), Drawn(_drawn, series), WIDTH)
    return figure, Paragraph((Run(note),), Manner.NOTE)


def begun(text: str) -> str:
    """The text with a capital letter, unless its first word has a case of its own ("pH", "rcAAV")."""
    first, _, _ = text.partition(" ")
    return text[0].upper() + text[1:] if first.islower() else text


def _batches(series: Series) -> str:
    names = [name for name, _ in series.batches if name]
    return (
        f"results of {len(names)} batches" if len(names) > 1 else f"results of batch {names[0]}" if names else "results"
    )


def _line(series: Series) -> str:
    over = ", pooled," if len(series.batches) > 1 else ""
    sides = _sides(series)
    bound = f" with one-sided 95{NBSP}% confidence bound{'s' if len(sides) > 1 else ''} of the mean" if sides else ""
    return f"linear regression{over}{bound}".rstrip(",")


def _sides(series: Series) -> tuple[int, ...]:
    """On which side of the line a confidence bound is drawn: where there is a limit."""
    return tuple(sorted({-1 if limit.is_lower else 1 for limit in series.limits}))


def _alt(series: Series, slope: str) -> str:
    """The plot in words: attribute, limits, and each batch with its number of points, first and last value."""
    time = unit_label(series.time)
    said = [f"Plot of {series.named} against time in {time}, stability study {series.study}"]
    said += [f"Acceptance criterion {series.criterion}"] if series.criterion and not series.limits else []
    limits = [f"Limit {limit.words}" if limit.words[0] in "≥≤<>" else limit.words for limit in series.limits]
    said += [", ".join(limits)[0].upper() + ", ".join(limits)[1:]] if limits else ["No limit that is a number"]
    for batch, points in series.batches:
        count = f"{len(points)} point{'s' if len(points) > 1 else ''}"
        first, last = (
            f"{_value(p, series.unit)} at {show_number(_short(p.at))} {time}" for p in (points[0], points[-1])
        )
        course = f"first {first}, last {last}" if len(points) > 1 else last
        said.append(f"{f'Batch {batch}' if batch else 'Results'}: {count}, {course}")
    return ". ".join([*said, *([slope] if slope else [])]) + "."


def _value(point: Point, unit: str) -> str:
    return {-1: f"<{NBSP}", 0: "", 1: f">{NBSP}"}[point.beyond] + quantity(point.value, unit)


def _short(value: Decimal) -> Decimal:
    """A converted time without the digits that division leaves."""
    return value if len(value.as_tuple().digits) <= 6 else Decimal(f"{value:.3g}")


@lru_cache(maxsize=256)
def _slope(series: Series) -> str:
    """What the line comes to in words; "" where there is none."""
    from dossiers.figures.course import Course

    return Course(series, _sides(series)).slope_said() if series.is_fitted else ""


@lru_cache(maxsize=256)
def _drawn(series: Series) -> tuple[bytes, str]:
    from dossiers import drawing
    from dossiers.figures.course import Course

    return drawing.drawn(WIDTH, HEIGHT, Course(series, _sides(series)).paint)
