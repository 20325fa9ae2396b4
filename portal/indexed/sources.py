"""What is read of which table: projects and the records of their dossiers, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from dossiers.facts import Fact, Form, by_name, facts
from dossiers.records import RECORDS
from dossiers.records.base import Record

LONGEST = 200_000  # characters of a body: a tsvector holds one megabyte
LONGEST_TITLE = 500
BETWEEN = " · "  # facts in a body
WORDLESS = frozenset({Form.LINK, Form.LINKS, Form.YESNO, Form.DATE, Form.INTEGER, Form.NUMBER})
LONG = frozenset({Form.TEXT, Form.PROSE})  # a title may not hold all of them

Columns = Mapping[str, frozenset[str]]
"""Table → its columns, as they are in the database."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column with text. `labels`: value → what people read, where that differs; `several`: a list kept as JSON."""

    name: str
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    several: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A table whose rows are searched: the columns with a row's id, its project, its title, its text, its key."""

    table: str
    row: str
    project: str
    title: tuple[Column, ...]
    body: tuple[Column, ...]

    def within(self, there: frozenset[str]) -> Source:
        """The source with only those columns that are `there`."""
        title, body = (tuple(c for c in some if c.name in there) for some in (self.title, self.body))
        return replace(self, title=title, body=body)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns whose change changes what is searched."""
        return tuple(dict.fromkeys(c.name for c in (*self.title, *self.body, Column("key"))))


@cache
def sources() -> tuple[Source, ...]:
    """What is searched, projects first."""
    project = Source("project", "id", "id", (Column("key"), Column("title")), ())
    return (project, *(_source(model) for model in RECORDS.values()))


def _source(model: type[Record]) -> Source:
    """The title of a record is made of its naming facts, links left out; its body of all other text, and its key."""
    known = by_name(model)
    naming = [known[name] for name in model.naming if not known[name].is_link]
    body = [f for f in facts(model) if f.form not in WORDLESS and (f not in naming or f.form in LONG)]
    return Source(model.kind(), "uid", "project_id", tuple(map(_column, naming)), (*map(_column, body), Column("key")))


def _column(f: Fact) -> Column:
    labels = {c.value: c.label for c in f.choices or () if c.label != c.value}
    return Column(f.name, labels, f.form in (Form.LINES, Form.CHOICES))
