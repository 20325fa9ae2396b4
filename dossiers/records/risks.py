"""Risks of the product: what may happen, what is known of it, and what answers it."""

from __future__ import annotations

from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Risks"


class Hazard(Choice):
    """A hazard that reviewers of this kind of product look for."""

    ONCOGENESIS = "oncogenesis"
    TERATOMA = "teratoma"
    GVHD = "gvhd"
    INFECTION = "infection"
    CONTAMINATION = "contamination"
    MIX_UP = "mix_up"
    IMMUNOGENICITY = "immunogenicity"
    GERMLINE = "germline"
    SHEDDING = "shedding"
    OFF_TARGET = "off_target"
    OTHER = "other"


Hazard.labelled(
    ONCOGENESIS="tumour by a change of the genome",
    TERATOMA="tumour of undifferentiated cells",
    GVHD="graft-versus-host disease",
    INFECTION="infection passed on by donor or material",
    CONTAMINATION="microbial contamination",
    MIX_UP="mix-up of products or patients",
    IMMUNOGENICITY="immune response",
    GERMLINE="germline transmission",
    SHEDDING="shedding to others",
    OFF_TARGET="off-target editing",
    OTHER="another one",
)


class RiskLevel(Choice):
    """How large a risk remains."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class RiskFactor(Record, table=True):
    """A risk of the product: its factors, the data, the gap, and what answers it. Every risk closes."""

    called = ("Risk", "Risks")
    group = GROUP
    naming = ("number", "risk")

    product: UUID | None = fact(
        "Product",
        to="product",
        ask="The product at risk.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RISK_BASED,
    )
    number: int | None = fact(
        "Number", ge=1, ask="Number under which other sections cite it.", due=Stage.DOSSIER, source=by.RISK_BASED
    )
    risk: str | None = fact(
        "Risk",
        ask="What may happen to the patient.",
        due=Stage.TRANSFER,
        source=by.RISK_BASED,
        example="insertional mutagenesis",
    )
    hazards: list[Hazard] | None = fact(
        "Expected hazards it covers",
        ask="Those of the class that this risk is about, or “another one”.",
        due=Stage.DOSSIER,
        source=by.RISK_BASED,
    )
    factors: str | None = fact(
        "Risk factors",
        form=Form.TEXT,
        ask="What makes it likely or grave.",
        due=Stage.DOSSIER,
        source=by.RISK_BASED,
        example="integrating SIN lentivirus",
    )
    data_available: str | None = fact(
        "Evidence held",
        form=Form.TEXT,
        ask="What is known.",
        due=Stage.DOSSIER,
        source=by.RISK_BASED,
        example="VCN, class experience",
    )
    gap: str | None = fact("Gap", form=Form.TEXT, ask="What is not known.", example="integration sites in patients")
    mitigation: str | None = fact(
        "Mitigation",
        form=Form.TEXT,
        ask="In process, testing and monitoring.",
        due=Stage.DOSSIER,
        source=by.RISK_BASED,
        example="VCN limit, 15-year follow-up",
    )
    section_refs: list[str] | None = fact(
        "Sections",
        ask="Numbers of the sections that handle it, one on a line.",
        due=Stage.DOSSIER,
        source=by.RISK_BASED,
        example="S.3.1.2",
    )
    spec_tests: list[UUID] | None = fact(
        "Answered by tests",
        to="spec_test",
        ask="Rows of specifications that control it.",
        due=Stage.DOSSIER,
        when=only.is_open_risk,
        source=by.RULE_RISK,
    )
    studies: list[UUID] | None = fact(
        "Answered by studies", to="nonclinical_study", ask="Non-clinical studies about it."
    )
    in_process_controls: list[UUID] | None = fact(
        "Answered in process", to="in_process_control", ask="In-process controls that control it."
    )
    residual_level: RiskLevel | None = fact(
        "Residual risk", ask="What remains after mitigation.", due=Stage.DOSSIER, source=by.RISK_BASED
    )
