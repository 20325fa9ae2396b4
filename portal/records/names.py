"""What the records of a project are called, and which record somebody means who types a name.

Only the naming facts of a kind are read, when its names are first asked for: a cell is edited without the project.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import Choice, Fact, Form, by_name, is_empty, show_bare
from dossiers.reading import Messages, Values, read
from dossiers.records import RECORDS
from dossiers.records.base import Record
from portal.trail import Unit

GONE = "(record removed)"
FEW = 8  # records whose names are read one by one, before those of a whole kind are
SEVERAL = (Form.CHOICES, Form.LINES, Form.LINKS)


class Names:
    """The names in one project: a query a kind, made once. `keys_first`: a text that is a key means that record."""

    def __init__(self, session: Unit, project: UUID, *, keys_first: bool = False):
        self._session, self._project, self._keys_first = session, project, keys_first
        self._names: dict[str, dict[UUID, str]] = {}
        self._keys: dict[str, dict[str, UUID]] = {}
        self._meant: dict[str, dict[str, UUID]] = {}
        self._alone: dict[UUID, str] = {}

    def of(self, kind: str) -> Mapping[UUID, str]:
        """Id → name of every record of `kind`, in people's order; of several called alike each carries its key."""
        if kind not in self._names:
            self._names[kind] = {}  # a chain of names that bites its tail ends here
            self._keys[kind] = {}
            self._names[kind], self._keys[kind] = self._read(RECORDS[kind])
            keys, names = dict(self._keys[kind]), {name: uid for uid, name in self._names[kind].items()}
            exact = names | keys if self._keys_first else keys | names
            self._meant[kind] = {text.casefold(): uid for text, uid in exact.items()} | exact
        return self._names[kind]

    def keys(self, kind: str) -> Mapping[str, UUID]:
        """Key → id of every record of `kind`, in people's order."""
        self.of(kind)
        return self._keys[kind]

    def learn(self, kind: str, key: str, uid: UUID) -> None:
        """Take a record into account that is about to be added."""
        self.of(kind)
        self._names[kind][uid] = self._names[kind].get(uid, key)
        self._keys[kind][key] = self._meant[kind][key] = uid

    def _read(self, model: type[Record]) -> tuple[dict[UUID, str], dict[str, UUID]]:
        columns = [col(model.uid), col(model.key), *(getattr(model, name) for name in model.naming)]
        query = select(*columns).where(col(model.project_id) == self._project)
        rows = list(self._session.execute(query.order_by(col(model.position), col(model.key))))
        called = [(uid, key, self._words(model, key, values)) for uid, key, *values in rows]
        often = Counter(name for _, _, name in called)
        names = {uid: f"{name} ({key})" if often[name] > 1 else name for uid, key, name in called}
        return names, {key: uid for uid, key, _ in called}

    def _words(self, model: type[Record], key: str, values: Iterable[Any]) -> str:
        known = by_name(model)
        pairs = [(known[name], value) for name, value in zip(model.naming, values, strict=True) if not is_empty(value)]
        return " ".join(show_bare(f, value, self.name_of(f)) for f, value in pairs) or key

    def called(self, record: Record) -> str:
        """What a reader calls `record`, without reading the others of its kind (or of those that name it)."""
        known, values = by_name(type(record)), [getattr(record, name) for name in record.naming]
        for name, value in zip(record.naming, values, strict=True):
            if isinstance(value, UUID) and known[name].to not in self._names and len(self._alone) < FEW:
                self._meet(RECORDS[known[name].to], value)
        return self._words(type(record), record.key, values)

    def _meet(self, model: type[Record], uid: UUID) -> None:
        """Learn what one record is called, for a page that names few."""
        if uid not in self._alone:
            self._alone[uid] = GONE  # a chain of names that bites its tail ends here
            found = self._session.get(model, uid)
            if found is not None and found.project_id == self._project:
                self._alone[uid] = self.called(found)

    def name_of(self, f: Fact) -> Callable[[UUID], str]:
        """The names a link of fact `f` may show; a record that was removed says so."""
        if not f.is_link:
            return str
        alone = {} if f.to in self._names else self._alone
        return lambda uid: alone.get(uid) or self.of(f.to).get(uid, GONE)

    def options(self, kind: str) -> tuple[tuple[str, str], ...]:
        """The records of `kind` as (id, name), for a list to choose from."""
        return tuple((str(uid), name) for uid, name in self.of(kind).items())

    def text(self, f: Fact, value: Any) -> str:
        """A value as a cell holds it, so that reading it back gives the same value; several stand in lines."""
        if is_empty(value):
            return ""
        if isinstance(value, list):
            return "\n".join(self.text(f, item) for item in value)
        match value:
            case bool():
                return "yes" if value else "no"
            case Choice():
                return value.label
            case UUID():
                return self.of(f.to).get(value, str(value))
        return str(value)

    def meant(self, f: Fact, typed: Any) -> Any:
        """What was typed into `f`, names of records turned into their ids; what names none stays as it was typed."""
        if f.form in SEVERAL and isinstance(typed, (list, tuple)):
            typed = "\n".join(map(str, typed))
        if f.form is Form.LINES and isinstance(typed, str):
            return [line for line in _lines(typed) if line.strip()]
        if f.form is Form.LINK and isinstance(typed, str):
            return self._one(f, typed)
        if f.form is Form.LINKS and isinstance(typed, str):
            return [self._one(f, item) for line in _lines(typed) for item in self._items(f, line)]
        return typed

    def _items(self, f: Fact, line: str) -> list[str]:
        whole = self._one(f, line)
        return [line] if isinstance(whole, UUID) else [part for part in re.split(";", line) if part.strip()]

    def _one(self, f: Fact, typed: str) -> UUID | str:
        text, names = typed.strip(), self.of(f.to)
        found = self._meant[f.to].get(text) or self._meant[f.to].get(text.casefold())
        if found is not None:
            return found
        try:
            uid = UUID(text)
        except ValueError:
            return typed
        return uid if uid in names else typed

    def read(self, model: type[Record], typed: Mapping[str, Any]) -> tuple[Values, Messages]:
        """(values `model` can hold, a sentence for each fact it cannot); links name records of this project only."""
        known = by_name(model)
        values, messages = read(model, {n: self.meant(known[n], t) if n in known else t for n, t in typed.items()})
        for name in [n for n in values if known[n].is_link and not is_empty(values[n])]:
            f, value = known[name], values[name]
            if any(uid not in self.of(f.to) for uid in (value if isinstance(value, list) else [value])):
                del values[name]
                messages[name] = (
                    f"{f.label} names a {RECORDS[f.to].called[0].lower()} that this project does not have; "
                    "choose one of the list or add it first."
                )
        return values, messages


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")
