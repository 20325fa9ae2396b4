"""Migrations make what the models say, on both databases, from nothing and again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy
from alembic.util import CommandError

from portal import db
from portal.migrations import run
from portal.models import APPENDED, Decision, Project, Row, now
from portal.pace import since
from portal.stages import TAKEN_IN, fold, next_gate


def test_upgraded_and_declared_are_the_same(database_url: str) -> None:
    engine = db.open_engine(database_url)
    try:
        run.upgrade(engine)
        run.check(engine)
        run.upgrade(engine)
        with engine.connect() as connection:
            names = sqlalchemy.inspect(connection).get_table_names()
            assert {"person", "project", "change", "product", "alembic_version"} <= set(names)
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
                assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    finally:
        engine.dispose()


def test_a_difference_is_noticed(database_url: str) -> None:
    engine = db.open_engine(database_url)
    try:
        run.upgrade(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE project ADD COLUMN surplus INTEGER")
        with pytest.raises(CommandError, match="surplus"):
            run.check(engine)
    finally:
        engine.dispose()


def test_triggers_come_back_with_every_upgrade(database_url: str) -> None:
    engine = db.open_engine(database_url)
    try:
        run.upgrade(engine)
        with engine.begin() as connection:
            on = ' ON "change"' if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER change_keeps_delete{on}")
        run.upgrade(engine)
        for table in APPENDED:
            with engine.connect() as connection:
                names = _triggers(connection, table)
                assert {f"{table}_keeps_update", f"{table}_keeps_delete"} <= {name.lower() for name in names}
    finally:
        engine.dispose()


def _triggers(connection: sqlalchemy.Connection, table: str) -> list[str]:
    if connection.dialect.name == "sqlite":
        query = f"SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
    else:
        query = f"SELECT tgname FROM pg_trigger WHERE tgrelid = '\"{table}\"'::regclass AND NOT tgisinternal"
    return list(connection.exec_driver_sql(query).scalars())


# ---------------------------------------------------------------- what a migration works out

MADE = (  # (days ago, source, target, gate, verdict)
    [(90, "", "idea", "", ""), (80, "idea", "proposed", "", ""), (70, "proposed", "feasibility", "G0", "go"),
     (60, "feasibility", "feasibility", "G1", "conditional_go")],
    [(90, "", "idea", "", ""), (80, "idea", "proposed", "", ""), (70, "proposed", "on_hold", "G0", "hold"),
     (60, "on_hold", "stopped", "", "stop"), (30, "stopped", "proposed", "", ""),
     (20, "proposed", "on_hold", "G0", "hold"), (15, "on_hold", "proposed", "", "")],
    [(90, "", "transfer", "", ""), (50, "transfer", "transfer", "G4", "recycle"),
     (40, "transfer", "on_hold", "G4", "hold")],
    [(90, "", "feasibility", "", ""), (80, "feasibility", "feasibility", "G1", "go"),
     (70, "feasibility", "feasibility", "G2", "go"), (60, "feasibility", "feasibility", "G1", "recycle")],
)  # fmt: skip


def test_older_projects_get_the_place_their_decisions_give_them(database_url: str) -> None:
    engine = db.open_engine(database_url)
    today = now()
    try:
        run.upgrade(engine, "0002")
        made = [
            [_decision(n, serial, today, *row) for serial, row in enumerate(rows, 1)] for n, rows in enumerate(MADE)
        ]
        with engine.begin() as connection:
            for rows in made:
                project = {"id": rows[0].project_id, "key": f"P-{rows[0].project_id}", "title": "A cell"}
                project |= {"stage": rows[-1].target, "confidential": True, "invented": True, "revision": 1}
                connection.execute(_insert(Project, "since", "gate"), {**project, "created_at": today})
                for row in rows:
                    connection.execute(_insert(Decision), row.model_dump())
        run.upgrade(engine)
        with engine.connect() as connection:
            held = connection.execute(sqlalchemy.select(Project.__table__)).all()  # type: ignore[attr-defined]
        for rows in made:
            row = next(r for r in held if r.id == rows[0].project_id)
            gate = next_gate(fold(rows))
            assert row.gate == (gate.id if gate else "")
            assert abs(row.since - since(rows, today)) < timedelta(seconds=1)
    finally:
        engine.dispose()


def _decision(number: int, serial: int, today: datetime, ago: int, source: str, target: str, *judged: str) -> Decision:
    move = TAKEN_IN if not source else "step"
    said = {"source": source, "target": target, "gate": judged[0], "verdict": judged[1], "move": move, "by": "tests"}
    return Decision(project_id=UUID(int=number), serial=serial, at=today - timedelta(days=ago), **said)


def _insert(model: type[Row], *without: str) -> sqlalchemy.Insert:
    table: sqlalchemy.Table = model.__table__  # type: ignore[attr-defined]
    names = [c.name for c in table.columns if c.name not in without]
    return sqlalchemy.insert(sqlalchemy.table(table.name, *(sqlalchemy.column(n, table.c[n].type) for n in names)))
