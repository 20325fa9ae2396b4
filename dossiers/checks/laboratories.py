"""Rules about who tests and how long it takes (Q408, Q409)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from uuid import UUID

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.specified import DP, DS, INTERMEDIATE, is_in_force, scope_of
from dossiers.facts import NBSP
from dossiers.limits import quantity, show_number
from dossiers.records.methods import AnalyticalMethod, MethodValidation, ValidationParameter
from dossiers.records.quality import ReleaseTiming, SpecTest
from dossiers.records.sites import ActivityStage, Site, SiteActivity
from dossiers.records.stability import ClaimScope, Segment, ShelfLifeClaim


@rule(
    "Q408",
    Severity.ERROR,
    "Each test has one listed laboratory",
    each=SpecTest,
    why="An applicant was asked which of two laboratories does a test. The gap is common, and an inspector follows it.",
    source=("EMA/CAT/22473/2025, S.2.1 and P.3.1", "EudraLex Vol. 4 Part IV (ATMP), 13"),
    remedy="Name the laboratory of the method, and list the test among what that site tests.",
    reading="Tests of the drug substance, of intermediates and of the drug product must stand in the list of a testing "
    "activity; of other specifications it is enough that the laboratory has a part in the chain. Two laboratories are "
    "accepted where the validation of the method holds a transfer.",
)
def tests_have_a_laboratory(look: Look, test: SpecTest) -> Iterator[Said]:
    if not is_in_force(look, test):
        return
    method = look.find(AnalyticalMethod, test.method)
    listed = look.once("laboratories by test", lambda: _listed(look)).get(test.uid, {})
    own = look.find(Site, method.lab) if method is not None else None
    if own is None and not listed:
        if method is not None and not look.is_excused(method, "lab"):
            yield look.at(test, "method", f"No laboratory is named for {test.named()}.")
        return
    if scope_of(look, test) not in (DS, DP, INTERMEDIATE):
        if own is not None and not listed and not look.of(SiteActivity, site=own.uid):
            yield look.at(
                test, "method", f"{own.named()} does the test {test.named()}, and no activity of it is listed."
            )
        return
    labs = {uid: look.find(Site, uid) for uid in ({own.uid: None} if own is not None else {}) | listed}
    if not listed:
        yield look.at(test, "method", f"The test {test.named()} stands in no laboratory’s list of tests.")
    elif len(labs) > 1 and not (method is not None and _is_transferred(look, method)):
        names = " and ".join(lab.named() for lab in labs.values() if lab is not None)
        said = f"More than one laboratory is named for {test.named()}: {names}."
        yield look.at(test, "method", said, "Name one, or add the transfer of the method to its validation.")


def _listed(look: Look) -> Mapping[UUID, dict[UUID, None]]:
    """Test → the sites whose testing activities list it and have not ended."""
    found: dict[UUID, dict[UUID, None]] = {}
    for activity in look.of(SiteActivity, stage=ActivityStage.TESTING):
        if activity.site is None or (activity.until and activity.until < look.on.isoformat()):
            continue
        for uid in activity.tests_covered or ():
            found.setdefault(uid, {})[activity.site] = None
    return found


def _is_transferred(look: Look, method: AnalyticalMethod) -> bool:
    return bool(look.of(MethodValidation, method=method.uid, parameter=ValidationParameter.TRANSFER))


@rule(
    "Q409",
    Severity.ERROR,
    "The result is there before the product expires",
    each=SpecTest,
    why="A test that ends after expiry cannot decide on release.",
    source=("EudraLex Vol. 4 Part IV (ATMP), 11 and 12", "Ph. Eur. 2.6.27"),
    remedy="Read earlier, sample earlier, use a faster method, or report the result after release with a plan.",
    reading="The longest shelf life that counts from manufacture is taken, and the time by which the sample is taken "
    "before manufacture ends is added. A row may have a time of its own: a first reading of a longer test.",
)
def results_come_in_time(look: Look, test: SpecTest) -> Iterator[Said]:
    if test.release_timing is not ReleaseTiming.BEFORE_RELEASE or not is_in_force(look, test, DP):
        return
    method = look.find(AnalyticalMethod, test.method)
    if test.turnaround is None and method is None:
        return
    takes = test.turnaround if test.turnaround is not None or method is None else look.need(method, "turnaround")
    keeps, claim = _longest(look)
    if takes is not None and takes > keeps + (test.sampled_before or 0):
        shown = quantity(claim.duration or keeps, claim.unit.label if claim.unit else "h")
        yield look.at(
            test,
            "release_timing",
            f"The test {test.named()} takes {show_number(takes)}{NBSP}h, and the product keeps {shown}.",
        )


def _longest(look: Look) -> tuple[Decimal, ShelfLifeClaim]:
    """(hours, claim) of the longest shelf life of the drug product from manufacture. Raises `Needs`."""
    hours = look.settings.table("hours_in")
    held = [
        (c.duration * Decimal(str(hours[c.unit.value])), c)
        for c in look.of(ShelfLifeClaim, scope=ClaimScope.DP)
        if c.segment in (Segment.FROZEN, Segment.FRESH) and c.duration is not None and c.unit and c.unit.value in hours
    ]
    if not held:
        raise Needs(look.missing(ShelfLifeClaim, "", name="duration").origin)
    return max(held, key=lambda pair: pair[0])
