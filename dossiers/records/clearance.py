"""How residues leave: studies of how much of a residue a step takes away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Form, Record, fact
from dossiers.records.development import GROUP
from dossiers.stage import Stage


def _is_about_materials(record: Any, _binder: only.Holdings) -> bool:
    """The study follows no impurity that arises in the process, so it follows what a material leaves behind."""
    return not record.impurities


class ClearanceStudy(Record, table=True):
    """How much of a residue steps of the process take away, as it was shown. Viruses have runs of their own."""

    called = ("Clearance study", "Clearance studies")
    group = GROUP
    naming = ("code",)

    code: str | None = fact(
        "Study", ask="Identifier of the study.", due=Stage.DOSSIER, source=by.S_2_5, example="WS-02", max_length=80
    )
    materials: list[UUID] | None = fact(
        "Residues of",
        to="material",
        ask="Materials whose residue it follows.",
        due=Stage.DOSSIER,
        when=_is_about_materials,
        source=by.S_3_2,
    )
    impurities: list[UUID] | None = fact("Impurities", to="impurity", ask="Other impurities that it follows.")
    steps: list[UUID] | None = fact(
        "Steps", to="process_step", ask="Steps that take it away.", due=Stage.DOSSIER, source=by.S_2_5
    )
    load: str | None = fact(
        "Load",
        form=Form.TEXT,
        ask="What went in, at the worst case.",
        due=Stage.DOSSIER,
        source=by.S_2_5,
        example="1 µg/mL of the cytokine, five times the process",
    )
    recovery: str | None = fact(
        "Found again",
        form=Form.TEXT,
        ask="What came out, where; with the balance.",
        due=Stage.DOSSIER,
        source=by.S_2_5,
        example="0.9 ng/mL in the product, 96 % in the waste",
    )
    factor: str | None = fact(
        "Factor", ask="Reduction shown.", due=Stage.DOSSIER, source=by.S_2_5, example="1100-fold (3.0 log10)"
    )
    report: UUID | None = fact("Report", to="document_ref", ask="Report that shows it.")
