"""The migrations as functions: upgrade a database, compare it with the models, write a new migration."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from portal.db import open_engine

FOLDER = Path(__file__).parent


@contextmanager
def _config(engine: Engine, *, guards: bool = False) -> Iterator[Config]:
    config = Config(stdout=io.StringIO())
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with engine.execution_options(writes=True).connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:  # batches rebuild tables that others point to; this must be said outside a transaction
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        try:
            config.attributes.update(connection=connection, guards=guards)
            yield config
            connection.commit()
        finally:
            if sqlite:
                connection.rollback()
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision` (the newest), and put the triggers of the appended tables in place."""
    with _config(engine, guards=True) as config:
        command.upgrade(config, revision)


def check(engine: Engine) -> None:
    """Raise alembic's `CommandError` if the upgraded database and the models differ."""
    with _config(engine) as config:
        command.check(config)


def write(message: str, revision: str) -> Path:
    """The file of a new migration: what the models have and the migrations so far do not make (on a fresh SQLite)."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/empty.db")
        try:
            if list((FOLDER / "versions").glob("*.py")):
                upgrade(engine)
            with _config(engine) as config:
                made = command.revision(config, message, autogenerate=True, rev_id=revision)
        finally:
            engine.dispose()
    assert made is not None
    assert not isinstance(made, list)
    return Path(made.path)
