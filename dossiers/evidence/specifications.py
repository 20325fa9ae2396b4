"""A specification as a table: tests down; what a test depends on stands in notes under the table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dossiers.blocks import Block, Cell, Column, Inlines, Kind, Mark, Run, Table
from dossiers.evidence.readings import DASH, named
from dossiers.records.conditions import is_percentage
from dossiers.records.quality import ReleaseTiming, SpecTest
from dossiers.shelf import Lacking, Shelf, Shown
from dossiers.tables import Col, _joined, cell, nothing

RAISED = frozenset({Mark.SUP})
DOUBTED = frozenset({Mark.UNVERIFIED})
HEADINGS = ("No.", "Attribute", "Test", "Method (code/Ph. Eur.)", "Acceptance criterion", "Tested at")
LAST = ("Reported before release (Y/N)", "Phase")
CONDITIONS = (  # fact of a row → how its note begins
    ("population", "Of "),
    ("applies_if", "Applies if: "),
    ("sampling", "Sample: "),
    ("sampled_before", "Sampled before the end of manufacture by: "),
    ("turnaround", "Result after: "),
    ("tells_apart", "Tells apart from: "),
    ("action_if_out", "If out of limit: "),
)
OF_TEST = ("applies_if", "sampling", "sampled_before", "turnaround", "tells_apart")  # the others are of the criterion
UNCONFIRMED = "Example from the reference list of tests; not confirmed for this product yet."


def specification(caption: str, spec: Shown | Lacking) -> Block:
    """The tests of one version of a specification in their order: attribute, method, criterion, timing of the result.

    Denominators, conditions, samples and consequences are notes, each once, lettered in the order of the rows; rows
    that nobody has confirmed yet say so.
    """
    if isinstance(spec, Lacking):
        return nothing(caption, "specification")
    found = (t for t in spec._binder.all("spec_test") if getattr(t, "specification", None) == spec.record.uid)
    tests = Shelf("spec_test", (Shown(t, spec._binder) for t in found)).by("order")
    if not tests:
        return nothing(caption, "spec_test")
    later = any(_is_later(test.record) for test in tests)
    letters = _Letters()
    body = tuple(_row(test, letters, later=later) for test in tests)
    names = (*HEADINGS[:5], *(["Shelf-life criterion"] if later else []), *HEADINGS[5:], *LAST)
    columns = (Column(Kind.NUMBER), *(Column() for _ in names[1:-2]), Column(Kind.SHORT), Column(Kind.SHORT))
    return Table("", (Run(caption),), columns, (tuple(Cell((Run(n),)) for n in names),), body, letters.notes)


class _Letters:
    """The notes of a table: the same words have the same letter."""

    def __init__(self) -> None:
        self.held: dict[str, Inlines] = {}

    def mark(self, words: Inlines) -> Run:
        """The letter that stands in the cell for a note in these words."""
        text = "".join(word.text for word in words if isinstance(word, Run))
        self.held.setdefault(text, words)
        return Run(_letter(list(self.held).index(text)), RAISED)

    @property
    def notes(self) -> tuple[Inlines, ...]:
        """The notes, each behind its letter."""
        return tuple((Run(_letter(n), RAISED), Run(" "), *words) for n, words in enumerate(self.held.values()))


def _letter(place: int) -> str:
    """a, b … z, aa, ab …"""
    return ("" if place < 26 else _letter(place // 26 - 1)) + chr(ord("a") + place % 26)


def _is_later(record: Any) -> bool:
    return bool(record.is_shelf_life_criterion or record.shelf_life_criterion)


def _row(test: Shown, letters: _Letters, *, later: bool) -> tuple[Cell, ...]:
    record = test.record
    assert isinstance(record, SpecTest)
    marks: dict[str, list[Run]] = {name: [] for name, _ in CONDITIONS}
    for name, begins in CONDITIONS:
        if getattr(record, name):
            marks[name].append(letters.mark((Run(begins), *getattr(test, name).inlines, Run("."))))
    if record.is_example:
        letter = letters.mark((Run(UNCONFIRMED),))  # each row is in doubt by itself, so that a final counts them all
        marks["applies_if"].append(replace(letter, marks=letter.marks | DOUBTED, origin=test.is_example.origin))
    of_test = _apart([mark for name in OF_TEST for mark in marks[name]])
    of_criterion = _apart([*marks["population"], *marks["action_if_out"]])
    return (
        Cell(cell(test, "order")),
        Cell(_joined(test, Col("", ("attribute.name", "category", "also_for")))),
        Cell((*named(test, test.unit.inlines if record.unit else ()), *of_test), strong=True),
        Cell(_joined(test, Col("", ("method", "ph_eur_ref")))),
        Cell((*cell(test, "criterion"), *of_criterion, *_uncounted(test))),
        *([Cell(_shelf_life(test, _apart(marks["population"])))] if later else []),
        Cell(_joined(test, Col("", ("stage", "time_point")))),
        Cell(_before(test)),
        Cell(cell(test, "phase")),
    )


def _uncounted(test: Shown) -> Inlines:
    """The gap of a percentage that does not say of what it is one, or why nobody knows."""
    record: Any = test.record
    owed = is_percentage(record, test._binder) or "population" in record.absent
    return (Run(" of "), *cell(test, "population")) if owed and not record.population else ()


def _apart(letters: list[Run]) -> Inlines:
    """Letters with a comma between: "a,b" would else read as one note."""
    return tuple(run for n, letter in enumerate(letters) for run in ((Run(",", RAISED), letter) if n else (letter,)))


def _shelf_life(test: Shown, marks: Inlines) -> Inlines:
    """The criterion until the end of shelf life: its own, or that of release, or none."""
    record: Any = test.record
    if record.shelf_life_criterion:
        return (*cell(test, "shelf_life_criterion"), *marks)
    if record.is_shelf_life_criterion:
        return (
            Run("as at release", origin=test.is_shelf_life_criterion.origin),
            *test.is_shelf_life_criterion.inlines[1:],
        )
    return DASH if record.is_shelf_life_criterion is False else cell(test, "is_shelf_life_criterion")


def _before(test: Shown) -> Inlines:
    """Yes or no; in words where that is not said."""
    timing = test.record.release_timing  # type: ignore[attr-defined]
    if timing in (ReleaseTiming.BEFORE_RELEASE, ReleaseTiming.AFTER_RELEASE):
        said = "yes" if timing is ReleaseTiming.BEFORE_RELEASE else "no"
        return (Run(said, origin=test.release_timing.origin), *test.release_timing.inlines[1:])
    return cell(test, "release_timing")
