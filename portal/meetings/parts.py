"""What agenda and minutes are made of: parts as data, and short ways to the blocks they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dossiers.blocks import Block, Cell, Column, Inlines, Kind, Listing, Manner, Mark, Paragraph, Run, Section, Table

OWN = "own knowledge, verify"  # no reference outline exists for these papers
CONFIDENTIAL = "Confidential: for the gatekeepers alone"
CAUTION = (
    "This paper names scores and recusals; it goes neither to a project's applicants nor to anybody recused from it."
)
WORDS, NUMBER, SHORT = Column(Kind.TEXT), Column(Kind.NUMBER), Column(Kind.SHORT)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a paper: number, title, what it holds, and on whose authority it stands there."""

    number: str
    title: str
    holds: str
    basis: str = OWN


def bold(text: str) -> Run:
    """The text in bold."""
    return Run(text, frozenset({Mark.BOLD}))


def line(*said: str | Run) -> Paragraph:
    """A paragraph of texts and runs."""
    return Paragraph(_runs(*said))


def note(text: str) -> Paragraph:
    """A paragraph in small print."""
    return Paragraph((Run(text),), Manner.NOTE)


def bullets(texts: Iterable[str]) -> Listing:
    """A bulleted list."""
    return Listing(False, tuple((line(text),) for text in texts))


def prose(text: str, empty: str) -> Iterator[Block]:
    """What somebody wrote, a paragraph for each of theirs; the sentence `empty` where they wrote nothing."""
    for passage in text.split("\n\n") if text.strip() else (empty,):
        if passage.strip():
            yield line(passage.strip())


def _runs(*said: str | Run) -> Inlines:
    return tuple(part if isinstance(part, Run) else Run(part) for part in said)


def _cell(said: str | Inlines, strong: bool) -> Cell:
    return Cell((Run(said),) if isinstance(said, str) else said, strong=strong)


def table(
    anchor: str, caption: str, columns: Sequence[tuple[str, Column]], rows: Iterable[Sequence[str | Inlines]],
    notes: Sequence[str] = (),
) -> Table:  # fmt: skip
    """A table of texts, the first of each row its heading; `columns` are (heading, kind). `anchor`: unique in it."""
    head = tuple(Cell((Run(heading),)) for heading, _ in columns)
    body = tuple(tuple(_cell(said, at == 0) for at, said in enumerate(row)) for row in rows)
    remarks = tuple((Run(text),) for text in notes)
    return Table(anchor, (Run(caption),), tuple(kind for _, kind in columns), (head,), body, remarks)


def pairs(anchor: str, caption: str, rows: Iterable[tuple[str, str | Inlines]]) -> Table:
    """A table of labels and values, the first pair as its heading."""
    first, *rest = rows
    made = table(anchor, caption, (("", Column(share=0.28)), ("", WORDS)), rest)
    return replace(made, head=((_cell(first[0], strong=False), _cell(first[1], strong=False)),))


def labelled(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections with their tables numbered through: "Table 1"."""
    number, made = 0, []
    for section in sections:
        blocks: list[Block] = []
        for block in section.blocks:
            if isinstance(block, Table):
                number += 1
                blocks.append(replace(block, label=f"Table {number}"))
            else:
                blocks.append(block)
        made.append(replace(section, blocks=tuple(blocks)))
    return tuple(made)
