"""Numbers as people write them: exact digits, powers of ten, a decimal comma where it can be nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from dossiers.limits.text import NBSP, clean, fault

EXAMPLES = "write for example 70, 0.5, −20 or 1.5 × 10^6"
POWER_LIMIT = 99
DIGIT_LIMIT = 30
SUPERSCRIPTS = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
FLAT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻−–", "0123456789+---")

_BODY = r"(?:[0-9]+(?:[.,'’][0-9]+|\x20[0-9]{3}(?![0-9]))*|[.,][0-9]+)"
_SUPER = r"[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_POWER = r"\(?(?P<{0}>[+\-−–]?[0-9]+)\)?"
_NUMBER = re.compile(
    rf"(?P<sign>[+\-−–]?)\s?(?:"
    rf"10(?:\s?(?:\^|\*\*)\s?{_POWER.format('bare')}|(?P<bare_super>{_SUPER}))"
    rf"|(?P<body>{_BODY})(?:"
    rf"[eE](?P<e>[+\-−]?[0-9]+)"
    rf"|\s?[×xX*·⋅∙]\s?10(?:(?P<super>{_SUPER})|\s?(?:\^|\*\*|[eE])\s?{_POWER.format('times')}|(?P<lost>[0-9]*)(?![0-9.,]))"
    rf")?)"
)


class Written(Decimal):
    """A number that remembers the power of ten it was written with, so that 0.5 × 10⁶ is not shown as 5 × 10⁵.

    Equal to the plain `Decimal` of the same value.
    """

    power: int | None

    def __new__(cls, value: Decimal | str | int, power: int | None = None) -> Self:
        """The number `value`, shown as a multiple of ten to `power`; None: as its size asks."""
        made = super().__new__(cls, value)
        made.power = power
        return made


@dataclass(frozen=True, slots=True)
class Token:
    """A number at the start of a text: its value, how its power was written ("e", "×" or ""), and what follows."""

    value: Written
    form: str
    rest: str


def number(text: str) -> Decimal:
    """The number `text` says, digits kept (0.50 stays 0.50). Raises `LimitFault` with a sentence.

    A single comma before one, two or more than three digits is a decimal comma; "1,000" may be a thousand or one,
    and is refused. "1,000,000", "1.000.000", "1 000" and "1,234.5" can be read in one way only.
    """
    tidy = clean(text, "A number", 100)
    found = take_number(tidy)
    if found is None or found.rest:
        raise fault("This is not a number", tidy, EXAMPLES)
    return Decimal(found.value)


def take_number(text: str) -> Token | None:
    """The number at the start of `text` with what follows it, or None. Raises `LimitFault` where it is ambiguous."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    whole, rest = found[0], text[found.end() :].strip()
    if found["lost"] is not None:
        raise fault("The power of ten has lost its sign", whole, "write × 10^6 or e6")
    sign = "-" if found["sign"] in ("-", "−", "–") else ""
    digits = _digits(found["body"], whole) if found["body"] else "1"
    power = found["bare"] or found["bare_super"] or found["e"] or found["super"] or found["times"]
    if power is None:
        return Token(Written(sign + digits), "", rest)
    flat = power.translate(FLAT)
    if len(flat) > 3 or abs(int(flat)) > POWER_LIMIT:
        raise fault(
            "The power of ten is out of all proportion", whole, f"write one between −{POWER_LIMIT} and {POWER_LIMIT}"
        )
    return Token(Written(f"{sign}{digits}E{flat}", int(flat)), "e" if found["e"] else "×", rest)


def _digits(body: str, whole: str) -> str:
    """`body` with a decimal point and no grouping. Raises `LimitFault` where it can be read in two ways or in none."""
    bare = re.sub("[ '’]", "", body)
    if len(bare) > DIGIT_LIMIT:
        raise fault("The number has too many digits", whole, f"write at most {DIGIT_LIMIT}")
    commas, dots = bare.count(","), bare.count(".")
    if commas and dots:
        group, point = (",", ".") if bare.rfind(".") > bare.rfind(",") else (".", ",")
        head, _, tail = bare.rpartition(point)
        if point in head or not _is_grouped(head, group):
            raise fault("The commas and points of this number do not fit together", whole, "write 1234.5")
        return f"{head.replace(group, '')}.{tail}"
    if commas > 1 or dots > 1:
        if not _is_grouped(bare, "," if commas else "."):
            raise fault("The groups of this number are not of three digits", whole, "write 1000000 or 1 × 10^6")
        return bare.replace(",", "").replace(".", "")
    if commas and _is_grouped(bare, ",") and not re.search("[ '’]", body):
        plain, point = bare.replace(",", ""), bare.replace(",", ".")
        raise fault(
            "This may be a thousand or a decimal comma", whole, f"write {plain}, or {point} with a decimal point"
        )
    return bare.replace(",", ".")


def _is_grouped(digits: str, separator: str) -> bool:
    head, *groups = digits.split(separator)
    return 1 <= len(head) <= 3 and not head.startswith("0") and all(len(group) == 3 for group in groups)


def show_number(value: Decimal) -> str:
    """`value` with its exact digits: plain from 0.001 to below 100000, otherwise as 1.5 × 10⁶, with a true minus.

    Zeros at the end of a whole number of 100000 and more say no precision and are dropped: 1200000 is 1.2 × 10⁶.
    """
    power = power_of(value)
    return coefficient(value, power) + ten(power)


def power_of(value: Decimal) -> int | None:
    """The power of ten that `value` is shown with, or None where plain digits serve."""
    if not value.is_finite() or not value:
        return None
    if isinstance(value, Written) and value.power is not None:
        return value.power
    return value.adjusted() if value.adjusted() >= 5 or value.adjusted() < -3 else None


def coefficient(value: Decimal, power: int | None) -> str:
    """The digits of `value` as a multiple of ten to `power`."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return str(value)
    if not value and not -DIGIT_LIMIT <= exponent <= 0:
        return "0"
    if power is not None and exponent == 0 and not (isinstance(value, Written) and value.power is not None):
        while digits[-1] == 0:
            digits, exponent = digits[:-1], exponent + 1
    shown = format(Decimal((0, digits, exponent - (power or 0))), "f")
    return f"−{shown}" if sign and value else shown


def ten(power: int | None) -> str:
    """The factor " × 10⁶" as it follows a coefficient; "" for None."""
    return "" if power is None else f"{NBSP}×{NBSP}10{str(power).translate(SUPERSCRIPTS)}"


def show_pair(first: Decimal, second: Decimal, joint: str) -> str:
    """Two numbers joined, a power of ten that both are written with said once: "1.0–5.0 × 10⁶".

    Where the powers differ both are spelt out, for a reader takes a power at the end to hold for both.
    """
    one, two = power_of(first), power_of(second)
    if first and one is None and two is not None:
        one = first.adjusted()
    if one == two or not first:
        return f"{coefficient(first, one)}{joint}{coefficient(second, two)}{ten(two)}"
    spelt = f"{coefficient(first, one)}{ten(one)}"
    return f"{spelt}{' to ' if joint == '–' else joint}{show_number(second)}"


def shared(first: Token, second: Token, whole: str) -> Written:
    """The first of two numbers with the power of ten that stands after the second: "1.0–5.0 × 10^6".

    Raises `LimitFault` for "2-4e6", which some read as 2 to 4000000.
    """
    if first.form or not second.form or not first.value:
        return first.value
    power = second.value.power
    if second.form == "e":
        raise fault(
            "The power of ten may hold for both numbers or for the second alone", whole, "write 2e6–4e6 or 2–4 × 10^6"
        )
    sign, digits, exponent = first.value.as_tuple()
    assert isinstance(exponent, int)
    assert power is not None
    return Written(Decimal((sign, digits, exponent + power)), power)
