"""How things are measured: analytical methods, their validation, reference standards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.quality import SpecificationScope, TestCategory
from dossiers.stage import Stage

GROUP = "Quality control"


class MethodState(Choice):
    """Whether a method is in use."""

    IN_USE = "in_use"
    PLANNED = "planned"
    WITHDRAWN = "withdrawn"


class ValidationParameter(Choice):
    """What of a method was examined."""

    ACCURACY = "accuracy"
    PRECISION = "precision"
    SPECIFICITY = "specificity"
    LINEARITY = "linearity"
    RANGE = "range"
    DETECTION_LIMIT = "detection_limit"
    QUANTITATION_LIMIT = "quantitation_limit"
    ROBUSTNESS = "robustness"
    SUITABILITY = "suitability"
    COMPARABILITY = "comparability"
    TRANSFER = "transfer"
    BRIDGING = "bridging"


ValidationParameter.labelled(
    COMPARABILITY="comparability with the pharmacopoeia",
    TRANSFER="transfer to another laboratory",
    BRIDGING="comparison with the method before",
)


class ValidationStatus(Choice):
    """How far a method is proved."""

    NONE = "none"
    SUITABILITY = "suitability"
    QUALIFIED = "qualified"
    VALIDATED = "validated"


class StandardType(Choice):
    """Whose standard it is."""

    IN_HOUSE = "in_house"
    OFFICIAL = "official"


def _is_for_release(record: Any, binder: only.Holdings) -> bool:
    """A test of the drug product waits for its result: the time it takes must fit into the shelf life."""
    tests = binder.grouped("spec_test", ("method",)).get((record.uid,), ())
    return any(test.stage == "dp" and test.release_timing == "before_release" for test in tests)


def _is_shown_in_matrix(record: Any, binder: only.Holdings) -> bool:
    """A pharmacopoeial method for safety was shown to work, in a matrix that must be the one tested."""
    if record.parameter not in ("suitability", "comparability") or record.method is None:
        return False
    method = binder.find(record.method)
    return isinstance(method, AnalyticalMethod) and bool(method.compendial_ref) and method.role == "safety"


class AnalyticalMethod(Record, table=True):
    """A procedure by which something is measured."""

    called = ("Analytical method", "Analytical methods")
    group = GROUP
    naming = (
        "code",
        "title",
    )

    code: str | None = fact("Code", ask="Code of the method.", due=Stage.DOSSIER, source=by.S_4_2, example="M-021")
    title: str | None = fact(
        "Title",
        ask="What it measures and how.",
        due=Stage.DOSSIER,
        source=by.S_4_2,
        example="flow cytometry, viability (7-AAD)",
    )
    # A51: a method has versions, each used for a time
    version: str | None = fact("Version", ask="Version of the method.", max_length=40)
    since: str | None = fact("Used since", form=Form.MONTH, ask="Month from which it is used.")
    until: str | None = fact("Used until", form=Form.MONTH, ask="Month in which another replaced it.")
    role: TestCategory | None = fact("Role", ask="What it is for.", due=Stage.DOSSIER, source=by.S_4_2)
    principle: str | None = fact(
        "Principle",
        form=Form.TEXT,
        ask="How it works, in a line or two.",
        due=Stage.DOSSIER,
        source=by.S_4_2,
        example="dye exclusion on CD45+ events",
    )
    readout: str | None = fact("Read-out", ask="What is read, with its unit.", example="surviving fraction, %")
    mechanism_step: str | None = fact(
        "Step of the mechanism", ask="For potency: the step that it reflects.", example="killing of CD19+ cells"
    )
    sample: str | None = fact(
        "Sample", ask="What is taken and how much.", due=Stage.DOSSIER, source=by.S_4_2, example="0.5 mL, thawed"
    )
    controls: str | None = fact(
        "Controls", ask="Controls run with it.", due=Stage.DOSSIER, source=by.S_4_2, example="live and dead mixture"
    )
    lab: UUID | None = fact("Laboratory", to="site", ask="Who does it.", due=Stage.DOSSIER, source=by.S_2_1)
    compendial_ref: str | None = fact(
        "Pharmacopoeia",
        ask="Chapter it follows.",
        due=Stage.DOSSIER,
        when=only.is_method_by_pharmacopoeia,
        source=by.S_4_2,
        example="Ph. Eur. 2.7.29",
    )
    sop_ref: str | None = fact(
        "Procedure", ask="Document that describes it.", due=Stage.DOSSIER, source=by.S_4_2, example="SOP-QC-021"
    )
    turnaround: Decimal | None = fact(
        "Time to result",
        unit="h",
        gt=0,
        ask="From the start of the test to its result.",
        due=Stage.DOSSIER,
        when=_is_for_release,
        source=by.RULE_TIMING,
        example="168",
    )
    is_alternative: bool | None = fact("Alternative to the pharmacopoeia", ask="A rapid or other method in its place.")
    state: MethodState | None = fact("State", ask="Whether it is in use.")
    withdrawn_reason: str | None = fact(
        "Why withdrawn",
        form=Form.TEXT,
        ask="Why it is no longer used.",
        due=Stage.DOSSIER,
        when=only.is_withdrawn,
        source=by.S_4_2,
    )


class MethodValidation(Record, table=True):
    """One parameter of a method's validation or suitability."""

    called = ("Method validation", "Method validations")
    group = GROUP
    naming = (
        "method",
        "parameter",
    )

    method: UUID | None = fact(
        "Method", to="analytical_method", ask="Method that was examined.", due=Stage.DOSSIER, source=by.S_4_3
    )
    parameter: ValidationParameter | None = fact(
        "Parameter", ask="What was examined.", due=Stage.DOSSIER, source=by.VALIDATION
    )
    acceptance: str | None = fact(
        "Acceptance", ask="Limit set beforehand.", due=Stage.DOSSIER, source=by.VALIDATION, example="CV ≤ 10 %"
    )
    result: str | None = fact("Result", ask="What came out.", due=Stage.DOSSIER, source=by.VALIDATION, example="CV 6 %")
    matrices: list[SpecificationScope] | None = fact(
        "Shown in",
        ask="What was tested: the product, the substance, a vector, a bank.",
        due=Stage.DOSSIER,
        when=_is_shown_in_matrix,
        source=by.S_4_3,
    )
    status: ValidationStatus | None = fact(
        "Status", ask="How far the method is proved.", due=Stage.DOSSIER, source=by.S_4_3
    )
    report_ref: UUID | None = fact(
        "Report", to="document_ref", ask="Report that shows it.", due=Stage.DOSSIER, source=by.S_4_3
    )


class ReferenceStandard(Record, table=True):
    """A standard or control material."""

    called = ("Reference standard", "Reference standards")
    group = GROUP
    naming = ("code",)

    code: str | None = fact("Code", ask="Code of the standard.", due=Stage.DOSSIER, source=by.S_5, example="RS-C19-01")
    type: StandardType | None = fact("Type", ask="In-house or official.", due=Stage.DOSSIER, source=by.S_5)
    active_substance: UUID | None = fact(
        "Active substance", to="active_substance", ask="Substance it is for, if not for all."
    )
    purpose: str | None = fact(
        "Purpose", ask="What it is used for.", due=Stage.DOSSIER, source=by.S_5, example="control of the copy number"
    )
    methods: list[UUID] | None = fact(
        "Methods", to="analytical_method", ask="Methods that are read against it.", due=Stage.DOSSIER, source=by.S_5
    )
    source: str | None = fact(
        "Source", ask="What it was made from.", due=Stage.DOSSIER, source=by.S_5, example="transduced cell line"
    )
    source_batch: UUID | None = fact(
        "Source batch",
        to="batch",
        ask="Batch it was taken from.",
        due=Stage.DOSSIER,
        when=only.is_in_house,
        source=by.S_5,
    )
    assigned_value: Decimal | None = fact(
        "Assigned value", ask="Value given to it.", due=Stage.DOSSIER, source=by.S_5, example="2.0"
    )
    unit: str | None = fact("Unit", ask="Unit of that value.", due=Stage.DOSSIER, source=by.S_5, example="copies/cell")
    assigned_by: str | None = fact(
        "Assigned by", ask="How the value was found.", due=Stage.DOSSIER, source=by.S_5, example="six assays"
    )
    storage: str | None = fact(
        "Storage",
        ask="Condition in °C or words.",
        due=Stage.DOSSIER,
        source=by.S_5,
        example="vapour of liquid nitrogen",
    )
    expiry: str | None = fact(
        "Expiry", form=Form.MONTH, ask="Month or day.", due=Stage.DOSSIER, source=by.S_5, example="2028-05"
    )
    requalification: str | None = fact(
        "Requalification", ask="How often and by what.", due=Stage.DOSSIER, source=by.S_5, example="every year"
    )
