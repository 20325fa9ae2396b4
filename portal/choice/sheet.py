"""The answer of a what-if as a workbook: the projects with their reasons, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from dossiers.checks.reports import text_cell
from portal.choice.answer import Answer
from portal.choice.words import METHOD
from portal.filters import capital, moment

COLUMNS = (
    ("Project", 14), ("Title", 60), ("Stage", 18), ("Taken", 10), ("Pinned", 10), ("Value, points", 14),
    ("Money still needed, EUR", 16), ("Slots", 8), ("Why", 90),
)  # fmt: skip


def xlsx(answer: Answer, at: datetime) -> bytes:
    """The workbook: a sheet of projects in the answer's order, one of those set apart, one of limits and method."""
    book = Workbook(write_only=True)
    rows = [
        (
            line.key, line.project.title, line.project.standing_at.label, "yes" if line.taken else "no",
            line.pinned, line.one.value, line.one.money, line.one.slots, line.why,
        )
        for line in answer.lines
    ]  # fmt: skip
    _sheet(book, "What-if", COLUMNS, rows)
    apart = [
        (a.project.key, a.project.title, a.project.standing_at.label, capital("; ".join(a.why))) for a in answer.apart
    ]
    _sheet(book, "Not to choose from", (*COLUMNS[:3], ("What is missing", 60)), apart)
    facts = [(name, said) for name, said in answer.facts if said]
    said = [*facts, ("Worked out", moment(at)), *(("Method", sentence) for sentence in METHOD)]
    _sheet(book, "Basis", (("What", 24), ("Said", 120)), said)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Workbook, name: str, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[object]]) -> None:
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "B2"
    for n, (_, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([text_cell(sheet, heading, bold=True) for heading, _ in columns])
    for row in rows:
        sheet.append([text_cell(sheet, value) if isinstance(value, str) else value for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
