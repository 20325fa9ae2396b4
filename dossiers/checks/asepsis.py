"""Rules about asepsis (Q701 to Q706): simulations, release before the last result, samples for microbes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from dossiers.binder import origin
from dossiers.checks.batches import ATMP_GMP, is_of_the_product, sites_of
from dossiers.checks.findings import Said, Severity
from dossiers.checks.genealogy import months_after
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, IN_VIVO, rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import DP, DS, INTERMEDIATE, is_in_force, measures, rows, speaks_of, together
from dossiers.checks.wording import listed
from dossiers.facts import NBSP, show_date
from dossiers.limits import show_number
from dossiers.records.development import RunType, ValidationRun
from dossiers.records.formulation import Container, ContainerScope
from dossiers.records.measurands import Measurand
from dossiers.records.process import Openness, Process, ProcessScope, ProcessStep
from dossiers.records.quality import ReleaseTiming, SpecTest, TestCategory
from dossiers.records.regulatory import Trial, TrialState
from dossiers.records.release import FirstCheck, Informed, ReleasePlan
from dossiers.records.results import Batch, BatchUse
from dossiers.records.sites import Site

ANNEX_1 = "EudraLex Vol. 4 Annex 1, 9 (by analogy)"
_FILLED = (ProcessScope.DP, ProcessScope.COMBINED)


# ---------------------------------------------------------------- simulations


def open_steps(look: Look, process: Process) -> tuple[ProcessStep, ...]:
    """The steps in which product that is not sterile-filtered later meets the air."""
    steps = look.of(ProcessStep, process=process.uid)
    return tuple(s for s in steps if s.open_closed is Openness.OPEN and not s.sterile_filtered_later)


def _is_aseptic(look: Look, process: Process) -> bool:
    """Whether the process must be simulated: it is in use, and fills the product or has open steps."""
    if not is_of_the_product(look, process):
        return False
    if process.scope in _FILLED or open_steps(look, process):
        return True
    if silent := [s for s in look.of(ProcessStep, process=process.uid) if s.open_closed is None]:
        raise Needs(*(origin(bare(s), "open_closed") for s in silent))
    return False


def simulations(look: Look, process: Process) -> tuple[ValidationRun, ...]:
    """The aseptic simulations of the process, of any version under its code, or that covered it."""
    family = {p.uid for p in look.of(Process, code=process.code)} if process.code else {process.uid}
    runs = look.of(ValidationRun, type=RunType.APS)
    return tuple(r for r in runs if r.process in family or family & set(r.covers or ()))


@rule(
    "Q701",
    Severity.ERROR,
    "Aseptic processing is simulated with success",
    each=Process,
    why="A test for sterility sees a few millilitres; that the work is aseptic must be shown by itself.",
    source=(f"{ATMP_GMP}, 9.5", ANNEX_1),
    remedy="Simulate the process at the site, and enter the runs.",
    reading="Asked of processes in use that fill the product, and of those with an open step after which nothing "
    "sterilises, at each site that runs them. Runs of other versions under the same code count, and runs that say "
    "that they covered the process. Starting materials are left to their makers. No product of this field is "
    "sterilised at the end, so that none is left out for that.",
)
def process_is_simulated(look: Look, process: Process) -> Iterator[Said]:
    if not _is_aseptic(look, process):
        return
    least = int(look.settings.number("least_media_fills"))
    runs = simulations(look, process)
    for uid in sorted(sites_of(look, process), key=str):
        good = [r for r in runs if r.site == uid and r.n_positive == 0]
        if len(good) >= least:
            continue
        unknown = [r for r in runs if r.site in (uid, None) and (r.site is None or r.n_positive is None)]
        if len(good) + len(unknown) >= least:
            raise Needs(*(origin(bare(r), "n_positive" if r.site else "site") for r in unknown))
        site = look.find(Site, uid)
        where = f" at {site.named()}" if site is not None else ""
        count = f"{len(good)} successful aseptic simulation{'' if len(good) == 1 else 's'}"
        yield look.at(process, "", f"The process {process.named()} has {count}{where}; {least} are asked.")


@rule(
    "Q702",
    Severity.ERROR,
    "The simulation is no easier than the process",
    each=ValidationRun,
    why="A simulation that is easier than the process proves nothing about it.",
    source=(f"{ATMP_GMP}, 9.5",),
    remedy="Simulate again at the worst, or correct what the steps say.",
    reading="The open manipulations and open hours of the steps that nothing sterilises afterwards are added up over "
    "all processes that the run simulated, as far as their steps are described. Of shift and team it is asked that the "
    "worst case is told.",
)
def simulation_is_worst_case(look: Look, run: ValidationRun) -> Iterator[Said]:
    if run.type is not RunType.APS:
        return
    process = look.linked(Process, run, "process")
    if process.until:
        return
    processes = (process, *look.named(Process, run.covers))
    steps = tuple(s for p in processes for s in open_steps(look, p))
    parts = [_compared(look, run, steps, mine) for mine in _MEASURED]
    yield from together(*parts, _containers(look, run, processes), _worst(look, run))


_MEASURED = {
    "manipulations": ("open_manipulations", " open manipulations"),
    "duration_h": ("open_time", f"{NBSP}h of open work"),
}
"""Fact of the run → (fact of a step, what a sentence calls it)."""


def _compared(look: Look, run: ValidationRun, steps: tuple[ProcessStep, ...], mine: str) -> Iterator[Said]:
    theirs, what = _MEASURED[mine]
    asked = sum((Decimal(look.need(s, theirs)) for s in steps if not look.is_excused(s, theirs)), Decimal(0))
    if not asked or look.is_excused(run, mine):
        return
    shown = look.need(run, mine)
    if shown < asked:
        said = f"{run.named()} simulated {show_number(Decimal(shown))}{what}; the process has {show_number(asked)}."
        yield look.at(run, mine, said)


def _containers(look: Look, run: ValidationRun, processes: tuple[Process, ...]) -> Iterator[Said]:
    if not any(p.scope in _FILLED for p in processes) or look.is_excused(run, "containers"):
        return
    mine = look.holdings.product
    held = [c for c in look.of(Container, scope=ContainerScope.DP) if mine is None or c.product in (None, mine.uid)]
    if not held:
        return
    filled = look.need(run, "containers")
    missing = [c.named() for c in held if c.uid not in filled]
    if missing:
        yield look.at(run, "containers", f"{run.named()} did not fill {listed(missing)}.")


def _worst(look: Look, run: ValidationRun) -> Iterator[Said]:
    if not run.worst_case and not look.is_excused(run, "worst_case"):
        yield look.at(run, "worst_case", f"{run.named()} does not tell which worst case was simulated.")


@rule(
    "Q703",
    Severity.WARNING,
    "Simulations and the people in them are current",
    each=Process,
    why="Asepsis is a skill of people, and skills fade.",
    source=(f"{ATMP_GMP}, 9.5", ANNEX_1),
    remedy="Simulate before the next batch, with everybody who works in the open.",
    justifiable=True,
    section="S.2.5.1",
    reading="While a trial runs the last successful simulation must be recent today; each batch of the process in use "
    "needs one before it, so that rare production is simulated before each campaign. Each member of its team must have "
    "taken part in one within the year before, as Annex 1 has it.",
)
def simulation_is_current(look: Look, process: Process) -> Iterator[Said]:
    if not _is_aseptic(look, process):
        return
    runs = [r for r in simulations(look, process) if r.n_positive == 0 and r.date is not None]
    days = sorted(r.date for r in runs if r.date is not None)
    teams = _teams(runs)
    batches = look.of(Batch, process_version=process.uid)
    yield from together(
        _recent(look, process, days),
        *(_before(look, batch, days) for batch in batches),
        *(_trained(look, batch, teams) for batch in batches),
    )


def _teams(runs: list[ValidationRun]) -> dict[str, list[date]]:
    """Code of a person → the days of the simulations that the person passed, in order."""
    found: dict[str, list[date]] = {}
    for run in sorted(runs, key=lambda r: r.date or date.min):
        for code in run.team or ():
            found.setdefault(code.strip().casefold(), []).append(run.date or date.min)
    return found


def _last(days: list[date], day: date) -> date | None:
    """The last of `days`, which are in order, up to `day`."""
    place = bisect_right(days, day)
    return days[place - 1] if place else None


def _is_within(last: date | None, day: date, months: int) -> bool:
    try:
        return last is not None and months_after(last, months) >= day
    except (ValueError, OverflowError):
        return True


def _recent(look: Look, process: Process, days: list[date]) -> Iterator[Said]:
    months = int(look.settings.number("media_fill_months"))
    last = _last(days, look.on)
    if last is None or not any(t.state is TrialState.ONGOING for t in look.all(Trial)):
        return
    if not _is_within(last, look.on, months):
        said = f"The last successful simulation of {process.named()} is of {show_date(last)}"
        yield look.at(process, "", f"{said}, more than {months} months ago.")


def _before(look: Look, batch: Batch, days: list[date]) -> Iterator[Said]:
    if not days or look.is_excused(batch, "date"):
        return
    made, months = look.need(batch, "date"), int(look.settings.number("media_fill_months"))
    last = _last(days, made)
    if not _is_within(last, made, months):
        when = f"the last one before it is of {show_date(last)}" if last is not None else "none came before it"
        said = f"Batch {batch.named()} of {show_date(made)} has no simulation within {months} months before it: {when}."
        yield look.at(batch, "date", said)


def _trained(look: Look, batch: Batch, teams: dict[str, list[date]]) -> Iterator[Said]:
    is_asked = BatchUse.CLINICAL in (batch.use or ()) and bool(teams)
    if not is_asked or look.is_excused(batch, "team") or batch.date is None:
        return
    months = int(look.settings.number("operator_months"))
    team = look.need(batch, "team")
    late = [
        c for c in team if not _is_within(_last(teams.get(c.strip().casefold(), []), batch.date), batch.date, months)
    ]
    if late:
        said = f"{listed(late)} worked on batch {batch.named()} of {show_date(batch.date)} and passed no simulation in"
        yield look.at(batch, "team", f"{said} the {months} months before.")


# ---------------------------------------------------------------- release in two stages


_TESTED = {
    FirstCheck.ENDOTOXIN: Measurand.ENDOTOXIN,
    FirstCheck.MYCOPLASMA: Measurand.MYCOPLASMA,
    FirstCheck.VIABILITY: Measurand.VIABILITY,
}


@rule(
    "Q704",
    Severity.ERROR,
    "A product that is used before sterility is known is released in two stages",
    each=SpecTest,
    why="For a product of short life it is accepted, when the scheme is described and earlier samples stand behind it.",
    source=(f"{ATMP_GMP}, 11.3", "Ph. Eur. 2.6.27", "C(2019) 7140"),
    remedy="Enter the release plan: what must be there before use, and who assesses the rest.",
    reading="Asked of tests for sterility of the drug product that are reported after release; a test that is said to "
    "come before it, and takes too long, is found by Q409. What the first stage is said to rest on must be tested "
    "before release, as far as it is a test of the specification.",
)
def late_sterility_has_two_stages(look: Look, test: SpecTest) -> Iterator[Said]:
    if not is_in_force(look, test, DP) or Measurand.STERILITY not in measures(look, test):
        return
    if look.need(test, "release_timing") is not ReleaseTiming.AFTER_RELEASE:
        return
    plans = _plans(look)
    two = [p for p in plans if p.stages == 2]
    if not two:
        if silent := [p for p in plans if p.stages is None]:
            raise Needs(*(origin(bare(p), "stages") for p in silent))
        said = f"{test.named()} is known only after release, and no plan releases in two stages."
        yield look.at(test, "release_timing", said)
    for plan in two:
        yield from _first_stage(look, plan)
        if not plan.second_stage and not look.is_excused(plan, "second_stage"):
            said = f"The release plan {plan.named()} does not say who assesses the late results."
            yield look.at(plan, "second_stage", said)


def _plans(look: Look) -> list[ReleasePlan]:
    mine = look.holdings.product
    return [p for p in look.all(ReleasePlan) if mine is None or p.product in (None, mine.uid)]


def _first_stage(look: Look, plan: ReleasePlan) -> Iterator[Said]:
    if look.is_excused(plan, "first_stage"):
        return
    kind = "vectors" if IN_VIVO in look.types else "cells"
    wanted = set(map(str, look.settings.table("first_stage_checks").get(kind, ())))
    held = plan.first_stage or []
    lacking = [check.label for check in FirstCheck if check.value in wanted and check not in held]
    if lacking:
        yield look.at(plan, "first_stage", f"The first stage of {plan.named()} does not rest on: {'; '.join(lacking)}.")
    tests = [t for t in rows(look, DP, DS, INTERMEDIATE) if t.release_timing is ReleaseTiming.BEFORE_RELEASE]
    for check in held:
        what = _TESTED.get(check)
        if what is None and check is not FirstCheck.IDENTITY:
            continue
        is_there = any(
            what in measures(look, t) if what is not None else t.category is TestCategory.IDENTITY for t in tests
        )
        if not is_there:
            said = f"The first stage of {plan.named()} rests on {check.label}, and no test before release gives it."
            yield look.at(plan, "first_stage", said, "Add the test, or correct the plan.")


@rule(
    "Q705",
    Severity.ERROR,
    "It is planned what follows a positive result after use",
    each=ReleasePlan,
    why="The physician must know at once which organism it is and what it is sensitive to.",
    source=(f"{ATMP_GMP}, 11.3 and 12.3", "C(2019) 7140"),
    remedy="Complete the plan, and let the protocol say the same.",
)
def late_positive_has_a_plan(look: Look, plan: ReleasePlan) -> Iterator[Said]:
    if plan.stages != 2:
        return
    wanted = look.settings.words("informed_of_positive")
    silent = [who.label for who in Informed if who.value in wanted and who not in (plan.informed or ())]
    if silent and not look.is_excused(plan, "informed"):
        said = f"The plan {plan.named()} tells nothing to: {', '.join(silent)}."
        yield look.at(plan, "informed", said)
    asked = {
        "informed_within": "how soon",
        "identification": "how the organism and its sensitivity are found",
        "follow_up": "what is done for the subject",
        "protocol_section": "where the protocol says so",
    }
    lacking = {n: w for n, w in asked.items() if not getattr(plan, n) and not look.is_excused(plan, n)}
    if lacking:
        said = f"The plan {plan.named()} for a positive result after use does not say {listed(list(lacking.values()))}."
        yield look.at(plan, next(iter(lacking)), said)


# ---------------------------------------------------------------- samples


@rule(
    "Q706",
    Severity.WARNING,
    "Samples for microbes are taken where they would be found",
    each=SpecTest,
    why="A wash dilutes mycoplasma below what can be seen.",
    source=("Ph. Eur. 2.6.7", "Ph. Eur. 2.6.27"),
    remedy="Test mycoplasma in cells with their medium before the wash, and sterility in the final formulation.",
    types=CELL_BASED,
    reading="Read from the words of “Sample”; without any, the final container is sampled. A test for sterility on an "
    "earlier sample is well where another one tests the final formulation.",
)
def samples_find_microbes(look: Look, test: SpecTest) -> Iterator[Said]:
    if not is_in_force(look, test, DS, DP, INTERMEDIATE):
        return
    what = measures(look, test)
    if Measurand.MYCOPLASMA in what and not _has_cells_and_medium(look, test):
        where = test.sampling or "the final container"
        said = f"{test.named()} is tested in “{where}”, not in cells with their medium at the end of culture."
        yield look.at(test, "sampling", said)
    if Measurand.STERILITY in what and is_in_force(look, test, DP) and not _is_final(look, test):
        others = [t for t in rows(look, DP) if t.uid != test.uid and Measurand.STERILITY in measures(look, t)]
        if not any(_is_final(look, other) for other in others):
            said = f"{test.named()} is tested in “{test.sampling}”; nothing tests the final formulation."
            yield look.at(test, "sampling", said)


def _has_cells_and_medium(look: Look, test: SpecTest) -> bool:
    groups = look.settings.table("mycoplasma_sample_words")
    return all(speaks_of(tuple(words), test.sampling) for words in groups.values())


def _is_final(look: Look, test: SpecTest) -> bool:
    return not test.sampling or speaks_of(look.settings.words("final_sample_words"), test.sampling)
