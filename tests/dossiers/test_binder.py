"""A project file in and out again: nothing lost, every problem named with its place, nothing taken in by half."""

from __future__ import annotations

import pytest

from dossiers.binder import ProjectFault, dump, dump_json, load
from dossiers.records.base import record_id
from dossiers.stage import Stage

FILE = """\
tandem: 1
project: P-1
name: A product
stage: transfer
records:
  source:
    PAPER: {title: A paper, address: "https://example.org"}
  product:
    main:
      code: P-1
      name: {value: "HLA-A*02:01 <b> & | {{ x }}", where: [PAPER], basis: recalled, note: page 3}
      indication: {absent: withheld, reason: the holder keeps it, owner: the clinician}
      gmo_status: contained
  site:
    gmp: {name: "no", country: BE}
  process:
    mp: {code: MP, version: 2.0, duration: 12, scope: ds}
  process_step:
    one: {process: mp, number: 1, name: selection, is_critical: true}
"""


def test_a_file_becomes_a_binder() -> None:
    binder = load(FILE)
    product = binder.product
    assert product is not None and binder.stage is Stage.TRANSFER
    assert product.uid == record_id("P-1", "product", "main")
    assert product.name == "HLA-A*02:01 <b> & | {{ x }}"
    assert product.sources["name"] == {"where": ["PAPER"], "basis": "recalled", "note": "page 3"}
    assert product.absent["indication"]["kind"] == "withheld"
    (step,) = binder.all("process_step")
    assert step.process == record_id("P-1", "process", "mp")  # type: ignore[attr-defined]
    (process,) = binder.all("process")
    assert process.version == "2.0"  # type: ignore[attr-defined]
    assert binder.all("site")[0].name == "no"  # type: ignore[attr-defined]


def test_round_trips() -> None:
    binder = load(FILE)
    for again in (load(dump(binder)), load(dump_json(binder))):
        assert dump(again) == dump(binder)
        assert [r.values() for r in again] == [r.values() for r in binder]
        assert [(r.absent, r.sources) for r in again] == [(r.absent, r.sources) for r in binder]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("stage: transfer", "stage: moon", 4, "must be one of"),
        ("tandem: 1", "tandem: 9", 1, "tandem: 1"),
        ("project: P-1", "project: a/b", 1, "project"),
        ("code: P-1", "cod: P-1", 10, "did you mean “code”"),
        ("number: 1,", "number: one,", 19, "must be a number"),
        ("is_critical: true", "is_critical: perhaps", 19, "must be yes or no"),
        ("process: mp,", "process: nn,", 19, "which this file does not have"),
        ("gmo_status: contained", "gmo_status: green", 13, "must be one of"),
        ("basis: recalled", "basis: dreamt", 11, "must be one of"),
        ("absent: withheld", "absent: maybe", 12, "must be one of"),
        ("reason: the holder keeps it", "reson: x", 12, "not known beside a value"),
        ("name: selection", 'name: "a\\u202eb"', 19, "writing direction"),
        ("name: selection", "name: [a, b]", 19, "one value"),
        ("    gmp: {", "    gmp: 4\n    gmq: {", 15, "A record is a group"),
        ("  site:", "  places:", 14, "no kind of record"),
        ("code: MP,", "code: {value: MP, absent: not_found},", 17, "not both"),
    ],
)
def test_each_problem_is_named_with_its_place(old: str, new: str, line: int, words: str) -> None:
    assert old in FILE
    with pytest.raises(ProjectFault, match=words) as caught:
        load(FILE.replace(old, new, 1), "p.yaml")
    first = caught.value.problems[0]
    assert first.line == line
    assert str(first).startswith(f"p.yaml:{line}: ") and str(first).endswith((".", "?"))


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ProjectFault) as caught:
        load(FILE.replace("number: 1,", "number: one,").replace("code: P-1", "cod: P-1"))
    assert len(caught.value.problems) == 2


def test_gaps_follow_the_stage() -> None:
    binder = load(FILE)
    early = {(r.key, f.name) for r, f in binder.gaps(Stage.IDEA)}
    late = {(r.key, f.name) for r, f in binder.gaps(Stage.DOSSIER)}
    assert early < late
    assert ("main", "indication") in late  # withheld stays open
