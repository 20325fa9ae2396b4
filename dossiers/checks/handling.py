"""Rules about storage of what comes before the product, and about its use (Q602, Q606, Q608)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.genealogy import lots_of
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import measures, together
from dossiers.checks.stability import GUIDELINE
from dossiers.checks.studied import longest, spoken
from dossiers.checks.temperatures import temperature
from dossiers.checks.wording import listed
from dossiers.facts import show_date
from dossiers.judging import Outcome
from dossiers.records.donors import CellBank
from dossiers.records.formulation import AdministrationStep, Device, DeviceRole
from dossiers.records.handling import StepPurpose
from dossiers.records.measurands import Measurand
from dossiers.records.process import Process
from dossiers.records.quality import SpecTest, TestCategory
from dossiers.records.results import Batch, BatchScope
from dossiers.records.stability import StabilityResult, StabilityScope, StabilityStudy, StabilityType

_WAITS = frozenset({StepPurpose.THAWING, StepPurpose.PREPARATION, StepPurpose.TRANSPORT, StepPurpose.ADMINISTRATION})
_IN_USE = (StabilityType.IN_USE, StabilityType.COMPATIBILITY)


@rule(
    "Q602",
    Severity.ERROR,
    "Each step of use lies within data",
    each=AdministrationStep,
    why="Thawed cells lose viability within hours; what the protocol allows must have been seen.",
    source=(f"{GUIDELINE}, P.2 and P.8",),
    remedy="Shorten the step, or study the product in use for as long.",
    reading="Asked of thawing, preparation, way and administration, each for itself against studies in use and of "
    "compatibility at its temperature; while a product thaws, its temperature is not compared. The sum of the steps "
    "is held against the claim by C308, the claim against its study by Q601.",
)
def use_lies_within_data(look: Look, step: AdministrationStep) -> Iterator[Said]:
    mine = look.holdings.product
    if step.product is not None and mine is not None and step.product != mine.uid:
        return
    purposes = frozenset(look.need(step, "purposes"))
    if not purposes & _WAITS or look.is_excused(step, "time_limit"):
        return
    asked = look.need(step, "time_limit") / 60
    studies = [s for kind in _IN_USE for s in look.of(StabilityStudy, scope=StabilityScope.DP, type=kind)]
    if not studies:
        yield look.at(step, "time_limit", f"No study in use covers the step {step.named()}.")
        return
    if StepPurpose.THAWING not in purposes:
        studies = _at_temperature(look, step, studies)
        if not studies:
            said = f"No study in use was done at {step.temperature}, the temperature of the step {step.named()}."
            yield look.at(step, "temperature", said)
            return
    shown = _longest(look, studies)
    if asked > shown:
        said = f"The step {step.named()} may take {spoken(look, asked)}; the studies in use show {spoken(look, shown)}."
        yield look.at(step, "time_limit", said)


def _at_temperature(look: Look, step: AdministrationStep, studies: list[StabilityStudy]) -> list[StabilityStudy]:
    asked = temperature(look.need(step, "temperature"))
    if asked is None:
        raise Needs(origin(bare(step), "temperature"))
    given = {s: temperature(s.condition) for s in studies}
    if all(span is None for span in given.values()):
        raise Needs(*(origin(bare(s), "condition") for s in studies))
    return [s for s, span in given.items() if span is not None and span.holds(asked)]


def _longest(look: Look, studies: list[StabilityStudy]) -> Decimal:
    """The longest time in hours that any of the studies shows. Raises `Needs` where none has results."""
    found: list[Decimal] = []
    lack: Needs | None = None
    for study in studies:
        try:
            found.append(longest(look, study))
        except Needs as why:
            lack = lack or why
    if not found and lack is not None:
        raise lack
    return max(found, default=Decimal(0))


# ---------------------------------------------------------------- storage before the product


_STORED = (BatchScope.STARTING, BatchScope.VECTOR, BatchScope.DS, BatchScope.BANK)


@rule(
    "Q606",
    Severity.WARNING,
    "What is stored before it is used has data for as long",
    why="A vector that aged lowers transduction, and it looks like an effect of the patient.",
    source=(f"{GUIDELINE}, S.7",),
    remedy="Follow it in a stability study, or test it again before use.",
    reading="The longest time between manufacture and use in another batch is held against the studies of batches "
    "from the same process, as long as that is in use. Holds of hours are asked by Q204. Of a bank it is asked what "
    "shows that its vials keep.",
)
def stored_material_has_data(look: Look) -> Iterator[Said]:
    parts = [_stored(look, b, *use) for b, use in _uses(look).items()]
    yield from together(*parts, *(_banked(look, bank) for bank in look.all(CellBank)))


def _uses(look: Look) -> Mapping[Batch, tuple[date, Batch]]:
    """Each stored batch with the last day on which another was made from it, and that other."""
    found: dict[Batch, tuple[date, Batch]] = {}
    for child in look.all(Batch):
        named: list[tuple[UUID | None, date | None]] = [(lot.batch, use.used_on) for use, lot in lots_of(look, child)]
        of_lots = {uid for uid, _ in named}
        named += [(uid, None) for uid in (child.ds_batch, *(child.parents or ())) if uid not in of_lots]
        for uid, day in named:
            parent, used = look.find(Batch, uid), day or child.date
            if parent is None or used is None or parent.scope not in _STORED:
                continue
            if parent not in found or found[parent][0] < used:
                found[parent] = (used, child)
    return found


def _stored(look: Look, batch: Batch, used: date, child: Batch) -> Iterator[Said]:
    days = (used - look.need(batch, "date")).days
    if days < look.settings.number("least_storage"):
        return
    kept = spoken(look, Decimal(days * 24))
    until = f"{kept} until {show_date(used)}, when {child.named()} was made"
    process = look.linked(Process, batch, "process_version")
    if process.until:
        return
    studies = look.once("studies by process", lambda: _by_process(look)).get(process.uid, ())
    if not studies:
        yield look.at(batch, "", f"Batch {batch.named()} was stored for {until}; no study follows such batches.")
        return
    shown = _longest(look, list(studies))
    if days * 24 > shown:
        said = f"Batch {batch.named()} was stored for {until}; studies show {spoken(look, shown)}."
        yield look.at(batch, "", said)


def _by_process(look: Look) -> Mapping[UUID, tuple[StabilityStudy, ...]]:
    found: dict[UUID, dict[StabilityStudy, None]] = {}
    for study in look.all(StabilityStudy):
        if study.type in (StabilityType.LONG_TERM, StabilityType.HOLD):
            for batch in look.named(Batch, study.batch):
                if batch.process_version is not None and batch.scope in _STORED:
                    found.setdefault(batch.process_version, {})[study] = None
    return {process: tuple(studies) for process, studies in found.items()}


def _banked(look: Look, bank: CellBank) -> Iterator[Said]:
    if not bank.stability and not look.is_excused(bank, "stability"):
        yield look.at(bank, "stability", f"Nothing shows that the vials of {bank.named()} keep.")


# ---------------------------------------------------------------- delivery


@rule(
    "Q608",
    Severity.ERROR,
    "The product stands the device that delivers it",
    each=Device,
    why="Vectors stick to tubing and cells are sheared in narrow needles, so that the dose given is not the one meant.",
    source=(f"{GUIDELINE}, P.2", "EMA/CAT/80183/2014"),
    remedy="Study recovery and activity in the device, in the same material, for as long as the step may take.",
    reading="The linked study must be of use or compatibility, follow what is counted and what tells activity or life, "
    "hold for the longest step that uses the device (waste aside), and have no failing result. That the materials are "
    "the same is for a person to see.",
)
def product_stands_the_device(look: Look, device: Device) -> Iterator[Said]:
    if look.need(device, "role") is not DeviceRole.DELIVERY or look.is_excused(device, "compatibility_ref"):
        return
    study = look.find(StabilityStudy, device.compatibility_ref)
    if study is None or study.type not in _IN_USE:
        yield look.at(device, "compatibility_ref", f"No study shows that the product stands {device.named()}.")
        return
    yield from together(_follows(look, study, device), _lasts(look, study, device), _no_failure(look, study, device))


def _follows(look: Look, study: StabilityStudy, device: Device) -> Iterator[Said]:
    tests = look.named(SpecTest, look.need(study, "tests"))
    amounts = {Measurand.CELL_NUMBER, Measurand.CELL_DENSITY, Measurand.VECTOR_TITRE}
    states = {Measurand.VIABILITY, Measurand.INFECTIOUS_TITRE}
    lacking = []
    if not any(t.category is TestCategory.QUANTITY or measures(look, t) & amounts for t in tests):
        lacking.append("how much is recovered")
    if not any(t.category is TestCategory.POTENCY or measures(look, t) & states for t in tests):
        lacking.append("whether it is alive or active")
    if lacking:
        yield look.at(study, "tests", f"{study.named()} does not tell {listed(lacking)} after {device.named()}.")


def _lasts(look: Look, study: StabilityStudy, device: Device) -> Iterator[Said]:
    steps = look.of(AdministrationStep, device=device.uid)
    steps = tuple(s for s in steps if set(s.purposes or ()) != {StepPurpose.WASTE})
    if not steps:
        raise Needs(Origin(AdministrationStep.kind(), "", "", "device"))
    asked = max(look.need(step, "time_limit") for step in steps) / 60
    shown = look.need(study, "contact_time")
    if asked > shown:
        said = f"The product may be in {device.named()} for {spoken(look, asked)}; {study.named()} shows "
        yield look.at(study, "contact_time", f"{said}{spoken(look, shown)}.")


def _no_failure(look: Look, study: StabilityStudy, device: Device) -> Iterator[Said]:
    results = look.of(StabilityResult, study=study.uid)
    if not results:
        raise Needs(Origin(StabilityResult.kind(), "", "", "value"))
    for result in results:
        verdict = look.judge(result)
        if verdict.outcome is Outcome.FAILS:
            said = f"{study.named()} with {device.named()}: {verdict.why}"
            yield look.at(result, "value", said)
