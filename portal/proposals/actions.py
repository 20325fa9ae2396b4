"""Verbs of those who propose."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.reading import read
from dossiers.records.base import record_id
from dossiers.records.proposal import Proposal
from dossiers.stage import Stage
from portal.db import held
from portal.models import Decision, Membership, Person, Project, project_id
from portal.pace import stand
from portal.pending import drop
from portal.rights import Asker
from portal.stages import PROPOSING, Function, Role
from portal.trail import Unit

ACRONYM = re.compile(r"[A-Z0-9-]{2,15}")


class Wrong(Exception):
    """What was typed cannot be taken: fact name → sentence. Nothing was stored."""

    def __init__(self, messages: Mapping[str, str]):
        super().__init__(" ".join(messages.values()))
        self.messages = messages


def propose(session: Unit, who: Asker, title: str, acronym: str) -> Project:
    """The new project of an idea, with whoever proposes it as half of its tandem. Raises `Wrong`."""
    values, messages = read(Proposal, {"project_title": title, "acronym": acronym.strip().upper()})
    if not messages and not values.get("project_title"):
        messages["project_title"] = "Give the idea a working title; it may be changed later."
    if not messages and not ACRONYM.fullmatch(values.get("acronym") or ""):
        messages["acronym"] = "An acronym has 2 to 15 capitals, digits or hyphens, such as CAR19."
    if messages:
        raise Wrong(messages)
    key = values["acronym"]
    if session.scalars(select(Project).where(col(Project.key) == key)).one_or_none() is not None:
        raise Wrong({"acronym": f"There is already a project {key}. Choose another acronym."})
    project = Project(id=project_id(key), key=key, title=values["project_title"], stage=Stage.IDEA.value)
    begun = _begun(project, who.person)
    stand(project, [begun])
    session.add(project)
    session.flush()
    session.add(begun)
    session.add(Membership(project_id=project.id, person_id=who.person.id, function=_function(who).value))
    proposal = Proposal(uid=record_id(key, "proposal", "proposal"), project_id=project.id, key="proposal")
    proposal.absent, proposal.sources, proposal.position, proposal.revision = {}, {}, 0, 1
    half = "clinical_lead" if _function(who) is Function.CLINICAL_LEAD else "pi"
    proposal.fill(values | {half: who.person.name})
    session.add(proposal)
    session.flush()
    return project


def _begun(project: Project, person: Person) -> Decision:
    made = Decision(project_id=project.id, serial=1, move=PROPOSING, target=Stage.IDEA.value, by=person.name)
    made.by_id = person.id
    return made


def _function(who: Asker) -> Function:
    return Function.CLINICAL_LEAD if Role.CLINICIAN in who.roles else Function.INVESTIGATOR


def save(session: Unit, who: Asker, row: tuple[UUID, int], typed: Mapping[str, Any], form: str) -> Proposal:
    """The proposal, given as (uid, revision seen), with what was typed. All of it is taken or nothing.

    Raises `Wrong` with a sentence for each field that cannot be taken, `Stale` if somebody saved in between.
    """
    proposal = held(session, Proposal, *row, yours=typed)
    values, messages = read(Proposal, typed)
    if "acronym" in values and values["acronym"] != proposal.acronym:
        messages["acronym"] = f"The acronym {proposal.acronym} is the project's key and stays as it is."
    if messages:
        raise Wrong(messages)
    proposal.fill(values)
    project = session.get(Project, proposal.project_id)
    if project is not None and proposal.project_title and project.title != proposal.project_title:
        project.title = proposal.project_title
    drop(session, who.person, form)
    session.flush()
    return proposal
