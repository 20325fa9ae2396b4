"""The programme's rulebook: tracks, criteria, thresholds and gates as data, changed by a manager as a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml

from dossiers.facts import Form, by_name
from dossiers.paths import folder
from dossiers.records import RECORDS

SCORES = range(6)
TRIAGE_WEEKS = 6  # to do what triage asks for, where a version of the rulebook does not say
SPREAD = 2  # points between reviewers, where a version of the rulebook does not say from how many they are discussed


class RulebookFault(Exception):
    """A rulebook is wrong; `problems` are sentences that name the place and the remedy."""

    def __init__(self, *problems: str):
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Criterion:
    """A question that reviewers score from 0 to 5. `minimum`: gate → the least score; `evidence`: facts to read."""

    id: str
    name: str
    weight: Decimal
    knock_out: bool
    question: str
    anchors: Mapping[int, str]
    evidence: tuple[str, ...]
    minimum: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Weighted scores (0 to 100) from which a gate is proposed to go, go with conditions, or below which to stop."""

    go: Decimal
    conditional: Decimal
    stop: Decimal


@dataclass(frozen=True, slots=True)
class Deliverable:
    """What a gate asks for; `owner` is the role that supplies it.

    Shown by `facts` of a kind, an issued `document`, `checks` without an error; else by an attached, dated document.
    """

    id: str
    item: str
    owner: str
    optional: bool = False
    facts: str = ""
    document: str = ""
    checks: str = ""


@dataclass(frozen=True, slots=True)
class MustMeet:
    """What has to be true at a gate; answered by `scores` that are not zero, or by a person with a note."""

    id: str
    item: str
    scores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GateRules:
    """What the rulebook says of one gate. `weeks`: how long its stage is meant to take; `readiness`: track → level."""

    id: str
    keepers: tuple[str, ...]
    weeks: int
    readiness: Mapping[str, int]
    deliverables: tuple[Deliverable, ...]
    must_meet: tuple[MustMeet, ...]
    opens: str


@dataclass(frozen=True, slots=True)
class Triage:
    """An answer of the intake form that creates a task: `when` is fact → answers, "any", or "<= number".

    `weeks`: how long there is to do it, from the day the proposal is submitted.
    """

    id: str
    when: Mapping[str, Any]
    task: str
    owner: str
    weeks: int


@dataclass(frozen=True)
class Rulebook:
    """A version of the rules the programme goes by."""

    version: int
    note: str
    tracks: Mapping[str, str]
    levels: Mapping[int, Mapping[str, str]]
    confidence: Mapping[str, tuple[str, Decimal]]  # letter → (what it means, what it takes off a score)
    thresholds: Mapping[str, Thresholds]
    criteria: tuple[Criterion, ...]
    gates: Mapping[str, GateRules]
    triage: tuple[Triage, ...]
    reviewers: int  # at least so many a criterion
    spread: Decimal  # points between reviewers from which a difference is discussed
    attempts: int
    text: str = field(repr=False, default="")

    def criterion(self, id: str) -> Criterion:  # noqa: A002 (what it is called)
        """The criterion of that id. Raises `LookupError`."""
        for one in self.criteria:
            if one.id == id:
                return one
        raise LookupError(f"The rulebook has no criterion {id}.")


def seeded() -> str:
    """The text of the rulebook that travels with the product."""
    return (folder("seeds") / "stage_gates.yaml").read_text("utf-8")


@lru_cache(maxsize=16)
def read(text: str, version: int = 1) -> Rulebook:
    """The rulebook that a YAML text holds. Raises `RulebookFault` with every problem."""
    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError as why:
        raise RulebookFault(f"This is no YAML: {why}.") from None
    if not isinstance(said, dict):
        raise RulebookFault("A rulebook is a group: tracks, levels, confidence, thresholds, criteria, gates, triage.")
    try:
        made = _made(said, version, text)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as why:
        raise RulebookFault(f"Something is missing or of the wrong kind: {why!r}.") from None
    if problems := tuple(_problems(made)):
        raise RulebookFault(*problems)
    return made


def _made(said: Mapping[str, Any], version: int, text: str) -> Rulebook:
    return Rulebook(
        version,
        str(said.get("version_note", "")),
        dict(said["tracks"]),
        {int(k): dict(v) for k, v in said["levels"].items()},
        {str(k): (v["means"], _number(v["takes"])) for k, v in said["confidence"].items()},
        {k: Thresholds(*(_number(v[n]) for n in ("go", "conditional", "stop"))) for k, v in said["thresholds"].items()},
        tuple(_criterion(c) for c in said["criteria"]),
        {k: _gate(k, v) for k, v in said["gates"].items()},
        tuple(_triage(t) for t in said["triage"]),
        int(said["reviewers_per_criterion"]),
        _number(said.get("spread_to_discuss", SPREAD)),
        int(said["most_attempts"]),
        text,
    )


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _criterion(said: Mapping[str, Any]) -> Criterion:
    return Criterion(
        said["id"],
        said["name"],
        Decimal(str(said["weight"])),
        bool(said["knock_out"]),
        said["question"],
        {int(k): str(v) for k, v in said["anchors"].items()},
        tuple(said["evidence"]),
        {k: Decimal(str(v)) for k, v in said["minimum"].items()},
    )


def _gate(name: str, said: Mapping[str, Any]) -> GateRules:
    return GateRules(
        name,
        tuple(said["keepers"]),
        int(said["weeks"]),
        {k: int(v) for k, v in said["readiness"].items()},
        tuple(Deliverable(**d) for d in said["deliverables"]),
        tuple(MustMeet(m["id"], m["item"], tuple(m.get("scores", ()))) for m in said["must_meet"]),
        str(said["opens"]),
    )


def _triage(said: Mapping[str, Any]) -> Triage:
    weeks = int(said.get("weeks", TRIAGE_WEEKS))
    return Triage(said["id"], dict(said["when"]), said["task"], said["owner"], weeks)


def _problems(made: Rulebook) -> Any:
    if (total := sum(c.weight for c in made.criteria)) != 100:
        yield f"The weights of the criteria come to {total}; they must come to 100."
    names = [c.id for c in made.criteria]
    if len(set(names)) != len(names):
        yield "Two criteria have the same id."
    for gate, t in made.thresholds.items():
        if not 0 <= t.stop <= t.conditional <= t.go <= 100:
            yield f"{gate}: the thresholds must rise from stop over conditional to go, within 0 and 100."
    for criterion in made.criteria:
        if not set(criterion.anchors) <= set(SCORES) or any(
            m not in SCORES for m in map(int, criterion.minimum.values())
        ):
            yield f"{criterion.id}: anchors and least scores lie between 0 and 5."
    for gate, rules in made.gates.items():
        ids = [d.id for d in rules.deliverables] + [m.id for m in rules.must_meet]
        if len(set(ids)) != len(ids):
            yield f"{gate}: two things asked for have the same id."
        if strange := sorted({d.facts for d in rules.deliverables if d.facts} - set(RECORDS)):
            yield f"{gate}: no kind of record is called {', '.join(strange)}."
        if strange := sorted(set(rules.readiness) - set(made.tracks)):
            yield f"{gate}: no readiness track is called {', '.join(strange)}."
        if strange := sorted({s for m in rules.must_meet for s in m.scores} - set(names)):
            yield f"{gate}: no criterion is called {', '.join(strange)}."
    for rule in made.triage:
        yield from _triage_problems(rule)


def _triage_problems(rule: Triage) -> Any:
    known = by_name(RECORDS["proposal"])
    if not 1 <= rule.weeks <= 104:
        yield f"{rule.id}: give 1 to 104 weeks to do it; {rule.weeks} is outside."
    for name, wanted in rule.when.items():
        if name not in known:
            yield f"{rule.id}: the intake form has no answer called {name}."
        elif isinstance(wanted, str) and wanted.startswith("<="):
            if known[name].form not in (Form.INTEGER, Form.NUMBER) or not _is_number(wanted.removeprefix("<=")):
                yield f"{rule.id}: “{wanted}” needs a number, and an answer that is one."
        elif wanted != "any" and (choices := known[name].choices) is not None:
            strange = sorted({str(w) for w in (wanted if isinstance(wanted, list) else [wanted])} - set(choices))
            if strange:
                yield f"{rule.id}: {known[name].label} is never answered with {', '.join(strange)}."


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.strip()).is_finite()
    except ArithmeticError:
        return False
