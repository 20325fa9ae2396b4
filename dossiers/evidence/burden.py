"""What a limit in percent comes to with the highest dose: 10 % of 1 × 10⁷ cells/kg is 1 × 10⁶ cells/kg."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from dossiers.blocks import Blocks, Cell, Column, Kind, Row, Run, Table
from dossiers.evidence.readings import criterion, tidy
from dossiers.facts import NBSP
from dossiers.limits import OneSided, show_number
from dossiers.shelf import Shelf, Shown
from dossiers.tables import cell, filled

HEADINGS = ("Test", "Acceptance criterion", "Highest dose", "At most with a dose")


def burden(caption: str, tests: Shelf, rules: Shelf) -> Blocks:
    """A table of upper limits in percent, carried over to the highest dose of each rule; nothing where none can be.

    A limit is carried over only if it counts in what the dose counts (the test's denominator is the rule's counted
    entity): a percentage of all cells says nothing of a dose of some of them. The highest dose is the most, else the
    target; a rule with neither has none.
    """
    rows = tuple(_row(test, rule, share) for test in tests for rule in rules if (share := _share(test, rule)))
    if not rows:
        return ()
    head = (tuple(Cell((Run(h),)) for h in HEADINGS),)
    columns = (Column(), Column(), Column(Kind.NUMBER), Column(Kind.NUMBER))
    return (Table("", (Run(caption),), columns, head, rows),)


def _share(test: Shown, rule: Shown) -> Decimal | None:
    """The upper limit as a part of one, where both count the same thing."""
    row, dose = test.record, rule.record
    limit: Any = getattr(row, "limits", None)
    counted = [" ".join(str(w or "").casefold().split()) for w in (_of(row), getattr(dose, "counted_entity", None))]
    is_upper = isinstance(limit, OneSided) and not limit.bound.is_lower and limit.unit == "%"
    return limit.value / 100 if is_upper and counted[0] and counted[0] == counted[1] and any(_dose(rule)) else None


def _of(row: Any) -> Any:
    return getattr(row, "population", None)


def _dose(rule: Shown) -> Iterator[str]:
    """The names of the facts that hold the highest dose, the best first."""
    return (name for name in ("maximum", "target") if getattr(rule.record, name) is not None)


def _row(test: Shown, rule: Shown, share: Decimal) -> Row:
    name = next(_dose(rule))
    unit = tidy(getattr(rule.record, "unit", None))
    behind = (Run(f"{NBSP}{unit}", origin=rule.unit.origin),) if unit else ()
    most = share * getattr(rule.record, name)
    return (
        Cell(cell(test, "test"), strong=True),
        Cell(criterion(test)),
        Cell((*filled(rule.bare(name), rule, name), *behind)),
        Cell((Run(show_number(most.normalize()), origin=test.criterion.origin), *behind)),
    )
