"""Verbs of the grid: a block of cells, taken whole or not at all."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from dossiers.facts import Fact, by_name
from dossiers.records.base import Record
from portal.db import Refused, Stale
from portal.models import Project
from portal.records.actions import Adding, Typed, Unfit, save
from portal.trail import Unit

LARGEST = 50_000  # cells of one block


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a block: the record it goes into (None: a new one), on which revision, and its texts."""

    uid: UUID | None
    revision: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Cells to take: the facts its columns go into, and its rows."""

    facts: tuple[str, ...]
    rows: tuple[Row, ...]


class Torn(Exception):
    """Some cells of a block cannot be taken, so none was. `messages`: (row from 0, fact) → sentence."""

    def __init__(self, messages: Mapping[tuple[int, str], str]):
        super().__init__(f"{len(messages)} cells cannot be taken; nothing was stored.")
        self.messages = messages


def cells(text: str) -> list[list[str]]:
    """The rows of a block as spreadsheets put it on the clipboard: tabs between cells, quotes around line breaks."""
    rows = list(csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline=""), "excel-tab"))
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if sum(map(len, rows)) > LARGEST:
        raise Refused(f"A block may have at most {LARGEST:,} cells; paste it in parts, or import a spreadsheet.")
    width = max(map(len, rows), default=0)
    return [row + [""] * (width - len(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a block is pasted: from the column `start` of the `columns` that show; `facts` are all of the kind."""

    columns: Sequence[Fact]
    facts: Sequence[Fact]
    start: str


def block(text: str, spot: Spot, rows: Sequence[tuple[UUID, int]]) -> Block:
    """The block that `text` is, from the spot on, over `rows` (id, revision) and then into new records.

    A first row that holds headings only says itself which columns follow. Raises `Refused` with a sentence.
    """
    found = cells(text)
    if not found:
        raise Refused("There is nothing to paste: copy cells in your spreadsheet first.")
    if names := _headings(found[0], spot.facts):
        found = found[1:]
    else:
        order = [f.name for f in spot.columns]
        names = order[order.index(spot.start) if spot.start in order else 0 :][: len(found[0])]
        if len(names) < len(found[0]):
            raise Refused(
                f"The block has {len(found[0])} columns, but from here on the grid has {len(names)}. "
                "Paste further left, or copy fewer columns."
            )
    targets: list[tuple[UUID | None, int]] = [*rows[: len(found)], *[(None, 0)] * max(0, len(found) - len(rows))]
    return Block(tuple(names), tuple(Row(*to, tuple(row)) for to, row in zip(targets, found, strict=True)))


def _headings(first: Sequence[str], columns: Sequence[Fact]) -> list[str]:
    """The facts that a row of headings names, each once; [] if it is no such row."""
    known = {word.casefold(): f.name for f in columns for word in (f.name, f.label, f.heading)}
    names = [known.get(cell.strip().casefold(), "") for cell in first]
    return names if len(names) > 1 and all(names) and len(set(names)) == len(names) else []


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a block."""

    changed: int
    added: int


def take(session: Unit, project: Project, model: type[Record], given: Block) -> Taken:
    """How many records a block changed and made. Raises `Torn` if one cell cannot be taken: then nothing is."""
    messages: dict[tuple[int, str], str] = {}
    changed, added, adding = 0, 0, Adding(session, project, model)
    for n, row in enumerate(given.rows):
        typed = Typed(dict(zip(given.facts, row.texts, strict=True)), row.revision)
        try:
            if row.uid is None:
                if any(text.strip() for text in row.texts):
                    adding.one(typed)
                    added += 1
            else:
                before = row.revision
                changed += save(session, project, (model, row.uid), typed).revision != before
        except Unfit as why:
            messages |= {(n, name): sentence for name, sentence in why.messages.items()}
        except Stale:
            label = by_name(model)[given.facts[0]].label
            messages[n, given.facts[0]] = f"{label}: somebody changed this row meanwhile; look at it and paste again."
    if messages:
        raise Torn(messages)
    return Taken(changed, added)
