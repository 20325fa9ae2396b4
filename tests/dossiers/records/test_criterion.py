"""Kind and ends of an acceptance criterion follow from its text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dossiers.binder import load
from dossiers.records.criterion import CriterionType
from dossiers.records.quality import SpecTest


def row(criterion: str | None) -> SpecTest:
    return SpecTest(criterion=criterion)


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("≥ 70 %", CriterionType.MIN, "70", None),
        ("NMT 0.5 EU/mL", CriterionType.MAX, None, "0.5"),
        ("1e6–5e6 cells/kg", CriterionType.RANGE, "1e6", "5e6"),
        ("7.2 ± 0.4", CriterionType.RANGE, "6.8", "7.6"),
        ("200 mg/mL ± 10 %", CriterionType.RANGE, "180", "220"),
        ("ordered dose ± 20 %", CriterionType.RANGE, None, None),
        ("absent in 10 mL", CriterionType.ABSENT, None, None),
        ("cloudy liquid", CriterionType.TEXT, None, None),
        ("report result", CriterionType.REPORT, None, None),
        ("for information only", CriterionType.REPORT, None, None),
        ("not public", None, None, None),
        ("to be set", None, None, None),
        ("difference > 50 percentage points", CriterionType.MIN, "50", None),
        ("> 0.5 × 10^6 cells/kg; 35 × 10^6 cells for a 70 kg patient", CriterionType.MIN, "0.5e6", None),
        ("≥ 70 % if allogeneic", CriterionType.MIN, "70", None),
        ("a) < 70 % or b) difference > 50 percentage points", CriterionType.TEXT, None, None),
        (None, None, None, None),
    ],
)
def test_kind_and_ends(text: str | None, kind: CriterionType | None, low: str | None, high: str | None) -> None:
    test = row(text)
    assert test.criterion_type is kind
    assert test.low == (None if low is None else Decimal(low))
    assert test.high == (None if high is None else Decimal(high))
    assert test.report_only is (kind is CriterionType.REPORT)


def test_the_text_is_shown_in_the_notation_of_the_field() -> None:
    assert row("NLT 70%").criterion_text == "≥\u00a070\u00a0%"
    assert row(None).criterion_text is None


def test_the_scope_of_a_row_is_that_of_its_specification() -> None:
    binder = load(
        "tandem: 1\nproject: p\nrecords:\n"
        "  specification: {s: {code: SP, scope: dp}}\n"
        "  spec_test: {t: {specification: s}, loose: {test: viability}}\n"
    )
    inside, loose = binder.all("spec_test")
    assert isinstance(inside, SpecTest)
    assert isinstance(loose, SpecTest)
    assert str(inside.scope(binder)) == "dp"
    assert loose.scope(binder) is None
