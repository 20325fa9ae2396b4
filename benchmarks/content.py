"""The same content for every way of making a Word file: texts with places for values, and records that fill them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from dossiers.binder import Binder
from dossiers.facts import by_name, show, show_bare
from dossiers.records.base import record_id
from dossiers.records.process import ParameterCriticality, ProcessParameter

ROWS = 18
FACTS = ("name", "target", "low", "high", "unit", "criticality", "basis")
SIZES = {60: 40, 250: 150, 1000: 800}  # sections → tables

SENTENCES = (
    "{{ p.name }} is set to {{ p.target }} {{ p.unit }} and may lie between {{ p.low }} and {{ p.high }}.",
    "Its weight was judged from {{ p.basis }} and is {{ p.criticality }}.",
    "All steps are carried out in a **closed system** under aseptic conditions by trained operators.",
    "The cells are expanded *ex vivo* in medium with human serum until the number needed for the dose is reached.",
    "Samples for identity, purity, viability and potency are taken before and after the cells are frozen.",
    "A deviation from {{ p.name }} is recorded, assessed and told to the qualified person **before release**.",
    "Vectors are made under good manufacturing practice, and each lot is released against its specification.",
    "The container is a cryobag of ethylene vinyl acetate with two ports and a label that stays readable when cold.",
    "Results of the engineering runs were used to confirm that {{ p.low }} {{ p.unit }} is still sufficient.",
    "Hold times were studied at 2 to 8 degrees and at room temperature with three batches each.",
    "The *in vitro* killing of target cells was measured at three ratios, each in triplicate.",
    "Reference material is kept in vapour over liquid nitrogen at two sites, and its use is recorded.",
)
BULLETS = (
    "{{ p.name }} at {{ p.target }} {{ p.unit }}",
    "washed **twice**, with the supernatant kept as a sample",
    "counted by two people",
    "filled within two hours after formulation",
)
TITLES = ("Manufacturer", "Process and controls", "Batch analyses", "Stability", "Container closure", "Justification")
BASES = ("development runs 3 to 9", "the supplier's certificate", "design space study 2", "validation of the analysis")


@dataclass(frozen=True)
class Chapter:
    """A section: number, title, paragraphs and bullets with Jinja places for `p`, its records (none: no table)."""

    number: str
    title: str
    paragraphs: tuple[str, ...]
    bullets: tuple[str, ...]
    first: ProcessParameter
    records: tuple[ProcessParameter, ...]

    @property
    def level(self) -> int:
        """Depth of the section, from 1."""
        return self.number.count(".") + 1


@dataclass(frozen=True)
class Content:
    """Everything a document of one size says."""

    binder: Binder
    chapters: tuple[Chapter, ...]


def content(sections: int) -> Content:
    """The content of a document with that many sections; the same on each call."""
    random, tables = Random(7), SIZES[sections]
    parameters = tuple(_parameters(random, tables * ROWS))
    chapters = []
    for at in range(sections):
        # tables are spread evenly over the sections
        table = at * tables // sections != (at + 1) * tables // sections
        start = (at * tables // sections) * ROWS
        own = parameters[start : start + ROWS]
        paragraphs = tuple(" ".join(random.sample(SENTENCES, 5)) for _ in range(5))
        number = f"S.{at // 25 + 1}.{at // 5 % 5 + 1}.{at % 5 + 1}"
        bullets = tuple(random.sample(BULLETS, 3))
        first = own[0] if own else parameters[0]
        chapters.append(Chapter(number, TITLES[at % 6], paragraphs, bullets, first, own if table else ()))
    return Content(Binder("bench", records={"process_parameter": parameters}), tuple(chapters))


def _parameters(random: Random, count: int) -> Iterator[ProcessParameter]:
    project = record_id("bench", "project", "")
    for at in range(count):
        key = f"parameter-{at}"
        made = ProcessParameter(uid=record_id("bench", "process_parameter", key), project_id=project, key=key)
        made.position, made.absent, made.sources, made.revision = at, {}, {}, 1
        made.name, made.unit, made.basis = (
            f"Parameter {at}",
            random.choice(("TU/cell", "ng/mL", "%")),
            random.choice(BASES),
        )
        made.low = Decimal(random.randrange(10, 400)) / 10
        made.target, made.high = made.low + 5, made.low + Decimal("9.5")
        made.criticality = random.choice(list(ParameterCriticality))
        yield made


def pieces(text: str) -> list[tuple[str, str]]:
    """A text's passages, each with how it is set ("", "bold", "italic"), for the ways that read no Markdown."""
    parts = [part for part in re.split(r"(\*\*[^*]+\*\*|\*[^*]+\*)", text) if part]
    kinds = {0: "", 1: "italic", 2: "bold"}
    return [(part.strip("*"), kinds[len(part) - len(part.lstrip("*"))]) for part in parts]


def heads() -> tuple[str, ...]:
    """The headings of a table's columns."""
    return tuple(by_name(ProcessParameter)[name].label for name in FACTS)


def strings(record: ProcessParameter, shown: Callable[..., str] = show_bare) -> dict[str, str]:
    """A record as the words a table prints, for the ways that know no records."""
    known = by_name(ProcessParameter)
    return {name: shown(known[name], getattr(record, name)) for name in FACTS}


def caption(at: int, chapter: Chapter) -> str:
    """What stands over the `at`-th table."""
    return f"Table {at}: Parameters of {chapter.title.lower()}, {chapter.number}"


def context(chapter: Chapter) -> dict[str, Any]:
    """What a chapter's places are filled from, as strings."""
    return {"p": strings(chapter.first, show), "rows": [strings(record) for record in chapter.records]}
