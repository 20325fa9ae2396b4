"""How the process is held: in-process controls, holds and transports."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.process import GROUP
from dossiers.records.quality import ReleaseTiming
from dossiers.stage import Stage


class LimitType(Choice):
    """What a limit of an in-process control means."""

    LIMIT = "limit"
    ACTION = "action"
    MONITOR = "monitor"


LimitType.labelled(LIMIT="acceptance limit", ACTION="action level", MONITOR="monitored only")


class InProcessControl(Record, table=True):
    """A test or measurement during a step."""

    called = ("In-process control", "In-process controls")
    group = GROUP
    naming = ("test",)

    step: UUID | None = fact("Step", to="process_step", ask="Step it belongs to.", due=Stage.TRANSFER, source=by.S_2_4)
    test: str | None = fact(
        "Test", ask="What is measured.", due=Stage.TRANSFER, source=by.S_2_4, example="viable cell count"
    )
    method: UUID | None = fact(
        "Method", to="analytical_method", ask="How it is measured.", due=Stage.DOSSIER, source=by.S_2_4
    )
    limit: str | None = fact(
        "Limit",
        form=Form.CRITERION,
        ask="Limit or action level with its unit.",
        due=Stage.DOSSIER,
        source=by.S_2_4,
        example="≥ 1e6/mL",
    )
    population: str | None = fact("Of", ask="Population that a percentage is of.", example="viable CD3+ cells")
    limit_type: LimitType | None = fact(
        "Kind of limit", ask="Acceptance limit, action level or monitored.", due=Stage.DOSSIER, source=by.S_2_4
    )
    frequency: str | None = fact("Frequency", ask="How often.", example="daily")
    action: str | None = fact(
        "If missed",
        ask="What is done then.",
        due=Stage.DOSSIER,
        when=only.is_acted_upon,
        source=by.S_2_4,
        example="feed",
    )
    result_timing: ReleaseTiming | None = fact("Result known", ask="Before or after release.")


class HoldType(Choice):
    """Whether a material waits or travels."""

    HOLD = "hold"
    TRANSPORT = "transport"


class HoldPoint(Record, table=True):
    """A hold, storage or transport between steps."""

    called = ("Hold point", "Hold points")
    group = GROUP
    naming = ("type", "temperature")

    after_step: UUID | None = fact(
        "After step", to="process_step", ask="Step after which it waits.", due=Stage.TRANSFER, source=by.S_2_4
    )
    type: HoldType | None = fact("Kind", ask="Hold or transport.", due=Stage.TRANSFER, source=by.S_2_4)
    material: str | None = fact(
        "Material",
        ask="What waits or travels.",
        due=Stage.DOSSIER,
        source=by.S_2_4,
        example="transduced cells before harvest",
    )
    transport_route: str | None = fact(
        "Route and shipper", ask="From where to where, in what.", example="GMP unit to hospital pharmacy, dry shipper"
    )
    container: UUID | None = fact(
        "Container", to="container", ask="What it waits in.", due=Stage.DOSSIER, source=by.S_2_4
    )
    temperature: str | None = fact(
        "Temperature", ask="Range in °C.", due=Stage.TRANSFER, source=by.S_2_4, example="2–8 °C", max_length=80
    )
    max_time: Decimal | None = fact(
        "Maximum time", unit="h", ge=0, ask="Longest time allowed.", due=Stage.TRANSFER, source=by.S_2_4, example="48"
    )
    monitoring: str | None = fact(
        "Monitoring",
        ask="How temperature is recorded.",
        due=Stage.DOSSIER,
        when=only.is_transport,
        source=by.P_3_3,
        example="data logger",
    )
    qualification: UUID | None = fact(
        "Qualified in run",
        to="validation_run",
        ask="Run that qualified the transport.",
        due=Stage.DOSSIER,
        when=only.is_transport,
        source=by.P_3_3,
    )
    support: UUID | None = fact(
        "Supporting study", to="stability_study", ask="Study that allows the time.", due=Stage.DOSSIER, source=by.S_2_4
    )
