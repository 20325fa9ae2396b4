"""Stability studies: tests and batches down, time points across."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.binder import origin
from dossiers.blocks import Blocks, Cell, Column, Gap, Inlines, Kind, Origin, Row, Run, Table
from dossiers.evidence.readings import DASH, WIDEST, Notes, chunks, common_unit, criterion, named, part_of
from dossiers.facts import NBSP
from dossiers.limits import show_number
from dossiers.records.results import Batch
from dossiers.records.stability import StabilityStatus, StabilityStudy, TimepointUnit
from dossiers.shelf import Lacking, Shown
from dossiers.tables import cell, nothing

HOURS = {TimepointUnit.H: Decimal(1), TimepointUnit.D: Decimal(24), TimepointUnit.M: Decimal("730.5")}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time point: the number and its unit as entered. The start is the same in every unit."""

    value: Decimal
    unit: TimepointUnit

    @property
    def hours(self) -> Decimal:
        """The time in hours, a month being a twelfth of a year."""
        return self.value * HOURS[self.unit]

    @property
    def label(self) -> str:
        """The time as a reader meets it: "3 months"."""
        return f"{show_number(self.value)}{NBSP}{unit_label(self.unit, self.value)}"


def unit_label(unit: TimepointUnit, value: Decimal | None = None) -> str:
    """The unit as it stands behind a number: "h", "days", "month"."""
    word = {TimepointUnit.H: "h", TimepointUnit.D: "days", TimepointUnit.M: "months"}[unit]
    return word[:-1] if value == 1 and word.endswith("s") else word


def moment(result: Shown) -> Moment | None:
    """The time point of a stability result, or None if number or unit is missing."""
    record: Any = result.record
    if record.timepoint is None or record.timepoint_unit is None:
        return None
    return Moment(record.timepoint, record.timepoint_unit)


def results_of(study: Shown) -> list[Shown]:
    """The results of a stability study, in the project's order."""
    binder = study._binder
    return [Shown(r, binder) for r in binder.all("stability_result") if getattr(r, "study", None) == study.record.uid]


def stability(caption: str, study: Shown | Lacking) -> Blocks:
    """One stability study: a row for each test and batch with the criterion that holds, a column for each time point.

    Planned time points without a result stay, so that an aborted study shows what was not tested.
    """
    if isinstance(study, Lacking):
        return (nothing(caption, "stability_study"),)
    found = results_of(study)
    if not found:
        return (nothing(caption, "stability_result"),)
    table = _Course(study, found)
    parts = chunks(table.moments, WIDEST)
    return tuple(table.block(part_of(caption, i, len(parts)), part) for i, part in enumerate(parts, 1))


class _Course:
    """The results of one study, by test, batch and time point."""

    def __init__(self, study: Shown, found: list[Shown]):
        self.record: Any = study.record
        assert isinstance(self.record, StabilityStudy)
        self.binder = study._binder
        self.batches: list[UUID | None] = list(self.record.batch or []) or [None]
        self.tests: list[UUID] = list(self.record.tests or [])
        self.held: dict[tuple[Any, Any, Any], list[Shown]] = {}
        for result in found:
            self.take(result, result.record)
        self.moments = sorted(
            {*self.planned(), *(at for _, _, at in self.held)}, key=lambda at: (at is None, _hours(at))
        )
        if not any(b is None for _, b, _ in self.held) and None in self.batches:
            self.batches.remove(None)

    def take(self, result: Shown, record: Any) -> None:
        batch = record.batch or (self.batches[0] if len(self.batches) == 1 else None)
        if batch not in self.batches:
            self.batches.append(batch)
        if record.test not in self.tests:
            self.tests.append(record.test)
        self.held.setdefault((record.test, batch, _zeroed(moment(result), self.unit)), []).append(result)

    @property
    def unit(self) -> TimepointUnit:
        """The unit of the study: that of its first result with one."""
        rows: Any = self.binder.all("stability_result")
        mine = (r.timepoint_unit for r in rows if r.study == self.record.uid and r.timepoint_unit and r.timepoint)
        return next(mine, TimepointUnit.M)

    def planned(self) -> Iterator[Moment]:
        """The planned time points, which are in months, unless the whole study counts in another unit."""
        for text in self.record.timepoints or ():
            if (at := planned(text, self.unit)) is not None:
                yield at

    def block(self, caption: Inlines, moments: Sequence[Moment | None]) -> Table:
        notes = Notes()
        several = len(self.batches) > 1
        body = tuple(row for test in self.tests for row in self.rows(test, moments, notes, several=several))
        columns = (
            Column(),
            Column(),
            *(Column(Kind.SHORT) for _ in range(several)),
            *(Column(Kind.NUMBER) for _ in moments),
        )
        return Table("", caption, columns, self.head(moments, several=several), body, notes.all("the criterion shown"))

    def head(self, moments: Sequence[Moment | None], *, several: bool) -> tuple[Row, ...]:
        names = ["Test", "Acceptance criterion", *(["Batch"] if several else [])]
        units = {at.unit for at in moments if at is not None}
        if len(units) != 1 or None in moments or len(moments) == 1:
            times = [Run(at.label, origin=self.of(at)) if at is not None else Run("Time not entered") for at in moments]
            return (tuple(Cell((one,)) for one in [*map(Run, names), *times]),)
        unit = Run(unit_label(units.pop()), origin=self.of(moments[-1], "timepoint_unit"))
        over = Cell((Run("Result after ("), unit, Run(")")), across=len(moments))
        numbers = tuple(Cell((Run(show_number(at.value), origin=self.of(at)),)) for at in moments if at is not None)
        return (*(Cell((Run(n),), down=2) for n in names), over), numbers

    def of(self, at: Moment | None, fact: str = "timepoint") -> Origin | None:
        """The fact of a time point's first result; None where nothing was tested then."""
        first = next((group[0] for (_, _, when), group in self.held.items() if when == at), None)
        return origin(first.record, fact) if first is not None else None

    def rows(self, test: UUID, moments: Sequence[Any], notes: Notes, *, several: bool) -> Iterator[Row]:
        record = self.binder.find(test)
        row = Shown(record, self.binder) if record is not None else None
        mine = [r for (t, _, _), group in self.held.items() for r in group if t == test]
        unit = common_unit(mine, row) if row is not None else ()
        bare = unit[0].text if unit and isinstance(unit[0], Run) else ""
        for i, batch in enumerate(self.batches):
            cells = [] if i else [*self.lead(row, unit, down=len(self.batches))]
            name = self.batch(batch, mine)
            if several:
                cells.append(Cell(name))
            for at in moments:
                group = self.held.get((test, batch, at), [])
                time = (Run(at.label),) if at is not None else ()
                where = (*name, Run(", "), *cell(row, "test"), Run(", "), *time) if row is not None else name
                cells.append(Cell(notes.judged(group, bare, where) or self.missing(at, batch, notes)))
            yield tuple(cells)

    def lead(self, row: Shown | None, unit: Inlines, down: int) -> tuple[Cell, Cell]:
        if row is None:
            gap = Gap("Test", Origin("stability_result", "", "", "test"), "")
            return Cell((gap,), down=down), Cell(DASH, down=down)
        return Cell(named(row, unit), down=down, strong=True), Cell(criterion(row, at_end=True), down=down)

    def batch(self, batch: UUID | None, results: Sequence[Shown]) -> Inlines:
        found = self.binder.find(batch)
        if found is not None:
            return Shown(found, self.binder).inlines
        first = next((r for r in results if r.record.batch is None), None)  # type: ignore[attr-defined]
        return cell(first, "batch") if first is not None else DASH

    def is_reached(self, batch: UUID | None, at: Moment) -> bool:
        """Whether the time point can have come for the batch: batches enter a study one after the other."""
        found, on = self.binder.find(batch) if batch else None, self.binder.on
        made = found.date if isinstance(found, Batch) else None
        return made is None or on is None or at.hours <= (on - made).days * HOURS[TimepointUnit.D]

    def missing(self, at: Moment | None, batch: UUID | None, notes: Notes) -> Inlines:
        """What stands for no result: a dash with the reason, or a gap where data are said to be available."""
        status, until = self.record.status, self.record.months_available
        is_due = at is not None and until is not None and at.hours <= until * HOURS[TimepointUnit.M]
        is_due = is_due and at is not None and self.is_reached(batch, at)
        if status is StabilityStatus.STOPPED:
            notes.other["–: not tested; the study was stopped."] = None
        elif status in (StabilityStatus.ONGOING, StabilityStatus.PLANNED) and not is_due:
            notes.other["–: not tested yet; the study goes on."] = None
        elif not is_due and status is None:
            notes.other["–: no result."] = None
        else:
            return (Gap("Result", Origin("stability_result", "", "", "value"), ""),)
        return DASH


def planned(text: str, unit: TimepointUnit) -> Moment | None:
    """A planned time point as a person typed it: "3", "24 h"; a bare number is in `unit`. None for other words."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s*(?:(h|d|m)[a-z]*)?", text.strip())
    if found is None:
        return None
    return _zeroed(Moment(Decimal(found[1]), TimepointUnit(found[2]) if found[2] else unit), unit)


def _zeroed(at: Moment | None, unit: TimepointUnit) -> Moment | None:
    return Moment(Decimal(0), unit) if at is not None and at.value == 0 else at


def _hours(at: Moment | None) -> Decimal:
    return Decimal(0) if at is None else at.hours
