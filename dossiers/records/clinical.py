"""What was and will be seen in humans: studies, events, outcomes, safety measures."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Non-clinical and clinical"


class MeasureType(Choice):
    """Kind of safety measure."""

    MONITORING = "monitoring"
    SAMPLING = "sampling"
    STOPPING_RULE = "stopping_rule"
    FOLLOW_UP = "follow_up"


MeasureType.labelled(FOLLOW_UP="follow-up")


class ClinicalStudy(Record, table=True):
    """Human use so far, own or of others."""

    called = ("Clinical study", "Clinical studies")
    group = GROUP
    naming = ("id",)

    id: str | None = fact("Study", ask="Code, or “none”.", due=Stage.DOSSIER, source=by.CLINICAL, example="CART19-01")
    trial: UUID | None = fact("Trial", to="trial", ask="Trial record, if there is one.")
    phase: str | None = fact(
        "Phase", ask="Phase of the study.", due=Stage.DOSSIER, when=only.has_human_data, source=by.CLINICAL, example="I"
    )
    design: str | None = fact(
        "Design",
        form=Form.TEXT,
        ask="How it was built.",
        due=Stage.DOSSIER,
        when=only.has_human_data,
        source=by.CLINICAL,
        example="single arm",
    )
    n_subjects: int | None = fact(
        "Subjects treated",
        ask="How many were treated.",
        due=Stage.DOSSIER,
        when=only.has_human_data,
        source=by.CLINICAL,
        example="47",
    )
    # A53: counts differ by population and by data cut-off
    population: str | None = fact("Population", ask="Which subjects are counted.", example="all treated")
    data_cut_off: str | None = fact("Data cut-off", form=Form.MONTH, ask="Until when data are counted.")
    follow_up: str | None = fact("Follow-up", ask="How long subjects were followed.", example="median 5 months")
    dose: str | None = fact(
        "Dose", form=Form.TEXT, ask="What was given.", due=Stage.DOSSIER, when=only.has_human_data, source=by.CLINICAL
    )
    status: str | None = fact(
        "Status", ask="How far it is, or “no human data”.", due=Stage.DOSSIER, source=by.CLINICAL, example="completed"
    )
    key_safety: str | None = fact(
        "Key safety findings",
        form=Form.TEXT,
        ask="What harmed.",
        due=Stage.DOSSIER,
        when=only.has_human_data,
        source=by.CLINICAL,
    )
    key_efficacy: str | None = fact(
        "Key efficacy findings",
        form=Form.TEXT,
        ask="What helped.",
        due=Stage.DOSSIER,
        when=only.has_human_data,
        source=by.CLINICAL,
    )
    pk_pd_summary: str | None = fact(
        "Kinetics and effect",
        form=Form.TEXT,
        ask="Expansion, persistence, expression.",
        due=Stage.DOSSIER,
        when=only.has_human_data,
        source=by.CLINICAL,
    )


class AdverseEvent(Record, table=True):
    """One line of a table of adverse events; counts, never subjects."""

    called = ("Adverse event", "Adverse events")
    group = GROUP
    naming = ("term",)

    study: UUID | None = fact(
        "Study", to="clinical_study", ask="Study it was seen in.", due=Stage.DOSSIER, source=by.CLINICAL
    )
    term: str | None = fact(
        "Term", ask="Preferred term.", due=Stage.DOSSIER, source=by.CLINICAL, example="cytokine release syndrome"
    )
    grade: str | None = fact("Grade", ask="Severity.", due=Stage.DOSSIER, source=by.CLINICAL, example="≥ 3")
    n: str | None = fact(
        "Subjects", ask="Number or share with it.", due=Stage.DOSSIER, source=by.CLINICAL, example="13.2 %"
    )
    related: bool | None = fact("Related", ask="Whether it is seen as caused by the product.")
    dose_level: str | None = fact("Dose level", ask="Dose at which it was seen.")
    period: str | None = fact("Period or subgroup", ask="Part of the study it is of.", example="after the amendment")


class ClinicalOutcome(Record, table=True):
    """One result of a study: an end point in a population at a time."""

    called = ("Clinical outcome", "Clinical outcomes")
    group = GROUP
    naming = ("endpoint", "timepoint")

    study: UUID | None = fact(
        "Study", to="clinical_study", ask="Study it was found in.", due=Stage.DOSSIER, source=by.CLINICAL
    )
    endpoint: str | None = fact(
        "End point", ask="What was measured.", due=Stage.DOSSIER, source=by.CLINICAL, example="overall survival"
    )
    timepoint: str | None = fact("Time", ask="When it was measured.", example="1 year")
    population: str | None = fact(
        "Population", ask="Which subjects.", example="acute lymphoblastic leukaemia, all treated"
    )
    dose: str | None = fact("Dose", ask="Dose they were given.")
    n: int | None = fact("Subjects", ge=0, ask="How many are counted.")
    value: str | None = fact(
        "Result", form=Form.QUANTITY, ask="Number or word.", due=Stage.DOSSIER, source=by.CLINICAL, example="68.6"
    )
    unit: str | None = fact(
        "Unit",
        ask="Unit of the number.",
        due=Stage.DOSSIER,
        when=only.is_number,
        source=by.RULE_NUMBER,
        example="%",
        max_length=80,
    )
    interval: str | None = fact("Interval", ask="Confidence interval or range.", example="95 % CI 49.2–88")


class SafetyMeasure(Record, table=True):
    """Monitoring, sampling, stopping rule or follow-up, each against a risk."""

    called = ("Safety measure", "Safety measures")
    group = GROUP
    naming = ("measure",)

    trial: UUID | None = fact(
        "Trial",
        to="trial",
        ask="Trial it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_trials,
        source=by.CLINICAL,
    )
    type: MeasureType | None = fact("Type", ask="Kind of measure.", due=Stage.DOSSIER, source=by.FOLLOW_UP)
    risk: UUID | None = fact("Risk", to="risk_factor", ask="Risk it answers.", due=Stage.DOSSIER, source=by.RULE_RISK)
    measure: str | None = fact(
        "Measure",
        form=Form.TEXT,
        ask="What is done.",
        due=Stage.DOSSIER,
        source=by.FOLLOW_UP,
        example="copy number and clonality in blood",
    )
    method: UUID | None = fact(
        "Method",
        to="analytical_method",
        ask="How it is measured.",
        due=Stage.DOSSIER,
        when=only.is_sampling_or_monitoring,
        source=by.FOLLOW_UP,
    )
    frequency: str | None = fact(
        "Frequency", ask="How often.", due=Stage.DOSSIER, source=by.FOLLOW_UP, example="twice a week for 12 weeks"
    )
    schedule: str | None = fact(
        "Schedule",
        ask="When.",
        due=Stage.DOSSIER,
        when=only.is_scheduled,
        source=by.FOLLOW_UP,
        example="months 3, 6 and 12, then every year",
    )
    matrices: list[str] | None = fact(
        "Matrices",
        ask="What is sampled, one on a line.",
        due=Stage.DOSSIER,
        when=only.is_sampling,
        source=by.SHEDDING,
        example="saliva; urine; stool",
    )
    ends_when: str | None = fact(
        "Sampling ends",
        ask="What ends it: a visit or a number of negative samples.",
        due=Stage.DOSSIER,
        when=only.is_sampling,
        source=by.SHEDDING,
        example="two samples in a row are negative",
    )
    timing: str | None = fact(
        "Timing",
        ask="Seen from the dose.",
        due=Stage.DOSSIER,
        when=only.is_sampling,
        source=by.FOLLOW_UP,
        example="day 0, 7, 14, 28",
    )
    threshold: str | None = fact(
        "Threshold",
        ask="Value that calls for action.",
        due=Stage.DOSSIER,
        when=only.is_monitoring,
        source=by.FOLLOW_UP,
        example="one clone > 30 %",
    )
    criterion: str | None = fact(
        "Criterion",
        ask="What stops the trial.",
        due=Stage.DOSSIER,
        when=only.is_stopping_rule,
        source=by.FIRST_DOSE,
        example="two events of grade 4",
    )
    action: str | None = fact(
        "Action",
        form=Form.TEXT,
        ask="What is done then.",
        due=Stage.DOSSIER,
        source=by.FOLLOW_UP,
        example="report and haematology review",
    )
    period_years: Decimal | None = fact(
        "Follow-up",
        unit="years",
        ask="For how long.",
        due=Stage.DOSSIER,
        when=only.is_follow_up,
        source=by.FOLLOW_UP,
        example="15",
    )
    # A55: follow-up outlives the trial
    custodian: str | None = fact("Custodian", ask="Who keeps data and samples after the trial.")
