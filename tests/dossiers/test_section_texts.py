"""The section texts as they are shipped: no author's fault, and no dossier so poor that one cannot be filled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dossiers.binder import Binder, load
from dossiers.blocks import Blocks
from dossiers.compose import compose, gaps_of
from dossiers.facts import facts
from dossiers.outlines import faults, ids, outline, outlines, texts
from dossiers.records import RECORDS

TURNS = 5  # every fifth kind of record is emptied at a time: each kind once, beside others that are whole
SAMPLES = sorted(Path(__file__).parent.glob("sample*.yaml"))


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts without figures: drawing is tested elsewhere and takes most of the time."""

    def nothing(*_: object) -> Blocks:
        return ()

    for name in ("flow", "stability_plots"):
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
