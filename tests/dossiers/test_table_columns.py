"""Every table that an assessor looks for is printed with its columns; what differs on purpose says why."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from dossiers.binder import load
from dossiers.blocks import Blocks, Table
from dossiers.compose import compose
from dossiers.outlines import outlines, texts
from dossiers.paths import folder
from dossiers.plain import words

HERE = Path(__file__).parent
SAID: dict[str, Any] = yaml.safe_load((HERE / "table_columns.yaml").read_text("utf-8"))
TABLES = [(number, caption) for number, wanted in SAID["tables"].items() for caption in wanted]
FIGURES = ("flow", "stability_plots", "construct_map")


def undrawn(*_: object) -> Blocks:
    """No figure: drawing is tested elsewhere and takes most of the time."""
    return ()


@cache
def printed() -> dict[str, dict[str, frozenset[str]]]:
    """Section number → caption → headings of its tables, over the samples of this folder and the whole demos."""
    found: dict[str, dict[str, frozenset[str]]] = {}
    files = [*sorted(HERE.glob("sample*.yaml")), *sorted((folder("seeds") / "demo").glob("tdm_*.yaml"))]
    with pytest.MonkeyPatch.context() as patch:
        for name in FIGURES:
            patch.setitem(texts().globals, name, undrawn)
        for section in (
            section
            for path in files
            for outline in outlines()
            for section in compose(outline, load(path.read_text("utf-8"), path.name)).sections
        ):
            for table in (block for block in section.blocks if isinstance(block, Table)):
                here = found.setdefault(section.number, {})
                caption = words(table.caption)
                here[caption] = here.get(caption, frozenset()) | set(headings(table))
    return found


def headings(table: Table) -> Iterator[str]:
    return (words(cell.content) for row in table.head for cell in row)


def columns(number: str, caption: str) -> tuple[list[str], list[dict[str, str]]]:
    """(headings as they are printed, what differs on purpose) of one table."""
    said = SAID["tables"][number][caption]
    return [c for c in said if isinstance(c, str)], [c for c in said if not isinstance(c, str)]


def headed(number: str, caption: str) -> frozenset[str]:
    """The headings of every table of the section whose caption begins so."""
    here = printed().get(number, {})
    return frozenset().union(*(found for name, found in here.items() if name.startswith(caption)))


def test_the_list_is_the_one_that_was_counted() -> None:
    assert len(TABLES) == 127
    assert len(SAID["tables"]) == 101


@pytest.mark.parametrize(("number", "caption"), TABLES)
def test_each_table_has_its_columns(number: str, caption: str) -> None:
    plain, other = columns(number, caption)
    held = headed(number, caption)
    missing = [name for name in (*plain, *(c["in"] for c in other if "in" in c)) if name not in held]
    assert not missing, sorted(held)
    assert held or all(c["because"] == "in_use" for c in other), "the table is not printed"


@pytest.mark.parametrize(("number", "caption"), [t for t in TABLES if columns(*t)[1]])
def test_what_differs_has_a_reason_and_still_differs(number: str, caption: str) -> None:
    for entry in columns(number, caption)[1]:
        assert set(entry) <= {"wanted", "in", "because"}
        assert entry["because"] in SAID["reasons"]
        assert entry["wanted"] not in headed(number, caption), "the column is there: name it plainly"


def test_data_in_use_stand_with_preparation_and_use() -> None:
    assert {"Test", "Acceptance criterion"} <= headed("P.2.6", "Compatibility data")


def test_a_column_for_each_batch_and_time_point_is_printed() -> None:
    assert "AF9-DP-25-002" in headed("P.5.4", "DP results")
    assert {"0", "3", "6"} <= headed("P.8.3", "DP stability data")


def test_every_reason_is_used() -> None:
    used = {entry["because"] for t in TABLES for entry in columns(*t)[1]}
    assert used == set(SAID["reasons"])
