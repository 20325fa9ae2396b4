"""Labels: which particulars stand on the container and on its outer packaging, and in which languages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records import particulars as states
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.dossier import Language
from dossiers.records.handling import GROUP
from dossiers.records.product import Route
from dossiers.stage import Stage


class LabelPlace(Choice):
    """What a label is on."""

    IMMEDIATE = "immediate"
    OUTER = "outer"


LabelPlace.labelled(IMMEDIATE="immediate packaging", OUTER="outer packaging")


class LabelExtent(Choice):
    """Which list of particulars a label follows."""

    FULL = "full"
    TOGETHER = "together"
    SMALL = "small"


LabelExtent.labelled(
    FULL="full list",
    TOGETHER="short list, inner and outer packaging stay together",
    SMALL="short list, small container",
)


class Particular(Choice):
    """Something that a label states."""

    CONTACT = "contact"
    SUBSTANCE = "substance"
    FORM_ROUTE_QUANTITY = "form_route_quantity"
    BATCH = "batch"
    TRIAL = "trial"
    SUBJECT = "subject"
    INVESTIGATOR = "investigator"
    DIRECTIONS = "directions"
    TRIAL_USE = "trial_use"
    STORAGE = "storage"
    PERIOD_OF_USE = "period_of_use"
    CHILDREN = "children"
    AUTOLOGOUS_USE = "autologous_use"
    PATIENT = "patient"
    DONATION = "donation"
    GMO = "gmo"
    BIOHAZARD = "biohazard"


Particular.labelled(
    CONTACT="main contact",
    SUBSTANCE="name, strength",
    FORM_ROUTE_QUANTITY="form, route, quantity",
    BATCH="batch or code number",
    TRIAL="reference of the trial",
    SUBJECT="subject number",
    INVESTIGATOR="investigator",
    DIRECTIONS="directions for use",
    TRIAL_USE="“for clinical trial use only”",
    PERIOD_OF_USE="period of use",
    CHILDREN="“keep out of reach of children”",
    AUTOLOGOUS_USE="“for autologous use only”",
    PATIENT="identifier of the patient",
    DONATION="unique code of donation and product",
    GMO="statement on genetic modification",
    BIOHAZARD="biological hazard",
)

_is_short = only.where("The short list is allowed under conditions.", extent=("together", "small"))
_is_immediate = only.where("The label is on a container.", place="immediate")


def _may_be_foreign(record: Any, _binder: only.Holdings) -> bool:
    """No language is named: then somebody must have agreed to that."""
    return not record.languages


class Label(Record, table=True):
    """The text of one label of the product, for the countries that use it."""

    called = ("Label", "Labels")
    group = GROUP
    naming = ("title",)

    title: str | None = fact(
        "Label", ask="What it is called.", due=Stage.DOSSIER, source=by.LABELLING, example="label of the cryobag, BE"
    )
    document: UUID | None = fact(
        "Document", to="document_ref", ask="Document that holds its text.", due=Stage.DOSSIER, source=by.LABELLING
    )
    product: UUID | None = fact(
        "Product",
        to="product",
        ask="Product it is for.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    place: LabelPlace | None = fact("Place", ask="What it is on.", due=Stage.DOSSIER, source=by.LABELLING)
    container: UUID | None = fact(
        "Container",
        to="container",
        ask="Container it is on.",
        due=Stage.DOSSIER,
        when=_is_immediate,
        source=by.LABELLING,
    )
    countries: list[str] | None = fact(
        "Countries",
        ask="Where it is used, two letters, one on a line.",
        due=Stage.DOSSIER,
        source=by.LABELLING,
        example="BE; NL",
    )
    languages: list[Language] | None = fact(
        "Languages", ask="Languages of its text.", due=Stage.DOSSIER, source=by.LABELLING
    )
    language_waiver: str | None = fact(
        "Agreement on the language",
        ask="Why another language is accepted, and by whom.",
        due=Stage.DOSSIER,
        when=_may_be_foreign,
        source=by.LABELLING,
        example="handled by hospital staff only; English accepted by the authority",
    )
    taken_home: bool | None = fact(
        "Taken home", ask="Whether subjects take the product home.", due=Stage.DOSSIER, source=by.LABELLING
    )
    extent: LabelExtent | None = fact(
        "List followed", ask="Full or short list of particulars.", due=Stage.DOSSIER, source=by.LABELLING
    )
    stays_together: str | None = fact(
        "Kept together",
        form=Form.TEXT,
        ask="How it is made sure that container and outer packaging stay together.",
        due=Stage.DOSSIER,
        when=_is_short,
        source=by.LABELLING,
        example="the bag stays in its labelled overwrap until the bedside",
    )
    particulars: list[Particular] | None = fact(
        "Particulars", ask="What it states.", due=Stage.DOSSIER, source=by.LABELLING
    )
    product_name: str | None = states.product_name()
    product_code: str | None = states.product_code()
    pharmaceutical_form: str | None = states.pharmaceutical_form()
    route: Route | None = states.route()
    strength: str | None = states.strength()
    storage: list[str] | None = states.storage()
    trial_number: str | None = states.trial_number()
