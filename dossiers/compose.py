"""(outline, binder, texts) → Draft: which sections, repeated for what, with what in them, numbered, cross-referred."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dossiers.binder import Binder, origin
from dossiers.blocks import (
    Block,
    Blocks,
    Cover,
    Draft,
    Figure,
    Footnote,
    Gap,
    Inline,
    Inlines,
    Listing,
    Manner,
    Mark,
    Origin,
    Paragraph,
    Reference,
    Run,
    Section,
    Standing,
    Table,
)
from dossiers.facts import by_name
from dossiers.justifying import answers
from dossiers.outlines import Outline, texts
from dossiers.outlines import Section as Planned
from dossiers.owing import eased
from dossiers.parse import blocks
from dossiers.records.base import Record
from dossiers.records.dossier import DocumentKind, DocumentRef, SectionStatus
from dossiers.shelf import Shelf, Shown, doubt, shelf
from dossiers.stage import Stage
from dossiers.tables import slug
from dossiers.texts import fill


@dataclass(frozen=True, slots=True)
class Place:
    """Where a planned section falls in a draft: its key and the record it is repeated for."""

    planned: Planned
    key: str
    substance: Record | None = None


def compose(outline: Outline, binder: Binder, cover: Cover | None = None) -> Draft:
    """The whole document filled from `binder`. Raises `TextFault` if a section text is wrong."""
    with undisturbed():
        composing = Composing(outline, binder)
        sections = tuple(composing.section(place) for place in composing.places)
        return Draft(outline.id, cover or cover_of(outline, binder), settle(sections))


@contextmanager
def undisturbed() -> Iterator[None]:
    """While it lasts, Python does not look for cycles of dead objects.

    A draft is hundreds of thousands of small frozen objects without a cycle among them; looking through them again
    and again took a fifth of the time (`make bench`). Threads may overlap in it: the first one in turns it on again.
    """
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


def compose_section(outline: Outline, binder: Binder, key: str) -> Section:
    """One section alone, for a page that shows it beside its fields. Raises `LookupError` for an unknown key.

    Table numbers are those of the section alone; references read as the section numbers they point to.
    """
    composing = Composing(outline, binder)
    place = next((p for p in composing.places if p.key == key), None)
    if place is None:
        raise LookupError(f"The document {outline.id} of this project has no section {key}.")
    others = tuple(Section(p.key, p.planned.number, p.planned.title, p.planned.level, ()) for p in composing.places)
    made = composing.section(place)
    settled = settle(tuple(made if o.key == key else o for o in others))
    return next(s for s in settled if s.key == key)


class Composing:
    """One composing of a document: the shelf is laid once, each section drawn from it."""

    def __init__(self, outline: Outline, binder: Binder):
        self.outline, self.binder = outline, binder
        self.shelf = shelf(binder) | {"outline": outline, "binder": binder}
        self.shelf["section_statuses"] = self._statuses()
        self.places = tuple(self._places())
        self.shelf["applicable"] = frozenset(p.planned.number for p in self.places if self.not_applicable(p) is None)

    def _statuses(self) -> Shelf:
        """What is said of this document's own sections, in its outline's order."""
        order = {planned.number: n for n, planned in enumerate(self.outline.sections)}
        records = [r for r in self.binder.all("section_status") if isinstance(r, SectionStatus) and r.number in order]
        ordered = sorted(records, key=lambda r: order[str(r.number)])
        return Shelf("section_status", (Shown(r, self.binder) for r in ordered))

    def _places(self) -> Iterator[Place]:
        waiting: list[Planned] = []
        for planned in (*self.outline.sections, None):
            if planned is not None and planned.repeat:
                waiting.append(planned)
                continue
            yield from self._repeated(waiting)
            waiting = []
            if planned is not None:
                yield Place(planned, planned.number)

    def _repeated(self, waiting: list[Planned]) -> Iterator[Place]:
        substances = self.binder.all("active_substance") if waiting else ()
        if not substances:
            yield from (Place(planned, planned.number) for planned in waiting)
        for substance in substances:
            tail = f"@{substance.key}" if len(substances) > 1 else ""
            yield from (Place(planned, planned.number + tail, substance) for planned in waiting)

    def section(self, place: Place) -> Section:
        """The section at `place`, its tables anchored but not yet numbered."""
        planned = place.planned
        title = planned.title
        if planned.group and planned.repeat and place.substance is not None and "." not in planned.number:
            title = f"{title}: {place.substance.named()}"
        reason = self.not_applicable(place)
        if planned.group or reason is not None:
            content: Blocks = () if reason is None or planned.group else (Paragraph(reason, Manner.NOTE),)
            standing = Standing.APPLIES if reason is None else Standing.NOT_APPLICABLE
        else:
            content, standing = self.filled(place), Standing.APPLIES
        repeat = place.substance.key if place.substance is not None else ""
        named = (place.key, planned.number, title, planned.level)
        return Section(*named, anchored(place.key, content), standing, repeat, planned.new_page)

    def filled(self, place: Place) -> Blocks:
        names: dict[str, Any] = self.shelf | {"section": place.planned, "narrative": self.narrative(place)}
        names["substance"] = (
            Shown(place.substance, self.binder) if place.substance is not None else Shelf("active_substance").first
        )
        made = fill(texts(), f"{self.outline.id}/{place.planned.text}", names)
        if self.outline.due is not Stage.DOSSIER:
            made = tuple(eased(block, self.outline.due) for block in made)
        return (*made, *self.answered(place))

    def answered(self, place: Place) -> Iterator[Block]:
        """The reasons that answer a finding of the checks and are to be read in this section, as long as they hold."""
        for given in answers(self.binder).values():
            about = self.binder.by_key(given.record.about_kind or "", given.record.about_key or "")
            mine = getattr(about, "active_substance", None)
            elsewhere = place.substance is not None and mine not in (None, place.substance.uid)
            if given.holds and given.record.section == place.planned.number and about is not None and not elsewhere:
                where = origin(given.record, "reason")
                lead = Run(
                    f"Justification ({about.named()}): ", frozenset({Mark.BOLD}), origin(given.record, "about_key")
                )
                yield Paragraph((lead, Run(given.reason, origin=where)))

    def _of(self, kind: str, name: str, place: Place) -> Record | None:
        """The record of `kind` that speaks of this section, rather of this substance than of all."""
        found = [r for r in self.binder.all(kind) if getattr(r, name) == place.planned.number]
        mine = place.substance.uid if place.substance is not None else None
        exact = [r for r in found if getattr(r, "active_substance", None) == mine]
        return next(iter(exact or [r for r in found if getattr(r, "active_substance", None) is None]), None)

    def not_applicable(self, place: Place) -> Inlines | None:
        """Why the section does not apply, or None if it does. A person's word goes before the outline's."""
        status = self._of("section_status", "number", place)
        if isinstance(status, SectionStatus) and status.applicable is not None:
            if status.applicable:
                return None
            where, reason = origin(status, "not_applicable_reason"), status.not_applicable_reason
            said: Inline = Run(reason, origin=where) if reason else Gap("Reason why the section does not apply", where)
            return (Run("Not applicable: "), said)
        return self._not_meant(place.planned)

    def _not_meant(self, planned: Planned) -> Inlines | None:
        product = self.binder.product
        if product is None:
            return None
        kind, phase = product.atmp_class, product.dev_phase
        if kind is not None and "all" not in planned.applies_to and kind.value not in planned.applies_to:
            said = Run(kind.label, origin=origin(product, "atmp_class"))
            return (Run("Not applicable to this class of product: "), said, *_mark(product, "atmp_class"), Run("."))
        if phase is not None and planned.phase not in ("both", phase.value):
            said = Run(phase.label, origin=origin(product, "dev_phase"))
            return (Run("Not asked for in this phase of development: "), said, *_mark(product, "dev_phase"), Run("."))
        return None

    def written(self, place: Place) -> Record | None:
        """The record of the text that the section at `place` prints, or None."""
        return self._of("narrative", "section_number", place)

    def narrative(self, place: Place) -> Blocks | Gap | None:
        """The text a person wrote for the section; a gap where one is owed; nothing where it is optional."""
        written = self.written(place)
        text = getattr(written, "text", None)
        if written is not None and text:
            where = origin(written, "text")
            made = blocks(text, (), where)
            marks = _mark(written, "text")
            return (*made, Paragraph(marks)) if marks else made
        if place.planned.narrative != "expert":
            return None
        where = origin(written, "text") if written is not None else Origin("narrative", "", "", place.key)
        return Gap(f"Text: {place.planned.task or place.planned.title}", where)


def _mark(record: Record, name: str) -> Inlines:
    """The mark behind a fact whose source was not re-read."""
    return doubt(record, by_name(type(record))[name])


# ---------------------------------------------------------------- cover


def cover_of(outline: Outline, binder: Binder) -> Cover:
    """The cover of a draft: what the facts say of product, sponsor and trials."""
    product = binder.product
    lines = [
        ("EU trial number", str(number)) for t in binder.all("trial") if (number := getattr(t, "eu_ct_number", None))
    ]
    if binder.invented:
        lines.append(("Please note", "Invented demonstration data; no such product exists."))
    return Cover(
        outline.title,
        _on_cover(product, "code") or binder.project,
        _on_cover(product, "name") or binder.name,
        _on_cover(product, "sponsor") or "Sponsor not entered yet",
        _version(binder) if outline.filed else "draft",
        on=binder.on,
        status="Draft, not for submission",
        lines=tuple(lines),
    )


def _version(binder: Binder) -> str:
    """The version that a draft is on the way to: the last of the document history, as long as it is a draft."""
    history = [r for r in binder.all("document_ref") if isinstance(r, DocumentRef) and r.type is DocumentKind.COVER]
    dated = sorted((r for r in history if r.version), key=lambda r: r.date or date.min)
    return f"{dated[-1].version}{_doubted(dated[-1], 'version')} (draft)" if dated else "draft"


def _on_cover(product: Record | None, name: str) -> str:
    """A fact of the product as plain text, with its mark where its source was not re-read."""
    value = getattr(product, name, None)
    if product is None or not value:
        return ""
    return str(value) + _doubted(product, name)


def _doubted(record: Record, name: str) -> str:
    return "".join(run.text for run in _mark(record, name) if isinstance(run, Run))


# ---------------------------------------------------------------- anchors, numbers, references


def anchored(key: str, content: Blocks) -> Blocks:
    """`content` with an anchor on each table and figure, unique in the draft: "S.4.4:batch-analyses"."""
    seen: dict[str, int] = {}

    def anchor(block: Table | Figure) -> str:
        name = slug("".join(words(block.caption)))
        seen[name] = seen.get(name, 0) + 1
        return f"{key}:{name}" + (f"-{seen[name]}" if seen[name] > 1 else "")

    return tuple(replace(b, anchor=anchor(b)) if isinstance(b, (Table, Figure)) else b for b in content)


def words(content: Inlines) -> Iterator[str]:
    """The pieces of text of a line."""
    for inline in content:
        match inline:
            case Run() | Gap() | Reference():
                yield inline.text
            case Footnote(inner):
                yield from words(inner)


def settle(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections with tables and figures numbered through the document, and each reference reading as its target."""
    names = {s.key: f"section {s.number}" for s in sections}
    counts = {"Table": 0, "Figure": 0}
    for block in (b for s in sections for b in s.blocks if isinstance(b, (Table, Figure)) and b.caption):
        what = type(block).__name__
        counts[what] += 1
        names[block.anchor] = f"{what} {counts[what]}"
    return tuple(_settled(s, names) for s in sections)


def _settled(section: Section, names: Mapping[str, str]) -> Section:
    tail = section.key.removeprefix(section.number)

    def inline(one: Inline) -> Inline:
        match one:
            case Reference(target, ""):
                number, colon, rest = target.partition(":")
                for candidate in (f"{number}{tail}{colon}{rest}", target):
                    if candidate in names:
                        return Reference(candidate, names[candidate])
                return Run(f"section {number}" if not rest else f"{number}, {rest}")
            case Footnote(inner):
                return Footnote(tuple(inline(i) for i in inner))
        return one

    return replace(section, blocks=tuple(mapped(_labelled(b, names), inline) for b in section.blocks))


def _labelled(block: Block, names: Mapping[str, str]) -> Block:
    return replace(block, label=names.get(block.anchor, "")) if isinstance(block, (Table, Figure)) else block


def mapped(block: Block, change: Callable[[Inline], Inline]) -> Block:
    """`block` with `change` done to every inline; the same object where nothing changes."""
    if not any(isinstance(i, (Reference, Footnote)) for i in inlines_of(block)):
        return block
    line: Callable[[Inlines], Inlines] = lambda content: tuple(change(i) for i in content)  # noqa: E731
    match block:
        case Table():
            rows = tuple(tuple(replace(c, content=line(c.content)) for c in row) for row in block.rows)
            return replace(block, caption=line(block.caption), rows=rows, notes=tuple(line(n) for n in block.notes))
        case Figure():
            return replace(block, caption=line(block.caption))
        case Listing():
            return replace(block, items=tuple(tuple(mapped(b, change) for b in item) for item in block.items))
    return replace(block, content=line(block.content))


def inlines_of(block: Block) -> Iterator[Inline]:
    """Every inline of a block, in reading order (footnotes as themselves)."""
    match block:
        case Table():
            yield from block.caption
            for row in (*block.head, *block.rows):
                for cell in row:
                    yield from cell.content
            for note in block.notes:
                yield from note
        case Figure():
            yield from block.caption
        case Listing():
            for item in block.items:
                for inner in item:
                    yield from inlines_of(inner)
        case _:
            yield from block.content


def gaps_of(sections: Iterable[Section]) -> tuple[tuple[str, Gap], ...]:
    """(section key, gap) for every gap that the document shows, in reading order, each once a section."""
    return tuple(
        dict.fromkeys((s.key, i) for s in sections for b in s.blocks for i in flat(inlines_of(b)) if isinstance(i, Gap))
    )


def flat(content: Iterable[Inline]) -> Iterator[Inline]:
    """The inlines with those of footnotes among them."""
    for inline in content:
        yield inline
        if isinstance(inline, Footnote):
            yield from flat(inline.content)


def origins_of(section: Section) -> frozenset[Origin]:
    """Every fact that a section prints (gaps left out)."""
    return frozenset(
        i.origin for b in section.blocks for i in flat(inlines_of(b)) if isinstance(i, Run) and i.origin is not None
    )
