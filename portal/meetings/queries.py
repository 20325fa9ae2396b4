"""Questions about gate meetings. Whoever may not judge a project, or is blind to it, gets no answer that depends on it.

A day belongs to its projects: a day of which the asker may know no meeting does not exist for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.records.base import Record
from portal.conflicts import blind_among, conflicts_between, is_blind, owing
from portal.gates.lines import Asked, asked, meeting, scores
from portal.gates.queries import SAYING, Choice, decided, standing
from portal.gates.rules import in_force, of_version
from portal.models import Decision, Person, Project
from portal.people.queries import Member, members
from portal.portfolio.plan import Purse, purse
from portal.programme import Answer, Meeting, Readiness, Task
from portal.rights import Asker, judged_by
from portal.rulebook import Rulebook
from portal.scoring import Card, card
from portal.stages import GATES, MOVES, Gate, Lack, Role, Standing, lacks, refusals, target
from portal.trail import Unit

PAGE = 20  # days of a page
FULL = 10  # projects of a day's page: each is judged on its whole sheet, which takes queries of its own


@dataclass(frozen=True, slots=True)
class Item:
    """A gate of a project that is judged on a day, and the decision that ended this attempt (None: it runs)."""

    project: Project
    gate: Gate
    meeting: Meeting
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its items, in the order of the gates and then of the projects' keys."""

    on: date
    items: tuple[Item, ...]

    @property
    def places(self) -> str:
        """Where it is held, as it was written down; "" if nothing was."""
        return "; ".join(dict.fromkeys(i.meeting.place for i in self.items if i.meeting.place))

    @property
    def chairs(self) -> tuple[Role, ...]:
        """Who chairs, by function, each once."""
        return tuple(dict.fromkeys(i.gate.chair for i in self.items))

    @property
    def pages(self) -> int:
        """How many pages its items fill, at least one."""
        return max(1, -(-len(self.items) // FULL))


@dataclass(frozen=True, slots=True)
class Days:
    """A page of the days, those to come first (the next one first), then those past (the last one first)."""

    days: tuple[Day, ...]
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def days(session: Unit, who: Asker, today: date, number: int = 1) -> Days:
    """The days on which gates are judged that `who` may judge. A fixed number of queries."""
    found: dict[date, list[UUID]] = {}
    for row, on in _seen(session, who):
        found.setdefault(on, []).append(row)
    ahead = sorted(on for on in found if on >= today)
    past = sorted((on for on in found if on < today), reverse=True)
    shown = [*ahead, *past][(number - 1) * PAGE : number * PAGE]
    items = _items(session, [row for on in shown for row in found[on]])
    made = (Day(on, tuple(i for i in items if i.meeting.held_on == on)) for on in shown)
    return Days(tuple(made), len(found))


def day(session: Unit, who: Asker, on: date) -> Day:
    """What is judged on that day. Raises `LookupError` where `who` may know of nothing."""
    rows = [row for row, _ in _seen(session, who, on)]
    if not rows:
        raise LookupError("No gate meeting of that day is open to you. The days that are stand under Gate meetings.")
    return Day(on, _items(session, rows))


def _seen(session: Unit, who: Asker, on: date | None = None) -> list[tuple[UUID, date]]:
    """(meeting, its day) of the meetings that `who` may know of: of projects whose gates they may answer for."""
    query = (
        select(col(Meeting.id), col(Meeting.project_id), col(Meeting.held_on))
        .join(Project, col(Project.id) == col(Meeting.project_id))
        .where(col(Meeting.held_on).is_not(None) if on is None else col(Meeting.held_on) == on, judged_by(who))
    )
    rows = session.execute(query).all()
    blind = blind_among(session, who.person, {project for _, project, _ in rows}) | owing(session, who.person)
    return [(row, held_on) for row, project, held_on in rows if held_on and project not in blind]


def _items(session: Unit, rows: Collection[UUID]) -> tuple[Item, ...]:
    """The items of these meetings. Two queries."""
    query = (
        select(Meeting, Project)
        .join(Project, col(Project.id) == col(Meeting.project_id))
        .where(col(Meeting.id).in_(rows))
    )
    found = [(held, project) for held, project in session.execute(query)]
    ended = select(Decision).where(
        col(Decision.project_id).in_([p.id for _, p in found]), col(Decision.attempt).is_not(None)
    )
    ends = {(d.project_id, d.gate, d.attempt): d for d in session.scalars(ended)}
    items = [Item(p, GATES[m.gate], m, ends.get((p.id, m.gate, m.attempt))) for m, p in found]
    return tuple(sorted(items, key=lambda i: (i.gate.id, i.project.key)))


# ---------------------------------------------------------------- one project before its gate


@dataclass(frozen=True, slots=True)
class Case:
    """An open item with what its gate asks for now. `is_ahead`: the project stands before this gate."""

    item: Item
    asked: Asked
    standing: Standing
    is_ahead: bool
    lacks: tuple[Lack, ...]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The moves that may be made here by whoever may make them, each with why not yet."""
        if not self.is_ahead:
            return ()
        gate, now = self.item.gate, replace(self.standing, said=SAYING)
        open_ = (m for m in MOVES if now.course.stage in m.source and m.verdict and m.gate in ("", gate.id))
        return tuple(Choice(m, target(m, now.course).label, refusals(m, now, m.by)) for m in open_)


def case(session: Unit, who: Asker, item: Item) -> Case:
    """What the gate of an open item asks of its project now. A bounded number of queries."""
    judged, found = standing(session, who.person, item.project, decided(session, item.project.id))
    is_ahead = found is not None and found.gate.id == item.gate.id
    if found is None or not is_ahead:
        found = asked(session, item.project, item.gate, judged.binder)
    missing = lacks(judged.binder, item.gate.due) if item.gate.due else ()
    return Case(item, found, judged, is_ahead, missing)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a verdict as a task: of which gate and decision, who sees to it, and whether it is done."""

    task: Task
    owner: str

    @property
    def state(self) -> str:
        """Open, or by whom it was done and how."""
        return f"Done by {self.task.done_by}: {self.task.outcome}" if self.task.done_at else "Open"


@dataclass(frozen=True, slots=True)
class Pack:
    """A case with what a gate pack shows beside the sheet: team, product, levels by track, money, conditions."""

    case: Case
    team: tuple[Member, ...]
    product: tuple[Record, ...]  # the product's record and the proposal, as far as they are there
    levels: Mapping[str, Readiness]
    purse: Purse
    conditions: tuple[Condition, ...]


def pack(session: Unit, made: Case) -> Pack:
    """The gate pack of a case. A bounded number of queries."""
    project, binder = made.item.project, made.standing.binder
    levels = session.scalars(select(Readiness).where(col(Readiness.project_id) == project.id))
    return Pack(
        made,
        tuple(members(session, project)),
        tuple(record for kind in ("product", "proposal") for record in binder.all(kind)[:1]),
        {row.track: row for row in levels},
        purse(session, project.id, made.standing.course.passed),
        conditions(session, project),
    )


def conditions(session: Unit, project: Project, of: str = "condition:") -> tuple[Condition, ...]:
    """The conditions of the project's verdicts, by day; `of` is the beginning of a task's origin. One query."""
    query = (
        select(Task, col(Person.name))
        .join(Person, col(Person.id) == col(Task.owner_id), isouter=True)
        .where(col(Task.project_id) == project.id, col(Task.origin).startswith(of))
        .order_by(col(Task.due), col(Task.title))
    )
    rows = session.execute(query)
    return tuple(Condition(t, name or (Role(t.owner_role).label if t.owner_role else "")) for t, name in rows)


# ---------------------------------------------------------------- who leaves


def recused(
    session: Unit, cases: Sequence[tuple[Project, Rulebook, Gate, Meeting | None]]
) -> dict[UUID, tuple[str, ...]]:
    """Project id → the names of those who have an interest in it, of the gate's keepers and of those written down as
    present. Four queries.
    """
    people = list(session.scalars(select(Person).where(col(Person.active)).order_by(col(Person.name))))
    barred = conflicts_between(session, people, [project.id for project, *_ in cases])
    found: dict[UUID, tuple[str, ...]] = {}
    for project, book, gate, held in cases:
        keepers = {*book.gates[gate.id].keepers, gate.chair.value}
        present = {_plain(p["name"]) for p in held.present} if held else set()
        there = (p for p in people if (p.id, project.id) in barred)
        found[project.id] = tuple(p.name for p in there if keepers & {*p.roles} or _plain(p.name) in present)
    return found


def _plain(name: Any) -> str:
    return " ".join(str(name).casefold().split())


# ---------------------------------------------------------------- one attempt, for the minutes


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a gate: its meeting (None: none is written down), its decision (None: it runs), rules and scores.

    `asked` is what the gate asks for now, where no decision is sealed; `recused` are names.
    """

    project: Project
    gate: Gate
    number: int
    meeting: Meeting | None
    decision: Decision | None
    book: Rulebook
    card: Card | None
    asked: Asked | None
    conditions: tuple[Condition, ...]
    recused: tuple[str, ...]


def attempted(session: Unit, who: Asker, project: Project, gate: Gate, number: int) -> Attempt:
    """What is known of that attempt. Raises `LookupError` where nothing is, or `who` may not know of it."""
    held = meeting(session, project.id, gate.id, number)
    query = select(Decision).where(
        col(Decision.project_id) == project.id, col(Decision.gate) == gate.id, col(Decision.attempt) == number
    )
    decision = session.scalars(query).first()
    closed = is_blind(session, who.person, project) or project.id in owing(session, who.person)
    if closed or (held is None and decision is None):
        raise LookupError("No meeting of this gate is open to you at this attempt.")
    book = of_version(session, decision.rulebook) if decision else in_force(session)
    now = None
    if decision is None and held is not None:
        now = case(session, who, Item(project, gate, held, None)).asked
    mine = conditions(session, project, f"condition:{decision.id}") if decision else ()
    made = now.card if now else _card(session, book, project, (gate.id, number))
    left = recused(session, [(project, book, gate, held)])[project.id]
    return Attempt(project, gate, number, held, decision, book, made, now, mine, left)


def _card(session: Unit, book: Rulebook, project: Project, at: tuple[str, int]) -> Card | None:
    """What the scores of that attempt, (gate, number), come to by `book`; None if nobody scored."""
    given, _ = scores(session, project.id, *at)
    answers = session.scalars(
        select(Answer).where(
            col(Answer.project_id) == project.id, col(Answer.gate) == at[0], col(Answer.attempt) == at[1]
        )
    )
    no = {a.item for a in answers if not a.is_met}
    return card(book, at[0], given, [m.item for m in book.gates[at[0]].must_meet if m.id in no]) if given else None
