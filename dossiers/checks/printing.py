"""The sections of the project's documents under observation: each notes the kinds of record that it draws on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, SupportsIndex

from dossiers.blocks import Section
from dossiers.checks.look import Look, Printed
from dossiers.checks.pieces import pieces
from dossiers.checks.seen import Notes
from dossiers.compose import Composing, Place, settle, undisturbed
from dossiers.outlines import outline
from dossiers.shelf import Shelf, Shown

ALWAYS = ("product", "active_substance", "section_status", "narrative")


class Noted(Shelf):
    """A shelf that notes its kind when a text looks at it."""

    def __init__(self, shelf: Shelf, notes: Notes):
        super().__init__(shelf.kind, list.__iter__(shelf))
        self.notes = notes

    def _note(self) -> None:
        self.notes.taken.add((self.kind, "*"))

    def __iter__(self) -> Iterator[Shown]:
        self._note()
        return super().__iter__()

    def __len__(self) -> int:
        self._note()
        return super().__len__()

    def __getitem__(self, at: SupportsIndex | slice) -> Any:
        self._note()
        return super().__getitem__(at)


class Documents:
    """The documents of one look: which sections they have, and each section as it prints."""

    def __init__(self, look: Look, ids: tuple[str, ...]):
        self.look, self.ids = look, ids
        self._composing: dict[str, Composing] = {}
        self._others: dict[str, tuple[Section, ...]] = {}

    def places(self) -> Iterator[tuple[str, Place]]:
        """(document, place) of every section, in the order of the documents."""
        for document in self.ids:
            yield from ((document, place) for place in self.composing(document).places)

    def composing(self, document: str) -> Composing:
        """The composing of one document, begun once. Which sections there are rests on a few kinds only."""
        if document not in self._composing:
            taken, self.look.notes.taken = self.look.notes.taken, set()
            composing = Composing(outline(document), self.look.binder)
            composing.shelf = {
                name: Noted(value, self.look.notes) if isinstance(value, Shelf) else value
                for name, value in composing.shelf.items()
            }
            self.look.notes.taken = taken
            self._composing[document] = composing
            self._others[document] = tuple(
                Section(p.key, p.planned.number, p.planned.title, p.planned.level, ()) for p in composing.places
            )
        self.look.notes.taken.update((kind, "*") for kind in ALWAYS)
        return self._composing[document]

    def printed(self, document: str, place: Place) -> Printed:
        """The section as it prints, composed once in this look."""

        def make() -> Printed:
            with undisturbed():
                composing = self.composing(document)
                made = composing.section(place)
                settled = settle(tuple(made if o.key == place.key else o for o in self._others[document]))
            section = next(s for s in settled if s.key == place.key)
            read = tuple(pieces(section))
            return Printed(document, section, read, "\n".join(piece.text for piece in read))

        return self.look.once((document, place.key), make)
