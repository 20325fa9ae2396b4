"""Who may not judge a project, and why: interests declared, and those that the portal finds by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal.db import within
from portal.models import Decision, Membership, Person, Project
from portal.programme import Interest, Review
from portal.stages import TANDEM, Function
from portal.trail import Unit

APPLICANTS = frozenset({Function.INVESTIGATOR, Function.CLINICAL_LEAD, Function.MEMBER, Function.PROCESS})
GROUNDS = {
    "shares": "shares or options in a company concerned",
    "invention": "an invention or patent concerned",
    "kin": "a family or close personal tie to an applicant",
    "rival": "a competing project",
    "publication": "a joint publication with an applicant in the last three years",
    "other": "another interest",
}


def conflicts(session: Unit, person: Person, project: Project) -> tuple[str, ...]:
    """Why the person may not judge the project, a sentence each; () if they may. Four queries, whatever is there."""
    return conflicts_among(session, person, (project.id,)).get(project.id, ())


_OF_ANOTHER = (("to your unit,", "to their unit,"), ("names you among", "names them among"), ("You work", "They work"))


def of_another(why: Iterable[str]) -> tuple[str, ...]:
    """The sentences of `conflicts` as they are said to somebody else."""
    found = []
    for sentence in why:
        said = next((pair for pair in _OF_ANOTHER if pair[0] in sentence), ("", ""))
        found.append(sentence.replace(*said, 1) if said[0] else sentence)
    return tuple(found)


def conflicts_among(session: Unit, person: Person, projects: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Project → `conflicts`, for those of `projects` (ids) that have any. At most four queries, however many."""
    return {project: why for (_, project), why in conflicts_between(session, (person,), projects).items()}


def conflicts_between(
    session: Unit, people: Collection[Person], projects: Collection[UUID]
) -> dict[tuple[UUID, UUID], tuple[str, ...]]:
    """(person id, project id) → `conflicts`, wherever there are any. At most four queries, whatever their numbers."""
    wanted = frozenset(projects)
    found: dict[tuple[UUID, UUID], list[str]] = {}
    for who, project, sentence in _grounds(session, people, wanted):
        if project in wanted and sentence not in found.setdefault((who, project), []):
            found[who, project].append(sentence)
    return {between: tuple(why) for between, why in found.items()}


def _grounds(session: Unit, people: Collection[Person], wanted: frozenset[UUID]) -> Iterator[tuple[UUID, UUID, str]]:
    """(person id, project id, sentence) for each reason; some of projects that are not wanted."""
    by_id = {person.id: person for person in people}
    carrying, units = _carrying(session, people, wanted)
    yield from ((who, project, "You work on this project.") for project, who in carrying if who in by_id)
    for project, who in carrying:
        for person in people:
            unit = person.unit.strip()
            if unit and person.id != who and units.get(who) == unit.casefold():
                yield person.id, project, f"An applicant belongs to your unit, {unit}."
    full = [person for person in people if len(person.name.split()) > 1]
    if full:
        carriers = select(
            col(Proposal.project_id), col(Proposal.pi), col(Proposal.clinical_lead), col(Proposal.lrd_contact),
            col(Proposal.co_applicants),
        ).where(within(col(Proposal.project_id), wanted))  # fmt: skip
        for project, pi, lead, contact, others in session.execute(carriers):
            named = (p for p in full if _names(p, (pi, lead, contact, *(others or ()))))
            yield from ((p.id, project, "The proposal names you among those who carry it.") for p in named)
    bound = select(col(Interest.person_id), col(Interest.project_id), col(Interest.ground)).where(
        within(col(Interest.project_id), wanted), col(Interest.person_id).in_(by_id), col(Interest.ended_at).is_(None)
    )
    for who, project, ground in session.execute(bound.order_by(col(Interest.at))):
        yield who, project, f"An interest is declared: {GROUNDS.get(ground, ground)}."


def _carrying(
    session: Unit, people: Collection[Person], wanted: frozenset[UUID]
) -> tuple[list[tuple[UUID, UUID]], dict[UUID, str]]:
    """((project, person) for each applicant who is one of `people` or of the unit of one, person → that unit)."""
    theirs = {person.unit.strip().casefold() for person in people} - {""}
    everybody = session.execute(select(col(Person.id), col(Person.unit))) if theirs else ()
    units = {uid: unit.strip().casefold() for uid, unit in everybody if unit.strip().casefold() in theirs}
    query = select(col(Membership.project_id), col(Membership.person_id)).where(
        within(col(Membership.project_id), wanted),
        col(Membership.person_id).in_({*units, *(person.id for person in people)}),
        col(Membership.function).in_([f.value for f in APPLICANTS]),
    )
    return [(project, who) for project, who in session.execute(query)], units


def _names(person: Person, texts: Iterable[str | None]) -> bool:
    name = " ".join(person.name.casefold().split())
    return any(name in " ".join(text.casefold().split()) for text in texts if text)


def is_blind(session: Unit, person: Person, project: Project) -> bool:
    """Whether reviewers and scores of this project must stay out of the person's sight.

    Applicants and people in conflict learn the verdict and its reasons, never who scored what.
    """
    carries = {role.value for role in TANDEM} >= set(person.roles)
    return carries or bool(conflicts(session, person, project))


def blind_among(session: Unit, person: Person, projects: Collection[UUID]) -> frozenset[UUID]:
    """Those of `projects` (ids) for which `is_blind` holds. At most four queries, whatever their number."""
    wanted = frozenset(projects)
    if {role.value for role in TANDEM} >= set(person.roles) or not wanted:
        return wanted
    return frozenset(conflicts_among(session, person, wanted))


def owed(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The conditions on `Review` for those that wait for the person: not handed in, not declined, and of an attempt
    that no decision has ended.
    """
    ended = select(col(Decision.id)).where(
        col(Decision.project_id) == col(Review.project_id),
        col(Decision.gate) == col(Review.gate),
        col(Decision.attempt) == col(Review.attempt),
    )
    mine = (col(Review.reviewer_id) == person.id, col(Review.declined) == "", col(Review.handed_in_at).is_(None))
    return (*mine, ~ended.exists())


def owing(session: Unit, person: Person) -> frozenset[UUID]:
    """The projects whose scores the person may not see yet: they owe a review there, and nobody follows another."""
    return frozenset(session.scalars(select(col(Review.project_id)).where(*owed(person))))
