"""What protects the subjects of a trial: sites, provisions of the protocol, other medicines, what documents say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records import particulars as states
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.records.clinical import GROUP
from dossiers.records.dossier import Language
from dossiers.records.product import Route
from dossiers.records.regulatory import TrialPhase
from dossiers.stage import Stage


class SiteTask(Choice):
    """What a trial site does with the product or with samples of treated subjects."""

    COLLECTION = "collection"
    STORAGE = "storage"
    PREPARATION = "preparation"
    ADMINISTRATION = "administration"
    SAMPLE_ANALYSIS = "sample_analysis"


SiteTask.labelled(COLLECTION="collection of starting material")


class TrialSite(Record, table=True):
    """A site at which subjects are treated or their samples examined."""

    called = ("Trial site", "Trial sites")
    group = GROUP
    naming = ("number",)

    number: str | None = fact(
        "Site number",
        ask="Number in the trial.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
        example="BE-01",
        max_length=40,
    )
    trial: UUID | None = fact(
        "Trial",
        to="trial",
        ask="Trial it takes part in.",
        due=Stage.DOSSIER,
        when=only.has_several_trials,
        source=by.CTR_ANNEX_I_G,
    )
    site: UUID | None = fact("Site", to="site", ask="The organisation.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G)
    tasks: list[SiteTask] | None = fact(
        "Tasks", ask="What it does with product or samples.", due=Stage.DOSSIER, source=by.GMO_STATUS
    )
    planned_start: dt.date | None = fact(
        "Start", ask="Day on which the site starts, planned or real.", due=Stage.DOSSIER, source=by.GMO_RULES
    )


class ProvisionTopic(Choice):
    """What a provision of the protocol is about."""

    TOXICITY_DEFINITION = "toxicity_definition"
    ESCALATION = "escalation"
    SAFETY_BOARD = "safety_board"
    CONTRACEPTION_WOMEN = "contraception_women"
    CONTRACEPTION_MEN = "contraception_men"
    PREGNANCY_TEST = "pregnancy_test"
    ALLERGY = "allergy"
    OUT_OF_SPECIFICATION = "out_of_specification"
    SAE_REPORTING = "sae_reporting"
    SUSAR_REPORTING = "susar_reporting"
    UNBLINDING = "unblinding"


ProvisionTopic.labelled(
    TOXICITY_DEFINITION="definition of dose-limiting toxicity",
    ESCALATION="dose escalation",
    SAFETY_BOARD="independent safety board",
    CONTRACEPTION_WOMEN="contraception, women",
    CONTRACEPTION_MEN="contraception, men",
    OUT_OF_SPECIFICATION="product out of specification",
    SAE_REPORTING="report of serious adverse events",
    SUSAR_REPORTING="report of SUSARs",
    UNBLINDING="emergency unblinding",
)


class Element(Choice):
    """What the provision on a product out of specification settles."""

    DECISION = "decision"
    INFORMATION = "information"
    REPORT = "report"


Element.labelled(DECISION="who decides", INFORMATION="what the patient is told", REPORT="who is told, and when")

_is_contraception = only.where(
    "Contraception is asked for during a time.", topic=("contraception_women", "contraception_men")
)
_is_allergy = only.where("What subjects may be allergic to is named.", topic="allergy")
_is_departure = only.where("Giving a product that failed must be settled in full.", topic="out_of_specification")


class ProtocolProvision(Record, table=True):
    """Something the protocol lays down to protect subjects."""

    called = ("Provision of the protocol", "Provisions of the protocol")
    group = GROUP
    naming = ("topic",)

    trial: UUID | None = fact(
        "Trial",
        to="trial",
        ask="Trial it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_trials,
        source=by.CLINICAL,
    )
    topic: ProvisionTopic | None = fact("Topic", ask="What it is about.", due=Stage.DOSSIER, source=by.FIRST_DOSE)
    provision: str | None = fact(
        "Provision",
        form=Form.TEXT,
        ask="What is laid down, in a sentence.",
        due=Stage.DOSSIER,
        source=by.FIRST_DOSE,
        example="three members outside the sponsor decide on each step of the dose",
    )
    months: Decimal | None = fact(
        "For",
        unit="months",
        ge=0,
        ask="Time after the dose; 0 if none is needed, with the reason in the provision.",
        due=Stage.DOSSIER,
        when=_is_contraception,
        source=by.CONTRACEPTION,
        example="12",
    )
    materials: list[UUID] | None = fact(
        "Materials",
        to="material",
        ask="Materials to which an allergy excludes or calls for care.",
        due=Stage.DOSSIER,
        when=_is_allergy,
        source=by.CLINICAL,
    )
    elements: list[Element] | None = fact(
        "Settles", ask="What it settles.", due=Stage.DOSSIER, when=_is_departure, source=by.EXCEPTIONAL_RELEASE
    )
    section: str | None = fact(
        "Section of the protocol",
        ask="Where it stands.",
        due=Stage.DOSSIER,
        source=by.CLINICAL,
        example="6.3",
        max_length=40,
    )


class AuxiliaryRole(Choice):
    """Why another medicine is given in the trial."""

    CONDITIONING = "conditioning"
    MOBILISATION = "mobilisation"
    PREMEDICATION = "premedication"
    RESCUE = "rescue"
    BACKGROUND = "background"


AuxiliaryRole.labelled(BACKGROUND="background treatment")


class AuxiliaryStatus(Choice):
    """Whether an auxiliary medicine is authorised."""

    AUTHORISED = "authorised"
    OTHER_USE = "other_use"
    UNAUTHORISED = "unauthorised"


AuxiliaryStatus.labelled(OTHER_USE="authorised, used outside the authorisation", UNAUTHORISED="not authorised")

_needs_own_data = only.where(
    "What is not authorised for this use needs data or reasons of its own.", status=("other_use", "unauthorised")
)


class AuxiliaryMedicine(Record, table=True):
    """A medicine that the protocol uses beside the product: conditioning, mobilisation, premedication, rescue."""

    called = ("Auxiliary medicine", "Auxiliary medicines")
    group = GROUP
    naming = ("name",)

    name: str | None = fact(
        "Medicine", ask="Active substance.", due=Stage.DOSSIER, source=by.AUXILIARY, example="fludarabine"
    )
    trial: UUID | None = fact("Trial", to="trial", ask="Trial in which it is used, if not in all.")
    role: AuxiliaryRole | None = fact("Role", ask="Why it is given.", due=Stage.DOSSIER, source=by.AUXILIARY)
    status: AuxiliaryStatus | None = fact(
        "Authorisation", ask="Whether it is authorised in the EU.", due=Stage.DOSSIER, source=by.AUXILIARY
    )
    justification: str | None = fact(
        "Data or reason",
        form=Form.TEXT,
        ask="File of the medicine, or what the other use rests on.",
        due=Stage.DOSSIER,
        when=_needs_own_data,
        source=by.AUXILIARY,
    )


class TrialDocumentKind(Choice):
    """A document of the trial that must agree with the dossier."""

    PROTOCOL = "protocol"
    BROCHURE = "brochure"
    CONSENT = "consent"
    APPLICATION_FORM = "application_form"
    FOLLOW_UP_PROTOCOL = "follow_up_protocol"
    SYNOPSIS = "synopsis"
    COVER_LETTER = "cover_letter"
    PHARMACY_MANUAL = "pharmacy_manual"


TrialDocumentKind.labelled(
    BROCHURE="investigator’s brochure",
    CONSENT="information and consent form",
    FOLLOW_UP_PROTOCOL="protocol of the long-term follow-up",
)


class ConsentTopic(Choice):
    """What a subject must be told before a trial of an advanced therapy."""

    FOLLOW_UP = "follow_up"
    GENETIC_CHANGE = "genetic_change"
    DONOR_TESTS = "donor_tests"
    FAILED_BATCH = "failed_batch"


ConsentTopic.labelled(
    FOLLOW_UP="years of follow-up",
    GENETIC_CHANGE="genetic change and its risks",
    DONOR_TESTS="tests of the donor and their results",
    FAILED_BATCH="that manufacture may fail",
)

_is_brochure = only.where("The brochure sums up the studies.", document="brochure")
_tells_reference_safety = only.where(
    "The brochure holds the reference safety information, and the form repeats which it is.",
    document=("brochure", "application_form"),
)
_tells_doses = only.where("The document names the dose levels.", document=("protocol", "brochure", "application_form"))
_tells_years = only.where(
    "The document says for how long subjects are followed.", document=("protocol", "consent", "follow_up_protocol")
)
_is_application_form = only.where("The form names the sites of manufacture.", document="application_form")
_is_consent = only.where("Subjects read it before they agree.", document="consent")


class TrialDocument(Record, table=True):
    """A document of the trial, and what it says where it must agree with the dossier."""

    called = ("Trial document", "Trial documents")
    group = GROUP
    naming = ("document", "version")

    document: TrialDocumentKind | None = fact(
        "Document", ask="Which document it is.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G
    )
    trial: UUID | None = fact(
        "Trial",
        to="trial",
        ask="Trial it belongs to.",
        due=Stage.DOSSIER,
        when=only.has_several_trials,
        source=by.CTR_ANNEX_I_G,
    )
    reference: str | None = fact("Reference", ask="Code under which it is filed.", max_length=80)
    version: str | None = fact("Version", ask="Version.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G, max_length=40)
    date: dt.date | None = fact("Date", ask="Date on it.", due=Stage.DOSSIER, source=by.CTR_ANNEX_I_G)
    studies: list[UUID] | None = fact(
        "Studies reported",
        to="nonclinical_study",
        ask="Non-clinical studies it sums up.",
        due=Stage.DOSSIER,
        when=_is_brochure,
        source=by.BROCHURE,
    )
    reference_safety: str | None = fact(
        "Reference safety information",
        ask="Section and reactions that count as expected, or that none does.",
        due=Stage.DOSSIER,
        when=_tells_reference_safety,
        source=by.BROCHURE,
        example="section 6.4: no reaction is expected",
    )
    reference_safety_date: dt.date | None = fact(
        "Reference safety information of",
        ask="Day from which it holds.",
        due=Stage.DOSSIER,
        when=_tells_reference_safety,
        source=by.BROCHURE,
    )
    dose_levels: list[str] | None = fact(
        "Dose levels",
        ask="Each level as a number in the unit of the cohorts, one on a line.",
        due=Stage.DOSSIER,
        when=_tells_doses,
        source=by.FIRST_DOSE,
        example="1e6; 3e6",
    )
    follow_up_years: Decimal | None = fact(
        "Follow-up",
        unit="years",
        ge=0,
        ask="For how long it says that subjects are followed.",
        due=Stage.DOSSIER,
        when=_tells_years,
        source=by.FOLLOW_UP,
        example="15",
    )
    languages: list[Language] | None = fact(
        "Languages", ask="Languages in which it is filed.", due=Stage.SUBMITTED, source=by.CTR_ANNEX_I_G
    )
    product_name: str | None = states.product_name()
    product_code: str | None = states.product_code()
    pharmaceutical_form: str | None = states.pharmaceutical_form()
    route: Route | None = states.route()
    strength: str | None = states.strength()
    storage: list[str] | None = states.storage()
    thawing: str | None = states.thawing()
    trial_number: str | None = states.trial_number()
    trial_title: str | None = fact("Title stated", ask="Title of the trial, as in the document.")
    phase: TrialPhase | None = fact("Phase stated", ask="Phase of the trial, as in the document.")
    indication: str | None = fact("Indication stated", ask="Spelled as in the document.")
    n_planned: int | None = fact("Subjects planned", ge=0, ask="Number planned, as in the document.")
    batch_results: list[str] | None = fact(
        "Batch results stated", ask="One a line: batch, test, result, parted by colons.", example="B-1: viability: 88 %"
    )
    cites: list[str] | None = fact(
        "Documents cited", ask="One a line: reference and version, parted by a colon.", example="IB-CAR19-01: 3.0"
    )
    sites: list[str] | None = fact(
        "Sites stated",
        ask="Sites of manufacture, testing and release, one a line: name; address; stages.",
        due=Stage.DOSSIER,
        when=_is_application_form,
        source=by.CTR_ANNEX_I_F,
        example="UZ Leuven cell therapy GMP unit; Herestraat 49, 3000 Leuven; drug product, batch release",
    )
    consent_topics: list[ConsentTopic] | None = fact(
        "Subjects are told", ask="What it explains.", due=Stage.DOSSIER, when=_is_consent, source=by.CONSENT
    )
