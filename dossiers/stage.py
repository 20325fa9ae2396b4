"""Stages of a project: from an idea to a closed trial."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where a project stands. The order of declaration is the order of the road; the last two lie beside it."""

    IDEA = "idea"
    PROPOSED = "proposed"
    FEASIBILITY = "feasibility"
    TRANSFER = "transfer"
    DOSSIER = "dossier"
    SUBMITTED = "submitted"
    RUNNING = "running"
    CLOSED = "closed"
    STOPPED = "stopped"
    ON_HOLD = "on_hold"

    @property
    def label(self) -> str:
        """The stage as a reader meets it: "GMP tech transfer"."""
        return _LABELS[self]


_LABELS = {
    Stage.IDEA: "Idea",
    Stage.PROPOSED: "Proposed",
    Stage.FEASIBILITY: "Feasibility",
    Stage.TRANSFER: "GMP tech transfer",
    Stage.DOSSIER: "Dossier",
    Stage.SUBMITTED: "Submitted",
    Stage.RUNNING: "Trial running",
    Stage.CLOSED: "Closed",
    Stage.STOPPED: "Stopped",
    Stage.ON_HOLD: "On hold",
}

ROAD = tuple(Stage)[: tuple(Stage).index(Stage.CLOSED) + 1]


def so_far(stage: Stage) -> frozenset[Stage]:
    """The stages of the road up to and including `stage`; for a stage beside the road, the whole road before closing.

    A stopped or held project keeps the duties of a complete dossier: what it lacks is still lacking.
    """
    if stage not in ROAD:
        return frozenset(ROAD[: ROAD.index(Stage.DOSSIER) + 1])
    return frozenset(ROAD[: ROAD.index(stage) + 1])
