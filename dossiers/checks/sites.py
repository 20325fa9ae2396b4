"""Rules about sites and good manufacturing practice (M6): authorisations, import, bedside work, certification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dossiers.checks.batches import ATMP_GMP, USED
from dossiers.checks.findings import Said, Severity
from dossiers.checks.genealogy import months_after
from dossiers.checks.look import Look
from dossiers.checks.rules import rule
from dossiers.checks.specified import together
from dossiers.checks.stated import folded
from dossiers.checks.wording import listed
from dossiers.facts import show_date
from dossiers.records.dossier import DocumentKind, DocumentRef, DocumentStatus
from dossiers.records.formulation import AdministrationStep
from dossiers.records.product import AtmpClass
from dossiers.records.quality import Specification, SpecificationScope, SpecTest
from dossiers.records.regulatory import Trial, TrialState
from dossiers.records.results import Batch, BatchScope, BatchUse
from dossiers.records.sites import (
    ActivityStage,
    Authorisation,
    AuthorisedActivity,
    ProductClass,
    Site,
    SiteActivity,
)
from dossiers.records.trials import SiteTask, TrialDocument, TrialDocumentKind, TrialSite
from dossiers.stage import Stage

REGULATION = "Regulation (EU) 536/2014"
_UNDER_GMP = (Authorisation.MIA_IMP, Authorisation.GMP_CERTIFICATE)
_OF_PRODUCT = (SpecificationScope.DS, SpecificationScope.DP, SpecificationScope.INTERMEDIATE)
_CLASSES = {
    AtmpClass.GTMP_IN_VIVO: {ProductClass.GENE},
    AtmpClass.GTMP_EX_VIVO: {ProductClass.GENE},
    AtmpClass.SCTMP: {ProductClass.CELL},
    AtmpClass.TEP: {ProductClass.TISSUE},
    AtmpClass.COMBINED: {ProductClass.TISSUE, ProductClass.CELL, ProductClass.GENE},
}


# ---------------------------------------------------------------- what a site does


def going_on(look: Look, site: Site) -> tuple[SiteActivity, ...]:
    """The activities of the site that have not ended."""
    today = look.on.isoformat()
    return tuple(a for a in look.of(SiteActivity, site=site.uid) if not (a.until and a.until < today))


def needed(look: Look, site: Site) -> dict[AuthorisedActivity, SiteActivity]:
    """What the site must be authorised for, each with an activity that asks for it.

    Tests of starting materials, banks and donors ask for nothing; a testing activity without a list asks for testing.
    """
    found: dict[AuthorisedActivity, SiteActivity] = {}
    for activity in going_on(look, site):
        if activity.stage in (ActivityStage.DS, ActivityStage.DP):
            found.setdefault(AuthorisedActivity.MANUFACTURE, activity)
        if activity.stage is ActivityStage.TESTING and _tests_product(look, activity):
            found.setdefault(AuthorisedActivity.TESTING, activity)
        if activity.batch_release:
            found.setdefault(AuthorisedActivity.CERTIFICATION, activity)
    return found


def _tests_product(look: Look, activity: SiteActivity) -> bool:
    if not activity.tests_covered:
        return True
    held = (look.find(Specification, t.specification) for t in look.named(SpecTest, activity.tests_covered))
    return any(s is not None and s.scope in _OF_PRODUCT for s in held)


# ---------------------------------------------------------------- authorisations


@rule(
    "M601",
    Severity.ERROR,
    "Each site is authorised for what it does",
    each=Site,
    why="It is the first paper that is looked at when an application is validated.",
    source=(f"{REGULATION}, art. 61 and 63, Annex I.F", f"{ATMP_GMP}, 1"),
    remedy="Enter the authorisation that covers the activity, or give the work to a site that has it.",
    reading="Asked of sites that make substance or product, test them, or certify batches; not of makers of starting "
    "materials and of storage. The class of product is asked of those that make or certify. An authorisation without "
    "end is excused by its reason.",
)
def sites_are_authorised(look: Look, site: Site) -> Iterator[Said]:
    asked = needed(look, site)
    if not asked or look.is_excused(site, "authorisation_type"):
        return
    kind = look.need(site, "authorisation_type")
    if kind not in _UNDER_GMP:
        tasks = listed([activity.label for activity in asked])
        held = "has no authorisation" if kind is Authorisation.NONE else f"works under a {kind.label}"
        said = f"{site.named()} {held}; for {tasks} it needs an authorisation for medicines."
        yield look.at(site, "authorisation_type", said)
        return
    yield from together(
        _has_number(look, site), _is_valid(look, site), _allows(look, site, asked), _names_class(look, site, asked)
    )


def _has_number(look: Look, site: Site) -> Iterator[Said]:
    """Nothing is found where the number is there; without it nobody can look the authorisation up."""
    if not look.is_excused(site, "authorisation_no"):
        look.need(site, "authorisation_no")
    yield from ()


def _is_valid(look: Look, site: Site) -> Iterator[Said]:
    if look.is_excused(site, "authorised_until"):
        return
    end = look.need(site, "authorised_until")
    if end < look.on:
        said = f"The authorisation of {site.named()} ended on {show_date(end)}."
        yield look.at(site, "authorised_until", said, "Enter the renewed authorisation.")


def _allows(look: Look, site: Site, asked: dict[AuthorisedActivity, SiteActivity]) -> Iterator[Said]:
    if look.is_excused(site, "authorised_for"):
        return
    allowed = look.need(site, "authorised_for")
    missing = {a: activity for a, activity in asked.items() if a not in allowed}
    if missing:
        tasks = listed([f"{a.label} ({activity.named()})" for a, activity in missing.items()])
        yield look.at(site, "authorised_for", f"The authorisation of {site.named()} does not allow {tasks}.")


def _names_class(look: Look, site: Site, asked: dict[AuthorisedActivity, SiteActivity]) -> Iterator[Said]:
    if not asked.keys() - {AuthorisedActivity.TESTING} or look.is_excused(site, "authorised_classes"):
        return
    kind = look.need(look.product(), "atmp_class")
    if not _CLASSES[kind] & set(look.need(site, "authorised_classes")):
        said = f"The authorisation of {site.named()} does not name the class of the product ({kind.label})."
        yield look.at(site, "authorised_classes", said)


@rule(
    "M602",
    Severity.WARNING,
    "The authorisation lasts as long as the supply",
    each=Site,
    why="One that ends in the middle of a trial stops the release.",
    source=(f"{REGULATION}, art. 61",),
    remedy="Plan the renewal or the inspection, or enter it.",
    reading="Of sites that make, test or certify, while a trial is planned or runs. The age of the last inspection is "
    "counted to the day of the check.",
)
def authorisation_outlasts_supply(look: Look, site: Site) -> Iterator[Said]:
    asked = needed(look, site)
    if asked and site.authorisation_type in _UNDER_GMP:
        trials = [t for t in look.all(Trial) if t.state in (TrialState.PLANNED, TrialState.ONGOING)]
        yield from together(_inspected(look, site), *(_outlasts(look, site, trial) for trial in trials))


def _inspected(look: Look, site: Site) -> Iterator[Said]:
    if look.is_excused(site, "inspected_on"):
        return
    day, years = look.need(site, "inspected_on"), int(look.settings.number("inspection_years"))
    if day < _ago(look.on, years):
        said = f"{site.named()} was last inspected on {show_date(day)}, more than {years} years ago."
        yield look.at(site, "inspected_on", said)


def _ago(day: date, years: int) -> date:
    try:
        return months_after(day, -12 * years)
    except (ValueError, OverflowError):
        return date.min


def _outlasts(look: Look, site: Site, trial: Trial) -> Iterator[Said]:
    if look.is_excused(site, "authorised_until") or look.is_excused(trial, "supply_end"):
        return
    end, supplied = look.need(site, "authorised_until"), look.need(trial, "supply_end")
    if look.on <= end < supplied:
        said = f"The authorisation of {site.named()} ends on {show_date(end)}; {trial.named()} is supplied until "
        yield look.at(site, "authorised_until", f"{said}{show_date(supplied)}.")


@rule(
    "M603",
    Severity.ERROR,
    "Manufacture outside the EEA is imported and declared",
    each=Site,
    why="A foreign licence is no proof of good manufacturing practice here.",
    source=(f"{REGULATION}, art. 61 to 63, Annex I.F",),
    remedy="Name the importer with its authorisation, and add the declaration of the qualified person on the site.",
    reading="Asked of sites that make or test substance or product in a country that is not in the list of the "
    "setting. The declaration must name the site, be final, and be dated by the day of the check. Makers of starting "
    "materials are not asked, though a declaration on them may be wise.",
)
def foreign_sites_are_declared(look: Look, site: Site) -> Iterator[Said]:
    asked = set(needed(look, site)) & {AuthorisedActivity.MANUFACTURE, AuthorisedActivity.TESTING}
    if not asked:
        return
    country = str(look.need(site, "country")).strip().upper()
    if country in look.settings.words("accepted_countries"):
        return
    lacking = []
    if not any(_imports(look, other) for other in look.all(Site)):
        lacking.append("an importer with an authorisation to import")
    declared = look.of(DocumentRef, type=DocumentKind.QP_DECLARATION, site=site.uid)
    final = [d for d in declared if d.status is DocumentStatus.FINAL and d.date is not None and d.date <= look.on]
    if not final:
        lacking.append("a final declaration of the qualified person")
    if lacking:
        said = f"{site.named()} ({country}) lies outside the EEA and has neither " if len(lacking) == 2 else ""
        said = said or f"{site.named()} ({country}) lies outside the EEA and lacks "
        yield look.at(site, "country", f"{said}{' nor '.join(lacking)}.")


def _imports(look: Look, site: Site) -> bool:
    is_here = str(site.country or "").strip().upper() in look.settings.words("accepted_countries")
    may = site.authorisation_type is Authorisation.MIA_IMP and AuthorisedActivity.IMPORT in (site.authorised_for or ())
    return is_here and may


# ---------------------------------------------------------------- bedside


@rule(
    "M604",
    Severity.ERROR,
    "What is done at the bedside is reconstitution",
    each=AdministrationStep,
    why="Culture, activation or selection after release is manufacture and needs an authorised maker; to thaw and "
    "wash does not.",
    source=(f"{ATMP_GMP}, 16.1", f"{REGULATION}, art. 61(5)"),
    remedy="Move the operation before release, or give it to an authorised site.",
    reading="What counts as reconstitution is a setting. A step is accepted where every trial site that prepares the "
    "product works under an authorisation of its own.",
)
def bedside_is_reconstitution(look: Look, step: AdministrationStep) -> Iterator[Said]:
    if not step.operations:
        if look.is_excused(step, "operations") or not _is_prepared(step):
            return
        look.need(step, "operations")
    allowed = look.settings.words("reconstitution")
    beyond = [o.label for o in step.operations or () if o.value not in allowed]
    if not beyond:
        return
    preparing = [
        s for t in look.all(TrialSite) if SiteTask.PREPARATION in (t.tasks or ()) if (s := look.find(Site, t.site))
    ]
    if preparing and all(s.authorisation_type is Authorisation.MIA_IMP for s in preparing):
        return
    said = f"The step {step.named()} would {listed(beyond)} after release: that is manufacture, not reconstitution."
    yield look.at(step, "operations", said)


def _is_prepared(step: AdministrationStep) -> bool:
    return any(purpose.value in ("thawing", "preparation") for purpose in step.purposes or ())


# ---------------------------------------------------------------- agreement


@dataclass(frozen=True, slots=True)
class Stated:
    """A site as the application form states it."""

    name: str
    address: str
    stages: frozenset[str]

    @classmethod
    def read(cls, line: str) -> Stated:
        """A line “name; address; stages”, in which stages are parted by commas."""
        name, address, stages = (*(part.strip() for part in line.split(";", 2)), "", "")[:3]
        return cls(name, address, frozenset(folded(stage) for stage in stages.split(",") if folded(stage)))


@rule(
    "M605",
    Severity.ERROR,
    "Dossier, application form and authorisations name the same sites",
    why="An address that differs is enough for a question.",
    source=(f"{REGULATION}, Annex I.C, F and G",),
    remedy="Spell name, address and activity alike everywhere.",
    reading="Compared are sites that make substance or product, test them, or certify batches; a form may also name "
    "others that the dossier knows. Case, spaces and points do not count.",
)
def sites_agree(look: Look) -> Iterator[Said]:
    asked = {site: stages for site in look.all(Site) if (stages := _stages(look, site))}
    forms = look.of(TrialDocument, document=TrialDocumentKind.APPLICATION_FORM)
    parts = [_form(look, form, asked) for form in forms if not look.is_excused(form, "sites")]
    yield from together(*parts, *(_spelt(look, site) for site in asked))


def _stages(look: Look, site: Site) -> list[str]:
    """The stages at which the form must name the site."""
    of_product = {ActivityStage.DS, ActivityStage.DP}
    found = [a.stage.label for a in going_on(look, site) if a.stage in of_product and a.stage is not None]
    tasks = needed(look, site)
    found += [ActivityStage.TESTING.label] if AuthorisedActivity.TESTING in tasks else []
    found += ["batch release"] if AuthorisedActivity.CERTIFICATION in tasks else []
    return list(dict.fromkeys(found))


def _form(look: Look, form: TrialDocument, asked: dict[Site, list[str]]) -> Iterator[Said]:
    stated = {folded(one.name): one for one in map(Stated.read, look.need(form, "sites"))}
    for site, stages in asked.items():
        one = stated.get(folded(site.name or ""))
        if one is None:
            said = f"{site.named()} stands in the dossier and not in the {form.named()}."
            yield look.at(form, "sites", said)
            continue
        if folded(one.address) != folded(site.address or ""):
            said = f"The {form.named()} gives {site.named()} the address “{one.address}”, the dossier “{site.address}”."
            yield look.at(form, "sites", said)
        missing = [stage for stage in stages if folded(stage) not in one.stages]
        if missing:
            said = f"The {form.named()} does not name {listed(missing)} among what {site.named()} does."
            yield look.at(form, "sites", said)
    known = {folded(site.name or "") for site in look.all(Site)}
    for name, one in stated.items():
        if name not in known:
            yield look.at(form, "sites", f"{one.name} stands in the {form.named()} and not in the dossier.")


def _spelt(look: Look, site: Site) -> Iterator[Said]:
    if site.authorisation_type not in _UNDER_GMP or look.is_excused(site, "authorised_as"):
        return
    spelt, name, address = look.need(site, "authorised_as", "name", "address")
    if folded(name) not in folded(spelt) or folded(address) not in folded(spelt):
        said = f"The authorisation spells {site.named()} “{spelt}”; the dossier has “{name}, {address}”."
        yield look.at(site, "authorised_as", said)


# ---------------------------------------------------------------- certification


@rule(
    "M606",
    Severity.ERROR,
    "A batch is certified before it is given",
    each=Batch,
    why="To use a batch before the qualified person certified it is a breach.",
    source=(f"{REGULATION}, art. 62 and 63", f"{ATMP_GMP}, 11"),
    remedy="Enter certificate and day of release, or correct the dates.",
    due=Stage.IDEA,
    reading="The day of release is that of the certificate; of a release in two stages, that of the first. Asked of "
    "product batches that were given.",
)
def batches_are_certified(look: Look, batch: Batch) -> Iterator[Said]:
    given = batch.given_on
    if (
        given is None
        or batch.scope is not BatchScope.DP
        or BatchUse.CLINICAL not in (batch.use or (BatchUse.CLINICAL,))
    ):
        return
    on = show_date(given)
    if batch.disposition is not None and batch.disposition not in USED:
        said = f"Batch {batch.named()} was given on {on}, and its disposition is “{batch.disposition.label}”."
        yield look.at(batch, "disposition", said)
    if batch.released_on is None:
        yield look.at(batch, "released_on", f"Batch {batch.named()} was given on {on} and has no day of release.")
    elif given < batch.released_on:
        said = f"Batch {batch.named()} was given on {on}, before its release on {show_date(batch.released_on)}."
        yield look.at(batch, "given_on", said)
    if not batch.certificate and not look.is_excused(batch, "certificate"):
        said = f"Batch {batch.named()} was given on {on} without a certificate of the qualified person."
        yield look.at(batch, "certificate", said)
