"""What a search reads: kept by database triggers in the transaction that changes a row, so that no verb can forget.

`searched` holds the text of each project and record; `searched_words` its words: an FTS5 table on SQLite, tsvectors
with a GIN index on PostgreSQL. Reviews, scores, meetings, interests, decisions and tasks are never in it.

A migration may rebuild any table that is followed; one that rebuilds `searched` itself on SQLite must first drop the
triggers whose names begin with "searched_".
"""

from __future__ import annotations

from sqlalchemy import Connection, delete
from sqlmodel import col

from portal.indexed import postgresql, sqlite
from portal.indexed.sources import sources
from portal.models import Searched

__all__ = ["install"]


def install(connection: Connection) -> None:
    """Put tables and triggers in place and index the rows that were there before; nothing is done twice.

    A table whose triggers are missing, or say something else than they should, is read anew. Raises `Misconfigured`
    where SQLite was built without FTS5.
    """
    engine = postgresql if connection.dialect.name == "postgresql" else sqlite
    there = engine.columns(connection)
    if Searched.__tablename__ not in there:  # a database half-way through its migrations
        return
    every = [source.within(there[source.table]) for source in sources() if source.table in there]
    kept = engine.kept(connection)
    stale = [source for source in every if not engine.stands(kept, source)]
    has_words = engine.has_words(connection, kept) and len(stale) < len(every)
    if not has_words:
        engine.drop_words(connection)
    if stale:
        fresh = [source.table for source in every if source not in stale]
        connection.execute(delete(Searched).where(col(Searched.kind).not_in(fresh)))
        engine.prepare(connection)
    for source in reversed(stale):  # so that projects and proposals are the newest, as far as a search goes by that
        engine.follow(connection, source)
        engine.fill(connection, source)
    if not has_words:
        engine.make_words(connection)
