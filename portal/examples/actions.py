"""Verbs on examples: take rows over into a specification, and confirm them for this product."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from dossiers.examples import Example
from dossiers.facts import Basis, facts
from dossiers.records.quality import SpecificationScope, SpecTest
from portal.db import Refused, held
from portal.examples import queries
from portal.models import Project
from portal.records.about import parts_of
from portal.records.actions import Adding, Typed, fill
from portal.records.names import Names
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person ticked: the specification, the panel chosen by hand ("": those that fit), the ids of the rows."""

    specification: UUID
    panel: str
    rows: Collection[str]


def take(session: Unit, project: Project, chosen: Chosen) -> tuple[SpecTest, ...]:
    """The rows that were added, marked as examples, with their sources, behind the tests that are there.

    A test whose name is there by now is not added twice. Raises `Refused` where nothing was ticked.
    """
    session.get(Project, project.id, with_for_update=True)  # two people taking at once see each other's rows
    offered = queries.offer(session, project, chosen.specification, chosen.panel)
    scope, rows = offered.specification.scope, [o.example for o in offered.rows if o.example.id in chosen.rows]
    if scope is None or not rows:
        raise Refused("No row was ticked, so nothing was added. Tick the tests that this specification needs.")
    there = {o.example.id for o in offered.rows if o.there}
    tests = queries.tests_of(session, project, chosen.specification)
    order = max((test.order or 0 for test in tests), default=0)
    adding, added = Adding(session, project, SpecTest), list[SpecTest]()
    for row in rows:
        if row.id not in there:
            made = adding.one(typed(row, chosen.specification, scope, order + len(added) + 1))
            assert isinstance(made, SpecTest)
            added.append(made)
    return tuple(added)


def typed(row: Example, specification: UUID, scope: SpecificationScope, order: int) -> Typed:
    """A row as a person would type it in."""
    said = {name: parts_of(row.absent, row.sources, name) for name in (*row.absent, *row.sources)}
    place = {"specification": str(specification), "order": str(order)}
    return Typed(place | row.facts(scope), about=said)


def confirm(session: Unit, project: Project, seen: Collection[tuple[UUID, int]]) -> int:
    """How many examples were confirmed: they are rows of this product from now on.

    `seen` are (id, revision). Whoever confirms answers for the values, so a source that was only recalled goes; where a
    value was read stays. Raises `Refused` where nothing was ticked, `Stale`, `LookupError`.
    """
    if not seen:
        raise Refused("No row was ticked, so nothing was confirmed. Tick the rows that hold for this product.")
    names = Names(session, project.id)
    for uid, revision in seen:
        row = held(session, SpecTest, uid, revision)
        if row.project_id != project.id:
            raise LookupError("This project has no such test.")
        recalled = [f.name for f in facts(SpecTest) if _is_recalled(row, f.name)]
        fill(row, Typed({"is_example": "no"}, about={name: parts_of({}, {}, name) for name in recalled}), names)
    session.flush()
    return len(seen)


def _is_recalled(row: SpecTest, name: str) -> bool:
    return bool((row.sources or {}).get(name, {}).get("basis") == Basis.RECALLED.value)
