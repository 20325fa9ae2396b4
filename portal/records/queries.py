"""Questions about a project's records."""

from __future__ import annotations

from sqlalchemy import select
from sqlmodel import col

from dossiers.binder import Binder
from dossiers.records import RECORDS
from portal.models import Project
from portal.trail import Unit


def binder_of(session: Unit, project: Project) -> Binder:
    """All records of `project` as they are now, in people's order. One query a kind; treat them as read-only."""
    records = {}
    for kind, model in RECORDS.items():
        query = select(model).where(col(model.project_id) == project.id).order_by(col(model.position), col(model.key))
        if found := tuple(session.scalars(query)):
            records[kind] = found
    return Binder(project.key, project.title, project.standing_at, project.invented, records)
