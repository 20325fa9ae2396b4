"""The index on SQLite: three triggers a table, written from its columns, and an FTS5 table over `searched`."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from portal.config import Misconfigured
from portal.indexed.sources import BETWEEN, LONGEST, LONGEST_TITLE, Column, Columns, Source

WITHOUT = (
    "This SQLite was built without FTS5, which the search needs. Use a Python whose sqlite3 module has it, such as "
    "that of python.org or of Debian, or name a PostgreSQL database in DATABASE_URL."
)

_WORDS = """CREATE VIRTUAL TABLE searched_words USING fts5(title, body, content='searched', content_rowid='id', \
tokenize='unicode61 remove_diacritics 0', prefix='2 3')"""

_PUT = "INSERT INTO searched_words (rowid, title, body) VALUES (NEW.id, NEW.title, NEW.body);"
_TAKE = """INSERT INTO searched_words (searched_words, rowid, title, body)
VALUES ('delete', OLD.id, OLD.title, OLD.body);"""

_WORDS_FOLLOW = {
    "searched_words_added": f"AFTER INSERT ON searched BEGIN {_PUT} END",
    "searched_words_changed": f"AFTER UPDATE OF title, body ON searched BEGIN {_TAKE} {_PUT} END",
    "searched_words_removed": f"AFTER DELETE ON searched BEGIN {_TAKE} END",
}

_INTO = 'INSERT INTO searched ("row", project_id, kind, title, body)'

Kept = Mapping[str, str]
"""Name of a table or trigger → the SQL it was made with."""


def columns(connection: Connection) -> Columns:
    """The tables of the database and their columns; one query."""
    found: dict[str, set[str]] = {}
    query = "SELECT m.name, c.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'"
    for table, column in connection.exec_driver_sql(query):
        found.setdefault(table, set()).add(column)
    return {table: frozenset(names) for table, names in found.items()}


def kept(connection: Connection) -> Kept:
    """What stands of the index; one query."""
    query = "SELECT name, sql FROM sqlite_master WHERE name LIKE 'searched%' AND sql IS NOT NULL"
    return {row.name: row.sql for row in connection.exec_driver_sql(query)}


def stands(there: Kept, source: Source) -> bool:
    """Whether the triggers of a table are what they should be."""
    return all(there.get(name) == _trigger(name, does) for name, does in _follow(source).items())


def has_words(_: Connection, there: Kept) -> bool:
    """Whether the words are kept as they should be."""
    return there.get("searched_words") == _WORDS and all(
        there.get(name) == _trigger(name, does) for name, does in _WORDS_FOLLOW.items()
    )


def drop_words(connection: Connection) -> None:
    """Forget all words."""
    for name in _WORDS_FOLLOW:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    connection.exec_driver_sql("DROP TABLE IF EXISTS searched_words")


def make_words(connection: Connection) -> None:
    """Keep the words of all that is searched. Raises `Misconfigured` where SQLite has no FTS5."""
    try:
        connection.exec_driver_sql(_WORDS)
    except OperationalError as why:
        if "no such module" not in str(why.orig):
            raise
        raise Misconfigured(WITHOUT) from None
    connection.exec_driver_sql("INSERT INTO searched_words (searched_words) VALUES ('rebuild')")
    for name, does in _WORDS_FOLLOW.items():
        connection.exec_driver_sql(_trigger(name, does))


def prepare(_: Connection) -> None:
    """Nothing: the triggers of SQLite stand by themselves."""


def follow(connection: Connection, source: Source) -> None:
    """Put the triggers of one table in place."""
    for name, does in _follow(source).items():
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        connection.exec_driver_sql(_trigger(name, does))


def fill(connection: Connection, source: Source) -> None:
    """Read all rows of one table, those of the oldest project first."""
    connection.exec_driver_sql(
        f'{_INTO} SELECT {_row(source)} FROM "{source.table}" AS NEW JOIN project AS p ON p.id = NEW."{source.project}"'
        " ORDER BY p.created_at, p.key"
    )


def _trigger(name: str, does: str) -> str:
    return f"CREATE TRIGGER {name} {does}"


def _follow(source: Source) -> dict[str, str]:
    put = f"""{_INTO} VALUES ({_row(source)})
ON CONFLICT ("row") DO UPDATE SET title = excluded.title, body = excluded.body;"""
    names, on = ", ".join(f'"{name}"' for name in source.read), f'ON "{source.table}"'
    return {
        f"searched_{source.table}_added": f"AFTER INSERT {on} BEGIN {put} END",
        f"searched_{source.table}_changed": f"AFTER UPDATE OF {names} {on} BEGIN {put} END",
        f"searched_{source.table}_removed": f"""AFTER DELETE {on}
BEGIN DELETE FROM searched WHERE "row" = OLD."{source.row}"; END""",
    }


def _row(source: Source) -> str:
    """What `searched` holds of the row NEW."""
    title = f"substr(coalesce({_joined(source.title, ' ')}, NEW.key), 1, {LONGEST_TITLE})"
    body = f"substr(coalesce({_joined(source.body, BETWEEN)}, ''), 1, {LONGEST})"
    return f"""NEW."{source.row}", NEW."{source.project}", '{source.table}', {title}, {body}"""


def _joined(several: tuple[Column, ...], between: str) -> str:
    """The texts of columns that are not empty with `between` them; NULL where all are."""
    every = ", ".join(map(_text, several))
    return f"(SELECT group_concat(value, '{between}') FROM json_each(json_array({every})) WHERE value <> '')"


def _text(column: Column) -> str:
    own = f'NEW."{column.name}"'
    if not column.several:
        return _said(own, column)
    return f"(SELECT group_concat({_said('value', column)}, '; ') FROM json_each({own}))"  # undoes what JSON escapes


def _said(value: str, column: Column) -> str:
    if not column.labels:
        return value
    cases = " ".join(f"WHEN {_quoted(word)} THEN {_quoted(label)}" for word, label in column.labels.items())
    return f"CASE {value} {cases} ELSE {value} END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
