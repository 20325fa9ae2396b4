"""What a Word file holds: valid, the same on any day, traceable, and finished when it says so."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree

from dossiers.blocks import (
    Cell,
    Column,
    Cover,
    Draft,
    Figure,
    Footnote,
    Gap,
    Inlines,
    Kind,
    Listing,
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
from dossiers.word import Unfinished, anchors, kept, names, write

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
TANDEM = "{urn:tandem:origins:1}"


def text(*parts: str) -> Inlines:
    return tuple(Run(part) for part in parts)


def draft(*blocks: Any, **changes: Any) -> Draft:
    section = Section("S.1", "S.1", "General", 1, tuple(blocks))
    return replace(Draft("impd-q", Cover("Dossier", "X-1", "Product", "Sponsor"), (section,)), **changes)


def table(anchor: str = "t", columns: int = 2, label: str = "Table 1", rows: int = 2) -> Table:
    row = tuple(Cell(text(f"value {n}")) for n in range(columns))
    return Table(anchor, text("Results"), tuple(Column() for _ in row), (row,), (row,) * rows, (), label)


def body(document: etree._Element) -> list[etree._Element]:
    return list(document[0])


# ---------------------------------------------------------------- the whole file


def test_a_file_holds_no_faults(rich_docx: bytes, faults: Callable[[bytes], list[str]]) -> None:
    assert faults(rich_docx) == []


@pytest.mark.node
def test_microsofts_validator_agrees(rich_docx: bytes, word_faults: Callable[[bytes], list[str]]) -> None:
    assert word_faults(rich_docx) == []


def test_same_inputs_give_the_same_bytes_in_any_process(rich: Draft, rich_docx: bytes) -> None:
    kept._cache.kept.clear()
    assert write(rich) == rich_docx
    program = (
        "import hashlib\nfrom dossiers.blocks import *\nfrom dossiers.word import write\n"
        "texts = [f'{a}{b} word' for a in 'abcdefgh' for b in 'abcdefgh']\n"
        "rows = tuple((Cell((Run(t, frozenset({Mark.BOLD, Mark.ITALIC})),)), Cell((Run(t),))) for t in texts)\n"
        "t = Table('t', (), (Column(Kind.SHORT), Column()), (), rows)\n"
        "d = Draft('x', Cover('D', 'c', 'p', 's'), (Section('a', '1', 'A', 1, (t,)),))\n"
        "print(hashlib.sha256(write(d)).hexdigest())"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            env=os.environ | {"PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(made) == 1


def test_the_committed_template_is_the_built_one(opened: Any) -> None:
    from dossiers import paths
    from dossiers.word.template import build

    committed = (paths.templates() / "dossiers" / "reference.docx").read_bytes()
    assert opened(committed).parts == opened(build()).parts, (
        "run: python -m dossiers.word.template templates/dossiers/reference.docx"
    )


def test_python_docx_opens_it(rich_docx: bytes) -> None:
    import io

    import docx

    opened = docx.Document(io.BytesIO(rich_docx))
    assert opened.core_properties.title == "Investigational medicinal product dossier: quality"
    assert opened.core_properties.author == "Tandem"
    assert opened.core_properties.created is not None
    assert opened.core_properties.created.isoformat().startswith("2026-11-25")


def test_an_empty_draft_is_a_file_too(faults: Callable[[bytes], list[str]]) -> None:
    assert faults(write(Draft("x", Cover("", "", "", ""), ()))) == []


# ---------------------------------------------------------------- places


def test_each_anchor_has_its_bookmark(rich: Draft, rich_docx: bytes, opened: Any) -> None:
    marks = [e.get(f"{W}name") for e in opened(rich_docx).document.iter(f"{W}bookmarkStart")]
    assert sorted(marks) == sorted(anchors(rich).values())


def test_bookmarks_of_like_anchors_differ() -> None:
    made = {names.bookmark(anchor) for anchor in ("S.4.1", "S_4_1", "S-4-1", "S.4.1 ", "é", "è", "x" * 90, "x" * 91)}
    assert len(made) == 8
    assert all(len(name) <= 40 for name in made)


def test_two_parts_with_one_anchor_are_refused() -> None:
    with pytest.raises(ValueError, match="same anchor: t"):
        write(draft(table(), table()))


def test_ids_that_meet_are_given_again(monkeypatch: pytest.MonkeyPatch, faults: Callable[[bytes], list[str]]) -> None:
    real = names.number
    for module in ("body", "grid", "markup"):  # a checksum of three bits meets itself soon; the salt widens it
        monkeypatch.setattr(
            f"dossiers.word.{module}.number",
            lambda kind, name, salt: 0x40000000 | real(kind, name, salt) % (8 << (4 * salt)),
        )
    kept._cache.kept.clear()
    sections = tuple(Section(f"k{n}", str(n), "T", 1, (table(f"t{n}"),)) for n in range(12))
    made = write(draft(sections=sections))
    kept._cache.kept.clear()
    assert faults(made) == []


def test_each_value_is_findable_by_record_and_fact(rich_docx: bytes, opened: Any, said: Any) -> None:
    """In running text by the tag of its control, in a table by row and cell of the table's control."""
    parts = opened(rich_docx)
    name = next(
        n
        for n in parts.parts
        if n.startswith("customXml/item") and b"urn:tandem:origins" in parts.parts[n] and "Props" not in n
    )
    origins = parts.xml(name)
    shelf_life = origins.xpath("//*[@kind='product'][@key='inv-1']/*[@fact='shelf_life']")[0]
    controls = {
        c.find(f"{W}sdtPr/{W}tag").get(f"{W}val"): c
        for c in parts.document.iter(f"{W}sdt")
        if c.find(f"{W}sdtPr/{W}tag") is not None
    }
    assert said(controls[shelf_life.get("tag")]) == "24\u00a0months"

    viability = origins.xpath("//*[@kind='batch'][@key='INV-020'][@id='id-batch-INV-020']/*[@fact='viability']")[0]
    grid = origins.xpath("//*[local-name()='table'][@anchor='t-batch']")[0]
    row, cell = next(
        (r, c)
        for r, line in enumerate(grid)
        for c, numbers in enumerate(line.text.split(" "))
        if viability.get("n") in numbers.split(",")
    )
    found = controls[grid.get("tag")].findall(f".//{W}tr")[row].findall(f"{W}tc")[cell]
    assert said(found) == "90.9"
    assert len(grid) == 61


def test_every_origin_of_a_draft_is_in_the_map(rich: Draft, rich_docx: bytes, opened: Any) -> None:
    parts = opened(rich_docx)
    name = next(n for n in parts.parts if b"<origins" in parts.parts[n])
    listed = {
        (r.get("kind"), r.get("key"), r.get("id"), v.get("fact"))
        for r in parts.xml(name).iter(f"{TANDEM}record")
        for v in r
    }
    table_rows = [
        cell
        for section in rich.sections
        for b in section.blocks
        if isinstance(b, Table)
        for row in b.rows
        for cell in row
    ]
    wanted = {
        item.origin for cell in table_rows for item in cell.content if isinstance(item, Run | Gap) and item.origin
    }
    assert {(o.kind, o.key, o.id, o.fact) for o in wanted} <= listed
    assert len(wanted) > 100


def test_sections_stand_in_controls(rich: Draft, rich_docx: bytes, opened: Any) -> None:
    controls = opened(rich_docx).document.iter(f"{W}sdt")
    tags = [str(tag.get(f"{W}val")) for c in controls if (tag := c.find(f"{W}sdtPr/{W}tag")) is not None]
    assert [t for t in dict.fromkeys(tags) if t.startswith("s:")] == [f"s:{s.key}" for s in rich.sections]
    assert "t:t-stab" in tags


# ---------------------------------------------------------------- fields and fronts


def instructions(document: etree._Element, first: str) -> list[str]:
    return [e.text.strip() for e in document.iter(f"{W}instrText") if e.text and e.text.split()[0] == first]


def test_contents_hold_their_entries(rich: Draft, opened: Any, said: Any) -> None:
    pages = tuple((anchor, n) for n, anchor in enumerate(anchors(rich), 3))
    document = opened(write(replace(rich, pages=pages))).document
    lines = [
        said(p)
        for p in document.iter(f"{W}p")
        if (s := p.find(f"{W}pPr/{W}pStyle")) is not None
        and str(s.get(f"{W}val")).startswith("TOC")
        and len(str(s.get(f"{W}val"))) == 4
    ]
    assert lines == [f"{s.number}\t{s.title}\t{n}" for n, s in enumerate(rich.sections, 3)]
    assert instructions(document, "TOC") == [
        'TOC \\o "1-3" \\h \\z',
        'TOC \\h \\z \\c "Table"',
        'TOC \\h \\z \\c "Figure"',
    ]


def test_without_pages_the_contents_show_none(rich_docx: bytes, opened: Any) -> None:
    assert instructions(opened(rich_docx).document, "PAGEREF") == []


def test_lists_of_tables_and_figures_only_where_there_are_any(opened: Any) -> None:
    assert instructions(opened(write(draft())).document, "TOC") == ['TOC \\o "1-1" \\h \\z']


def test_captions_count_by_fields_and_references_repeat_them(rich_docx: bytes, opened: Any, said: Any) -> None:
    document = opened(rich_docx).document
    assert len(instructions(document, "SEQ")) == 4
    assert instructions(document, "REF") == [f"REF {names.bookmark('t-stab')} \\h", f"REF {names.bookmark('P.8')} \\h"]
    paragraph = next(p for p in document.iter(f"{W}p") if "vapour" in said(p))
    assert "(see Table 3 and section 2.1.P.8)" in said(paragraph)


@pytest.mark.parametrize(
    ("reference", "fields"),
    [
        (Reference("t", "see Table 1 below"), 1),
        (Reference("t", "the results"), 0),  # a link: an update of a REF field would overwrite the words
        (Reference("nowhere", "Table 9"), 0),
    ],
)
def test_a_reference_keeps_its_words(reference: Reference, fields: int, opened: Any, said: Any, faults: Any) -> None:
    made = write(draft(Paragraph((reference,)), table()))
    assert faults(made) == []
    document = opened(made).document
    assert len(instructions(document, "REF")) == fields
    assert any(said(p) == reference.text for p in document.iter(f"{W}p"))


def test_a_changed_label_reaches_sections_kept_from_before(opened: Any, said: Any) -> None:
    first = Section("a", "1", "A", 1, (Paragraph((Reference("t", "Table 1"),)),))
    for label in ("Table 1", "Table 2"):
        made = draft(sections=(first, Section("b", "2", "B", 1, (table(label=label),))))
        held = instructions(opened(write(made)).document, "REF")
        assert len(held) == (label == "Table 1")


def test_headers_and_properties_know_the_document(rich_docx: bytes, opened: Any, said: Any) -> None:
    parts = opened(rich_docx)
    header, footer = said(parts.xml("word/header1.xml")), said(parts.xml("word/footer1.xml"))
    assert (
        header
        == "INV-1  ·  Investigational medicinal product dossier: qualityVersion draftDraft: 2 gaps, not for submission"
    )
    assert footer == "Confidential  ·  INV-1-IMPD-QPage 1 of 1"
    custom = {p.get("name"): p[0].text for p in parts.xml("docProps/custom.xml")}
    assert custom["ProductCode"] == "INV-1"
    assert custom["Outline"] == "impd-q"
    assert custom["Status"] == "Draft: 2 gaps, not for submission"


def test_a_file_speaks_the_language_of_its_draft(opened: Any) -> None:
    said_in = Run("in vitro", lang="la")
    parts = opened(write(draft(Paragraph((said_in,)), lang="de-AT")))
    assert parts.xml("word/styles.xml").find(f".//{W}rPrDefault//{W}lang").get(f"{W}val") == "de-AT"
    assert [e.get(f"{W}val") for e in parts.document.iter(f"{W}lang")] == ["la"]


# ---------------------------------------------------------------- pages


def orientations(document: etree._Element) -> list[str]:
    return ["landscape" if e.get(f"{W}orient") == "landscape" else "upright" for e in document.iter(f"{W}pgSz")]


def test_wide_tables_turn_their_page_and_keep_headers(rich_docx: bytes, opened: Any) -> None:
    document = opened(rich_docx).document
    assert orientations(document) == ["upright", "landscape", "upright"]
    sections = list(document.iter(f"{W}sectPr"))
    assert {len(s.findall(f"{W}headerReference")) for s in sections} == {2}
    assert [s.find(f"{W}titlePg") is not None for s in sections] == [True, False, False]
    assert all(
        s.getparent().tag == f"{W}body" or s.getparent().getparent().getparent().tag == f"{W}body" for s in sections
    )


def test_wide_tables_in_a_row_share_their_pages(opened: Any) -> None:
    sections = tuple(Section(f"k{n}", str(n), "T", 1, (table(f"t{n}", 12),)) for n in range(3))
    assert orientations(opened(write(draft(sections=sections))).document) == ["upright", "landscape"]


def test_a_long_text_before_a_wide_table_stays_upright(opened: Any, said: Any) -> None:
    document = opened(write(draft(Paragraph(text("word " * 400)), table(columns=12)))).document
    turn = next(i for i, e in enumerate(body(document)) if e.find(f"{W}pPr/{W}sectPr") is not None)
    assert "word" in said(body(document)[turn - 1])
    assert "value" not in said(body(document)[turn - 1])


def test_column_widths_fill_the_page(rich_docx: bytes, opened: Any) -> None:
    for grid in opened(rich_docx).document.iter(f"{W}tblGrid"):
        widths = [int(c.get(f"{W}w")) for c in grid]
        assert sum(widths) in (9412, 14344)
        assert min(widths) > 400


# ---------------------------------------------------------------- tables and lists


def test_numbers_stand_on_their_decimal_mark(opened: Any) -> None:
    """Right indents differ by the width of what follows the mark; what is no number is centred."""
    rows = tuple((Cell(text(value)),) for value in ("0.5", "12", "103.25", "not tested"))
    one = Table("t", (), (Column(Kind.NUMBER),), (), rows, (), "Table 1")
    cells = list(opened(write(draft(one))).document.iter(f"{W}tc"))[-4:]
    indents = [c.find(f".//{W}ind") for c in cells]
    values = [int(i.get(f"{W}right")) if i is not None else None for i in indents]
    point, digit = 0.278 * 180, 0.556 * 180
    assert values[3] is None
    assert values[1] - values[0] == pytest.approx(point + digit, abs=2)
    assert values[0] - values[2] == pytest.approx(digit, abs=2)


def test_heading_rows_repeat_and_no_row_is_split(rich_docx: bytes, opened: Any) -> None:
    grid = next(t for t in opened(rich_docx).document.iter(f"{W}tbl") if len(t.findall(f"{W}tr")) == 6)
    rows = grid.findall(f"{W}tr")
    assert [r.find(f"{W}trPr/{W}tblHeader") is not None for r in rows] == [True, True, False, False, False, False]
    assert all(r.find(f"{W}trPr/{W}cantSplit") is not None for r in rows)
    assert grid.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val") == "Table 3: Stability of the drug product"
    assert rows[1][1].find(f"{W}tcPr/{W}vMerge").get(f"{W}val") is None


def test_no_cell_is_lost_where_spans_do_not_add_up(opened: Any, said: Any, faults: Any) -> None:
    rows = (
        (Cell(text("a"), down=3), Cell(text("b"), across=5), Cell(text("c"))),
        (Cell(text("d")), Cell(text("e"), down=9)),
        (),
        tuple(Cell(text(f"f{n}")) for n in range(4)),
    )
    made = write(draft(Table("t", (), (Column(),), (), rows)))
    assert faults(made) == []
    written = [said(c) for c in opened(made).document.iter(f"{W}tc")]
    assert [w for w in written if w in {"a", "b", "c", "d", "e", "f0", "f1", "f2", "f3"}] == [
        "a",
        "b",
        "c",
        "d",
        "e",
        "f0",
        "f1",
        "f2",
        "f3",
    ]


def test_each_numbered_list_begins_at_one(rich_docx: bytes, opened: Any) -> None:
    parts = opened(rich_docx)
    used = [e.get(f"{W}val") for e in parts.document.iter(f"{W}numId")]
    numbers = {n.get(f"{W}numId"): n for n in parts.xml("word/numbering.xml").iter(f"{W}num")}
    restarted = {i for i in used if numbers[i].find(f"{W}lvlOverride/{W}startOverride") is not None}
    assert len(restarted) == 6  # two lists of three levels each
    levels = [e.get(f"{W}val") for e in parts.document.iter(f"{W}ilvl")]
    assert levels[:6] == ["0", "0", "1", "1", "2", "2"]


def test_a_picture_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Figure 1 \(f\) is not a PNG"):
        write(draft(Figure("f", (), "alt", Still(b"GIF89a"), label="Figure 1")))


def test_figures_say_what_they_show(rich_docx: bytes, opened: Any) -> None:
    shown = [
        e.get("descr")
        for e in opened(rich_docx).document.iter(
            "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
        )
    ]
    assert shown == ["Bars that grow"]


def test_the_same_picture_twice_is_kept_once(picture: bytes, opened: Any, faults: Any) -> None:
    made = write(draft(Figure("f", (), "a", Still(picture)), Figure("g", (), "b", Still(picture))))
    assert faults(made) == []
    assert len([name for name in opened(made).parts if name.startswith("word/media/")]) == 1


# ---------------------------------------------------------------- drafts and finals

GAP = Gap("Shelf life: not found", Origin("product", "p", "1", "shelf_life"))
DOUBT = Run("88", frozenset({Mark.UNVERIFIED}), Origin("batch", "B1", "2", "viability"))


def final(made: Draft) -> Draft:
    return replace(made, cover=replace(made.cover, final=True, version="1.0"))


def test_a_draft_shows_gaps_doubts_and_remarks(opened: Any, said: Any) -> None:
    remark = Remark("S.1", "Where from?", DOUBT.origin)
    parts = opened(write(draft(Paragraph((GAP, DOUBT)), remarks=(remark, Remark("gone", "Lost & found")))))
    highlighted = [
        said(r.getparent().getparent())
        for r in parts.document.iter(f"{W}highlight")
        if r.getparent().getparent().tag == f"{W}r"
    ]
    assert "[Shelf life: not found]" in "".join(highlighted) or len(highlighted) == 2
    comments = list(parts.xml("word/comments.xml"))
    assert [(c.get(f"{W}author"), said(c)) for c in comments] == [("Tandem", "Where from?"), ("Tandem", "Lost & found")]
    assert {c.get(f"{W}date") for c in comments} == {"1980-01-01T00:00:00Z"}
    start = next(e for e in parts.document.iter(f"{W}commentRangeStart") if e.get(f"{W}id") == "0")
    assert said(start.getnext()) == "88"


def test_a_final_with_gaps_or_doubts_is_refused_by_name() -> None:
    note = Paragraph((Run("x"), Footnote((DOUBT,))))
    with pytest.raises(Unfinished) as refused:
        write(final(draft(Paragraph((GAP,)), note)))
    assert refused.value.places == (
        "S.1 General: [Shelf life: not found]",
        "S.1 General: batch B1: viability (not re-read at its source)",
    )
    assert "Shelf life" in str(refused.value)


def test_a_final_shows_no_status_and_no_remarks(opened: Any, said: Any) -> None:
    made = final(draft(Paragraph(text("Done.")), remarks=(Remark("S.1", "Where from?"),)))
    parts = opened(write(made))
    assert "word/comments.xml" not in parts.parts
    assert said(parts.xml("word/header1.xml")).endswith("Version 1.0")
    assert not any("How to read this draft" in said(p) for p in parts.document.iter(f"{W}p"))


def test_a_note_in_a_note_stands_in_brackets(opened: Any, said: Any, faults: Any) -> None:
    inner = Footnote((Run("inner", origin=Origin("a", "b", "c", "d")),))
    made = write(draft(Paragraph((Run("x"), Footnote((Run("outer"), inner))))))
    assert faults(made) == []
    assert said(list(opened(made).xml("word/footnotes.xml"))[-1]) == " outer [inner]"


def test_sections_are_taken_from_where_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    made = draft(Paragraph(text("kept")), Listing(False, ((Paragraph(text("one")),),)))
    first = write(made)
    monkeypatch.setattr("dossiers.word.kept.compose", None)  # would fail if called
    assert write(replace(made, sections=tuple(replace(s) for s in made.sections))) == first
    assert hashlib.sha256(first).digest()


def test_what_is_kept_has_a_limit() -> None:
    cache = kept.Cache(limit=10_000)
    for n in range(40):
        section = Section(f"k{n}", str(n), "T", 1, (Paragraph(text("word " * 50)),))
        setting = kept.Setting({}, kept.Geometry())
        cache.keep(kept.Key(section, setting), kept.compose(section, setting))
    assert 0 < cache.size <= 10_000
    assert cache.size == sum(f.size for f in cache.kept.values())
