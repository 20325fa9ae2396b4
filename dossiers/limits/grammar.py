"""Criteria made of others out of text: alternatives, weight bands, stages, conditions, limits for each patient.

From the outside in: "[ … ]" groups; ";" parts bands, stages and examples; " if " begins a condition that reaches to the
end; " or " and " and " part alternatives. A text that only happens to hold such a word ("clear or slightly opalescent")
stays a description: at least one part must be more than words, or be labelled or quoted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache

from dossiers.limits.criteria import (
    DEEPEST,
    AllOf,
    Alternative,
    AnyOf,
    Band,
    ByCase,
    ByWeight,
    Case,
    Conditional,
    Criterion,
    Example,
    PerPatient,
)
from dossiers.limits.numerals import take_number
from dossiers.limits.simple import Approx, Conforms, OneSided, Range
from dossiers.limits.spelling import simple
from dossiers.limits.text import LimitFault, clean, depths, fault, split

SEMICOLON = re.compile(r"\s?;\s?")
IF = re.compile(r"\sif\s", re.IGNORECASE)
OR_AND = re.compile(r",?\s(?:or|and)\s", re.IGNORECASE)
LABEL = r"\(?(?:[A-Za-z]|[ivxIVX]{1,4}|[0-9]{1,2}|[A-Za-z0-9]{1,12})\)\s?"
LABELLED = re.compile(rf"(?:either |both )?(?=({LABEL}))\1(.+)", re.IGNORECASE)
OR_AND_LABEL = re.compile(rf"(?:[,;]?\s(?:or|and)\s|;\s?)(?={LABEL}\S)", re.IGNORECASE)
_KG = r"(?P<{0}>[0-9][0-9.,]*)"
_LOW = rf"(?P<low_word>from|above|over) {_KG.format('low')}"
_HIGH = rf"(?P<high_word>below|under|up to) {_KG.format('high')} ?kg"
_BAND = rf"(?:{_LOW}(?: ?kg)?,? (?:to |and )?{_HIGH})"
BANDS = tuple(re.compile(p, re.IGNORECASE) for p in (_BAND, rf"{_LOW} ?kg(?: (?:on|upwards))?", _HIGH))
FOR_PATIENT = re.compile(
    r"(?P<value>.+) (?:for|in) an? (?:(?P<a>[0-9.,]+)[ -]?kg patient|patient of (?P<b>[0-9.,]+) ?kg)", re.IGNORECASE
)
CASE = re.compile(r"(?!(?:if|conforms|difference|endotoxins?)\b)([^\W\d_][^:;()\[\]“”]{0,39}): (.+)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def parse(text: str) -> Criterion:
    """The acceptance criterion that `text` says. Raises `LimitFault`: one sentence with piece and remedy."""
    return _read(clean(text), 0)


def _read(text: str, depth: int) -> Criterion:
    if depth > 2 * DEEPEST:
        raise fault("This criterion is nested too deeply", text, f"use at most {DEEPEST - 1} levels of brackets")
    found: Criterion | None = None
    first: LimitFault | None = None
    try:
        found = simple(text)
    except LimitFault as why:
        first = why
    if found is not None and (not isinstance(found, Conforms) or _is_marked(found, text)):
        return found
    for reader in READERS:
        made = reader(text, depth + 1)
        if made is not None:
            return made
    if found is not None:
        return found
    assert first is not None
    raise first


def _is_marked(criterion: Criterion, text: str) -> bool:
    """Whether `text` is more than words that any sentence may hold."""
    return not isinstance(criterion, Conforms) or not criterion.text or text[:1] in '“"['


def _children(texts: Sequence[str], depth: int) -> list[Criterion] | None:
    """What each text says; None if none says more than words. Raises the first fault if one does."""
    made: list[Criterion] = []
    first, is_marked = None, False
    for text in texts:
        try:
            child = _read(text, depth)
        except LimitFault as why:
            first = first or why
            is_marked = is_marked or not text[:1].isalpha()
            continue
        made.append(child)
        is_marked = is_marked or _is_marked(child, text)
    if first and is_marked:
        raise first
    return made if is_marked else None


def _grouped(text: str, depth: int) -> Criterion | None:
    if not text.startswith("[") or not text.endswith("]") or 0 in depths(text)[1:-1]:
        return None
    return _read(text[1:-1].strip(), depth)


def _by_weight(text: str, depth: int) -> Criterion | None:
    pieces = [_cut_band(piece) for _, piece in split(text, SEMICOLON)]
    bands = [piece for piece in pieces if piece is not None]
    if not bands or len(bands) < len(pieces):
        return None
    children = _children([rest for rest, _ in bands], depth)
    return (
        None
        if children is None
        else ByWeight(tuple(_band(child, found) for child, (_, found) in zip(children, bands, strict=True)))
    )


def _cut_band(piece: str) -> tuple[str, re.Match[str]] | None:
    """(criterion, the weight band it begins or ends with), or None."""
    level = depths(piece)
    for pattern in BANDS:
        if found := re.match(rf"(?:for )?{pattern.pattern}: ?(.+)", piece, re.IGNORECASE):
            return found[found.re.groups], found
        for found in pattern.finditer(piece):
            if (
                found.end() == len(piece)
                and found.start()
                and piece[found.start() - 1] == " "
                and not level[found.start()]
            ):
                return re.sub(r",?( for)?$", "", piece[: found.start()].rstrip()), found
    return None


def _band(criterion: Criterion, found: re.Match[str]) -> Band:
    said = found.groupdict()
    low, high = (_weight(said[key]) if said.get(key) else None for key in ("low", "high"))
    with_low = (said.get("low_word") or "from").casefold() == "from"
    return Band(criterion, low, high, with_low, (said.get("high_word") or "").casefold() == "up to")


def _weight(text: str) -> Decimal:
    token = take_number(text)
    if token is None or token.rest:
        raise fault("This is not a body weight", text, "write for example 70 kg")
    return token.value


def _per_patient(text: str, depth: int) -> Criterion | None:
    head, *rest = (piece for _, piece in split(text, SEMICOLON))
    found = [FOR_PATIENT.fullmatch(piece) for piece in rest]
    said = [one for one in found if one is not None]
    if not said or len(said) < len(found):
        return None
    limit = _read(head, depth)
    if not isinstance(limit, OneSided | Range | Approx):
        raise fault(
            "A limit per kg must stand before its example",
            head,
            "write > 0.5 × 10^6 cells/kg; 35 × 10^6 cells for a 70 kg patient",
        )
    return PerPatient(limit, tuple(_example(one) for one in said))


def _example(found: re.Match[str]) -> Example:
    token = take_number(found["value"].strip())
    if token is None:
        raise fault(
            "An example for a patient begins with a number", found[0], "write 35 × 10^6 cells for a 70 kg patient"
        )
    return Example(token.value, token.rest, _weight(found["a"] or found["b"]))


def _by_case(text: str, depth: int) -> Criterion | None:
    found = [CASE.fullmatch(piece) for _, piece in split(text, SEMICOLON)]
    said = [one for one in found if one is not None]
    if not said or len(said) < len(found):
        return None
    children = _children([one[2] for one in said], depth)
    return (
        None
        if children is None
        else ByCase(tuple(Case(one[1].strip(), child) for one, child in zip(said, children, strict=True)))
    )


def _conditional(text: str, depth: int) -> Criterion | None:
    if found := re.fullmatch(r"if ([^:]+): (.+)", text, re.IGNORECASE):
        condition, head = found[1], found[2]
    else:
        pieces = split(text, IF)
        if len(pieces) < 2:
            return None
        head = pieces[0][1]
        condition = text[len(head) :].strip()[2:].strip()
    children = _children([head], depth)
    return None if children is None else Conditional(children[0], condition)


def _labelled(text: str, depth: int) -> Criterion | None:
    if not LABELLED.fullmatch(text):
        return None
    pieces = [(before, LABELLED.fullmatch(piece)) for before, piece in split(text, OR_AND_LABEL)]
    if len(pieces) < 2:
        return None
    made = []
    for _, said in pieces:
        if said is None:
            raise fault("An alternative has a label and no criterion", text, "write for example a) < 70 % or b) > 50 %")
        made.append(Alternative(_read(said[2].strip(), depth), said[1].strip().strip("()")))
    return _joined([before for before, _ in pieces], made, text)


def _unlabelled(text: str, depth: int) -> Criterion | None:
    pieces = split(re.sub("^(?:either|both) ", "", text, flags=re.IGNORECASE), OR_AND)
    if len(pieces) < 2:
        return None
    children = _children([piece for _, piece in pieces], depth)
    return (
        None
        if children is None
        else _joined([before for before, _ in pieces], [Alternative(child) for child in children], text)
    )


def _joined(before: list[str], alternatives: list[Alternative], text: str) -> Criterion:
    words = {re.sub(r"[^a-z]", "", word) for word in before[1:]} - {""}
    if len(words) != 1:
        raise fault(
            "It is not said whether one of these must hold or all",
            text,
            "write or, or and; where both occur use square brackets: a) [x and y] or b) z",
        )
    return (AnyOf if words == {"or"} else AllOf)(tuple(alternatives))


READERS: tuple[Callable[[str, int], Criterion | None], ...] = (
    _grouped,
    _per_patient,
    _by_weight,
    _by_case,
    _conditional,
    _labelled,
    _unlabelled,
)
