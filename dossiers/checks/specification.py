"""Rules about specifications (Q3): limits, methods, versions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import FIRST, PIVOTAL, rule
from dossiers.checks.specified import is_in_force, is_open, lowers, uppers
from dossiers.judging import identity
from dossiers.limits import Criterion, LimitFault, convert, parse, show
from dossiers.records.quality import Specification, SpecTest, TestCategory
from dossiers.stage import Stage


@rule(
    "Q302",
    Severity.ERROR,
    "Each safety test has a limit",
    each=SpecTest,
    why="Without a limit nothing can fail. For what makes a product safe that is never accepted; for what tells more "
    "about its quality it is, early on, if somebody says why.",
    source=("EMA/CAT/22473/2025, S.4.1 and P.5.1",),
    remedy="Set a limit, even a provisional one.",
    reading="A test that is no safety test may be reported without limit before the pivotal phase if its "
    "justification says why; the reference would list it in every case. An acceptance criterion that is not "
    "entered at all is a gap of the project, no finding here.",
)
def safety_tests_have_a_limit(look: Look, test: SpecTest) -> Iterator[Said]:
    if not is_in_force(look, test) or look.is_excused(test, "criterion"):
        return
    criterion = look.criterion(test)
    if not is_open(criterion):
        return
    without = f"{test.named()} has no limit: {show(criterion)}"
    if look.need(test, "category") is TestCategory.SAFETY:
        yield look.at(test, "criterion", f"The safety test {without}.")
    elif PIVOTAL in look.phases:
        yield look.at(test, "criterion", f"In the pivotal phase the test {without}.")
    elif not test.justification:
        severity = Severity.INFO if FIRST in look.phases else Severity.WARNING
        yield look.at(test, "criterion", f"The test {without}, and no reason is given.", "Give the reason.", severity)


@rule(
    "Q303",
    Severity.ERROR,
    "Each test names a method",
    each=SpecTest,
    why="A limit says nothing without the procedure by which it is measured.",
    source=("EMA/CAT/22473/2025, P.5.2",),
    remedy="Name the analytical method of the test.",
    reading="Tests of stability studies are rows of a specification and are asked with them; the method of an "
    "in-process control is asked for as a fact of the control.",
)
def tests_name_a_method(look: Look, test: SpecTest) -> Iterator[Said]:
    if test.method is None and not look.is_excused(test, "method"):
        yield look.at(test, "method", f"The test {test.named()} names no analytical method.")


@rule(
    "Q320",
    Severity.WARNING,
    "The limit at release is not looser than at the end of shelf life",
    each=SpecTest,
    why="A batch could be released that fails the limit of its shelf life on the same day.",
    source=("ICH Q6B", "ICH Q5C"),
    remedy="Tighten the limit at release, or correct the one at the end of shelf life.",
    due=Stage.IDEA,
    reading="Each end that both criteria have is compared, for loss shows at the lower and growth at the upper end.",
)
def release_is_not_looser(look: Look, test: SpecTest) -> Iterator[Said]:
    if not test.shelf_life_criterion or not is_in_force(look, test):
        return
    release, later = look.criterion(test), look.criterion(test, "shelf_life_criterion")
    if _is_looser(release, later):
        yield look.at(
            test,
            "shelf_life_criterion",
            f"The test {test.named()}: {show(release)} at release is looser than {show(later)} of the shelf life.",
        )


def _is_looser(one: Criterion, other: Criterion) -> bool:
    """Whether `one` lets through at either end what `other` does not; ends in units that do not convert are no ends."""
    return _reach(lowers(one), lowers(other), -1) or _reach(uppers(one), uppers(other), 1)


def _reach(mine: tuple[tuple[Decimal, str], ...], theirs: tuple[tuple[Decimal, str], ...], way: int) -> bool:
    if not theirs:
        return False
    limit, unit = max(theirs, key=lambda end: end[0] * way)
    for value, own in mine:
        changed = value if own == unit else convert(value, own, unit)
        if changed is not None and (changed - limit) * way > 0:
            return True
    return False


@rule(
    "Q322",
    Severity.INFO,
    "A new version of a specification says why it is wider",
    each=Specification,
    why="Limits that become wider late in development look as if they were fitted to failures.",
    source=("EMA/CAT/22473/2025, P.5.6",),
    remedy="Write the reason for the version.",
    due=Stage.IDEA,
    justifiable=True,
    section="P.5.6",
    reading="Rows are the same if test, stage, time point and condition agree. A limit is wider if it lies farther "
    "out at an end, has lost an end, or became a report.",
)
def changes_are_explained(look: Look, specification: Specification) -> Iterator[Said]:
    before = _before(look, specification)
    if before is None or specification.change_reason or look.is_excused(specification, "change_reason"):
        return
    now = {identity(t): t for t in look.of(SpecTest, specification=specification.uid)}
    for test in look.of(SpecTest, specification=before.uid) if now else ():
        later = now.get(identity(test))
        if later is None:
            change = f"the test {test.named()} was dropped"
        elif _is_wider(test, later):
            change = f"the limit of {test.named()} went from {test.criterion} to {later.criterion}"
        else:
            continue
        yield look.at(specification, "change_reason", f"In {specification.named()} {change}, and no reason is given.")


def _before(look: Look, specification: Specification) -> Specification | None:
    """The version before this one: the last that came into force earlier under the same code."""
    day = specification.effective_from
    if day is None or not specification.code:
        return None
    held = look.of(Specification, code=specification.code, scope=specification.scope)
    older = [(s.effective_from, s) for s in held if s.effective_from is not None and s.effective_from < day]
    return max(older, key=lambda pair: pair[0])[1] if older else None


def _is_wider(old: SpecTest, new: SpecTest) -> bool:
    try:
        one, other = (parse(t.criterion) if t.criterion else None for t in (old, new))
    except LimitFault:
        return False
    if one is None or other is None or is_open(one):
        return False
    lost = (lowers(one) and not lowers(other)) or (uppers(one) and not uppers(other))
    return is_open(other) or bool(lost) or _is_looser(other, one)
