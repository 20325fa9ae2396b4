"""The words of the language: what people type for a sign, for absence, for a limit that is not there."""

from __future__ import annotations

import re
from enum import StrEnum

from dossiers.limits.text import fault


class Bound(StrEnum):
    """On which side of its number a limit lies, and whether the number itself is allowed."""

    GTE = "≥"
    GT = ">"
    LTE = "≤"
    LT = "<"

    @property
    def is_lower(self) -> bool:
        """Whether results must lie above."""
        return self in (Bound.GTE, Bound.GT)

    @property
    def is_inclusive(self) -> bool:
        """Whether the number itself passes."""
        return self in (Bound.GTE, Bound.LTE)


class Standing(StrEnum):
    """Why a test has no limit. The value is what is written."""

    REPORT = "report result"
    INFO_ONLY = "for information only"
    TO_BE_SET = "to be set"
    NOT_PUBLIC = "not public"
    NOT_FOUND = "not found"
    NOT_APPLICABLE = "not applicable"


STANDINGS = {
    Standing.REPORT: "report result; report; report value; report results; reported; to be reported; "
    "determined; declared; record result",
    Standing.INFO_ONLY: "for information only; information only; info only; info_only; for information; fio",
    Standing.TO_BE_SET: "to be set; tbd; t.b.d.; tbc; to be determined; to be defined; "
    "to be confirmed; to be established; not yet set",
    Standing.NOT_PUBLIC: "not public; not_public; not published; confidential",
    Standing.NOT_FOUND: "not found; not_found",
    Standing.NOT_APPLICABLE: "not applicable; not_applicable; n/a; n.a.; na",
}
STANDING_OF = {spelling: standing for standing, words in STANDINGS.items() for spelling in words.split("; ")}

NOTHING = {
    "absent": "absent; absence; none; nil; free",
    "not detected": "not detected; not detectable; undetectable; none detected; undetected; below lod; < lod; <lod; "
    "below detection limit; below the detection limit; below limit of detection; below the limit of detection",
    "negative": "negative; neg; neg.",
    "no growth": "no growth; no growth observed; no microbial growth",
}
NOTHING_OF = {spelling: word for word, spellings in NOTHING.items() for spelling in spellings.split("; ")}
"""How absence is typed → the word it is shown with."""

FOUND = frozenset({"present", "positive", "pos", "detected", "growth", "growth observed", "found"})
PASSES = frozenset(
    {"conforms", "conform", "conforming", "complies", "comply", "compliant", "pass", "passes", "passed", "meets",
     "meets specification", "meets the specification", "meets spec", "met specification"}
)  # fmt: skip
FAILS = frozenset(
    {"does not conform", "does not comply", "not conforming", "non-conforming", "nonconforming", "not compliant",
     "non-compliant", "fails", "fail", "failed", "does not pass", "does not meet specification", "oos",
     "out of specification"}
)  # fmt: skip

_SIGNS = {
    Bound.GTE: ("≥", "⩾", "≧", ">=", "=>", "not less than", "no less than", "not fewer than",
                "greater than or equal to",
                "equal to or greater than", "at least", "nlt", "minimum of", "minimum", "min.", "min"),
    Bound.LTE: ("≤", "⩽", "≦", "<=", "=<", "not more than", "no more than", "not greater than", "not exceeding",
                "less than or equal to",
                "equal to or less than", "at most", "up to", "nmt", "maximum of", "maximum", "max.", "max"),
    Bound.GT: (">", "more than", "greater than", "higher than", "above", "over", "exceeding"),
    Bound.LT: ("<", "less than", "lower than", "fewer than", "below", "under"),
}  # fmt: skip
_SIGN_OF = {word: bound for bound, words in _SIGNS.items() for word in words}


def _pattern(words: list[str]) -> str:
    by_length = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(w) + (r"(?![\w-])" if w[-1].isalpha() else "") for w in by_length)


SIGN = re.compile(_pattern(list(_SIGN_OF)), re.IGNORECASE)
SIGN_WITHIN = re.compile(
    rf"(?<![\w-])(?:{_pattern([w for w in _SIGN_OF if w[0].isalpha()])})|[≥⩾≧≤⩽≦<>]|=[<>]", re.IGNORECASE
)
ROUGHLY = re.compile(r"(?:~|≈|ca\.?|circa|about|approx\.?|approximately|around|roughly)(?![\w-])", re.IGNORECASE)
SUFFIX = re.compile(
    r"\s(?:(or (?:more|higher|greater|above|over)|minimum)|(or (?:less|lower|fewer|below|under)|maximum))$",
    re.IGNORECASE,
)


def take_sign(text: str) -> tuple[Bound | None, str]:
    """(the comparison that `text` begins with, or None; what follows it)."""
    found = SIGN.match(text)
    return (_SIGN_OF[found[0].casefold()], text[found.end() :].strip()) if found else (None, text)


def strip_suffix(text: str) -> tuple[Bound | None, str]:
    """(the comparison that `text` ends with, as in "70 % or more", or None; what precedes it)."""
    found = SUFFIX.search(text)
    return (Bound.GTE if found[1] else Bound.LTE, text[: found.start()]) if found else (None, text)


def folded(text: str) -> str:
    """`text` for comparison of words: small letters, one space between, no full stop at the end."""
    return " ".join(text.casefold().split()).rstrip(".").rstrip()


def refuse_signs(text: str, what: str) -> None:
    """Nothing, or `LimitFault` if `text` holds a comparison: it would be read as a limit of its own."""
    if re.search("[≥⩾≧≤⩽≦<>±;]", text):
        raise fault(
            f"{what} holds what belongs to a limit",
            text,
            "write it in words, and put parts of their own in square brackets",
        )
