"""Choosing records in section texts: by what they hold, what they lack, and once for each value."""

from __future__ import annotations

import pytest

from dossiers.binder import load
from dossiers.blocks import Gap, Paragraph, Run, Table
from dossiers.matrices import matrix, outcome, place
from dossiers.shelf import Lacking, Shelf, shelf
from dossiers.tables import col, listing, noted, stated, table
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


def test_records_are_chosen_by_either_of_two_facts() -> None:
    assert keys(LINES.having("function", "standard")) == ["a", "b", "c"]
    assert keys(LINES.either(function="carrier", basis="per_container")) == ["a", "b"]
    with pytest.raises(AttributeError, match="no fact “colour”"):
        LINES.having("function", "colour")
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


def test_a_bare_temperature_gets_its_unit_and_a_typed_unit_stays() -> None:
    claims = shelf(
        load("""\
tandem: 1
project: P
records:
  shelf_life_claim:
    a: {storage_condition: 15–25}
    b: {storage_condition: "≤ −150"}
    c: {storage_condition: ≤ −150 °C}
    d: {storage_condition: vapour}
""")
    )["shelf_life_claims"]
    assert [str(c.storage_condition) for c in claims] == [
        "15–25\u00a0°C",
        "≤ −150\u00a0°C",
        "≤ −150 °C",
        "vapour",
    ]


def test_a_record_without_a_name_is_called_by_its_gap_and_never_by_its_key() -> None:
    names = shelf(load("tandem: 1\nproject: P\nrecords:\n  process:\n    closed-bioreactor: {scope: ds}\n"))
    assert str(names["processes"].first) == "[Process code]"


def test_a_reason_that_cells_repeat_is_said_once_under_the_table() -> None:
    claims = shelf(
        load("""\
tandem: 1
project: P
records:
  shelf_life_claim:
    a: {duration: {absent: not_found, reason: no study was read}, supported_duration: 3}
    b: {duration: {absent: not_found, reason: no study was read}, supported_duration: 4}
    c: {duration: {absent: not_found, reason: another reason altogether}, supported_duration: 4}
""")
    )["shelf_life_claims"]
    block = table("Claims", claims, "duration")
    assert isinstance(block, Table)
    made = noted(block)
    gaps = [word for row in made.rows for one in row for word in one.content if isinstance(word, Gap)]
    assert [gap.text for gap in gaps] == [
        "[Duration]",
        "[Duration]",
        "[Duration: not found: another reason altogether]",
    ]
    assert ["".join(w.text for w in note if isinstance(w, Run)) for note in made.notes] == [
        "[Duration]: not found: no study was read"
    ]
    assert {gap.origin.key for gap in gaps if gap.origin} == {"a", "b", "c"}


def test_a_number_and_its_unit_bear_one_printed_mark_and_stay_marked_each() -> None:
    claims = shelf(
        load("""\
tandem: 1
project: P
records:
  shelf_life_claim:
    a: {duration: {value: 48, basis: recalled, where: [a paper]}, unit: {value: h, basis: recalled, where: [a paper]}}
""")
    )["shelf_life_claims"]
    block = table("Claims", claims, col("Duration", "duration", "unit", join="\u00a0"))
    assert cells(block) == [["48\u00a0h\u00a0(unverified)"]]
    assert isinstance(block, Table)
    marked = {w.origin.fact for w in block.rows[0][0].content if isinstance(w, Run) and w.marks and w.origin}
    assert marked == {"duration", "unit"}


def test_a_reason_has_no_unit() -> None:
    claims = shelf(
        load("""\
tandem: 1
project: P
records:
  shelf_life_claim:
    a: {duration: {absent: not_applicable, reason: given at once}, unit: h}
    b: {duration: 2, unit: h}
""")
    )["shelf_life_claims"]
    block = table("Claims", claims, col("Duration", "duration", "unit", join=" "))
    assert cells(block) == [["not applicable: given at once"], ["2 h"]]


def test_records_are_parted_at_one_of_them() -> None:
    second = LINES[1]
    assert (keys(LINES.upto(second)), keys(LINES.after(second))) == (["a", "b"], ["c"])
    assert keys(LINES.upto(Lacking("composition_line"))) == keys(LINES.after(None)) == ["a", "b", "c"]
    assert keys(LINES.upto(LINES[2])) == ["a", "b", "c"] and keys(LINES.after(LINES[2])) == []


def test_facts_of_a_column_have_joints_of_their_own() -> None:
    made = table(
        "T", LINES.having("function"), col("All", "component_name", "function", "standard", join=(" as ", "; "))
    )
    assert cells(made) == [["cells as active; own"], ["albumin as carrier; own"]]


def test_a_column_for_rows_that_are_not_there_is_left_out() -> None:
    columns = (col("Per container", "quantity", basis="per_container"), col("Per mL", "quantity", basis="per_mL"))
    assert [len(row) for row in cells(table("T", LINES, "function", *columns))] == [3, 3, 3]
    assert cells(table("T", LINES.where(basis="per_mL"), "standard", *columns)) == [["own", "1"], ["Ph. Eur.", "9"]]
    none = LINES.where(basis="per_kg")
    assert isinstance(table("T", none, "standard", *columns), Paragraph)


IDEA = """\
tandem: 1
project: P
records:
  proposal:
    one: {acronym: ONE, donor: none, evidence_list: "Mouse, 24 animals.\\n\\n  Cells of 5 donors. ", runs_done: 0}
"""


def test_a_text_of_several_lines_is_met_line_by_line() -> None:
    one = shelf(load(IDEA))["proposals"].first
    assert [(str(line), line.origin.fact) for line in one.evidence_list] == [
        ("Mouse, 24 animals.", "evidence_list"),
        ("Cells of 5 donors.", "evidence_list"),
    ]
    assert [str(line) for line in one.acronym] == ["ONE"] and [str(n) for n in one.runs_done] == ["0"]


def test_a_listing_may_leave_out_what_nobody_asks_for() -> None:
    one = shelf(load(IDEA))["proposals"].first
    asked = ("runs_done", "runs_succeeded", "cell_source", "dose")
    whole, short = listing("A", one, *asked), listing("A", one, *asked, dashes=False)
    assert isinstance(whole, Table) and isinstance(short, Table)
    labels = [[i.text for row in made.rows for i in row[0].content if isinstance(i, Run)] for made in (whole, short)]
    assert labels[0] == ["Runs at the intended scale", "Of them successful", "Starting tissue", "Foreseen dose"]
    assert labels[1] == ["Runs at the intended scale", "Of them successful"]
    assert isinstance(short.rows[1][1].content[0], Gap)


def test_a_stated_table_has_its_first_row_as_heading() -> None:
    made = stated("Clock", ["Step", "Days"], ["validation", "10"], ["decision", "5"])
    assert [len(made.columns), len(made.head), len(made.rows)] == [2, 1, 2] and made.caption == (Run("Clock"),)
