from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from dossiers import plain, preview
from dossiers.binder import load
from dossiers.blocks import (
    Cell,
    Column,
    Draft,
    Figure,
    Heading,
    Kind,
    Origin,
    Paragraph,
    Reference,
    Run,
    Section,
    Still,
    Table,
)
from dossiers.compose import compose
from dossiers.outlines import outlines
from dossiers.paths import folder

XHTML = "{http://www.w3.org/1999/xhtml}"
SEPARATE = {"p", "li", "td", "th", "caption", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "br", "dt", "dd"}


def parsed(page: str) -> Any:
    """The page's tree; raises where it is not HTML5."""
    whole = page if page.startswith("<!DOCTYPE") else f"<!DOCTYPE html><html><head><title>x</title></head><body>{page}"
    return html5lib.HTMLParser(strict=True).parse(whole)


def every(tree: Any, tag: str, **attributes: str) -> list[Any]:
    found = tree.iter(XHTML + tag)
    return [
        e for e in found if all(e.get(name.strip("_").replace("_", "-")) == value for name, value in attributes.items())
    ]


def said(element: Any) -> str:
    return "".join(element.itertext())


def spoken(tree: Any) -> list[str]:
    """The words of the sections, notes after their section, without what the page adds (marks, findings)."""
    out: list[str] = []

    def walk(element: Any) -> None:
        tag = str(element.tag).removeprefix(XHTML)
        manner = element.get("class", "")
        if manner in {"remarks", "mark", "back", "cover", "contents"} or tag.startswith("{"):
            return
        out.append(" " if tag in SEPARATE else "")
        out.append(element.text or "")
        for child in element:
            walk(child)
            out.append(child.tail or "")
        out.append(" " if tag in SEPARATE else "")

    for section in every(tree, "section"):
        walk(section)
    return "".join(out).split()


def one(*blocks: Any) -> Draft:
    section = Section("S.1", "S.1", "General", 1, blocks)
    return Draft("impd-q", plain.load_tree(TREE).cover, (section,))


TREE = {
    "is": "draft",
    "outline": "x",
    "sections": [],
    "cover": {"is": "cover", "document": "D", "code": "C", "product": "P", "sponsor": "S"},
}


def test_the_sample_is_html5_without_styles_or_scripts(sample: Draft) -> None:
    page = preview.html(sample, lambda origin: f"/records/{origin.kind}/{origin.id}#{origin.fact}")
    assert isinstance(page, Markup)
    tree = parsed(page)
    ids = [e.get("id") for e in tree.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert not [e for e in tree.iter() if e.get("style")]
    assert not every(tree, "style")
    assert not every(tree, "script")


def test_every_link_inside_the_page_arrives(sample: Draft) -> None:
    tree = parsed(preview.html(sample))
    ids = {e.get("id") for e in tree.iter()}
    targets = {e.get("href")[1:] for e in every(tree, "a")}
    assert len(targets) == 8
    assert targets <= ids


def test_the_page_says_the_words_of_the_draft(sample: Draft) -> None:
    tree = parsed(preview.html(sample))
    words = plain.text(sample).split()
    assert "HLA-A*02:01" in words
    assert spoken(tree) == words


@given(data=st.data())
def test_any_draft_is_html5_and_says_its_words(drafts: st.SearchStrategy[Draft], data: st.DataObject) -> None:
    draft = data.draw(drafts)
    tree = parsed(preview.standalone(draft))
    assert "".join(spoken(tree)) == "".join(plain.text(draft).split())


@pytest.mark.parametrize("path", sorted(folder("seeds").glob("demo/*.yaml")), ids=lambda path: path.stem)
def test_every_demo_document_is_html5_and_says_its_words(path: Path) -> None:
    binder = load(path.read_text("utf-8"), path.name)
    for document in outlines():
        draft = compose(document, binder)
        page = preview.html(draft, lambda origin: f"/{origin.kind}/{origin.key}#{origin.fact}")
        tree = parsed(page)
        assert spoken(tree) == plain.text(draft).split()
        ids = [e.get("id") for e in tree.iter() if e.get("id")]
        assert len(ids) == len(set(ids))
        assert {e.get("href")[1:] for e in every(tree, "a") if e.get("href").startswith("#")} <= set(ids)
        assert not [e for e in tree.iter() if e.get("style")]
        assert plain.load_tree(json.loads(json.dumps(plain.tree(draft)))) == draft


def test_values_know_their_record_and_neighbours_of_one_fact_are_one_value(sample: Draft) -> None:
    tree = parsed(preview.html(sample))
    values = [(e.get("data-kind"), e.get("data-key"), e.get("data-record"), e.get("data-fact"), said(e))
              for e in every(tree, "span", class_="value")]  # fmt: skip
    batch = ("batch", "ARI0001/01", "9b2f", "viability")
    assert values[1:] == [(*batch, "92.5"), (*batch, "×106 cells")]
    assert values[0][-1].startswith("HLA-A*02:01 and HLA-B*07:02 | <b>x</b> &amp;")


def test_with_addresses_values_and_gaps_are_links(sample: Draft) -> None:
    tree = parsed(preview.html(sample, lambda origin: f"/r/{origin.id}?f={origin.fact}&x=1"))
    assert not every(tree, "span", class_="value")
    assert {e.get("href") for e in every(tree, "a", class_="value")} == {"/r/77aa?f=hla&x=1", "/r/9b2f?f=viability&x=1"}
    gaps = every(tree, "a", class_="gap")
    assert [(said(e), e.get("href")) for e in gaps] == [
        ("[Shelf life: not found]", "/r/77aa?f=hla&x=1"),
        ("[Dose: not found]", "/r/9b2f?f=viability&x=1"),
    ]
    assert [said(e) for e in every(tree, "mark")] == ["[Nobody owes this]"]  # nothing to link to


def test_a_table_is_readable_by_ear_and_by_keyboard(sample: Draft) -> None:
    tree = parsed(preview.html(sample))
    (box,) = every(tree, "div", class_="scroll")
    assert (box.get("tabindex"), box.get("role")) == ("0", "region")
    (caption,) = every(tree, "caption")
    assert box.get("aria-labelledby") == caption.get("id")
    assert said(caption) == "Table 1: Batch analyses of ex vivo expanded cells"
    heads = [(said(e), e.get("scope"), e.get("colspan"), e.get("rowspan")) for e in every(tree, "th")]
    assert heads[:3] == [("Batch", "col", None, "2"), ("Made on", "col", None, "2"), ("Results", "col", "2", None)]
    assert heads[-2:] == [("ARI0001/01", "row", None, None), ("ARI0001/02", "row", None, None)]
    classes = [(said(e), e.get("class")) for e in every(tree, "td")]
    assert ("100", "number") in classes
    assert ("88", "number") in classes  # moved aside by the date that reaches down
    assert ("12\u00a0Mar\u00a02026", "date") in classes


def test_a_cell_over_two_rows_and_columns_moves_the_next_rows_aside() -> None:
    def cell(text: str, across: int = 1, down: int = 1) -> Cell:
        return Cell((Run(text),), across, down)

    columns = tuple(Column(kind) for kind in (Kind.TEXT, Kind.SHORT, Kind.NUMBER, Kind.DATE))
    rows = ((cell("a", 2, 3), cell("n"), cell("d")), (cell("n"), cell("d")), (cell("n", 1, 2), cell("d")),
            (cell("t"), cell("s"), cell("d")))  # fmt: skip
    tree = parsed(preview.html(one(Table("t", (), columns, (), rows))))
    kinds = {"a": None, "n": "number", "d": "date", "t": None, "s": "short"}
    found = [(said(e), e.get("class")) for e in every(tree, "td")]
    assert found == [(text, kinds[text]) for text in ["a", "n", "d", "n", "d", "n", "d", "t", "s", "d"]]


def test_headings_follow_the_sections_and_end_at_six(sample: Draft) -> None:
    tree = parsed(preview.html(sample))
    heads = [
        (e.tag.removeprefix(XHTML), said(e)) for e in tree.iter() if re.fullmatch("h[1-6]", e.tag.removeprefix(XHTML))
    ]
    assert heads == [("h2", "S.1 General information"), ("h3", "Nomenclature"), ("h4", "S.4.4 Batch analyses"),
                     ("h3", "P.8 Stability")]  # fmt: skip
    deep = Draft("x", sample.cover, (Section("a", "a", "b", 6, (Heading(3, (Run("c"),)),)),))
    assert "<h6>c</h6>" in preview.html(deep)


def test_footnotes_count_through_the_draft_and_link_both_ways(sample: Draft) -> None:
    first = Section("A", "A", "A", 1, sample.sections[1].blocks[:1] + sample.sections[1].blocks[2:3])
    draft = replace(sample, sections=(first, sample.sections[1]))
    tree = parsed(preview.html(draft))
    marks = [said(e).strip() for e in every(tree, "sup", class_="mark")]
    assert marks == ["1", "2", "3"]  # one hung on a note stands in it
    notes = [(li.get("value"), said(li).removesuffix(" ↩").strip()) for box in every(tree, "aside", class_="footnotes")
             for li in box.iter(XHTML + "li")]  # fmt: skip
    twice = "Counted twice [By two people.]"
    assert notes == [("1", twice), ("2", "By flow cytometry."), ("3", twice)]


def test_one_section_alone_is_one_root_with_its_remarks(sample: Draft) -> None:
    section = sample.sections[1]
    fragment = preview.section_html(section, remarks=sample.remarks, note=4)
    whole = preview.html(sample)
    tree = parsed(fragment)
    (body,) = tree.iter(XHTML + "body")
    (root,) = list(body)
    assert (root.get("id"), root.get("data-section")) == ("S.4.4@ari-0001-ds", "S.4.4@ari-0001-ds")
    assert [said(e).strip() for e in every(tree, "sup", class_="mark")] == ["4", "5"]
    assert preview.section_html(section, remarks=sample.remarks) in whole
    (remark,) = [li for box in every(tree, "aside", class_="remarks") for li in box.iter(XHTML + "li")]
    assert (said(remark), remark.get("data-fact")) == ("Viability of ARI0001/02 has no source.", "viability")


def test_figures_are_drawn_or_shown_as_data(sample: Draft) -> None:
    page = preview.html(sample)
    tree = parsed(page)
    (image,) = every(tree, "img")
    assert image.get("alt") == 'A bag with a "label"'
    assert image.get("src").startswith("data:image/png;base64,iVBOR")
    (drawing,) = tree.iter("{http://www.w3.org/2000/svg}svg")
    assert drawing.get("aria-label") == "Thaw, wash, fill"
    assert [said(e) for e in every(tree, "figcaption")] == ["Figure 1: Flow of the process", "Figure 2: The bag"]


def test_languages_and_line_breaks(sample: Draft) -> None:
    tree = parsed(preview.html(sample))
    (article,) = every(tree, "article")
    assert article.get("lang") == "en-GB"
    (latin,) = every(tree, "span", lang="la")
    assert said(latin) == "ex vivo"
    assert len(every(tree, "br")) == 1


def test_a_section_that_does_not_apply_says_so(sample: Draft) -> None:
    classes = [e.get("class") for e in every(parsed(preview.html(sample)), "section")]
    assert classes == ["section", "section", "section not-applicable"]


def test_the_contents_name_every_section(sample: Draft) -> None:
    (nav,) = every(parsed(preview.html(sample)), "nav")
    lines = [(said(a), a.get("href")) for a in nav.iter(XHTML + "a")]
    assert lines == [
        ("S.1 General information", "#S.1"),
        ("S.4.4 Batch analyses", "#S.4.4@ari-0001-ds"),
        ("P.8 Stability", "#P.8"),
    ]


@pytest.mark.parametrize("key", ["a b", 'x"y', "<k>", "é", "a%20b", "S.4.1@x"])
def test_odd_keys_make_ids_that_links_find(key: str) -> None:
    section = Section(key, "1", "t", 1, (Paragraph((Reference(key, "here"),)),))
    tree = parsed(preview.section_html(section))
    (link,) = every(tree, "a")
    (root,) = every(tree, "section")
    assert link.get("href") == f"#{root.get('id')}"
    assert not re.search(r"\s", root.get("id"))


def test_the_cover_has_no_status_once_final(sample: Draft) -> None:
    assert "2 gaps" in preview.html(sample)
    cover = replace(sample.cover, final=True, signers=(("A. Person", "Quality", "12 Mar 2026"),))
    page = preview.html(replace(sample, cover=cover))
    assert "2 gaps" not in page
    assert "A. Person 12 Mar 2026" in page


def test_a_complete_document_stands_alone(sample: Draft) -> None:
    page = preview.standalone(sample)
    tree = parsed(page)
    (root,) = every(tree, "html")
    assert root.get("lang") == "en-GB"
    assert [said(e) for e in every(tree, "h1")] == ["Investigational medicinal product dossier: quality"]
    assert [said(e) for e in every(tree, "title")] == [
        "ARI-0001 Investigational medicinal product dossier: quality draft"
    ]
    assert not re.search(r'(src|href)="(?!#|data:)', page)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(AssertionError):
        preview.section_html(Section("a", "a", "a", 1, (Cell(()),)))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="no way to show Cell"):
        preview.section_html(Section("a", "a", "a", 1, (Paragraph((Cell(()),)),)))  # type: ignore[arg-type]


def test_an_address_is_escaped() -> None:
    run = Run("x", origin=Origin('b"', "<k>", "i&", "f"))
    (link,) = every(
        parsed(preview.html(one(Paragraph((run,))), lambda origin: f"/{origin.kind}?a=1&b=<2>")), "a", class_="value"
    )
    assert link.get("href") == '/b"?a=1&b=<2>'
    assert (link.get("data-kind"), link.get("data-key"), link.get("data-record")) == ('b"', "<k>", "i&")


def test_a_page_holds_no_character_that_html_forbids() -> None:
    page = preview.html(one(Paragraph((Run("a\x00b\x0bc\x80d\ufffee\r\nf"),)), Figure("f", (), "al\x01t", Still(b""))))
    assert "<p>a\ufffdb\ufffdc\ufffdd\ufffde<br>f</p>" in page
    parsed(page)
