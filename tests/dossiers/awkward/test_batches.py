"""Batches and results: chosen, given although out of specification, made again, contradictory, not there."""

from __future__ import annotations

import pytest

from dossiers.facts import gaps
from dossiers.stage import Stage
from tests.dossiers.awkward.catalogue import awkward
from tests.dossiers.awkward.dossier import dossier

SPEC = """
specification:
  dp: {code: SP-1, scope: dp, version: 1, effective_from: 2026-01-05}
spec_test:
  via: {specification: dp, order: 1, test: viability, criterion: ≥ 80 %, unit: "%", population: all cells}
  fox: {specification: dp, order: 2, test: CD127−FoxP3+ cells, criterion: "> 80 %", unit: "%", population: CD4+ cells}
  beads: {specification: dp, order: 3, test: beads, criterion: < 100 per 3e6 cells}
"""


@awkward("A06")
def test_batches_of_a_library_are_told_apart_by_attributes_that_no_limit_judges() -> None:
    made = dossier("""
        batch:
          a: {number: LIB-1, scope: dp, attributes: ["HLA restriction: A*02:01", "donor CMV status: positive"]}
          b: {number: LIB-2, scope: dp, attributes: ["HLA restriction: B*07:02"]}
        dosing_rule:
          r: {condition: each patient, basis_of_dose: flat,
              eligibility: two HLA alleles are shared and one of them restricts the batch}
        commitment:
          c: {topic: quality, description: new batches of the library are reported, deadline: every year, status: open}
    """)
    page = made.page("P.5.4")
    assert "none of them is an acceptance criterion" in page.text
    assert page.table("Attributes by which batches find their patients") == [
        {"Batch": "LIB-1", "Selecting attributes": "HLA restriction: A*02:01; donor CMV status: positive"},
        {"Batch": "LIB-2", "Selecting attributes": "HLA restriction: B*07:02"},
    ]
    assert "this is verified: two HLA alleles are shared and one of them restricts the batch." in made.page("5.5").text
    assert made.page("6.3").column("Commitments", "When") == ["every year"]


BLANKS = [
    ("not_public", "withheld", "[Value: withheld by its holder: the report names the limit alone]"),
    ("not_found", "not_found", "[Value: not found: the report names the limit alone]"),
    ("not_yet", "not_yet_known", "[Value: not yet known: the report names the limit alone]"),
]


@awkward("A29")
@pytest.mark.parametrize(("key", "kind", "said"), BLANKS, ids=[b[0] for b in BLANKS])
def test_a_blank_says_which_kind_of_blank_it_is_and_stays_owed(key: str, kind: str, said: str) -> None:
    made = dossier(f"""
        product:
          p: {{code: P, name: P, presentation: {{absent: {kind}, reason: the report names the limit alone}}}}
    """)
    page = made.page("P.1")
    assert f"Presentation: {said.replace('Value', 'Presentation')}" in page.sentences, key
    assert "Presentation" in page.gaps
    product = made.binder.product
    assert product is not None
    assert "presentation" in {f.name for f in gaps(product, [Stage.DOSSIER], made.binder)}


@awkward("A29")
def test_not_applicable_closes_a_question_and_a_word_is_a_result() -> None:
    made = dossier(
        SPEC
        + """
batch:
  b: {number: B1, scope: dp, date: 2026-02-01, spec_version: dp}
test_result:
  r: {batch: b, spec_test: beads, value: complies}
product:
  p: {code: P, name: P, presentation: {absent: not_applicable, reason: made and given at once}}
"""
    )
    page = made.page("P.1")
    assert "Presentation: not applicable: made and given at once" in page.sentences
    assert "Presentation" not in page.gaps
    assert made.page("P.5.4").column("DP results", "B1")[2].startswith("complies")
    set_later = dossier(SPEC.replace("≥ 80 %", "to be determined", 1)).page("P.5.1")
    assert set_later.column("Drug product specification", "Acceptance criterion")[0].startswith("to be set")


@awkward("A36")
def test_criteria_of_arrival_are_set_later_and_a_logger_may_disagree_with_its_mean() -> None:
    page = dossier("""
        specification:
          v1: {code: SP-A, scope: starting_material, version: 1, effective_from: 2020-01-01, effective_to: 2020-12-31}
          v2: {code: SP-A, scope: starting_material, version: 2, effective_from: 2021-01-01,
               change_reason: limits set after three runs}
        spec_test:
          a1: {specification: v1, order: 1, test: volume, criterion: tbd}
          a2: {specification: v2, order: 1, test: volume, criterion: ≥ 50 mL, unit: mL}
          b2: {specification: v2, order: 2, test: temperature in transport, criterion: 2-8 °C, unit: °C}
        batch:
          one: {number: APH-1, scope: starting, date: 2021-03-01, spec_version: v2,
                remark: deviation DEV-1 was raised and the run was continued}
          two: {number: APH-2, scope: starting, date: 2021-04-01, spec_version: v2}
        test_result:
          r1: {batch: one, spec_test: b2, value: 7.4, unit: °C, statistic: mean, n: 40, minimum: -3.9, maximum: 24.6}
          r2: {batch: two, spec_test: b2, value: 5.1, unit: °C, statistic: mean, n: 40, minimum: 3.0, maximum: 7.2}
          r3: {batch: one, spec_test: a2, value: 61, unit: mL}
    """).page("S.2.3.1")
    assert page.column("Versions of the acceptance specification", "Criteria") == [
        "volume to be set",
        "volume ≥ 50 mL; temperature in transport 2–8 °C",
    ]
    volume, logged = page.table("What arrived, judged by SP-A 2")
    assert volume["APH-1"] == "61"
    assert logged["APH-1"] == "7.4 (mean, n = 40, −3.9–24.6) OOS"
    assert logged["APH-2"] == "5.1 (mean, n = 40, 3.0–7.2)"
    assert any("lowest reading: " in note for note in page.notes("What arrived"))
    assert "APH-1: deviation DEV-1 was raised and the run was continued." in page.sentences


@awkward("A37")
def test_a_batch_out_of_specification_is_given_or_left_out_of_the_analysis_with_reasons() -> None:
    page = dossier(
        SPEC
        + """
document_ref:
  ra: {type: report, title: Risk assessment RA-7}
batch:
  given: {number: B1, scope: dp, date: 2026-02-01, spec_version: dp, disposition: oos_given,
          disposition_reason: no other treatment, exception_requested_by: the treating physician,
          exception_assessment: ra, exception_notified_on: 2026-02-03}
  out: {number: B2, scope: dp, date: 2026-02-02, spec_version: dp, disposition: oos_given,
        disposition_reason: asked for by the physician, in_analysis: false}
test_result:
  r1: {batch: given, spec_test: via, value: 68, unit: "%"}
  r2: {batch: out, spec_test: via, value: 61, unit: "%"}
"""
    ).page("P.5.4")
    assert page.column("DP batches", "Use (trial); disposition")[0].endswith("given out of specification")
    assert page.table("DP results")[0]["B1"] == "68 OOS"
    assert "Batch B1 (given out of specification): no other treatment." in page.sentences
    assert (
        "The exception for batch B1 was asked for by the treating physician; the risk is weighed in "
        "Risk assessment RA-7; the authority was told on 3 Feb 2026."
    ) in page.sentences
    assert "Batch B2 does not count in the analysis of the trial." in page.sentences
    assert "Batch B1 does not count" not in page.text


@awkward("A38")
def test_one_treatment_takes_several_collections_and_several_batches_with_reasons() -> None:
    page = dossier("""
        batch:
          c1: {number: APH-1, scope: starting, date: 2026-01-10}
          c2: {number: APH-2, scope: starting, date: 2026-02-01}
          b1: {number: LOT-1, scope: dp, date: 2026-01-20, parents: [c1]}
          b2: {number: LOT-2, scope: dp, date: 2026-02-12, parents: [c1, c2],
               parents_reason: the first lot held less than the least dose}
    """).page("P.5.4")
    made = page.table("What the batches were made from")
    assert [(row["Batch"], row["Made from"]) for row in made] == [("LOT-1", "APH-1"), ("LOT-2", "APH-1; APH-2")]
    assert made[1]["Donation or lot of"] == "10 Jan 2026; 1 Feb 2026"
    assert "LOT-2 was made from APH-1; APH-2 for this reason: the first lot held less than the least" in page.text


@awkward("A50")
def test_each_batch_names_its_trial_its_process_and_the_process_of_its_vector() -> None:
    page = dossier("""
        trial:
          one: {code: TK-7, title: First trial}
          two: {code: TK-8, title: Pivotal trial}
        process:
          v1: {code: VEC, version: "1", scope: vector}
          v2: {code: VEC, version: "2", scope: vector, came_from: v1}
          p1: {code: PR, version: A, scope: dp}
          p2: {code: PR, version: C, scope: dp, came_from: p1}
        batch:
          l1: {number: V-1, scope: vector, process_version: v1}
          l2: {number: V-2, scope: vector, process_version: v2}
          b1: {number: B1, scope: dp, process_version: p1, parents: [l1], trial: one, use: [clinical]}
          b2: {number: B2, scope: dp, process_version: p2, parents: [l2], trial: two, use: [clinical]}
    """).page("P.5.4")
    made = page.table("What the batches were made from")
    assert [(r["Made from"], r["Made by process"]) for r in made] == [("V-1", "VEC 1"), ("V-2", "VEC 2")]
    batches = page.table("DP batches")
    assert [row["Process/spec version"].split(";")[0] for row in batches] == ["PR A", "PR C"]
    assert [row["Use (trial); disposition"].split(";")[0] for row in batches] == [
        "clinical in TK-7",
        "clinical in TK-8",
    ]


@awkward("A58")
def test_values_that_disagree_stand_side_by_side_each_with_its_source() -> None:
    made = dossier("""
        source:
          A: {title: Assessment report, read_as: excerpt}
        specification:
          dp: {code: SP-1, scope: dp, version: 1, effective_from: 2026-01-05}
        spec_test:
          vcn: {specification: dp, order: 1, test: VCN, criterion: ≥ 0.7 c/dg, unit: c/dg}
        batch:
          b: {number: trial 104, scope: dp, date: 2018-01-01, spec_version: dp, number_of_batches: 30}
        test_result:
          r1: {batch: b, spec_test: vcn, value: {value: "1.70", where: [A], basis: read, note: page 40},
               unit: c/dg, statistic: median, remark: the value of the table is used; it names its batches}
          r2: {batch: b, spec_test: vcn, value: {value: "1.60", where: [A], basis: read, note: page 61},
               unit: c/dg, statistic: median}
    """)
    page = made.page("P.5.4")
    assert page.column("DP results", "trial 104") == ["1.70 (median); 1.60 (median)"]
    assert page.notes("DP results") == [
        "trial 104, VCN: the value of the table is used; it names its batches",
        "trial 104, VCN: values that disagree are reported side by side.",
    ]
    first, second = made.binder.all("test_result")
    assert [r.sources["value"]["note"] for r in (first, second)] == ["page 40", "page 61"]


@awkward("A60")
def test_a_run_outside_its_own_limit_and_results_that_are_not_there() -> None:
    file = (
        SPEC
        + """
batch:
  b: {number: RUN-1, scope: dp, date: 2019-05-01, spec_version: dp, disposition: released}
test_result:
  r1: {batch: b, spec_test: fox, value: 79.2, unit: "%"}
  r2: {batch: b, spec_test: via, state: not_done}
  r3: {batch: b, spec_test: beads, state: not_applicable}
"""
    )
    page = dossier(file).page("P.5.4")
    assert page.column("DP results", "RUN-1") == ["not done", "79.2 OOS", "not applicable"]
    assert any(note.startswith("OOS, RUN-1, CD127−FoxP3+ cells: ") for note in page.notes("DP results"))
    below = dossier(file.replace("state: not_applicable", "state: below_loq, value: 10")).page("P.5.4")
    assert below.column("DP results", "RUN-1")[2].startswith("< 10")
