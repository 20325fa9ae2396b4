"""Migrations make what the models say, on both databases, from nothing and again."""

from __future__ import annotations

import pytest
import sqlalchemy
from alembic.util import CommandError

from portal import db
from portal.migrations import run
from portal.models import APPENDED


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
