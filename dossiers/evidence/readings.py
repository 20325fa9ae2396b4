"""One result as a table prints it, and what tables of results have in common: units, criteria, marks, notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dossiers.blocks import Inline, Inlines, Mark, Run
from dossiers.facts import NBSP, is_empty
from dossiers.judging import Outcome, judge
from dossiers.limits import LimitFault, Reading, show_number, tidy_unit
from dossiers.records.results import Qualifier, ResultState, Statistic
from dossiers.shelf import NOTHING, Shown
from dossiers.tables import cell

WIDEST = 8  # results columns that a landscape page still shows without breaking numbers
DASH: Inlines = (Run(NOTHING),)
BOLD = frozenset({Mark.BOLD})
MISSED = "OOS"


def reading(result: Shown, unit: str = "") -> Inlines:
    """A result as a reader meets it: read-out, sign, number in the field's notation, unit unless it is `unit`.

    A result that is not there says so in the words of its state, or is a gap.
    """
    words: list[Inline] = []
    record: Any = result.record
    if not is_empty(record.readout):
        words += [*result.readout.inlines, Run(": ")]
    words += _quantity(result, unit)
    return (*words, *_aside(result))


def _quantity(result: Shown, unit: str) -> Iterator[Inline]:
    record: Any = result.record
    state, qualifier = getattr(record, "state", None), record.qualifier
    if is_empty(record.value):
        if qualifier is Qualifier.ND:
            yield from result.qualifier.inlines
        elif state not in (None, ResultState.REPORTED):
            yield from result.state.inlines
        else:
            yield from cell(result, "value")
        return
    value = result.value
    number, sign, typed = number_of(record.value)
    own = record.unit or typed
    shown = show_number(number) if number is not None else str(value)
    yield from _signed(result, sign, own if tidy(own) != tidy(unit) else "", shown)
    yield from value.inlines[1:]  # the mark of a value whose source was not read again


def _signed(result: Shown, sign: str, unit: str, shown: str) -> Iterator[Inline]:
    record: Any = result.record
    after = (Run(NBSP if not unit.startswith("/") else ""), *_unit(result, unit)) if unit else ()
    value = Run(shown, origin=result.value.origin)
    if record.qualifier is Qualifier.ND:
        yield from (*result.qualifier.inlines, Run(" (detection limit "), value, *after, Run(")"))
        return
    if record.qualifier in (Qualifier.LESS, Qualifier.MORE):
        yield from (*result.qualifier.inlines, Run(NBSP))
    elif sign:
        yield Run(sign + NBSP, origin=result.value.origin)
    elif getattr(record, "state", None) is ResultState.BELOW_LOQ:
        yield Run("<" + NBSP, origin=result.state.origin)
    yield from (value, *after)


def _unit(result: Shown, unit: str) -> Inlines:
    record: Any = result.record
    return (Run(tidy(unit), origin=(result.value if is_empty(record.unit) else result.unit).origin),)


def number_of(typed: str) -> tuple[Decimal | None, str, str]:
    """(number, sign, unit) of a value as typed; no number for words."""
    try:
        found = Reading.read(typed)
    except LimitFault:
        return None, "", ""
    return (found.value, found.qualifier, found.unit) if found.value is not None else (None, "", "")


def tidy(unit: str | None) -> str:
    """A unit in the field's notation; as typed where it cannot be read."""
    try:
        return tidy_unit(unit) if unit else ""
    except LimitFault:
        return unit or ""


def _aside(result: Shown) -> Inlines:
    """What a value sums up: " (mean, n = 3, 80–92)"."""
    record: Any = result.record
    if not isinstance(getattr(record, "statistic", None), Statistic) and getattr(record, "n", None) is None:
        return ()
    parts: list[Inlines] = []
    if record.statistic not in (None, Statistic.SINGLE):
        parts.append(result.statistic.inlines)
    if record.n is not None:
        parts.append((Run(f"n{NBSP}={NBSP}"), *result.n.inlines))
    if record.minimum is not None and record.maximum is not None:
        parts.append((*result.minimum.inlines, Run("–"), *result.maximum.inlines))
    inner = [word for part in parts for word in (Run(", "), *part)][1:]
    return (Run(" ("), *inner, Run(")")) if inner else ()


def common_unit(results: Iterable[Shown], row: Shown) -> Inlines:
    """The unit that every number among the results has, traced to the first of them; nothing where units differ."""
    found: dict[str, Shown] = {}
    for result in results:
        record: Any = result.record
        number, _, typed = number_of(record.value or "")
        if number is not None:
            found.setdefault(tidy(record.unit or typed), result)
    if len(found) > 1 or "" in found:
        return ()
    for unit, first in found.items():
        return _unit(first, unit)
    of_row: Any = row.record
    return row.unit.inlines if of_row.unit else ()


@dataclass
class Notes:
    """The notes under a table, gathered while its cells are made."""

    missed: list[Inlines] = field(default_factory=list)
    unjudged: list[Inlines] = field(default_factory=list)
    told: list[Inlines] = field(default_factory=list)
    other: dict[str, None] = field(default_factory=dict)

    def judged(self, results: Sequence[Shown], unit: str, where: Inlines) -> Inlines:
        """The results of one cell, a mark behind those that do not meet their criterion."""
        words: list[Inline] = []
        verdicts = [judge(r.record, r._binder) for r in results]  # type: ignore[arg-type]
        for result, verdict in zip(results, verdicts, strict=True):
            words += [*([Run("; ")] if words else []), *reading(result, unit)]
            if verdict.outcome is Outcome.FAILS:
                words.append(Run(f"{NBSP}{MISSED}", BOLD))
        for verdict in dict.fromkeys(verdicts):
            line = (*where, Run(f": {verdict.why}"))
            if verdict.outcome is Outcome.FAILS:
                self.missed.append((Run(f"{MISSED}, "), *line))
            elif verdict.outcome is Outcome.CANNOT_SAY and any(_is_reported(r) for r in results):
                self.unjudged.append((Run("Not judged, "), *line))
        self.told += ((*where, Run(": "), *words) for words in _remarks(results))
        return tuple(words)

    def all(self, against: str) -> tuple[Inlines, ...]:
        """The notes in the order they are printed; `against` names the criteria."""
        head = ((Run(f"{MISSED}: out of specification, judged against {against}."),),) if self.missed else ()
        return (*head, *self.missed, *self.unjudged, *self.told, *((Run(text),) for text in self.other))


def _remarks(results: Sequence[Shown]) -> Iterator[Inlines]:
    """What is told of single values, and that values of one kind disagree (A58: sources may, side by side)."""
    kinds: dict[tuple[Any, ...], set[str]] = {}
    for result in results:
        record: Any = result.record
        same = tuple(getattr(record, name, None) for name in ("readout", "population", "statistic", "method"))
        if record.value:
            kinds.setdefault(same, set()).add(record.value)
        if getattr(record, "remark", None):
            yield result.remark.inlines
    if any(len(values) > 1 for values in kinds.values()):
        yield (Run("values that disagree are reported side by side."),)


def _is_reported(result: Shown) -> bool:
    record: Any = result.record
    return bool(record.value) or record.qualifier is Qualifier.ND


def chunks(things: Sequence[Any], most: int) -> list[Sequence[Any]]:
    """`things` in order, in as few groups as hold `most` each, of about the same size."""
    count = -(-len(things) // most) or 1
    size = -(-len(things) // count)
    return [things[i : i + size] for i in range(0, len(things), size or 1)]


def part_of(caption: str, place: int, count: int) -> Inlines:
    """The caption of one of several tables: "Batch results (1 of 3)"."""
    return (Run(f"{caption} ({place} of {count})" if count > 1 else caption),)


def named(row: Shown, unit: Inlines) -> Inlines:
    """The test with the unit of its results: "Viability (%)"; the unit once where the name ends with it."""
    bare = "".join(word.text for word in unit if isinstance(word, Run))
    typed = str(getattr(row.record, "test", "") or "").rstrip(" )")  # "CD3+ %" says its unit already
    if not unit or re.search(rf"(?:^|[\s(\[]){re.escape(bare)}$", typed):
        return cell(row, "test")
    return (*cell(row, "test"), Run(" ("), *unit, Run(")"))


def criterion(row: Shown, *, at_end: bool = False) -> Inlines:
    """The criterion with its denominator: "≥ 70 % of viable CD3+ cells"; at the end of shelf life where it differs."""
    record: Any = row.record
    words = cell(row, "shelf_life_criterion" if at_end and record.shelf_life_criterion else "criterion")
    return (*words, Run(" of "), *row.population.inlines) if record.population else words
