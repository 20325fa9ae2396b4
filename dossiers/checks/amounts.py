"""Amounts in running text: numbers with their power of ten, sign and unit, as people write them in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from dossiers.limits.numerals import take_number

SPACE = r"[ \u00a0\u202f\u2009]"
_NUMBER = rf"\d{{1,3}}(?:{SPACE}\d{{3}})+(?!\d)|\d+(?:\.\d+)?"
_POWER = rf"{SPACE}*×{SPACE}*10(?:\^?[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+|\^-?\d+)"
_ITEM = rf"(?:{_NUMBER})(?:{_POWER})?"
_JOINT = rf"(?:{SPACE}?[–±]{SPACE}?|,{SPACE}|{SPACE}(?:to|and|or){SPACE})"
_ROW = re.compile(rf"(?<![\w.,/−-])(?P<row>{_ITEM}(?:{_JOINT}{_ITEM})*)(?![\d])")
_SIGN = re.compile(r"(≥|≤|<|>)\s*$")
_HEDGE = re.compile(
    r"\b(about|nearly|almost|around|roughly|some|ca\.|approximately|below|above|under|over|beyond|than|up to|least"
    r"|most)(?:\s(?:the|a|an))?\s*$"
)
_UNIT = re.compile(rf"{SPACE}?(percentage points|[%‰°µ/A-Za-z][^\s,;:.()\u00a0]*)")
_UP_TO_TWENTY = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen"),
    *("fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
WORDS = {word: value for value, word in enumerate(_UP_TO_TWENTY, 1)}
"""Numbers that people write as words."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text: its value, the sign before it, what follows as unit; `hedged` if a word makes it loose."""

    value: Decimal
    unit: str
    sign: str
    hedged: bool
    start: int
    end: int


def amounts(text: str) -> Iterator[Amount]:
    """Every amount of `text`, in order; "2.9 to 3.8 × 10⁸ TU/mL" is two, of which each has power and unit."""
    for row in _ROW.finditer(text):
        items = list(re.finditer(_ITEM, row["row"]))
        values = [(_value(item[0]), "×" in item[0]) for item in items]
        if any(value is None for value, _ in values):
            continue
        last = items[-1][0]
        power = re.search(_POWER, last)
        shared = power is not None and not any(has for _, has in values[:-1])
        unit = _UNIT.match(text, row.end())
        before = text[: row.start()]
        sign, hedge = _SIGN.search(before), _HEDGE.search(before.casefold())
        for item, (value, has) in zip(items, values, strict=True):
            assert value is not None
            scale = _value("1" + power[0]) if shared and power is not None and not has else None
            yield Amount(
                value * scale if scale is not None else value,
                unit[1].rstrip("’'\"”") if unit else "",
                sign[1] if sign else "",
                hedge is not None,
                row.start() + item.start(),
                row.end(),
            )


def _value(text: str) -> Decimal | None:
    token = take_number(re.sub(rf"(?<=\d){SPACE}(?=\d{{3}})", "", text))
    return None if token is None or token.rest.strip() or not token.value.is_finite() else token.value


def counted(text: str) -> int | None:
    """A whole number in figures or as a word ("fifteen", "15"); None for anything else."""
    word = text.strip().casefold()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 9 else WORDS.get(word)
