"""Rules about raw materials and excipients: their origin, quality, residues, lots and doses (Q1)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import PIVOTAL, rule
from dossiers.checks.wording import listed, mentions, names
from dossiers.facts import show_date
from dossiers.records.characterisation import Impurity
from dossiers.records.clearance import ClearanceStudy
from dossiers.records.dossier import DocumentKind, DocumentRef, DocumentStatus
from dossiers.records.lots import LotStatus, MaterialLot, MaterialUse
from dossiers.records.materials import Antibiotic, Material, MaterialGrade, MaterialOrigin, MaterialRole
from dossiers.records.quality import SpecTest, TestCategory

_SPECIFIED = {
    "specification_ref": "specification or monograph",
    "coa_ref": "certificate of analysis",
    "tests_on_receipt": "test of identity",
}
_ADDED = (MaterialRole.STARTING, MaterialRole.RAW, MaterialRole.EXCIPIENT)


@rule(
    "Q101",
    Severity.ERROR,
    "Material of an animal at risk of TSE has a certificate or statement",
    each=Material,
    why="Prions can neither be tested for nor inactivated in living cells: the origin of the animal is the only "
    "barrier.",
    source=("EMA/410/01 rev. 3", "Ph. Eur. 5.2.8", "EMA/CAT/22473/2025, S.2.3 and A.2"),
    remedy="Link the certificate of suitability or the statement of its maker, as a document of the kind “TSE "
    "statement”.",
    reading="Every material that is listed counts as used, also where its step is not entered yet.",
)
def animal_material_has_a_tse_document(look: Look, material: Material) -> Iterator[Said]:
    if material.origin_type is not MaterialOrigin.ANIMAL:
        return
    species = look.need(material, "species")
    if not names(species, look.settings.words("tse_relevant_species")):
        return
    document = look.find(DocumentRef, material.tse_statement_ref)
    if document is None:
        if not look.is_excused(material, "tse_statement_ref"):
            yield look.at(
                material, "tse_statement_ref", f"{material.named()} ({species}) has no TSE certificate or statement."
            )
    elif document.type is not None and document.type is not DocumentKind.TSE:
        kind = look.says(document, "type")
        yield look.at(
            material,
            "tse_statement_ref",
            f"The TSE document of {material.named()} ({species}) is a document of another kind: {kind}.",
        )
    elif document.status is DocumentStatus.SUPERSEDED:
        yield look.at(
            material,
            "tse_statement_ref",
            f"The TSE document of {material.named()} ({species}) is superseded.",
            "Link the document that is in force.",
        )


@rule(
    "Q102",
    Severity.ERROR,
    "Animal material has evidence of its virus safety",
    each=Material,
    why="Serum and trypsin have brought animal viruses into cultures before, and cells cannot be cleared of them "
    "afterwards.",
    source=("EMA/CHMP/BWP/457920/2012 rev. 1", "EMA/CHMP/BWP/814397/2011", "ICH Q5A(R2)"),
    remedy="Enter the country of origin, and what is tested and inactivated in the source.",
    reading="Which materials must be inactivated or tested for named viruses is a setting; what was done is read "
    "from the "
    "words of one fact, and a denied word does not count.",
)
def animal_material_has_virus_evidence(look: Look, material: Material) -> Iterator[Said]:
    if material.origin_type is not MaterialOrigin.ANIMAL or material.role not in _ADDED:
        return
    for fact, what in (("country_of_origin", "from which country"), ("viral_treatment", "what is done about viruses")):
        if not getattr(material, fact) and not look.is_excused(material, fact):
            yield look.at(material, fact, f"{material.named()} comes from an animal and does not say {what}.")
    if material.viral_treatment and material.species:
        yield from _duties(look, material)


def _duties(look: Look, material: Material) -> Iterator[Said]:
    called = " ".join(filter(None, (material.name, material.tissue, material.category and material.category.label)))
    done = material.viral_treatment
    for species, words in look.settings.table("inactivated_animal_materials").items():
        is_asked = names(material.species, [species]) and names(called, words)
        if is_asked and not mentions(done, look.settings.words("virus_inactivation_words")):
            yield look.at(
                material,
                "viral_treatment",
                f"{material.named()} is {species} and names no inactivation of viruses.",
            )
    for species, asked in look.settings.table("animal_material_viruses").items():
        if names(material.species, [species]) and names(called, asked["words"]):
            missing = [virus for virus, words in asked.items() if virus != "words" and not mentions(done, words)]
            if missing:
                yield look.at(
                    material,
                    "viral_treatment",
                    f"{material.named()} is {species} and is not tested for {listed(missing)}.",
                )


@rule(
    "Q103",
    Severity.ERROR,
    "Additive of human origin is licensed or its donors are controlled",
    each=Material,
    why="Albumin, transferrin and lysates pool many donors: a licence, or full screening with a step against "
    "viruses, makes "
    "the pool safe.",
    source=("Ph. Eur. 5.2.12", "Directive 2002/98/EC", "EMA/CAT/22473/2025, S.2.3"),
    remedy="Enter the licence, or how the donors are screened and what is done against viruses.",
    reading="A material made from the patient or donor of the same batch is left to the rules about donors.",
)
def human_additive_is_safe(look: Look, material: Material) -> Iterator[Said]:
    is_added = material.role in (MaterialRole.RAW, MaterialRole.EXCIPIENT)
    if not is_added or material.origin_type is not MaterialOrigin.HUMAN or material.is_donor_bound or material.licence:
        return
    lacking = [
        what
        for fact, what in (
            ("donor_screening", "screening of its donors"),
            ("viral_treatment", "treatment against viruses"),
        )
        if not getattr(material, fact) and not look.is_excused(material, fact)
    ]
    if lacking:
        sentence = f"{material.named()} is of human origin, has no licence, and names no {listed(lacking)}."
        yield look.at(material, "licence", sentence)


@rule(
    "Q104",
    Severity.ERROR,
    "No beta-lactam antibiotic is used",
    each=Material,
    why="Traces may set off a severe allergy, and cells cannot be freed of them with certainty.",
    source=("EMEA/CHMP/410869/2006, 4.2", "EudraLex Vol. 4 Part IV, 7.2", "EMA/CAT/22473/2025, S.2.3"),
    remedy="Use another antibiotic or none; else give the reason, limit the residue, and exclude sensitised subjects.",
    justifiable=True,
    section="S.2.3.8",
    reading="A reason can answer it. Whether the protocol excludes sensitised subjects is for the person who gives the "
    "reason; the sentence says whether the residue is limited.",
)
def no_beta_lactam(look: Look, material: Material) -> Iterator[Said]:
    is_named = names(material.name, look.settings.words("beta_lactam_names"))
    if material.antibiotic is not Antibiotic.BETA_LACTAM and not is_named:
        return
    step = look.says(material, "used_in_step")
    limited = any(impurity.limit for impurity in look.of(Impurity, material=material.uid))
    yield look.at(
        material,
        "antibiotic",
        f"{material.named()} is a beta-lactam antibiotic{f', used in step {step}' if step else ''}; "
        f"its residue {'is limited' if limited else 'has no limit'}.",
    )


@rule(
    "Q105",
    Severity.WARNING,
    "What is carried over from a reagent is limited or shown to be cleared",
    each=Material,
    why="Beads, cytokines, enzymes and antibiotics reach the patient where they are not washed out.",
    source=("ICH Q6B, 2.3", "EMA/CAT/22473/2025, S.3.2 and S.4.1"),
    remedy="Enter the impurity with its limit, or a clearance study of the material.",
    justifiable=True,
    section="S.3.2.2",
    reading="Asked of the categories of a setting and of antibiotics, not of salts and media; an estimated residue "
    "of zero "
    "is an answer.",
)
def carry_over_is_limited(look: Look, material: Material) -> Iterator[Said]:
    if material.role is not MaterialRole.RAW:
        return
    is_antibiotic = material.antibiotic not in (None, Antibiotic.NONE)
    is_watched = material.category is not None and material.category.value in look.settings.words(
        "carry_over_categories"
    )
    if not (is_watched or is_antibiotic) or material.residual_estimate == 0:
        return
    if any(impurity.limit for impurity in look.of(Impurity, material=material.uid)):
        return
    if material.uid in _cleared(look):
        return
    if look.is_excused(material, "residual_estimate"):
        return
    look.need(material, "residual_estimate")
    said = f"Neither a limit nor a clearance study covers what remains of {material.named()}"
    rest = look.says(material, "residual_estimate")
    yield look.at(material, "residual_estimate", f"{said} (at most {rest} by estimate).")


def _cleared(look: Look) -> frozenset[UUID]:
    """The materials whose removal a study shows."""

    def find() -> frozenset[UUID]:
        return frozenset(uid for study in look.all(ClearanceStudy) if study.factor for uid in study.materials or ())

    return look.once("cleared materials", find)


@rule(
    "Q106",
    Severity.WARNING,
    "Material of research grade has a risk assessment",
    each=Material,
    why="Early trials may use such reagents where the risk was weighed and tests were added; a pivotal trial should "
    "not.",
    source=("Ph. Eur. 5.2.12", "EudraLex Vol. 4 Part IV, 2.3.1 and 7.2"),
    remedy="Buy a higher grade, or enter the assessment of the risk.",
    justifiable=True,
    section="S.2.3.8",
    reading="An error in confirmatory development, as the source asks; where the phase is not known it stays a "
    "warning.",
)
def research_grade_is_assessed(look: Look, material: Material) -> Iterator[Said]:
    if material.grade is not MaterialGrade.RUO or material.risk_assessment:
        return
    try:
        severity = Severity.ERROR if PIVOTAL in look.phases else None
    except Needs:
        severity = None
    sentence = f"{material.named()} is of research grade and has no assessment of its risk."
    yield look.at(material, "risk_assessment", sentence, severity=severity)


@rule(
    "Q107",
    Severity.WARNING,
    "Starting material, raw material and excipient has a specification, a certificate and a test of identity",
    each=Material,
    why="Without acceptance criteria a change at the supplier goes unseen.",
    source=("EMA/CAT/22473/2025, S.2.3 and P.4", "EudraLex Vol. 4 Part IV, 7.1 to 7.3"),
    remedy="Name the specification or monograph, link a certificate, and test identity on receipt or say why not.",
    reading="A monograph stands for a specification. Identity may be tested on receipt or in the specification; a "
    "reason "
    "may stand in its place. A material of which nothing of this is entered is not judged yet.",
)
def material_is_specified(look: Look, material: Material) -> Iterator[Said]:
    if material.role not in _ADDED:
        return
    lacking = dict(_SPECIFIED)
    if material.specification_ref or material.standard or look.is_excused(material, "specification_ref"):
        del lacking["specification_ref"]
    if material.coa_ref or look.is_excused(material, "coa_ref"):
        del lacking["coa_ref"]
    if _identity_is_shown(look, material):
        del lacking["tests_on_receipt"]
    if len(lacking) == len(_SPECIFIED):
        look.need(material, *lacking)
    if lacking:
        yield look.at(material, next(iter(lacking)), f"{material.named()} has no {listed(list(lacking.values()))}.")


def _identity_is_shown(look: Look, material: Material) -> bool:
    if material.reduced_testing or look.is_excused(material, "tests_on_receipt"):
        return True
    if any(names(test, look.settings.words("identity_words")) for test in material.tests_on_receipt or ()):
        return True
    rows = look.of(SpecTest, specification=material.specification_ref) if material.specification_ref else ()
    return any(row.category is TestCategory.IDENTITY for row in rows)


@rule(
    "Q118",
    Severity.ERROR,
    "No expired or unreleased material went into a batch",
    each=MaterialUse,
    why="A dose made from an expired vector or medium is not made as the file says.",
    source=("EudraLex Vol. 4 Part IV, 7.1 and 11.3",),
    remedy="Correct the lot or the dates; if they are right, the batch needs a deviation and a decision.",
)
def lots_in_batches_are_fit(look: Look, use: MaterialUse) -> Iterator[Said]:
    lot = look.linked(MaterialLot, use, "lot")
    batch = look.says(use, "batch")
    into = f"batch {batch}" if batch else "a batch"
    if lot.status in (LotStatus.QUARANTINE, LotStatus.REJECTED):
        yield look.at(use, "lot", f"Lot {lot.named()} went into {into}; its status is “{look.says(lot, 'status')}”.")
    elif lot.expiry is not None and use.used_on is not None and use.used_on > lot.expiry:
        yield look.at(
            use,
            "used_on",
            f"Lot {lot.named()} went into {into} on {show_date(use.used_on)}, after its expiry on "
            f"{show_date(lot.expiry)}.",
        )
    else:
        look.need(use, "used_on")
        look.need(lot, "expiry", "status")
