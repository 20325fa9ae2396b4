"""Choosing records in section texts: by what they hold, what they lack, and once for each value."""

from __future__ import annotations

import pytest

from dossiers.binder import load
from dossiers.blocks import Run, Table
from dossiers.matrices import matrix, outcome, place
from dossiers.shelf import Shelf, shelf
from dossiers.tables import col, table
from dossiers.texts import stop

NAMES = shelf(
    load("""\
tandem: 1
project: P
records:
  composition_line:
    a: {component_name: cells, function: active, quantity: 5, unit: mL, basis: per_container, standard: own}
    b: {component_name: albumin, function: carrier, quantity: 1, unit: mg, basis: per_mL, standard: own}
    c: {component_name: salt, quantity: 9, unit: mg, basis: per_mL, standard: Ph. Eur.}
  stability_result:
    r: {value: "1.05e13", unit: vg/mL, readout: titre}
""")
)
LINES: Shelf = NAMES["composition_lines"]


def keys(found: Shelf) -> list[str]:
    return [s.record.key for s in found]


def cells(block: object) -> list[list[str]]:
    assert isinstance(block, Table)
    return [["".join(i.text for i in c.content if isinstance(i, Run)) for c in row] for row in block.rows]


def test_records_are_chosen_by_having_a_fact_or_by_not_being_among_others() -> None:
    assert keys(LINES.having("function")) == ["a", "b"]
    assert keys(LINES.without(LINES.where(basis="per_mL"))) == ["a"]
    assert keys(LINES.without(LINES)) == []


def test_each_value_is_met_once_and_records_without_it_are_left_out() -> None:
    assert keys(LINES.each("standard")) == ["a", "c"]
    assert keys(LINES.each("function")) == ["a", "b"]


@pytest.mark.parametrize("ask", [lambda: LINES.having("tast"), lambda: LINES.each("tast")])
def test_a_misspelt_fact_is_the_authors_mistake(ask: object) -> None:
    with pytest.raises(AttributeError, match="has no fact “tast”"):
        ask()  # type: ignore[operator]


def test_a_column_may_hold_for_some_rows_only() -> None:
    block = table(
        "Composition",
        LINES,
        col("Per container", "quantity", "unit", join=" ", basis="per_container"),
        col("Per mL", "quantity", "unit", join=" ", basis="per_mL"),
    )
    assert cells(block) == [["5 mL", "–"], ["–", "1 mg"], ["–", "9 mg"]]


def test_a_matrix_counts_its_rows_and_reads_results_out() -> None:
    assert cells(matrix("Lines", LINES.where(basis="per_mL"), place("No."))) == [["2"], ["3"]]
    assert cells(matrix("Results", NAMES["stability_results"], outcome("Result"))) == [
        ["titre: 1.05\u00a0×\u00a010¹³\u00a0vg/mL"]
    ]


@pytest.mark.parametrize(
    ("typed", "printed"), [("goes on", "goes on."), ("It goes on.", "It goes on."), ("Why?", "Why?")]
)
def test_a_fact_gets_its_full_stop_once(typed: str, printed: str) -> None:
    assert "".join(i.text for i in stop(typed)) == printed
