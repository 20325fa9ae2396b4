"""The database: opened once, read by anybody, written only under a signature.

with reading() as session: ...
with signed(person, "gate G0: clear need") as session: ...
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, create_engine, event, make_url, true

from portal.models import Person
from portal.trail import Unit, signature


class Counted(Protocol):
    """A row that counts its saved states."""

    revision: int


T = TypeVar("T", bound=Counted)


class Refused(Exception):
    """What was asked may not happen now; `reasons` are sentences a person can act on. Nothing was changed."""

    def __init__(self, *reasons: str):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class Stale(Exception):
    """Somebody saved a newer revision first. `record` as it stands now, `yours` as typed, `theirs` its values."""

    def __init__(self, record: Any, yours: Mapping[str, Any], theirs: Mapping[str, Any]):
        super().__init__(
            "Somebody else saved this while you were typing. Nothing of yours was saved over it, and nothing is lost."
        )
        self.record, self.yours, self.theirs = record, yours, theirs


_engine: Engine | None = None
_reader: ContextVar[Unit | None] = ContextVar("reader", default=None)


def use(url: str) -> Engine:
    """Open the database at `url` for this process; one that was open before is closed."""
    global _engine  # noqa: PLW0603 (one process serves one database)
    if _engine is not None:
        _engine.dispose()
    _engine = open_engine(url)
    return _engine


def open_engine(url: str) -> Engine:
    """An engine on the database at `url` (SQLite or PostgreSQL) with the house's manners; nothing is connected yet."""
    sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(url, pool_size=20, pool_pre_ping=not sqlite)
    if sqlite:
        event.listen(engine, "connect", _sqlite_manners)
        event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_manners(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: see _sqlite_begin
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _sqlite_begin(connection: Any) -> None:
    # A writing unit takes its lock at once, so that two of them wait in turn instead of failing half-way.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def engine() -> Engine:
    """The engine in use. Raises `RuntimeError` before `use`."""
    if _engine is None:
        raise RuntimeError("No database is open: call portal.db.use(url) first.")
    return _engine


FEW = 500  # rows that a query names one by one


def within(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """The condition that `column` is one of `ids`; no condition where these are so many that reading all is as well.

    Who asks for many leaves out by themselves what they did not ask for.
    """
    return column.in_(ids) if len(ids) <= FEW else true()


@contextmanager
def reading() -> Iterator[Unit]:
    """A session that may only read. What is written elsewhere by `signed` in this context shows in it afterwards."""
    with Unit(engine(), autoflush=False) as session:
        before = _reader.get()
        _reader.set(session)
        try:
            yield session
        finally:
            _reader.set(before)


@contextmanager
def signed(person: Person | str, why: str) -> Iterator[Unit]:
    """A session whose changes are kept in the trail under `person` and `why`, committed together or not at all.

    `person` may be the name of the house ("Tandem") where no person acts. The rows stay readable after the end.
    """
    who = signature(person, why)
    with Unit(engine().execution_options(writes=True), expire_on_commit=False, info={"signature": who}) as session:
        yield session
        session.commit()
    if (reader := _reader.get()) is not None:
        reader.rollback()  # ends its snapshot: it reads anew


def held(session: Unit, model: type[T], row: UUID, revision: int, yours: Mapping[str, Any] | None = None) -> T:
    """The row to change, locked until the end of the unit. Raises `LookupError` if it is gone.

    `revision` is the one the person saw; if the row has moved on, raises `Stale` with `yours`, what they typed.
    """
    found = session.get(model, row, with_for_update=True, populate_existing=True)
    if found is None:
        raise LookupError("This no longer exists; somebody removed it.")
    if found.revision != revision:
        theirs = found.values() if hasattr(found, "values") else {}
        raise Stale(found, yours or {}, theirs)
    return found
