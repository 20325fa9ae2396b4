from __future__ import annotations

import io
from importlib.util import find_spec

import docx
import pytest

from benchmarks import peers, tandem, word
from benchmarks.content import FACTS, ROWS, SIZES, content, pieces
from benchmarks.word import Figure
from dossiers import plain


def words_of(data: bytes) -> list[str]:
    """The words of a file whose paragraphs and tables stand in no content control, in order."""
    document = docx.Document(io.BytesIO(data))
    out: list[str] = []
    for thing in document.iter_inner_content():
        if isinstance(thing, docx.table.Table):
            out += [text for row in thing.rows for cell in row.cells for text in cell.text.split()]
        else:
            out += thing.text.split()
    return out


def test_sizes_hold_the_tables_and_cells_they_say() -> None:
    assert SIZES == {60: 40, 250: 150, 1000: 800}
    made = content(60)
    tables = [chapter for chapter in made.chapters if chapter.records]
    assert (len(made.chapters), len(tables)) == (60, 40)
    assert {len(chapter.records) for chapter in tables} == {ROWS}
    assert len({record.uid for chapter in tables for record in chapter.records}) == 40 * ROWS
    assert len(FACTS) == 7


# docxtpl and pandoc come with `make bench` alone; where they are not installed there is no peer to compare
PEERS = {"docxtpl": "docxtpl", "expert": "docx", "pandoc": "pypandoc"}


@pytest.mark.parametrize("way", [way for way, library in PEERS.items() if find_spec(library)])
def test_every_way_says_the_same_words(way: str) -> None:
    made = content(60)
    ours = plain.text(tandem.Tandem(made).draft()).split()
    assert words_of(getattr(peers, way)(made)()) == ours


def test_amending_changes_one_cell() -> None:
    way = tandem.Tandem(content(60))
    before = plain.text(way.draft()).splitlines()
    way.amend()
    after = plain.text(way.draft()).splitlines()
    assert len(before) == len(after)
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_passages_keep_their_manner() -> None:
    assert pieces("a **b** c *d* e") == [("a ", ""), ("b", "bold"), (" c ", ""), ("d", "italic"), (" e", "")]


def test_a_run_tells_time_memory_and_what_comes_after() -> None:
    told = word.run(word.WAYS[0], 60)
    assert set(told) == {"seconds", "size", "peak", "before", *word.LATER}
    assert told["peak"] >= told["before"] > 0
    assert min(told[name] for name in ("seconds", *word.LATER)) > 0


def test_the_table_tells_ratios_runs_and_growth() -> None:
    figures = {
        (word.TANDEM, 60): Figure([1.0] * 5, 100, 80),
        (word.TANDEM, 250): Figure([2.0, 4.0, 3.0, 3.0, 3.0], 150, 90),
        ("slow", 60): Figure([2.0] * 5, 50, 40),
        ("slow", 250): Figure([12.0] * 3, 60, 50),
        ("short", 60): Figure([3.0], 60, 50),
    }
    _, _, own, slow, short = word.table(figures, [60, 250])
    assert own == "| Tandem | 1.00 s | 3.00 s | 150 (90) | 0.77 |"
    assert slow == "| slow | 2.00 s (2.00 ×) | 12.00 s (4.00 ×, 3 runs) | 60 (50) | 1.26 |"
    assert short == "| short | 3.00 s (3.00 ×, 1 run) | not run | – | – |"
