"""Dates, money, tasks and slots of the demo's invented projects, out of a readable seed that says so in every line."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import yaml

from portal.models import Project
from portal.paths import seeds
from portal.programme import Deadline, Money, SlotNeed, Task
from portal.roles import Role
from portal.trail import Unit


def programme() -> dict[str, Any]:
    """The seed as it is written: its note, and project key → dates, money, tasks, slots."""
    return dict(yaml.safe_load((seeds() / "demo_programme.yaml").read_text(encoding="utf-8")))


def plant(session: Unit, project: Project, today: date) -> int:
    """How many dates, sums, tasks and needs of slots were added to a new demo project.

    Raises `ValueError` for one that is real.
    """
    said = programme()
    mine: dict[str, list[dict[str, Any]]] = said["projects"].get(project.key, {})
    if mine and not project.invented:
        raise ValueError(f"{project.key} is no invented project, so nothing may be invented for it.")
    session.flush()  # the project's row comes before rows that point to it
    rows = [
        *(_date(project, today, {"note": said["note"], **line}) for line in mine.get("dates", ())),
        *(_sum(project, today, {"note": said["note"], **line}) for line in mine.get("money", ())),
        *(_task(project, today, {"note": said["note"], **line}) for line in mine.get("tasks", ())),
        *(_slots(project, {"note": said["note"], **line}) for line in mine.get("slots", ())),
    ]
    session.add_all(rows)
    return len(rows)


def _day(today: date, weeks: int) -> date:
    return today + timedelta(weeks=weeks)


def _date(project: Project, today: date, line: dict[str, Any]) -> Deadline:
    done = _day(today, line["done_weeks"]) if "done_weeks" in line else None
    return Deadline(
        project_id=project.id, kind=line["kind"], title=line["title"], on=_day(today, line["weeks"]), done_on=done,
        note=line["note"],
    )  # fmt: skip


def _sum(project: Project, today: date, line: dict[str, Any]) -> Money:
    return Money(
        project_id=project.id, source=line["source"], kind=line["kind"], amount=Decimal(line["amount"]),
        on=_day(today, line["weeks"]), gate=line.get("gate", ""), note=line["note"],
    )  # fmt: skip


def _task(project: Project, today: date, line: dict[str, Any]) -> Task:
    return Task(
        project_id=project.id, title=line["title"], owner_role=line["owner"], due=_day(today, line["weeks"]),
        detail=line["note"],
    )  # fmt: skip


def _slots(project: Project, line: dict[str, Any]) -> SlotNeed:
    note, by = f"{line['rests']} {line['note']}", f"Demo {Role(line['by']).label}"
    return SlotNeed(project_id=project.id, slots=line["slots"], note=note, by=by)
