"""Each fact is declared so that it can be asked for, read, shown, demanded and resolved."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from sqlmodel import SQLModel

import dossiers.records as package
from dossiers.binder import Binder
from dossiers.facts import Fact, Form, by_name, facts
from dossiers.reading import read_one
from dossiers.records import KINDS, RECORDS
from dossiers.records.base import Choice, Record

EVERY = [pytest.param(model, f, id=f"{model.kind()}.{f.name}") for model in KINDS for f in facts(model)]
MODELS = [pytest.param(model, id=model.kind()) for model in KINDS]


def test_the_register_holds_every_table_of_records() -> None:
    found: set[type[Record]] = set()
    left = [Record]
    while left:
        for model in left.pop().__subclasses__():
            left.append(model)
            if hasattr(model, "__table__") and model.__module__.startswith("dossiers."):
                found.add(model)
    assert found == set(KINDS)
    assert len(RECORDS) == len(KINDS)


@pytest.mark.parametrize("model", MODELS)
def test_a_kind_has_its_names(model: type[Record]) -> None:
    one, several = model.called
    assert one
    assert several
    assert model.group
    assert model.naming, "a reader must be able to call it something"
    assert set(model.naming) <= set(by_name(model))
    assert (model.__doc__ or "").strip()


@pytest.mark.parametrize("model", MODELS)
def test_no_two_facts_of_a_record_have_one_label(model: type[Record]) -> None:
    labels = [f.label.casefold() for f in facts(model)]
    assert len(labels) == len(set(labels)), sorted(label for label in labels if labels.count(label) > 1)


@pytest.mark.parametrize("model", MODELS)
def test_no_fact_takes_a_name_of_the_house(model: type[Record]) -> None:
    taken = set(dir(SQLModel)) | {name for name in vars(Record) if not name.startswith("__")} | set(Record.model_fields)
    assert not taken & set(by_name(model))


@pytest.mark.parametrize(("model", "f"), EVERY)
def test_a_fact_is_asked_for_in_one_line(model: type[Record], f: Fact) -> None:
    assert f.ask
    assert "\n" not in f.ask
    assert f.label[0].isupper() or f.label[0].isdigit()
    assert not f.label.endswith((".", ":"))


@pytest.mark.parametrize(("model", "f"), EVERY)
def test_whoever_demands_a_fact_says_on_whose_authority(model: type[Record], f: Fact) -> None:
    assert bool(f.due) == bool(f.source), "due and source belong together"
    assert f.due is not None or f.when is None, "a condition without a stage demands nothing"


@pytest.mark.parametrize(("model", "f"), EVERY)
def test_a_link_points_to_a_kind(model: type[Record], f: Fact) -> None:
    if f.is_link:
        assert f.to in RECORDS
    else:
        assert not f.to


@pytest.mark.parametrize(("model", "f"), [p for p in EVERY if p.values[1].example])
def test_an_example_can_be_read(model: type[Record], f: Fact) -> None:
    assert not f.is_link
    assert read_one(f, f.example) is not None


@pytest.mark.parametrize(("model", "f"), [p for p in EVERY if p.values[1].when])
def test_a_condition_says_why_and_answers_before_anything_is_known(model: type[Record], f: Fact) -> None:
    assert f.when is not None
    assert (f.when.__doc__ or "").strip().endswith(".")
    assert f.when(model(), Binder("p")) in (True, False)


def test_closed_lists_differ_by_name_and_within_by_word() -> None:
    lists: list[type[Choice]] = [choices for p in EVERY if (choices := p.values[1].choices) is not None]
    by_class = {choices.__name__: choices for choices in lists}
    assert all(by_class[choices.__name__] is choices for choices in lists), "labels are kept by the class name"
    for choices in by_class.values():
        labels = [word.label.casefold() for word in choices]
        assert len(labels) == len(set(labels)), choices.__name__
        assert (choices.__doc__ or "").strip()


def test_no_fact_names_a_person_treated() -> None:
    forbidden = ("patient_name", "donor_name", "subject_name", "date_of_birth", "birth", "initials", "medical_record")
    names = {f"{model.kind()}.{f.name}" for model in KINDS for f in facts(model)}
    assert not [name for name in names if any(word in name for word in forbidden)]


def test_every_condition_is_used() -> None:
    folder = Path(package.__file__).parent
    named = {
        node.name
        for node in ast.parse((folder / "conditions.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("is_", "has_", "may_"))
    } | {
        target.id
        for node in ast.parse((folder / "conditions.py").read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.startswith(("is_", "has_", "may_"))
    }
    texts = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert not [name for name in sorted(named) if texts.count(name) < 2]


def test_prose_is_only_what_a_person_writes_for_a_section() -> None:
    assert [f"{p.values[0].kind()}.{p.values[1].name}" for p in EVERY if p.values[1].form is Form.PROSE] == [
        "narrative.text"
    ]
