"""Verbs of a review: ask, score, hand in, decline, declare an interest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import show_date
from portal.conflicts import GROUNDS, conflicts, of_another
from portal.db import Refused, held
from portal.gates.rules import attempt, in_force
from portal.models import Person, Project, now
from portal.programme import Interest, Review, Score
from portal.reviews.queries import gate_ahead, is_judge, scores_of
from portal.rights import Asker
from portal.telling.actions import Told, tell
from portal.trail import Unit

NOT_SCORED = "No gate that is scored lies ahead of this project."


def in_conflict(person: Person, why: Iterable[str]) -> str:
    """Why a person cannot be asked who is in conflict (`why` as `conflicts` says it)."""
    return f"{person.name} may not judge this project. " + " ".join(of_another(why))


def asked_before(person: Person) -> str:
    """Why a person cannot be asked twice at the same attempt."""
    return f"{person.name} was asked already."


def ask(session: Unit, who: Asker, project: Project, reviewer: UUID, due: date | None) -> Review:
    """The review a person is asked for, at the running attempt of the gate ahead. Raises `Refused` with the reason."""
    gate = gate_ahead(session, project)
    if gate is None:
        raise Refused(NOT_SCORED)
    person = session.get(Person, reviewer)
    if person is None or not is_judge(person):
        raise Refused("Choose somebody who may review.")
    if why := conflicts(session, person, project):
        raise Refused(in_conflict(person, why))
    if due is not None and due < now().date():
        raise Refused(f"{show_date(due)} lies in the past; give a day that is still to come.")
    number = attempt(session, project.id, gate.id)
    already = select(Review).where(
        col(Review.project_id) == project.id,
        col(Review.gate) == gate.id,
        col(Review.attempt) == number,
        col(Review.reviewer_id) == person.id,
    )
    if session.scalars(already).first() is not None:
        raise Refused(asked_before(person))
    made = Review(
        project_id=project.id, gate=gate.id, attempt=number, reviewer_id=person.id, due=due, asked_by=who.person.name
    )
    session.add(made)
    session.flush()
    by = f" by {show_date(due)}" if due else ""
    told = Told(
        f"You are asked to review {project.key}{by}",
        f"{who.person.name} asks you to score it for gate {gate.id}.",
        f"/projects/{project.key}/review",
        project.id,
    )
    tell(session, [person.id], told)
    return made


def take_back(session: Unit, project: Project, row: tuple[UUID, int]) -> None:
    """Ask a reviewer no longer; refused once the scores are handed in."""
    review = held(session, Review, *row)
    if review.project_id != project.id:
        raise LookupError("There is no such review.")
    if review.handed_in_at is not None:
        raise Refused("The scores were handed in; they stay.")
    for score in scores_of(session, review).values():
        session.delete(score)
    session.flush()
    session.delete(review)


@dataclass(frozen=True, slots=True)
class Given:
    """What a reviewer typed for one criterion; a score of None leaves it open."""

    score: int | None
    confidence: str = "A"
    comment: str = ""


def score(session: Unit, review: Review, given: Mapping[str, Given], summary: str) -> None:
    """Keep the scores as typed so far. Raises `Refused` for a score that is none, or after handing in."""
    if review.handed_in_at is not None:
        raise Refused("Your scores were handed in; they cannot change any more.")
    book, old = in_force(session), scores_of(session, review)
    for name, said in given.items():
        book.criterion(name)
        if said.score is not None and said.score not in range(6):
            raise Refused(f"{name}: a score is a whole number from 0 to 5.")
        if said.confidence not in book.confidence:
            raise Refused(f"{name}: choose how well you saw the evidence.")
        row = old.get(name)
        if said.score is None:
            if row is not None:
                session.delete(row)
            continue
        if row is None:
            row = Score(project_id=review.project_id, review_id=review.id, criterion=name, score=said.score)
            session.add(row)
        row.score, row.confidence, row.comment = said.score, said.confidence, said.comment.strip()[:5_000]
    review.summary = summary.strip()[:10_000]
    session.flush()


def hand_in(session: Unit, who: Asker, project: Project, review: Review) -> None:
    """Hand the scores in: from now on they count and do not change. Raises `Refused` with what is lacking."""
    if review.handed_in_at is not None:
        raise Refused("Your scores were handed in before.")
    if why := conflicts(session, who.person, project):
        raise Refused("You may not judge this project.", *why)
    if attempt(session, project.id, review.gate) != review.attempt:
        raise Refused("The gate was decided meanwhile; a new attempt asks for new scores.")
    book, given = in_force(session), scores_of(session, review)
    open_ = [c.id for c in book.criteria if c.id not in given]
    bare = [n for n, s in given.items() if s.score in (0, 5) and not s.comment]
    reasons = []
    if open_:
        reasons.append(f"Score every criterion; open are {', '.join(open_)}.")
    if bare:
        reasons.append(f"Say why a score is 0 or 5: {', '.join(sorted(bare))}.")
    if reasons:
        raise Refused(*reasons)
    review.handed_in_at = now()


def decline(review: Review, why: str) -> None:
    """Note that the reviewer will not score. Raises `Refused` without a reason, or after handing in."""
    if review.handed_in_at is not None:
        raise Refused("Your scores were handed in; you cannot decline any more.")
    if len(why.strip()) < 4:
        raise Refused("Say in a few words why you decline.")
    review.declined = why.strip()[:2_000]


def declare(session: Unit, who: Asker, project: Project, ground: str, note: str) -> Interest:
    """The person's interest in the project; an open review of theirs is declined with it."""
    if ground not in GROUNDS:
        raise Refused("Choose what kind of interest it is.")
    mine = select(Interest).where(
        col(Interest.project_id) == project.id,
        col(Interest.person_id) == who.person.id,
        col(Interest.ground) == ground,
    )
    row = session.scalars(mine).one_or_none()
    if row is None:
        row = Interest(project_id=project.id, person_id=who.person.id, ground=ground)
        session.add(row)
    row.note, row.ended_at = note.strip()[:2_000], None
    session.flush()
    open_ = select(Review).where(
        col(Review.project_id) == project.id,
        col(Review.reviewer_id) == who.person.id,
        col(Review.handed_in_at).is_(None),
        col(Review.declined) == "",
    )
    for review in session.scalars(open_):
        review.declined = f"An interest was declared: {GROUNDS[ground]}."
    return row
