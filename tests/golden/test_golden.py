"""The demo dossiers' text, renewed only on purpose: TANDEM_RENEW_GOLDEN=1 make test TESTS=tests/golden

Beside each text stands the list of facts that the project file holds and the documents that are filed do not print.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import html5lib
import pytest

from dossiers.binder import Binder, load
from dossiers.blocks import Draft, Run
from dossiers.compose import compose, flat, inlines_of
from dossiers.facts import facts, is_empty
from dossiers.outlines import ids, outline
from dossiers.plain import text
from dossiers.preview import html
from dossiers.word import write
from portal.paths import seeds

HERE = Path(__file__).parent
DEMOS = sorted(p.stem for p in (seeds() / "demo").glob("*.yaml"))
DOSSIERS = [name for name in DEMOS if not name.startswith("idea_")]
# an idea has no dossier yet: it has the documents that are read before there is one
DOCUMENTS = [
    (name, document) for name in DEMOS for document in ids() if name in DOSSIERS or not outline(document).filed
]
RENEW = os.environ.get("TANDEM_RENEW_GOLDEN") == "1"


@cache
def binder(name: str) -> Binder:
    return load((seeds() / "demo" / f"{name}.yaml").read_text("utf-8"), name)


@cache
def draft(name: str, document: str) -> Draft:
    return compose(outline(document), binder(name))


def kept(file: str, now: str) -> str:
    path = HERE / file
    if RENEW:
        path.write_text(now, "utf-8")
    assert path.exists(), f"{file} is not there yet; renew the golden texts on purpose (see the top of this file)"
    return path.read_text("utf-8")


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_the_text_is_what_it_was(name: str, document: str) -> None:
    now = text(draft(name, document)) + "\n"
    assert now == kept(f"{name}.{document}.txt", now)


def printed(name: str) -> set[tuple[str, str, str]]:
    return {
        (i.origin.kind, i.origin.key, i.origin.fact)
        for document in ids()
        if outline(document).filed
        for section in draft(name, document).sections
        for block in section.blocks
        for i in flat(inlines_of(block))
        if isinstance(i, Run) and i.origin is not None
    }


@pytest.mark.parametrize("name", DOSSIERS)
def test_facts_that_no_section_prints_are_listed_by_name(name: str) -> None:
    seen = printed(name)
    silent = [
        f"{record.kind()} {record.key}: {f.name}"
        for record in binder(name)
        for f in facts(type(record))
        if not is_empty(getattr(record, f.name)) and (record.kind(), record.key, f.name) not in seen
    ]
    now = "".join(f"{line}\n" for line in silent)
    assert now == kept(f"{name}.unprinted.txt", now)


@pytest.mark.office
@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_every_printed_fact_is_found_in_the_pdf(
    name: str, document: str, to_pdf: Callable[[bytes], bytes], pdf_text: Callable[[bytes], str]
) -> None:
    made = draft(name, document)
    pages = pdf_text(to_pdf(write(made))).split("\f")
    found, held = squeezed("".join(pages)), [squeezed(page) for page in pages]
    values = {
        i.text
        for section in made.sections
        for block in section.blocks
        for i in flat(inlines_of(block))
        if isinstance(i, Run) and i.origin is not None
    }
    held = [one + other for one, other in zip(held, [*held[1:], ""], strict=True)]
    # A cell of several lines is read between its neighbours' lines, and a passage may run over to the next page with
    # footer and header between: then all its words stand on one page and the next.
    apart = [value for value in sorted(values) if squeezed(value) not in found]
    lost = [
        value
        for value in apart
        if not any(all(squeezed(word) in page for word in re.split(r"[\s–-]+", value)) for page in held)
    ]
    assert not lost
    assert len(apart) < len(values) // 5


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_the_page_says_the_words_of_the_draft(name: str, document: str) -> None:
    made = draft(name, document)
    page = squeezed("".join(html5lib.parse(str(html(made)), treebuilder="etree").itertext()))
    lines = [passage for line in text(made).splitlines() for passage in line.split("\t")]
    assert [passage for passage in lines if squeezed(passage) not in page] == []


def squeezed(said: str) -> str:
    """Letters and digits only: a rendering breaks lines and hyphenates where it likes."""
    return re.sub(r"\W+", "", said)
