"""Verbs that write a project's records."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.records.base import Record
from portal.db import Refused
from portal.models import Decision, Membership, Person, Project, project_id
from portal.stages import TAKEN_IN, Function
from portal.trail import Unit


def take_in(
    session: Unit, person: Person | None, binder: Binder, team: Iterable[tuple[Person, Function]] = ()
) -> Project:
    """The new project that a project file's binder describes, at the binder's stage, with `team` working on it.

    `person` None is the house (seeds). Raises `Refused` if the key is taken: nothing is merged into what people wrote.
    """
    if session.scalars(select(Project).where(col(Project.key) == binder.project)).one_or_none() is not None:
        raise Refused(f"There is already a project with the key {binder.project}. Give the project file another key.")
    project = Project(
        id=project_id(binder.project),
        key=binder.project,
        title=binder.name[:500],
        stage=binder.stage.value,
        invented=binder.invented,
    )
    session.add(project)
    session.flush()
    begun = Decision(project_id=project.id, serial=1, move=TAKEN_IN, target=binder.stage.value, by="Tandem")
    begun.reasons = "The project was taken in from a project file; decisions taken before are not recorded here."
    if person is not None:
        begun.by_id, begun.by = person.id, person.name
    session.add(begun)
    session.add_all(
        Membership(project_id=project.id, person_id=member.id, function=function.value) for member, function in team
    )
    session.add_all(copy(record, project) for record in binder)
    session.flush()
    return project


def copy(record: Record, project: Project) -> Record:
    """A new row with the values of `record`, which stays out of the database, in `project`."""
    made = type(record)(uid=record.uid, project_id=project.id, key=record.key, position=record.position, revision=1)
    made.absent, made.sources = dict(record.absent or {}), dict(record.sources or {})
    made.fill(record.values())
    return made
