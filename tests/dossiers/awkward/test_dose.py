"""How much is given: floors, bands, fractions, areas, repeats, and what limits a dose."""

from __future__ import annotations

from tests.dossiers.awkward.catalogue import awkward
from tests.dossiers.awkward.dossier import demo, dossier

RULES = "Dosing rules"


@awkward("A09")
def test_two_kinds_of_cells_make_one_dose_each_in_its_own_range() -> None:
    made = dossier("""
        dosing_rule:
          cpc: {condition: progenitors, basis_of_dose: flat, minimum: 8e5, maximum: 5e6, unit: cells,
                counted_entity: CPC, together_with: [msc]}
          msc: {condition: stromal cells, basis_of_dose: flat, minimum: 7.5e7, maximum: 1.5e8, unit: cells,
                counted_entity: MSC}
        specification:
          dp: {code: SP-1, scope: dp, version: 1, effective_from: 2026-01-05}
        spec_test:
          a: {specification: dp, order: 1, category: quantity, test: CPC in a dose, criterion: 0.8e6-5e6 cells}
          b: {specification: dp, order: 2, category: quantity, test: MSC in a dose, criterion: 75e6-150e6 cells}
    """)
    page = made.page("5.5")
    assert "One dose holds CPC together with MSC, each within the range of its own line in the table." in page.sentences
    assert page.column(RULES, "Least") == ["8 × 10⁵", "7.5 × 10⁷"]
    assert page.column(RULES, "Most") == ["5 × 10⁶", "1.5 × 10⁸"]
    assert made.page("P.5.1").column("Drug product specification", "Acceptance criterion") == [
        "0.8–5 × 10⁶ cells",
        "75–150 × 10⁶ cells",
    ]


@awkward("A10")
def test_a_least_dose_without_a_greatest_is_complete() -> None:
    page = dossier("""
        dosing_rule:
          open: {basis_of_dose: per_kg, minimum: 5e6, unit: cells/kg, counted_entity: CD34+ cells, weight_cap: 100,
                 maximum: {absent: not_applicable, reason: no upper limit is set}}
          capped: {condition: older children, basis_of_dose: per_kg, minimum: 3e6, maximum: 3e7, unit: cells/kg,
                   counted_entity: CD34+ cells, weight_cap: 100, ceiling: ≤ 20 % of plasma volume}
    """).page("5.5")
    assert page.column(RULES, "Least") == ["5 × 10⁶", "3 × 10⁶"]
    assert page.column(RULES, "Most") == ["not applicable: no upper limit is set", "3 × 10⁷"]
    assert page.column(RULES, "Target") == ["–", "–"]
    assert "No dose exceeds this limit (older children per kg body weight): ≤ 20 % of plasma volume." in page.sentences


@awkward("A11", "A18")
def test_a_rule_holds_for_a_weight_a_trial_and_an_indication() -> None:
    page = dossier("""
        trial:
          one: {code: T-1, title: Children, phase: I}
          two: {code: T-2, title: Adults, phase: II}
        indication:
          all: {indication: B-ALL}
          nhl: {indication: lymphoma}
        dosing_rule:
          light: {trial: one, indication: all, condition: up to 50 kg, basis_of_dose: per_kg, minimum: 0.2e6,
                  maximum: 5e6, unit: cells/kg, counted_entity: viable CAR+ cells, weight_cap: 50}
          heavy: {trial: one, indication: all, condition: above 50 kg, basis_of_dose: flat, minimum: 0.1e8,
                  maximum: 2.5e8, unit: cells, counted_entity: viable CAR+ cells}
          other: {trial: two, indication: nhl, basis_of_dose: flat, minimum: 0.6e8, maximum: 6e8, unit: cells,
                  counted_entity: viable CAR+ cells}
    """).page("5.5")
    assert page.column(RULES, "For whom; basis") == [
        "T-1 Children; B-ALL; up to 50 kg; per kg body weight",
        "T-1 Children; B-ALL; above 50 kg; flat",
        "T-2 Adults; lymphoma; flat",
    ]
    assert page.column(RULES, "Unit; counted")[:2] == ["cells/kg; viable CAR+ cells", "cells; viable CAR+ cells"]
    assert page.column(RULES, "Most") == ["5 × 10⁶", "2.5 × 10⁸", "6 × 10⁸"]


@awkward("A12")
def test_bands_of_body_weight_show_what_their_upper_end_gets_per_kg() -> None:
    page = dossier("""
        dosing_rule:
          r: {basis_of_dose: weight_band, target: 1.1e14, unit: vg/kg, counted_entity: vector genomes,
              bands: ["2.6 to 3.0 kg", "8.6 to 9.0 kg"]}
        dose_band:
          a: {rule: r, from_kg: 2.6, to_kg: 3.0, dose: 3.3e14, volume: 16.5, containers: 2 × 8.3 mL}
          b: {rule: r, from_kg: 8.6, to_kg: 9.0, dose: 9.9e14, volume: 49.5, containers: 6 × 8.3 mL}
          wrong: {rule: r, from_kg: 9.1, to_kg: 9.5, dose: 9.9e14, volume: 49.5}
    """).page("5.5")
    assert page.column(RULES, "Target") == ["1.1 × 10¹⁴"]
    bands = page.table("Dose by body weight")
    assert [row["Body weight (kg)"] for row in bands] == ["2.6 to 3.0", "8.6 to 9.0", "9.1 to 9.5"]
    assert [row["Dose per kg at the upper end"] for row in bands] == ["1.1 × 10¹⁴", "1.1 × 10¹⁴", "1.04 × 10¹⁴"]


@awkward("A13")
def test_a_dose_in_fractions_is_given_on_only_if_the_patient_is_well() -> None:
    page = demo("ari_0001").page("5.5")
    fractions = [s for s in page.column(RULES, "Schedule") if "30 %" in s]
    assert fractions
    assert all("10 %" in s and "60 %" in s for s in fractions)
    made = dossier("""
        trial:
          t: {code: T-1, title: Trial}
        dosing_rule:
          r: {trial: t, condition: from protocol version 3, basis_of_dose: per_kg, target: 1e6, unit: cells/kg,
              counted_entity: CAR+ cells, weight_cap: 100, fractions: ["10 %", "30 %", "60 %"],
              eligibility: the next fraction is given only if there is no cytokine release syndrome}
        container:
          bag: {scope: dp, component: cryobag 20 mL, fill_volume: 5-15 mL, count_rule: one bag for each fraction}
    """)
    page = made.page("5.5")
    assert page.column(RULES, "Schedule") == ["10 %; 30 %; 60 %"]
    assert "Before a dose is given, this is verified: the next fraction is given only if" in page.text
    assert (
        "Fill of cryobag 20 mL: 5–15 mL; number of containers: one bag for each fraction" in made.page("P.1").sentences
    )


@awkward("A14")
def test_a_tolerance_stands_around_the_dose_and_filled_is_not_delivered() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P, dev_phase: exploratory}
        specification:
          dp: {code: SP-1, scope: dp, version: 1, effective_from: 2026-01-05}
        spec_test:
          a: {specification: dp, order: 1, category: quantity, test: CAR+ T cells, criterion: ordered dose ± 20 %}
          b: {specification: dp, order: 2, category: quantity, test: CD3+ cells, criterion: 1 ± 0.2 × 10^7 CD3+/kg}
        batch:
          b1: {number: B1, scope: dp, date: 2026-02-01, spec_version: dp, ordered_dose: 1e8, ordered_dose_unit: cells}
          b2: {number: B2, scope: dp, date: 2026-02-02, spec_version: dp, ordered_dose: 1e8, ordered_dose_unit: cells}
        test_result:
          r1: {batch: b1, spec_test: a, value: 0.85e8, unit: cells}
          r2: {batch: b2, spec_test: a, value: 0.75e8, unit: cells}
        container:
          bag: {scope: dp, component: bag, fill_volume: 24-25 mL, deliverable_volume: ≥ 20 mL, labelled_volume: 20}
    """)
    first, second = made.page("P.5.4").table("DP results")
    assert first["Acceptance criterion"] == "ordered dose ± 20 %"
    assert first["B1"] == "8.5 × 10⁷"
    assert first["B2"] == "7.5 × 10⁷ OOS"
    assert second["Acceptance criterion"] == "1 ± 0.2 × 10⁷ CD3+/kg"
    fill = "Fill of bag: 24–25 mL; can be withdrawn: ≥ 20 mL; stated on the label: 20 mL"
    assert fill in made.page("P.1").sentences


@awkward("A15")
def test_a_limit_in_percent_is_carried_over_to_the_dose_it_counts_in() -> None:
    page = dossier("""
        specification:
          dp: {code: SP-1, scope: dp, version: 1, effective_from: 2026-01-05}
        spec_test:
          a: {specification: dp, order: 1, category: purity, test: LNGFR-negative cells, criterion: ≤ 10 %,
              population: viable CD3+ cells}
          b: {specification: dp, order: 2, category: purity, test: dead cells, criterion: ≤ 30 %, population: all cells}
          c: {specification: dp, order: 3, category: safety, test: CD3+CD56− cells, criterion: < 2e5 cells/kg}
        dosing_rule:
          r: {basis_of_dose: per_kg, target: 1e7, unit: cells/kg, counted_entity: viable CD3+ cells, weight_cap: 100,
              ceiling: ≤ 100 mL}
    """).page("P.5.6")
    assert page.table("Limits in percent carried over") == [
        {
            "Test": "LNGFR-negative cells",
            "Acceptance criterion": "≤ 10 % of viable CD3+ cells",
            "Highest dose": "1 × 10⁷ cells/kg",
            "At most with a dose": "1 × 10⁶ cells/kg",
        }
    ]
    assert page.column("Justification", "Criterion")[2] == "< 2 × 10⁵ cells/kg"


@awkward("A16")
def test_doses_are_counted_by_area_lesion_and_eye_and_in_spheroids() -> None:
    page = dossier("""
        dosing_rule:
          area: {basis_of_dose: per_cm2, minimum: 10, maximum: 70, unit: spheroids/cm², counted_entity: spheroids,
                 greatest_area: 10}
          fistula: {basis_of_dose: per_lesion, target: 120e6, unit: cells, counted_entity: viable cells,
                    schedule: half around the internal openings; half along the tracts}
          eye: {basis_of_dose: per_eye, target: 1.5e11, unit: vg, counted_entity: vector genomes, max_doses: 2,
                schedule: the second eye at least 6 days after the first}
    """).page("5.5")
    assert page.column(RULES, "For whom; basis") == ["per cm²", "per lesion", "per eye"]
    assert page.column(RULES, "Unit; counted")[0] == "spheroids/cm²; spheroids"
    assert page.column(RULES, "Schedule")[1:] == [
        "half around the internal openings; half along the tracts",
        "the second eye at least 6 days after the first",
    ]


@awkward("A17")
def test_doses_repeat_until_a_marker_is_reached_and_another_batch_may_follow() -> None:
    page = dossier("""
        dosing_rule:
          r: {basis_of_dose: per_kg, target: 1e7, unit: cells/kg, counted_entity: CD3+ cells, weight_cap: 100,
              schedule: every 30 days, max_doses: 4, ends_when: CD3+ above 100/µL}
          switch: {condition: no response after the first cycle, basis_of_dose: per_kg, target: 2e6, unit: cells/kg,
                   counted_entity: viable T cells, weight_cap: 100, schedule: "days 1, 8 and 15 of 35",
                   eligibility: a batch with another HLA restriction is chosen from the library}
    """).page("5.5")
    assert page.column(RULES, "Number of doses") == ["4", "–"]
    assert "Doses are repeated until this is reached (per kg body weight): CD3+ above 100/µL." in page.sentences
    assert "a batch with another HLA restriction is chosen from the library." in page.text
