"""Rules about what the specification of each class must hold (Q3): the tests, and the cells that must not be there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, COMBINED, FIRST, PIVOTAL, TISSUE, rule
from dossiers.checks.specified import (
    DP,
    DS,
    INTERMEDIATE,
    in_force,
    is_limited,
    is_numeric,
    known,
    lacking,
    lowers,
    measures,
    measuring,
    meets,
    of_category,
    rows,
    speaks_of,
    spoken,
    together,
)
from dossiers.limits import convert, quantity
from dossiers.records.formulation import Device, DeviceRole
from dossiers.records.materials import Material, MaterialCategory
from dossiers.records.measurands import Measurand
from dossiers.records.product import Origin
from dossiers.records.quality import Specification, SpecTest, TestCategory
from dossiers.records.regulatory import Indication
from dossiers.records.sites import ActivityStage, FacilityArea, SiteActivity, TraceabilityIdentifier, TracePoint
from dossiers.records.substance import ActiveSubstance


@rule(
    "Q301",
    Severity.ERROR,
    "The specification holds what its class needs",
    why="Each class has a known minimum. A gap in it is the question on quality that is asked most often.",
    source=("EMA/CAT/22473/2025, P.5.1", "ICH Q6B", "Ph. Eur. 5.14 and 5.34"),
    remedy="Add the test to the specification, or say in “Measures” which row does it.",
    reading="Identity, purity, quantity, mycoplasma and bioburden may also be tested on the drug substance or an "
    "intermediate; appearance, sterility and endotoxin are of the drug product. Viability and potency have rules of "
    "their own (Q306, Q311), so that a gap is said once.",
)
def the_class_has_its_tests(look: Look) -> Iterator[Said]:
    table = look.settings.table("class_requirements")
    needed = dict.fromkeys(str(r) for kind in sorted(look.types) for r in table.get(kind, ()))
    if not in_force(look, DP):
        said, remedy = "No specification of the drug product is in force.", "Add it, or correct its last day."
        yield look.missing(Specification, said, remedy, "scope")
        return
    upstream = look.settings.words("upstream_requirements")
    of_product, chain = rows(look, DP), rows(look, DS, INTERMEDIATE, DP)

    def asked(requirement: str) -> Iterator[Said]:
        is_upstream = any(word.strip() in upstream for word in requirement.split(" or "))
        if not meets(look, chain if is_upstream else of_product, requirement):
            yield lacking(look, f"The specification of the drug product has no test for {spoken(requirement)}.", DP)

    yield from together(*map(asked, needed))


@rule(
    "Q306",
    Severity.WARNING,
    "The limit of viability has a reason",
    why="Dead cells and their debris cause reactions, and they lower the dose that acts.",
    source=("EMEA/CHMP/410869/2006, 4.2.3", "Ph. Eur. 2.7.29"),
    remedy="Raise the limit, or justify it by data on the product.",
    types=CELL_BASED,
    justifiable=True,
    section="P.5.6",
    reading="Asked of the drug product; a drug substance that is tested in its place counts where the drug product "
    "has no such test. The criterion at the end of shelf life is asked, too.",
)
def viability_is_reasoned(look: Look) -> Iterator[Said]:
    known(look, DS, DP)
    tests = measuring(look, rows(look, DP), Measurand.VIABILITY) or measuring(look, rows(look, DS), Measurand.VIABILITY)
    if not tests:
        yield lacking(look, "No viability is specified.", DP, DS, remedy="Add the test.", severity=Severity.ERROR)
    yield from together(*(_viability(look, t) for t in tests))


def _viability(look: Look, test: SpecTest) -> Iterator[Said]:
    if look.is_excused(test, "criterion"):
        return
    least = look.settings.number("least_viability")
    for name in ("criterion", "shelf_life_criterion"):
        if name != "criterion" and not test.shelf_life_criterion:
            continue
        limits = lowers(look.criterion(test, name))
        if not limits and name == "criterion":
            yield look.at(test, name, f"The test {test.named()} has no lower limit.", "Set one.", Severity.ERROR)
        for value, unit in limits:
            share = convert(value, unit, "%") if unit else value
            if share is not None and share < least and not test.justification:
                said = (
                    f"The limit of {test.named()}, {quantity(value, unit)}, is below the usual {quantity(least, '%')}"
                )
                yield look.at(test, name, f"{said}, and no reason is given.")


@rule(
    "Q311",
    Severity.ERROR,
    "Potency is tested, with a limit when the trial is pivotal",
    why="Without a measure of what the product does, batches cannot be compared, shelf life cannot be shown and no "
    "change can be bridged. Potency begun late has stopped programmes.",
    source=("EMA/CAT/22473/2025, P.5.1", "EMEA/CHMP/BWP/271475/2006 rev. 1", "Salmikangas 2023"),
    remedy="Add a functional assay that reflects the mechanism of action.",
    justifiable=True,
    section="P.5.6",
)
def potency_is_tested(look: Look) -> Iterator[Said]:
    tests = of_category(known(look, DS, DP), TestCategory.POTENCY)
    phases = look.phases
    if not tests:
        severity = Severity.WARNING if FIRST in phases else Severity.ERROR
        yield lacking(look, "No test of potency is specified.", DP, DS, severity=severity)
        return
    if PIVOTAL in phases and not any(is_numeric(look.criterion(t)) for t in tests):
        yield look.at(
            tests[0],
            "criterion",
            f"In the pivotal phase no potency test has a limit in numbers ({_names(tests)}).",
            "Set a limit in numbers for a quantitative assay.",
        )
    surrogates = look.settings.words("surrogate_potency")
    if all(found and found <= surrogates for found in (measures(look, t) for t in tests)):
        yield look.at(
            tests[0],
            "test",
            f"Potency rests on {_names(tests)} alone, which stands in for activity.",
            "Add a functional assay, or give the reason.",
            Severity.WARNING,
        )


def _names(tests: tuple[SpecTest, ...]) -> str:
    return ", ".join(t.named() for t in tests)


@rule(
    "Q316",
    Severity.WARNING,
    "Unwanted cells are limited",
    why="Cells that come along can do harm themselves: a malignant cell that was modified by accident has escaped "
    "from treatment before.",
    source=("EMEA/CHMP/410869/2006, 4.2.3", "EMA/CAT/22473/2025, S.3.2"),
    remedy="Limit these cells in the drug substance, an intermediate or the drug product.",
    types=CELL_BASED,
    reading="Which cells those are is a table of settings; the product is recognised by words in its names, its type "
    "and its disease.",
)
def unwanted_cells_are_limited(look: Look) -> Iterator[Said]:
    product = look.product()
    named = [product.name, product.sub_type, *(w for s in look.all(ActiveSubstance) for w in _words(s))]
    disease = [product.indication, *(i.indication for i in look.all(Indication))]
    if not any(named):
        look.need(product, "name", "sub_type")

    def asked(entry: Mapping[str, Any]) -> Iterator[Said]:
        cells = str(entry.get("limit", ""))
        if not speaks_of(map(str, entry.get("product", ())), *named) or cells not in set(Measurand):
            return
        if (origins := entry.get("origin")) and look.need(product, "origin") not in origins:
            return
        if (diseases := entry.get("disease")) and not speaks_of(map(str, diseases), *disease):
            return
        tests = meets(look, known(look, DS, INTERMEDIATE, DP), cells)
        if not any(is_limited(look, t) for t in tests):
            yield lacking(look, f"Nothing limits {Measurand(cells).label}.", DS, INTERMEDIATE, DP)

    table = look.settings.table("unwanted_cells")
    yield from together(*(asked(entry) for entry in table.values() if isinstance(entry, dict)))


def _words(substance: ActiveSubstance) -> tuple[str | None, ...]:
    return substance.name, substance.descriptive_name


@rule(
    "Q318",
    Severity.WARNING,
    "The identity test tells the product from its neighbours",
    why="A mix-up of two receptor products passes a test that only shows T cells.",
    source=("ICH Q6B", "EudraLex Vol. 4 Part IV (ATMP), 12"),
    remedy="Say in “Tells apart from” which test would fail for that product, or add one.",
    justifiable=True,
    section="P.5.6",
    reading="Neighbours are the products named for a shared area of a site that makes drug substance or drug product. "
    "For autologous cells a test that belongs to the patient is accepted, or the chain of identity from collection to "
    "the bedside together with any identity test.",
)
def identity_discriminates(look: Look) -> Iterator[Said]:
    tests = of_category(known(look, DS, DP), TestCategory.IDENTITY)
    told = {_folded(name) for t in tests for name in t.tells_apart or ()}
    seen: set[str] = set()
    for area in look.all(FacilityArea):
        for name in area.products_shared or () if area.shared and _makes_product(look, area) else ():
            if _folded(name) not in told | seen:
                seen.add(_folded(name))
                said = f"No identity test is said to tell the product from “{name}” ({area.named()})."
                yield look.at(area, "products_shared", said)
    if look.need(look.product(), "origin") is Origin.AUTOLOGOUS and not _is_of_patient(look, bool(tests)):
        yield lacking(
            look,
            "Nothing on release shows that the cells are those of the patient.",
            DP,
            DS,
            remedy="Test a mark of the patient, or describe the chain of identity from collection to the bedside.",
        )


def _folded(name: str) -> str:
    return " ".join(name.casefold().split()).rstrip(".")


def _makes_product(look: Look, area: FacilityArea) -> bool:
    if area.site is None:
        return True
    return any(a.stage in (ActivityStage.DS, ActivityStage.DP) for a in look.of(SiteActivity, site=area.site))


def _is_of_patient(look: Look, has_identity: bool) -> bool:
    if measuring(look, rows(look), Measurand.PATIENT_IDENTITY):
        return True
    points = {t.point for t in look.all(TraceabilityIdentifier)}
    return has_identity and {TracePoint.COLLECTION, TracePoint.RELEASE, TracePoint.BEDSIDE} <= points


@rule(
    "Q319",
    Severity.ERROR,
    "What the dose counts is tested on release",
    why="The dose given must follow from values of the certificate.",
    source=("EMA/CAT/22473/2025, P.5.1 and the section on dose",),
    remedy="Add the test with its limit to the specification of the drug product.",
)
def the_dose_is_tested(look: Look) -> Iterator[Said]:
    unit = str(look.need(look.product(), "dose_unit"))
    tests = known(look, DP)

    def asked(requirement: str) -> Iterator[Said]:
        if not any(is_limited(look, t) for t in meets(look, tests, requirement)):
            said = f"The dose is counted in {unit}, and the drug product has no test with a limit for"
            yield lacking(look, f"{said} {spoken(requirement)}.", DP)

    counted = unit.partition("/")[0]
    parts = look.settings.table("dose_parts")
    yield from together(*(asked(str(name)) for name, words in parts.items() if speaks_of(map(str, words), counted)))


@rule(
    "Q323",
    Severity.WARNING,
    "Cells on a scaffold are tested as they are implanted",
    why="What goes into the patient is cells and scaffold together; a suspension tells nothing of it.",
    source=("Regulation (EC) 1394/2007, Art. 7", "EMEA/CHMP/410869/2006"),
    remedy="Add the test on the seeded scaffold, or say in “Measures” which row does it.",
    types=frozenset({TISSUE, COMBINED}),
    reading="Asked where a device is a scaffold or a material is one. Rows of the drug product count; those of the "
    "cells before seeding do not.",
)
def the_unit_is_tested(look: Look) -> Iterator[Said]:
    is_device = bool(look.of(Device, role=DeviceRole.SCAFFOLD))
    if not is_device and not look.of(Material, category=MaterialCategory.SCAFFOLD):
        return
    if not in_force(look, DP):
        raise Needs(look.missing(Specification, "", name="scope").origin)
    tests = rows(look, DP)
    for requirement in look.settings.table("scaffold_requirements"):
        if not meets(look, tests, str(requirement)):
            said = f"The product is cells on a scaffold, and no test of it covers {spoken(str(requirement))}."
            yield lacking(look, said, DP)
