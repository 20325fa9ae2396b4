"""Verbs that decide."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from portal.db import Refused, held
from portal.gates.queries import decided, standing
from portal.models import Decision, Project
from portal.rights import Asker
from portal.stages import Move, Said, refusals, target
from portal.trail import Unit


def take(session: Unit, who: Asker, project: tuple[UUID, int], move: Move, said: Said) -> Decision:
    """The decision that `move` was made on a project, given as (id, revision seen).

    The decision is appended and the project's stage set in the same unit. Raises `Refused` with every reason why the
    move may not be made now, `Stale` if the project moved on since the sheet was read.
    """
    row = held(session, Project, *project)
    before = decided(session, row.id)
    judged = replace(standing(session, row, before), said=said)
    if reasons := refusals(move, judged, who.roles):
        raise Refused(*reasons)
    leads_to = target(move, judged.course)
    made = Decision(
        project_id=row.id,
        serial=len(before) + 1,
        move=move.name,
        gate=move.gate,
        verdict=move.verdict.value if move.verdict else "",
        source=row.stage,
        target=leads_to.value,
        reasons=said.reasons.strip(),
        conditions=said.conditions.strip(),
        evidence=said.evidence.strip(),
        by_id=who.person.id,
        by=who.person.name,
    )
    session.add(made)
    # A decision that leaves the stage as it was still counts the project's state: two deciders cannot both decide.
    row.stage = leads_to.value
    row.revision += 1 if leads_to.value == judged.course.stage.value else 0
    session.flush()
    return made
