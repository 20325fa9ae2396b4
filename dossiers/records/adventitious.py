"""What keeps agents out: controls of bacteria, viruses and prions at the source, in the process and in the product."""

from __future__ import annotations

from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Record, fact
from dossiers.records.handling import GROUP
from dossiers.records.quality import ReleaseTiming
from dossiers.records.risks import RiskLevel
from dossiers.stage import Stage


class AgentClass(Choice):
    """Kind of agent that must be kept out."""

    BACTERIA = "bacteria"
    FUNGI = "fungi"
    MYCOPLASMA = "mycoplasma"
    ENDOTOXIN = "endotoxin"
    VIRUS = "virus"
    RCR = "rcr"
    RCL = "rcl"
    RCAAV = "rcaav"
    TSE = "tse"


AgentClass.labelled(
    RCR="replication-competent retrovirus",
    RCL="replication-competent lentivirus",
    RCAAV="replication-competent AAV",
    TSE="transmissible spongiform encephalopathy",
)


class ControlLevel(Choice):
    """Where an agent is controlled."""

    SOURCE = "source"
    IN_PROCESS = "in_process"
    PRODUCT = "product"
    CLINICAL = "clinical"


ControlLevel.labelled(IN_PROCESS="in process")


class AdventitiousControl(Record, table=True):
    """A control against agents that must not be in the product."""

    called = ("Adventitious agent control", "Adventitious agent controls")
    group = GROUP
    naming = (
        "agent",
        "control_level",
    )

    agent_class: AgentClass | None = fact("Class", ask="Kind of agent.", due=Stage.DOSSIER, source=by.A_2)
    agent: str | None = fact(
        "Agent", ask="Which.", due=Stage.DOSSIER, source=by.A_2, example="replication-competent lentivirus"
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it is about.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    source_material: UUID | None = fact(
        "Source", to="material", ask="Material it could come from.", due=Stage.DOSSIER, source=by.A_2
    )
    control_level: ControlLevel | None = fact(
        "Controlled at", ask="Where it is controlled.", due=Stage.DOSSIER, source=by.A_2
    )
    test: str | None = fact(
        "Test", ask="What is done.", due=Stage.DOSSIER, source=by.A_2, example="co-culture on C8166 cells"
    )
    method: UUID | None = fact(
        "Method", to="analytical_method", ask="By which method.", due=Stage.DOSSIER, source=by.A_2
    )
    stage: str | None = fact("Stage", ask="At which point.", due=Stage.DOSSIER, source=by.A_2, example="vector lot")
    lod: str | None = fact(
        "Limit of detection",
        ask="Least that is seen.",
        due=Stage.DOSSIER,
        source=by.VIRAL_SAFETY,
        example="1 in 2.5 × 10⁸ TU",
    )
    result: str | None = fact("Result", ask="What was found.", due=Stage.DOSSIER, source=by.A_2, example="not detected")
    release_timing: ReleaseTiming | None = fact(
        "Result comes", ask="Before or after release.", due=Stage.DOSSIER, source=by.RULE_TIMING
    )
    residual_risk: RiskLevel | None = fact("Residual risk", ask="What remains.", due=Stage.DOSSIER, source=by.A_2)
