"""A pasted block is one act: the trail says what it did, and one undo takes all of it back or says what stands against.

Nothing somebody wrote since is lost: a cell that no longer holds what the block put there stops the undo.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.sql.functions import max as greatest
from sqlalchemy.sql.functions import min as least
from sqlmodel import col

from dossiers.facts import by_name, facts
from dossiers.records import RECORDS
from dossiers.records.base import Record
from portal.db import Refused
from portal.grid.actions import Block, Taken, take
from portal.models import Change, Paste, Person, Project, now
from portal.records import queries
from portal.records.about import in_words, parts_of
from portal.records.names import Names
from portal.trail import Deed, Unit, plain

REASON = "pasted"  # how the reason of a paste begins in the trail
OFFERED = timedelta(days=1)  # how long the page offers to take a paste back
TOGETHER = 500  # rows read by one query
SAYING = ("absent", "sources")  # what is said about facts, fact → what


def reason(model: type[Record], rows: int) -> str:
    """What the trail says of a paste."""
    return f"{REASON} {rows} rows of {model.called[1].lower()}"


def paste(session: Unit, person: Person, project: Project, model: type[Record], given: Block) -> Taken:
    """What became of a block that `person` pastes. Raises `Torn` if one cell cannot be taken: then nothing is.

    The act is kept beside the trail, so that it can be taken back as a whole.
    """
    session.get(Project, project.id, with_for_update=True)  # pastes into one project wait in turn
    before = session.scalar(select(greatest(col(Change.id)))) or 0
    taken = take(session, project, model, given)
    act = Paste(project_id=project.id, kind=model.kind(), by_id=person.id, by=person.name, first=before + 1, last=0)
    within = (*_of(act), col(Change.id) > before)
    first, end = session.execute(select(least(col(Change.id)), greatest(col(Change.id))).where(*within)).one()
    if first is not None and end is not None:
        act.first, act.last, act.changed, act.added = first, end, taken.changed, taken.added
        session.add(act)
        session.flush()
    return taken


def _of(act: Paste) -> tuple[ColumnElement[bool], ...]:
    """What the trail's lines of a paste have in common with no other act of those minutes."""
    return (
        col(Change.project_id) == act.project_id,
        col(Change.kind) == act.kind,
        col(Change.who_id) == act.by_id,
        col(Change.why).startswith(f"{REASON} "),
    )


def last(session: Unit, person: Person, project: Project, model: type[Record]) -> Paste | None:
    """The last paste of `person` into these records that can be taken back; None if there is none of this day."""
    query = select(Paste).where(
        col(Paste.project_id) == project.id,
        col(Paste.kind) == model.kind(),
        col(Paste.by_id) == person.id,
        col(Paste.undone_at).is_(None),
        col(Paste.at) > now() - OFFERED,
    )
    return session.scalars(query.order_by(col(Paste.at).desc()).limit(1)).first()


# ---------------------------------------------------------------- taking back


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Something of a paste that stands otherwise now: in which row, what the block put, what is there, by whom."""

    uid: UUID
    row: str
    label: str
    pasted: str
    stands: str
    who: str = ""


class Overtook(Exception):
    """Somebody changed what a paste had put, so nothing of it was taken back."""

    def __init__(self, cells: Sequence[Overtaken]):
        super().__init__("What this paste put there was changed since; nothing was taken back.")
        self.cells = tuple(cells)


@dataclass(slots=True)
class Did:
    """What a paste did to one row: texts of the trail before and after, by fact."""

    deed: str
    called: str
    old: dict[str, str | None] = field(default_factory=dict)
    new: dict[str, str | None] = field(default_factory=dict)


def undo(session: Unit, person: Person, project: Project, place: tuple[type[Record], UUID]) -> tuple[Paste, list[str]]:
    """(the paste at `place` (kind, id), taken back whole; labels of links whose old target is gone since).

    Raises `Overtook` with both texts if somebody changed one of its cells, `Refused`, or `LookupError`.
    """
    model, uid = place
    act = session.get(Paste, uid, with_for_update=True)
    if act is None or act.project_id != project.id or act.kind != model.kind():
        raise LookupError("This paste is not known here; the address is wrong.")
    if act.by_id != person.id:
        raise Refused(f"{act.by} pasted this block, so {act.by} takes it back. You may change its cells one by one.")
    if act.undone_at is not None:
        raise Refused("This paste was taken back already.")
    back = _Back(session, project, model, act)
    if against := [*back.overtaken(), *back.named()]:
        raise Overtook(back.signed(against))
    back.all()
    act.undone_at = now()
    session.flush()
    return act, back.lost


class _Back:
    """One taking back: the trail and the rows are read once."""

    def __init__(self, session: Unit, project: Project, model: type[Record], act: Paste):
        self.session, self.project, self.model, self.act = session, project, model, act
        self.names, self.known, self.lost = Names(session, project.id), by_name(model), list[str]()
        self.did: dict[UUID, Did] = {}
        lines = select(Change).where(*_of(act), col(Change.id) >= act.first, col(Change.id) <= act.last)
        for line in session.scalars(lines.order_by(col(Change.id))):
            did = self.did.setdefault(line.row, Did(line.deed, line.called))
            did.old[line.fact], did.new[line.fact] = line.old, line.new
        self.rows: dict[UUID, Record] = {}
        for some in _chunks(sorted(self.did)):
            query = select(model).where(col(model.uid).in_(some)).order_by(col(model.uid)).with_for_update()
            self.rows |= {row.uid: row for row in session.scalars(query.execution_options(populate_existing=True))}

    def overtaken(self) -> Iterator[Overtaken]:
        """What of the paste stands otherwise now. A row it added that is gone is where it should be."""
        for uid, did in self.did.items():
            row = self.rows.get(uid)
            if row is not None:
                yield from self._apart(row, did)
            elif did.deed == Deed.CHANGED:
                yield Overtaken(uid, did.called, "The whole row", "changed", "removed")

    def _apart(self, row: Record, did: Did) -> Iterator[Overtaken]:
        called = self.names.called(row)
        for f in facts(self.model):
            put, stands = did.new.get(f.name), plain(getattr(row, f.name))
            if (did.deed == Deed.ADDED or f.name in did.new) and put != stands:
                texts = (queries.kept_text(f, text, self.names) for text in (put, stands))
                yield Overtaken(row.uid, called, f.label, *texts)
        yield from self._said_apart(row, did, called)

    def _said_apart(self, row: Record, did: Did, called: str) -> Iterator[Overtaken]:
        """The same for reasons and sources: the paste may have taken some away."""
        for part in SAYING:
            before, put, stands = _said(did.old.get(part)), _said(did.new.get(part)), getattr(row, part) or {}
            touched = {n for n in before.keys() | put.keys() if before.get(n) != put.get(n)}
            for name in touched if did.deed == Deed.CHANGED else put.keys() | stands.keys():
                if put.get(name) != stands.get(name) and name in self.known:
                    label = f"{self.known[name].label}: reason and source"
                    words = (in_words(parts_of(*_sides(part, side), name)) for side in (put, stands))
                    yield Overtaken(row.uid, called, label, *words)

    def named(self) -> Iterator[Overtaken]:
        """The rows the paste added that other records name since."""
        added = {uid for uid, did in self.did.items() if did.deed == Deed.ADDED and uid in self.rows}
        for other in RECORDS.values() if added else ():
            for f in facts(other):
                if not f.is_link or f.to != self.model.kind():
                    continue
                column = getattr(other, f.name)
                query = select(col(other.uid), column).where(col(other.project_id) == self.project.id)
                for uid, value in self.session.execute(query.where(column.is_not(None))):
                    for target in added.intersection(value if isinstance(value, list) else [value]):
                        if uid not in added:
                            name = f"{other.called[0]} “{self.names.of(other.kind())[uid]}” names it ({f.label})"
                            yield Overtaken(target, self.names.called(self.rows[target]), "The new row", "added", name)

    def signed(self, cells: Sequence[Overtaken]) -> list[Overtaken]:
        """The same, with who changed each row last since the paste."""
        who: dict[UUID, str] = {}
        for some in _chunks(sorted({cell.uid for cell in cells})):
            since = select(col(Change.row), col(Change.who)).where(col(Change.row).in_(some))
            lines = self.session.execute(since.where(col(Change.id) > self.act.last).order_by(col(Change.id))).all()
            who.update((row, name) for row, name in lines)
        texts = [(c.uid, c.row, c.label, c.pasted, c.stands) for c in cells]
        return [Overtaken(*text, who=who.get(text[0], "")) for text in texts]

    def all(self) -> None:
        """Put every changed cell back, and remove every row that was added."""
        for uid, row in self.rows.items():
            did = self.did[uid]
            if did.deed == Deed.ADDED:
                self.session.delete(row)
            else:
                self._put(row, did)
        self.session.flush()

    def _put(self, row: Record, did: Did) -> None:
        for name, text in did.old.items():
            if name in SAYING:
                before, put, stands = _said(text), _said(did.new.get(name)), dict(getattr(row, name) or {})
                for one in before.keys() | put.keys():
                    if before.get(one) != put.get(one):
                        stands.pop(one, None)
                        stands |= {one: before[one]} if one in before else {}
                setattr(row, name, stands)
            elif name in self.known:
                setattr(row, name, self._value(name, text))

    def _value(self, name: str, text: str | None) -> Any:
        """The value a cell had; a link whose target was removed since is left out and told of."""
        f = self.known[name]
        value = queries.kept_value(f, text)
        linked = (value if isinstance(value, list) else [value]) if f.is_link and value else []
        if any(uid not in self.names.of(f.to) for uid in linked):
            self.lost.append(f.label)
            return [v for v in value if v in self.names.of(f.to)] or None if isinstance(value, list) else None
        return value


def _chunks(uids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    return (uids[at : at + TOGETHER] for at in range(0, len(uids), TOGETHER))


def _said(text: str | None) -> dict[str, Any]:
    return dict(json.loads(text)) if text else {}


def _sides(part: str, said: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(reasons, sources): one of them is `said`, the other nothing."""
    return (said, {}) if part == SAYING[0] else ({}, said)
