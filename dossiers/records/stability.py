"""How long it keeps: studies, results, claims."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.results import Qualifier
from dossiers.stage import Stage

GROUP = "Stability"


class StabilityType(Choice):
    """Kind of study."""

    LONG_TERM = "long_term"
    ACCELERATED = "accelerated"
    IN_USE = "in_use"
    COMPATIBILITY = "compatibility"
    HOLD = "hold"
    TRANSPORT = "transport"


StabilityType.labelled(LONG_TERM="long-term", IN_USE="in-use")


class StabilityScope(Choice):
    """What a study is of."""

    STARTING = "starting"
    INTERMEDIATE = "intermediate"
    DS = "ds"
    DP = "dp"


StabilityScope.labelled(STARTING="starting material", DS="drug substance", DP="drug product")


class StabilityStatus(Choice):
    """How far a study is."""

    PLANNED = "planned"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    STOPPED = "stopped"


class TimepointUnit(Choice):
    """Unit of a time point."""

    H = "h"
    D = "d"
    M = "m"


TimepointUnit.labelled(M="months")


class ClaimScope(Choice):
    """What a claim is for."""

    STARTING = "starting"
    INTERMEDIATE = "intermediate"
    DS = "ds"
    DP = "dp"


ClaimScope.labelled(STARTING="starting material", DS="drug substance", DP="drug product")


class Segment(Choice):
    """Part of the life of a product that a claim is for."""

    FROZEN = "frozen"
    TRANSPORT = "transport"
    POST_THAW = "post_thaw"
    DILUTED = "diluted"
    IN_USE = "in_use"
    FRESH = "fresh"
    AFTER_RECEIPT = "after_receipt"


Segment.labelled(POST_THAW="after thawing", IN_USE="in use")


class ClaimUnit(Choice):
    """Unit of a claim."""

    MIN = "min"
    H = "h"
    D = "d"
    MONTHS = "months"


ClaimUnit.labelled(D="days")


class StartEvent(Choice):
    """Event a claim counts from: real products count on several clocks."""

    HARVEST = "harvest"
    FILL = "fill"
    THAW = "thaw"
    DILUTION = "dilution"
    OPENING = "opening"
    COMPLETION = "completion"
    RECEIPT = "receipt"
    DRAWN_UP = "drawn_up"


StartEvent.labelled(COMPLETION="completion of manufacture", DRAWN_UP="drawing up into the syringe")


_is_long_and_open = only.where(
    "A long-term study that goes on, or will, has an end that supply must not outlive.",
    type=StabilityType.LONG_TERM,
    status=(StabilityStatus.PLANNED, StabilityStatus.ONGOING),
)


class StabilityStudy(Record, table=True):
    """A study of stability, hold, use or compatibility."""

    called = ("Stability study", "Stability studies")
    group = GROUP
    naming = ("protocol_id",)

    protocol_id: str | None = fact(
        "Study", ask="Code of the protocol.", due=Stage.DOSSIER, source=by.S_7_2, example="ST-C19-01"
    )
    type: StabilityType | None = fact("Type", ask="Kind of study.", due=Stage.DOSSIER, source=by.S_7_2)
    scope: StabilityScope | None = fact("Scope", ask="What it is of.", due=Stage.DOSSIER, source=by.RULE_STAGE)
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it belongs to.",
        due=Stage.DOSSIER,
        when=only.is_study_of_product,
        source=by.RULE_REPEAT,
    )
    material: UUID | None = fact("Material", to="material", ask="Starting material it is of.")
    batch: list[UUID] | None = fact("Batches", to="batch", ask="Batches on study.", due=Stage.DOSSIER, source=by.S_7_2)
    condition: str | None = fact(
        "Condition", ask="Storage in °C.", due=Stage.DOSSIER, source=by.S_7_2, example="≤ −140, vapour"
    )
    container: UUID | None = fact(
        "Container", to="container", ask="Container on study.", due=Stage.DOSSIER, source=by.S_7_2
    )
    timepoints: list[str] | None = fact(
        "Time points", ask="Planned, in months.", due=Stage.DOSSIER, source=by.S_7_2, example="0; 1; 3; 6; 12"
    )
    months_available: Decimal | None = fact(
        "Data available",
        unit="months",
        ask="To which time point results are there.",
        due=Stage.DOSSIER,
        source=by.S_7_1,
        example="6",
    )
    tests: list[UUID] | None = fact(
        "Tests", to="spec_test", ask="Tests of the specification that are done.", due=Stage.DOSSIER, source=by.S_7_2
    )
    criteria: str | None = fact(
        "Criteria",
        ask="Which limits hold.",
        due=Stage.DOSSIER,
        source=by.S_7_2,
        example="shelf-life criteria of version 3",
    )
    item: str | None = fact(
        "Item",
        ask="What the product touches.",
        due=Stage.DOSSIER,
        when=only.is_compatibility,
        source=by.P_2_6,
        example="infusion line",
    )
    contact_time: Decimal | None = fact(
        "Contact time",
        unit="h",
        ask="How long.",
        due=Stage.DOSSIER,
        when=only.is_compatibility_or_in_use,
        source=by.P_2_6,
        example="0.5",
    )
    status: StabilityStatus | None = fact("Status", ask="How far it is.", due=Stage.DOSSIER, source=by.S_7_2)
    planned_end: dt.date | None = fact(
        "Planned end",
        ask="Day of the last planned time point.",
        due=Stage.DOSSIER,
        when=_is_long_and_open,
        source=by.P_8_2,
    )
    commitment: str | None = fact(
        "Commitment",
        form=Form.TEXT,
        ask="What will still be done.",
        due=Stage.DOSSIER,
        source=by.S_7_2,
        example="continue to 36 months",
    )
    extension_rule: str | None = fact(
        "Extension rule",
        form=Form.TEXT,
        ask="How shelf life may grow.",
        due=Stage.DOSSIER,
        when=only.is_long_term_ongoing,
        source=by.P_8_2,
        example="plus 6 months if all results conform",
    )


class StabilityResult(Record, table=True):
    """A result at a time point. Whether it conforms is judged, not typed."""

    called = ("Stability result", "Stability results")
    group = GROUP
    naming = (
        "study",
        "timepoint",
        "test",
    )

    study: UUID | None = fact(
        "Study", to="stability_study", ask="Study it belongs to.", due=Stage.DOSSIER, source=by.S_7_3
    )
    batch: UUID | None = fact(
        "Batch",
        to="batch",
        ask="Batch that was tested.",
        due=Stage.DOSSIER,
        when=only.is_one_of_several_batches,
        source=by.S_7_3,
    )
    timepoint: Decimal | None = fact(
        "Time point", ask="Time from the start.", due=Stage.DOSSIER, source=by.S_7_3, example="3"
    )
    timepoint_unit: TimepointUnit | None = fact(
        "Unit of time", ask="Hours, days or months.", due=Stage.DOSSIER, source=by.S_7_3
    )
    test: UUID | None = fact(
        "Test", to="spec_test", ask="Test of the specification.", due=Stage.DOSSIER, source=by.S_7_3
    )
    readout: str | None = fact("Read-out", ask="Which alternative of the criterion it is.", example="a")
    value: str | None = fact(
        "Value", form=Form.QUANTITY, ask="Number or word.", due=Stage.DOSSIER, source=by.RULE_NUMBER, example="84"
    )
    qualifier: Qualifier | None = fact("Qualifier", ask="How the value is to be read; empty means equals.")
    unit: str | None = fact(
        "Unit", ask="Unit of the value.", due=Stage.DOSSIER, when=only.is_number, source=by.RULE_NUMBER, example="%"
    )
    control: Decimal | None = fact(
        "Control value", ask="Value of the control run with it, for criteria on a difference."
    )


class ShelfLifeClaim(Record, table=True):
    """One segment of the shelf life that is claimed."""

    called = ("Shelf-life claim", "Shelf-life claims")
    group = GROUP
    naming = (
        "scope",
        "segment",
    )

    scope: ClaimScope | None = fact("Scope", ask="What it is for.", due=Stage.DOSSIER, source=by.RULE_STAGE)
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it belongs to.",
        due=Stage.DOSSIER,
        when=only.is_claim_of_product,
        source=by.RULE_REPEAT,
    )
    segment: Segment | None = fact("Segment", ask="Which part of its life.", due=Stage.DOSSIER, source=by.RULE_SEGMENT)
    storage_condition: str | None = fact(
        "Storage condition", ask="In °C.", due=Stage.DOSSIER, source=by.P_8_1, example="15–25"
    )
    duration: Decimal | None = fact("Duration", ask="How long.", due=Stage.DOSSIER, source=by.P_8_1, example="0.75")
    unit: ClaimUnit | None = fact("Unit", ask="Unit of the duration.", due=Stage.DOSSIER, source=by.P_8_1)
    start_event: StartEvent | None = fact(
        "Counts from", ask="Event it counts from.", due=Stage.DOSSIER, source=by.P_8_1
    )
    # A41: each clock has an end, and what is claimed is not all that the data support
    stop_event: str | None = fact("Ends with", ask="Event that must come before.", example="end of infusion")
    supported_duration: Decimal | None = fact("Supported by data", ge=0, ask="Longest time shown, in the same unit.")
    instruction: str | None = fact(
        "Instruction",
        ask="What is forbidden or asked of the user.",
        example="do not refreeze; write the date of receipt on the carton",
    )
    # A47: hours count, and some clocks start at the hospital
    expiry_on_label: str | None = fact(
        "How the label states the end",
        ask="To the day or the minute, with time zone; or what the user writes on it.",
        example="date, time and time zone",
    )
    basis: UUID | None = fact(
        "Supporting study", to="stability_study", ask="Study that shows it.", due=Stage.DOSSIER, source=by.P_8_1
    )
