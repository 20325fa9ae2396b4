"""How the product is handled outside the GMP unit: what a step is for, and what is done when something is spilled."""

from __future__ import annotations

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Formulation and use"


class StepPurpose(Choice):
    """What a step between the shelf and the patient is for."""

    RECEIPT = "receipt"
    THAWING = "thawing"
    PREPARATION = "preparation"
    TRANSPORT = "transport"
    PREMEDICATION = "premedication"
    IDENTITY = "identity"
    ADMINISTRATION = "administration"
    WASTE = "waste"


StepPurpose.labelled(RECEIPT="check at receipt", IDENTITY="check of identity", TRANSPORT="way to the patient")


class HandlingTopic(Choice):
    """What an instruction for handling is about."""

    SPILL = "spill"
    WASTE = "waste"
    SAMPLE_TRANSPORT = "sample_transport"
    EXPOSURE = "exposure"


HandlingTopic.labelled(
    SPILL="spill or leak",
    SAMPLE_TRANSPORT="transport of samples",
    EXPOSURE="exposure of staff",
)

_is_transport = only.where("What is carried outside is packed and marked by its class.", topic="sample_transport")


class HandlingInstruction(Record, table=True):
    """What the manual for pharmacy and ward says of spills, waste, samples and accidents."""

    called = ("Handling instruction", "Handling instructions")
    group = GROUP
    naming = ("topic",)

    topic: HandlingTopic | None = fact("Topic", ask="What it is about.", due=Stage.DOSSIER, source=by.PROCEDURES)
    instruction: str | None = fact(
        "Instruction",
        form=Form.TEXT,
        ask="What is done, with what, by whom.",
        due=Stage.DOSSIER,
        source=by.PROCEDURES,
        example="cover with paper, hypochlorite 1 % for 30 minutes, two pairs of gloves",
    )
    transport_class: str | None = fact(
        "Class of transport",
        ask="UN number, or why none applies.",
        due=Stage.DOSSIER,
        when=_is_transport,
        source=by.GMO_RULES,
        example="UN3245",
        max_length=120,
    )
    manual: str | None = fact(
        "Manual", ask="Code and section of the manual.", due=Stage.DOSSIER, source=by.PROCEDURES, example="PM-C19, 7.2"
    )
