"""Full-text search by the database's own means, over the projects and records that the asker may see, behind `search`.

What may not be seen is left out in SQL, before anything is counted or put in order. How rare a word is in the whole
portal does not weigh, for it would tell of what others wrote: FTS5's bm25 is left aside for that reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    cast,
    func,
    literal,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlmodel import col

from portal.indexed.words import WORD, small, words
from portal.models import Project, Searched
from portal.rights import Asker, visible_to
from portal.trail import Unit

PAGE = 20
RANKED = 1_000  # the newest that match
WEIGHTS = {"project": 2}  # a project before what stands in it
TYPED = 12  # words of a question that are looked for
IN_IDEA = 24  # words of an idea that are
EXCERPT = 240  # characters
BEFORE = 60  # of them before the first word that matches


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: `words` as typed, only in `kinds` (tables) and in `project` where they are given."""

    words: str
    kinds: frozenset[str] | None = None
    project: UUID | None = None
    page: int = 1


Parts = tuple[tuple[str, bool], ...]
"""A text in parts; with each, whether it is a word that matches."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row that was found: key and title of its project, its table, its id, its title, and where the words stand."""

    key: str
    project: str
    kind: str
    row: UUID
    title: Parts
    excerpt: Parts


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits, the best first. `words` are those looked for: none, if nothing was typed that has a letter.

    `total` counts the hits of all pages, `kinds` those of each table without regard to the kinds that were asked for;
    `more`: there were more than are ranked, the newest were kept.
    """

    words: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    total: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    more: bool = False
    page: int = 1

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def search(session: Unit, who: Asker, sought: Sought) -> Found:
    """What `who` may see that has all the words, each as the beginning of a word; a single letter is a word by itself.

    Three queries, whatever is there. Nothing typed is an error: quotes and signs part words, as in the texts.
    """
    asked = words(sought.words)[:TYPED]
    if not asked:
        return Found()
    matching = _Matching(session, asked, starts=True)
    conditions = [visible_to(who)]
    if sought.project is not None:
        conditions.append(col(Searched.project_id) == sought.project)
    newest = matching.rows(conditions).limit(RANKED).subquery()
    counts = session.execute(select(newest.c.kind, func.count().label("hits")).group_by(newest.c.kind))
    kinds = {row.kind: row.hits for row in counts}
    if sought.kinds is not None:
        conditions.append(col(Searched.kind).in_(sorted(sought.kinds)))
    ranked = session.execute(matching.rows(conditions, matching.score.label("score")).limit(RANKED + 1)).all()
    best = sorted(ranked[:RANKED], key=lambda row: (-row.score * WEIGHTS.get(row.kind, 1), -row.id))
    page = max(1, min(sought.page, -(-len(best) // PAGE)))  # past the end is the last page
    shown = [row.id for row in best[(page - 1) * PAGE :][:PAGE]]
    return Found(asked, _hits(session, who, shown, asked), len(best), kinds, len(ranked) > RANKED, page)


def resembling(session: Unit, who: Asker, phrases: Iterable[str], kinds: Sequence[str], most: int) -> list[UUID]:
    """Ids of the projects `who` may see whose rows of `kinds` have any of the phrases, those with the most first.

    A phrase has one word or more and matches where all of them stand. One query; of many phrases the longest count,
    for they are the rarest.
    """
    asked = sorted({found for phrase in phrases if (found := words(phrase))}, key=lambda f: (-sum(map(len, f)), f))
    if not asked:
        return []
    each = [_Matching(session, phrase).numbered(number) for number, phrase in enumerate(asked[:IN_IDEA])]
    one = union_all(*each).subquery()
    query = (
        select(col(Searched.project_id))
        .join(one, one.c.id == col(Searched.id))
        .join(Project, col(Project.id) == col(Searched.project_id))
        .where(visible_to(who), col(Searched.kind).in_(kinds))
        .group_by(col(Searched.project_id))
        .order_by(func.count(one.c.number.distinct()).desc(), func.max(col(Searched.id)).desc())
        .limit(most)
    )
    return list(session.scalars(query))


# ---------------------------------------------------------------- the two databases


class _Matching:
    """The rows of the index with all of the words; with `starts`, a word of two letters or more may go on."""

    def __init__(self, session: Unit, asked: Sequence[str], *, starts: bool = False):
        postgres = session.get_bind().dialect.name == "postgresql"
        self.words = table("searched_words")
        go_on = (":*" if postgres else " *") if starts else ""
        quote, and_ = ("'", " & ") if postgres else ('"', " AND ")
        # Words are letters and digits alone, so that nothing in them can end the quotes.
        said = and_.join(f"{quote}{one}{quote}{go_on if len(one) > 1 else ''}" for one in asked)
        (self._as_postgresql if postgres else self._as_sqlite)(said)

    def _as_postgresql(self, said: str) -> None:
        self.id: ColumnElement[int] = literal_column("searched_words.id", Integer)
        self.own: ColumnElement[int] = self.id
        vector, query = literal_column("searched_words.words", TSVECTOR), cast(literal(said), TSQUERY)
        self.condition: ColumnElement[bool] = vector.bool_op("@@")(query)
        self.score: ColumnElement[float] = func.ts_rank_cd(vector, query, 1)

    def _as_sqlite(self, said: str) -> None:
        self.id = literal_column("searched_words.rowid", Integer)
        self.own = self.id + literal_column("0")  # as a sum, it keeps SQLite from asking the index anew for each row
        self.condition = literal_column("searched_words").bool_op("MATCH")(said)
        title, body = (_hits_in(number, text) for number, text in enumerate((Searched.title, Searched.body)))
        long = func.length(col(Searched.body)) / 2000.0
        # As bm25 counts hits, of which each more weighs less, but without what it knows of all other rows.
        self.score = 10.0 * title / (title + 1) + body / (body + 1 + long)

    def rows(self, conditions: Sequence[ColumnElement[bool]], *more: ColumnElement[Any]) -> Select[Any]:
        """Id and kind of the rows that meet the conditions, and `more` of each; the newest first."""
        return (
            select(self.id.label("id"), col(Searched.kind).label("kind"), *more)
            .select_from(self.words)
            .join(Searched, col(Searched.id) == self.own)
            .join(Project, col(Project.id) == col(Searched.project_id))
            .where(self.condition, *conditions)
            .order_by(self.id.desc())
        )

    def numbered(self, number: int) -> Select[Any]:
        """The ids of all rows, each with a number beside it."""
        columns: list[Any] = [self.id.label("id"), literal_column(str(number), Integer).label("number")]
        return select(*columns).select_from(self.words).where(self.condition)


def _hits_in(number: int, text: Any) -> ColumnElement[float]:
    """How often the words stand in one column of a row of the FTS5 table: the marks that it puts are counted."""
    marked = func.highlight(
        literal_column("searched_words"), literal_column(str(number)), literal_column("char(1)"), literal_column("''")
    )
    return cast(func.length(marked) - func.length(col(text)), Float)


# ---------------------------------------------------------------- one page of hits


def _hits(session: Unit, who: Asker, ids: Sequence[int], asked: Sequence[str]) -> tuple[Hit, ...]:
    columns = (Searched.id, Searched.kind, Searched.row, Searched.title, Searched.body)
    query = (
        select(*map(col, columns), col(Project.key), col(Project.title).label("project"))
        .join(Project, col(Project.id) == col(Searched.project_id))
        .where(visible_to(who), col(Searched.id).in_(ids))
    )
    rows = {row.id: row for row in session.execute(query)}
    return tuple(
        Hit(row.key, row.project, row.kind, row.row, parts(row.title, asked), excerpt(row.body, asked))
        for row in (rows[id_] for id_ in ids if id_ in rows)
    )


def parts(text: str, asked: Sequence[str]) -> Parts:
    """A text in parts, those marked that are words which match."""
    made, at = [], 0
    for start, end in _places(text, asked):
        made += [(text[at:start], False), (text[start:end], True)]
        at = end
    return tuple((part, is_match) for part, is_match in (*made, (text[at:], False)) if part)


def excerpt(text: str, asked: Sequence[str]) -> Parts:
    """The stretch of a text where most of the words stand, or its beginning where none does; dots where it is cut."""
    places = _places(text, asked)[:200]
    first = max(places, key=lambda at: (_kinds_within(text, places, at[0], asked), -at[0]), default=(0, 0))[0]
    start = 0 if first <= BEFORE else first - BEFORE
    if start and (space := text.find(" ", start, first)) >= 0:
        start = space + 1
    end = start + EXCERPT
    if end < len(text) and (space := text.rfind(" ", first + 1, end)) > 0:
        end = space
    cut = ("… " if start else "") + " ".join(text[start:end].split()) + (" …" if end < len(text) else "")
    return parts(cut, asked)


def _kinds_within(text: str, places: Sequence[tuple[int, int]], start: int, asked: Sequence[str]) -> int:
    near = [small(text[a:b]) for a, b in places if start <= a < start + EXCERPT - BEFORE]
    return sum(any(_matches(one, (word,)) for one in near) for word in asked)


def _places(text: str, asked: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand that match, as (start, end)."""
    return [found.span() for found in WORD.finditer(small(text)) if _matches(found[0], asked)]


def _matches(word: str, asked: Sequence[str]) -> bool:
    return any(word.startswith(one) if len(one) > 1 else word == one for one in asked)
