"""Values a record can hold, out of what a person typed or a file says; one sentence for each that it cannot.

SQLModel does not check a table class on construction or assignment: records are only ever filled through `read`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from dossiers.facts import NBSP, Fact, Form, by_name
from dossiers.limits import LimitFault, number, parse, show_number

Values = dict[str, Any]
Messages = dict[str, str]


class Unreadable(ValueError):
    """A value cannot be what its fact asks for; the text is a sentence with the remedy."""


BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
YES = frozenset({"yes", "true", "y", "1", "on"})
NO = frozenset({"no", "false", "n", "0", "off"})
MONTH = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def read(model: type[SQLModel], raw: Mapping[str, Any]) -> tuple[Values, Messages]:
    """(values `model` can hold, one message for each name it cannot), out of name → what was typed.

    A name that is no fact of `model` gets a message. Empty text, None and an empty list mean "no value".
    """
    known, values, messages = by_name(model), Values(), Messages()
    for name, typed in raw.items():
        if name not in known:
            messages[name] = unknown(name, known)
            continue
        try:
            values[name] = read_one(known[name], typed)
        except Unreadable as why:
            messages[name] = str(why)
    return values, messages


def unknown(name: str, known: Mapping[str, Fact]) -> str:
    """The sentence for a name that is no fact: the nearest known one, else all of them."""
    near = get_close_matches(name, known, 1)
    hint = f"; did you mean “{near[0]}”?" if near else f"; known are {', '.join(known)}."
    return f"There is no fact “{name}” here{hint}"


def read_one(f: Fact, typed: Any) -> Any:
    """The value of fact `f` out of `typed`, or None if it says nothing. Raises `Unreadable` with a sentence."""
    if typed is None or typed == [] or (isinstance(typed, str) and not typed.strip()):
        return None
    return _READERS[f.form](f, typed)


def clean(f: Fact, typed: Any, *, lines: bool = False) -> str:
    """`typed` as text without outer blanks; refuses characters that nobody can see or a document cannot hold."""
    if isinstance(typed, (list, dict, tuple)):
        raise Unreadable(f"{f.label} takes one value, not a list or a group.")
    text = str(typed).replace("\r\n", "\n").replace("\r", "\n").strip()
    for at, char in enumerate(text, 1):
        if char in "\n\t" and lines:
            continue
        if complaint := _complaint(char):
            raise Unreadable(f"{f.label} holds {complaint} (U+{ord(char):04X}) at character {at}; remove it.")
    if f.max_length and len(text) > f.max_length:
        raise Unreadable(f"{f.label} may have at most {f.max_length} characters; this has {len(text)}.")
    return text


def _complaint(char: str) -> str:
    if char == "\n":
        return "a line break"
    if char in BIDI:
        return "a mark that changes the writing direction"
    match unicodedata.category(char):
        case "Cc":
            return "a control character"
        case "Co":
            return "a private-use character that has no fixed meaning"
        case "Cs":
            return "half of a broken character"
        case "Zl" | "Zp":
            return "a line break"
    return "a character that no font can show" if ord(char) & 0xFFFE == 0xFFFE else ""


def _line(f: Fact, typed: Any) -> str:
    return clean(f, typed)


def _text(f: Fact, typed: Any) -> str:
    return clean(f, typed, lines=True)


def _number(f: Fact, typed: Any) -> Decimal:
    if isinstance(typed, bool):
        raise Unreadable(f"{f.label} must be a number; this is yes or no.")
    text = clean(f, typed)
    if f.unit and text.endswith(f.unit):
        text = text.removesuffix(f.unit).strip()
    try:
        value = typed if isinstance(typed, Decimal) else number(text)
    except LimitFault:
        raise Unreadable(f"{f.label} must be a number, such as 12.5 or 1.5e6; “{text[:60]}” is not one.") from None
    if not value.is_finite():
        raise Unreadable(f"{f.label} must be a finite number.")
    _bound(f, value)
    return value


_BOUNDS: dict[str, tuple[str, Callable[[Decimal, Decimal], bool]]] = {
    "ge": ("at least", lambda v, b: v >= b),
    "le": ("at most", lambda v, b: v <= b),
    "gt": ("more than", lambda v, b: v > b),
    "lt": ("less than", lambda v, b: v < b),
}


def _bound(f: Fact, value: Decimal) -> None:
    for op, bound in f.bounds:
        words, holds = _BOUNDS[op]
        if not holds(value, bound):
            unit = f"{NBSP}{f.unit}" if f.unit else ""
            raise Unreadable(
                f"{f.label} must be {words} {show_number(bound)}{unit}; this is {show_number(value)}{unit}."
            )


def _integer(f: Fact, typed: Any) -> int:
    value = _number(f, typed)
    if value != value.to_integral_value() or abs(value) > 10**15:
        raise Unreadable(f"{f.label} must be a whole number; {show_number(value)} is not.")
    return int(value)


def _date(f: Fact, typed: Any) -> date:
    if isinstance(typed, date):
        return typed
    text = clean(f, typed)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{f.label} must be a day written as 2026-03-12; “{text[:40]}” is not.") from None


def _month(f: Fact, typed: Any) -> str:
    text = clean(f, typed)
    found = MONTH.fullmatch(text)
    try:
        if not found:
            raise ValueError
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise Unreadable(f"{f.label} must be written as 2026, 2026-03 or 2026-03-12; “{text[:40]}” is not.") from None
    return text


def _yesno(f: Fact, typed: Any) -> bool:
    text = clean(f, typed).casefold()
    if text in YES or text in NO:
        return text in YES
    raise Unreadable(f"{f.label} must be yes or no; “{text[:40]}” is neither.")


def _choice(f: Fact, typed: Any) -> Any:
    assert f.choices is not None
    text = clean(f, typed)
    wanted = text.casefold()
    for member in f.choices:
        if wanted in (member.value.casefold(), member.label.casefold()):
            return member
    words = ", ".join(member.label for member in f.choices)
    raise Unreadable(f"{f.label} must be one of {words}; “{text[:60]}” is not among them.")


def _items(typed: Any) -> list[Any]:
    if isinstance(typed, str):
        return [line for line in re.split(r"[\n;]", typed) if line.strip()]
    if isinstance(typed, (list, tuple)):
        return [item for item in typed if str(item).strip()]
    return [typed]


def _lines(f: Fact, typed: Any) -> list[str] | None:
    return [clean(f, item) for item in _items(typed)] or None


def _choices(f: Fact, typed: Any) -> list[Any] | None:
    return list(dict.fromkeys(_choice(f, item) for item in _items(typed))) or None


def _link(f: Fact, typed: Any) -> UUID:
    if isinstance(typed, UUID):
        return typed
    text = clean(f, typed)
    try:
        return UUID(text)
    except ValueError:
        raise Unreadable(
            f"{f.label} must name a {f.to.replace('_', ' ')} of this project; “{text[:60]}” is none."
        ) from None


def _links(f: Fact, typed: Any) -> list[UUID] | None:
    return list(dict.fromkeys(_link(f, item) for item in _items(typed))) or None


def _criterion(f: Fact, typed: Any) -> str:
    text = clean(f, typed)
    try:
        parse(text)
    except LimitFault as why:
        raise Unreadable(f"{f.label}: {why}") from None
    return text


_READERS: dict[Form, Callable[[Fact, Any], Any]] = {
    Form.LINE: _line,
    Form.TEXT: _text,
    Form.PROSE: _text,
    Form.INTEGER: _integer,
    Form.NUMBER: _number,
    Form.DATE: _date,
    Form.MONTH: _month,
    Form.YESNO: _yesno,
    Form.CHOICE: _choice,
    Form.CHOICES: _choices,
    Form.LINES: _lines,
    Form.LINK: _link,
    Form.LINKS: _links,
    Form.CRITERION: _criterion,
    Form.QUANTITY: _line,
}
