"""What LibreOffice makes of a file: headers on every page, heading rows repeated, fields right, pages turned."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader

from dossiers.blocks import Draft

pytestmark = pytest.mark.office


@pytest.fixture(scope="module")
def pdf(rich_docx: bytes, to_pdf: Callable[[bytes], bytes]) -> bytes:
    return to_pdf(rich_docx)


@pytest.fixture(scope="module")
def sheets(pdf: bytes) -> list[str]:
    """The words of each page, white space as one space."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_every_page_but_the_cover_has_header_and_footer(sheets: list[str]) -> None:
    for number, sheet in enumerate(sheets[1:], 2):
        assert "INV-1 · Investigational medicinal product dossier: quality" in sheet
        assert "Draft: 2 gaps, not for submission" in sheet
        assert f"Page {number} of {len(sheets)}" in sheet
        assert "Confidential · INV-1-IMPD-Q" in sheet
    assert "Page 1 of" not in sheets[0]


def test_a_long_table_repeats_its_heading_row(sheets: list[str]) -> None:
    holding = [sheet for sheet in sheets if "Clinical" in sheet]
    assert len(holding) >= 2
    assert all("Manufactured" in sheet and "Viability (%)" in sheet for sheet in holding)


def test_only_the_wide_table_lies_on_its_side_and_the_short_text_behind_it(pdf: bytes, sheets: list[str]) -> None:
    turned = [
        n for n, page in enumerate(PdfReader(io.BytesIO(pdf)).pages) if page.mediabox.width > page.mediabox.height
    ]
    assert [n for n, sheet in enumerate(sheets) if "Time point (months)" in sheet] == turned
    assert len(turned) == 1
    assert "2.1.P.8 Stability" in sheets[turned[0]]
    assert "The process runs in a closed system" in sheets[turned[0]]


def test_references_and_lists_read_right(sheets: list[str]) -> None:
    run_on = " ".join(sheets)
    assert "(see Table 3 and section 2.1.P.8)" in run_on
    assert "Reference source not found" not in run_on
    assert (
        "1. Receive the leukapheresis 2. Select and activate a) Thaw at 37 °C b) Dilute 1:10, then i. wash twice"
        in run_on
    )
    assert run_on.count("1. Receive the leukapheresis") == 2


def test_no_page_is_empty(sheets: list[str]) -> None:
    margins = len(
        "INV-1 · Investigational medicinal product dossier: quality Version draft Draft: 2 gaps, not for submission"
    )
    assert all(len(sheet) > margins + 80 for sheet in sheets)


def test_numbers_of_a_column_stand_on_one_mark(pdf: bytes) -> None:
    """The decimal marks of a page's viabilities lie within a point of each other."""
    ends: list[float] = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        if "INV-010" in (page.extract_text() or ""):
            page.extract_text(
                visitor_text=lambda text, _, place, __, size: (
                    ends.append(_mark(text, place[4], size)) if _is_value(text) else None
                )
            )
    assert len(ends) > 20
    assert max(ends) - min(ends) < 1.0


def _is_value(text: str) -> bool:
    whole, _, tenth = text.strip().partition(".")
    return whole.isdigit() and tenth.isdigit() and len(tenth) == 1 and len(whole) == 2 and int(whole) > 70


def _mark(text: str, left: float, size: float) -> float:
    return left + len(text.strip().partition(".")[0]) * 0.556 * size


def test_the_outline_of_the_pdf_names_each_section(pdf: bytes, rich: Draft) -> None:
    def titles(level: list[Any]) -> list[str]:
        return [t for entry in level for t in (titles(entry) if isinstance(entry, list) else [entry.title])]

    named = titles(PdfReader(io.BytesIO(pdf)).outline)
    assert [t for t in named if t != "Culture"] == [f"{s.number} {s.title}" for s in rich.sections]
    assert "Culture" in named
