"""Which sections of which documents print a fact: read off the draft itself, for a text decides what it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from dossiers import outlines
from dossiers.binder import Binder
from dossiers.compose import Composing, gaps_of, origins_of
from dossiers.parse import TextFault
from dossiers.records.base import Record
from portal.models import Change, Project
from portal.records.queries import binder_of
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Spot:
    """A section that prints a fact, or shows that it is missing."""

    outline: str
    key: str
    title: str


Index = Mapping[tuple[str, str], tuple[Spot, ...]]
"""(record id, fact) → the sections."""

KEPT = 8  # projects whose index stays in memory until something changes there
_indices: dict[UUID, tuple[int, Index]] = {}


def spots(session: Unit, project: Project, record: Record) -> dict[str, tuple[Spot, ...]]:
    """Fact of `record` → the sections that print or miss it, in reading order. Documents are composed once a change."""
    index = _index(session, project)
    return {fact: found for (uid, fact), found in index.items() if uid == str(record.uid)}


def _index(session: Unit, project: Project) -> Index:
    newest = select(func.max(col(Change.id))).where(col(Change.project_id) == project.id)
    last = session.scalar(newest) or 0
    known = _indices.get(project.id)
    if known is None or known[0] != last:
        known = _indices[project.id] = (last, index_of(binder_of(session, project)))
        while len(_indices) > KEPT:
            _indices.pop(next(iter(_indices)))
    return known[1]


def index_of(binder: Binder) -> Index:
    """The sections of every document that print each fact of `binder`. A section whose text is broken is left out."""
    index: dict[tuple[str, str], dict[Spot, None]] = {}
    for name in outlines.ids():
        composing = Composing(outlines.outline(name), binder)
        for place in composing.places:
            try:
                section = composing.section(place)
            except TextFault:
                continue
            spot = Spot(name, section.key, f"{section.number} {section.title}")
            for origin in (*origins_of(section), *(gap.origin for _, gap in gaps_of((section,)))):
                if origin is not None:
                    index.setdefault((origin.id, origin.fact), {})[spot] = None
    return {place: tuple(found) for place, found in index.items()}
