"""A project's dates and money, and what they come to: stops before a filing, tranches that wait for a gate."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import show_date
from portal.programme import Deadline, Money, SlotNeed
from portal.trail import Unit

KINDS = MappingProxyType({"milestone": "milestone", "filing": "patent filing", "disclosure": "disclosure"})
SUMS = MappingProxyType({"asked": "asked for", "committed": "committed", "spent": "spent"})
NOTHING = Decimal(0)
MOST_SLOTS = 500
AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")
WHOLE = re.compile(r"[0-9]{1,6}")
SPACES = re.compile(r"[ \u00a0\u2009\u202f]")


def amount(text: str) -> Decimal | None:
    """A sum in EUR as somebody types it, such as 125000 or 125 000.50; None for what is none."""
    said = SPACES.sub("", text.strip())
    return Decimal(said) if AMOUNT.fullmatch(said) else None


def whole(text: str) -> int | None:
    """A whole number as somebody types it, such as 4; None for what is none."""
    said = SPACES.sub("", text.strip())
    return int(said) if WHOLE.fullmatch(said) else None


@dataclass(frozen=True, slots=True)
class Dated:
    """A milestone, filing or disclosure; `stops` says why a disclosure may not happen on its day."""

    row: Deadline
    is_overdue: bool
    stops: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Its kind in words."""
        return KINDS.get(self.row.kind, self.row.kind)


def dates(session: Unit, project: UUID, today: date) -> tuple[Dated, ...]:
    """The dates of a project: what is open first, by day; then what is done, the last first. One query."""
    rows = list(session.scalars(select(Deadline).where(col(Deadline.project_id) == project).order_by(col(Deadline.on))))
    open_ = [row for row in rows if row.done_on is None]
    done = sorted((row for row in rows if row.done_on), key=lambda row: row.done_on or row.on, reverse=True)
    return tuple(
        Dated(row, row.done_on is None and row.on < today, stops(row, rows, today) if row.kind == "disclosure" else ())
        for row in (*open_, *done)
    )


def stops(disclosure: Deadline, rows: Iterable[Deadline], today: date) -> tuple[str, ...]:
    """Why the disclosure comes before a filing, a sentence for each filing: what is published first is not new.

    A filing that is done counts on that day; an open one on the day it is planned for. One that is open and late
    counts for never: when it will be filed is not known. Novelty is judged on the date of filing: European Patent
    Convention, Article 54(2) (recalled, to be verified by a patent attorney).
    """
    day = disclosure.done_on or disclosure.on
    return tuple(
        f"“{filing.title}” {_state(filing, today)}: nothing is published before a filing."
        for filing in rows
        if filing.kind == "filing" and (_is_late(filing, today) or day < (filing.done_on or filing.on))
    )


def _is_late(filing: Deadline, today: date) -> bool:
    return filing.done_on is None and filing.on < today


def _state(filing: Deadline, today: date) -> str:
    if filing.done_on:
        return f"was filed only on {show_date(filing.done_on)}"
    if _is_late(filing, today):
        return f"was due on {show_date(filing.on)} and is not filed; move it to its new day, or file it"
    return f"is to be filed on {show_date(filing.on)}, which is later"


# ---------------------------------------------------------------- money


@dataclass(frozen=True, slots=True)
class Source:
    """What one source gives, in EUR. `waiting` is committed and waits for a gate; `free` is committed and released."""

    name: str
    asked: Decimal
    free: Decimal
    waiting: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What is released and not spent; below zero where more was spent."""
        return self.free - self.spent


@dataclass(frozen=True, slots=True)
class Purse:
    """The money of a project: by source, by line, and the tranches that wait with the gate each waits for."""

    sources: tuple[Source, ...]
    lines: tuple[Money, ...]
    tranches: tuple[tuple[Money, bool], ...]  # (line, whether its gate is passed)

    @property
    def total(self) -> Source:
        """All sources together."""
        parts = [[getattr(s, name) for s in self.sources] for name in ("asked", "free", "waiting", "spent")]
        return Source("All sources", *(sum(part, NOTHING) for part in parts))


def purse(session: Unit, project: UUID, passed: Collection[str]) -> Purse:
    """The money of a project whose gates `passed` are passed. One query."""
    query = select(Money).where(col(Money.project_id) == project).order_by(col(Money.on), col(Money.id))
    return summed(list(session.scalars(query)), passed)


def summed(lines: Sequence[Money], passed: Collection[str]) -> Purse:
    """What `lines` come to."""

    def waits(line: Money) -> bool:
        return line.kind == "committed" and bool(line.gate) and line.gate not in passed

    def of(source: str, kind: str, held: bool = False) -> Decimal:
        found = (x.amount for x in lines if x.source == source and x.kind == kind and waits(x) is held)
        return sum(found, NOTHING)

    sources = tuple(
        Source(s, of(s, "asked"), of(s, "committed"), of(s, "committed", held=True), of(s, "spent"))
        for s in sorted({line.source for line in lines}, key=str.casefold)
    )
    tranches = tuple((line, not waits(line)) for line in lines if line.kind == "committed" and line.gate)
    return Purse(sources, tuple(lines), tranches)


# ---------------------------------------------------------------- slots


def slots(session: Unit, project: UUID) -> SlotNeed | None:
    """How many clean-room slots the project needs for its next stage; None where nobody has said. One query."""
    return session.scalars(select(SlotNeed).where(col(SlotNeed.project_id) == project)).one_or_none()
