"""Columns that are more than one fact, and filters along links."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dossiers.binder import load
from dossiers.blocks import Gap, Run, Table
from dossiers.matrices import length, lines, matrix, of, ratio, span, whether
from dossiers.shelf import known, shelf

NAMES = shelf(load((Path(__file__).parent / "sample.yaml").read_text("utf-8")))


def texts(block: Any) -> list[list[str]]:
    assert isinstance(block, Table)
    return [["".join(i.text for i in c.content if isinstance(i, (Run, Gap))) for c in row] for row in block.rows]


def test_an_entry_of_another_record_stands_in_its_row_with_its_origin() -> None:
    found = NAMES["method_validations"]
    block = matrix(
        "Validation",
        NAMES["analytical_methods"].where(code=["M-021", "M-061"]),
        "code",
        of("Precision", found, "result", method=".", parameter="precision"),
        of("Status", found, "status", method="."),
    )
    assert texts(block) == [
        ["M-021", "CV 6 %", "qualified"],
        ["M-061", "[Method validation: not entered yet]", "–"],
    ]
    assert isinstance(block, Table)
    (run,) = block.rows[0][1].content
    assert isinstance(run, Run) and run.origin is not None and run.origin.path == "method_validation mv1: result"


def test_nothing_is_owed_where_the_text_says_so() -> None:
    rows = NAMES["analytical_methods"].where(code="M-061")
    column = of("Status", NAMES["method_validations"], "status", method=".")
    assert texts(matrix("Validation", rows, "code", column, owed=False)) == [["M-061", "–"]]


def test_spans_are_two_sided_one_sided_or_nothing() -> None:
    rows = NAMES["process_parameters"]
    assert [row[1] for row in texts(matrix("Parameters", rows, "name", span("Range", "low", "high")))] == [
        "3–8",
        "36–38",
        "–",
    ]
    banks = NAMES["cell_banks"].where(type=["MCB", "EPC"])
    assert texts(matrix("Banks", banks, span("Passage", "passage", "max_passage"))) == [["20–45"], ["45"]]


def test_a_length_counts_both_ends() -> None:
    assert texts(matrix("Elements", NAMES["construct_elements"], length("Length (bp)", "start_bp", "end_bp"))) == [
        ["181"],
        ["1181"],
        ["1461"],
    ]


def test_yes_and_no_are_traced_to_the_fact() -> None:
    block = matrix("Panel", NAMES["donor_tests"], whether("Allogeneic", "required_for", "allogeneic", "both"))
    assert texts(block) == [["yes"], ["no"]]


def test_a_ratio_has_three_figures_and_is_a_dash_where_a_number_is_missing() -> None:
    names = shelf(
        load("""\
tandem: 1
project: P
records:
  dose_band:
    a: {to_kg: 9.5, dose: 9.9e14}
    b: {dose: 9.9e14}
    c: {to_kg: 3, dose: 1}
""")
    )
    block = matrix("Bands", names["dose_bands"], ratio("Dose per kg", "dose", "to_kg"))
    assert texts(block) == [["1.04\u00a0×\u00a010¹⁴"], ["–"], ["0.333"]]
    assert isinstance(block, Table)
    (word,) = block.rows[0][0].content
    assert isinstance(word, Run) and word.origin is not None and word.origin.fact == "dose"


def test_lines_are_taken_apart_at_their_colons() -> None:
    block = lines("Properties", NAMES["active_substances"].first, "physical_properties", "Property", "Value", "Method")
    assert texts(block)[2] == ["osmolality", "280–320 mOsm/kg", "Ph. Eur. 2.2.35"]


def test_records_are_found_along_links() -> None:
    process = NAMES["processes"].where(version="2.0").first
    assert [str(h.material) for h in NAMES["hold_points"].where(after_step__process=process)] == [
        "activated cells",
        "drug substance",
    ]
    with pytest.raises(AttributeError, match="no fact “proces”"):
        NAMES["hold_points"].where(after_step__proces=process)


def test_linked_records_come_once_in_the_order_met() -> None:
    assert [str(s) for s in NAMES["batches"].where(scope="ds").linked("spec_version")] == ["SP-TC-DS 1", "SP-TC-DS 2"]


def test_known_means_that_there_is_something_to_print() -> None:
    measured, calculated = NAMES["impurities"][0], NAMES["impurities"][2]
    assert known(measured.measured_level)
    assert not known(calculated.measured_level)  # not applicable, with a reason
    assert not known(NAMES["analytical_methods"][0].withdrawn_reason)
