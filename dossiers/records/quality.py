"""What is controlled and how: quality attributes, specifications, methods, reference standards."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from dossiers.limits import Criterion, LimitFault, parse, show
from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.criterion import CriterionType, ends_of, type_of
from dossiers.records.measurands import Measurand
from dossiers.stage import Stage

GROUP = "Quality control"


class TestCategory(Choice):
    """What a test is for."""

    IDENTITY = "identity"
    PURITY = "purity"
    POTENCY = "potency"
    QUANTITY = "quantity"
    SAFETY = "safety"
    GENERAL = "general"


class Criticality(Choice):
    """Whether an attribute decides on quality."""

    CRITICAL = "critical"
    NON = "non"


Criticality.labelled(NON="non-critical")


class SpecificationScope(Choice):
    """What a specification is of."""

    STARTING_MATERIAL = "starting_material"
    PLASMID = "plasmid"
    VECTOR = "vector"
    REAGENT = "reagent"
    BANK = "bank"
    VIRUS_SEED = "virus_seed"
    SCAFFOLD = "scaffold"
    INTERMEDIATE = "intermediate"
    DS = "ds"
    DP = "dp"
    EXCIPIENT = "excipient"


SpecificationScope.labelled(DS="drug substance", DP="drug product")


class TestStage(Choice):
    """At which point a test is done."""

    STARTING = "starting"
    INTERMEDIATE = "intermediate"
    DS = "ds"
    DP = "dp"


TestStage.labelled(STARTING="starting material", DS="drug substance", DP="drug product")


class ReleaseTiming(Choice):
    """When the result comes, seen from release."""

    BEFORE_RELEASE = "before_release"
    AFTER_RELEASE = "after_release"
    NOT_STATED = "not_stated"


class TestPhase(Choice):
    """In which phase of development a test is asked for."""

    EXPLORATORY = "exploratory"
    CONFIRMATORY = "confirmatory"
    BOTH = "both"


class JustificationType(Choice):
    """What a limit rests on."""

    SAFETY = "safety"
    CAPABILITY = "capability"
    LITERATURE = "literature"
    DOSE = "dose"


JustificationType.labelled(CAPABILITY="process capability")


class QualityAttribute(Record, table=True):
    """A property that quality rests on."""

    called = ("Quality attribute", "Quality attributes")
    group = GROUP
    naming = ("name",)

    name: str | None = fact(
        "Attribute", ask="What is measured or seen.", due=Stage.DOSSIER, source=by.S_1_3, example="viability"
    )
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact("Product", to="product", ask="Product it belongs to, if not the substance.")
    category: TestCategory | None = fact(
        "Category", ask="What it says something about.", due=Stage.DOSSIER, source=by.S_4_1
    )
    criticality: Criticality | None = fact(
        "Criticality", ask="Whether quality rests on it.", due=Stage.DOSSIER, source=by.S_4_5
    )
    rationale: str | None = fact(
        "Rationale",
        form=Form.TEXT,
        ask="Why it is critical or not.",
        due=Stage.DOSSIER,
        source=by.S_4_5,
        example="efficacy and dose",
    )


class Specification(Record, table=True):
    """One version of a specification. A new version is a new record; batches keep theirs."""

    called = ("Specification", "Specifications")
    group = GROUP
    naming = (
        "code",
        "version",
    )

    code: str | None = fact("Code", ask="Document code.", due=Stage.DOSSIER, source=by.S_4_1, example="SP-C19-DP")
    scope: SpecificationScope | None = fact("Scope", ask="What it is of.", due=Stage.DOSSIER, source=by.RULE_STAGE)
    version: str | None = fact(
        "Version", ask="Version of the document.", due=Stage.DOSSIER, source=by.RULE_VERSION, example="3"
    )
    effective_from: dt.date | None = fact(
        "In force from", ask="Day it came into force.", due=Stage.DOSSIER, source=by.RULE_VERSION
    )
    effective_to: dt.date | None = fact("In force until", ask="Last day, once a later version replaced it.")
    change_reason: str | None = fact("Reason for the version", form=Form.TEXT, ask="What changed and why.")
    # A42: a fresh and a frozen form have limits of their own
    presentation: str | None = fact(
        "Presentation", ask="Form of the product it is of, if there are several.", example="frozen in bags"
    )
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it is of.",
        due=Stage.DOSSIER,
        when=only.is_spec_of_substance,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it is of.",
        due=Stage.DOSSIER,
        when=only.is_spec_of_product,
        source=by.RULE_REPEAT,
    )
    material: UUID | None = fact(
        "Material",
        to="material",
        ask="Material it is of.",
        due=Stage.DOSSIER,
        when=only.is_spec_of_material,
        source=by.RULE_REPEAT,
    )
    bank: UUID | None = fact(
        "Cell bank",
        to="cell_bank",
        ask="Bank or seed it is of.",
        due=Stage.DOSSIER,
        when=only.is_spec_of_bank,
        source=by.BANKS,
    )
    step: UUID | None = fact(
        "Process step",
        to="process_step",
        ask="Step that yields the intermediate.",
        due=Stage.DOSSIER,
        when=only.is_spec_of_step,
        source=by.S_2_4,
    )


class SpecTest(Record, table=True):
    """One row of a specification. Its criterion is kept as people write it; type and limits are read from it."""

    called = ("Specification test", "Specification tests")
    group = GROUP
    naming = ("test",)

    specification: UUID | None = fact(
        "Specification", to="specification", ask="Specification it stands in.", due=Stage.DOSSIER, source=by.S_4_1
    )
    order: int | None = fact(
        "Order", ge=0, ask="Place in the table, from 1.", due=Stage.DOSSIER, source=by.S_4_1, example="7"
    )
    attribute: UUID | None = fact(
        "Attribute", to="quality_attribute", ask="Quality attribute it measures.", due=Stage.DOSSIER, source=by.S_4_5
    )
    category: TestCategory | None = fact(
        "Category", ask="What it says something about.", due=Stage.DOSSIER, source=by.S_4_1
    )
    # A28: one test may answer for identity and potency at once
    also_for: list[TestCategory] | None = fact("Serves also", ask="Other categories that it answers for.")
    test: str | None = fact(
        "Test", ask="Name as the table prints it.", due=Stage.DOSSIER, source=by.S_4_1, example="viability"
    )
    # the checks know most tests by their names; a name that says something else is helped out here
    measures: list[Measurand] | None = fact("Measures", ask="What it measures, where its name does not say it.")
    tells_apart: list[str] | None = fact(
        "Tells apart from",
        ask="For identity: other products of the site that fail the test, one on a line.",
        example="CD20 CAR-T cells of trial B",
    )
    method: UUID | None = fact(
        "Method", to="analytical_method", ask="Procedure it is done by.", due=Stage.DOSSIER, source=by.S_4_2
    )
    ph_eur_ref: str | None = fact(
        "Ph. Eur. reference",
        ask="Chapter.",
        due=Stage.DOSSIER,
        when=only.is_test_by_pharmacopoeia,
        source=by.S_4_2,
        example="2.7.29",
    )
    criterion: str | None = fact(
        "Acceptance criterion",
        form=Form.CRITERION,
        ask="As it is written in the field.",
        due=Stage.DOSSIER,
        source=by.S_4_1,
        example="≥ 70 %",
    )
    unit: str | None = fact(
        "Unit",
        ask="Unit of the result.",
        due=Stage.DOSSIER,
        when=only.has_numeric_criterion,
        source=by.RULE_NUMBER,
        example="%",
    )
    # A21: a percentage needs its denominator
    population: str | None = fact(
        "Denominator",
        ask="Of which cells or particles.",
        due=Stage.DOSSIER,
        when=only.is_percentage,
        source=by.RULE_DENOMINATOR,
        example="viable CD3+ cells",
    )
    # A31: a limit that holds for some batches only
    applies_if: str | None = fact(
        "Applies if", ask="Condition under which the test is done.", example="allogeneic donor"
    )
    stage: TestStage | None = fact("Stage", ask="At which point it is done.", due=Stage.DOSSIER, source=by.RULE_STAGE)
    # A20: one test at several points of the chain, with different limits
    time_point: str | None = fact(
        "Time point", ask="When in the chain, if the stage does not say it.", example="day 5", max_length=80
    )
    # A32: the tested sample is not always the product
    sampling: str | None = fact(
        "Sample", ask="What is sampled where, if not the final container.", example="supernatant before the wash"
    )
    action_if_out: str | None = fact("If out of limit", ask="What is done before release.", example="reject")
    sampled_before: Decimal | None = fact(
        "Sampled before completion", unit="h", ge=0, ask="How long before manufacture ends, if earlier.", example="48"
    )
    turnaround: Decimal | None = fact(
        "Time to result", unit="h", gt=0, ask="If it is not that of the method: a first reading.", example="48"
    )
    release_timing: ReleaseTiming | None = fact(
        "Result comes", ask="Before or after release.", due=Stage.DOSSIER, source=by.RULE_TIMING
    )
    plan_if_positive: str | None = fact(
        "Plan if the late result is positive",
        form=Form.TEXT,
        ask="Who is told and what is done.",
        due=Stage.DOSSIER,
        when=only.is_reported_after_release,
        source=by.RULE_TIMING,
        example="the treating physician is told within 24 h",
    )
    phase: TestPhase | None = fact(
        "Phase", ask="Phase of development it is asked for in.", due=Stage.DOSSIER, source=by.P_5_1
    )
    is_shelf_life_criterion: bool | None = fact(
        "Shelf-life criterion",
        ask="Whether it must hold until the end of shelf life.",
        due=Stage.DOSSIER,
        source=by.S_7_1,
    )
    shelf_life_criterion: str | None = fact(
        "Criterion at the end of shelf life", form=Form.CRITERION, ask="If it differs from release.", example="≥ 60 %"
    )
    justification: str | None = fact(
        "Justification",
        form=Form.TEXT,
        ask="Why this limit.",
        due=Stage.DOSSIER,
        source=by.S_4_5,
        example="safety and basis of the dose",
    )
    justification_type: JustificationType | None = fact(
        "Rests on", ask="What the limit rests on.", due=Stage.DOSSIER, source=by.S_4_5
    )
    # an example taken from the reference tests of the product class, until a person confirms it
    is_example: bool | None = fact(
        "Example, not yet confirmed", ask="Seeded from the reference list; confirm or change it."
    )

    @property
    def limits(self) -> Criterion | None:
        """The criterion, parsed; None where there is none."""
        try:
            return parse(self.criterion) if self.criterion else None
        except LimitFault:
            return None

    @property
    def criterion_type(self) -> CriterionType | None:
        """The kind of criterion; None where there is none, or where its limit is not known or still to be set."""
        return type_of(self.limits)

    @property
    def low(self) -> Decimal | None:
        """The lower limit in the criterion's own unit, where the criterion has just one."""
        return ends_of(self.limits)[0]

    @property
    def high(self) -> Decimal | None:
        """The upper limit in the criterion's own unit, where the criterion has just one."""
        return ends_of(self.limits)[1]

    @property
    def criterion_text(self) -> str | None:
        """The criterion in the field's notation."""
        return show(self.limits) if self.limits else None

    @property
    def report_only(self) -> bool:
        """Whether the result is reported without a limit."""
        return self.criterion_type is CriterionType.REPORT

    def scope(self, binder: only.Holdings) -> SpecificationScope | None:
        """What the specification of this row is of."""
        specification = binder.find(self.specification) if self.specification else None
        return specification.scope if isinstance(specification, Specification) else None
