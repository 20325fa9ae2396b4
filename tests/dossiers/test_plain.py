from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dossiers import plain
from dossiers.blocks import Cover, Draft, Drawn, Figure, Footnote, Gap, Mark, Paragraph, Run, Section, Still


def test_the_words_of_the_sample(sample: Draft) -> None:
    lines = plain.text(sample).splitlines()
    assert lines[0] == "S.1 General information"
    assert lines[1].startswith("Donor type: HLA-A*02:01 and HLA-B*07:02 | <b>x</b> &amp;")
    assert lines[1].endswith("see Table 1.")
    at = lines.index("Table 1: Batch analyses of ex vivo expanded cells")
    assert lines[at + 1 : at + 5] == [
        "Batch\tMade on\tResults",
        "Viability (%)\tDose (106 cells)",
        "ARI0001/01\t12\u00a0Mar\u00a02026\t92.5\t100",
        "ARI0001/02\t88\t[Dose: not found]",
    ]
    assert lines[-4:] == [
        "By flow cytometry.",
        "Counted twice [By two people.]",
        "P.8 Stability",
        "Not applicable: frozen.",
    ]
    assert "First line second line." in lines


def test_a_note_is_told_where_there_is_no_place_for_it() -> None:
    content = (Run("a"), Footnote((Run("b"),)), Gap("c", None, "d"))
    assert plain.words(content) == "a [b][c: d]"
    notes: list[Any] = []
    assert plain.words(content, notes) == "a[c: d]"
    assert notes == [(Run("b"),)]


# ---------------------------------------------------------------- Markdown


def rendered(text: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(text))


def test_markdown_reads_back_as_the_same_words(sample: Draft) -> None:
    page = rendered(plain.markdown(sample))
    for expected in (
        "<h2>S.1 General information</h2>",
        "HLA-A*02:01 and HLA-B*07:02 | &lt;b&gt;x&lt;/b&gt; &amp;amp;",
        "<em>ex vivo</em>",
        "<strong>[Shelf life: not found]</strong>",
        "10<sup>6</sup>",
        "<blockquote>",
        "<th>Made on</th>",
        "<td>88</td>",
        "<li>Warm the bag.</li>",
        "Counted twice [By two people.]",
        "<em>Thaw, wash, fill</em>",
    ):
        assert expected in page


@pytest.mark.parametrize(
    "said", ["# x", "1. x", "- x", "+ x", "> x", "| x |", "    x", "[^1]: x", "***", "===", "a_b_c", "<i>"]
)
def test_markdown_never_takes_data_for_syntax(sample: Draft, said: str) -> None:
    section = Section("a", "1", "t", 1, (Paragraph((Run("before"),)), Paragraph((Run(said),))))
    page = rendered(plain.markdown(replace(sample, sections=(section,))))
    inner = page.split("<p>before</p>")[1].strip()
    assert inner == f"<p>{said.strip().replace('<', '&lt;').replace('>', '&gt;')}</p>"


# ---------------------------------------------------------------- the tree


def test_the_tree_comes_back_as_the_same_draft_through_json(sample: Draft) -> None:
    final = replace(
        sample,
        cover=replace(sample.cover, final=True, version="1.0", signers=(("A", "B", "C"),), on=date(2026, 1, 2)),
        pages=(("S.1", 3),),
    )
    for draft in (sample, final):
        assert plain.load_tree(json.loads(json.dumps(plain.tree(draft)))) == draft


@given(data=st.data())
def test_any_draft_comes_back_from_its_tree(drafts: st.SearchStrategy[Draft], data: st.DataObject) -> None:
    draft = data.draw(drafts)
    loaded = plain.load_tree(json.loads(json.dumps(plain.tree(draft))))
    assert loaded == draft
    assert hash(loaded) == hash(draft)


def test_a_run_from_a_fact_names_its_record(sample: Draft) -> None:
    runs: list[dict[str, Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            runs.extend([value] if value.get("is") == "run" and "origin" in value else [])
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    walk(plain.tree(sample))
    assert runs[1] == {
        "is": "run",
        "text": "92.5",
        "origin": {"record": {"kind": "batch", "key": "ARI0001/01", "id": "9b2f"}, "fact": "viability"},
    }
    assert [run["text"] for run in runs[2:]] == ["×10", "6", " cells"]
    assert runs[-1]["marks"] == [Mark.BOLD.value, Mark.UNVERIFIED.value]


def test_pictures_travel_in_base64(sample: Draft) -> None:
    blocks = plain.tree(sample)["sections"][1]["blocks"]
    assert [block["png"][:5] for block in blocks if block["is"] == "figure"] == ["iVBOR", "iVBOR"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"is": "dragon"}, "draft: there is no 'dragon'; known are "),
        ({"is": "run", "text": "x"}, "draft: run has no cover, outline, remarks, sections"),
        ({"sections": [{"is": "section", "key": "a"}]}, r"draft.sections\[0\]: section is incomplete"),
        ({"sections": [{"key": "a"}]}, r"draft.sections\[0\]: an object that does not say what it is"),
        ({"outline": 3}, "draft.outline: 3 is no str"),
        ({"wings": 2}, "draft: draft has no wings"),
    ],
)
def test_what_is_no_tree_is_refused_with_its_place(sample: Draft, change: dict[str, Any], said: str) -> None:
    with pytest.raises(plain.TreeFault, match=said):
        plain.load_tree(plain.tree(sample) | change)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"is": "figure", "anchor": "f", "caption": [], "alt": "", "png": "&"}, "png: '&' is no bytes"),
        ({"is": "paragraph", "content": [], "manner": "loud"}, "manner: 'loud' is no Manner"),
        (
            {"is": "paragraph", "content": [{"is": "run", "text": "x", "marks": ["loud"]}]},
            r"marks\[0\]: 'loud' is no Mark",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(sample: Draft, block: dict[str, Any], said: str) -> None:
    made = plain.tree(replace(sample, sections=sample.sections[:1]))
    made["sections"][0]["blocks"] = [block]
    with pytest.raises(plain.TreeFault, match=said):
        plain.load_tree(made)


def test_the_tree_of_a_part_is_no_draft(sample: Draft) -> None:
    with pytest.raises(plain.TreeFault, match="tree of a part"):
        plain.load_tree(plain.tree(sample)["cover"])


def test_a_picture_not_drawn_yet_is_drawn_for_the_tree() -> None:
    drawn = Figure("f", (), "alt", Drawn(lambda subject: (b"PNG " + str(subject).encode(), "<svg/>"), 7))
    kept = plain.tree(Draft("impd-q", Cover(*"abcd"), (Section("S", "S", "T", 1, (drawn,)),)))
    (section,) = plain.load_tree(json.loads(json.dumps(kept))).sections
    assert section.blocks == (Figure("f", (), "alt", Still(b"PNG 7", "<svg/>")),)
