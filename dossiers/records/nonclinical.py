"""What was seen outside humans."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.product import finds_by_receptor
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


class Evidence(Choice):
    """What kind of evidence a study gives."""

    IN_VIVO = "in_vivo"
    IN_VITRO = "in_vitro"
    IN_SILICO = "in_silico"
    LITERATURE = "literature"
    ARGUMENT = "argument"


Evidence.labelled(IN_VIVO="animal study", IN_VITRO="study in vitro", IN_SILICO="computation", ARGUMENT="argument")


class TestArticle(Choice):
    """What was tested, seen from the clinical product."""

    PRODUCT = "product"
    SURROGATE = "surrogate"
    COMPONENT = "component"


TestArticle.labelled(PRODUCT="the product", COMPONENT="a part of the product")


class TargetQuestion(Choice):
    """Question about the safety of a receptor's target."""

    TARGET_EXPRESSION = "target_expression"
    CROSS_REACTIVITY = "cross_reactivity"
    PEPTIDE_SCAN = "peptide_scan"
    ALLOREACTIVITY = "alloreactivity"


TargetQuestion.labelled(
    TARGET_EXPRESSION="where the target is expressed",
    CROSS_REACTIVITY="binding to anything else",
    PEPTIDE_SCAN="scan of the peptide",
    ALLOREACTIVITY="reaction to foreign tissue types",
)

_is_surrogate = only.where("The material was not the product, so that it must stand for it.", test_article="surrogate")
_is_glp = only.where("The study claims good laboratory practice, which is monitored by country.", glp=True)
_is_in_vivo = only.where("Animals were dosed, once or several times.", evidence="in_vivo")
_is_final = only.where("The report is final and bears a date.", status="final")
_is_unfinished = only.where("The final report is still to come.", status=("planned", "ongoing"))
_is_distribution = only.where("The study follows where the product goes.", type="biodistribution")
_is_excretion = only.where("The study follows how long the vector is found.", type=("shedding", "germline"))


def _is_about_edits(record: Any, binder: only.Holdings) -> bool:
    """The study of genotoxicity may have looked for edits, because the product is edited."""
    return record.type == "genotoxicity" and bool(binder.all("edit_target"))


def _is_about_targets(record: Any, binder: only.Holdings) -> bool:
    """The product finds its target by a receptor that was put into it."""
    return (
        record.type == "safety_pharmacology"
        and binder.product is not None
        and finds_by_receptor(binder.product, binder)
    )


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
    evidence: Evidence | None = fact(
        "Evidence", ask="Animals, cells, computation, literature or argument.", due=Stage.DOSSIER, source=by.NONCLINICAL
    )
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
    test_article: TestArticle | None = fact(
        "Material tested", ask="The product, a part of it, or a surrogate.", due=Stage.DOSSIER, source=by.NONCLINICAL
    )
    surrogate_reason: str | None = fact(
        "Why the surrogate stands for the product",
        form=Form.TEXT,
        ask="How it is made and what it has in common with the product.",
        due=Stage.DOSSIER,
        when=_is_surrogate,
        source=by.NONCLINICAL,
        example="cells of the animal, made by the same process and measured by the same tests",
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
    device: UUID | None = fact("Device", to="device", ask="Device it was given with, where the route needs one.")
    doses_given: int | None = fact(
        "Number of doses",
        ge=0,
        ask="Doses to each animal.",
        due=Stage.DOSSIER,
        when=_is_in_vivo,
        source=by.NONCLINICAL,
        example="1",
    )
    body_weight: Decimal | None = fact(
        "Body weight of the animal",
        unit="kg",
        gt=0,
        ask="To turn a dose for each animal into one per kg.",
        example="0.022",
    )
    duration: Decimal | None = fact(
        "Duration", unit="days", ask="How long it was followed.", due=Stage.DOSSIER, source=by.NONCLINICAL, example="60"
    )
    glp: bool | None = fact("GLP", ask="Done under good laboratory practice.", due=Stage.DOSSIER, source=by.NONCLINICAL)
    facility_country: str | None = fact(
        "Country of the test facility",
        ask="Two letters (ISO 3166).",
        due=Stage.DOSSIER,
        when=_is_glp,
        source=by.GLP,
        example="BE",
        max_length=2,
    )
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
    gonad_signal: bool | None = fact(
        "Found in gonads",
        ask="Whether product or vector was found in gonads at any time.",
        due=Stage.DOSSIER,
        when=_is_distribution,
        source=by.GERMLINE,
    )
    last_found_day: int | None = fact(
        "Last found on day",
        ge=0,
        ask="Last day on which the vector was found in any sample; 0 if never.",
        due=Stage.DOSSIER,
        when=_is_excretion,
        source=by.SHEDDING,
        example="22",
    )
    edit_targets: list[UUID] | None = fact(
        "Edits examined",
        to="edit_target",
        ask="Edits whose unwanted sites it looked for.",
        due=Stage.DOSSIER,
        when=_is_about_edits,
        source=by.EDITING,
    )
    donors: int | None = fact(
        "Donors",
        ge=0,
        ask="Donors whose cells were examined.",
        due=Stage.DOSSIER,
        when=_is_about_edits,
        source=by.EDITING,
        example="3",
    )
    clinical_cells: bool | None = fact(
        "Clinical cell type",
        ask="Whether the cells were of the type that patients get.",
        due=Stage.DOSSIER,
        when=_is_about_edits,
        source=by.EDITING,
    )
    target_questions: list[TargetQuestion] | None = fact(
        "Questions about the target",
        ask="Which of these it answers.",
        due=Stage.DOSSIER,
        when=_is_about_targets,
        source=by.EDITING,
    )
    assays: list[str] | None = fact(
        "Assays",
        ask="One a line: what is measured, the method, how far the method is validated, parted by colons.",
        due=Stage.DOSSIER,
        source=by.NONCLINICAL,
        example="vector DNA: quantitative PCR: validated",
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
    report_date: dt.date | None = fact(
        "Report of", ask="Date of the final report.", due=Stage.DOSSIER, when=_is_final, source=by.NONCLINICAL
    )
    report_due: dt.date | None = fact(
        "Final report expected",
        ask="Day by which the final report will be there.",
        due=Stage.DOSSIER,
        when=_is_unfinished,
        source=by.NONCLINICAL,
    )
