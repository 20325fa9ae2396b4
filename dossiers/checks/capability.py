"""The rule on limits that lie far from what batches show (Q304), and the statistic it goes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from statistics import mean, stdev
from uuid import UUID

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import FIRST, rule
from dossiers.checks.settings import Settings
from dossiers.checks.specified import is_in_force, versions
from dossiers.limits import LimitFault, Reading, convert, quantity, show, show_number, unit_of
from dossiers.records.criterion import ends_of
from dossiers.records.quality import JustificationType, SpecTest
from dossiers.records.results import Qualifier, ResultState, Statistic, TestResult

WIDEST_POWER = 60  # beyond ten to this nobody measures; it keeps the arithmetic of absurd input short


@dataclass(frozen=True)
class Spread:
    """Results of batches in one unit: how many, their mean, their standard deviation, the least and the greatest."""

    n: int
    mean: Decimal
    sd: Decimal
    low: Decimal
    high: Decimal

    @classmethod
    def of(cls, values: Iterable[Decimal]) -> Spread:
        """The spread of two values or more."""
        held = sorted(values)
        return cls(len(held), mean(held), stdev(held), held[0], held[-1])

    def distance(self, limit: Decimal, *, is_lower: bool) -> Decimal | None:
        """Standard deviations from the mean out to a limit; None where all results are alike."""
        return None if self.sd <= 0 else ((self.mean - limit) if is_lower else (limit - self.mean)) / self.sd


def farthest(settings: Settings, n: int) -> Decimal:
    """How many standard deviations a limit may lie from the mean of `n` batches before it is called far.

    The setting, and for few batches, whose standard deviation says little, the one-sided tolerance factor where that
    is greater: 99 % of all batches lie within it with 95 % confidence if they are distributed normally.
    """
    least = settings.number("capability_distance")
    factors = {int(k): Decimal(str(v)) for k, v in settings.table("tolerance_factors").items() if str(k).isdigit()}
    known = [k for k in factors if k <= n]
    return max(least, factors[max(known)]) if known else least


@rule(
    "Q304",
    Severity.WARNING,
    "Limits lie near what batches show",
    each=SpecTest,
    why="A limit far from every result tells the assessor that nobody knows yet what the process can do.",
    source=("EMA/CAT/22473/2025, P.5.6", "ICH Q6B, 2.1", "ISO 16269-6"),
    remedy="Bring the limit nearer to the results, or say on what else it rests.",
    justifiable=True,
    section="P.5.6",
    reading="Asked of limits that rest on process capability or on nothing; one with a reason of safety, dose or "
    "literature is not meant to lie near the results. The mean of each batch counts once, over all versions of the "
    "specification. A limit is far beyond six standard deviations from the mean; with three or four batches, whose "
    "standard deviation is itself uncertain, beyond the one-sided tolerance factor for 99 % of batches with 95 % "
    "confidence (10.6 for three, 7.0 for four). Normal distribution is assumed. Where a result lies below the limit "
    "of quantitation, or all are alike, no spread is worked out.",
)
def limits_are_near(look: Look, test: SpecTest) -> Iterator[Said]:
    if not test.criterion or not is_in_force(look, test):
        return
    if test.justification and test.justification_type not in (None, JustificationType.CAPABILITY):
        return
    criterion = look.criterion(test)
    unit, ends = unit_of(criterion) or test.unit or "", ends_of(criterion)
    values = of_batches(look, test, unit) if ends != (None, None) else ()
    if len(values) < max(2, int(look.settings.number("capability_batches"))):
        return
    spread = Spread.of(values)
    severity = Severity.INFO if FIRST in look.phases else None
    for limit, is_lower in zip(ends, (True, False), strict=True):
        distance = None if limit is None else spread.distance(limit, is_lower=is_lower)
        if limit is None or distance is None or distance <= farthest(look.settings, spread.n):
            continue
        side = f"the {'lower' if is_lower else 'upper'} limit of {quantity(limit, unit)}"
        shown = f"{quantity(_short(spread.low), '')}–{quantity(_short(spread.high), unit)}"
        yield look.at(
            test,
            "criterion",
            f"The test {test.named()}, {show(criterion)}: {side} lies {show_number(_short(distance))} standard "
            f"deviations from the mean of {spread.n} batches ({shown}).",
            severity=severity,
        )


def of_batches(look: Look, test: SpecTest, unit: str) -> tuple[Decimal, ...]:
    """The result of each batch in `unit`, the mean where a batch has several; () where one is not a plain number."""
    found: defaultdict[UUID, list[Decimal]] = defaultdict(list)
    for row in versions(look, test):
        for result in look.of(TestResult, spec_test=row.uid):
            if result.batch is None or result.state not in (None, ResultState.REPORTED, ResultState.BELOW_LOQ):
                continue
            value = _plain(result, unit)
            if value is None:
                return ()
            found[result.batch].append(value)
    return tuple(mean(values) for values in found.values())


def _plain(result: TestResult, unit: str) -> Decimal | None:
    """The result as a number in `unit`; None for words, bounds, sums over batches and what does not convert."""
    if result.statistic not in (None, Statistic.SINGLE) or result.qualifier not in (None, Qualifier.EQUAL):
        return None
    if result.state is ResultState.BELOW_LOQ or not result.value:
        return None
    try:
        reading = Reading.read(result.value, result.unit or unit)
    except LimitFault:
        return None
    if reading.value is None or reading.qualifier not in ("", "=") or abs(reading.value.adjusted()) > WIDEST_POWER:
        return None
    if not reading.unit or reading.unit == unit:
        return reading.value
    return convert(reading.value, reading.unit, unit)


def _short(value: Decimal) -> Decimal:
    """A number to three digits, as a sentence can bear."""
    return Decimal(f"{value:.3g}").normalize()
