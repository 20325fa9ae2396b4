"""Rules about the risk file and about devices (R8)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from dossiers.binder import origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import COMBINED, IN_VIVO, TISSUE, rule
from dossiers.checks.seen import bare
from dossiers.records.clinical import SafetyMeasure
from dossiers.records.controls import InProcessControl
from dossiers.records.formulation import Device, DeviceRole
from dossiers.records.nonclinical import NonclinicalStudy
from dossiers.records.product import Origin, Product, SubType
from dossiers.records.quality import SpecTest
from dossiers.records.risks import Hazard, RiskFactor
from dossiers.records.substance import EditTarget

RISK_BASED = "EMA/CAT/CPWP/686637/2011 (risk-based approach)"


@rule(
    "R801",
    Severity.WARNING,
    "Each risk is answered by a test, a control, a study or a measure",
    each=RiskFactor,
    why="A risk whose mitigation is only told cannot be followed to the place where something is done about it.",
    source=(RISK_BASED, "ICH Q9(R1)"),
    remedy="Link the risk to what controls it.",
    reading="Asked of every risk, not only of grave ones: the dossier prints a matrix of what answers each, and an "
    "empty row is what a reviewer sees first. A link to a record that is gone does not count.",
)
def risks_are_answered(look: Look, risk: RiskFactor) -> Iterator[Said]:
    answers = (
        *look.named(SpecTest, risk.spec_tests),
        *look.named(NonclinicalStudy, risk.studies),
        *look.named(InProcessControl, risk.in_process_controls),
        *look.of(SafetyMeasure, risk=risk.uid),
    )
    if not answers:
        yield look.at(risk, "spec_tests", f"No test, control, study or measure is linked to the risk {risk.named()}.")


@rule(
    "R802",
    Severity.WARNING,
    "The hazards expected of the class stand in the risk file",
    why="A hazard of the class that is left out looks as if nobody had thought of it.",
    source=(RISK_BASED,),
    remedy="Add the risk, or mark the risk that covers the hazard.",
    reading="Which hazard a risk covers is a fact that a person marks; words of the risk are not searched. As long as "
    "a risk is not marked, a hazard that no other covers cannot be called missing.",
)
def expected_hazards_stand_there(look: Look) -> Iterator[Said]:
    risks = look.all(RiskFactor)
    covered = {hazard for risk in risks for hazard in risk.hazards or ()}
    missing = {h: why for h, why in _expected(look, look.product()).items() if h not in covered}
    if not missing:
        return
    if unmarked := [r for r in risks if not r.hazards and not look.is_excused(r, "hazards")]:
        raise Needs(*(origin(bare(r), "hazards") for r in unmarked))
    for hazard, why in missing.items():
        yield look.missing(RiskFactor, f"The risk file has no {hazard.label}, expected of a product that is {why}.")


def _expected(look: Look, product: Product) -> dict[Hazard, str]:
    """Hazard → the property of the product for which it is expected."""
    held = {
        "integrating": bool(product.integrating),
        "edited": bool(look.all(EditTarget)),
        "allogeneic": product.origin is Origin.ALLOGENEIC,
        "pluripotent": product.sub_type is SubType.IPSC_DERIVED,
        "viral in vivo": IN_VIVO in look.types
        and product.sub_type in (SubType.AAV, SubType.ADENOVIRUS, SubType.ONCOLYTIC),
        "aseptically made": True,  # none of these products can be sterilised in its container
        "autologous": product.origin is Origin.AUTOLOGOUS,
    }
    table = look.settings.table("expected_hazards")
    known = {h.value: h for h in Hazard}
    return {known[name]: why for why, names in table.items() if held.get(why) for name in names if name in known}


@rule(
    "R803",
    Severity.ERROR,
    "The device part is documented",
    why="A product with a device in it is judged as one thing; a file on the cells alone cannot be.",
    source=("Regulation (EC) 1394/2007 art. 6, 7 and 9", "Regulation (EU) 2017/745 Annex I"),
    remedy="Enter what is missing of the device.",
    types=frozenset({COMBINED, TISSUE}),
    reading="A tissue-engineered product without any device is not asked for one; a combined product is.",
)
def device_parts_are_documented(look: Look) -> Iterator[Said]:
    parts = [d for d in look.all(Device) if d.role in (DeviceRole.INTEGRAL, DeviceRole.SCAFFOLD)]
    if not parts and COMBINED in look.types:
        yield look.missing(Device, "The product is combined, and no device is described as a part of it.")
    for part in parts:
        lacking = [(name, what) for name, what in _asked(part) if not _is_told(look, part, name)]
        if lacking:
            names = ", ".join(what for _, what in lacking)
            yield look.at(part, lacking[0][0], f"The device part {part.named()} lacks: {names}.")


def _asked(part: Device) -> Iterator[tuple[str, str]]:
    yield "requirements", "safety and performance requirements"
    if part.ce_marked is None:
        yield "ce_marked", "whether it bears the CE mark"
    elif part.ce_marked:
        yield "certificate_ref", "certificate"
    else:
        yield "opinion", "opinion of a notified body"
    yield "sterilisation", "sterilisation"
    yield "biocompatibility_ref", "biocompatibility"


def _is_told(look: Look, part: Device, name: str) -> bool:
    return getattr(part, name) not in (None, "") or look.is_excused(part, name)


@rule(
    "R804",
    Severity.ERROR,
    "A delivery device is meant for the route",
    each=Device,
    why="A mark for another use says nothing of this one; trials have been held over a needle.",
    source=("Regulation (EU) 2017/745 art. 62 and Annex XV",),
    remedy="Show conformity for this use, or file the device as one under investigation, with its biocompatibility.",
    reading="Any device of the delivery role, whether or not a step of administration names it. For a device without "
    "CE mark for this use, the file of the investigation and biocompatibility are both asked for.",
)
def delivery_devices_fit_the_route(look: Look, device: Device) -> Iterator[Said]:
    if look.need(device, "role") is not DeviceRole.DELIVERY:
        return
    route = look.need(look.product(), "route")
    is_told = partial(_is_told, look, device)
    if not look.need(device, "ce_marked"):
        lacking = [name for name in ("investigation", "biocompatibility_ref") if not is_told(name)]
        if lacking:
            what = " and ".join(
                {"investigation": "file of an investigation"}.get(n, "biocompatibility") for n in lacking
            )
            sentence = f"The device {device.named()} bears no CE mark for {route.label} use and has no {what}."
            yield look.at(device, lacking[0], sentence)
    if route not in look.need(device, "routes"):
        meant = look.says(device, "routes")
        yield look.at(
            device, "routes", f"The device {device.named()} is meant for {meant} use, the product is {route.label}."
        )
