"""What is known beyond the specification: impurities and characterisation."""

from __future__ import annotations

from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.results import GROUP
from dossiers.stage import Stage


class ImpurityType(Choice):
    """Where an impurity comes from."""

    PRODUCT = "product"
    PROCESS = "process"


ImpurityType.labelled(PRODUCT="product-related", PROCESS="process-related")


class LimitBasis(Choice):
    """What the limit of an impurity rests on."""

    TOX = "tox"
    CLASS = "class"
    CAPABILITY = "capability"


LimitBasis.labelled(TOX="toxicology", CLASS="experience with the class", CAPABILITY="process capability")


class ImpurityScope(Choice):
    """Where an impurity appears first."""

    DS = "ds"
    DP = "dp"


ImpurityScope.labelled(DS="drug substance", DP="drug product")


class StudyScope(Choice):
    """What was characterised."""

    DS = "ds"
    DP = "dp"
    FORMULATION = "formulation"


StudyScope.labelled(DS="drug substance", DP="drug product")


class StudyTopic(Choice):
    """What a characterisation is about; it decides the section that tells it."""

    PHENOTYPE = "phenotype"
    STRUCTURE = "structure"
    POTENCY = "potency"
    EXPRESSION = "expression"
    VCN = "vcn"
    INTEGRATION = "integration"
    ON_TARGET = "on_target"
    OFF_TARGET = "off_target"
    TRANSLOCATION = "translocation"
    KARYOTYPE = "karyotype"
    OTHER = "other"


StudyTopic.labelled(
    EXPRESSION="expression of the transgene",
    VCN="vector copy number",
    INTEGRATION="integration sites",
    ON_TARGET="on-target editing",
    OFF_TARGET="off-target editing",
    TRANSLOCATION="large deletions and translocations",
)


class Impurity(Record, table=True):
    """What should not be in the product, and how much of it is."""

    called = ("Impurity", "Impurities")
    group = GROUP
    naming = ("name",)

    name: str | None = fact("Impurity", ask="What it is.", due=Stage.DOSSIER, source=by.S_3_2, example="residual beads")
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact("Product", to="product", ask="Product it is in, if it arises there.")
    scope: ImpurityScope | None = fact("Appears in", ask="Drug product, if it is not in the drug substance yet.")
    type: ImpurityType | None = fact("Type", ask="Product- or process-related.", due=Stage.DOSSIER, source=by.S_3_2)
    source: str | None = fact(
        "Source", ask="Where it comes from.", due=Stage.DOSSIER, source=by.S_3_2, example="step 2"
    )
    material: UUID | None = fact("Material", to="material", ask="Material it comes from.")
    removal_step: str | None = fact(
        "Removed at", ask="Step that removes it.", due=Stage.DOSSIER, source=by.S_3_2, example="magnet, step 3"
    )
    removal_factor: str | None = fact("Removal factor", ask="Wash or removal factor.", example="1000-fold")
    calculated_max: str | None = fact(
        "Calculated maximum",
        ask="What can remain at most.",
        due=Stage.DOSSIER,
        when=only.is_not_measured,
        source=by.S_3_2,
        example="200 beads/10⁶ cells",
    )
    measured_level: str | None = fact(
        "Measured level",
        ask="What was found.",
        due=Stage.DOSSIER,
        when=only.is_not_calculated,
        source=by.S_3_2,
        example="< 50 beads/10⁶ cells",
    )
    method: UUID | None = fact(
        "Method", to="analytical_method", ask="How it was measured.", due=Stage.DOSSIER, source=by.S_3_2
    )
    limit: str | None = fact(
        "Limit",
        form=Form.CRITERION,
        ask="Limit, if one is set.",
        due=Stage.DOSSIER,
        when=only.is_confirmatory,
        source=by.S_3_2,
        example="≤ 100 beads/3 × 10⁶ cells",
    )
    limit_basis: LimitBasis | None = fact(
        "Limit rests on", ask="What the limit rests on.", due=Stage.DOSSIER, source=by.S_3_2
    )
    # A15: an impurity may limit the dose
    per_dose: str | None = fact(
        "Limit per dose", ask="What the limit comes to at the highest dose.", example="2e4 cells/kg"
    )
    justification: str | None = fact("Justification", form=Form.TEXT, ask="Why the level is acceptable.")


class CharacterisationStudy(Record, table=True):
    """What was examined beyond the specification; also trials of formulations."""

    called = ("Characterisation study", "Characterisation studies")
    group = GROUP
    naming = (
        "attribute",
        "method",
    )

    scope: StudyScope | None = fact("Scope", ask="What was examined.", due=Stage.DOSSIER, source=by.RULE_STAGE)
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact("Product", to="product", ask="Product it is about, if not the substance.")
    topic: StudyTopic | None = fact(
        "Topic",
        ask="What it is about; it decides the section.",
        due=Stage.DOSSIER,
        when=only.is_of_substance_or_product,
        source=by.S_3_1,
    )
    edit_target: UUID | None = fact("Edit target", to="edit_target", ask="Edit it belongs to, if it is about one.")
    attribute: str | None = fact(
        "Attribute", ask="What was examined.", due=Stage.DOSSIER, source=by.S_3_1, example="memory phenotype"
    )
    method: str | None = fact("Method", ask="How.", due=Stage.DOSSIER, source=by.S_3_1, example="flow cytometry")
    batches: list[UUID] | None = fact(
        "Batches", to="batch", ask="Batches examined.", due=Stage.DOSSIER, source=by.S_3_1
    )
    formulation: str | None = fact(
        "Formulation",
        ask="Formulation that was tried.",
        due=Stage.DOSSIER,
        when=only.is_formulation_trial,
        source=by.P_2_2,
        example="5 % DMSO in albumin",
    )
    condition: str | None = fact(
        "Condition",
        ask="What was compared.",
        due=Stage.DOSSIER,
        when=only.is_formulation_trial,
        source=by.P_2_2,
        example="5 % and 10 % DMSO",
    )
    routine: bool | None = fact("Routine test", ask="Whether it became a routine test.")
    result_summary: str | None = fact(
        "Result",
        form=Form.TEXT,
        ask="What was found.",
        due=Stage.DOSSIER,
        source=by.S_3_1,
        example="central memory 40–55 %",
    )
    decision: str | None = fact("Decision", ask="What was decided on it.", example="10 % DMSO kept")
    attachment: UUID | None = fact("Report", to="document_ref", ask="Report that shows it.")
