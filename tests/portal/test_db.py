"""Reading, writing, and two people at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlmodel import col

from dossiers.records import RECORDS
from dossiers.records.base import record_id
from portal import db
from portal.db import Stale, held, reading, signed
from portal.models import Person, Project
from portal.stages import Role

Made = Callable[..., Project]


def test_saving_over_a_newer_revision_is_refused_with_both_texts(project: Made) -> None:
    made = project()
    kind = RECORDS["product"]
    uid = record_id(made.key, "product", "p")
    with signed("Tandem", "first") as session:
        record = kind(uid=uid, project_id=made.id, key="p", absent={}, sources={})
        record.fill({"code": "A"})
        session.add(record)
    with signed("Tandem", "hers") as session:
        held(session, kind, uid, 1).fill({"code": "hers"})
    with pytest.raises(Stale) as raised, signed("Tandem", "mine") as session:
        held(session, kind, uid, 1, {"code": "mine"}).fill({"code": "mine"})
    assert raised.value.yours == {"code": "mine"}
    assert raised.value.theirs["code"] == "hers"
    with reading() as session:
        row = session.get(kind, uid)
        assert row is not None
        assert (row.code, row.revision) == ("hers", 2)  # type: ignore[attr-defined]


def test_what_is_gone_cannot_be_held(project: Made) -> None:
    made = project()
    with signed("Tandem", "x") as session, pytest.raises(LookupError, match="somebody removed it"):
        held(session, RECORDS["product"], record_id(made.key, "product", "none"), 1)


def test_of_many_who_save_at_once_one_wins_and_none_is_lost_silently(people: dict[Role, Person]) -> None:
    person, outcomes, start = people[Role.GMP], [], threading.Barrier(6)

    def save(name: str) -> None:
        start.wait()
        try:
            with signed("Tandem", "race") as session:
                held(session, Person, person.id, 1).name = name
            outcomes.append(name)
        except Stale:
            outcomes.append(None)

    threads = [threading.Thread(target=save, args=(f"Name {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [name for name in outcomes if name]
    assert len(outcomes) == 6
    assert len(winners) == 1
    with reading() as session:
        now = session.get(Person, person.id)
        assert now is not None
        assert (now.name, now.revision) == (winners[0], 2)


def test_sqlite_keeps_references_and_waits(settings: object) -> None:
    if db.engine().dialect.name != "sqlite":
        return  # PostgreSQL always does
    with db.engine().connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    assert said == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 30000, "synchronous": 2}


def test_a_record_without_a_project_is_refused_by_the_database(settings: object) -> None:
    from uuid import uuid4

    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError), signed("Tandem", "orphan") as session:
        session.add(RECORDS["product"](uid=uuid4(), project_id=uuid4(), key="p", absent={}, sources={}))


def test_moments_come_back_in_utc(people: dict[Role, Person]) -> None:
    with reading() as session:
        at = session.scalars(select(col(Person.created_at))).first()
    assert at is not None
    assert at.utcoffset() is not None
    assert at.utcoffset().total_seconds() == 0  # type: ignore[union-attr]


def test_no_database_is_a_plain_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "_engine", None)
    with pytest.raises(RuntimeError, match="No database is open"):
        db.engine()
