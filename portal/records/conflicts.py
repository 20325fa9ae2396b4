"""Two people at one record: what you typed beside what somebody saved meanwhile, fact by fact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dossiers.facts import facts
from dossiers.records.base import Record
from portal.models import Project
from portal.records.about import in_words, parts_of, shown
from portal.records.actions import Typed
from portal.records.names import Names
from portal.records.queries import kept_value, since
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Apart:
    """Something you changed that stands otherwise now. `both`: somebody else changed it too, so you must choose.

    `sent` are the fields, as (name, text), that send yours again.
    """

    name: str
    label: str
    yours: str
    theirs: str
    both: bool
    sent: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """What you changed and somebody's newer state does not hold; `who` saved last."""

    record: Record
    who: str
    aparts: tuple[Apart, ...]


def conflict(session: Unit, project: Project, record: Record, typed: Typed) -> Conflict:
    """Where `typed`, on the revision its author saw, differs from `record` as it stands now."""
    names = Names(session, project.id)
    before, who = since(session, record, typed.revision)
    found = (*_facts(names, record, typed.facts, before), *_about(record, typed.about, before))
    return Conflict(record, who, tuple(found))


def _facts(names: Names, record: Record, typed: Mapping[str, Any], before: Mapping[str, str | None]) -> list[Apart]:
    values, messages = names.read(type(record), typed)
    found = []
    for f in facts(type(record)):
        if f.name not in typed:
            continue
        now = getattr(record, f.name)
        base = kept_value(f, before[f.name]) if f.name in before else now
        if f.name not in messages and values[f.name] in (now, base):
            continue  # nothing of yours differs, or it is theirs alone
        raw = typed[f.name]
        sent = tuple((f.name, str(item)) for item in (raw if isinstance(raw, (list, tuple)) else [raw])) or (
            (f.name, ""),
        )
        yours = str(raw) if f.name in messages else names.text(f, values[f.name])
        found.append(Apart(f.name, f.label, yours, names.text(f, now), f.name in before, sent))
    return found


def _about(record: Record, saying: Mapping[str, Mapping[str, str]], before: Mapping[str, str | None]) -> list[Apart]:
    absent, sources = record.absent or {}, record.sources or {}
    old_absent = json.loads(before["absent"] or "{}") if "absent" in before else absent
    old_sources = json.loads(before["sources"] or "{}") if "sources" in before else sources
    found = []
    for f in facts(type(record)):
        said = dict(saying.get(f.name, {}))
        now, base = shown(record, f.name), parts_of(old_absent, old_sources, f.name)
        if not said or said in (now, base):
            continue
        sent = tuple((f"{part}.{f.name}", text) for part, text in said.items())
        label = f"{f.label}: reason and source"
        found.append(Apart(f"about.{f.name}", label, in_words(said), in_words(now), now != base, sent))
    return found
