"""CSV: the table of one kind as text that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io
import re

from portal.db import Refused
from portal.spreadsheets.tables import Line, Table, columns_of, headings, title

_RUNS = re.compile(r"'*[=+\-@\t]")  # what a spreadsheet might take for a formula, or a text we marked as none
_NUMERAL = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


def write(table: Table) -> bytes:
    """The table as CSV (UTF-8 with a mark, commas, a row of headings); what looks like a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings(table.kind)[name] for name in table.columns)
    for line in table.lines:
        writer.writerow(harmless(line.cells.get(name, "")) for name in table.columns)
    return out.getvalue().encode("utf-8-sig")


def harmless(text: str) -> str:
    """`text` as a cell that no spreadsheet runs; `plain` gives it back."""
    return f"'{text}" if _RUNS.match(text) and not _NUMERAL.fullmatch(text) else text


def plain(text: str) -> str:
    """The text that `harmless` marked."""
    return text[1:] if text.startswith("'") and _RUNS.match(text[1:]) else text


def read(data: bytes, kind: str) -> Table:
    """The table a CSV file holds. Raises `Refused` with a sentence."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(
            "The file is not UTF-8 text. In your spreadsheet choose “CSV UTF-8” when saving, or send an XLSX file."
        ) from None
    if "\0" in text:
        raise Refused("The file is no CSV: it holds a character that no text has. Send a CSV or an XLSX file.")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as why:
        raise Refused(f"The file is not CSV: {why}. Save it anew from your spreadsheet.") from None
    if not rows:
        raise Refused(f"The file is empty. Its first row holds headings, as the export of {title(kind)} has them.")
    columns = columns_of(kind, rows[0])
    lines = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) > len(columns) and any(cell.strip() for cell in row[len(columns) :]):
            raise Refused(f"Row {number} has {len(row)} cells, but there are {len(columns)} headings; mend the row.")
        cells = {name: plain(cell) for name, cell in zip(columns, row, strict=False) if name}
        if any(cell.strip() for cell in cells.values()):
            lines.append(Line(number, {name: cells.get(name, "") for name in columns if name}))
    return Table(kind, tuple(name for name in columns if name), tuple(lines))
