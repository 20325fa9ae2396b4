"""Rules about waiting and travelling: holds and transports, and what supports them (Q2)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import together
from dossiers.checks.temperatures import temperature
from dossiers.checks.wording import listed
from dossiers.facts import NBSP
from dossiers.judging import Outcome
from dossiers.limits import show_number
from dossiers.records.controls import HoldPoint, HoldType
from dossiers.records.development import RunType, ValidationRun
from dossiers.records.lots import RecordedValue
from dossiers.records.process import Process, ProcessScope, ProcessStep
from dossiers.records.results import Batch
from dossiers.records.stability import StabilityResult, StabilityStudy, TimepointUnit

_HOURS = {TimepointUnit.H: Decimal(1), TimepointUnit.D: Decimal(24), TimepointUnit.M: Decimal(730)}


def _shown(look: Look, study: StabilityStudy) -> Decimal:
    """The longest time in hours at which the study has a result and none that failed. Raises `Needs` without "
    "results.
    """
    results = look.of(StabilityResult, study=study.uid)
    if not results:
        raise Needs(Origin(StabilityResult.kind(), "", "", "timepoint"))
    good: dict[Decimal, bool] = {}
    for result in results:
        if result.timepoint is None or result.timepoint_unit is None or not result.value:
            continue
        hours = result.timepoint * _HOURS[result.timepoint_unit]
        good[hours] = good.get(hours, True) and look.judge(result).outcome is not Outcome.FAILS
    first_bad = min((hours for hours, is_good in good.items() if not is_good), default=None)
    kept = [hours for hours, is_good in good.items() if is_good and (first_bad is None or hours < first_bad)]
    if not good:
        raise Needs(origin(bare(results[0]), "timepoint"))
    return max(kept, default=Decimal(0))


def _hours(value: Decimal) -> str:
    return f"{show_number(value)}{NBSP}h"


@rule(
    "Q204",
    Severity.ERROR,
    "A hold has a time and a temperature, supported by a study and kept by the batches",
    each=HoldPoint,
    why="Cells and vectors decline while they wait, and contamination grows.",
    source=("EMA/CAT/22473/2025, S.2.2 and S.2.4",),
    remedy="Set the longest time and the temperature, and link a study that shows them.",
    reading="Shown is the last time point before the first failing result. A study at a range of temperature "
    "supports a hold "
    "within that range. A transport is asked by Q209.",
)
def hold_is_supported(look: Look, hold: HoldPoint) -> Iterator[Said]:
    if hold.type is not HoldType.HOLD:
        return
    yield from together(_bounds(look, hold), _study(look, hold), _batches(look, hold))


def _bounds(look: Look, hold: HoldPoint) -> Iterator[Said]:
    for fact, what in (("max_time", "longest time"), ("temperature", "temperature")):
        if getattr(hold, fact) in (None, "") and not look.is_excused(hold, fact):
            yield look.at(hold, fact, f"The hold of {_called(hold)} has no {what}.")


def _study(look: Look, hold: HoldPoint) -> Iterator[Said]:
    study = look.find(StabilityStudy, hold.support)
    if study is None:
        if not look.is_excused(hold, "support"):
            yield look.at(hold, "support", f"No study supports the hold of {_called(hold)}.")
        return
    asked, given = temperature(hold.temperature), temperature(study.condition)
    if asked is not None and given is not None and not given.holds(asked):
        said = f"{_called(hold)} waits at {hold.temperature}; the study {study.named()} was done at {study.condition}."
        yield look.at(hold, "support", said[0].upper() + said[1:])
    longest, shown = look.need(hold, "max_time"), _shown(look, study)
    if longest > shown:
        said = (
            f"The hold of {_called(hold)} may last {_hours(longest)}; the study {study.named()} shows {_hours(shown)}."
        )
        yield look.at(hold, "max_time", said)


def _batches(look: Look, hold: HoldPoint) -> Iterator[Said]:
    if hold.max_time is None:
        return
    for recorded in look.of(RecordedValue, hold_point=hold.uid):
        if (
            recorded.value is not None
            and recorded.value > hold.max_time
            and not (recorded.deviation and recorded.impact)
        ):
            batch = look.find(Batch, recorded.batch)
            called = f"Batch {batch.named()}" if batch is not None else "A batch"
            said = f"{called} waited {_hours(recorded.value)} as {_called(hold)}; the limit is {_hours(hold.max_time)}."
            yield look.at(recorded, "value", said, "Link the deviation and enter its impact, or correct the value.")


def _called(hold: HoldPoint) -> str:
    return hold.material or hold.named()


@rule(
    "Q209",
    Severity.ERROR,
    "A transport is qualified for its longest time at its worst",
    each=HoldPoint,
    why="A product of short life spends much of it in a box.",
    source=("EudraLex Vol. 4 Part IV, 10.5", "EMA/CAT/22473/2025, P.3 and P.8"),
    remedy="Link the run that qualified the transport, with its duration and its worst case.",
    reading="An error for the journey of the finished product, a warning for others. Recorded times of batches are "
    "held "
    "against the limit, too.",
)
def transport_is_qualified(look: Look, hold: HoldPoint) -> Iterator[Said]:
    if hold.type is not HoldType.TRANSPORT:
        return
    severity = None if _is_of_product(look, hold) else Severity.WARNING
    lacking = {
        fact: what
        for fact, what in (("container", "container"), ("temperature", "temperature"), ("max_time", "longest time"))
        if getattr(hold, fact) in (None, "") and not look.is_excused(hold, fact)
    }
    if lacking:
        said = f"The transport of {_called(hold)} has no {listed(list(lacking.values()))}."
        yield look.at(hold, next(iter(lacking)), said, severity=severity)
    yield from together(_run(look, hold, severity), _batches(look, hold))


def _run(look: Look, hold: HoldPoint, severity: Severity | None) -> Iterator[Said]:
    if look.is_excused(hold, "qualification"):
        return
    run = look.find(ValidationRun, hold.qualification)
    if run is None or run.type is not RunType.TRANSPORT:
        said = f"No run qualifies the transport of {_called(hold)}."
        yield look.at(hold, "qualification", said, severity=severity)
        return
    if not run.worst_case and not look.is_excused(run, "worst_case"):
        said = f"The run {run.named()} names no worst case for the transport of {_called(hold)}."
        yield look.at(run, "worst_case", said, "Enter season, load and route that were tried.", severity)
    longest, shown = look.need(hold, "max_time"), look.need(run, "duration_h")
    if longest > shown:
        limit, lasted = _hours(longest), _hours(shown)
        said = f"The transport of {_called(hold)} may last {limit}; the run {run.named()} lasted {lasted}."
        yield look.at(hold, "max_time", said, severity=severity)


def _is_of_product(look: Look, hold: HoldPoint) -> bool:
    """Whether what travels is the finished product: after the last step of a process that ends in it."""
    step = look.find(ProcessStep, hold.after_step)
    process = look.find(Process, step.process) if step is not None else None
    if step is None or process is None or process.scope not in (ProcessScope.DP, ProcessScope.COMBINED):
        return False
    later = [s.number for s in look.of(ProcessStep, process=process.uid) if s.number is not None]
    return step.number is not None and step.number == max(later, default=step.number)
