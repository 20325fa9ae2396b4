"""Criteria that simple limits cannot say: declared, staged, either-or, per patient, in words, left out on purpose."""

from __future__ import annotations

import pytest

from tests.dossiers.awkward.catalogue import awkward
from tests.dossiers.awkward.dossier import Page, demo, dossier

DP = "Drug product specification"
RESULTS = "DP results"


def rows(tests: str, more: str = "") -> str:
    """Records of one specification in force, of the drug product, with these rows."""
    return f"""\
specification:
  dp: {{code: SP-1, scope: dp, version: 1, effective_from: 2026-01-05}}
spec_test:
{tests}
{more}"""


def specified(tests: str, more: str = "") -> Page:
    return dossier(rows(tests, more)).page("P.5.1")


BATCH = """\
batch:
  b: {number: B1, scope: dp, date: 2026-02-01, spec_version: dp, ordered_dose: 1e8, ordered_dose_unit: cells}
"""


@awkward("A19")
def test_a_test_may_be_declared_without_a_limit() -> None:
    made = dossier(
        rows(
            """\
  a: {specification: dp, order: 1, test: viability on day 5, criterion: declared, unit: "%", population: all cells}
  b: {specification: dp, order: 2, test: TLR2, criterion: info only}""",
            BATCH + "test_result:\n  r: {batch: b, spec_test: a, value: 41, unit: '%'}",
        )
    )
    assert made.page("P.5.1").column(DP, "Acceptance criterion") == ["report resulta", "for information only"]
    page = made.page("P.5.4")
    assert page.column(RESULTS, "B1")[0] == "41"
    assert page.notes(RESULTS) == []
    assert "Acceptance criterion" not in made.page("P.5.1").gaps


@awkward("A20")
def test_one_test_has_other_limits_at_other_stages() -> None:
    made = dossier(
        rows(
            """\
  d5: {specification: dp, order: 1, test: transduction, criterion: ≥ 5 %, unit: "%", population: viable CD3+ cells,
       stage: intermediate, time_point: day 5}
  d12: {specification: dp, order: 2, test: transduction, criterion: ≥ 10 %, unit: "%", population: viable CD3+ cells,
        stage: dp, time_point: day 12}""",
            BATCH
            + """\
test_result:
  r1: {batch: b, spec_test: d5, value: 8, unit: "%"}
  r2: {batch: b, spec_test: d12, value: 8, unit: "%"}""",
        )
    )
    assert made.page("P.5.1").column(DP, "Tested at") == ["intermediate, day 5", "drug product, day 12"]
    assert made.page("P.5.4").column(RESULTS, "B1") == ["8", "8 OOS"]


@awkward("A21")
def test_a_percentage_names_its_denominator_or_shows_that_it_is_missing() -> None:
    page = specified("""\
  a: {specification: dp, order: 1, test: CD3+ cells, criterion: ≥ 80 %, unit: "%", population: viable CD45+ cells}
  b: {specification: dp, order: 2, test: CAR+ cells, criterion: ≥ 20 %, unit: "%"}""")
    assert page.column(DP, "Acceptance criterion") == ["≥ 80 %a", "≥ 20 % of [Denominator]"]
    assert page.notes(DP) == ["a Of viable CD45+ cells."]
    assert "Denominator" in page.gaps
    assert "Denominator" in demo("ari_0001").page("P.5.1").gaps


@awkward("A22")
def test_a_late_result_has_a_plan_and_a_batch_two_certificates() -> None:
    made = dossier(
        rows(
            """\
  a: {specification: dp, order: 1, category: safety, test: sterility, criterion: no growth,
      release_timing: after_release,
      plan_if_positive: the physician is told within 24 h and the organism is typed}""",
            """\
batch:
  b: {number: B1, scope: dp, date: 2026-02-01, released_on: 2026-02-03, confirmed_on: 2026-02-17, spec_version: dp}""",
        )
    )
    assert made.page("P.5.1").column(DP, "Reported before release (Y/N)") == ["no"]
    assert made.page("P.5.1").column("Results after release", "Plan") == [
        "the physician is told within 24 h and the organism is typed"
    ]
    assert made.page("P.5.4").table("Provisional and final certificates") == [
        {"Batch": "B1", "Released (provisional certificate)": "3 Feb 2026", "Final certificate": "17 Feb 2026"}
    ]


@awkward("A23")
def test_either_of_two_read_outs_is_enough_and_one_is_less_its_control() -> None:
    criterion = "a) < 70 % (E:T 1:1) or b) difference to untransduced > 50 percentage points (E:T 4:1)"
    made = dossier(
        rows(
            f"  a: {{specification: dp, order: 1, category: potency, test: killing, criterion: '{criterion}'}}",
            """\
batch:
  b1: {number: B1, scope: dp, date: 2026-02-01, spec_version: dp}
  b2: {number: B2, scope: dp, date: 2026-02-02, spec_version: dp}
test_result:
  r1: {batch: b1, spec_test: a, readout: a, value: 75, unit: "%"}
  r2: {batch: b1, spec_test: a, readout: b, value: 80, unit: "%", control: 20}
  r3: {batch: b2, spec_test: a, readout: a, value: 75, unit: "%"}
  r4: {batch: b2, spec_test: a, readout: b, value: 60, unit: "%", control: 20}""",
        )
    )
    (row,) = made.page("P.5.4").table(RESULTS)
    assert row["Acceptance criterion"] == criterion
    assert "OOS" not in row["B1"]
    assert row["B2"].count("OOS") == 2


@awkward("A24")
def test_a_limit_for_each_patient_shows_its_weight_and_is_not_judged() -> None:
    made = dossier(
        rows(
            """\
  a: {specification: dp, order: 1, category: quantity, test: CAR19+ cells,
      criterion: "> 0.5e6 CAR19+ cells/kg; 35e6 cells for a 70-kg patient"}
  b: {specification: dp, order: 2, category: safety, test: endotoxin,
      criterion: "≤ 5 EU/kg; 350 EU for a 70 kg patient"}
""",
            BATCH + "test_result:\n  r: {batch: b, spec_test: a, value: 4e7, unit: cells}",
        )
    )
    assert made.page("P.5.1").column(DP, "Acceptance criterion") == [
        "> 0.5 × 10⁶ CAR19+ cells/kg; 35 × 10⁶ cells for a 70 kg patient",
        "≤ 5 EU/kg; 350 EU for a 70 kg patient",
    ]
    page = made.page("P.5.4")
    assert page.column(RESULTS, "B1")[0] == "4 × 10⁷"
    assert [n for n in page.notes(RESULTS) if n.startswith("Not judged, B1, CAR19+ cells: ")]


@awkward("A25")
def test_copy_number_is_limited_in_several_units_and_from_below_too() -> None:
    made = dossier(
        rows(
            """\
  a: {specification: dp, order: 1, test: VCN, criterion: ≤ 10 copies/cell, unit: copies/cell}
  b: {specification: dp, order: 2, test: VCN of transduced cells, criterion: < 5 copies/transduced cell}
  c: {specification: dp, order: 3, test: VCN by genome, criterion: ≥ 0.7 c/dg, unit: c/dg}
  d: {specification: dp, order: 4, test: VCN in DNA, criterion: ≥ 2000 copies per 100 ng DNA}""",
            BATCH
            + """\
test_result:
  r1: {batch: b, spec_test: a, value: 4.2, unit: copies/cell}
  r3: {batch: b, spec_test: c, value: 0.6, unit: c/dg}
  r4: {batch: b, spec_test: d, value: 4.2, unit: copies/cell}""",
        )
    )
    assert made.page("P.5.1").column(DP, "Acceptance criterion") == [
        "≤ 10 copies/cell",
        "< 5 copies/transduced cell",
        "≥ 0.7 c/dg",
        "≥ 2000 copies per 100 ng DNA",
    ]
    page = made.page("P.5.4")
    first, _, third, fourth = page.column(RESULTS, "B1")
    assert (first, third) == ("4.2", "0.6 OOS")
    assert "OOS" not in fourth
    assert any(n.startswith("Not judged, B1, VCN in DNA: ") for n in page.notes(RESULTS))


@awkward("A26")
def test_each_batch_is_judged_by_the_limit_of_its_day_and_both_limits_are_printed() -> None:
    made = dossier("""
        specification:
          v1: {code: SP-1, scope: dp, version: 1, effective_from: 2015-05-01, effective_to: 2017-01-18}
          v2: {code: SP-1, scope: dp, version: 2, effective_from: 2017-01-19,
               change_reason: lower limit of the copy number raised}
        spec_test:
          a1: {specification: v1, order: 1, test: VCN, criterion: ≥ 0.5 c/dg, unit: c/dg}
          a2: {specification: v2, order: 1, test: VCN, criterion: ≥ 0.7 c/dg, unit: c/dg}
        batch:
          old: {number: B-OLD, scope: dp, date: 2016-12-01, spec_version: v1}
          new: {number: B-NEW, scope: dp, date: 2017-02-01, spec_version: v2}
        test_result:
          r1: {batch: old, spec_test: a1, value: 0.6, unit: c/dg}
          r2: {batch: new, spec_test: a2, value: 0.6, unit: c/dg}
    """)
    page = made.page("P.5.4")
    (old,) = page.table("DP results under specification SP-1 1")
    (new,) = page.table("DP results under specification SP-1 2")
    assert (old["Acceptance criterion"], old["B-OLD"]) == ("≥ 0.5 c/dg", "0.6")
    assert (new["Acceptance criterion"], new["B-NEW"]) == ("≥ 0.7 c/dg", "0.6 OOS")
    versions = made.page("P.5.1").table("Versions of the drug product specification")
    assert [(v["In force from"], v["In force until"]) for v in versions] == [
        ("1 May 2015", "18 Jan 2017"),
        ("19 Jan 2017", "–"),
    ]
    assert versions[1]["Reason for the version"] == "lower limit of the copy number raised"


@awkward("A27")
def test_an_impurity_is_counted_on_a_number_of_cells() -> None:
    made = dossier(
        rows(
            "  a: {specification: dp, order: 1, category: purity, test: beads, criterion: < 100 per 3e6 cells}",
            BATCH + "test_result:\n  r: {batch: b, spec_test: a, value: 120, unit: per 3e6 cells}",
        )
    )
    (row,) = made.page("P.5.4").table(RESULTS)
    assert row["Acceptance criterion"] == "< 100 per 3 × 10⁶ cells"
    assert row["B1"] == "120 OOS"


@awkward("A28")
def test_a_criterion_in_words_and_one_test_that_answers_for_two_attributes() -> None:
    made = dossier(
        rows(
            """\
  a: {specification: dp, order: 1, category: general, test: appearance, criterion: cloudy liquid}
  b: {specification: dp, order: 2, category: identity, also_for: [potency], test: binding of the reagent,
      criterion: reagent binds to viable CD3+ cells}""",
            BATCH + "test_result:\n  r: {batch: b, spec_test: a, value: Cloudy liquid}",
        )
    )
    assert made.page("P.5.1").column(DP, "Attribute")[1].endswith("identity, potency")
    assert made.page("P.5.1").column(DP, "Acceptance criterion")[1] == "reagent binds to viable CD3+ cells"
    assert made.page("S.3.1.1").column("Potency strategy", "Assay") == ["binding of the reagent, [Method]"]
    page = made.page("P.5.4")
    assert page.column(RESULTS, "B1")[0] == "Cloudy liquid"
    assert page.notes(RESULTS) == []


@awkward("A30")
def test_strength_left_out_on_purpose_is_no_gap_and_says_why() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P, strength: {absent: left_out, reason: the number of cells follows the body weight and is
             settled when the bags are filled}}
    """)
    page = made.page("P.1")
    assert "Strength: deliberately left out: the number of cells follows the body weight" in page.text
    assert "Strength" not in page.gaps


@awkward("A31")
@pytest.mark.parametrize(("origin", "value"), [("allogeneic", "3 × 10⁵ OOS"), ("autologous", "3 × 10⁵")])
def test_a_limit_holds_for_one_origin_of_the_cells_only(origin: str, value: str) -> None:
    made = dossier(
        f"product:\n  p: {{code: P, name: P, role: test, origin: {origin}}}\n"
        + rows(
            """\
  a: {specification: dp, order: 1, category: safety, test: T cells, applies_if: allogeneic donor,
      criterion: < 2e5 CD3+CD56− cells/kg if allogeneic}""",
            BATCH + "test_result:\n  r: {batch: b, spec_test: a, value: 3e5, unit: CD3+CD56− cells/kg}",
        )
    )
    page = made.page("P.5.1")
    assert page.column(DP, "Acceptance criterion") == ["< 2 × 10⁵ CD3+CD56− cells/kg if allogeneic"]
    assert page.notes(DP) == ["a Applies if: allogeneic donor."]
    assert made.page("P.5.4").column(RESULTS, "B1") == [value]


@awkward("A32")
def test_the_sample_of_each_test_is_named() -> None:
    made = dossier(
        rows("""\
  a: {specification: dp, order: 1, test: mycoplasma, criterion: negative, sampling: supernatant before the wash}
  b: {specification: dp, order: 2, test: virus, criterion: negative, sampling: end of production, stage: intermediate}
  c: {specification: dp, order: 3, test: sterility, criterion: no growth}""")
    )
    assert made.page("P.5.1").notes(DP) == ["a Sample: supernatant before the wash.", "b Sample: end of production."]
    samples = made.page("P.5.2").column("DP analytical procedures", "Sample (amount, stage)")
    assert "supernatant before the wash" in samples[0]
    assert "end of production, intermediate" in samples[1]


@awkward("A33")
def test_fluorescence_has_a_greatest_value_and_a_marker_may_be_for_information() -> None:
    made = dossier(
        rows(
            """\
  a: {specification: dp, order: 1, category: identity, test: CD83, criterion: < 350 MFI, unit: MFI, method: m}
  b: {specification: dp, order: 2, category: identity, test: CD86, criterion: < 1500 MFI, unit: MFI, method: m}
  c: {specification: dp, order: 3, category: identity, test: TLR2, criterion: for information only, method: m}""",
            BATCH
            + """\
test_result:
  r1: {batch: b, spec_test: a, value: 410, unit: MFI}
  r2: {batch: b, spec_test: b, value: 900, unit: MFI}
  r3: {batch: b, spec_test: c, value: 77, unit: MFI}
analytical_method:
  m: {code: M-1, title: flow cytometry, principle: "flow cytometry, instrument set with beads of six peaks"}""",
        )
    )
    page = made.page("P.5.4")
    assert page.column(RESULTS, "Test") == ["CD83 (MFI)", "CD86 (MFI)", "TLR2 (MFI)"]
    assert page.column(RESULTS, "B1") == ["410 OOS", "900", "77"]
    assert set(made.page("P.5.2").column("DP analytical procedures", "Principle")) == {
        "flow cytometry, instrument set with beads of six peaks"
    }
