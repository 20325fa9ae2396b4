"""A template whose name begins with `_` is one element, and the element's id is the name."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

JINJA = re.compile(r"{%.*?%}|{#.*?#}", re.DOTALL)
VALUE = re.compile(r"{{.*?}}", re.DOTALL)
# What HTML allows these elements to stand in; elsewhere the parser drops them.
PARENT = {"tr": "tbody", "tbody": "table", "thead": "table", "td": "tr", "th": "tr", "option": "select", "col": "table"}


def roots(source: str) -> list[Element]:
    """The outermost elements of a fragment, with a stand-in for each value."""
    html = VALUE.sub("x", JINJA.sub("", source)).strip()
    first = re.match(r"<(\w+)", html)
    container = PARENT.get(first[1] if first else "", "div")
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    return list(parser.parseFragment(html, container=container))


def fault(name: str, source: str) -> str | None:
    """What is wrong with the fragment of this file name; None if it is one element with the id of its name.

    A fragment that a page shows many times adds the record's id: `gap-row-{{ gap.id }}`.
    """
    expected = name.removeprefix("_").removesuffix(".html").replace("_", "-")
    found = roots(source)
    if len(found) != 1:
        return f"{len(found)} root elements: {[element.tag for element in found]}"
    identity = found[0].get("id", "")
    if not re.fullmatch(rf"{re.escape(expected)}(-x)*", identity):
        return f'the root element has id="{identity}", not id="{expected}"'
    return None


def test_every_fragment_is_one_element_with_the_id_of_its_name(root: Path, own_files: list[Path]) -> None:
    fragments = [p for p in own_files if p.parts[0] == "templates" and p.name.startswith("_") and p.suffix == ".html"]
    faults = {path: fault(path.name, (root / path).read_text(encoding="utf-8")) for path in fragments}
    found = [f"{path}: {text}" for path, text in faults.items() if text]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "good"),
    [
        ('<section id="gate-card"><p>{{ x }}</p></section>', True),
        ('{% if x %}{% endif %}<tr id="gate-card-{{ gate.id }}"><td>a</td></tr>', True),
        ('<section id="gate-card"></section><p>more</p>', False),
        ('<section id="gate"></section>', False),
        ("text only", False),
    ],
)
def test_the_rule_bites(source: str, good: bool) -> None:
    assert (fault("_gate_card.html", source) is None) == good
