"""Page, Word and PDF say the same words: those of the tree, in its order."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from dossiers import office, plain
from dossiers import word as writer
from dossiers.blocks import Draft
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


@pytest.fixture(scope="module")
def printed(sample: Draft, office: str, pdf_text: Callable[[bytes], str]) -> str:
    from dossiers import office as press

    return pdf_text(press.pdf(writer.write(sample)))


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


@pytest.mark.office
def test_the_pdf_says_nothing_else(sample: Draft, printed: str) -> None:
    """What more there is comes from the cover, headers and contents, or is a number the program gives."""
    cover = sample.cover
    known = " ".join([plain.text(sample), cover.document, cover.product, cover.code, cover.sponsor, cover.status, cover.version,
                      cover.confidentiality, *(word for line in cover.lines for word in line)])  # fmt: skip
    extra = Counter("".join(c for c in printed if c.isalnum() or c.isspace()).lower().split())
    for word in "".join(c for c in known if c.isalnum() or c.isspace()).lower().split():
        extra.pop(word, None)
    assert sorted(word for word in extra if not word.isdigit()) == []


@pytest.mark.office
@pytest.mark.usefixtures("office")
def test_pages_in_the_contents_are_right_and_stay_so(sample: Draft) -> None:
    """Pages put into the contents list do not move what they were taken from."""
    from dataclasses import replace

    anchors = [section.key for section in sample.sections] + ["table-batches", "figure-flow", "figure-photo"]
    pages = office.pages(writer.write(sample), anchors)
    assert sorted(pages) == sorted(anchors)
    assert min(pages.values()) > 1  # a cover and contents come first
    second = writer.write(replace(sample, pages=tuple(pages.items())))
    assert office.pages(second, anchors) == pages
