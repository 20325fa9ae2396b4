"""What a word is: a run of letters and digits in small letters, the same on both databases and for what is typed.

"ARI-0001" is "ari" and "0001"; "CD19+" is "cd19". It is what FTS5's tokenizer unicode61 makes of a text; of signs and
letters that Unicode took in later than that tokenizer, one of the two may know more.
"""

from __future__ import annotations

import re
from functools import cache
from string import ascii_lowercase, ascii_uppercase

LONGEST = 400  # characters of a word: what a tsvector can hold


def fold(char: str) -> str:
    """A character in small letters, as Unicode's simple case folding has it: one for one, so that places stay."""
    return next((small for small in (char.casefold(), char.lower()) if len(small) == 1), char)


MARKS = "\u0300-\u036f"  # an accent that stands by itself belongs to its letter
WORD = re.compile(f"(?:[^\\W_]|[{MARKS}])+")
_BEYOND = 0x110000


@cache
def alphabet() -> str:
    """The characters of words as they stand in the brackets of a regular expression: the same that `WORD` has."""
    runs: list[list[int]] = []
    for number in (n for n in range(_BEYOND) if chr(n).isalnum()):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in runs) + MARKS


@cache
def cases() -> tuple[str, str]:
    """(letters that are folded, what each becomes), of equal length; without those of ASCII."""
    large = [char for char in map(chr, range(128, _BEYOND)) if char.isalnum() and fold(char) != char]
    return "".join(large), "".join(map(fold, large))


@cache
def _table() -> dict[int, int]:
    large, small = cases()
    return str.maketrans(large + ascii_uppercase, small + ascii_lowercase)


def small(text: str) -> str:
    """`text` in small letters; each stays in its place."""
    return text.lower() if text.isascii() else text.translate(_table())


def words(text: str) -> tuple[str, ...]:
    """The words of a text, each once, in order."""
    return tuple(dict.fromkeys(found[:LONGEST] for found in WORD.findall(small(text))))
