"""Topics that a specification or a bank must cover, and which tests cover them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dossiers.checks.look import Look
from dossiers.checks.specified import measures
from dossiers.checks.wording import names
from dossiers.records.materials import Material
from dossiers.records.methods import AnalyticalMethod
from dossiers.records.quality import Specification, SpecTest


def rows_of(look: Look, material: Material) -> tuple[SpecTest, ...]:
    """The rows of the specifications in force that are of the material, or that it names."""
    named = [material.specification_ref] if material.specification_ref is not None else []
    held = {s.uid: s for s in (*look.of(Specification, material=material.uid), *look.named(Specification, named))}
    in_force = [s for s in held.values() if s.effective_to is None or s.effective_to >= look.on]
    return tuple(test for s in in_force for test in look.of(SpecTest, specification=s.uid))


def covers(look: Look, test: SpecTest, topic: Mapping[str, Any]) -> bool:
    """Whether a test is of a topic: by its category, by what it measures, or by words of its name and its method."""
    if test.category is not None and test.category.value == topic.get("category"):
        return True
    if measures(look, test) & frozenset(map(str, topic.get("measures", ()))):
        return True
    words = topic.get("words", ())
    if not words:
        return False
    method = look.find(AnalyticalMethod, test.method)
    return names(test.test, words) or (method is not None and names(method.title, words))


def uncovered(look: Look, tests: Iterable[SpecTest], topics: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The topics that none of the tests covers, in the order of the setting."""
    held = tuple(tests)
    return [name for name, topic in topics.items() if not any(covers(look, test, topic) for test in held)]
