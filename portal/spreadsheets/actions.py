"""The verb of an import: all rows that a person saw and did not leave out, or none."""

from __future__ import annotations

from collections.abc import Sequence

from dossiers.records import RECORDS
from portal.db import held
from portal.models import Project
from portal.records.actions import Adding, fill
from portal.spreadsheets.queries import Fate, Plan, newest, plan
from portal.spreadsheets.tables import Table
from portal.trail import Unit


class Blocked(Exception):
    """The import was not made: rows are wrong, or the project moved on since the preview. `plan` shows it anew."""

    def __init__(self, sentence: str, shown: Plan):
        super().__init__(sentence)
        self.plan = shown


def take(session: Unit, project: Project, tables: Sequence[Table], without: frozenset[str], seen: int) -> Plan:
    """What was written: the tables' rows but those in `without`. `seen`: the change number the preview showed.

    Raises `Blocked` while a row is wrong or the project is not as it was: then nothing is written.
    """
    session.get(Project, project.id, with_for_update=True)
    found = plan(session, project, tables, without)
    if newest(session, project) != seen:
        raise Blocked("The project was changed since this preview; look at it again before you import.", found)
    if wrong := found.of(Fate.WRONG):
        some = "a row is" if len(wrong) == 1 else f"{len(wrong)} rows are"
        raise Blocked(
            f"Nothing was imported: {some} wrong. Mend the file, or tick the rows that are to be left out.", found
        )
    adding: dict[str, Adding] = {}
    for row in found.rows:
        model = RECORDS.get(row.kind)
        if model is None:
            continue
        if row.fate is Fate.CHANGED and row.record is not None:
            fill(held(session, model, row.record.uid, row.typed.revision), row.typed, found.names)
        elif row.fate is Fate.ADDED:
            if row.kind not in adding:
                adding[row.kind] = Adding(session, project, model, found.names)
            adding[row.kind].one(row.typed)
    session.flush()
    return found
