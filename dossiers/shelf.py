"""The names a section text sees: records as shown values, lists of records, and gaps where nothing is known yet.

A misspelt name is the author's mistake and raises; an empty fact is no mistake and becomes a visible gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from dossiers import limits
from dossiers.binder import Binder, origin
from dossiers.blocks import Gap, Inlines, Mark, Origin, Run
from dossiers.facts import NBSP, Absence, Basis, Fact, Form, by_name, is_empty, show, show_bare
from dossiers.records import RECORDS
from dossiers.records.base import Record

NOTHING = "–"


class Value:
    """A fact's value in a text: prints as shown, compares as kept, is true as it is meant.

    `raw` is the value itself, `inlines` what it prints (its origin on every run, a mark where it was not verified).
    """

    __slots__ = ("fact", "inlines", "origin", "raw", "text")

    def __init__(self, raw: Any, text: str, inlines: Inlines, where: tuple[Fact, Origin]):
        self.raw, self.text, self.inlines = raw, text, inlines
        self.fact, self.origin = where

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return self.raw is not None and self.raw is not False and self.raw != []

    def __eq__(self, other: object) -> bool:
        mine = self.raw
        theirs = other.raw if isinstance(other, Value) else other
        return bool(mine == theirs) or (isinstance(theirs, str) and theirs == self.text)

    def __hash__(self) -> int:
        return hash(self.text)

    def __lt__(self, other: Any) -> bool:
        return bool(self.raw < (other.raw if isinstance(other, Value) else other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.raw > (other.raw if isinstance(other, Value) else other))

    def __iter__(self) -> Iterator[Value]:
        """The single words of a list, or the lines of a text, each with its origin."""
        for item in self.raw if isinstance(self.raw, list) else _lines(self.raw):
            text = show_bare(self.fact, item)
            yield Value(item, text, (Run(text, origin=self.origin),), (self.fact, self.origin))

    def __len__(self) -> int:
        return len(self.raw) if isinstance(self.raw, list) else int(bool(self))

    def __contains__(self, word: object) -> bool:
        return word in self.raw if isinstance(self.raw, list) else str(word) in self.text


def _lines(raw: Any) -> list[Any]:
    """The lines of a text that say something; any other value as the one that it is."""
    return [line.strip() for line in raw.splitlines() if line.strip()] if type(raw) is str else [raw]


class Shown:
    """A record as section texts see it. A link is the record it names; printing a record prints what it is called."""

    __slots__ = ("_binder", "_record", "_via")

    def __init__(self, record: Record, binder: Binder, via: tuple[Fact, Origin] | None = None):
        self._record, self._binder, self._via = record, binder, via

    @property
    def record(self) -> Record:
        """The record itself, for tables and figures."""
        return self._record

    def __getattr__(self, name: str) -> Any:
        f = by_name(type(self._record)).get(name)
        if f is None:
            raise AttributeError(f"a {self._record.called[0].lower()} has no fact “{name}”")
        return shown(self._record, f, self._binder)

    def bare(self, name: str) -> Any:
        """The fact without its unit, as a column holds it whose heading names the unit."""
        return shown(self._record, by_name(type(self._record))[name], self._binder, with_unit=False)

    def _reaches(self, path: Sequence[str], wanted: Any) -> bool:
        value = getattr(self._record, path[0])
        if len(path) == 1:
            return _holds(value, wanted)
        linked = (self._binder.find(uid) for uid in (value if isinstance(value, list) else [value]))
        return any(Shown(r, self._binder)._reaches(path[1:], wanted) for r in linked if r is not None)

    @property
    def inlines(self) -> Inlines:
        """What the record is called, traced to the facts that name it (or to the link that led here).

        A record without a name is the gap of its name: its key is for files, not for readers.
        """
        named = [n for n in self._record.naming if not is_empty(getattr(self._record, n))]
        if not named and self._record.naming:
            nameless = self._nameless()
            return nameless.inlines if isinstance(nameless, Value) else (nameless,)
        where = self._via[1] if self._via else origin(self._record, named[0] if named else "")
        return (Run(self._record.named(), origin=where), *self._doubt(named))

    def _nameless(self) -> Any:
        return absent(self._record, by_name(type(self._record))[self._record.naming[0]])

    def _doubt(self, named: Sequence[str]) -> Inlines:
        """The mark of a name, or of the link that led to it, whose source was not re-read."""
        known = by_name(type(self._record))
        said = [(self._record, known[n]) for n in named]
        holder = self._binder.find(self._via[1].id) if self._via else None
        if self._via and holder is not None:
            said.insert(0, (holder, self._via[0]))
        return next((mark for record, f in said if (mark := doubt(record, f))), ())

    def __str__(self) -> str:
        """What captions call the record: its name, or the bare label of the gap in its place, never its key."""
        if not self._record.naming or any(not is_empty(getattr(self._record, n)) for n in self._record.naming):
            return self._record.named()
        nameless = self._nameless()
        return nameless.text if isinstance(nameless, Value) else f"[{nameless.label}]"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shown) and other._record.uid == self._record.uid

    def __hash__(self) -> int:
        return hash(self._record.uid)


class Lacking:
    """A record that is not there yet: every fact of it is a gap."""

    def __init__(self, kind: str):
        self._kind = kind

    def __bool__(self) -> bool:
        return False

    def __getattr__(self, name: str) -> Gap:
        f = by_name(RECORDS[self._kind]).get(name)
        if f is None:
            raise AttributeError(f"a {RECORDS[self._kind].called[0].lower()} has no fact “{name}”")
        return Gap(f.label, Origin(self._kind, "", "", name))

    @property
    def inlines(self) -> Inlines:
        """A gap that names the kind of record."""
        return (Gap(RECORDS[self._kind].called[0], Origin(self._kind, "", "", "")),)


class Shelf(list[Shown]):
    """Records of one kind, in order. `kind` is theirs even where there are none."""

    def __init__(self, kind: str, records: Iterable[Shown] = ()):
        super().__init__(records)
        self.kind = kind

    def where(self, **wanted: Any) -> Shelf:
        """Those whose facts hold what is wanted: a value, a record, or a list of which any will do.

        `step__process=process` asks for a fact at the end of a link, as `step.process` would.
        """
        for name in wanted:
            _prove(self.kind, name)
        asked = [(name.split("__"), _plain(value)) for name, value in wanted.items()]
        return Shelf(self.kind, (s for s in self if all(s._reaches(path, value) for path, value in asked)))

    def either(self, **wanted: Any) -> Shelf:
        """Those of which at least one fact holds what is wanted, in the order they stand in."""
        found = [self.where(**{name: value}) for name, value in wanted.items()]
        return Shelf(self.kind, (s for s in self if any(s in some for some in found)))

    def by(self, name: str) -> Shelf:
        """In the order of a fact; those without it last."""
        if name not in by_name(RECORDS[self.kind]):
            raise AttributeError(f"a {RECORDS[self.kind].called[0].lower()} has no fact “{name}”")
        keyed = [(getattr(s.record, name), s) for s in self]
        return Shelf(
            self.kind,
            [s for v, s in sorted((k for k in keyed if k[0] is not None), key=lambda k: _order(k[0]))]
            + [s for v, s in keyed if v is None],
        )

    def having(self, *names: str) -> Shelf:
        """Those in which at least one of these facts is not empty."""
        for name in names:
            if name not in by_name(RECORDS[self.kind]):
                raise AttributeError(f"a {RECORDS[self.kind].called[0].lower()} has no fact “{name}”")
        return Shelf(self.kind, (s for s in self if any(not is_empty(getattr(s.record, name)) for name in names)))

    def without(self, others: Shelf) -> Shelf:
        """Those that are not among the others."""
        return Shelf(self.kind, (s for s in self if s not in others))

    def upto(self, last: object) -> Shelf:
        """Those from the first to `last`, in the order they stand in; all where it is not among them."""
        return Shelf(self.kind, self[: self.index(last) + 1]) if isinstance(last, Shown) and last in self else self

    def after(self, last: object) -> Shelf:
        """Those behind `last`, in the order they stand in; all where it is not among them."""
        return Shelf(self.kind, self[self.index(last) + 1 :]) if isinstance(last, Shown) and last in self else self

    def each(self, name: str) -> Shelf:
        """The first record with each value of a fact, in the order met; those without it left out."""
        if name not in by_name(RECORDS[self.kind]):
            raise AttributeError(f"a {RECORDS[self.kind].called[0].lower()} has no fact “{name}”")
        found: dict[Any, Shown] = {}
        for s in self:
            if not is_empty(value := getattr(s.record, name)):
                found.setdefault(tuple(value) if isinstance(value, list) else value, s)
        return Shelf(self.kind, found.values())

    def linked(self, name: str) -> Shelf:
        """The records that a link of these names, each once, in the order met."""
        f = by_name(RECORDS[self.kind]).get(name)
        if f is None or not f.is_link:
            raise AttributeError(f"a {RECORDS[self.kind].called[0].lower()} has no link “{name}”")
        found: dict[UUID, Shown] = {}
        for s in self:
            value = getattr(s.record, name)
            for uid in value if isinstance(value, list) else [value]:
                if (record := s._binder.find(uid)) is not None:
                    found.setdefault(record.uid, Shown(record, s._binder, (f, origin(s.record, name))))
        return Shelf(f.to, found.values())

    @property
    def first(self) -> Shown | Lacking:
        """The first, or a record of which everything is a gap."""
        return self[0] if self else Lacking(self.kind)

    @property
    def last(self) -> Shown | Lacking:
        """The last, or a record of which everything is a gap."""
        return self[-1] if self else Lacking(self.kind)


def _prove(kind: str, path: str) -> None:
    """Raise `AttributeError` for a path along links that no record of the kind has."""
    for step in path.split("__"):
        f = by_name(RECORDS[kind]).get(step) if kind else None
        if f is None:
            raise AttributeError(f"a {RECORDS[kind].called[0].lower() if kind else 'value'} has no fact “{step}”")
        kind = f.to


def _order(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _plain(wanted: Any) -> Any:
    """What is wanted as records hold it: a record's id, a value; a tuple where any of several will do."""
    match wanted:
        case Shown():
            return wanted.record.uid
        case Record():
            return wanted.uid
        case Value():
            return wanted.raw
        case list() | tuple() | set() | frozenset():
            return tuple(_plain(one) for one in wanted)
    return wanted


def _holds(value: Any, wanted: Any) -> bool:
    if type(wanted) is tuple:
        return any(_holds(value, one) for one in wanted)
    return wanted in value if isinstance(value, list) else bool(value == wanted)


def shown(record: Record, f: Fact, binder: Binder, *, with_unit: bool = True) -> Any:
    """A fact as a text meets it: a Value, the linked record(s), or a Gap."""
    value, where = getattr(record, f.name), origin(record, f.name)
    if is_empty(value):
        return absent(record, f)
    if f.form is Form.LINK:
        linked = binder.find(value)
        return Shown(linked, binder, (f, where)) if linked else Gap(f.label, where, "names a record that was removed")
    if f.form is Form.LINKS:
        found = [linked for uid in value if (linked := binder.find(uid))]
        return Shelf(f.to, (Shown(r, binder, (f, where)) for r in found))
    text = words(f, value, binder, with_unit)
    return Value(value, text, (Run(text, origin=where), *doubt(record, f)), (f, where))


def words(f: Fact, value: Any, binder: Binder, with_unit: bool) -> str:
    """What a value that is no link prints: criteria in the field's notation, temperatures with their unit."""
    text = (show if with_unit else show_bare)(f, value, binder.name_of)
    return notation(text) if f.form is Form.CRITERION else degrees(f, text)


def plainly(record: Record, f: Fact, binder: Binder) -> Inlines:
    """What a cell holds of a fact that has a value, is no link and carries no source; () for any other.

    Most cells of a dossier are such, and need none of what a text may ask of a Value.
    """
    value = getattr(record, f.name)
    if is_empty(value) or f.is_link or (record.sources and f.name in record.sources):
        return ()
    return (Run(words(f, value, binder, False), origin=origin(record, f.name)),)


BARE = re.compile(r"(?:[<>≤≥] ?)?[-−]?\d+(?:\.\d+)?(?: ?(?:–|-|to) ?[-−]?\d+(?:\.\d+)?)?")


def degrees(f: Fact, text: str) -> str:
    """A temperature with its unit where a bare number or range was typed into a fact that is asked in °C."""
    return f"{text}{NBSP}°C" if "n °C" in f.ask and BARE.fullmatch(text.strip()) else text


@lru_cache(maxsize=4096)
def notation(criterion: str) -> str:
    """A criterion in the field's notation, whatever way it was typed; as typed where it cannot be read."""
    try:
        return limits.show(limits.parse(criterion))
    except limits.LimitFault:
        return criterion


def doubt(record: Record, f: Fact) -> Inlines:
    """The mark that stands behind a value whose source was not re-read; nothing behind others."""
    said = (record.sources or {}).get(f.name)
    if not said or "basis" not in said or Basis(said["basis"]) is not Basis.RECALLED:
        return ()
    return (Run(f"{NBSP}(unverified)", frozenset({Mark.UNVERIFIED}), origin(record, f.name)),)


def absent(record: Record, f: Fact) -> Any:
    """What stands for an empty fact: its closing reason as a Value that is false, else a Gap with what is known."""
    where, said = origin(record, f.name), (record.absent or {}).get(f.name)
    if said is None:
        return Gap(f.label, where)
    kind, reason, owner = Absence(said["kind"]), said.get("reason", ""), said.get("owner", "")
    words = f"{kind.label}: {reason}" if reason else kind.label
    if kind.closes:
        return Value(None, words, (Run(words, origin=where),), (f, where))
    return Gap(f.label, where, f"{words} (owed by {owner})" if owner else words)


def known(value: Any) -> bool:
    """Whether a text met something to print: not a gap, not a stated absence, not an empty list."""
    return not isinstance(value, Gap) and not (isinstance(value, Value) and value.raw is None) and value not in ([], "")


def plural(kind: str) -> str:
    """The name under which a text finds all records of a kind: batch → batches, site_activity → site_activities."""
    if kind.endswith("y") and kind[-2] not in "aeiou":
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith(("s", "x", "ch", "sh")) else f"{kind}s"


def shelf(binder: Binder) -> dict[str, Any]:
    """Every name a section text may use: `product`, and each kind of record under its plural."""
    names: dict[str, Any] = {
        plural(kind): Shelf(kind, (Shown(r, binder) for r in binder.all(kind))) for kind in RECORDS
    }
    product = binder.product
    names["product"] = Shown(product, binder) if product else Lacking("product")
    return names
