"""Every criterion that can be made is shown so that it is read back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.limits import (
    Absent,
    AllOf,
    Alternative,
    AnyOf,
    Approx,
    Band,
    Bound,
    ByCase,
    ByWeight,
    Case,
    Conditional,
    Conforms,
    Criterion,
    Derived,
    Difference,
    Example,
    LimitFault,
    NoLimit,
    OfDose,
    OneSided,
    PerPatient,
    Range,
    Standing,
    parse,
    show,
)
from dossiers.limits.numerals import Written
from dossiers.limits.simple import TARGETS
from dossiers.limits.words import NOTHING

D = Decimal

# ---------------------------------------------------------------- every criterion that can be made

UNITS = (
    "",
    "%",
    "EU/mL",
    "CAR19+ cells/kg",
    "per 3e6 cells",
    "beads per 30e6 TNC",
    "/kg",
    "°C",
    "percentage points",
    ":1",
)
WORDS = st.text("abc XYZ-,;:.\"'()[]“”<>≥±123%/+", max_size=30)


plain = st.decimals("-1e12", "1e12", allow_nan=False, allow_infinity=False, places=3) | st.integers(-5000, 10**9).map(D)
coefficients = st.decimals("-99", "99", allow_nan=False, places=2)
written = st.builds(lambda c, p: Written(D(f"{c}E{p}"), p), coefficients, st.integers(-12, 14))
numbers = plain | written | st.sampled_from([D(0), D("0.50"), D("1E+3"), D("0E+7"), Written("0E6", 6)])
weights = st.decimals("0.5", "200", allow_nan=False, places=1)
units = st.sampled_from(UNITS) | st.text("abcµ% /+.kgEx1×⁶²", max_size=8)
notes = st.just("") | WORDS
bounds = st.sampled_from(Bound)
texts = WORDS | st.sampled_from(
    ["negative", "report", "clear or bright", "if clear", "n/a", "difference", "x) y", "max"]
)
flags = st.booleans()
wordings = st.sampled_from(sorted(NOTHING))
limit = {"bound": bounds, "value": numbers, "unit": units, "qualifier": notes}
SIMPLE: dict[type, dict[str, st.SearchStrategy[object]]] = {
    OneSided: limit,
    Range: {"low": numbers, "high": numbers, "unit": units, "qualifier": notes, "with_low": flags, "with_high": flags},
    Approx: {"value": numbers, "tolerance": numbers, "unit": units, "qualifier": notes, "relative": flags},
    OfDose: {"tolerance": numbers, "target": st.sampled_from(TARGETS), "qualifier": notes},
    Absent: {"amount": st.none() | numbers, "unit": units, "qualifier": notes, "wording": wordings},
    Conforms: {"text": texts, "qualifier": notes},
    NoLimit: {"standing": st.sampled_from(Standing), "qualifier": notes},
    Difference: {**limit, "control": texts, "control_first": flags},
    Derived: {
        "threshold": st.none() | numbers,
        "route": st.sampled_from(["", "iv", "eye use"]) | WORDS,
        "qualifier": notes,
    },
}


def made(draw: st.DrawFn, kind: type, **parts: st.SearchStrategy[object]) -> object:
    """A criterion of `kind`, or a plain one where it refuses with a sentence what was drawn."""
    values = {name: draw(part) for name, part in parts.items()}
    try:
        return kind(**values)
    except LimitFault:
        return OneSided(Bound.GTE, D(1))


@st.composite
def criteria(draw: st.DrawFn, depth: int = 2) -> object:
    shape = draw(st.sampled_from(["simple", "any", "all", "weight", "case", "if", "patient"])) if depth else "simple"
    if shape == "simple":
        kind = draw(st.sampled_from(list(SIMPLE)))
        return made(draw, kind, **SIMPLE[kind])
    part = criteria(depth - 1)
    if shape == "if":
        return made(draw, Conditional, criterion=part, condition=st.just("allogeneic") | WORDS)
    if shape == "patient":
        per_kg = st.builds(OneSided, bounds, numbers, st.sampled_from(["cells/kg", "/kg", "EU per kg"]))
        example = st.builds(Example, numbers, st.sampled_from(["cells", "%", ""]), weights)
        return made(draw, PerPatient, limit=per_kg, examples=st.lists(example, min_size=1, max_size=2).map(tuple))
    if shape in ("any", "all"):
        labels = draw(
            st.just(["", "", ""]) | st.lists(st.sampled_from("abcXiv12"), min_size=3, max_size=3, unique=True)
        )
        several = [Alternative(draw(part), label) for label in labels[: draw(st.integers(2, 3))]]
        return made(draw, AnyOf if shape == "any" else AllOf, alternatives=st.just(tuple(several)))
    if shape == "weight":
        edges = st.none() | weights
        bands = [made(draw, Band, criterion=part, low=edges, high=edges, with_low=flags, with_high=flags) for _ in "12"]
        kept = tuple(band for band in bands[: draw(st.integers(1, 2))] if isinstance(band, Band))
        return made(draw, ByWeight, bands=st.just(kept))
    names = st.sampled_from(["release", "shelf life", "day 5", "cohort 1"]) | WORDS
    cases = [made(draw, Case, name=names, criterion=part) for _ in range(draw(st.integers(1, 2)))]
    return made(draw, ByCase, cases=st.just(tuple(case for case in cases if isinstance(case, Case))))


@given(criteria())
def test_what_is_shown_is_read_back(criterion: Criterion) -> None:
    try:
        shown = show(criterion)
    except LimitFault as why:
        shown, said = "", str(why)
    if not shown:
        assert said.startswith("This criterion is too long")  # and only then is a criterion not shown
        return
    again = parse(shown)
    assert again == criterion, shown
    assert show(again) == shown


def test_a_criterion_too_long_to_write_is_refused() -> None:
    one = OneSided(Bound.GTE, D(1), "%", "x" * 200)
    with pytest.raises(LimitFault, match="too long"):
        show(AllOf(tuple(Alternative(one, label) for label in "abcdef")))
