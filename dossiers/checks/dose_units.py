"""Rules about strength and dose: what is counted, whether it converts, whether the containers hold it (X502–X504)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks import stated
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.seen import bare
from dossiers.limits import OfDose, convert, quantity, show, show_number, unit_of
from dossiers.records.base import Record
from dossiers.records.criterion import ends_of
from dossiers.records.dosing import DoseBand, DoseBasis, DoseCohort, DoseConversion, DosingRule
from dossiers.records.formulation import CompositionLine, Container, ContainerScope, QuantityBasis
from dossiers.records.nonclinical import NonclinicalStudy, NonclinicalType
from dossiers.records.product import Product
from dossiers.records.quality import Specification, SpecificationScope, SpecTest, TestCategory
from dossiers.records.trials import TrialDocument
from dossiers.stage import Stage

ANNEX = "Regulation (EU) 536/2014 Annex I"
CAT = "EMA/CAT/22473/2025"


def current_tests(look: Look) -> Iterator[SpecTest]:
    """The tests of quantity in the specification of the drug product that is in force."""
    for specification in look.of(Specification, scope=SpecificationScope.DP):
        if specification.effective_to is None or specification.effective_to >= look.on:
            for test in look.of(SpecTest, specification=specification.uid):
                if test.category is TestCategory.QUANTITY:
                    yield test


# ---------------------------------------------------------------- strength


@rule(
    "X502",
    Severity.ERROR,
    "The strength is the same wherever it is stated",
    each=Product,
    why="Per mL, per bag and per dose are easily mixed up, and a strength decides on the dose.",
    source=(ANNEX, "ICH M4Q"),
    remedy="State one strength in one unit, or units that convert.",
    due=Stage.IDEA,
    reading="Compared after conversion, within the rounding of the fewer digits: with the documents of the trial, the "
    "test of quantity that counts in the same unit, and the nominal content of the composition, which must lie within "
    "the range. Labels are compared by L703. A test that counts something else, as all cells of a dose, is left out.",
)
def strengths_agree(look: Look, product: Product) -> Iterator[Said]:
    if look.product().uid != product.uid:
        return
    documents = [d for d in look.all(TrialDocument) if d.strength]
    for document in documents:
        for one in stated.strength(look, document, product):
            sentence = f"The {document.named()} gives the strength “{one.said}”, the dossier “{one.held}”."
            yield look.at(document, "strength", sentence)
    held = look.criterion(product, "strength")
    unit = unit_of(held)
    for test in current_tests(look):
        mine = stated.criterion(test.criterion) if test.criterion else None
        if mine is None or not unit or convert(Decimal(1), unit_of(mine), unit) is None:
            continue
        if not stated.same(mine, held):
            sentence = f"The strength is {show(held)}; {test.named()} is released at {show(mine)}."
            yield look.at(test, "criterion", sentence)
    yield from _nominal(look, ends_of(held), unit)


def _nominal(look: Look, ends: tuple[Decimal | None, Decimal | None], unit: str) -> Iterator[Said]:
    for line in look.all(CompositionLine):
        if line.component is not None or line.quantity is None or not line.unit:
            continue
        counted, per_ml = line.unit.partition("(")[0].strip(), line.basis is QuantityBasis.PER_ML
        content = convert(line.quantity, f"{counted}/mL", unit) if per_ml else _per_volume(look, line, counted, unit)
        low, high = ends
        if content is not None and ((low is not None and content < low) or (high is not None and content > high)):
            sentence = f"The composition gives {quantity(content, unit)} of {line.named()}, outside the strength."
            yield look.at(line, "quantity", sentence)


def _per_volume(look: Look, line: CompositionLine, counted: str, unit: str) -> Decimal | None:
    """The content of one container for each mL of its fill; None where either is not known."""
    fills = [_fill(c) for c in look.of(Container, scope=ContainerScope.DP)]
    known = [f for f in fills if f is not None and f > 0]
    if len(known) != 1 or line.quantity is None:
        return None
    return convert(line.quantity / known[0], f"{counted}/mL", unit)


def _fill(container: Container) -> Decimal | None:
    """The middle of the fill of a container in mL."""
    limits = stated.criterion(container.fill_volume) if container.fill_volume else None
    if limits is None:
        return None
    ends = [convert(v, unit_of(limits), "mL") for v in ends_of(limits) if v is not None]
    held = [v for v in ends if v is not None]
    return sum(held, Decimal(0)) / len(held) if held else None


# ---------------------------------------------------------------- what is counted


def entity(unit: str) -> str:
    """What a unit of dose counts, without its “per”: "viable CAR+ cells/kg body weight" → "viable CAR+ cells"."""
    return " ".join(re.split(r"/|\bper\b|\bfor each\b", unit, maxsplit=1)[0].split())


def counted(unit: str) -> str:
    """What a unit counts, as it is compared: whatever the case."""
    return entity(unit).casefold()


@dataclass(frozen=True, slots=True)
class Count:
    """Something that is counted at one point of the way from animal to container: where it stands, and in what."""

    record: Record
    fact: str
    what: str
    unit: str


@rule(
    "X503",
    Severity.ERROR,
    "Units of dose can be traced from the animal to the container",
    why="Particles and genomes differ tenfold, all cells and viable positive cells by more.",
    source=("EMEA/CHMP/SWP/28367/07 rev. 1, section 6", f"{CAT}, clinical dose"),
    remedy="Count in one unit, or enter the conversion with the methods and lots that it rests on.",
    due=Stage.DOSSIER,
    reading="Compared is what is counted, not what it is counted per. A conversion counts if it names how it is worked "
    "out and by which methods; several may be chained. Of the studies, toxicology is asked: it carries the margin of "
    "safety. Studies in vitro have doses of another kind.",
)
def units_can_be_traced(look: Look) -> Iterator[Said]:
    roads = _roads(look)
    clinical = list(_clinical(look))
    if not clinical:
        raise Needs(Origin(DoseCohort.kind(), "", "", "dose_unit"))
    first = clinical[0]
    for one in (*clinical[1:], *_animals(look), *_containers(look)):
        is_volume = convert(Decimal(1), counted(one.unit), "mL") is not None  # the strength tells what is in it
        if not is_volume and not _leads(roads, counted(one.unit), counted(first.unit)):
            mine, theirs = entity(one.unit), entity(first.unit)
            what = f"{one.what[:1].upper()}{one.what[1:]}"
            sentence = f"{what} counts {mine}, {first.what} counts {theirs}; no conversion joins them."
            yield look.at(one.record, one.fact, sentence)


def _clinical(look: Look) -> Iterator[Count]:
    for cohort in look.all(DoseCohort):
        if cohort.dose_unit:
            yield Count(cohort, "dose_unit", f"dose level {cohort.named()}", cohort.dose_unit)
    product = look.product()
    if product.dose_unit:
        yield Count(product, "dose_unit", "the dose of the product", product.dose_unit)
    for one in look.all(DosingRule):
        if one.unit:
            general = counted(one.unit) in ("cells", "particles") and one.counted_entity
            yield Count(one, "unit", f"the dosing rule {one.named()}", str(one.counted_entity) if general else one.unit)


def _animals(look: Look) -> Iterator[Count]:
    for study in look.of(NonclinicalStudy, type=NonclinicalType.TOXICOLOGY):
        if study.dose_unit and study.dose is not None and "vitro" not in (study.route or ""):
            yield Count(study, "dose_unit", f"study {study.named()}", study.dose_unit)


def _containers(look: Look) -> Iterator[Count]:
    product = look.product()
    limits = stated.criterion(product.strength) if product.strength else None
    if limits is not None and unit_of(limits):
        yield Count(product, "strength", "the strength", unit_of(limits))


def _roads(look: Look) -> dict[str, set[str]]:
    """Which counts lead to which, by conversions that say how and by what."""
    roads: dict[str, set[str]] = {}
    for one in look.all(DoseConversion):
        if one.from_unit and one.to_unit and one.conversion and one.methods:
            start, end = counted(one.from_unit), counted(one.to_unit)
            roads.setdefault(start, set()).add(end)
            roads.setdefault(end, set()).add(start)
    return roads


def _leads(roads: dict[str, set[str]], start: str, end: str) -> bool:
    seen, left = {start}, [start]
    while left:
        here = left.pop()
        if here == end:
            return True
        for there in roads.get(here, set()) - seen:
            seen.add(there)
            left.append(there)
    return False


# ---------------------------------------------------------------- what the containers hold


@rule(
    "X504",
    Severity.ERROR,
    "The containers can hold the dose",
    each=DosingRule,
    why="A batch can pass its specification and still not make a dose.",
    source=(f"{CAT}, P.1 and P.5.1",),
    remedy="Raise the lower limit or the number of containers, or limit the weight, the area or the dose.",
    due=Stage.IDEA,
    reading="The largest dose at the largest weight counted is held against the least content of the most containers. "
    "A shortfall that the protocol allows is taken off the dose. If the dose is made to order, the content follows it: "
    "then the tolerance must lie within the shortfall, and the upper strength must find room for the dose. A dose that "
    "only the lighter subjects can be given is told as information. A dose by area asks the density and the area.",
)
def containers_hold_the_dose(look: Look, one: DosingRule) -> Iterator[Said]:
    basis = look.need(one, "basis_of_dose")
    if basis is DoseBasis.PER_CM2:
        yield from _by_area(look, one)
    elif basis is DoseBasis.PER_KG:
        yield from _by_weight(look, one)
    elif basis is DoseBasis.FLAT:
        yield from _flat(look, one)
    yield from _by_band(look, one)


@dataclass(frozen=True, slots=True)
class Filled:
    """What the containers of one dose hold: the volume (mL), the ends of the strength and its unit."""

    volume: Decimal
    low: Decimal | None
    high: Decimal | None
    unit: str


def _filled(look: Look) -> Filled:
    """Raises `Needs` for what is not known of container and strength."""
    product = look.product()
    limits = look.criterion(product, "strength")
    containers = look.of(Container, scope=ContainerScope.DP)
    if not containers:
        raise Needs(Origin(Container.kind(), "", "", "fill_volume"))
    volume = Decimal(0)
    for container in containers:
        fill = look.criterion(container, "fill_volume")
        least, most = ends_of(fill)[0], look.need(container, "most_containers")
        drawn = convert(least, unit_of(fill), "mL") if least is not None else None
        if drawn is None:
            raise Needs(origin(bare(container), "fill_volume"))
        volume = max(volume, min(drawn, _withdrawn(look, drawn)) * most)
    return Filled(volume, *ends_of(limits), unit_of(limits))


def _withdrawn(look: Look, fill: Decimal) -> Decimal:
    """The least volume that can be withdrawn, where a test sets it for a fill of this size."""
    for specification in look.of(Specification, scope=SpecificationScope.DP):
        for test in look.of(SpecTest, specification=specification.uid):
            limits = stated.criterion(test.criterion) if test.criterion and "extractable" in (test.test or "") else None
            low = ends_of(limits)[0] if limits is not None else None
            drawn = convert(low, unit_of(limits), "mL") if low is not None and limits is not None else None
            if drawn is not None and drawn < fill:
                return drawn
    return fill


def _by_weight(look: Look, one: DosingRule) -> Iterator[Said]:
    dose, cap, unit = look.need(one, "maximum", "weight_cap", "unit")
    filled = _filled(look)
    factor = _factor(unit, filled.unit)
    if factor is None:
        return  # X503 tells of units that do not lead to one another
    need = partial(_asked, one, dose * factor)
    yield from _held(look, one, need(cap), need(one.least_weight) if one.least_weight else None, filled)


def _flat(look: Look, one: DosingRule) -> Iterator[Said]:
    dose, unit = look.need(one, "maximum", "unit")
    filled = _filled(look)
    factor = _factor(unit, filled.unit)
    if factor is not None:
        yield from _held(look, one, _asked(one, dose * factor, Decimal(1)), None, filled)


def _asked(one: DosingRule, dose: Decimal, times: Decimal) -> Decimal:
    """The dose that must be there at the least."""
    return dose * times * (100 - (one.shortfall or 0)) / 100


def _factor(unit: str, strength: str) -> Decimal | None:
    """How many units of the strength's count make one of the dose's; None where they count different things."""
    mine, theirs = counted(unit), counted(strength)
    if mine == theirs or (mine == "cells" and theirs.endswith("cells")):
        return Decimal(1)
    return convert(Decimal(1), mine, theirs)


def _held(look: Look, one: DosingRule, need: Decimal, lightest: Decimal | None, filled: Filled) -> Iterator[Said]:
    what = filled.unit.partition("/")[0]
    ordered = [t for t in current_tests(look) if isinstance(t.limits, OfDose)]
    if ordered:
        yield from _to_order(look, one, need, filled, ordered)
        return
    if filled.low is None:
        return
    have = filled.low * filled.volume
    if have < need:
        is_partial = lightest is not None and have >= lightest
        sentence = (
            f"The containers of one dose hold at least {quantity(have, what)}; the largest dose needs "
            f"{quantity(need, what)}."
        )
        yield look.at(one, "maximum", sentence, severity=Severity.INFO if is_partial else None)


def _to_order(look: Look, one: DosingRule, need: Decimal, filled: Filled, tests: list[SpecTest]) -> Iterator[Said]:
    for test in tests:
        limits = test.limits
        allowed = one.shortfall or Decimal(0)
        if isinstance(limits, OfDose) and limits.tolerance > allowed:
            sentence = (
                f"{test.named()} lets the content fall {show_number(limits.tolerance)}\u00a0% below the order, the "
                f"protocol allows {show_number(allowed)}\u00a0%."
            )
            yield look.at(one, "shortfall", sentence)
    if filled.high is not None and filled.high * filled.volume < need:
        what = filled.unit.partition("/")[0]
        sentence = (
            f"The containers of one dose have room for {quantity(filled.high * filled.volume, what)} at the highest "
            f"strength; the largest dose is {quantity(need, what)}."
        )
        yield look.at(one, "maximum", sentence)


def _by_area(look: Look, one: DosingRule) -> Iterator[Said]:
    product = look.product()
    limits = look.criterion(product, "strength")
    low, least = ends_of(limits)[0], look.need(one, "minimum")
    if low is not None and _factor(look.need(one, "unit"), unit_of(limits)) is not None and low < least:
        sentence = (
            f"The least strength is {quantity(low, unit_of(limits))}, the least dose {show_number(least)} in the same."
        )
        yield look.at(one, "minimum", sentence)
    area = look.need(one, "greatest_area")
    sizes = [
        size * look.need(container, "most_containers")
        for line in look.all(CompositionLine)
        if line.basis is QuantityBasis.PER_CONTAINER and line.quantity is not None and line.unit
        for size in [convert(line.quantity, line.unit, "cm²")]
        if size is not None
        for container in look.of(Container, scope=ContainerScope.DP)
    ]
    if sizes and max(sizes) < area:
        cover, treated = quantity(max(sizes), "cm²"), quantity(area, "cm²")
        sentence = f"The containers of one dose cover {cover}; up to {treated} are treated."
        yield look.at(one, "greatest_area", sentence)


def _by_band(look: Look, one: DosingRule) -> Iterator[Said]:
    bands = [b for b in look.of(DoseBand, rule=one.uid) if b.dose is not None and b.volume is not None]
    if not bands:
        return
    limits = look.criterion(look.product(), "strength")
    low = ends_of(limits)[0]
    for band in bands:
        if low is None or band.volume is None or band.dose is None:
            continue
        have, need = low * band.volume, _asked(one, band.dose, Decimal(1))
        if have < need:
            what = unit_of(limits).partition("/")[0]
            sentence = (
                f"{quantity(band.volume, 'mL')} hold at least {quantity(have, what)}; the band needs "
                f"{quantity(need, what)}."
            )
            yield look.at(band, "volume", sentence)
