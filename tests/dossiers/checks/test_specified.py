"""What rows of specifications are recognised as measuring, and the statistic on limits that lie far from batches."""

from __future__ import annotations

import math
from datetime import date
from decimal import Decimal
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.binder import Binder
from dossiers.checks import settings
from dossiers.checks.capability import Spread, farthest
from dossiers.checks.look import Look
from dossiers.checks.specified import is_open, lowers, recognised, speaks_of, uppers
from dossiers.examples import panels
from dossiers.limits import LimitFault, parse
from dossiers.limits.simple import THRESHOLDS
from dossiers.records.measurands import Measurand
from dossiers.records.product import Route
from dossiers.records.quality import TestCategory as Category

LOOK = Look(Binder("P"), date(2026, 11, 25))
HELD = settings()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("Vector copy number (VCN)", {"copy_number"}),
        ("copy number variation by SNP array", {"karyotype"}),
        ("viability after thawing", {"viability"}),
        ("viable CAR+ cells in all bags", {"cell_number", "transduction", "expression"}),
        ("CD19+ cells", {"malignant_cells"}),
        ("fibroblasts", {"fibroblasts"}),
        ("bacterial endotoxins of the vector", {"endotoxin"}),
        ("strain and plasmid", set()),
        ("STR profile", {"patient_identity"}),
        ("infectious markers of the donor", {"donor_markers"}),
        ("p24 per transducing unit", {"transduction"}),
        ("", set()),
    ],
)
def test_a_name_says_what_is_measured(name: str, what: set[str]) -> None:
    assert {m.value for m in recognised(LOOK, name)} == what


def test_the_usual_tests_of_sterility_and_endotoxin_are_recognised_by_their_names() -> None:
    rows = [row for panel in panels().values() for row in panel.rows]
    for chapter, what in (("2.6.14", Measurand.ENDOTOXIN), ("2.6.7", Measurand.MYCOPLASMA)):
        named = [row.test for row in rows if row.ph_eur.split(",")[0] == chapter]
        assert named
        assert [test for test in named if what not in recognised(LOOK, test)] == []


def test_settings_name_what_there_is() -> None:
    known = set(Measurand) | set(Category)
    assert set(HELD.table("measurand_words")) <= set(Measurand)
    named = {r for kind in HELD.table("class_requirements").values() for r in kind}
    named |= set(HELD.table("dose_parts")) | set(HELD.table("scaffold_requirements"))
    named |= HELD.words("aav_tests") | HELD.words("safety_critical") | HELD.words("surrogate_potency")
    named |= HELD.words("upstream_requirements") | {e["limit"] for e in HELD.table("unwanted_cells").values()}
    assert {word.strip() for requirement in named for word in requirement.split(" or ")} <= known
    assert set(HELD.table("endotoxin_thresholds")) == set(Route) - {Route.OTHER}


@pytest.mark.parametrize("route", THRESHOLDS)
def test_the_thresholds_of_the_criterion_language_are_those_of_the_rule(route: str) -> None:
    assert Decimal(str(HELD.table("endotoxin_thresholds")[route]["limit"])) == THRESHOLDS[route]


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=4))
def test_any_words_can_be_looked_for(text: str, words: list[str]) -> None:
    assert speaks_of(words, text) in (True, False)


# ---------------------------------------------------------------- the statistic


def confidence(factor: float, n: int, content: float) -> float:
    """How surely mean + factor × standard deviation of n normal values lies above the `content` quantile.

    The standard deviation is integrated out (Simpson), so that nothing here knows the noncentral t distribution.
    """
    normal, df = NormalDist(), n - 1
    quantile, steps, top = normal.inv_cdf(content), 4000, 6.0
    width = top / steps

    def at(s: float) -> float:
        log = math.log(2) + df / 2 * math.log(df / 2) + (df - 1) * math.log(s) - df * s * s / 2 - math.lgamma(df / 2)
        return math.exp(log) * normal.cdf(math.sqrt(n) * (factor * s - quantile))

    weights = ((4 if i % 2 else 2) if i < steps else 1 for i in range(1, steps + 1))
    return sum(w * at(i * width) for i, w in enumerate(weights, 1)) * width / 3


@pytest.mark.parametrize("n", [3, 4, 5, 6, 7, 8, 10])
def test_the_tolerance_factors_are_right(n: int) -> None:
    factor = float(HELD.table("tolerance_factors")[str(n)])
    assert confidence(factor, n, 0.99) == pytest.approx(0.95, abs=0.001)


def test_few_batches_may_lie_farther_from_the_limit() -> None:
    assert [farthest(HELD, n) for n in (3, 4, 5, 6, 9, 30)] == [
        Decimal("10.55"), Decimal("7.04"), *[Decimal(6)] * 4,
    ]  # fmt: skip


def test_a_distance_counts_outwards() -> None:
    spread = Spread.of(map(Decimal, ("90", "92", "94")))
    assert (spread.n, spread.mean, spread.sd) == (3, Decimal(92), Decimal(2))
    assert spread.distance(Decimal(80), is_lower=True) == 6
    assert spread.distance(Decimal(80), is_lower=False) == -6
    assert Spread.of([Decimal(5), Decimal(5)]).distance(Decimal(1), is_lower=True) is None


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("text", "low", "high", "is_without"),
    [
        ("≥ 70 %", [("70", "%")], [], False),
        ("release: ≥ 70 %; shelf life: ≥ 60 %", [("70", "%"), ("60", "%")], [], False),
        ("1–5 EU/mL", [("1", "EU/mL")], [("5", "EU/mL")], False),
        ("report result", [], [], True),
        ("to be set", [], [], True),
        ("not detected", [], [], False),
        ("not public", [], [], False),
    ],
)
def test_the_ends_of_a_criterion(
    text: str, low: list[tuple[str, str]], high: list[tuple[str, str]], is_without: bool
) -> None:
    criterion = parse(text)
    assert lowers(criterion) == tuple((Decimal(v), u) for v, u in low)
    assert uppers(criterion) == tuple((Decimal(v), u) for v, u in high)
    assert is_open(criterion) is is_without


@given(st.text(max_size=60))
def test_any_criterion_has_ends_or_none(text: str) -> None:
    try:
        criterion = parse(text)
    except LimitFault:
        return
    assert all(isinstance(v, Decimal) for v, _ in (*lowers(criterion), *uppers(criterion)))
