"""Markdown and holes → blocks: nothing typed is lost, data never act as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dossiers.blocks import Footnote, Gap, Heading, Listing, Manner, Mark, Origin, Paragraph, Reference, Run, Table
from dossiers.parse import CLOSE, MARKUP, OPEN, TextFault, _Filler, blocks

HERE = Origin("batch", "B-1", "id", "story")


def words(block: object) -> Iterator[str]:
    match block:
        case Run(text):
            yield text
        case Gap() | Reference():
            yield block.text or block.target if isinstance(block, Reference) else block.text
        case Footnote(content) | Heading(_, content) | Paragraph(content):
            for one in content:
                yield from words(one)
        case Listing(_, items):
            for item in items:
                for inner in item:
                    yield from words(inner)
        case Table():
            for row in (*block.head, *block.rows):
                for cell in row:
                    for one in cell.content:
                        yield from words(one)


def said(text: str) -> str:
    return " ".join("".join(words(b)) for b in blocks(text))


@pytest.mark.parametrize(
    "text",
    [
        "HLA-A*02:01 and HLA-B*07:02",
        "p<0.05 & x > 3; a|b",
        "<b>x</b> &amp; <script>",
        "![picture](http://x)",
        "---",
        "[id]: http://example.org",
        "{{ 7*7 }} {% if %}",
        "    indented",
        "Title\n===",
        "5 * 3 * 2 and a_b_c and 2 ^ 3",
        "10^6/kg and 10^7/kg",
    ],
)
def test_what_people_type_prints_as_typed(text: str) -> None:
    assert re.sub(r"\s+", " ", said(text)).strip() == re.sub(r"\s+", " ", text).strip()


def test_marks() -> None:
    (paragraph,) = blocks("*in vitro* and **bold** `code` H~2~O 10^6^", (), HERE)
    assert isinstance(paragraph, Paragraph)
    marks = {run.text: set(run.marks) for run in paragraph.content if isinstance(run, Run) and run.marks}
    assert marks == {
        "in vitro": {Mark.ITALIC},
        "bold": {Mark.BOLD},
        "code": {Mark.CODE},
        "2": {Mark.SUB},
        "6": {Mark.SUP},
    }
    assert all(run.origin == HERE for run in paragraph.content if isinstance(run, Run))


def test_lists_nest_and_restart() -> None:
    first, between, second = blocks("1. one\n  - nested\n    - deep\n2. two\n\nBetween.\n\n1. again")
    assert isinstance(first, Listing) and isinstance(second, Listing) and isinstance(between, Paragraph)
    assert first.ordered and len(first.items) == 2 and len(second.items) == 1
    inner = first.items[0][1]
    assert isinstance(inner, Listing) and not inner.ordered and isinstance(inner.items[0][1], Listing)


def test_quote_heading_table_note_reference_language() -> None:
    quote, heading, table, line = blocks(
        "> said\n\n## Head\n\n| a | b |\n|---|---|\n| 1 |  |\n\nSee [[S.4.1]]^[a *note*] [tekst]{lang=nl}."
    )
    assert isinstance(quote, Paragraph) and quote.manner is Manner.QUOTE
    assert heading == Heading(2, (Run("Head"),))
    assert isinstance(table, Table) and len(table.rows) == 1 and len(table.rows[0]) == 2
    assert isinstance(line, Paragraph)
    assert Reference("S.4.1", "") in line.content and Run("tekst", lang="nl") in line.content
    assert any(isinstance(i, Footnote) for i in line.content)


def test_a_link_prints_its_address() -> None:
    assert said("see [the page](https://example.org/x)") == "see the page (https://example.org/x)"


def test_holes_carry_origin_and_never_act_as_markup() -> None:
    value = Run("a*b* <i> | # x", origin=HERE)
    (paragraph,) = blocks(f"Value {OPEN}0{CLOSE} and **{OPEN}0{CLOSE}**.", [value])
    assert isinstance(paragraph, Paragraph)
    assert paragraph.content[1] == value
    assert Run(value.text, frozenset({Mark.BOLD}), HERE) in paragraph.content


def test_blocks_must_stand_alone() -> None:
    table = Table("", (), (), (), ())
    assert blocks(f"{OPEN}0{CLOSE}", [table]) == (table,)
    with pytest.raises(TextFault, match="alone"):
        blocks(f"so {OPEN}0{CLOSE}", [table])


def test_a_soft_line_end_is_a_space() -> None:
    assert said("one\ntwo") == "one two"


PLAIN = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\ue000\ue001"),
    min_size=1,
    max_size=60,
)


@given(st.lists(PLAIN, min_size=1, max_size=4))
def test_the_fast_way_and_markdown_agree(pieces: list[str]) -> None:
    text = "\n\n".join(p for p in pieces if not MARKUP.search(p) and p.strip())
    slow = _Filler((), None).marked([text]) if text else []
    assert tuple(slow) == blocks(text) or [list(words(b)) for b in slow] == [list(words(b)) for b in blocks(text)]


@given(PLAIN)
def test_every_letter_and_digit_survives(text: str) -> None:
    assume("lang=" not in text)
    kept = [c for c in text if c.isalnum()]
    numbered = re.match(r"\s*\d+[.)]\s", text)  # the number of a list item is the list's, not the text's
    assert numbered or [c for c in said(text) if c.isalnum()] == kept


@given(st.text(max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    blocks(text.replace(OPEN, "").replace(CLOSE, ""))


@pytest.mark.parametrize("lead", ["**Scale.**", "*Scale.*"])
def test_the_space_between_a_marked_word_and_a_value_is_kept(lead: str) -> None:
    value = Run("5 bags", origin=Origin("batch", "B", "id", "size"))
    (made,) = blocks(f"{lead} {OPEN}0{CLOSE} a day", [value])
    assert isinstance(made, Paragraph)
    assert "".join(i.text for i in made.content if isinstance(i, Run)) == "Scale. 5 bags a day"
