"""What was seen outside humans."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Non-clinical and clinical"


class NonclinicalType(Choice):
    """Kind of non-clinical study."""

    PD = "pd"
    SAFETY_PHARMACOLOGY = "safety_pharmacology"
    BIODISTRIBUTION = "biodistribution"
    SHEDDING = "shedding"
    TOXICOLOGY = "toxicology"
    GENOTOXICITY = "genotoxicity"
    TUMOURIGENICITY = "tumourigenicity"
    GERMLINE = "germline"
    IMMUNOGENICITY = "immunogenicity"


NonclinicalType.labelled(PD="primary pharmacodynamics", GERMLINE="germline transmission")


class NonclinicalStatus(Choice):
    """How far a study is."""

    PLANNED = "planned"
    ONGOING = "ongoing"
    FINAL = "final"


class NonclinicalStudy(Record, table=True):
    """A study outside humans."""

    called = ("Non-clinical study", "Non-clinical studies")
    group = GROUP
    naming = (
        "id",
        "title",
    )

    id: str | None = fact("Study", ask="Code of the study.", due=Stage.DOSSIER, source=by.NONCLINICAL, example="NC-01")
    title: str | None = fact(
        "Title",
        ask="What it examined.",
        due=Stage.DOSSIER,
        source=by.NONCLINICAL,
        example="leukaemia model in NSG mice",
    )
    type: NonclinicalType | None = fact("Type", ask="Kind of study.", due=Stage.DOSSIER, source=by.NONCLINICAL)
    species_model: str | None = fact(
        "Species or model",
        ask="Animal, cells or both.",
        due=Stage.DOSSIER,
        source=by.NONCLINICAL,
        example="NSG mouse with NALM6",
    )
    test_batch: UUID | None = fact(
        "Batch tested", to="batch", ask="Batch that was used.", due=Stage.DOSSIER, source=by.NONCLINICAL
    )
    process_version: UUID | None = fact(
        "Process version", to="process", ask="Process of that batch.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    n: str | None = fact(
        "Number", ask="Animals or samples.", due=Stage.DOSSIER, source=by.NONCLINICAL, example="8 per group"
    )
    dose: Decimal | None = fact("Dose", ask="Highest dose.", due=Stage.DOSSIER, source=by.NONCLINICAL, example="5e6")
    dose_unit: str | None = fact(
        "Unit of dose", ask="Unit of the dose.", due=Stage.DOSSIER, source=by.NONCLINICAL, example="cells/mouse"
    )
    route: str | None = fact(
        "Route", ask="How it was given.", due=Stage.DOSSIER, source=by.NONCLINICAL, example="intravenous"
    )
    duration: Decimal | None = fact(
        "Duration", unit="days", ask="How long it was followed.", due=Stage.DOSSIER, source=by.NONCLINICAL, example="60"
    )
    glp: bool | None = fact("GLP", ask="Done under good laboratory practice.", due=Stage.DOSSIER, source=by.NONCLINICAL)
    glp_reason: str | None = fact(
        "Why not GLP",
        form=Form.TEXT,
        ask="Why, and what assures the data.",
        due=Stage.DOSSIER,
        when=only.is_not_glp,
        source=by.NONCLINICAL,
    )
    tissues: list[str] | None = fact(
        "Tissues",
        ask="Tissues examined.",
        due=Stage.DOSSIER,
        when=only.is_biodistribution,
        source=by.BIODISTRIBUTION,
        example="blood; marrow; gonads",
    )
    lod: str | None = fact(
        "Limit of detection",
        ask="Least that is seen.",
        due=Stage.DOSSIER,
        when=only.is_biodistribution,
        source=by.BIODISTRIBUTION,
        example="50 copies/µg DNA",
    )
    endpoints: str | None = fact(
        "End points",
        form=Form.TEXT,
        ask="What was looked at.",
        due=Stage.DOSSIER,
        source=by.NONCLINICAL,
        example="survival, persistence",
    )
    key_findings: str | None = fact(
        "Key findings",
        form=Form.TEXT,
        ask="What was found.",
        due=Stage.DOSSIER,
        source=by.NONCLINICAL,
        example="tumour control related to dose",
    )
    noael: Decimal | None = fact(
        "NOAEL",
        ask="Highest dose without adverse effect.",
        due=Stage.DOSSIER,
        when=only.is_toxicology,
        source=by.FIRST_DOSE,
        example="2e13",
    )
    # A52: a margin may be told against the least or the highest dose, or there may be none
    margin: str | None = fact(
        "Margin", ask="Against which clinical dose, and how much.", example="about 1.4 times the clinical dose"
    )
    status: NonclinicalStatus | None = fact("Status", ask="How far it is.", due=Stage.DOSSIER, source=by.NONCLINICAL)
