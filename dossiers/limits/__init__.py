"""Acceptance criteria as a small language: parse what people type, show it in the field's notation, compare a result.

A criterion is kept as text; `parse` reads it, `show` writes it, and `parse(show(c)) == c` for every criterion.
What the language cannot say: limits on a mean or a trend, equivalence intervals, several results weighed together,
formulas other than K/M, asymmetric tolerances, and the absolute amount of a difference.
"""

from dossiers.limits.comparison import compare
from dossiers.limits.criteria import (
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
    unit_of,
)
from dossiers.limits.grammar import parse
from dossiers.limits.notation import quantity, show
from dossiers.limits.numerals import number, show_number
from dossiers.limits.results import Context, Outcome, Reading, Verdict
from dossiers.limits.simple import (
    Absent,
    Approx,
    Conforms,
    Derived,
    Difference,
    NoLimit,
    OfDose,
    OneSided,
    Range,
)
from dossiers.limits.text import LimitFault
from dossiers.limits.units import convert, tidy_unit
from dossiers.limits.words import Bound, Standing

__all__ = [
    "Absent",
    "AllOf",
    "Alternative",
    "AnyOf",
    "Approx",
    "Band",
    "Bound",
    "ByCase",
    "ByWeight",
    "Case",
    "Conditional",
    "Conforms",
    "Context",
    "Criterion",
    "Derived",
    "Difference",
    "Example",
    "LimitFault",
    "NoLimit",
    "OfDose",
    "OneSided",
    "Outcome",
    "PerPatient",
    "Range",
    "Reading",
    "Standing",
    "Verdict",
    "compare",
    "convert",
    "number",
    "parse",
    "quantity",
    "show",
    "show_number",
    "tidy_unit",
    "unit_of",
]
