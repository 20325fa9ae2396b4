"""What belongs to the dossier itself: documents, sections, texts, terms, risks and sources."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Dossier"
RISKS = "Risks"


class DocumentKind(Choice):
    """Kind of an attached or cited document."""

    COA = "coa"
    TSE = "tse"
    MIA = "mia"
    QP_DECLARATION = "qp_declaration"
    GMO_DOSSIER = "gmo_dossier"
    LABEL = "label"
    LITERATURE = "literature"
    REPORT = "report"
    COVER = "cover"


DocumentKind.labelled(
    COA="certificate of analysis",
    TSE="TSE statement",
    MIA="manufacturing authorisation",
    QP_DECLARATION="QP declaration",
    GMO_DOSSIER="GMO dossier",
)


class DocumentStatus(Choice):
    """Whether a document may be relied upon."""

    DRAFT = "draft"
    FINAL = "final"
    SUPERSEDED = "superseded"


class DocumentRef(Record, table=True):
    """A document that the dossier attaches or cites: certificate, statement, report, literature, other dossier."""

    called = ("Document", "Documents")
    group = GROUP
    naming = ("title",)

    type: DocumentKind | None = fact(
        "Kind", ask="What kind of document it is.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G
    )
    title: str | None = fact(
        "Title",
        ask="Title as it stands on the document.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
        example="Certificate of analysis LV-CAR19 lot 003",
    )
    reference: str | None = fact("Reference", ask="Number or address under which it is filed.", example="QC-2026-017")
    version: str | None = fact("Version", ask="Version of the document.", max_length=40)
    date: dt.date | None = fact("Date", ask="Date on the document.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G)
    # A56: decisions on genetically modified organisms differ by country and by site.
    country: str | None = fact(
        "Country",
        ask="Country of the procedure, two letters.",
        due=Stage.DOSSIER,
        when=only.is_gmo_dossier,
        source=by.GMO_STATUS,
        example="BE",
        max_length=2,
    )
    site: UUID | None = fact("Site", to="site", ask="Site that the document is about.")
    procedure: str | None = fact(
        "Procedure",
        ask="Procedure that the document belongs to.",
        due=Stage.DOSSIER,
        when=only.is_gmo_dossier,
        source=by.GMO_STATUS,
        example="contained use",
    )
    authority: str | None = fact(
        "Authority",
        ask="Authority in charge.",
        due=Stage.DOSSIER,
        when=only.is_gmo_dossier,
        source=by.GMO_STATUS,
        example="Flemish authority, with advice of the SBB",
    )
    status: DocumentStatus | None = fact(
        "Status", ask="Draft, final or superseded.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G
    )
    approval: str | None = fact(
        "Approved by",
        ask="Role or name of the person who approved it.",
        due=Stage.DOSSIER,
        when=only.is_final,
        source=by.CTR_ANNEX_I_G,
        example="Head of QA",
    )
    approved_on: dt.date | None = fact(
        "Approved on", ask="Date of the approval.", due=Stage.DOSSIER, when=only.is_final, source=by.CTR_ANNEX_I_G
    )
    reason: str | None = fact(
        "Reason",
        form=Form.TEXT,
        ask="Why this version of the dossier was made.",
        due=Stage.DOSSIER,
        when=only.is_dossier_version,
        source=by.CTR_ANNEX_I_G,
        example="first submission",
    )
    substantial_modification: bool | None = fact(
        "Substantial modification",
        ask="Whether this version was submitted as one.",
        due=Stage.DOSSIER,
        when=only.is_dossier_version,
        source=by.CTR_ANNEX_I_G,
    )


class SectionStatus(Record, table=True):
    """Whether a section applies to this product, and why not if it does not."""

    called = ("Section status", "Section statuses")
    group = GROUP
    naming = ("number",)

    number: str | None = fact(
        "Section",
        ask="Number of the section.",
        due=Stage.DOSSIER,
        source=by.RULE_SECTION,
        example="S.2.3.2",
        max_length=20,
    )
    active_substance: UUID | None = fact(
        "Active substance", to="active_substance", ask="If it holds for one substance only."
    )
    product: UUID | None = fact("Product", to="product", ask="If it holds for one product only.")
    material: UUID | None = fact("Material", to="material", ask="If it holds for one starting material only.")
    applicable: bool | None = fact(
        "Applies", ask="Whether the section applies.", due=Stage.DOSSIER, source=by.RULE_SECTION
    )
    not_applicable_reason: str | None = fact(
        "Reason",
        form=Form.TEXT,
        ask="Printed under the section's heading.",
        due=Stage.DOSSIER,
        when=only.is_not_applicable,
        source=by.RULE_SECTION,
        example="No human cells in the product; there is no donor.",
    )
    last_changed_version: str | None = fact(
        "Last changed in version",
        ask="Version of the dossier that last changed it.",
        due=Stage.SUBMITTED,
        source=by.CTR_ANNEX_I_G,
        max_length=40,
    )


class Language(Choice):
    """Language of a text."""

    EN = "en"
    NL = "nl"
    FR = "fr"


Language.labelled(EN="English", NL="Dutch", FR="French")


class NarrativeStatus(Choice):
    """How far a text is."""

    DRAFT = "draft"
    REVIEWED = "reviewed"
    APPROVED = "approved"


class Narrative(Record, table=True):
    """The text that a person wrote for one section."""

    called = ("Section text", "Section texts")
    group = GROUP
    naming = ("section_number",)

    section_number: str | None = fact(
        "Section",
        ask="Number of the section.",
        due=Stage.DOSSIER,
        source=by.RULE_SECTION,
        example="S.3.1.1",
        max_length=20,
    )
    active_substance: UUID | None = fact(
        "Active substance", to="active_substance", ask="If it is about one substance only."
    )
    product: UUID | None = fact("Product", to="product", ask="If it is about one product only.")
    material: UUID | None = fact("Material", to="material", ask="If it is about one starting material only.")
    language: Language | None = fact(
        "Language", ask="Language of the text.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G
    )
    text: str | None = fact(
        "Text",
        form=Form.PROSE,
        ask="Markdown, within the section's word budget.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
    )
    status: NarrativeStatus | None = fact(
        "Status", ask="Draft, reviewed or approved.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G
    )
    author: str | None = fact(
        "Author", ask="Who wrote it.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G, example="process engineer"
    )
    reviewed_by: str | None = fact(
        "Reviewed by",
        ask="Who read it.",
        due=Stage.DOSSIER,
        when=only.is_reviewed,
        source=by.CTR_ANNEX_I_G,
        example="QA",
    )


class GlossaryTerm(Record, table=True):
    """A term or abbreviation and what it means in this dossier."""

    called = ("Glossary term", "Glossary")
    group = GROUP
    naming = ("term",)

    term: str | None = fact(
        "Term or abbreviation",
        ask="Spelled as in the protocol and the brochure.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
        example="VCN",
    )
    definition: str | None = fact(
        "Meaning",
        ask="One line.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
        example="vector copies per transduced cell",
    )


class RiskLevel(Choice):
    """How large a risk remains."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class RiskFactor(Record, table=True):
    """A risk of the product: its factors, the data, the gap, and what answers it. Every risk closes."""

    called = ("Risk", "Risks")
    group = RISKS
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
    residual_level: RiskLevel | None = fact(
        "Residual risk", ask="What remains after mitigation.", due=Stage.DOSSIER, source=by.RISK_BASED
    )


class Reading(Choice):
    """How much of a source was read."""

    FULL = "full"
    EXCERPT = "excerpt"
    ABSTRACT = "abstract"
    TITLE = "title"
    NOT_READ = "not_read"


class Source(Record, table=True):
    """A publication or document from which values were taken; facts name it by its key."""

    called = ("Source", "Sources")
    group = GROUP
    naming = ("title",)

    title: str | None = fact(
        "Title", ask="Title of the publication or document.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G
    )
    address: str | None = fact("Address", ask="Where it can be found.", max_length=2000)
    read_as: Reading | None = fact(
        "Read as", ask="How much of it was read.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G
    )
    copy_of: str | None = fact("Copy read", ask="Where the text was read, if not at its own address.")
    read_on: dt.date | None = fact("Read on", ask="When it was read.")
