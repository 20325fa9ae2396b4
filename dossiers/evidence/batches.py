"""Batch analyses: tests down, batches across."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dossiers.blocks import Blocks, Cell, Column, Gap, Inlines, Kind, Origin, Row, Run, Table
from dossiers.evidence.readings import DASH, WIDEST, Notes, chunks, common_unit, criterion, named, part_of
from dossiers.judging import are_versions, identity
from dossiers.records.quality import Specification, SpecTest
from dossiers.records.results import Batch
from dossiers.shelf import Shelf, Shown
from dossiers.tables import cell, nothing


def results(caption: str, rows: Shelf, batches: Shelf) -> Blocks:
    """Batch analyses: a row for each test of the specification with its criterion, a column for each batch.

    `rows` are spec tests in order. Each result is judged against the version that its batch keeps (data model, rule 3);
    one that misses it is marked, one that cannot be judged is printed without a mark. A result that is missing is a gap
    where the batch's own version asks for it. More than eight batches go over several tables.
    """
    if not rows or not batches:
        return (nothing(caption, batches.kind if rows else rows.kind),)
    table = _Batches(rows)
    parts = chunks(batches, WIDEST)
    return tuple(table.block(part_of(caption, i, len(parts)), part) for i, part in enumerate(parts, 1))


class _Batches:
    """The results of the project, to be found by batch and row of any version of the specification."""

    def __init__(self, rows: Shelf):
        self.rows, self.binder = rows, rows[0]._binder
        self.held: dict[tuple[Any, Any], list[Shown]] = {}
        for record in self.binder.all("test_result"):
            result: Any = record
            row = self.binder.find(result.spec_test)
            if isinstance(row, SpecTest) and result.batch is not None:
                self.held.setdefault((result.batch, self.slot(row)), []).append(Shown(record, self.binder))

    def slot(self, row: SpecTest) -> Any:
        """What a test is in every version of its specification."""
        header = self.binder.find(row.specification)
        if isinstance(header, Specification) and header.code:
            return header.code, header.scope, identity(row)
        return row.uid

    def block(self, caption: Inlines, batches: Sequence[Shown]) -> Table:
        notes = Notes()
        body = tuple(self.row(row, batches, notes) for row in self.rows)
        head = (Cell((Run("Test"),)), Cell((Run("Acceptance criterion"),)), *(Cell(b.inlines) for b in batches))
        columns = (Column(), Column(), *(Column(Kind.NUMBER) for _ in batches))
        return Table(
            "", caption, columns, (head,), body, notes.all("the specification version in force when it was released")
        )

    def row(self, row: Shown, batches: Sequence[Shown], notes: Notes) -> Row:
        slot = self.slot(row.record)  # type: ignore[arg-type]
        found = [self.held.get((batch.record.uid, slot), []) for batch in batches]
        unit = common_unit((r for several in found for r in several), row)
        bare = unit[0].text if unit and isinstance(unit[0], Run) else ""
        cells = [Cell(named(row, unit), strong=True), Cell(criterion(row))]
        for batch, several in zip(batches, found, strict=True):
            where = (*batch.inlines, Run(", "), *cell(row, "test"))
            cells.append(Cell(notes.judged(several, bare, where) or self.missing(row, batch, notes)))
        return tuple(cells)

    def missing(self, row: Shown, batch: Shown, notes: Notes) -> Inlines:
        """What stands for no result: a gap, or a dash if the batch's own version does not ask for the test."""
        record: Any = row.record
        if not self.asks(record, batch.record):
            notes.other["–: not a test of the specification version of that batch."] = None
            return DASH
        if record.applies_if:
            notes.other[f"–: no result; the test applies only to some batches ({record.applies_if})."] = None
            return DASH
        return (Gap("Result", Origin("test_result", "", "", "value"), ""),)

    def asks(self, row: SpecTest, batch: Any) -> bool:
        """Whether the specification version that the batch keeps has this test."""
        assert isinstance(batch, Batch)
        mine, named = self.binder.find(batch.spec_version), self.binder.find(row.specification)
        if not isinstance(mine, Specification) or not isinstance(named, Specification) or mine.uid == named.uid:
            return True
        if not are_versions(named, mine):
            return False
        tests: Any = self.binder.all("spec_test")
        return any(t.specification == mine.uid and identity(t) == identity(row) for t in tests)
