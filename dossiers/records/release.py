"""How a batch is released when results come later, in one stage or two, and what follows a late positive one."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.quality import GROUP
from dossiers.stage import Stage


class FirstCheck(Choice):
    """What the first stage of a release rests on."""

    INTERIM = "interim"
    IN_PROCESS = "in_process"
    ENVIRONMENT = "environment"
    ENDOTOXIN = "endotoxin"
    MYCOPLASMA = "mycoplasma"
    IDENTITY = "identity"
    VIABILITY = "viability"
    RECORD = "record"


FirstCheck.labelled(
    INTERIM="negative interim reading, Gram stain or rapid test",
    IN_PROCESS="sterility of samples from the process",
    ENVIRONMENT="review of the environment",
    RECORD="review of the batch record",
)


class Informed(Choice):
    """Who is told of a positive result after dosing."""

    PHYSICIAN = "physician"
    SPONSOR = "sponsor"
    AUTHORITY = "authority"
    ETHICS_COMMITTEE = "ethics_committee"


Informed.labelled(PHYSICIAN="treating physician", AUTHORITY="competent authority")

_has_two_stages = only.where("Results come after the first stage, so that a late one may be positive.", stages=2)


class ReleasePlan(Record, table=True):
    """How batches of the product are released, and what follows from a result that comes too late."""

    called = ("Release plan", "Release plans")
    group = GROUP
    naming = ("code",)

    code: str | None = fact(
        "Plan", ask="Document that lays it down.", due=Stage.DOSSIER, source=by.TWO_STAGE_RELEASE, example="SOP-QA-017"
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it is for.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    stages: int | None = fact(
        "Stages",
        ge=1,
        le=2,
        ask="Two if a batch may be used before the last result.",
        due=Stage.DOSSIER,
        source=by.TWO_STAGE_RELEASE,
        example="2",
    )
    first_stage: list[FirstCheck] | None = fact(
        "First stage rests on",
        ask="What must be there before use.",
        due=Stage.DOSSIER,
        when=_has_two_stages,
        source=by.TWO_STAGE_RELEASE,
    )
    second_stage: str | None = fact(
        "Second stage",
        form=Form.TEXT,
        ask="Who assesses the late results, and what comes out.",
        due=Stage.DOSSIER,
        when=_has_two_stages,
        source=by.TWO_STAGE_RELEASE,
        example="the qualified person signs the final certificate on day 15",
    )
    informed: list[Informed] | None = fact(
        "Told of a positive result",
        ask="Who is told.",
        due=Stage.DOSSIER,
        when=_has_two_stages,
        source=by.TWO_STAGE_RELEASE,
    )
    informed_within: Decimal | None = fact(
        "Told within",
        unit="h",
        gt=0,
        ask="Time until the physician knows.",
        due=Stage.DOSSIER,
        when=_has_two_stages,
        source=by.TWO_STAGE_RELEASE,
        example="2",
    )
    identification: str | None = fact(
        "Identification and sensitivity",
        ask="How the organism and what kills it are found.",
        due=Stage.DOSSIER,
        when=_has_two_stages,
        source=by.TWO_STAGE_RELEASE,
        example="species and resistance within 48 h",
    )
    follow_up: str | None = fact(
        "Follow-up of the subject",
        form=Form.TEXT,
        ask="What is done for the subject.",
        due=Stage.DOSSIER,
        when=_has_two_stages,
        source=by.TWO_STAGE_RELEASE,
        example="seen the same day, blood cultures, antibiotics by sensitivity",
    )
    protocol_section: str | None = fact(
        "Section of the protocol",
        ask="Where the protocol says the same.",
        due=Stage.DOSSIER,
        when=_has_two_stages,
        source=by.TWO_STAGE_RELEASE,
        example="7.4",
        max_length=40,
    )
