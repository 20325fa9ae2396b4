"""The trail is complete, signed, and only ever added to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from dossiers.facts import facts
from dossiers.records import RECORDS
from dossiers.records.base import Record, record_id
from portal import db
from portal.db import reading, signed
from portal.models import APPENDED, Change, Decision, Issue, LoginAttempt, Person, Project
from portal.stages import Role
from portal.trail import Unsigned, plain, signature

Made = Callable[..., Project]


def product(project: Project, **values: object) -> Record:
    made = RECORDS["product"](
        uid=record_id(project.key, "product", "p"), project_id=project.id, key="p", absent={}, sources={}
    )
    made.fill(values)
    return made


def trail(row: object) -> list[tuple[str, str, str | None, str | None]]:
    with reading() as session:
        found = session.scalars(select(Change).where(col(Change.row) == row).order_by(col(Change.id)))
        return [(c.deed, c.fact, c.old, c.new) for c in found]


def test_every_value_of_a_new_changed_and_removed_record_is_kept(project: Made, people: dict[Role, Person]) -> None:
    record = product(project(), code="P-1", name="A product")
    with signed(people[Role.RESEARCHER], "first facts") as session:
        session.add(record)
    with signed(people[Role.REGULATORY], "corrected") as session:
        held = db.held(session, RECORDS["product"], record.uid, 1)
        held.fill({"code": "P-2"})
        held.absent = {"atc": {"kind": "not_found", "reason": "no code yet", "owner": "RA"}}
    with signed("Tandem", "removed") as session:
        session.delete(session.get(RECORDS["product"], record.uid))
    kept = trail(record.uid)
    assert ("added", "code", None, "P-1") in kept
    assert ("added", "name", None, "A product") in kept
    assert [k for k in kept if k[0] == "changed"] == [
        ("changed", "absent", None, '{"atc": {"kind": "not_found", "owner": "RA", "reason": "no code yet"}}'),
        ("changed", "code", "P-1", "P-2"),
    ]
    assert ("removed", "code", "P-2", None) in kept
    with reading() as session:
        changed = session.scalars(select(Change).where(col(Change.deed) == "changed", col(Change.fact) == "code")).one()
        assert (changed.who, changed.who_id, changed.why) == (
            "Test regulatory",
            people[Role.REGULATORY].id,
            "corrected",
        )
        assert (changed.kind, changed.project_id) == ("product", record.project_id)
        assert changed.called
        assert changed.at.tzinfo is UTC


def test_saving_what_was_there_leaves_no_trace(project: Made) -> None:
    record = product(project(), code="P-1")
    with signed("Tandem", "first") as session:
        session.add(record)
    before = trail(record.uid)
    with signed("Tandem", "again") as session:
        db.held(session, RECORDS["product"], record.uid, 1).fill({"code": "P-1", "atc": None})
    assert trail(record.uid) == before
    with reading() as session:
        assert session.get(RECORDS["product"], record.uid).revision == 1  # type: ignore[union-attr]


def test_an_old_value_that_was_not_read_is_still_kept(project: Made) -> None:
    made = project()
    with signed("Tandem", "blind write") as session:
        row = session.get(Project, made.id)
        session.expire(row)
        row.title = "New title"  # type: ignore[union-attr]
    assert ("changed", "title", "Project TST-1", "New title") in trail(made.id)


def fail_after_writing(project: Project) -> None:
    with signed("Tandem", "half") as session:
        session.get(Project, project.id).title = "Half"  # type: ignore[union-attr]
        session.flush()
        raise RuntimeError


def test_what_fails_leaves_neither_value_nor_trace(project: Made) -> None:
    made = project()
    before = trail(made.id)
    with pytest.raises(RuntimeError):
        fail_after_writing(made)
    assert trail(made.id) == before
    with reading() as session:
        assert session.get(Project, made.id).title == "Project TST-1"  # type: ignore[union-attr]


def test_a_password_never_enters_the_trail(people: dict[Role, Person]) -> None:
    person = people[Role.REVIEWER]
    with signed("Tandem", "reset") as session:
        session.get(Person, person.id).password = "$argon2id$other"  # type: ignore[union-attr]
    kept = [k for k in trail(person.id) if k[1] == "password"]
    assert kept == [("added", "password", None, "set"), ("changed", "password", "set", "set")]
    with reading() as session:
        everything = " ".join(f"{c.old} {c.new}" for c in session.scalars(select(Change)))
    assert "argon2" not in everything


def test_traffic_without_meaning_is_not_kept_and_still_signed(settings: object) -> None:
    attempt = LoginAttempt(email="a@b.example")
    with signed("sign-in", "tried") as session:
        session.add(attempt)
    assert trail(attempt.id) == []
    with reading() as session:
        session.add(LoginAttempt(email="c@d.example"))
        with pytest.raises(Unsigned):
            session.flush()


def test_unsigned_writes_of_any_kind_are_refused(project: Made) -> None:
    made = project()
    for spoil in (
        lambda s: setattr(s.get(Project, made.id), "title", "X"),
        lambda s: s.delete(s.get(Project, made.id)),
        lambda s: s.add(Project(key="X", title="X")),
    ):
        with reading() as session:
            spoil(session)
            with pytest.raises(Unsigned):
                session.commit()
            session.rollback()
    with pytest.raises(Unsigned), signed("Tandem", "  "):
        pass


@pytest.mark.parametrize("in_signed", [True, False])
def test_bulk_statements_are_refused_even_under_a_signature(project: Made, in_signed: bool) -> None:
    made = project()
    for statement in (
        update(Project).values(title="X"),
        delete(Project),
        insert(Project).values(id=uuid4(), key="X", title="X", stage="idea"),
        update(Project.__table__).values(title="X"),
        text("UPDATE project SET title = 'X'"),
        text("  delete from project"),
        text(""),
    ):
        with signed("Tandem", "bulk") if in_signed else reading() as session, pytest.raises(Unsigned):
            session.execute(statement)
    with signed("Tandem", "bulk") as session, pytest.raises(Unsigned):
        session.bulk_save_objects([Project(key="X", title="X")])
    with reading() as session:
        assert session.scalars(select(col(Project.title))).all() == [made.title]
        assert session.execute(text("SELECT 1")).scalar() == 1


def issued(project: Project, who: Person) -> Issue:
    made = Issue(project_id=project.id, outline="impd-q", version=1, binder="b" * 400, tree="t", docx=b"d" * 400)
    made.sha256 = made.binder_sha256 = "0"
    made.by_id, made.by = who.id, who.name
    return made


def test_appended_rows_refuse_change_in_the_session_and_in_the_database(
    project: Made, people: dict[Role, Person]
) -> None:
    made, who = project(), people[Role.REGULATORY]
    issue = issued(made, who)
    with signed("Tandem", "issue") as session:
        session.add(issue)
    for model in (Decision, Issue, Change):
        with reading() as session:
            row = session.scalars(select(model)).first()
        assert row is not None
        with pytest.raises((Unsigned, DBAPIError)), signed("Tandem", "rewrite") as session:
            session.delete(session.merge(row))
    assert {model.__tablename__ for model in (Decision, Issue, Change)} <= set(APPENDED)
    for table in ("change", "decision", "issue"):  # SQLite asks its triggers row by row, so there must be rows
        for statement in (f'UPDATE "{table}" SET id = id', f'DELETE FROM "{table}"'):
            with db.engine().connect() as connection, pytest.raises(DBAPIError, match=f"{table} is only ever added to"):
                connection.exec_driver_sql(statement)
    if db.engine().dialect.name == "postgresql":
        with db.engine().connect() as connection, pytest.raises(DBAPIError, match="only ever added to"):
            connection.exec_driver_sql('TRUNCATE "change"')


def test_a_document_is_in_the_trail_by_its_hash(project: Made, people: dict[Role, Person]) -> None:
    made, who = project(), people[Role.REGULATORY]
    issue = issued(made, who)
    with signed(who, "issue") as session:
        session.add(issue)
    kept = {fact: new for _, fact, _, new in trail(issue.id)}
    assert str(kept["docx"]).startswith("sha256 ")
    assert kept["tree"] == "set"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    old=some.dictionaries(
        some.sampled_from(["code", "name", "sponsor", "indication"]), some.text("abc ×⁶", max_size=5)
    ),
    new=some.dictionaries(
        some.sampled_from(["code", "name", "sponsor", "indication"]), some.text("abc ×⁶", max_size=5)
    ),
)
def test_folding_the_trail_gives_the_record(project: Made, old: dict[str, str], new: dict[str, str]) -> None:
    made = project(key=f"H-{uuid4().hex[:8]}")
    record = product(made, **old)
    with signed("Tandem", "first") as session:
        session.add(record)
    with signed("Tandem", "then") as session:
        session.get(RECORDS["product"], record.uid).fill(new)  # type: ignore[union-attr]
    folded: dict[str, str | None] = {}
    for _, fact, before, after in trail(record.uid):
        assert folded.get(fact) == before
        folded[fact] = after
    names = {f.name for f in facts(RECORDS["product"])}
    assert {k: v for k, v in folded.items() if k in names and v} == {k: v for k, v in (old | new).items() if v}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        ("", None),
        (True, "yes"),
        (False, "no"),
        (Decimal("0.50"), "0.50"),
        (date(2026, 3, 1), "2026-03-01"),
        (datetime(2026, 3, 1, 2, tzinfo=UTC), "2026-03-01T02:00:00+00:00"),
        (Role.GMP, "gmp_lead"),
        (["a"], '["a"]'),
        ([], None),
        ({}, None),
        (0, "0"),
    ],
)
def test_values_are_kept_as_plain_text(value: object, kept: str | None) -> None:
    assert plain(value) == kept


def test_a_signature_names_a_person_or_the_house(people: dict[Role, Person]) -> None:
    who = people[Role.GMP]
    assert signature(who, "x").who_id == who.id
    assert signature("Tandem", "x").who_id is None
