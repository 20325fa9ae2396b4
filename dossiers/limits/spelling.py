"""Simple criteria out of what people type: "NLT 70%", "1.0–5.0 x 10^6/kg", "absence in 10 mL", "cloudy liquid".

Each reader takes the text without its bracket and the bracket's remark; None means "not mine".
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dossiers.limits.numerals import Token, shared, take_number
from dossiers.limits.simple import (
    TARGETS,
    Absent,
    Approx,
    Conforms,
    Derived,
    Difference,
    Limit,
    NoLimit,
    OfDose,
    OneSided,
    Range,
)
from dossiers.limits.text import fault, split_bracket
from dossiers.limits.units import PERCENT, POINTS, tidy_unit
from dossiers.limits.words import (
    NOTHING_OF,
    ROUGHLY,
    SIGN_WITHIN,
    STANDING_OF,
    folded,
    strip_suffix,
    take_sign,
)

Simple = Limit | OfDose | Absent | Conforms | NoLimit | Difference | Derived

NOT_WORDS = re.compile(r"[<>≥≤⩾⩽≧≦±“”\[\]]|\+\s?/\s?[-−–]|K ?/ ?M\b|[0-9] ?%|^n\.?d\.?$", re.IGNORECASE)
"""What a description cannot hold outside quotation marks: it would be a limit that nobody compares with."""

EXAMPLES = "write for example ≥ 70 %, 6.8–7.6, 7.2 ± 0.4, absent in 10 mL, report result, or words in quotation marks"
DASH = re.compile(r"\s?(?:[-–—−]|\.\.\.?|…|to\b|and\b|,)\s?", re.IGNORECASE)
INNER_DASH = re.compile(r"\s(?:to|and|[-–—−])\s|\s?–\s?(?=[0-9])", re.IGNORECASE)
PLUS_MINUS = re.compile(r"\s?(?:±|\+\s?/\s?[-−–]|\+[-−–])\s?")
RELATIVE = re.compile(r"% (?:relative|of the value)", re.IGNORECASE)
OF_DOSE = re.compile(
    r"(?:within )?(?:the )?(ordered dose|target dose|nominal dose|dose|label claim|labelled amount|label|nominal)"
    r" ?(?:±|\+ ?/ ?[-−–])",
    re.IGNORECASE,
)
DERIVED = re.compile(
    r"(?:endotoxins?:? )?(?:≤|<=|nmt|not more than)? ?K ?/ ?M"
    r"(?:[,;:]? K ?= ?(?P<k>[^;=]+?) ?EU/kg/h)?(?:(?:[,;] (?:route:? )?| route:? )(?P<route>[^\W\d_][\w .-]*))?",
    re.IGNORECASE,
)
ABSENCE = re.compile(r"(?P<word>.+?)(?:(?: in | per | ?/ ?)(?P<quantity>[0-9.,].*))?", re.IGNORECASE)
OF = re.compile(r"(absence|free) (?:of|from) (?P<what>.+?)(?P<rest> in [0-9].*)?", re.IGNORECASE)


def simple(text: str) -> Simple:
    """The criterion `text` says, which is made of no others. Raises `LimitFault` with a sentence."""
    if not text:
        raise fault("There is no criterion here", text, EXAMPLES)
    if quoted := _quoted(text):
        return quoted
    bare, remark = split_bracket(text)
    for reader in READERS:
        if bare and (found := reader(bare, remark)) is not None:
            return found
    raise fault(_problem(bare or text), text, EXAMPLES)


def _problem(text: str) -> str:
    if take_number(text):
        return "A number stands without a sign that makes it a limit"
    if ROUGHLY.match(text):
        return "A limit cannot be rough"
    sign, rest = take_sign(text)
    if sign and not take_number(rest):
        return f"A number is missing after {sign.value}"
    if SIGN_WITHIN.search(text):
        return "Words or numbers stand before the sign of the limit"
    if re.search("[0-9] ?%", text):
        return "A percentage stands among words"
    return "This is not a criterion"


def _quoted(text: str) -> Conforms | None:
    for opening, closing in ("“”", '""'):
        found = re.fullmatch(rf"{opening}([^{opening}{closing}]+){closing}(?:\s?(\(.*\)))?", text)
        if found and found[1].strip() and split_bracket(found[2] or "()")[0] == "":
            return Conforms(found[1], split_bracket(found[2] or "")[1])
    return None


def _standing(text: str, remark: str) -> NoLimit | None:
    standing = STANDING_OF.get(" ".join(text.casefold().split()))
    return NoLimit(standing, remark) if standing else None


def _absent(text: str, remark: str) -> Absent | None:
    found = OF.fullmatch(text)
    if found and not remark and not SIGN_WITHIN.search(found["what"]):
        text, remark = f"absent{found['rest'] or ''}", found["what"]
    said = ABSENCE.fullmatch(text)
    word = NOTHING_OF.get(said["word"].casefold()) if said else None
    if said is None or word is None:
        return None
    token = take_number(said["quantity"]) if said["quantity"] else None
    if token is None:
        return None if said["quantity"] else Absent(None, "", remark, word)
    return Absent(token.value, tidy_unit(token.rest), remark, word)


def _derived(text: str, remark: str) -> Derived | None:
    found = DERIVED.fullmatch(text)
    if found is None:
        return None
    k = take_number(found["k"].strip()) if found["k"] else None
    if found["k"] and (k is None or k.rest):
        raise fault("The threshold K is not a number", found["k"], "write for example ≤ K/M, K = 5 EU/kg/h")
    return Derived(k.value if k else None, found["route"] or "", remark)


def _of_dose(text: str, remark: str) -> OfDose | None:
    found = OF_DOSE.match(text)
    if found is None:
        return None
    token = take_number(text[found.end() :].strip())
    if token is None or token.rest not in (PERCENT, "percent"):
        raise fault("A tolerance around a dose is given in per cent", text, "write for example ordered dose ± 20 %")
    word = found[1].casefold()
    target = next((t for t in TARGETS if word == t), {"dose": TARGETS[0], "nominal": TARGETS[2]}.get(word, TARGETS[3]))
    return OfDose(token.value, target, remark)


def _difference(text: str, remark: str) -> Difference | None:
    first = SIGN_WITHIN.search(text)
    if first is None:
        return None
    head = text[: first.start()].strip().rstrip(":").strip()
    inner, control = split_bracket(head)
    head = control if folded(inner) == "difference" and control else head
    said = re.fullmatch(
        r"difference(?: (?:to|from|between sample and) (?P<to>.+))?|sample (?:minus|[−–-]) (?P<minus>.+)"
        r"|(?P<of>.+?) (?:minus|[−–-]) sample",
        head,
        re.IGNORECASE,
    )
    if said is None:
        return None
    limit = _one_sided(text[first.start() :], "")
    if limit is None:
        return None
    control = said["to"] or said["minus"] or said["of"] or ""
    return Difference(limit.bound, limit.value, limit.unit, remark, control, said["of"] is not None)


def _approx(text: str, remark: str) -> Approx | None:
    pieces = PLUS_MINUS.split(text)
    token = take_number(pieces[0])
    if len(pieces) != 2 or token is None:
        return None
    spread = take_number(pieces[1])
    if spread is None:
        raise fault("A number is missing after ±", text, "write for example 7.2 ± 0.4")
    unit, other = tidy_unit(token.rest), spread.rest
    if RELATIVE.fullmatch(other):
        return Approx(token.value, spread.value, unit, remark, relative=True)
    other = tidy_unit(other)
    if other == PERCENT and unit:
        if unit.startswith(PERCENT) or unit == POINTS:
            raise fault(
                "This tolerance may be per cent of the value or percentage points",
                text,
                "write 70 ± 5 %, or 70 % ± 5 % relative",
            )
        return Approx(token.value, spread.value, unit, remark, relative=True)
    if unit == PERCENT and other == POINTS:
        return Approx(token.value, spread.value, unit, remark)
    value = shared(token, spread, text)
    if other == PERCENT and not spread.value <= value <= 100:
        raise fault(
            "This tolerance may be per cent or per cent of the value",
            text,
            "write 7.2 ± 10 % relative, or the unit before ±",
        )
    return Approx(value, spread.value, _one_unit(unit, other, text), remark)


def _one_unit(first: str, second: str, text: str) -> str:
    if first and second and first != second:
        raise fault("Two units stand in one criterion", text, "write both numbers in the same unit")
    return second or first


def _range(text: str, remark: str) -> Range | None:
    opened = re.match(r"(?:between|from) (?=[^a-z])", text, re.IGNORECASE)
    one, rest = take_sign(text[opened.end() :] if opened else text)
    first = take_number(rest)
    if first is None:
        return None
    unit, joined = _to_second(first, one is not None or opened is not None)
    if joined is None:
        return None
    two, rest = take_sign(joined)
    second = take_number(rest)
    if second is None or (one is None) != (two is None):
        return None
    low = shared(first, second, text)
    unit = _one_unit(tidy_unit(unit), tidy_unit(second.rest), text)
    if one is None or two is None:
        return Range(low, second.value, unit, remark)
    if one.is_lower == two.is_lower:
        return None
    if one.is_lower:
        return Range(low, second.value, unit, remark, one.is_inclusive, two.is_inclusive)
    return Range(second.value, low, unit, remark, two.is_inclusive, one.is_inclusive)


def _to_second(first: Token, may_and: bool) -> tuple[str, str | None]:
    """(unit between the two numbers of a range, text from the second on), or ("", None) where there is no second."""
    joint = DASH.match(first.rest)
    at = (joint.start(), joint.end()) if joint else None
    if joint is None:
        inner = INNER_DASH.search(first.rest)
        at = (inner.start(), inner.end()) if inner else None
        joint = inner
    if joint is None or at is None:
        return "", None
    if joint[0].strip().casefold() in ("and", ",") and not may_and:
        return "", None
    return first.rest[: at[0]], first.rest[at[1] :].strip()


def _one_sided(text: str, remark: str) -> OneSided | None:
    bound, rest = take_sign(text)
    if bound is None:
        bound, rest = strip_suffix(text)
    token = take_number(rest) if bound else None
    if bound is None or token is None:
        return None
    if re.match("[-–—−] ?[0-9]", token.rest):
        raise fault("A sign and a range stand together", text, "write for example ≥ 70 %, or 70–80 %")
    return OneSided(bound, token.value, tidy_unit(token.rest), remark)


def _conforms(text: str, remark: str) -> Conforms | None:
    is_odd = not text[0].isalpha() or take_sign(text)[0] or ROUGHLY.match(text) or NOT_WORDS.search(text)
    return None if is_odd else Conforms(text, remark)


READERS: tuple[Callable[[str, str], Simple | None], ...] = (
    _standing,
    _absent,
    _derived,
    _of_dose,
    _difference,
    _approx,
    _range,
    _one_sided,
    _conforms,
)
