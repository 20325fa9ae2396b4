"""What was made and found: batches, results, impurities, characterisation."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Batches and results"


class BatchScope(Choice):
    """What a batch is of."""

    STARTING = "starting"
    VECTOR = "vector"
    DS = "ds"
    DP = "dp"
    BANK = "bank"


BatchScope.labelled(STARTING="starting material", DS="drug substance", DP="drug product")


class BatchUse(Choice):
    """What a batch was used for."""

    NONCLINICAL = "nonclinical"
    CLINICAL = "clinical"
    STABILITY = "stability"
    VALIDATION = "validation"
    REFERENCE = "reference"


BatchUse.labelled(NONCLINICAL="non-clinical")


class Disposition(Choice):
    """What was decided about a batch."""

    RELEASED = "released"
    FAILED = "failed"
    OOS_GIVEN = "oos_given"
    QUARANTINE = "quarantine"
    NOT_STATED = "not_stated"


Disposition.labelled(OOS_GIVEN="given out of specification")


class BatchDonor(Choice):
    """Whose cells a batch was made from."""

    PATIENT = "patient"
    HEALTHY_DONOR = "healthy_donor"
    NONE = "none"


class Qualifier(Choice):
    """How a value is to be read."""

    EQUAL = "="
    LESS = "<"
    MORE = ">"
    ND = "ND"


Qualifier.labelled(ND="not detected")


class ResultState(Choice):
    """Whether a result is there, and if not, why."""

    REPORTED = "reported"
    BELOW_LOQ = "below_loq"
    PENDING = "pending"
    NOT_DONE = "not_done"
    NOT_APPLICABLE = "not_applicable"


ResultState.labelled(BELOW_LOQ="below the limit of quantitation")


class Statistic(Choice):
    """What a value is of several readings or batches."""

    SINGLE = "single"
    MEAN = "mean"
    MEDIAN = "median"
    MINIMUM = "minimum"
    MAXIMUM = "maximum"
    SD = "sd"


Statistic.labelled(SINGLE="single value", SD="standard deviation")


def _is_grown_from_bank(record: Any, binder: only.Holdings) -> bool:
    """The batch is a vector, or a plasmid: it began with a vial of a bank."""
    process = binder.find(record.process_version) if record.process_version else None
    made = binder.find(process.material) if process is not None and process.material else None
    return record.scope == "vector" or getattr(made, "category", None) == "plasmid"


def _is_of_a_donation(record: Any, binder: only.Holdings) -> bool:
    """The batch began with somebody's cells: the donation leads back to the donor."""
    begins = record.scope == "ds" or (record.scope == "dp" and not only.is_made_from_substance_batch(record, binder))
    return begins and only.has_cells(record, binder) and record.donor_type in ("patient", "healthy_donor")


_is_released_product = only.where(
    "Product that may be given has an expiry date.", scope="dp", disposition=("released", "oos_given")
)


def _is_certified(record: Any, binder: only.Holdings) -> bool:
    """Product for patients is certified by a qualified person before it is used."""
    return _is_released_product(record, binder) and "clinical" in (record.use or ())


class Batch(Record, table=True):
    """One manufacturing run. It keeps the process and specification versions it was made and released under."""

    called = ("Batch", "Batches")
    group = GROUP
    naming = ("number",)

    number: str | None = fact("Batch", ask="Batch number.", due=Stage.TRANSFER, source=by.S_4_4, example="C19-2026-014")
    scope: BatchScope | None = fact("Scope", ask="What it is of.", due=Stage.TRANSFER, source=by.RULE_STAGE)
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    process_version: UUID | None = fact(
        "Process version",
        to="process",
        ask="Process, in the version it was made by.",
        due=Stage.TRANSFER,
        source=by.RULE_VERSION,
    )
    site: UUID | None = fact("Site", to="site", ask="Where it was made.", due=Stage.TRANSFER, source=by.S_4_4)
    size: Decimal | None = fact("Size", ask="Size of the batch.", due=Stage.DOSSIER, source=by.S_4_4, example="1.2e9")
    size_unit: str | None = fact(
        "Unit of size", ask="Cells, vials, litres.", due=Stage.DOSSIER, source=by.S_4_4, example="cells"
    )
    date: dt.date | None = fact("Manufactured", ask="Day it was made or harvested.", due=Stage.DOSSIER, source=by.S_4_4)
    released_on: dt.date | None = fact("Released", ask="Day of release; its specification is judged as of then.")
    # A22: released on a provisional certificate, confirmed when the last result is there
    confirmed_on: dt.date | None = fact("Final certificate", ask="Day on which the last result completed it.")
    expiry: dt.date | None = fact(
        "Expiry",
        ask="Last day on which it may be used.",
        due=Stage.DOSSIER,
        when=_is_released_product,
        source=by.P_8_1,
    )
    certificate: str | None = fact(
        "Certificate of the qualified person",
        ask="Number of the certificate on which it was released.",
        due=Stage.DOSSIER,
        when=_is_certified,
        source=by.CTR_ANNEX_I_F,
        example="QPC-26-014",
        max_length=80,
    )
    given_on: dt.date | None = fact("First given", ask="Day on which a subject was first given some of it.")
    team: list[str] | None = fact(
        "Team", ask="Codes of the people who did its open work, one on a line; no names.", example="OP-3"
    )
    donor_type: BatchDonor | None = fact(
        "Donor", ask="Whose cells.", due=Stage.DOSSIER, when=only.has_cells, source=by.S_4_4
    )
    representative: str | None = fact(
        "Why it speaks for patients",
        form=Form.TEXT,
        ask="What was compared between healthy donors and patients.",
        due=Stage.DOSSIER,
        when=only.is_not_from_patient,
        source=by.COMPARABILITY,
    )
    parents: list[UUID] | None = fact("Made from", to="batch", ask="Batches it was made from.")
    banks: list[UUID] | None = fact(
        "Made from banks",
        to="cell_bank",
        ask="Cell banks or seeds of which vials were used.",
        due=Stage.DOSSIER,
        when=_is_grown_from_bank,
        source=by.TRACEABILITY,
    )
    donation: str | None = fact(
        "Donation",
        ask="Pseudonymous number of the donation, as the chain of identity has it; never a name.",
        due=Stage.DOSSIER,
        when=_is_of_a_donation,
        source=by.TRACEABILITY,
        example="DON-26-014",
        max_length=80,
    )
    # A38: a second collection, a supplemental batch
    parents_reason: str | None = fact(
        "Why made from several, or again",
        form=Form.TEXT,
        ask="Why one collection or one batch was not enough.",
        example="the first batch held half of the dose",
    )
    # A06: attributes that select a batch for a patient and are no pass or fail
    attributes: list[str] | None = fact("Selecting attributes", ask="“HLA: A*02:01”, one on a line.")
    ds_batch: UUID | None = fact(
        "Drug substance batch",
        to="batch",
        ask="Batch of drug substance it was filled from.",
        due=Stage.DOSSIER,
        when=only.is_made_from_substance_batch,
        source=by.S_4_4,
    )
    use: list[BatchUse] | None = fact("Use", ask="What it was used for.", due=Stage.DOSSIER, source=by.S_4_4)
    trial: UUID | None = fact("Trial", to="trial", ask="Trial it was used in.")
    spec_version: UUID | None = fact(
        "Specification version",
        to="specification",
        ask="Specification in force at its release.",
        due=Stage.DOSSIER,
        source=by.RULE_VERSION,
    )
    disposition: Disposition | None = fact("Disposition", ask="What was decided.", due=Stage.DOSSIER, source=by.S_4_4)
    disposition_reason: str | None = fact(
        "Reason",
        form=Form.TEXT,
        ask="Why it was given although it missed its specification.",
        due=Stage.DOSSIER,
        when=only.is_given_out_of_specification,
        source=by.EXCEPTIONAL_RELEASE,
    )
    # A37: who asked for the exception, on what assessment, and who was told
    exception_requested_by: str | None = fact(
        "Exception asked for by",
        ask="Function, no name.",
        due=Stage.DOSSIER,
        when=only.is_given_out_of_specification,
        source=by.EXCEPTIONAL_RELEASE,
        example="the treating physician, in writing",
    )
    exception_assessment: UUID | None = fact(
        "Assessment of the exception",
        to="document_ref",
        ask="Document that weighs the risk.",
        due=Stage.DOSSIER,
        when=only.is_given_out_of_specification,
        source=by.EXCEPTIONAL_RELEASE,
    )
    exception_notified_on: dt.date | None = fact(
        "Authority told on",
        ask="Day the authority was told of it.",
        due=Stage.DOSSIER,
        when=only.is_given_out_of_specification,
        source=by.EXCEPTIONAL_RELEASE,
    )
    # A37: a batch may be given, and yet its results may not count
    in_analysis: bool | None = fact("In the analysis", ask="Whether it counts in the trial's analysis.")
    ordered_dose: Decimal | None = fact("Ordered dose", ge=0, ask="Dose it was made for; limits around a dose need it.")
    ordered_dose_unit: str | None = fact(
        "Unit of ordered dose", ask="What the dose counts.", example="viable CAR+ T cells", max_length=80
    )
    # Publications sum batches up: one row may stand for many.
    number_of_batches: int | None = fact("Number of batches", ask="If the row sums up several published batches.")
    remark: str | None = fact("Remark", form=Form.TEXT, ask="Anything a reader must know.")


class TestResult(Record, table=True):
    """A result. Whether it conforms is judged, not typed: against the specification version of its batch."""

    called = ("Test result", "Test results")
    group = GROUP
    naming = (
        "batch",
        "spec_test",
        "test",
    )

    batch: UUID | None = fact(
        "Batch", to="batch", ask="Batch that was tested.", due=Stage.DOSSIER, when=only.is_without_bank, source=by.S_4_4
    )
    bank: UUID | None = fact(
        "Cell bank",
        to="cell_bank",
        ask="Bank that was tested.",
        due=Stage.DOSSIER,
        when=only.is_without_batch,
        source=by.BANKS,
    )
    spec_test: UUID | None = fact(
        "Specification test",
        to="spec_test",
        ask="Row of the specification it answers.",
        due=Stage.DOSSIER,
        when=only.is_not_extra_test,
        source=by.S_4_4,
    )
    test: str | None = fact("Test", ask="Name, if it is in no specification.", example="phenotype")
    # A23: a test with two alternative read-outs has a result for each
    readout: str | None = fact("Read-out", ask="Which alternative of the criterion it is.", example="a")
    value: str | None = fact(
        "Value",
        form=Form.QUANTITY,
        ask="Number or word.",
        due=Stage.DOSSIER,
        when=only.is_reported,
        source=by.RULE_NUMBER,
        example="88",
    )
    qualifier: Qualifier | None = fact("Qualifier", ask="How the value is to be read; empty means equals.")
    unit: str | None = fact(
        "Unit", ask="Unit of the value.", due=Stage.DOSSIER, when=only.is_number, source=by.RULE_NUMBER, example="%"
    )
    control: Decimal | None = fact(
        "Control value", ask="Value of the control run with it, for criteria on a difference."
    )
    population: str | None = fact(
        "Denominator", ask="Of which cells or particles, if it differs from the specification."
    )
    # A36: a logger tells a range beside its mean; a publication tells a statistic of several batches
    statistic: Statistic | None = fact("Statistic", ask="Empty means a single value.")
    n: int | None = fact("Number of values", ge=1, ask="That a mean or range is of.")
    minimum: Decimal | None = fact("Lowest reading", ask="Of several readings.")
    maximum: Decimal | None = fact("Highest reading", ask="Of several readings.")
    method: UUID | None = fact("Method", to="analytical_method", ask="Method used, if not the test's own.")
    state: ResultState | None = fact("State", ask="Whether the result is there.")
    reported_on: dt.date | None = fact("Reported on", ask="Day the result came.")
    # A58: sources that disagree, a reading that was set aside
    remark: str | None = fact("Remark", form=Form.TEXT, ask="Anything a reader of this one value must know.")
    linked_to: str | None = fact("Linked to", ask="Outcome of the treated subject, by pseudonym.")
