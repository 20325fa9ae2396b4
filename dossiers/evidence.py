"""Tables that show what was measured: specification, batch analyses, stability. Each result is judged as it is printed.

A result that misses its criterion carries "✗" and a note under the table says by which row it was judged. One that
cannot be judged is printed as it is, with a note that says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.binder import Binder
from dossiers.blocks import Block, Cell, Column, Gap, Inline, Inlines, Kind, Origin, Run, Table
from dossiers.facts import NBSP, is_empty
from dossiers.judging import Outcome, judge
from dossiers.limits import show_number
from dossiers.records.base import Record
from dossiers.shelf import NOTHING, Lacking, Shelf, Shown
from dossiers.tables import cell, nothing

ABREAST = 6  # batches beside each other in one table; more run over several
MISSED = f"{NBSP}✗"


@dataclass
class _Notes:
    """The notes under a table, each once."""

    lines: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)

    @property
    def inlines(self) -> tuple[Inlines, ...]:
        return tuple((Run(line),) for line in self.lines)


def results(caption: str, rows: Shelf, batches: Shelf) -> Block | tuple[Block, ...]:
    """Batch analyses: one row a test, its criterion, one column a batch; several tables where there are many batches.

    `rows` are spec tests in order. A batch made under another version of the specification is judged by its own.
    """
    if not rows or not batches:
        return nothing(caption, batches.kind if rows else rows.kind)
    held = _by_place(rows[0]._binder.all("test_result"), "batch", "bank")
    parts = [batches[i : i + ABREAST] for i in range(0, len(batches), ABREAST)]
    made = []
    for n, part in enumerate(parts, 1):
        said = caption if len(parts) == 1 else f"{caption} ({n} of {len(parts)})"
        made.append(_results(said, rows, part, held))
    return tuple(made) if len(made) > 1 else made[0]


Held = dict[tuple[UUID, UUID], list[Record]]


def _by_place(found: Iterable[Record], *places: str) -> Held:
    """(batch or bank, test) → its results, in the project's order."""
    held: Held = {}
    for record in found:
        test = getattr(record, "spec_test", None)
        for place in places:
            where = getattr(record, place, None)
            if where is not None and test is not None:
                held.setdefault((where, test), []).append(record)
    return held


def _results(caption: str, rows: Shelf, batches: Sequence[Shown], held: Held) -> Table:
    notes = _Notes()
    head = (Cell((Run("Test"),)), Cell((Run("Acceptance criterion"),)), *(Cell(b.inlines) for b in batches))
    body = []
    for row in rows:
        cells = [Cell(_test(row), strong=True), Cell(cell(row, "criterion"))]
        for batch in batches:
            cells.append(Cell(_result(held.get((batch.record.uid, row.record.uid), []), row, batch, notes)))
        body.append(tuple(cells))
    columns = (Column(), Column(), *(Column(Kind.NUMBER) for _ in batches))
    return Table("", (Run(caption),), columns, (head,), tuple(body), notes.inlines)


def _test(row: Shown) -> Inlines:
    words = list(cell(row, "test"))
    if not is_empty(getattr(row.record, "unit", None)):
        words += [Run(" ("), *row.unit.inlines, Run(")")]
    return tuple(words)


def _result(found: list[Record], row: Shown, batch: Shown, notes: _Notes) -> Inlines:
    """The results of a batch for a test. None where the test stands in the batch's own specification is a gap."""
    binder = row._binder
    if not found:
        mine = getattr(batch.record, "spec_version", None)
        if mine is not None and mine != getattr(row.record, "specification", None):
            return (Run(NOTHING),)
        return (Gap("Result", Origin("test_result", "", "", "value"), "not entered"),)
    words: list[Inline] = []
    for record in found:
        words += ([Run("; ")] if words else []) + _reading(Shown(record, binder), row)
    verdict = judge(found[0], binder)  # type: ignore[arg-type]
    name = f"{batch.record.named()}, {row.record.named()}"
    if verdict.outcome is Outcome.FAILS:
        words.append(Run(MISSED))
        notes.add(f"✗ {name}: {verdict.why}")
    elif verdict.outcome is Outcome.CANNOT_SAY and any(getattr(r, "value", None) for r in found):
        notes.add(f"Not judged: {name}. {verdict.why}")
    return tuple(words)


def _reading(result: Shown, row: Shown) -> list[Inline]:
    """One result as a reader meets it: read-out, qualifier, value, and its unit where the row does not name it."""
    record, words = result.record, list[Inline]()
    if not is_empty(getattr(record, "readout", None)):
        words += [*result.readout.inlines, Run(f":{NBSP}")]
    qualifier = getattr(record, "qualifier", None)
    if qualifier is not None and qualifier.value not in ("=", "ND"):
        words += [*result.qualifier.inlines, Run(NBSP)]
    words += list(_figure(result))
    unit = getattr(record, "unit", None)
    if unit and unit != getattr(row.record, "unit", None):
        words += [Run(NBSP), *result.unit.inlines]
    return words


def _figure(result: Shown) -> Inlines:
    """The value as it was entered, a number in the field's notation; what stands for none where there is none."""
    if is_empty(getattr(result.record, "value", None)) and not is_empty(getattr(result.record, "state", None)):
        return result.state.inlines if hasattr(result.state, "inlines") else cell(result, "value")
    return cell(result, "value")


# ---------------------------------------------------------------- stability

ORDER = {"h": Decimal(1), "d": Decimal(24), "m": Decimal("730.5")}


def stability(caption: str, study: Shown | Lacking) -> Block | tuple[Block, ...]:
    """The data of a study: one row a test and batch with its criterion, one column a time point."""
    if not isinstance(study, Shown):
        return nothing(caption, "stability_study")
    binder = study._binder
    found = [r for r in binder.all("stability_result") if getattr(r, "study", None) == study.record.uid]
    if not found:
        return nothing(caption, "stability_result")
    times = sorted({_time(r) for r in found}, key=lambda t: (t[0] is None, (t[0] or 0) * ORDER.get(t[1], 1)))
    lines = list(dict.fromkeys((getattr(r, "test", None), getattr(r, "batch", None)) for r in found))
    with_batch = any(batch is not None for _, batch in lines)
    notes = _Notes()
    head = [Cell((Run("Test"),)), Cell((Run("Acceptance criterion"),))]
    head += [Cell((Run("Batch"),))] if with_batch else []
    head += [Cell((Run(_told(t)),)) for t in times]
    body = tuple(_line(binder, found, line, times, (with_batch, notes)) for line in lines)
    columns = (Column(), Column(), *([Column(Kind.SHORT)] if with_batch else []), *(Column(Kind.NUMBER) for _ in times))
    return Table("", (Run(caption),), columns, (tuple(head),), body, notes.inlines)


Time = tuple[Any, str]


def _time(record: Record) -> Time:
    unit = getattr(record, "timepoint_unit", None)
    return (getattr(record, "timepoint", None), unit.value if unit is not None else "")


def _told(time: Time) -> str:
    at, unit = time
    name = {"h": "h", "d": "d", "m": "months"}.get(unit, "")
    return f"{show_number(at)}{NBSP}{name}".strip() if at is not None else NOTHING


def _line(
    binder: Binder, found: Sequence[Record], line: tuple[Any, Any], times: Sequence[Time], manner: tuple[bool, _Notes]
) -> tuple[Cell, ...]:
    (test, batch), (with_batch, notes) = line, manner
    held, made = binder.find(test), binder.find(batch)
    row = Shown(held, binder) if held is not None else None
    cells = [Cell(_test(row) if row else (Run(NOTHING),), strong=True), Cell(_criterion(row))]
    if with_batch:
        cells.append(Cell(Shown(made, binder).inlines if made is not None else (Run(NOTHING),)))
    mine = [r for r in found if getattr(r, "test", None) == test and getattr(r, "batch", None) == batch]
    for time in times:
        here = [r for r in mine if _time(r) == time]
        cells.append(Cell(_point(binder, here, row, (_told(time), notes)) if row else (Run(NOTHING),)))
    return tuple(cells)


def _criterion(row: Shown | None) -> Inlines:
    """The criterion until the end of shelf life, where it differs from that of release."""
    if row is None:
        return (Run(NOTHING),)
    later = not is_empty(getattr(row.record, "shelf_life_criterion", None))
    return cell(row, "shelf_life_criterion" if later else "criterion")


def _point(binder: Binder, found: list[Record], row: Shown, place: tuple[str, _Notes]) -> Inlines:
    time, notes = place
    words: list[Inline] = []
    for record in found:
        words += ([Run("; ")] if words else []) + _reading(Shown(record, binder), row)
    if found and judge(found[0], binder).outcome is Outcome.FAILS:  # type: ignore[arg-type]
        words.append(Run(MISSED))
        notes.add(f"✗ {row.record.named()} at {time}: {judge(found[0], binder).why}")  # type: ignore[arg-type]
    return tuple(words) or (Run(NOTHING),)
