"""A small draft that has one of everything, and a strategy for drafts of any shape with any text."""

from __future__ import annotations

import struct
import zlib
from datetime import date

import pytest
from hypothesis import strategies as st

from dossiers.blocks import (
    Cell,
    Column,
    Cover,
    Draft,
    Figure,
    Footnote,
    Gap,
    Heading,
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
    Standing,
    Still,
    Table,
)

ITALIC = frozenset({Mark.ITALIC})
VIABILITY = Origin("batch", "ARI0001/01", "9b2f", "viability")
HLA = Origin("product", "ari-0001", "77aa", "hla")

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 40 20">'
    '<defs><style type="text/css">*{stroke-linejoin: round}</style><path id="tick" d="M 0 0 L 0 3"/></defs>'
    '<g id="axis_1"><use xlink:href="#tick" style="stroke: #000000"/></g></svg>'
)


def png(width: int = 40, height: int = 20) -> bytes:
    """A white picture of that many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\x00" + b"\xff" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def plain(text: str) -> tuple[Run, ...]:
    return (Run(text),)


def batches() -> Table:
    """Batch analyses: a heading over two columns, a cell over two rows, numbers, a gap, a note."""
    return Table(
        "table-batches",
        (Run("Batch analyses of "), Run("ex vivo", ITALIC, lang="la"), Run(" expanded cells")),
        (Column(), Column(Kind.DATE), Column(Kind.NUMBER), Column(Kind.NUMBER)),
        (
            (Cell(plain("Batch"), down=2), Cell(plain("Made on"), down=2), Cell(plain("Results"), across=2)),
            (Cell(plain("Viability (%)")), Cell((Run("Dose (10"), Run("6", frozenset({Mark.SUP})), Run(" cells)")))),
        ),
        (
            (
                Cell(plain("ARI0001/01"), strong=True),
                Cell(plain("12\u00a0Mar\u00a02026"), down=2),
                Cell((Run("92.5", origin=VIABILITY), Footnote((Run("By flow cytometry."),)))),
                Cell(plain("100")),
            ),
            (Cell(plain("ARI0001/02"), strong=True), Cell(plain("88")), Cell((Gap("Dose", VIABILITY, "not found"),))),
        ),
        ((Run("Acceptance criterion: viability \u2265\u00a070\u00a0%."),),),
        "Table 1",
    )


def sample_sections() -> tuple[Section, ...]:
    hostile = Run('HLA-A*02:01 and HLA-B*07:02 | <b>x</b> &amp; "quoted" {{ no }}', origin=HLA)
    listing = Listing(
        True,
        (
            (Paragraph(plain("Thaw the cells.")), Listing(False, ((Paragraph(plain("Warm the bag.")),),))),
            (Paragraph((Run("Wash them in CO"), Run("2", frozenset({Mark.SUB})), Run(" controlled air."))),),
        ),
    )
    return (
        Section(
            "S.1",
            "S.1",
            "General information",
            1,
            (
                Paragraph(
                    (Run("Donor type: "), hostile, Run("; see "), Reference("table-batches", "Table 1"), Run("."))
                ),
                Heading(1, plain("Nomenclature")),
                Paragraph((Run("First line"), Run("\n"), Run("second line.")), Manner.NOTE),
                Paragraph(plain("As the sponsor wrote."), Manner.QUOTE),
                Paragraph(plain("ACGT ACGT"), Manner.CODE),
                listing,
            ),
        ),
        Section(
            "S.4.4@ari-0001-ds",
            "S.4.4",
            "Batch analyses",
            3,
            (
                Paragraph(
                    (Run("Shelf life: "), Gap("Shelf life", HLA, "not found"), Run(" "), Gap("Nobody owes this"))
                ),
                batches(),
                Paragraph(
                    (
                        Run("Dose 2"),
                        Run("\u00d710", origin=VIABILITY),
                        Run("6", frozenset({Mark.SUP}), VIABILITY),
                        Run(" cells", frozenset({Mark.BOLD, Mark.UNVERIFIED}), VIABILITY),
                        Footnote((Run("Counted twice"), Footnote(plain("By two people.")))),
                    )
                ),
                Figure(
                    "figure-flow", plain("Flow of the process"), "Thaw, wash, fill", Still(png(), SVG), label="Figure 1"
                ),
                Figure("figure-photo", plain("The bag"), 'A bag with a "label"', Still(png()), label="Figure 2"),
            ),
        ),
        Section("P.8", "P.8", "Stability", 2, (Paragraph(plain("Not applicable: frozen.")),), Standing.NOT_APPLICABLE),
    )


def sample() -> Draft:
    return Draft(
        "impd-q",
        Cover(
            "Investigational medicinal product dossier: quality",
            "ARI-0001",
            "Varnimcabtagene <autoleucel>",
            "Invented Sponsor & Co",
            on=date(2026, 3, 12),
            status="Draft: 2 gaps, not for submission",
            lines=(("EU CT number", "2026-500001-11-00"),),
        ),
        sample_sections(),
        (Remark("S.4.4@ari-0001-ds", "Viability of ARI0001/02 has no source.", VIABILITY),),
    )


@pytest.fixture(scope="session", name="sample")
def _sample() -> Draft:
    """A draft with one of everything."""
    return sample()


# ---------------------------------------------------------------- drafts of any shape

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Co", "Cn")), max_size=12) | st.sampled_from(
    ["HLA-A*02:01", "p<0.05", "a|b", "</w:t>", "&amp;", "]]>", "\n", "10\u00a0%", "# x", "1. x", "\u202eabc", "a\tb"]
)
ORIGINS = st.none() | st.builds(Origin, *[TEXT] * 4)
LANGS = st.sampled_from(["", "la", "nl-BE"])
RUNS = st.builds(Run, TEXT, st.frozensets(st.sampled_from(Mark), max_size=2), ORIGINS, LANGS)
LEAVES = RUNS | st.builds(Gap, TEXT, ORIGINS, TEXT) | st.builds(Reference, st.just("S"), TEXT)
INLINES = st.lists(LEAVES | st.builds(Footnote, st.lists(RUNS, max_size=2).map(tuple)), max_size=3).map(tuple)
PARAGRAPHS = st.builds(Paragraph, INLINES, st.sampled_from(Manner))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 4))
    cells = st.builds(Cell, INLINES, strong=st.booleans())
    rows = st.lists(cells, min_size=width, max_size=width).map(tuple)
    columns = tuple(Column(draw(st.sampled_from(Kind))) for _ in range(width))
    head = tuple(draw(st.lists(rows, max_size=2)))
    body = tuple(draw(st.lists(rows, min_size=1, max_size=3)))
    notes = tuple(draw(st.lists(INLINES, max_size=2)))
    return Table("T", draw(INLINES), columns, head, body, notes, "Table 1")


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """One section with any blocks, at most one table and one figure (anchors are unique in a draft)."""
    listings = st.builds(
        Listing,
        st.booleans(),
        st.lists(st.tuples(PARAGRAPHS, PARAGRAPHS) | st.tuples(PARAGRAPHS), min_size=1, max_size=3).map(tuple),
    )
    headings = st.builds(Heading, st.integers(1, 4), INLINES)
    blocks = draw(st.lists(PARAGRAPHS | headings | listings, max_size=4))
    blocks += draw(st.lists(tables(), max_size=1))
    blocks += draw(st.lists(st.builds(Figure, st.just("F"), INLINES, TEXT, st.just(Still(png()))), max_size=1))
    section = Section("S", draw(TEXT), draw(TEXT), draw(st.integers(1, 6)), tuple(blocks))
    remarks = tuple(draw(st.lists(st.builds(Remark, st.just("S"), TEXT, ORIGINS), max_size=1)))
    return Draft("impd-q", Cover(*draw(st.tuples(TEXT, TEXT, TEXT, TEXT))), (section,), remarks)


@pytest.fixture(scope="session", name="drafts")
def _drafts() -> st.SearchStrategy[Draft]:
    """A strategy: drafts of any shape with any text a person can type."""
    return drafts()
