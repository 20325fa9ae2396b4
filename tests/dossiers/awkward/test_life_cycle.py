"""What changes over the years: processes, methods, counts, follow-up, rules by country."""

from __future__ import annotations

from tests.dossiers.awkward.catalogue import awkward
from tests.dossiers.awkward.dossier import dossier

PROCESSES = """
product:
  p: {code: P, name: P}
site:
  a: {name: Site A}
  b: {name: Site B}
process:
  v1: {code: PV, version: "1", scope: combined, since: 2011-01, until: 2014-12, used_for: clinical}
  v2: {code: PV, version: "2", scope: combined, since: 2015-01, until: 2016-12, used_for: clinical, came_from: v1}
  v3a: {code: PV, version: "3-A", scope: combined, since: 2017-01, used_for: clinical, came_from: v1}
  v3b: {code: PV, version: "3-B", scope: combined, since: 2019-01, used_for: clinical, came_from: v3a}
site_activity:
  one: {site: a, stage: dp, activity: manufacture, processes: [v1, v2, v3a]}
  two: {site: b, stage: dp, activity: manufacture, processes: [v3b]}
process_change:
  c2: {process: v2, from_version: "1", to_version: "2", change: selection step dropped, reason: yield}
  c3: {process: v3a, from_version: "1", to_version: "3-A", change: new vector process and reagent lot,
       reason: supply, impact_on_quality: possible, comparability_ref: s}
batch:
  b1: {number: B1, scope: dp, process_version: v1, use: [clinical]}
  b3: {number: B3, scope: dp, process_version: v3b, use: [clinical]}
quality_attribute:
  q1: {name: viability}
  q2: {name: phenotype}
comparability_study:
  s: {code: CS-1, change_ref: c3, design: historical, batches_pre: [b1], batches_post: [b3], conclusion: comparable,
      statistics: equivalence of means within 1.5 standard deviations,
      accepted_gap: version 2 is left out since no pivotal batch was made with it}
comparability_result:
  r1: {study: s, attribute: q1, tier: "1", pre_value: 88 (n = 12), post_value: 90 (n = 9), comparable: true}
  r2: {study: s, attribute: q2, tier: "2", pre_value: shown, post_value: shown, comparable: true}
"""


@awkward("A48")
def test_versions_of_a_process_form_a_tree_by_site_and_reagent() -> None:
    made = dossier(PROCESSES)
    rows = made.page("S.2.6").table("Process history")
    assert [r["Version (came from)"] for r in rows] == [
        "PV, 1",
        "PV, 2; from PV 1",
        "PV, 3-A; from PV 1",
        "PV, 3-B; from PV 3-A",
    ]
    assert rows[1]["Change from previous"] == "selection step dropped"
    assert [r["Batches"] for r in rows] == ["B1 clinical", "–", "–", "B3 clinical"]
    tasks = made.page("P.3.1").table("Periods, versions and evidence of the activities")
    assert [t["Process versions"] for t in tasks] == ["PV 1; PV 2; PV 3-A", "PV 3-B"]


@awkward("A49")
def test_a_comparison_has_tiers_statistics_and_a_gap_left_on_purpose() -> None:
    page = dossier(PROCESSES).page("S.2.6.1")
    assert "Differences are judged by: equivalence of means within 1.5 standard deviations." in page.text
    assert "Left out on purpose: version 2 is left out since no pivotal batch was made with it." in page.text
    (first, second) = [r["Attribute; method; tier"] for r in page.table("Comparability results")]
    assert first.startswith("viability") and first.endswith("; tier 1")
    assert second.startswith("phenotype") and second.endswith("; tier 2")


@awkward("A51", "A57")
def test_methods_have_versions_laboratories_and_ends_and_results_keep_theirs() -> None:
    page = dossier("""
        site:
          one: {name: Laboratory 1}
          two: {name: Laboratory 2}
        analytical_method:
          elisa: {code: M-1, title: RCL by ELISA, version: "2", lab: one, since: 2013-10, until: 2019-05,
              state: withdrawn,
                  withdrawn_reason: false positives; the new assay was run beside it on 20 samples}
          pcr: {code: M-2, title: RCL by PCR, version: "1", lab: two, since: 2019-06, state: in_use}
          mouse: {code: M-3, title: survival of mice, version: "1", lab: one, state: withdrawn,
                  withdrawn_reason: records were altered; used in early phases alone and open to the auditors only}
        batch:
          b1: {number: B1, scope: dp}
          b2: {number: B2, scope: dp}
        test_result:
          r1: {batch: b1, test: RCL, value: negative, method: elisa}
          r2: {batch: b2, test: RCL, value: negative, method: pcr}
          r3: {batch: b1, test: potency, value: "1.1", method: mouse}
    """).page("P.5.2")
    rows = page.table("Versions of methods")
    assert [
        (r["Method"], r["Version"], r["Laboratory"], r["Since (until)"], r["Results of batches"]) for r in rows
    ] == [
        ("M-1, RCL by ELISA", "2", "Laboratory 1", "Oct 2013 until May 2019", "B1"),
        ("M-2, RCL by PCR", "1", "Laboratory 2", "Jun 2019", "B2"),
        ("M-3, survival of mice", "1", "Laboratory 1", "–", "B1"),
    ]
    assert rows[0]["State"].startswith("withdrawn: false positives")
    assert rows[2]["State"].startswith("withdrawn: records were altered")


@awkward("A52")
def test_an_animal_dose_may_have_no_safe_level_or_no_counterpart_and_a_study_may_be_left_out() -> None:
    made = dossier("""
        product:
          p: {code: P, name: P}
        nonclinical_study:
          a: {id: TX-1, title: toxicology in mice, type: toxicology, species_model: mouse, dose_unit: vg/kg,
              noael: {absent: not_applicable, reason: not established; findings at the lowest dose},
              margin: lowest dose about 1.4 times the clinical dose}
          b: {id: TX-2, title: toxicology of cells, type: toxicology, noael: 4e7, dose_unit: cells/kg,
              margin: "8 times the least dose; no greatest dose to compare with"}
    """)
    page = made.page("4.5")
    assert [row["NOAEL/margin"] for row in page.table("Toxicology studies")] == [
        "not applicable: not established; findings at the lowest dose",
        "4 × 10⁷ cells/kg",
    ]
    assert "Margin in study TX-2: 8 times the least dose; no greatest dose to compare with" in page.sentences
    none = dossier("""
        section_status:
          t: {number: "4.5", applicable: false, not_applicable_reason: no animal accepts cells of this restriction}
    """).page("4.5")
    assert none.reason == "Not applicable: no animal accepts cells of this restriction"


@awkward("A53")
def test_counts_that_differ_name_their_population_and_their_cut_off() -> None:
    made = dossier("""
        trial:
          t: {code: T-1, title: Trial, n_planned: 50, n_included: 46, n_treated: 45}
        clinical_study:
          early: {id: S-1, trial: t, n_subjects: 17, population: initial cohort, data_cut_off: 2018-04}
          late: {id: S-1, trial: t, n_subjects: 32, population: all treated, data_cut_off: 2020-11}
        clinical_outcome:
          o: {study: late, endpoint: survival, population: treated with a single lot, n: 29, value: "27"}
        batch:
          b: {number: all lots, scope: dp, number_of_batches: 46,
              remark: "46 lots for 45 subjects: one lot was made and not given"}
    """)
    assert made.page("5.1").column("Studies with the product", "No. treated (of whom; cut-off)") == [
        "17; initial cohort; data to Apr 2018",
        "32; all treated; data to Nov 2020",
    ]
    assert made.page("5.4").column("Results by end point", "Population") == ["treated with a single lot"]
    (trial,) = made.page("5.5").table("Trials and their populations")
    assert [trial[n] for n in ("Planned", "Included", "Treated")] == ["50", "46", "45"]
    (lots,) = made.page("P.5.4").table("Batches that stand for several")
    assert (lots["Number of batches"], lots["Remark"]) == (
        "46",
        "46 lots for 45 subjects: one lot was made and not given",
    )


@awkward("A55")
def test_follow_up_has_a_custodian_an_end_and_tests_on_condition() -> None:
    page = dossier("""
        safety_measure:
          f: {type: follow_up, measure: registry, schedule: every year, period_years: 15,
              custodian: registry of the society}
          s: {type: sampling, measure: RCR samples, schedule: months 3 and 12, matrices: [blood], period_years: 15,
              ends_when: stored and not tested once two samples are negative}
    """).page("5.7")
    assert "registry: every year, for 15 years; data and samples are kept by registry of the society" in page.sentences
    assert page.column("Follow-up plan", "Duration (years)") == ["15", "15"]
    assert page.column("Follow-up plan", "Sampling ends")[1] == "stored and not tested once two samples are negative"


@awkward("A56")
def test_rules_for_the_organism_differ_by_country_and_site() -> None:
    page = dossier("""
        product:
          p: {code: P, name: P, genetically_modified: true, gmo_status: both}
        site:
          be: {name: Hospital B, country: BE}
          nl: {name: Hospital N, country: NL}
        document_ref:
          one: {type: gmo_dossier, title: Contained use B, country: BE, procedure: contained use, authority: region,
                status: final}
          two: {type: gmo_dossier, title: Release N, country: NL, procedure: deliberate release, authority: federal,
                status: draft}
        gmo_permit:
          c: {route: contained, sites: [be], risk_class: 1, state: granted, submitted_on: 2026-01-01,
              decided_on: 2026-03-01}
          d: {route: deliberate, sites: [nl], risk_class: 1, state: submitted, submitted_on: 2026-02-01}
        site_activity:
          x: {site: be, stage: dp, activity: storage, handles_gmo: true}
    """).page("4.10")
    status = page.table("GMO regulatory status")
    assert [(r["Country"], r["Procedure"]) for r in status] == [("BE", "contained use"), ("NL", "deliberate release")]
    permits = page.table("Permits for the organism")
    assert [(r["Procedure"], r["Sites"], r["State"]) for r in permits] == [
        ("contained use", "Hospital B", "granted; 1 Jan 2026; 1 Mar 2026"),
        ("deliberate release", "Hospital N", "submitted; 1 Feb 2026"),
    ]
    assert page.column("Sites that handle the organism", "Country") == ["BE"]
