"""The facts of one kind as a table of texts: what a spreadsheet holds, whatever its format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from uuid import UUID

from dossiers.facts import Fact, Form, facts
from dossiers.records import RECORDS
from dossiers.records.base import Record
from portal.db import Refused
from portal.records import about
from portal.records.names import SEVERAL, Names

KEY = "key"
ABOUT = "about"  # the table of reasons and sources
ABOUT_COLUMNS = ("kind", KEY, "fact", *about.PARTS)
ABOUT_HEADINGS = {
    "kind": "Kind", KEY: "Key", "fact": "Fact", "absent": "Why it is empty", "reason": "Reason", "owner": "Owed by",
    "where": "Source", "basis": "How it was read", "note": "Remark on the source",
}  # fmt: skip
LARGEST = 32_767  # characters of a spreadsheet's cell
TOO_LONG = "(longer than a spreadsheet's cell holds; kept as it is in Tandem)"


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its number in the sheet, from 2, and column → text."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a kind (or `ABOUT`); `columns` are `KEY` and names of facts."""

    kind: str
    columns: tuple[str, ...]
    lines: tuple[Line, ...]


@cache
def headings(kind: str) -> Mapping[str, str]:
    """Column → what heads it: label and unit; where two read alike, the fact's name as well."""
    if kind == ABOUT:
        return ABOUT_HEADINGS
    often = Counter(f.heading for f in facts(RECORDS[kind])) + Counter(["Key"])
    return {KEY: "Key"} | {
        f.name: f.heading if often[f.heading] == 1 else f"{f.heading} [{f.name}]" for f in facts(RECORDS[kind])
    }


@cache
def title(kind: str) -> str:
    """The name of a kind's sheet, at most 31 characters."""
    return "Reasons and sources" if kind == ABOUT else RECORDS[kind].called[1].replace("/", " ")[:31]


def kind_of(name: str) -> str | None:
    """The kind whose sheet (or file) is called `name`, or None."""
    wanted = name.strip().casefold()
    return next((kind for kind in (*RECORDS, ABOUT) if wanted in (kind, title(kind).casefold())), None)


def columns_of(kind: str, heads: Sequence[str]) -> tuple[str, ...]:
    """The columns that a row of headings names; "" for one left empty. Raises `Refused` with a sentence."""
    known = {text.casefold(): name for name, text in headings(kind).items()} | {n: n for n in headings(kind)}
    if kind != ABOUT:
        labels = Counter(f.label.casefold() for f in facts(RECORDS[kind]))
        known |= {f.label.casefold(): f.name for f in facts(RECORDS[kind]) if labels[f.label.casefold()] == 1}
    found = tuple(known.get(head.strip().casefold(), "") for head in heads)
    for head, name in zip(heads, found, strict=True):
        if head.strip() and not name:
            raise Refused(f"The sheet “{title(kind)}” has a column “{head.strip()[:60]}” that is none of its facts.")
        if name and found.count(name) > 1:
            raise Refused(f"The sheet “{title(kind)}” has the column “{head.strip()[:60]}” twice; keep one.")
    return found


def text_of(f: Fact, value: Any, names: Names) -> str:
    """A value as a cell holds it; a link is the key of its record, several stand in lines."""
    if f.is_link and value is not None:
        keys = {uid: key for key, uid in names.keys(f.to).items()}
        items: list[UUID] = value if isinstance(value, list) else [value]
        return "\n".join(keys.get(uid, str(uid)) for uid in items)
    return names.text(f, value)


def table(kind: str, records: Iterable[Record], names: Names) -> Table:
    """The table of the records of a kind."""
    known = facts(RECORDS[kind])
    lines = (
        Line(n, {KEY: r.key} | {f.name: _short(text_of(f, getattr(r, f.name), names)) for f in known})
        for n, r in enumerate(records, 2)
    )
    return Table(kind, (KEY, *(f.name for f in known)), tuple(lines))


def _short(text: str) -> str:
    return TOO_LONG if len(text) > LARGEST else text


def sayings(records: Iterable[Record]) -> Table:
    """The table of the reasons and sources of `records`."""
    lines: list[Line] = []
    for record in records:
        for f in facts(type(record)):
            said = about.shown(record, f.name)
            if any(said.values()):
                place = {"kind": record.kind(), KEY: record.key, "fact": f.name}
                lines.append(Line(len(lines) + 2, place | said))
    return Table(ABOUT, ABOUT_COLUMNS, tuple(lines))


def is_same(f: Fact, now: str, text: str) -> bool:
    """Whether a cell says what the record holds: letter for letter, but a number by its worth (sheets drop zeros)."""
    if now == text:
        return True
    if f.form in (Form.NUMBER, Form.INTEGER) and now and text:
        try:
            return Decimal(now) == Decimal(text)
        except InvalidOperation:
            return False
    if f.form in SEVERAL:
        return [t.strip() for t in now.split("\n")] == [t.strip() for t in text.replace("\r\n", "\n").split("\n")]
    return now.strip() == text.replace("\r\n", "\n").strip()
