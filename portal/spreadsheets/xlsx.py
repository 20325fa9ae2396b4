"""XLSX: tables as a workbook with instructions and lists to choose from, and back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from dossiers.facts import Fact, Form, by_name, facts
from dossiers.records import RECORDS
from portal.db import Refused
from portal.spreadsheets.tables import ABOUT, Line, Table, columns_of, headings, kind_of, title

INSTRUCTIONS = "Read me"
LISTS = "Lists"
LARGEST = 200_000_000  # bytes of a workbook unpacked
MOST = 500_000  # cells of a workbook
_STARTS = ("=", "+", "-", "@", "\t")
_HEAD, _FILL = Font(bold=True), PatternFill("solid", fgColor="E8F0F8")

READ_ME = (
    "Each sheet holds the records of one kind, a row each. Do not rename sheets and headings; columns may be left out.",
    "The column Key says which record a row is. A row with an unknown key, or without one, becomes a new record.",
    "A cell left empty means: no value. A row that is not in the sheet is left as it is; nothing is ever removed.",
    "A link to another record holds the key of that record. Several values stand in lines of one cell (Alt+Enter).",
    "Days are written as 2026-03-12. The unit stands in the heading; do not write it in the cell.",
    "Before anything is written, Tandem shows row by row what would change; one wrong row stops the whole file.",
)


def write(tables: Sequence[Table], lists: Mapping[str, Sequence[str]]) -> bytes:
    """The tables as a workbook; `lists`: kind of link → the keys to offer."""
    book = Workbook()
    _instructions(book.active, tables)
    offers = _Lists(book, lists)
    for table in tables:
        sheet = book.create_sheet(title(table.kind))
        _rows(sheet, table)
        if table.kind != ABOUT:
            offers.offer(sheet, table)
    offers.finish()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _instructions(sheet: Any, tables: Sequence[Table]) -> None:
    sheet.title = INSTRUCTIONS
    heads = ["Sheet", "Column", "What to enter", "Form", "Words to choose from"]
    rows = [["How to fill this in"], *([sentence] for sentence in READ_ME), [], heads]
    for table in tables:
        for f in facts(RECORDS[table.kind]) if table.kind != ABOUT else ():
            words = ", ".join(c.label for c in f.choices) if f.choices else ""
            form = f"key of a record in “{title(f.to)}”" if f.is_link else f.form.value
            rows.append([title(table.kind), headings(table.kind)[f.name], f.ask, form, words])
    for number, row in enumerate(rows, 1):
        for at, text in enumerate(row, 1):
            _put(sheet.cell(number, at), text)
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[len(READ_ME) + 3]:
        cell.font, cell.fill = _HEAD, _FILL
    for letter, width in zip("ABCDE", (28, 34, 60, 30, 60), strict=True):
        sheet.column_dimensions[letter].width = width


def _rows(sheet: Any, table: Table) -> None:
    known = by_name(RECORDS[table.kind]) if table.kind != ABOUT else {}
    for at, name in enumerate(table.columns, 1):
        head = sheet.cell(1, at)
        _put(head, headings(table.kind)[name])
        head.font, head.fill, head.alignment = _HEAD, _FILL, Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(at)].width = 40 if name in known and _is_long(known[name]) else 20
        for number, line in enumerate(table.lines, 2):
            if text := line.cells.get(name, ""):
                _value(sheet.cell(number, at), text, known.get(name))
    sheet.freeze_panes = "B2"


def _is_long(f: Fact) -> bool:
    return f.form in (Form.TEXT, Form.PROSE, Form.LINES)


def _value(cell: Any, text: str, f: Fact | None) -> None:
    """Put a text as what it is: a number or a day where that loses no digit, else as text."""
    if f is not None and f.form in (Form.NUMBER, Form.INTEGER) and (made := _numeric(text)):
        cell.value, cell.number_format = made
    elif f is not None and f.form is Form.DATE and text > "1901":
        cell.value, cell.number_format = date.fromisoformat(text), "yyyy-mm-dd"
    else:
        _put(cell, text)
        cell.alignment = Alignment(wrap_text="\n" in text, vertical="top")


def _put(cell: Any, text: str) -> None:
    """Put a text so that no spreadsheet runs it, and so that it comes back letter for letter."""
    cell.value = re.sub(r"_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    cell.data_type = "s"
    if text.startswith(_STARTS):
        cell.quotePrefix = True


def _numeric(text: str) -> tuple[float, str] | None:
    """(number, format) that shows and gives back exactly the digits of `text`; None if a spreadsheet cannot."""
    plain = re.fullmatch(r"-?\d+(?:\.(\d+))?(E[+-]?\d+)?", text)
    if not plain or len(_exact(text).digits) > 15:  # more digits no spreadsheet keeps
        return None
    form = "0" + (f".{'0' * len(plain[1])}" if plain[1] else "") + ("E+00" if plain[2] else "")
    number = float(text)
    back = _digits(number, form)
    kept = back is not None and _exact(back) == _exact(text) and abs(number) < 1e300
    return (number, form) if kept and not (number == 0 and text.startswith("-")) else None


def _exact(text: str) -> Any:
    return Decimal(text).as_tuple()


def _digits(number: float, form: str) -> str | None:
    """A number as its format shows it; None for a format that is not ours."""
    found = re.fullmatch(r"0(?:\.(0+))?(E\+00)?", form)
    return f"{Decimal(repr(number)):.{len(found[1] or '')}{'E' if found[2] else 'f'}}" if found else None


class _Lists:
    """The hidden sheet of words to choose from, and the validations that point to it."""

    def __init__(self, book: Workbook, keys: Mapping[str, Sequence[str]]):
        self.sheet, self.keys = book.create_sheet(LISTS), keys
        self.places: dict[str, str] = {}

    def offer(self, sheet: Any, table: Table) -> None:
        for at, name in enumerate(table.columns, 1):
            f = by_name(RECORDS[table.kind]).get(name)
            if f is None or f.form not in (Form.CHOICE, Form.LINK, Form.YESNO) or not (place := self.place(f)):
                continue
            rule = DataValidation("list", formula1=place, allow_blank=True, errorStyle="warning")
            rule.error, rule.errorTitle = "Choose a word of the list.", "Not in the list"
            rule.showErrorMessage = True
            letter = get_column_letter(at)
            rule.add(f"{letter}2:{letter}{max(1_000, len(table.lines) + 500)}")
            sheet.add_data_validation(rule)

    def place(self, f: Fact) -> str:
        """The range that holds the words of a fact; "" for an empty list."""
        name = f.to or (f.choices.__name__ if f.choices else "yes or no")
        if name not in self.places:
            words = self.keys.get(f.to, ()) if f.to else [c.label for c in f.choices] if f.choices else ["yes", "no"]
            at = len(self.places) + 1
            for number, word in enumerate([name, *words], 1):
                _put(self.sheet.cell(number, at), word)
            letter = get_column_letter(at)
            self.places[name] = f"{LISTS}!${letter}$2:${letter}${len(words) + 1}" if words else ""
        return self.places[name]

    def finish(self) -> None:
        self.sheet.sheet_state = "hidden"


# ---------------------------------------------------------------- reading


def read(data: bytes) -> list[Table]:
    """The tables of a workbook, in the order of its sheets. Raises `Refused` with a sentence."""
    book = _open(data)
    tables = []
    for sheet in book.worksheets:
        if sheet.title in (INSTRUCTIONS, LISTS):
            continue
        kind = kind_of(sheet.title)
        if kind is None:
            raise Refused(f"The workbook has a sheet “{sheet.title}” that is no kind of record; remove or rename it.")
        if (found := _table(sheet, kind)) is not None:
            tables.append(found)
    if not tables:
        raise Refused("The workbook holds no sheet of facts. Export one first to see how its sheets look.")
    return tables


def _open(data: bytes) -> Workbook:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise Refused(f"The workbook unpacks to more than {LARGEST // 1_000_000} MB; split it.")
        return load_workbook(io.BytesIO(data), data_only=True)
    except Refused:
        raise
    except Exception:  # noqa: BLE001 (a broken workbook breaks openpyxl in a hundred ways)
        raise Refused(
            "This is no workbook that can be read. Save it as an Excel workbook (.xlsx), without a password."
        ) from None


def _table(sheet: Any, kind: str) -> Table | None:
    if sheet.max_row * sheet.max_column > MOST:
        raise Refused(f"The sheet “{sheet.title}” has more than {MOST:,} cells; remove what is not facts.")
    rows = sheet.iter_rows()
    first = next(rows, None)
    if first is None or not any(cell.value for cell in first):
        return None
    columns = columns_of(kind, [_text(cell) for cell in first])
    lines = []
    for number, row in enumerate(rows, 2):
        cells = {name: _text(cell) for name, cell in zip(columns, row, strict=True) if name}
        if any(text.strip() for text in cells.values()):
            lines.append(Line(number, cells))
    return Table(kind, tuple(name for name in columns if name), tuple(lines))


def _text(cell: Any) -> str:
    """What a cell says, as a person would type it."""
    match value := cell.value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            shown = _digits(value, cell.number_format)
            same = shown is not None and float(shown) == value
            return shown if same and shown is not None else repr(value).removesuffix(".0")
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date():
            return value.isoformat()
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), str(value))
