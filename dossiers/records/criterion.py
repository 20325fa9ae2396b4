"""What follows from the text of an acceptance criterion: its kind and its ends."""

from __future__ import annotations

from decimal import Decimal

from dossiers.limits import (
    Absent,
    Approx,
    Conditional,
    Criterion,
    Derived,
    Difference,
    NoLimit,
    OfDose,
    OneSided,
    PerPatient,
    Range,
    Standing,
)
from dossiers.records.base import Choice


class CriterionType(Choice):
    """Kind of an acceptance criterion, as its text says; one that is made of several is text."""

    RANGE = "range"
    MIN = "min"
    MAX = "max"
    ABSENT = "absent"
    TEXT = "text"
    REPORT = "report"


def type_of(limit: Criterion | None) -> CriterionType | None:
    """The kind of a criterion; None where there is none, or where its limit is not known or still to be set."""
    match limit:
        case OneSided(bound=bound) | Difference(bound=bound):
            return CriterionType.MIN if bound.is_lower else CriterionType.MAX
        case Range() | Approx() | OfDose():
            return CriterionType.RANGE
        case Derived():
            return CriterionType.MAX
        case Absent():
            return CriterionType.ABSENT
        case NoLimit(standing=Standing.REPORT | Standing.INFO_ONLY):
            return CriterionType.REPORT
        case PerPatient(limit=inner) | Conditional(criterion=inner):
            return type_of(inner)
        case None | NoLimit():
            return None
    return CriterionType.TEXT


def ends_of(limit: Criterion | None) -> tuple[Decimal | None, Decimal | None]:
    """(lower, upper) limit in the criterion's own unit, each None where there is none or more than one."""
    match limit:
        case OneSided(bound=bound, value=value) | Difference(bound=bound, value=value):
            return (value, None) if bound.is_lower else (None, value)
        case Range(low=low, high=high):
            return low, high
        case Approx(value=value, tolerance=tolerance, relative=relative):
            reach = abs(value) * tolerance / 100 if relative else tolerance
            return value - reach, value + reach
        case PerPatient(limit=inner) | Conditional(criterion=inner):
            return ends_of(inner)
    return None, None
