"""Verbs about people: invite, give roles, deactivate, say who works on a project."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from portal.db import Refused, held
from portal.models import Membership, Person, Project, SignIn, now
from portal.signin import matches, set_password
from portal.stages import Function, Role
from portal.trail import Unit

EMAIL = re.compile(r"[^@\s]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """What an administrator says of a person."""

    name: str
    email: str
    roles: tuple[str, ...]
    active: bool = True
    unit: str = ""  # research group or department; who shares one with an applicant may not judge

    def faults(self) -> dict[str, str]:
        """Field → why it cannot be taken."""
        found = {}
        if not self.name.strip() or len(self.name) > 200 or not self.name.isprintable():
            found["name"] = "Enter the person's name, at most 200 characters."
        if not EMAIL.fullmatch(self.email.strip()) or len(self.email) > 254:
            found["email"] = "Enter an e-mail address such as an.peeters@hospital.example."
        if len(self.unit) > 200 or not (self.unit.isprintable() or not self.unit):
            found["unit"] = "Enter the research group or department, at most 200 characters."
        if not self.roles:
            found["roles"] = "Choose at least one role; without a role a person sees nothing."
        elif unknown := [role for role in self.roles if role not in tuple(Role)]:
            found["roles"] = f"There is no role “{unknown[0][:40]}”."
        return found


def invite(session: Unit, entry: Entry) -> tuple[Person, str]:
    """(the new person, a first password to hand over, shown once). Raises `Refused` for an address that is taken."""
    _check(entry)
    email = entry.email.strip().casefold()
    if session.scalars(select(Person).where(col(Person.email) == email)).one_or_none() is not None:
        raise Refused(f"Somebody already signs in with {email}. Change that person's roles instead.")
    person = Person(name=entry.name.strip(), email=email, roles=_ordered(entry.roles), unit=_plain(entry.unit))
    password = first_password()
    set_password(person, password)
    session.add(person)
    session.flush()
    return person, password


def _plain(text: str) -> str:
    return " ".join(text.split())


def change(session: Unit, by: Person, row: UUID, revision: int, entry: Entry) -> Person:
    """The person as the entry says, but for the e-mail address, which stays. Raises `Refused`, `Stale`."""
    _check(entry)
    person = held(session, Person, row, revision)
    keeps = Role.ADMINISTRATOR in entry.roles and entry.active
    if person.id == by.id and not keeps:
        raise Refused("You cannot take your own administration away; ask another administrator.")
    person.name, person.roles, person.active = entry.name.strip(), _ordered(entry.roles), entry.active
    person.unit = _plain(entry.unit)
    if not person.active:
        end_all(session, person)
    return person


def reset_password(session: Unit, row: UUID) -> tuple[Person, str]:
    """(the person, a new first password shown once); ends all their sign-ins."""
    person = session.get(Person, row, with_for_update=True)
    if person is None:
        raise LookupError("There is no such person.")
    password = first_password()
    set_password(person, password)
    end_all(session, person)
    return person, password


def change_password(session: Unit, row: UUID, old: str, new: str) -> Person:
    """The person with the new password. Raises `Refused` if the old one is wrong or the new one weak."""
    person = session.get(Person, row, with_for_update=True)
    if not matches(person, old) or person is None:
        raise Refused("Your present password is not right.")
    if old == new:
        raise Refused("The new password is the old one.")
    set_password(person, new)
    return person


def end_all(session: Unit, person: Person) -> None:
    """End every sign-in of the person."""
    for found in session.scalars(
        select(SignIn).where(col(SignIn.person_id) == person.id, col(SignIn.ended_at).is_(None))
    ):
        found.ended_at = now()


def first_password() -> str:
    """A random password that can be read out: four groups of five letters and digits, about 95 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _check(entry: Entry) -> None:
    if faults := entry.faults():
        raise Refused(*faults.values())


def _ordered(roles: Iterable[str]) -> list[str]:
    return [role.value for role in Role if role in tuple(roles)]


# ---------------------------------------------------------------- who works on a project


def join(session: Unit, project: Project, person_id: UUID, function: str) -> Membership:
    """The membership of somebody who works on `project` from now on. Raises `Refused`, `LookupError`."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        raise LookupError("There is no such person, or they may not sign in any more.")
    if function not in tuple(Function):
        raise Refused("Choose what the person does in the project.")
    query = select(Membership).where(col(Membership.project_id) == project.id, col(Membership.person_id) == person_id)
    if session.scalars(query).one_or_none() is not None:
        raise Refused(f"{person.name} works on {project.key} already.")
    made = Membership(project_id=project.id, person_id=person_id, function=function)
    session.add(made)
    return made


def leave(session: Unit, project: Project, row: UUID) -> None:
    """Take a membership away. Raises `Refused` for the last one: somebody must answer for a project."""
    found = session.get(Membership, row, with_for_update=True)
    if found is None or found.project_id != project.id:
        raise LookupError("This person no longer works on the project.")
    if len(session.scalars(select(Membership).where(col(Membership.project_id) == project.id)).all()) == 1:
        raise Refused("This is the last person who works on the project; add somebody else first.")
    session.delete(found)


def open_up(session: Unit, row: UUID, revision: int, *, confidential: bool) -> Project:
    """The project, confidential or open to all staff of the portal. Raises `Stale`."""
    project = held(session, Project, row, revision)
    project.confidential = confidential
    return project
