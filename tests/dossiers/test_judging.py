"""Results are judged when asked: against the version of the batch, all read-outs of a test together."""

from __future__ import annotations

from typing import Any

import pytest

from dossiers.binder import Binder, load
from dossiers.judging import Outcome, Verdict, judge, rule_for, siblings

POTENCY = "a) < 70 % or b) difference > 50 percentage points"


def project(results: str, **more: str) -> Binder:
    """Two versions of a specification, one batch released under each, and the results given."""
    said = {
        "product": "p: {name: CAR-T, role: test, origin: autologous, route: intravenous}",
        "batch": (
            "old: {number: B-1, scope: dp, spec_version: v1}, new: {number: B-2, scope: dp, spec_version: v2}, "
            "ordered: {number: B-3, spec_version: v1, ordered_dose: 100e6, ordered_dose_unit: cells}, "
            "none: {number: B-4, scope: dp}"
        ),
        "extra": "",
    } | more
    return load(
        "tandem: 1\nproject: p\nrecords:\n"
        f"  product: {{{said['product']}}}\n"
        "  specification:\n"
        '    v1: {code: SP-DP, scope: dp, version: "1"}\n'
        '    v2: {code: SP-DP, scope: dp, version: "2"}\n'
        '    ipc: {code: SP-INT, scope: intermediate, version: "1"}\n'
        "  spec_test:\n"
        "    viability-1: {specification: v1, test: viability, criterion: '≥ 70 %', unit: '%', stage: dp}\n"
        "    viability-2: {specification: v2, test: Viability, criterion: '≥ 80 %', unit: '%', stage: dp,"
        " shelf_life_criterion: '≥ 60 %'}\n"
        f"    potency-1: {{specification: v1, test: potency, criterion: '{POTENCY}', unit: '%'}}\n"
        "    sterility-1: {specification: v1, test: sterility, criterion: absent in 10 mL}\n"
        "    dose-1: {specification: v1, test: dose, criterion: ordered dose ± 20 %, unit: cells}\n"
        "    cd3-1: {specification: v1, test: CD3, criterion: '< 2e5 /kg if allogeneic'}\n"
        "    cases-1: {specification: v1, test: cells, criterion: 'release: ≥ 70 %; shelf life: ≥ 60 %'}\n"
        "    new-1: {specification: v1, test: only in the first version, criterion: '< 5 %'}\n"
        "    bare-1: {specification: v1, test: without a limit yet}\n"
        "    count: {specification: ipc, test: cell count, criterion: '≥ 1e6 cells/mL', stage: intermediate}\n"
        f"  batch: {{{said['batch']}}}\n"
        "  cell_bank: {mcb: {bank_id: MCB}}\n"
        "  stability_study: {st: {protocol_id: ST-1}}\n"
        f"  test_result:\n{results or '    {}'}{said['extra']}"
    )


def verdicts(results: str, **more: str) -> list[Verdict]:
    binder = project("".join(f"    r{at}: {{{line}}}\n" for at, line in enumerate(results.splitlines())), **more)
    found: list[Any] = list(binder.all("test_result"))
    return [judge(result, binder) for result in found]


def outcomes(results: str, **more: str) -> list[Outcome]:
    return [verdict.outcome for verdict in verdicts(results, **more)]


def test_a_batch_is_judged_by_the_version_it_was_released_under() -> None:
    assert outcomes(
        "batch: old, spec_test: viability-1, value: 75\n"
        "batch: new, spec_test: viability-2, value: 75\n"
        # a row of the wrong version is answered by the same test in the batch's own
        "batch: old, spec_test: viability-2, value: 75\n"
        "batch: new, spec_test: viability-1, value: 75"
    ) == [Outcome.PASSES, Outcome.FAILS, Outcome.PASSES, Outcome.FAILS]


def test_a_test_that_the_version_in_force_does_not_know_cannot_be_judged() -> None:
    (verdict,) = verdicts("batch: new, spec_test: new-1, value: 1")
    assert verdict.outcome is Outcome.CANNOT_SAY
    assert "SP-DP 2, in force at release, has no row for only in the first version" in verdict.why


def test_a_batch_without_a_version_cannot_be_judged() -> None:
    (verdict,) = verdicts("batch: none, spec_test: viability-1, value: 75")
    assert verdict.outcome is Outcome.CANNOT_SAY
    assert "B-4 does not say which specification version" in verdict.why


def test_another_specification_than_the_batch_keeps_judges_its_own_results() -> None:
    assert outcomes(
        "batch: old, spec_test: count, value: 2e6, unit: cells/mL\nbank: mcb, spec_test: viability-2, value: 85"
    ) == [Outcome.PASSES, Outcome.PASSES]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("value: 14.9", "value: 90.9", Outcome.PASSES),
        ("value: 80", "value: 64.6", Outcome.PASSES),
        ("value: 80", "value: 40", Outcome.FAILS),
        ("value: 80", "value: 20, control: 90", Outcome.FAILS),
        ("value: 80", "value: 90, control: 20", Outcome.PASSES),
        ("value: 80", "state: pending", Outcome.CANNOT_SAY),
    ],
)
def test_alternatives_are_weighed_together(a: str, b: str, expected: Outcome) -> None:
    first, second = outcomes(
        f"batch: old, spec_test: potency-1, readout: a, {a}\nbatch: old, spec_test: potency-1, readout: b), {b}"
    )
    assert first is expected
    assert second is expected or "state" in b


def test_read_outs_of_another_batch_do_not_count() -> None:
    assert outcomes(
        "batch: old, spec_test: potency-1, readout: a, value: 80\n"
        "batch: ordered, spec_test: potency-1, readout: b, value: 90"
    ) == [Outcome.CANNOT_SAY, Outcome.PASSES]


def test_several_results_of_a_plain_test_are_judged_each() -> None:
    assert outcomes("batch: old, spec_test: viability-1, value: 60\nbatch: old, spec_test: viability-1, value: 90") == [
        Outcome.FAILS,
        Outcome.PASSES,
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("value: 70", Outcome.PASSES),
        ("value: 69.9", Outcome.FAILS),
        ('value: "> 95"', Outcome.PASSES),
        ('value: "95", qualifier: ">"', Outcome.PASSES),
        ('value: "60", qualifier: "<"', Outcome.FAILS),
        ('value: "80", qualifier: "<"', Outcome.CANNOT_SAY),
        ('value: "60", state: below_loq', Outcome.FAILS),
        ('value: "< 80", qualifier: ">"', Outcome.CANNOT_SAY),
        ("value: complies", Outcome.CANNOT_SAY),
        ("state: not_done", Outcome.CANNOT_SAY),
        ("state: not_applicable", Outcome.CANNOT_SAY),
        ("population: viable cells", Outcome.CANNOT_SAY),
        ("value: 4.38, statistic: sd", Outcome.CANNOT_SAY),
        ("value: 95.75, statistic: mean, n: 4", Outcome.PASSES),
        ("value: 95.75, statistic: mean, n: 4, minimum: 70, maximum: 99", Outcome.PASSES),
        ("value: 95.75, statistic: mean, n: 4, minimum: 69, maximum: 99", Outcome.FAILS),
        ("value: 70, unit: mg", Outcome.CANNOT_SAY),
    ],
)
def test_one_result(said: str, expected: Outcome) -> None:
    assert outcomes(f"batch: old, spec_test: viability-1, {said}") == [expected]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("value: sterile", Outcome.PASSES),
        ("qualifier: ND", Outcome.PASSES),
        ("value: no growth", Outcome.PASSES),
        ("value: positive", Outcome.FAILS),
    ],
)
def test_absence(said: str, expected: Outcome) -> None:
    assert outcomes(f"batch: old, spec_test: sterility-1, {said}") == [expected]


def test_a_limit_around_the_dose_asks_the_batch_for_it() -> None:
    assert outcomes(
        "batch: ordered, spec_test: dose-1, value: 115e6\n"
        "batch: ordered, spec_test: dose-1, value: 125e6\n"
        "batch: old, spec_test: dose-1, value: 115e6"
    ) == [Outcome.PASSES, Outcome.FAILS, Outcome.CANNOT_SAY]


def test_a_limit_for_allogeneic_use_does_not_bind_an_autologous_product() -> None:
    line = "batch: old, spec_test: cd3-1, value: 9e5, unit: /kg"
    assert outcomes(line) == [Outcome.NO_LIMIT]
    assert outcomes(line, product="p: {role: test, origin: allogeneic}") == [Outcome.FAILS]
    assert outcomes(line, product="p: {role: test}") == [Outcome.CANNOT_SAY]


def test_stages_in_one_criterion() -> None:
    binder = project(
        "    r: {batch: old, spec_test: cases-1, value: 65, unit: '%'}\n",
        extra=(
            "  stability_result:\n"
            "    s: {study: st, test: cases-1, timepoint: 3, timepoint_unit: m, value: 65, unit: '%'}\n"
            "    end: {study: st, test: viability-2, timepoint: 3, timepoint_unit: m, value: 65}\n"
            "    low: {study: st, test: viability-2, timepoint: 6, timepoint_unit: m, value: 55}\n"
        ),
    )
    found: list[Any] = [*binder.all("test_result"), *binder.all("stability_result")]
    assert [judge(result, binder).outcome for result in found] == [
        Outcome.FAILS,
        Outcome.PASSES,
        Outcome.PASSES,
        Outcome.FAILS,
    ]


def test_nothing_to_judge_by() -> None:
    (no_row, no_limit) = verdicts("batch: old, test: phenotype, value: 5\nbatch: old, spec_test: bare-1, value: 5")
    assert no_row == Verdict(Outcome.CANNOT_SAY, "The result answers no row of a specification.")
    assert no_limit == Verdict(Outcome.CANNOT_SAY, "without a limit yet has no acceptance criterion yet.")


def test_two_rows_of_one_test_in_the_version_in_force_are_not_guessed_between() -> None:
    binder = project("    r: {batch: new, spec_test: viability-1, value: 90}\n")
    rows = binder.all("spec_test")
    twin = next(row for row in rows if row.key == "viability-2")
    doubled = Binder("p", records={**binder.records, "spec_test": (*rows, twin)})
    result: Any = doubled.all("test_result")[0]
    ruling = rule_for(result, doubled)
    assert ruling.row is None
    assert "has 2 rows for viability" in ruling.why


def test_siblings_of_a_result_that_the_binder_does_not_hold_are_itself() -> None:
    binder = project("    r: {batch: old, spec_test: viability-1, value: 90}\n")
    result: Any = binder.all("test_result")[0]
    assert siblings(result, Binder("q")) == (result,)
