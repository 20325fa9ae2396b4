"""Verbs around an idea: invite, accept, confirm, attach, keep the class."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import Fact, Form, show_date
from dossiers.reading import Unreadable, clean
from dossiers.records.proposal import Proposal
from dossiers.stage import Stage
from portal.db import Refused, held
from portal.gates import actions as gates
from portal.gates.actions import Document
from portal.intake.queries import invitations, sealed, state, unfit, why_not
from portal.models import Membership, Person, Project, now
from portal.people.actions import EMAIL, join
from portal.programme import Confirmation, Evidence, Invitation, Notice
from portal.rights import Asker
from portal.roles import HALVES
from portal.stages import GATES, Function, Role
from portal.telling.actions import Told, tell, write
from portal.trail import Unit

LASTS = timedelta(days=14)
# A reviewer is assigned by those who manage the gate, never invited by the applicants.
INVITED = tuple(function for function in Function if function is not Function.REVIEWER)


# ---------------------------------------------------------------- invitations


def invite(session: Unit, who: Asker, project: Project, email: str, function: str) -> tuple[Invitation, str, bool]:
    """(the invitation, its token shown once, whether somebody signs in with this address).

    Somebody who is known gets a notice with the link; of an unknown address the administrators are told, who make the
    account. Raises `Refused` with every reason why not.
    """
    email = email.strip().casefold()
    if not EMAIL.fullmatch(email) or not email.isprintable() or len(email) > 254:
        raise Refused("Enter the e-mail address of the person, such as an.peeters@hospital.example.")
    session.get(Project, project.id, with_for_update=True)  # two who invite the same person take turns
    person = session.scalars(select(Person).where(col(Person.email) == email, col(Person.active))).one_or_none()
    if reasons := _unfit(session, project, (email, function), person):
        raise Refused(*reasons)
    token = secrets.token_urlsafe(32)
    made = Invitation(
        project_id=project.id,
        email=email,
        function=function,
        token_sha256=sealed(token),
        by_id=who.person.id,
        by=who.person.name,
        expires_at=now() + LASTS,
    )
    session.add(made)
    session.flush()
    if person is not None:
        subject = f"{who.person.name} invites you to {project.key} as {Function(function).label}"
        text = f"The invitation holds until {show_date(made.expires_at.date())}."
        tell(session, [person.id], Told(subject, text, f"/invitations/{token}"))
    else:
        tell(session, _administrators(session), _account_wanted(who, made))
    return made, token, person is not None


def _unfit(session: Unit, project: Project, asked: tuple[str, str], person: Person | None) -> list[str]:
    email, function = asked
    found = []
    if function not in INVITED:
        found.append("Choose what the person does in the project.")
    elif person is not None and (reason := unfit(frozenset(map(Role, person.roles)), Function(function))):
        found.append(reason)
    if person is not None and _membership(session, project, person) is not None:
        found.append(f"{person.name} works on {project.key} already.")
    if open_ := next((i for i in invitations(session, project) if i.email == email and state(i) == "open"), None):
        until = show_date(open_.expires_at.date())
        found.append(f"{email} was invited before, until {until}. Withdraw that invitation first.")
    return found


def _membership(session: Unit, project: Project, person: Person) -> Membership | None:
    query = select(Membership).where(col(Membership.project_id) == project.id, col(Membership.person_id) == person.id)
    return session.scalars(query).one_or_none()


def _administrators(session: Unit) -> list[UUID]:
    rows = session.execute(select(col(Person.id), col(Person.roles)).where(col(Person.active)))
    return [who for who, roles in rows if Role.ADMINISTRATOR.value in roles]


def _account_wanted(who: Asker, made: Invitation) -> Told:
    """What administrators are told; they see no projects, so it names none."""
    text = (
        f"{who.person.name} invited {made.email} as {Function(made.function).label} of a project, and nobody signs in "
        f"with that address. Make the account if the person should have one; the invitation holds until "
        f"{show_date(made.expires_at.date())}."
    )
    return Told(f"An account is wanted for {made.email}", text, "/people/new")


def mail_to_address(session: Unit, made: Invitation, token: str) -> Notice:
    """The letter to somebody who is invited and has no account; it names no project, since anybody may open a mailbox.

    It holds the token until it is handed over.
    """
    subject = f"{made.by} invites you to a project in Tandem"
    text = (
        f"You are asked to work on it as {Function(made.function).label}. The invitation is for {made.email} and holds "
        f"until {show_date(made.expires_at.date())}. The administrators of Tandem make your account; once you have it, "
        "open this page and accept:"
    )
    return write(session, made.email, Told(subject, text, f"/invitations/{token}", made.project_id))


def _keep_back(session: Unit, invitation: Invitation) -> None:
    """A letter that still waits does not leave once its invitation opens nothing."""
    waiting = select(Notice).where(
        col(Notice.person_id).is_(None),
        col(Notice.address) == invitation.email,
        col(Notice.project_id) == invitation.project_id,
        col(Notice.mailed_at).is_(None),
    )
    for letter in session.scalars(waiting.with_for_update()):
        letter.link = ""


def withdraw_invitation(session: Unit, project: Project, uid: UUID) -> Invitation:
    """The invitation, which opens nothing any more. Raises `Refused` if it is not open."""
    found = session.get(Invitation, uid, with_for_update=True)
    if found is None or found.project_id != project.id:
        raise LookupError("This invitation is not there.")
    if (now_ := state(found)) != "open":
        raise Refused(f"This invitation is {now_} already; there is nothing to withdraw.")
    found.withdrawn_at = now()
    _keep_back(session, found)
    return found


def accept(session: Unit, who: Asker, token: str) -> Project:
    """The project that the person who signed in works on from now on. Raises `Refused` with the reason why not."""
    query = select(Invitation).where(col(Invitation.token_sha256) == sealed(token)).with_for_update()
    found = session.scalars(query).one_or_none()
    if found is None:
        raise LookupError("There is no such invitation. Check that the link is whole.")
    if reason := why_not(found, who.person):
        raise Refused(reason)
    project = session.get(Project, found.project_id)
    if project is None or project.standing_at in (Stage.STOPPED, Stage.CLOSED):
        raise Refused("The project has ended, so nobody joins it any more.")
    join(session, project, who.person.id, found.function)
    found.accepted_at = now()
    _keep_back(session, found)
    session.flush()
    subject = f"{who.person.name} joined {project.key} as {Function(found.function).label}"
    tell(session, [found.by_id], Told(subject, "", f"/projects/{project.key}/people", project.id))
    return project


# ---------------------------------------------------------------- the tandem confirms


def confirm(session: Unit, who: Asker, project: Project, revision: int) -> Confirmation:
    """The confirmation of the proposal at the revision seen, by one half of the tandem; the other half is told.

    Raises `Stale` if the proposal was changed since, `Refused` if it is not theirs to confirm.
    """
    proposal = session.scalars(select(Proposal).where(col(Proposal.project_id) == project.id)).first()
    if proposal is None:
        raise LookupError("This project has no proposal.")
    held(session, Proposal, proposal.uid, revision)
    row, mine = session.get(Project, project.id), _membership(session, project, who.person)
    if row is None or row.standing_at is not Stage.IDEA:
        raise Refused("The proposal was submitted, so there is nothing to confirm now.")
    if mine is None or mine.function not in HALVES:
        raise Refused("Only the principal investigator and the clinical lead confirm the proposal.")
    query = select(Confirmation).where(
        col(Confirmation.project_id) == project.id, col(Confirmation.person_id) == who.person.id
    )
    found = session.scalars(query).one_or_none()
    if found is not None and found.on_revision == revision:
        return found  # sent twice
    if found is None:
        found = Confirmation(project_id=project.id, person_id=who.person.id, on_revision=revision)
        session.add(found)
    found.on_revision, found.at = revision, now()
    session.flush()
    _tell_partner(session, who, row)
    return found


def _tell_partner(session: Unit, who: Asker, project: Project) -> None:
    partners = session.scalars(
        select(col(Membership.person_id)).where(
            col(Membership.project_id) == project.id,
            col(Membership.function).in_([f.value for f in HALVES]),
            col(Membership.person_id) != who.person.id,
        )
    )
    text = "Read it and confirm it too; a change falls back on both of you."
    link = f"/projects/{project.key}/proposal/check"
    tell(session, partners, Told(f"{who.person.name} confirmed the proposal {project.key}", text, link, project.id))


# ---------------------------------------------------------------- documents


def attach(session: Unit, who: Asker, project: Project, document: Document) -> Evidence:
    """A document attached to the proposal. Raises `Refused` with what to mend, or if it is there already."""
    for text, called in (
        (document.title, "The title"),
        (document.note, "The note"),
        (document.file[0], "The file name"),
    ):
        try:
            clean(Fact("word", called, Form.TEXT), text, lines=called == "The note")
        except Unreadable as why:
            raise Refused(str(why)) from None
    _once(session, project, "", document)
    return gates.show(session, who, project, None, document)


def take_back(session: Unit, project: Project, uid: UUID) -> Evidence:
    """A document of the proposal, withdrawn. Raises `LookupError` for one that belongs to a gate."""
    found = session.get(Evidence, uid)
    if found is None or found.project_id != project.id or found.gate:
        raise LookupError("This document is not attached to the proposal.")
    return gates.withdraw(session, project, uid)


def keep_class(session: Unit, who: Asker, project: Project, title: str, reasoning: str) -> Evidence:
    """The reasoned class as evidence for gate G0. Raises `Refused` if the same reasoning is kept already."""
    gate = GATES["G0"]
    document = Document("class-note", title, now().date(), reasoning)
    _once(session, project, gate.id, document)
    return gates.show(session, who, project, gate, document)


def _once(session: Unit, project: Project, gate: str, document: Document) -> None:
    """Refuse what is there already: a form sent twice attaches one document."""
    session.get(Project, project.id, with_for_update=True)
    query = select(Evidence).where(
        col(Evidence.project_id) == project.id,
        col(Evidence.gate) == gate,
        col(Evidence.item) == document.item,
        col(Evidence.title) == document.title.strip()[:300],
        col(Evidence.note) == document.note.strip()[:5_000],
        col(Evidence.dated) == document.dated,
        col(Evidence.file_name) == document.file[0][-200:],
        col(Evidence.withdrawn_at).is_(None),
    )
    if session.scalars(query.limit(1)).first() is not None:
        raise Refused("This is attached already; withdraw that one first if it should be replaced.")
