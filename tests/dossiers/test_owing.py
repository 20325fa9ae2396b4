"""What is owed by which stage: early tables ask for no late facts, and what is open is listed with its reason."""

from __future__ import annotations

from datetime import date

import pytest

from dossiers import checks
from dossiers.binder import load
from dossiers.blocks import Block, Cell, Column, Gap, Origin, Paragraph, Run, Section, Table
from dossiers.compose import compose, flat, gaps_of, inlines_of
from dossiers.outlines import outline
from dossiers.owing import eased, remaining
from dossiers.stage import Stage

GATES = {"proposed": "G1", "feasibility": "G2"}


def made(*rows: tuple[Cell, ...]) -> Table:
    head = tuple(Cell((Run(f"H{n}"),)) for n in range(len(rows[0])))
    return Table("", (Run("Caption"),), (Column(),) * len(rows[0]), (head,), rows)


def gap(kind: str, fact: str, note: str = "") -> Gap:
    return Gap("Label", Origin(kind, "k", "id", fact), note)


def said(block: Block) -> list[list[str]]:
    """The cells of a table as text, heading first."""
    assert isinstance(block, Table)
    rows = (*block.head, *block.rows)
    return [["".join(getattr(i, "text", "") for i in flat(one.content)) for one in row] for row in rows]


NAME = Cell((Run("x", origin=Origin("material", "k", "id", "name")),))


class TestEasedTables:
    def test_a_late_gap_is_a_dash_and_an_early_one_stays(self) -> None:
        late, early = Cell((gap("material", "grade"),)), Cell((gap("product", "atmp_class"),))
        table = eased(made((NAME, late, early), (NAME, NAME, NAME)), Stage.FEASIBILITY)
        assert said(table)[1] == ["x", "–", "[Label]"]
        assert said(eased(made((NAME, late)), Stage.TRANSFER))[1] == ["x", "[Label]"]

    def test_a_gap_with_a_reason_stays(self) -> None:
        told = Cell((gap("material", "supplier", "not yet known: a maker is being chosen"),))
        assert said(eased(made((NAME, told)), Stage.FEASIBILITY))[1][1].endswith("being chosen]")

    def test_a_gap_for_a_whole_record_stays(self) -> None:
        assert said(eased(made((NAME, Cell((gap("risk_factor", ""),)))), Stage.FEASIBILITY))[1][1] == "[Label]"

    @pytest.mark.parametrize(
        ("content", "left"),
        [
            ((gap("trial", "design"), Run("; "), NAME.content[0]), "x"),
            ((NAME.content[0], Run("; "), gap("trial", "state")), "x"),
            ((NAME.content[0], Run("; "), gap("trial", "state"), Run("; "), NAME.content[0]), "x; x"),
            ((gap("trial", "state"), Run("; "), gap("trial", "phase")), "–"),
        ],
    )
    def test_the_joint_beside_a_late_gap_goes_with_it(self, content: tuple[Run | Gap, ...], left: str) -> None:
        assert said(eased(made((NAME, Cell(content)), (NAME, NAME)), Stage.FEASIBILITY))[1][1] == left

    def test_columns_that_say_nothing_are_named_under_the_table(self) -> None:
        late = Cell((gap("material", "grade"),))
        table = eased(made((NAME, late, Cell((Run("–"),))), (NAME, late, late)), Stage.FEASIBILITY)
        assert isinstance(table, Table) and len(table.columns) == 1 and said(table) == [["H0"], ["x"], ["x"]]
        assert table.notes == ((Run("Not entered: “H1”, “H2”."),),)

    def test_other_blocks_and_whole_tables_are_left_alone(self) -> None:
        line = Paragraph((gap("material", "grade"),))
        assert eased(line, Stage.FEASIBILITY) is line
        whole = made((NAME, NAME))
        assert eased(whole, Stage.FEASIBILITY) == whole


FILE = """\
tandem: 1
project: P
stage: proposed
records:
  proposal:
    one:
      acronym: ONE
      potency_idea: {absent: not_yet_known, reason: no marker is chosen, owner: Head of the laboratory}
  product:
    p: {name: A product, code: {absent: not_applicable, reason: none is given}}
"""


class TestWhatRemainsOpen:
    def test_facts_stand_by_gate_and_reason(self) -> None:
        rows = said(remaining("Open", load(FILE), GATES))
        assert rows[0] == ["Owed by gate", "Record", "What is open", "Why, as far as known", "Who"]
        assert rows[1][:2] == ["G1", "Proposal ONE"] and "Working title; " in rows[1][2] and rows[1][3:] == ["–", "–"]
        why = "not yet known: no marker is chosen"
        assert ["G1", "Proposal ONE", "Idea for a potency test", why, "Head of the laboratory"] in rows
        last = rows[-1]
        assert last[:2] == ["G2", "Product A product"] and "ATMP class" in last[2] and "Product code" not in last[2]

    def test_without_a_reason_two_columns_are_not_there(self) -> None:
        file = "tandem: 1\nproject: P\nrecords:\n  product:\n    p: {name: A product}\n"
        assert {len(row) for row in said(remaining("Open", load(file), GATES))} == {3}

    def test_nothing_open_is_a_sentence(self) -> None:
        found = remaining("Open", load("tandem: 1\nproject: P\nrecords: {}\n"), GATES)
        assert isinstance(found, Paragraph) and found.content == (
            Run("Nothing that G1 and G2 ask for is open in the records that are entered."),
        )


def report(file: str) -> dict[str, Section]:
    return {s.key: s for s in compose(outline("feasibility-report"), load(file)).sections}


class TestFeasibilityReport:
    def test_it_is_read_early_and_sent_to_nobody(self) -> None:
        planned = outline("feasibility-report")
        assert (planned.filed, planned.due) == (False, Stage.FEASIBILITY)
        assert all(outline(name).filed and outline(name).due is Stage.DOSSIER for name in ("impd-q", "impd-se"))
        assert [s.number for s in planned.sections] == [f"F{n}" for n in range(1, 11)]

    def test_no_gap_asks_for_a_fact_of_a_later_stage(self) -> None:
        records = "  risk_factor:\n    r: {number: 1, risk: a tumour}\n  material:\n    m: {name: a vector}\n"
        sections = report(FILE + records)
        asked = {(gap.origin.kind, gap.origin.fact) for _, gap in gaps_of(sections.values()) if gap.origin}
        assert {kind for kind, fact in asked if fact} == {"proposal", "product", "narrative"}
        assert "a tumour" in {i.text for b in sections["F9"].blocks for i in inlines_of(b) if isinstance(i, Run)}

    def test_it_holds_the_risks_and_sends_the_reader_elsewhere_for_scores(self) -> None:
        words = " ".join(
            i.text for s in report(FILE).values() for b in s.blocks for i in inlines_of(b) if isinstance(i, Run)
        )
        assert words.count("score") == words.count("scorecard") + words.count("no scores") + words.count("and scored")

    def test_a_version_of_the_dossier_is_not_that_of_the_report(self) -> None:
        history = "  document_ref:\n    a: {type: cover, title: A, version: '2.0', date: 2025-01-02}\n"
        assert compose(outline("feasibility-report"), load(FILE + history)).cover.version == "draft"
        assert compose(outline("impd-q"), load(FILE + history)).cover.version == "2.0 (draft)"

    def test_a_report_with_little_in_it_is_no_finding_about_the_dossier(self) -> None:
        asked = checks.Question(date(2026, 11, 30), rules=(checks.find("T802"),), stage=Stage.DOSSIER)
        found = checks.check(load(FILE), asked).findings
        documents = {f.section[0] for f in found}
        assert "impd-q" in documents and "feasibility-report" not in documents
