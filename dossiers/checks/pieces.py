"""The text of a section as pieces, each line knowing which facts its letters came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dossiers.blocks import Block, Figure, Inlines, Listing, Origin, Reference, Run, Section, Table
from dossiers.compose import flat


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph, cell or caption as one text, with the fact that each stretch of it came from. Gaps are left out."""

    text: str
    stretches: tuple[tuple[int, Origin | None], ...]  # where a run ends, and its fact

    def origin(self, at: int) -> Origin | None:
        """The fact that the letter at this place came from."""
        return next((where for end, where in self.stretches if at < end), None)


def contents(block: Block) -> Iterator[Inlines]:
    """The lines of a block: its paragraphs, cells, captions and notes."""
    match block:
        case Table():
            yield block.caption
            yield from (cell.content for row in (*block.head, *block.rows) for cell in row)
            yield from block.notes
        case Figure():
            yield block.caption
        case Listing():
            for item in block.items:
                for inner in item:
                    yield from contents(inner)
        case _:
            yield block.content


def pieces(section: Section) -> Iterator[Piece]:
    """Every line of a section as a piece of text, in reading order."""
    for block in section.blocks:
        for line in contents(block):
            text, stretches = "", []
            for inline in flat(line):
                if isinstance(inline, Run | Reference):
                    text += inline.text
                    stretches.append((len(text), inline.origin if isinstance(inline, Run) else None))
            if text.strip():
                yield Piece(text, tuple(stretches))
