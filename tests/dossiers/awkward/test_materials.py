"""What goes in: donors who test positive, either of two materials, animals and countries, reagents of the donor."""

from __future__ import annotations

from tests.dossiers.awkward.catalogue import awkward
from tests.dossiers.awkward.dossier import dossier


@awkward("A35")
def test_a_reactive_marker_has_its_own_consequence_for_each_kind_of_donor() -> None:
    rows = (
        dossier("""
        donor_test:
          hbv: {marker: HBV, assay: NAT, required_for: autologous, acceptance: reactive is accepted,
                action_if_reactive: stored apart and labelled}
          hiv: {marker: HIV, assay: NAT, required_for: allogeneic, acceptance: non-reactive,
              action_if_reactive: rejected}
          cmv: {marker: CMV, assay: IgG, required_for: both, acceptance: result is reported,
                action_if_reactive: printed on the label}
    """)
        .page("S.2.3.2")
        .table("Donor testing panel")
    )
    assert [(r["Marker"], r["Acceptance"], r["If reactive"]) for r in rows] == [
        ("HBV", "reactive is accepted", "stored apart and labelled"),
        ("HIV", "non-reactive", "rejected"),
        ("CMV", "result is reported", "printed on the label"),
    ]
    assert [(r["Autologous (Y/N)"], r["Allogeneic (Y/N)"]) for r in rows] == [
        ("yes", "no"),
        ("no", "yes"),
        ("yes", "yes"),
    ]


@awkward("A39")
def test_runs_and_stability_on_healthy_donors_say_why_they_speak_for_patients() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P, origin: autologous}
        process:
          pr: {code: PR, version: "1", scope: combined}
        batch:
          hd: {number: HD-1, scope: dp, process_version: pr, donor_type: healthy_donor, use: [validation, stability],
               representative: cell counts and phenotypes overlap with those of 12 patients}
        validation_run:
          v: {process: pr, run_id: PPQ-1, type: validation, batch: hd, material_type: healthy_donor, result: passed,
              bridging: three patient batches met the same limits}
        stability_study:
          st: {protocol_id: ST-1, type: long_term, scope: dp, batch: [hd], condition: ≤ −140, status: ongoing}
    """)
    page = made.page("S.2.5")
    assert "Material other than that of patients stands for it for these reasons:" in page.sentences
    assert "run PPQ-1: three patient batches met the same limits." in page.sentences
    (row,) = page.table("Process evaluation/validation runs")
    assert "healthy donor" in row["Batch; starting material (patient/donor); scale"]
    assert made.page("P.8.1").column("Studies that support the claims", "Batches") == ["HD-1"]
    assert made.page("P.5.4").column("DP batches", "Batch") == ["HD-1"]


@awkward("A40")
def test_materials_have_species_country_and_treatment_and_may_replace_each_other() -> None:
    made = dossier("""
        trial:
          t: {code: T-1, title: Trial}
        material:
          fbs: {name: bovine serum, role: raw, category: serum, origin_type: animal, species: cattle,
                country_of_origin: "US, CA, NZ", viral_treatment: PCR before gamma irradiation, removal: washed}
          feeder: {name: feeder cells, role: raw, category: feeder, origin_type: animal, species: mouse,
                   viral_treatment: irradiated}
          gen: {name: gentamicin, role: raw, category: chemical, origin_type: microbial}
          pen: {name: penicillin and streptomycin, role: raw, category: chemical, origin_type: microbial,
                alternative_to: gen}
          dmso: {name: DMSO, role: excipient, category: cryoprotectant, origin_type: synthetic}
        specification:
          x: {code: SP-X, scope: excipient, version: "1", material: dmso, effective_from: 2026-01-05}
        analytical_method:
          gc: {code: M-GC, title: gas chromatography}
        spec_test:
          i: {specification: x, order: 1, category: identity, test: identity, method: gc,
              criterion: matches the reference}
        protocol_provision:
          al: {topic: allergy, provision: not given to subjects allergic to gentamicin or penicillin,
              materials: [gen, pen],
               section: "5.2"}
    """)
    rows = made.page("S.2.3.9").table("Human/animal-derived materials")
    assert [(r["Species/tissue"], r["Country"], r["Viral inactivation/testing"]) for r in rows] == [
        ("cattle, [Tissue]", "US, CA, NZ", "PCR before gamma irradiation"),
        ("mouse, [Tissue]", "[Country of origin]", "irradiated"),
    ]
    either = "penicillin and streptomycin may be used in place of gentamicin; a batch is made with one of the two."
    assert either in made.page("S.2.3").sentences
    (test,) = made.page("P.4.1").table("Specification of excipient DMSO")
    assert test["Acceptance criterion"] == "matches the reference"
    provisions = made.page("5.7").table("Provisions of the protocol")
    assert provisions[0]["Materials"] == "gentamicin; penicillin and streptomycin"
    assert "allergic to gentamicin or penicillin" in provisions[0]["Provision"]


@awkward("A61")
def test_a_reagent_of_the_same_donor_has_process_release_shelf_life_and_ancestry() -> None:
    page = dossier("""
        material:
          aph: {name: leukapheresis, role: starting, category: cells}
          blcl: {name: BLCL, role: raw, category: feeder, is_donor_bound: true, function: presents the antigen}
          ebv: {name: EBV reagent, role: starting, category: other}
        process:
          p0: {code: CP, version: "1", scope: starting, material: aph}
          p1: {code: PB, version: "3", scope: starting, material: blcl}
        process_step:
          s: {process: p1, number: 1, name: transformation, description: B cells are transformed and irradiated}
        specification:
          r: {code: SP-B, scope: reagent, version: "2", material: blcl, effective_from: 2026-01-05}
        spec_test:
          a: {specification: r, order: 1, category: identity, test: HLA type, criterion: matches the donor}
          b: {specification: r, order: 2, category: safety, test: sterility, criterion: no growth}
        batch:
          c: {number: APH-1, scope: starting, process_version: p0, date: 2026-01-02}
          l: {number: BLCL-1, scope: starting, process_version: p1, date: 2026-02-02, parents: [c],
              disposition: released}
          x: {number: LOT-1, scope: dp, date: 2026-03-02, parents: [c, l]}
        stability_study:
          st: {protocol_id: ST-B, scope: starting, material: blcl, batch: [l], condition: ≤ −140,
              timepoints: ["0", "6"],
               tests: [b]}
        stability_result:
          r1: {study: st, batch: l, timepoint: 6, timepoint_unit: m, test: b, value: no growth}
    """).page("S.2.3")
    assert "BLCL is made for each batch from the material of its donor" in page.text
    assert page.column("Making of BLCL, process PB 3", "Operation") == ["B cells are transformed and irradiated"]
    assert page.column("Release of BLCL, specification SP-B 2", "Criterion") == ["matches the donor", "no growth"]
    (lot,) = page.table("Lots of BLCL")
    assert (lot["Lot"], lot["Made from"], lot["Disposition"]) == ("BLCL-1", "APH-1", "released")
    assert page.table("Stability of BLCL, study ST-B")[0]["Test"].startswith("sterility")
