"""The tests usually expected in a specification, by type of product: rows to start from, examples until confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from dossiers.facts import Absence, Basis
from dossiers.limits import parse, unit_of
from dossiers.paths import folder
from dossiers.records.product import SubType
from dossiers.records.quality import ReleaseTiming, SpecificationScope, TestCategory, TestPhase, TestStage

PRODUCT = (SpecificationScope.DS, SpecificationScope.DP)
STAGES = {SpecificationScope.DS: TestStage.DS, SpecificationScope.DP: TestStage.DP}  # of all others: starting material


@dataclass(frozen=True, slots=True)
class Example:
    """A row to start from. `basis`: how far test and limit were read in `where`; `typical`: what others do.

    `timing` is None where it depends on the risk; `criterion` is in the criterion language.
    """

    id: str
    test: str
    scopes: tuple[SpecificationScope, ...]
    category: TestCategory
    method: str
    criterion: str
    phase: TestPhase
    basis: Basis
    where: tuple[str, ...] = ()
    typical: str = ""
    population: str = ""
    ph_eur: str = ""
    ph_eur_basis: Basis = Basis.READ
    timing: ReleaseTiming | None = None

    def facts(self, scope: SpecificationScope) -> dict[str, Any]:
        """Fact of a specification test → value, for a specification of `scope`; what is open is left out."""
        values = {
            "test": self.test,
            "category": self.category,
            "ph_eur_ref": self.ph_eur,
            "criterion": self.criterion,
            "unit": unit_of(parse(self.criterion)),
            "population": self.population,
            "stage": STAGES.get(scope, TestStage.STARTING),
            "release_timing": self.timing,
            "phase": self.phase,
            "is_example": True,
        }
        return {name: value for name, value in values.items() if value}

    @property
    def sources(self) -> dict[str, dict[str, Any]]:
        """Fact → where it comes from, as a record keeps it."""
        read = {"where": list(self.where), "basis": self.basis.value}
        note = f"Usual: {self.typical}" if self.typical else ""
        said: dict[str, dict[str, Any]] = {"test": read, "criterion": read | {"note": note}}
        if self.ph_eur:
            said["ph_eur_ref"] = {"where": list(self.where), "basis": self.ph_eur_basis.value}
        if self.population:
            said["population"] = {"basis": Basis.RECALLED.value}
        return {name: {part: v for part, v in source.items() if v} for name, source in said.items()}

    @property
    def absent(self) -> dict[str, dict[str, str]]:
        """Fact → why it is empty: a method is a record of the project, so an example only says which is usual."""
        return {"method": {"kind": Absence.NOT_YET_KNOWN.value, "reason": f"usual is {self.method}"}}


@dataclass(frozen=True, slots=True)
class Panel:
    """The rows of one type of product. `for_any`: as a starting material it is part of products of any type."""

    id: str
    name: str
    serves: tuple[SubType, ...]
    for_any: bool
    rows: tuple[Example, ...]

    def fits(self, product: SubType | None, scope: SpecificationScope) -> bool:
        """Whether the panel is meant for a specification of `scope` of that type of product, and has rows for it."""
        meant = product in self.serves or (self.for_any and scope not in PRODUCT)
        return meant and any(scope in row.scopes for row in self.rows)


@cache
def panels() -> Mapping[str, Panel]:
    """Every panel by its id, as seeds/expected_tests.yaml has them."""
    said = yaml.safe_load((folder("seeds") / "expected_tests.yaml").read_text(encoding="utf-8"))
    return {
        name: Panel(
            name,
            panel["name"],
            tuple(map(SubType, panel["serves"])),
            panel.get("for_any", False),
            tuple(_example(row, said["sources"]) for row in panel["rows"]),
        )
        for name, panel in said["panels"].items()
    }


def _example(said: Mapping[str, Any], sources: Mapping[str, str]) -> Example:
    return Example(
        id=said["id"],
        test=said["test"],
        scopes=tuple(map(SpecificationScope, said["of"])),
        category=TestCategory(said["category"]),
        method=said["method"],
        criterion=said["criterion"],
        phase=TestPhase(said["phase"]),
        basis=Basis(said["basis"]),
        where=tuple(sources[key] for key in said.get("sources", ())),
        typical=said.get("typical", ""),
        population=said.get("population", ""),
        ph_eur=str(said.get("ph_eur", "")),
        ph_eur_basis=Basis(said.get("ph_eur_basis", "read")),
        timing=ReleaseTiming(said["timing"]) if "timing" in said else None,
    )


def meant(product: SubType | None, scope: SpecificationScope) -> tuple[Panel, ...]:
    """The panels for a specification of `scope` of that type of product; none where the list knows none."""
    return tuple(panel for panel in panels().values() if panel.fits(product, scope))


def holding(scope: SpecificationScope) -> tuple[Panel, ...]:
    """Every panel that has rows for a specification of `scope`, whatever the product: to choose the nearest."""
    return tuple(panel for panel in panels().values() if any(scope in row.scopes for row in panel.rows))


def rows(of: Iterable[Panel], scope: SpecificationScope) -> tuple[Example, ...]:
    """The rows of some panels for a specification of `scope`; of two rows on the same thing the first."""
    found: dict[str, Example] = {}
    for panel in of:
        for row in panel.rows:
            if scope in row.scopes:
                found.setdefault(row.id, row)
    return tuple(found.values())
