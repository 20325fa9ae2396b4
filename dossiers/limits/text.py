"""Text as the criterion language holds it: one line, balanced brackets, nothing that nobody can see."""

from __future__ import annotations

import re
import unicodedata

NBSP = "\u00a0"
LONGEST = 1_000  # characters of a criterion
PAIRS = {")": "(", "]": "[", "”": "“"}


class LimitFault(ValueError):
    """A text is no criterion or number; the message is one sentence with the piece, quoted, and what would be one."""


def fault(problem: str, piece: str, remedy: str) -> LimitFault:
    """The fault that says `problem`, quotes `piece` (shortened, the unseen written out) and gives the remedy."""
    seen = "".join(c if c.isprintable() else f"U+{ord(c):04X}" for c in piece)
    quoted = seen if len(seen) <= 60 else seen[:59] + "…"
    return LimitFault(f"{problem}: “{quoted}”; {remedy}.")


def clean(text: str, what: str = "A criterion", longest: int = LONGEST) -> str:
    """`text` on one line, each run of blanks one space; raises `LimitFault` on what nobody can see, and on length."""
    if len(text) > longest:
        raise fault(f"{what} of {len(text)} characters is too long", text, f"write at most {longest}")
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co") and char not in "\t\n\r":
            raise fault(
                f"{what} holds a character that cannot be seen (U+{ord(char):04X})", text, "remove that character"
            )
    return " ".join(text.split())


def note(text: str, what: str, longest: int = 200) -> str:
    """`text` cleaned, curly double quotes made straight; raises `LimitFault` if its brackets do not pair."""
    tidy = re.sub("[“”„]", '"', clean(text, what, longest))
    if not is_balanced(tidy):
        raise fault(f"The brackets in {what.lower()} do not pair", tidy, "close each bracket that is opened")
    return tidy


def is_balanced(text: str) -> bool:
    """Whether round and square brackets pair."""
    open_ones: list[str] = []
    for char in text:
        if char in "([":
            open_ones.append(char)
        elif char in ")]" and (not open_ones or open_ones.pop() != PAIRS[char]):
            return False
    return not open_ones


def depths(text: str) -> list[int]:
    """For each character how many brackets or quotation marks enclose it; brackets within quotation marks are text.

    A closing bracket that closes nothing, as in the label "a)", counts for nothing.
    """
    found, open_ones = [], list[str]()
    for char in text:
        quoted = open_ones[-1:] == ["“"]
        if char in PAIRS and open_ones[-1:] == [PAIRS[char]]:
            open_ones.pop()
        found.append(len(open_ones))
        if char in "([“" and not quoted:
            open_ones.append(char)
    return found


def split(text: str, separator: re.Pattern[str]) -> list[tuple[str, str]]:
    """(separator before it, piece) for each piece of `text` between separators that no bracket encloses."""
    level, start, before, pieces = depths(text), 0, "", []
    for found in separator.finditer(text):
        if level[found.start()] == 0:
            pieces.append((before, text[start : found.start()].strip()))
            start, before = found.end(), found[0].strip().casefold()
    return [*pieces, (before, text[start:].strip())]


def split_bracket(text: str) -> tuple[str, str]:
    """(`text` before its last bracket, what that bracket holds), or (`text`, "") where it does not end in one."""
    if not text.endswith(")"):
        return text, ""
    level = 0
    for at in range(len(text) - 1, -1, -1):
        level += {")": 1, "(": -1}.get(text[at], 0)
        if level == 0:
            return text[:at].rstrip(), text[at + 1 : -1].strip()
    return text, ""
