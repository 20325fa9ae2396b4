"""Records → tables. One row a record and one column a fact, or a matrix of results; the unit stands in the heading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dossiers.blocks import Block, Cell, Column, Gap, Inline, Inlines, Kind, Mark, Origin, Paragraph, Run, Table
from dossiers.facts import Absence, Fact, Form, by_name
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.shelf import NOTHING, Lacking, Shelf, Shown, Value, plainly


@dataclass(frozen=True, slots=True)
class Col:
    """A column: heading and the paths of the facts it holds ("site.name"), joined by `join`; `only` for some rows.

    `join` is one joint for all, or one for each place between two facts.
    """

    heading: str
    paths: tuple[str, ...]
    join: str | tuple[str, ...] = ", "
    only: Mapping[str, object] = field(default_factory=dict)


def col(heading: str, *paths: str, join: str | tuple[str, ...] = ", ", **only: object) -> Col:
    """A column for `table`: `col("Site (name, address)", "site.name", "site.address")`.

    `only` keeps the column to rows whose facts hold what is wanted: `col("Per mL", "quantity", basis="per_mL")`.
    """
    return Col(heading, paths, join, only)


def _joint(column: Col, at: int) -> str:
    """What stands before the fact at place `at` of a column."""
    return column.join if isinstance(column.join, str) else column.join[at - 1]


KINDS = {
    Form.NUMBER: Kind.NUMBER,
    Form.INTEGER: Kind.NUMBER,
    Form.QUANTITY: Kind.NUMBER,
    Form.DATE: Kind.DATE,
    Form.MONTH: Kind.DATE,
    Form.YESNO: Kind.SHORT,
}


SHORT = 20  # letters of a reason that a cell can hold as often as it likes: "not entered yet"
CLOSING = frozenset(kind.label for kind in Absence if kind.closes)


def table(caption: str, rows: Shelf, *columns: str | Col, notes: Sequence[str] = ()) -> Block:
    """A table of `rows`, a column for each fact named (with its label) or `col`; a visible gap if there are no rows."""
    if not rows:
        return nothing(caption, rows.kind)
    made = [c if isinstance(c, Col) else Col(_heading(RECORDS[rows.kind], c), (c,)) for c in columns]
    if any(c.only and rows.where(**c.only) for c in made):
        made = [c for c in made if not c.only or rows.where(**c.only)]  # those for rows that are not there say nothing
    single = [len(c.paths) == 1 and c.join == ", " for c in made]
    kinds = tuple(
        Column(_kind(RECORDS[rows.kind], c.paths[0]) if one else Kind.TEXT) for c, one in zip(made, single, strict=True)
    )
    head = (tuple(Cell((Run(c.heading),)) for c in made),)
    body = tuple(tuple(Cell(_joined(row, c)) for c in made) for row in rows)
    return Table("", (Run(caption),), kinds, head, body, tuple((Run(n),) for n in notes))


def listing(
    caption: str,
    one: Shown | Lacking,
    *columns: str | Col,
    head: tuple[str, str] = ("Item", "Value"),
    dashes: bool = True,
) -> Block:
    """A table of one record's facts, two columns: item and value.

    Without `dashes`, facts are left out that are empty and that nobody asks for.
    """
    if isinstance(one, Lacking):
        return nothing(caption, object.__getattribute__(one, "_kind"))
    model = type(one.record)
    made = [c if isinstance(c, Col) else Col(_ends(model, c).label, (c,)) for c in columns]
    body = tuple((Cell((Run(c.heading),), strong=True), Cell(_joined(one, c, with_unit=True))) for c in made)
    body = tuple(row for row in body if dashes or not _is_nothing(row[1].content))
    return Table(
        "",
        (Run(caption),),
        (Column(share=0.34), Column(share=0.66)),
        (tuple(Cell((Run(h),)) for h in head),),
        body,
    )


def stated(caption: str, *rows: Sequence[str]) -> Table:
    """A table of the product's own words, its first row the heading."""
    made = tuple(tuple(Cell((Run(said),)) for said in row) for row in rows)
    return Table("", (Run(caption),), (Column(),) * len(rows[0]), made[:1], made[1:])


def nothing(caption: str, kind: str) -> Block:
    """What stands in the place of a table without rows: a gap that leads to where rows are entered."""
    singular = RECORDS[kind].called[0].lower()
    return Paragraph((Gap(caption, Origin(kind, "", "", ""), f"no {singular} entered yet"),))


def _ends(model: type[Record], path: str) -> Fact:
    """The fact at the end of a path. Raises `LookupError` for a step that is none."""
    *steps, last = path.split(".")
    for step in steps:
        f = by_name(model).get(step)
        if f is None or not f.is_link:
            raise LookupError(f"a {model.called[0].lower()} has no link “{step}”")
        model = RECORDS[f.to]
    if last not in by_name(model):
        raise LookupError(f"a {model.called[0].lower()} has no fact “{last}”")
    return by_name(model)[last]


def _heading(model: type[Record], path: str) -> str:
    return _ends(model, path).heading


def _kind(model: type[Record], path: str) -> Kind:
    f = _ends(model, path)
    return Kind.SHORT if f.form is Form.CHOICE else KINDS.get(f.form, Kind.TEXT)


def _joined(row: Shown, column: Col, *, with_unit: bool = False) -> Inlines:
    first = column.paths[0]
    if len(column.paths) == 1 and not with_unit and not column.only and "." not in first:
        f = by_name(type(row.record)).get(first)
        if f is not None and (plain := plainly(row.record, f, row._binder)):
            return plain
    if column.only and not Shelf(row.record.kind(), (row,)).where(**column.only):
        return (Run(NOTHING),)
    found: list[Inline] = []
    with_unit = with_unit or len(column.paths) > 1
    for at, path in enumerate(column.paths):
        if at and path.endswith("unit") and _is_closed(row, column.paths[at - 1]):
            continue  # a reason has no unit
        words, joint = cell(row, path, with_unit=with_unit), _joint(column, at) if at else ""
        if at and not joint.strip() and _is_doubted(words) and _is_doubted(tuple(found)):
            _marked_within(found)  # a number and its unit are in doubt together: "48 h (unverified)"
        if words and not (found and _is_nothing(words)):
            found += ([Run(joint)] if found and not _is_nothing(tuple(found)) else []) + list(words)
            if len(found) > len(words) and _is_nothing(tuple(found[: -len(words)])):
                found = list(words)
    return tuple(found)


def _is_closed(row: Shown, path: str) -> bool:
    """Whether a reason stands in the place of the fact."""
    value = getattr(row, path, None)
    return isinstance(value, Value) and value.raw is None


def _is_doubted(words: Inlines) -> bool:
    return bool(words) and isinstance(words[-1], Run) and Mark.UNVERIFIED in words[-1].marks


def _marked_within(found: list[Inline]) -> None:
    """Let the last value bear its mark itself, in place of the words behind it: each value in doubt stays marked."""
    mark = found.pop()
    if found and isinstance(found[-1], Run) and isinstance(mark, Run) and found[-1].origin == mark.origin:
        found[-1] = replace(found[-1], marks=found[-1].marks | mark.marks)
    else:
        found.append(mark)


def _is_nothing(words: Inlines) -> bool:
    return all(isinstance(w, Run) and w.text == NOTHING for w in words)


def cell(row: Shown | Lacking, path: str, *, with_unit: bool = False) -> Inlines:
    """What a cell holds: the value without its unit (the heading has it), a gap if it is due, else a dash."""
    first, _, rest = path.partition(".")
    if isinstance(row, Lacking):
        return (getattr(row, first),)
    value = getattr(row, first) if rest or with_unit else row.bare(first)
    if rest and isinstance(value, Shelf):
        return _many(_each_once(cell(one, rest, with_unit=with_unit) for one in value))
    if rest and isinstance(value, Shown):
        return cell(value, rest, with_unit=with_unit)
    return filled(value, row, first)


def filled(value: Any, row: Shown, name: str) -> Inlines:
    """The inlines of a shown value. An empty fact nobody asks for is a dash."""
    match value:
        case Gap():
            f = by_name(type(row.record))[name]
            asked = f.due is not None and (f.when is None or f.when(row.record, row._binder))
            return (value,) if asked or value.note else (Run(NOTHING),)
        case Value() | Shown() | Lacking():
            return value.inlines
        case Shelf():
            return _many([one.inlines for one in value]) or (Run(NOTHING),)
    return (Run(str(value)),)


def _each_once(parts: Iterable[Inlines]) -> Iterable[Inlines]:
    """What several linked records say, the same words once: "BE", not "BE; BE"."""
    said: dict[str, Inlines] = {}
    for words in parts:
        said.setdefault("".join(getattr(word, "text", "") for word in words), words)
    return said.values()


def _many(parts: Iterable[Inlines]) -> Inlines:
    found: list[Inline] = []
    for words in parts:
        found += ([Run("; ")] if found else []) + list(words)
    return tuple(found)


def noted(made: Table) -> Table:
    """The table with each reason that several of its cells repeat said once, in a note; the cells keep the label.

    A gap stays a gap: "[Duration: not found: …]" in six rows becomes "[Duration]" in six rows.
    """
    words = [word for row in made.rows for one in row for word in one.content]
    often = {said: None for said, count in Counter(filter(None, map(_reason, words))).items() if count > 1}
    if not often:
        return made

    def bare(word: Inline) -> Inline:
        return _without(word) if _reason(word) in often else word

    rows = tuple(tuple(replace(one, content=tuple(bare(w) for w in one.content)) for one in row) for row in made.rows)
    return replace(made, rows=rows, notes=(*made.notes, *((Run(f"{label}: {why}"),) for label, why in often)))


def _reason(word: Inline) -> tuple[str, str] | None:
    """(what stays in the cell, the reason) of a gap or of a stated absence that gives one."""
    if isinstance(word, Gap):
        return (f"[{word.label}]", word.note) if len(word.note) > SHORT else None
    if isinstance(word, Run) and word.origin is not None and not word.marks:
        kind, _, why = word.text.partition(": ")
        return (kind, why) if len(why) > SHORT and kind in CLOSING else None
    return None


def _without(word: Inline) -> Inline:
    if isinstance(word, Gap):
        return replace(word, note="")
    return replace(word, text=word.text.partition(": ")[0]) if isinstance(word, Run) else word


def slug(text: str) -> str:
    """A caption as an anchor spells it: "Batch analyses" → "batch-analyses"."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:60] or "x"
