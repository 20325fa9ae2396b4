"""Questions about a project's records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, literal, select, union_all
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.facts import Fact, Form, by_name, facts, gaps
from dossiers.reading import Unreadable, read_one
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.stage import so_far
from portal.models import Change, Pending, Person, Project
from portal.records.names import SEVERAL, Names
from portal.stages import HELD
from portal.trail import Deed, Unit


def binder_of(session: Unit, project: Project) -> Binder:
    """All records of `project` as they are now, in people's order; treat them as read-only."""
    return binders_of(session, (project,))[project.id]


def binders_of(session: Unit, projects: Sequence[Project]) -> dict[UUID, Binder]:
    """Project id → `binder_of`, for a few projects.

    One query says which kinds there are, then one a kind: an idea holds few of the many kinds.
    """
    ids = [project.id for project in projects]
    there = frozenset(session.scalars(union_all(*(_any_of(model, ids) for model in RECORDS.values()))))
    found: dict[UUID, dict[str, list[Record]]] = {uid: {} for uid in ids}
    for kind, model in RECORDS.items():
        if kind in there:
            query = select(model).where(col(model.project_id).in_(ids)).order_by(col(model.position), col(model.key))
            for record in session.scalars(query):
                found[record.project_id].setdefault(kind, []).append(record)
    return {
        p.id: Binder(p.key, p.title, p.standing_at, p.invented, {k: tuple(rs) for k, rs in found[p.id].items()})
        for p in projects
    }


def _any_of(model: type[Record], projects: Sequence[UUID]) -> Select[str]:
    """The kind as a row, if one of the projects has a record of it."""
    return select(literal(model.kind())).where(exists().where(col(model.project_id).in_(projects)))


def of_kind(session: Unit, project: Project, model: type[Record]) -> Sequence[Record]:
    """The records of one kind, in people's order."""
    query = select(model).where(col(model.project_id) == project.id).order_by(col(model.position), col(model.key))
    return session.scalars(query).all()


def model_of(kind: str) -> type[Record]:
    """The class of a kind of record. Raises `LookupError` with a sentence."""
    if kind not in RECORDS:
        raise LookupError(f"There is no kind of record “{kind}”. Choose one on the page Facts.")
    return RECORDS[kind]


def one(session: Unit, project: Project, model: type[Record], uid: UUID) -> Record:
    """The record with this id. Raises `LookupError` if the project has none."""
    found = session.get(model, uid)
    if found is None or found.project_id != project.id:
        raise LookupError(f"This {model.called[0].lower()} is not there; it was removed, or the address is wrong.")
    return found


class Holdings:
    """What conditions ask of a binder, read a kind at a time when asked: a form is drawn without the whole project."""

    def __init__(self, session: Unit, project: Project):
        self._session, self._project = session, project
        self._records: dict[str, tuple[Record, ...]] = {}
        self._by_uid: dict[UUID, Record] = {}

    def all(self, kind: str) -> tuple[Record, ...]:
        """The records of `kind`, in order."""
        if kind not in self._records:
            self._records[kind] = tuple(of_kind(self._session, self._project, RECORDS[kind]))
            self._by_uid |= {record.uid: record for record in self._records[kind]}
        return self._records[kind]

    def find(self, uid: UUID | None) -> Record | None:
        """The record with this id, or None; kinds that were read already are looked through first."""
        if uid is None:
            return None
        for kind in RECORDS:
            if uid in self._by_uid:
                break
            self.all(kind)
        return self._by_uid.get(uid)

    def grouped(self, kind: str, by: tuple[str, ...]) -> Mapping[tuple[Any, ...], Sequence[Record]]:
        """The records of `kind` by the values of the facts `by`."""
        return Binder(self._project.key, records={kind: self.all(kind)}).grouped(kind, by)

    @property
    def product(self) -> Record | None:
        """The investigational product, as a binder has it."""
        return Binder(self._project.key, records={"product": self.all("product")}).product

    def gaps(self, record: Record) -> tuple[Fact, ...]:
        """The facts of `record` that are owed at the project's stage."""
        for f in facts(type(record)):
            if f.is_link and getattr(record, f.name):
                self.all(f.to)  # conditions follow the record's own links
        return gaps(record, so_far(self._project.standing_at), self)


# ---------------------------------------------------------------- all kinds


@dataclass(frozen=True, slots=True)
class Kind:
    """A line of the menu. `gaps` are owed at the project's stage; `asked`: at least one is, and there is none."""

    kind: str
    model: type[Record]
    count: int
    gaps: int
    asked: bool

    @property
    def about(self) -> str:
        """What a record of this kind is, in a sentence."""
        return (self.model.__doc__ or "").split("\n\n")[0].replace("\n", " ").strip()


def overview(session: Unit, project: Project) -> tuple[tuple[str, tuple[Kind, ...]], ...]:
    """(group, its kinds) in the order of the menu, with counts and gaps."""
    binder = binder_of(session, project)
    owed: dict[str, int] = {}
    for record, _ in binder.gaps():
        owed[record.kind()] = owed.get(record.kind(), 0) + 1
    asked = {kind for stage in so_far(project.standing_at) for kind in HELD.get(stage, ())}
    groups: dict[str, list[Kind]] = {}
    for kind, model in RECORDS.items():
        number = len(binder.all(kind))
        line = Kind(kind, model, number, owed.get(kind, 0), kind in asked and not number)
        groups.setdefault(model.group, []).append(line)
    return tuple((group, tuple(kinds)) for group, kinds in groups.items())


# ---------------------------------------------------------------- one record


@dataclass(frozen=True, slots=True)
class Referrer:
    """A record that names another: its kind as read, its name, and the label of the fact."""

    kind: str
    uid: UUID
    name: str
    label: str


def referrers(session: Unit, project: Project, row: Record) -> tuple[Referrer, ...]:
    """The records that name `row`. Only link columns are read."""
    names, found = Names(session, project.id), []
    for model in RECORDS.values():
        for f in facts(model):
            if f.is_link and f.to == row.kind():
                for uid in _naming(session, project, (model, f), row):
                    found.append(Referrer(model.called[0], uid, names.of(model.kind())[uid], f.label))
    return tuple(found)


def _naming(session: Unit, project: Project, place: tuple[type[Record], Fact], row: Record) -> Iterator[UUID]:
    model, f = place
    column = getattr(model, f.name)
    query = select(col(model.uid), column).where(col(model.project_id) == project.id, col(model.uid) != row.uid)
    if f.form is Form.LINK:
        query = query.where(column == row.uid)
    for uid, value in session.execute(query):
        if value == row.uid or (isinstance(value, list) and row.uid in value):
            yield uid


@dataclass(frozen=True, slots=True)
class Past:
    """One change of one fact, as a reader meets it."""

    at: datetime
    who: str
    why: str
    old: str
    new: str


def pasts(session: Unit, project: Project, record: Record, names: Names) -> dict[str, tuple[Past, ...]]:
    """Fact → its last changes, newest first, at most five a fact."""
    query = select(Change).where(col(Change.row) == record.uid, col(Change.project_id) == project.id)
    known, found = by_name(type(record)), dict[str, list[Past]]()
    for change in session.scalars(query.order_by(col(Change.id).desc()).limit(500)):
        kept = found.setdefault(change.fact, [])
        if change.fact in known and len(kept) < 5:
            old, new = (kept_text(known[change.fact], text, names) for text in (change.old, change.new))
            kept.append(Past(change.at, change.who, change.why, old, new))
    return {name: tuple(changes) for name, changes in found.items()}


def kept_value(f: Fact, text: str | None) -> Any:
    """The value that the trail kept as `text`. Raises `Unreadable` where the declaration changed since."""
    if text is None:
        return None
    return read_one(f, json.loads(text) if f.form in SEVERAL else text)


def kept_text(f: Fact, text: str | None, names: Names) -> str:
    """A value of the trail as a cell holds it."""
    try:
        return names.text(f, kept_value(f, text))
    except (Unreadable, ValueError):
        return text or ""


def since(session: Unit, record: Record, revision: int) -> tuple[dict[str, str | None], str]:
    """(fact → the value it had at `revision`, for facts that changed since, as the trail kept it; who changed last)."""
    query = select(Change).where(col(Change.row) == record.uid).order_by(col(Change.id).desc()).limit(1000)
    before: dict[str, str | None] = {}
    saves: list[datetime] = []
    who = ""
    for change in session.scalars(query):
        if change.at not in saves:
            if len(saves) == record.revision - revision:
                break
            saves.append(change.at)
        before[change.fact] = change.old
        who = who or change.who
    return before, who


def removed_values(session: Unit, project: Project, model: type[Record], uid: UUID) -> dict[str, str]:
    """Column → text, as the record was when it was last removed; {} if it never was."""
    query = select(Change).where(
        col(Change.row) == uid,
        col(Change.project_id) == project.id,
        col(Change.kind) == model.kind(),
        col(Change.deed) == Deed.REMOVED.value,
    )
    last = list(session.scalars(query.order_by(col(Change.id).desc()).limit(200)))
    return {c.fact: c.old for c in last if c.at == last[0].at and c.old is not None}


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that was removed and may be restored."""

    uid: UUID
    name: str
    at: datetime
    who: str


def bin_of(session: Unit, project: Project, model: type[Record]) -> tuple[Removed, ...]:
    """The records of a kind that were removed last and are not there again, newest first, at most ten."""
    there = select(col(model.uid)).where(col(model.project_id) == project.id)
    query = select(Change).where(
        col(Change.project_id) == project.id,
        col(Change.kind) == model.kind(),
        col(Change.deed) == Deed.REMOVED.value,
        col(Change.fact) == "key",
        col(Change.row).not_in(there),
    )
    found: dict[UUID, Removed] = {}
    for change in session.scalars(query.order_by(col(Change.id).desc()).limit(40)):
        found.setdefault(change.row, Removed(change.row, change.called, change.at, change.who))
    return tuple(found.values())[:10]


# ---------------------------------------------------------------- drafts


def draft_form(project: Project, kind: str, record: UUID | str) -> str:
    """The name under which what is typed into a record's form is kept; "new" for one that is not there yet."""
    return f"{project.key}/{kind}/{record}"


def drafts(session: Unit, person: Person, forms: Sequence[str]) -> dict[str, Pending]:
    """Form → what `person` typed there and did not save."""
    query = select(Pending).where(col(Pending.person_id) == person.id, col(Pending.form).in_(forms))
    return {pending.form: pending for pending in session.scalars(query)}
