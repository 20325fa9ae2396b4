"""Questions to the trail of one project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from dossiers.facts import by_name
from dossiers.records import RECORDS
from portal.config import HERE
from portal.models import Change, Project
from portal.numerals import whole
from portal.programme import SEALED, SEALED_FACTS
from portal.trail import Unit

PAGE = 200  # changes; a save is shown whole, so a page may show a few more


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the history is asked for; it stands in the address."""

    words: str = ""
    kind: str = ""
    row: UUID | None = None
    since: date | None = None
    before: int = 0  # only changes older than this one's number

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Asked:
        """The part of the history a query string asks for; what it does not know is left out."""
        try:
            row = UUID(said["row"]) if said.get("row") else None
        except ValueError:
            row = None
        try:
            since = date.fromisoformat(said["since"]) if said.get("since") else None
        except ValueError:
            since = None
        before = said.get("before", "")
        kind = said.get("kind", "")
        return cls(
            said.get("q", "").strip()[:200],
            kind,
            row,
            since,
            whole(before),
        )

    def older(self, number: int) -> str:
        """The query string of what lies before change `number`."""
        said = {
            "q": self.words,
            "kind": self.kind,
            "row": str(self.row or ""),
            "since": str(self.since or ""),
            "before": str(number),
        }
        return "?" + urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """One value that changed: what it is called, from what, to what."""

    label: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Save:
    """What one person did to one row in one act."""

    at: datetime
    who: str
    why: str
    deed: str
    kind: str
    row: UUID
    called: str
    lines: tuple[Line, ...]
    there: bool  # whether the row is a record that can be opened


@dataclass(frozen=True, slots=True)
class History:
    """Saves, newest first; `last` is the number to go on from, 0 if nothing is older."""

    saves: tuple[Save, ...]
    last: int
    kinds: tuple[str, ...]


def history(session: Unit, project: Project, asked: Asked) -> History:
    """The changes to `project` that are asked for, newest first, those of one act and row together."""
    query = select(Change).where(_shown(project), *_conditions(asked))
    found = list(session.scalars(query.order_by(col(Change.id).desc()).limit(PAGE + 1)))
    more, found = len(found) > PAGE, found[:PAGE]
    groups: dict[tuple[datetime, UUID], list[Change]] = {}
    for change in found:
        groups.setdefault((change.at, change.row), []).append(change)
    kinds = session.scalars(select(col(Change.kind)).where(_shown(project)).distinct().order_by(col(Change.kind)))
    there = _still_there(session, groups)
    saves = tuple(_save(group[::-1], there) for group in groups.values())
    return History(saves, (found[-1].id or 0) if more else 0, tuple(kinds))


def _shown(project: Project) -> ColumnElement[bool]:
    """The changes to a project that its history shows."""
    of_scores = (and_(col(Change.kind) == kind, col(Change.fact) == fact) for kind, fact in SEALED_FACTS)
    return and_(col(Change.project_id) == project.id, col(Change.kind).not_in(SEALED), ~or_(*of_scores))


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.kind:
        found.append(col(Change.kind) == asked.kind)
    if asked.row:
        found.append(col(Change.row) == asked.row)
    if asked.since:
        found.append(col(Change.at) >= datetime.combine(asked.since, time(), HERE))
    if asked.before:
        found.append(col(Change.id) < asked.before)
    for word in asked.words.split()[:8]:
        places = (Change.who, Change.why, Change.called, Change.fact, Change.old, Change.new)
        found.append(or_(*(col(place).icontains(word, autoescape=True) for place in places)))
    return found


def _still_there(session: Unit, groups: Mapping[tuple[datetime, UUID], list[Change]]) -> frozenset[UUID]:
    """Of the rows that changed, the records that are still there: one query a kind."""
    rows: dict[str, set[UUID]] = {}
    for changes in groups.values():
        if changes[0].kind in RECORDS:
            rows.setdefault(changes[0].kind, set()).add(changes[0].row)
    return frozenset(
        uid
        for kind, uids in rows.items()
        for uid in session.scalars(select(col(RECORDS[kind].uid)).where(col(RECORDS[kind].uid).in_(uids)))
    )


def _save(changes: list[Change], there: frozenset[UUID]) -> Save:
    first = changes[0]
    known = by_name(RECORDS[first.kind]) if first.kind in RECORDS else {}
    lines = tuple(
        Line(known[c.fact].heading if c.fact in known else c.fact.replace("_", " "), c.old, c.new)
        for c in changes
        if c.old not in (None, "", "{}", "[]") or c.new not in (None, "", "{}", "[]")
    )
    return Save(
        first.at, first.who, first.why, first.deed, first.kind, first.row, first.called, lines, first.row in there
    )
