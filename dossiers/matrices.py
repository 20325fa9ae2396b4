"""Tables with columns that are more than one fact: spans, yes or no, and what other records say about the row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dossiers.blocks import Block, Cell, Column, Gap, Inline, Inlines, Kind, Origin, Run, Table
from dossiers.evidence.readings import reading
from dossiers.limits import show_number
from dossiers.records import RECORDS
from dossiers.shelf import NOTHING, Lacking, Shelf, Shown, Value
from dossiers.tables import Col, _heading, _joined, _kind, cell, nothing

HERE = "."
RESULTS = ("test_result", "stability_result")  # kinds whose number, sign and unit are read together


@dataclass(frozen=True, slots=True)
class Of:
    """A column that shows `facts` of those `entries` that belong to the row."""

    heading: str
    entries: Shelf
    facts: tuple[str, ...]
    wanted: tuple[tuple[str, Any], ...]

    def found(self, row: Shown) -> Shelf:
        """The entries that belong to `row`."""
        wanted = {name: _of_row(row, value) for name, value in self.wanted}
        return Shelf(self.entries.kind) if any(v is NOBODY for v in wanted.values()) else self.entries.where(**wanted)

    def words(self, row: Shown) -> Inlines:
        """What the entries say, each once: the same status of three entries stands once."""
        words: list[Inline] = []
        said: set[str] = set()
        for entry in self.found(row):
            one = self._said(entry)
            text = "".join(w.text for w in one if isinstance(w, (Run, Gap)))
            if text not in said and text != NOTHING:
                words += ([Run("; ")] if words else []) + list(one)
                said.add(text)
        return tuple(words)

    def _said(self, entry: Shown) -> Inlines:
        if self.entries.kind not in RESULTS or "value" not in self.facts:
            return _joined(entry, Col("", self.facts, " "))
        before = tuple(name for name in self.facts if name not in ("qualifier", "value", "unit"))
        return (*_joined(entry, Col("", before, " ")), *((Run(" "),) if before else ()), *reading(entry))


@dataclass(frozen=True, slots=True)
class Span:
    """A column that shows a lowest and a highest value: "3–8", "≥ 3" or "≤ 8"; `counted` shows how many lie between."""

    heading: str
    low: str
    high: str
    counted: bool = False

    def words(self, row: Shown) -> Inlines:
        """The span without units: the heading or another column has them."""
        low, high = cell(row, self.low), cell(row, self.high)
        first, last = getattr(row, self.low), getattr(row, self.high)
        if self.counted and isinstance(first, Value) and isinstance(last, Value) and first and last:
            return (Run(str(abs(last.raw - first.raw) + 1), origin=last.origin), *last.inlines[1:])
        if low == high or (isinstance(first, Value) and isinstance(last, Value) and first.raw == last.raw):
            return low
        if low == DASH or high == DASH:
            return _one_sided(low, high)
        # "−1.5 to −0.5": a dash beside a minus or between powers of ten cannot be read
        plain = isinstance(first, Value) and isinstance(last, Value) and all(v.text.isascii() for v in (first, last))
        return (*low, Run("–" if plain else " to "), *high)


@dataclass(frozen=True, slots=True)
class Whether:
    """A column of yes and no: whether a fact holds one of the words."""

    heading: str
    fact: str
    holds: tuple[str, ...]

    def words(self, row: Shown) -> Inlines:
        """Yes or no, traced to the fact; what stands for the fact where it is empty."""
        value = getattr(row, self.fact)
        if isinstance(value, Value) and value.raw is not None:
            return (Run("yes" if value.raw in self.holds else "no", origin=value.origin), *value.inlines[1:])
        return cell(row, self.fact)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A column that shows a number divided by another of the same row, to three figures."""

    heading: str
    over: str
    under: str

    def words(self, row: Shown) -> Inlines:
        """The ratio, traced to the upper fact; a dash where either number is not there."""
        over, under = getattr(row, self.over), getattr(row, self.under)
        if not (isinstance(over, Value) and isinstance(under, Value) and over.raw is not None and under.raw):
            return DASH
        return (Run(show_number(significant(over.raw / under.raw)), origin=over.origin), *over.inlines[1:])


def significant(value: Decimal) -> Decimal:
    """A number to three significant figures, without zeros behind them."""
    return Decimal(f"{value:.3g}").normalize()


@dataclass(frozen=True, slots=True)
class Place:
    """A column that counts the records of the project."""

    heading: str

    def words(self, row: Shown) -> Inlines:
        """The row's place among the records of its kind, from 1."""
        return (Run(str(row.record.position + 1)),)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column that shows the result the row is."""

    heading: str

    def words(self, row: Shown) -> Inlines:
        """Read-out, sign, number in the field's notation and unit."""
        return reading(row)


Made = Col | Of | Span | Ratio | Whether | Place | Outcome
DASH: Inlines = (Run(NOTHING),)
NOBODY = object()


def _one_sided(low: Inlines, high: Inlines) -> Inlines:
    return (Run("≤\u00a0"), *high) if low == DASH else (Run("≥\u00a0"), *low)


def of(heading: str, entries: Shelf, *facts: str, **wanted: Any) -> Of:
    """A column for `matrix`: `of("Precision", method_validations, "result", method=".", parameter="precision")`.

    "." stands for the row itself, ".version" for a fact of the row, ".specification.step" for one along its links.
    """
    return Of(heading, entries, facts, tuple(wanted.items()))


def span(heading: str, low: str, high: str) -> Span:
    """A column for `matrix`: from a lowest to a highest value, `span("Range", "low", "high")`."""
    return Span(heading, low, high)


def length(heading: str, first: str, last: str) -> Span:
    """A column for `matrix`: how many places lie from `first` to `last`, both counted."""
    return Span(heading, first, last, counted=True)


def whether(heading: str, fact: str, *holds: str) -> Whether:
    """A column for `matrix`: yes where the fact is one of `holds`: `whether("Critical", "criticality", "critical")`."""
    return Whether(heading, fact, holds)


def outcome(heading: str) -> Outcome:
    """A column for `matrix` over results: the result as a reader meets it, `outcome("Result")`."""
    return Outcome(heading)


def ratio(heading: str, over: str, under: str) -> Ratio:
    """A column for `matrix`: one number divided by another, `ratio("Dose per kg", "dose", "to_kg")`."""
    return Ratio(heading, over, under)


def place(heading: str) -> Place:
    """A column for `matrix`: the row's place among the records of its kind, `place("No.")`."""
    return Place(heading)


def _of_row(row: Shown, value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(HERE):
        return value
    said: Any = row
    for step in filter(None, value.split(HERE)):
        said = getattr(said, step)
    return NOBODY if isinstance(said, Gap) else said


def matrix(caption: str, rows: Shelf, *columns: str | Made, notes: Sequence[str] = (), owed: bool = True) -> Block:
    """A table of `rows` as `table` makes it, whose columns may also be `of` other records, `span` or `whether`.

    An entry that is not there is a dash; a row to which nothing belongs at all has a gap instead of its first dash,
    unless nothing is `owed`.
    """
    if not rows:
        return nothing(caption, rows.kind)
    model = RECORDS[rows.kind]
    made = [Col(_heading(model, c), (c,)) if isinstance(c, str) else c for c in columns]
    kinds = tuple(_column(model, c) for c in made)
    head = (tuple(Cell((Run(c.heading),)) for c in made),)
    return Table(
        "",
        (Run(caption),),
        kinds,
        head,
        tuple(_row(row, made, owed=owed) for row in rows),
        tuple((Run(n),) for n in notes),
    )


def _column(model: Any, column: Made) -> Column:
    match column:
        case Col(paths=(path,)):
            return Column(_kind(model, path))
        case Span(counted=True) | Ratio() | Place():
            return Column(Kind.NUMBER)
        case Span() | Whether():
            return Column(Kind.SHORT)
    return Column()


def _row(row: Shown, columns: Sequence[Made], *, owed: bool) -> tuple[Cell, ...]:
    others = [c for c in columns if isinstance(c, Of)]
    bare = owed and bool(others) and not any(c.found(row) for c in others)
    cells = []
    for column in columns:
        if isinstance(column, Of):
            kind = column.entries.kind
            missing = Gap(RECORDS[kind].called[0], Origin(kind, "", "", ""), "not entered yet")
            cells.append(Cell(column.words(row) or ((missing,) if bare and column is others[0] else DASH)))
        else:
            cells.append(Cell(_joined(row, column) if isinstance(column, Col) else column.words(row)))
    return tuple(cells)


def lines(caption: str, one: Shown | Lacking, name: str, *headings: str) -> Block:
    """A table of a fact that is a list of "item: value: …" lines: one row a line, one column a part."""
    if isinstance(one, Lacking):
        return nothing(caption, object.__getattribute__(one, "_kind"))
    value = getattr(one, name)
    if isinstance(value, Value) and value.raw is not None:
        body = tuple(_parts(line, len(headings)) for line in value)
    else:
        body = ((Cell(value.inlines if isinstance(value, Value) else (value,), across=len(headings)),),)
    head = (tuple(Cell((Run(h),)) for h in headings),)
    return Table("", (Run(caption),), (Column(),) * len(headings), head, body)


def _parts(line: Value, count: int) -> tuple[Cell, ...]:
    parts = line.text.split(": ", count - 1)
    parts += [NOTHING] * (count - len(parts))
    return tuple(Cell((Run(part, origin=line.origin),)) for part in parts)
