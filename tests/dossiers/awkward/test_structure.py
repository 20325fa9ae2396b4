"""What substance and product are: parts, intermediates, sites, kits, donors, and a class that is a decision."""

from __future__ import annotations

from dossiers.facts import gaps
from dossiers.stage import Stage
from tests.dossiers.awkward.catalogue import awkward
from tests.dossiers.awkward.dossier import dossier


@awkward("A01", "A54")
def test_one_house_has_every_role_and_the_product_several_tracks_with_their_history() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P, sponsor: Example Hospital, developers: [Example Hospital]}
        site:
          h: {name: Example Hospital, address: Street 1, country: ES, authorisation_type: mia_imp,
              authorisation_no: M-1}
        site_activity:
          make: {site: h, stage: dp, activity: manufacture}
          test: {site: h, stage: testing, activity: release tests}
        regulatory_track:
          he: {track: hospital_exemption, jurisdiction: ES, authority: AEMPS, holder: Example Hospital, state: granted,
               since: 2021-02, population: older than 25 years, dossier_version: "4"}
          trial: {track: trial, jurisdiction: ES, state: granted, since: 2019-01, population: adults,
              dossier_version: "2"}
          prime: {track: prime, jurisdiction: EU, state: granted, since: 2021-12}
          ma1: {track: marketing_authorisation, jurisdiction: EU, state: granted, since: 2009-10, until: 2016-11}
          ma2: {track: marketing_authorisation, jurisdiction: EU, state: withdrawn, since: 2016-11}
        indication:
          old: {indication: all stages, jurisdiction: US, since: 2022-09, until: 2025-08}
          new: {indication: without a matched donor, jurisdiction: US, since: 2025-08}
    """)
    page = made.page("0.3")
    assert page.column("Regulatory status", "Track") == [
        "hospital exemption",
        "clinical trial",
        "PRIME eligibility",
        "marketing authorisation",
        "marketing authorisation",
    ]
    assert page.column("Regulatory status", "State (since; until)")[3:] == [
        "granted; Oct 2009; Nov 2016",
        "withdrawn; Nov 2016",
    ]
    assert page.column("Regulatory status", "Holder and reference")[0] == "Example Hospital"
    assert page.column("Regulatory status", "Dossier version")[:2] == ["4", "2"]
    assert page.column("Regulatory status", "Population, scope, conditions")[:2] == ["older than 25 years", "adults"]
    assert page.column("Indications", "Where and when") == ["US; Sep 2022; Aug 2025", "US; Aug 2025"]
    assert "The sponsor is Example Hospital" in made.page("0.1").text
    assert made.page("P.3.1").column("DP manufacturers", "Site") == ["Example Hospital", "Example Hospital"]


VECTOR = """
active_substance:
  vec: {code: LV, name: the vector, type: virus_vector}
  cells: {code: DS, name: transduced cells, type: cells}
material:
  lv: {name: LV-1, role: starting, category: vector, manufacturer: Maker, grade: gmp}
process:
  pv: {code: P-LV, version: "1", scope: vector, material: lv}
process_step:
  s1: {process: pv, number: 1, name: transfection, description: four plasmids}
specification:
  own: {code: SP-LV, scope: vector, version: "2", effective_from: 2026-01-05, material: lv}
  dsv: {code: SP-V, scope: ds, version: "2", effective_from: 2026-01-05, active_substance: vec}
spec_test:
  t: {specification: own, order: 1, test: titre, criterion: ≥ 1e8 TU/mL}
  u: {specification: dsv, order: 1, test: titre, criterion: ≥ 1e8 TU/mL}
container:
  vial: {scope: starting, holds: lv, component: vial 2 mL, material: polymer, capacity: 2}
  dsv: {scope: ds, active_substance: vec, component: bottle 1 L, material: PETG}
stability_study:
  st: {protocol_id: ST-LV, scope: starting, material: lv, condition: ≤ −65, status: ongoing, months_available: 12}
reference_standard:
  ref: {code: RS-LV, type: in_house, active_substance: vec, purpose: titre}
section_status:
  s5: {number: S.5, active_substance: cells, applicable: false,
       not_applicable_reason: each batch is of one patient; a control sample runs with every assay}
  p6: {number: P.6, applicable: false, not_applicable_reason: none is used; see the control sample of the substance}
"""


@awkward("A02")
def test_the_vector_is_a_part_of_its_own_or_a_fully_described_starting_material() -> None:
    made = dossier(VECTOR)
    assert "Specification SP-V, version 2, is in force" in made.page("S.4.1@vec").text
    assert made.page("S.6@vec").column("DS containers", "Component (holds)") == ["bottle 1 L, drug substance"]
    assert not made.page("S.6@cells").tables
    page = made.page("S.2.3.3@cells")
    assert page.column("Vector process and controls", "Operation") == ["four plasmids"]
    assert page.column("Vector specification", "Criterion") == ["≥ 1 × 10⁸ TU/mL"]
    assert page.column("Containers of LV-1", "Component") == ["vial 2 mL"]
    assert "Study ST-LV at ≤ −65 °C is ongoing; data are there up to 12 months." in page.sentences


@awkward("A34")
def test_no_reference_standard_is_a_reason_and_the_vector_keeps_its_own() -> None:
    made = dossier(VECTOR)
    (standard,) = made.page("S.5@vec").table("Reference standards")
    assert next(iter(standard.values())).startswith("RS-LV: titre")
    assert made.page("S.5@cells").reason == (
        "Not applicable: each batch is of one patient; a control sample runs with every assay"
    )
    assert made.page("P.6").reason.startswith("Not applicable: none is used")


@awkward("A03")
def test_a_continuous_process_has_no_drug_substance_and_owes_none() -> None:
    records = """
        process:
          p: {code: PR, version: "1", scope: combined, continuous: true, continuity: Formed and formulated at once.}
        active_substance:
          ds: {code: DS, name: cells}
    """
    made = dossier(records)
    (said,) = made.page("S.4.1").sentences
    assert said.startswith("Drug substance and drug product are one continuous process")
    assert said.endswith("has no specification of its own; the tests stand in section P.5.1.")
    assert made.page("S.7.1").sentences[0] == "The drug substance is not stored; no period is claimed for it."
    for key in ("S.4.1", "S.4.2", "S.4.3", "S.6", "S.7.2", "S.7.3"):
        assert made.page(key).gaps in ([], ["Text"]), key
    limited = dossier(records + "    specification:\n          s: {code: SP, scope: ds, version: '1'}\n")
    assert "The drug substance is released by the specification below." in limited.page("S.4.1").text


@awkward("A04")
def test_a_frozen_intermediate_has_limits_hold_container_and_shelf_life_of_its_own() -> None:
    made = dossier("""
        active_substance:
          ds: {code: DS, name: cells}
        process:
          p: {code: PR, version: "1", scope: ds}
        process_step:
          s1: {process: p, number: 1, name: freezing of PBMC, is_critical: true}
          s2: {process: p, number: 2, name: expansion, is_critical: false}
        specification:
          i: {code: SP-I, scope: intermediate, version: "1", step: s1, effective_from: 2026-01-05}
        spec_test:
          t1: {specification: i, order: 1, test: viability, criterion: ≥ 70 %, population: CD45+ cells}
          t2: {specification: i, order: 2, test: HLA type, criterion: matches the donor}
        hold_point:
          h: {after_step: s1, type: hold, material: PBMC, container: bag, temperature: ≤ −140, max_time: 4380}
        container:
          bag: {scope: intermediate, component: cryobag 50 mL, material: EVA}
        stability_study:
          st: {protocol_id: ST-I, type: long_term, scope: intermediate, condition: ≤ −140, container: bag}
        shelf_life_claim:
          c: {scope: intermediate, segment: frozen, storage_condition: ≤ −140 °C, duration: 6, unit: months,
              start_event: fill, basis: st}
        validation_run:
          v: {process: p, step: s1, run_id: TV-1, type: transport, result: 48 h below −140 °C}
    """)
    page = made.page("S.2.4")
    assert "The intermediate that the step “1 freezing of PBMC” yields is held to specification SP-I" in page.text
    rows = page.table("Intermediate specification")
    assert [(r["Test"], r["Criterion"], r["Hold time (h)"]) for r in rows] == [
        ("viability", "≥ 70 %", "4380"),
        ("HLA type", "matches the donor", "4380"),
    ]
    assert made.page("S.6").column("DS containers", "Component (holds)") == ["cryobag 50 mL, intermediate"]
    assert made.page("S.7.1").column("DS storage claims", "Period claimed") == ["6 months"]
    assert made.page("S.2.5").column("Process evaluation/validation runs", "Outcome") == ["48 h below −140 °C"]


@awkward("A05")
def test_sites_come_and_go_each_with_its_versions_and_evidence() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P}
        process:
          v1: {code: PR, version: "1", scope: dp}
          v2: {code: PR, version: "2", scope: dp}
        document_ref:
          gmp: {type: mia, title: GMP certificate G-1}
        site:
          a: {name: Academic unit}
          b: {name: Contract maker}
        site_activity:
          one: {site: a, stage: dp, activity: manufacture, since: 2014-01, until: 2018-06, processes: [v1],
              evidence: [gmp]}
          two: {site: b, stage: dp, activity: manufacture, since: 2018-07, processes: [v2],
                evidence: {absent: not_yet_known, reason: inspection not finished, owner: QA}}
        trial:
          t: {code: T-1, title: Trial}
        batch:
          x: {number: B1, scope: dp, process_version: v1, site: a, date: 2016-02-03, trial: t}
          y: {number: B2, scope: dp, process_version: v2, site: b, date: 2019-02-03, trial: t}
    """)
    page = made.page("P.3.1")
    rows = page.table("Periods, versions and evidence of the activities")
    assert [(r["Site"], r["Since (until)"], r["Process versions"]) for r in rows] == [
        ("Academic unit", "Jan 2014 until Jun 2018", "PR 1"),
        ("Contract maker", "Jul 2018", "PR 2"),
    ]
    assert rows[0]["Evidence"] == "GMP certificate G-1"
    assert "inspection not finished (owed by QA)" in page.section.blocks.__repr__()
    assert made.page("P.5.4").column("DP batches", "Date/site") == [
        "3 Feb 2016, Academic unit",
        "3 Feb 2019, Contract maker",
    ]


@awkward("A07", "A43", "A44")
def test_a_kit_lists_each_container_with_its_fill_and_the_rule_of_its_number() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P}
        material:
          d: {name: solvent, role: diluent, concentration: 10, concentration_unit: fold, composition: buffered saline}
        container:
          small: {scope: dp, component: vial 5.5 mL, fill_volume: 5.5-5.7 mL, count_rule: 0 to 2 vials by weight}
          large: {scope: dp, component: vial 8.3 mL, fill_volume: 8.3-8.5 mL, count_rule: 1 to 13 vials by weight}
          any: {scope: dp, component: vial by dose, fill_volume: 1.5-20 mL,
              count_rule: "1 to 9 in a carton, several cartons"}
          bag: {scope: dp, component: bag 20 mL, fill_volume: 5-20 mL,
                count_rule: "one bag up to 600 million cells, two bags above"}
    """)
    sentences = made.page("P.1").sentences
    for said in (
        "Fill of vial 5.5 mL: 5.5–5.7 mL; number of containers: 0 to 2 vials by weight",
        "Fill of vial 8.3 mL: 8.3–8.5 mL; number of containers: 1 to 13 vials by weight",
        "Fill of vial by dose: 1.5–20 mL; number of containers: 1 to 9 in a carton, several cartons",
        "Fill of bag 20 mL: 5–20 mL; number of containers: one bag up to 600 million cells, two bags above",
    ):
        assert said in sentences
    assert "reconstituted, diluted or rinsed with solvent" in made.page("P.1").text
    assert made.page("A.4").column("Diluents", "Volume/ratio") == ["10 fold"]


@awkward("A08")
def test_donor_recipient_and_rescue_cells_are_told_apart() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P, origin: allogeneic, donor_relation: haploidentical family donor for one named recipient}
        material:
          aph: {name: donor lymphocytes, role: starting, category: cells}
          back: {name: rescue cells, role: back_up, category: cells, function: kept unmodified for the patient}
        donor_programme:
          d: {material: aph, donor_type: allogeneic, tissue: donor apheresis}
          r: {material: back, donor_type: autologous, tissue: mobilised blood of the patient, min_quantity: 2e6,
              min_quantity_unit: CD34+ cells/kg}
    """)
    assert "Donor and recipient: haploidentical family donor for one named recipient." in made.page("0.3").text
    page = made.page("S.2.3.1")
    assert "The starting material is donor apheresis; the donation is allogeneic." in page.text
    assert (
        "Back-up material, no part of the product: rescue cells. kept unmodified for the patient. "
        "It is made of mobilised blood of the patient; the donation is autologous."
    ) in page.text
    assert "rescue cells" not in made.page("S.2.3").column("Materials overview", "Material")


@awkward("A59")
def test_a_modified_organism_may_be_somatic_cell_therapy_by_decision() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P, role: test, atmp_class: sctmp, genetically_modified: true, integrating: true,
              gmo_status: deliberate, class_reference: "CAT recommendation of 12 Mar 2010"}
        material:
          lv: {name: RV-1, role: starting, category: vector, manufacturer: Maker, grade: gmp}
        section_status:
          v: {number: S.2.3.3, applicable: true}
    """)
    page = made.page("0.3")
    assert "of the class “somatic cell therapy”" in page.text
    assert "Procedure for genetically modified organisms: deliberate release." in page.text
    assert "The class rests on this decision: CAT recommendation of 12 Mar 2010." in page.text
    assert made.page("S.2.3.3").text.startswith("The vector RV-1 is used as starting material.")
    product = made.binder.product
    assert product is not None
    product.fill({"integrating": None})
    assert "integrating" in {f.name for f in gaps(product, [Stage.DOSSIER], made.binder)}
