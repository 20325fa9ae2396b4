"""A rule: what it is called, on whose authority it asks, for whom and from when, and the function that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict, Unpack

from dossiers.blocks import Section
from dossiers.checks.findings import Said, Severity
from dossiers.records.base import Record
from dossiers.stage import Stage

Judge = Callable[..., Iterable[Said]]
"""(look) or (look, record) or (look, section) → what is said."""

IN_VIVO, EX_VIVO, CELLS, TISSUE, COMBINED = "GT-invivo", "GT-exvivo", "CT", "TEP", "cATMP"
GENE: Final = frozenset({IN_VIVO, EX_VIVO})
CELL_BASED: Final = frozenset({EX_VIVO, CELLS, TISSUE, COMBINED})
EVERY: Final[frozenset[str]] = frozenset()

FIRST, EXPLORATORY, PIVOTAL = "FIH", "exploratory", "pivotal"
EARLY: Final = frozenset({FIRST, EXPLORATORY})

SUBJECTS: Final[Mapping[str, str]] = {
    "Q1": "materials and donors",
    "Q2": "process",
    "Q3": "specification",
    "Q4": "methods",
    "Q5": "batches",
    "Q6": "stability",
    "Q7": "asepsis and container",
    "Q8": "viral safety",
    "Q9": "comparability",
    "N2": "non-clinical",
    "C3": "clinical",
    "G4": "genetically modified organisms",
    "M6": "sites and good manufacturing practice",
    "L7": "labels",
    "R8": "risks and devices",
    "X5": "consistency between parts",
    "T8": "exported text",
}


class Manner(TypedDict, total=False):
    """What may be said of a rule beside id, severity and title."""

    each: type[Record | Section]  # the rule is asked once for each of these; left out: once for the project
    why: str  # why an assessor cares, in our words
    source: tuple[str, ...]  # on whose authority; required
    remedy: str  # what to do, unless the rule says it at the place
    types: frozenset[str]  # types of product it is for; EVERY = all
    phases: frozenset[str]  # phases of development it is for; EVERY = all
    due: Stage  # from this stage on its findings count; before, they are listed as "later"
    justifiable: bool  # whether a reason may answer it for one record
    section: str  # section in which an assessor looks for the reason, as "P.5.6"
    reading: str  # where we read the source more carefully or more mildly than it could be read, and why
    read: str  # how far the sources were read; default: cited at heading level


@dataclass(frozen=True)
class Rule:
    """A rule of the catalogue. `types` and `phases` are empty for all; `judge` gives what is said, in order."""

    id: str
    severity: Severity
    title: str
    judge: Judge
    each: type[Any] | None = None
    why: str = ""
    source: tuple[str, ...] = ()
    remedy: str = ""
    types: frozenset[str] = EVERY
    phases: frozenset[str] = EVERY
    due: Stage = Stage.DOSSIER
    justifiable: bool = False
    section: str = ""
    reading: str = ""
    read: str = "cited at heading level; verify against the text in force"

    @property
    def subject(self) -> str:
        """What the rule is about: "materials and donors"."""
        return SUBJECTS[self.id[:2]]


RULES: dict[str, Rule] = {}
"""Every rule by its id, in the order of declaration; `dossiers.checks` fills it when it is imported."""


def rule(name: str, severity: Severity, title: str, **manner: Unpack[Manner]) -> Callable[[Judge], Judge]:
    """Put the function under it into the catalogue. Raises `ValueError` for an id that is taken or has no subject."""

    def declare(judge: Judge) -> Judge:
        if name in RULES or name[:2] not in SUBJECTS:
            raise ValueError(f"The rule {name} stands twice, or its first two letters name no subject.")
        RULES[name] = Rule(name, severity, title, judge, **manner)
        return judge

    return declare


def chosen(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules whose id begins with one of `select` (none: all) and with none of `ignore`, by id.

    Raises `LookupError` with a sentence for a beginning that fits no rule.
    """
    wanted, unwanted = tuple(select), tuple(ignore)
    for start in (*wanted, *unwanted):
        if not any(name.startswith(start) for name in RULES):
            raise LookupError(f"No rule begins with “{start}”; subjects are {', '.join(SUBJECTS)}.")
    order = {subject: n for n, subject in enumerate(SUBJECTS)}
    return tuple(
        RULES[name]
        for name in sorted(RULES, key=lambda name: (order[name[:2]], name))
        if (not wanted or name.startswith(wanted)) and not (unwanted and name.startswith(unwanted))
    )


def find(name: str) -> Rule:
    """The rule with this id. Raises `LookupError` with a sentence."""
    if name.upper() not in RULES:
        raise LookupError(f"There is no rule “{name}”; `dossiers explain` without an id lists them.")
    return RULES[name.upper()]
