"""Rules about genetically modified organisms (G4): the decision, permits by site and country, forms, spills, waste."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import EX_VIVO, GENE, rule
from dossiers.checks.studies import VIRAL, active_constructs, all_of, any_said, is_under_way, of_type
from dossiers.facts import NBSP, show_date
from dossiers.records.gmo import GmoActivity, GmoAssessment, GmoForm, GmoPermit, GmoRoute, GmoState
from dossiers.records.handling import HandlingInstruction, HandlingTopic
from dossiers.records.nonclinical import NonclinicalType
from dossiers.records.product import GmoStatus, Product
from dossiers.records.regulatory import RegulatoryTrack, TrackKind, TrackState, Trial
from dossiers.records.sites import ActivityStage, Site, SiteActivity
from dossiers.records.substance import ConstructType
from dossiers.records.trials import SiteTask, TrialSite
from dossiers.stage import Stage

RELEASE = "Directive 2001/18/EC"
CONTAINED = "Directive 2009/41/EC"
ROUTES = {
    GmoStatus.CONTAINED: (GmoRoute.CONTAINED,),
    GmoStatus.DELIBERATE: (GmoRoute.DELIBERATE,),
    GmoStatus.BOTH: (GmoRoute.CONTAINED, GmoRoute.DELIBERATE),
    GmoStatus.NONE: (),
}
MADE = {
    ActivityStage.STARTING_MATERIAL: GmoActivity.MANUFACTURE,
    ActivityStage.DS: GmoActivity.MANUFACTURE,
    ActivityStage.DP: GmoActivity.MANUFACTURE,
    ActivityStage.TESTING: GmoActivity.TESTING,
    ActivityStage.STORAGE: GmoActivity.STORAGE,
    ActivityStage.DISTRIBUTION: GmoActivity.STORAGE,
}
DONE = {
    SiteTask.STORAGE: GmoActivity.STORAGE,
    SiteTask.PREPARATION: GmoActivity.PREPARATION,
    SiteTask.ADMINISTRATION: GmoActivity.ADMINISTRATION,
    SiteTask.SAMPLE_ANALYSIS: GmoActivity.SAMPLE_ANALYSIS,
}
AT_TRIAL = frozenset(DONE.values())
ORDER_MET = ("submitted", "granted")


def routes(look: Look) -> tuple[GmoRoute, ...]:
    """The procedures that the product needs; none where it is decided that it needs none. Raises `Needs`."""
    return ROUTES[look.need(look.product(), "gmo_status")]


@rule(
    "G401",
    Severity.ERROR,
    "It is decided, with a reason, whether the product is a modified organism",
    why="Every further step depends on it: forms, permits, sites, time.",
    source=(f"{RELEASE}, art. 2", f"{CONTAINED}, art. 2", "EC questions and answers on GMO for medicines"),
    remedy="Decide on the procedure and enter the reason in the environmental assessment.",
    types=GENE,
    section="4.10",
    reading="A decision against what is usual for the vector (no procedure for a virus, a procedure for mRNA) is a "
    "warning, since member states differ on cells whose vector is gone.",
)
def status_is_decided(look: Look) -> Iterator[Said]:
    product = look.product()
    if product.gmo_status is None:
        if not look.is_excused(product, "gmo_status"):
            yield look.at(product, "gmo_status", "It is open whether the product needs a procedure for organisms.")
        return
    yield from any_said((lambda: _reason_is_given(look, product), lambda: _is_unusual(look, product)))


def _reason_is_given(look: Look, product: Product) -> Iterator[Said]:
    assessments = look.all(GmoAssessment)
    if not assessments:
        yield look.missing(GmoAssessment, "No reason is given for the procedure on modified organisms.")
    for assessment in assessments:
        if not assessment.status_reason and not look.is_excused(assessment, "status_reason"):
            said = f"Nothing says why the procedure is: {look.says(product, 'gmo_status')}."
            yield look.at(assessment, "status_reason", said)


def _is_unusual(look: Look, product: Product) -> Iterator[Said]:
    kinds = {construct.type for construct in active_constructs(look)}
    is_none = product.gmo_status is GmoStatus.NONE
    if is_none and kinds & set(VIRAL) and EX_VIVO not in look.types:
        said = "The product holds a viral vector, and no procedure on modified organisms is planned."
    elif not is_none and kinds and {str(kind) for kind in kinds} <= look.settings.words("constructs_without_organism"):
        said = "The product holds nucleic acid without an organism, and a procedure on organisms is planned."
    else:
        return
    remedy = "Ask the authority, and keep its answer with the reason."
    yield look.at(product, "gmo_status", said, remedy, severity=Severity.WARNING)


@rule(
    "G402",
    Severity.ERROR,
    "Each trial site has its permit before it starts",
    each=TrialSite,
    why="The decision on the trial does not stand in for the permit; without it no subject may be treated.",
    source=(f"{RELEASE}, part B", CONTAINED, "Regulation (EU) 536/2014, art. 91"),
    remedy="Obtain the permit before the site starts, or move the start.",
    types=GENE,
    due=Stage.SUBMITTED,
    section="4.10",
    reading="A start that still lies ahead of a permit that is planned or submitted is a warning; it becomes an error "
    "with the day of the start. A site that only collects starting material handles no organism.",
)
def site_has_permit(look: Look, place: TrialSite) -> Iterator[Said]:
    trial = look.find(Trial, place.trial)
    if trial is not None and not is_under_way(look, trial):
        return
    wanted = routes(look)
    tasks = look.need(place, "tasks")
    if not wanted or not any(task in DONE for task in tasks):
        return
    site = look.linked(Site, place, "site")
    start = look.need(place, "planned_start")
    yield from all_of(wanted, lambda route: _starts_early(look, place, (site, start), route))


def _starts_early(look: Look, place: TrialSite, about: tuple[Site, date], route: GmoRoute) -> Iterator[Said]:
    site, start = about
    held = [p for p in look.of(GmoPermit, route=route) if site.uid in (p.sites or ())]
    granted = [p for p in held if p.state is GmoState.GRANTED]
    if not granted:
        waits = start > look.on and any(p.state in (GmoState.PLANNED, GmoState.SUBMITTED) for p in held)
        severity = Severity.WARNING if waits else Severity.ERROR
        said = f"{site.named()} starts on {show_date(start)}; no permit for {route.label} is granted for it."
        yield look.at(place, "planned_start", said, severity=severity)
        return
    first = min(look.need(p, "decided_on") for p in granted)
    if first > start:
        when = f"{show_date(start)}, before its permit for {route.label} ({show_date(first)})"
        yield look.at(place, "planned_start", f"{site.named()} starts on {when}.")


@rule(
    "G403",
    Severity.ERROR,
    "Each facility that handles the organism has a contained-use record that covers it",
    each=Site,
    why="Permits are given by facility and activity; a laboratory that analyses samples counts, too.",
    source=("Contained-use decrees of the Belgian regions", "biosafety.be", "FAMHP and Sciensano, guidance of 2024"),
    remedy="Enter the permit of the facility, or extend it to the activity and class.",
    types=GENE,
    section="4.10",
    reading="Asked in the countries of the setting (Belgium), of sites whose tasks are said to handle the organism and "
    "of trial sites. A permit that is planned counts as a record; whether it is granted in time is another rule.",
)
def facility_is_covered(look: Look, site: Site) -> Iterator[Said]:
    if (site.country or "").upper() not in look.settings.words("contained_use_by_facility"):
        return
    if not routes(look):
        return
    wanted = _handled(look, site)
    if not wanted:
        return
    permits = [
        p
        for p in look.of(GmoPermit, route=GmoRoute.CONTAINED)
        if site.uid in (p.sites or ()) and p.state is not GmoState.REFUSED
    ]
    if not permits:
        what = ", ".join(activity.label for activity in sorted(wanted))
        yield look.at(site, "", f"{site.named()} handles the organism ({what}) and has no contained-use permit.")
        return
    yield from any_said(
        (lambda: _activities_are_covered(look, site, permits, wanted), lambda: _class_is_covered(look, site, permits))
    )


def _activities_are_covered(
    look: Look, site: Site, permits: list[GmoPermit], wanted: frozenset[GmoActivity]
) -> Iterator[Said]:
    held = {activity for permit in permits for activity in look.need(permit, "activities")}
    if lacking := [activity.label for activity in GmoActivity if activity in wanted - held]:
        yield look.at(site, "", f"The contained-use permit of {site.named()} does not cover: {', '.join(lacking)}.")


def _class_is_covered(look: Look, site: Site, permits: list[GmoPermit]) -> Iterator[Said]:
    for assessment in look.all(GmoAssessment):
        needed = look.need(assessment, "risk_class")
        covered = max(look.need(permit, "risk_class") for permit in permits)
        if covered < needed:
            yield look.at(site, "", f"{site.named()} may work in class {covered}; the organism is of class {needed}.")


def _handled(look: Look, site: Site) -> frozenset[GmoActivity]:
    """What the site does with the organism, before and in the trial."""
    found: set[GmoActivity] = set()
    for task in look.of(SiteActivity, site=site.uid):
        if not look.is_excused(task, "handles_gmo") and look.need(task, "handles_gmo"):
            found.add(MADE[look.need(task, "stage")])
    for place in look.of(TrialSite, site=site.uid):
        found |= {DONE[task] for task in place.tasks or () if task in DONE}
    return frozenset(found)


@rule(
    "G404",
    Severity.WARNING,
    "It is argued whether a patient who goes home is a release",
    each=GmoAssessment,
    why="Who leaves the hospital while shedding may take the organism into the environment.",
    source=(RELEASE, "biosafety.be, scenarios 1 to 3"),
    remedy="Say why it is no deliberate release, or apply for one.",
    types=GENE,
    justifiable=True,
    section="4.10",
    reading="Asked where shedding is expected and may outlast the stay; the last day comes from the studies of "
    "shedding. A procedure of deliberate release is a decision by itself.",
)
def release_is_argued(look: Look, assessment: GmoAssessment) -> Iterator[Said]:
    studies = of_type(look, NonclinicalType.SHEDDING)
    last = max((study.last_found_day for study in studies if study.last_found_day is not None), default=None)
    if not look.need(assessment, "shedding_expected"):
        if last:
            said = f"No shedding is expected, but a study found the vector until day {last}."
            yield look.at(assessment, "shedding_expected", said, "Bring the assessment and the study into agreement.")
        return
    if GmoRoute.DELIBERATE in routes(look) or look.is_excused(assessment, "release_argument"):
        return
    days = look.need(assessment, "hospital_days")
    if (last is None or last > days) and not assessment.release_argument:
        told = f" until day {last}" if last else ""
        said = f"Shedding is expected{told}; the patient goes home after {days}{NBSP}days, and no release is argued."
        yield look.at(assessment, "release_argument", said)


@rule(
    "G405",
    Severity.WARNING,
    "Where the organism comes first, its file goes out before that of the trial",
    each=RegulatoryTrack,
    why="Some member states take up the trial only with the file or the permit on the organism.",
    source=("EC repository of national GMO requirements",),
    remedy="File for the organism first, or move the application for the trial.",
    types=GENE,
    section="4.10",
    reading="By the countries of the setting, which is own knowledge. Months are compared; within one month either "
    "order is accepted.",
)
def organism_comes_first(look: Look, track: RegulatoryTrack) -> Iterator[Said]:
    if track.track is not TrackKind.TRIAL or track.state not in (TrackState.PLANNED, TrackState.APPLIED):
        return
    country = (track.jurisdiction or "").upper()
    order = look.settings.table("gmo_before_trial").get(country)
    if order not in ORDER_MET or not routes(look):
        return
    month = look.need(track, "since")[:7]
    there = {site.uid for site in look.all(Site) if (site.country or "").upper() == country}
    permits = [p for p in look.all(GmoPermit) if there & set(p.sites or ())]
    name = "submitted_on" if order == "submitted" else "decided_on"
    days = [day for p in permits if (day := getattr(p, name)) is not None]
    if not days or min(days).isoformat()[:7] > month:
        when = f"on {show_date(min(days))}" if days else "not yet"
        what = "filed" if order == "submitted" else "granted"
        told = f"it was {what} {when}, the trial {look.says(track, 'since')}"
        said = f"In {country} the permit on the organism comes first; {told}."
        yield look.at(track, "since", said)


@rule(
    "G406",
    Severity.WARNING,
    "The form fits the organism",
    each=GmoPermit,
    why="The common forms shorten the review where a country takes them, each for its kind of organism.",
    source=("EC common application forms for GMO medicines",),
    remedy="Use the form that is meant for the organism.",
    types=GENE,
    section="4.10",
    reading="Asked of permits for the trial itself (preparation, administration, samples). A national form where the "
    "country takes the common one is told as information.",
)
def form_fits(look: Look, permit: GmoPermit) -> Iterator[Said]:
    activities = look.need(permit, "activities")
    if not AT_TRIAL & set(activities) - {GmoActivity.STORAGE}:
        return
    form = look.need(permit, "form")
    meant = _meant_form(look)
    if meant is None or form is meant:
        return
    if form is not GmoForm.NATIONAL:
        yield look.at(permit, "form", f"The form is “{form.label}”; for this organism “{meant.label}” is meant.")
        return
    countries = {(site.country or "").upper() for site in look.named(Site, permit.sites)}
    if taking := sorted(countries & look.settings.words("common_form_countries")):
        said = f"{', '.join(taking)} takes “{meant.label}”; the permit uses the national form."
        yield look.at(permit, "form", said, severity=Severity.INFO)


def _meant_form(look: Look) -> GmoForm | None:
    if EX_VIVO in look.types:
        return GmoForm.HUMAN_CELLS
    kinds = {construct.type for construct in active_constructs(look)}
    if ConstructType.AAV in kinds:
        return GmoForm.AAV
    return GmoForm.VIRAL_VECTOR if kinds & set(VIRAL) else None


@rule(
    "G407",
    Severity.WARNING,
    "Spill, waste and transport of samples are planned",
    why="Biosafety services ask for it in nearly every file.",
    source=("EudraLex Vol. 4 Part IV, section 15", f"{CONTAINED}, Annex IV"),
    remedy="Enter the instruction; for samples name the class of transport, or why none applies.",
    types=GENE,
    section="5.6",
    reading="Any class of transport that is stated will do: an organism that is authorised for use may be exempt.",
)
def accidents_are_planned(look: Look) -> Iterator[Said]:
    product = look.product()
    if not routes(look):
        return
    held = [one for one in look.all(HandlingInstruction) if one.instruction]
    topics = {one.topic for one in held}
    wanted = (HandlingTopic.SPILL, HandlingTopic.WASTE, HandlingTopic.SAMPLE_TRANSPORT)
    if lacking := [topic.label for topic in wanted if topic not in topics]:
        yield look.at(product, "", f"No instruction is there for: {', '.join(lacking)}.")
    for one in held:
        if one.topic is not HandlingTopic.SAMPLE_TRANSPORT or look.is_excused(one, "transport_class"):
            continue
        if not one.transport_class:
            yield look.at(one, "transport_class", "The transport of samples names no class.")
