"""What belongs to the dossier itself: documents, sections, texts, terms, risks and sources."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Dossier"


class DocumentKind(Choice):
    """Kind of an attached or cited document."""

    COA = "coa"
    TSE = "tse"
    MIA = "mia"
    QP_DECLARATION = "qp_declaration"
    GMO_DOSSIER = "gmo_dossier"
    LABEL = "label"
    LOT_SHEET = "lot_sheet"
    LITERATURE = "literature"
    REPORT = "report"
    COVER = "cover"


DocumentKind.labelled(
    COA="certificate of analysis",
    TSE="TSE statement",
    MIA="manufacturing authorisation",
    QP_DECLARATION="QP declaration",
    GMO_DOSSIER="GMO dossier",
    LOT_SHEET="lot information sheet",
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
    # A batch is for a trial if the version of the dossier that held on its release describes how it was made.
    authorised_on: dt.date | None = fact(
        "Authorised on", ask="Day on which the authority accepted this version of the dossier."
    )
    processes: list[UUID] | None = fact(
        "Processes described",
        to="process",
        ask="Versions of processes that this version of the dossier describes.",
        due=Stage.DOSSIER,
        when=only.is_dossier_version,
        source=by.RULE_VERSION,
    )
    specifications: list[UUID] | None = fact(
        "Specifications described",
        to="specification",
        ask="Versions of specifications that it holds.",
        due=Stage.DOSSIER,
        when=only.is_dossier_version,
        source=by.RULE_VERSION,
    )
    sites: list[UUID] | None = fact(
        "Manufacturing sites described",
        to="site",
        ask="Sites at which substance or product may be made.",
        due=Stage.DOSSIER,
        when=only.is_dossier_version,
        source=by.RULE_VERSION,
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
    DE = "de"


Language.labelled(EN="English", NL="Dutch", FR="French", DE="German")


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
