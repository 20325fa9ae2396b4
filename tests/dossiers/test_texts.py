"""Section texts: data never act as markup, gaps show, each known fault of an author is named with file and line."""

from __future__ import annotations

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.binder import load
from dossiers.blocks import Blocks, Gap, Mark, Paragraph, Run, Table
from dossiers.outlines import faults, ids, names
from dossiers.parse import TextFault
from dossiers.reading import BIDI
from dossiers.shelf import shelf
from dossiers.texts import check, fill, library

FILE = """\
tandem: 1
project: P
stage: dossier
records:
  product:
    main:
      code: "HLA-A*02:01 and HLA-B*07:02 | <b>x</b> &amp; {{ 7*7 }}"
      name: {value: A name, basis: recalled, where: [a paper]}
      indication: {absent: withheld, reason: the holder keeps it, owner: the clinician}
      gmo_status: {absent: not_applicable, reason: no modified organism}
  batch:
    B-1: {number: B-1, use: [clinical, stability]}
    B-2: {number: B-2}
  narrative:
    t: {section_number: S.1, text: "A *prose* text with HLA-A*02:01.\\n\\n- one\\n- two"}
"""


def filled(text: str, **more: str) -> Blocks:
    texts = library(jinja2.DictLoader({"x.md": text} | more))
    return fill(texts, "x.md", shelf(load(FILE)))


def runs(text: str) -> list[Run]:
    return [i for b in filled(text) if isinstance(b, Paragraph) for i in b.content if isinstance(i, Run)]


def test_a_value_is_letter_for_letter_and_knows_where_it_came_from() -> None:
    found = [r for r in runs("Code: {{ product.code }}.") if r.origin is not None]
    assert [r.text for r in found] == ["HLA-A*02:01 and HLA-B*07:02 | <b>x</b> &amp; {{ 7*7 }}"]
    assert found[0].origin is not None and found[0].origin.path == "product main: code"


def test_what_was_recalled_carries_its_mark() -> None:
    assert any(Mark.UNVERIFIED in r.marks and "unverified" in r.text for r in runs("{{ product.name }}"))


def test_an_empty_fact_is_a_gap_with_what_is_known_of_it() -> None:
    (paragraph,) = filled("For {{ product.indication }} {{ product.route }}")
    assert isinstance(paragraph, Paragraph)
    first, second = (i for i in paragraph.content if isinstance(i, Gap))
    assert "the holder keeps it" in first.note and "the clinician" in first.note
    assert second.origin is not None and second.origin.fact == "route" and not second.note


def test_a_closed_absence_prints_its_reason_and_is_false() -> None:
    said = "".join(r.text for r in runs("{{ product.gmo_status }}{% if not product.gmo_status %} none{% endif %}"))
    assert said == "not applicable: no modified organism none"


def test_lists_links_and_conditions() -> None:
    assert "".join(r.text for r in runs("{% for b in batches %}{{ b.number }};{% endfor %}")) == "B-1;B-2;"
    assert "".join(r.text for r in runs("{{ batches.where(use='clinical')|length }}")) == "1"
    assert "".join(r.text for r in runs("{{ batches.by('number').first.number }}")) == "B-1"


def test_prose_stands_alone_and_keeps_its_marks() -> None:
    prose = filled("{{ narratives.first.text }}")
    assert len(prose) == 2
    assert any(Mark.ITALIC in r.marks for r in runs("{{ narratives.first.text }}"))
    with pytest.raises(TextFault, match="alone"):
        filled("so {{ narratives.first.text }}")


def test_a_table_without_rows_is_a_gap_that_leads_to_where_rows_are_entered() -> None:
    (table,) = filled('{{ table("Batches", batches, "number", "date") }}')
    assert isinstance(table, Table) and len(table.rows) == 2
    (nothing,) = filled('{{ table("Sites", sites, "name") }}')
    assert isinstance(nothing, Paragraph) and isinstance(nothing.content[0], Gap)
    assert nothing.content[0].origin is not None and nothing.content[0].origin.kind == "site"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ product.potency }}", "potency"),
        ("{{ produkt.name }}", "produkt"),
        ("{{ batches.where(colour='red') }}", "no fact “colour”"),
        ('{{ table("T", batches, "colour") }}', "no fact “colour”"),
        ('{{ table("T", batches, "site.colour") }}', "no fact “colour”"),
        ("{% include '_missing.md' %}", "does not exist"),
    ],
)
def test_a_misspelt_name_raises_with_its_file(text: str, words: str) -> None:
    with pytest.raises(TextFault, match=words) as caught:
        filled(text)
    assert "x.md" in str(caught.value)


GOOD = """Product {{ product.name }} is described.

{% if product.code %}
Its code is {{ product.code }}.
{% endif %}

- one
  - nested
"""

MUTATIONS = [
    ("{{ product.name }}", "{{ product.name }", 1, "unexpected|expected"),
    ("{{ product.name }}", "{{ produkt.name }}", 1, "no name a section text knows"),
    ("{% endif %}", "", 3, "end of template|endif"),
    ("{% if product.code %}", "{% if product.code %", 3, "expected token"),
    ("{% if product.code %}", "{% set x = 1 %}{% if product.code %}", 3, "“assign” is not used"),
    ("{% if product.code %}", "{% macro m() %}{% endmacro %}{% if product.code %}", 3, "“macro” is not used"),
    ("{% if product.code %}", "{% block b %}{% endblock %}{% if product.code %}", 3, "“block” is not used"),
    ("{% if product.code %}", "{% import 'a' as b %}{% if product.code %}", 3, "“import” is not used"),
    ("{% if product.code %}", "{% extends 'a' %}{% if product.code %}", 3, "“extends” is not used"),
    ("Product", "# Product", 1, "heading"),
    ("Its code", "## Its code", 4, "heading"),
    ("Its code", "    Its code", 4, "indented"),
    ("Its code", "<b>Its</b> code", 4, "would print as typed"),
    ("{% endif %}", "{% endfor %}", 5, "endfor"),
    ("product.code }}.", "product.code|nosuchfilter }}.", 4, "nosuchfilter"),
    ("Its code", "\ue000Its code", 4, "private-use"),
]


def test_a_good_text_has_no_fault() -> None:
    assert check("good.md", GOOD, names()) == ()


@pytest.mark.parametrize(("old", "new", "line", "words"), MUTATIONS)
def test_each_known_fault_is_caught_with_file_and_line(old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    found = check("bad.md", GOOD.replace(old, new, 1), names())
    assert found, "the fault was not seen"
    import re

    assert any(re.search(words, fault.sentence) for fault in found), found
    assert any(
        abs(fault.line - line) <= 1 or "end of template" in fault.sentence or "endif" in fault.sentence
        for fault in found
    ), found
    assert all(str(fault).startswith("bad.md:") for fault in found)


@pytest.mark.parametrize("document", ids())
def test_the_texts_of_every_document_are_without_fault(document: str) -> None:
    assert faults(document) == ()


SEEN = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp"), exclude_characters="".join(BIDI)
    ),
    min_size=1,
    max_size=60,
).filter(lambda t: t.strip())


@given(SEEN)
def test_every_printable_value_arrives_letter_for_letter(text: str) -> None:
    binder = load(FILE)
    product = binder.product
    assert product is not None
    product.fill({"code": text})
    texts = library(
        jinja2.DictLoader(
            {"x.md": "- **{{ product.code }}** and\n  - {{ product.code }}\n\n| a |\n|---|\n| {{ product.code }} |\n"}
        )
    )
    found = fill(texts, "x.md", shelf(binder))
    said = [r.text for r in _all(found) if r.origin is not None]
    assert said == [text] * 3


def _all(found: Blocks) -> list[Run]:
    from dossiers.compose import inlines_of

    return [i for b in found for i in inlines_of(b) if isinstance(i, Run)]
