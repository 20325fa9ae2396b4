"""A binder with some of its facts put differently: what a case of a test, a planted defect and a question need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dossiers.binder import Binder, Loading, Problem, ProjectFault
from dossiers.facts import facts
from dossiers.projectfile import FileFault, Group, Leaf, parse_text
from dossiers.records import RECORDS
from dossiers.records.base import Record


def amend(binder: Binder, text: str, where: str = "change") -> Binder:
    """`binder` with the records of `text` laid over it; the records that stay are the very same objects.

    `text` is YAML like the records of a project file (kind → key → facts): facts named replace those there, a fact
    that is null is emptied, a key that is new adds a record at the end, and a record that is null is removed. Raises
    `ProjectFault` for what cannot be read.
    """
    try:
        root = parse_text(text)
    except FileFault as why:
        raise ProjectFault([Problem(where, why.line, "", "", why.sentence)]) from None
    if not isinstance(root, Group):
        return binder
    loading = Loading(where)
    loading.project = binder.project
    loading.keys = {kind: {r.key for r in binder.records.get(kind, ())} for kind in RECORDS}
    for kind, _, node in root.entries:
        if isinstance(node, Group):
            loading.keys.setdefault(kind, set()).update(key for key, _, _ in node.entries)
    records = dict(binder.records)
    for kind, line, node in root.entries:
        if not isinstance(node, Group) or kind not in RECORDS:
            loading.complain(line, f"“{kind}” is no kind of record with keys under it.")
            continue
        records[kind] = _laid_over(records.get(kind, ()), kind, node, loading)
    if loading.problems:
        raise ProjectFault(loading.problems)
    return replace(binder, records={k: records[k] for k in RECORDS if k in records})


def put(binder: Binder, record: Record, values: Mapping[str, Any]) -> Binder:
    """`binder` with these values, already read, in the place of those of one record."""
    model, kind = type(record), record.kind()
    made = model(uid=record.uid, project_id=record.project_id, key=record.key)
    made.position, made.revision = record.position, record.revision
    made.absent, made.sources = dict(record.absent or {}), dict(record.sources or {})
    made.fill(record.values() | dict(values))
    rows = tuple(made if r.uid == record.uid else r for r in binder.all(kind))
    return replace(binder, records={**binder.records, kind: rows})


def _laid_over(old: tuple[Record, ...], kind: str, node: Group, loading: Loading) -> tuple[Record, ...]:
    held = {record.key: record for record in old}
    for key, line, body in node.entries:
        if isinstance(body, Leaf) and body.text is None:
            held.pop(key, None)
            continue
        said = loading.record(RECORDS[kind], key, len(held), line, body)
        named = {name for name, _, _ in body.entries} if isinstance(body, Group) else set()
        held[key] = _merged(held[key], said, named) if key in held else said
    return tuple(held.values())


def _merged(old: Record, said: Record, named: set[str]) -> Record:
    model = type(old)
    made = model(uid=old.uid, project_id=old.project_id, key=old.key)
    made.position, made.revision = old.position, old.revision
    made.absent = {k: v for k, v in (old.absent or {}).items() if k not in named} | said.absent
    made.sources = {k: v for k, v in (old.sources or {}).items() if k not in named} | said.sources
    for f in facts(model):
        setattr(made, f.name, getattr(said if f.name in named else old, f.name))
    return made
