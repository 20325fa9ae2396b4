"""Reviews and planned meetings of the demo's invented projects, from a readable seed, by the verbs of the pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import yaml
from sqlalchemy import select
from sqlmodel import col

from portal.gates.actions import Minutes, meet
from portal.gates.rules import in_force
from portal.models import Person, Project
from portal.paths import seeds
from portal.reviews.actions import Given, ask, hand_in, score
from portal.rights import asker
from portal.stages import GATES, Role
from portal.trail import Unit


def reviews() -> dict[str, Any]:
    """The seed as it is written: its note, project key → reviews, project key → meeting."""
    return dict(yaml.safe_load((seeds() / "demo_reviews.yaml").read_text(encoding="utf-8")))


def plant(session: Unit, project: Project, today: date) -> int:
    """How many reviews of a new demo project were asked for, some with scores handed in; its meeting is planned.

    Raises `ValueError` for a project that is real, `portal.db.Refused` where a verb refuses what the seed says.
    """
    said = reviews()
    judged: dict[str, Any] | None = said["meetings"].get(project.key)
    mine: list[dict[str, Any]] = said["projects"].get(project.key, [])
    if (mine or judged) and not project.invented:
        raise ValueError(f"{project.key} is no invented project, so nothing may be invented for it.")
    manager = _holder(session, Role.INVESTMENT)
    for line in mine if manager is not None else ():
        person = _holder(session, Role(line["by"]))
        if manager is None or person is None:
            continue
        review = ask(session, asker(session, manager), project, person.id, today + timedelta(weeks=line["weeks"]))
        if "scores" in line:
            names = [criterion.id for criterion in in_force(session).criteria]
            given = {n: Given(int(s[0]), s[1:]) for n, s in zip(names, line["scores"].split(), strict=True)}
            score(session, review, given, f"{line['says']} {said['note']}")
            hand_in(session, asker(session, person), project, review)
    gate = GATES.get(project.gate)
    if judged and gate is not None:
        day = today + timedelta(weeks=judged["weeks"])
        meet(session, project, gate, Minutes(day, judged["place"], "", "", "", said["note"]))
    session.flush()
    return len(mine)


def _holder(session: Unit, role: Role) -> Person | None:
    """The demo's person with that role."""
    people = session.scalars(select(Person).where(col(Person.demo)).order_by(col(Person.email)))
    return next((person for person in people if role.value in person.roles), None)
