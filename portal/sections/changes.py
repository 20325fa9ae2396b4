"""What changed in a document since its last issue, section by section, and who changed it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.blocks import Section
from dossiers.facts import by_name
from dossiers.plain import load_tree
from dossiers.records import RECORDS
from portal.drafts.queries import Remembered, Shown, state_of
from portal.models import Change, Issue, Project
from portal.sections.comparison import Differences, Fact, compare
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Since:
    """The last issue of a document, and what changed in each section after it; others are not among them."""

    version: int
    at: datetime
    sections: Mapping[str, Differences]


_SECTIONS: Remembered[UUID, Mapping[str, Section]] = Remembered(4)
_COMPARED: Remembered[tuple[UUID, int], Mapping[str, Differences]] = Remembered(12)


def since_issue(session: Unit, project: Project, shown: Shown) -> Since | None:
    """What changed since the last issue of the document, or None if it never went out."""
    mine = (col(Issue.project_id) == project.id, col(Issue.outline) == shown.outline.id)
    last = select(col(Issue.id), col(Issue.version), col(Issue.at)).where(*mine).order_by(col(Issue.version).desc())
    found = session.execute(last.limit(1)).one_or_none()
    if found is None:
        return None
    uid, version, at = found
    state = (uid, state_of(session, project))
    compared = _COMPARED.get(state)
    if compared is None:
        compared = _COMPARED.keep(state, _compared(_issued(session, uid), shown))
    return Since(version, at, compared)


def _issued(session: Unit, uid: UUID) -> Mapping[str, Section]:
    known = _SECTIONS.get(uid)
    if known is not None:
        return known
    tree = session.scalars(select(col(Issue.tree)).where(col(Issue.id) == uid)).one()
    return _SECTIONS.keep(uid, {s.key: s for s in load_tree(json.loads(tree)).sections})


def _compared(old: Mapping[str, Section], shown: Shown) -> Mapping[str, Differences]:
    told = (part.section for part in shown.parts if not part.group)
    pairs = ((s.key, compare(old.get(s.key), s)) for s in told)
    return {key: differences for key, differences in pairs if differences}


@dataclass(frozen=True, slots=True)
class Line:
    """A fact that changed: its label, the text it printed and prints, the last change to it since the issue."""

    label: str
    fact: Fact
    change: Change | None


@dataclass(frozen=True, slots=True)
class Told:
    """The changed facts of one record. `called` as a reader knows it: "Batch B-1"."""

    called: str
    lines: tuple[Line, ...]


def told(session: Unit, project: Project, since: Since, key: str) -> tuple[Told, ...]:
    """The facts of section `key` that changed since the issue, by record in reading order, with who changed them."""
    facts = since.sections.get(key, Differences()).facts
    last = _last_changes(session, project, since.at, facts)
    groups: dict[str, list[Line]] = {}
    for fact in facts:
        change = last.get((fact.origin.id, fact.origin.fact)) or last.get((fact.origin.id, ""))
        groups.setdefault(_called(fact), []).append(Line(_label(fact), fact, change))
    return tuple(Told(called, tuple(lines)) for called, lines in groups.items())


def _last_changes(
    session: Unit, project: Project, at: datetime, facts: tuple[Fact, ...]
) -> dict[tuple[str, str], Change]:
    """(record id, fact) → its last change after `at`; under the fact "" the last change to the record at all."""
    rows = {UUID(fact.origin.id) for fact in facts if fact.origin.id}
    query = select(Change).where(col(Change.project_id) == project.id, col(Change.at) > at, col(Change.row).in_(rows))
    found: dict[tuple[str, str], Change] = {}
    for change in session.scalars(query.order_by(col(Change.id))):
        found[str(change.row), change.fact] = found[str(change.row), ""] = change
    return found


def _called(fact: Fact) -> str:
    kind = RECORDS.get(fact.origin.kind)
    return f"{kind.called[0] if kind else fact.origin.kind} {fact.origin.key}".strip()


def _label(fact: Fact) -> str:
    kind = RECORDS.get(fact.origin.kind)
    known = by_name(kind).get(fact.origin.fact) if kind else None
    return known.label if known else fact.origin.fact.replace("_", " ")
