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
