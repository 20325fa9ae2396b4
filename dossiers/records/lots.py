"""What went into a batch and how it ran: lots of materials, their use, values recorded in the batch record."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.results import GROUP
from dossiers.stage import Stage


class LotStatus(Choice):
    """What was decided about a lot of a material."""

    RELEASED = "released"
    QUARANTINE = "quarantine"
    REJECTED = "rejected"


class MaterialLot(Record, table=True):
    """A lot of a material that went into batches."""

    called = ("Lot of a material", "Lots of materials")
    group = GROUP
    naming = ("lot",)

    material: UUID | None = fact("Material", to="material", ask="Which.", due=Stage.DOSSIER, source=by.S_2_3)
    lot: str | None = fact(
        "Lot", ask="Number on its label.", due=Stage.DOSSIER, source=by.S_2_3, example="LV19-23-02", max_length=80
    )
    batch: UUID | None = fact("Batch", to="batch", ask="Batch of this file, if the lot is one.")
    expiry: dt.date | None = fact("Expiry", ask="Last day it may be used.", due=Stage.DOSSIER, source=by.S_2_3)
    status: LotStatus | None = fact("Status", ask="What was decided about it.", due=Stage.DOSSIER, source=by.S_2_3)


class MaterialUse(Record, table=True):
    """A lot of a material in a batch."""

    called = ("Use of a lot", "Uses of lots")
    group = GROUP
    naming = ("batch", "lot")

    batch: UUID | None = fact("Batch", to="batch", ask="Batch it went into.", due=Stage.DOSSIER, source=by.S_4_4)
    lot: UUID | None = fact("Lot", to="material_lot", ask="Which lot.", due=Stage.DOSSIER, source=by.S_4_4)
    used_on: dt.date | None = fact("Used on", ask="Day it was used.", due=Stage.DOSSIER, source=by.S_4_4)


def _is_without_hold(record: Any, _binder: only.Holdings) -> bool:
    """The value is of no hold, so it is of a parameter."""
    return record.hold_point is None


def _is_without_parameter(record: Any, _binder: only.Holdings) -> bool:
    """The value is of no parameter, so it is the time of a hold."""
    return record.parameter is None


def _has_deviation(record: Any, _binder: only.Holdings) -> bool:
    """A deviation was raised: what it meant for the batch is told."""
    return bool(record.deviation)


class RecordedValue(Record, table=True):
    """A parameter or the time of a hold as it was in one batch."""

    called = ("Recorded value", "Recorded values")
    group = GROUP
    naming = ("batch", "parameter", "hold_point")

    batch: UUID | None = fact("Batch", to="batch", ask="Batch it was recorded in.", due=Stage.DOSSIER, source=by.S_4_4)
    parameter: UUID | None = fact(
        "Parameter",
        to="process_parameter",
        ask="Parameter it is the value of.",
        due=Stage.DOSSIER,
        when=_is_without_hold,
        source=by.S_2_2,
    )
    hold_point: UUID | None = fact(
        "Hold point",
        to="hold_point",
        ask="Hold or transport whose time it is, in hours.",
        due=Stage.DOSSIER,
        when=_is_without_parameter,
        source=by.S_2_4,
    )
    value: Decimal | None = fact(
        "Value", ask="In the unit of the parameter; hours of a hold.", due=Stage.DOSSIER, source=by.S_4_4, example="3.1"
    )
    deviation: str | None = fact("Deviation", ask="Number of the deviation, if there was one.", example="DEV-26-011")
    impact: str | None = fact(
        "Impact of the deviation",
        form=Form.TEXT,
        ask="What it meant for the batch.",
        due=Stage.DOSSIER,
        when=_has_deviation,
        source=by.S_4_4,
        example="copy number within its limit; no impact",
    )
