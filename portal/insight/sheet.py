"""The table of projects as a workbook: every column that the reader may see, a row a project.

Scores stay empty where the reader may not see them, exactly as where there are none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from sqlalchemy import and_, func, select
from sqlmodel import col

from dossiers.checks.reports import text_cell
from dossiers.stage import Stage
from portal.config import HERE
from portal.courses import Went, went
from portal.gates.rules import in_force
from portal.insight.queries import Ahead, Walk, ahead, rows
from portal.insight.worth import KINDS, NOTHING, Points, Sum, points, product_types, sums
from portal.models import Project
from portal.portfolio.queries import Asked, matching, ordered, tandems
from portal.programme import Task
from portal.rights import Asker
from portal.trail import Unit

Value = str | int | Decimal | date | None
STRANGE = re.compile(f"^[=+@-]|{ILLEGAL_CHARACTERS_RE.pattern}")  # texts that need care to stay what they are


@dataclass(frozen=True)
class Line:
    """All that a row is made of."""

    project: Project
    seen: Walk
    ahead: Ahead | None
    valued: Points | None
    money: Sequence[Sum]
    product_type: str
    tandem: tuple[str, ...]
    tasks: int

    @property
    def since(self) -> date | None:
        """The day the project came to where it stands."""
        moved = self.went.moved if self.went else None
        return moved.astimezone(HERE).date() if moved else None

    @property
    def days(self) -> int:
        """Whole days it has been there, without time on hold."""
        return self.went.age(self.seen.now) if self.went else 0

    @property
    def weeks(self) -> int | None:
        """Weeks up to the gate ahead by the rulebook."""
        return self.seen.weeks.get(self.went.gate.id) if self.went and self.went.gate else None

    @property
    def went(self) -> Went | None:
        """How the project went; None where nothing was decided."""
        return self.seen.went.get(self.project.id)

    def sum(self, kind: str) -> Decimal | None:
        """The money of that kind; None where none of any kind is kept."""
        return sum((one.amounts[kind] for one in self.money), NOTHING) if self.money else None


COLUMNS: tuple[tuple[str, int, Callable[[Line], Value]], ...] = (  # heading, width, value
    ("Project", 14, lambda x: x.project.key),
    ("Title", 60, lambda x: x.project.title),
    ("Stage", 18, lambda x: Stage(x.project.stage).label),
    ("At this stage since", 18, lambda x: x.since),
    ("Days at this stage, without hold", 16, lambda x: x.days),
    ("Weeks to the gate by the rulebook", 16, lambda x: x.weeks),
    ("Gate ahead", 24, lambda x: f"{x.ahead.gate.id} {x.ahead.gate.name}" if x.ahead else None),
    ("Gate expected", 14, lambda x: x.ahead.expected if x.ahead else None),
    ("Decided by", 20, lambda x: x.ahead.gate.chair.label if x.ahead else None),
    ("Tandem", 36, lambda x: ", ".join(x.tandem)),
    ("Class of product", 26, lambda x: x.product_type),
    ("Open tasks", 10, lambda x: x.tasks),
    *((f"{kind.capitalize()}, EUR", 14, lambda x, kind=kind: x.sum(kind)) for kind in KINDS),
    ("Need, weighted points", 12, lambda x: x.valued.need if x.valued else None),
    ("Feasibility, of 5", 12, lambda x: x.valued.feasibility if x.valued else None),
    ("Confidential", 12, lambda x: "yes" if x.project.confidential else "no"),
    ("Invented", 10, lambda x: "yes" if x.project.invented else "no"),
)


def lines(session: Unit, who: Asker, asked: Asked, now: datetime) -> tuple[Line, ...]:
    """The projects that the list shows on all its pages, in its order. A fixed number of queries."""
    kept = matching(session, who, asked)
    projects = rows(session, lambda query: ordered(query.where(*kept), asked))
    found = went(session, and_(*kept))
    seen = Walk(projects, found, {p: one.stays(now) for p, one in found.items()}, in_force(session), now)
    gates = {one.project.id: one for one in ahead(seen)}
    money, kinds, names = sums(session, who), product_types(session, who), tandems(session, projects)
    scored = points(session, who, projects)
    tasks = _tasks(session, kept)
    return tuple(
        Line(
            p, seen, gates.get(p.id), scored.get(p.id), money.get(p.id, ()), kinds.get(p.id, ""),
            tuple(names.get(p.id, ())), tasks.get(p.id, 0),
        )
        for p in projects
    )  # fmt: skip


def _tasks(session: Unit, kept: Sequence[Any]) -> Mapping[UUID, int]:
    query = (
        select(col(Task.project_id), func.count())
        .where(col(Task.done_at).is_(None), col(Task.project_id).in_(select(col(Project.id)).where(*kept)))
        .group_by(col(Task.project_id))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def xlsx(of: Sequence[Line]) -> bytes:
    """The lines as a workbook, every column a filter. Texts that look like formulas stay texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Projects")
    sheet.freeze_panes = "B2"
    for n, (_, width, _) in enumerate(COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([text_cell(sheet, heading, bold=True) for heading, _, _ in COLUMNS])
    for line in of:
        values = [value(line) for _, _, value in COLUMNS]
        sheet.append([text_cell(sheet, v) if isinstance(v, str) and STRANGE.search(v) else v for v in values])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(of) + 1}"
    out = BytesIO()
    book.save(out)
    return out.getvalue()
