"""Rules about shelf life (Q601, Q603 to Q605, Q607): what is claimed, and what the studies show."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from statistics import StatisticsError, linear_regression
from uuid import UUID

from dossiers.checks.agreement import numeric
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import IN_VIVO, PIVOTAL, rule
from dossiers.checks.specified import lowers, together, uppers
from dossiers.checks.stated import folded
from dossiers.checks.studied import STORED, claimed, claims_of, hours, last_planned, longest, reaches, spoken
from dossiers.checks.topics import uncovered
from dossiers.checks.wording import listed, names
from dossiers.facts import show_date
from dossiers.judging import Outcome
from dossiers.limits import LimitFault, convert, parse, show_number
from dossiers.records.development import ComparabilityConclusion, ComparabilityStudy
from dossiers.records.formulation import Container, ContainerScope
from dossiers.records.process import Process
from dossiers.records.quality import SpecTest
from dossiers.records.regulatory import Trial, TrialState
from dossiers.records.results import Batch
from dossiers.records.stability import (
    ClaimScope,
    ClaimUnit,
    Segment,
    ShelfLifeClaim,
    StabilityResult,
    StabilityScope,
    StabilityStatus,
    StabilityStudy,
    StabilityType,
)
from dossiers.stage import Stage

BIOLOGICAL = "EMA/CHMP/BWP/534898/2008 rev. 2"
GUIDELINE = "EMA/CAT/22473/2025"


# ---------------------------------------------------------------- claim and data


@rule(
    "Q601",
    Severity.ERROR,
    "The shelf life stays within the data, or within what may be added to them",
    each=ShelfLifeClaim,
    why="Cells and vectors age by no known law: what was seen in real time rules, and little may be added to it.",
    source=(f"{BIOLOGICAL}, S.7 and P.8", "ICH Q5C", "ICH Q1E (limits by analogy)", f"{GUIDELINE}, P.8"),
    remedy="Shorten the period, or wait for the next time point.",
    reading="Real-time data reach as far as the number of batches that the phase asks for (storage of substance and "
    "product; one batch elsewhere) has results without a failure in the supporting study; that the batches are "
    "representative is asked by Q604. Only frozen storage may be extended, before the pivotal phase, where the plan "
    "of the study covers the period, the study goes on, and accelerated or other supportive data are there.",
)
def shelf_life_is_shown(look: Look, claim: ShelfLifeClaim) -> Iterator[Said]:
    study = look.find(StabilityStudy, claim.basis)
    if study is None:
        if not look.is_excused(claim, "basis"):
            yield look.at(
                claim, "basis", f"The period {claim.named()} rests on no study.", "Name the supporting study."
            )
        return
    if study.type is StabilityType.ACCELERATED:
        yield look.at(claim, "basis", f"The period {claim.named()} rests on {study.named()}, an accelerated study.")
        return
    asked, shown = claimed(look, claim), _real_time(look, claim, study)
    if claim.supported_duration is not None and claim.unit is not None:
        said_to_be = hours(look, claim.supported_duration, claim.unit)
        if said_to_be > shown:
            said = f"{claim.named()}: {spoken(look, said_to_be)} are said to be shown, and {study.named()} shows "
            yield look.at(claim, "supported_duration", f"{said}{spoken(look, shown)}.", "Correct the time.")
    if asked > shown:
        yield from _beyond(look, claim, study, shown)


def _real_time(look: Look, claim: ShelfLifeClaim, study: StabilityStudy) -> Decimal:
    """How far the data of as many batches as are asked for reach, in hours."""
    held = sorted(reaches(look, study).values(), reverse=True)
    is_stored = claim.segment in STORED and claim.scope in (ClaimScope.DS, ClaimScope.DP)
    table = look.settings.table("least_stability_batches")
    least = max((int(str(table.get(phase, 1))) for phase in look.phases), default=1) if is_stored else 1
    return held[least - 1] if 0 < least <= len(held) else Decimal(0)


def _beyond(look: Look, claim: ShelfLifeClaim, study: StabilityStudy, shown: Decimal) -> Iterator[Said]:
    asked = claimed(look, claim)
    may_grow = claim.segment is Segment.FROZEN and PIVOTAL not in look.phases
    most = hours(look, look.settings.number("extension_most"), ClaimUnit.MONTHS)
    allowed = min(shown * look.settings.number("extension_factor"), shown + most) if may_grow else shown
    said = f"The period {claim.named()} is {spoken(look, asked)}; {study.named()} shows {spoken(look, shown)}"
    if asked > allowed:
        limit = f", of which {spoken(look, allowed)} may be made" if may_grow else ", and nothing may be added"
        yield look.at(claim, "duration", f"{said}{limit}.")
        return
    lacking = [what for what, is_there in _conditions(look, claim, study) if not is_there]
    if lacking:
        yield look.at(claim, "duration", f"{said}; to go beyond needs {listed(lacking)}.")
    else:
        more = "It is within what may be added; be ready for the question."
        yield look.at(claim, "duration", f"{said}. {more}", "Keep the study ahead of the supply.", Severity.WARNING)


def _conditions(look: Look, claim: ShelfLifeClaim, study: StabilityStudy) -> Iterator[tuple[str, bool]]:
    yield "a plan that covers it", last_planned(look, study) >= claimed(look, claim)
    yield "a study that goes on", study.status is StabilityStatus.ONGOING
    others = look.of(StabilityStudy, scope=study.scope, type=StabilityType.ACCELERATED)
    others += tuple(
        s for s in look.of(StabilityStudy, scope=study.scope, type=StabilityType.LONG_TERM) if s.uid != study.uid
    )
    yield "accelerated or supportive data", any(look.of(StabilityResult, study=s.uid) for s in others)


# ---------------------------------------------------------------- programme


@rule(
    "Q603",
    Severity.WARNING,
    "The stability programme holds the tests that show decline",
    why="Number or titre may stay while activity falls.",
    source=("ICH Q5C, 5", f"{GUIDELINE}, P.8"),
    remedy="Add the test to a long-term study of the product.",
    reading="Asked of all long-term studies of the drug product together, that were not stopped. What is asked of "
    "cells and of vectors is a setting.",
)
def programme_shows_decline(look: Look) -> Iterator[Said]:
    held = look.of(StabilityStudy, scope=StabilityScope.DP, type=StabilityType.LONG_TERM)
    studies = [s for s in held if s.status is not StabilityStatus.STOPPED]
    if not studies:
        raise Needs(look.missing(StabilityStudy, "", name="tests").origin)
    kind = "vectors" if IN_VIVO in look.types else "cells"
    tests = [t for s in studies for t in look.named(SpecTest, s.tests)]
    missing = uncovered(look, tests, look.settings.table("stability_topics").get(kind, {}))
    if missing:
        for study in studies:
            look.need(study, "tests")
        said = f"The long-term studies of the drug product do not follow {listed(missing)}."
        yield look.at(studies[-1], "tests", said)


@rule(
    "Q604",
    Severity.WARNING,
    "Batches and containers on stability are those of the trial",
    each=StabilityStudy,
    why="A vial of 1 mL does not freeze as a bag of 50 mL does.",
    source=(f"{BIOLOGICAL}, P.8",),
    remedy="Put a batch of the clinical process in the clinical container on study, or link the comparison.",
    reading="Asked of long-term, accelerated and in-use studies of substance and product. A batch of an earlier "
    "process version counts where a comparison that ended well includes a batch of that version; the version of its "
    "drug substance is asked, too. A container of another use counts if it has the same material and is filled alike.",
)
def studies_are_representative(look: Look, study: StabilityStudy) -> Iterator[Said]:
    kinds = (StabilityType.LONG_TERM, StabilityType.ACCELERATED, StabilityType.IN_USE)
    if study.type not in kinds or study.scope not in (StabilityScope.DS, StabilityScope.DP):
        return
    yield from together(_in_container(look, study), *(_by_process(look, study, uid) for uid in study.batch or ()))


def _by_process(look: Look, study: StabilityStudy, uid: UUID) -> Iterator[Said]:
    batch = look.find(Batch, uid)
    if batch is None:
        return
    substance = look.find(Batch, batch.ds_batch)
    for made in (batch, substance) if substance is not None else (batch,):
        if look.is_excused(made, "process_version"):
            continue
        process = look.linked(Process, made, "process_version")
        if process.until and process.uid not in look.once("bridged processes", lambda: _bridged(look)):
            said = (
                f"{study.named()}: batch {batch.named()} comes from process {process.named()}, which has ended and is "
            )
            yield look.at(study, "batch", f"{said}not shown to be comparable.")
            return


def _bridged(look: Look) -> frozenset[UUID]:
    """The processes of which a batch was compared, with the conclusion that both are comparable."""
    held = [s for s in look.all(ComparabilityStudy) if s.conclusion is ComparabilityConclusion.COMPARABLE]
    batches = {b for s in held for b in (*look.named(Batch, s.batches_pre), *look.named(Batch, s.batches_post))}
    return frozenset(b.process_version for b in batches if b.process_version is not None)


def _in_container(look: Look, study: StabilityStudy) -> Iterator[Said]:
    mine = look.find(Container, study.container)
    if mine is None or look.is_excused(study, "container") or study.scope is None:
        return
    scope = ContainerScope(study.scope.value)
    theirs = look.of(Container, scope=scope)
    if mine.scope is scope or not theirs or any(_is_alike(look, mine, other) for other in theirs):
        return
    said = f"{study.named()} was done in {mine.named()}; the trial uses {theirs[0].named()}."
    yield look.at(study, "container", said)


def _is_alike(look: Look, one: Container, other: Container) -> bool:
    """Whether two containers have one material, and are filled to the same share of their capacity."""
    if not one.material or not other.material or folded(one.material) != folded(other.material):
        return False
    shares = [_share(one), _share(other)]
    if None in shares:
        return one.capacity == other.capacity
    first, second = (s for s in shares if s is not None)
    return abs(first - second) <= look.settings.number("fill_tolerance") / 100


def _share(container: Container) -> Decimal | None:
    try:
        criterion = parse(container.fill_volume) if container.fill_volume else None
    except LimitFault:
        return None
    ends = (*lowers(criterion), *uppers(criterion)) if criterion is not None else ()
    filled = [v for value, unit in ends if (v := convert(value, unit, "mL")) is not None]
    if not filled or container.capacity is None or container.capacity <= 0:
        return None
    return sum(filled, Decimal(0)) / len(filled) / container.capacity


# ---------------------------------------------------------------- results


@rule(
    "Q605",
    Severity.ERROR,
    "No result fails within the shelf life, and none is about to",
    each=StabilityStudy,
    why="A point that failed shortens the shelf life unless somebody explains it.",
    source=("ICH Q5C", f"{GUIDELINE}, P.8"),
    remedy="Shorten the period to the last time point that conforms.",
    due=Stage.IDEA,
    reading="Asked of the periods that rest on the study; of a long-term study also of storage at its temperature. A "
    "warning where the straight line through the results of a batch (three time points or more) meets the limit "
    "before the period ends.",
)
def results_hold_within_claim(look: Look, study: StabilityStudy) -> Iterator[Said]:
    claims = claims_of(look, study)
    results = look.of(StabilityResult, study=study.uid)
    if not claims or not results:
        return
    end = max(claimed(look, claim) for claim in claims)
    courses: dict[tuple[UUID | None, UUID | None], list[StabilityResult]] = {}
    for result in results:
        if result.timepoint is None or result.timepoint_unit is None:
            continue
        courses.setdefault((result.test, result.batch), []).append(result)
        at = hours(look, result.timepoint, result.timepoint_unit)
        if at <= end and (verdict := look.judge(result)).outcome is Outcome.FAILS:
            said = f"{study.named()}, {_called(look, result)} at {spoken(look, at)}: {verdict.why.rstrip('.')}; "
            yield look.at(result, "value", f"{said}the period claimed is {spoken(look, end)}.")
    for course in courses.values():
        yield from _meets(look, study, course, end)


def _called(look: Look, result: StabilityResult) -> str:
    test, batch = look.find(SpecTest, result.test), look.find(Batch, result.batch)
    return " of ".join(r.named() for r in (test, batch) if r is not None) or "a result"


def _meets(look: Look, study: StabilityStudy, course: list[StabilityResult], end: Decimal) -> Iterator[Said]:
    """Where the line through one test of one batch leaves the limits before `end`."""
    test = look.find(SpecTest, course[0].test)
    text = (test.shelf_life_criterion or test.criterion) if test is not None else None
    points = [(hours(look, r.timepoint, r.timepoint_unit), v) for r in course if (v := numeric(r)) is not None
              and r.timepoint is not None and r.timepoint_unit is not None]  # fmt: skip
    if text is None or len({at for at, _ in points}) < int(look.settings.number("least_points")):
        return
    try:
        criterion = parse(text)
        line = linear_regression([float(at) for at, _ in points], [float(v) for _, v in points])
    except (LimitFault, StatisticsError, OverflowError):
        return
    unit = course[0].unit or (test.unit if test is not None else "") or ""
    for ends, way in ((lowers(criterion), -1), (uppers(criterion), 1)):
        for value, own in ends:
            limit = value if not own or own == unit else convert(value, own, unit)
            if limit is None or not isfinite(line.slope) or line.slope * way <= 0:
                continue
            at = (float(limit) - line.intercept) / line.slope
            if isfinite(at) and 0 < at < float(end):
                met = spoken(look, Decimal(f"{at:.6g}"))
                said = f"{study.named()}: the line through {_called(look, course[-1])} meets {show_number(limit)}"
                said = f"{said} {unit}".rstrip() + f" at {met}; the period claimed is {spoken(look, end)}."
                yield look.at(course[-1], "value", said, "Watch the trend, or shorten the period.", Severity.WARNING)


# ---------------------------------------------------------------- future


@rule(
    "Q607",
    Severity.WARNING,
    "The study goes on as long as the supply",
    each=StabilityStudy,
    why="Product must not be given longer than there are data for it.",
    source=(f"{BIOLOGICAL}, P.8",),
    remedy="Extend the study, and promise to report results out of limits.",
    reading="Asked of the studies behind a shelf life of a month or more, while a trial is planned or runs, or the "
    "claim lies beyond the data. A product of days is followed to its end, batch by batch.",
)
def study_outlasts_supply(look: Look, study: StabilityStudy) -> Iterator[Said]:
    claims = [c for c in look.of(ShelfLifeClaim, basis=study.uid) if c.segment in STORED]
    if study.type is not StabilityType.LONG_TERM or not claims:
        return
    end = max(claimed(look, claim) for claim in claims)
    if end < hours(look, Decimal(1), ClaimUnit.MONTHS):
        return
    trials = [t for t in look.all(Trial) if t.state in (TrialState.PLANNED, TrialState.ONGOING)]
    if not trials and end <= longest(look, study):
        return
    yield from together(_plan(look, study, end), *(_supply(look, study, t) for t in trials), _promise(look, study))


def _plan(look: Look, study: StabilityStudy, end: Decimal) -> Iterator[Said]:
    last = last_planned(look, study)
    if last < end:
        said = f"{study.named()} is planned for {spoken(look, last)}; the period claimed is {spoken(look, end)}."
        yield look.at(study, "timepoints", said)


def _supply(look: Look, study: StabilityStudy, trial: Trial) -> Iterator[Said]:
    if look.is_excused(study, "planned_end") or look.is_excused(trial, "supply_end"):
        return
    supplied = look.need(trial, "supply_end")
    if study.status in (StabilityStatus.COMPLETED, StabilityStatus.STOPPED):
        if supplied > look.on:
            said = f"{study.named()} has ended; {trial.named()} is supplied until {show_date(supplied)}."
            yield look.at(study, "status", said)
        return
    last = look.need(study, "planned_end")
    if last < supplied:
        said = f"{study.named()} ends on {show_date(last)}; {trial.named()} is supplied until {show_date(supplied)}."
        yield look.at(study, "planned_end", said)


def _promise(look: Look, study: StabilityStudy) -> Iterator[Said]:
    words = look.settings.words("report_words")
    is_promised = names(study.commitment, words) or names(study.extension_rule, words)
    if not is_promised and not look.is_excused(study, "commitment"):
        said = f"{study.named()} does not promise to report a result that is out of limits."
        yield look.at(study, "commitment", said)
