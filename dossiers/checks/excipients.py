"""Rules about excipients: what the largest dose brings of them (Q1)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.seen import bare
from dossiers.checks.wording import names
from dossiers.facts import NBSP
from dossiers.limits import LimitFault, convert, show_number, unit_of
from dossiers.records.criterion import ends_of
from dossiers.records.dosing import DosingRule
from dossiers.records.formulation import CompositionLine, Container, ContainerScope, QuantityBasis
from dossiers.records.materials import Material


@rule(
    "Q121",
    Severity.WARNING,
    "The dose of a watched or novel excipient is justified",
    each=CompositionLine,
    why="Dimethyl sulfoxide and new cryoprotectants give reactions that rise with the dose, worst in the lightest "
    "patient.",
    source=("EMA/CAT/22473/2025, P.1, P.2 and A.3",),
    remedy="Lower the amount in a dose, or enter why it is safe.",
    reading="An error where the largest dose exceeds the limit of the setting. The largest dose is the fill of the "
    "most "
    "containers, given to the lightest subject that the dosing rules allow.",
)
def excipient_dose_is_justified(look: Look, line: CompositionLine) -> Iterator[Said]:
    material = look.find(Material, line.component)
    called = " ".join(filter(None, (material.name if material else "", line.component_name)))
    watched = next((w for w in look.settings.table("watched_excipients").values() if names(called, w["words"])), None)
    is_novel = material is not None and material.is_novel is True
    if watched is None and not is_novel:
        return
    if material is not None and not material.dose_justification and not look.is_excused(material, "dose_justification"):
        why = "is novel" if is_novel else "has effects that rise with its dose"
        yield look.at(
            material, "dose_justification", f"{material.named()} {why}, and nothing says why its dose is safe."
        )
        return
    if watched is not None:
        dose, weight = _gram_per_dose(look, line, Decimal(str(watched["density"]))), _least_weight(look)
        limit = Decimal(str(watched["limit"]))
        if weight > 0 and dose / weight > limit:
            yield look.at(
                line,
                "quantity",
                f"The largest dose brings {_rounded(dose)}{NBSP}g of {called}, {_rounded(dose / weight)}{NBSP}g/kg at "
                f"{show_number(weight)}{NBSP}kg; {show_number(limit)}{NBSP}g/kg is the limit in use.",
                severity=Severity.ERROR,
            )


def _gram_per_dose(look: Look, line: CompositionLine, density: Decimal) -> Decimal:
    """What the largest dose holds of a component, in g. Raises `Needs` where quantity, unit or fill are not known."""
    quantity, unit, basis = look.need(line, "quantity", "unit", "basis")
    grams = _in_grams(quantity, unit, density)
    if grams is None:
        raise Needs(origin(bare(line), "unit"))  # neither a mass nor a volume
    containers = look.of(Container, scope=ContainerScope.DP)
    if not containers:
        raise Needs(Origin(Container.kind(), "", "", "fill_volume"))
    return grams * max(
        _most(look, c) * (_fill(look, c) if basis is QuantityBasis.PER_ML else Decimal(1)) for c in containers
    )


def _in_grams(quantity: Decimal, unit: str, density: Decimal) -> Decimal | None:
    for target, factor in (("g", Decimal(1)), ("mL", density)):
        try:
            if (found := convert(quantity, unit, target)) is not None:
                return found * factor
        except LimitFault:
            continue
    return None


def _fill(look: Look, container: Container) -> Decimal:
    criterion = look.criterion(container, "fill_volume")
    most = ends_of(criterion)[1]
    try:
        fill = convert(most, unit_of(criterion), "mL") if most is not None else None
    except LimitFault:
        fill = None
    return fill if fill is not None else Decimal(look.need(container, "capacity"))


def _most(look: Look, container: Container) -> Decimal:
    return Decimal(look.need(container, "most_containers"))


def _least_weight(look: Look) -> Decimal:
    rules = look.all(DosingRule)
    known = [r.least_weight for r in rules if r.least_weight is not None]
    if not known:
        raise Needs(
            origin(bare(rules[0]), "least_weight") if rules else Origin(DosingRule.kind(), "", "", "least_weight")
        )
    return min(known)


def _rounded(value: Decimal) -> str:
    """To three digits."""
    return show_number(Decimal(f"{value:.3g}"))
