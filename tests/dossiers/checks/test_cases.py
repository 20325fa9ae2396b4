"""For every rule a case that trips it and one that does not, on a whole dossier with one thing put differently.

The cases lie in `cases/*.yaml`, a file for each subject: rule → trips, clean and, where it says more, cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dossiers.amending import amend
from dossiers.binder import Binder, load
from dossiers.checks import RULES, Finding, Question, State, check
from dossiers.paths import folder
from dossiers.stage import Stage

CASES = Path(__file__).parent / "cases"
ON = date(2026, 11, 25)
KNOWN = {"says", "in", "change", "finds", "state", "day"}


@cache
def demo(key: str) -> Binder:
    """A demo project by its key, as "TDM-CAR19-01"."""
    return load((folder("seeds") / "demo" / f"{key.lower().replace('-', '_')}.yaml").read_text("utf-8"), key)


def cases() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Rule → kind of case → cases, from every file."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for path in sorted(CASES.glob("*.yaml")):
        for rule, kinds in (yaml.safe_load(path.read_text("utf-8")) or {}).items():
            assert rule not in found, f"{path.name}: {rule} stands in two files."
            found[rule] = kinds
    return found


def each(kind: str) -> Iterator[Any]:
    for rule, kinds in cases().items():
        for number, case in enumerate(kinds.get(kind, ()), 1):
            assert set(case) <= KNOWN, f"{rule}: unknown {set(case) - KNOWN}"
            yield pytest.param(rule, case, id=f"{rule}-{kind}-{number}")


@cache
def found(rule: str, on: str, change: str, day: date) -> tuple[int, tuple[Finding, ...]]:
    """How many things the rule was asked of, and what it says, as if the trial were running: everything is due."""
    binder = amend(demo(on), change, f"{rule} on {on}") if change else demo(on)
    results = check(binder, Question(day, rules=(RULES[rule],), stage=Stage.RUNNING))
    return results.ran, results.findings


def run(rule: str, case: dict[str, Any]) -> tuple[int, tuple[Finding, ...]]:
    change = yaml.safe_dump(case["change"], allow_unicode=True) if case.get("change") else ""
    return found(rule, case["in"], change, case.get("day", ON))


@pytest.mark.parametrize(("rule", "case"), list(each("trips")))
def test_the_rule_finds_what_is_wrong(rule: str, case: dict[str, Any]) -> None:
    state = State(case.get("state", "open"))
    places = {f.place for f in run(rule, case)[1] if f.state is state}
    before = {f.place for f in found(rule, case["in"], "", case.get("day", ON))[1] if f.state is state}
    assert case["finds"] in places, f"found only {sorted(places)}"
    assert case["finds"] not in before, "the case finds it without the change, too"


@pytest.mark.parametrize(("rule", "case"), list(each("clean")))
def test_the_rule_keeps_silent_where_all_is_well(rule: str, case: dict[str, Any]) -> None:
    ran, findings = run(rule, case)
    assert ran, "the rule was asked of nothing: this shows no clean case"
    assert not [f"{f.place}: {f.sentence}" for f in findings if f.state is not State.JUSTIFIED]


@pytest.mark.parametrize(("rule", "case"), list(each("cannot")))
def test_the_rule_says_what_it_lacks(rule: str, case: dict[str, Any]) -> None:
    findings = [f for f in run(rule, case)[1] if f.state is State.CANNOT]
    assert case["finds"] in {
        need.path if need.key else f"{need.kind}: {need.fact}" for f in findings for need in f.needs
    }


def test_every_rule_has_a_source_a_tripping_case_and_a_clean_one() -> None:
    held = cases()
    lacking = {
        name: lack
        for name, rule in RULES.items()
        if (
            lack := [
                what
                for what, there in (
                    ("source", rule.source),
                    ("reason why it matters", rule.why),
                    ("tripping case", held.get(name, {}).get("trips")),
                    ("clean case", held.get(name, {}).get("clean")),
                )
                if not there
            ]
        )
    }
    assert not lacking
    assert not set(held) - set(RULES), "cases of rules that there are not"
