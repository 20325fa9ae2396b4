"""What is said about a fact beside its value: why it is empty, and where the value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dossiers.facts import Absence, Basis, Fact, Form, by_name
from dossiers.reading import Messages, Unreadable, clean
from dossiers.records.base import Record

# The parts of a reason and of a source, as a form sends them: "reason.viability".
PARTS = ("absent", "reason", "owner", "where", "basis", "note")
_WORD = Fact("word", "This", Form.TEXT, max_length=2_000)

Saying = Mapping[str, Mapping[str, str]]
"""Fact → part → text, for the facts about which something was sent."""


def shown(record: Record | None, name: str) -> dict[str, str]:
    """What is said about the fact `name`, part → text, as the fields of a form hold it."""
    return parts_of(record.absent or {}, record.sources or {}, name) if record is not None else parts_of({}, {}, name)


def parts_of(absences: Mapping[str, Any], sources: Mapping[str, Any], name: str) -> dict[str, str]:
    """The parts of what a record's `absent` and `sources` say about a fact."""
    absent, source = absences.get(name, {}), sources.get(name, {})
    said = {"absent": absent.get("kind", "")} | {part: absent.get(part, "") for part in ("reason", "owner")}
    return said | {"where": "\n".join(source.get("where", ()))} | {p: source.get(p, "") for p in ("basis", "note")}


def in_words(said: Mapping[str, str]) -> str:
    """A saying as one reads it beside another: its parts, each on a line."""
    labels = {"absent": "Empty", "where": "Source", "basis": "Read as"}
    lines = ((labels.get(p, p.capitalize()), said.get(p, "").replace("\n", ", ").replace("_", " ")) for p in PARTS)
    return "\n".join(f"{label}: {text}" for label, text in lines if text)


def said_of(model: type[Record], sent: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """What a submitted form, or a draft of it, says about facts of `model`."""
    found: dict[str, dict[str, str]] = {}
    for name in by_name(model):
        parts = {part: str(sent[f"{part}.{name}"]) for part in PARTS if f"{part}.{name}" in sent}
        if parts:
            found[name] = {part: parts.get(part, "").replace("\r\n", "\n").strip() for part in PARTS}
    return found


def read_about(model: type[Record], record: Record | None, saying: Saying) -> tuple[dict[str, Any], Messages]:
    """(fact → (absence or None, source or None), a sentence for each fact of which too little was said).

    Only what differs from what `record` says already is read: old sayings are not judged anew.
    """
    told: dict[str, Any] = {}
    messages: Messages = {}
    for name, said in saying.items():
        if dict(said) == shown(record, name):
            continue
        try:
            told[name] = (_absence(said), _source(said))
        except Unreadable as why:
            messages[name] = f"{by_name(model)[name].label}: {why}"
    return told, messages


def _words(said: Mapping[str, str], part: str) -> str:
    return clean(_WORD, said[part], lines=True)


def _absence(said: Mapping[str, str]) -> dict[str, str] | None:
    reason, owner = _words(said, "reason"), _words(said, "owner")
    if not said["absent"]:
        if reason or owner:
            raise Unreadable("A reason or an owner goes with a kind of absence; choose why the fact is empty.")
        return None
    if said["absent"] not in tuple(Absence):
        raise Unreadable(f"Why it is empty must be one of {', '.join(a.label for a in Absence)}.")
    kind = Absence(said["absent"])
    if kind.closes and not reason:
        raise Unreadable(f"Say in a sentence why it is {kind.label}; documents print the reason.")
    return {k: v for k, v in (("kind", kind.value), ("reason", reason), ("owner", owner)) if v}


def _source(said: Mapping[str, str]) -> dict[str, Any] | None:
    where = [line.strip() for line in _words(said, "where").split("\n") if line.strip()]
    note = _words(said, "note")
    if said["basis"] and said["basis"] not in tuple(Basis):
        raise Unreadable(f"How the source was read must be one of {', '.join(Basis)}.")
    if note and not where and not said["basis"]:
        raise Unreadable("A remark on the source needs the source: say where the value stands, or how it was read.")
    return {k: v for k, v in (("where", where), ("basis", said["basis"]), ("note", note)) if v} or None
