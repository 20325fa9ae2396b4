"""Questions about the grid of one kind: which rows, in which order, with what in their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.sql.functions import count
from sqlmodel import col

from dossiers.facts import Fact, Form, facts, is_empty
from dossiers.records.base import Record
from dossiers.stage import so_far
from portal.grid.asked import Asked
from portal.models import Person, Project
from portal.records import queries as records
from portal.records.names import Names
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its fact, the text in it, what is wrong with it; `kept`: typed before and not yet saved."""

    fact: Fact
    text: str
    is_gap: bool = False
    error: str = ""
    kept: bool = False
    note: str = ""  # why it is empty, where it comes from


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `revision` is the one a save must name."""

    uid: UUID | None
    revision: int
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the page shows: columns, the rows of this page, how many there are, the lists to choose from."""

    model: type[Record]
    facts: tuple[Fact, ...]  # all of the kind, those that show first
    columns: tuple[Fact, ...]  # those that show
    due: frozenset[str]
    lines: tuple[Line, ...]
    blank: Line
    total: int  # rows that match
    whole: int  # rows there are
    pages: int
    first: int  # number of the first row of this page among those that match
    lists: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that was sent and not taken: what was typed in it, and the messages."""

    uid: UUID | None
    typed: Mapping[str, Any]
    messages: Mapping[str, str] = field(default_factory=dict)


def columns(model: type[Record], project: Project) -> tuple[tuple[Fact, ...], frozenset[str]]:
    """(facts in the order of the grid: what names a record, what is due by now, the rest; the names of those due)."""
    stages = so_far(project.standing_at)
    due = frozenset(f.name for f in facts(model) if f.due in stages)
    rank = {name: n for n, name in enumerate(model.naming)}
    ordered = sorted(facts(model), key=lambda f: (rank.get(f.name, len(rank)), f.name not in due))
    return tuple(ordered), due


def shown(ordered: tuple[Fact, ...], names: Sequence[str]) -> tuple[Fact, ...]:
    """The facts of `names` in that order; all that are `ordered` if it names none."""
    known = {f.name: f for f in ordered}
    return tuple(known[name] for name in names) or ordered


class Reading:
    """One reading of a grid: names and drafts are read once."""

    def __init__(self, session: Unit, project: Project, model: type[Record]):
        self.session, self.project, self.model = session, project, model
        self.names = Names(session, project.id)
        self.holdings = records.Holdings(session, project)
        self.columns, self.due = columns(model, project)
        self.shown = self.columns

    def sheet(self, asked: Asked, person: Person, sent: Sent | None = None) -> Sheet:
        """The page of the grid that is asked for; `sent` is a row that was not taken."""
        self.shown = shown(self.columns, asked.columns)
        rows, total, whole = self.rows(asked)
        forms = [self.form("new"), *(self.form(row.uid) for row in rows)]
        kept = {form: pending.typed for form, pending in records.drafts(self.session, person, forms).items()}
        blank = self.blank(kept.get(forms[0], {}), sent if sent and sent.uid is None else None)
        lines = tuple(
            self.line(row, kept.get(form, {}), sent if sent and sent.uid == row.uid else None)
            for row, form in zip(rows, forms[1:], strict=True)
        )
        pages = max(1, -(-total // asked.size))
        hidden = tuple(f for f in self.columns if f not in self.shown)
        return Sheet(
            self.model, (*self.shown, *hidden), self.shown, self.due, lines, blank, total, whole, pages,
            (asked.number - 1) * asked.size + 1, self.lists(),
        )  # fmt: skip

    def rows(self, asked: Asked) -> tuple[Sequence[Record], int, int]:
        """(the records of the page, how many match, how many there are). Only the page's rows are read whole."""
        model, start = self.model, (asked.number - 1) * asked.size
        mine = col(model.project_id) == self.project.id
        order = (col(model.position), col(model.key))
        if asked.is_whole:
            uids = list(self.session.scalars(select(col(model.uid)).where(mine).order_by(*order)))
            whole = len(uids)
        else:
            uids = self.matching(asked)
            whole = self.session.execute(select(count()).select_from(model).where(mine)).scalar_one()
        wanted = uids[start : start + asked.size]
        found = {row.uid: row for row in self.session.scalars(select(model).where(col(model.uid).in_(wanted)))}
        return [found[uid] for uid in wanted if uid in found], len(uids), whole

    def matching(self, asked: Asked) -> list[UUID]:
        """The ids of the rows that are asked for, in the order asked for."""
        model = self.model
        if asked.lacking:
            whole = [r for r in records.of_kind(self.session, self.project, model) if self.holdings.gaps(r)]
            table = [(r.uid, [getattr(r, f.name) for f in self.columns]) for r in whole]
        else:
            chosen = [getattr(model, f.name) for f in self.columns]
            query = select(col(model.uid), *chosen).where(col(model.project_id) == self.project.id)
            found = self.session.execute(query.order_by(col(model.position), col(model.key)))
            table = [(uid, values) for uid, *values in found]
        for word in asked.words.casefold().split():
            table = [(uid, values) for uid, values in table if word in self.words(values, asked.fact)]
        if asked.sort:
            at = next(n for n, f in enumerate(self.columns) if f.name == asked.sort)
            full = [row for row in table if not is_empty(row[1][at])]
            full.sort(key=lambda row: self.rank(self.columns[at], row[1][at]), reverse=asked.down)
            table = full + [row for row in table if is_empty(row[1][at])]
        elif asked.down:
            table.reverse()
        return [uid for uid, _ in table]

    def words(self, values: Sequence[Any], name: str) -> str:
        """The text of a row, or of one fact of it, in which words are looked for."""
        pairs = zip(self.columns, values, strict=True)
        return "\n".join(self.names.text(f, v) for f, v in pairs if not name or f.name == name).casefold()

    def rank(self, f: Fact, value: Any) -> tuple[int, Any, str]:
        """Where a value stands in the order of its column: numbers by size, words by their letters."""
        if f.form in (Form.NUMBER, Form.INTEGER):
            return (0, Decimal(value), "")
        text = value.isoformat() if f.form is Form.DATE else self.names.text(f, value)
        if f.form is Form.QUANTITY and re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", text):
            return (0, Decimal(text), "")
        parts = re.split(r"(\d+)", text.casefold())
        return (1, tuple((int(p), "") if p.isdecimal() else (-1, p) for p in parts), text)

    def form(self, record: UUID | str) -> str:
        """The name under which what is typed into a row is kept."""
        return records.draft_form(self.project, self.model.kind(), record)

    def line(self, row: Record, kept: Mapping[str, Any], sent: Sent | None) -> Line:
        """The row of a record, with what was typed in it and not saved."""
        lacks = any(is_empty(getattr(row, name)) for name in self.due)
        gaps = {f.name for f in self.holdings.gaps(row)} if lacks else set()
        typed = self.typed(row, sent.typed if sent else kept)
        messages = sent.messages if sent else {}
        cells = []
        for f in self.shown:
            text, (now, error) = self.names.text(f, getattr(row, f.name)), typed.get(f.name, ("", ""))
            shown, error = (now, messages.get(f.name, error)) if f.name in typed else (text, "")
            cells.append(Cell(f, shown, f.name in gaps, error, f.name in typed, _note(row, f.name)))
        return Line(row.uid, row.revision, self.names.called(row), tuple(cells))

    def typed(self, row: Record | None, typed: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
        """Fact → (text, what is wrong with it), for what was typed and is not what the record holds."""
        mine = {f.name: typed[f.name] for f in self.columns if f.name in typed}
        values, messages = self.names.read(self.model, mine) if mine else ({}, {})
        found = {}
        for f in self.columns:
            if f.name in messages:
                found[f.name] = (_joined(mine[f.name]), messages[f.name])
            elif f.name in values and values[f.name] != (getattr(row, f.name) if row else None):
                found[f.name] = (self.names.text(f, values[f.name]), "")
        return found

    def blank(self, kept: Mapping[str, Any], sent: Sent | None) -> Line:
        """The last row, which makes a new record."""
        typed = self.typed(None, sent.typed if sent else kept)
        messages = sent.messages if sent else {}
        cells = []
        for f in self.shown:
            text, error = typed.get(f.name, ("", ""))
            cells.append(Cell(f, text, False, messages.get(f.name, error), f.name in typed))
        return Line(None, 0, "", tuple(cells))

    def lists(self) -> dict[str, tuple[str, ...]]:
        """List id → the words it offers: one for each kind of link and each closed list, shared by all rows."""
        made: dict[str, tuple[str, ...]] = {}
        for f in self.shown:
            if (name := list_of(f)) and name not in made:
                if f.is_link:
                    made[name] = tuple(self.names.of(f.to).values())
                else:
                    made[name] = tuple(c.label for c in f.choices) if f.choices else ("yes", "no")
        return made


def _joined(typed: Any) -> str:
    return "\n".join(map(str, typed)) if isinstance(typed, (list, tuple)) else str(typed)


def _note(row: Record, name: str) -> str:
    if said := (row.absent or {}).get(name):
        return f"Empty: {said['kind'].replace('_', ' ')}" + (f", {said['reason']}" if said.get("reason") else "")
    if said := (row.sources or {}).get(name):
        where = ", ".join(said.get("where", ()))
        return f"Source: {where or 'not named'}" + (f" ({said['basis']})" if said.get("basis") else "")
    return ""


def list_of(f: Fact) -> str:
    """The id of the list a fact's cells offer; "" for a fact that offers none."""
    if f.is_link:
        return f"list-{f.to}"
    if f.choices is not None:
        return f"list-{f.choices.__name__}"
    return "list-yesno" if f.form is Form.YESNO else ""
