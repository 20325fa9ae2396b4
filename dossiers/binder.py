"""Binder: all records of one project at one moment, frozen. Loads from a project file and dumps to one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from dossiers.blocks import Origin
from dossiers.facts import Absence, Basis, Choice, Fact, by_name, facts, gaps, is_empty
from dossiers.projectfile import FileFault, Group, Leaf, Many, Node, parse_text, write_json, write_yaml
from dossiers.reading import Unreadable, clean, read_one, unknown
from dossiers.records import RECORDS
from dossiers.records.base import Record, record_id
from dossiers.records.product import Product
from dossiers.stage import Stage, so_far

FORMAT = "1"
SAYS = ("value", "where", "basis", "note", "absent", "reason", "owner")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a project file: where (line from 1, 0 unknown; record as "batch B-1"; fact) and a sentence."""

    where: str
    line: int
    record: str
    fact: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.where}:{self.line}" if self.line else self.where
        what = " ".join(part for part in (self.record, self.fact and f"{self.fact}:") if part)
        return f"{place}: {what + ' ' if what else ''}{self.sentence}"


class ProjectFault(Exception):
    """A project file cannot be taken in; `problems` in the order of the file, at least one. Nothing was taken in."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class Binder:
    """All records of a project: kind → records in the order people gave them. Treat the records as read-only."""

    project: str
    name: str = ""
    stage: Stage = Stage.IDEA
    invented: bool = False
    records: Mapping[str, tuple[Record, ...]] = field(default_factory=dict)
    on: date | None = None

    def all(self, kind: str) -> tuple[Record, ...]:
        """The records of `kind`, in order. Raises `LookupError` for a kind that is none."""
        if kind not in RECORDS:
            raise LookupError(f"There is no kind of record “{kind}”.")
        return self.records.get(kind, ())

    @cached_property
    def _by_uid(self) -> dict[UUID, Record]:
        return {record.uid: record for kind in self.records.values() for record in kind}

    @cached_property
    def _by_key(self) -> dict[tuple[str, str], Record]:
        return {(record.kind(), record.key): record for record in self}

    def __iter__(self) -> Iterator[Record]:
        return (record for kind in RECORDS for record in self.records.get(kind, ()))

    def grouped(self, kind: str, by: tuple[str, ...]) -> Mapping[tuple[Any, ...], Sequence[Record]]:
        """The records of `kind` by the values of the facts `by`, each group in order. Sorted out once a binder."""
        groups = self._groups.get((kind, by))
        if groups is None:
            groups = self._groups[kind, by] = {}
            for record in self.all(kind):
                groups.setdefault(tuple(getattr(record, name) for name in by), []).append(record)
        return groups

    @cached_property
    def _groups(self) -> dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[Record]]]:
        return {}

    def find(self, uid: UUID | str | None) -> Record | None:
        """The record with this id, or None."""
        return self._by_uid.get(UUID(uid) if isinstance(uid, str) else uid) if uid else None

    def by_key(self, kind: str, key: str) -> Record | None:
        """The record of `kind` with this readable key, or None."""
        return self._by_key.get((kind, key))

    def name_of(self, uid: UUID) -> str:
        """What a reader calls the record with this id; a missing record says so."""
        record = self.find(uid)
        return record.named() if record else "(record removed)"

    @property
    def product(self) -> Product | None:
        """The product the project is about: the first with role test, else the first there is."""
        products = [p for p in self.all("product") if isinstance(p, Product)]
        return next((p for p in products if str(p.role) == "test"), products[0] if products else None)

    def gaps(self, stage: Stage | None = None) -> tuple[tuple[Record, Fact], ...]:
        """Every (record, fact) that should be known by `stage` (default: the project's), is not, and is not excused."""
        stages = so_far(stage or self.stage)
        return tuple((record, f) for record in self for f in gaps(record, stages, self))


def origin(record: Record, name: str) -> Origin:
    """Where a value comes from, as documents carry it."""
    return Origin(record.kind(), record.key, _spelt(record.uid), name)


@lru_cache(maxsize=65_536)
def _spelt(uid: UUID) -> str:
    """An id as text; a record's is asked for once for each of its facts."""
    return str(uid)


# ---------------------------------------------------------------- load


def load(text: str, where: str = "project file") -> Binder:
    """The binder a YAML or JSON project file holds. Raises `ProjectFault` naming every problem with its place."""
    try:
        return Loading(where).binder(parse_text(text))
    except FileFault as why:
        raise ProjectFault([Problem(where, why.line, "", "", why.sentence)]) from None


class Loading:
    """One reading of a file: collects problems, so that a person mends them all at once."""

    def __init__(self, where: str):
        self.where = where
        self.problems: list[Problem] = []
        self.project = ""
        self.keys: dict[str, set[str]] = {}

    def complain(self, line: int, sentence: str, record: str = "", fact: str = "") -> None:
        self.problems.append(Problem(self.where, line, record, fact, sentence))

    def binder(self, root: Node) -> Binder:
        if not isinstance(root, Group):
            raise FileFault("A project file is a group of keys: tandem, project, name, stage, records.", root.line)
        head = self.head(root)
        kinds = root.get("records") or Group((), root.line)
        if not isinstance(kinds, Group):
            raise FileFault("“records” is a group: kind of record → key → facts.", kinds.line)
        self.keys = {
            kind: {key for key, _, _ in node.entries} for kind, _, node in kinds.entries if isinstance(node, Group)
        }
        records = {kind: made for kind, line, node in kinds.entries if (made := self.kind(kind, line, node))}
        if self.problems:
            raise ProjectFault(self.problems)
        return Binder(records={k: records[k] for k in RECORDS if k in records}, **head)

    def head(self, root: Group) -> dict[str, Any]:
        known = ("tandem", "project", "name", "stage", "invented", "on", "records")
        for key, line, _ in root.entries:
            if key not in known:
                self.complain(line, f"“{key}” is not known here; known are {', '.join(known)}.")
        said = {key: self.word(root.get(key), key) for key in known[:-1]}
        if said["tandem"] != FORMAT:
            self.complain(root.line, f"The file must say “tandem: {FORMAT}”, the format it is written in.")
        self.project = said["project"] or ""
        if not self.project or len(self.project) > 60 or "/" in self.project:
            self.complain(root.line, "“project” must be a key of at most 60 characters without “/”, such as ARI-0001.")
        return {
            "project": self.project,
            "name": said["name"] or self.project,
            "stage": self.member(Stage, said["stage"] or Stage.IDEA.value, root, "stage"),
            "invented": said["invented"] == "true",
            "on": self.day(said["on"], root),
        }

    def word(self, node: Node | None, key: str) -> str | None:
        if node is None or isinstance(node, Leaf):
            try:
                return clean(_WORD, node.text) if node and node.text is not None else None
            except Unreadable as why:
                self.complain(node.line if node else 0, str(why), fact=key)
                return None
        self.complain(node.line, f"“{key}” takes one value.")
        return None

    def member(self, words: type[Any], text: str, root: Group, key: str) -> Any:
        try:
            return words(text)
        except ValueError:
            node = root.get(key)
            self.complain(
                node.line if node else root.line,
                f"“{key}” must be one of {', '.join(w.value for w in words)}; “{text}” is not.",
            )
            return None

    def day(self, text: str | None, root: Group) -> date | None:
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.complain(root.line, f"“on” must be a day written as 2026-03-12; “{text}” is not.")
            return None

    def kind(self, kind: str, line: int, node: Node) -> tuple[Record, ...]:
        if kind not in RECORDS:
            self.complain(line, f"There is no kind of record “{kind}”; known are {', '.join(RECORDS)}.")
            return ()
        if not isinstance(node, Group):
            if not (isinstance(node, Leaf) and node.text is None):
                self.complain(line, f"“{kind}” is a group: key → facts.")
            return ()
        if RECORDS[kind].single and len(node.entries) > 1:
            self.complain(
                line, f"A project has one {RECORDS[kind].called[0].lower()}; this file has {len(node.entries)}."
            )
        return tuple(
            self.record(RECORDS[kind], key, position, at, body) for position, (key, at, body) in enumerate(node.entries)
        )

    def record(self, model: type[Record], key: str, position: int, line: int, body: Node) -> Record:
        here = f"{model.kind()} {key}"
        if not key.strip() or len(key) > 120 or not key.isprintable():
            self.complain(line, "A record's key is 1 to 120 printable characters.", here)
        made = model(
            uid=record_id(self.project, model.kind(), key), project_id=record_id(self.project, "project", ""), key=key
        )
        made.position, made.absent, made.sources, made.revision = position, {}, {}, 1
        if isinstance(body, Leaf) and body.text is None:
            return made
        if not isinstance(body, Group):
            self.complain(line, "A record is a group: fact → value.", here)
            return made
        for name, at, node in body.entries:
            self.fact(made, name, at, node)
        return made

    def fact(self, record: Record, name: str, line: int, node: Node) -> None:
        here = f"{record.kind()} {record.key}"
        f = by_name(type(record)).get(name)
        if f is None:
            self.complain(line, unknown(name, by_name(type(record))), here, name)
            return
        value: Node | None = node
        if isinstance(node, Group):
            said = self.said(node, here, name)
            value = node.get("value")
            if "absent" in said:
                record.absent[name] = {
                    k: v
                    for k, v in (
                        ("kind", said["absent"]),
                        ("reason", said.get("reason", "")),
                        ("owner", said.get("owner", "")),
                    )
                    if v
                }
            if said.get("where") or said.get("basis"):
                record.sources[name] = {k: said[k] for k in ("where", "basis", "note") if said.get(k)}
            if value is not None and "absent" in said:
                self.complain(line, "A fact has a value or a reason for its absence, not both.", here, name)
        try:
            setattr(record, name, read_one(f, self.typed(f, value)) if value is not None else None)
        except Unreadable as why:
            self.complain(value.line if value and value.line else line, str(why), here, name)

    def said(self, node: Group, here: str, name: str) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for key, line, part in node.entries:
            if key not in SAYS:
                self.complain(line, f"“{key}” is not known beside a value; known are {', '.join(SAYS)}.", here, name)
            elif key == "where":
                said[key] = [
                    leaf.text
                    for leaf in (part.items if isinstance(part, Many) else (part,))
                    if isinstance(leaf, Leaf) and leaf.text
                ]
            elif key != "value" and (word := self.word(part, key)):
                said[key] = word
        for key, words in (("absent", Absence), ("basis", Basis)):
            if key in said and said[key] not in tuple(w.value for w in words):
                self.complain(
                    node.line,
                    f"“{key}” must be one of {', '.join(w.value for w in words)}; “{said.pop(key)}” is not.",
                    here,
                    name,
                )
        return said

    def typed(self, f: Fact, node: Node) -> Any:
        """What the fact's form reads: text, a list of texts; for links the ids of the records named by key."""
        if isinstance(node, Many):
            return [self.typed(f, item) for item in node.items]
        if isinstance(node, Group):
            raise Unreadable(f"{f.label} takes a value, not a group.")
        if f.is_link and node.text is not None:
            if node.text not in self.keys.get(f.to, ()):
                raise Unreadable(
                    f"{f.label} names the {f.to.replace('_', ' ')} “{node.text}”, which this file does not have; "
                    "add it or mend the name."
                )
            return record_id(self.project, f.to, node.text)
        return node.text


_WORD = Fact("word", "The value", form=by_name(Product)["name"].form, max_length=2_000)


# ---------------------------------------------------------------- dump


def shape(binder: Binder) -> dict[str, Any]:
    """The binder as plain dicts and lists, in the form a project file has."""
    head: dict[str, Any] = {
        "tandem": int(FORMAT),
        "project": binder.project,
        "name": binder.name,
        "stage": binder.stage.value,
    }
    if binder.invented:
        head["invented"] = True
    if binder.on:
        head["on"] = binder.on.isoformat()
    head["records"] = {
        kind: {record.key: _record(binder, record) for record in records}
        for kind in RECORDS
        if (records := binder.records.get(kind, ()))
    }
    return head


def _record(binder: Binder, record: Record) -> dict[str, Any]:
    return {f.name: said for f in facts(type(record)) if (said := _said(binder, record, f)) is not None}


def _said(binder: Binder, record: Record, f: Fact) -> Any:
    value = getattr(record, f.name)
    absent, source = record.absent.get(f.name), record.sources.get(f.name)
    bare = None if is_empty(value) else _bare(binder, value)
    if not absent and not source:
        return bare
    said: dict[str, Any] = {} if bare is None else {"value": bare}
    if absent:
        said |= {"absent": absent["kind"]} | {k: absent[k] for k in ("reason", "owner") if absent.get(k)}
    return said | {k: source[k] for k in ("where", "basis", "note") if source.get(k)} if source else said


def _bare(binder: Binder, value: Any) -> Any:
    match value:
        case bool() | int() | Decimal():
            return value
        case Choice():
            return value.value
        case date():
            return value.isoformat()
        case UUID():
            found = binder.find(value)
            return found.key if found else str(value)
        case list() | tuple():
            return [_bare(binder, item) for item in value]
    return str(value)


def dump(binder: Binder) -> str:
    """The binder as a YAML project file; `load` gives the same binder back."""
    return write_yaml(shape(binder))


def dump_json(binder: Binder) -> str:
    """The binder as a JSON project file of the same shape; `load` reads it too."""
    return write_json(shape(binder))
