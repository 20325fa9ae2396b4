"""What goes into the process and the product: starting, raw and contact materials, excipients, diluents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Materials, donors and banks"


class MaterialRole(Choice):
    """What a material is in the legal sense; it decides the section that describes it."""

    STARTING = "starting"
    RAW = "raw"
    EXCIPIENT = "excipient"
    CONSUMABLE = "consumable"
    DILUENT = "diluent"
    BACK_UP = "back_up"


MaterialRole.labelled(
    STARTING="starting material", RAW="raw material", CONSUMABLE="contact item", BACK_UP="back-up material"
)


class MaterialCategory(Choice):
    """What a material is in the technical sense."""

    CELLS = "cells"
    TISSUE = "tissue"
    VECTOR = "vector"
    PLASMID = "plasmid"
    LINEAR_DNA = "linear_dna"
    HELPER_VIRUS = "helper_virus"
    MRNA = "mrna"
    GRNA = "grna"
    NUCLEASE = "nuclease"
    RNP = "rnp"
    TEMPLATE = "template"
    MEDIUM = "medium"
    SERUM = "serum"
    CYTOKINE = "cytokine"
    ANTIBODY = "antibody"
    BEAD = "bead"
    ENZYME = "enzyme"
    FEEDER = "feeder"
    PLASTIC = "plastic"
    BUFFER = "buffer"
    CRYOPROTECTANT = "cryoprotectant"
    CHEMICAL = "chemical"
    SCAFFOLD = "scaffold"
    OTHER = "other"


MaterialCategory.labelled(
    LINEAR_DNA="linear DNA", MRNA="mRNA", GRNA="guide RNA", RNP="ribonucleoprotein", TEMPLATE="repair template"
)


class MaterialGrade(Choice):
    """Quality in which a material is bought."""

    PHARMACOPOEIA = "pharmacopoeia"
    GMP = "gmp"
    GMP_PRINCIPLES = "gmp_principles"
    IVD = "ivd"
    RUO = "ruo"
    IN_HOUSE = "in_house"


MaterialGrade.labelled(
    GMP="GMP", GMP_PRINCIPLES="principles of GMP", IVD="IVD", RUO="research use only", IN_HOUSE="in-house"
)


class Qualification(Choice):
    """How far the supplier and the material are qualified."""

    QUALIFIED = "qualified"
    CONDITIONAL = "conditional"
    PENDING = "pending"


class MaterialOrigin(Choice):
    """Where a material comes from."""

    HUMAN = "human"
    ANIMAL = "animal"
    MICROBIAL = "microbial"
    PLANT = "plant"
    SYNTHETIC = "synthetic"
    RECOMBINANT = "recombinant"


class Antibiotic(Choice):
    """Class of an antibiotic that a material is or contains."""

    NONE = "none"
    BETA_LACTAM = "beta_lactam"
    AMINOGLYCOSIDE = "aminoglycoside"
    OTHER = "other"


Antibiotic.labelled(BETA_LACTAM="beta-lactam")

_GENETIC = (
    MaterialCategory.VECTOR,
    MaterialCategory.PLASMID,
    MaterialCategory.LINEAR_DNA,
    MaterialCategory.HELPER_VIRUS,
    MaterialCategory.MRNA,
    MaterialCategory.GRNA,
    MaterialCategory.NUCLEASE,
    MaterialCategory.RNP,
    MaterialCategory.TEMPLATE,
)
_is_genetic_start = only.where(
    "A starting material that brings genes or edits: an agreement binds its maker.",
    role=MaterialRole.STARTING,
    category=_GENETIC,
)
_is_for_research = only.where("A material of research grade owes an assessment of its risk.", grade=MaterialGrade.RUO)
_is_novel = only.where("A novel excipient owes reasons for its dose.", is_novel=True)
_is_feeder = only.where("Feeder cells must not grow in the product.", category=MaterialCategory.FEEDER)


def _is_pooled_human(record: Any, _binder: only.Holdings) -> bool:
    """A raw material or excipient from donors other than the patient: a licence or their screening makes it safe."""
    is_added = record.role in (MaterialRole.RAW, MaterialRole.EXCIPIENT)
    return is_added and record.origin_type == MaterialOrigin.HUMAN and not record.is_donor_bound


def _is_pooled_without_licence(record: Any, binder: only.Holdings) -> bool:
    """A pooled human material without a licence of its own: its donors are told."""
    return _is_pooled_human(record, binder) and not record.licence


class Material(Record, table=True):
    """A material of the process or the product; its role decides the section that describes it."""

    called = ("Material", "Materials")
    group = GROUP
    naming = ("name",)

    name: str | None = fact(
        "Material", ask="What it is.", due=Stage.TRANSFER, source=by.S_2_3, example="recombinant human IL-2"
    )
    role: MaterialRole | None = fact(
        "Class", ask="Starting, raw, excipient, contact item or diluent.", due=Stage.TRANSFER, source=by.S_2_3
    )
    category: MaterialCategory | None = fact(
        "Category", ask="What it is technically.", due=Stage.TRANSFER, source=by.S_2_3
    )
    supplier: str | None = fact(
        "Supplier", ask="Who sells or provides it.", due=Stage.TRANSFER, source=by.S_2_3, example="Supplier A"
    )
    manufacturer: str | None = fact(
        "Manufacturer", ask="Who makes it.", due=Stage.DOSSIER, when=only.is_made_to_order, source=by.S_2_3
    )
    catalogue_no: str | None = fact(
        "Catalogue number", ask="The supplier's number.", due=Stage.DOSSIER, source=by.S_2_3, max_length=80
    )
    grade: MaterialGrade | None = fact(
        "Grade", ask="Quality in which it is bought.", due=Stage.TRANSFER, source=by.S_2_3
    )
    standard: str | None = fact(
        "Standard",
        ask="Monograph or specification it meets.",
        due=Stage.DOSSIER,
        when=only.is_pharmacopoeial,
        source=by.P_4_1,
        example="Ph. Eur.",
    )
    specification_ref: UUID | None = fact(
        "Specification",
        to="specification",
        ask="Its acceptance specification.",
        due=Stage.DOSSIER,
        when=only.is_specified_in_house,
        source=by.S_2_3,
    )
    qualification_level: Qualification | None = fact(
        "Qualification", ask="How far it is qualified.", due=Stage.DOSSIER, source=by.RAW_MATERIALS
    )
    tests_on_receipt: list[str] | None = fact(
        "Tests on receipt",
        ask="One on a line.",
        due=Stage.DOSSIER,
        when=only.is_in_product_or_process,
        source=by.RAW_MATERIALS,
        example="identity",
    )
    reduced_testing: str | None = fact(
        "Why identity is not tested",
        ask="If no test on receipt shows identity: what stands in its place.",
        example="made on site, tested at each point of use",
    )
    risk_assessment: str | None = fact(
        "Risk assessment",
        form=Form.TEXT,
        ask="Why the research grade is acceptable, and what is tested beyond the certificate.",
        due=Stage.DOSSIER,
        when=_is_for_research,
        source=by.RAW_MATERIALS,
        example="report RA-07: endotoxin and sterility of each lot are tested in house",
    )
    quality_agreement: str | None = fact(
        "Quality agreement",
        ask="Agreement with its maker, by number and date.",
        due=Stage.DOSSIER,
        when=_is_genetic_start,
        source=by.S_2_3,
        example="QA-2025-014 of 12 Mar 2025",
    )
    antibiotic: Antibiotic | None = fact(
        "Antibiotic",
        ask="Class of the antibiotic it is or contains.",
        due=Stage.DOSSIER,
        when=only.is_raw_material,
        source=by.RAW_MATERIALS,
    )
    used_in_step: UUID | None = fact(
        "Used in step", to="process_step", ask="First step that uses it.", due=Stage.DOSSIER, source=by.S_2_2
    )
    function: str | None = fact("Function", ask="What it does in the process.", example="activates T cells")
    removal: str | None = fact(
        "Removed by", ask="How it is removed before the product; “not removed” if it stays.", example="wash, step 6"
    )
    concentration: Decimal | None = fact(
        "Concentration",
        ge=0,
        ask="In use.",
        due=Stage.DOSSIER,
        when=only.is_dosed_material,
        source=by.RAW_MATERIALS,
        example="100",
    )
    concentration_unit: str | None = fact(
        "Unit of concentration",
        ask="Unit of the number before.",
        due=Stage.DOSSIER,
        when=only.is_dosed_material,
        source=by.RAW_MATERIALS,
        example="IU/mL",
        max_length=40,
    )
    origin_type: MaterialOrigin | None = fact("Origin", ask="Where it comes from.", due=Stage.DOSSIER, source=by.S_2_3)
    species: str | None = fact(
        "Species",
        ask="Of the human or animal source.",
        due=Stage.DOSSIER,
        when=only.is_of_human_or_animal_origin,
        source=by.TSE,
        example="bovine",
    )
    tissue: str | None = fact(
        "Tissue",
        ask="Tissue or fluid it comes from.",
        due=Stage.DOSSIER,
        when=only.is_of_human_or_animal_origin,
        source=by.TSE,
        example="serum",
    )
    country_of_origin: str | None = fact(
        "Country of origin",
        ask="Two letters; several with a comma.",
        due=Stage.DOSSIER,
        when=only.is_of_human_or_animal_origin,
        source=by.TSE,
        example="NZ",
        max_length=80,
    )
    animal_free: bool | None = fact(
        "Animal-free", ask="Whether made without animal components.", due=Stage.DOSSIER, source=by.RAW_MATERIALS
    )
    tse_statement_ref: UUID | None = fact(
        "TSE document",
        to="document_ref",
        ask="Certificate or statement.",
        due=Stage.DOSSIER,
        when=only.is_of_human_or_animal_origin,
        source=by.TSE,
    )
    viral_treatment: str | None = fact(
        "Viral inactivation or testing",
        ask="Treatment and tests of the source.",
        due=Stage.DOSSIER,
        when=only.is_of_human_or_animal_origin,
        source=by.A_2,
        example="gamma irradiation",
    )
    licence: str | None = fact(
        "Licence",
        ask="Marketing authorisation or plasma master file, with its number.",
        due=Stage.DOSSIER,
        when=_is_pooled_human,
        source=by.RAW_MATERIALS,
        example="marketing authorisation EU/1/00/000",
    )
    donor_screening: str | None = fact(
        "Screening of its donors",
        ask="How the donors of the pool are selected and tested.",
        due=Stage.DOSSIER,
        when=_is_pooled_without_licence,
        source=by.RAW_MATERIALS,
        example="licensed blood donors; HIV, HBV and HCV by serology and NAT",
    )
    inactivation: str | None = fact(
        "Stopped from growing by",
        ask="How feeder cells are inactivated, and the report that shows it.",
        due=Stage.DOSSIER,
        when=_is_feeder,
        source=by.A_2,
        example="irradiation with 50 Gy, report VAL-12",
    )
    dose_justification: str | None = fact(
        "Why its dose is safe",
        form=Form.TEXT,
        ask="What the dose of the excipient rests on.",
        due=Stage.DOSSIER,
        when=_is_novel,
        source=by.A_3,
        example="a tenth of the dose without effect in rats (TOX-04)",
    )
    composition: str | None = fact(
        "Composition",
        form=Form.TEXT,
        ask="What it is made of.",
        due=Stage.DOSSIER,
        when=only.is_diluent_or_novel,
        source=by.A_4,
    )
    is_novel: bool | None = fact(
        "Novel excipient",
        ask="First use in a medicine or by this route.",
        due=Stage.DOSSIER,
        when=only.is_excipient,
        source=by.P_4_6,
    )
    authorised: bool | None = fact(
        "Authorised medicine",
        ask="Whether it is authorised as a medicine.",
        due=Stage.DOSSIER,
        when=only.is_diluent,
        source=by.A_4,
    )
    residual_estimate: Decimal | None = fact(
        "Residue per dose",
        unit="ng/dose",
        ge=0,
        ask="Estimated at most.",
        due=Stage.DOSSIER,
        when=only.is_raw_material,
        source=by.S_3_2,
    )
    coa_ref: UUID | None = fact(
        "Certificate of analysis", to="document_ref", ask="An example certificate.", due=Stage.DOSSIER, source=by.S_2_3
    )
    # A40: either of two materials goes into a batch, never both
    alternative_to: UUID | None = fact("Used in place of", to="material", ask="Material that it may replace.")
    # A61: a reagent made from the same donor has its own process, and belongs to that donor's batch.
    is_donor_bound: bool | None = fact(
        "Made from the same donor", ask="Whether it is made for one batch from its donor."
    )
