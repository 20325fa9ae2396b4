"""Records and binder under observation: every fact that a rule reads is noted, so that only those that matter rerun.

A note is a pair. (id, fact): that fact of that record. (id, ""): that record is there. (kind, ""): which records of a
kind there are. (kind, fact): that fact of all of them. (kind, "*"): everything of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import FunctionType, MethodType
from typing import Any, TypeAlias
from uuid import UUID

from dossiers.binder import Binder
from dossiers.facts import by_name
from dossiers.records import RECORDS
from dossiers.records.base import Record

Note: TypeAlias = tuple[UUID | str, str]

SYSTEM = frozenset({"uid", "key", "position", "project_id", "revision", "kind", "called", "group", "naming", "single"})


class Notes:
    """What was read since `begin`."""

    __slots__ = ("taken",)

    def __init__(self) -> None:
        self.taken: set[Note] = set()

    def begin(self) -> set[Note]:
        """Start a new list of notes, and return it."""
        self.taken = set()
        return self.taken


class Seen:
    """A record whose facts are noted as they are read. It passes for the record itself, and cannot be written."""

    __slots__ = ("_notes", "_record")

    def __init__(self, record: Record, notes: Notes):
        object.__setattr__(self, "_record", record)
        object.__setattr__(self, "_notes", notes)

    @property  # type: ignore[misc]
    def __class__(self) -> type[Any]:
        return type(self._record)

    def __getattr__(self, name: str) -> Any:
        record: Record = object.__getattribute__(self, "_record")
        notes: Notes = object.__getattribute__(self, "_notes")
        model = type(record)
        if name in by_name(model):
            notes.taken.add((record.uid, name))
            return getattr(record, name)
        if name in SYSTEM:
            return getattr(record, name)
        if name == "named":
            notes.taken.update((record.uid, n) for n in model.naming)
            return record.named
        plain = _plain(model, name)
        if isinstance(plain, property) and plain.fget is not None:
            return plain.fget(self)
        if isinstance(plain, FunctionType):
            return MethodType(plain, self)
        return getattr(model, name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("A check reads facts; it writes none.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and other.uid == self._record.uid

    def __hash__(self) -> int:
        return hash(self._record.uid)

    def __repr__(self) -> str:
        return f"<{self._record.kind()} {self._record.key}>"


def _plain(model: type[Any], name: str) -> Any:
    return next((vars(c)[name] for c in model.__mro__ if name in vars(c)), None)


def bare(record: Any) -> Record:
    """The record behind a seen one."""
    found: Record = object.__getattribute__(record, "_record") if type(record) is Seen else record
    return found


class Holdings:
    """A binder whose records are `Seen`: what conditions and judgements may ask of it."""

    def __init__(self, binder: Binder, notes: Notes):
        self._binder, self._notes = binder, notes
        self._seen: dict[UUID, Any] = {}

    def see(self, record: Record) -> Any:
        """The record under observation; the same object for the same record."""
        found = self._seen.get(record.uid)
        if found is None:
            found = self._seen[record.uid] = Seen(record, self._notes)
        return found

    def all(self, kind: str) -> tuple[Any, ...]:
        """Every record of `kind`, in order."""
        self._notes.taken.add((kind, ""))
        found = self._all.get(kind)
        if found is None:
            found = self._all[kind] = tuple(map(self.see, self._binder.all(kind)))
        return found

    @cached_property
    def _all(self) -> dict[str, tuple[Any, ...]]:
        return {}

    def find(self, uid: UUID | None) -> Any:
        """The record with this id, or None."""
        if uid is None:
            return None
        self._notes.taken.add((uid, ""))
        record = self._binder.find(uid)
        return self.see(record) if record is not None else None

    def grouped(self, kind: str, by: tuple[str, ...]) -> Mapping[tuple[Any, ...], Sequence[Any]]:
        """The records of `kind` by the values of some of their facts."""
        self._notes.taken.add((kind, ""))
        self._notes.taken.update((kind, name) for name in by)
        return _Grouped(self._binder.grouped(kind, by), self)

    @property
    def product(self) -> Any:
        """The investigational product, or None."""
        self._notes.taken.update({("product", ""), ("product", "role")})
        product = self._binder.product
        return self.see(product) if product is not None else None


class _Grouped(Mapping[tuple[Any, ...], Sequence[Any]]):
    def __init__(self, groups: Mapping[tuple[Any, ...], Sequence[Record]], holdings: Holdings):
        self._groups, self._holdings = groups, holdings

    def __getitem__(self, key: tuple[Any, ...]) -> Sequence[Any]:
        return tuple(map(self._holdings.see, self._groups[key]))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)


class Watched(Binder):
    """A binder of plain records that notes which kinds are looked at: for what composes sections."""

    def __init__(self, binder: Binder, notes: Notes):
        super().__init__(binder.project, binder.name, binder.stage, binder.invented, binder.records, binder.on)
        object.__setattr__(self, "_notes", notes)

    def all(self, kind: str) -> tuple[Record, ...]:
        """As the binder's; noted."""
        self._note(kind)
        return super().all(kind)

    def find(self, uid: UUID | str | None) -> Record | None:
        """As the binder's; noted."""
        found = super().find(uid)
        if found is not None:
            self._note(found.kind())
        return found

    def grouped(self, kind: str, by: tuple[str, ...]) -> Mapping[tuple[Any, ...], Sequence[Record]]:
        """As the binder's; noted."""
        self._note(kind)
        return super().grouped(kind, by)

    def __iter__(self) -> Iterator[Record]:
        for kind in RECORDS:
            self._note(kind)
        return super().__iter__()

    def _note(self, kind: str) -> None:
        notes: Notes = self._notes  # type: ignore[attr-defined]
        notes.taken.add((kind, "*"))


def changed(before: Binder, after: Binder) -> frozenset[Note]:
    """What differs between two binders of one project, as notes that a rule may have taken."""
    found: set[Note] = set()
    for kind in RECORDS:
        old = {r.uid: r for r in before.records.get(kind, ())}
        new = {r.uid: r for r in after.records.get(kind, ())}
        for uid in old.keys() | new.keys():
            one, other = old.get(uid), new.get(uid)
            if one is None or other is None:
                found |= {(uid, ""), (kind, ""), (kind, "*")}
            elif one is not other:
                found |= edited(kind, uid, _differing(one, other))
    return frozenset(found)


def edited(kind: str, uid: UUID, names: Sequence[str]) -> set[Note]:
    """The notes that an edit of these facts of one record touches."""
    if not names:
        return set()
    return {(kind, "*"), *((uid, name) for name in names), *((kind, name) for name in names)}


def _differing(one: Record, other: Record) -> tuple[str, ...]:
    return tuple(
        name
        for name in by_name(type(one))
        if getattr(one, name) != getattr(other, name)
        or (one.absent or {}).get(name) != (other.absent or {}).get(name)
        or (one.sources or {}).get(name) != (other.sources or {}).get(name)
    )
