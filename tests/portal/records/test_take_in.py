"""A project file becomes a project, whole or not at all, and comes out again."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from dossiers.binder import Binder, dump, load
from portal.db import Refused, reading, signed
from portal.models import Decision, Person, Project, project_id
from portal.records.actions import take_in
from portal.records.queries import binder_of
from portal.stages import TAKEN_IN, Function, Role, fold

FILE = """
tandem: 1
project: TDM-TEST-1
name: A product that is made up
stage: transfer
invented: true
records:
  site:
    one: {name: First site}
    two: {name: {value: Second site, where: [S], basis: read}}
  product:
    p:
      code: TDM-1
      atc: {absent: not_found, reason: no code yet, owner: RA}
"""


def test_a_project_file_goes_in_and_comes_out_the_same(people: dict[Role, Person]) -> None:
    binder, me = load(FILE), people[Role.REGULATORY]
    with signed(me, "taken in") as session:
        made = take_in(session, me, binder, [(me, Function.REGULATORY)])
    assert made.id == project_id("TDM-TEST-1")
    with reading() as session:
        project = session.get(Project, made.id)
        assert project is not None
        assert (project.stage, project.invented, project.confidential) == ("transfer", True, True)
        assert dump(binder_of(session, project)) == dump(binder)
        (begun,) = session.scalars(select(Decision)).all()
        assert (begun.move, begun.source, begun.target, begun.by_id) == (TAKEN_IN, "", "transfer", me.id)
        assert fold([begun]).stage == project.standing_at


def test_a_key_that_is_taken_is_refused_and_nothing_is_merged(people: dict[Role, Person]) -> None:
    with signed("Tandem", "first") as session:
        take_in(session, None, load(FILE))
    with (
        pytest.raises(Refused, match="already a project with the key TDM-TEST-1"),
        signed("Tandem", "second") as session,
    ):
        take_in(session, None, load(FILE.replace("TDM-1", "TDM-2")))
    with reading() as session:
        project = session.scalars(select(Project)).one()
        assert [p.code for p in binder_of(session, project).all("product")] == ["TDM-1"]  # type: ignore[attr-defined]


def test_an_empty_binder_is_a_project_without_records(settings: object) -> None:
    with signed("Tandem", "empty") as session:
        made = take_in(session, None, Binder(f"E-{uuid4().hex[:6]}"))
    with reading() as session:
        project = session.get(Project, made.id)
        assert project is not None
        assert list(binder_of(session, project)) == []
