"""Questions about a proposal."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal.gates.queries import decided, standing
from portal.models import Decision, Project
from portal.rights import Asker
from portal.stages import Move, move, refusals
from portal.trail import Unit


def proposal_of(session: Unit, project: Project) -> Proposal | None:
    """The project's proposal, if it has one (a project taken in later has none)."""
    return session.scalars(select(Proposal).where(col(Proposal.project_id) == project.id)).first()


def form_name(project: Project) -> str:
    """The name under which what is typed is kept."""
    return f"{project.key}/proposal"


@dataclass(frozen=True, slots=True)
class Check:
    """What stands between a proposal and the step `made`: every reason why not, and what was decided last."""

    made: Move
    why_not: tuple[str, ...]
    last: Decision | None


def check(session: Unit, who: Asker, project: Project, name: str) -> Check:
    """Whether the step `name` (submit, withdraw) may be taken now, besides what its maker would say."""
    made, decisions = move(name), decided(session, project.id)
    judged, _ = standing(session, who.person, project, decisions)
    reasons = tuple(r for r in refusals(made, judged, who.roles) if not r.startswith("Say why"))
    return Check(made, reasons, decisions[-1] if decisions else None)
