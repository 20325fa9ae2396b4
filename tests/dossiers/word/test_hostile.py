"""Whatever a person types, anywhere: the file is whole and says the same, character for character."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dossiers.blocks import (
    Block,
    Cell,
    Column,
    Cover,
    Draft,
    Figure,
    Footnote,
    Gap,
    Heading,
    Inlines,
    Kind,
    Listing,
    Manner,
    Mark,
    Origin,
    Paragraph,
    Reference,
    Remark,
    Run,
    Section,
    Still,
    Table,
)
from dossiers.word import write

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

HOSTILE = (
    st.text(st.characters(exclude_categories=()), max_size=10)  # controls, lone surrogates, noncharacters
    | st.sampled_from(
        ["]]>", "<w:p/>", "&amp;", "\r\n", "\x00\x01n0\x01", "\ufffe", "a\tb", "  two  ", "{{ x }}", "\ud83d"]
    )
)
ORIGINS = st.none() | st.builds(Origin, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
RUNS = st.builds(
    Run, HOSTILE, st.frozensets(st.sampled_from(Mark)), ORIGINS, st.sampled_from(["", "la", 'x"', "de-AT"])
)
LEAVES = (
    RUNS | st.builds(Gap, HOSTILE, ORIGINS, HOSTILE) | st.builds(Reference, st.sampled_from("abct") | HOSTILE, HOSTILE)
)
INLINES = st.lists(LEAVES | st.builds(Footnote, st.lists(LEAVES, max_size=2).map(tuple)), max_size=3).map(tuple)
PARAGRAPHS = st.builds(Paragraph, INLINES, st.sampled_from(Manner))
ITEMS = st.recursive(
    st.tuples(PARAGRAPHS),
    lambda items: st.tuples(
        PARAGRAPHS, st.builds(Listing, st.booleans(), st.lists(items, max_size=2).map(tuple)), PARAGRAPHS
    ),
    max_leaves=4,
)
LISTINGS = st.builds(Listing, st.booleans(), st.lists(ITEMS, max_size=3).map(tuple))
CELLS = st.builds(Cell, INLINES, st.integers(0, 3), st.integers(0, 3), st.booleans())
ROWS = st.lists(st.lists(CELLS, max_size=3).map(tuple), max_size=3).map(tuple)
COLUMNS = st.lists(st.builds(Column, st.sampled_from(Kind), st.sampled_from([0.0, 0.3, 2.0])), max_size=3).map(tuple)
LABELS = st.sampled_from(["", "Table 3", "Table"]) | HOSTILE
TABLES = st.builds(Table, st.just("t"), INLINES, COLUMNS, ROWS, ROWS, st.lists(INLINES, max_size=2).map(tuple), LABELS)


@st.composite
def drafts(draw: st.DrawFn, png: bytes) -> Draft:
    simple: Any = PARAGRAPHS | LISTINGS | st.builds(Heading, st.integers(-1, 9), INLINES)
    blocks: list[list[Block]] = [draw(st.lists(simple, max_size=3)) for _ in "abc"]
    blocks[draw(st.integers(0, 2))].append(draw(TABLES))
    blocks[draw(st.integers(0, 2))].append(Figure("f", draw(INLINES), draw(HOSTILE), Still(png), label=draw(LABELS)))
    sections = tuple(
        Section(key, draw(HOSTILE), draw(HOSTILE), draw(st.integers(-1, 12)), tuple(own))
        for key, own in zip("abc", blocks, strict=True)
    )
    cover = Cover(
        *(draw(HOSTILE) for _ in range(5)),
        None,
        draw(HOSTILE),
        draw(HOSTILE),
        ((draw(HOSTILE), draw(HOSTILE)),),
        ((draw(HOSTILE), draw(HOSTILE), draw(HOSTILE)),),
    )
    remarks = draw(st.lists(st.builds(Remark, st.sampled_from("abx"), HOSTILE, ORIGINS), max_size=2))
    return Draft(draw(HOSTILE), cover, sections, tuple(remarks), draw(st.sampled_from(["en-GB", '">'])))


def legal(text: str) -> str:
    """XML 1.0, 2.2: what is no Char is written as U+FFFD."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


class Words:
    """What a reader must find of a draft: its passages in order, and the notes in theirs."""

    def __init__(self, draft: Draft) -> None:
        self.notes: list[str] = []
        self.passages = [line for section in draft.sections for line in self.section(section) if line]

    def inlines(self, content: Inlines, in_note: bool = False) -> str:
        out = ""
        for item in content:
            if isinstance(item, Footnote):
                at = len(self.notes)
                self.notes.append("")
                self.notes[at] = self.inlines(item.content)
            else:
                out += legal(item.text)
        return out

    def section(self, section: Section) -> Iterator[str]:
        yield legal(f"{section.number}\t{section.title}" if section.number else section.title)
        for block in section.blocks:
            yield from self.block(block)

    def block(self, block: Block) -> Iterator[str]:
        match block:
            case Heading(_, content) | Paragraph(content):
                yield self.inlines(content)
            case Listing(_, items):
                yield from (line for item in items for inner in item for line in self.block(inner))
            case Table():
                yield self.caption(block)
                yield from (self.inlines(cell.content) for row in (*block.head, *block.rows) for cell in row)
                yield from map(self.inlines, block.notes)
            case Figure():
                yield self.caption(block)

    def caption(self, block: Table | Figure) -> str:
        separator = ": " if block.label and block.caption else ""
        return legal(block.label) + separator + self.inlines(block.caption)


@given(data=st.data())
def test_any_text_survives_the_way_to_word_and_back(
    data: st.DataObject,
    picture: bytes,
    opened: Any,
    said: Callable[[etree._Element], str],
    faults: Callable[[bytes], list[str]],
) -> None:
    draft = data.draw(drafts(picture))
    made = write(draft)
    assert faults(made) == []
    parts = opened(made)
    controls = [c for c in parts.document[0] if c.tag == f"{W}sdt"]
    found = [said(p) for control in controls for p in control.iter(f"{W}p")]
    wanted = Words(draft)
    assert [line for line in found if line] == wanted.passages
    notes = [said(note) for note in parts.xml("word/footnotes.xml")][2:]
    assert notes == [f" {note}" for note in wanted.notes]


@given(st.text(st.characters(exclude_categories=())))
def test_properties_hold_what_was_typed(opened: Any, value: str) -> None:
    parts = opened(write(Draft(value, Cover(value, value, value, value, value), ())))
    assert parts.xml("docProps/core.xml")[0].text == (legal(value) or None)
    custom = {p.get("name"): p[0].text for p in parts.xml("docProps/custom.xml")}
    assert custom["Sponsor"] == (legal(value) or "–")
