"""Answers to findings: a reason given for one record, which holds as long as the facts it rested on stay as they were.

An answer keeps the places it rested on and a seal over their values, so that page, document and check can each see
whether it still holds without asking the rule again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from dossiers.binder import Binder
from dossiers.facts import by_name, show_date
from dossiers.records import RECORDS
from dossiers.records.answering import Justification
from dossiers.records.base import Record


@dataclass(frozen=True, slots=True)
class Answer:
    """A person's answer to a rule for one record: the reason, whether it holds, and if not, why not."""

    record: Justification
    reason: str
    holds: bool
    why: str = ""


def answers(binder: Binder) -> dict[tuple[str, str, str], Answer]:
    """Every answer by (rule, kind of record, key); of two for the same, the later."""
    found: dict[tuple[str, str, str], Answer] = {}
    for record in binder.all("justification"):
        if isinstance(record, Justification) and record.rule and record.reason:
            found[record.rule, record.about_kind or "", record.about_key or ""] = answer(record, binder)
    return found


def answer(record: Justification, binder: Binder) -> Answer:
    """What the justification is worth today."""
    given = f" of {show_date(record.given_on)}" if record.given_on else ""
    if not record.rests_on or not record.seal:
        why = f"The reason{given} does not say which facts it rests on; give it again."
    elif seal(binder, record.rests_on) != record.seal:
        why = f"The reason{given} fell: a fact it rested on has changed. Give it again if it still holds."
    else:
        return Answer(record, str(record.reason), True)
    return Answer(record, str(record.reason), False, why)


def places(binder: Binder, read: Iterable[tuple[UUID | str, str]]) -> list[str]:
    """What a finding read, as lines that a person and a file can hold: "spec_test dp-1: criterion"."""
    lines: set[str] = set()
    for what, name in read:
        if isinstance(what, UUID):
            record = binder.find(what)
            if record is not None and name:
                lines.add(f"{record.kind()} {record.key}: {name}")
        elif name:
            lines.add(f"every {what}: {name}")
    return sorted(lines)


def seal(binder: Binder, lines: Iterable[str]) -> str:
    """A short hash over the values at these places, in the order of the lines; the same on every machine."""
    digest = sha256()
    for line in lines:
        digest.update(f"{line} = {'|'.join(_values(binder, line))}\n".encode())
    return digest.hexdigest()[:20]


def _values(binder: Binder, line: str) -> Iterator[str]:
    where, _, name = line.rpartition(": ")
    kind, _, key = where.partition(" ")
    if kind == "every":
        for one in binder.all(key) if key in RECORDS else ():
            yield from _said(one, name)
    elif (record := binder.by_key(kind, key)) is not None:
        yield from _said(record, name)


def _said(record: Record, name: str) -> Iterator[str]:
    for fact in by_name(type(record)) if name == "*" else (name,):
        value = getattr(record, fact, None)
        yield f"{record.key}.{fact}={value if not isinstance(value, list) else '; '.join(map(str, value))}"
