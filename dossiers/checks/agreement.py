"""Rules about agreement within the dossier: units, versions, values of a batch, what a version describes (X5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from dossiers.checks.amounts import amounts
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import rule
from dossiers.checks.stated import amount, criterion, equal, folded
from dossiers.facts import by_name
from dossiers.judging import identity
from dossiers.limits import (
    AllOf,
    AnyOf,
    Conditional,
    Criterion,
    LimitFault,
    PerPatient,
    convert,
    number,
    quantity,
    unit_of,
)
from dossiers.records import RECORDS
from dossiers.records.criterion import CriterionType
from dossiers.records.development import ComparabilityResult, ComparabilityStudy
from dossiers.records.dossier import DocumentKind, DocumentRef, DocumentStatus
from dossiers.records.quality import Specification, SpecTest
from dossiers.records.regulatory import RegulatoryTrack
from dossiers.records.results import Batch, BatchScope, BatchUse, TestResult
from dossiers.records.stability import StabilityResult, StabilityStudy, StabilityType
from dossiers.records.trials import TrialDocument
from dossiers.stage import Stage


def numeric(result: TestResult | StabilityResult) -> Decimal | None:
    """The number of a result without a sign; None for words, signs and absurd numbers."""
    if result.qualifier is not None and result.qualifier.value != "=":
        return None
    try:
        return number(result.value) if result.value else None
    except LimitFault:
        return None


# ---------------------------------------------------------------- units


@rule(
    "X506",
    Severity.ERROR,
    "One attribute, one unit",
    each=SpecTest,
    why="Mixed units hide results that are out of limits.",
    source=("ICH Q6B", "EudraLex Vol. 4, chapter 4 (by analogy)"),
    remedy="Report the test in one unit, or one that converts into it.",
    due=Stage.IDEA,
    reading="Units that convert are one unit. A jump of ten times between batches is a warning, and is looked for only "
    "where the limit is a lower one or a range: an impurity may well be ten times lower in the next batch.",
)
def one_attribute_has_one_unit(look: Look, test: SpecTest) -> Iterator[Said]:
    limits = criterion(test.criterion) if test.criterion else None
    own = dict.fromkeys(units_in(limits)) if limits is not None else {}
    unit = test.unit or next(iter(own), "")
    if not unit:
        return
    if own and test.unit and not any(_converts(one, test.unit) for one in own):
        sentence = f"The criterion of {test.named()} counts in {' or '.join(own)}, its results in {test.unit}."
        yield look.at(test, "unit", sentence)
    results: list[Any] = [*look.of(TestResult, spec_test=test.uid), *look.of(StabilityResult, test=test.uid)]
    for result in results:
        if result.unit and not any(_converts(result.unit, one) for one in (unit, *own)):
            sentence = f"A result of {test.named()} is in {result.unit}, the test in {unit}."
            yield look.at(result, "unit", sentence)
    if limits is not None and test.criterion_type in (CriterionType.MIN, CriterionType.RANGE):
        yield from _jumps(look, test, unit)


def units_in(limits: Criterion) -> Iterator[str]:
    """The units of a criterion: of its alternatives, and of what it comes to for a patient, as well."""
    match limits:
        case AnyOf(alternatives=several) | AllOf(alternatives=several):
            for one in several:
                yield from units_in(one.criterion)
        case PerPatient(limit=inner, examples=examples):
            yield from (inner.unit, *(e.unit for e in examples))
        case Conditional(criterion=inner):
            yield from units_in(inner)
        case _ if unit := unit_of(limits):
            yield unit


def _converts(one: str, other: str) -> bool:
    return convert(Decimal(1), one, other) is not None


def _jumps(look: Look, test: SpecTest, unit: str) -> Iterator[Said]:
    times = look.settings.number("unit_jump")
    held = []
    for result in look.of(TestResult, spec_test=test.uid):
        value = numeric(result)
        changed = convert(value, result.unit or unit, unit) if value is not None else None
        if changed is not None and changed > 0:
            held.append((result, changed))
    for result, value in held:
        others = [v for r, v in held if r.uid != result.uid]
        if len(others) < 2 or times <= 1:
            continue
        middle = median(others)
        if value >= middle * times or value * times <= middle:
            sentence = (
                f"{quantity(value, unit)} for {test.named()} lies more than {times} times from the other batches "
                f"(median {quantity(middle, unit)})."
            )
            remedy = "Confirm the unit of the result."
            yield look.at(result, "value", sentence, remedy, Severity.WARNING)


# ---------------------------------------------------------------- versions


@rule(
    "X508",
    Severity.WARNING,
    "References point to current versions",
    why="An old reference carries old limits with it.",
    source=("Regulation (EU) 536/2014 Annex I",),
    remedy="Cite the current version, or enter it.",
    reading="A record that links to a superseded document, a document of the trial that cites another version than the "
    "current one, a track filed with a version that the history lacks, and a stability study judged by criteria of a "
    "version that is not there. References between sections are made by the product and cannot age.",
)
def references_are_current(look: Look) -> Iterator[Said]:
    yield from _superseded(look)
    current = _current(look)
    for document in look.all(TrialDocument):
        for line in document.cites or ():
            reference, _, version = (part.strip() for part in line.partition(":"))
            held = current.get(folded(reference))
            if held is None:
                sentence = f"The {document.named()} cites {reference}, which is not among the documents."
                yield look.at(document, "cites", sentence, "Enter the document that is cited.")
            elif version and held and version != held:
                sentence = f"The {document.named()} cites version {version} of {reference}; current is {held}."
                yield look.at(document, "cites", sentence)
    versions = {d.version for d in look.all(DocumentRef) if d.type is DocumentKind.COVER}
    for track in look.all(RegulatoryTrack):
        if track.dossier_version and versions and track.dossier_version not in versions:
            sentence = f"{track.named()} was filed with version {track.dossier_version} of the dossier, unknown here."
            yield look.at(track, "dossier_version", sentence, "Add the version to the history of the dossier.")
    yield from _criteria(look)


def _superseded(look: Look) -> Iterator[Said]:
    old = {d.uid: d for d in look.all(DocumentRef) if d.status is DocumentStatus.SUPERSEDED}
    old = {uid: d for uid, d in old.items() if d.type is not DocumentKind.COVER}
    if not old:
        return
    for model in RECORDS.values():
        names = [f.name for f in by_name(model).values() if f.to == DocumentRef.kind()]
        for record in look.all(model) if names else ():
            for name in names:
                value = getattr(record, name)
                for uid in value if isinstance(value, list) else [value]:
                    if uid in old:
                        sentence = f"{record.named()} rests on “{old[uid].named()}”, which is superseded."
                        yield look.at(record, name, sentence)


def _current(look: Look) -> dict[str, str]:
    """Reference → version in force, of documents, documents of the trial and specifications; "" if it has none."""
    found: dict[str, tuple[date, str]] = {}
    rows: list[tuple[str | None, str | None, date | None]] = [
        (d.reference, d.version, d.date) for d in look.all(DocumentRef) if d.status is not DocumentStatus.SUPERSEDED
    ]
    rows += [(d.reference, d.version, d.date) for d in look.all(TrialDocument)]
    rows += [(s.code, s.version, s.effective_from) for s in look.all(Specification)]
    for reference, version, day in rows:
        if not reference:
            continue
        key, known = folded(reference), day or date.min
        if key not in found or known >= found[key][0]:
            found[key] = (known, version or "")
    return {key: version for key, (_, version) in found.items()}


def _criteria(look: Look) -> Iterator[Said]:
    codes: dict[str, set[str]] = {}
    for specification in look.all(Specification):
        if specification.code:
            codes.setdefault(specification.code, set()).add(specification.version or "")
    for study in look.all(StabilityStudy):
        for code, versions in codes.items():
            for found in re.finditer(rf"{re.escape(code)} version (\S+?)(?=[\s,;.]|$)", study.criteria or ""):
                if found[1] not in versions:
                    sentence = f"Study {study.named()} is judged by {code} version {found[1]}, which is not there."
                    yield look.at(study, "criteria", sentence)


# ---------------------------------------------------------------- the same batch


@rule(
    "X510",
    Severity.ERROR,
    "One batch has the same values everywhere",
    why="Assessors lay the tables side by side.",
    source=("EMA/CAT/22473/2025, P.5.4",),
    remedy="Correct the value that is wrong, or say why the samples differ.",
    due=Stage.IDEA,
    reading="A result is printed from one record, so that tables cannot differ by themselves. What can: two results of "
    "one test on one batch, the start of a long-term study, what the brochure states, and the ranges of a "
    "comparability study, which must lie within the results of its batches. In-use, hold and transport studies start "
    "from a sample of their own and are not compared.",
)
def batches_have_one_value(look: Look) -> Iterator[Said]:
    for batch in look.all(Batch):
        yield from _twice(look, batch)
        yield from _at_start(look, batch)
    for document in look.all(TrialDocument):
        yield from _in_document(look, document)
    for result in look.all(ComparabilityResult):
        yield from _compared(look, result)


def _shown(result: TestResult | StabilityResult) -> str:
    sign = result.qualifier.value if result.qualifier is not None and result.qualifier.value != "=" else ""
    return f"{sign}{result.value}" + (f"\u00a0{result.unit}" if result.unit else "")


def _agree(one: TestResult | StabilityResult, other: TestResult | StabilityResult) -> bool:
    mine, theirs = numeric(one), numeric(other)
    if mine is None or theirs is None:
        return (mine is None) == (theirs is None)  # words and signs are judged, not compared
    return equal(mine, one.unit or "", theirs, other.unit or one.unit or "")


def _twice(look: Look, batch: Batch) -> Iterator[Said]:
    held: dict[tuple[UUID, str], TestResult] = {}
    for result in look.of(TestResult, batch=batch.uid):
        if result.spec_test is None or result.value is None or result.statistic is not None:
            continue
        first = held.setdefault((result.spec_test, result.readout or ""), result)
        if first.uid != result.uid and not _agree(first, result):
            test = look.find(SpecTest, result.spec_test)
            called = test.named() if test is not None else "one test"
            sentence = f"Batch {batch.named()} has {_shown(first)} and {_shown(result)} for {called}."
            yield look.at(result, "value", sentence)


def _at_start(look: Look, batch: Batch) -> Iterator[Said]:
    released = {}
    for result in look.of(TestResult, batch=batch.uid):
        if (test := look.find(SpecTest, result.spec_test)) is not None and result.value is not None:
            released[identity(test), result.readout or ""] = result
    for start in look.of(StabilityResult, batch=batch.uid, timepoint=Decimal(0)):
        study, test = look.find(StabilityStudy, start.study), look.find(SpecTest, start.test)
        if study is None or test is None or study.type not in (StabilityType.LONG_TERM, StabilityType.ACCELERATED):
            continue
        mine = released.get((identity(test), start.readout or ""))
        if mine is not None and start.value is not None and not _agree(mine, start):
            sentence = (
                f"Batch {batch.named()}, {test.named()}: {_shown(mine)} at release, {_shown(start)} at the start of "
                f"study {study.named()}."
            )
            yield look.at(start, "value", sentence)


def _in_document(look: Look, document: TrialDocument) -> Iterator[Said]:
    for line in document.batch_results or ():
        number_, test_, said = ([p.strip() for p in line.split(":", 2)] + ["", "", ""])[:3]
        batch = next((b for b in look.all(Batch) if b.number and folded(b.number) == folded(number_)), None)
        if batch is None:
            yield look.at(document, "batch_results", f"The {document.named()} tells of batch {number_}, unknown here.")
            continue
        held = [
            r
            for r in look.of(TestResult, batch=batch.uid)
            if (t := look.find(SpecTest, r.spec_test)) is not None and folded(t.named()) == folded(test_)
        ]
        if held and not any(_is_said(r, said) for r in held):
            sentence = (
                f"The {document.named()} gives {said} for {test_} of batch {batch.named()}, the dossier "
                f"{_shown(held[0])}."
            )
            yield look.at(document, "batch_results", sentence)


def _is_said(result: TestResult, said: str) -> bool:
    mine, theirs = numeric(result), amount(said)
    if mine is None or theirs is None:
        return folded(said) == folded(_shown(result))
    return equal(mine, result.unit or "", *theirs)


def _compared(look: Look, result: ComparabilityResult) -> Iterator[Said]:
    study = look.find(ComparabilityStudy, result.study)
    if study is None:
        return
    for name, batches in (("pre_value", study.batches_pre), ("post_value", study.batches_post)):
        held = _results_of(look, result, batches or [])
        if not held:
            continue
        said = list(amounts(_without_n(getattr(result, name) or "")))
        for unit in {unit for _, unit in held}:
            values = [v for v, u in held if u == unit]
            wrong = [a.value for a in said if a.unit == unit and not min(values) <= a.value <= max(values)]
            if wrong:
                sentence = (
                    f"{study.named()} gives {quantity(wrong[0], unit)} for {result.named()}; the results of its "
                    f"batches go from {quantity(min(values), unit)} to {quantity(max(values), unit)}."
                )
                yield look.at(result, name, sentence)


def _without_n(text: str) -> str:
    return re.sub(r"\bn\s*=\s*\d+", "", text)


def _results_of(look: Look, result: ComparabilityResult, batches: list[UUID]) -> list[tuple[Decimal, str]]:
    """(number, unit) of what was measured for the attribute, by the method, in these batches."""
    found = []
    for uid in batches:
        for one in look.of(TestResult, batch=uid):
            test, value = look.find(SpecTest, one.spec_test), numeric(one)
            if test is None or value is None or not one.unit:
                continue
            if test.attribute == result.attribute and (result.method is None or test.method == result.method):
                found.append((value, one.unit))
    return found


# ---------------------------------------------------------------- what the version describes


@rule(
    "X512",
    Severity.ERROR,
    "A clinical batch was made as the dossier in force describes",
    each=Batch,
    why="A batch made by a version that was not authorised is a change made without authorisation.",
    source=("Regulation (EU) 536/2014 art. 2(2)(13) and 15", "EudraLex Vol. 4 Part IV, 11.3"),
    remedy="Add process, specification or site to the version of the dossier that held, or do not use the batch.",
    reading="Batches of substance and product that went, or are to go, into a trial. The version that held is the last "
    "one authorised on the day of release; for a batch released before any was, or not released yet, the newest "
    "version, which is the one to be authorised.",
)
def batches_are_as_described(look: Look, batch: Batch) -> Iterator[Said]:
    if batch.scope not in (BatchScope.DS, BatchScope.DP):
        return
    if BatchUse.CLINICAL not in (batch.use or ()):
        return
    version = _in_force(look, batch.released_on)
    if version is None:
        return
    for mine, theirs, what in (
        ("process_version", "processes", "process"),
        ("spec_version", "specifications", "specification"),
        ("site", "sites", "site"),
    ):
        used, described = look.need(batch, mine), look.need(version, theirs)
        if used not in described:
            sentence = (
                f"Batch {batch.named()} used the {what} {look.says(batch, mine)}, which version {version.version} of "
                "the dossier does not describe."
            )
            yield look.at(batch, mine, sentence)


def _in_force(look: Look, released: date | None) -> DocumentRef | None:
    covers = [d for d in look.all(DocumentRef) if d.type is DocumentKind.COVER]
    held = [d for d in covers if d.authorised_on is not None and released is not None and d.authorised_on <= released]
    if held:
        return max(held, key=lambda d: d.authorised_on or date.min)
    return max(covers, key=lambda d: d.date or date.min, default=None)
