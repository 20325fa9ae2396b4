"""Verbs that write records: what boxes cannot say, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

from dossiers.binder import load
from dossiers.records.results import Batch
from portal import db
from portal.models import Person, Project
from portal.records import actions
from portal.stages import Role

FILE = """\
tandem: 1
project: P-1
records:
  batch:
    a: {number: A}
    b: {number: B}
    c: {number: C, parents: [b, a]}
"""


def test_boxes_that_are_ticked_keep_the_order_that_was(
    project: Callable[..., Project], people: dict[Role, Person]
) -> None:
    binder = load(FILE)
    made = project("dossier", "P-1", records=binder.records)
    a, b, c = (batch.uid for batch in binder.all("batch"))
    with db.signed(people[Role.REGULATORY], "edit") as session:
        actions.save(session, made, (Batch, c), actions.Typed({"parents": [str(a), str(b)]}, 1))
    with db.reading() as session:
        kept = session.get(Batch, c)
        assert kept is not None and kept.parents == [b, a]
