"""How the process came to be and was proved: changes, validation runs, comparability."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Process development and validation"


class Impact(Choice):
    """Whether a change may alter quality."""

    NONE = "none"
    POSSIBLE = "possible"
    EXPECTED = "expected"


class ChangeKind(Choice):
    """What a change touches; some kinds may alter the product by their nature."""

    CELL_SOURCE = "cell_source"
    VECTOR = "vector"
    MEDIUM = "medium"
    EQUIPMENT = "equipment"
    SCALE = "scale"
    PURIFICATION = "purification"
    FORMULATION = "formulation"
    CONTAINER = "container"
    STORAGE = "storage"
    SITE = "site"
    OTHER = "other"


ChangeKind.labelled(STORAGE="fresh to frozen or storage")


class ProcessChange(Record, table=True):
    """A change from one version of a process to the next."""

    called = ("Process change", "Process changes")
    group = GROUP
    naming = ("change",)

    process: UUID | None = fact(
        "Process", to="process", ask="Process as it is after the change.", due=Stage.DOSSIER, source=by.S_2_6
    )
    from_version: str | None = fact(
        "From version", ask="Version before.", due=Stage.DOSSIER, source=by.S_2_6, example="1.0", max_length=40
    )
    to_version: str | None = fact(
        "To version", ask="Version after.", due=Stage.DOSSIER, source=by.S_2_6, example="2.0", max_length=40
    )
    date: dt.date | None = fact("Date", ask="When the change took effect.", due=Stage.DOSSIER, source=by.S_2_6)
    step: UUID | None = fact("Step", to="process_step", ask="Step that changed.", due=Stage.DOSSIER, source=by.S_2_6)
    change: str | None = fact(
        "Change", form=Form.TEXT, ask="What changed.", due=Stage.DOSSIER, source=by.S_2_6, example="serum-free medium"
    )
    reason: str | None = fact(
        "Reason", form=Form.TEXT, ask="Why.", due=Stage.DOSSIER, source=by.S_2_6, example="no animal material"
    )
    kinds: list[ChangeKind] | None = fact("Touches", ask="What it touches.", due=Stage.DOSSIER, source=by.COMPARABILITY)
    impact_on_quality: Impact | None = fact(
        "Impact on quality", ask="None, possible or expected.", due=Stage.DOSSIER, source=by.S_2_6
    )
    comparability_ref: UUID | None = fact(
        "Comparability study",
        to="comparability_study",
        ask="Study that compares both.",
        due=Stage.DOSSIER,
        when=only.has_impact,
        source=by.COMPARABILITY,
    )


class RunType(Choice):
    """What a validation run shows."""

    EVALUATION = "evaluation"
    VALIDATION = "validation"
    APS = "APS"
    TRANSPORT = "transport"
    CLEANING = "cleaning"
    VIRAL_CLEARANCE = "viral_clearance"
    HOLD = "hold"


RunType.labelled(
    EVALUATION="process evaluation", VALIDATION="process validation", APS="aseptic process simulation", HOLD="hold time"
)


class RunMaterial(Choice):
    """What a run was made with."""

    PATIENT = "patient"
    HEALTHY_DONOR = "healthy_donor"
    SURROGATE = "surrogate"
    MEDIA = "media"
    SPIKED = "spiked"


_is_timed = only.where(
    "The run shows a time: of work in a simulation, of a journey in a transport.", type=(RunType.APS, RunType.TRANSPORT)
)
_has_worst_case = only.where(
    "The run qualifies a transport, or simulates asepsis, at its worst.", type=(RunType.APS, RunType.TRANSPORT)
)


class ValidationRun(Record, table=True):
    """A run that evaluates or validates the process, its asepsis, transport, cleaning or virus clearance."""

    called = ("Validation run", "Validation runs")
    group = GROUP
    naming = ("run_id", "type")

    process: UUID | None = fact("Process", to="process", ask="Process and version.", due=Stage.DOSSIER, source=by.S_2_5)
    run_id: str | None = fact(
        "Run", ask="Identifier of the run.", due=Stage.DOSSIER, source=by.S_2_5, example="PV-01", max_length=80
    )
    type: RunType | None = fact("Kind", ask="What it shows.", due=Stage.DOSSIER, source=by.S_2_5)
    batch: UUID | None = fact(
        "Batch",
        to="batch",
        ask="Batch that the run made.",
        due=Stage.DOSSIER,
        when=only.is_run_on_product,
        source=by.S_2_5,
    )
    date: dt.date | None = fact("Date", ask="Date of the run.", due=Stage.DOSSIER, source=by.S_2_5)
    scale: str | None = fact("Scale", ask="Full or scaled-down.", due=Stage.DOSSIER, source=by.S_2_5, example="full")
    material_type: RunMaterial | None = fact(
        "Material", ask="What it was made with.", due=Stage.DOSSIER, source=by.S_2_5
    )
    # A39: a run on somebody else's cells must say why it speaks for patients.
    bridging: str | None = fact(
        "Bridging to patient material", form=Form.TEXT, ask="Why the material is representative."
    )
    operators: int | None = fact(
        "Operators",
        ge=0,
        ask="Number of people.",
        due=Stage.DOSSIER,
        when=only.is_aseptic_simulation,
        source=by.ASEPTIC,
    )
    duration_h: Decimal | None = fact(
        "Duration",
        unit="h",
        ge=0,
        ask="Longest time simulated or travelled.",
        due=Stage.DOSSIER,
        when=_is_timed,
        source=by.ASEPTIC,
    )
    worst_case: str | None = fact(
        "Worst case",
        ask="Season, load and route of a journey; shift, team and interventions of a simulation.",
        due=Stage.DOSSIER,
        when=_has_worst_case,
        source=by.P_3_5,
        example="summer and winter profile, smallest load",
    )
    site: UUID | None = fact(
        "Site",
        to="site",
        ask="Where the simulation was done.",
        due=Stage.DOSSIER,
        when=only.is_aseptic_simulation,
        source=by.ASEPTIC,
    )
    covers: list[UUID] | None = fact(
        "Simulates also", to="process", ask="Other processes whose open steps were part of the simulation."
    )
    manipulations: int | None = fact(
        "Open manipulations",
        ge=0,
        ask="Number of open manipulations and interventions simulated.",
        due=Stage.DOSSIER,
        when=only.is_aseptic_simulation,
        source=by.ASEPTIC,
        example="24",
    )
    containers: list[UUID] | None = fact(
        "Containers filled",
        to="container",
        ask="Containers that the medium was filled into.",
        due=Stage.DOSSIER,
        when=only.is_aseptic_simulation,
        source=by.ASEPTIC,
    )
    team: list[str] | None = fact(
        "Team",
        ask="Codes of the people who took part, one on a line; no names.",
        due=Stage.DOSSIER,
        when=only.is_aseptic_simulation,
        source=by.ASEPTIC,
        example="OP-3",
    )
    n_units: int | None = fact(
        "Units filled",
        ge=0,
        ask="Units incubated.",
        due=Stage.DOSSIER,
        when=only.is_aseptic_simulation,
        source=by.ASEPTIC,
    )
    n_positive: int | None = fact(
        "Positive units",
        ge=0,
        ask="Units with growth.",
        due=Stage.DOSSIER,
        when=only.is_aseptic_simulation,
        source=by.ASEPTIC,
    )
    step: UUID | None = fact(
        "Step",
        to="process_step",
        ask="Step that clears the virus.",
        due=Stage.DOSSIER,
        when=only.is_viral_clearance,
        source=by.VIRAL_SAFETY,
    )
    mechanism: str | None = fact(
        "Mechanism",
        ask="How it clears.",
        due=Stage.DOSSIER,
        when=only.is_viral_clearance,
        source=by.VIRAL_SAFETY,
        example="nanofiltration",
    )
    model_virus: str | None = fact(
        "Model virus",
        ask="Virus spiked.",
        due=Stage.DOSSIER,
        when=only.is_viral_clearance,
        source=by.VIRAL_SAFETY,
        example="MMV",
    )
    log_reduction: Decimal | None = fact(
        "Reduction",
        unit="log10",
        ask="Reduction reached.",
        due=Stage.DOSSIER,
        when=only.is_viral_clearance,
        source=by.VIRAL_SAFETY,
        example="4.2",
    )
    acceptance: str | None = fact(
        "Acceptance criteria",
        form=Form.TEXT,
        ask="Fixed before the run.",
        due=Stage.DOSSIER,
        source=by.S_2_5,
        example="no turbidity",
    )
    result: str | None = fact(
        "Outcome", form=Form.TEXT, ask="What came out.", due=Stage.DOSSIER, source=by.S_2_5, example="pass"
    )


class ComparabilityDesign(Choice):
    """How batches were compared."""

    SPLIT = "split"
    SIDE_BY_SIDE = "side_by_side"
    HISTORICAL = "historical"


ComparabilityDesign.labelled(SPLIT="split material", SIDE_BY_SIDE="side by side")


class ComparabilityConclusion(Choice):
    """What a comparison concludes."""

    COMPARABLE = "comparable"
    NOT = "not"
    NEEDS_DATA = "needs_data"


ComparabilityConclusion.labelled(NOT="not comparable", NEEDS_DATA="more data needed")


class ComparabilityStudy(Record, table=True):
    """A comparison of batches before and after a change."""

    called = ("Comparability study", "Comparability studies")
    group = GROUP
    naming = ("code",)

    code: str | None = fact("Study", ask="Identifier of the study.", example="CP-01", max_length=80)
    change_ref: UUID | None = fact(
        "Change", to="process_change", ask="Change that it judges.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    design: ComparabilityDesign | None = fact(
        "Design", ask="How batches were compared.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    batches_pre: list[UUID] | None = fact(
        "Batches before", to="batch", ask="Made before the change.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    batches_post: list[UUID] | None = fact(
        "Batches after", to="batch", ask="Made after the change.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    sites: list[UUID] | None = fact("Sites compared", to="site", ask="If batches of different sites were compared.")
    statistics: str | None = fact(
        "Statistics",
        ask="How differences were judged.",
        due=Stage.DOSSIER,
        source=by.COMPARABILITY,
        example="paired, descriptive",
    )
    conclusion: ComparabilityConclusion | None = fact(
        "Conclusion", ask="Comparable, not, or more data needed.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    # A49: a version may be left out of the comparison on purpose.
    accepted_gap: str | None = fact("Left out on purpose", form=Form.TEXT, ask="Versions not compared, and why.")


class ComparabilityResult(Record, table=True):
    """One attribute before and after a change."""

    called = ("Comparability result", "Comparability results")
    group = GROUP
    naming = ("attribute",)

    study: UUID | None = fact(
        "Study", to="comparability_study", ask="Study it belongs to.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    attribute: UUID | None = fact(
        "Attribute", to="quality_attribute", ask="What was compared.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
    tier: str | None = fact("Tier", ask="Rank of the comparison, if ranked.", example="1", max_length=40)
    method: UUID | None = fact("Method", to="analytical_method", ask="How it was measured.")
    pre_value: str | None = fact(
        "Before", ask="Mean, range and number.", due=Stage.DOSSIER, source=by.COMPARABILITY, example="36 (28–41), n = 3"
    )
    post_value: str | None = fact(
        "After", ask="Mean, range and number.", due=Stage.DOSSIER, source=by.COMPARABILITY, example="38 (30–44), n = 3"
    )
    acceptance: str | None = fact(
        "Acceptance",
        ask="Fixed before the comparison.",
        due=Stage.DOSSIER,
        source=by.COMPARABILITY,
        example="within 20 % relative",
    )
    comparable: bool | None = fact(
        "Comparable", ask="Whether the acceptance was met.", due=Stage.DOSSIER, source=by.COMPARABILITY
    )
