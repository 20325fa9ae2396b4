"""Every entity, fact and word of the reference data model is there, or its whereabouts are told here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dossiers.facts import by_name
from dossiers.records import RECORDS
from dossiers.records.criterion import CriterionType

MODEL: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
    Path(__file__).with_name("data_model.yaml").read_text(encoding="utf-8")
)

# Facts that follow from another fact are worked out, not kept twice (the rule of frozen versions; the house's §4).
DERIVED = {
    ("spec_test", "scope"): "follows from the specification",
    ("spec_test", "criterion_type"): "follows from the criterion",
    ("spec_test", "low"): "follows from the criterion",
    ("spec_test", "high"): "follows from the criterion",
    ("spec_test", "criterion_text"): "follows from the criterion",
    ("spec_test", "report_only"): "follows from the criterion",
}
# Verdicts are judged when asked: dossiers.judging.
JUDGED = {("test_result", "conforms"), ("stability_result", "conforms")}
# A list of groups is a kind of record of its own.
RECORD_OF_ITS_OWN = {("clinical_study", "ae_rows"): "adverse_event"}
# Required in the model, and yet never a gap, because empty has a meaning.
EMPTY_SAYS_SOMETHING = {("test_result", "qualifier"): "empty means equals"}
# Conditional in the model on something that no fact tells.
CONDITION_UNKNOWN = {("administration_step", "material"): "whether a step uses a material is the step's own matter"}
TOLD = DERIVED.keys() | JUDGED | RECORD_OF_ITS_OWN.keys()
FACTS = [(entity, name) for entity, named in MODEL.items() for name in named]


def test_the_reference_is_the_one_that_was_counted() -> None:
    assert len(MODEL) == 53
    assert len(FACTS) == 468


def test_every_entity_is_a_kind_of_record() -> None:
    assert set(MODEL) <= set(RECORDS)


@pytest.mark.parametrize(("entity", "name"), FACTS)
def test_every_fact_of_the_model_is_there(entity: str, name: str) -> None:
    model, known = RECORDS[entity], by_name(RECORDS[entity])
    if (entity, name) in TOLD:
        assert name not in known, "a fact that is worked out may not be kept as well"
        return
    assert name in known
    fact, said = known[name], MODEL[entity][name]
    if said["required"] == "R" and (entity, name) not in EMPTY_SAYS_SOMETHING:
        assert fact.due is not None, f"{model.__name__}.{name} is required and never due"
    if said["required"] == "C" and (entity, name) not in CONDITION_UNKNOWN:
        assert fact.due is not None
        assert fact.when is not None, f"{model.__name__}.{name} is conditional and has no condition"
    if said["required"] == "O":
        assert fact.due is None


@pytest.mark.parametrize(("entity", "name"), [pair for pair in FACTS if "values" in MODEL[pair[0]][pair[1]]])
def test_every_word_of_a_closed_list_is_there(entity: str, name: str) -> None:
    if (entity, name) in DERIVED:
        words = {word.value for word in CriterionType}
    else:
        choices = by_name(RECORDS[entity])[name].choices
        assert choices is not None
        words = {word.value for word in choices}
    assert set(MODEL[entity][name]["values"]) <= words


@pytest.mark.parametrize(("entity", "name"), DERIVED)
def test_what_is_derived_can_be_asked(entity: str, name: str) -> None:
    assert hasattr(RECORDS[entity], name)


@pytest.mark.parametrize(("pair", "kind"), RECORD_OF_ITS_OWN.items())
def test_a_list_of_groups_points_back(pair: tuple[str, str], kind: str) -> None:
    assert any(f.to == pair[0] for f in by_name(RECORDS[kind]).values())
