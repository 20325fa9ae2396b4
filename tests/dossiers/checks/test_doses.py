"""Doses of animals and of the trial are compared only where they count the same thing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.amending import amend
from dossiers.binder import load
from dossiers.checks.doses import Measure, human_equivalent, measure, supports
from dossiers.checks.look import Look, Needs
from dossiers.paths import folder
from dossiers.records.nonclinical import NonclinicalStudy

ON = date(2026, 11, 25)
CAR = load((folder("seeds") / "demo" / "tdm_car19_01.yaml").read_text("utf-8"), "TDM-CAR19-01")


def study(change: str) -> tuple[Look, NonclinicalStudy]:
    look = Look(amend(CAR, "nonclinical_study: {nc6: " + change + "}"), ON)
    return look, next(s for s in look.all(NonclinicalStudy) if s.key == "nc6")


@pytest.mark.parametrize(
    ("unit", "counted", "per"),
    [
        ("viable CAR+ cells/kg", "cells", "kg"),
        ("viable CAR+ T cells/kg body weight", "cells", "kg"),
        ("vg per kg", "vg", "kg"),
        ("viable cells for each animal", "cells", "animal"),
        ("viable cells/cm²", "cells", "cm2"),
        ("vg", "vg", ""),
        ("", "", ""),
    ],
)
def test_a_unit_counts_something_per_something(unit: str, counted: str, per: str) -> None:
    assert measure(unit) == Measure(counted, per)


@given(st.text(max_size=60))
def test_any_text_is_a_unit_of_some_kind(unit: str) -> None:
    found = measure(unit)
    assert " " not in found.counted and " " not in found.per


def test_a_dose_for_each_mouse_becomes_one_for_each_kilogram() -> None:
    look, one = study("{body_weight: 0.025}")
    assert human_equivalent(look, one, Decimal("1e7"), measure("cells/kg")) == Decimal("4e8")
    look, one = study("{body_weight: null}")
    assert human_equivalent(look, one, Decimal("1e7"), measure("cells/kg")) == Decimal("5e8"), "20 g by the settings"


def test_a_dose_for_each_kilogram_becomes_one_for_an_adult() -> None:
    look, one = study("{dose_unit: vg/kg}")
    assert human_equivalent(look, one, Decimal("1e12"), measure("vg")) == Decimal("6e13")


@pytest.mark.parametrize("wanted", ["vg/kg", "cells/eye", "cells/cm²"])
def test_what_counts_something_else_is_not_compared(wanted: str) -> None:
    look, one = study("{body_weight: 0.025}")
    assert human_equivalent(look, one, Decimal("1e7"), measure(wanted)) is None


def test_an_animal_of_unknown_weight_is_asked_for() -> None:
    look, one = study("{body_weight: null, species_model: a fish, dose_unit: cells/animal}")
    with pytest.raises(Needs) as why:
        human_equivalent(look, one, Decimal("1e7"), measure("cells/kg"))
    assert [place.path for place in why.value.places] == ["nonclinical_study nc6: body_weight"]


def test_the_dose_without_harm_comes_from_toxicology_and_the_highest_from_any_animal() -> None:
    look, _ = study("{noael: 5e6}")
    harmless, tested = supports(look, "viable CAR+ cells/kg")
    assert [value for value, _ in harmless] == [Decimal("2e8")]
    assert max(value for value, _ in tested) == Decimal("4e8")
