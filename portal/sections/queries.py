"""Questions about the work on a section."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.blocks import Gap, Inline, Run, Section
from dossiers.compose import Composing, Place, compose_section, flat, gaps_of, inlines_of, origins_of
from dossiers.facts import by_name
from dossiers.outlines import Outline, outline
from dossiers.outlines import Section as Planned
from dossiers.parse import blocks
from dossiers.plain import section_lines
from dossiers.reading import read_one
from dossiers.records import RECORDS
from dossiers.records.base import record_id
from dossiers.records.dossier import Narrative, NarrativeStatus
from portal.drafts.queries import Remembered, Shown, state_of
from portal.models import Change, Comment, Membership, Person, Project, SectionWork
from portal.records.queries import binder_of, of_kind
from portal.rights import Asker, Right, may
from portal.sections.comparison import seal
from portal.sections.steps import Case, Status, Step, open_steps, refusals
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class At:
    """A section of a document: the document's id, the section's key ("S.3.1.1@substance")."""

    outline: str
    section: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a text is written: document, place in it, the text's record if there is one."""

    at: At
    outline: Outline
    place: Place
    written: Narrative | None

    @property
    def planned(self) -> Planned:
        """The section as the outline has it: task, guidance, budget."""
        return self.place.planned

    @property
    def takes_text(self) -> bool:
        """Whether the section prints a text by a person."""
        return self.planned.narrative != "none"

    @property
    def shared(self) -> bool:
        """Whether the text stands in the sections of other substances too."""
        return "@" in self.at.section and self.written is not None and self.written.active_substance is None


def spot(session: Unit, project: Project, at: At) -> Spot:
    """The place `at` in the project's document; two kinds of record are read. Raises `LookupError`."""
    planned, kinds = outline(at.outline), ("active_substance", "narrative")
    records = {kind: tuple(of_kind(session, project, RECORDS[kind])) for kind in kinds}
    composing = Composing(planned, Binder(project.key, records=records))
    place = next((p for p in composing.places if p.key == at.section and not p.planned.group), None)
    if place is None:
        raise LookupError(f"This document has no section {at.section}.")
    return Spot(at, planned, place, cast("Narrative | None", composing.written(place)))


# ---------------------------------------------------------------- the text


@dataclass(frozen=True, slots=True)
class Budget:
    """How many words a text has and how many it should have (0: no budget)."""

    words: int
    of: int = 0

    @property
    def over(self) -> bool:
        """Whether the text is longer than it should be."""
        return 0 < self.of < self.words

    @property
    def sentence(self) -> str:
        """The count in words: "182 of 250 words", "268 of 250 words: 18 over the budget"."""
        if not self.of:
            return "1 word" if self.words == 1 else f"{self.words} words"
        return f"{self.words} of {self.of} words" + (f": {self.words - self.of} over the budget" if self.over else "")


def budget(text: str, planned: Planned) -> Budget:
    """The words that readers will count in Markdown `text`: marks are none, footnotes count."""
    lines = section_lines(Section("", "", "", 1, blocks(text)))
    return Budget(sum(1 for line in lines for word in line.split() if re.search(r"\w", word)), planned.words)


def read_text(typed: str) -> str:
    """`typed` as the record holds it. Raises `Unreadable` with a sentence for characters no document can hold."""
    return read_one(by_name(Narrative)["text"], typed) or ""


def preview(session: Unit, project: Project, spot: Spot, text: str) -> Section:
    """The section as it would read with `text` in it; nothing is stored."""
    binder = binder_of(session, project)
    old, substance = spot.written, spot.place.substance
    key = old.key if old is not None else spot.at.section
    made = Narrative(uid=old.uid if old else record_id(project.key, "narrative", key), project_id=project.id, key=key)
    made.absent, made.sources, made.revision, made.position = dict(old.absent or {}) if old else {}, {}, 1, 0
    mine = old.active_substance if old is not None else substance.uid if substance is not None else None
    made.fill({"section_number": spot.planned.number, "active_substance": mine, "text": text or None})
    others = tuple(t for t in binder.all("narrative") if t.uid != made.uid)
    binder = replace(binder, records={**binder.records, "narrative": (made, *others)})
    return compose_section(spot.outline, binder, spot.at.section)


def alone(section: Section) -> Section:
    """Of a section only the text that a person wrote; no blocks where it prints none."""
    mine = [n for n, block in enumerate(section.blocks) if any(map(_is_text, flat(inlines_of(block))))]
    told = section.blocks[mine[0] : mine[-1] + 1] if mine else ()
    return replace(section, key=f"text:{section.key}", blocks=told)


def _is_text(inline: Inline) -> bool:
    origin = inline.origin if isinstance(inline, (Run, Gap)) else None
    return origin is not None and origin.kind == "narrative"


def draft_form(project: Project, at: At) -> str:
    """The name under which what is typed into the text of a section is kept; short, whatever the key."""
    return f"{project.key}/{at.outline}/text/{record_id(project.key, 'text', at.section)}"


def last_author(session: Unit, written: Narrative | None) -> Change | None:
    """The change that gave the text the words it has."""
    if written is None or not written.text:
        return None
    query = select(Change).where(col(Change.row) == written.uid, col(Change.fact) == "text")
    return session.scalars(query.order_by(col(Change.id).desc()).limit(1)).first()


# ---------------------------------------------------------------- the work


def work_id(project: Project, at: At) -> UUID:
    """The id of the row about the section; two people who begin it meet in it."""
    return record_id(project.key, f"work on {at.outline}", at.section)


_BY_TEXT: Mapping[NarrativeStatus | bool, Status] = {
    NarrativeStatus.REVIEWED: Status.IN_REVIEW,
    NarrativeStatus.APPROVED: Status.APPROVED,
}


def status_of(work: SectionWork | None, text: NarrativeStatus | bool) -> Status:
    """How far a section is; one that nobody took up here is as far as its text, of which `text` is the status.

    False: there is no text; True: a text that says nothing of its status.
    """
    if work is None or work.status == Status.EMPTY:
        return _BY_TEXT.get(text, Status.DRAFT) if text else Status.EMPTY
    return Status(work.status)


def comments_on(session: Unit, project: Project, at: At) -> tuple[Comment, ...]:
    """What was said of the section, oldest first."""
    mine = (col(Comment.project_id) == project.id, col(Comment.outline) == at.outline)
    query = select(Comment).where(*mine, col(Comment.section) == at.section).order_by(col(Comment.at), col(Comment.id))
    return tuple(session.scalars(query))


def members(session: Unit, project: Project) -> tuple[Person, ...]:
    """Who works on the project and may sign in, by name."""
    query = select(Person).join(Membership, col(Membership.person_id) == col(Person.id))
    query = query.where(col(Membership.project_id) == project.id, col(Person.active).is_(True))
    return tuple(session.scalars(query.order_by(col(Person.name))))


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a section: who sees to it, how far it is, what may be done next, what was said of it.

    `stale`: the section says something else than when its status was set. `author`: who wrote the text last.
    """

    spot: Spot
    work: SectionWork | None
    case: Case
    comments: tuple[Comment, ...]
    members: tuple[Person, ...]
    author: Change | None
    sealed: str

    @property
    def status(self) -> Status:
        """How far the section is."""
        return self.case.status

    @property
    def stale(self) -> bool:
        """Whether an approval is of other words than those that stand there now."""
        known = self.work.sealed if self.work is not None else ""
        return self.status is Status.APPROVED and known not in ("", self.sealed)

    @property
    def steps(self) -> tuple[tuple[Step, tuple[str, ...]], ...]:
        """(step, what stands against it) for each step to offer."""
        return tuple((step, refusals(step, self.case)) for step in open_steps(self.case))


def beside(session: Unit, who: Asker, project: Project, at: At, section: Section) -> Beside:
    """What stands beside `section`, the section `at` as it reads now. Raises `LookupError`."""
    found = spot(session, project, at)
    work = session.get(SectionWork, work_id(project, at))
    comments, author = comments_on(session, project, at), last_author(session, found.written)
    has_text = found.written is not None and bool(found.written.text)
    case = Case(
        status_of(work, has_text and found.written is not None and (found.written.status or True)),
        who.roles,
        may(who, Right.WRITE, project),
        author is not None and author.who_id == who.person.id,
        has_text,
        len(gaps_of((section,))),
        sum(1 for c in comments if c.resolved_at is None),
    )
    return Beside(found, work, case, comments, members(session, project), author, seal(section))


def as_composed(session: Unit, project: Project, at: At) -> Section:
    """The section `at` as it reads now, from the rows of this very unit."""
    return compose_section(outline(at.outline), binder_of(session, project), at.section)


# ---------------------------------------------------------------- the map


@dataclass(frozen=True, slots=True)
class Mark:
    """What the map of a document says of a section. `stale`: it changed since it was approved."""

    status: Status = Status.EMPTY
    stale: bool = False
    comments: int = 0


_READ: Remembered[tuple[UUID, str, int], tuple[Mapping[str, str], Mapping[str, str]]] = Remembered(12)


def marks(session: Unit, project: Project, shown: Shown) -> dict[str, Mark]:
    """Section key → its mark, for every section of the document."""
    works = {w.section: w for w in session.scalars(_of_document(SectionWork, project, shown.outline.id))}
    talk: dict[str, int] = {}
    for comment in session.scalars(_of_document(Comment, project, shown.outline.id)):
        talk[comment.section] = talk.get(comment.section, 0) + (comment.resolved_at is None)
    state = (project.id, shown.outline.id, state_of(session, project))
    seals, texts = _READ.get(state) or _READ.keep(state, _read(shown))
    query = select(col(Narrative.uid), col(Narrative.status)).where(col(Narrative.project_id) == project.id)
    statuses = {str(uid): status or True for uid, status in session.execute(query)}
    found = {}
    for key, sealed in seals.items():
        work = works.get(key)
        status = status_of(work, statuses.get(texts.get(key, ""), False))
        stale = status is Status.APPROVED and work is not None and work.sealed not in ("", sealed)
        found[key] = Mark(status, stale, talk.get(key, 0))
    return found


def _of_document(model: type[SectionWork | Comment], project: Project, name: str) -> Any:
    return select(model).where(col(model.project_id) == project.id, col(model.outline) == name)


def _read(shown: Shown) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """(section key → seal, key → id of the text that a person wrote, where one stands)."""
    told = [part.section for part in shown.parts if not part.group]
    texts = {s.key: o.id for s in told for o in origins_of(s) if o.kind == "narrative"}
    return {s.key: seal(s) for s in told}, texts
