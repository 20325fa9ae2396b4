"""The programs that other tests lean on do what their fixtures promise."""

from __future__ import annotations

import io
from collections.abc import Callable

import docx
import pytest
import sqlalchemy
from playwright.sync_api import Page


def small_document() -> bytes:
    document = docx.Document()
    document.add_paragraph("Viability ≥ 70 %, 1 × 10⁶ cells")
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def test_each_test_has_an_empty_database(database_url: str) -> None:
    engine = sqlalchemy.create_engine(database_url)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE only_here (id INTEGER)")
        assert sqlalchemy.inspect(engine).get_table_names() == ["only_here"]
    finally:
        engine.dispose()


@pytest.mark.browser
def test_the_browser_shows_a_page(page: Page) -> None:
    page.set_content("<h1>Tandem</h1>")
    assert page.get_by_role("heading", name="Tandem").is_visible()


@pytest.mark.office
def test_the_office_makes_a_pdf_whose_text_can_be_read(
    to_pdf: Callable[[bytes], bytes], pdf_text: Callable[[bytes], str]
) -> None:
    assert "Viability ≥ 70 %, 1 × 10⁶ cells" in pdf_text(to_pdf(small_document()))


@pytest.mark.node
def test_the_validator_tells_a_good_document_from_a_bad_one(word_faults: Callable[[bytes], list[str]]) -> None:
    assert word_faults(small_document()) == []
    document = docx.Document()
    document.element.body.insert(0, document.element.body.makeelement(document.element.tag))
    file = io.BytesIO()
    document.save(file)
    assert word_faults(file.getvalue()) != []
