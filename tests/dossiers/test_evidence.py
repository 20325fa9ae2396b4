"""Specifications, batch analyses and stability data as tables: what stands in which cell, and what the notes say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.binder import Binder, load
from dossiers.blocks import Cell, Footnote, Gap, Inlines, Paragraph, Run, Table
from dossiers.evidence import results, specification, stability
from dossiers.evidence.readings import chunks, named
from dossiers.evidence.specifications import _letter
from dossiers.evidence.studies import Moment, planned
from dossiers.records.stability import TimepointUnit
from dossiers.shelf import Lacking, Shelf, Shown, shelf

HEAD = """
tandem: 1
project: X
records:
  batch:
    b1: {number: B-1, spec_version: v1}
    b2: {number: B-2, spec_version: v2}
    b3: {number: B-3}
  specification:
    v1: {code: SP, version: "1", scope: dp}
    v2: {code: SP, version: "2", scope: dp}
    other: {code: SQ, version: "1", scope: ds}
  spec_test:
    old: {specification: v1, order: 1, test: Viability, criterion: ">= 60 %", unit: "%"}
    dna: {specification: v2, order: 2, test: Residual DNA, criterion: "<= 10 ng/dose", unit: ng/dose}
    via: {specification: v2, order: 1, test: Viability, criterion: NLT 70%, unit: "%", population: CD3+ cells}
    hla: {specification: v2, order: 3, test: HLA typing, criterion: conforms to donor, applies_if: allogeneic donor}
"""


def binder(results: str = "") -> Binder:
    return load(HEAD + results)


def words(content: Inlines) -> str:
    return "".join(f"⟨{words(i.content)}⟩" if isinstance(i, Footnote) else i.text for i in content)


def cells(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    return [[words(c.content) for c in row] for row in rows]


def tables(made: object) -> list[Table]:
    assert isinstance(made, tuple)
    assert all(isinstance(t, Table) for t in made)
    return list(made)


def batch_table(held: Binder, *batches: str, version: str = "v2") -> Table:
    names = shelf(held)
    spec = held.by_key("specification", version)
    rows = names["spec_tests"].where(specification=spec).by("order")
    wanted = [held.by_key("batch", key) for key in batches]
    (table,) = tables(results("Results", rows, names["batches"].where(number=[b.number for b in wanted])))  # type: ignore[union-attr]
    return table


# ---------------------------------------------------------------- batches


def test_the_rows_follow_the_specification_and_the_units_stand_with_the_tests() -> None:
    table = batch_table(
        binder('  test_result:\n    r1: {batch: b2, spec_test: via, value: "88", unit: "%"}\n'
               '    r2: {batch: b2, spec_test: dna, value: "1.5e6", qualifier: "<", unit: ng/dose}\n'),
        "b2",
    )  # fmt: skip
    assert cells(table.head) == [["Test", "Acceptance criterion", "B-2"]]
    assert cells(table.rows) == [
        ["Viability (%)", "≥\u00a070\u00a0% of CD3+ cells", "88"],
        ["Residual DNA (ng/dose)", "≤\u00a010\u00a0ng/dose", "<\u00a01.5\u00a0×\u00a010⁶"],
        ["HLA typing", "conforms to donor", "–"],
    ]
    value = table.rows[0][2].content[0]
    assert isinstance(value, Run) and value.origin is not None
    assert (value.origin.kind, value.origin.key, value.origin.fact) == ("test_result", "r1", "value")


def test_a_result_is_judged_by_the_version_that_its_batch_keeps() -> None:
    held = binder(
        '  test_result:\n    r1: {batch: b1, spec_test: old, value: "65", unit: "%"}\n'
        '    r2: {batch: b2, spec_test: via, value: "65", unit: "%"}\n'
    )
    table = batch_table(held, "b1", "b2")
    assert cells(table.rows)[0] == ["Viability (%)", "≥\u00a070\u00a0% of CD3+ cells", "65", "65\u00a0OOS"]
    assert [words(n) for n in table.notes][:2] == [
        "OOS: out of specification, judged against the specification version in force when it was released.",
        "OOS, B-2, Viability: The result 65\u00a0% does not meet ≥\u00a070\u00a0%.",
    ]


def test_a_missing_result_is_a_gap_only_where_the_batchs_own_version_asks_for_it() -> None:
    held = binder('  test_result:\n    r1: {batch: b1, spec_test: old, value: "88", unit: "%"}\n')
    table = batch_table(held, "b1", "b2")
    assert isinstance(table.rows[0][3].content[0], Gap)  # B-2 keeps version 2, which has the test
    assert [cells(table.rows)[1][2], type(table.rows[1][3].content[0])] == ["–", Gap]  # version 1 has no DNA test
    assert cells(table.rows)[2][2:] == ["–", "–"]
    notes = [words(n) for n in table.notes]
    assert "–: not a test of the specification version of that batch." in notes
    assert "–: no result; the test applies only to some batches (allogeneic donor)." in notes


def test_states_and_signs_are_said_in_words() -> None:
    held = binder(
        "  test_result:\n    r1: {batch: b2, spec_test: via, state: pending}\n"
        "    r2: {batch: b2, spec_test: dna, value: '0.2', qualifier: ND, unit: ng/dose}\n"
        "    r3: {batch: b3, spec_test: via, value: '90.50', unit: '%', "
        "statistic: mean, n: 3, minimum: 88, maximum: 92}\n"
        "    r4: {batch: b3, spec_test: dna, value: '3', state: below_loq, unit: pg/dose}\n"
    )  # fmt: skip
    rows = cells(batch_table(held, "b2", "b3").rows)
    assert rows[0][2:] == ["pending", "90.50 (mean, n\u00a0=\u00a03, 88–92)"]
    assert rows[1] == [
        "Residual DNA",
        "≤\u00a010\u00a0ng/dose",
        "not detected (detection limit 0.2\u00a0ng/dose)",
        "<\u00a03\u00a0pg/dose",
    ]


def test_a_result_that_cannot_be_judged_has_no_mark_but_a_note() -> None:
    held = binder('  test_result:\n    r1: {batch: b3, spec_test: via, value: "50", unit: "%"}\n')
    table = batch_table(held, "b3")
    assert cells(table.rows)[0][2] == "50"
    assert words(table.notes[0]).startswith("Not judged, B-3, Viability: The batch B-3 does not say which")


def test_read_outs_stand_together_in_one_cell() -> None:
    held = binder(
        '  test_result:\n    r1: {batch: b2, spec_test: via, readout: a, value: "88", unit: "%"}\n'
        '    r2: {batch: b2, spec_test: via, readout: b, value: "91", unit: "%"}\n'
    )
    assert cells(batch_table(held, "b2").rows)[0][2] == "a: 88; b: 91"


def test_many_batches_run_over_several_tables() -> None:
    rows = "".join(f"    n{i}: {{number: N-{i}}}\n" for i in range(17))
    held = load(HEAD.replace("  specification:\n", f"{rows}  specification:\n", 1))
    names = shelf(held)
    made = tables(
        results(
            "Results", names["spec_tests"].where(specification=held.by_key("specification", "v2")), names["batches"]
        )
    )
    assert [words(t.caption) for t in made] == [f"Results ({n} of 3)" for n in (1, 2, 3)]
    assert [b for t in made for b in cells(t.head)[0][2:]] == [words(b.inlines) for b in names["batches"]]
    assert max(len(t.columns) for t in made) <= 10


@pytest.mark.parametrize(("rows", "kind"), [(0, "spec_test"), (1, "batch")])
def test_without_tests_or_batches_there_is_a_gap(rows: int, kind: str) -> None:
    tests = shelf(binder())["spec_tests"] if rows else Shelf("spec_test")
    (made,) = results("Results", tests, Shelf("batch"))
    assert isinstance(made, Paragraph) and isinstance(made.content[0], Gap)
    assert made.content[0].origin is not None and made.content[0].origin.kind == kind


@given(st.lists(st.integers(), max_size=60), st.integers(1, 9))
def test_chunks_keep_everything_in_order_and_are_even(things: list[int], most: int) -> None:
    made = chunks(things, most)
    assert [t for part in made for t in part] == things
    assert len(made) == max(1, -(-len(things) // most)) or not things
    assert all(len(part) <= most for part in made)


# ---------------------------------------------------------------- stability

STUDIES = """
  stability_study:
    st:
      protocol_id: ST-1
      batch: [b1, b2]
      tests: [via, dna]
      timepoints: ["0", "3", "6", "12"]
      status: STATUS
      months_available: 3
    bare: {protocol_id: ST-2}
  stability_result:
    r1: {study: st, batch: b1, test: via, timepoint: 3, timepoint_unit: m, value: "69", unit: "%"}
    r2: {study: st, batch: b1, test: via, timepoint: 0, timepoint_unit: m, value: "88", unit: "%"}
    r3: {study: st, batch: b2, test: via, timepoint: 0, timepoint_unit: h, value: "90", unit: "%"}
    r4: {study: st, batch: b1, test: dna, timepoint: 0, timepoint_unit: m, value: "2", unit: ng/dose}
"""


def course(status: str = "ongoing", text: str = STUDIES) -> Table:
    held = load(
        HEAD.replace('unit: "%", population', 'unit: "%", shelf_life_criterion: ">= 65 %", population')
        + text.replace("STATUS", status)
    )
    record = held.by_key("stability_study", "st")
    assert record is not None
    (table,) = tables(stability("Data", Shown(record, held)))
    return table


def test_a_study_has_a_column_for_each_time_point_and_a_row_for_each_test_and_batch() -> None:
    table = course()
    assert cells(table.head) == [
        ["Test", "Acceptance criterion", "Batch", "Result after (months)"],
        ["0", "3", "6", "12"],
    ]
    rows = cells(table.rows)
    assert rows[0][:4] == ["Viability (%)", "≥\u00a065\u00a0% of CD3+ cells", "B-1", "88"]
    assert rows[0][4:] == ["69", "–", "–"]
    assert rows[1][:2] == ["B-2", "90"]  # 0 h is the start, as 0 months is
    assert isinstance(table.rows[1][2].content[0], Gap)  # data are said to be there to month 3
    assert table.rows[0][0].down == table.rows[0][1].down == 2
    assert [words(n) for n in table.notes] == ["–: not tested yet; the study goes on."]


def test_a_batch_that_entered_the_study_later_owes_only_what_its_age_allows() -> None:
    def second(date: str) -> Inlines:
        made = load(
            HEAD.replace("project: X", "project: X\non: 2026-11-20").replace("B-2,", f"B-2, date: {date},")
            + STUDIES.replace("STATUS", "ongoing")
        )
        record = made.by_key("stability_study", "st")
        assert record is not None
        (table,) = tables(stability("Data", Shown(record, made)))
        return table.rows[1][2].content

    assert words(second("2026-10-01")) == "–"  # seven weeks old: month 3 has not come
    assert isinstance(second("2026-06-01")[0], Gap)


def test_a_result_that_misses_the_criterion_of_shelf_life_is_marked() -> None:
    table = course(text=STUDIES.replace('"69"', '"64.9"'))
    assert cells(table.rows)[0][4] == "64.9\u00a0OOS"
    assert "OOS, B-1, Viability, 3\u00a0months: The result 64.9\u00a0% does not meet ≥\u00a065\u00a0%." in [
        words(n) for n in table.notes
    ]


def test_a_stopped_study_keeps_its_planned_time_points() -> None:
    table = course("stopped")
    assert [words(n) for n in table.notes] == ["–: not tested; the study was stopped."]
    assert not any(isinstance(i, Gap) for row in table.rows for c in row for i in c.content)


def test_a_completed_study_owes_its_results() -> None:
    table = course("completed")
    assert isinstance(table.rows[0][-1].content[0], Gap)


def test_time_points_in_several_units_are_named_each() -> None:
    more = '    r5: {study: st, batch: b1, test: via, timepoint: 48, timepoint_unit: h, value: "87", unit: "%"}\n'
    table = course(text=STUDIES + more)
    assert cells(table.head) == [
        [
            "Test",
            "Acceptance criterion",
            "Batch",
            "0\u00a0months",
            "48\u00a0h",
            "3\u00a0months",
            "6\u00a0months",
            "12\u00a0months",
        ]
    ]


def test_a_study_without_results_is_a_gap() -> None:
    held = load(HEAD + STUDIES.replace("STATUS", "planned"))
    record = held.by_key("stability_study", "bare")
    assert record is not None
    for made, kind in (
        (stability("Data", Shown(record, held)), "stability_result"),
        (stability("Data", Lacking("stability_study")), "stability_study"),
    ):
        (gap,) = made[0].content  # type: ignore[union-attr]
        assert isinstance(gap, Gap) and gap.origin is not None and gap.origin.kind == kind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3", "3\u00a0months"),
        ("24 h", "24\u00a0h"),
        ("1 month", "1\u00a0month"),
        ("7d", "7\u00a0days"),
        ("0 h", "0\u00a0months"),
    ],
)
def test_planned_time_points_are_read_as_typed(text: str, said: str) -> None:
    made = planned(text, TimepointUnit.M)
    assert made is not None and made.label == said


@given(st.text(max_size=20))
def test_any_words_may_stand_as_a_planned_time_point(text: str) -> None:
    assert isinstance(planned(text, TimepointUnit.H), Moment | None)


# ---------------------------------------------------------------- specification


def test_a_specification_shows_its_tests_with_lettered_notes() -> None:
    extra = (
        '    app: {specification: v2, order: 4, test: Appearance, criterion: "report result", category: general, '
        "stage: dp, "
        "release_timing: before_release, population: CD3+ cells, is_example: true, is_shelf_life_criterion: true}\n"
    )
    held = load(HEAD + extra)
    record = held.by_key("specification", "v2")
    assert record is not None
    table = specification("Specification", Shown(record, held))
    assert isinstance(table, Table)
    rows = cells(table.rows)
    assert [row[2] for row in rows] == ["Viability (%)", "Residual DNA (ng/dose)", "HLA typingb", "Appearancec"]
    assert [row[4] for row in rows] == [
        "≥\u00a070\u00a0%a",
        "≤\u00a010\u00a0ng/dose",
        "conforms to donor",
        "report resulta",
    ]
    assert rows[3][5] == "as at release" and rows[3][7] == "yes"
    assert [words(n) for n in table.notes] == [
        "a Of CD3+ cells.",
        "b Applies if: allogeneic donor.",
        "c Example from the reference list of tests; not confirmed for this product yet.",
    ]
    assert "Shelf-life criterion" in cells(table.head)[0]


def test_a_specification_without_shelf_life_criteria_has_no_column_for_them() -> None:
    held = binder()
    record = held.by_key("specification", "v1")
    assert record is not None
    table = specification("Specification", Shown(record, held))
    assert isinstance(table, Table)
    assert "Shelf-life criterion" not in cells(table.head)[0] and len(table.columns) == len(table.rows[0])


@pytest.mark.parametrize("key", ["other", ""])
def test_a_specification_without_tests_is_a_gap(key: str) -> None:
    held = binder()
    record = held.by_key("specification", key)
    made = specification("Specification", Shown(record, held) if record else Lacking("specification"))
    assert isinstance(made, Paragraph) and isinstance(made.content[0], Gap)


def test_letters_go_on_after_z() -> None:
    assert [_letter(n) for n in (0, 25, 26, 51, 52)] == ["a", "z", "aa", "az", "ba"]


@pytest.mark.parametrize(
    ("test", "unit", "printed"),
    [("CD3+ %", "%", "CD3+ %"), ("Viability (%)", "%", "Viability (%)"), ("Viability", "%", "Viability (%)")],
)
def test_a_unit_that_the_test_is_named_with_stands_once(test: str, unit: str, printed: str) -> None:
    held = load(f"tandem: 1\nproject: X\nrecords:\n  spec_test:\n    a: {{test: {test}, unit: '{unit}'}}\n")
    row = shelf(held)["spec_tests"].first
    assert words(named(row, row.unit.inlines)) == printed


def test_values_that_disagree_and_remarks_are_told_under_the_table() -> None:
    held = binder("""
  test_result:
    r1: {batch: b2, spec_test: via, value: "88", unit: "%", remark: counted twice}
    r2: {batch: b2, spec_test: via, value: "84", unit: "%"}
    r3: {batch: b2, spec_test: dna, value: "1", unit: ng/dose, readout: a}
    r4: {batch: b2, spec_test: dna, value: "2", unit: ng/dose, readout: b}
""")
    table = batch_table(held, "b2")
    assert cells(table.rows)[0][2] == "88; 84"
    notes = [words(note) for note in table.notes]
    assert [n for n in notes if "Residual DNA" in n] == []
    assert notes[:2] == [
        "B-2, Viability: counted twice",
        "B-2, Viability: values that disagree are reported side by side.",
    ]
