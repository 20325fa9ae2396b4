"""What the product is made of, held in and given with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.handling import GROUP, StepPurpose
from dossiers.records.product import Route
from dossiers.stage import Stage


class QuantityBasis(Choice):
    """What a quantity is of."""

    PER_CONTAINER = "per_container"
    PER_ML = "per_mL"


QuantityBasis.labelled(PER_ML="per mL")


class ContainerScope(Choice):
    """What a container holds."""

    DS = "ds"
    DP = "dp"
    INTERMEDIATE = "intermediate"
    STARTING = "starting"


ContainerScope.labelled(STARTING="starting material", DS="drug substance", DP="drug product")


class Responsible(Choice):
    """Who does a step of preparation."""

    PHARMACY = "pharmacy"
    WARD = "ward"
    SURGERY = "surgery"


class DeviceRole(Choice):
    """What a device is to the product."""

    INTEGRAL = "integral"
    DELIVERY = "delivery"
    SCAFFOLD = "scaffold"


DeviceRole.labelled(INTEGRAL="part of the product")


class CompositionLine(Record, table=True):
    """One component of the product."""

    called = ("Composition line", "Composition")
    group = GROUP
    naming = ("component", "component_name")

    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it is in.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    component: UUID | None = fact(
        "Component",
        to="material",
        ask="Material, if it is kept as one.",
        due=Stage.DOSSIER,
        when=only.is_kept_as_material,
        source=by.P_1,
    )
    component_name: str | None = fact(
        "Component (name)", ask="Name, for the active substance or what is no material.", example="CAR19 T cells"
    )
    function: str | None = fact(
        "Function", ask="What it is for.", due=Stage.DOSSIER, source=by.P_2_1, example="cryoprotectant"
    )
    quantity: Decimal | None = fact("Quantity", ask="How much.", due=Stage.DOSSIER, source=by.P_1, example="7.5")
    unit: str | None = fact("Unit", ask="Unit of the quantity.", due=Stage.DOSSIER, source=by.P_1, example="% v/v")
    basis: QuantityBasis | None = fact("Basis", ask="Of what.", due=Stage.DOSSIER, source=by.P_1)
    quantity_per_batch: str | None = fact(
        "Quantity per batch",
        ask="How much goes into a batch.",
        due=Stage.DOSSIER,
        when=only.is_test_product,
        source=by.P_3_2,
        example="3.75 mL",
    )
    standard: str | None = fact(
        "Standard", ask="Pharmacopoeia or own.", due=Stage.DOSSIER, source=by.P_1, example="Ph. Eur."
    )


_holds_product = only.where("The container holds substance or product.", scope=("ds", "dp"))


class Container(Record, table=True):
    """What holds the substance, an intermediate or the product."""

    called = ("Container", "Containers")
    group = GROUP
    naming = ("component",)

    scope: ContainerScope | None = fact("Scope", ask="What it holds.", due=Stage.DOSSIER, source=by.RULE_STAGE)
    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it holds.",
        due=Stage.DOSSIER,
        when=only.is_container_of_substance,
        source=by.RULE_REPEAT,
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it holds.",
        due=Stage.DOSSIER,
        when=only.is_container_of_product,
        source=by.RULE_REPEAT,
    )
    # A02: a vector is a starting material and yet has a container of its own
    holds: UUID | None = fact("Material held", to="material", ask="Starting material it holds, such as a vector.")
    component: str | None = fact(
        "Component", ask="Container and closure.", due=Stage.DOSSIER, source=by.P_7, example="cryobag 50 mL with ports"
    )
    material: str | None = fact("Material", ask="What it is made of.", due=Stage.DOSSIER, source=by.P_7, example="EVA")
    supplier: str | None = fact("Supplier", ask="Who supplies it.", due=Stage.DOSSIER, source=by.P_7)
    capacity: Decimal | None = fact(
        "Capacity", unit="mL", ask="Nominal volume.", due=Stage.DOSSIER, source=by.P_7, example="50"
    )
    # A07, A43, A44: fill and number of containers may follow the dose, the weight or the cell count
    fill_volume: str | None = fact(
        "Fill volume", form=Form.CRITERION, ask="Volume or range filled.", example="20–50 mL"
    )
    # A14: more is filled than can be withdrawn, and the label may name less still
    deliverable_volume: str | None = fact(
        "Volume that can be withdrawn", form=Form.CRITERION, ask="What reaches the patient.", example="≥ 18 mL"
    )
    labelled_volume: Decimal | None = fact(
        "Volume on the label", unit="mL", gt=0, ask="What the label states.", example="18"
    )
    count_rule: str | None = fact(
        "Number of containers",
        ask="Number, or the rule that decides it.",
        example="2 to 14 vials a carton, by body weight",
    )
    most_containers: int | None = fact(
        "Containers for one dose, at most", ge=1, ask="Most that one dose may need.", example="4"
    )
    standard: str | None = fact(
        "Standard", ask="Class or pharmacopoeia.", due=Stage.DOSSIER, source=by.P_7, example="CE class IIa"
    )
    sterilisation: str | None = fact(
        "Sterilisation", ask="How it was sterilised.", due=Stage.DOSSIER, source=by.P_7, example="gamma"
    )
    integrity_evidence: str | None = fact(
        "Integrity",
        form=Form.TEXT,
        ask="What shows that it keeps tight.",
        due=Stage.DOSSIER,
        when=only.is_product_container,
        source=by.P_2_4,
        example="leak test of 5 bags at −150 °C",
    )
    leachables: str | None = fact(
        "Extractables and leachables",
        form=Form.TEXT,
        ask="What the container may give off, and how that was judged.",
        due=Stage.DOSSIER,
        when=_holds_product,
        source=by.P_2_4,
        example="extractables file of the supplier, worst case 2 µg for a dose, below the threshold of concern",
    )


class Operation(Choice):
    """What is done to the product outside the GMP unit; some of it only an authorised maker may do."""

    THAW = "thaw"
    WASH = "wash"
    DILUTE = "dilute"
    RESUSPEND = "resuspend"
    FILTER = "filter"
    SPLIT_DOSE = "split_dose"
    LOAD_DEVICE = "load_device"
    MIX_WITH_CELLS = "mix_with_cells"
    UNPACK = "unpack"
    TRIM = "trim"
    CULTURE = "culture"
    ACTIVATE = "activate"
    SELECT = "select"
    MODIFY = "modify"
    FREEZE = "freeze"


Operation.labelled(
    RESUSPEND="mix or suspend again",
    LOAD_DEVICE="load a device",
    SPLIT_DOSE="split the dose",
    MIX_WITH_CELLS="mix with the patient’s cells for administration",
    TRIM="trim to size",
    SELECT="select or sort cells",
    MODIFY="modify genetically",
)


def _is_prepared(record: Any, _binder: only.Holdings) -> bool:
    """The step works on the product itself: what is done decides whether it is manufacture."""
    return any(purpose in ("thawing", "preparation") for purpose in record.purposes or ())


class AdministrationStep(Record, table=True):
    """A step between the shelf and the patient."""

    called = ("Administration step", "Administration steps")
    group = GROUP
    naming = (
        "order",
        "action",
    )

    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it is for.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    order: int | None = fact(
        "Order", ask="Place in the sequence, from 1.", due=Stage.DOSSIER, source=by.P_2_6, example="2"
    )
    action: str | None = fact(
        "Action", ask="What is done.", due=Stage.DOSSIER, source=by.P_2_6, example="thaw in a dry bath at 37 °C"
    )
    material: UUID | None = fact("Material", to="material", ask="Material used.")
    device: UUID | None = fact("Device", to="device", ask="Device used.")
    purposes: list[StepPurpose] | None = fact(
        "Purpose", ask="What the step is for.", due=Stage.DOSSIER, source=by.PROCEDURES
    )
    operations: list[Operation] | None = fact(
        "Operations",
        ask="What is done to the product.",
        due=Stage.DOSSIER,
        when=_is_prepared,
        source=by.RECONSTITUTION,
    )
    temperature: str | None = fact("Temperature", ask="In °C.", due=Stage.DOSSIER, source=by.P_2_6, example="15–25")
    time_limit: Decimal | None = fact(
        "Time limit", unit="min", ask="At most.", due=Stage.DOSSIER, source=by.P_2_6, example="30"
    )
    responsible: Responsible | None = fact("Responsible", ask="Who does it.", due=Stage.DOSSIER, source=by.P_2_6)
    training_required: bool | None = fact(
        "Training required", ask="Whether people must be trained.", due=Stage.DOSSIER, source=by.PROCEDURES
    )
    check: str | None = fact(
        "Check",
        ask="What is checked.",
        due=Stage.DOSSIER,
        source=by.P_2_6,
        example="identity of the subject, by two people",
    )


_is_delivery = only.where("The device brings the product to its place.", role="delivery")
_is_part = only.where("The device is a part of the product.", role=("integral", "scaffold"))
_is_investigated = only.where("The device bears no CE mark for this use.", role="delivery", ce_marked=False)
_is_unmarked_part = only.where(
    "A part of the product that bears no CE mark is looked at by a notified body.",
    role=("integral", "scaffold"),
    ce_marked=False,
)


class Device(Record, table=True):
    """A device, scaffold or part for delivery."""

    called = ("Device", "Devices")
    group = GROUP
    naming = ("name",)

    name: str | None = fact(
        "Device", ask="What it is.", due=Stage.DOSSIER, source=by.DEVICES, example="infusion set without filter"
    )
    role: DeviceRole | None = fact("Role", ask="What it is to the product.", due=Stage.DOSSIER, source=by.COMBINED)
    description: str | None = fact(
        "Description", form=Form.TEXT, ask="What it does.", due=Stage.DOSSIER, source=by.DEVICES
    )
    manufacturer: str | None = fact("Manufacturer", ask="Who makes it.", due=Stage.DOSSIER, source=by.DEVICES)
    # A45: the hospital may have the device already
    is_supplied: bool | None = fact("Supplied with the product", ask="Or bought by the hospital.")
    ce_class: str | None = fact("Class", ask="Risk class.", due=Stage.DOSSIER, source=by.DEVICES, example="IIa")
    ce_marked: bool | None = fact(
        "CE-marked", ask="Whether it bears the CE mark for this use.", due=Stage.DOSSIER, source=by.DEVICES
    )
    certificate_ref: UUID | None = fact(
        "Certificate",
        to="document_ref",
        ask="Certificate or declaration.",
        due=Stage.DOSSIER,
        when=only.is_ce_marked,
        source=by.DEVICES,
    )
    routes: list[Route] | None = fact(
        "Intended for",
        ask="Routes that the maker intends it for, or that the file of the investigation covers.",
        due=Stage.DOSSIER,
        when=_is_delivery,
        source=by.DEVICES,
    )
    investigation: str | None = fact(
        "File of the investigation",
        ask="File under which a device without CE mark for this use is investigated.",
        due=Stage.DOSSIER,
        when=_is_investigated,
        source=by.DEVICES,
        example="clinical investigation CIV-26-01-000123",
    )
    requirements: str | None = fact(
        "Safety and performance requirements",
        ask="What shows that they are met.",
        due=Stage.DOSSIER,
        when=_is_part,
        source=by.COMBINED,
        example="checklist of the maker, version 3",
    )
    opinion: str | None = fact(
        "Opinion of a notified body",
        ask="Its reference, or how far it is.",
        due=Stage.DOSSIER,
        when=_is_unmarked_part,
        source=by.COMBINED,
        example="asked for on 12 Mar 2026",
    )
    composition: str | None = fact(
        "Composition",
        ask="What it is made of.",
        due=Stage.DOSSIER,
        when=only.is_structural_or_unmarked,
        source=by.DEVICES,
    )
    mechanical_properties: str | None = fact(
        "Mechanical properties", ask="Strength, pore size.", due=Stage.DOSSIER, when=only.is_scaffold, source=by.DEVICES
    )
    biocompatibility_ref: str | None = fact(
        "Biocompatibility",
        ask="Report.",
        due=Stage.DOSSIER,
        when=only.is_structural_or_unmarked,
        source=by.DEVICES,
        example="ISO 10993 statement",
    )
    compatibility_ref: UUID | None = fact(
        "Compatibility study",
        to="stability_study",
        ask="Study of contact with the product.",
        due=Stage.DOSSIER,
        source=by.P_2_6,
    )
    sterilisation: str | None = fact(
        "Sterilisation",
        ask="How it was sterilised.",
        due=Stage.DOSSIER,
        when=only.is_structural_or_unmarked,
        source=by.DEVICES,
    )
