"""Rules about batches and their results (Q5): limits, versions, completeness, representative runs, failures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import is_numeric, pieces
from dossiers.checks.wording import listed
from dossiers.facts import show_date
from dossiers.judging import Outcome, rule_for
from dossiers.limits import Absent, Conforms, LimitFault, Reading
from dossiers.records.dossier import SectionStatus
from dossiers.records.process import Process, ProcessScope, ProcessUse
from dossiers.records.product import DevelopmentPhase
from dossiers.records.product import Origin as CellOrigin
from dossiers.records.quality import ReleaseTiming, Specification, SpecTest, TestPhase
from dossiers.records.results import Batch, BatchDonor, BatchScope, BatchUse, Disposition, ResultState, TestResult
from dossiers.records.sites import ActivityStage, SiteActivity
from dossiers.records.stability import StabilityResult
from dossiers.stage import Stage

ATMP_GMP = "EudraLex Vol. 4 Part IV (ATMP)"
GUIDELINE = "EMA/CAT/22473/2025"
USED = (Disposition.RELEASED, Disposition.OOS_GIVEN)


@rule(
    "Q501",
    Severity.ERROR,
    "No batch was released outside its limits",
    each=Batch,
    why="What fails its specification may reach a patient only as an exception that the physician asks for; released "
    "as if it conformed, it breaches the dossier that was authorised.",
    source=(f"{ATMP_GMP}, 11.5", f"{GUIDELINE}, P.5.4"),
    remedy="Correct result or disposition; or record the exception: who asked, the assessment, who was told when.",
    due=Stage.IDEA,
    reading="A deviation does not take the place of the exception. A warning where the batch is not for patients, and "
    "where the result came after release as planned, until its remark says what was done. Results are held against "
    "the version that the batch keeps.",
)
def released_batches_conform(look: Look, batch: Batch) -> Iterator[Said]:
    if batch.disposition not in (*USED, None):
        return
    verdicts = [(r, look.judge(r)) for r in look.of(TestResult, batch=batch.uid)]
    failing = [(r, v.why) for r, v in verdicts if v.outcome is Outcome.FAILS]
    if failing and look.need(batch, "disposition") is Disposition.RELEASED:
        yield from _released(look, batch, failing)
    if batch.disposition is Disposition.OOS_GIVEN:
        yield from _exception(look, batch)
        if not failing and verdicts and all(v.outcome is not Outcome.CANNOT_SAY for _, v in verdicts):
            said = f"Batch {batch.named()} is said to be out of specification, and all of its results conform."
            yield look.at(batch, "disposition", said, "Correct result or disposition.", Severity.WARNING)


def _released(look: Look, batch: Batch, failing: list[tuple[TestResult, str]]) -> Iterator[Said]:
    is_for_patients = not batch.use or BatchUse.CLINICAL in batch.use
    seen: set[UUID] = set()
    for result, why in failing:
        row = rule_for(result, look.holdings).row
        if row is None or row.uid in seen:
            continue
        seen.add(row.uid)
        is_late = row.release_timing is ReleaseTiming.AFTER_RELEASE
        if is_late and result.remark:
            continue
        when = "; the result came after release" if is_late else ""
        said = f"Batch {batch.named()} is released, and {row.named()} fails: {why.rstrip('.')}{when}."
        remedy = "Say in the remark of the result what was done." if is_late else ""
        severity = None if is_for_patients and not is_late else Severity.WARNING
        yield look.at(result, "value", said, remedy, severity)


def _exception(look: Look, batch: Batch) -> Iterator[Said]:
    wanted = {
        "disposition_reason": "the reason",
        "exception_requested_by": "who asked for it",
        "exception_assessment": "the assessment of the risk",
        "exception_notified_on": "the day on which the authority was told",
    }
    lacking = {n: w for n, w in wanted.items() if not getattr(batch, n) and not look.is_excused(batch, n)}
    if lacking:
        said = f"Batch {batch.named()} was given out of specification; not recorded: {listed(list(lacking.values()))}."
        yield look.at(batch, next(iter(lacking)), said, "Complete the record of the exception.")


@rule(
    "Q502",
    Severity.ERROR,
    "A batch keeps the specification that was in force at its release",
    each=Batch,
    why="Old batches keep their limits, new ones meet the limits of today; anything else moves the goal.",
    source=(f"{ATMP_GMP}, 6.2 and 11.3", f"{GUIDELINE}, P.5.4"),
    remedy="Name the version that was in force on the day of release, or correct the dates.",
    due=Stage.IDEA,
    reading="Batches without a day of release are not asked. That a later version is stricter is never held against a "
    "batch.",
)
def specification_was_in_force(look: Look, batch: Batch) -> Iterator[Said]:
    day, kept = batch.released_on, look.find(Specification, batch.spec_version)
    if day is None or kept is None:
        return
    start = look.need(kept, "effective_from")
    if start <= day and (kept.effective_to is None or day <= kept.effective_to):
        return
    held = look.of(Specification, code=kept.code, scope=kept.scope) if kept.code else ()
    then = [
        s
        for s in held
        if s.effective_from is not None
        and s.effective_from <= day
        and (s.effective_to is None or day <= s.effective_to)
    ]
    which = f"{then[-1].named()} was in force" if then else "that version was not in force"
    said = f"Batch {batch.named()}, released on {show_date(day)}, is judged by {kept.named()}; {which}."
    yield look.at(batch, "spec_version", said)


# ---------------------------------------------------------------- completeness


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A test that decides on release and has no answer in a batch: the row, the result if there is one, and why."""

    row: SpecTest
    result: TestResult | None
    why: str


def unanswered(look: Look, batch: Batch) -> list[Unanswered]:
    """The tests before release of the batch's own specification that it has no answer for.

    Raises `Needs` where the version or the value of a result is not known, and nothing is missing for certain.
    """
    specification = look.linked(Specification, batch, "spec_version")
    held: dict[UUID, list[TestResult]] = {}
    for result in look.of(TestResult, batch=batch.uid):
        if (row := rule_for(result, look.holdings).row) is not None:
            held.setdefault(row.uid, []).append(result)
    found: list[Unanswered] = []
    lacking: list[Origin] = []
    for row in look.of(SpecTest, specification=specification.uid):
        results = held.get(row.uid, [])
        if not results and _is_asked(look, row):
            found.append(Unanswered(row, None, "no result"))
        for result in results:
            if row.release_timing is not ReleaseTiming.AFTER_RELEASE and (why := _open(look, result)):
                found.append(Unanswered(row, result, why))
            elif not result.value and result.state in (None, ResultState.REPORTED, ResultState.BELOW_LOQ):
                lacking += (
                    [] if look.is_excused(result, "value") or result.qualifier else [origin(bare(result), "value")]
                )
    if lacking and not found:
        raise Needs(*lacking)
    return found


def _is_asked(look: Look, row: SpecTest) -> bool:
    """Whether each batch owes a result of the row before its release, as far as it is known."""
    if row.release_timing is not ReleaseTiming.BEFORE_RELEASE or row.applies_if:
        return False
    phase = look.product().dev_phase
    return not (row.phase is TestPhase.CONFIRMATORY and phase is DevelopmentPhase.EXPLORATORY)


def _open(look: Look, result: TestResult) -> str:
    """Why a result answers nothing; "" where it does, or where it is not known."""
    if result.state is ResultState.NOT_DONE:
        return "not done"
    if result.state is ResultState.PENDING:
        return "still pending"
    if result.state is ResultState.NOT_APPLICABLE and not result.remark and not look.is_excused(result, "value"):
        return "not applicable, without a reason"
    return ""


@rule(
    "Q503",
    Severity.ERROR,
    "Every result that decides on release is there",
    each=Batch,
    why="A blank cell is read as a test that was not done.",
    source=(f"{GUIDELINE}, S.4.4 and P.5.4",),
    remedy="Enter the result, or say why the test does not apply.",
    reading="Asked of released batches, for the tests before release of the version that they keep. Tests for some "
    "batches only, and tests of the confirmatory phase in exploratory development, may be missing. Whether words "
    "stand for a number is asked by Q505. A row that sums up published batches is not asked.",
)
def release_results_are_there(look: Look, batch: Batch) -> Iterator[Said]:
    if batch.disposition not in USED or batch.number_of_batches or look.is_excused(batch, "spec_version"):
        return
    found = unanswered(look, batch)
    if missing := list(dict.fromkeys(u.row.named() for u in found if u.result is None)):
        yield look.at(batch, "", f"Batch {batch.named()} is released and has no result for {listed(missing)}.")
    for one in found:
        if one.result is not None:
            said = f"Batch {batch.named()} is released, and {one.row.named()} is {one.why}."
            yield look.at(one.result, "state", said)


@rule(
    "Q505",
    Severity.WARNING,
    "A numeric limit has numeric results",
    each=SpecTest,
    why="No trend can be seen in the word “complies”.",
    source=("EMA/CHMP/BWP/534898/2008 rev. 2, S.4.4 and P.5.4",),
    remedy="Enter the number that was measured.",
    reading="“Not detected” is a result of its own. Results in stability studies are asked as well.",
)
def numbers_are_reported(look: Look, test: SpecTest) -> Iterator[Said]:
    results: list[TestResult | StabilityResult] = [*look.of(TestResult, spec_test=test.uid)]
    results += look.of(StabilityResult, test=test.uid)
    if not any(r.value for r in results):
        return
    criterion = look.criterion(test)
    if not is_numeric(criterion) or any(isinstance(p, Absent | Conforms) for p in pieces(criterion)):
        return
    for result in results:
        if result.value and _is_word(result.value):
            batch = look.find(Batch, result.batch)
            where = f" of batch {batch.named()}" if batch is not None else ""
            said = f"The result of {test.named()}{where} is “{result.value}”; the limit is {test.criterion}."
            yield look.at(result, "value", said)


def _is_word(value: str) -> bool:
    try:
        reading = Reading.read(value)
    except LimitFault:
        return False
    return reading.value is None and not reading.is_not_detected


# ---------------------------------------------------------------- representative runs


_STAGES = {
    ProcessScope.DS: (ActivityStage.DS,),
    ProcessScope.DP: (ActivityStage.DP,),
    ProcessScope.COMBINED: (ActivityStage.DS, ActivityStage.DP),
}


def sites_of(look: Look, process: Process) -> frozenset[UUID]:
    """The sites that run the process by the activities that go on. Raises `Needs` where none is named."""
    stages = _STAGES.get(process.scope, ()) if process.scope is not None else ()
    found = {
        activity.site
        for stage in stages
        for activity in look.of(SiteActivity, stage=stage)
        if (not activity.processes or process.uid in activity.processes)
        and not (activity.until and activity.until < look.on.isoformat())
    }
    known = frozenset(uid for uid in found if uid is not None)
    if not known:
        raise Needs(look.missing(SiteActivity, "", name="site").origin)
    return known


def is_of_the_product(look: Look, process: Process) -> bool:
    """Whether the process is in use and makes the investigational product or its substance."""
    mine = look.holdings.product
    is_mine = process.product is None or mine is None or process.product == mine.uid
    return process.scope in _STAGES and not process.until and is_mine


@rule(
    "Q504",
    Severity.ERROR,
    "The clinical process has representative batches",
    each=Process,
    why="Without a run of the process that is described nothing shows that it works.",
    source=(f"{GUIDELINE}, P.5.4",),
    remedy="Make and enter batches of this version at the clinical site, with all results.",
    reading="Counted are batches of the version in use, from a site that makes it, that did not fail and have every "
    "result that decides on release. Where all are from healthy donors, one must say why it speaks for patients.",
)
def clinical_process_has_batches(look: Look, process: Process) -> Iterator[Said]:
    if not is_of_the_product(look, process) or look.need(process, "used_for") is ProcessUse.NONCLINICAL:
        return
    kind = look.need(look.product(), "origin")
    least = int(str(look.settings.table("least_representative").get(kind.value, 1)))
    counted, lacking = _representative(look, process)
    number = sum(batch.number_of_batches or 1 for batch in counted)
    if number < least:
        if lacking is not None:
            raise lacking
        said = f"Of the process {process.named()} {number} complete batches are there; {least} are asked."
        yield look.at(process, "", said)
    elif kind is CellOrigin.AUTOLOGOUS and not any(_speaks_for_patients(look, b) for b in counted):
        said = f"No batch of the process {process.named()} is from a patient, and none says why it speaks for patients."
        yield look.at(process, "", said, "Enter the reason with the batch, or a batch from a patient.")


def _representative(look: Look, process: Process) -> tuple[list[Batch], Needs | None]:
    """The batches that count, and what is lacking to judge others."""
    sites = sites_of(look, process)
    counted: list[Batch] = []
    unnamed = [b for b in look.of(Batch, process_version=None) if b.scope in (BatchScope.DS, BatchScope.DP)]
    lacking = Needs(*(origin(bare(b), "process_version") for b in unnamed)) if unnamed else None
    for batch in look.of(Batch, process_version=process.uid):
        if batch.disposition in (Disposition.FAILED, Disposition.QUARANTINE):
            continue
        try:
            if look.need(batch, "site") in sites and not unanswered(look, batch):
                counted.append(batch)
        except Needs as why:
            lacking = lacking or why
    return counted, lacking


def _speaks_for_patients(look: Look, batch: Batch) -> bool:
    return (
        batch.donor_type is not BatchDonor.HEALTHY_DONOR
        or bool(batch.representative)
        or look.is_excused(batch, "representative")
    )


# ---------------------------------------------------------------- failures


_SECTIONS = {BatchScope.DS: "S.4.4", BatchScope.DP: "P.5.4"}


@rule(
    "Q507",
    Severity.WARNING,
    "Failed batches are shown, with the reason",
    each=Batch,
    why="The rate of failure tells patient and assessor what to expect; a failure left out costs trust.",
    source=(f"{GUIDELINE}, P.5.4",),
    remedy="Let the batch stand in the table of batch analyses, and say why it failed.",
    reading="The tables of batch analyses print every batch of substance and product. A failed one is hidden where its "
    "stage is not entered, or where the section is said not to apply; and it is not told where nothing says why it "
    "failed.",
)
def failed_batches_are_shown(look: Look, batch: Batch) -> Iterator[Said]:
    if batch.disposition is not Disposition.FAILED:
        return
    section = _SECTIONS.get(look.need(batch, "scope"), "")
    if section and any(s.applicable is False for s in look.of(SectionStatus, number=section)):
        said = f"The failed batch {batch.named()} belongs into {section}, which is said not to apply."
        yield look.at(batch, "scope", said)
    if not any(getattr(batch, n) or look.is_excused(batch, n) for n in ("disposition_reason", "remark")):
        yield look.at(batch, "disposition_reason", f"Nothing says why batch {batch.named()} failed.")
