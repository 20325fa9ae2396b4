"""The trail: every value that ever changed, with who, when and why, kept in the transaction that changed it.

The session itself keeps it, so that no verb can forget. Writes that nobody signed raise, and so do statements that
would pass the session's own history by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import Connection, TextClause, event, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session

from dossiers.records.base import Record
from portal.models import APPENDED, Change, Person, Project, now


class Unsigned(Exception):
    """A write without a person and a reason: a bug, never a user's mistake."""


class Deed(StrEnum):
    """What happened to a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who writes and why. A name without an id is the house itself: seeds, migrations, sign-in."""

    who: str
    who_id: UUID | None
    why: str


def signature(person: Person | str, why: str) -> Signature:
    """The signature of `person` (or of the house, by name) under the reason `why`. Raises `Unsigned` for no reason."""
    if not why.strip():
        raise Unsigned("A write needs a reason.")
    return Signature(person, None, why) if isinstance(person, str) else Signature(person.name, person.id, why)


class Unit(Session):
    """A database session whose writes are kept in the trail under its signature."""

    def bulk_save_objects(self, *_: Any, **__: Any) -> NoReturn:
        raise Unsigned("Bulk writes would pass the trail by.")

    bulk_insert_mappings = bulk_update_mappings = bulk_save_objects


# Columns that say nothing a reader would ask the history for: `revision` counts, the others name the row itself.
SILENT = frozenset({"revision", "uid", "id", "project_id"})


@event.listens_for(Unit, "before_flush")
def keep(session: Unit, *_: Any) -> None:
    """Count revisions and add one Change for each value that is about to change. Raises `Unsigned`."""
    touched = list(_touched(session))
    if not touched:
        return
    signed: Signature | None = session.info.get("signature")
    if signed is None:
        raise Unsigned(
            "Nobody signed a write to " + ", ".join(sorted({type(row).__name__ for row, _ in touched})) + "."
        )
    for row, deed in touched:
        if getattr(row, "appended", False) and deed is not Deed.ADDED:
            raise Unsigned(f"{type(row).__name__} is only ever added to.")
        if deed is Deed.CHANGED and hasattr(row, "revision"):
            row.revision += 1
        if getattr(row, "trailed", True):
            session.add_all(changes(session, row, deed, signed))


def _touched(session: Unit) -> Iterator[tuple[Any, Deed]]:
    for row in session.new:
        if not isinstance(row, Change):
            yield row, Deed.ADDED
    for row in session.dirty:
        if session.is_modified(row):
            yield row, Deed.CHANGED
    for row in session.deleted:
        yield row, Deed.REMOVED


def changes(session: Unit, row: Any, deed: Deed, signed: Signature) -> list[Change]:
    """What is about to happen to `row`, one Change a column, in the order the columns are declared."""
    state, at, made = inspect(row), now(), []
    kind, called, project = state.mapper.local_table.name, _called(row), _project(row)
    for column in state.mapper.column_attrs:
        old, new = _before_after(session, state, column.key, deed)
        if column.key in SILENT or column.key in getattr(row, "derived", ()) or old == new:
            continue
        if column.key in getattr(row, "withheld", ()):
            old, new = _sealed(old), _sealed(new)
        made.append(
            Change(
                at=at,
                who=signed.who,
                who_id=signed.who_id,
                why=signed.why,
                project_id=project,
                deed=deed.value,
                kind=kind,
                row=identity(row),
                called=called,
                fact=column.key,
                old=plain(old),
                new=plain(new),
            )
        )
    return made


def identity(row: Any) -> UUID:
    """The id of a row of any table."""
    return row.uid if isinstance(row, Record) else row.id


def _project(row: Any) -> UUID | None:
    return row.id if isinstance(row, Project) else getattr(row, "project_id", None)


def _called(row: Any) -> str:
    if isinstance(row, Record):
        return row.named()
    return str(
        next(
            (word for name in ("title", "name", "move", "outline", "function") if (word := getattr(row, name, ""))), ""
        )
    )


def _before_after(session: Unit, state: Any, name: str, deed: Deed) -> tuple[Any, Any]:
    history = state.attrs[name].history
    if deed is Deed.REMOVED:
        return (history.deleted or history.unchanged or [None])[0], None
    if not history.has_changes():
        return None, None
    new = (history.added or [None])[0]
    if history.deleted or deed is Deed.ADDED:
        return (history.deleted or [None])[0], new
    return _stored(session, state, name), new  # the attribute was set without having been read


def _stored(session: Unit, state: Any, name: str) -> Any:
    (key,) = state.mapper.primary_key
    column = getattr(state.class_, name)
    with session.no_autoflush:
        return session.execute(select(column).where(key == state.identity[0])).scalar_one_or_none()


def _sealed(value: Any) -> str | None:
    """That there is a value, and for a document which one, without saying it."""
    if value in (None, "", b""):
        return None
    if isinstance(value, (bytes, str)) and len(value) > 300:
        return "sha256 " + hashlib.sha256(value.encode() if isinstance(value, str) else value).hexdigest()
    return "set"


def plain(value: Any) -> str | None:
    """`value` as the trail keeps it: text, ISO dates, JSON for lists and groups; None for nothing."""
    match value:
        case None | "":
            return None
        case bool():
            return "yes" if value else "no"
        case StrEnum():
            return value.value
        case date() | datetime():
            return value.isoformat()
        case dict() | list():
            return json.dumps(value, ensure_ascii=False, default=str, sort_keys=True) if value else None
    return str(value)


@event.listens_for(Unit, "do_orm_execute")
def refuse_bulk(state: ORMExecuteState) -> None:
    """Raise `Unsigned` for a statement that would change rows without the trail."""
    statement = state.statement
    writes = state.is_insert or state.is_update or state.is_delete
    if writes or (
        isinstance(statement, TextClause) and statement.text.split(None, 1)[:1] not in (["SELECT"], ["select"])
    ):
        raise Unsigned("A bulk statement would pass the trail by; change the rows one by one.")


# ---------------------------------------------------------------- append-only tables

_SQLITE = """CREATE TRIGGER IF NOT EXISTS {table}_keeps_{deed} BEFORE {deed} ON "{table}"
BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END"""

_FUNCTION = """CREATE OR REPLACE FUNCTION tandem_only_added() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%% is only ever added to', TG_TABLE_NAME; END $$"""

_POSTGRES = """CREATE OR REPLACE TRIGGER {table}_keeps_{deed} BEFORE {deed} ON "{table}"
FOR EACH STATEMENT EXECUTE FUNCTION tandem_only_added()"""


def guard(connection: Connection) -> None:
    """Put the triggers that keep the appended tables in place; after every migration, for batches drop them."""
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.exec_driver_sql(_FUNCTION)
    deeds = ("UPDATE", "DELETE", "TRUNCATE") if postgres else ("UPDATE", "DELETE")
    there = frozenset(inspect(connection).get_table_names())  # a database half-way through its migrations lacks some
    for table in (name for name in APPENDED if name in there):
        for deed in deeds:
            connection.exec_driver_sql((_POSTGRES if postgres else _SQLITE).format(table=table, deed=deed))
