"""What free text says: whether it mentions one of some words, and how several things are told in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

_DENIED = re.compile(r"\b(?:no|not|none|never|without)\b[^.;,]*$")


def mentions(text: str | None, words: Iterable[str]) -> bool:
    """Whether one of the words begins somewhere in the text, and is not denied in the same part of the sentence.

    "gamma" is mentioned in "gamma-irradiated", and "irradiat" is not mentioned in "not irradiated".
    """
    if not text:
        return False
    folded = " ".join(text.casefold().split())
    return any(not _DENIED.search(folded[: found.start()]) for found in _pattern(frozenset(words)).finditer(folded))


def names(text: str | None, words: Iterable[str]) -> bool:
    """Whether one of the words begins somewhere in the text, denied or not: for titles and names of things."""
    return bool(text) and _pattern(frozenset(words)).search(" ".join(str(text).casefold().split())) is not None


@lru_cache(maxsize=512)
def _pattern(words: frozenset[str]) -> re.Pattern[str]:
    if not words:
        return re.compile(r"(?!)")
    ordered = sorted((w.casefold() for w in words), key=len, reverse=True)
    return re.compile(r"(?<![^\W_])(?:" + "|".join(re.escape(w) for w in ordered) + ")")


def listed(items: Sequence[str]) -> str:
    """The items in a sentence: "a", "a and b", "a, b and c"."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
