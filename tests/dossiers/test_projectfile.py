"""The project file's text: YAML 1.2 meaning, JSON of the same shape, a sentence and a line for what is neither."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dossiers import projectfile
from dossiers.projectfile import FileFault, Group, Leaf, Many, Node, parse_text, write_json, write_yaml


def plain(node: Node) -> Any:
    match node:
        case Leaf(text):
            return text
        case Many(items):
            return [plain(i) for i in items]
        case Group(entries):
            return {key: plain(value) for key, _, value in entries}


def test_scalars_stay_the_text_they_were() -> None:
    text = "a: no\nb: 1e6\nc: 2.0\nd: ~\ne: 'null'\nf: ''\ng:\nh: 0x1F\ni: 2026-03-12\nj: 1_000"
    assert plain(parse_text(text)) == {
        "a": "no", "b": "1e6", "c": "2.0", "d": None, "e": "null", "f": "", "g": None, "h": "0x1F",
        "i": "2026-03-12", "j": "1_000",
    }  # fmt: skip


def test_lines_are_known() -> None:
    root = parse_text("a: 1\nb:\n  c: 2\n")
    assert isinstance(root, Group)
    assert [(key, line) for key, line, _ in root.entries] == [("a", 1), ("b", 2)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\na: 2", 2, "stands twice"),
        ("a: [1, 2", 1, "not YAML"),
        ("a:\n\tb: 1", 2, "not YAML"),
        ("a: &x 1\nb: *x", 1, "Anchors"),
        ("", 1, "empty"),
        ("a: 1\n---\nb: 2", 1, "several documents"),
        ("? [a]\n: 1", 1, "must be a word"),
        ("a: \x07", 1, r"U\+0007"),
        ('{"a": 1,}', 1, "not JSON"),
        ('{"a": 1, "a": 2}', 0, "stands twice"),
        ("[" * 60 + "]" * 60, 1, "nested"),
        ('{"a":' * 60 + "1" + "}" * 60, 0, "nested"),
    ],
)
def test_what_is_no_project_file_gets_a_sentence(text: str, line: int, words: str) -> None:
    with pytest.raises(FileFault, match=words) as caught:
        parse_text(text)
    assert not line or abs(caught.value.line - line) <= 1
    assert caught.value.sentence.endswith(".")


def test_too_large_a_file_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projectfile, "LARGEST", 10)
    with pytest.raises(FileFault, match="at most 10"):
        parse_text("a" * 11)


SAID = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn"), include_characters="\n"), max_size=40
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)
SHAPES = st.recursive(
    st.none() | st.booleans() | NUMBERS | SAID,
    lambda c: st.lists(c, max_size=3) | st.dictionaries(SAID, c, max_size=3),
    max_leaves=12,
)


def text_of(value: Any) -> Any:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return str(value)
        case dict():
            return {k: text_of(v) for k, v in value.items()}
        case list():
            return [text_of(v) for v in value]
    return value


@given(st.dictionaries(SAID, SHAPES, min_size=1, max_size=4))
def test_yaml_brings_back_every_text_and_digit(shape: dict[str, Any]) -> None:
    whole = {"records": shape}  # a project file's root always holds groups, so it is never written in one line
    assert plain(parse_text(write_yaml(whole))) == text_of(whole)


@given(st.dictionaries(SAID, SHAPES, min_size=1, max_size=4))
def test_json_brings_back_every_text_and_digit(shape: dict[str, Any]) -> None:
    assert plain(parse_text(write_json(shape))) == text_of(shape)


@given(SAID)
def test_an_older_reader_reads_the_same_words(text: str) -> None:
    assert yaml.safe_load(write_yaml({"a": text}))["a"] == text or text.replace("-", "").isdigit() or _is_old_date(text)


def _is_old_date(text: str) -> bool:
    return type(yaml.safe_load(f"a: {text}")["a"]).__name__ in ("date", "datetime")


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(FileFault):
        parse_text(text)
