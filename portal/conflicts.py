"""Who may not judge a project, and why: interests declared, and those that the portal finds by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal.models import Membership, Person, Project
from portal.programme import Interest
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
    return tuple(_conflicts(session, person, project))


def _conflicts(session: Unit, person: Person, project: Project) -> Iterator[str]:
    rows = session.execute(
        select(Person, col(Membership.function))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.project_id) == project.id)
    ).all()
    team = [(who, Function(function)) for who, function in rows]
    if any(who.id == person.id and function in APPLICANTS for who, function in team):
        yield "You work on this project."
    unit = person.unit.strip().casefold()
    if unit and any(who.unit.strip().casefold() == unit for who, f in team if f in APPLICANTS and who.id != person.id):
        yield f"An applicant belongs to your unit, {person.unit.strip()}."
    if _is_named(session, person, project):
        yield "The proposal names you among those who carry it."
    for interest in session.scalars(_open(person.id, project.id)):
        yield f"An interest is declared: {GROUNDS.get(interest.ground, interest.ground)}."


def _is_named(session: Unit, person: Person, project: Project) -> bool:
    """Whether the proposal names the person as principal investigator, clinical lead, partner or contact."""
    proposal = session.scalars(select(Proposal).where(col(Proposal.project_id) == project.id).limit(1)).first()
    if proposal is None or len(person.name.split()) < 2:
        return False
    return _names(person, (proposal.pi, proposal.clinical_lead, proposal.lrd_contact, *(proposal.co_applicants or ())))


def _names(person: Person, texts: Iterable[str | None]) -> bool:
    name = " ".join(person.name.casefold().split())
    return any(name in " ".join(text.casefold().split()) for text in texts if text)


def _open(person: UUID, project: UUID):  # type: ignore[no-untyped-def]
    return select(Interest).where(
        col(Interest.project_id) == project, col(Interest.person_id) == person, col(Interest.ended_at).is_(None)
    )


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
    everybody = session.execute(select(col(Person.id), col(Person.unit)))
    unit = person.unit.strip().casefold()
    near = [uid for uid, theirs in everybody if uid == person.id or (unit and theirs.strip().casefold() == unit)]
    carried = select(col(Membership.project_id)).where(
        col(Membership.person_id).in_(near), col(Membership.function).in_([f.value for f in APPLICANTS])
    )
    bound = select(col(Interest.project_id)).where(
        col(Interest.person_id) == person.id, col(Interest.ended_at).is_(None)
    )
    found = {*session.scalars(carried), *session.scalars(bound)}
    if len(person.name.split()) > 1:
        carriers = select(
            col(Proposal.project_id), col(Proposal.pi), col(Proposal.clinical_lead), col(Proposal.lrd_contact),
            col(Proposal.co_applicants),
        )  # fmt: skip
        for project, pi, lead, contact, others in session.execute(carriers):
            if _names(person, (pi, lead, contact, *(others or ()))):
                found.add(project)
    return wanted & found
