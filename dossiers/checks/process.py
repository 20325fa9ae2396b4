"""Rules about the process: its steps, parameters, controls and how it is described (Q2)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, PIVOTAL, rule
from dossiers.checks.specified import is_open, together
from dossiers.checks.wording import listed, mentions, names
from dossiers.facts import NBSP
from dossiers.judging import Outcome
from dossiers.limits import LimitFault, parse, show_number
from dossiers.records.characterisation import Impurity
from dossiers.records.clearance import ClearanceStudy
from dossiers.records.controls import InProcessControl, LimitType
from dossiers.records.development import RunType, ValidationRun
from dossiers.records.lots import RecordedValue
from dossiers.records.process import (
    Openness,
    ParameterCriticality,
    Process,
    ProcessParameter,
    ProcessScope,
    ProcessStep,
)
from dossiers.records.product import Origin as CellOrigin
from dossiers.records.quality import Specification, SpecTest
from dossiers.records.results import Batch, BatchScope, BatchUse, Disposition, TestResult
from dossiers.stage import Stage

_OF_PRODUCT = (ProcessScope.DS, ProcessScope.DP, ProcessScope.COMBINED)


def _has_limit(record: InProcessControl | SpecTest, name: str) -> bool:
    """Whether a control holds a limit: not a result that is only reported, and not what cannot be read."""
    text = getattr(record, name)
    try:
        return bool(text) and not is_open(parse(text))
    except LimitFault:
        return False


@rule(
    "Q201",
    Severity.ERROR,
    "A critical step has a control with a limit",
    each=ProcessStep,
    why="A step that is called critical and has no limit is not controlled.",
    source=("EMA/CAT/22473/2025, S.2.4 and P.3.4",),
    remedy="Set a limit for a control of the step, or a range for a critical parameter.",
    reading="A specification of the intermediate that the step yields counts as a control.",
)
def critical_step_is_controlled(look: Look, step: ProcessStep) -> Iterator[Said]:
    if not step.is_critical:
        return
    controls = look.of(InProcessControl, step=step.uid)
    parameters = look.of(ProcessParameter, step=step.uid)
    if any(_has_limit(control, "limit") for control in controls):
        return
    if any(_is_ranged(p) for p in parameters if p.criticality is ParameterCriticality.CRITICAL):
        return
    rows = [t for s in look.of(Specification, step=step.uid) for t in look.of(SpecTest, specification=s.uid)]
    if any(_has_limit(row, "criterion") for row in rows):
        return
    yield look.at(
        step,
        "is_critical",
        f"The critical step {step.named()} has neither a limit nor a critical parameter with a range.",
    )


def _is_ranged(parameter: ProcessParameter) -> bool:
    return parameter.low is not None or parameter.high is not None


@rule(
    "Q202",
    Severity.ERROR,
    "The range of a parameter is sound",
    each=ProcessParameter,
    why="A reversed range or one without a unit is a slip of the pen that lives on in the file.",
    source=("EMA/CAT/22473/2025, S.2.2",),
    remedy="Correct target, limits and unit.",
    due=Stage.TRANSFER,
    reading="A missing range is a warning, and only where the parameter is critical or key.",
)
def parameter_range_is_sound(look: Look, parameter: ProcessParameter) -> Iterator[Said]:
    low, target, high = parameter.low, parameter.target, parameter.high
    unit = f"{NBSP}{parameter.unit}" if parameter.unit else ""
    if not parameter.unit and not look.is_excused(parameter, "unit"):
        yield look.at(
            parameter, "unit", f"The parameter {parameter.named()} has no unit.", "Enter the unit; 1 for a bare number."
        )
    if low is not None and high is not None and low > high:
        said = f"The range of {parameter.named()} is reversed: {show_number(low)} to {show_number(high)}{unit}."
        yield look.at(parameter, "low", said)
    elif target is not None and ((low is not None and target < low) or (high is not None and target > high)):
        ends = " to ".join(show_number(end) for end in (low, high) if end is not None)
        said = (
            f"The target of {parameter.named()}, {show_number(target)}{unit}, lies outside its range of {ends}{unit}."
        )
        yield look.at(parameter, "target", said)
    is_held = parameter.criticality in (ParameterCriticality.CRITICAL, ParameterCriticality.KEY)
    if is_held and low is None and high is None and not look.is_excused(parameter, "low"):
        said = f"The {look.says(parameter, 'criticality')} parameter {parameter.named()} has no range."
        yield look.at(parameter, "low", said, "Set the range.", Severity.WARNING)


@rule(
    "Q203",
    Severity.WARNING,
    "An in-process control has a limit and says what happens when it is missed",
    each=InProcessControl,
    why="A limit without a decision is a record and no control.",
    source=("EMA/CAT/22473/2025, S.2.4",),
    remedy="Enter the limit, and what is done when it is missed; or say that the value is monitored only.",
)
def control_says_what_follows(look: Look, control: InProcessControl) -> Iterator[Said]:
    if control.limit_type is LimitType.MONITOR:
        return
    if not control.limit:
        if not look.is_excused(control, "limit"):
            yield look.at(
                control, "limit", f"The in-process control {control.named()} has no limit and is not monitored only."
            )
        return
    is_decided = control.action or look.is_excused(control, "action")
    if _has_limit(control, "limit") and not is_decided:
        said = f"Nothing says what is done when {control.named()} misses its limit ({control.limit})."
        yield look.at(control, "action", said)


@rule(
    "Q205",
    Severity.WARNING,
    "The process is described in full",
    each=Process,
    why="Consistency cannot be followed without the batch definition, the scale and every step in its order.",
    source=("EMA/CAT/22473/2025, S.2.2, P.3.2 and P.3.3",),
    remedy="Enter what is missing; for pooling write “none” if there is none.",
    reading="Asked of versions in use, not of those that have ended. What is excused with a reason is answered.",
)
def process_is_described(look: Look, process: Process) -> Iterator[Said]:
    if process.until:
        return
    steps = look.of(ProcessStep, process=process.uid)
    wanted = {
        "batch_definition": "batch definition",
        "scale_min": "smallest scale",
        "scale_max": "largest scale",
        "scale_unit": "unit of the scale",
        "pooling_rule": "rule on pooling and splitting",
    }
    lacking = {
        name: what
        for name, what in wanted.items()
        if getattr(process, name) in (None, "") and not look.is_excused(process, name)
    }
    if len(lacking) == len(wanted):
        look.need(process, *lacking)
    if not steps and not process.flow_diagram and not look.is_excused(process, "flow_diagram"):
        lacking["flow_diagram"] = "steps or flow diagram"
    if lacking:
        said = f"The description of the process {process.named()} lacks its {listed(list(lacking.values()))}."
        yield look.at(process, next(iter(lacking)), said)
    numbers = sorted(s.number for s in steps if s.number is not None)
    if numbers and len(numbers) == len(steps) and numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        said = f"The steps of the process {process.named()} are numbered {', '.join(map(str, numbers))}."
        yield look.at(process, "", said, "Number the steps one by one, each number once.")


@rule(
    "Q206",
    Severity.ERROR,
    "Batches ran within the ranges of their process",
    each=Batch,
    why="Material that was made outside the described process does not support it.",
    source=("EudraLex Vol. 4 Part IV, 11.4", "EMA/CAT/22473/2025, P.5.4"),
    remedy="Link the deviation and enter its impact on the batch, or correct the value.",
    reading="Asked of every recorded value. That values of all critical parameters are there is asked of clinical and "
    "validation batches of drug substance and drug product; what is missing is said as missing and no error.",
)
def batch_ran_in_range(look: Look, batch: Batch) -> Iterator[Said]:
    recorded = [r for r in look.of(RecordedValue, batch=batch.uid) if r.parameter is not None]
    yield from together(*(_in_range(look, batch, value) for value in recorded), _all_recorded(look, batch, recorded))


def _in_range(look: Look, batch: Batch, recorded: RecordedValue) -> Iterator[Said]:
    parameter = look.linked(ProcessParameter, recorded, "parameter")
    value = look.need(recorded, "value")
    low, high = parameter.low, parameter.high
    if (low is None or value >= low) and (high is None or value <= high):
        return
    if recorded.deviation and (recorded.impact or look.is_excused(recorded, "impact")):
        return
    unit = f"{NBSP}{parameter.unit}" if parameter.unit else ""
    ends = " to ".join(show_number(end) for end in (low, high) if end is not None)
    lack = "no deviation is named" if not recorded.deviation else f"{recorded.deviation} says nothing of its impact"
    said = (
        f"Batch {batch.named()}: {parameter.named()} was {show_number(value)}{unit}, outside {ends}{unit}, and {lack}."
    )
    yield look.at(recorded, "impact" if recorded.deviation else "value", said)


def _all_recorded(look: Look, batch: Batch, recorded: list[RecordedValue]) -> Iterator[Said]:
    supports = {BatchUse.CLINICAL, BatchUse.VALIDATION} & set(batch.use or ())
    if batch.scope not in (BatchScope.DS, BatchScope.DP) or not supports:
        return
    held = {r.parameter for r in recorded}
    for step in look.of(ProcessStep, process=batch.process_version) if batch.process_version else ():
        for parameter in look.of(ProcessParameter, step=step.uid):
            is_critical = parameter.criticality is ParameterCriticality.CRITICAL
            if is_critical and _is_ranged(parameter) and parameter.uid not in held:
                raise Needs(Origin(RecordedValue.kind(), "", "", "value"))
    yield from ()


@rule(
    "Q207",
    Severity.WARNING,
    "A step that may be repeated says when, how often and on what data",
    each=ProcessStep,
    why="Repeats without end are not accepted for biologicals.",
    source=("EMA/CAT/22473/2025, S.2.2",),
    remedy="Enter the result that allows the repeat, the highest number of repeats and the data; or forbid it.",
    reading="A step counts as repeatable, too, where an in-process control says that it is repeated when the limit "
    "is missed.",
)
def repeats_are_bounded(look: Look, step: ProcessStep) -> Iterator[Said]:
    words = look.settings.words("repeat_words")
    asking = [c for c in look.of(InProcessControl, step=step.uid) if mentions(c.action, words)]
    if step.repeat_allowed is False and asking:
        said = f"The step {step.named()} may not be repeated, and the control {asking[0].named()} asks for that."
        yield look.at(asking[0], "action", said, "Correct the action, or allow the repeat with its conditions.")
        return
    if not step.repeat_allowed and not asking:
        return
    lacking = {
        name: what
        for name, what in (
            ("repeat_criteria", "criterion"),
            ("repeat_limit", "highest number"),
            ("repeat_data", "data"),
        )
        if getattr(step, name) in (None, "") and not look.is_excused(step, name)
    }
    if lacking:
        said = f"The step {step.named()} may be repeated, and has no {listed(list(lacking.values()))} for that."
        yield look.at(step, next(iter(lacking)), said)


@rule(
    "Q208",
    Severity.ERROR,
    "The process is shown to be consistent before the confirmatory trial",
    each=Process,
    why="The batches of this trial carry the claim of efficacy; by then the process must be under control.",
    source=("EMA/CAT/22473/2025, S.2.5 and P.3.5", "EudraLex Vol. 4 Part IV, 10.3"),
    remedy="Evaluate further batches in a row, or enter the plan of concurrent validation.",
    phases=frozenset({PIVOTAL}),
    justifiable=True,
    section="S.2.5",
    reading="Counted are batches of evaluation and validation runs, made one after the other by the version in use, "
    "without "
    "a batch of that version between them that failed.",
)
def process_is_consistent(look: Look, process: Process) -> Iterator[Said]:
    if process.scope not in _OF_PRODUCT or process.until or process.validation_plan:
        return
    least = int(look.settings.number("least_consistent_batches"))
    runs = [
        r for r in look.of(ValidationRun, process=process.uid) if r.type in (RunType.EVALUATION, RunType.VALIDATION)
    ]
    of_runs = {r.batch for r in runs if r.batch is not None}
    batches = list(look.of(Batch, process_version=process.uid))
    longest = row = 0
    for batch in sorted(batches, key=lambda b: (b.date is None, b.date or look.on)):
        row = (row + (batch.uid in of_runs)) if _conforms(look, batch) else 0
        longest = max(longest, row)
    if longest < least:
        how = f"{longest} of its batches in a row {'is' if longest == 1 else 'are'} shown to conform"
        yield look.at(
            process, "", f"The process {process.named()} is in use for a confirmatory trial; {how}, {least} are asked."
        )


def _conforms(look: Look, batch: Batch) -> bool:
    if batch.disposition in (Disposition.FAILED, Disposition.OOS_GIVEN):
        return False
    return all(look.judge(result).outcome is not Outcome.FAILS for result in look.of(TestResult, batch=batch.uid))


@rule(
    "Q210",
    Severity.WARNING,
    "A removal that is claimed rests on data",
    each=Impurity,
    why="A claim takes the place of a test on release only with data.",
    source=("ICH Q5A(R2)", "ICH Q6B", "EMA/CAT/22473/2025, S.2.5"),
    remedy="Enter the clearance study with load, what was found again, and the factor.",
    reading="Asked where a factor is claimed; removal of viruses has runs with their own facts.",
)
def removal_rests_on_data(look: Look, impurity: Impurity) -> Iterator[Said]:
    if not impurity.removal_factor:
        return
    held = look.once("clearance studies", lambda: _by_residue(look))
    studies = held.get(impurity.uid, []) + (held.get(impurity.material, []) if impurity.material else [])
    if not studies:
        said = f"A removal of {impurity.named()} is claimed ({impurity.removal_factor}), and no study shows it."
        yield look.at(impurity, "removal_factor", said)
    elif not any(study.load and study.recovery and study.factor for study in studies):
        study = studies[0]
        lacking = {"load": study.load, "recovery": study.recovery, "factor": study.factor}
        missing = [name for name, value in lacking.items() if not value]
        said = f"The study {study.named()} of {impurity.named()} has no {listed(missing)}."
        yield look.at(study, missing[0], said)


def _by_residue(look: Look) -> dict[UUID, list[ClearanceStudy]]:
    """Impurity or material → the studies that follow it."""
    found: dict[UUID, list[ClearanceStudy]] = {}
    for study in look.all(ClearanceStudy):
        for uid in (*(study.impurities or ()), *(study.materials or ())):
            found.setdefault(uid, []).append(study)
    return found


@rule(
    "Q211",
    Severity.ERROR,
    "Product is open in a room that keeps it sterile",
    each=ProcessStep,
    why="Cells cannot be sterilised, so that the room is the control of sterility.",
    source=("EudraLex Vol. 4 Part IV, 4.2 and 9.5",),
    remedy="Close the step, move it into grade A in B or an isolator, or give the reason.",
    justifiable=True,
    section="A.1",
    reading="A step after which everything passes a sterilising filter is not asked. An isolator may stand in a "
    "lower grade; "
    "a restricted-access barrier may not.",
)
def open_step_is_aseptic(look: Look, step: ProcessStep) -> Iterator[Said]:
    if step.open_closed is not Openness.OPEN or step.sterile_filtered_later:
        return
    if look.is_excused(step, "clean_grade"):
        return
    grade = look.need(step, "clean_grade")
    if grade.value in look.settings.words("open_step_grades"):
        return
    if grade.value in look.settings.words("barrier_step_grades"):
        barrier = look.need(step, "barrier")
        if barrier.value in look.settings.words("closed_barriers"):
            return
    look.need(step, "sterile_filtered_later")
    yield look.at(
        step,
        "clean_grade",
        f"In the step {step.named()} the product is open in grade {grade.label} and is not sterile-filtered later.",
    )


@rule(
    "Q212",
    Severity.WARNING,
    "There is a plan for a patient batch that fails",
    why="The patient may already be prepared for treatment: what follows must be settled before.",
    source=("EudraLex Vol. 4 Part IV, 11.5", "EMA/CAT/22473/2025, P.5", "C(2019) 7140"),
    remedy="Enter with the process what is done when a batch fails: collection, repeat, use out of specification.",
    types=CELL_BASED,
    reading="What the plan speaks of is read by the words of a setting.",
)
def failure_has_a_plan(look: Look) -> Iterator[Said]:
    if look.need(look.product(), "origin") is not CellOrigin.AUTOLOGOUS:
        return
    held = [p for p in look.all(Process) if p.scope in _OF_PRODUCT and not p.until]
    if not held:
        raise Needs(Origin(Process.kind(), "", "", "scope"))
    if any(look.is_excused(p, "failure_plan") for p in held):
        return
    plans = [p for p in held if p.failure_plan]
    if not plans:
        makes = next((p for p in held if p.scope is not ProcessScope.DP), held[0])
        yield look.at(
            makes, "failure_plan", f"Nothing says what is done for the patient when a batch of {makes.named()} fails."
        )
        return
    told = " ".join(str(p.failure_plan) for p in plans)
    missing = [t for t, words in look.settings.table("failure_plan_topics").items() if not names(told, words)]
    if missing:
        yield look.at(plans[0], "failure_plan", f"The plan for a failed batch does not speak of {listed(missing)}.")
