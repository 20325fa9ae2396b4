"""Where cells come from: donor programmes and donor tests, cell banks and virus seeds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.materials import GROUP
from dossiers.stage import Stage


class DonorType(Choice):
    """Whose cells or tissue are donated."""

    AUTOLOGOUS = "autologous"
    ALLOGENEIC = "allogeneic"
    DECEASED = "deceased"


def _is_tested_outside(record: Any, binder: only.Holdings) -> bool:
    """A laboratory that tests the donors is no tissue establishment itself: an agreement binds it."""
    tests = binder.grouped("donor_test", ("programme",)).get((record.uid,), ())
    sites = [binder.find(test.laboratory) for test in tests if test.laboratory is not None]
    return any(getattr(site, "authorisation_type", None) == "none" for site in sites)


class DonorProgramme(Record, table=True):
    """Conditions under which cells or tissue are donated and collected."""

    called = ("Donor programme", "Donor programmes")
    group = GROUP
    naming = ("tissue",)

    material: UUID | None = fact(
        "Starting material", to="material", ask="Material that is donated.", due=Stage.DOSSIER, source=by.DONATION
    )
    donor_type: DonorType | None = fact(
        "Donor", ask="Patient, living donor or deceased donor.", due=Stage.TRANSFER, source=by.DONATION
    )
    tissue: str | None = fact(
        "Tissue or cells",
        ask="What is collected.",
        due=Stage.TRANSFER,
        source=by.DONATION,
        example="apheresis mononuclear cells",
    )
    selection: str | None = fact("Selection of donors", form=Form.TEXT, ask="Inclusion and exclusion criteria.")
    procurement_site: UUID | None = fact(
        "Procurement site", to="site", ask="Where it is collected.", due=Stage.DOSSIER, source=by.DONATION
    )
    authorisation_no: str | None = fact(
        "Authorisation number", ask="Of the bank or procurement site.", due=Stage.DOSSIER, source=by.DONATION
    )
    authorised_until: dt.date | None = fact(
        "Authorised until",
        ask="Last day of the authorisation; empty with a reason if it has no end.",
        due=Stage.DOSSIER,
        source=by.DONATION,
    )
    testing_agreement: str | None = fact(
        "Agreement on donor testing",
        ask="Agreement that binds a testing laboratory to the authorised establishment.",
        due=Stage.DOSSIER,
        when=_is_tested_outside,
        source=by.DONATION,
        example="third-party agreement TPA-12 of 3 Feb 2025",
    )
    endemic_area: bool | None = fact(
        "Donors from an area of high HTLV prevalence",
        ask="Whether donors who live in or come from such an area are accepted.",
        due=Stage.DOSSIER,
        source=by.DONOR_TESTS,
    )
    collection_method: str | None = fact(
        "Collection method",
        ask="How it is collected.",
        due=Stage.DOSSIER,
        source=by.DONATION,
        example="leukapheresis, 2 to 3 blood volumes",
    )
    anticoagulant: str | None = fact(
        "Anticoagulant", ask="Used at collection.", due=Stage.DOSSIER, source=by.DONATION, example="ACD-A"
    )
    container: UUID | None = fact(
        "Container", to="container", ask="What it is collected in.", due=Stage.DOSSIER, source=by.DONATION
    )
    min_quantity: Decimal | None = fact(
        "Minimum quantity", ge=0, ask="Least that is accepted.", due=Stage.DOSSIER, source=by.DONATION, example="1e9"
    )
    min_quantity_unit: str | None = fact(
        "Unit of quantity",
        ask="What is counted.",
        due=Stage.DOSSIER,
        source=by.RULE_DENOMINATOR,
        example="CD3+ cells",
        max_length=80,
    )
    transport_condition: str | None = fact(
        "Transport temperature",
        ask="Range during transport.",
        due=Stage.DOSSIER,
        source=by.DONATION,
        example="2–8 °C",
    )
    max_hold_time: Decimal | None = fact(
        "Maximum hold time",
        unit="h",
        ge=0,
        ask="From collection to the start of the process.",
        due=Stage.DOSSIER,
        source=by.DONATION,
        example="48",
    )
    consent_statement: bool | None = fact(
        "Consent", ask="Whether donors consent to this use.", due=Stage.DOSSIER, source=by.DONATION
    )


class Marker(Choice):
    """Infectious marker or risk that a donor is tested for."""

    HIV = "HIV"
    HBV = "HBV"
    HCV = "HCV"
    SYPHILIS = "syphilis"
    HTLV = "HTLV"
    CMV = "CMV"
    EBV = "EBV"
    TOXOPLASMA = "toxoplasma"
    MALARIA = "malaria"
    T_CRUZI = "T. cruzi"
    WNV = "West Nile virus"
    PARVOVIRUS = "parvovirus B19"
    HEV = "HEV"
    HLA = "HLA"
    RHD = "RhD"
    CJD_RISK = "CJD_risk"
    OTHER = "other"


Marker.labelled(CJD_RISK="CJD risk")


class SampleMatrix(Choice):
    """What a donor test is done on."""

    SERUM = "serum"
    PLASMA = "plasma"


def _is_sampled(record: Any, _binder: only.Holdings) -> bool:
    """The marker is tested on a sample, which is taken within a window."""
    return record.marker is not None and record.marker is not Marker.CJD_RISK


class RequiredFor(Choice):
    """Use for which a donor test is required."""

    AUTOLOGOUS = "autologous"
    ALLOGENEIC = "allogeneic"
    BOTH = "both"


RequiredFor.labelled(BOTH="autologous and allogeneic")


class DonorTest(Record, table=True):
    """A test of the donor, and what follows from a reactive result."""

    called = ("Donor test", "Donor tests")
    group = GROUP
    naming = ("marker", "assay")

    programme: UUID | None = fact(
        "Donor programme", to="donor_programme", ask="Donation it belongs to.", due=Stage.DOSSIER, source=by.DONOR_TESTS
    )
    marker: Marker | None = fact("Marker", ask="What is tested.", due=Stage.DOSSIER, source=by.DONOR_TESTS)
    assay: str | None = fact(
        "Assay", ask="Kind of test.", due=Stage.DOSSIER, source=by.DONOR_TESTS, example="HBsAg, CE-IVD"
    )
    matrix: SampleMatrix | None = fact("Sample", ask="Serum or plasma.", due=Stage.DOSSIER, source=by.DONOR_TESTS)
    laboratory: UUID | None = fact("Laboratory", to="site", ask="Who tests.", due=Stage.DOSSIER, source=by.DONOR_TESTS)
    sample_timing: str | None = fact(
        "Sampling window",
        ask="When the sample is taken.",
        due=Stage.DOSSIER,
        source=by.DONOR_TESTS,
        example="day of collection, at most 7 days after",
    )
    earliest_day: int | None = fact(
        "Earliest sample",
        unit="days",
        ge=-400,
        le=400,
        ask="Days from the donation; a minus is before it.",
        due=Stage.DOSSIER,
        when=_is_sampled,
        source=by.DONOR_TESTS,
        example="0",
    )
    latest_day: int | None = fact(
        "Latest sample",
        unit="days",
        ge=-400,
        le=400,
        ask="Days from the donation; a minus is before it.",
        due=Stage.DOSSIER,
        when=_is_sampled,
        source=by.DONOR_TESTS,
        example="7",
    )
    repeated_after: int | None = fact(
        "Repeated after", unit="days", ge=0, ask="Days after the donation, if stored cells wait for it.", example="180"
    )
    ce_marked: bool | None = fact(
        "CE-marked kit",
        ask="Whether the kit bears the CE mark for testing donors.",
        due=Stage.DOSSIER,
        when=_is_sampled,
        source=by.DONOR_TESTS,
    )
    required_for: RequiredFor | None = fact(
        "Required for", ask="Autologous use, allogeneic use or both.", due=Stage.DOSSIER, source=by.DONOR_TESTS
    )
    acceptance: str | None = fact(
        "Acceptance", ask="Result that is accepted.", due=Stage.DOSSIER, source=by.DONOR_TESTS, example="non-reactive"
    )
    action_if_reactive: str | None = fact(
        "If reactive",
        ask="Reject, label, segregate.",
        due=Stage.DOSSIER,
        source=by.DONOR_TESTS,
        example="segregated storage, biological hazard label",
    )


class BankType(Choice):
    """Kind of cell bank or virus seed."""

    MCB = "MCB"
    WCB = "WCB"
    EPC = "EPC"
    MVS = "MVS"
    WVS = "WVS"
    BACTERIAL = "bacterial"
    DONOR = "donor"


BankType.labelled(
    MCB="master cell bank",
    WCB="working cell bank",
    EPC="end-of-production cells",
    MVS="master virus seed",
    WVS="working virus seed",
    BACTERIAL="bacterial bank",
    DONOR="donor bank",
)


class CellBank(Record, table=True):
    """A cell bank or virus seed lot."""

    called = ("Cell bank", "Cell banks and seeds")
    group = GROUP
    naming = ("bank_id",)

    material: UUID | None = fact("Material", to="material", ask="Starting material that is made from it.")
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance that is made from it.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    bank_id: str | None = fact(
        "Bank",
        ask="Identifier of the bank.",
        due=Stage.DOSSIER,
        source=by.BANKS,
        example="HEK293 MCB 01",
        max_length=120,
    )
    type: BankType | None = fact("Type", ask="Kind of bank or seed.", due=Stage.DOSSIER, source=by.BANKS)
    cell_origin: str | None = fact(
        "Origin",
        ask="Cell line, strain or virus it was made from.",
        due=Stage.DOSSIER,
        source=by.BANKS,
        example="HEK293 lineage, human",
    )
    parent_bank: UUID | None = fact(
        "Parent bank",
        to="cell_bank",
        ask="Bank it was made from.",
        due=Stage.DOSSIER,
        when=only.is_derived_bank,
        source=by.BANKS,
    )
    passage: int | None = fact(
        "Passage", ge=0, ask="Passage at banking.", due=Stage.DOSSIER, when=only.is_passaged_bank, source=by.BANKS
    )
    max_passage: int | None = fact(
        "Highest passage",
        ge=0,
        ask="Limit for production.",
        due=Stage.DOSSIER,
        when=only.is_passaged_bank,
        source=by.BANKS,
    )
    titre: str | None = fact("Titre", form=Form.QUANTITY, ask="Of a virus seed, with its unit.", example="1e9 TU/mL")
    n_containers: int | None = fact("Containers", ge=0, ask="Number made.", due=Stage.DOSSIER, source=by.BANKS)
    made_on: str | None = fact(
        "Made", form=Form.MONTH, ask="Month or day.", due=Stage.DOSSIER, source=by.BANKS, example="2024-06"
    )
    site: UUID | None = fact("Made at", to="site", ask="Site that made it.", due=Stage.DOSSIER, source=by.BANKS)
    storage_condition: str | None = fact(
        "Storage",
        ask="Temperature or phase.",
        due=Stage.DOSSIER,
        source=by.BANKS,
        example="≤ −80 °C",
    )
    storage_sites: list[UUID] | None = fact(
        "Stored at", to="site", ask="Two sites guard against loss.", due=Stage.DOSSIER, source=by.BANKS
    )
    stability: str | None = fact(
        "Stability of the bank",
        ask="What shows that stored vials keep: recovery at each thawing, a test every so many years.",
        due=Stage.DOSSIER,
        source=by.BANKS,
        example="viability at each thawing, ≥ 80 % so far; one vial tested every five years",
    )
