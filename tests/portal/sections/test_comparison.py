"""Two states of a section: what is a changed fact, what a changed sentence, what is nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dossiers.blocks import Cell, Column, Footnote, Gap, Listing, Origin, Paragraph, Reference, Run, Section, Table
from portal.sections.comparison import Fact, Sentence, compare, printed, seal, sentences

LIFE, NAME, TEXT = (
    Origin("drug", "a", "1", "life"),
    Origin("drug", "a", "1", "name"),
    Origin("narrative", "n", "2", "text"),
)


def section(*lines: tuple[Run | Gap | Reference | Footnote, ...]) -> Section:
    return Section("1", "1", "All", 1, tuple(Paragraph(line) for line in lines))


def test_a_fact_that_changed_is_told_once_and_not_as_a_sentence() -> None:
    def made(life: Run | Gap) -> Section:
        return section((Run("The shelf life is "), life, Run(". It is "), Run("x", origin=NAME), Run(".")))

    differences = compare(made(Gap("Shelf life", LIFE)), made(Run("24 months", origin=LIFE)))
    assert differences.facts == (Fact(LIFE, "[Shelf life]", "24 months"),)
    assert differences.sentences == ()


def test_a_text_is_compared_by_sentence() -> None:
    old = section((Run("It is round. It holds. It was seen.", origin=TEXT),))
    new = section((Run("It is round. It holds well. It was seen.", origin=TEXT),))
    differences = compare(old, new)
    assert differences.facts == () and differences.sentences == (Sentence("It holds.", "It holds well."),)


def test_numbers_of_tables_do_not_count() -> None:
    old, new = (section((Run("See "), Reference("S.4:results", name))) for name in ("Table 1", "Table 2"))
    assert not compare(old, new) and seal(old) == seal(new)

    def table(label: str) -> Section:
        rows = ((Cell((Run("a", origin=NAME),)), Cell((Run("passes"),))),)
        return Section("1", "1", "All", 1, (Table("t", (Run("Results"),), (Column(), Column()), (), rows, (), label),))

    assert not compare(table("Table 1"), table("Table 2")) and seal(table("Table 1")) == seal(table("Table 2"))
    assert sentences(table("")) == (("Results", "Results"), ("\ue000 | passes", "a | passes"))


def test_a_row_of_facts_that_arrived_is_told_as_facts() -> None:
    def table(*names: str) -> Section:
        rows = tuple((Cell((Run(n, origin=Origin("batch", n, n, "number")),)), Cell(())) for n in names)
        return Section("1", "1", "All", 1, (Table("t", (), (Column(), Column()), (), rows),))

    differences = compare(table("B-1"), table("B-1", "B-2"))
    assert [(f.old, f.new) for f in differences.facts] == [("", "B-2")] and differences.sentences == ()


def test_notes_and_lists_are_read_too() -> None:
    item = (Paragraph((Run("x", origin=NAME), Footnote((Run("y", origin=LIFE),)))),)
    made = Section("1", "1", "All", 1, (Listing(False, (item,)),))
    assert printed(made) == {NAME: "x", LIFE: "y"}
    assert compare(None, made).arrived and compare(None, made)


RUNS = st.builds(Run, st.text("Ab. 12", max_size=8), origin=st.sampled_from([None, LIFE, NAME, TEXT]))
SECTIONS = st.lists(st.lists(RUNS, max_size=4).map(tuple), max_size=4).map(lambda lines: section(*lines))


@given(SECTIONS, SECTIONS)
def test_nothing_differs_from_itself_and_what_differs_is_sealed_otherwise(old: Section, new: Section) -> None:
    assert not compare(old, old) and not compare(old, replace(old, level=2))
    differences = compare(old, new)
    if differences.facts:
        assert printed(old) != printed(new)
    if differences.sentences:
        assert seal(old) != seal(new)
