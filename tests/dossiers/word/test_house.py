"""A house template lends its styles, pages, headers, footers and cover."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.shared import Mm

from dossiers.blocks import Draft
from dossiers.word import write
from dossiers.word.package import Package

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NAMESPACE = W.strip("{}")


def field(name: str) -> Any:
    return parse_xml(
        f'<w:p xmlns:w="{NAMESPACE}"><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DOCPROPERTY '
        f'"{name}" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>old</w:t></w:r>'
        '<w:r><w:t> text</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
    )


@pytest.fixture(scope="module")
def template() -> bytes:
    """A template as a German Word would save it, with a cover, on narrow pages that lie on their side."""
    document = docx.Document()
    for style in document.styles.element.iter(f"{W}style", f"{W}basedOn", f"{W}next", f"{W}link"):
        for key in (f"{W}styleId", f"{W}val"):
            style_id = style.get(key)
            if style_id and re.fullmatch(r"Heading[1-9]", style_id):
                style.set(key, style_id.replace("Heading", "berschrift"))
    section = document.sections[0]
    section.page_width, section.page_height, section.left_margin, section.right_margin = (
        Mm(297),
        Mm(210),
        Mm(30),
        Mm(20),
    )
    section.header.paragraphs[0]._p.addnext(field("ProductCode"))
    section.footer.paragraphs[0].text = "House footer"
    document.add_paragraph("The house's own cover")
    document.element.body[-1].addprevious(field("Product"))
    document.element.body[-1].addprevious(
        parse_xml(
            f'<w:p xmlns:w="{NAMESPACE}"><w:fldSimple w:instr="DOCPROPERTY Version"><w:r><w:t>?</w:t></w:r>'
            "</w:fldSimple></w:p>"
        )
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def made(rich: Draft, template: bytes) -> bytes:
    return write(rich, template)


def test_a_document_in_house_style_holds_no_faults(made: bytes, faults: Callable[[bytes], list[str]]) -> None:
    assert faults(made) == []


@pytest.mark.node
def test_microsofts_validator_agrees(made: bytes, word_faults: Callable[[bytes], list[str]]) -> None:
    assert word_faults(made) == []


def test_styles_go_by_name_not_by_id(made: bytes, opened: Any) -> None:
    parts = opened(made)
    used = {e.get(f"{W}val") for e in parts.document.iter(f"{W}pStyle")}
    assert {"berschrift1", "berschrift2", "berschrift3"} <= used
    assert not any(str(style).startswith("Heading") for style in used)
    names = [e.get(f"{W}val").lower() for e in parts.xml("word/styles.xml").iterfind(f"{W}style/{W}name")]
    assert len(names) == len(set(names))
    assert "tandem table text" in names


def test_the_template_brings_cover_headers_and_footers(made: bytes, opened: Any, said: Any) -> None:
    parts = opened(made)
    lines = [said(p) for p in parts.document.iter(f"{W}p")]
    assert lines[:3] == ["The house's own cover", "Inventocabtagene, dispersion for infusion (invented)", "draft"]
    assert "Document control" in lines[3:]
    assert "Signatures" not in lines
    margins = {name: said(parts.xml(name)) for name in parts.parts if re.search(r"/(header|footer)\d*\.xml", name)}
    assert sorted(margins.values()) == ["House footer", "INV-1"]


def test_pages_are_the_templates_turned_upright(made: bytes, opened: Any) -> None:
    sizes = [(int(e.get(f"{W}w")), int(e.get(f"{W}h"))) for e in opened(made).document.iter(f"{W}pgSz")]
    assert [width < height for width, height in sizes] == [True, False, True]
    room = sizes[0][0] - 1701 - 1134
    widths = [sum(int(c.get(f"{W}w")) for c in grid) for grid in opened(made).document.iter(f"{W}tblGrid")]
    assert widths[0] == pytest.approx(room, abs=3)
    assert all(len(e.findall(f"{W}headerReference")) == 1 for e in opened(made).document.iter(f"{W}sectPr"))


def test_a_final_in_house_style_states_its_version(rich: Draft, template: bytes, opened: Any, said: Any) -> None:
    done = replace(
        rich, sections=rich.sections[:1], remarks=(), cover=replace(rich.cover, final=True, version="1.0", status="")
    )
    lines = [said(p) for p in opened(write(done, template)).document.iter(f"{W}p")]
    assert lines[2] == "1.0"
    assert "Final" in lines


def test_the_template_itself_is_left_alone(template: bytes, made: bytes) -> None:
    assert len(Package(template).main.element.body) == 4
