"""What is decided about the product as a genetically modified organism, and which permits cover whom."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.product import GROUP
from dossiers.stage import Stage


class GmoAssessment(Record, table=True):
    """Why the product is handled as a modified organism or not, and whether it may reach the environment."""

    called = ("Environmental assessment", "Environmental assessments")
    group = GROUP
    naming = ("organism",)
    single = True

    organism: str | None = fact(
        "Organism",
        ask="What is modified, and how.",
        due=Stage.DOSSIER,
        source=by.GMO_RULES,
        example="human T cells with a self-inactivating lentiviral vector",
    )
    status_reason: str | None = fact(
        "Reason for the procedure",
        form=Form.TEXT,
        ask="Why this procedure, or why none.",
        due=Stage.DOSSIER,
        source=by.GMO_RULES,
        example="release is excluded by containment and working practice",
    )
    risk_class: int | None = fact(
        "Class",
        ge=1,
        le=4,
        ask="Class of the contained use, 1 to 4.",
        due=Stage.DOSSIER,
        source=by.GMO_RULES,
        example="2",
    )
    shedding_expected: bool | None = fact(
        "Shedding expected",
        ask="Whether the patient may shed the organism or live vector.",
        due=Stage.DOSSIER,
        source=by.SHEDDING,
    )
    hospital_days: int | None = fact(
        "Days in containment",
        ge=0,
        ask="Days that the patient stays under hospital containment after the dose.",
        due=Stage.DOSSIER,
        source=by.GMO_STATUS,
        example="1",
    )
    release_argument: str | None = fact(
        "Release into the environment",
        form=Form.TEXT,
        ask="Why the patient who goes home is, or is not, a deliberate release.",
        due=Stage.DOSSIER,
        source=by.GMO_RULES,
        example="the vector cannot multiply; what is shed is DNA without infectious particles",
    )


class GmoRoute(Choice):
    """Way of a permit for genetically modified organisms."""

    CONTAINED = "contained"
    DELIBERATE = "deliberate"


GmoRoute.labelled(CONTAINED="contained use", DELIBERATE="deliberate release")


class GmoActivity(Choice):
    """What a permit allows to do with the organism."""

    MANUFACTURE = "manufacture"
    TESTING = "testing"
    STORAGE = "storage"
    PREPARATION = "preparation"
    ADMINISTRATION = "administration"
    SAMPLE_ANALYSIS = "sample_analysis"


class GmoForm(Choice):
    """Form of the application."""

    HUMAN_CELLS = "human_cells"
    AAV = "aav"
    VIRAL_VECTOR = "viral_vector"
    NATIONAL = "national"


GmoForm.labelled(
    HUMAN_CELLS="common form: modified human cells",
    AAV="common form: AAV",
    VIRAL_VECTOR="common form: other viral vectors",
    NATIONAL="national form",
)


class GmoState(Choice):
    """How far a permit is."""

    PLANNED = "planned"
    SUBMITTED = "submitted"
    GRANTED = "granted"
    REFUSED = "refused"


_is_contained = only.where("Contained use is classed.", route="contained")
_is_submitted = only.where("The application has gone out.", state=("submitted", "granted", "refused"))
_is_decided = only.where("The authority has decided.", state=("granted", "refused"))


class GmoPermit(Record, table=True):
    """One procedure for the organism: for which sites and activities, in which class, and how far it is."""

    called = ("GMO permit", "GMO permits")
    group = GROUP
    naming = ("route", "reference")

    route: GmoRoute | None = fact(
        "Procedure", ask="Contained use or deliberate release.", due=Stage.DOSSIER, source=by.GMO_RULES
    )
    reference: str | None = fact("Reference", ask="Number of the procedure.", max_length=80)
    sites: list[UUID] | None = fact(
        "Sites", to="site", ask="Sites that it covers.", due=Stage.DOSSIER, source=by.GMO_STATUS
    )
    activities: list[GmoActivity] | None = fact(
        "Activities", ask="What it allows.", due=Stage.DOSSIER, source=by.GMO_STATUS
    )
    risk_class: int | None = fact(
        "Class",
        ge=1,
        le=4,
        ask="Highest class it covers, 1 to 4.",
        due=Stage.DOSSIER,
        when=_is_contained,
        source=by.GMO_RULES,
        example="2",
    )
    form: GmoForm | None = fact("Form", ask="Form of the application.", due=Stage.DOSSIER, source=by.GMO_STATUS)
    state: GmoState | None = fact("State", ask="How far it is.", due=Stage.DOSSIER, source=by.GMO_STATUS)
    submitted_on: dt.date | None = fact(
        "Submitted on", ask="Day of the application.", due=Stage.DOSSIER, when=_is_submitted, source=by.GMO_STATUS
    )
    decided_on: dt.date | None = fact(
        "Decided on", ask="Day of the decision.", due=Stage.DOSSIER, when=_is_decided, source=by.GMO_STATUS
    )
    file: UUID | None = fact(
        "Dossier", to="document_ref", ask="Dossier that was or will be filed.", due=Stage.DOSSIER, source=by.GMO_STATUS
    )
