"""Before and in humans: non-clinical and clinical studies, doses, safety measures."""

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


class DoseBasis(Choice):
    """What a dose is counted on."""

    PER_KG = "per_kg"
    FLAT = "flat"
    PER_CM2 = "per_cm2"
    PER_LESION = "per_lesion"
    PER_EYE = "per_eye"
    WEIGHT_BAND = "weight_band"


DoseBasis.labelled(PER_KG="per kg body weight", PER_CM2="per cm²")


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


class DoseCohort(Record, table=True):
    """One dose level of a trial."""

    called = ("Dose cohort", "Dose cohorts")
    group = GROUP
    naming = ("level",)

    trial: UUID | None = fact(
        "Trial",
        to="trial",
        ask="Trial it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_trials,
        source=by.CLINICAL,
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product that is given.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    level: int | None = fact(
        "Level", ask="Number of the level, from 1.", due=Stage.DOSSIER, source=by.CLINICAL, example="1"
    )
    dose: Decimal | None = fact(
        "Dose", ask="Dose of the level.", due=Stage.DOSSIER, source=by.FIRST_DOSE, example="1e6"
    )
    dose_unit: str | None = fact(
        "Unit of dose",
        ask="The same unit as the product's.",
        due=Stage.DOSSIER,
        source=by.RULE_DENOMINATOR,
        example="viable CAR+ cells/kg",
    )
    margin_basis: str | None = fact(
        "Safety margin",
        form=Form.TEXT,
        ask="What the dose rests on.",
        due=Stage.DOSSIER,
        source=by.FIRST_DOSE,
        example="40 times below the NOAEL",
    )
    n: int | None = fact("Subjects", ask="How many are planned.", due=Stage.DOSSIER, source=by.CLINICAL, example="3")
    stagger_days: int | None = fact(
        "Stagger", unit="days", ask="Time between subjects.", due=Stage.DOSSIER, source=by.FIRST_DOSE, example="28"
    )
    dlt_window: int | None = fact(
        "Window for dose-limiting toxicity",
        unit="days",
        ask="How long it is watched for.",
        due=Stage.DOSSIER,
        source=by.FIRST_DOSE,
        example="28",
    )


class DosingRule(Record, table=True):
    """How a dose is found: per kg, flat, per area, by band, in fractions."""

    called = ("Dosing rule", "Dosing rules")
    group = GROUP
    naming = (
        "condition",
        "basis_of_dose",
    )

    basis_of_dose: DoseBasis | None = fact(
        "Basis", ask="What the dose is counted on.", due=Stage.DOSSIER, source=by.CLINICAL
    )
    # A18: a rule belongs to product, trial and indication
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product that is dosed.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    trial: UUID | None = fact("Trial", to="trial", ask="Trial in which the rule holds.")
    indication: UUID | None = fact("Indication", to="indication", ask="Indication for which it holds.")
    minimum: Decimal | None = fact("Least", ask="Lowest dose.", example="0.4e6")
    target: Decimal | None = fact("Target", ask="Dose aimed at.", example="1e6")
    # A10: a dose may have a floor and no ceiling
    maximum: Decimal | None = fact("Most", ask="Highest dose.", example="5e6")
    unit: str | None = fact(
        "Unit", ask="Unit of the dose.", due=Stage.DOSSIER, source=by.RULE_DENOMINATOR, example="cells/kg"
    )
    counted_entity: str | None = fact(
        "Counted", ask="What is counted.", due=Stage.DOSSIER, source=by.RULE_DENOMINATOR, example="viable CAR+ cells"
    )
    condition: str | None = fact(
        "Condition", form=Form.TEXT, ask="For whom or when the rule holds.", example="after the amendment"
    )
    # A13: one dose in several fractions, the next only if the patient stands the last
    fractions: list[str] | None = fact("Fractions", ask="Shares of the total dose.", example="10 %; 30 %; 60 %")
    schedule: str | None = fact("Schedule", form=Form.TEXT, ask="When it is given.")
    bands: list[str] | None = fact(
        "Weight bands",
        ask="One band a line.",
        due=Stage.DOSSIER,
        when=only.is_weight_banded,
        source=by.CLINICAL,
        example="below 50 kg: 1 × 10⁸ cells",
    )
    max_doses: int | None = fact("Number of doses", ask="At most.", example="1")
    # A10, A15: a second limit in another unit
    ceiling: str | None = fact(
        "Ceiling on something else",
        form=Form.CRITERION,
        ask="Volume or impurity that limits the dose.",
        example="≤ 20 mL/kg",
    )
    concomitant: str | None = fact(
        "Given with it", form=Form.TEXT, ask="Conditioning, premedication.", example="fludarabine and cyclophosphamide"
    )
    eligibility: str | None = fact("Eligibility test", form=Form.TEXT, ask="Test that decides whether it may be given.")


class DoseBand(Record, table=True):
    """One row of a table of body weights: the dose and volume that a patient of that weight gets (A12)."""

    called = ("Dose band", "Dose bands")
    group = GROUP
    naming = ("from_kg", "to_kg")

    rule: UUID | None = fact(
        "Dosing rule", to="dosing_rule", ask="Rule it belongs to.", due=Stage.DOSSIER, source=by.CLINICAL
    )
    from_kg: Decimal | None = fact(
        "From", unit="kg", gt=0, ask="Least body weight.", due=Stage.DOSSIER, source=by.CLINICAL, example="2.6"
    )
    to_kg: Decimal | None = fact(
        "To",
        unit="kg",
        gt=0,
        ask="Highest body weight; the dose is worked out on it.",
        due=Stage.DOSSIER,
        source=by.CLINICAL,
        example="3.0",
    )
    dose: Decimal | None = fact(
        "Dose",
        gt=0,
        ask="Total dose, in what the rule counts.",
        due=Stage.DOSSIER,
        source=by.CLINICAL,
        example="3.3e14",
    )
    volume: Decimal | None = fact("Volume", unit="mL", gt=0, ask="Volume that holds the dose.", example="16.5")
    containers: str | None = fact("Containers", ask="Number of each size.", example="2 × 8.3 mL")


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
