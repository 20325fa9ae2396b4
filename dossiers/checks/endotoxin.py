"""The rule on the endotoxin limit (Q305): what a dose at the limit brings, against what its route allows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import DP, is_in_force, measures, together, uppers
from dossiers.facts import NBSP
from dossiers.limits import Derived, LimitFault, convert, parse, quantity, show_number, unit_of
from dossiers.records.criterion import ends_of
from dossiers.records.dosing import DoseBand, DosingRule
from dossiers.records.formulation import Container, ContainerScope
from dossiers.records.measurands import Measurand
from dossiers.records.product import Product
from dossiers.records.quality import SpecTest

PER_HOUR, PER_KG, PER_EYE, PER_PIECE = "kg and hour", "kg", "eye", "piece"


@dataclass(frozen=True)
class Threshold:
    """What a route allows: endotoxin units for each kg and hour, each kg, each eye or each implanted piece."""

    limit: Decimal
    per: str

    def show(self) -> str:
        """The threshold as a sentence names it."""
        return quantity(self.limit, f"EU/{self.per.replace('kg and hour', 'kg/h')}")


def threshold(look: Look, product: Product) -> Threshold:
    """What the route of the product allows. Raises `Needs` where the route, or a threshold for it, is not known."""
    route = look.need(product, "route")
    entry: Any = look.settings.table("endotoxin_thresholds").get(route.value)
    if not isinstance(entry, dict) or entry.get("per") not in (PER_HOUR, PER_KG, PER_EYE, PER_PIECE):
        raise Needs(origin(bare(product), "route"))
    return Threshold(Decimal(str(entry.get("limit", 0))), str(entry["per"]))


@rule(
    "Q305",
    Severity.ERROR,
    "The endotoxin limit fits the route and the largest dose",
    each=SpecTest,
    why="A limit for each millilitre that was copied from elsewhere can exceed what causes fever: in a light subject, "
    "or in the fluid around the brain.",
    source=("Ph. Eur. 5.1.10 and 2.6.14", "USP <85>, <161> and <771> for routes that the former leaves open"),
    remedy="Lower the limit, the volume of the dose, or the speed at which it is given.",
    reading="K/M: a dose at the limit is worked out for the largest volume for each kg that one hour can bring. The "
    "volume is that of the largest dose for each kg at the lowest strength, and no more than the largest volume of a "
    "dose for the lightest subject; bands of weight are taken as they stand. A dose that may be given faster than in "
    "an hour, or of which no time is told, counts as given within the hour. What the diluent brings is not in it. An "
    "implanted piece is asked with the volume of one container; its threshold is that of an implanted device.",
)
def endotoxin_fits_the_dose(look: Look, test: SpecTest) -> Iterator[Said]:
    if not is_in_force(look, test, DP) or Measurand.ENDOTOXIN not in measures(look, test):
        return
    criterion = look.criterion(test)
    product = look.product()
    allowed = threshold(look, product)
    if isinstance(criterion, Derived):
        own = criterion.threshold if allowed.per in (PER_HOUR, PER_KG) else None
        if own is not None and own > allowed.limit:
            said = f"K of {show_number(own)} lies above the {allowed.show()} that the route allows."
            yield look.at(test, "criterion", f"The test {test.named()}: {said}", "Correct K.")
        return
    limits = [(value, re.sub(r"\bIU\b", "EU", unit or test.unit or "")) for value, unit in uppers(criterion)]
    if allowed.per in (PER_EYE, PER_PIECE):
        yield from together(*(_of_piece(look, test, allowed, *limit) for limit in limits))
        return
    rules = [r for r in look.all(DosingRule) if r.product is None or r.product == product.uid]
    if not rules:
        raise Needs(look.missing(DosingRule, "", name="maximum").origin)
    yield from together(*(_of_dose(look, test, allowed, limit, dosing) for limit in limits for dosing in rules))


def _of_dose(
    look: Look, test: SpecTest, allowed: Threshold, limit: tuple[Decimal, str], dosing: DosingRule
) -> Iterator[Said]:
    hours = _hours(dosing) if allowed.per == PER_HOUR else Decimal(1)
    per_kg, how = _load(look, limit, dosing)
    load = per_kg / hours
    if load <= allowed.limit:
        return
    said = f"The test {test.named()}, ≤{NBSP}{quantity(*limit)}: {how}"
    if hours > 1:
        how_long = f" over {show_number(_short(hours))}{NBSP}h"
    else:
        how_long = " within an hour" if allowed.per == PER_HOUR else ""
    unit = "EU/kg/h" if allowed.per == PER_HOUR else "EU/kg"
    route = look.says(look.product(), "route")
    yield look.at(
        test,
        "criterion",
        f"{said}{how_long}, which is {quantity(_short(load), unit)}; the route ({route}) allows {allowed.show()}.",
    )


def _hours(dosing: DosingRule) -> Decimal:
    """Hours over which a dose is spread for certain; what is quicker than one counts as one."""
    minutes = dosing.shortest_time
    return Decimal(1) if minutes is None or minutes < 60 else minutes / 60


def _load(look: Look, limit: tuple[Decimal, str], dosing: DosingRule) -> tuple[Decimal, str]:
    """(EU for each kg that the largest dose brings at the limit, how in words). Raises `Needs`."""
    value, unit = limit
    if (direct := convert(value, unit, "EU/kg")) is not None or (direct := convert(value, unit, "EU/kg/h")) is not None:
        return direct, "the limit is set for each kg"
    if (of_volume := convert(value, unit, "EU/mL")) is not None:
        volume, how = _volume_per_kg(look, dosing)
        return of_volume * volume, how
    if (whole := _whole(value, unit)) is not None:
        weight = look.need(dosing, "least_weight")
        return whole / weight, f"a dose for {quantity(weight, 'kg')}"
    return _by_count(look, value, unit, dosing)


def _whole(value: Decimal, unit: str) -> Decimal | None:
    """A limit on the whole dose, in EU."""
    return next((v for of in ("EU", "EU/dose") if (v := convert(value, unit, of)) is not None), None)


def _by_count(look: Look, value: Decimal, unit: str, dosing: DosingRule) -> tuple[Decimal, str]:
    """A limit on what the dose counts ("EU/10⁶ cells", "EU/10¹³ vg"), for the largest dose for each kg."""
    most, counted = look.need(dosing, "maximum", "unit")
    stem = re.sub(r"/kg$", "", counted)
    changed = convert(value, unit, f"EU/{stem}") if stem != counted else None
    if changed is None:
        raise Needs(origin(bare(dosing), "unit"))
    return changed * most, f"the largest dose of {quantity(most, counted)}"


def _volume_per_kg(look: Look, dosing: DosingRule) -> tuple[Decimal, str]:
    """(mL for each kg at most, how in words). Raises `Needs` where neither way of working it out is open."""
    bands = [(b.volume / b.from_kg, b) for b in look.of(DoseBand, rule=dosing.uid) if b.volume and b.from_kg]
    if bands:
        most, band = max(bands, key=lambda pair: pair[0])
        return most, f"{quantity(band.volume or most, 'mL')} for {quantity(band.from_kg or most, 'kg')}"
    ways = [way for way in (_by_strength(look, dosing), _by_weight(look, dosing)) if way is not None]
    if not ways:
        raise Needs(origin(bare(dosing), "least_weight"), *_of_volume(look))
    return min(ways, key=lambda way: way[0])


def _by_strength(look: Look, dosing: DosingRule) -> tuple[Decimal, str] | None:
    """The largest dose for each kg at the lowest strength, as a volume."""
    unit, most = dosing.unit or "", dosing.maximum
    strength = look.product().strength
    if most is None or most <= 0 or not unit.endswith("/kg") or not strength:
        return None
    try:
        criterion = parse(strength)
    except LimitFault:
        return None
    low = ends_of(criterion)[0]
    held = convert(low, unit_of(criterion), f"{unit.removesuffix('/kg')}/mL") if low is not None else None
    if held is None or held <= 0:
        return None
    return most / held, f"{quantity(_short(most / held), 'mL/kg')} hold the dose of {quantity(most, unit)}"


def _by_weight(look: Look, dosing: DosingRule) -> tuple[Decimal, str] | None:
    """The largest volume of a dose in the lightest subject."""
    volumes = [v for v in (_ceiling(dosing), _containers(look)) if v is not None and v > 0]
    if not volumes or not dosing.least_weight or dosing.least_weight <= 0:
        return None
    most, weight = min(volumes), dosing.least_weight
    return most / weight, f"{quantity(_short(most), 'mL')} for {quantity(weight, 'kg')}"


def _ceiling(dosing: DosingRule) -> Decimal | None:
    """The volume that no dose exceeds, in mL, where the rule sets one."""
    try:
        limits = uppers(parse(dosing.ceiling)) if dosing.ceiling else ()
    except LimitFault:
        return None
    return next((v for high, unit in limits if (v := convert(high, unit, "mL")) is not None), None)


def _fills(look: Look) -> Iterator[tuple[Container, Decimal]]:
    """Each container of the drug product with the most that is filled into it, in mL."""
    for container in look.of(Container, scope=ContainerScope.DP):
        try:
            criterion = parse(container.fill_volume) if container.fill_volume else None
        except LimitFault:
            continue
        high = ends_of(criterion)[1]
        most = convert(high, unit_of(criterion), "mL") if criterion is not None and high is not None else None
        if most is not None and most > 0:
            yield container, most


def _containers(look: Look) -> Decimal | None:
    """What the containers of the largest dose hold, in mL."""
    held = [most * c.most_containers for c, most in _fills(look) if c.most_containers and c.most_containers > 0]
    return max(held) if held else None


def _of_volume(look: Look) -> Iterator[Origin]:
    """The facts of the containers from which the largest volume follows, those that are empty."""
    for container in look.of(Container, scope=ContainerScope.DP):
        for name in ("fill_volume", "most_containers"):
            if not getattr(container, name):
                yield origin(bare(container), name)


def _of_piece(look: Look, test: SpecTest, allowed: Threshold, value: Decimal, unit: str) -> Iterator[Said]:
    whole = next(
        (v for of in ("EU", "EU/dose", f"EU/{allowed.per}", "EU/container", "EU/sheet", "EU/implant")
         if (v := convert(value, unit, of)) is not None),
        None,
    )  # fmt: skip
    how = ""
    if whole is None:
        of_volume = convert(value, unit, "EU/mL")
        fills = [most for _, most in _fills(look)]
        if of_volume is None:
            raise Needs(origin(bare(test), "unit"))
        if not fills:
            raise Needs(*_of_volume(look), look.missing(Container, "", name="fill_volume").origin)
        whole, how = of_volume * max(fills), f"{quantity(max(fills), 'mL')} bring "
    if whole > allowed.limit:
        said = f"The test {test.named()}, ≤{NBSP}{quantity(value, unit)}: {how}{quantity(_short(whole), 'EU')}"
        route = look.says(look.product(), "route")
        yield look.at(test, "criterion", f"{said}; the route ({route}) allows {allowed.show()}.")


def _short(value: Decimal) -> Decimal:
    return Decimal(f"{value:.3g}").normalize()
