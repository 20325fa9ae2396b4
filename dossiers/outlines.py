"""Outlines: one kind of document each, its sections in order, as data beside their texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import yaml

from dossiers.paths import templates
from dossiers.records import RECORDS
from dossiers.shelf import plural
from dossiers.stage import Stage
from dossiers.texts import Fault, check, library

LEVELS = ("none", "short_note", "expert")
ALWAYS = frozenset(
    {"product", "substance", "narrative", "applicable", "outline", "section", "binder", "documents", "terms"}
)


@dataclass(frozen=True, slots=True)
class Section:
    """One section of an outline.

    `repeat` is "" or "active_substance"; `applies_to` the classes of product it is meant for ("all"); `phase` both,
    exploratory or confirmatory; `narrative` none, short_note (optional) or expert (owed), `words` its budget, `task`
    what it should say; `guidance` what an assessor looks for; `sources` (reference, how far it was read); `status` how
    far the outline's own source was verified. A group is only a heading. `new_page`: in Word it begins a page.
    """

    number: str
    title: str
    text: str = ""
    level: int = 1
    group: bool = False
    repeat: str = ""
    applies_to: tuple[str, ...] = ("all",)
    phase: str = "both"
    narrative: str = "none"
    words: int = 0
    task: str = ""
    guidance: tuple[str, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    status: str = ""
    new_page: bool = False


@dataclass(frozen=True)
class Outline:
    """A kind of document: `id` ("impd-q"), its title, sections in order, the folder its texts lie in.

    `filed` says whether it goes to an authority as part of the dossier; `due` by which stage a fact must be known for
    its tables to show a gap in its place.
    """

    id: str
    title: str
    about: str
    sections: tuple[Section, ...]
    source: str = ""
    filed: bool = True
    due: Stage = Stage.DOSSIER

    def section(self, number: str) -> Section:
        """The section with this number. Raises `LookupError` with a sentence."""
        for section in self.sections:
            if section.number == number:
                return section
        raise LookupError(f"The document {self.id} has no section {number}.")


class OutlineFault(Exception):
    """An outline file is wrong; the message names file and place. Its author's mistake, never the data's."""


def ids() -> tuple[str, ...]:
    """The ids of all documents, in alphabetical order."""
    return tuple(sorted(p.parent.name for p in _folder().glob("*/outline.yaml")))


def outlines() -> Iterator[Outline]:
    """Every document, by id."""
    return (outline(name) for name in ids())


@cache
def outline(name: str) -> Outline:
    """The document with this id. Raises `LookupError` with the known ids, `OutlineFault` if its file is wrong."""
    if name not in ids():
        raise LookupError(f"There is no document “{name}”; known are {', '.join(ids())}.")
    path = _folder() / name / "outline.yaml"
    said = yaml.safe_load(path.read_text("utf-8"))
    texts = {p.name.split("_")[0]: p.name for p in path.parent.glob("*.md")}
    sections = tuple(_section(name, entry, texts) for entry in said["sections"])
    _prove(name, sections, texts)
    about, source = said.get("about", ""), said.get("source", "")
    filed, due = said.get("filed", True), Stage(said.get("due", Stage.DOSSIER))
    return Outline(said["id"], said["title"], about, sections, source, filed, due)


def _folder() -> Path:
    return templates() / "dossiers"


def _section(document: str, entry: Mapping[str, Any], texts: Mapping[str, str]) -> Section:
    number = str(entry["number"])
    known = set(Section.__dataclass_fields__) - {"text", "level"}
    if strange := set(entry) - known:
        raise OutlineFault(f"{document}/outline.yaml, section {number}: unknown {', '.join(sorted(strange))}.")
    made = dict(entry) | {"number": number, "text": texts.get(number, ""), "level": number.count(".") + 1}
    for name in ("applies_to", "guidance"):
        if name in made:
            made[name] = tuple(made[name])
    made["sources"] = tuple((s["ref"], s.get("status", "")) for s in made.get("sources", ()))
    return Section(**made)


def _prove(document: str, sections: tuple[Section, ...], texts: Mapping[str, str]) -> None:
    numbers = [s.number for s in sections]
    if doubled := next((n for n in numbers if numbers.count(n) > 1), None):
        raise OutlineFault(f"{document}/outline.yaml: section {doubled} stands twice.")
    if without := [s.number for s in sections if not s.group and not s.text]:
        raise OutlineFault(f"{document}: sections without a text: {', '.join(without)}.")
    if strange := sorted(set(texts) - set(numbers)):
        raise OutlineFault(f"{document}: texts without a section: {', '.join(strange)}.")
    if wrong := [s.number for s in sections if s.narrative not in LEVELS]:
        raise OutlineFault(
            f"{document}/outline.yaml: narrative must be one of {', '.join(LEVELS)}: {', '.join(wrong)}."
        )


def names() -> frozenset[str]:
    """Every name a section text may use."""
    return ALWAYS | {plural(kind) for kind in RECORDS}


def faults(document: str) -> tuple[Fault, ...]:
    """What is wrong in the texts of `document`, by file and line; () if nothing is."""
    files = sorted((_folder() / document).glob("*.md")) + sorted((_folder() / "shared").glob("*.md"))
    return tuple(
        f for path in files for f in check(f"{path.parent.name}/{path.name}", path.read_text("utf-8"), names())
    )


@cache
def texts() -> jinja2.Environment:
    """The library over all section texts; a text is named "impd-q/S.4.1_specification.md"."""
    return library(jinja2.FileSystemLoader(_folder(), encoding="utf-8"))
