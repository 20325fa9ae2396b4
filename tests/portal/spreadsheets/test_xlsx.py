"""What goes into a workbook or a CSV file comes out letter for letter, and runs nowhere."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from dossiers.facts import by_name
from dossiers.reading import Unreadable, clean, read_one
from dossiers.records import RECORDS
from portal.spreadsheets import delimited, xlsx
from portal.spreadsheets.tables import LARGEST, Line, Table, headings, is_same

BATCH = by_name(RECORDS["batch"])
LINES = BATCH["remark"]


def allowed(text: str) -> bool:
    try:
        return clean(LINES, text, lines=True) == text != ""
    except Unreadable:
        return False


def readable(text: str) -> bool:
    try:
        return read_one(BATCH["size"], text) is not None
    except Unreadable:
        return False


texts = st.text(max_size=60).filter(allowed) | st.sampled_from(
    [
        "=1+1",
        "+3",
        "-2",
        "@x",
        "'=x",
        "''-",
        "_x0041_",
        "_x005F_x0041_",
        "a\nb",
        "1.50",
        "TRUE",
        "#N/A",
        "2026-01-02",
        "'",
    ]
)
numbers = st.decimals(allow_nan=False, allow_infinity=False).map(str).filter(readable)
days = st.dates().map(lambda d: d.isoformat())


@given(st.lists(st.tuples(texts, numbers, days), min_size=1, max_size=5))
def test_every_text_number_and_day_comes_back(rows: list[tuple[str, str, str]]) -> None:
    columns = ("key", "remark", "size", "date")
    lines = tuple(Line(n, dict(zip(columns, (f"k{n}", *row), strict=True))) for n, row in enumerate(rows, 2))
    table = Table("batch", columns, lines)
    (back,) = xlsx.read(xlsx.write([table], {}))
    for line, was in zip(back.lines, lines, strict=True):
        assert line.number == was.number
        assert line.cells["remark"] == was.cells["remark"]
        assert line.cells["date"] == was.cells["date"]
        assert (
            read_one(BATCH["size"], line.cells["size"]).as_tuple()
            == read_one(BATCH["size"], was.cells["size"]).as_tuple()
        )
    assert delimited.read(delimited.write(table), "batch") == table


@pytest.mark.parametrize("text", ["=cmd()", "+1+cmd", "-1+cmd", "@SUM(A1)", "\t=x"])
def test_what_looks_like_a_formula_is_text(text: str) -> None:
    table = Table("batch", ("key", "remark"), (Line(2, {"key": "k", "remark": text}),))
    cell = load_workbook(io.BytesIO(xlsx.write([table], {})))["Batches"]["B2"]
    assert (cell.data_type, cell.quotePrefix, cell.value) == ("s", True, text)
    written = delimited.write(table).decode("utf-8-sig").splitlines()[1]
    assert written.removeprefix("k,").lstrip('"').startswith("'")


def test_a_plain_number_stays_one_in_csv() -> None:
    assert delimited.harmless("-12.5") == "-12.5"


@pytest.mark.parametrize("kind", RECORDS)
def test_headings_are_unique(kind: str) -> None:
    made = [text.casefold() for text in headings(kind).values()]
    assert len(set(made)) == len(made)


@pytest.mark.parametrize(
    ("fact", "now", "text", "same"),
    [
        ("size", "0.50", "0.5", True), ("size", "0.50", "0.51", False),
        ("size", "", "0", False), ("size", "1", "x", False),
        ("remark", "a\nb", "a\r\nb", True), ("remark", "a", "A", False), ("use", "a\nb", "a\nb ", True),
    ],
)  # fmt: skip
def test_a_number_is_compared_by_its_worth(fact: str, now: str, text: str, same: bool) -> None:
    assert is_same(BATCH[fact], now, text) is same


def test_a_text_no_cell_can_hold_is_longer_than_this() -> None:
    assert LARGEST == 32_767
