"""Verbs that write a project's records: all of what was typed is taken, or nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.facts import by_name, facts, is_empty
from dossiers.reading import Messages
from dossiers.records.base import Record, record_id
from portal.db import Refused, held
from portal.models import Decision, Membership, Person, Project, project_id
from portal.pace import stand
from portal.records import queries
from portal.records.about import Saying, read_about
from portal.records.names import GONE, Names
from portal.stages import TAKEN_IN, Function
from portal.trail import Unit


class Unfit(Exception):
    """What was typed cannot be taken; `messages` holds a sentence for each fact. Nothing was stored."""

    def __init__(self, messages: Messages):
        super().__init__(" ".join(messages.values()))
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed into a record: facts, what is said about them, on which revision they saw."""

    facts: Mapping[str, Any]
    revision: int = 0
    about: Saying = field(default_factory=dict)
    key: str = ""  # of a new record; empty: made from its name


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
    begun = Decision(project_id=project.id, serial=1, move=TAKEN_IN, target=binder.stage.value, by="Tandem")
    begun.reasons = "The project was taken in from a project file; decisions taken before are not recorded here."
    if person is not None:
        begun.by_id, begun.by = person.id, person.name
    stand(project, [begun])
    session.add(project)
    session.flush()
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


# ---------------------------------------------------------------- one record


def save(session: Unit, project: Project, place: tuple[type[Record], UUID], typed: Typed) -> Record:
    """The record at `place` (kind, id) with what was typed. Raises `Unfit`, `Stale`, or `LookupError` if it is gone."""
    model, uid = place
    row = held(session, model, uid, typed.revision, yours=typed.facts)
    if row.project_id != project.id:
        raise LookupError("This project has no such record.")
    fill(row, typed, Names(session, project.id))
    session.flush()
    return row


def fill(row: Record, typed: Typed, names: Names) -> None:
    """Put what was typed into `row`. Raises `Unfit` before anything is put.

    A value takes the reason for its absence away; a source speaks of one value and does not outlive it.
    """
    model = type(row)
    values, messages = names.read(model, typed.facts)
    told, wrong = read_about(model, row, typed.about)
    for name, (absence, _) in told.items():
        if absence and not is_empty(values.get(name, getattr(row, name))):
            wrong[name] = f"{by_name(model)[name].label} has a value, so it needs no reason for being empty; keep one."
    if messages or wrong:
        raise Unfit(wrong | messages)
    for name in (n for n, sent in typed.facts.items() if isinstance(sent, list) and values.get(n)):
        values[name] = _in_order(getattr(row, name) or [], values[name])
    changed = {name: value for name, value in values.items() if value != getattr(row, name)}
    row.fill(changed)
    _say(row, changed, told)


def _in_order(was: list[Any], ticked: list[Any]) -> list[Any]:
    """What is ticked, in the order it stood in; new ones behind. Boxes to tick have no order of their own."""
    return [one for one in was if one in ticked] + [one for one in ticked if one not in was]


def _say(row: Record, changed: Mapping[str, Any], told: Mapping[str, Any]) -> None:
    absent, sources = dict(row.absent or {}), dict(row.sources or {})
    for name, value in changed.items():
        if not is_empty(value):
            absent.pop(name, None)
        sources.pop(name, None)
    for name, (absence, source) in told.items():
        for kept, said in ((absent, absence), (sources, source)):
            kept.pop(name, None)
            if said:
                kept[name] = said
    for name in absent.keys() & {f.name for f in facts(type(row)) if not is_empty(getattr(row, f.name))}:
        absent.pop(name)
    if absent != (row.absent or {}):
        row.absent = absent
    if sources != (row.sources or {}):
        row.sources = sources


class Adding:
    """Adds records of one kind to a project; keys, places and names are read once, so that many are added fast."""

    def __init__(self, session: Unit, project: Project, model: type[Record], names: Names | None = None):
        self.session, self.project, self.model = session, project, model
        self.names = names or Names(session, project.id)
        session.get(Project, project.id, with_for_update=True)  # two people adding at once take keys in turn
        mine = select(col(model.key), col(model.position)).where(col(model.project_id) == project.id)
        rows = session.execute(mine).all()
        self.keys, self.next = {key for key, _ in rows}, max((place for _, place in rows), default=-1) + 1

    def one(self, typed: Typed) -> Record:
        """A new record at the end of its kind. Raises `Unfit`, or `Refused` for a second one of a single kind."""
        model = self.model
        if model.single and self.keys:
            raise Refused(f"A project has one {model.called[0].lower()}, and this one has it already. Open that one.")
        nameless = record_id(self.project.key, model.kind(), "")
        row = model(uid=nameless, project_id=self.project.id, key="", position=self.next)
        row.absent, row.sources, row.revision = {}, {}, 1
        fill(row, typed, self.names)
        row.key = self.asked(typed.key) if typed.key.strip() else self.made(row)
        row.uid = record_id(self.project.key, model.kind(), row.key)
        self.session.add(row)
        self.session.flush()
        self.keys.add(row.key)
        self.next += 1
        return row

    def asked(self, key: str) -> str:
        """The key a person asked for. Raises `Unfit` if it cannot be one or is taken."""
        key = key.strip()
        if len(key) > 120 or not key.isprintable():
            raise Unfit({"key": "A key is 1 to 120 printable characters, such as B-01."})
        if key in self.keys:
            raise Unfit({"key": f"Another {self.model.called[0].lower()} has the key “{key}”; choose another."})
        return key

    def made(self, row: Record) -> str:
        """A key made from the record's name, which no other of its kind has."""
        name = self.names.called(row)
        stem = re.sub(r"[^\w/.+()-]+", "-", name).strip("-")[:60].strip("-")
        kind, numbers = self.model.kind().replace("_", "-"), range(2, len(self.keys) + 3)
        candidates = [stem, *(f"{stem}-{n}" for n in numbers)] if stem else [f"{kind}-{n - 1}" for n in numbers]
        return next(key for key in candidates if key not in self.keys)


def add(session: Unit, project: Project, model: type[Record], typed: Typed) -> Record:
    """A new record at the end of its kind. Raises `Unfit`, or `Refused` for a second one of a single kind."""
    return Adding(session, project, model).one(typed)


def duplicate(session: Unit, project: Project, place: tuple[type[Record], UUID]) -> Record:
    """A copy of a record at the end of its kind: its values and reasons; sources stay with the original."""
    model, uid = place
    if model.single:
        raise Refused(f"A project has one {model.called[0].lower()}; it cannot have a second.")
    original, adding = queries.one(session, project, model, uid), Adding(session, project, model)
    stem = original.key[:100]
    copies = (f"{stem}-copy{n if n > 1 else ''}" for n in range(1, len(adding.keys) + 2))
    made = adding.one(Typed({}, key=next(key for key in copies if key not in adding.keys)))
    made.fill(original.values())
    made.absent = dict(original.absent or {})
    session.flush()
    return made


def move(session: Unit, project: Project, place: tuple[type[Record], UUID], steps: int) -> Record:
    """The record, moved up (steps < 0) or down among those of its kind, as far as that goes."""
    model, uid = place
    session.get(Project, project.id, with_for_update=True)
    order = list(
        session.scalars(
            select(model).where(col(model.project_id) == project.id).order_by(col(model.position), col(model.key))
        )
    )
    at = next((n for n, row in enumerate(order) if row.uid == uid), None)
    if at is None:
        raise LookupError("This record no longer exists; somebody removed it.")
    row = order.pop(at)
    order.insert(max(0, at + steps), row)
    for position, other in enumerate(order):
        if other.position != position:
            other.position = position
    session.flush()
    return row


def remove(session: Unit, project: Project, place: tuple[type[Record], UUID], revision: int) -> Record:
    """The record that was removed. Raises `Refused` while others refer to it, `Stale` if it changed meanwhile."""
    model, uid = place
    row = held(session, model, uid, revision)
    if row.project_id != project.id:
        raise LookupError("This project has no such record.")
    if found := queries.referrers(session, project, row):
        first = ", ".join(f"{r.kind.lower()} “{r.name}” ({r.label})" for r in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise Refused(
            f"{model.called[0]} “{Names(session, project.id).called(row)}” is named by {first}{more}. "
            "Let them name another record, or remove them first."
        )
    session.delete(row)
    session.flush()
    return row


def restore(session: Unit, project: Project, place: tuple[type[Record], UUID]) -> tuple[Record, tuple[str, ...]]:
    """(the record as it was when it was removed, labels of links whose target is gone since). From the trail."""
    model, uid = place
    if session.get(model, uid) is not None:
        raise Refused("This record is there already; nothing was restored.")
    was = queries.removed_values(session, project, model, uid)
    if not was:
        raise LookupError("The history of this project knows no such record.")
    if model.single and session.scalars(select(col(model.uid)).where(col(model.project_id) == project.id)).first():
        raise Refused(f"A project has one {model.called[0].lower()}, and this one has another now. Remove that first.")
    row = model(uid=uid, project_id=project.id, key=was["key"], position=int(was.get("position", 0)), revision=1)
    row.absent, row.sources = json.loads(was.get("absent", "{}")), json.loads(was.get("sources", "{}"))
    names, lost = Names(session, project.id), []
    for f in facts(model):
        if f.name not in was:
            continue
        value = queries.kept_value(f, was[f.name])
        if f.is_link and GONE in map(names.name_of(f), value if isinstance(value, list) else [value]):
            value = [v for v in value if v in names.of(f.to)] or None if isinstance(value, list) else None
            lost.append(f.label)
        setattr(row, f.name, value)
    session.add(row)
    session.flush()
    return row, tuple(lost)
