"""Temperatures in the words people use for them: "2–8 °C", "≤ −150 °C, vapour", "15 to 25"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"[-−–]?\s?\d+(?:\.\d+)?"
_SPAN = re.compile(rf"({_NUMBER})\s*(?:–|to|and|…|\.\.|-)\s*({_NUMBER})(?:\s*°\s*C)?")
_SIDE = re.compile(rf"(≤|≥|<|>|below|above|under|at most|at least)\s*({_NUMBER})(?:\s*°\s*C)?")
_ONE = re.compile(rf"({_NUMBER})\s*°\s*C")
_DOWN = frozenset({"≤", "<", "below", "under", "at most"})


@dataclass(frozen=True)
class Span:
    """A range of temperature in °C; None for an end that is open."""

    low: Decimal | None
    high: Decimal | None

    def holds(self, other: Span) -> bool:
        """Whether the other range lies within this one."""
        low = self.low is None or (other.low is not None and other.low >= self.low)
        high = self.high is None or (other.high is not None and other.high <= self.high)
        return low and high


def temperature(text: str | None) -> Span | None:
    """The first range of temperature that the text names, or None where it names none."""
    if not text:
        return None
    said = " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())
    if side := _SIDE.search(said):
        value = _value(side[2])
        return Span(None, value) if side[1] in _DOWN else Span(value, None)
    if span := _SPAN.search(said):
        low, high = _value(span[1]), _value(span[2])
        return Span(min(low, high), max(low, high))
    if one := _ONE.search(said):
        return Span(_value(one[1]), _value(one[1]))
    return None


def _value(text: str) -> Decimal:
    return Decimal(text.replace(" ", "").replace("−", "-").replace("–", "-"))
