"""Questions about the documents of a project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import Engine, func, select
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.blocks import Draft, Gap, Mark, Origin, Run, Section, Standing
from dossiers.compose import compose, flat, gaps_of, inlines_of
from dossiers.outlines import Outline, outline, outlines
from dossiers.stage import Stage
from portal.db import engine
from portal.models import Change, HouseTemplate, Issue, Project
from portal.records.queries import binder_of
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Part:
    """A section as the map of a document shows it: complete, with n gaps, not applicable, or only a heading."""

    section: Section
    gaps: int
    group: bool

    @property
    def state(self) -> str:
        """One word for its state."""
        if self.section.standing is Standing.NOT_APPLICABLE:
            return "not applicable"
        if self.group:
            return ""
        return "gaps" if self.gaps else "complete"


@dataclass(frozen=True, slots=True)
class Missing:
    """A gap as the list beside the preview shows it: where it stands, what is missing, where to enter it."""

    section: Section
    gap: Gap


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as it stands now: the draft, its map, its gaps in reading order, values whose source is unverified."""

    outline: Outline
    draft: Draft
    parts: tuple[Part, ...]
    missing: tuple[Missing, ...]

    @property
    def by_section(self) -> tuple[tuple[Section, tuple[Missing, ...]], ...]:
        """Each section that has gaps, with them, in reading order."""
        return tuple((section, tuple(found)) for section, found in groupby(self.missing, lambda one: one.section))

    def part(self, key: str) -> Part:
        """The part with this section key; the first that says something for ''. Raises `LookupError`."""
        for part in self.parts:
            if part.section.key == key or (not key and not part.group):
                return part
        raise LookupError(f"This document has no section {key}.")

    def beside(self, key: str) -> tuple[Part | None, Part | None]:
        """The parts before and after the one with this key, headings left out."""
        told = [p for p in self.parts if not p.group]
        at = next((n for n, p in enumerate(told) if p.section.key == key), 0)
        return (told[at - 1] if at else None, told[at + 1] if at + 1 < len(told) else None)


@dataclass(frozen=True, slots=True)
class Listed:
    """A kind of document in the list: how many gaps it shows, and what went out of it (newest first)."""

    outline: Outline
    gaps: int
    sections: int
    issues: tuple[Issue, ...]


TALK = ("section_work", "section_comment")  # kinds of row that no document prints


def state_of(session: Unit, project: Project) -> int:
    """A number that grows whenever anything changes that a document may print: the last such line of the trail."""
    told = select(func.max(col(Change.id))).where(col(Change.project_id) == project.id, col(Change.kind).not_in(TALK))
    return session.scalar(told) or 0


def drafted(session: Unit, project: Project, name: str) -> Shown:
    """The document `name` of `project` as it stands now. Raises `LookupError` for a document that is none.

    Composing again what did not change is saved by remembering the last drafts by the state of the trail.
    """
    return next(_drafted(session, project, (outline(name),)))


def _drafted(session: Unit, project: Project, planned: Iterable[Outline]) -> Iterator[Shown]:
    """Each document as it stands now; the facts are read once, and only if one of them has to be composed."""
    state, binder = state_of(session, project), None
    for one in planned:
        key = (engine(), project.id, one.id, state)
        made = _REMEMBERED.get(key)
        if made is None:
            binder = binder or binder_of(session, project)
            made = _REMEMBERED.keep(key, shown(one, binder))
        yield made


K = TypeVar("K")
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """The last few things that were dear to make, by what they were made of."""

    def __init__(self, size: int):
        self.size = size
        self.kept: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """What was kept under `key`, or None."""
        return self.kept.get(key)

    def keep(self, key: K, made: V) -> V:
        """`made`, kept under `key`; the oldest goes where there are too many."""
        self.kept[key] = made
        while len(self.kept) > self.size:
            self.kept.pop(next(iter(self.kept)), None)
        return made


_REMEMBERED: Remembered[tuple[Engine, UUID, str, int], Shown] = Remembered(18)


def shown(planned: Outline, binder: Binder) -> Shown:
    """The document `planned` filled from `binder`, with its map and gaps."""
    draft = compose(planned, binder)
    groups = {s.number for s in planned.sections if s.group}
    missing = tuple(Missing(_section(draft, key), gap) for key, gap in gaps_of(draft.sections))
    counts: dict[str, int] = {}
    for one in missing:
        counts[one.section.key] = counts.get(one.section.key, 0) + 1
    parts = tuple(Part(s, counts.get(s.key, 0), s.number in groups) for s in draft.sections)
    status = f"Draft: {len(missing)} gap{'' if len(missing) == 1 else 's'}, not for submission"
    return Shown(planned, replace(draft, cover=replace(draft.cover, status=status)), parts, missing)


def goes_out(project: Project, planned: Outline) -> bool:
    """Whether the document may go out at the project's stage: in feasibility only what no authority is sent."""
    return not planned.filed or project.standing_at is not Stage.FEASIBILITY


def _section(draft: Draft, key: str) -> Section:
    return next(s for s in draft.sections if s.key == key)


def listed(session: Unit, project: Project) -> tuple[Listed, ...]:
    """Every kind of document, with gaps and issues."""
    issues = issued(session, project)
    found = []
    for made in _drafted(session, project, outlines()):
        told = sum(1 for p in made.parts if not p.group)
        mine = tuple(i for i in issues if i.outline == made.outline.id)
        found.append(Listed(made.outline, len(made.missing), told, mine))
    return tuple(found)


def issued(session: Unit, project: Project) -> list[Issue]:
    """What went out of `project`, newest first."""
    query = (
        select(Issue)
        .where(col(Issue.project_id) == project.id)
        .order_by(col(Issue.at).desc(), col(Issue.version).desc())
    )
    return list(session.scalars(query))


def issue(session: Unit, project: Project, name: str, version: int) -> Issue:
    """One issue. Raises `LookupError`."""
    query = select(Issue).where(
        col(Issue.project_id) == project.id, col(Issue.outline) == name, col(Issue.version) == version
    )
    found = session.scalars(query).one_or_none()
    if found is None:
        raise LookupError(f"There is no version {version} of this document.")
    return found


def template(session: Unit) -> HouseTemplate | None:
    """The house's own template in use, or None for the product's."""
    found = session.scalars(select(HouseTemplate).order_by(col(HouseTemplate.at).desc()).limit(1)).first()
    return found if found is not None and found.docx else None


def unverified(draft: Draft) -> tuple[Origin, ...]:
    """The facts a draft prints whose source was not re-read, in reading order."""
    found = (
        inline.origin
        for section in draft.sections
        for block in section.blocks
        for inline in flat(inlines_of(block))
        if isinstance(inline, Run) and Mark.UNVERIFIED in inline.marks and inline.origin is not None
    )
    return tuple(dict.fromkeys(found))
