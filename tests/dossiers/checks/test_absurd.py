"""Rules meet half-filled, contradictory and absurd dossiers: never an exception, and a rerun says what a run says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from dossiers.amending import put
from dossiers.binder import Binder
from dossiers.checks import Question, State, changed, check, recheck
from dossiers.facts import Fact, Form, facts
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.stage import Stage
from tests.dossiers.checks.test_cases import ON, demo

DEMOS = ("TDM-CAR19-01", "TDM-AAV8-F9", "TDM-CHON-01")
NOWHERE = UUID(int=7)
WORDS = (
    "", " ", "0", "-1", "NaN", "≥", "≥ 70 %", "NLT", "absence in 0 mL", "< 5 EU/", "1e400", "10^6", "tbd", "x" * 900,
    "≤ 0 EU/kg", "0.0–0.0 × 10^6/kg", "2024-13", "1 × 10⁶ vg/kg", "\u202e", "a: b", "∞", "٣", "%", "1/0",
)  # fmt: skip
DAYS = (date.min, date(1900, 2, 28), date(2026, 11, 25), date.max)
NUMBERS = tuple(map(Decimal, ("0", "-1", "1E-30", "1E+30", "70", "0.5")))
MONTHS = ("1990", "2026-11", "2999-01-01")


def absurd(f: Fact, binder: Binder) -> st.SearchStrategy[Any]:
    """A value that the fact's form can hold and that no sane dossier has."""
    every = [r.uid for r in binder][:400] or [NOWHERE]
    match f.form:
        case Form.YESNO:
            return st.booleans()
        case Form.INTEGER:
            return st.sampled_from((0, -5, 1, 10**12))
        case Form.NUMBER:
            return st.sampled_from(NUMBERS)
        case Form.DATE:
            return st.sampled_from(DAYS)
        case Form.MONTH:
            return st.sampled_from(MONTHS)
        case Form.CHOICE:
            return st.sampled_from(list(f.choices or ()))
        case Form.CHOICES:
            return st.lists(st.sampled_from(list(f.choices or ())), max_size=4)
        case Form.LINK:
            return st.sampled_from([NOWHERE, *every])
        case Form.LINKS:
            return st.lists(st.sampled_from([NOWHERE, *every]), max_size=4)
        case Form.LINES:
            return st.lists(st.sampled_from(WORDS), max_size=4)
    return st.sampled_from(WORDS)


@st.composite
def edits(draw: Any, binder: Binder, kind: str) -> Binder:
    """The binder with one record of a kind put absurdly, or gone."""
    rows = binder.all(kind)
    if not rows:
        return binder
    record: Record = draw(st.sampled_from(rows))
    if draw(st.integers(0, 7)) == 0:
        left = tuple(r for r in rows if r.uid != record.uid)
        return replace(binder, records={**binder.records, kind: left})
    chosen = draw(st.lists(st.sampled_from(facts(type(record))), min_size=1, max_size=6))
    values = {f.name: draw(st.none() | absurd(f, binder)) for f in chosen}
    return put(binder, record, values)


@st.composite
def ruined(draw: Any) -> Binder:
    """A whole demo dossier with kinds missing and many records put absurdly."""
    binder = demo(draw(st.sampled_from(DEMOS)))
    gone = draw(st.lists(st.sampled_from(list(RECORDS)), max_size=4))
    binder = replace(binder, records={k: v for k, v in binder.records.items() if k not in gone})
    for kind in draw(st.lists(st.sampled_from(list(RECORDS)), min_size=5, max_size=60)):
        binder = draw(edits(binder, kind))
    return replace(binder, stage=draw(st.sampled_from(list(Stage))))


RULES_ALONE: tuple[str, ...] = ()  # documents are composed for the rules about text; these runs leave them out


@profile(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(binder=ruined())
def test_no_rule_falls_over_an_absurd_dossier(binder: Binder) -> None:
    results = check(binder, Question(ON, documents=RULES_ALONE, stage=Stage.RUNNING))
    for finding in results.findings:
        assert finding.sentence.strip()
        assert finding.state is not State.CANNOT or finding.needs
        assert "None" not in finding.sentence.split(), finding.sentence


@profile(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_rerun_says_what_a_run_says(data: st.DataObject) -> None:
    before = demo(data.draw(st.sampled_from(DEMOS)))
    question = Question(ON, documents=RULES_ALONE, stage=Stage.RUNNING)
    kept = base(before.project, question)
    after = before
    for kind in data.draw(st.lists(st.sampled_from(list(before.records)), min_size=1, max_size=3)):
        after = data.draw(edits(after, kind))
    again, anew = recheck(kept, after, changed(before, after)), check(after, question)
    assert again.findings == anew.findings
    assert again.ran <= anew.ran


_BASES: dict[str, Any] = {}


def base(project: str, question: Question) -> Any:
    if project not in _BASES:
        _BASES[project] = check(demo(project), question)
    return _BASES[project]


@pytest.mark.parametrize("project", DEMOS)
def test_the_text_of_documents_reruns_with_its_facts(project: str) -> None:
    before = demo(project)
    question = Question(ON, stage=Stage.RUNNING)
    kept = check(before, question)
    product = before.product
    assert product is not None
    after = put(before, product, {"name": "to be confirmed"})
    again = recheck(kept, after, changed(before, after))
    assert again.findings == check(after, question).findings


def test_an_empty_project_is_told_what_to_do_and_has_no_error() -> None:
    results = check(Binder("NEW-1", stage=Stage.FEASIBILITY), Question(ON))
    assert not [f for f in results.findings if f.state is State.OPEN]
