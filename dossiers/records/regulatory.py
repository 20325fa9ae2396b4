"""What authorities have to do with the product: trials, indications, legal tracks, advice and promises."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.product import GROUP
from dossiers.stage import Stage


class Indication(Record, table=True):
    """One indication with its population; a product may have several, by country and over time."""

    called = ("Indication", "Indications")
    group = GROUP
    naming = ("indication",)

    product: UUID | None = fact(
        "Product",
        to="product",
        ask="The product it is meant for.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.OVERVIEW,
    )
    indication: str | None = fact(
        "Indication",
        ask="Disease and stage.",
        due=Stage.DOSSIER,
        source=by.OVERVIEW,
        example="relapsed or refractory B-ALL",
    )
    population: str | None = fact(
        "Population", ask="Age and other features of the patients.", example="adults older than 25 years"
    )
    restriction: str | None = fact("Restriction", ask="What limits the use.", example="no authorised alternative")
    jurisdiction: str | None = fact("Jurisdiction", ask="Country (two letters) or EU.", example="ES", max_length=20)
    since: str | None = fact("Since", form=Form.MONTH, ask="Month from which it holds.")
    until: str | None = fact("Until", form=Form.MONTH, ask="Month in which it ended or was reworded.")


class TrackKind(Choice):
    """Legal way on which a product reaches patients, or status it holds."""

    TRIAL = "trial"
    HOSPITAL_EXEMPTION = "hospital_exemption"
    NAMED_PATIENT = "named_patient"
    COMPASSIONATE_USE = "compassionate_use"
    MARKETING_AUTHORISATION = "marketing_authorisation"
    CONDITIONAL_AUTHORISATION = "conditional_authorisation"
    PRIME = "prime"
    ORPHAN = "orphan"
    PAEDIATRIC_PLAN = "paediatric_plan"


TrackKind.labelled(TRIAL="clinical trial", PRIME="PRIME eligibility", ORPHAN="orphan designation")


class TrackState(Choice):
    """State of a track during a period; a track's history is a row for each period."""

    PLANNED = "planned"
    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class RegulatoryTrack(Record, table=True):
    """One legal track of the product during one period. A product may run on several at once."""

    called = ("Regulatory track", "Regulatory tracks")
    group = GROUP
    naming = ("track", "jurisdiction")

    product: UUID | None = fact(
        "Product",
        to="product",
        ask="The product concerned.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.OVERVIEW,
    )
    track: TrackKind | None = fact("Track", ask="Legal way or status.", due=Stage.DOSSIER, source=by.HOSPITAL_EXEMPTION)
    jurisdiction: str | None = fact("Jurisdiction", ask="Country (two letters) or EU.", example="ES", max_length=20)
    authority: str | None = fact("Authority", ask="Who decides.", example="AEMPS")
    holder: str | None = fact("Holder", ask="Organisation that holds it.", example="Hospital Clínic de Barcelona")
    reference: str | None = fact("Reference", ask="Procedure or authorisation number.", example="EMEA/H/C/004750")
    state: TrackState | None = fact("State", ask="State during this period.", due=Stage.DOSSIER, source=by.OVERVIEW)
    since: str | None = fact("Since", form=Form.MONTH, ask="Month from which the state holds.", example="2021-02")
    until: str | None = fact("Until", form=Form.MONTH, ask="Month in which the state ended.")
    population: str | None = fact(
        "Population", ask="Patients who may be treated on this track.", example="older than 25 years"
    )
    scope: str | None = fact("Scope", ask="Indication and use that it covers.", example="relapsed or refractory ALL")
    conditions: list[str] | None = fact("Conditions", ask="Conditions of the decision, one on a line.")
    dossier_version: str | None = fact("Dossier version", ask="Version of the dossier that was filed.", max_length=40)


class TrialPhase(Choice):
    """Phase of a clinical trial."""

    I = "I"  # noqa: E741
    I_II = "I/II"
    II = "II"
    II_III = "II/III"
    III = "III"
    IV = "IV"


class TrialState(Choice):
    """How far a trial is."""

    PLANNED = "planned"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    STOPPED = "stopped"


class Sex(Choice):
    """Sex of the subjects."""

    WOMEN = "women"
    MEN = "men"


class Blinding(Choice):
    """Who does not know what a subject was given."""

    OPEN = "open"
    ASSESSOR = "assessor"
    SINGLE = "single"
    DOUBLE = "double"


Blinding.labelled(ASSESSOR="assessors blinded", SINGLE="subjects blinded", DOUBLE="subjects and investigators blinded")


_is_supplied = only.where("A trial that is planned or runs is supplied.", state=("planned", "ongoing"))


class Trial(Record, table=True):
    """A trial that the dossier supports, or an earlier one that it cites."""

    called = ("Trial", "Trials")
    group = GROUP
    naming = ("code", "title")

    products: list[UUID] | None = fact(
        "Products",
        to="product",
        ask="Products given in the trial.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.CTR_ANNEX_I_G,
    )
    code: str | None = fact(
        "Protocol code", ask="The sponsor's code of the protocol.", example="CART19-BE-01", max_length=80
    )
    eu_ct_number: str | None = fact(
        "EU trial number",
        ask="Given by CTIS when the application is created.",
        due=Stage.SUBMITTED,
        when=only.is_without_eudract_number,
        source=by.CTR_REGISTER,
        example="2026-500001-11-00",
        max_length=40,
    )
    eudract_number: str | None = fact(
        "EudraCT number", ask="Of a trial begun under the old directive.", example="2016-002972-29", max_length=40
    )
    registry_number: str | None = fact(
        "Registry number", ask="Number in another public registry.", example="NCT03144583", max_length=40
    )
    title: str | None = fact(
        "Title",
        ask="Short title of the trial.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
        example="Phase I/II trial of CAR19 in B-ALL",
    )
    phase: TrialPhase | None = fact("Phase", ask="Phase of the trial.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G)
    design: str | None = fact("Design", ask="Arms, blinding, control.", example="single arm, open")
    population: str | None = fact("Population", ask="Who is included.", example="2 to 80 years")
    sexes: list[Sex] | None = fact(
        "Sexes", ask="Whether women, men or both take part.", due=Stage.DOSSIER, source=by.CONTRACEPTION
    )
    blinding: Blinding | None = fact(
        "Blinding", ask="Who does not know the treatment.", due=Stage.DOSSIER, source=by.SAFETY_REPORTING
    )
    state: TrialState | None = fact("State", ask="How far the trial is.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G)
    n_planned: int | None = fact("Subjects planned", ge=0, ask="Number planned.")
    n_included: int | None = fact("Subjects included", ge=0, ask="Number included so far.")
    n_treated: int | None = fact("Subjects treated", ge=0, ask="Number treated so far.")
    started_on: dt.date | None = fact("Started", ask="First act of recruitment.")
    supply_end: dt.date | None = fact(
        "Supply until",
        ask="Day until which product is supplied for the trial, as planned.",
        due=Stage.DOSSIER,
        when=_is_supplied,
        source=by.CTR_ANNEX_I_G,
    )
    primary_endpoint: str | None = fact("Primary end point", form=Form.TEXT, ask="What the trial is decided by.")
    duration: str | None = fact(
        "Duration", ask="Time on trial and in its extension.", example="12 months, extension to 60 months"
    )


class AdvisoryBody(Choice):
    """Who gives regulatory advice."""

    CAT = "CAT"
    FAMHP = "FAMHP"
    EMA_SA = "EMA SA"
    OTHER = "other"


AdvisoryBody.labelled(EMA_SA="EMA scientific advice")


class RegulatoryAdvice(Record, table=True):
    """A question put to an authority, its answer, and what was made of it."""

    called = ("Regulatory advice", "Regulatory advice")
    group = GROUP
    naming = ("body", "date")

    body: AdvisoryBody | None = fact("Authority", ask="Who advised.", due=Stage.DOSSIER, source=by.OVERVIEW)
    body_name: str | None = fact(
        "Name of the authority",
        ask="If it is another one.",
        due=Stage.DOSSIER,
        when=only.is_other_body,
        source=by.OVERVIEW,
        example="AEMPS",
    )
    date: dt.date | None = fact("Date", ask="Date of the answer.", due=Stage.DOSSIER, source=by.OVERVIEW)
    question: str | None = fact(
        "Question",
        form=Form.TEXT,
        ask="What was asked.",
        due=Stage.DOSSIER,
        source=by.OVERVIEW,
        example="Is healthy-donor material acceptable for validation?",
    )
    outcome: str | None = fact(
        "Advice",
        form=Form.TEXT,
        ask="What was answered.",
        due=Stage.DOSSIER,
        source=by.OVERVIEW,
        example="yes, with comparability",
    )
    followed: bool | None = fact(
        "Followed", ask="Whether the advice was followed.", due=Stage.DOSSIER, source=by.OVERVIEW
    )
    implementation: str | None = fact(
        "How implemented", form=Form.TEXT, ask="What was done, or why it was not followed."
    )


class CommitmentTopic(Choice):
    """Part of the dossier that a promise is about."""

    QUALITY = "quality"
    NONCLINICAL = "nonclinical"
    CLINICAL = "clinical"


CommitmentTopic.labelled(NONCLINICAL="non-clinical")


class CommitmentStatus(Choice):
    """Whether a promise is kept yet."""

    OPEN = "open"
    CLOSED = "closed"


class Commitment(Record, table=True):
    """A promise to the authority."""

    called = ("Commitment", "Commitments")
    group = GROUP
    naming = ("description",)

    topic: CommitmentTopic | None = fact("Topic", ask="Part of the dossier.", due=Stage.DOSSIER, source=by.OVERVIEW)
    description: str | None = fact(
        "Commitment",
        form=Form.TEXT,
        ask="What is promised.",
        due=Stage.DOSSIER,
        source=by.OVERVIEW,
        example="validate the potency assay",
    )
    deadline: str | None = fact(
        "When", ask="A date or a phase.", due=Stage.DOSSIER, source=by.OVERVIEW, example="before the pivotal trial"
    )
    status: CommitmentStatus | None = fact("Status", ask="Open or closed.", due=Stage.DOSSIER, source=by.OVERVIEW)
    section_ref: str | None = fact(
        "Section",
        ask="Number of the section concerned.",
        due=Stage.DOSSIER,
        source=by.OVERVIEW,
        example="S.4.3",
        max_length=20,
    )
