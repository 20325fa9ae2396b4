"""The section texts as they are shipped: no author's fault, and no dossier so poor that one cannot be filled."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dossiers.binder import Binder, load
from dossiers.blocks import Blocks, Reference, Section, Standing, Table
from dossiers.compose import compose, flat, gaps_of, inlines_of
from dossiers.facts import facts
from dossiers.outlines import faults, ids, outline, outlines, texts
from dossiers.paths import folder
from dossiers.records import RECORDS

TURNS = 5  # every fifth kind of record is emptied at a time: each kind once, beside others that are whole
SAMPLES = sorted(Path(__file__).parent.glob("sample*.yaml"))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts without figures: drawing is tested elsewhere and takes most of the time."""

    def nothing(*_: object) -> Blocks:
        return ()

    for name in ("flow", "stability_plots", "construct_map"):
        monkeypatch.setitem(texts().globals, name, nothing)


def read(path: Path) -> Binder:
    return load(path.read_text("utf-8"), path.name)


@pytest.mark.parametrize("document", ids())
def test_the_texts_of_a_document_have_no_fault(document: str) -> None:
    assert faults(document) == ()


@pytest.mark.parametrize("document", ids())
def test_each_section_has_guidance(document: str) -> None:
    assert [s.number for s in outline(document).sections if not s.group and not s.guidance] == []


@pytest.mark.parametrize("document", ids())
def test_a_project_without_records_shows_a_gap_in_every_section(document: str) -> None:
    draft = compose(outline(document), Binder("EMPTY"))
    shown = {key for key, _ in gaps_of(draft.sections)}
    assert [s.key for s in draft.sections if s.blocks and s.key not in shown] == []


DEMOS = sorted(p for p in (folder("seeds") / "demo").glob("tdm_*.yaml"))


@cache
def composed(path: Path, document: str) -> dict[str, Section]:
    return {s.key: s for s in compose(outline(document), read(path)).sections}


def lines(section: Section) -> list[str]:
    """What a section says, block by block."""
    return ["".join(getattr(i, "text", "") for i in flat(inlines_of(block))) for block in section.blocks]


def tables(section: Section) -> list[list[list[str]]]:
    """The rows of its tables, heading first."""
    return [
        [["".join(getattr(i, "text", "") for i in flat(cell.content)) for cell in row] for row in (*t.head, *t.rows)]
        for t in section.blocks
        if isinstance(t, Table)
    ]


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)
@pytest.mark.parametrize("document", ids())
def test_no_text_sends_the_reader_to_a_section_that_does_not_apply(path: Path, document: str) -> None:
    sections = composed(path, document)
    void = {key for key, s in sections.items() if s.standing is Standing.NOT_APPLICABLE}
    assert void or document != "impd-q"
    pointed = {
        (key, i.target)
        for key, s in sections.items()
        for block in s.blocks
        for i in flat(inlines_of(block))
        if isinstance(i, Reference)
    }
    assert [pair for pair in sorted(pointed) if pair[1] in void] == []


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)
def test_no_long_paragraph_or_table_is_said_twice(path: Path) -> None:
    for document in ids():
        seen: dict[str, str] = {}
        for key, section in composed(path, document).items():
            for block in section.blocks:
                said = "".join(getattr(i, "text", "") for i in flat(inlines_of(block)))
                assert len(said) < 200 or said not in seen, f"{key} repeats {seen[said]}: {said[:80]}"
                seen[said] = key


def test_steps_of_a_process_to_substance_and_product_stand_in_one_section_each() -> None:
    sections = composed(folder("seeds") / "demo" / "tdm_chon_01.yaml", "impd-q")
    first, second = (next(t for t in tables(sections[key]) if t[0][0] == "No.") for key in ("S.2.2", "P.3.3"))
    assert [row[0] for row in first[1:]] == [str(n) for n in range(1, 7)]
    assert [row[0] for row in second[1:]] == [str(n) for n in range(7, 11)]
    critical = [row[0].split()[0] for row in tables(sections["P.3.4"])[0][1:]]
    assert critical and set(critical) <= {"7", "8", "9", "10"}


def test_a_process_whose_substance_is_formed_at_no_known_step_is_whole_in_both_sections() -> None:
    binder = read(folder("seeds") / "demo" / "tdm_chon_01.yaml")
    for substance in binder.all("active_substance"):
        substance.fill({"defined_at_step": None})
    sections = {s.key: s for s in compose(outline("impd-q"), binder).sections}
    for key in ("S.2.2", "P.3.3"):
        rows = next(t for t in tables(sections[key]) if t[0][0] == "No.")
        assert len(rows) == 11
    assert any("[Formed at step]" in line or "Formed at step" in line for line in lines(sections["P.3.3"]))


@pytest.mark.parametrize("path", DEMOS, ids=lambda path: path.stem)
def test_the_benefit_is_said_once_and_samples_are_no_procedures(path: Path) -> None:
    sections = composed(path, "impd-se")
    product: Any = read(path).product
    measures: tuple[Any, ...] = read(path).all("safety_measure")
    assert sum(product.expected_benefit in line for line in lines(sections["6.2"])) == 1
    sampled = {m.measure for m in measures if m.type == "sampling"}
    assert sampled
    assert not sampled & {cell for table in tables(sections["5.6"]) for row in table for cell in row}


def test_the_dose_by_body_weight_is_a_table_where_bands_are_records_and_lines_where_they_are_not() -> None:
    text = """\
tandem: 1
project: P
records:
  dosing_rule:
    r: {condition: children, basis_of_dose: weight_band, unit: vg, bands: ["below 10 kg: 1e14 vg"]}
"""
    bands = """\
  dose_band:
    b2: {rule: r, from_kg: 10, to_kg: 20, dose: 2e14, volume: 4}
    b1: {rule: r, from_kg: 5, to_kg: 10, dose: 1e14, volume: 2}
"""

    def said(file: str) -> Section:
        return next(s for s in compose(outline("impd-se"), load(file)).sections if s.key == "5.5")

    assert any("below 10 kg: 1e14 vg" in line for line in lines(said(text)))
    made = said(text + bands)
    assert not any("below 10 kg" in line for line in lines(made))
    (rows,) = [t for t in tables(made) if "Body weight (kg)" in t[0]]
    assert [row[1:3] for row in rows[1:]] == [["5 to 10", "1\u00a0×\u00a010¹⁴"], ["10 to 20", "2\u00a0×\u00a010¹⁴"]]


@pytest.mark.parametrize(
    ("history", "version"),
    [
        ("", "draft"),
        ("    a: {type: cover, title: A, date: 2025-01-02}\n", "draft"),
        ("    a: {type: report, title: A, version: '7', date: 2025-01-02}\n", "draft"),
        (
            """\
    b: {type: cover, title: B, version: '3.0', date: 2026-01-02}
    a: {type: cover, title: A, version: '2.0', date: 2025-01-02}
""",
            "3.0 (draft)",
        ),
        ("    a: {type: cover, title: A, version: {value: '1', basis: recalled}}\n", "1\u00a0(unverified) (draft)"),
    ],
)
def test_the_cover_names_the_last_version_of_the_history(history: str, version: str) -> None:
    file = "tandem: 1\nproject: P\n" + (f"records:\n  document_ref:\n{history}" if history else "records: {}\n")
    assert compose(outline("impd-q"), load(file)).cover.version == version


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("turn", range(TURNS))
def test_texts_are_filled_without_any_fact_of_some_kinds(path: Path, turn: int) -> None:
    whole, kinds = read(path), set(list(RECORDS)[turn::TURNS])
    without = replace(whole, records={kind: held for kind, held in whole.records.items() if kind not in kinds})
    for record in (r for kind in kinds for r in whole.all(kind)):
        record.fill({f.name: None for f in facts(type(record))})
    for document in outlines():
        assert compose(document, whole).sections
        assert compose(document, without).sections
