"""A project in which one section has a text and no gap."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dossiers.binder import load
from portal.drafts import queries as drafts
from portal.models import Project
from portal.sections import changes, queries

FILE = """\
tandem: 1
project: SEC-1
stage: dossier
records:
  product:
    main: {code: SEC-1, name: A product, atmp_class: tep, sponsor: A hospital}
  active_substance:
    cells: {code: DS-1, name: cells, type: other, description: Living cells.}
  narrative:
    n-1: {section_number: S.1.2, text: "The structure is *round*. It holds.", status: approved, language: en}
"""


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Projects of different tests have the same id and may have the same state."""
    for kept in (drafts._REMEMBERED, queries._READ, changes._SECTIONS, changes._COMPARED):
        kept.kept.clear()


@pytest.fixture
def written(project: Callable[..., Project]) -> Project:
    team = ("researcher", "clinician", "quality", "regulatory", "reviewer")
    return project("dossier", "SEC-1", team, records=load(FILE).records)
