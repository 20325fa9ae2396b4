"""What a project's spreadsheets hold, and what a spreadsheet would change in the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from dossiers.facts import by_name, is_empty
from dossiers.records import RECORDS
from dossiers.records.base import Record, record_id
from portal.models import Change, Project
from portal.records import about
from portal.records.actions import Typed
from portal.records.names import Names
from portal.records.queries import of_kind
from portal.spreadsheets.tables import ABOUT, KEY, TOO_LONG, Line, Table, is_same, sayings, table, text_of, title
from portal.trail import Unit


def tables_of(session: Unit, project: Project, kinds: Sequence[str]) -> list[Table]:
    """The tables of these kinds, and of the reasons and sources of their records."""
    names = Names(session, project.id)
    records = {kind: of_kind(session, project, RECORDS[kind]) for kind in kinds}
    made = [table(kind, found, names) for kind, found in records.items()]
    return [*made, sayings(record for found in records.values() for record in found)]


def filled(session: Unit, project: Project) -> list[str]:
    """The kinds of which the project holds records."""
    there = (
        (kind, session.scalars(select(col(m.uid)).where(col(m.project_id) == project.id).limit(1)).first())
        for kind, m in RECORDS.items()
    )
    return [kind for kind, first in there if first is not None]


def keys_to_offer(session: Unit, project: Project, kinds: Sequence[str]) -> dict[str, list[str]]:
    """Kind → the keys that links of `kinds` may name."""
    names = Names(session, project.id)
    targets = {f.to for kind in kinds for f in by_name(RECORDS[kind]).values() if f.is_link}
    return {kind: list(names.keys(kind)) for kind in RECORDS if kind in targets}


def newest(session: Unit, project: Project) -> int:
    """The number of the project's last change: whether it stands still between a preview and its import."""
    return session.scalar(select(func.max(col(Change.id))).where(col(Change.project_id) == project.id)) or 0


# ---------------------------------------------------------------- what would change


class Fate(StrEnum):
    """What would become of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WRONG = "wrong"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Step:
    """One value that would change, as a reader meets it."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the file and what would become of it. `id` names the row in the preview."""

    id: str
    kind: str
    place: str
    name: str
    fate: Fate
    steps: tuple[Step, ...] = ()
    messages: tuple[str, ...] = ()
    record: Record | None = None
    typed: Typed = field(default_factory=lambda: Typed({}))


@dataclass(frozen=True, slots=True)
class Plan:
    """Every row of the file, in its order; `names` knows the records that would be added."""

    rows: tuple[Planned, ...]
    names: Names

    def of(self, fate: Fate) -> tuple[Planned, ...]:
        """The rows with this fate."""
        return tuple(row for row in self.rows if row.fate is fate)

    @property
    def counts(self) -> dict[Fate, int]:
        """Fate → number of rows."""
        return {fate: len(self.of(fate)) for fate in Fate}


def plan(session: Unit, project: Project, tables: Sequence[Table], without: frozenset[str] = frozenset()) -> Plan:
    """What the tables would change in the project; rows whose ids are in `without` are left out."""
    return _Planning(session, project, tables, without).plan()


class _Planning:
    def __init__(self, session: Unit, project: Project, tables: Sequence[Table], without: frozenset[str]):
        self.tables = [t for kind in RECORDS for t in tables if t.kind == kind]
        self.about = [t for t in tables if t.kind == ABOUT]
        self.project, self.without = project, without
        self.names = Names(session, project.id, keys_first=True)
        kinds = {t.kind for t in tables} | {line.cells["kind"] for t in self.about for line in t.lines}
        self.records = {
            kind: {r.key: r for r in of_kind(session, project, RECORDS[kind])} for kind in RECORDS if kind in kinds
        }
        self.saying: dict[tuple[str, str], dict[str, Mapping[str, str]]] = {}
        self.lost: list[Planned] = []

    def plan(self) -> Plan:
        for t in self.tables:
            for line in t.lines:
                key = line.cells.get(KEY, "").strip()
                if key and key not in self.records[t.kind] and f"{t.kind}:{line.number}" not in self.without:
                    self.names.learn(t.kind, key, record_id(self.project.key, t.kind, key))
        self.hear()
        rows = [row for t in self.tables for row in self.table(t)]
        rest = [self.alone(place) for place in list(self.saying)]
        return Plan((*rows, *(row for row in rest if row is not None), *self.lost), self.names)

    def hear(self) -> None:
        """Gather what the table of reasons and sources says, by record."""
        there = {(t.kind, line.cells.get(KEY, "").strip()) for t in self.tables for line in t.lines}
        for line in (line for t in self.about for line in t.lines):
            kind, key, fact = (line.cells.get(name, "").strip() for name in ("kind", KEY, "fact"))
            said = {part: line.cells.get(part, "").replace("\r\n", "\n").strip() for part in about.PARTS}
            ident = f"{ABOUT}:{line.number}"
            if ident in self.without:
                self.lost.append(self.about_row(line, Fate.LEFT_OUT))
            elif kind not in RECORDS or fact not in by_name(RECORDS[kind]):
                self.lost.append(self.about_row(line, Fate.WRONG, f"There is no fact “{fact}” of a kind “{kind}”."))
            elif key not in self.records.get(kind, {}) and (kind, key) not in there:
                sentence = f"It speaks of {kind} “{key}”, which neither the project nor the file has."
                self.lost.append(self.about_row(line, Fate.WRONG, sentence))
            else:
                self.saying.setdefault((kind, key), {})[fact] = said

    def about_row(self, line: Line, fate: Fate, *messages: str) -> Planned:
        place = f"{title(ABOUT)}, row {line.number}"
        return Planned(f"{ABOUT}:{line.number}", ABOUT, place, line.cells.get(KEY, ""), fate, (), messages)

    def table(self, t: Table) -> Iterator[Planned]:
        seen: dict[str, int] = {}
        for line in t.lines:
            key = line.cells.get(KEY, "").strip()
            ident, place = f"{t.kind}:{line.number}", f"{title(t.kind)}, row {line.number}"
            if ident in self.without:
                self.saying.pop((t.kind, key), None)
                yield Planned(ident, t.kind, place, key, Fate.LEFT_OUT)
            elif key and key in seen:
                said = f"The key “{key}” stands in row {seen[key]} as well; each row needs its own."
                yield Planned(ident, t.kind, place, key, Fate.WRONG, (), (said,))
            else:
                seen[key] = line.number
                yield self.row((ident, t.kind, place), key, line)

    def row(self, at: tuple[str, str, str], key: str, line: Line) -> Planned:
        """The fate of one row."""
        ident, kind, place = at
        model, record = RECORDS[kind], self.records[kind].get(key)
        typed = self.typed(model, record, line)
        values, messages = self.names.read(model, typed)
        saying = self.saying.pop((kind, key), {}) if key else {}
        told, wrong = about.read_about(model, record, saying)
        for name in told:
            value = values.get(name, getattr(record, name) if record else None)
            if told[name][0] and not is_empty(value):
                wrong[name] = f"{by_name(model)[name].label} has a value and a reason for being empty; keep one."
        complaints = [*messages.values(), *wrong.values(), *self.amiss(model, record, key, typed)]
        steps = [*self.steps(model, record, values), *self.about_steps(model, record, saying, told)]
        name = self.names.called(record) if record else key or "(key made from its name)"
        made = Typed(typed, record.revision if record else 0, saying, "" if record else key)
        fate = Fate.WRONG if complaints else Fate.ADDED if record is None else Fate.CHANGED if steps else Fate.UNCHANGED
        return Planned(ident, kind, place, name, fate, tuple(steps), tuple(complaints), record, made)

    def typed(self, model: type[Record], record: Record | None, line: Line) -> dict[str, Any]:
        """The facts for which the row says something else than the record does."""
        found = {}
        for f in by_name(model).values():
            if f.name not in line.cells:
                continue
            text = line.cells[f.name]
            now = text_of(f, getattr(record, f.name), self.names) if record is not None else ""
            if not is_same(f, now, text) and not (text == TOO_LONG and record is not None):
                found[f.name] = text
        return found

    def amiss(self, model: type[Record], record: Record | None, key: str, typed: Mapping[str, Any]) -> Iterator[str]:
        if record is None and (len(key) > 120 or not key.isprintable()):
            yield "A key is 1 to 120 printable characters, such as B-01."
        if record is None and model.single and self.records[model.kind()]:
            yield f"A project has one {model.called[0].lower()}, and this one has it already; use its key."
        for name in (n for n, text in typed.items() if text == TOO_LONG):
            yield f"{by_name(model)[name].label} was too long for a spreadsheet; bring it over in a project file."

    def steps(self, model: type[Record], record: Record | None, values: Mapping[str, Any]) -> Iterator[Step]:
        for name, value in values.items():
            f = by_name(model)[name]
            old = getattr(record, name) if record else None
            if value != old:
                yield Step(f.heading, text_of(f, old, self.names), text_of(f, value, self.names))

    def about_steps(
        self,
        model: type[Record],
        record: Record | None,
        saying: Mapping[str, Mapping[str, str]],
        told: Mapping[str, Any],
    ) -> Iterator[Step]:
        for name in told:
            old, new = about.in_words(about.shown(record, name)), about.in_words(saying[name])
            yield Step(f"{by_name(model)[name].label}: reason and source", old, new)

    def alone(self, place: tuple[str, str]) -> Planned | None:
        """The fate of what is said about a record whose own row is not in the file."""
        kind, key = place
        if self.records[kind].get(key) is None:
            return None  # its row was left out, and what is said about it with it
        at = (f"{kind}:{key}", kind, f"{title(ABOUT)}, {RECORDS[kind].called[0].lower()} {key}")
        if at[0] in self.without:
            return Planned(*at, key, Fate.LEFT_OUT)
        return self.row(at, key, Line(0, {KEY: key}))


__all__ = ["Fate", "Plan", "Planned", "Step", "filled", "keys_to_offer", "newest", "plan", "tables_of"]
