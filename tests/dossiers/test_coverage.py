"""Every fact that the reference asks for in a section is printed there, traced to its record."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml

from dossiers.binder import Binder, load
from dossiers.compose import compose, origins_of
from dossiers.facts import by_name
from dossiers.outlines import outlines
from dossiers.paths import folder
from dossiers.records import RECORDS

HERE = Path(__file__).parent
WANTED: dict[str, dict[str, list[str]]] = yaml.safe_load((HERE / "section_data.yaml").read_text("utf-8"))

# What the reference keeps as facts and the house derives: the criterion says its kind and limits, a verdict is judged
# when it is asked for, a result is named by the row of the specification that it answers, events are records.
DERIVED = {
    ("spec_test", "criterion_type"): ("spec_test", "criterion"),
    ("spec_test", "low"): ("spec_test", "criterion"),
    ("spec_test", "high"): ("spec_test", "criterion"),
    ("spec_test", "criterion_text"): ("spec_test", "criterion"),
    ("spec_test", "report_only"): ("spec_test", "criterion"),
    ("test_result", "conforms"): ("test_result", "value"),
    ("stability_result", "conforms"): ("stability_result", "value"),
    ("test_result", "test"): ("test_result", "spec_test"),
    ("clinical_study", "ae_rows"): ("adverse_event", "term"),
}


def binders() -> dict[str, Binder]:
    """The samples of this folder and every demo dossier."""
    files = [*sorted(HERE.glob("sample*.yaml")), *sorted((folder("seeds") / "demo").glob("*.yaml"))]
    return {path.name: load(path.read_text("utf-8"), path.name) for path in files}


@cache
def printed() -> dict[str, frozenset[tuple[str, str]]]:
    """Section number → (kind, fact) printed there with its origin, in any document of any of these dossiers."""
    found: dict[str, set[tuple[str, str]]] = {}
    for binder in binders().values():
        for outline in outlines():
            for section in compose(outline, binder).sections:
                found.setdefault(section.number, set()).update((o.kind, o.fact) for o in origins_of(section))
    return {number: frozenset(facts) for number, facts in found.items()}


def is_printed(here: frozenset[tuple[str, str]], kind: str, fact: str) -> bool:
    """A link is printed where it stands itself, or where facts of the record stand to which it leads."""
    if (kind, fact) in here:
        return True
    known = by_name(RECORDS[kind]).get(fact)
    return known is not None and known.is_link and any(k == known.to for k, _ in here)


def test_every_section_of_the_outlines_is_asked_about() -> None:
    planned = {s.number for outline in outlines() for s in outline.sections if not s.group}
    assert planned == set(WANTED)


@pytest.mark.parametrize("number", sorted(WANTED))
def test_each_fact_of_a_section_is_printed_in_it(number: str) -> None:
    here = printed()[number]
    missing = [
        f"{kind}: {fact}"
        for kind, facts in WANTED[number].items()
        for fact in facts
        if not is_printed(here, *DERIVED.get((kind, fact), (kind, fact)))
    ]
    assert not missing
