"""Page, Word and PDF say the same words: those of the tree, in its order."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dossiers import office as press
from dossiers import plain
from dossiers import word as writer
from dossiers.binder import load
from dossiers.blocks import Draft
from dossiers.compose import compose
from dossiers.outlines import outlines
from dossiers.paths import folder
from dossiers.word.markup import NAMESPACES

W = f"{{{NAMESPACES['w']}}}"


def part(docx: bytes, name: str) -> etree._Element | None:
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        return etree.fromstring(archive.read(name)) if name in archive.namelist() else None


def said(element: etree._Element, hung: list[str]) -> Iterator[str]:
    """The words under an element, whatever controls they stand in; the notes hung on them go to `hung`."""
    for child in element:
        match child.tag.removeprefix(W):
            case "t":
                yield child.text or ""
            case "br" | "tab" | "cr":
                yield " "
            case "footnoteReference":
                hung.append(str(child.get(f"{W}id")))
            case "instrText" | "drawing" | "pPr" | "rPr" | "sdtPr" | "tblPr" | "comments":
                pass
            case "p":
                yield from said(child, hung)
                yield "\n"
            case _:
                yield from said(child, hung)


def sections_of(docx: bytes) -> list[str]:
    """The words of each section of a Word file, its notes at its end, read from its content controls."""
    document = part(docx, "word/document.xml")
    notes = part(docx, "word/footnotes.xml")
    assert document is not None
    kept = {} if notes is None else {str(note.get(f"{W}id")): note for note in notes.iter(f"{W}footnote")}
    found: dict[str, tuple[list[str], list[str]]] = {}
    for control in document.iter(f"{W}sdt"):
        tag = control.find(f"{W}sdtPr/{W}tag")
        name = "" if tag is None else str(tag.get(f"{W}val"))
        if name.startswith("s:"):
            lines, hung = found.setdefault(name, ([], []))
            lines += said(control, hung)
    return [
        "".join([*lines, *("".join(said(kept[note], [])) + "\n" for note in hung)]) for lines, hung in found.values()
    ]


def test_word_says_the_words_of_the_draft(sample: Draft) -> None:
    words = [section.split() for section in sections_of(writer.write(sample))]
    assert words == ["\n".join(plain.section_lines(section)).split() for section in sample.sections]


@settings(max_examples=30)
@given(data=st.data())
def test_word_says_the_words_of_any_draft(drafts: st.SearchStrategy[Draft], data: st.DataObject) -> None:
    draft = data.draw(drafts)
    found = "".join("".join(sections_of(writer.write(draft))).split())
    assert found == "".join(plain.text(draft).split())


@pytest.mark.parametrize("path", sorted(folder("seeds").glob("demo/*.yaml")), ids=lambda path: path.stem)
def test_word_says_the_words_of_every_demo_document(path: Path) -> None:
    binder = load(path.read_text("utf-8"), path.name)
    for document in outlines():
        draft = compose(document, binder)
        words = "".join(sections_of(writer.write(draft))).split()
        assert words == plain.text(draft).split()
        assert len(words) > 500


@pytest.fixture(scope="module")
def printed(sample: Draft, office: str, pdf_text: Callable[[bytes], str]) -> str:
    """The PDF's text from the page on which the first section begins."""
    pdf = press.pdf(writer.write(sample))
    first = press.destinations(pdf, writer.anchors(sample))[sample.sections[0].key]
    return "\f".join(pdf_text(pdf).split("\f")[first - 1 :])


@pytest.mark.office
def test_the_pdf_says_every_block_of_the_draft(sample: Draft, printed: str) -> None:
    run_on = "".join(printed.split())
    missing = [
        passage
        for section in sample.sections
        for line in plain.section_lines(section)
        for passage in line.split("\t")
        if "".join(passage.split()) not in run_on
    ]
    assert missing == []


def bare(text: str) -> list[str]:
    """The words without signs, and without a note's number that a PDF sets against its word."""
    kept = "".join(c for c in text if c.isalnum() or c.isspace()).lower().split()
    return [word.rstrip("0123456789") for word in kept]


@pytest.mark.office
def test_the_pdf_says_nothing_else(sample: Draft, printed: str) -> None:
    """What more there is stands in headers and footers, or is a number the program gives."""
    cover = sample.cover
    margins = [cover.document, cover.code, cover.sponsor, cover.status, cover.version, cover.confidentiality]
    known = bare(" ".join([plain.text(sample), *margins, "Version Page of", "ARI-0001-IMPD-Q", "12 Mar 2026"]))
    assert sorted(set(bare(printed)) - set(known) - {""}) == []


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_pages_in_the_contents_are_right_and_stay_so(sample: Draft) -> None:
    """Pages put into the contents list do not move what they were taken from."""
    anchors = writer.anchors(sample)
    pages = press.pages(writer.write(sample), anchors)
    assert sorted(pages) == sorted(anchors)
    assert min(pages.values()) > 1  # a cover and contents come first
    second = writer.write(replace(sample, pages=tuple(pages.items())))
    assert press.pages(second, anchors) == pages
