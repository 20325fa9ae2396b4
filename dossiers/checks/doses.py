"""Rules about doses in the trial (N210, C301, C310): what supports them, how far apart they are, if they agree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import pairwise

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import EARLY, FIRST, rule
from dossiers.checks.seen import bare
from dossiers.checks.studies import any_said, called, is_under_way, of_trial
from dossiers.facts import NBSP
from dossiers.limits import LimitFault, OneSided, number, show_number
from dossiers.records.clinical import ClinicalStudy
from dossiers.records.dosing import DoseBasis, DoseCohort, DosingRule
from dossiers.records.nonclinical import Evidence, NonclinicalStudy, NonclinicalType
from dossiers.records.regulatory import Trial
from dossiers.records.trials import TrialDocument
from dossiers.stage import Stage

FIRST_DOSE = "EMEA/CHMP/SWP/28367/07 rev. 1"


@dataclass(frozen=True, slots=True)
class Measure:
    """What a dose counts and per what: ("cells", "kg") for "viable CAR+ cells/kg body weight"; "" per subject."""

    counted: str
    per: str


def measure(unit: str) -> Measure:
    """What a unit of dose counts, by its last word, and per what, by its first."""
    what, _, per = re.sub(
        r"\s+(?:per|for each|for every)\s+", "/", unit.casefold().replace("²", "2"), count=1
    ).partition("/")
    counted, base = what.split(), per.split()
    return Measure(counted[-1] if counted else "", base[0] if base else "")


def said_dose(value: Decimal, unit: str) -> str:
    """A dose as a sentence names it."""
    return f"{show_number(value)}{NBSP}{unit}"


def human_equivalent(look: Look, study: NonclinicalStudy, value: Decimal, wanted: Measure) -> Decimal | None:
    """The dose of a study counted as the clinical one, or None where the two count different things.

    A dose for each animal becomes one per kg by the animal's weight, one per kg becomes one per subject by the weight
    of the settings. Raises `Needs` where the weight of the animal is not known.
    """
    given = measure(look.need(study, "dose_unit"))
    if given.counted != wanted.counted:
        return None
    if given.per == wanted.per:
        return value
    per_kg = value
    if given.per != "kg":
        if not _is_animal(look, given.per):
            return None
        per_kg = value / _weight(look, study)
    if wanted.per == "kg":
        return per_kg
    return per_kg * look.settings.number("adult_weight") if wanted.per in ("", "subject", "patient") else None


def _is_animal(look: Look, word: str) -> bool:
    return word == "animal" or word in look.settings.table("animal_weights")


def _weight(look: Look, study: NonclinicalStudy) -> Decimal:
    if study.body_weight and study.body_weight > 0:
        return study.body_weight
    said = f"{study.species_model} {study.dose_unit}".casefold()
    for animal, weight in look.settings.table("animal_weights").items():
        if animal in said and Decimal(str(weight)) > 0:
            return Decimal(str(weight))
    raise Needs(origin(bare(study), "body_weight"))


Support = tuple[Decimal, NonclinicalStudy]


def supports(look: Look, unit: str) -> tuple[list[Support], list[Support]]:
    """What animals support in the unit of the trial: (doses without harm, highest doses tested).

    Without a study of toxicology that can be compared, the highest doses of any animal study stand for the first.
    Raises `Needs` where no study can be compared.
    """
    wanted = measure(unit)
    harmless: list[Support] = []
    tested: list[Support] = []
    lacking: list[Origin] = []
    for study in look.of(NonclinicalStudy, evidence=Evidence.IN_VIVO):
        for name, found in (("noael", harmless), ("dose", tested)):
            value = getattr(study, name)
            if value is None or (name == "noael" and study.type is not NonclinicalType.TOXICOLOGY):
                continue
            try:
                equal = human_equivalent(look, study, value, wanted)
            except Needs as why:
                lacking += why.places
                continue
            if equal is not None:
                found.append((equal, study))
    if not harmless and not tested:
        raise Needs(*(lacking or [look.missing(NonclinicalStudy, "", name="noael").origin]))
    return harmless or tested, tested or harmless


@rule(
    "N210",
    Severity.ERROR,
    "First and highest dose are supported",
    each=DoseCohort,
    why="What a dose rests on is among the most frequent objections from the non-clinical side.",
    source=(f"{FIRST_DOSE}, sections 6 and 7", "MHRA common issues, non-clinical"),
    remedy="Lower the dose, add a study, or say what else the dose rests on.",
    phases=EARLY,
    section="4.11",
    reading="The most sensitive species decides. Below the usual margin (a setting) a first dose is a warning where "
    "the cohort says what it rests on, because the margin of small molecules is no law for cells. A dose above all "
    "that was tested is accepted once humans were treated. Doses that count different things are not compared.",
)
def dose_is_supported(look: Look, cohort: DoseCohort) -> Iterator[Said]:
    dose, unit = look.need(cohort, "dose", "dose_unit")
    harmless, tested = supports(look, unit)
    least, by = min(harmless, key=lambda one: one[0])
    said = said_dose(dose, unit)
    if _is_lowest(look, cohort):
        margin = look.settings.number("first_dose_margin")
        if dose > least:
            text = f"The first dose of {said} exceeds {said_dose(least, unit)}, which {called(by)} supports."
            yield look.at(cohort, "dose", text)
        elif dose * margin > least:
            times = show_number((least / dose).quantize(Decimal("0.1")).normalize()) if dose > 0 else "0"
            text = (
                f"The first dose of {said} lies {times} times below {said_dose(least, unit)} ({called(by)}); "
                f"{show_number(margin)} times are usual."
            )
            severity = Severity.WARNING if cohort.margin_basis else Severity.ERROR
            yield look.at(cohort, "dose", text, severity=severity)
    most, highest = max(tested, key=lambda one: one[0])
    treated = any((study.n_subjects or 0) > 0 for study in look.all(ClinicalStudy))
    if dose > most and not treated:
        text = f"The dose of {said} exceeds the highest that was tested, {said_dose(most, unit)} ({called(highest)})."
        yield look.at(cohort, "dose", text)


def _is_lowest(look: Look, cohort: DoseCohort) -> bool:
    peers = look.of(DoseCohort, trial=cohort.trial, product=cohort.product)
    return cohort.level == min((peer.level for peer in peers if peer.level is not None), default=cohort.level)


@rule(
    "C301",
    Severity.ERROR,
    "The first subjects of a cohort are treated one after the other",
    each=DoseCohort,
    why="Harm that comes late must be seen before the next person is exposed to it.",
    source=(f"{FIRST_DOSE}, section 8", "EMA/CAT/22473/2025, clinical part"),
    remedy="Let the interval cover the time in which toxicity shows, and give the reason for it.",
    phases=frozenset({FIRST}),
    section="5.5",
)
def subjects_are_staggered(look: Look, cohort: DoseCohort) -> Iterator[Said]:
    name = f"cohort {cohort.named()}"
    days = cohort.stagger_days
    if not days or days < 0:
        if not look.is_excused(cohort, "stagger_days"):
            yield look.at(cohort, "stagger_days", f"No interval lies between the first subjects of {name}.")
        return
    if not cohort.stagger_basis and not look.is_excused(cohort, "stagger_basis"):
        yield look.at(cohort, "stagger_basis", f"The interval of {days}{NBSP}days in {name} has no reason.")
        return
    onset = look.need(cohort, "onset_days")
    if days < onset:
        said = (
            f"The first subjects of {name} are {days}{NBSP}days apart; toxicity is expected within {onset}{NBSP}days."
        )
        yield look.at(cohort, "stagger_days", said)


@rule(
    "C310",
    Severity.ERROR,
    "Doses rise, stay within their range and cap, and are the same in all documents",
    each=Trial,
    why="A wrong power of ten is the classic error, and a document that lags behind lets it happen.",
    source=(FIRST_DOSE, "ICH E6"),
    remedy="Bring the numbers into agreement.",
    due=Stage.IDEA,
    section="5.5",
    reading="Asked of trials that are planned or run. A rule counts a dose per kg only up to a weight or a total "
    "amount; either will do. Documents are compared as sets of numbers.",
)
def doses_agree(look: Look, trial: Trial) -> Iterator[Said]:
    if not is_under_way(look, trial):
        return
    cohorts = sorted(of_trial(look, DoseCohort, trial), key=lambda c: (c.level is None, c.level or 0))
    rules = of_trial(look, DosingRule, trial)
    if not cohorts and not rules:
        raise Needs(look.missing(DoseCohort, "", name="dose").origin)
    documents = of_trial(look, TrialDocument, trial)
    yield from any_said(
        (
            partial(_steps_rise, look, cohorts),
            partial(_within_rules, look, cohorts, rules),
            *(partial(part, look, one) for one in rules for part in (_range_holds, _cap_holds)),
            *(partial(_document_agrees, look, paper, cohorts) for paper in documents),
        )
    )


def _steps_rise(look: Look, cohorts: list[DoseCohort]) -> Iterator[Said]:
    for lower, higher in pairwise(cohorts):
        if lower.product != higher.product or lower.dose is None or higher.dose is None:
            continue
        if lower.dose_unit and higher.dose_unit and lower.dose_unit != higher.dose_unit:
            said = (
                f"Level {higher.named()} is counted in {higher.dose_unit}, level {lower.named()} in {lower.dose_unit}."
            )
            yield look.at(higher, "dose_unit", said)
        elif higher.dose <= lower.dose:
            said = (
                f"Level {higher.named()} ({show_number(higher.dose)}) is not above level {lower.named()} "
                f"({show_number(lower.dose)})."
            )
            yield look.at(higher, "dose", said)


def _range_holds(look: Look, one: DosingRule) -> Iterator[Said]:
    known = [(n, v) for n in ("minimum", "target", "maximum") if (v := getattr(one, n)) is not None]
    for (low, less), (high, more) in pairwise(known):
        if less > more:
            said = f"The rule says {show_number(less)} as its {low} and {show_number(more)} as its {high}."
            yield look.at(one, high, said)


def _cap_holds(look: Look, one: DosingRule) -> Iterator[Said]:
    if one.basis_of_dose is not DoseBasis.PER_KG:
        return
    if one.weight_cap is None and not one.ceiling:
        if not look.is_excused(one, "weight_cap"):
            yield look.at(one, "weight_cap", "The dose per kg has no limit: neither a weight nor a total amount.")
        return
    if one.weight_cap is None or one.maximum is None or not one.ceiling:
        return
    try:
        ceiling = look.criterion(one, "ceiling")
    except Needs:
        return  # a limit that cannot be read is named where criteria are checked
    if isinstance(ceiling, OneSided) and measure(ceiling.unit).counted == measure(one.unit or "").counted:
        most = one.maximum * one.weight_cap
        if most > ceiling.value:
            said = (
                f"{show_number(one.maximum)} per kg at {show_number(one.weight_cap)}{NBSP}kg gives {show_number(most)};"
                f" the ceiling is {show_number(ceiling.value)}."
            )
            yield look.at(one, "ceiling", said)


def _within_rules(look: Look, cohorts: list[DoseCohort], rules: tuple[DosingRule, ...]) -> Iterator[Said]:
    for cohort in cohorts:
        if cohort.dose is None or not cohort.dose_unit:
            continue
        apt = [r for r in rules if r.unit and measure(r.unit) == measure(cohort.dose_unit)]
        if apt and not any(_allows(r, cohort.dose) for r in apt):
            given = said_dose(cohort.dose, cohort.dose_unit)
            yield look.at(cohort, "dose", f"Level {cohort.named()} ({given}) lies outside the dosing rule.")


def _allows(one: DosingRule, dose: Decimal) -> bool:
    return (one.minimum is None or dose >= one.minimum) and (one.maximum is None or dose <= one.maximum)


def _document_agrees(look: Look, paper: TrialDocument, cohorts: list[DoseCohort]) -> Iterator[Said]:
    if paper.document is None or paper.document.value not in ("protocol", "brochure", "application_form"):
        return
    if look.is_excused(paper, "dose_levels"):
        return
    held = {c.dose for c in cohorts if c.dose is not None}
    try:
        told = {number(line) for line in look.need(paper, "dose_levels")}
    except LimitFault:
        said = f"The dose levels of the {paper.document.label} are no numbers: {look.says(paper, 'dose_levels')}."
        yield look.at(paper, "dose_levels", said, "Write each level as a number in the unit of the cohorts.")
        return
    if held and told != held:
        one, other = ("; ".join(show_number(v) for v in sorted(values)) for values in (told, held))
        said = f"The {paper.document.label} names the doses {one}; the dossier has {other}."
        yield look.at(paper, "dose_levels", said)
