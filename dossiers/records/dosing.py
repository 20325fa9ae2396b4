"""How much is given: dose cohorts, dosing rules and their weight bands."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.clinical import GROUP
from dossiers.stage import Stage


class DoseBasis(Choice):
    """What a dose is counted on."""

    PER_KG = "per_kg"
    FLAT = "flat"
    PER_CM2 = "per_cm2"
    PER_LESION = "per_lesion"
    PER_EYE = "per_eye"
    WEIGHT_BAND = "weight_band"


DoseBasis.labelled(PER_KG="per kg body weight", PER_CM2="per cm²")


_is_by_area = only.where("The dose follows the area that is treated.", basis_of_dose="per_cm2")
_is_per_kg = only.where(
    "The dose rises with body weight, so that the weight counted is limited.", basis_of_dose="per_kg"
)


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
    onset_days: int | None = fact(
        "Toxicity expected within",
        unit="days",
        ge=0,
        ask="Time after the dose in which acute or subacute toxicity would show.",
        due=Stage.DOSSIER,
        source=by.FIRST_DOSE,
        example="21",
    )
    stagger_basis: str | None = fact(
        "Reason for the stagger",
        ask="Why this interval is long enough.",
        due=Stage.DOSSIER,
        source=by.FIRST_DOSE,
        example="liver enzymes rose in weeks 3 to 5 in animals",
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
    weight_cap: Decimal | None = fact(
        "Weight counted at most",
        unit="kg",
        gt=0,
        ask="Body weight above which the dose no longer rises.",
        due=Stage.DOSSIER,
        when=_is_per_kg,
        source=by.FIRST_DOSE,
        example="100",
    )
    least_weight: Decimal | None = fact(
        "Least body weight",
        unit="kg",
        gt=0,
        ask="Body weight of the lightest subject that may be treated.",
        example="45",
    )
    greatest_area: Decimal | None = fact(
        "Greatest area",
        unit="cm²",
        gt=0,
        ask="Largest area that one dose may cover.",
        due=Stage.DOSSIER,
        when=_is_by_area,
        source=by.CLINICAL,
        example="10",
    )
    shortfall: Decimal | None = fact(
        "Shortfall allowed",
        unit="%",
        ge=0,
        le=100,
        ask="How far the dose given may lie below the dose meant and still counts.",
        example="15",
    )
    shortest_time: Decimal | None = fact(
        "Given over at least", unit="min", gt=0, ask="Shortest time in which a whole dose is given.", example="30"
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
    # A09: one dose of two kinds of cells, each with a range of its own
    together_with: list[UUID] | None = fact(
        "In one dose with", to="dosing_rule", ask="Rules of what the same dose holds beside it."
    )
    # A17: repeated until a marker says enough
    ends_when: str | None = fact(
        "Ends when", ask="What ends the repeats before the last dose.", example="CD3+ above 100/µL"
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
    """One row of a table of body weights: the dose and volume that a patient of that weight gets."""

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


class DoseConversion(Record, table=True):
    """How a number in one unit of dose becomes one in another: by measurements of each lot, never by silence."""

    called = ("Conversion of dose units", "Conversions of dose units")
    group = GROUP
    naming = ("from_unit", "to_unit")

    from_unit: str | None = fact(
        "From",
        ask="Unit that is converted, without its “per”.",
        due=Stage.DOSSIER,
        source=by.RULE_DENOMINATOR,
        example="viable cells",
        max_length=80,
    )
    to_unit: str | None = fact(
        "To",
        ask="Unit that comes out.",
        due=Stage.DOSSIER,
        source=by.RULE_DENOMINATOR,
        example="viable CAR+ cells",
        max_length=80,
    )
    conversion: str | None = fact(
        "Conversion",
        form=Form.TEXT,
        ask="How it is worked out.",
        due=Stage.DOSSIER,
        source=by.FIRST_DOSE,
        example="number of viable cells × fraction of CAR+ cells of the lot",
    )
    methods: list[UUID] | None = fact(
        "Measured by",
        to="analytical_method",
        ask="Methods whose results it uses.",
        due=Stage.DOSSIER,
        source=by.FIRST_DOSE,
    )
    lots: list[UUID] | None = fact(
        "Lots", to="batch", ask="Lots for which the results are held.", due=Stage.DOSSIER, source=by.FIRST_DOSE
    )
