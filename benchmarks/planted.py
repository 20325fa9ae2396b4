"""Planted defects: how many of the things that go wrong in dossiers the checks find, and how often they cry wolf.

`make planted` takes the three whole demo dossiers and plants one defect at a time, wherever it fits. The defects are
written apart from the rules' own test cases, after what assessors ask; but by the same team, not by assessors.

found        a new open finding by one of the rules that the defect deserves, or at the very record that was changed
said         no finding, but what was taken away is now listed as a gap of the dossier, or a rule says that it cannot
             check without it (and links to the gap)
false alarm  a new open finding by a rule the defect does not deserve, at a record that is neither the changed one nor
             linked with it in either direction
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from dossiers.amending import put
from dossiers.binder import Binder, load
from dossiers.checks import Finding, Question, Results, State, changed, check, recheck, settings
from dossiers.facts import by_name, gaps
from dossiers.paths import folder
from dossiers.records.base import Record
from dossiers.records.materials import Material
from dossiers.stage import Stage, so_far

ON = dt.date(2026, 11, 25)
MOST = 6  # places of one kind of defect in one dossier
DOSSIERS = ("tdm_car19_01", "tdm_aav8_f9", "tdm_chon_01")


@dataclass(frozen=True)
class Defect:
    """One thing put wrong: what it is about, in words, the rules that deserve to find it, the record and its facts.

    `values` None removes the record.
    """

    subject: str
    words: str
    rules: tuple[str, ...]
    record: Record
    values: dict[str, Any] | None = field(default_factory=dict)
    others: tuple[Record, ...] = ()  # records of the same kind that go with it


Operator = Callable[[Binder], Iterator[Defect]]
OPERATORS: list[Operator] = []


def operator(made: Operator) -> Operator:
    OPERATORS.append(made)
    return made


def plant(binder: Binder, defect: Defect) -> Binder:
    """The dossier with the defect in it."""
    kind = defect.record.kind()
    if defect.values is None:
        gone = {defect.record.uid, *(r.uid for r in defect.others)}
        left = tuple(r for r in binder.all(kind) if r.uid not in gone)
        return replace(binder, records={**binder.records, kind: left})
    return put(binder, defect.record, defect.values)


# ---------------------------------------------------------------- what is blanked

BLANKED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (  # subject, kind, fact, rules
    ("materials and donors", "material", "tse_statement_ref", ("Q101",)),
    ("materials and donors", "material", "viral_treatment", ("Q102", "Q801")),
    ("materials and donors", "material", "coa_ref", ("Q107",)),
    ("materials and donors", "material", "specification_ref", ("Q107",)),
    ("materials and donors", "material", "tests_on_receipt", ("Q107",)),
    ("materials and donors", "donor_programme", "authorisation_no", ("Q111",)),
    ("materials and donors", "donor_test", "sample_timing", ("Q109",)),
    ("materials and donors", "genetic_construct", "sequence_file", ("Q116",)),
    ("process", "in_process_control", "action", ("Q203",)),
    ("process", "in_process_control", "limit", ("Q201", "Q203")),
    ("process", "hold_point", "max_time", ("Q204", "Q209")),
    ("process", "hold_point", "support", ("Q204", "Q209")),
    ("process", "process_step", "equipment", ("Q205",)),
    ("process", "process", "failure_plan", ("Q212", "C306")),
    ("process", "process_step", "clean_grade", ("Q211",)),
    ("specification", "spec_test", "method", ("Q303",)),
    ("specification", "spec_test", "justification", ("Q306", "Q304")),
    ("methods", "analytical_method", "lab", ("Q408",)),
    ("methods", "method_validation", "result", ("Q403", "Q401", "Q404", "Q405", "Q407")),
    ("stability", "shelf_life_claim", "supported_duration", ("Q601",)),
    ("asepsis and container", "spec_test", "plan_if_positive", ("Q705",)),
    ("asepsis and container", "container", "integrity_evidence", ("Q707",)),
    ("viral safety", "adventitious_control", "result", ("Q801", "Q802", "Q803")),
    ("comparability", "comparability_study", "conclusion", ("Q901", "Q902", "Q903", "Q904")),
    ("non-clinical", "nonclinical_study", "test_batch", ("N208", "Q901")),
    ("non-clinical", "nonclinical_study", "glp", ("N202",)),
    ("clinical", "dose_cohort", "stagger_days", ("C301",)),
    ("clinical", "protocol_provision", "provision", ("C3",)),
    ("labels", "label", "languages", ("L704",)),
    ("risks and devices", "device", "certificate_ref", ("R803", "R804")),
    ("exported text", "narrative", "text", ("T802", "T811")),
)


@operator
def blanks(binder: Binder) -> Iterator[Defect]:
    for subject, kind, name, rules in BLANKED:
        for record in binder.all(kind):
            if getattr(record, name) not in (None, "", []) and MATTERS.get((kind, name), lambda _: True)(record):
                yield Defect(subject, f"{kind}.{name} is blank", rules, record, {name: None})


MATTERS: dict[tuple[str, str], Callable[[Any], bool]] = {  # where a blank is a defect at all
    ("material", "tse_statement_ref"): lambda m: str(m.origin_type) == "animal",
    ("material", "viral_treatment"): lambda m: str(m.origin_type) == "animal",
    ("material", "coa_ref"): lambda m: str(m.role) != "back-up",
    ("spec_test", "justification"): lambda t: "viab" in (t.test or "").lower(),
    ("nonclinical_study", "glp"): lambda s: "tox" in str(s.type) or "safety" in str(s.type) or "bio" in str(s.type),
    ("device", "certificate_ref"): lambda d: bool(d.ce_marked),
    ("narrative", "text"): lambda _: False,  # sections have data of their own beside a text
}

# ---------------------------------------------------------------- what is gone

GONE: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (  # subject, kind, what goes together, rules
    ("materials and donors", "donor_test", "", ("Q108",)),
    ("materials and donors", "traceability_identifier", "", ("Q122",)),
    ("methods", "method_validation", "method", ("Q401", "Q403", "Q404", "Q405", "Q407", "Q402")),
    (
        "asepsis and container",
        "validation_run",
        "type",
        ("Q701", "Q702", "Q703", "Q208", "Q209", "Q204", "Q210", "X511"),
    ),
    ("viral safety", "adventitious_control", "source_material", ("Q801", "Q802", "Q803")),
    ("comparability", "comparability_study", "", ("Q901", "Q902", "Q903", "Q904")),
    ("genetically modified organisms", "gmo_permit", "", ("G402", "G403", "G405")),
    ("sites and good manufacturing practice", "site_activity", "", ("M601", "M605", "Q408", "M602", "M603")),
    ("labels", "label", "", ("L701", "L705", "X514")),
    ("clinical", "protocol_provision", "topic", ("C3", "T811")),
    ("risks and devices", "risk_factor", "", ("R802",)),
    ("consistency between parts", "trial_document", "", ("X514", "N214", "C305", "C311", "X513", "X507", "X508")),
    ("stability", "stability_result", "study", ("Q601", "Q603", "Q606", "Q607", "Q604")),
)


@operator
def removals(binder: Binder) -> Iterator[Defect]:
    for subject, kind, by, rules in GONE:
        groups: dict[Any, list[Record]] = defaultdict(list)
        for record in binder.all(kind):
            groups[getattr(record, by) if by else record.uid].append(record)
        for some in groups.values():
            yield Defect(subject, f"a {kind} is gone", rules, some[0], None, tuple(some[1:]))


# ---------------------------------------------------------------- what is put wrong


@operator
def report_only(binder: Binder) -> Iterator[Defect]:
    for row in binder.all("spec_test"):
        if str(row.category) in ("safety", "microbiology", "sterility", "endotoxin", "mycoplasma") and row.criterion:
            values = {"criterion": "report result"}
            yield Defect("specification", "a safety test is report only", ("Q302", "Q305", "Q308", "Q309"), row, values)


@operator
def loose_endotoxin(binder: Binder) -> Iterator[Defect]:
    for row in binder.all("spec_test"):
        if "endotoxin" in (row.test or "").lower() and "EU" in (row.criterion or ""):
            unit = row.criterion.split()[-1]
            values = {"criterion": f"≤ 99999 {unit}"}
            yield Defect("specification", "the endotoxin limit is far too loose", ("Q305", "Q304"), row, values)


@operator
def looser_at_release(binder: Binder) -> Iterator[Defect]:
    for row in binder.all("spec_test"):
        if row.is_shelf_life_criterion and row.low is not None and row.low > 10:
            values = {"shelf_life_criterion": row.criterion.replace(str(row.low), str(row.low + 9))}
            if values["shelf_life_criterion"] != row.criterion:
                yield Defect(
                    "specification",
                    "looser at release than in shelf life",
                    ("Q320", "Q605", "Q601", "Q606", "Q204"),
                    row,
                    values,
                )


@operator
def another_unit(binder: Binder) -> Iterator[Defect]:
    for result in binder.all("test_result"):
        if result.unit == "%" and result.value:
            rules = ("X506", "Q501", "Q505", "Q503")
            yield Defect("consistency between parts", "a result in another unit", rules, result, {"unit": "mg/mL"})
            break


@operator
def outside_limits(binder: Binder) -> Iterator[Defect]:
    rows = {row.uid: row for row in binder.all("spec_test")}
    batches = {b.uid: b for b in binder.all("batch")}
    for result in binder.all("test_result"):
        row, batch = rows.get(result.spec_test), batches.get(result.batch)
        if row is None or batch is None or str(batch.disposition) != "released" or row.low is None or row.low <= 1:
            continue
        if result.value and result.value.replace(".", "", 1).isdigit() and not result.readout:
            yield Defect(
                "batches", "a released batch fails", ("Q501", "X510", "Q304", "Q208"), result, {"value": "0.1"}
            )


@operator
def results_gone(binder: Binder) -> Iterator[Defect]:
    batches = {b.uid: b for b in binder.all("batch")}
    rows = {row.uid: row for row in binder.all("spec_test")}
    for result in binder.all("test_result"):
        batch, row = batches.get(result.batch), rows.get(result.spec_test)
        released = (
            batch is not None and str(batch.disposition) == "released" and "clinical" in map(str, batch.use or ())
        )
        if released and row is not None and str(row.stage) == "release":
            yield Defect("batches", "a release result is missing", ("Q503",), result, None)


@operator
def released_too_early(binder: Binder) -> Iterator[Defect]:
    for batch in binder.all("batch"):
        if batch.date and batch.released_on:
            values = {"released_on": batch.date - dt.timedelta(days=30)}
            yield Defect("batches", "released before it was made", ("Q506", "M606", "Q502", "Q503"), batch, values)


@operator
def older_versions(binder: Binder) -> Iterator[Defect]:
    for name, kind, rules in (
        ("process_version", "process", ("X512", "Q504", "Q206", "Q902", "X508", "Q508")),
        ("spec_version", "specification", ("Q502", "X512", "Q503", "Q501")),
    ):
        by_code: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for one in binder.all(kind):
            by_code[str(one.code), str(one.scope)].append(one)
        for batch in binder.all("batch"):
            mine = binder.find(getattr(batch, name))
            others = by_code.get((str(mine.code), str(mine.scope)), []) if mine else []
            older = [o for o in others if o.uid != mine.uid]
            if older and "clinical" in map(str, batch.use or ()):
                yield Defect("batches", f"a clinical batch under another {kind}", rules, batch, {name: older[0].uid})


@operator
def shelf_life_too_long(binder: Binder) -> Iterator[Defect]:
    for claim in binder.all("shelf_life_claim"):
        try:
            longer = str(Decimal(str(claim.duration)) * 10)
        except ArithmeticError:
            continue
        values = {"duration": Decimal(longer) if isinstance(claim.duration, Decimal) else longer}
        rules = ("Q601", "Q602", "Q605", "Q409", "C308", "Q607", "X505", "X509", "L703", "Q115")
        yield Defect("stability", "a claim ten times as long as the data", rules, claim, values)


@operator
def failing_point(binder: Binder) -> Iterator[Defect]:
    rows = {row.uid: row for row in binder.all("spec_test")}
    for result in binder.all("stability_result"):
        row = rows.get(result.test)
        is_number = bool(result.value) and result.value.replace(".", "", 1).isdigit()
        if row is not None and row.low is not None and row.low > 1 and is_number and not result.readout:
            yield Defect(
                "stability", "a point fails inside the claim", ("Q605", "Q601", "Q204"), result, {"value": "0.1"}
            )


@operator
def parameters_upside_down(binder: Binder) -> Iterator[Defect]:
    for p in binder.all("process_parameter"):
        if p.low is not None and p.high is not None and p.low != p.high:
            values = {"low": p.high, "high": p.low}
            yield Defect("process", "a range upside down", ("Q202", "Q206"), p, values)


@operator
def run_outside(binder: Binder) -> Iterator[Defect]:
    for value in binder.all("recorded_value"):
        if value.value is not None:
            wild = Decimal(99999) if isinstance(value.value, Decimal) else "99999"
            values = {"value": wild, "deviation": None, "impact": None}
            yield Defect("process", "a run outside its range", ("Q206", "Q204"), value, values)


@operator
def expired_lots(binder: Binder) -> Iterator[Defect]:
    for lot in binder.all("material_lot"):
        if lot.expiry:
            yield Defect(
                "materials and donors", "an expired lot was used", ("Q118",), lot, {"expiry": dt.date(2015, 1, 1)}
            )


@operator
def antibiotics(binder: Binder) -> Iterator[Defect]:
    words = by_name(Material)["antibiotic"].choices
    beta_lactams = [w for w in words or () if "lactam" in w.value or "penicillin" in w.value]
    for material in binder.all("material"):
        if str(material.antibiotic) in ("None", "none") and beta_lactams and not material.is_donor_bound:
            rules = ("Q104", "Q117", "C307", "Q105", "L702")
            yield Defect("materials and donors", "a beta-lactam", rules, material, {"antibiotic": beta_lactams[0]})


@operator
def research_grade(binder: Binder) -> Iterator[Defect]:
    word = next((type(m.grade) for m in binder.all("material") if m.grade), None)
    grades = [g for g in word if "research" in g.value] if word else []
    for material in binder.all("material"):
        if grades and material.grade and material.grade is not grades[0]:
            values = {"grade": grades[0], "risk_assessment": None}
            yield Defect(
                "materials and donors", "research grade without assessment", ("Q106", "Q112"), material, values
            )


@operator
def old_media_fills(binder: Binder) -> Iterator[Defect]:
    for run in binder.all("validation_run"):
        if "media" in str(run.type) or "aseptic" in str(run.type):
            values = {"date": dt.date(2019, 5, 5)}
            yield Defect("asepsis and container", "an old media fill", ("Q701", "Q703"), run, values)
            if run.n_units:
                failing = {"n_positive": run.n_units}
                yield Defect(
                    "asepsis and container", "a media fill that failed", ("Q701", "Q702", "Q703"), run, failing
                )


@operator
def unqualified(binder: Binder) -> Iterator[Defect]:
    word = next((type(v.status) for v in binder.all("method_validation") if v.status), None)
    planned = [s for s in word if s.value in ("planned", "ongoing", "not_done", "none")] if word else []
    for validation in binder.all("method_validation"):
        if planned and validation.status is not None:
            rules = ("Q401", "Q402", "Q403", "Q404", "Q405", "Q407")
            yield Defect("methods", "a method that is not qualified", rules, validation, {"status": planned[0]})


@operator
def slow_tests(binder: Binder) -> Iterator[Defect]:
    for row in binder.all("spec_test"):
        if str(row.stage) == "release" and row.turnaround:
            values = {"turnaround": "400 days" if isinstance(row.turnaround, str) else Decimal(9000)}
            yield Defect("methods", "a result that comes too late", ("Q409", "Q704", "Q705"), row, values)


@operator
def authorisations(binder: Binder) -> Iterator[Defect]:
    subject = "sites and good manufacturing practice"
    for site in binder.all("site"):
        if site.authorised_until:
            values: dict[str, Any] = {"authorised_until": dt.date(2020, 1, 1)}
            yield Defect(subject, "an expired authorisation", ("M601", "M602", "M605"), site, values)
        if site.authorisation_no and site.authorised_until:
            values = {"authorisation_no": None}
            yield Defect(subject, "a site without authorisation", ("M601", "M603", "Q111"), site, values)


@operator
def documents_differ(binder: Binder) -> Iterator[Defect]:
    subject = "consistency between parts"
    for name, wrong, rules in (
        ("product_name", "Another name", ("X501",)),
        ("product_code", "ZZZ-9", ("X501",)),
        ("pharmaceutical_form", "tablet", ("X501",)),
        ("route", None, ("X501",)),
        ("strength", "1 mg/mL", ("X502",)),
        ("storage", "at 25 °C", ("X505",)),
        ("trial_number", "2020-111111-11-00", ("X507",)),
        ("phase", None, ("X507",)),
        ("n_planned", 9999, ("X507",)),
        ("follow_up_years", 1, ("X513", "C303")),
        ("batch_results", None, ("X510",)),
    ):
        for one in binder.all("trial_document"):
            if wrong is not None and getattr(one, name) not in (None, "", []):
                value = Decimal(wrong) if isinstance(getattr(one, name), Decimal) else wrong
                yield Defect(subject, f"a document states another {name}", rules, one, {name: value})
    for name, wrong in (("product_name", "Another name"), ("strength", "1 mg/mL"), ("storage", "at 25 °C")):
        for one in binder.all("label"):
            if getattr(one, name):
                yield Defect("labels", f"a label states another {name}", ("L703", "X50"), one, {name: wrong})


@operator
def particulars(binder: Binder) -> Iterator[Defect]:
    for label in binder.all("label"):
        for gone in label.particulars or ():
            left = [p for p in label.particulars if p != gone]
            words = "a label lacks a particular"
            yield Defect("labels", words, ("L701", "L702", "L705"), label, {"particulars": left})


@operator
def doses(binder: Binder) -> Iterator[Defect]:
    for cohort in binder.all("dose_cohort"):
        if cohort.dose is not None:
            many = Decimal(str(cohort.dose)) * 1000 if isinstance(cohort.dose, Decimal) else None
            if many is not None:
                rules = ("C310", "N210", "X503", "X504", "Q305")
                yield Defect("clinical", "a dose a thousand times too high", rules, cohort, {"dose": many})
        if cohort.dose_unit:
            rules = ("X503", "C310", "N210", "X504")
            yield Defect("clinical", "a dose in another unit", rules, cohort, {"dose_unit": "mL"})


@operator
def risks(binder: Binder) -> Iterator[Defect]:
    for risk in binder.all("risk_factor"):
        measured = any(m.risk == risk.uid for m in binder.all("safety_measure"))
        values = {"spec_tests": None, "studies": None, "in_process_controls": None, "mitigation": None}
        if not measured:
            yield Defect("risks and devices", "a risk that nothing answers", ("R801",), risk, values)


@operator
def gmo(binder: Binder) -> Iterator[Defect]:
    for permit in binder.all("gmo_permit"):
        subject = "genetically modified organisms"
        yield Defect(subject, "a permit for no site", ("G402", "G403"), permit, {"sites": None})
        if permit.submitted_on:
            late = {"submitted_on": dt.date(2028, 1, 1), "decided_on": None}
            yield Defect(subject, "a file that goes out too late", ("G402", "G403", "G405"), permit, late)
    for one in binder.all("gmo_assessment"):
        yield Defect("genetically modified organisms", "an undecided status", ("G401",), one, {"status_reason": None})


@operator
def studies(binder: Binder) -> Iterator[Defect]:
    for study in binder.all("nonclinical_study"):
        rules = ("N201", "N203", "N204", "N205", "N206", "N207", "N212", "N213", "N214", "N209", "N210", "Q901", "R801")
        yield Defect("non-clinical", "a study is gone", (*rules, "X508", "X511"), study, None)
        if study.report_date:
            word = type(study.status) if study.status else None
            draft = [s for s in word if s.value in ("draft", "ongoing", "running")] if word else []
            if draft:
                values = {"status": draft[0], "report_due": None}
                yield Defect("non-clinical", "a report that is not final", ("N211",), study, values)


@operator
def texts(binder: Binder) -> Iterator[Defect]:
    marks = (
        ("a placeholder", "The limit is [to be completed].", ("T801",)),
        ("a working mark", "TBD: ask the supplier.", ("T801", "T804")),
        ("a remark of the team", "(Comment An: check this before filing!!)", ("T804", "T801")),
        ("a broken reference", "See section S.9.9.9.", ("T803",)),
        ("a promise", "The data will be provided later.", ("T806",)),
        ("another product", "As shown for Zolgensma, the product is safe.", ("T805",)),
        ("a person", "Contact an.peeters@uzleuven.be, tel. +32 16 12 34 56.", ("T809",)),
        ("a number that differs", "Subjects are followed for 99 years.", ("X509",)),
    )
    needed = settings().words("safety_sections")
    for place, text in enumerate(t for t in binder.all("narrative") if t.text):
        words, sentence, rules = marks[place % len(marks)]
        if text.section_number in needed:
            words, sentence, rules = marks[4]
        elif rules == ("T806",):
            continue  # elsewhere a promise is no defect
        subject = "consistency between parts" if rules[0] == "X509" else "exported text"
        yield Defect(subject, f"{words} in a text", rules, text, {"text": f"{text.text}\n\n{sentence}"})


@operator
def reasons(binder: Binder) -> Iterator[Defect]:
    for status in binder.all("section_status"):
        if status.applicable is False:
            values = {"not_applicable_reason": None}
            yield Defect("exported text", "not applicable without a reason", ("T807",), status, values)


# ---------------------------------------------------------------- counting


def key(finding: Finding) -> tuple[str, str, str, str, tuple[str, str]]:
    """What makes two findings of two runs the same."""
    return finding.rule, finding.origin.kind, finding.origin.key, finding.origin.fact, finding.section


def linked(binder: Binder, record: Record) -> set[str]:
    """The ids of the records that a record links, and of those that link it."""
    mine = {str(v) for value in record.values().values() for v in (value if isinstance(value, list) else [value])}
    found = {str(uid) for uid in (r.uid for r in binder) if str(uid) in mine}
    for other in binder:
        for value in other.values().values():
            if value == record.uid or (isinstance(value, list) and record.uid in value):
                found.add(str(other.uid))
    return found | {str(record.uid)}


@dataclass
class Count:
    """Of one subject: planted, found, said to be lacking, false alarms, and what was missed."""

    planted: int = 0
    found: int = 0
    said: int = 0
    alarms: int = 0
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, other: Count) -> None:
        """Count what another counted, too."""
        self.planted, self.found, self.said = (
            self.planted + other.planted,
            self.found + other.found,
            self.said + other.said,
        )
        self.alarms += other.alarms
        self.missed.update(other.missed)


def try_one(clean: Results, defect: Defect, count: Count, alarms: Counter[str]) -> None:
    """Plant the defect, look what is new, and count it."""
    spoilt = plant(clean.binder, defect)
    after = recheck(clean, spoilt, changed(clean.binder, spoilt))
    known = {key(f) for f in clean.findings if f.state is State.OPEN}
    new = [f for f in after.findings if f.state is State.OPEN and key(f) not in known]
    count.planted += 1
    mine = [f for f in new if f.rule.startswith(defect.rules) or f.origin.id == str(defect.record.uid)]
    count.found += bool(mine)
    lacking = {key(f) for f in clean.findings if f.state is State.CANNOT}
    is_said = any(
        f.state is State.CANNOT and key(f) not in lacking and f.rule.startswith(defect.rules) for f in after.findings
    )
    count.said += not mine and is_said
    if not mine and not is_said:
        count.missed[f"{defect.words} ({', '.join(defect.rules)})"] += 1
    if others := [f for f in new if f not in mine]:
        near = linked(clean.binder, defect.record)
        wolves = {f.rule for f in others if f.origin.id not in near and not f.section[0]}
        count.alarms += bool(wolves)
        alarms.update(f"{rule} at “{defect.words}”" for rule in wolves)


def _is_gap(defect: Defect, spoilt: Binder) -> bool:
    """Whether the dossier lists as a gap a fact that the defect blanked."""
    record = spoilt.find(defect.record.uid)
    blank = {name for name, value in (defect.values or {}).items() if value is None}
    return record is not None and bool(blank & {f.name for f in gaps(record, so_far(Stage.RUNNING), spoilt)})


def counted(name: str) -> tuple[dict[str, Count], Counter[str]]:
    """What the checks find of the defects planted in one dossier: subject → counts, and the false alarms."""
    counts: dict[str, Count] = {}
    alarms: Counter[str] = Counter()
    binder = load(Path(folder("seeds") / "demo" / f"{name}.yaml").read_text("utf-8"), name)
    clean = check(binder, Question(ON, stage=Stage.RUNNING))
    for defect in spread(defect for made in OPERATORS for defect in made(binder)):
        try_one(clean, defect, counts.setdefault(defect.subject, Count()), alarms)
    return counts, alarms


def main(arguments: list[str]) -> None:
    counts: dict[str, Count] = defaultdict(Count)
    alarms: Counter[str] = Counter()
    with ProcessPoolExecutor() as pool:
        for some, cried in pool.map(counted, DOSSIERS):
            alarms.update(cried)
            for subject, count in some.items():
                counts[subject].add(count)
    print("| Subject | Planted | Found | Said to be lacking | Recall | Defects with a false alarm |")
    print("|---|---:|---:|---:|---:|---:|")
    total = Count()
    for subject, count in sorted(counts.items()):
        total.add(count)
        row(subject, count)
    row("all", total)
    if "--missed" in arguments:
        for subject, count in sorted(counts.items()):
            for words, number in count.missed.most_common():
                print(f"missed {number} × {subject}: {words}")
        for words, number in alarms.most_common():
            print(f"false alarm {number} × {words}")


def spread(defects: Iterable[Defect]) -> Iterator[Defect]:
    """Of each kind of defect at most `MOST` in a dossier, evenly spread over the places where it fits."""
    kinds: dict[str, list[Defect]] = defaultdict(list)
    for defect in defects:
        kinds[defect.words].append(defect)
    for some in kinds.values():
        step = max(1, -(-len(some) // MOST))
        yield from some[::step]


def row(name: str, count: Count) -> None:
    """One line of the table."""
    recall = 100 * (count.found + count.said) / count.planted
    print(f"| {name} | {count.planted} | {count.found} | {count.said} | {recall:.0f} % | {count.alarms} |")


if __name__ == "__main__":
    main(sys.argv[1:])
