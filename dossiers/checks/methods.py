"""Rules about analytical methods (Q4, and Q321): proof, description, matrix, equivalence, change, sensitivity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from uuid import UUID

from dossiers.binder import origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import PIVOTAL, rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import (
    DP,
    DS,
    INTERMEDIATE,
    is_in_force,
    measures,
    pieces,
    scope_of,
    speaks_of,
    versions,
)
from dossiers.limits import LimitFault, OneSided, Reading, convert, quantity
from dossiers.records.measurands import Measurand
from dossiers.records.methods import (
    AnalyticalMethod,
    MethodValidation,
    ReferenceStandard,
    ValidationParameter,
    ValidationStatus,
)
from dossiers.records.quality import SpecificationScope, SpecTest, TestCategory
from dossiers.records.results import TestResult
from dossiers.stage import Stage

GUIDELINE = "EMA/CAT/22473/2025"
PROVED = (ValidationStatus.QUALIFIED, ValidationStatus.VALIDATED)
BESIDE = (ValidationParameter.TRANSFER, ValidationParameter.BRIDGING)  # rows that say nothing on the method as such
SUITED = (ValidationParameter.SUITABILITY, ValidationParameter.COMPARABILITY)
SENSED = (ValidationParameter.QUANTITATION_LIMIT, ValidationParameter.DETECTION_LIMIT)
CHAINED = (
    DS,
    DP,
    INTERMEDIATE,
    SpecificationScope.VECTOR,
    SpecificationScope.STARTING_MATERIAL,
    SpecificationScope.BANK,
    SpecificationScope.VIRUS_SEED,
)


def validations(look: Look, method: AnalyticalMethod) -> tuple[MethodValidation, ...]:
    """What was examined of the method itself: its transfers and comparisons with others are left out."""
    return tuple(v for v in look.of(MethodValidation, method=method.uid) if v.parameter not in BESIDE)


def status_of(look: Look, method: AnalyticalMethod) -> ValidationStatus | None:
    """How far the method is proved: the least of its rows; None where there is no row.

    Raises `Needs` where rows are there and none says its status.
    """
    held = validations(look, method)
    found = [v.status for v in held if v.status is not None]
    if held and not found:
        raise Needs(*(origin(bare(v), "status") for v in held))
    order = list(ValidationStatus)
    return min(found, key=order.index) if found else None


def is_verified(look: Look, method: AnalyticalMethod) -> bool:
    """Whether the method is one of the pharmacopoeia and was shown to suit the sample."""
    rows = (v for v in validations(look, method) if v.parameter in SUITED)
    return bool(method.compendial_ref) and any(v.status not in (None, ValidationStatus.NONE) for v in rows)


def tests_by(look: Look, method: AnalyticalMethod) -> tuple[SpecTest, ...]:
    """The rows in force that are done by the method."""
    return tuple(t for t in look.of(SpecTest, method=method.uid) if is_in_force(look, t))


def _standing(status: ValidationStatus | None) -> str:
    return f"is no further than “{status.label}”" if status is not None else "has no validation on record"


# ---------------------------------------------------------------- proof


@rule(
    "Q401",
    Severity.ERROR,
    "Methods for safety are qualified before the first subject",
    each=SpecTest,
    why="A result on safety is worth what its method is worth; qualification before the first dose is the minimum that "
    "is accepted.",
    source=(f"{GUIDELINE}, S.4.3 and P.5.3", "EudraLex Vol. 4 Part IV (ATMP), 10"),
    remedy="Qualify the method, or show that the pharmacopoeial one suits the sample.",
    due=Stage.SUBMITTED,
    reading="Of several rows of a validation the least status counts. A pharmacopoeial method that was shown to suit "
    "the sample is as good as qualified.",
)
def safety_methods_are_qualified(look: Look, test: SpecTest) -> Iterator[Said]:
    wanted = look.settings.words("safety_critical")
    if not is_in_force(look, test, *CHAINED) or not measures(look, test) & wanted:
        return
    method = look.find(AnalyticalMethod, test.method)
    if method is None or is_verified(look, method):
        return
    status = status_of(look, method)
    if status not in PROVED:
        yield look.at(test, "method", f"The method of the test {test.named()}, {method.named()}, {_standing(status)}.")


@rule(
    "Q402",
    Severity.ERROR,
    "Methods for potency and dose are validated before the pivotal trial",
    each=SpecTest,
    why="Dose and activity that decide on efficacy must be measured by methods known to be precise.",
    source=(f"{GUIDELINE}, P.5.3", "ICH Q2(R2)"),
    remedy="Validate the method.",
    phases=frozenset({PIVOTAL}),
    due=Stage.SUBMITTED,
    reading="A pharmacopoeial method that was shown to suit the sample need not be validated anew.",
)
def dose_methods_are_validated(look: Look, test: SpecTest) -> Iterator[Said]:
    if not is_in_force(look, test, DS, DP, INTERMEDIATE):
        return
    if look.need(test, "category") not in (TestCategory.POTENCY, TestCategory.QUANTITY):
        return
    method = look.find(AnalyticalMethod, test.method)
    if method is None or is_verified(look, method):
        return
    status = status_of(look, method)
    if status is not ValidationStatus.VALIDATED:
        said = (
            f"The trial is pivotal, and the method of the test {test.named()}, {method.named()}, {_standing(status)}."
        )
        yield look.at(test, "method", said)


@rule(
    "Q403",
    Severity.WARNING,
    "Own methods are summed up with what their qualification found",
    each=AnalyticalMethod,
    why="An assessor wants the table of what was asked and found, not the procedure.",
    source=(f"{GUIDELINE}, P.5.2 and P.5.3",),
    remedy="Enter what is missing.",
    reading="Asked of methods that a specification in force uses and that follow no chapter of the pharmacopoeia.",
)
def own_methods_are_summed_up(look: Look, method: AnalyticalMethod) -> Iterator[Said]:
    if method.compendial_ref or not tests_by(look, method):
        return
    empty = [n for n in ("principle", "controls") if not getattr(method, n) and not look.is_excused(method, n)]
    if empty:
        said = f"The method {method.named()} is described without its {' and '.join(empty)}."
        yield look.at(method, empty[0], said)
    for row in validations(look, method):
        if row.status not in PROVED:
            continue
        for name, what in (("acceptance", "limit set beforehand"), ("result", "result")):
            if not getattr(row, name) and not look.is_excused(row, name):
                said = f"{_parameter(row)} of {method.named()}, which is called {row.status.label}, has no {what}."
                yield look.at(row, name, said)


def _parameter(row: MethodValidation) -> str:
    return row.parameter.label.capitalize() if row.parameter is not None else "The validation"


# ---------------------------------------------------------------- matrix and equivalence


@rule(
    "Q404",
    Severity.ERROR,
    "Microbiological methods suit the sample",
    each=SpecTest,
    why="Cryoprotectant, antibiotics and cells hide growth; a hold that became public was about just this.",
    source=("Ph. Eur. 2.6.1 and 2.6.27", "Wills 2023, table 4"),
    remedy="Show suitability in that matrix and enter it in “Shown in”.",
    reading="The matrix is what the specification is of: drug product, drug substance, vector, bank. Reagents "
    "and excipients are left to their suppliers. In-process controls are not asked.",
)
def microbiology_suits_the_matrix(look: Look, test: SpecTest) -> Iterator[Said]:
    scope = scope_of(look, test)
    if scope in (None, SpecificationScope.REAGENT, SpecificationScope.EXCIPIENT) or not is_in_force(look, test):
        return
    method = look.find(AnalyticalMethod, test.method)
    if method is None or not _is_microbiological(look, test, method):
        return
    rows = [v for v in validations(look, method) if v.parameter in SUITED]
    if any(scope in (v.matrices or ()) for v in rows):
        return
    if silent := [v for v in rows if not v.matrices and not look.is_excused(v, "matrices")]:
        raise Needs(*(origin(bare(v), "matrices") for v in silent))
    shown = dict.fromkeys(m.label for v in rows for m in v.matrices or ())
    but = f", only in {', '.join(shown)}" if shown else ""
    yield look.at(
        test, "method", f"The method {method.named()} is not shown to suit the {scope.label}{but} ({test.named()})."
    )


def _is_microbiological(look: Look, test: SpecTest, method: AnalyticalMethod) -> bool:
    chapters = look.settings.words("microbiological_chapters")
    said = f"{method.compendial_ref or ''} {test.ph_eur_ref or ''}"
    return bool(chapters & set(re.findall(r"\d+(?:\.\d+)+", said)))


@rule(
    "Q405",
    Severity.ERROR,
    "A rapid method finds as much as the one it replaces",
    each=AnalyticalMethod,
    why="Speed is welcome where a product keeps for hours, but the method must miss nothing that the slow one finds.",
    source=("Ph. Eur. 5.1.6", "Ph. Eur. 2.6.7, on nucleic acid amplification"),
    remedy="Add the comparison with the pharmacopoeial method to the validation.",
    reading="Asked of methods called an alternative, and of mycoplasma by nucleic acid, where a limit of detection "
    "that was shown serves as well, for the chapter itself sets one.",
)
def rapid_methods_are_equivalent(look: Look, method: AnalyticalMethod) -> Iterator[Said]:
    tests = tests_by(look, method)
    if not tests:
        return
    proofs = {v.parameter for v in validations(look, method) if v.result}
    if method.is_alternative:
        if ValidationParameter.COMPARABILITY not in proofs:
            said = f"The method {method.named()} replaces a pharmacopoeial one, and no comparison is on record."
            yield look.at(method, "is_alternative", said)
        return
    if not any(Measurand.MYCOPLASMA in measures(look, t) for t in tests):
        return
    words = look.settings.words("nucleic_acid_words")
    if speaks_of(words, method.title, method.principle) and not proofs & {
        ValidationParameter.COMPARABILITY,
        ValidationParameter.DETECTION_LIMIT,
    }:
        said = f"{method.named()} seeks mycoplasma by nucleic acid; no limit of detection or comparison is on record."
        yield look.at(method, "principle", said, "Add the limit of detection for the species of the chapter.")


# ---------------------------------------------------------------- change, sensitivity, reference


@rule(
    "Q406",
    Severity.WARNING,
    "A change of method is bridged",
    each=SpecTest,
    why="Results from before and after cannot stand in one table unless somebody compared the methods.",
    source=("ICH Q14", "ICH Q5E", f"{GUIDELINE}, P.5.3"),
    remedy="Add a row “comparison with the method before” to the validation of the new method.",
    reading="Asked where results of one test, over all versions of its specification, come from two methods.",
)
def changes_of_method_are_bridged(look: Look, test: SpecTest) -> Iterator[Said]:
    if not is_in_force(look, test) or test.method is None:
        return
    used: dict[UUID, None] = {}
    for row in versions(look, test):
        for result in look.of(TestResult, spec_test=row.uid):
            if (uid := result.method or row.method) is not None:
                used[uid] = None
    others = [uid for uid in used if uid != test.method]
    if not others or _is_bridged(look, test.method):
        return
    now = look.find(AnalyticalMethod, test.method)
    for uid in others:
        before = look.find(AnalyticalMethod, uid)
        if before is not None and now is not None and not _is_bridged(look, uid):
            said = f"Results of {test.named()} come from {before.named()} and {now.named()}, and nothing bridges them."
            yield look.at(test, "method", said)


def _is_bridged(look: Look, method: UUID) -> bool:
    rows = look.of(MethodValidation, method=method, parameter=ValidationParameter.BRIDGING)
    return any(v.result for v in rows)


@rule(
    "Q407",
    Severity.ERROR,
    "The method can see the limit",
    each=SpecTest,
    why="A method that cannot see as little as the limit cannot show that it is met.",
    source=("ICH Q2(R2)",),
    remedy="Use a more sensitive method, or a limit that it can see.",
    reading="Asked of upper limits on purity and safety. The limit of quantitation is taken, else that of detection, "
    "as the validation reports it, where it converts into the unit of the limit; a row for the matrix goes before "
    "others, and of several the lowest counts.",
)
def methods_see_the_limit(look: Look, test: SpecTest) -> Iterator[Said]:
    if test.category not in (TestCategory.PURITY, TestCategory.SAFETY) or not is_in_force(look, test):
        return
    method = look.find(AnalyticalMethod, test.method)
    if method is None or not test.criterion:
        return
    limits = [p for p in pieces(look.criterion(test)) if isinstance(p, OneSided) and not p.bound.is_lower]
    for limit in limits:
        unit = limit.unit or test.unit or ""
        least = _least_seen(look, test, method, unit)
        if least > limit.value:
            yield look.at(
                test,
                "method",
                f"The method {method.named()} sees no less than {quantity(least, unit)}; "
                f"the limit of {test.named()} is {quantity(limit.value, unit)}.",
            )


def _least_seen(look: Look, test: SpecTest, method: AnalyticalMethod, unit: str) -> Decimal:
    """The least that the method quantifies (else detects), in `unit`. Raises `Needs`."""
    scope = scope_of(look, test)
    held = [v for v in validations(look, method) if v.parameter in SENSED]
    for parameter in SENSED:
        found = {v: value for v in held if v.parameter is parameter and (value := _amount(v, unit)) is not None}
        mine = [value for v, value in found.items() if scope in (v.matrices or ())]
        if found:
            return min(mine or found.values())
    if held:
        raise Needs(*(origin(bare(v), "result") for v in held))
    raise Needs(look.missing(MethodValidation, "", name="result").origin)


def _amount(row: MethodValidation, unit: str) -> Decimal | None:
    """The amount that a row of a validation reports, in `unit`; None for words and what does not convert."""
    try:
        reading = Reading.read(row.result or "")
    except LimitFault:
        return None
    if reading.value is None or not reading.unit:
        return None
    return convert(reading.value, reading.unit, unit)


@rule(
    "Q321",
    Severity.WARNING,
    "Methods for potency, titre and copies have a reference",
    each=AnalyticalMethod,
    why="A relative assay drifts without one, and no later method can be bridged to it.",
    source=(f"{GUIDELINE}, S.5 and P.6",),
    remedy="Add the reference standard or control with its lot and how it was qualified.",
)
def relative_methods_have_a_reference(look: Look, method: AnalyticalMethod) -> Iterator[Said]:
    asked = {Measurand.COPY_NUMBER, Measurand.VECTOR_TITRE, Measurand.INFECTIOUS_TITRE}
    if not any(t.category is TestCategory.POTENCY or measures(look, t) & asked for t in tests_by(look, method)):
        return
    standards = look.once("standards by method", lambda: _standards(look)).get(method.uid, ())
    if not standards:
        unlinked = [s for s in look.all(ReferenceStandard) if not s.methods and not look.is_excused(s, "methods")]
        if unlinked:
            raise Needs(*(origin(bare(s), "methods") for s in unlinked))
        yield look.at(method, "", f"No reference standard or control is named for {method.named()}.")
    for standard in standards:
        if not standard.assigned_by and not standard.requalification:
            said = f"{standard.named()}, the reference of {method.named()}, is not said to be qualified."
            yield look.at(standard, "assigned_by", said, "Say how its value was assigned and how it is requalified.")


def _standards(look: Look) -> Mapping[UUID, tuple[ReferenceStandard, ...]]:
    found: dict[UUID, tuple[ReferenceStandard, ...]] = {}
    for standard in look.all(ReferenceStandard):
        for uid in standard.methods or ():
            found[uid] = (*found.get(uid, ()), standard)
    return found
