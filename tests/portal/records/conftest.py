"""A small project with batches, tests and results, and what one asks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dossiers.binder import load
from dossiers.records import RECORDS
from portal import db
from portal.models import Project
from portal.records.queries import of_kind

FILE = """
tandem: 1
project: TST-1
records:
  site:
    one: {name: First site}
    two: {name: Second site}
  product:
    p: {code: TST-1, name: {value: A product, where: [S], basis: read}}
  batch:
    B-1: {number: B-1, site: one, size: "1.20e9", use: [clinical, stability]}
    B-2: {number: B-2, remark: "two\\nlines", disposition_reason: {absent: not_found, reason: lost, owner: QA}}
    B-3: {number: B-3, parents: [B-1, B-2]}
  spec_test:
    v: {test: Viability}
  test_result:
    r1: {batch: B-1, spec_test: v, value: "88"}
"""


@pytest.fixture
def made(project: Callable[..., Project]) -> Project:
    """The project, with a researcher, a GMP lead and regulatory affairs on its team."""
    binder = load(FILE)
    return project("transfer", members=("researcher", "gmp_lead", "regulatory"), records=binder.records)


def all_of(project: Project, kind: str) -> list[Any]:
    """The records of a kind, read anew."""
    with db.reading() as session:
        return list(of_kind(session, project, RECORDS[kind]))
