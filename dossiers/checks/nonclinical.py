"""Rules about what was seen outside humans (N2): which questions were asked, and whether they were answered."""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import CELL_BASED, EARLY, EX_VIVO, IN_VIVO, rule
from dossiers.checks.studies import EXPERIMENT, WORDS, all_of, called, is_edited, of_type
from dossiers.records.nonclinical import Evidence, NonclinicalStudy, NonclinicalType, TestArticle
from dossiers.records.process import Process, ProcessParameter
from dossiers.records.product import Product, SubType
from dossiers.records.regulatory import Sex, Trial
from dossiers.records.risks import RiskFactor
from dossiers.records.substance import Discovery, EditTarget, OffTargetSite
from dossiers.records.trials import ProtocolProvision, ProvisionTopic

CAT = "EMA/CAT/22473/2025, non-clinical part"
GENE_TRANSFER = "EMEA/CHMP/GTWP/125459/2006"


@rule(
    "N201",
    Severity.ERROR,
    "A proof of concept is there",
    why="Somebody may be exposed only where a benefit is plausible; animals, cells or literature must make it so.",
    source=(CAT, GENE_TRANSFER),
    remedy="Enter the study of effect, or the literature that shows it, as a study of primary pharmacodynamics.",
    phases=EARLY,
    section="4.2",
    reading="Literature counts where it is entered as a study with its findings; a surrogate counts where it is said "
    "how it stands for the product. A study of a part of the product alone does not.",
)
def concept_is_shown(look: Look) -> Iterator[Said]:
    product = look.product()
    studies = of_type(look, NonclinicalType.PD)
    if not studies:
        yield look.at(product, "", "No study shows that the product does what it is meant to do.")
    elif not any(_shows_effect(look, study) for study in studies):
        names = ", ".join(called(study) for study in studies)
        yield look.at(product, "", f"No study of effect used the product or a surrogate that is explained ({names}).")


def _shows_effect(look: Look, study: NonclinicalStudy) -> bool:
    evidence = look.need(study, "evidence")
    if evidence in WORDS:
        return evidence is Evidence.LITERATURE and bool(study.key_findings)
    article = look.need(study, "test_article")
    return article is TestArticle.PRODUCT or (article is TestArticle.SURROGATE and bool(study.surrogate_reason))


SAFETY = (
    NonclinicalType.TOXICOLOGY,
    NonclinicalType.BIODISTRIBUTION,
    NonclinicalType.TUMOURIGENICITY,
    NonclinicalType.SAFETY_PHARMACOLOGY,
)


@rule(
    "N202",
    Severity.WARNING,
    "Each safety study says whether it followed good laboratory practice",
    each=NonclinicalStudy,
    why="Work outside good laboratory practice is often accepted for advanced therapies; silence about it is not.",
    source=("EMA CAT statement of 2017 on GLP for ATMPs", "Directive 2004/10/EC", "MHRA common issues, non-clinical"),
    remedy="State it; where it was not followed, say why and what assures the data.",
    section="4.1",
    reading="A study that followed it in part is entered as not following it, with the reason.",
)
def laboratory_practice_is_told(look: Look, study: NonclinicalStudy) -> Iterator[Said]:
    if study.type not in SAFETY or study.evidence in (*WORDS, Evidence.IN_SILICO):
        return
    name = called(study)
    if study.glp is None and not look.is_excused(study, "glp"):
        yield look.at(study, "glp", f"{name} does not say whether it followed good laboratory practice.")
    if study.glp is False and not study.glp_reason and not look.is_excused(study, "glp_reason"):
        yield look.at(study, "glp_reason", f"{name} did not follow good laboratory practice and gives no reason.")
    if study.glp and not look.is_excused(study, "facility_country"):
        country = look.need(study, "facility_country")
        if country.upper() not in look.settings.words("glp_countries"):
            yield look.at(
                study,
                "facility_country",
                f"{name} claims good laboratory practice in {country}, whose data are not mutually accepted.",
                "Show by an inspection that the data can be accepted, or state the study as not GLP with a reason.",
            )


@rule(
    "N203",
    Severity.ERROR,
    "Where the product goes was examined",
    why="A vector in gonads or brain, or cells that lodge in the lung, decide what is watched in the trial.",
    source=("ICH S12", GENE_TRANSFER, "EMEA/CHMP/410869/2006, section 5"),
    remedy="Enter the study of biodistribution; for cells an argument will do, if the risk analysis rests on it.",
    justifiable=True,
    section="4.4",
    reading="An argument in place of a study is taken for cells only, and only where a risk names it as its evidence.",
)
def distribution_is_examined(look: Look) -> Iterator[Said]:
    product, kinds = look.product(), look.types
    studies = of_type(look, NonclinicalType.BIODISTRIBUTION)
    if not studies:
        yield look.at(product, "", "Nothing says where the product goes in the body.")
        return
    evidence = [look.need(study, "evidence") for study in studies]
    if IN_VIVO in kinds:
        if Evidence.IN_VIVO not in evidence:
            yield look.at(product, "", "The vector is given to patients, and no animal study says where it goes.")
    elif all(one in WORDS for one in evidence):
        cited = {uid for risk in look.all(RiskFactor) for uid in risk.studies or ()}
        for study in studies:
            if study.uid not in cited:
                said = f"{called(study)} argues instead of examining, and no risk rests on it."
                yield look.at(study, "evidence", said, "Name the argument as evidence of the risk that it answers.")


@rule(
    "N204",
    Severity.ERROR,
    "Whether tumours may form was examined",
    why="Animals predict it poorly, yet the question must be answered by some way.",
    source=(CAT, "EMA/CAT/571134/2009"),
    remedy="Enter a study in animals or cells; an argument will do for cells neither edited nor long cultured.",
    types=CELL_BASED,
    justifiable=True,
    section="4.7",
    reading="Doublings are taken from the parameter that limits the cell age of the process, where it counts them; a "
    "limit in passages or days is not turned into doublings. Integration is left to N205.",
)
def tumours_are_examined(look: Look) -> Iterator[Said]:
    product = look.product()
    studies = of_type(look, NonclinicalType.TUMOURIGENICITY)
    if not studies:
        yield look.at(product, "", "Nothing says whether the cells may form tumours.")
        return
    if any(look.need(study, "evidence") in EXPERIMENT for study in studies):
        return
    if why := _high_risk(look, product):
        names = ", ".join(called(study) for study in studies)
        yield look.at(product, "", f"{why}, and only an argument answers whether they form tumours ({names}).")


def _high_risk(look: Look, product: Product) -> str:
    """Why an argument does not do, or ""."""
    if product.sub_type is SubType.IPSC_DERIVED:
        return "The cells come from pluripotent cells"
    if is_edited(look, product):
        return "The genome of the cells is edited"
    limit = look.settings.number("doublings_for_tumour_study")
    for process in look.all(Process):
        parameter = look.find(ProcessParameter, process.cell_age)
        if (
            parameter
            and parameter.high
            and "doubling" in f"{parameter.name} {parameter.unit}"
            and parameter.high > limit
        ):
            return f"The cells double up to {parameter.high} times (argument enough up to {limit})"
    return ""


@rule(
    "N205",
    Severity.ERROR,
    "The risk of insertional mutagenesis was examined",
    why="Leukaemia after gene transfer to blood stem cells made this a standing question.",
    source=("EMA/CAT/190186/2012", GENE_TRANSFER),
    remedy="Enter an analysis of integration sites, an assay of immortalisation, or class data with what they show.",
    types=frozenset({EX_VIVO}),
    section="4.6",
    reading="Class data count where they are entered as literature or argument with their findings.",
)
def insertion_is_examined(look: Look) -> Iterator[Said]:
    product = look.product()
    if not look.need(product, "integrating"):
        return
    studies = of_type(look, NonclinicalType.GENOTOXICITY)
    if not studies:
        yield look.at(product, "integrating", "The vector integrates, and no study examines what that may do.")
    for study in studies:
        if study.evidence in WORDS and not study.key_findings:
            said = f"{called(study)} gives class data for the risk of integration and does not say what they show."
            yield look.at(study, "key_findings", said)


@rule(
    "N206",
    Severity.ERROR,
    "Transmission to the germline was examined",
    why="A change of the germline of the patient is barred by law; a vector in the blood may reach the gonads.",
    source=("EMEA/273974/2005", "Regulation (EU) 536/2014, art. 90"),
    remedy="Examine gonads, follow up a signal there, and lay down contraception until it is gone.",
    types=frozenset({IN_VIVO}),
    section="4.8",
)
def germline_is_examined(look: Look) -> Iterator[Said]:
    product = look.product()
    studies = of_type(look, NonclinicalType.GERMLINE)
    gonads = look.settings.words("gonads")
    seen = [
        study
        for study in of_type(look, NonclinicalType.BIODISTRIBUTION)
        if any(word in tissue.casefold() for tissue in study.tissues or () for word in gonads)
    ]
    if not studies and not seen:
        yield look.at(product, "", "Neither a study of the germline nor one that looked at gonads is there.")
    followed = any(study.evidence is Evidence.IN_VIVO for study in studies)
    yield from all_of(seen, lambda study: _signal_is_followed(look, study, followed))


def _signal_is_followed(look: Look, study: NonclinicalStudy, followed: bool) -> Iterator[Said]:
    if not look.need(study, "gonad_signal"):
        return
    if not followed:
        said = f"{called(study)} found the vector in gonads, and no animal study followed it up."
        yield look.at(study, "gonad_signal", said)
    if not _protects_offspring(look):
        said = f"{called(study)} found the vector in gonads, and the protocol lays down no contraception."
        yield look.at(study, "gonad_signal", said)


def _protects_offspring(look: Look) -> bool:
    topics = {provision.topic for provision in look.all(ProtocolProvision)}
    sexes = {sex for trial in look.all(Trial) for sex in trial.sexes or ()} or set(Sex)
    wanted = {
        ProvisionTopic.CONTRACEPTION_WOMEN if sex is Sex.WOMEN else ProvisionTopic.CONTRACEPTION_MEN for sex in sexes
    }
    return wanted <= topics


@rule(
    "N207",
    Severity.ERROR,
    "Unwanted edits were sought in the cells that matter",
    why="Prediction alone misses sites, and cell lines are not the patient’s cells; trials were held for it.",
    source=("EMA/CAT/22473/2025, genome editing", "Wills 2023"),
    remedy="Nominate sites by computation and experiment, and confirm them in the clinical cells of several donors.",
    section="4.6",
    reading="The reference asks for two or three donors: fewer than the lower number is an error, fewer than the "
    "upper a warning; both are settings.",
)
def unwanted_edits_are_sought(look: Look) -> Iterator[Said]:
    product = look.product()
    targets = look.all(EditTarget)
    if not targets and is_edited(look, product):
        said = "The genome is edited, and no target of an edit is entered, so that no unwanted site can be examined."
        yield look.at(product, "sub_type", said, "Enter each target of an edit with its guide.")
    yield from all_of(targets, lambda target: _sought(look, target))


def _sought(look: Look, target: EditTarget) -> Iterator[Said]:
    found = {look.need(site, "discovery_method") for site in look.of(OffTargetSite, edit_target=target.uid)}
    lacking = []
    if Discovery.IN_SILICO not in found:
        lacking.append("a search by computation")
    if not found & {Discovery.BIOCHEMICAL, Discovery.CELLULAR}:
        lacking.append("a search by experiment")
    studies = [s for s in of_type(look, NonclinicalType.GENOTOXICITY) if target.uid in (s.edit_targets or ())]
    apt = [s for s in studies if look.need(s, "clinical_cells")]
    if not apt:
        lacking.append("a study that confirms the sites in the clinical cell type")
    if lacking:
        yield look.at(target, "", f"The search for unwanted edits of {target.named()} lacks {', '.join(lacking)}.")
    if apt:
        study = max(apt, key=lambda s: int(look.need(s, "donors")))
        donors = study.donors or 0
        least, wanted = (look.settings.number(f"off_target_donors_{name}") for name in ("least", "wanted"))
        if donors < wanted:
            said = (
                f"{called(study)} confirmed unwanted edits of {target.named()} in cells of {donors} donors; "
                f"{wanted} are usual."
            )
            severity = Severity.ERROR if donors < least else Severity.WARNING
            yield look.at(study, "donors", said, severity=severity)
