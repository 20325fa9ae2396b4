"""The demo's people and projects, out of the readable seeds, through the verbs that pages use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlmodel import col

from dossiers.binder import Binder, load
from portal import seeding_programme, seeding_reviews
from portal.db import signed
from portal.models import Person, Project, now
from portal.paths import seeds
from portal.records.actions import take_in
from portal.signin import HASHER
from portal.stages import Function, Role
from portal.trail import Unit

HOUSE = "Tandem"


@dataclass(frozen=True, slots=True)
class Account:
    """A demo sign-in: fictional, named by its role, its password no secret."""

    name: str
    email: str
    password: str
    roles: tuple[Role, ...]
    function: Function | None
    unit: str


def accounts() -> tuple[Account, ...]:
    """The demo's people as `seeds/people.yaml` has them, one a role."""
    read = yaml.safe_load((seeds() / "people.yaml").read_text(encoding="utf-8"))
    return tuple(
        Account(
            said["name"], said["email"], said["password"], tuple(Role(role) for role in said["roles"]),
            Function(said["function"]) if said.get("function") else None, said.get("unit", ""),
        )
        for said in read["people"]
    )  # fmt: skip


def files() -> tuple[Path, ...]:
    """The project files of the demo, by name."""
    return tuple(sorted((seeds() / "demo").glob("*.yaml")))


def seed() -> list[str]:
    """What was added, a line each: people and demo projects that are not there yet. Nothing there is touched."""
    said = []
    with signed(HOUSE, "demo people") as session:
        known = set(session.scalars(select(col(Person.email))))
        for account in accounts():
            if account.email not in known:
                session.add(_person(account))
                said.append(f"{account.name} ({account.email})")
    for file in files():
        binder = load(file.read_text(encoding="utf-8"), file.name)
        if line := _project(binder):
            said.append(line)
    return said


def _person(account: Account) -> Person:
    made = Person(name=account.name, email=account.email, roles=[role.value for role in account.roles], demo=True)
    made.unit = account.unit
    made.password = HASHER.hash(account.password)
    return made


def _project(binder: Binder) -> str:
    with signed(HOUSE, f"demo project {binder.project}") as session:
        if session.scalars(select(col(Project.id)).where(col(Project.key) == binder.project)).one_or_none() is not None:
            return ""
        project, today = take_in(session, None, binder, _team(session)), now().date()
        seeding_programme.plant(session, project, today)
        seeding_reviews.plant(session, project, today)
    return f"{binder.project}: {binder.name}"


def _team(session: Unit) -> list[tuple[Person, Function]]:
    team = []
    for account in accounts():
        person = session.scalars(select(Person).where(col(Person.email) == account.email)).one_or_none()
        if person is not None and account.function is not None:
            team.append((person, account.function))
    return team
