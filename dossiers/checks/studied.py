"""What stability studies show: time points in hours, how far each batch holds, and which periods a study is for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.look import Look, Needs
from dossiers.checks.seen import bare
from dossiers.checks.temperatures import temperature
from dossiers.evidence.studies import planned
from dossiers.judging import Outcome
from dossiers.limits import quantity
from dossiers.records.stability import (
    ClaimScope,
    ClaimUnit,
    Segment,
    ShelfLifeClaim,
    StabilityResult,
    StabilityStudy,
    StabilityType,
    TimepointUnit,
)

STORED = (Segment.FROZEN, Segment.FRESH)
"""Segments of storage; the others are of transport and use."""


def hours(look: Look, value: Decimal, unit: TimepointUnit | ClaimUnit) -> Decimal:
    """A time in hours, a month as the settings count it."""
    if unit is ClaimUnit.MIN:
        return value / 60
    name = "months" if unit in (TimepointUnit.M, ClaimUnit.MONTHS) else unit.value
    return value * Decimal(str(look.settings.table("hours_in").get(name, 0)))


def spoken(look: Look, time: Decimal) -> str:
    """A time in hours as a sentence names it: "18 months", "21 days", "60 h"."""
    month = hours(look, Decimal(1), TimepointUnit.M)
    for length, unit, fewest in ((month, "months", month), (Decimal(24), "days", Decimal(200))):
        if length > 0 and time >= fewest:
            number = Decimal(f"{float(time / length):.3g}")
            return quantity(number, unit.removesuffix("s") if number == 1 else unit)
    return quantity(Decimal(f"{float(time):.3g}"), "h")


def claimed(look: Look, claim: ShelfLifeClaim) -> Decimal:
    """The period that is claimed, in hours. Raises `Needs`."""
    duration, unit = look.need(claim, "duration", "unit")
    return hours(look, duration, unit)


def reaches(look: Look, study: StabilityStudy) -> Mapping[UUID | None, Decimal]:
    """Batch → the longest time in hours at which it has a result, and until which none failed.

    Raises `Needs` where the study has no result with a time.
    """
    results = look.of(StabilityResult, study=study.uid)
    good: dict[UUID | None, dict[Decimal, bool]] = {}
    for result in results:
        if result.timepoint is None or result.timepoint_unit is None or not result.value:
            continue
        at = hours(look, result.timepoint, result.timepoint_unit)
        course = good.setdefault(result.batch, {})
        course[at] = course.get(at, True) and look.judge(result).outcome is not Outcome.FAILS
    if not good:
        lacking = origin(bare(results[0]), "timepoint") if results else Origin(StabilityResult.kind(), "", "", "value")
        raise Needs(lacking)
    return {batch: _reach(course) for batch, course in good.items()}


def _reach(course: Mapping[Decimal, bool]) -> Decimal:
    first_bad = min((at for at, is_good in course.items() if not is_good), default=None)
    return max((at for at in course if first_bad is None or at < first_bad), default=Decimal(0))


def longest(look: Look, study: StabilityStudy) -> Decimal:
    """The longest time in hours that any batch of the study holds. Raises `Needs`."""
    return max(reaches(look, study).values())


def last_planned(look: Look, study: StabilityStudy) -> Decimal:
    """The last planned time point in hours. Raises `Needs` where none can be read."""
    results = look.of(StabilityResult, study=study.uid)
    unit = next((r.timepoint_unit for r in results if r.timepoint_unit and r.timepoint), TimepointUnit.M)
    moments = [planned(text, unit) for text in look.need(study, "timepoints")]
    held = [hours(look, m.value, m.unit) for m in moments if m is not None]
    if not held:
        raise Needs(origin(bare(study), "timepoints"))
    return max(held)


def claims_of(look: Look, study: StabilityStudy) -> tuple[ShelfLifeClaim, ...]:
    """The periods that rest on the study; of a long-term one those of storage at its temperature, too."""
    found = {c.uid: c for c in look.of(ShelfLifeClaim, basis=study.uid)}
    if study.type is StabilityType.LONG_TERM and study.scope is not None:
        mine = temperature(study.condition)
        for claim in look.of(ShelfLifeClaim, scope=ClaimScope(study.scope.value)):
            if claim.segment in STORED and mine is not None and temperature(claim.storage_condition) == mine:
                found.setdefault(claim.uid, claim)
    return tuple(found.values())
