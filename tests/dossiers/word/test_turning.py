"""Landscape pages: for wide tables only, filled with what follows, and what belongs together stays together."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise

import pytest
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
    Heading,
    Kind,
    Manner,
    Paragraph,
    Run,
    Section,
    Still,
    Table,
)
from dossiers.word import write
from dossiers.word.turning import lay
from dossiers.word.widths import FONT, PADDING, Geometry, fit, lines, measure, row_heights

ROOM = Geometry()
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def said(text: str) -> tuple[Run, ...]:
    return (Run(text),)


def paragraph(letters: int) -> Paragraph:
    return Paragraph(said("word " * (letters // 5)))


def table(rows: int, columns: int, text: str = "some words of prose here", kind: Kind = Kind.TEXT) -> Table:
    head = (tuple(Cell(said(f"Heading {n}")) for n in range(columns)),)
    body = tuple(tuple(Cell(said(text)) for _ in range(columns)) for _ in range(rows))
    return Table(
        f"t{rows}-{columns}-{len(text)}", said("Caption"), tuple(Column(kind) for _ in range(columns)), head, body
    )


WIDE = table(30, 8)
LAST_PAGE_HALF_EMPTY = table(3, 10)


def test_a_table_of_a_few_rows_does_not_turn_the_page() -> None:
    assert fit(WIDE, ROOM).sideways
    few = fit(table(4, 7), ROOM)
    assert not few.sideways and not few.small and sum(few.widths) == ROOM.upright
    assert fit(table(4, 10), ROOM).sideways  # too many columns to be read upright


def test_a_table_that_needs_it_takes_small_type_before_it_turns() -> None:
    snug = fit(table(3, 8, "some words", Kind.TEXT), ROOM)
    assert not snug.sideways and sum(snug.widths) == ROOM.upright
    tight = fit(table(3, 9, "unbreakable"), ROOM)
    assert (tight.sideways, tight.small) == (False, True)


def test_what_follows_a_landscape_table_fills_its_page() -> None:
    after = (paragraph(300), table(2, 3), paragraph(100))
    made = lay((LAST_PAGE_HALF_EMPTY, *after), ROOM)
    assert made.turned == (True, True, True, True)
    assert made.fits[2] is not None and sum(made.fits[2].widths) == ROOM.sideways


def test_what_does_not_fit_on_the_landscape_page_stands_upright() -> None:
    made = lay((LAST_PAGE_HALF_EMPTY, table(200, 3)), ROOM)
    assert made.turned == (True, False)


def test_a_full_landscape_page_takes_nothing_more() -> None:
    full = table(13, 10, "one two three four five six")
    height = sum(row_heights(fit(full, ROOM))) % ROOM.height_sideways
    assert height > 0.6 * ROOM.height_sideways
    assert lay((full, table(60, 2)), ROOM).turned == (True, False)


def test_a_text_is_not_turned_without_the_table_it_leads_up_to() -> None:
    made = lay((LAST_PAGE_HALF_EMPTY, paragraph(100), table(300, 3)), ROOM)
    assert made.turned == (True, False, False)


def test_long_text_is_not_turned_to_fill_a_page() -> None:
    assert lay((LAST_PAGE_HALF_EMPTY, paragraph(400), paragraph(400)), ROOM).turned == (True, True, False)
    assert lay((LAST_PAGE_HALF_EMPTY, paragraph(800), table(2, 2)), ROOM).turned == (True, False, False)


def test_short_text_stays_with_the_table_behind_it_and_a_figure_with_its_note() -> None:
    picture = Figure("f", said("Caption"), "alt", Still(b""))
    note, body = Paragraph(said("Note"), Manner.NOTE), paragraph(60)
    assert lay((body, table(2, 2)), ROOM).stays == (True, False)
    assert lay((paragraph(900), table(2, 2)), ROOM).stays == (False, False)
    assert lay((picture, note), ROOM).stays == (True, False)
    assert lay((picture, body), ROOM).stays == (False, False)
    assert lay((), ROOM).stays == ()


# ---------------------------------------------------------------- the file


def body_of(*blocks: Block) -> etree._Element:
    """The main part of a document of one section."""
    cover = Cover("Document", "X", "Product", "Sponsor")
    docx = write(Draft("doc", cover, (Section("1", "1", "Title", 1, blocks),)))
    with zipfile.ZipFile(io.BytesIO(docx)) as parts:
        return etree.fromstring(parts.read("word/document.xml"))


def kept(*blocks: Block) -> list[list[bool]]:
    """For each row of each table in the body: whether it is kept on the page of the next one."""
    body = body_of(*blocks)
    styled = [t for t in body.iter(f"{W}tbl") if t.find(f".//{W}tblHeader") is not None]
    return [
        [row.find(f".//{W}keepNext") is not None for row in t.iter(f"{W}tr") if row.find(f".//{W}tblHeader") is None]
        for t in styled
    ]


def test_a_low_table_stays_on_one_page_and_a_tall_one_flows() -> None:
    low, tall = kept(table(6, 3), table(6, 3, "many words " * 60))
    assert low == [True] * 5 + [False]
    assert tall == [True, False, False, False, True, False]


def test_rows_under_one_merged_cell_stay_together() -> None:
    rows = []
    for group in range(5):
        rows.append((Cell(said(f"Test {group}"), down=3, strong=True), Cell(said("1"))))
        rows += [(Cell(said("2")),), (Cell(said("3")),)]
    head = ((Cell(said("Test")), Cell(said("Result"))),)
    (made,) = kept(Table("t", said("Caption"), (Column(), Column()), head, tuple(rows)))
    assert made == [True, True, False] * 4 + [True, True, False]


def test_no_space_stands_between_a_table_and_a_turned_page() -> None:
    """On a full page such a space would go over to an empty page of its own."""
    body = body_of(paragraph(900), table(2, 2), paragraph(900), table(9, 2), WIDE)
    styles = [style.get(f"{W}val") for style in body.iter(f"{W}pStyle")]
    turns = [n for n, style in enumerate(styles) if style == "SectionBreak"][-2:]
    assert [styles[n - 1] for n in turns] == ["TableText", "SectionBreak"]
    assert "TableEnd" in styles[: turns[0]]


# ---------------------------------------------------------------- whatever comes

BLOCKS = st.one_of(
    st.builds(paragraph, st.integers(5, 2000)),
    st.builds(lambda t: Heading(1, said(t)), st.text("ab ", max_size=20)),
    st.builds(table, st.integers(0, 40), st.integers(1, 12), st.sampled_from(["word", "several words in a row " * 4])),
)


@given(st.lists(BLOCKS, max_size=8))
def test_wide_tables_are_turned_and_every_table_fills_its_page_in_width(blocks: list[Block]) -> None:
    made = lay(tuple(blocks), ROOM)
    assert len(made.turned) == len(made.fits) == len(made.stays) == len(blocks)
    for block, turned, own in zip(blocks, made.turned, made.fits, strict=True):
        if isinstance(block, Table):
            assert own is not None and turned == own.sideways
            assert turned or not fit(block, ROOM).sideways
            assert sum(own.widths) == (ROOM.sideways if turned else ROOM.upright)
    for at, (one, other) in enumerate(pairwise(made.turned)):
        assert not made.stays[at] or one == other


@given(st.text("abc de\n", max_size=200), st.integers(600, 9000))
def test_a_text_never_takes_less_lines_than_its_length(text: str, width: int) -> None:
    assert lines(text, width, FONT) >= sum(max(1, -int(-measure(part, FONT) // width)) for part in text.split("\n"))


@pytest.mark.parametrize("small", [False, True])
def test_a_row_is_as_high_as_its_highest_cell(small: bool) -> None:
    made = fit(table(1, 2, "word " * 40), ROOM)
    count = lines("word " * 40, made.widths[0] - PADDING, FONT)
    assert row_heights(made)[1] == pytest.approx(count * FONT * 1.15 + 105)
    assert len(row_heights(made)) == 2 and not (small and made.small)
