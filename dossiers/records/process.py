"""How it is made: processes with versions, their steps and parameters."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.sites import Grade
from dossiers.stage import Stage

GROUP = "Process"


class ProcessScope(Choice):
    """What a process makes."""

    STARTING = "starting"
    VECTOR = "vector"
    DS = "ds"
    DP = "dp"
    COMBINED = "combined"


ProcessScope.labelled(
    STARTING="starting material", DS="drug substance", DP="drug product", COMBINED="drug substance and drug product"
)


class ProcessUse(Choice):
    """What a process version's batches are used for."""

    NONCLINICAL = "nonclinical"
    CLINICAL = "clinical"
    BOTH = "both"


ProcessUse.labelled(NONCLINICAL="non-clinical", BOTH="non-clinical and clinical")


class Diagram(Choice):
    """Where a flow diagram comes from."""

    GENERATED = "generated"
    ATTACHED = "attached"


def _is_of_cells(record: Any, binder: only.Holdings) -> bool:
    """The process in use makes living cells, whose age is limited."""
    is_current = record.scope in (ProcessScope.DS, ProcessScope.COMBINED) and not record.until
    return is_current and only.has_cells(record, binder)


def _is_for_one_patient(record: Any, binder: only.Holdings) -> bool:
    """The process in use works for one patient, who has no other batch."""
    return _is_of_cells(record, binder) and binder.product.origin == "autologous"


class Process(Record, table=True):
    """One version of one process; versions form a tree through the version they came from."""

    called = ("Process", "Processes")
    group = GROUP
    naming = ("code", "version")

    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it makes.",
        due=Stage.DOSSIER,
        when=only.is_process_of_substance,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it makes.",
        due=Stage.DOSSIER,
        when=only.is_process_of_product,
        source=by.RULE_REPEAT,
    )
    material: UUID | None = fact(
        "Starting material",
        to="material",
        ask="Starting material it makes.",
        due=Stage.DOSSIER,
        when=only.is_process_of_material,
        source=by.RULE_REPEAT,
    )
    code: str | None = fact(
        "Process code",
        ask="Code in the master batch record.",
        due=Stage.TRANSFER,
        source=by.S_2_2,
        example="MP-C19",
        max_length=80,
    )
    scope: ProcessScope | None = fact("Scope", ask="What it makes.", due=Stage.TRANSFER, source=by.RULE_STAGE)
    version: str | None = fact(
        "Version",
        ask="Version of the process.",
        due=Stage.TRANSFER,
        source=by.RULE_VERSION,
        example="2.0",
        max_length=40,
    )
    came_from: UUID | None = fact("Came from version", to="process", ask="Version it was changed from.")
    since: str | None = fact("Used since", form=Form.MONTH, ask="Month of its first batch.")
    until: str | None = fact("Used until", form=Form.MONTH, ask="Month of its last batch.")
    used_for: ProcessUse | None = fact(
        "Used for", ask="What its batches are used for.", due=Stage.DOSSIER, source=by.S_2_6
    )
    description: str | None = fact(
        "Description",
        form=Form.TEXT,
        ask="Equipment and principle in a sentence.",
        example="closed, semi-automatic bioreactor",
    )
    flow_diagram: Diagram | None = fact(
        "Flow diagram",
        ask="Drawn from the steps, or attached.",
        due=Stage.DOSSIER,
        when=only.has_no_steps,
        source=by.S_2_2,
    )
    duration: Decimal | None = fact(
        "Duration",
        unit="days",
        ge=0,
        ask="From start to the end of the last step.",
        due=Stage.TRANSFER,
        source=by.S_2_2,
        example="12",
    )
    # A03: without a hold, drug substance and drug product are one continuous process.
    continuous: bool | None = fact("Continuous", ask="Whether substance becomes product without a hold.")
    continuity: str | None = fact(
        "Where substance becomes product", form=Form.TEXT, ask="How the steps run into each other."
    )
    batch_definition: str | None = fact(
        "Batch definition",
        form=Form.TEXT,
        ask="What one batch is.",
        due=Stage.TRANSFER,
        source=by.S_2_2,
        example="cells of one apheresis, run through one process",
    )
    scale_min: Decimal | None = fact(
        "Smallest scale", ge=0, ask="Input of the smallest batch.", due=Stage.TRANSFER, source=by.S_2_2, example="2e8"
    )
    scale_max: Decimal | None = fact(
        "Largest scale", ge=0, ask="Input of the largest batch.", due=Stage.TRANSFER, source=by.S_2_2, example="1e9"
    )
    scale_unit: str | None = fact(
        "Unit of scale",
        ask="What the scale counts.",
        due=Stage.TRANSFER,
        source=by.RULE_DENOMINATOR,
        example="CD3+ cells",
        max_length=80,
    )
    expected_yield: str | None = fact(
        "Expected yield",
        form=Form.CRITERION,
        ask="Range with its unit.",
        due=Stage.DOSSIER,
        source=by.S_2_2,
        example="5e8–3e9 CAR+ cells",
    )
    pooling_rule: str | None = fact(
        "Pooling and splitting",
        form=Form.TEXT,
        ask="What is pooled or split, and when.",
        due=Stage.DOSSIER,
        source=by.S_2_2,
        example="no pooling; repeat the run if it fails",
    )
    cell_age: UUID | None = fact(
        "Limit of cell age",
        to="process_parameter",
        ask="Parameter that limits passages, doublings or days in culture.",
        due=Stage.DOSSIER,
        when=_is_of_cells,
        source=by.S_2_2,
    )
    failure_plan: str | None = fact(
        "If a batch fails",
        form=Form.TEXT,
        ask="New collection, repeat of the manufacture, use out of specification: what is done for the patient.",
        due=Stage.DOSSIER,
        when=_is_for_one_patient,
        source=by.EXCEPTIONAL_RELEASE,
        example="a second apheresis is offered; use out of specification only on request of the physician",
    )
    validation_plan: str | None = fact(
        "Plan of concurrent validation",
        form=Form.TEXT,
        ask="If fewer runs than usual are there: protocol, number of batches, what is watched meanwhile.",
    )
    numbering_rule: str | None = fact(
        "Batch numbering",
        ask="Pattern of batch numbers.",
        due=Stage.DOSSIER,
        source=by.S_2_2,
        example="KUL-C19-YYYY-NNN",
    )


class Openness(Choice):
    """Whether the product meets the room's air in a step."""

    OPEN = "open"
    CLOSED = "closed"


class SingleUse(Choice):
    """Whether a step's equipment is used once."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


class Barrier(Choice):
    """What parts the open product from people and room."""

    CABINET = "cabinet"
    RABS = "rabs"
    ISOLATOR = "isolator"
    NONE = "none"


Barrier.labelled(CABINET="safety cabinet", RABS="restricted-access barrier")

_is_open = only.where("Product meets the air in this step.", open_closed=Openness.OPEN)
_may_be_repeated = only.where("The step may be repeated, on conditions that are told.", repeat_allowed=True)


class ProcessStep(Record, table=True):
    """A step of a process."""

    called = ("Process step", "Process steps")
    group = GROUP
    naming = ("number", "name")

    process: UUID | None = fact(
        "Process", to="process", ask="Process and version it belongs to.", due=Stage.TRANSFER, source=by.S_2_2
    )
    number: int | None = fact("Number", ge=0, ask="Order within the process.", due=Stage.TRANSFER, source=by.S_2_2)
    name: str | None = fact(
        "Step", ask="What it is called.", due=Stage.TRANSFER, source=by.S_2_2, example="transduction"
    )
    day: int | None = fact(
        "Day",
        ge=-60,
        le=400,
        ask="Day of the process; 0 is the first.",
        due=Stage.DOSSIER,
        when=only.is_step_on_a_day,
        source=by.S_2_2,
    )
    duration: str | None = fact("Duration", ask="Time or range.", example="24 h")
    description: str | None = fact(
        "Operation",
        form=Form.TEXT,
        ask="Two to four lines.",
        due=Stage.TRANSFER,
        source=by.S_2_2,
        example="add vector at a multiplicity of infection of 5, hold 24 h",
    )
    equipment: str | None = fact(
        "Equipment and disposables",
        form=Form.TEXT,
        ask="What it is done with.",
        due=Stage.TRANSFER,
        source=by.S_2_2,
        example="closed bioreactor bag",
    )
    single_use: SingleUse | None = fact(
        "Single use", ask="Whether the equipment is used once.", due=Stage.DOSSIER, source=by.A_1
    )
    open_closed: Openness | None = fact(
        "Open or closed", ask="Whether product meets the room's air.", due=Stage.TRANSFER, source=by.S_2_2
    )
    clean_grade: Grade | None = fact(
        "Clean-room grade", ask="Grade in which it is done.", due=Stage.DOSSIER, source=by.S_2_2
    )
    area: UUID | None = fact("Area", to="facility_area", ask="Room in which it is done.")
    barrier: Barrier | None = fact(
        "Barrier", ask="What parts product and people.", due=Stage.DOSSIER, when=_is_open, source=by.ASEPTIC
    )
    sterile_filtered_later: bool | None = fact(
        "Sterile-filtered later",
        ask="Whether all of it passes a sterilising filter after this step.",
        due=Stage.DOSSIER,
        when=_is_open,
        source=by.ASEPTIC,
    )
    open_manipulations: int | None = fact(
        "Open manipulations", ge=0, ask="Most in one batch.", due=Stage.DOSSIER, when=_is_open, source=by.ASEPTIC
    )
    open_time: Decimal | None = fact(
        "Open for", unit="h", ge=0, ask="Longest in one batch.", due=Stage.DOSSIER, when=_is_open, source=by.ASEPTIC
    )
    repeat_allowed: bool | None = fact("May be repeated", ask="Whether the step may be repeated on the same batch.")
    repeat_criteria: str | None = fact(
        "Repeated when",
        ask="Result that allows the repeat.",
        due=Stage.DOSSIER,
        when=_may_be_repeated,
        source=by.S_2_2,
        example="purity below 90 %",
    )
    repeat_limit: int | None = fact(
        "Repeats at most", ge=0, ask="Number.", due=Stage.DOSSIER, when=_may_be_repeated, source=by.S_2_2, example="1"
    )
    repeat_data: str | None = fact(
        "Data on the repeat",
        ask="What shows that a repeat does no harm.",
        due=Stage.DOSSIER,
        when=_may_be_repeated,
        source=by.S_2_2,
        example="three development runs, report DR-17",
    )
    is_critical: bool | None = fact(
        "Critical", ask="Whether it decides a critical quality attribute.", due=Stage.TRANSFER, source=by.S_2_4
    )
    criticality_reason: str | None = fact(
        "Critical because",
        ask="Attribute it decides.",
        due=Stage.DOSSIER,
        when=only.is_critical_step,
        source=by.S_2_4,
        example="sets the vector copy number",
    )


class ParameterCriticality(Choice):
    """How much a parameter weighs."""

    CRITICAL = "critical"
    KEY = "key"
    NON = "non"


ParameterCriticality.labelled(NON="not critical")


class ProcessParameter(Record, table=True):
    """A parameter of a step, with target and range."""

    called = ("Process parameter", "Process parameters")
    group = GROUP
    naming = ("name",)

    step: UUID | None = fact("Step", to="process_step", ask="Step it belongs to.", due=Stage.TRANSFER, source=by.S_2_2)
    name: str | None = fact(
        "Parameter", ask="What is set.", due=Stage.TRANSFER, source=by.S_2_2, example="multiplicity of infection"
    )
    target: Decimal | None = fact("Target", ask="Set point.", due=Stage.TRANSFER, source=by.S_2_2, example="5")
    low: Decimal | None = fact(
        "Lower limit", ask="Lowest value allowed.", due=Stage.DOSSIER, when=only.is_ranged, source=by.S_2_2, example="3"
    )
    high: Decimal | None = fact(
        "Upper limit",
        ask="Highest value allowed.",
        due=Stage.DOSSIER,
        when=only.is_ranged,
        source=by.S_2_2,
        example="8",
    )
    unit: str | None = fact(
        "Unit",
        ask="Unit of target and range; 1 for a bare number.",
        due=Stage.TRANSFER,
        source=by.S_2_2,
        example="TU/cell",
        max_length=40,
    )
    criticality: ParameterCriticality | None = fact(
        "Criticality", ask="Critical, key or neither.", due=Stage.DOSSIER, source=by.S_2_2
    )
    basis: str | None = fact("Basis", ask="Where target and range come from.", example="development runs 3 to 9")
