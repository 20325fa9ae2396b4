"""Rules about labels (L7)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from dossiers.checks import stated
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import CELL_BASED, rule
from dossiers.records.donors import DonorProgramme, DonorTest
from dossiers.records.labels import Label, LabelExtent, LabelPlace, Particular
from dossiers.records.product import GmoStatus, Origin, Product
from dossiers.stage import Stage

LISTS = {
    LabelExtent.FULL: "label_full_list",
    LabelExtent.TOGETHER: "label_short_list_together",
    LabelExtent.SMALL: "label_short_list_small",
}
ANNEX = "Regulation (EU) 536/2014 Annex VI"


def listed(particulars: list[Particular]) -> str:
    """Particulars as a sentence lists them."""
    return ", ".join(p.label for p in particulars)


@rule(
    "L701",
    Severity.ERROR,
    "A label carries the particulars of its list",
    each=Label,
    why="The list is law, and whoever inspects a label counts.",
    source=(f"{ANNEX}, section A", "Delegated Regulation (EU) 2022/2239"),
    remedy="Add what is missing to the text of the label, or name the list that it follows.",
    reading="“Keep out of reach of children” is not asked for where nobody takes the product home. The period of use "
    "is not asked for on the inner label of a short list, as since 2022 it may stand on the outer one alone.",
)
def labels_are_complete(look: Look, label: Label) -> Iterator[Said]:
    extent, particulars = look.need(label, "extent", "particulars")
    wanted = look.settings.words(LISTS[extent])
    missing = [p for p in Particular if p.value in wanted and p not in particulars]
    if Particular.CHILDREN in missing and not look.need(label, "taken_home"):
        missing.remove(Particular.CHILDREN)
    if missing:
        yield look.at(label, "particulars", f"The {label.named()} ({extent.label}) does not state: {listed(missing)}.")


@rule(
    "L702",
    Severity.ERROR,
    "A label carries what advanced therapies add",
    each=Label,
    why="A bag that reaches the wrong patient is stopped by its label, or not at all.",
    source=(
        "Directive 2006/17/EC",
        "Directive 2006/86/EC Annex II",
        "Regulation (EC) 1394/2007 art. 11, Annex III and IV (by analogy)",
        "Directive 2001/18/EC Annex IV",
    ),
    remedy="Add the statement to the text of the label.",
    reading="The statement on genetic modification is asked for products of every type, since vectors owe it as well; "
    "on the outer label where there is one. A biological hazard is asked for where a donor was not tested, or where "
    "the plan says that product of a reactive donor is made and labelled.",
)
def labels_say_what_is_special(look: Look, label: Label) -> Iterator[Said]:
    product, particulars = _product(look, label), look.need(label, "particulars")
    missing = [p for p in (*_of_cells(look, product), *_of_genes(look, product, label)) if p not in particulars]
    if missing:
        yield look.at(label, "particulars", f"The {label.named()} does not state: {listed(missing)}.")


def _product(look: Look, label: Label) -> Product:
    return look.find(Product, label.product) or look.product()


def _of_cells(look: Look, product: Product) -> Iterator[Particular]:
    if not look.types & CELL_BASED:
        return
    yield Particular.DONATION
    if look.need(product, "origin") is Origin.AUTOLOGOUS:
        yield from (Particular.AUTOLOGOUS_USE, Particular.PATIENT)
    words = look.settings.words("label_hazard_words")
    tests = look.all(DonorTest)
    programmes = look.all(DonorProgramme)
    untested = [p for p in programmes if not look.of(DonorTest, programme=p.uid)]
    if untested or any(word in (t.action_if_reactive or "").casefold() for t in tests for word in words):
        yield Particular.BIOHAZARD


def _of_genes(look: Look, product: Product, label: Label) -> Iterator[Particular]:
    has_outer = any(other.place is LabelPlace.OUTER for other in look.all(Label))
    if label.place is LabelPlace.OUTER or not has_outer:
        if not product.genetically_modified:
            return
        if look.need(product, "gmo_status") is not GmoStatus.NONE:
            yield Particular.GMO


@rule(
    "L703",
    Severity.ERROR,
    "A label agrees with the dossier",
    each=Label,
    why="The pharmacist acts on what the label says.",
    source=(ANNEX,),
    remedy="Bring the label and the dossier to the same words and numbers.",
    due=Stage.IDEA,
    reading="What a label does not state is not compared; L701 says what must stand on it. A difference of case, "
    "hyphen or space alone is a warning.",
)
def labels_agree(look: Look, label: Label) -> Iterator[Said]:
    product = _product(look, label)
    found = stated.gathered(
        partial(stated.names, look, label, product),
        partial(stated.strength, look, label, product),
        partial(stated.storage, look, label),
    )
    if label.trial_number and (number := stated.trial_number(label, stated.trial_of(look, label))):
        found.append(number)
    for one in found:
        sentence = f"The {label.named()} gives the {one.what} “{one.said}”, the dossier “{one.held}”."
        yield look.at(label, one.fact, sentence, severity=one.severity)


@rule(
    "L704",
    Severity.WARNING,
    "A label speaks the languages of its countries",
    each=Label,
    why="Each country decides on the language of labels, and asks for it at validation.",
    source=("Regulation (EU) 536/2014 art. 69",),
    remedy="Add the language, or enter who agreed to another one.",
    reading="Only countries of the table of settings are judged. A stated agreement on the language answers the rule.",
)
def labels_speak_the_language(look: Look, label: Label) -> Iterator[Said]:
    countries = look.need(label, "countries")
    if label.language_waiver:
        return
    spoken = {language.value for language in look.need(label, "languages")}
    for country in countries:
        wanted = look.settings.table("label_languages").get(country.strip().upper(), ())
        if lacking := [language for language in wanted if language not in spoken]:
            names = look.says(label, "languages")
            sentence = f"The {label.named()} is in {names}; {country} asks for {', '.join(lacking)} as well."
            yield look.at(label, "languages", sentence)


@rule(
    "L705",
    Severity.ERROR,
    "A short label has an outer one",
    each=Label,
    why="The short list is a favour that the outer packaging with the full list pays for.",
    source=(f"{ANNEX}, section A.2",),
    remedy="Add the label of the outer packaging with the full list, and say how both stay together.",
)
def short_labels_have_an_outer_one(look: Look, label: Label) -> Iterator[Said]:
    place, extent = look.need(label, "place", "extent")
    if extent is LabelExtent.FULL:
        return
    if place is LabelPlace.OUTER:
        yield look.at(label, "extent", f"The {label.named()} is an outer label and follows a short list.")
        return
    others = [o for o in look.all(Label) if o.place is LabelPlace.OUTER and o.product == label.product]
    if not any(o.extent is LabelExtent.FULL for o in others):
        yield look.at(label, "extent", f"The {label.named()} is short, and no outer label with the full list is there.")
    if not label.stays_together and not look.is_excused(label, "stays_together"):
        sentence = f"Nothing says how the packaging with the {label.named()} stays with its outer one."
        yield look.at(label, "stays_together", sentence, "Enter how inner and outer packaging are kept together.")
