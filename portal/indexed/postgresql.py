"""The index on PostgreSQL: one trigger function for all tables, and tsvectors with a GIN index beside `searched`.

The vectors are written word by word, not by PostgreSQL's parser, whose words depend on the database's locale.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache

from sqlalchemy import Connection

from portal.indexed import words
from portal.indexed.sources import BETWEEN, LONGEST, LONGEST_TITLE, Column, Columns, Source

# The texts of the columns `asked` for, as an array of {name, labels}, with `gap` between them.
_TEXT = """CREATE OR REPLACE FUNCTION searched_text(held jsonb, asked jsonb, gap text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
SELECT coalesce(string_agg(said, gap ORDER BY n), '') FROM (
  SELECT n, CASE jsonb_typeof(held -> (c ->> 'name'))
    WHEN 'array' THEN (
      SELECT string_agg(coalesce(c -> 'labels' ->> v, v), '; ' ORDER BY i)
      FROM jsonb_array_elements_text(held -> (c ->> 'name')) WITH ORDINALITY AS e(v, i))
    ELSE coalesce(c -> 'labels' ->> (held ->> (c ->> 'name')), held ->> (c ->> 'name')) END AS said
  FROM jsonb_array_elements(asked) WITH ORDINALITY AS a(c, n)) AS every
WHERE said <> '' $$"""

_TITLE = f"left(coalesce(nullif(searched_text({{held}}, {{title}}, ' '), ''), {{held}} ->> 'key'), {LONGEST_TITLE})"
_BODY = f"left(searched_text({{held}}, {{body}}, '{BETWEEN}'), {LONGEST})"
_INTO = 'INSERT INTO searched ("row", project_id, kind, title, body)'

# Arguments: the column of the row's id, that of its project, the columns of title and body.
_FOLLOW = f"""CREATE OR REPLACE FUNCTION searched_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM searched WHERE "row" = (to_jsonb(OLD) ->> TG_ARGV[0])::uuid;
    RETURN NULL;
  END IF;
  held := to_jsonb(NEW);
  {_INTO} VALUES (
    (held ->> TG_ARGV[0])::uuid, (held ->> TG_ARGV[1])::uuid, TG_TABLE_NAME,
    {_TITLE.format(held="held", title="TG_ARGV[2]::jsonb")},
    {_BODY.format(held="held", body="TG_ARGV[3]::jsonb")})
  ON CONFLICT ("row") DO UPDATE SET title = excluded.title, body = excluded.body;
  RETURN NULL;
END $$"""

# lower() knows the letters of the database's locale; what it leaves is folded one by one.
_VECTOR = """CREATE OR REPLACE FUNCTION searched_vector(title text, body text) RETURNS tsvector
LANGUAGE sql IMMUTABLE AS $$
SELECT coalesce(string_agg(format('''%s'':%s%s', left(CASE WHEN w ~ '[{large}]' THEN translate(w, '{large}', '{small}')
    ELSE w END, {longest}), least(n, 16383), CASE WHEN of = 1 THEN 'A' ELSE 'D' END), ' ' ORDER BY n), '')::tsvector
FROM (
  SELECT w, of, row_number() OVER (ORDER BY of, i) AS n
  FROM (VALUES (1, title), (2, body)) AS v(of, said),
    LATERAL string_to_table(regexp_replace(lower(said), '[^{alphabet}]+', ' ', 'g'), ' ') WITH ORDINALITY AS s(w, i)
  WHERE w <> '') AS every $$"""

_WORDS_FOLLOW = """CREATE OR REPLACE FUNCTION searched_words_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO searched_words (id, words) VALUES (NEW.id, searched_vector(NEW.title, NEW.body))
  ON CONFLICT (id) DO UPDATE SET words = excluded.words;
  RETURN NULL;
END $$"""

_WORDS = (
    """CREATE TABLE searched_words (
id bigint PRIMARY KEY REFERENCES searched (id) ON DELETE CASCADE, words tsvector NOT NULL)""",
    "INSERT INTO searched_words (id, words) SELECT id, searched_vector(title, body) FROM searched",
    "CREATE INDEX ix_searched_words_words ON searched_words USING gin (words)",
    """CREATE OR REPLACE TRIGGER searched_words_follow AFTER INSERT OR UPDATE OF title, body ON searched
FOR EACH ROW EXECUTE FUNCTION searched_words_follow()""",
)

Kept = Mapping[str, str]
"""Table → the mark of the trigger that follows it."""


def columns(connection: Connection) -> Columns:
    """The tables of the database and their columns; one query."""
    found: dict[str, set[str]] = {}
    query = """SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped"""
    for table, column in connection.exec_driver_sql(query):
        found.setdefault(table, set()).add(column)
    return {table: frozenset(names) for table, names in found.items()}


def kept(connection: Connection) -> Kept:
    """What stands of the index; one query."""
    query = """SELECT c.relname AS followed, obj_description(t.oid, 'pg_trigger') AS mark FROM pg_trigger AS t
JOIN pg_class AS c ON c.oid = t.tgrelid AND c.relnamespace = current_schema()::regnamespace
WHERE t.tgname IN ('searched_follow', 'searched_words_follow')"""
    return {row.followed: row.mark for row in connection.exec_driver_sql(query)}


def stands(there: Kept, source: Source) -> bool:
    """Whether the trigger of a table is what it should be."""
    return there.get(source.table) == _mark(_TEXT, _FOLLOW, _trigger(source))


def has_words(connection: Connection, there: Kept) -> bool:
    """Whether the words are kept as they should be."""
    table = connection.exec_driver_sql("SELECT to_regclass('searched_words')").scalar()
    return table is not None and there.get("searched") == _mark(_vector(), _WORDS_FOLLOW, *_WORDS)


def drop_words(connection: Connection) -> None:
    """Forget all words."""
    connection.exec_driver_sql("DROP TRIGGER IF EXISTS searched_words_follow ON searched")
    connection.exec_driver_sql("DROP TABLE IF EXISTS searched_words")


def make_words(connection: Connection) -> None:
    """Keep the words of all that is searched."""
    statements = (_vector(), _WORDS_FOLLOW, *_WORDS)
    for statement in statements:
        _run(connection, statement)
    _run(connection, f"COMMENT ON TRIGGER searched_words_follow ON searched IS '{_mark(*statements)}'")


def prepare(connection: Connection) -> None:
    """Put the functions of the triggers in place."""
    _run(connection, _TEXT)
    _run(connection, _FOLLOW)


def follow(connection: Connection, source: Source) -> None:
    """Put the trigger of one table in place."""
    _run(connection, _trigger(source))
    mark = _mark(_TEXT, _FOLLOW, _trigger(source))
    _run(connection, f"""COMMENT ON TRIGGER searched_follow ON "{source.table}" IS '{mark}'""")


def fill(connection: Connection, source: Source) -> None:
    """Read all rows of one table, those of the oldest project first."""
    title, body = (f"{_asked(some)}::jsonb" for some in (source.title, source.body))
    _run(
        connection,
        f"""{_INTO} SELECT t."{source.row}", t."{source.project}", '{source.table}',
{_TITLE.format(held="to_jsonb(t)", title=title)}, {_BODY.format(held="to_jsonb(t)", body=body)}
FROM "{source.table}" AS t JOIN project AS p ON p.id = t."{source.project}" ORDER BY p.created_at, p.key""",
    )


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))


def _trigger(source: Source) -> str:
    names = ", ".join(f'"{name}"' for name in source.read)
    return f"""CREATE OR REPLACE TRIGGER searched_follow AFTER INSERT OR DELETE OR UPDATE OF {names}
ON "{source.table}" FOR EACH ROW EXECUTE FUNCTION searched_follow(
'{source.row}', '{source.project}', {_asked(source.title)}, {_asked(source.body)})"""


def _asked(several: tuple[Column, ...]) -> str:
    """Columns as a literal that `searched_text` reads."""
    asked = [{"name": one.name, **({"labels": dict(one.labels)} if one.labels else {})} for one in several]
    return "'" + json.dumps(asked, ensure_ascii=False).replace("'", "''") + "'"


@cache
def _vector() -> str:
    large, small = words.cases()
    return (
        _VECTOR.replace("{alphabet}", words.alphabet())
        .replace("{large}", large)
        .replace("{small}", small)
        .replace("{longest}", str(words.LONGEST))
    )


def _mark(*statements: str) -> str:
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()
