"""The answer to a what-if, ready to be shown: its lines in order with their reasons, and the sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from portal.choice.asked import NEED, PAGE, SCORE, Asked
from portal.choice.queries import Apart, Ground
from portal.choice.words import because, eur, impossible
from portal.choosing import MOST, Candidate, Choice, Need, State, choose, reasons
from portal.filters import count, plural
from portal.models import Project

UNITS = {SCORE: "Weighted score", NEED: "Need × feasibility"}
REASONED = 10.0  # seconds for the reasons of one answer
PINNED = {State.MUST: "in", State.OUT: "out", State.MAY: ""}


@dataclass(frozen=True, slots=True)
class Line:
    """A project with what it is worth and needs, whether it is taken, and why."""

    project: Project
    one: Candidate
    taken: bool
    why: str

    @property
    def key(self) -> str:
        """The project's key."""
        return self.one.key

    @property
    def pinned(self) -> str:
        """Whether it is pinned: "in" or "out"; "" where it is free."""
        return PINNED[self.one.state]


@dataclass(frozen=True)
class Answer:
    """`lines`: those with a reason, what is taken first and worth most first; `order`: all. `warning`: what to know.

    `choice` is None where there is too much to choose from.
    """

    asked: Asked
    choice: Choice | None
    order: tuple[Candidate, ...]
    lines: tuple[Line, ...]
    apart: Sequence[Apart]
    loose: Sequence[str]
    warning: str

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-len(self.order) // PAGE))

    @property
    def left(self) -> tuple[Decimal | None, int | None]:
        """(EUR, slots) that are left; None where there is no limit."""
        limits, used = self.asked.limits, self.choice.used if self.choice else Need()
        money = None if limits.money is None else limits.money - used.money
        return money, None if limits.slots is None else limits.slots - used.slots

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What the answer rests on and comes to, as (what, said)."""
        limits, (money, slots) = self.asked.limits, self.left
        found = [
            ("Stages", ", ".join(stage.label for stage in self.asked.stages)),
            ("Value", UNITS[self.asked.value]),
            ("Money there is", "no limit" if limits.money is None else eur(limits.money)),
            ("Slots there are", "no limit" if limits.slots is None else count(limits.slots)),
        ]
        if self.choice is not None and not self.choice.lacking:
            used = self.choice.used
            found += [
                ("Taken", f"{plural(len(self.choice.taken), 'project')} of {count(len(self.order))}"),
                ("Points in all", f"{self.choice.value:.1f}"),
                ("Money used", eur(used.money) + ("" if money is None else f", {eur(money)} left")),
                ("Slots used", count(used.slots) + ("" if slots is None else f", {count(slots)} left")),
            ]
        return (*found, ("To know", self.warning))


def answer(asked: Asked, there: Ground, *, whole: bool = False) -> Answer:
    """The answer with the lines of its page, or all of them (`whole`)."""
    if len(there.candidates) > MOST:
        many = f"{plural(len(there.candidates), 'project')} are too many for one answer; choose fewer stages."
        return Answer(asked, None, (), (), there.apart, there.loose, many)
    made = choose(there.candidates, asked.limits)
    order = tuple(sorted(there.candidates, key=lambda c: (c.key not in made.taken, -c.value, c.key)))
    number = min(asked.number, max(1, -(-len(order) // PAGE)))
    shown = order if whole else order[(number - 1) * PAGE : number * PAGE]
    why = reasons(made, [c.key for c in shown], REASONED)
    lines = tuple(Line(there.projects[c.key], c, c.key in made.taken, because(why[c.key], c, made)) for c in shown)
    return Answer(asked, made, order, lines, there.apart, there.loose, _warning(made))


def _warning(made: Choice) -> str:
    if made.lacking:
        return impossible(made)
    if not made.proven:
        return (
            "The solver stopped when its time was up: this is the best set it had found, and a better one may exist. "
            "Pin some projects or choose fewer stages."
        )
    return "" if made.cheapest else "As good a set may exist that needs less money: the solver's time was up."
