"""Words for people and verdicts: roles of an account, functions within a project, what a gate may say."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What an account may do at all; kept as its value."""

    RESEARCHER = "researcher"
    CLINICIAN = "clinician"
    INVESTMENT = "investment_manager"
    REVIEWER = "reviewer"
    GMP = "gmp_lead"
    QUALITY = "quality"
    REGULATORY = "regulatory"
    ADMINISTRATOR = "administrator"

    @property
    def label(self) -> str:
        """The role as a reader meets it: "quality (QP)"."""
        return {"gmp_lead": "GMP lead", "quality": "quality (QP)"}.get(self.value, self.value.replace("_", " "))


class Function(StrEnum):
    """What a person does within one project. The first two are the tandem."""

    INVESTIGATOR = "principal_investigator"
    CLINICAL_LEAD = "clinical_lead"
    PROCESS = "process_development"
    PRODUCTION = "gmp_production"
    QUALITY_CONTROL = "quality_control"
    QUALITY_ASSURANCE = "quality_assurance"
    QUALIFIED_PERSON = "qualified_person"
    REGULATORY = "regulatory_affairs"
    TRANSFER_OFFICE = "technology_transfer"
    REVIEWER = "reviewer"
    MEMBER = "team_member"

    @property
    def label(self) -> str:
        """The function as a reader meets it: "principal investigator"."""
        return self.value.replace("_", " ").replace("gmp", "GMP")


HALVES = (Function.INVESTIGATOR, Function.CLINICAL_LEAD)  # of the tandem


class Verdict(StrEnum):
    """What a gate may say: `revise` sends an idea back to its team at G0, `recycle` a project to its stage later."""

    GO = "go"
    CONDITIONAL = "conditional_go"
    REVISE = "revise"
    RECYCLE = "recycle"
    HOLD = "hold"
    STOP = "stop"

    @property
    def label(self) -> str:
        """The verdict as a reader meets it: "conditional go"."""
        return self.value.replace("_", " ")

    @property
    def passes(self) -> bool:
        """Whether the project gets through the gate."""
        return self in (Verdict.GO, Verdict.CONDITIONAL)
