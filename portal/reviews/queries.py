"""Questions about reviews. Who may not judge a project gets no answer that depends on its reviews."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from portal.conflicts import conflicts_between, of_another, owed, owing
from portal.gates.lines import scores
from portal.gates.queries import decided
from portal.gates.rules import attempt, in_force
from portal.models import Person, Project
from portal.programme import Review, Score
from portal.rulebook import Rulebook
from portal.scoring import Card, card
from portal.stages import Gate, Role, fold, next_gate
from portal.trail import Unit

JUDGES = frozenset({Role.REVIEWER, Role.INVESTMENT, Role.GMP, Role.QUALITY, Role.REGULATORY, Role.CLINICIAN})
CLOSED = "You may not judge this project, so its reviews are closed to you."


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be asked, and why not, if so."""

    person: Person
    why_not: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A review with its reviewer and how many criteria are scored so far."""

    review: Review
    reviewer: Person
    scored: int


@dataclass(frozen=True)
class Board:
    """The reviews at the running attempt of the gate ahead: asked, candidates, what the scores come to.

    `owes`: the reader's own review is open, so that no score is shown.
    """

    gate: Gate
    attempt: int
    book: Rulebook
    asked: tuple[Asked, ...]
    candidates: tuple[Candidate, ...]
    card: Card | None
    owes: bool


def is_judge(person: Person) -> bool:
    """Whether the person may be asked for a review at all."""
    return person.active and bool(JUDGES & {Role(role) for role in person.roles})


def gate_ahead(session: Unit, project: Project) -> Gate | None:
    """The gate that the project stands before, if it is one that is scored."""
    gate = next_gate(fold(decided(session, project.id)))
    return gate if gate is not None and gate.id in in_force(session).thresholds else None


def board(session: Unit, who: Person, project: Project) -> Board | None:
    """The reviews of the gate ahead as `who` meets them; None where no scored gate lies ahead."""
    gate = gate_ahead(session, project)
    if gate is None:
        return None
    book, number = in_force(session), attempt(session, project.id, gate.id)
    given, _ = scores(session, project.id, gate.id, number)
    asked = tuple(_asked(session, project, gate.id, number))
    busy = {a.reviewer.id for a in asked}
    people = session.scalars(select(Person).where(col(Person.active)).order_by(col(Person.name)))
    free = [person for person in people if person.id not in busy and is_judge(person)]
    barred = conflicts_between(session, free, (project.id,))
    candidates = tuple(Candidate(p, of_another(barred.get((p.id, project.id), ()))) for p in free)
    owes = project.id in owing(session, who)
    made = card(book, gate.id, given) if given and not owes else None
    return Board(gate, number, book, asked, candidates, made, owes)


def _asked(session: Unit, project: Project, gate: str, number: int) -> list[Asked]:
    rows = session.execute(
        select(Review, Person)
        .join(Person, col(Person.id) == col(Review.reviewer_id))
        .where(col(Review.project_id) == project.id, col(Review.gate) == gate, col(Review.attempt) == number)
        .order_by(col(Person.name))
    ).all()
    counts: dict[UUID, int] = {}
    for review_id in session.scalars(select(col(Score.review_id)).where(col(Score.project_id) == project.id)):
        counts[review_id] = counts.get(review_id, 0) + 1
    return [Asked(review, person, counts.get(review.id, 0)) for review, person in rows]


def mine(session: Unit, person: Person, project: Project) -> Review | None:
    """The review that the person was asked for and has not declined, the newest."""
    query = (
        select(Review)
        .where(col(Review.project_id) == project.id, col(Review.reviewer_id) == person.id, col(Review.declined) == "")
        .order_by(col(Review.asked_at).desc())
        .limit(1)
    )
    return session.scalars(query).first()


def scores_of(session: Unit, review: Review) -> Mapping[str, Score]:
    """Criterion → what the reviewer scored so far."""
    return {s.criterion: s for s in session.scalars(select(Score).where(col(Score.review_id) == review.id))}


def others(session: Unit, review: Review) -> Card | None:
    """What all scores come to; a reviewer sees it only after handing in, so that nobody follows another."""
    if review.handed_in_at is None:
        return None
    given, _ = scores(session, review.project_id, review.gate, review.attempt)
    return card(in_force(session), review.gate, given)


def waiting(session: Unit, person: Person) -> list[tuple[Review, Project]]:
    """The reviews that wait for the person, the most urgent first."""
    rows = session.execute(
        select(Review, Project)
        .join(Project, col(Project.id) == col(Review.project_id))
        .where(*owed(person))
        .order_by(col(Review.due), col(Project.key))
    ).all()
    return [(review, project) for review, project in rows]
