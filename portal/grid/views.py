"""Saved views of a grid: those of the records of one kind of a project."""

from __future__ import annotations

from functools import partial

from dossiers.records.base import Record
from portal.grid.asked import Asked
from portal.models import Person, Project
from portal.views import Manner, Place


def place(project: Project, model: type[Record], person: Person, edits: bool) -> Place:
    """The views of the records of `model` that the person may open; who edits the facts shares them."""
    manner = Manner(partial(Asked.read, model=model), "who may edit the facts of this project", "Released batches")
    return Place(project, model.kind(), person, manner, edits)
