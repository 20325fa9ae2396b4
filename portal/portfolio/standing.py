"""Where one project stands: who holds it, what comes next and about when. Computed from what is there, never typed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.records.regulatory import TrackKind
from dossiers.stage import ROAD, Stage
from portal.gates.rules import in_force
from portal.models import Decision, Issue, Project, now
from portal.pace import allowance, stays, time_left
from portal.people.queries import Member, members
from portal.portfolio.plan import Dated, Purse, dates, purse, slots
from portal.programme import Evidence, SlotNeed
from portal.records.queries import binder_of
from portal.rights import Asker
from portal.roles import HALVES
from portal.rulebook import Rulebook
from portal.stages import Course, Function, Gate, Lack, Role, fold, lacks, next_gate
from portal.tasks.queries import Tasks, tasks
from portal.trail import Unit

SHOWN_TASKS, SHOWN_ISSUES = 4, 5
# Which outlines belong to which way: an investigational medicinal product dossier is filed for a clinical trial
# (Regulation (EU) No 536/2014, Annex I, part G). The other ways have no outline of their own here.
FILED_FOR = {"impd-q": TrackKind.TRIAL, "impd-se": TrackKind.TRIAL}


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done next, why if there is more to say, and the endpoint of its page with the parts it takes."""

    text: str
    why: str
    endpoint: str
    parts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """About when the gate ahead is due by the rulebook: the stage's start and the weeks the rulebook gives it.

    `late_days` is above zero where the day has passed. `whole` is False where the project was taken in at this stage,
    so that its true start is not known.
    """

    on: date
    began: datetime
    weeks: int
    version: int
    late_days: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Issued:
    """A document that went out, without its content."""

    outline: str
    version: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Track:
    """One legal way of one product in one place: the last period, earlier ones, the newest of each document issued."""

    now: Any
    earlier: tuple[Any, ...]
    documents: tuple[Issued, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page of one project shows; decisions and documents newest first."""

    course: Course
    gate: Gate | None
    since: Decision | None
    holder: str
    act: Act | None
    expected: Expected | None
    tracks: tuple[Track, ...]
    dates: tuple[Dated, ...]
    purse: Purse
    slots: SlotNeed | None
    tasks: Tasks
    team: tuple[Member, ...]
    decisions: tuple[Decision, ...]
    issues: tuple[Issued, ...]
    attached: int

    @property
    def road(self) -> tuple[tuple[Stage, str], ...]:
        """Every stage of the road with "done", "here" or "": for a project beside the road, where it left it."""
        here = self.course.stage if self.course.stage in ROAD else self.course.before or Stage.IDEA
        at = ROAD.index(here)
        return tuple((s, "done" if n < at else "here" if n == at else "") for n, s in enumerate(ROAD))

    @property
    def stops(self) -> tuple[tuple[Dated, str], ...]:
        """(disclosure, why it may not come yet or should not have come)."""
        return tuple((dated, why) for dated in self.dates for why in dated.stops)


def overview(session: Unit, who: Asker, project: Project) -> Overview:
    """Where `project` stands, as `who` meets it. A bounded number of queries."""
    decided = list(
        session.scalars(select(Decision).where(col(Decision.project_id) == project.id).order_by(col(Decision.serial)))
    )
    issues = issued(session, project)
    attached = select(func.count()).select_from(Evidence)
    attached = attached.where(col(Evidence.project_id) == project.id, col(Evidence.withdrawn_at).is_(None))
    course, binder, todo = fold(decided), binder_of(session, project), tasks(session, who, project)
    gate, at = next_gate(course), now()
    team = tuple(m for m in members(session, project) if m.function is not Function.REVIEWER)
    missing = lacks(binder, due) if (due := _due(course, gate)) else ()
    return Overview(
        course, gate, next((d for d in reversed(decided) if d.source != d.target), None),
        holder(course, gate, missing, team), act(course, gate, missing, todo),
        expected(in_force(session), course, decided, at), tracks(binder, issues), dates(session, project.id, at.date()),
        purse(session, project.id, course.passed), slots(session, project.id), todo, team, tuple(decided[::-1]),
        issues[:SHOWN_ISSUES], session.scalar(attached) or 0,
    )  # fmt: skip


def _due(course: Course, gate: Gate | None) -> Stage | None:
    """By which stage facts are owed next; an idea owes what is asked when it is submitted."""
    return Stage.PROPOSED if course.stage is Stage.IDEA else gate.due if gate is not None else None


def holder(course: Course, gate: Gate | None, missing: Sequence[Lack], team: Sequence[Member]) -> str:
    """Who has the project in hand now: those who owe most of what is missing, else the chair of the gate ahead."""
    tandem = " and ".join(m.person.name for m in team if m.function in HALVES) or "the team, whose tandem is not named"
    if course.stage is Stage.CLOSED:
        return "nobody: the project is closed"
    if course.stage not in ROAD:
        return f"{Role.INVESTMENT.label}, who may take it up again"
    owed = Counter(lack.owner for lack in missing if lack.owner)
    if owed:
        most = max(owed.values())
        names = " and ".join(sorted(name for name, number in owed.items() if number == most))
        return f"{names}, who {'owe' if ' and ' in names else 'owes'} {most} of {len(missing)} missing facts"
    if missing or gate is None:
        return tandem
    return f"{gate.chair.label}, who chairs gate {gate.id}"


def act(course: Course, gate: Gate | None, missing: Sequence[Lack], todo: Tasks) -> Act | None:
    """The next thing to do: take it up again, fill what is missing, end what is overdue, submit or decide."""
    if course.stage is Stage.CLOSED:
        return None
    if course.stage not in ROAD:
        return Act("Decide whether it goes on", "It stands beside the road.", "gates.sheet", {})
    if missing:
        first = next((lack for lack in missing if lack.record is not None), missing[0])
        many = f"Fill in what is missing: {len(missing)} facts" if len(missing) > 1 else "Fill in the one missing fact"
        return Act(many, f"First: {first.sentence}.", *_place(first))
    if todo.overdue:
        return Act(f"End the overdue task “{todo.open[0].task.title}”", todo.open[0].owner, "tasks.tasks", {})
    if course.stage is Stage.IDEA:
        return Act("Submit the proposal", "Everything asked for is answered.", "proposals.form", {})
    if gate is None:
        return None
    return Act(f"Decide gate {gate.id}, {gate.name}", gate.question, "gates.sheet", {})


def _place(lack: Lack) -> tuple[str, dict[str, Any]]:
    """Where the missing thing is filled in."""
    if lack.kind == "proposal":
        return "proposals.form", {"_anchor": f"f-{lack.fact.name}"} if lack.fact else {}
    if lack.record is not None and lack.fact is not None:
        return "records.record", {"kind": lack.kind, "uid": lack.record.uid, "_anchor": f"f-{lack.fact.name}"}
    return "records.kind", {"kind": lack.kind}


def expected(book: Rulebook, course: Course, decided: Sequence[Decision], at: datetime) -> Expected | None:
    """About when the gate ahead is due; None where no gate lies ahead, or the project stands beside the road."""
    seen = stays(decided, at)
    weeks, left = allowance(book, course), time_left(book, course, seen)
    if weeks is None or left is None or course.stage not in ROAD:
        return None
    return Expected((at + left).date(), seen[-1].began, weeks, book.version, max(0, -left.days), seen[-1].whole)


def issued(session: Unit, project: Project) -> tuple[Issued, ...]:
    """The documents of the project that went out, the newest first."""
    columns = (col(Issue.outline), col(Issue.version), col(Issue.by), col(Issue.at))
    query = select(*columns).where(col(Issue.project_id) == project.id).order_by(col(Issue.at).desc())
    return tuple(Issued(*row) for row in session.execute(query))


def tracks(binder: Binder, out: Sequence[Issued]) -> tuple[Track, ...]:
    """The legal ways the products run on, in the order they were entered; each with its periods, the last first.

    Rows are periods of one way where product, place, population and scope agree: two trials stay two.
    """
    found: dict[Any, list[Any]] = {}
    row: Any
    for row in binder.all("regulatory_track"):
        said = (row.jurisdiction, row.population, row.scope)
        found.setdefault((row.product, row.track, *((text or "").casefold() for text in said)), []).append(row)
    periods = (sorted(rows, key=lambda row: row.since or "", reverse=True) for rows in found.values())
    newest = {document.outline: document for document in reversed(out)}
    return tuple(
        Track(rows[0], tuple(rows[1:]), tuple(d for d in newest.values() if FILED_FOR.get(d.outline) is rows[0].track))
        for rows in periods
    )
