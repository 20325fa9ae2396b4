"""Any binder goes through a workbook and comes back whole."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st
from sqlalchemy import select

from dossiers.binder import Binder, dump, load
from dossiers.facts import Absence, Basis, Fact, Form, facts
from dossiers.reading import Unreadable, read_one
from dossiers.records import RECORDS
from dossiers.records.base import Record, record_id
from portal import db
from portal.models import Project
from portal.paths import seeds
from portal.records.actions import take_in
from portal.records.queries import binder_of
from portal.spreadsheets import actions, queries, xlsx
from portal.spreadsheets.queries import Fate

KINDS = ("product", "site", "batch", "spec_test", "test_result", "process", "material", "risk_factor")
WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)


def value(f: Fact, keys: dict[str, list[str]], draw: Any) -> Any:
    """Something the fact can hold, or None."""
    links = [record_id("A", f.to, key) for key in keys.get(f.to, ())]
    made: dict[Form, Any] = {
        Form.INTEGER: st.integers(0, 100).map(str),
        Form.NUMBER: st.decimals(0, 100, allow_nan=False, places=2).map(str),
        Form.DATE: st.dates(dt.date(1880, 1, 1)),
        Form.MONTH: st.sampled_from(["2024", "2024-06", "2024-06-12"]),
        Form.YESNO: st.booleans(),
        Form.CHOICE: st.sampled_from(list(f.choices or [None])),
        Form.CHOICES: st.lists(st.sampled_from(list(f.choices or [None])), unique=True),
        Form.LINES: st.lists(WORDS, max_size=3),
        Form.LINK: st.sampled_from(links) if links else st.none(),
        Form.LINKS: st.lists(st.sampled_from(links), unique=True) if links else st.none(),
        Form.CRITERION: st.sampled_from(["≥ 70 %", "report result", "1.0–5.0"]),
        Form.TEXT: st.lists(WORDS, min_size=1, max_size=3).map("\n".join),
        Form.PROSE: st.lists(WORDS, min_size=1, max_size=3).map("\n\n".join),
    }
    try:
        return read_one(f, draw(st.none() | made.get(f.form, WORDS)))
    except Unreadable:
        return None


class Undone(Exception):
    """Ends the unit without keeping anything."""


@st.composite
def binders(draw: Any) -> Binder:
    words = WORDS.map(str.strip).filter(lambda key: key and key.isprintable())
    keys = {kind: draw(st.lists(words, max_size=3, unique=True)) for kind in KINDS}
    records: dict[str, tuple[Record, ...]] = {}
    for kind, some in keys.items():
        model = RECORDS[kind]
        made = [
            model(uid=record_id("A", kind, key), project_id=UUID(int=0), key=key, position=n)
            for n, key in enumerate(some)
        ]
        for row in made:
            row.absent, row.sources, row.revision = {}, {}, 1
            for f in facts(model):
                setattr(row, f.name, value(f, keys, draw) if draw(st.booleans()) else None)
                if getattr(row, f.name) is None and draw(st.integers(0, 9)) == 0:
                    row.absent[f.name] = {
                        "kind": draw(st.sampled_from(list(Absence))).value,
                        "reason": "because of =1+1",
                    }
                elif getattr(row, f.name) is not None and draw(st.integers(0, 9)) == 0:
                    row.sources[f.name] = {"where": ["S1", "-S2"], "basis": draw(st.sampled_from(list(Basis))).value}
        if made:
            records[kind] = tuple(made)
    return Binder("A", "A project", records=records)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@profile(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(binder=binders())
def test_a_binder_comes_back_whole(binder: Binder, settings: object) -> None:
    comes_back(binder)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("path", sorted((seeds() / "demo").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_demo_dossier_comes_back_whole(path: Path, settings: object) -> None:
    comes_back(load(path.read_text("utf-8"), path.name))


def as_of_now(binder: Binder) -> Binder:
    """A portal holds a project as it is now; the day of a project file speaks of the file."""
    return replace(binder, on=None)


def comes_back(binder: Binder) -> None:
    """Out to a workbook and in again, into a project that was emptied meanwhile: the same project file."""
    with db.reading() as reader:
        assert not list(reader.scalars(select(Project)))
    with contextlib.suppress(Undone), db.signed("tests", "round trip") as session:
        project = take_in(session, None, binder)
        kinds = queries.filled(session, project)
        tables = xlsx.read(xlsx.write(queries.tables_of(session, project, kinds), {})) if kinds else []
        again = queries.plan(session, project, tables)
        assert [row for row in again.rows if row.fate is not Fate.UNCHANGED] == []
        for record in list(binder_of(session, project)):
            session.delete(record)
        session.flush()
        actions.take(session, project, tables, frozenset(), queries.newest(session, project))
        session.expire_all()
        assert dump(binder_of(session, session.scalars(select(Project)).one())) == dump(as_of_now(binder))
        raise Undone
