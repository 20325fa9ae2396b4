"""Draft → the bytes of a Word file."""

from __future__ import annotations

from collections.abc import Sequence

from dossiers.blocks import Draft
from dossiers.word import front, house, joined, notes
from dossiers.word.body import Fragment
from dossiers.word.kept import Remarks, fragments, remarks
from dossiers.word.names import bookmark
from dossiers.word.package import Package, reference


class Unfinished(ValueError):
    """A final was asked for, but the draft has gaps or values not re-read at their source: `places` names them."""

    def __init__(self, places: Sequence[str]) -> None:
        self.places = tuple(places)
        shown = "; ".join(self.places[:20])
        more = f"; and {len(self.places) - 20} more" if len(self.places) > 20 else ""
        super().__init__(f"This document cannot be final yet. Fill in or verify: {shown}{more}.")


def anchors(draft: Draft) -> dict[str, str]:
    """Anchor (section key, anchor of a table or figure) → its bookmark in the Word file.

    LibreOffice gives each bookmark a named destination in the PDF: its page is what `Draft.pages` wants.
    """
    named = [section.key for section in draft.sections] + [thing.anchor for thing in front.captioned(draft)]
    return {anchor: bookmark(anchor) for anchor in named}


def write(draft: Draft, template: bytes | None = None) -> bytes:
    """The draft as a Word file (.docx); the same inputs give the same bytes.

    `template` is a .docx whose styles, pages, headers, footers and cover are used instead of the house's own; styles
    it lacks are added. Raises Unfinished for a final with gaps or unverified values, ValueError where two parts of
    the draft carry one anchor or a figure is not a PNG.
    """
    package = Package(template or reference())
    layout = house.pages(package)
    made = fragments(draft, layout.room)
    if draft.cover.final:
        _refuse_unfinished(draft, made)
    refit = house.adopt_styles(package, reference(), draft.lang)
    values = notes.custom_values(draft)
    house.fill_margins(package, values, draft.cover.final)
    held = remarks(draft)
    own = [held.get(section.key, Remarks()) for section in draft.sections]
    numbering, bullets = notes.numbering(package.blob("numbering"), [level for f in made for level in f.lists])
    package.put("numbering", numbering)
    numbers = joined.firsts(made, [len(group.texts) for group in own], bullets)
    package.put("footnotes", refit(notes.footnotes(joined.footnotes(made, numbers))))
    house.announce_notes(package)
    said = [text for group in own for text in group.texts]
    if said:
        package.put("comments", refit(notes.comments(said, draft.cover.on)))
    package.put_properties(notes.core(draft), notes.custom(values))
    package.put_pictures({relation: png for fragment in made for relation, png in fragment.pictures.items()})
    if any(fragment.origins for fragment in made):
        package.put_map(notes.origins(fragment.origins for fragment in made), notes.ORIGINS)
    cover = house.cover(package, values)
    opening = cover + front.front(draft, _count(made, said), layout.room, own_cover=bool(cover))
    return package.zipped(map(refit, joined.body(house.root_attributes(package), opening, made, numbers, layout)))


def _count(made: Sequence[Fragment], said: Sequence[str]) -> front.Count:
    return front.Count(sum(len(f.gaps) for f in made), sum(len(f.unverified) for f in made), len(said))


def _refuse_unfinished(draft: Draft, made: Sequence[Fragment]) -> None:
    places = []
    for section, fragment in zip(draft.sections, made, strict=True):
        name = f"{section.number} {section.title}".strip()
        places += [f"{name}: {gap}" for gap in fragment.gaps]
        places += [f"{name}: {value} (not re-read at its source)" for value in fragment.unverified]
    if places:
        raise Unfinished(places)
