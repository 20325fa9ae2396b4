"""From the shelf to the patient: clocks, forms, devices, labels."""

from __future__ import annotations

from tests.dossiers.awkward.catalogue import awkward
from tests.dossiers.awkward.dossier import dossier

CLAIMS = "Shelf life claims"


@awkward("A41", "A47")
def test_a_shelf_life_runs_on_several_clocks_and_the_label_says_how_it_ends() -> None:
    made = dossier("""
        stability_study:
          st: {protocol_id: ST-1, type: long_term, scope: dp, condition: ≤ −60, status: ongoing, months_available: 18}
        shelf_life_claim:
          a: {scope: dp, segment: frozen, storage_condition: ≤ −60, duration: 24, unit: months, start_event: completion,
              supported_duration: 18, basis: st}
          b: {scope: dp, segment: after_receipt, storage_condition: 2–8, duration: 14, unit: d, start_event: receipt,
              stop_event: drawing up, instruction: do not refreeze,
              expiry_on_label: the user writes the date of receipt on the carton}
          c: {scope: dp, segment: in_use, storage_condition: 15–25, duration: 8, unit: h, start_event: drawn_up,
              stop_event: end of infusion}
          d: {scope: dp, segment: fresh, storage_condition: 15–25, duration: 6, unit: h, start_event: completion,
              expiry_on_label: "date, time and time zone"}
          e: {scope: dp, segment: post_thaw, storage_condition: 15–25, duration: 20, unit: min, start_event: thaw}
    """)
    page = made.page("P.8.1")
    rows = page.table(CLAIMS)
    assert [r["Duration"] for r in rows] == ["24 months", "14 days", "8 h", "6 h", "20 min"]
    assert [r["Start point"] for r in rows] == [
        "completion of manufacture",
        "receipt to drawing up",
        "drawing up into the syringe to end of infusion",
        "completion of manufacture",
        "thaw",
    ]
    assert rows[0]["Supported by data (same unit)"] == "18"
    assert rows[1]["Segment, condition"] == "after receipt, 2–8 °C"
    for said in (
        "The end of the period “after receipt” is stated as: the user writes the date of receipt on the carton.",
        "The end of the period “fresh” is stated as: date, time and time zone.",
        "Instruction for the period “after receipt”: do not refreeze.",
    ):
        assert said in page.sentences
    assert made.page("P.2.6").column("Periods of use", "Longest period") == ["8 h", "20 min"]


@awkward("A42")
def test_a_fresh_and_a_frozen_form_have_limits_periods_trials_and_a_comparison() -> None:
    made = dossier("""
        trial:
          one: {code: T-1, title: Fresh and frozen}
        specification:
          fresh: {code: SP-F, scope: dp, version: "1", effective_from: 2026-01-05, presentation: fresh}
          frozen: {code: SP-C, scope: dp, version: "1", effective_from: 2026-01-05, presentation: frozen in bags}
        spec_test:
          a: {specification: fresh, order: 1, test: viability, criterion: ≥ 90 %, unit: "%", population: all cells}
          b: {specification: frozen, order: 1, test: viability, criterion: ≥ 70 %, unit: "%", population: all cells}
        process:
          p: {code: PR, version: "1", scope: dp}
        batch:
          x: {number: B1, scope: dp, process_version: p, spec_version: fresh, trial: one, use: [clinical]}
          y: {number: B2, scope: dp, process_version: p, spec_version: frozen, trial: one, use: [clinical]}
        test_result:
          r1: {batch: x, spec_test: a, value: 82, unit: "%"}
          r2: {batch: y, spec_test: b, value: 82, unit: "%"}
        shelf_life_claim:
          f: {scope: dp, segment: fresh, storage_condition: 2–8, duration: 48, unit: h, start_event: completion}
          c: {scope: dp, segment: frozen, storage_condition: ≤ −140, duration: 12, unit: months,
              start_event: completion}
        process_change:
          ch: {process: p, from_version: fresh, to_version: frozen, change: the product is frozen}
        comparability_study:
          s: {code: CS-1, change_ref: ch, design: side_by_side, batches_pre: [x], batches_post: [y],
              conclusion: comparable,
              statistics: difference of means}
    """)
    page = made.page("P.5.1")
    assert (
        "Specification SP-C, version 1, is in force for the drug product (frozen in bags) from 5 Jan 2026." in page.text
    )
    assert page.column("Drug product specification, fresh", "Acceptance criterion") == ["≥ 90 %a"]
    assert page.column("Drug product specification, frozen in bags", "Acceptance criterion") == ["≥ 70 %a"]
    results = made.page("P.5.4")
    assert results.column("DP results under specification SP-F 1", "B1") == ["82 OOS"]
    assert results.column("DP results under specification SP-C 1", "B2") == ["82"]
    assert made.page("P.8.1").column(CLAIMS, "Duration") == ["48 h", "12 months"]
    assert "It compared batches made before (B1) with batches made after it (B2)." in made.page("P.2.3").text


@awkward("A45")
def test_devices_are_supplied_or_not_marked_or_not_and_decide_on_combination() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P, atmp_class: combined, class_reference: CAT recommendation of 3 May 2026}
        device:
          syringe: {name: syringe, role: delivery, is_supplied: true, ce_class: IIa, ce_marked: true}
          cannula: {name: cannula, role: delivery, is_supplied: false, ce_class: IIa, ce_marked: true}
          membrane: {name: membrane, role: scaffold, description: holds the cells, is_supplied: true, ce_marked: false,
                     composition: collagen, biocompatibility_ref: ISO 10993 report, sterilisation: gamma}
    """)
    rows = made.page("R.1").table("Devices")
    assert [r["Role"] for r in rows] == [
        "delivery; supplied with the product: yes",
        "delivery; supplied with the product: no",
        "scaffold; supplied with the product: yes",
    ]
    assert rows[2]["Class/CE"].endswith("CE-marked: no")
    assert "Device without CE mark: membrane. It is made of collagen" in made.page("R.1").text
    assert "of the class “combined ATMP”" in made.page("0.3").text
    assert made.page("S.1.2").sentences[-1] == "membrane: holds the cells."


@awkward("A46")
def test_the_label_has_places_for_the_patient_and_the_file_holds_nobody() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P}
        document_ref:
          lab: {type: label, title: Label texts, reference: LAB-1, version: "3"}
          lis: {type: lot_sheet, title: Sheet with dose and lots, reference: LIS-1, version: "2"}
        container:
          vial: {scope: dp, component: vial}
        label:
          l: {title: label of the vial, document: lab, place: immediate, container: vial,
              particulars: [batch, subject, patient, autologous_use]}
        traceability_identifier:
          t: {point: bedside, identifier: subject number, format: T1-NNN, carrier: label and lot information sheet}
    """)
    page = made.page("P.7")
    (label,) = page.table("Labels")
    assert label["Container"] == "vial"
    assert "identifier of the patient" in label["Particulars"]
    assert "Particulars of the patient are filled in when a batch is issued" in page.text
    assert "A lot information sheet with dose and lots goes with the product: Sheet with dose and lots" in page.text
    assert made.page("S.2.2.2").column("Identifier chain", "Point: identifier") == ["bedside: subject number"]
