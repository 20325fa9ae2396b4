"""The sentences of the what-if: why a project is above or below the line, what the method is and what it is not."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dossiers.facts import NBSP
from portal.choosing import Candidate, Choice, Need, Reason, State, Swap
from portal.filters import count, money, plural

NAMED = 5  # projects that a sentence names
UNTIMED = "Not worked out: the time for reasons was used up."
METHOD = (
    (
        "A solver (HiGHS) looks for the set of projects that has the most points in all and keeps within the money and "
        "the slots; of sets worth the same it takes the one that needs less money, and every reason comes from solving "
        "again with one project changed."
    ),
    (
        "Money is what is asked for less what is committed, slots are those stated for the next stage, and points come "
        "from the last scores handed in, each after what its confidence takes off, to a tenth."
    ),
    (
        "It adds points as if they were alike, takes a project whole or not at all, and knows nothing of time, risk, "
        "or projects that need each other: it shows what follows from these numbers, and the committee decides."
    ),
)


def eur(amount: Decimal) -> str:
    """A sum with its currency."""
    return f"{money(amount)}{NBSP}EUR"


def points(value: Decimal) -> str:
    """Points to a tenth, with their noun."""
    return f"{value:.1f}{NBSP}point{'' if value == 1 else 's'}"


def need(of: Need) -> str:
    """Money and slots in words: "12 000 EUR and 2 slots"; leaves out what is nothing."""
    return " and ".join([eur(of.money)] * bool(of.money) + [plural(of.slots, "slot")] * bool(of.slots))


def names(keys: Sequence[str]) -> str:
    """Keys in a sentence, the first few by name."""
    shown = [*keys[:NAMED], *([f"{len(keys) - NAMED} more"] if len(keys) > NAMED else [])]
    return " and ".join([", ".join(shown[:-1])] * bool(shown[:-1]) + shown[-1:])


def impossible(choice: Choice) -> str:
    """That what must be in needs more than there is; "" where it does not."""
    if not choice.lacking:
        return ""
    return (
        f"What you put in needs {need(choice.lacking)} more than there is, so nothing can be chosen. Free one of "
        "these projects, or give more."
    )


def because(reason: Reason, one: Candidate, choice: Choice) -> str:
    """Why the candidate is taken or not, in a sentence or a few."""
    if reason.state is State.MUST:
        return "You put it in."
    if reason.state is State.OUT:
        return "You left it out."
    if choice.lacking:
        return "Nothing is chosen while what you put in does not fit."
    if reason.taken:
        return _above(reason.swap)
    if reason.excess:
        musts = any(c.state is State.MUST for c in choice.candidates.values())
        beside = "is left beside what you put in" if musts else "there is in all"
        return f"It cannot be taken: it needs {need(reason.excess)} more than {beside}."
    return " ".join(filter(None, (_fits(reason, one, choice), _below(reason, one), _more(reason))))


def _above(swap: Swap | None) -> str:
    if swap is None:
        return UNTIMED
    into = f"{names(swap.into)} would come in" if swap.into else "nothing else would come in"
    out = f" and {names(swap.out)} go out" if swap.out else ""
    return f"Without it, {into}{out}; {_less(swap)}."


def _less(swap: Swap) -> str:
    if swap.lost < 0:
        return f"{points(-swap.lost)} more, so the choice above is not the best yet"
    lost = f"{points(swap.lost)} less" if swap.lost else "as many points"
    return lost if swap.proven else f"at most {lost}, for the solver ran out of time"


def _fits(reason: Reason, one: Candidate, choice: Choice) -> str:
    """Which limits it does not fit, with what is left of them."""
    parts, used, limits = [], choice.used, choice.limits
    if reason.short.money and limits.money is not None:
        parts.append(f"{eur(one.money)}, and {eur(limits.money - used.money)} is left")
    if reason.short.slots and limits.slots is not None:
        left = limits.slots - used.slots
        parts.append(f"{plural(one.slots, 'slot')}, and {count(left)} {'is' if left == 1 else 'are'} left")
    return f"It needs {'; it needs '.join(parts)}." if parts else ""


def _below(reason: Reason, one: Candidate) -> str:
    swap = reason.swap
    if not one.value:
        return "It adds no points."
    if swap is None:
        return UNTIMED
    if not swap.out:
        return f"Taking it would displace nothing; {_less(swap)}."
    into = f" and let {names(swap.into)} in" if swap.into else ""
    if swap.lost > 0 and swap.proven:
        return f"Taking it would put out {names(swap.out)}{into} and lose {points(swap.lost)} in all."
    return f"Taking it would put out {names(swap.out)}{into}; {_less(swap)}."


def _more(reason: Reason) -> str:
    if reason.enough is None:
        return ""
    if reason.enough:
        return f"With {need(reason.short)} more it would come in."
    return f"With {need(reason.short)} more it would fit, but that would do more for others."
