"""Who does what where, in which rooms, and how the product is traced from donor to patient."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Sites and traceability"


class Authorisation(Choice):
    """Authorisation under which a site works."""

    MIA_IMP = "mia_imp"
    GMP_CERTIFICATE = "gmp_certificate"
    TISSUE_ESTABLISHMENT = "tissue_establishment"
    GMO = "gmo"
    NONE = "none"


Authorisation.labelled(MIA_IMP="MIA(IMP)", GMP_CERTIFICATE="GMP certificate", GMO="GMO permit")


class AuthorisedActivity(Choice):
    """What an authorisation allows."""

    MANUFACTURE = "manufacture"
    PACKAGING = "packaging"
    TESTING = "testing"
    IMPORT = "import"
    CERTIFICATION = "certification"
    STORAGE = "storage"


AuthorisedActivity.labelled(
    PACKAGING="packaging and labelling", TESTING="quality control", CERTIFICATION="certification of batches"
)


class ProductClass(Choice):
    """Class of advanced therapy that an authorisation names."""

    GENE = "gene"
    CELL = "cell"
    TISSUE = "tissue"


ProductClass.labelled(GENE="gene therapy", CELL="somatic cell therapy", TISSUE="tissue-engineered products")

_is_under_gmp = only.where(
    "The site works under an authorisation for medicines, which says what it may do.",
    authorisation_type=(Authorisation.MIA_IMP, Authorisation.GMP_CERTIFICATE),
)


class Site(Record, table=True):
    """An organisation in the chain from donor to patient, at one address."""

    called = ("Site", "Sites")
    group = GROUP
    naming = ("name",)

    name: str | None = fact(
        "Site",
        ask="Name of the organisation and unit.",
        due=Stage.TRANSFER,
        source=by.S_2_1,
        example="UZ Leuven cell therapy GMP unit",
    )
    address: str | None = fact(
        "Address",
        form=Form.TEXT,
        ask="Full address.",
        due=Stage.DOSSIER,
        source=by.S_2_1,
        example="Herestraat 49, 3000 Leuven",
    )
    country: str | None = fact(
        "Country", ask="Two letters (ISO 3166).", due=Stage.TRANSFER, source=by.S_2_1, example="BE", max_length=2
    )
    authorisation_type: Authorisation | None = fact(
        "Authorisation", ask="Authorisation it works under.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_F
    )
    authorisation_no: str | None = fact(
        "Authorisation number",
        ask="Number of the authorisation.",
        due=Stage.DOSSIER,
        when=only.is_authorised,
        source=by.CTR_ANNEX_I_F,
    )
    authorised_until: dt.date | None = fact(
        "Authorised until",
        ask="Last day of the authorisation; empty with a reason if it has no end.",
        due=Stage.DOSSIER,
        when=_is_under_gmp,
        source=by.CTR_ANNEX_I_F,
    )
    authorised_for: list[AuthorisedActivity] | None = fact(
        "Authorised for", ask="What it allows.", due=Stage.DOSSIER, when=_is_under_gmp, source=by.CTR_ANNEX_I_F
    )
    authorised_classes: list[ProductClass] | None = fact(
        "Classes of product", ask="That it names.", due=Stage.DOSSIER, when=_is_under_gmp, source=by.CTR_ANNEX_I_F
    )
    authorised_as: str | None = fact(
        "Name and address on the authorisation",
        form=Form.TEXT,
        ask="As the authorisation spells them.",
        due=Stage.DOSSIER,
        when=_is_under_gmp,
        source=by.CTR_ANNEX_I_F,
        example="UZ Leuven cell therapy GMP unit, Herestraat 49, 3000 Leuven",
    )
    inspected_on: dt.date | None = fact(
        "Last inspected",
        ask="Last day of the last inspection on good manufacturing practice.",
        due=Stage.DOSSIER,
        when=_is_under_gmp,
        source=by.CTR_ANNEX_I_F,
    )


class ActivityStage(Choice):
    """Stage of the chain at which a site works."""

    STARTING_MATERIAL = "starting_material"
    DS = "ds"
    DP = "dp"
    TESTING = "testing"
    STORAGE = "storage"
    DISTRIBUTION = "distribution"


ActivityStage.labelled(DS="drug substance", DP="drug product")


def _has_modified_product(_record: Any, binder: only.Holdings) -> bool:
    """The product is genetically modified: who handles it may need a permit."""
    return binder.product is not None and binder.product.genetically_modified is True


class SiteActivity(Record, table=True):
    """One task of one site at one stage, during a period."""

    called = ("Site activity", "Site activities")
    group = GROUP
    naming = ("stage", "activity")

    site: UUID | None = fact("Site", to="site", ask="Who does it.", due=Stage.DOSSIER, source=by.S_2_1)
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="For which product.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.P_3_1,
    )
    active_substance: UUID | None = fact(
        "Active substance", to="active_substance", ask="For which substance, if not for all."
    )
    stage: ActivityStage | None = fact("Stage", ask="Stage of the chain.", due=Stage.DOSSIER, source=by.S_2_1)
    activity: str | None = fact(
        "Activity",
        ask="Exact task.",
        due=Stage.DOSSIER,
        source=by.S_2_1,
        example="transduction, expansion, formulation, fill",
    )
    tests_covered: list[UUID] | None = fact(
        "Tests", to="spec_test", ask="Tests done at the site.", due=Stage.DOSSIER, when=only.is_testing, source=by.S_2_1
    )
    batch_release: bool | None = fact(
        "Batch release", ask="Whether a QP of the site releases batches.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_F
    )
    processes: list[UUID] | None = fact("Process versions", to="process", ask="Versions run at the site, if not all.")
    evidence: list[UUID] | None = fact("Evidence", to="document_ref", ask="Authorisation, GMP certificate, inspection.")
    handles_gmo: bool | None = fact(
        "Handles modified organisms",
        ask="Whether live vector or modified cells are open, kept or tested in this task.",
        due=Stage.DOSSIER,
        when=_has_modified_product,
        source=by.GMO_STATUS,
    )
    since: str | None = fact("Since", form=Form.MONTH, ask="Month from which the site does it.")
    until: str | None = fact("Until", form=Form.MONTH, ask="Month in which it ended.")


class Grade(Choice):
    """Clean-room grade; "A in B" is an open manipulation in a cabinet."""

    A = "A"
    A_IN_B = "A in B"
    A_IN_C = "A in C"
    A_IN_D = "A in D"
    B = "B"
    C = "C"
    D = "D"
    OTHER = "other"


class FacilityArea(Record, table=True):
    """A room in which the product is made."""

    called = ("Production area", "Production areas")
    group = GROUP
    naming = ("name",)

    site: UUID | None = fact("Site", to="site", ask="Where the room is.")
    name: str | None = fact(
        "Area", ask="Name of the room or suite.", due=Stage.DOSSIER, source=by.A_1, example="GMP suite 2"
    )
    grade: Grade | None = fact("Grade", ask="Clean-room grade.", due=Stage.DOSSIER, source=by.A_1)
    activities: str | None = fact(
        "Operations",
        ask="What is done there.",
        due=Stage.DOSSIER,
        source=by.A_1,
        example="open manipulations in a safety cabinet",
    )
    shared: bool | None = fact(
        "Shared with other products", ask="Whether other products are made there.", due=Stage.DOSSIER, source=by.A_1
    )
    # Other products of the house lie outside this project: their names, not links.
    products_shared: list[str] | None = fact(
        "Shared with",
        ask="Names of the other products, one on a line.",
        due=Stage.DOSSIER,
        when=only.is_shared,
        source=by.A_1,
    )
    segregation: str | None = fact(
        "Segregation",
        form=Form.TEXT,
        ask="How mix-up and carry-over are prevented.",
        due=Stage.DOSSIER,
        when=only.is_shared,
        source=by.A_1,
        example="campaign, cleaning, line clearance",
    )


class TracePoint(Choice):
    """Point of the chain at which an identifier is given."""

    COLLECTION = "collection"
    RECEIPT = "receipt"
    PROCESS = "process"
    RELEASE = "release"
    SHIPMENT = "shipment"
    BEDSIDE = "bedside"


class TraceabilityIdentifier(Record, table=True):
    """An identifier in the chain of identity: the scheme, never a person's name or number."""

    called = ("Identifier", "Identifier chain")
    group = GROUP
    naming = ("point", "identifier")

    product: UUID | None = fact(
        "Product",
        to="product",
        ask="The product traced.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.TRACEABILITY,
    )
    point: TracePoint | None = fact(
        "Point", ask="Where in the chain it is given.", due=Stage.DOSSIER, source=by.TRACEABILITY
    )
    identifier: str | None = fact(
        "Identifier", ask="What it is called.", due=Stage.DOSSIER, source=by.TRACEABILITY, example="batch number"
    )
    format: str | None = fact(
        "Format",
        ask="Pattern or invented example, pseudonymous.",
        due=Stage.DOSSIER,
        source=by.TRACEABILITY,
        example="KUL-C19-YYYY-NNN",
    )
    carrier: str | None = fact(
        "Carrier", ask="What bears it.", due=Stage.DOSSIER, source=by.TRACEABILITY, example="label and batch record"
    )
    assigned_by: UUID | None = fact(
        "Assigned by", to="site", ask="Who gives it.", due=Stage.DOSSIER, source=by.TRACEABILITY
    )
    linked_to: str | None = fact(
        "Linked to",
        ask="Identifier it is linked with.",
        due=Stage.DOSSIER,
        source=by.TRACEABILITY,
        example="donation number and subject number",
    )
    check: str | None = fact(
        "Verification",
        ask="How mix-up is prevented.",
        due=Stage.DOSSIER,
        source=by.TRACEABILITY,
        example="two-person check at receipt",
    )
    record_holder: UUID | None = fact(
        "Record holder", to="site", ask="Who keeps the record.", due=Stage.DOSSIER, source=by.TRACEABILITY
    )
    retention_years: Decimal | None = fact(
        "Retention",
        unit="years",
        ge=0,
        ask="How long records are kept.",
        due=Stage.DOSSIER,
        source=by.TRACEABILITY,
        example="30",
    )
