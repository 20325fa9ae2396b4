"""Rules about the single non-clinical studies (N2): what was tested, how it was given, how far the report is."""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.nonclinical import CAT
from dossiers.checks.rules import EARLY, EX_VIVO, IN_VIVO, rule
from dossiers.checks.studies import VIRAL, WORDS, active_constructs, called, of_type
from dossiers.facts import show_date
from dossiers.records.clinical import MeasureType, SafetyMeasure
from dossiers.records.dosing import DosingRule
from dossiers.records.formulation import AdministrationStep, Device
from dossiers.records.nonclinical import (
    Evidence,
    NonclinicalStatus,
    NonclinicalStudy,
    NonclinicalType,
    TargetQuestion,
    TestArticle,
)
from dossiers.records.product import Route, finds_by_receptor
from dossiers.records.results import Batch, TestResult
from dossiers.records.trials import TrialDocument, TrialDocumentKind
from dossiers.stage import Stage

PIVOTAL_TYPES = (NonclinicalType.TOXICOLOGY, NonclinicalType.BIODISTRIBUTION)
SAFETY_TYPES = (
    *PIVOTAL_TYPES,
    NonclinicalType.TUMOURIGENICITY,
    NonclinicalType.GENOTOXICITY,
    NonclinicalType.GERMLINE,
    NonclinicalType.SHEDDING,
)


@rule(
    "N208",
    Severity.ERROR,
    "Each study says which batch it tested, and the batch is known",
    each=NonclinicalStudy,
    why="Without the certificate of what was given, the dose of an animal says nothing about the dose of a patient.",
    source=(CAT, "ICH S6(R1), by analogy"),
    remedy="Link the batch with its process version and results, or say how the surrogate stands for the product.",
    section="4.1",
    reading="Asked of studies in animals and in vitro. A surrogate owes an explanation instead of a batch; a part of "
    "the product (a peptide, the vector alone) owes none.",
)
def test_article_is_known(look: Look, study: NonclinicalStudy) -> Iterator[Said]:
    if study.evidence in (*WORDS, Evidence.IN_SILICO) or study.test_article is TestArticle.COMPONENT:
        return
    name = called(study)
    if study.test_article is TestArticle.SURROGATE:
        if not study.surrogate_reason and not look.is_excused(study, "surrogate_reason"):
            said = f"{name} tested a surrogate and does not say how it stands for the product."
            yield look.at(study, "surrogate_reason", said)
        return
    batch = look.find(Batch, study.test_batch)
    if batch is None:
        if not look.is_excused(study, "test_batch"):
            yield look.at(study, "test_batch", f"{name} names no batch of those that are described.")
        return
    if not look.of(TestResult, batch=batch.uid):
        yield look.at(study, "test_batch", f"{name} tested batch {batch.named()}, of which no result is entered.")
    made, said_version = batch.process_version, study.process_version
    if made and said_version and made != said_version:
        told, real = look.says(study, "process_version"), look.says(batch, "process_version")
        said = f"{name} names process {told}, but batch {batch.named()} was made by {real}."
        yield look.at(study, "process_version", said)


@rule(
    "N209",
    Severity.WARNING,
    "Route, device and number of doses of a safety study are those of the trial",
    each=NonclinicalStudy,
    why="What a vector or cell does depends on where it is put, with what, and how often.",
    source=("EMEA/CHMP/GTWP/125459/2006", "EMEA/CHMP/SWP/28367/07 rev. 1"),
    remedy="Say why the study still speaks for the trial.",
    justifiable=True,
    section="4.5",
    reading="Asked of animal studies of toxicity and distribution. A device is asked for only by the routes that the "
    "setting names, since an infusion set does not change what is examined.",
)
def study_is_like_the_trial(look: Look, study: NonclinicalStudy) -> Iterator[Said]:
    if study.type not in PIVOTAL_TYPES or look.need(study, "evidence") is not Evidence.IN_VIVO:
        return
    product = look.product()
    route = look.need(product, "route")
    words = look.settings.table("route_words").get(str(route), (str(route).replace("_", " "),))
    given = look.need(study, "route")
    name = called(study)
    if route is not Route.OTHER and not any(word in given.casefold() for word in words):
        yield look.at(study, "route", f"{name} gave the product “{given}”; the route of the trial is {route.label}.")
    if str(route) in look.settings.words("routes_that_need_the_device"):
        yield from _device_differs(look, study)
    most = max((rule.max_doses or 0 for rule in look.all(DosingRule)), default=0)
    if most and (doses := study.doses_given) is not None and doses < most:
        yield look.at(
            study, "doses_given", f"{name} gave {doses} dose(s) to each animal; the trial gives up to {most}."
        )


def _device_differs(look: Look, study: NonclinicalStudy) -> Iterator[Said]:
    clinical = {step.device for step in look.all(AdministrationStep) if step.device}
    if not clinical or look.is_excused(study, "device"):
        return
    names = ", ".join(device.named() for device in look.named(Device, sorted(clinical, key=str)))
    if study.device is None:
        said = f"{called(study)} does not say with which device it was given; the trial uses {names}."
        yield look.at(study, "device", said, "Name the device of the study.")
    elif study.device not in clinical:
        said = f"{called(study)} used {look.says(study, 'device')}; the trial uses {names}."
        yield look.at(study, "device", said)


@rule(
    "N211",
    Severity.WARNING,
    "The reports of safety studies are final, or the day is named",
    each=NonclinicalStudy,
    why="An audited draft is accepted only with the day on which the final report will follow.",
    source=("EMEA/CHMP/SWP/28367/07 rev. 1", "Regulation (EU) 536/2014, Annex I"),
    remedy="Finish the report, or name the day on which it will be final and promise it as a commitment.",
    due=Stage.SUBMITTED,
    section="4.1",
    reading="A study that runs is accepted with a day that is still to come; one of toxicity or distribution that has "
    "not begun is not.",
)
def report_is_final(look: Look, study: NonclinicalStudy) -> Iterator[Said]:
    if study.type not in SAFETY_TYPES:
        return
    status = look.need(study, "status")
    if status is NonclinicalStatus.FINAL:
        return
    name = called(study)
    if status is NonclinicalStatus.PLANNED and study.type in PIVOTAL_TYPES:
        yield look.at(study, "status", f"{name} is planned only; nothing of it can support the trial.")
    elif study.report_due is None:
        yield look.at(study, "report_due", f"{name} is {status.label}, and no day is named for the final report.")
    elif study.report_due < look.on:
        said = f"{name} is {status.label}, though its final report was expected by {show_date(study.report_due)}."
        yield look.at(study, "report_due", said)


@rule(
    "N212",
    Severity.WARNING,
    "Shedding was examined, or will be",
    why="What is shed, and for how long, decides on the environment and on what contacts are told.",
    source=("EMEA/CHMP/ICH/449035/2009",),
    remedy="Enter the study of shedding, or plan samples of excreta in the trial with the point at which they end.",
    types=frozenset({IN_VIVO}),
    section="4.4",
    reading="Either data or a clinical plan will do; a plan names excreta and says when sampling ends.",
)
def shedding_is_examined(look: Look) -> Iterator[Said]:
    product = look.product()
    if not any(construct.type in VIRAL for construct in active_constructs(look)):
        return
    excreta = look.settings.words("excreta")
    studies = of_type(look, NonclinicalType.SHEDDING)
    if any(study.evidence is not Evidence.ARGUMENT and _among(study.tissues, excreta) for study in studies):
        return
    plans = [m for m in look.of(SafetyMeasure, type=MeasureType.SAMPLING) if _among(m.matrices, excreta)]
    for plan in plans:
        if not plan.ends_when and not look.is_excused(plan, "ends_when"):
            said = f"Samples of {look.says(plan, 'matrices')} are planned without the point at which they end."
            yield look.at(plan, "ends_when", said)
    if not plans:
        yield look.at(product, "", "No study and no plan of the trial says whether the vector is shed.")


def _among(said: list[str] | None, words: frozenset[str]) -> bool:
    return any(word in one.casefold() for one in said or () for word in words)


@rule(
    "N213",
    Severity.ERROR,
    "The target of a new receptor is safe",
    why="A receptor once met a protein of the heart that nobody had looked at; such events can be foreseen.",
    source=("EMA/CAT/GTWP/671639/2008 rev. 1, non-clinical part", CAT),
    remedy="Enter the study that answers the question, and name the question in it.",
    types=frozenset({EX_VIVO}),
    phases=EARLY,
    section="4.3",
    reading="Asked where the binder is said to be new. A chimeric receptor owes two answers, a T-cell receptor four.",
)
def target_is_safe(look: Look) -> Iterator[Said]:
    product = look.product()
    if not finds_by_receptor(product, look.holdings) or not look.need(product, "new_binder"):
        return
    asked = look.settings.table("binder_questions")
    wanted = asked.get(str(product.sub_type), asked.get("other", ()))
    studies = look.all(NonclinicalStudy)
    answered = {str(question) for study in studies for question in study.target_questions or ()}
    lacking = [question for question in TargetQuestion if question in wanted and question not in answered]
    if not lacking:
        return
    for study in of_type(look, NonclinicalType.SAFETY_PHARMACOLOGY):
        if not look.is_excused(study, "target_questions"):
            look.need(study, "target_questions")
    names = ", ".join(question.label for question in lacking)
    yield look.at(product, "new_binder", f"The binder is new, and no study answers: {names}.")


@rule(
    "N214",
    Severity.WARNING,
    "The brochure reports the studies of the dossier",
    each=TrialDocument,
    why="A trial was held because its brochure lacked newer studies that the dossier had.",
    source=("ICH E6, section on the brochure", "Regulation (EU) 536/2014, Annex I.E", "Wills 2023, table 1"),
    remedy="Bring the brochure up to date, or take out of the dossier what no longer holds.",
    section="4.1",
    reading="Studies that are only planned need not be in the brochure. Versions of reports are compared by date.",
)
def brochure_is_complete(look: Look, document: TrialDocument) -> Iterator[Said]:
    if document.document is not TrialDocumentKind.BROCHURE:
        return
    told = set(look.need(document, "studies"))
    held = {s.uid: s for s in look.all(NonclinicalStudy) if s.status is not NonclinicalStatus.PLANNED}
    for study in held.values():
        if study.uid not in told:
            yield look.at(document, "studies", f"Study {called(study)} is in the dossier and not in the brochure.")
        elif document.date and study.report_date and study.report_date > document.date:
            said = (
                f"The brochure of {show_date(document.date)} is older than the report of study {called(study)} "
                f"({show_date(study.report_date)})."
            )
            yield look.at(document, "date", said)
    if told - set(held):
        yield look.at(document, "studies", "The brochure reports a study that the dossier does not hold as done.")


@rule(
    "N215",
    Severity.INFO,
    "Each study names its assays, their methods and how far these are validated",
    each=NonclinicalStudy,
    why="A number without its method cannot be weighed; reviewers name this gap often.",
    source=("MHRA common issues, non-clinical",),
    remedy="Enter one line for each assay: what is measured, the method, how far it is validated.",
    section="4.1",
)
def assays_are_named(look: Look, study: NonclinicalStudy) -> Iterator[Said]:
    if study.evidence in WORDS or look.is_excused(study, "assays"):
        return
    if not study.assays:
        yield look.at(study, "assays", f"{called(study)} names no assay.")
    for line in study.assays or ():
        parts = [part.strip() for part in line.split(":")]
        if len(parts) < 3 or not all(parts[:3]):
            said = f"{called(study)}: “{line}” does not name method and state of validation."
            yield look.at(study, "assays", said)
