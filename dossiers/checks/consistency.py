"""Rules about agreement between the dossier and the documents of the trial (X5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks import stated
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import GENE, rule
from dossiers.checks.seen import bare
from dossiers.checks.stated import Difference
from dossiers.facts import is_empty
from dossiers.limits import show_number
from dossiers.records.clinical import MeasureType, SafetyMeasure
from dossiers.records.dossier import DocumentKind, DocumentRef, DocumentStatus
from dossiers.records.formulation import AdministrationStep
from dossiers.records.gmo import GmoPermit
from dossiers.records.handling import StepPurpose
from dossiers.records.labels import Label
from dossiers.records.product import GmoStatus
from dossiers.records.regulatory import RegulatoryTrack, TrackKind, Trial
from dossiers.records.sites import Site
from dossiers.records.trials import TrialDocument, TrialDocumentKind, TrialSite
from dossiers.stage import Stage

ANNEX = "Regulation (EU) 536/2014 Annex I"
ONE_SIDE = (
    "Each document is compared with the dossier, which holds the fact once, rather than with every other document, so "
    "that a difference is told once. What a document does not state is not compared."
)


def told(look: Look, document: TrialDocument, found: list[Difference]) -> Iterator[Said]:
    """A finding for each difference between a document and the dossier."""
    for one in found:
        sentence = f"The {document.named()} gives the {one.what} “{one.said}”, the dossier “{one.held}”."
        yield look.at(document, one.fact, sentence, severity=one.severity)


@rule(
    "X501",
    Severity.ERROR,
    "Name, code, form and route are the same in all documents",
    each=TrialDocument,
    why="A code that differs can be read as another product.",
    source=(ANNEX,),
    remedy="Use one spelling in all documents, and in the product’s own record.",
    due=Stage.IDEA,
    reading=f"{ONE_SIDE} Case, hyphens and spaces alone make a warning. Labels are compared by L703.",
)
def documents_name_one_product(look: Look, document: TrialDocument) -> Iterator[Said]:
    yield from told(look, document, stated.names(look, document, look.product()))


@rule(
    "X505",
    Severity.ERROR,
    "Storage, transport, thawing and use agree",
    each=TrialDocument,
    why="Staff follow the document at hand, which is not always the strictest.",
    source=(ANNEX, "EMA/CAT/22473/2025, P.8"),
    remedy="Bring the document and the shelf life claimed to the same conditions and times.",
    due=Stage.IDEA,
    reading=f"{ONE_SIDE} Conditions and times are compared by what they mean: 0.5 h is 30 min.",
)
def documents_store_alike(look: Look, document: TrialDocument) -> Iterator[Said]:
    yield from told(
        look,
        document,
        stated.gathered(partial(stated.storage, look, document), partial(_thawing, look, document)),
    )


def _thawing(look: Look, document: TrialDocument) -> Iterator[Difference]:
    if not document.thawing:
        return
    steps = [s for s in look.all(AdministrationStep) if StepPurpose.THAWING in (s.purposes or ())]
    if not steps:
        unmarked = [s for s in look.all(AdministrationStep) if not s.purposes]
        nothing = Origin(AdministrationStep.kind(), "", "", "")
        raise Needs(*([origin(bare(s), "purposes") for s in unmarked] or [nothing]))
    held = [look.need(step, "temperature") for step in steps]
    if not any(stated.same_amount(document.thawing, one) for one in held):
        yield Difference("thawing", "temperature of thawing", document.thawing, held[0])


TRIAL_FACTS = (
    ("trial_title", "title", "title of the trial"),
    ("phase", "phase", "phase"),
    ("n_planned", "n_planned", "number of subjects planned"),
)


@rule(
    "X507",
    Severity.WARNING,
    "Number, title, phase, indication and size of the trial agree",
    each=TrialDocument,
    why="A small mismatch costs a round of validation.",
    source=(ANNEX,),
    remedy="Bring the document and the record of the trial to the same words and numbers.",
    due=Stage.IDEA,
    reading=f"{ONE_SIDE} Dose levels are compared by C310, years of follow-up by X513. The reference names sites in "
    "its title alone, and no document is asked for them.",
)
def documents_describe_one_trial(look: Look, document: TrialDocument) -> Iterator[Said]:
    trial = stated.trial_of(look, document)
    if trial is None:
        raise Needs(origin(bare(document), "trial"))

    def of_trial(mine: str, theirs: str, what: str) -> Iterator[Difference]:
        said = getattr(document, mine)
        if not is_empty(said) and (found := stated.differing((mine, what), said, look.need(trial, theirs))):
            yield found

    parts: list[Callable[[], Iterator[Difference]]] = [partial(of_trial, *row) for row in TRIAL_FACTS]
    parts.append(partial(_indication, look, document))
    found = stated.gathered(*parts)
    if (wrong := stated.trial_number(document, trial)) is not None:
        found.append(wrong)
    yield from told(look, document, found)


def _indication(look: Look, document: TrialDocument) -> Iterator[Difference]:
    if document.indication and (
        found := stated.differing(
            ("indication", "indication"), document.indication, look.need(look.product(), "indication")
        )
    ):
        yield found


@rule(
    "X513",
    Severity.ERROR,
    "The years of follow-up agree",
    each=TrialDocument,
    why="Whoever consents to five years cannot be followed for fifteen.",
    source=("C(2019) 7140 (GCP for ATMPs)", "CHMP/GTWP/60436/07"),
    remedy="Bring protocol, consent and the protocol of the follow-up to the same years.",
    types=GENE,
    due=Stage.IDEA,
    reading="Each document is compared with the longest follow-up among the safety measures, which the dossier prints.",
)
def years_of_follow_up_agree(look: Look, document: TrialDocument) -> Iterator[Said]:
    if document.follow_up_years is None:
        return
    measures = look.of(SafetyMeasure, type=MeasureType.FOLLOW_UP)
    years = [m.period_years for m in measures if m.period_years is not None]
    if not years:
        nothing = Origin(SafetyMeasure.kind(), "", "", "period_years")
        raise Needs(*([origin(bare(m), "period_years") for m in measures] or [nothing]))
    said, held = document.follow_up_years, max(years)
    if said != held:
        sentence = (
            f"The {document.named()} says {show_number(said)}\u00a0years of follow-up, the plan {show_number(held)}."
        )
        yield look.at(document, "follow_up_years", sentence)


# ---------------------------------------------------------------- what is filed


@rule(
    "X514",
    Severity.ERROR,
    "The documents that are filed are there",
    why="Many applications fail at the first hurdle, for a document that is missing, undated or in the wrong language.",
    source=(ANNEX, "MHRA, common issues at validation"),
    remedy="Enter the document with its version, date and languages.",
    due=Stage.SUBMITTED,
    reading="Asked when the application is filed. Proof of fee, data protection and documents of sites are made "
    "outside the dossier and are not asked for. The parts of the dossier themselves count as filed by their version on "
    "the cover. A label may be a document or a record of its text.",
)
def filed_documents_are_there(look: Look) -> Iterator[Said]:
    yield from _of_trial(look)
    yield from _of_dossier(look)
    yield from _reference_safety(look)
    yield from _by_law(look)


def _of_trial(look: Look) -> Iterator[Said]:
    wanted = look.settings.words("filed_documents")
    for kind in TrialDocumentKind:
        if kind.value not in wanted:
            continue
        found = look.of(TrialDocument, document=kind)
        if not found:
            yield look.missing(TrialDocument, f"No {kind.label} is entered.", name="document")
        for document in found:
            if document.date is None and not look.is_excused(document, "date"):
                yield look.at(document, "date", f"The {document.named()} has no date.")
            yield from _languages(look, document, kind)


def _languages(look: Look, document: TrialDocument, kind: TrialDocumentKind) -> Iterator[Said]:
    if look.settings.table("document_languages").get(kind.value) != "national":
        return
    if not document.languages and not look.is_excused(document, "languages"):
        yield look.at(document, "languages", f"Nothing says in which languages the {document.named()} is filed.")
        return
    spoken = {language.value for language in document.languages or ()}
    sites = (look.find(Site, ts.site) for ts in look.all(TrialSite))
    for country in sorted({s.country.upper() for s in sites if s is not None and s.country}):
        lacking = [w for w in look.settings.table("national_languages").get(country, ()) if w not in spoken]
        if lacking and spoken:
            sentence = f"The {document.named()} is not filed in {', '.join(lacking)}, asked for in {country}."
            yield look.at(document, "languages", sentence)


def _of_dossier(look: Look) -> Iterator[Said]:
    documents = look.all(DocumentRef)
    kinds = {d.type for d in documents if d.status is not DocumentStatus.SUPERSEDED}
    if DocumentKind.COVER not in kinds:
        yield look.missing(DocumentRef, "No version of the dossier itself is entered.", name="type")
    if DocumentKind.LABEL not in kinds and not look.all(Label):
        yield look.missing(Label, "No label is entered.")
    if not kinds & {DocumentKind.MIA, DocumentKind.QP_DECLARATION}:
        what = "Neither a manufacturing authorisation nor a declaration of the qualified person is entered."
        yield look.missing(DocumentRef, what, name="type")


def _reference_safety(look: Look) -> Iterator[Said]:
    brochures = look.of(TrialDocument, document=TrialDocumentKind.BROCHURE)
    if brochures and not any(b.reference_safety for b in brochures):
        yield look.at(brochures[0], "reference_safety", "The brochure names no reference safety information.")


def _by_law(look: Look) -> Iterator[Said]:
    product = look.product()
    if product.genetically_modified and product.gmo_status is not GmoStatus.NONE:
        filed = [d for d in look.all(DocumentRef) if d.type is DocumentKind.GMO_DOSSIER]
        if not filed and not look.all(GmoPermit):
            yield look.missing(
                GmoPermit, "The product is genetically modified, and no evidence of a permit is entered."
            )
    adult = look.settings.number("adult_age")
    young = [t for t in look.all(Trial) if any(age < adult for age in ages(t.population or ""))]
    plans = [t for t in look.all(RegulatoryTrack) if t.track is TrackKind.PAEDIATRIC_PLAN]
    if young and not plans:
        sentence = f"The trial {young[0].named()} takes in minors, and no paediatric plan is entered."
        yield look.missing(RegulatoryTrack, sentence, name="track")


def ages(text: str) -> Iterator[int]:
    """The ages in years that a population names: "2 to 80 years" gives 2 and 80."""
    for found in re.finditer(r"(\d{1,3})(?:\s*(?:to|–|-)\s*(\d{1,3}))?\s*(?:\u00a0)?years", text):
        yield from (int(age) for age in found.groups() if age is not None)
