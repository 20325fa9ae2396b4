"""Scores into a proposal: pure arithmetic over a rulebook. The system proposes; the committee decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from portal.rulebook import Criterion, Rulebook

NOTHING = Decimal(0)
METHOD = (
    "Usable: each score less what its confidence takes off, then the mean. Weighted: the sum of weight × usable points "
    "÷ 5. Evened out: for each reviewer, the mean distance of their usable scores from the others' on the same "
    "criteria; half of it is taken out of their scores, within 0 and 5. It is shown beside, and the proposal does not "
    "use it."
)


@dataclass(frozen=True, slots=True)
class Given:
    """One reviewer's score of one criterion: 0 to 5, and the letter that says how well the evidence was seen."""

    criterion: str
    score: int
    confidence: str = "A"
    reviewer: str = ""


@dataclass(frozen=True, slots=True)
class Summed:
    """What the reviewers say of one criterion. `mean`, `median`, `usable` in points of 0 to 5; None: nobody scored.

    `usable` is the mean after each score lost what its confidence takes off. `adjusted` is the usable score after the
    reviewers' own severity was taken out (`severities`).
    """

    criterion: Criterion
    given: tuple[Given, ...]
    mean: Decimal | None
    median: Decimal | None
    spread: Decimal
    usable: Decimal | None
    adjusted: Decimal | None

    @property
    def is_zero(self) -> bool:
        """Whether it was scored and nothing of it is left."""
        return self.usable is not None and self.usable <= 0


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard at one gate: criteria in the rulebook's order, weighted scores (0 to 100), the proposal and why."""

    gate: str
    criteria: tuple[Summed, ...]
    weighted: Decimal | None
    raw: Decimal | None
    adjusted: Decimal | None
    below: tuple[str, ...]
    proposal: str  # go, conditional_go, revise, stop; "" until every criterion is scored
    reasons: tuple[str, ...]
    method: str = METHOD  # how the numbers are reckoned, in words


def far_apart(book: Rulebook, made: Card) -> tuple[Summed, ...]:
    """The criteria at which reviewers lie so far apart that the rulebook wants the difference discussed."""
    return tuple(s for s in made.criteria if len(s.given) > 1 and s.spread >= book.spread)


def usable(book: Rulebook, given: Given) -> Decimal:
    """A score less what its confidence takes off, not under 0."""
    return max(NOTHING, Decimal(given.score) - book.confidence[given.confidence][1])


def severities(book: Rulebook, scores: Sequence[Given]) -> dict[str, Decimal]:
    """Reviewer → how much they score above (+) or below (−) the others, on the criteria that they share with others.

    Method: on each criterion that two or more scored, a reviewer's usable score less the mean of the others' there;
    the mean of these differences, halved where only one criterion is shared, for one comparison says little.
    """
    by_criterion: dict[str, list[Given]] = {}
    for given in scores:
        by_criterion.setdefault(given.criterion, []).append(given)
    apart: dict[str, list[Decimal]] = {}
    for those in by_criterion.values():
        for mine in those:
            others = [usable(book, g) for g in those if g.reviewer != mine.reviewer]
            if others:
                apart.setdefault(mine.reviewer, []).append(usable(book, mine) - sum(others, NOTHING) / len(others))
    return {who: sum(found, NOTHING) / len(found) / (2 if len(found) == 1 else 1) for who, found in apart.items()}


def summed(book: Rulebook, criterion: Criterion, scores: Sequence[Given], severity: Mapping[str, Decimal]) -> Summed:
    """What the reviewers say of one criterion."""
    given = tuple(g for g in scores if g.criterion == criterion.id)
    if not given:
        return Summed(criterion, (), None, None, NOTHING, None, None)
    points = [Decimal(g.score) for g in given]
    left = [usable(book, g) for g in given]
    fair = [
        min(Decimal(5), max(NOTHING, value - severity.get(g.reviewer, NOTHING) / 2))
        for g, value in zip(given, left, strict=True)
    ]
    return Summed(
        criterion,
        given,
        sum(points, NOTHING) / len(points),
        Decimal(str(median(points))),
        max(points) - min(points),
        sum(left, NOTHING) / len(left),
        sum(fair, NOTHING) / len(fair),
    )


def card(book: Rulebook, gate: str, scores: Sequence[Given], failed: Sequence[str] = ()) -> Card:
    """The scorecard at a gate. `failed`: the must-meet items that are answered with no."""
    severity = severities(book, scores)
    criteria = tuple(summed(book, c, scores, severity) for c in book.criteria)
    below = tuple(
        s.criterion.id for s in criteria if s.usable is not None and s.usable < s.criterion.minimum.get(gate, NOTHING)
    )
    weighted = _weighted(criteria, "usable")
    proposal, reasons = _proposal(book, gate, criteria, weighted, failed)
    return Card(
        gate, criteria, weighted, _weighted(criteria, "mean"), _weighted(criteria, "adjusted"), below, proposal, reasons
    )


def weighted_score(book: Rulebook, scores: Sequence[Given]) -> Decimal | None:
    """The weighted score of `card` alone, 0 to 100; None until every criterion that weighs is scored."""
    return _weighted([summed(book, c, scores, {}) for c in book.criteria], "usable")


def _weighted(criteria: Sequence[Summed], what: str) -> Decimal | None:
    """The sum of weight times points over 5; None until every criterion that weighs is scored."""
    total = NOTHING
    for one in criteria:
        points: Decimal | None = getattr(one, what)
        if points is None:
            return None
        total += one.criterion.weight * points / 5
    return total


def _proposal(
    book: Rulebook, gate: str, criteria: Sequence[Summed], weighted: Decimal | None, failed: Sequence[str]
) -> tuple[str, tuple[str, ...]]:
    """What the rulebook's order of questions comes to, and why."""
    if failed:
        return "revise", tuple(f"Not met: {item}." for item in failed)
    zero = [s.criterion for s in criteria if s.criterion.knock_out and s.is_zero]
    if zero:
        return "revise", tuple(
            f"{c.id} {c.name} is zero, which knocks out; stop if it cannot be repaired." for c in zero
        )
    if weighted is None:
        return "", ("Not every criterion is scored yet.",)
    if gate not in book.thresholds:
        return "go", (f"{gate} asks for must-meet items only, and all are met.",)
    limits, shown = book.thresholds[gate], f"{weighted:.1f}"
    if weighted < limits.stop:
        return "stop", (f"The weighted score {shown} lies under {limits.stop}.",)
    short = [
        (s.criterion, s.criterion.minimum.get(gate, NOTHING) - s.usable)
        for s in criteria
        if s.usable is not None and s.usable < s.criterion.minimum.get(gate, NOTHING)
    ]
    if weighted >= limits.go and not short:
        return "go", (f"The weighted score {shown} reaches {limits.go}, and no criterion is under its minimum.",)
    repairable = len(short) <= 2 and all(not c.knock_out and lack <= 1 for c, lack in short)
    if weighted >= limits.conditional and repairable:
        named = "".join(f" {c.id} is {lack.normalize():f} under its minimum." for c, lack in short)
        return "conditional_go", (f"The weighted score {shown} reaches {limits.conditional}.{named}",)
    return "revise", (f"The weighted score is {shown}, and too much lies under {limits.conditional} or a minimum.",)
