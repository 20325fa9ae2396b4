"""Every awkward thing is shown by a test that bears its number, or named in the README with the reason why not."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.dossiers.awkward.catalogue import ENTRIES, awkward

HERE = Path(__file__).parent
SECTION = "## What the facts cannot say yet"


@cache
def shown() -> dict[str, list[str]]:
    """Number of an entry → the tests that bear it, read from the modules of this folder."""
    found: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in marks(node):
                    found.setdefault(number, []).append(f"{path.name}::{node.name}")
    return found


def marks(test: ast.FunctionDef) -> list[str]:
    """The numbers in the `awkward` decorator of a test."""
    calls = [d for d in test.decorator_list if isinstance(d, ast.Call) and getattr(d.func, "id", "") == "awkward"]
    return [str(a.value) for call in calls for a in call.args if isinstance(a, ast.Constant)]


@cache
def admitted() -> frozenset[str]:
    """The numbers that the README's section on limits names."""
    readme = next(p for p in HERE.parents if (p / "README.md").is_file()) / "README.md"
    section = readme.read_text("utf-8").split(SECTION, 1)[1].split("\n## ", 1)[0]
    return frozenset(re.findall(r"\bA\d\d\b", section))


def test_the_list_is_whole() -> None:
    assert list(ENTRIES) == [f"A{n:02}" for n in range(1, 62)]
    assert len(set(ENTRIES.values())) == 61


@pytest.mark.parametrize("number", ENTRIES)
def test_each_entry_is_shown_by_a_test_or_admitted_in_the_readme(number: str) -> None:
    assert shown().get(number) or number in admitted(), ENTRIES[number]


def test_only_entries_are_named() -> None:
    assert set(shown()) <= set(ENTRIES)
    assert admitted() <= set(ENTRIES)


def test_a_number_that_is_no_entry_is_refused() -> None:
    with pytest.raises(LookupError, match="A62"):
        awkward("A62")
    (made,) = ast.parse("@awkward('A07', 'A08')\n@other('A09')\ndef test_x(): ...").body
    assert isinstance(made, ast.FunctionDef)
    assert marks(made) == ["A07", "A08"]
