"""The lines of a gate sheet: what the gate asks for, green only where evidence shows it, amber with what is missing.

A line is shown by facts, by checks without an error, by an issued document, by reviews, by an answer with a note, or by
an attached, named and dated document. Nothing on a sheet is ticked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.checks import Severity, State
from dossiers.facts import show_date
from dossiers.records import RECORDS
from portal.checks.queries import as_at, results
from portal.gates.rules import attempt, in_force
from portal.models import Issue, Project
from portal.programme import Answer, Evidence, Meeting, Readiness, Review, Score, Task
from portal.rulebook import Deliverable, MustMeet, Rulebook
from portal.scoring import Card, Given, card, far_apart
from portal.stages import Gate, Role, lacks
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Line:
    """One thing a gate asks for; `kind` is deliverable, must, readiness, scores or conditions.

    `shown` says by what it is green, `missing` what is lacking, `owner` who supplies it;
    `link` is an endpoint with its parts, where it is supplied.
    """

    id: str
    kind: str
    text: str
    owner: str
    is_green: bool
    shown: str = ""
    missing: str = ""
    optional: bool = False
    link: tuple[str, dict[str, Any]] | None = None
    evidence: tuple[Evidence, ...] = ()
    answer: Answer | None = None

    @property
    def stands_against(self) -> bool:
        """Whether a go is refused because of it."""
        return not self.is_green and not self.optional


@dataclass(frozen=True)
class Asked:
    """Everything a gate asks of a project now: attempt, rulebook, lines, and the scorecard (None: not scored)."""

    gate: Gate
    attempt: int
    book: Rulebook
    lines: tuple[Line, ...]
    card: Card | None

    def of(self, *kinds: str) -> tuple[Line, ...]:
        """The lines of these kinds."""
        return tuple(line for line in self.lines if line.kind in kinds)

    @property
    def unshown(self) -> tuple[str, ...]:
        """What stands against a go, apart from must-meet items."""
        return tuple(line.text for line in self.lines if line.kind != "must" and line.stands_against)

    @property
    def unmet(self) -> tuple[str, ...]:
        """Must-meet items that are not met, or not answered."""
        return tuple(line.text for line in self.of("must") if line.stands_against)


def asked(session: Unit, project: Project, gate: Gate, binder: Any) -> Asked:
    """What `gate` asks of the project now. A bounded number of queries."""
    reading = _Reading(session, project, gate, binder)
    return Asked(gate, reading.attempt, reading.book, tuple(reading.lines()), reading.card)


class _Reading:
    def __init__(self, session: Unit, project: Project, gate: Gate, binder: Any):
        self.session, self.project, self.gate, self.binder = session, project, gate, binder
        self.book, self.attempt = in_force(session), attempt(session, project.id, gate.id)
        self.rules = self.book.gates[gate.id]
        self.evidence = self._evidence()
        self.answers = {
            a.item: a
            for a in session.scalars(
                select(Answer).where(
                    col(Answer.project_id) == project.id,
                    col(Answer.gate) == gate.id,
                    col(Answer.attempt) == self.attempt,
                )
            )
        }
        self.given, self.handed_in = scores(session, project.id, gate.id, self.attempt)
        failed = [m.item for m in self.rules.must_meet if m.id in self.answers and not self.answers[m.id].is_met]
        self.card = card(self.book, gate.id, self.given, failed) if self.given else None

    def _evidence(self) -> dict[str, tuple[Evidence, ...]]:
        found: dict[str, list[Evidence]] = {}
        query = select(Evidence).where(
            col(Evidence.project_id) == self.project.id,
            col(Evidence.gate) == self.gate.id,
            col(Evidence.withdrawn_at).is_(None),
        )
        for row in self.session.scalars(query.order_by(col(Evidence.at))):
            found.setdefault(row.item, []).append(row)
        return {item: tuple(rows) for item, rows in found.items()}

    def lines(self) -> Iterator[Line]:
        for item in self.rules.must_meet:
            yield self.must(item)
        for wanted in self.rules.deliverables:
            yield self.deliverable(wanted)
        yield from self.readiness()
        if self.gate.id in self.book.thresholds:
            yield self.scorecard()
            yield from self.spread()
        yield from self.conditions()

    def must(self, item: MustMeet) -> Line:
        owner = self.gate.chair.label
        if item.scores:
            zero = [s.criterion.id for s in self.card.criteria if s.is_zero] if self.card else []
            bad = [name for name in item.scores if name in zero]
            scored = {g.criterion for g in self.given}
            unscored = [name for name in item.scores if name not in scored]
            missing = f"Zero: {', '.join(bad)}." if bad else f"Not scored: {', '.join(unscored)}." if unscored else ""
            shown = "" if missing else "The scorecard shows it."
            return Line(item.id, "must", item.item, owner, not missing, shown, missing)
        answer = self.answers.get(item.id)
        if answer is None:
            return Line(item.id, "must", item.item, owner, False, missing="Nobody answered it in this attempt.")
        said = f"{answer.by}: {answer.note}" if answer.note else answer.by
        missing = "" if answer.is_met else f"Answered with no. {said}"
        return Line(item.id, "must", item.item, owner, answer.is_met, said, missing, answer=answer)

    def deliverable(self, wanted: Deliverable) -> Line:
        rows = self.evidence.get(wanted.id, ())
        shown = self.by_itself(wanted)
        if not shown and rows:
            last = rows[-1]
            shown = f"{last.title}, {show_date(last.dated)}"
        missing = "" if shown else self.missing(wanted)
        owner = Role(wanted.owner).label
        return Line(
            wanted.id, "deliverable", wanted.item, owner, bool(shown), shown, missing, wanted.optional,
            self.link(wanted), rows,
        )  # fmt: skip

    def by_itself(self, wanted: Deliverable) -> str:
        """What in the portal shows the deliverable; "" if nothing does."""
        if wanted.facts:
            records = self.binder.all(wanted.facts)
            lacking = [x for x in lacks(self.binder, self.gate.due) if x.kind == wanted.facts] if self.gate.due else []
            called = RECORDS[wanted.facts].called
            if records and not lacking:
                return f"{len(records)} {called[0 if len(records) == 1 else 1].lower()}, nothing lacking"
        if wanted.document:
            issue = self.session.scalars(
                select(Issue)
                .where(col(Issue.project_id) == self.project.id, col(Issue.outline) == wanted.document)
                .order_by(col(Issue.version).desc())
                .limit(1)
            ).first()
            if issue is not None:
                return f"Version {issue.version}, issued {show_date(issue.at.date())}"
        if wanted.checks and not self.errors(wanted.checks):
            return "The checks find no error"
        return ""

    def errors(self, beginning: str) -> int:
        found = results(self.session, self.project)
        found = as_at(found, self.gate.due) if self.gate.due else found
        return sum(
            f.rule.startswith(beginning) and f.severity is Severity.ERROR and f.state is State.OPEN
            for f in found.findings
        )

    def missing(self, wanted: Deliverable) -> str:
        if wanted.facts:
            return f"Complete the {RECORDS[wanted.facts].called[1].lower()}, or attach a dated document."
        if wanted.checks:
            return f"The checks find {self.errors(wanted.checks)} errors; mend them, or attach a dated report."
        if wanted.document:
            return "Issue the document, or attach one with its date."
        return "Attach the document with its date."

    def link(self, wanted: Deliverable) -> tuple[str, dict[str, Any]] | None:
        if wanted.facts:
            return "records.kind", {"kind": wanted.facts}
        if wanted.checks:
            return "checks.findings", {"subject": wanted.checks}
        return ("drafts.documents", {}) if wanted.document else None

    def readiness(self) -> Iterator[Line]:
        held = {
            r.track: r
            for r in self.session.scalars(select(Readiness).where(col(Readiness.project_id) == self.project.id))
        }
        for track, wanted in self.rules.readiness.items():
            row, name = held.get(track), self.book.tracks[track]
            means = self.book.levels[wanted][track]
            text = f"{name}: level {wanted}, {means[:1].lower()}{means[1:]}"
            is_green = row is not None and row.level >= wanted
            shown = f"Level {row.level} ({row.by}: {row.note})" if row is not None else ""
            missing = "" if is_green else f"Level {row.level} now." if row is not None else "No level is argued yet."
            yield Line(f"readiness-{track}", "readiness", text, self.gate.chair.label, is_green, shown, missing)

    def scorecard(self) -> Line:
        text = f"Scored by at least {self.book.reviewers} reviewers a criterion"
        scored = {c.id: {g.reviewer for g in self.given if g.criterion == c.id} for c in self.book.criteria}
        short = [name for name, who in scored.items() if len(who) < self.book.reviewers]
        shown = f"{self.handed_in} reviews handed in" if not short else ""
        missing = f"Too few scores: {', '.join(short)}." if short else ""
        owner = Role.REVIEWER.label
        return Line("scores", "scores", text, owner, not short, shown, missing)

    def spread(self) -> Iterator[Line]:
        """A line where reviewers lie so far apart that the rulebook wants it discussed; green once that is recorded."""
        apart = far_apart(self.book, self.card) if self.card else ()
        if not apart:
            return
        held = meeting(self.session, self.project.id, self.gate.id, self.attempt)
        said = held.discussed.strip() if held is not None else ""
        named = f"Spread of {self.book.spread:f} or more at {', '.join(s.criterion.id for s in apart)}"
        text = "Scores far apart are discussed, and what was said is recorded"
        missing = "" if said else f"{named}: record what was said of it with the meeting."
        shown = f"{named}; recorded with the meeting." if said else ""
        yield Line("spread", "scores", text, self.gate.chair.label, bool(said), shown, missing)

    def conditions(self) -> Iterator[Line]:
        query = select(Task).where(col(Task.project_id) == self.project.id, col(Task.origin).startswith("condition:"))
        for task in self.session.scalars(query.order_by(col(Task.due))):
            due = f" by {show_date(task.due)}" if task.due else ""
            owner = Role(task.owner_role).label if task.owner_role else ""
            done = f"Done by {task.done_by}: {task.outcome}" if task.done_at else ""
            missing = "" if task.done_at else f"Open; due{due}."
            yield Line(
                f"condition-{task.id}",
                "conditions",
                f"Condition of {task.gate}: {task.title}",
                owner,
                bool(done),
                done,
                missing,
            )


def meeting(session: Unit, project: UUID, gate: str, number: int) -> Meeting | None:
    """The record of the meeting at this attempt of the gate, or None."""
    query = select(Meeting).where(
        col(Meeting.project_id) == project, col(Meeting.gate) == gate, col(Meeting.attempt) == number
    )
    return session.scalars(query).one_or_none()


def scores(session: Unit, project: UUID, gate: str, number: int) -> tuple[Sequence[Given], int]:
    """The scores handed in at this attempt of the gate, and by how many reviewers; others do not count yet."""
    rows = session.execute(
        select(Score, col(Review.reviewer_id), col(Review.id))
        .join(Review, col(Review.id) == col(Score.review_id))
        .where(
            col(Review.project_id) == project,
            col(Review.gate) == gate,
            col(Review.attempt) == number,
            col(Review.handed_in_at).is_not(None),
        )
    ).all()
    given = [Given(s.criterion, s.score, s.confidence, str(who)) for s, who, _ in rows]
    return given, len({review for _, _, review in rows})
