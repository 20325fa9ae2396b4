"""A limit in percent carried over to the highest dose, where both count the same cells."""

from __future__ import annotations

from dossiers.binder import load
from dossiers.blocks import Run, Table
from dossiers.evidence import burden
from dossiers.shelf import Shelf, shelf


def test_a_limit_is_carried_over_only_to_a_dose_of_the_same_cells() -> None:
    names = shelf(
        load("""
tandem: 1
project: X
records:
  spec_test:
    a: {test: other cells, criterion: <= 2 %, population: Viable  cells}
    b: {test: dead cells, criterion: <= 30 %, population: all cells}
    c: {test: purity, criterion: ">= 90 %", population: viable cells}
    d: {test: debris, criterion: <= 1 mg, population: viable cells}
    e: {test: beads, criterion: <= 2 %}
  dosing_rule:
    r: {target: 1e6, maximum: 5e6, unit: cells/kg, counted_entity: viable cells}
    s: {unit: cells/kg, counted_entity: viable cells}
    t: {target: 1e6}
""")
    )
    (table,) = burden("Burden", names["spec_tests"], names["dosing_rules"])
    assert isinstance(table, Table)
    said = [["".join(w.text for w in c.content if isinstance(w, Run)) for c in row] for row in table.rows]
    assert said == [
        [
            "other cells",
            "≤\u00a02\u00a0% of Viable  cells",
            "5\u00a0×\u00a010⁶\u00a0cells/kg",
            "1\u00a0×\u00a010⁵\u00a0cells/kg",
        ]
    ]
    assert burden("Burden", names["spec_tests"], Shelf("dosing_rule")) == ()
