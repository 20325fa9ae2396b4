"""What documents and labels state, held against the dossier: the comparisons that several rules share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from dossiers.checks.findings import Severity
from dossiers.checks.look import Look, Needs
from dossiers.facts import Choice, is_empty
from dossiers.limits import Criterion, LimitFault, convert, parse, quantity, show, unit_of
from dossiers.limits.numerals import take_number
from dossiers.records.base import Record
from dossiers.records.criterion import ends_of
from dossiers.records.product import Product
from dossiers.records.regulatory import Trial
from dossiers.records.stability import ClaimScope, Segment, ShelfLifeClaim

NAMES = (
    ("product_name", "name", "name"),
    ("product_code", "code", "code"),
    ("pharmaceutical_form", "pharmaceutical_form", "pharmaceutical form"),
    ("route", "route", "route"),
)
"""(fact of the document, fact of the product, what a sentence calls it)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a record states something else than the dossier: its fact, what is compared, and both sides as shown."""

    fact: str
    what: str
    said: str
    held: str
    severity: Severity | None = None


def folded(text: str) -> str:
    """`text` without what spelling alone decides: case, hyphens, spaces, points."""
    return re.sub(r"[\W_]+", "", text.casefold())


def differing(what: tuple[str, str], said: Any, held: Any) -> Difference | None:
    """The difference of two names, or None; one of spelling alone is a warning."""
    one, other = (v.label if isinstance(v, Choice) else str(v).strip() for v in (said, held))
    if one == other:
        return None
    return Difference(*what, one, other, Severity.WARNING if folded(one) == folded(other) else None)


def gathered(*parts: Callable[[], Iterable[Difference]]) -> list[Difference]:
    """What all parts find. A part that lacks something it needs says so only where the others find nothing."""
    found: list[Difference] = []
    lacking: Needs | None = None
    for part in parts:
        try:
            found += part()
        except Needs as why:
            lacking = lacking or why
    if lacking is not None and not found:
        raise lacking
    return found


def names(look: Look, record: Record, product: Product) -> list[Difference]:
    """Where `record` names the product, its code, form or route otherwise. Raises `Needs`."""

    def one(mine: str, theirs: str, what: str) -> Iterator[Difference]:
        said = getattr(record, mine)
        if not is_empty(said) and (found := differing((mine, what), said, look.need(product, theirs))):
            yield found

    return gathered(*(partial(one, *row) for row in NAMES))


def criterion(text: str) -> Criterion | None:
    """A criterion in text, or None where it is none."""
    try:
        return parse(text)
    except LimitFault:
        return None


def strength(look: Look, record: Record, product: Product) -> Iterator[Difference]:
    """Where `record` states another strength, after conversion and rounding. Raises `Needs`."""
    said: str | None = getattr(record, "strength", None)
    if not said:
        return
    mine, held = criterion(said), look.criterion(product, "strength")
    if mine is None or not same(mine, held):
        yield Difference("strength", "strength", show(mine) if mine else said, show(held))


def same(one: Criterion, other: Criterion) -> bool:
    """Whether two criteria have the same ends, converted to one unit and rounded to the digits of the coarser."""
    mine, theirs = ends_of(one), ends_of(other)
    if mine == (None, None) or theirs == (None, None):
        return show(one) == show(other)
    for a, b in zip(mine, theirs, strict=True):
        if (a is None) != (b is None):
            return False
        if a is not None and b is not None and not equal(a, unit_of(one), b, unit_of(other)):
            return False
    return True


def equal(value: Decimal, unit: str, other: Decimal, other_unit: str) -> bool:
    """Whether two amounts are the same within the rounding of the fewer digits; False without a conversion."""
    changed = value if unit == other_unit else convert(value, unit, other_unit)
    if changed is None:
        return False
    if changed == other:
        return True
    digits = max(2, min(len(v.as_tuple().digits) for v in (value, other)))
    return _rounded(changed, digits) == _rounded(other, digits)


def _rounded(value: Decimal, digits: int) -> Decimal:
    return Decimal(f"{value:.{digits - 1}e}")


_RANGE = re.compile(r"to\b|and\b|or\b|[–−±-]")


def amount(text: str) -> tuple[Decimal, str] | None:
    """A number and its unit: "12 months", "37 °C"; None where the text is something else."""
    token = take_number(text.strip())
    unit = token.rest.strip() if token else ""
    return (token.value, unit) if token and unit and not _RANGE.match(unit) else None


def same_amount(one: str, other: str) -> bool:
    """Whether two texts give the same amount or range; texts that are neither are compared as words."""
    mine, theirs = amount(one), amount(other)
    if mine and theirs:
        return equal(*mine, *theirs)
    first, second = criterion(one), criterion(other)
    if first is not None and second is not None and ends_of(first) != (None, None):
        return same(first, second)
    return folded(one) == folded(other)


def storage(look: Look, record: Record) -> Iterator[Difference]:
    """Where `record` gives another condition or time than the shelf life claimed for the drug product."""
    claims = look.of(ShelfLifeClaim, scope=ClaimScope.DP)
    for line in getattr(record, "storage", None) or ():
        part, condition, time = ([p.strip() for p in line.split(":")] + ["", "", ""])[:3]
        segment = next((s for s in Segment if folded(part) in (folded(s.value), folded(s.label))), None)
        mine = [c for c in claims if c.segment is segment] if segment else []
        if not mine:
            yield Difference("storage", "storage", line, f"no shelf life {part or 'without a name'}")
            continue
        conditions = [str(c.storage_condition) for c in mine if c.storage_condition]
        if condition and conditions and not any(same_amount(condition, _first(held)) for held in conditions):
            yield Difference(
                "storage", f"storage condition {segment.label if segment else ''}", condition, conditions[0]
            )
        times = [quantity(c.duration, c.unit.label) for c in mine if c.duration is not None and c.unit]
        if time and times and not any(same_amount(time, held) for held in times):
            yield Difference("storage", f"period {segment.label if segment else ''}", time, times[0])


def _first(condition: str) -> str:
    """A condition without what follows a comma: "≤ −150 °C, dry shipper"."""
    return condition.partition(",")[0]


def trial_of(look: Look, record: Record) -> Trial | None:
    """The trial that a record names, or the only one there is."""
    if (uid := getattr(record, "trial", None)) is not None:
        return look.find(Trial, uid)
    trials = look.all(Trial)
    return trials[0] if len(trials) == 1 else None


def trial_number(record: Record, trial: Trial | None) -> Difference | None:
    """Where `record` gives a number that is none of the trial's; None where neither side says one."""
    said = getattr(record, "trial_number", None)
    held = [n for n in (trial.eu_ct_number, trial.eudract_number, trial.registry_number) if n] if trial else []
    if is_empty(said) or not held or str(said).strip() in held:
        return None
    return Difference("trial_number", "trial number", str(said), held[0])
