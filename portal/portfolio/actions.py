"""Verbs of a project's page: plan a date, move it, finish it; enter money; say how many slots it needs; take back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import show_date
from portal.db import Refused, held
from portal.models import Person, Project, now
from portal.portfolio.plan import KINDS, MOST_SLOTS, SUMS, amount, slots, stops, whole
from portal.programme import Deadline, Money, SlotNeed
from portal.stages import GATES
from portal.trail import Unit

T = TypeVar("T", Deadline, Money)


@dataclass(frozen=True, slots=True)
class Planned:
    """A date as somebody types it: a kind of `plan.KINDS`, a title, a day as YYYY-MM-DD, a note."""

    kind: str = ""
    title: str = ""
    on: str = ""
    note: str = ""


def plan(session: Unit, project: Project, typed: Planned) -> Deadline:
    """The date, planned. Raises `Refused` with everything to mend, and for a disclosure before an open filing."""
    reasons = []
    if typed.kind not in KINDS:
        reasons.append("Choose whether it is a milestone, a patent filing or a disclosure.")
    if not 4 <= len(typed.title.strip()) <= 300:
        reasons.append("Say in 4 to 300 characters what is to happen.")
    on = _day(typed.on, reasons)
    if reasons or on is None:
        raise Refused(*reasons)
    if on < now().date():
        raise Refused(f"{show_date(on)} lies in the past; give a day that is still to come.")
    made = Deadline(
        project_id=project.id, kind=typed.kind, title=typed.title.strip(), on=on, note=typed.note.strip()[:5_000]
    )
    _refuse_early(session, made)
    session.add(made)
    return made


def _refuse_early(session: Unit, disclosure: Deadline) -> None:
    """Raise `Refused` for a disclosure planned before a filing of its project that is still open."""
    if disclosure.kind != "disclosure":
        return
    open_ = select(Deadline).where(col(Deadline.project_id) == disclosure.project_id, col(Deadline.done_on).is_(None))
    if why := stops(disclosure, session.scalars(open_), now().date()):
        raise Refused(*why, "Choose a later day, or file first.")


def _day(text: str, reasons: list[str]) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        reasons.append(f"“{text.strip()[:40]}” is no day; write it as 2027-03-12." if text.strip() else "Give the day.")
        return None


def move(session: Unit, project: Project, row: tuple[UUID, int], day: str) -> Deadline:
    """The open date `row` (id, revision seen) on another day. Raises `Refused`, `Stale`, `LookupError`."""
    found, on = _open(session, project, row), _read(day)
    if on < now().date():
        raise Refused(f"{show_date(on)} lies in the past; give a day that is still to come.")
    found.on = on
    with session.no_autoflush:
        _refuse_early(session, found)
    return found


def finish(session: Unit, project: Project, row: tuple[UUID, int], day: str) -> Deadline:
    """The date `row` (id, revision seen), done on a day that is not to come. Raises as `move` does."""
    found, on = _open(session, project, row), _read(day)
    if on > now().date():
        raise Refused(f"{show_date(on)} is still to come; what is done was done by today.")
    found.done_on = on
    return found


def _open(session: Unit, project: Project, row: tuple[UUID, int]) -> Deadline:
    found = _mine(session, project, Deadline, row)
    if found.done_on is not None:
        raise Refused(f"This was done before, on {show_date(found.done_on)}.")
    return found


def _mine(session: Unit, project: Project, model: type[T], row: tuple[UUID, int]) -> T:
    found = held(session, model, *row)
    if found.project_id != project.id:
        raise LookupError("This project has no such line.")
    return found


def _read(text: str) -> date:
    reasons: list[str] = []
    on = _day(text, reasons)
    if on is None:
        raise Refused(*reasons)
    return on


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of money as somebody types it; `gate` releases what is committed, or is empty."""

    source: str = ""
    kind: str = ""
    amount: str = ""
    on: str = ""
    gate: str = ""
    note: str = ""


def fund(session: Unit, project: Project, typed: Sum) -> Money:
    """The line of money. Raises `Refused` with everything to mend."""
    reasons = []
    if not 2 <= len(typed.source.strip()) <= 200:
        reasons.append("Say who gives the money, in 2 to 200 characters.")
    if typed.kind not in SUMS:
        reasons.append("Choose whether the sum is asked for, committed or spent.")
    given = amount(typed.amount)
    if not given:
        reasons.append(f"“{typed.amount.strip()[:40]}” is no sum in EUR above 0; write it as 125000 or 125 000.50.")
    if typed.gate and (typed.gate not in GATES or typed.kind != "committed"):
        reasons.append("Only a committed sum waits for a gate, G0 to G7; leave the gate out otherwise.")
    on = _day(typed.on, reasons)
    if on is not None and typed.kind == "spent" and on > now().date():
        reasons.append(f"{show_date(on)} is still to come; what is spent was spent by today.")
    if reasons or on is None or given is None:
        raise Refused(*reasons)
    source = " ".join(typed.source.split())
    known = session.scalars(select(col(Money.source)).where(col(Money.project_id) == project.id).distinct())
    source = next((name for name in known if name.casefold() == source.casefold()), source)
    made = Money(
        project_id=project.id, source=source, kind=typed.kind, amount=given, on=on, gate=typed.gate,
        note=typed.note.strip()[:5_000],
    )  # fmt: skip
    session.add(made)
    return made


# ---------------------------------------------------------------- slots


@dataclass(frozen=True, slots=True)
class Slots:
    """A number of clean-room slots as somebody types it, and what it rests on."""

    number: str = ""
    note: str = ""


def need_slots(session: Unit, person: Person, project: Project, typed: Slots, revision: int) -> SlotNeed:
    """How many clean-room slots the project needs for its next stage, said for the first time (`revision` 0) or anew.

    Raises `Refused` with everything to mend, and `Stale` where somebody said it meanwhile.
    """
    number, note, reasons = whole(typed.number), typed.note.strip(), []
    if number is None or number > MOST_SLOTS:
        reasons.append(f"“{typed.number.strip()[:40]}” is no number of slots; write a whole number, 0 to {MOST_SLOTS}.")
    if not 4 <= len(note) <= 5_000:
        reasons.append("Say in 4 characters or more what the number of slots rests on.")
    if reasons or number is None:
        raise Refused(*reasons)
    session.get(Project, project.id, with_for_update=True)  # two people who say it first do so in turn
    row = slots(session, project.id)
    if row is None:
        row = SlotNeed(project_id=project.id, slots=number, note=note, by=person.name)
        session.add(row)
    elif (row.slots, row.note) != (number, note):
        row = held(session, SlotNeed, row.id, revision)
        row.slots, row.note, row.by, row.at = number, note, person.name, now()
    return row


# ---------------------------------------------------------------- taking back


def because(text: str) -> str:
    """Why something is taken back, as it goes into the trail. Raises `Refused` for too little or too much."""
    said = " ".join(text.split())
    if not 4 <= len(said) <= 500:
        raise Refused("Say in 4 to 500 characters why this is removed.")
    return said


def remove_date(session: Unit, project: Project, row: tuple[UUID, int]) -> Deadline:
    """The open date `row` (id, revision seen), removed. Raises `Refused` for a done one, `Stale`, `LookupError`."""
    found = _mine(session, project, Deadline, row)
    if found.done_on is not None:
        raise Refused(f"This was done on {show_date(found.done_on)}; what happened stays.")
    session.delete(found)
    return found


def remove_sum(session: Unit, project: Project, row: tuple[UUID, int]) -> Money:
    """The line of money `row` (id, revision seen), removed. Raises `Stale`, `LookupError`."""
    found = _mine(session, project, Money, row)
    session.delete(found)
    return found
