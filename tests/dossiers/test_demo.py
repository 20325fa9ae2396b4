"""The demo's project files: whole, honest about what is unknown, and true to what was read of the real products.

The tables here and in `demo/` were written by hand from what is public about the two real products, not from the files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dossiers.binder import Binder, dump, dump_json, load, shape
from dossiers.blocks import Blocks, Draft, Figure, Heading, Inlines, Listing, Mark, Origin, Paragraph, Run, Table
from dossiers.compose import compose
from dossiers.facts import Basis, Fact, by_name, facts, is_closed
from dossiers.judging import Outcome, judge, siblings
from dossiers.limits import AnyOf, Difference, OneSided, PerPatient, parse
from dossiers.outlines import outline
from dossiers.plain import text
from dossiers.records import results
from dossiers.records.base import Record
from dossiers.records.product import Product
from dossiers.records.proposal import Proposal
from dossiers.records.quality import SpecTest
from dossiers.stage import Stage

FILES = sorted((Path(__file__).parents[2] / "seeds" / "demo").glob("*.yaml"))
REAL = ("ari_0001.yaml", "chondrocelect.yaml")
IDEAS = ("idea_demer_dc.yaml", "idea_dijle_hsc.yaml", "idea_voer_car.yaml")

# test | criterion | batches 01, 02, 03
SPECIFICATION = """
appearance | cloudy liquid | cloudy liquid | cloudy liquid | cloudy liquid
cells | > 0.5 × 10⁶ CAR19+ cells/kg; 35 × 10⁶ CAR19+ cells for a 70 kg patient | 1495 × 10⁶ | 1746 × 10⁶ | 1340 × 10⁶
car19 | ≥ 20 % | 26.0 | 41.9 | 39.7
cd3 | ≥ 70 % | 97.9 | 98.6 | 98.6
viability | ≥ 70 % | 97.9 | 98.1 | 98.0
sterility | sterile | sterile | sterile | sterile
mycoplasma | absent | absent | absent | absent
endotoxin | ≤ 0.5 EU/mL | | |
viruses | absent | | |
copies | ≤ 10 copies/cell | 1.45 | 2.32 | 2.51
rcl | absent | absent | absent | absent
potency | a) < 70 % (E:T 1:1) or b) control minus sample > 50 percentage points (E:T 4:1) \
| 14.9 90.9 | 40.4 64.6 | 43.0 67.0
"""

NOT_FOUND = """
ari_0001.yaml | product | ari-0001 | atc presentation gmo_status
ari_0001.yaml | regulatory_track | orphan | state
ari_0001.yaml | construct_element | promoter | name
ari_0001.yaml | process | closed-bioreactor | duration
ari_0001.yaml | process_step | transduction | duration
ari_0001.yaml | spec_test | car19 | population
ari_0001.yaml | spec_test | copies | population
ari_0001.yaml | container | final | component
ari_0001.yaml | composition_line | excipients | component_name
ari_0001.yaml | shelf_life_claim | product | duration storage_condition
ari_0001.yaml | nonclinical_study | castella | key_findings
ari_0001.yaml | safety_measure | follow-up | measure
ari_0001.yaml | document_ref | product-information | title
chondrocelect.yaml | process | expansion | version continuous
chondrocelect.yaml | spec_test | concentration | criterion
chondrocelect.yaml | spec_test | potency | criterion
chondrocelect.yaml | spec_test | sterility | criterion
chondrocelect.yaml | batch | summary | number
chondrocelect.yaml | clinical_study | tig-act-01 | key_safety
chondrocelect.yaml | donor_programme | patients | selection
"""


def table(said: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in said.strip().splitlines()]


def expected(name: str) -> list[list[str]]:
    """Rows of: place in the case, kind, key, fact, value, basis."""
    return table((Path(__file__).parent / "demo" / f"{name}.txt").read_text(encoding="utf-8"))[1:]


@cache
def binder(name: str) -> Binder:
    return load(next(f for f in FILES if f.name == name).read_text(encoding="utf-8"), name)


@cache
def draft(name: str, document: str = "impd-q") -> Draft:
    return compose(outline(document), binder(name))


def record(name: str, kind: str, key: str) -> Any:
    found = binder(name).by_key(kind, key)
    assert found is not None, f"{name} has no {kind} {key}"
    return found


def said(name: str, kind: str, key: str, fact: str) -> str:
    """A fact as the project file holds it, a list joined."""
    whole = shape(binder(name))["records"][kind][key].get(fact)
    value = whole["value"] if isinstance(whole, dict) else whole
    return "; ".join(value) if isinstance(value, list) else str(value)


def known_facts(one: Record) -> Mapping[str, Fact]:
    return by_name(type(one))


def sourced(name: str) -> Iterator[tuple[Record, str, dict[str, Any]]]:
    for one in binder(name):
        for fact, source in one.sources.items():
            yield one, fact, source


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_every_demo_file_goes_in_and_out_without_loss(file: Path) -> None:
    first = load(file.read_text(encoding="utf-8"), file.name)
    for again in (load(dump(first)), load(dump_json(first))):
        assert shape(again) == shape(first)
        assert [(r.uid, r.values(), r.absent, r.sources) for r in again] == [
            (r.uid, r.values(), r.absent, r.sources) for r in first
        ]


def test_real_products_are_real_and_ideas_are_invented() -> None:
    assert {*REAL, *IDEAS} <= {f.name for f in FILES}
    assert not any(binder(name).invented or binder(name).stage is not Stage.DOSSIER for name in REAL)
    assert all(binder(f.name).invented for f in FILES if f.name not in REAL)
    assert {binder(name).stage for name in IDEAS} == {Stage.PROPOSED, Stage.FEASIBILITY, Stage.IDEA}
    assert len({binder(f.name).project for f in FILES}) == len(FILES)


@pytest.mark.parametrize("row", expected("ari_0001"), ids=lambda r: f"{r[0]}>{r[1]}.{r[3]}")
def test_what_is_public_of_ari_0001_is_in_its_place(row: list[str]) -> None:
    _, kind, key, fact, value, basis = row
    assert (said(REAL[0], kind, key, fact), record(REAL[0], kind, key).sources[fact]["basis"]) == (value, basis)


@pytest.mark.parametrize("row", expected("chondrocelect"), ids=lambda r: f"{r[0]}>{r[1]}.{r[3]}")
def test_what_is_public_of_chondrocelect_is_in_its_place(row: list[str]) -> None:
    _, kind, key, fact, value, basis = row
    assert (said(REAL[1], kind, key, fact), record(REAL[1], kind, key).sources[fact]["basis"]) == (value, basis)


@pytest.mark.parametrize("name", REAL)
def test_every_source_that_is_named_is_there_and_every_claim_has_one(name: str) -> None:
    known = {r.key for r in binder(name).all("source")}
    for one, fact, source in sourced(name):
        assert set(source["where"]) <= known, f"{one.kind()} {one.key} {fact}"
        assert Basis(source["basis"]) in (Basis.READ, Basis.DERIVED, Basis.RECALLED)
    structure = {"order", "scope", "type", "flow_diagram", "function"}
    loose = [
        f"{one.kind()} {one.key} {f.name}"
        for one in binder(name)
        if one.kind() != "source"
        for f in facts(type(one))
        if getattr(one, f.name) not in (None, "", [])
        and f.name not in one.sources
        and not f.is_link
        and f.name not in structure
    ]
    assert loose == []


@pytest.mark.parametrize("name", REAL)
def test_what_rests_on_a_source_that_was_not_read_is_never_called_read(name: str) -> None:
    unread = {r.key for r in binder(name).all("source") if str(r.values()["read_as"]) == "not_read"}
    assert unread
    for one, fact, source in sourced(name):
        if set(source["where"]) <= unread:
            assert source["basis"] == "recalled", f"{one.kind()} {one.key} {fact}"


@pytest.mark.parametrize("row", table(NOT_FOUND), ids=lambda r: f"{r[1]}.{r[2]}")
def test_what_was_not_found_is_empty_with_its_reason_and_not_excused(row: list[str]) -> None:
    name, kind, key, names = row
    for fact in names.split():
        one = record(name, kind, key)
        assert getattr(one, fact) is None
        assert one.absent[fact]["kind"] == "not_found" and one.absent[fact]["reason"].endswith(".")
        assert not is_closed(one, fact)
        asked = known_facts(one)[fact]
        if asked.due is not None and (asked.when is None or asked.when(one, binder(name))):
            assert (one, asked) in binder(name).gaps()


def test_what_is_not_public_is_withheld_and_owed() -> None:
    for kind, key, fact in (("specification", "vector", "code"), ("regulatory_track", "he", "dossier_version")):
        assert record(REAL[0], kind, key).absent[fact]["kind"] == "withheld"
    assert "The specification of the vector is not public." in text(draft(REAL[0]))


@pytest.mark.parametrize(("number", "row"), [*enumerate(table(SPECIFICATION), 1)])
def test_specification_and_batches_of_ari_0001(number: int, row: list[str]) -> None:
    key, criterion, *expected = row
    test = record(REAL[0], "spec_test", key)
    assert (test.order, test.criterion, test.criterion_text.replace("\N{NO-BREAK SPACE}", " ")) == (
        number, criterion, criterion,
    )  # fmt: skip
    for batch, values in zip(("ARI0001/01", "ARI0001/02", "ARI0001/03"), expected, strict=True):
        found = results_of(key, batch)
        assert " ".join(r.value or "" for r in found).strip() == values
        assert all((r.value is not None) or r.absent["value"]["kind"] == "not_found" for r in found)
        outcome = {judge(r, binder(REAL[0])).outcome for r in found}
        assert outcome == {Outcome.PASSES if values and key != "cells" else Outcome.CANNOT_SAY}


def results_of(key: str, batch: str) -> list[results.TestResult]:
    uid, made = record(REAL[0], "spec_test", key).uid, record(REAL[0], "batch", batch).uid
    return [
        r
        for r in binder(REAL[0]).all("test_result")
        if isinstance(r, results.TestResult) and (r.spec_test, r.batch) == (uid, made)
    ]


def test_the_strength_is_a_limit_for_each_patient() -> None:
    strength = parse(str(record(REAL[0], "product", "ari-0001").strength))
    assert isinstance(strength, PerPatient) and isinstance(strength.limit, OneSided)
    assert (str(strength.limit.value), str(strength.examples[0].weight)) == ("5E+5", "70")
    why = judge(results_of("cells", "ARI0001/01")[0], binder(REAL[0])).why
    assert "body weight" in why and "35" in why


def test_potency_has_two_alternatives_with_a_read_out_each() -> None:
    test = record(REAL[0], "spec_test", "potency")
    assert isinstance(test, SpecTest) and isinstance(test.limits, AnyOf)
    first, second = (a.criterion for a in test.limits.alternatives)
    assert isinstance(first, OneSided) and isinstance(second, Difference) and second.control_first
    a, b = results_of("potency", "ARI0001/02")
    assert (a.readout, a.unit, b.readout, b.unit) == ("a", "%", "b", "percentage points")
    assert list(siblings(a, binder(REAL[0]))) == [a, b]


def inlines(blocks: Blocks) -> Iterator[Inlines]:
    for block in blocks:
        match block:
            case Heading(content=content) | Paragraph(content=content):
                yield content
            case Listing(items=items):
                for item in items:
                    yield from inlines(item)
            case Table(caption=caption, head=head, rows=rows, notes=notes):
                yield from (caption, *notes, *(cell.content for row in (*head, *rows) for cell in row))
            case Figure(caption=caption):
                yield caption


def unmarked(content: Inlines, is_doubtful: Any) -> Iterator[str]:
    """The facts that were recalled and print without the mark in the same paragraph or cell."""
    marked = {i.origin for i in content if isinstance(i, Run) and Mark.UNVERIFIED in i.marks}
    for inline in content:
        if isinstance(inline, Run) and inline.origin and is_doubtful(inline.origin) and inline.origin not in marked:
            yield inline.origin.path


@pytest.mark.parametrize("document", ["impd-q", "impd-se"])
@pytest.mark.parametrize("name", REAL)
def test_nothing_that_was_recalled_prints_without_its_mark(name: str, document: str) -> None:
    doubtful = {(one.kind(), one.key, fact) for one, fact, source in sourced(name) if source["basis"] == "recalled"}

    def is_doubtful(where: Origin) -> bool:
        return (where.kind, where.key, where.fact) in doubtful

    sections = draft(name, document).sections
    bare = [path for s in sections for content in inlines(s.blocks) for path in unmarked(content, is_doubtful)]
    assert bare == []
    assert any("(unverified)" in i.text for s in sections for c in inlines(s.blocks) for i in c if isinstance(i, Run))


def test_the_three_ideas_are_complete_owned_and_half_filled() -> None:
    def proposal(name: str) -> Proposal:
        (found,) = binder(name).all("proposal")
        assert isinstance(found, Proposal)
        return found

    def empty(name: str) -> list[str]:
        return [f.name for f in facts(Proposal) if getattr(proposal(name), f.name) is None]

    assert empty("idea_dijle_hsc.yaml") == [] and binder("idea_dijle_hsc.yaml").gaps() == ()
    assert 15 < len(empty("idea_voer_car.yaml")) < len(facts(Proposal)) - 15
    owed = [said for r in binder("idea_demer_dc.yaml") for said in r.absent.values()]
    assert len(owed) > 5 and all(o["owner"] and o["reason"] and o["kind"] == "not_yet_known" for o in owed)


@pytest.mark.parametrize("name", IDEAS)
def test_an_idea_says_that_it_is_invented(name: str) -> None:
    assert "nvented" in binder(name).name or any("nvented" in str(v) for v in record_values(name))
    assert any("Invented" in value for _, value in draft(name).cover.lines)


def record_values(name: str) -> Iterator[Any]:
    product = binder(name).product
    if isinstance(product, Product):
        yield from product.values().values()


def test_the_flow_diagram_marks_the_steps_that_were_recalled() -> None:
    figures = [b for s in draft(REAL[0]).sections for b in s.blocks if isinstance(b, Figure)]
    assert figures and all("activation (CD3/CD28 reagent)\N{NO-BREAK SPACE}(unverified)" in f.alt for f in figures)
