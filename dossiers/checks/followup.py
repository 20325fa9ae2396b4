"""Rules about what goes on after the dose (C3): years of follow-up, offspring, allergies, what subjects are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from dossiers.checks.clinical import documents, provisions
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import GENE, IN_VIVO, rule
from dossiers.checks.studies import active_constructs, all_of, called, is_edited, is_under_way, of_trial, of_type
from dossiers.facts import NBSP
from dossiers.limits import show_number
from dossiers.records.characterisation import Impurity
from dossiers.records.clinical import MeasureType, SafetyMeasure
from dossiers.records.materials import Antibiotic, Material, MaterialCategory, MaterialRole
from dossiers.records.nonclinical import NonclinicalType
from dossiers.records.product import Origin as CellOrigin
from dossiers.records.regulatory import Sex, Trial
from dossiers.records.trials import (
    AuxiliaryMedicine,
    ConsentTopic,
    ProtocolProvision,
    ProvisionTopic,
    TrialDocumentKind,
)
from dossiers.stage import Stage

DAYS_IN_A_MONTH = Decimal("30.4")
LONGEST = 10_000  # days; more than any study lasts
TOPICS = {Sex.WOMEN: ProvisionTopic.CONTRACEPTION_WOMEN, Sex.MEN: ProvisionTopic.CONTRACEPTION_MEN}


def years_held(look: Look, trial: Trial) -> tuple[Decimal | None, SafetyMeasure | None]:
    """The longest follow-up of the trial in years, and the measure that says it; None where no measure is there.

    Raises `Needs` where follow-up is planned and none of it says for how long.
    """
    measures = [m for m in of_trial(look, SafetyMeasure, trial) if m.type is MeasureType.FOLLOW_UP]
    known = [(m.period_years, m) for m in measures if m.period_years is not None]
    if measures and not known:
        look.need(measures[0], "period_years")
    return max(known, key=lambda one: one[0], default=(None, None))


@rule(
    "C303",
    Severity.ERROR,
    "Subjects are followed as long as the vector asks for",
    each=Trial,
    why="Cancer after an insertion appears years later; who is not followed is not found.",
    source=("CHMP/GTWP/60436/2007", "EMA/149995/2008", "C(2019) 7140"),
    remedy="Plan the follow-up for the years named, in this trial or in a protocol of its own.",
    types=GENE,
    section="5.7",
    reading="Years by what changes the genome: integration and editing first, then the vector. For what the setting "
    "does not name, a follow-up of any length by the risk analysis will do. A protocol of its own counts by its "
    "measure.",
)
def follow_up_is_long_enough(look: Look, trial: Trial) -> Iterator[Said]:
    if not is_under_way(look, trial):
        return
    wanted, why = _years_wanted(look)
    held, measure = years_held(look, trial)
    asked = f" ({show_number(wanted)}{NBSP}years are expected: {why})" if wanted else ""
    if measure is None or held is None:
        yield look.at(trial, "", f"{trial.named()} plans no long-term follow-up{asked}.")
    elif held < wanted:
        said = f"Subjects of {trial.named()} are followed for {show_number(held)}{NBSP}years{asked}."
        yield look.at(measure, "period_years", said)


def _years_wanted(look: Look) -> tuple[Decimal, str]:
    table = look.settings.table("follow_up_years")
    product = look.product()
    if is_edited(look, product):
        return Decimal(str(table.get("edited", 0))), "the genome is edited"
    if look.need(product, "integrating"):
        return Decimal(str(table.get("integrating", 0))), "the vector integrates"
    kinds = {c.type for c in active_constructs(look) if c.type}
    found = [(Decimal(str(table[kind.value])), kind.label) for kind in kinds if kind.value in table]
    return max(found, default=(Decimal(0), ""))


@rule(
    "C304",
    Severity.ERROR,
    "Contraception and tests of pregnancy are laid down for long enough",
    each=Trial,
    why="Conditioning harms the unborn, a vector may be in semen, and both reviewers and inspectors look for it.",
    source=("HMA CTFG/CTCG recommendations on contraception", "MHRA common issues"),
    remedy="Lay down method and months for each sex that takes part, and the tests of pregnancy.",
    section="5.6",
    reading="Asked for the sexes that take part; of men only where the product is genetically modified or a medicine "
    "of the protocol asks for it. A provision that none is needed, with its reason, counts. Months are held against "
    "what conditioning asks for and, for vectors given to patients, the last day on which animals still had vector.",
)
def offspring_is_protected(look: Look, trial: Trial) -> Iterator[Said]:
    if not is_under_way(look, trial):
        return
    sexes = look.need(trial, "sexes")
    wanted = {sex: _months_wanted(look, trial, sex) for sex in Sex if sex in sexes}
    topics = []
    if Sex.WOMEN in wanted:
        topics += [TOPICS[Sex.WOMEN], ProvisionTopic.PREGNANCY_TEST]
    if Sex.MEN in wanted and (look.product().genetically_modified or wanted[Sex.MEN][0]):
        topics.append(TOPICS[Sex.MEN])
    lacking = [topic.label for topic in topics if not provisions(look, trial, topic)]
    if lacking:
        yield look.at(trial, "", f"The protocol of {trial.named()} lacks: {', '.join(lacking)}.")
        return
    owed = [(provision, *asked) for sex, asked in wanted.items() for provision in provisions(look, trial, TOPICS[sex])]
    yield from all_of(owed, lambda one: _is_too_short(look, *one))


def _is_too_short(look: Look, provision: ProtocolProvision, months: Decimal, why: str) -> Iterator[Said]:
    held = look.need(provision, "months") if months else months
    if held < months:
        said = (
            f"Contraception lasts {show_number(held)}{NBSP}months; {why} asks for "
            f"{show_number(months)}{NBSP}months after it."
        )
        yield look.at(provision, "months", said)


def _months_wanted(look: Look, trial: Trial, sex: Sex) -> tuple[Decimal, str]:
    """(months of contraception, what asks for them) for one sex; (0, "") where nothing does."""
    found = [(Decimal(0), "")]
    for medicine in of_trial(look, AuxiliaryMedicine, trial):
        for name, by_sex in look.settings.table("contraception_after").items():
            if name in (medicine.name or "").casefold() and sex.value in by_sex:
                found.append((Decimal(str(by_sex[sex.value])), medicine.named()))
    if IN_VIVO in look.types:
        for study in of_type(look, NonclinicalType.GERMLINE, NonclinicalType.SHEDDING):
            if study.last_found_day:
                months = round(min(study.last_found_day, LONGEST) / DAYS_IN_A_MONTH, 1)
                found.append((months, f"vector until day {study.last_found_day} in {called(study)}"))
    return max(found, key=lambda one: one[0])


@rule(
    "C307",
    Severity.WARNING,
    "What may cause an allergy is mirrored in the protocol",
    each=Material,
    why="It links quality and protocol, and is often forgotten.",
    source=("EMA/CAT/22473/2025, clinical part",),
    remedy="Name the material in the provision on allergies, or reformulate.",
    section="5.6",
    reading="Asked of excipients, scaffolds and materials of which a residue is estimated or listed as an impurity, by "
    "the antibiotic or by the words of the setting. The patient’s own material is left out.",
)
def allergy_is_mirrored(look: Look, material: Material) -> Iterator[Said]:
    if material.is_donor_bound or not (why := _allergen(look, material)) or not _stays(look, material):
        return
    named = {uid for one in look.of(ProtocolProvision, topic=ProvisionTopic.ALLERGY) for uid in one.materials or ()}
    if material.uid not in named:
        said = f"{material.named()} ({why}) reaches the patient, and the protocol names no allergy to it."
        yield look.at(material, "", said)


def _allergen(look: Look, material: Material) -> str:
    if material.antibiotic not in (None, Antibiotic.NONE):
        return f"antibiotic, {material.antibiotic.label}"
    said = f"{material.name or ''} {material.species or ''}".casefold()
    for kind, words in look.settings.table("allergens").items():
        if any(re.search(rf"\b{re.escape(word)}\b", said) for word in words):
            return kind
    return ""


def _stays(look: Look, material: Material) -> bool:
    if material.role is MaterialRole.EXCIPIENT or material.category is MaterialCategory.SCAFFOLD:
        return True
    return bool(material.residual_estimate) or bool(look.of(Impurity, material=material.uid))


@rule(
    "C311",
    Severity.WARNING,
    "Subjects are told of follow-up, genetic change, donor tests and failed batches",
    each=Trial,
    why="Objections to the consent form stop a trial as surely as those to its science.",
    source=("Regulation (EU) 536/2014, art. 29", "C(2019) 7140"),
    remedy="Bring the consent form up to date.",
    section="5.1",
    due=Stage.SUBMITTED,
    reading="Asked by the product: years of follow-up where any is planned, genetic change where it is modified, tests "
    "of the donor where cells are given, failure of manufacture where the cells are the patient’s own.",
)
def consent_is_complete(look: Look, trial: Trial) -> Iterator[Said]:
    if not is_under_way(look, trial):
        return
    forms = documents(look, trial, TrialDocumentKind.CONSENT)
    if not forms:
        yield look.at(trial, "", f"No consent form of {trial.named()} is entered.")
        return
    years, _ = years_held(look, trial)
    product = look.product()
    wanted = [ConsentTopic.FOLLOW_UP] if years else []
    if look.need(product, "genetically_modified"):
        wanted.append(ConsentTopic.GENETIC_CHANGE)
    if look.need(product, "origin") is not CellOrigin.NOT_CELLS:
        wanted.append(ConsentTopic.DONOR_TESTS)
    if product.origin is CellOrigin.AUTOLOGOUS:
        wanted.append(ConsentTopic.FAILED_BATCH)
    for form in forms:
        told = look.need(form, "consent_topics")
        if lacking := [topic.label for topic in wanted if topic not in told]:
            yield look.at(form, "consent_topics", f"The consent form does not tell: {', '.join(lacking)}.")
        if years and form.follow_up_years is not None and form.follow_up_years != years:
            said = (
                f"The consent form tells of {show_number(form.follow_up_years)}{NBSP}years of follow-up; "
                f"{show_number(years)}{NBSP}years are planned."
            )
            yield look.at(form, "follow_up_years", said)
