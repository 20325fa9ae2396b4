"""What rules ask of specifications: which are in force, which rows they hold, and what a row measures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache

from dossiers.binder import origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.seen import bare
from dossiers.judging import identity
from dossiers.limits import (
    AllOf,
    Alternative,
    AnyOf,
    Approx,
    Band,
    ByCase,
    ByWeight,
    Case,
    Conditional,
    Criterion,
    Derived,
    Difference,
    NoLimit,
    OfDose,
    OneSided,
    PerPatient,
    Range,
    Standing,
)
from dossiers.records.criterion import ends_of
from dossiers.records.measurands import Measurand
from dossiers.records.product import Product
from dossiers.records.quality import Specification, SpecificationScope, SpecTest, TestCategory
from dossiers.records.substance import ConstructType, GeneticConstruct

DS, DP, INTERMEDIATE = SpecificationScope.DS, SpecificationScope.DP, SpecificationScope.INTERMEDIATE
OF_PRODUCT = (DS, DP)
OPEN = frozenset({Standing.REPORT, Standing.INFO_ONLY, Standing.TO_BE_SET})
"""Why a criterion holds no limit although the test counts."""


def in_force(look: Look, *scopes: SpecificationScope) -> tuple[Specification, ...]:
    """The specifications of these kinds that have not ended by the day of the check; none: of every kind.

    One of another product than the investigational one is left out.
    """
    found = [s for scope in scopes for s in look.of(Specification, scope=scope)] if scopes else look.all(Specification)
    return tuple(s for s in found if _holds(look, s))


def _holds(look: Look, specification: Specification) -> bool:
    if specification.effective_to is not None and specification.effective_to < look.on:
        return False
    mine = look.holdings.product
    other = look.find(Product, specification.product)
    return other is None or mine is None or other.uid == mine.uid


def is_in_force(look: Look, test: SpecTest, *scopes: SpecificationScope) -> bool:
    """Whether a row stands in a specification in force, of one of these kinds if any are named."""
    specification = look.find(Specification, test.specification)
    if specification is None or (scopes and specification.scope not in scopes):
        return False
    return _holds(look, specification)


def rows(look: Look, *scopes: SpecificationScope) -> tuple[SpecTest, ...]:
    """The rows of the specifications in force of these kinds, in order."""
    return tuple(t for s in in_force(look, *scopes) for t in look.of(SpecTest, specification=s.uid))


def versions(look: Look, test: SpecTest) -> tuple[SpecTest, ...]:
    """The rows of the same test at the same point in every version of its specification, this one too."""
    specification = look.find(Specification, test.specification)
    if specification is None or not specification.code:
        return (test,)
    held = look.of(Specification, code=specification.code, scope=specification.scope)
    of_all = (t for s in held for t in look.of(SpecTest, specification=s.uid))
    return tuple(t for t in of_all if t == test or identity(t) == identity(test))


def scope_of(look: Look, test: SpecTest) -> SpecificationScope | None:
    """What the specification of a row is of."""
    specification = look.find(Specification, test.specification)
    return specification.scope if specification is not None else None


# ---------------------------------------------------------------- what is measured


def measures(look: Look, test: SpecTest) -> frozenset[Measurand]:
    """What a row measures: what it says itself, else what its name says by the setting `measurand_words`."""
    if test.measures:
        return frozenset(test.measures)
    return recognised(look, test.test or "")


def recognised(look: Look, name: str) -> frozenset[Measurand]:
    """What a test of that name measures, as far as its words are known."""
    patterns = look.once(
        "measurand words", lambda: {m: _pattern(tuple(w)) for m, w in _known(look.settings.table("measurand_words"))}
    )
    return frozenset(m for m, pattern in patterns.items() if pattern.search(name))


def _known(table: object) -> Iterator[tuple[Measurand, list[str]]]:
    if isinstance(table, dict):
        for name, words in table.items():
            if name in set(Measurand) and isinstance(words, list):
                yield Measurand(name), [str(word) for word in words]


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Any of these words, whole; one that ends with * also at the beginning of a longer word."""
    found = (re.escape(w.rstrip("*")) + ("" if w.endswith("*") else r"(?![\w+])") for w in words if w.strip("* "))
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})" if words else r"(?!)", re.IGNORECASE)


def speaks_of(words: Iterable[str], *texts: str | None) -> bool:
    """Whether any of the texts holds one of the words (* ends a beginning of a word)."""
    pattern = _pattern(tuple(sorted(words)))
    return any(text and pattern.search(text) for text in texts)


def measuring(look: Look, tests: Iterable[SpecTest], *what: Measurand) -> tuple[SpecTest, ...]:
    """Those of the rows that measure any of these."""
    wanted = frozenset(what)
    return tuple(t for t in tests if measures(look, t) & wanted)


def of_category(tests: Iterable[SpecTest], category: TestCategory) -> tuple[SpecTest, ...]:
    """Those of the rows that are of that category. Raises `Needs` where none is and some do not say theirs."""
    held = tuple(tests)
    if found := tuple(t for t in held if t.category is category):
        return found
    if silent := [t for t in held if t.category is None]:
        raise Needs(*(origin(bare(t), "category") for t in silent))
    return ()


def known(look: Look, *scopes: SpecificationScope) -> tuple[SpecTest, ...]:
    """The rows in force of these kinds. Raises `Needs` where there is none: nothing is specified yet."""
    found = rows(look, *scopes)
    if not found:
        raise Needs(look.missing(SpecTest, "", name="test").origin)
    return found


# ---------------------------------------------------------------- limits


def pieces(criterion: Criterion) -> tuple[Criterion, ...]:
    """The criterion, or every one that it is made of."""
    match criterion:
        case AnyOf(several) | AllOf(several):
            return _all_of(several)
        case ByWeight(bands):
            return _all_of(bands)
        case ByCase(cases):
            return _all_of(cases)
        case Conditional(inner, _):
            return pieces(inner)
        case PerPatient(limit, _):
            return (limit,)
    return (criterion,)


def _all_of(several: Iterable[Alternative | Band | Case]) -> tuple[Criterion, ...]:
    return tuple(p for one in several for p in pieces(one.criterion))


def is_open(criterion: Criterion) -> bool:
    """Whether nothing in the criterion can be missed: the result is reported, or the limit is still to be set."""
    return all(isinstance(p, NoLimit) and p.standing in OPEN for p in pieces(criterion))


def is_numeric(criterion: Criterion) -> bool:
    """Whether any part of the criterion compares with a number."""
    return any(isinstance(p, OneSided | Range | Approx | OfDose | Difference | Derived) for p in pieces(criterion))


def uppers(criterion: Criterion) -> tuple[tuple[Decimal, str], ...]:
    """Every upper limit of the criterion with its unit."""
    found = ((ends_of(p)[1], getattr(p, "unit", "")) for p in pieces(criterion))
    return tuple((high, unit) for high, unit in found if high is not None)


def lowers(criterion: Criterion) -> tuple[tuple[Decimal, str], ...]:
    """Every lower limit of the criterion with its unit."""
    found = ((ends_of(p)[0], getattr(p, "unit", "")) for p in pieces(criterion))
    return tuple((low, unit) for low, unit in found if low is not None)


def is_limited(look: Look, test: SpecTest) -> bool:
    """Whether a row holds a limit. Raises `Needs` where its criterion is not known."""
    if look.is_excused(test, "criterion"):
        return False
    return not is_open(look.criterion(test))


# ---------------------------------------------------------------- genetics


def constructs(look: Look, *types: ConstructType) -> tuple[GeneticConstruct, ...]:
    """The constructs of these types. Raises `Needs` where there is no construct, or one without a type."""
    held = look.all(GeneticConstruct)
    if not held:
        raise Needs(look.missing(GeneticConstruct, "", name="type").origin)
    found = tuple(c for c in held if c.type in types)
    if not found and (silent := [c for c in held if c.type is None]):
        raise Needs(*(origin(bare(c), "type") for c in silent))
    return found


# ---------------------------------------------------------------- what is said


def lacking(
    look: Look, sentence: str, *scopes: SpecificationScope, remedy: str = "", severity: Severity | None = None
) -> Said:
    """A finding that something is not tested: at the specification in force of the first of these kinds with one."""
    for scope in scopes:
        if held := in_force(look, scope):
            return look.at(held[-1], "", sentence, remedy, severity)
    return replace(look.missing(SpecTest, sentence, remedy, name="test"), severity=severity)


def meets(look: Look, tests: Iterable[SpecTest], requirement: str) -> tuple[SpecTest, ...]:
    """The rows that meet a requirement of the settings: a category, something measured, or "one or another".

    Raises `Needs` where no row does and the category of some is not known.
    """
    held = tuple(tests)
    found: list[SpecTest] = []
    lack: Needs | None = None
    for word in map(str.strip, requirement.split(" or ")):
        try:
            if word in set(TestCategory):
                found += of_category(held, TestCategory(word))
            elif word in set(Measurand):
                found += measuring(look, held, Measurand(word))
        except Needs as why:
            lack = why
    if not found and lack is not None:
        raise lack
    return tuple(dict.fromkeys(found))


def spoken(requirement: str) -> str:
    """A requirement as a sentence names it: "cells for each area or volume of scaffold"."""
    words = (w.strip() for w in requirement.split(" or "))
    return " or ".join(Measurand(w).label if w in set(Measurand) else w.replace("_", " ") for w in words)


def together(*parts: Iterable[Said]) -> Iterator[Said]:
    """What all parts say. What one of them lacks is told only where the others find nothing."""
    lack: Needs | None = None
    found = False
    for part in parts:
        try:
            for said in part:
                found = True
                yield said
        except Needs as why:
            lack = lack or why
    if lack is not None and not found:
        raise lack
