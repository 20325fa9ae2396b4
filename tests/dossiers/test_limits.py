"""The language of acceptance criteria: what is typed, how it is shown, what it refuses."""

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
    convert,
    number,
    parse,
    show,
    show_number,
    tidy_unit,
    unit_of,
)
from dossiers.limits.numerals import Written
from dossiers.limits.simple import TARGETS
from dossiers.limits.words import NOTHING

D = Decimal

# ---------------------------------------------------------------- every criterion that can be made

UNITS = ("", "%", "EU/mL", "CAR19+ cells/kg", "per 3e6 cells", "beads per 30e6 TNC", "/kg", "°C", "percentage points", ":1")
WORDS = st.text("abc XYZ-,;:.\"'()[]“”<>≥±123%/+", max_size=30)


plain = st.decimals("-1e12", "1e12", allow_nan=False, allow_infinity=False, places=3) | st.integers(-5000, 10**9).map(D)
coefficients = st.decimals("-99", "99", allow_nan=False, places=2)
written = st.builds(lambda c, p: Written(D(f"{c}E{p}"), p), coefficients, st.integers(-12, 14))
numbers = plain | written | st.sampled_from([D(0), D("0.50"), D("1E+3"), D("0E+7"), Written("0E6", 6)])
weights = st.decimals("0.5", "200", allow_nan=False, places=1)
units = st.sampled_from(UNITS) | st.text("abcµ% /+.kgEx1×⁶²", max_size=8)
notes = st.just("") | WORDS
bounds = st.sampled_from(Bound)
texts = WORDS | st.sampled_from(["negative", "report", "clear or bright", "if clear", "n/a", "difference", "x) y", "max"])
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
    Derived: {"threshold": st.none() | numbers, "route": st.sampled_from(["", "iv", "eye use"]) | WORDS, "qualifier": notes},
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
        labels = draw(st.just(["", "", ""]) | st.lists(st.sampled_from("abcXiv12"), min_size=3, max_size=3, unique=True))
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
        assert "too long" in str(why)
        return
    again = parse(shown)
    assert again == criterion, shown
    assert show(again) == shown


@given(st.text() | WORDS | st.text("0123456789.,eE+-−–^x×*10⁶ ±<≥()[]“”;:orandifKM%/ab\u202e\x00", max_size=60))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    for reader in (parse, number):
        try:
            reader(text)
        except LimitFault as why:
            assert str(why).endswith("."), str(why)
            assert str(why)[0].isupper()
            assert "“" in str(why)
            assert str(why).isprintable()


@pytest.mark.parametrize("piece", ["(", "[", "if a: ", "a) ", " or ", "; ", "1,", "10^", "<", "“", "x 10", "K/M", " from 5 kg"])
def test_a_text_without_end_is_refused_at_once(piece: str) -> None:
    with pytest.raises(LimitFault, match="too long"):
        parse(piece * 100_000)
    try:
        parse(piece * (1000 // len(piece)))
    except LimitFault as why:
        assert "nested" in str(why) or "“" in str(why)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("70", "70"),
        ("0.50", "0.50"),
        ("0,5", "0.5"),
        ("0,500", "0.500"),
        (".5", "0.5"),
        ("12,3456", "12.3456"),
        ("−20", "-20"),
        ("- 5", "-5"),
        ("1,000,000", "1000000"),
        ("1.000.000", "1000000"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1 000", "1000"),
        ("1 000,5", "1000.5"),
        ("1’000", "1000"),
        ("1.000", "1.000"),
        ("1e6", "1E6"),
        ("1,5E-3", "1.5E-3"),
        ("1.0 × 10⁶", "1.0E6"),
        ("1.0x10^6", "1.0E6"),
        ("1.0 * 10**6", "1.0E6"),
        ("1.0 x 10E6", "1.0E6"),
        ("2·10⁻³", "2E-3"),
        ("10^6", "1E6"),
        ("10⁶", "1E6"),
        ("10e6", "10E6"),
    ],
)
def test_numbers_keep_their_digits(typed: str, value: str) -> None:
    assert number(typed).as_tuple() == D(value).as_tuple()
    assert type(number(typed)) is Decimal


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("1,000", "write 1000, or 1.000"),
        ("12,345", "write 12345, or 12.345"),
        ("1,000e6", "write 1000"),
        ("1,00,000", "1 × 10^6"),
        ("1,0.0,0", "1234.5"),
        ("2 x 106", "write × 10^6"),
        ("1e999999999", "between −99 and 99"),
        ("9" * 31, "at most 30"),
        ("", "write for example 70"),
        ("NaN", "write for example 70"),
        ("Infinity", "write for example 70"),
        ("1 2", "write for example 70"),
        ("٣", "write for example 70"),
        ("1\u202e2", "remove that character"),
    ],
)
def test_numbers_that_can_be_read_in_two_ways_or_none_are_refused(typed: str, remedy: str) -> None:
    with pytest.raises(LimitFault, match="\\.$") as why:
        number(typed)
    assert remedy in str(why.value)


@given(numbers)
def test_a_shown_number_is_read_back(value: Decimal) -> None:
    assert number(show_number(value)) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.50", "0.50"),
        ("99999", "99999"),
        ("99999.5", "99999.5"),
        ("100000", "1 × 10⁵"),
        ("1234567", "1.234567 × 10⁶"),
        ("1.20E6", "1.20 × 10⁶"),
        ("1E3", "1000"),
        ("0.001", "0.001"),
        ("0.00050", "5.0 × 10⁻⁴"),
        ("-20", "−20"),
        ("-0.0", "0.0"),
        ("0E-400", "0"),
        ("NaN", "NaN"),
    ],
)
def test_numbers_are_shown_with_exact_digits(value: str, shown: str) -> None:
    assert show_number(D(value)) == shown.replace(" ", "\u00a0")


# ---------------------------------------------------------------- what people type


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("≥ 70 %|>=70%|NLT 70%|not less than 70 %|at least 70%|min. 70 percent|70 % or more|=> 70 %", "≥ 70 %"),
        ("NMT 5 copies/cell|max. 5 copies/cell|at most 5 copies/cell|5 copies/cell or less", "≤ 5 copies/cell"),
        ("<0.5 EU/mL|less than 0,5 eu/ml|below 0.5 EU / mL", "< 0.5 EU/mL"),
        ("≤0,5 EU/mL|≤ 0.5 EU/ml", "≤ 0.5 EU/mL"),
        ("1.0–5.0 × 10^6/kg|1.0-5.0 x 10E6/kg|1.0 to 5.0 x10⁶ /kg|1.0e6–5.0e6/kg", "1.0–5.0 × 10⁶/kg"),
        ("1e6 to 5e6 cells/kg|between 1e6 and 5e6 cells/kg|1 × 10⁶ cells/kg to 5 × 10⁶ cells/kg", "1–5 × 10⁶ cells/kg"),
        ("0.5–5 × 10^6 cells", "0.5–5 × 10⁶ cells"),
        ("8e5-3e6 cells", "8 × 10⁵ to 3 × 10⁶ cells"),
        ("between 6.8 and 7.6|6.8-7.6|from 6.8 to 7.6|6.8…7.6|≥6.8 and ≤7.6|≤ 7.6 and ≥ 6.8|not less than 6.8, not more than 7.6", "6.8–7.6"),
        (">1 to <5 %|> 1 and < 5 %", "> 1 to < 5 %"),
        ("-80 to -60 C|−80–−60 °C", "−80 to −60 °C"),
        ("7.2 ± 0.4|7.2+/-0.4|7.2 +- 0.4", "7.2 ± 0.4"),
        ("200e6 cells ±10 %", "200 × 10⁶ cells ± 10 %"),
        ("1 ± 0.2 × 10^7 CD3+/kg", "1 ± 0.2 × 10⁷ CD3+/kg"),
        ("70 ± 5 %|70 % ± 5 percentage points", "70 ± 5 %"),
        ("within ordered dose ±20 %|dose ± 20 %", "ordered dose ± 20 %"),
        ("label ±10 %|label claim +/- 10 percent", "label claim ± 10 %"),
        ("absence in 10 mL|absent in 10 ml|none per 10 mL", "absent in 10 mL"),
        ("not detected in 1e6 cells|undetectable in 10^6 cells", "not detected in 1 × 10⁶ cells"),
        ("negative|NEG.", "negative"),
        ("absence of mycoplasma", "absent (mycoplasma)"),
        ("no growth in 14 d", "no growth in 14 d"),
        ("sterile", "sterile"),
        ("complies|pass|conform|meets spec", "conforms"),
        ("cloudy liquid|“cloudy liquid”|\"cloudy liquid\"", "cloudy liquid"),
        ("clear or slightly opalescent", "clear or slightly opalescent"),
        ("CD34+ and transgene detected; patient ID matches", "CD34+ and transgene detected; patient ID matches"),
        ("report|determined|declared|report result", "report result"),
        ("TBD|to be determined", "to be set"),
        ("for information only|info_only", "for information only"),
        ("not_public|confidential", "not public"),
        ("n/a|not_applicable", "not applicable"),
        ("<100 per 3e6 cells", "< 100 per 3 × 10⁶ cells"),
        ("≤ 30:1", "≤ 30:1"),
        ("≥ 70 % (viable CD3+ (7-AAD))", "≥ 70 % (viable CD3+ (7-AAD))"),
        ("≥ 20 µg/ml|≥ 20 ug/mL|≥ 20 mcg/mL|≥ 20 μg/mL", "≥ 20 µg/mL"),
        ("difference to untransduced cells >50 pp|difference from untransduced cells: > 50 percentage points", "difference to untransduced cells > 50 percentage points"),
        ("control minus sample > 50 pp", "control minus sample > 50 percentage points"),
        ("K/M|endotoxin: K/M|≤ K/M", "≤ K/M"),
        ("≤ K/M, K = 0,2 EU/kg/h, i.t.", "≤ K/M, K = 0.2 EU/kg/h, route intrathecal"),
    ],
)  # fmt: skip
def test_spellings_come_to_one_notation(typed: str, shown: str) -> None:
    for spelling in typed.split("|"):
        assert show(parse(spelling)).replace("\u00a0", " ") == shown, spelling


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (
            "a) <70% (E:T 1:1) OR b) difference >50 pp (E:T 4:1)|either (a) < 70 % (E:T 1:1), or (b) difference > 50 pp (E:T 4:1)",
            "a) < 70 % (E:T 1:1) or b) difference > 50 percentage points (E:T 4:1)",
        ),
        ("not detected or ≤ 10 copies/cell", "not detected or ≤ 10 copies/cell"),
        ("a) cloudy and b) ≥ 5 mL", "a) cloudy and b) ≥ 5 mL"),
        (
            "> 0.5e6 CAR19+ cells/kg; 35e6 cells for a 70-kg patient",
            "> 0.5 × 10⁶ CAR19+ cells/kg; 35 × 10⁶ cells for a 70 kg patient",
        ),
        ("≥1e8 below 50 kg; ≥2e8 from 50 kg|below 50 kg: ≥ 1e8; from 50 kg: ≥ 2e8", "≥ 1 × 10⁸ below 50 kg; ≥ 2 × 10⁸ from 50 kg"),
        (
            "up to 50 kg: 0.2–5 × 10^6 cells/kg; above 50 kg: 0.1–2.5 × 10^8 cells",
            "0.2–5 × 10⁶ cells/kg up to 50 kg; 0.1–2.5 × 10⁸ cells above 50 kg",
        ),
        ("5 ± 1 mL from 8.6 to below 9.1 kg; report above 10 kg", "5 ± 1 mL from 8.6 kg to below 9.1 kg; report result above 10 kg"),
        ("release: ≥70%; shelf life: ≥60%", "release: ≥ 70 %; shelf life: ≥ 60 %"),
        ("day 5: report; day 12: clear liquid", "day 5: report result; day 12: “clear liquid”"),
        ("if allogeneic: < 2e5 CD3+CD56− cells/kg", "< 2 × 10⁵ CD3+CD56− cells/kg if allogeneic"),
        ("a) [≥ 70 % and ≤ 5 EU/mL] or b) report", "a) [[≥ 70 %] and [≤ 5 EU/mL]] or b) report result"),
    ],
)
def test_criteria_made_of_others(typed: str, shown: str) -> None:
    for spelling in typed.split("|"):
        assert show(parse(spelling)).replace("\u00a0", " ") == shown, spelling


SIGN_SPELLINGS = {
    Bound.GTE: ("≥", ">=", "NLT", "not less than", "at least", "min.", "no less than"),
    Bound.LTE: ("≤", "<=", "NMT", "not more than", "at most", "max.", "up to"),
    Bound.GT: (">", "more than", "greater than", "above"),
    Bound.LT: ("<", "less than", "below", "fewer than"),
}


@given(
    bounds.flatmap(lambda bound: st.tuples(st.just(bound), st.sampled_from(SIGN_SPELLINGS[bound]))),
    st.integers(0, 9999),
    st.sampled_from([".", ","]),
    st.sampled_from(["", " ", "\u00a0", "\u202f"]),
    st.sampled_from([("%", "%"), ("EU/mL", "eu/ml"), ("°C", "degC"), ("cells/kg", "cells / kg")]),
)
def test_generated_spellings_say_the_same(signed: tuple[Bound, str], n: int, point: str, blank: str, unit: tuple[str, str]) -> None:
    bound, sign = signed
    for spelt in unit:
        text = f"{sign.upper() if n % 2 else sign}{blank or ' ' * sign[-1].isalpha()}{n // 100}{point}{n % 100:02d}{blank}{spelt}"
        assert parse(text) == OneSided(bound, D(n) / 100, unit[0])


@given(st.integers(1, 99), st.integers(1, 99), st.sampled_from(["–", "-", " - ", " to ", "…"]), st.sampled_from(["×10^", " x 10^", "*10**"]))
def test_generated_ranges_share_their_power(one: int, two: int, dash: str, times: str) -> None:
    low, high = sorted((one, two))
    assert parse(f"{low}{dash}{high}{times}6 cells/kg") == Range(D(low) * 10**6, D(high) * 10**6, "cells/kg")


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("", "write for example ≥ 70 %"),
        ("70 %", "without a sign"),
        ("about 70 %", "cannot be rough"),
        ("≥ limit", "missing after ≥"),
        ("max seventy", "missing after ≤"),
        ("≤ 1,000 cells", "write 1000"),
        ("2-4e6 cells/kg", "2e6–4e6 or 2–4 × 10^6"),
        ("70 % ± 5 %", "70 % ± 5 % relative"),
        ("1.8 ± 10 %", "relative"),
        ("5–1 %", "smaller number first"),
        ("2 mL to 5 L", "same unit"),
        ("≥ 70 % viable, no beads", "remark in brackets"),
        ("relative potency 50–150 %", "A percentage stands among words"),
        ("viability ≥ 70 %", "before the sign"),
        ("ND", "not a criterion"),
        ("report or ≥ limit", "missing after ≥"),
        ("≥ 1 or ≥ 2 and ≥ 3", "square brackets"),
        ("a) ≥ 1 or a) ≥ 2", "label each differently"),
        ("≥ 1 up to 50 kg; ≥ 2 from 50 kg", "overlap"),
        ("≥ 1 % (unclosed", "remark in brackets"),
        ("≥ 70 % if age ≥ 25", "in words"),
        ("[[[[[[[[[[[≥ 1]]]]]]]]]]]", "nested too deeply"),
        ("clear\u202eliquid", "U+202E"),
        ("clear\x00liquid", "U+0000"),
        ("ordered dose ± 5 mL", "per cent"),
        ("≤ K/M, K = x EU/kg/h", "K"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_remedy(typed: str, remedy: str) -> None:
    with pytest.raises(LimitFault, match="\\.$") as why:
        parse(typed)
    assert remedy in str(why.value)


def test_what_no_text_could_say_cannot_be_made() -> None:
    limit = OneSided(Bound.GTE, D(1), "cells")
    for make in (
        lambda: OneSided(Bound.GTE, D("NaN")),
        lambda: OneSided(Bound.GTE, D(1), "mL or less"),
        lambda: OneSided(Bound.GTE, D(1), "%", "open ("),
        lambda: Absent(None, "mL"),
        lambda: Approx(D(1), D(-1)),
        lambda: AnyOf((Alternative(limit),)),
        lambda: PerPatient(limit, (Example(D(1), "cells", D(70)),)),
        lambda: Band(limit),
        lambda: Band(limit, D(0)),
        lambda: ByCase((Case("release", limit), Case("Release", limit))),
    ):
        with pytest.raises(LimitFault):
            make()


# ---------------------------------------------------------------- units


@pytest.mark.parametrize(
    ("value", "source", "target", "wanted"),
    [
        ("500", "EU/L", "EU/mL", "0.5"),
        ("0.25", "EU/mL", "EU/ml", "0.25"),
        ("1000", "ng/mL", "µg/mL", "1"),
        ("3", "beads per 3e6 TNC", "bead per 30e6 TNC", "30"),
        ("2", "10^6 cells/mL", "cells/µL", "2000"),
        ("5", "CD3+ cells/g", "CD3+ cells/kg", "5000"),
        ("90", "min", "h", "1.5"),
        ("5", "kb", "bp", "5000"),
        ("50", "°F", "°C", "10"),
        ("20", "%", "ppm", "200000"),
    ],
)
def test_units_convert_where_that_is_defined(value: str, source: str, target: str, wanted: str) -> None:
    assert convert(D(value), source, target) == D(wanted)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("EU/mL", "IU/mL"),
        ("%", "percentage points"),
        ("cells/kg", "CAR19+ cells/kg"),
        ("copies/cell", "copies/100 ng DNA"),
        ("vg", "vp"),
        ("mL", ""),
        ("TU/mL", "CFU/mL"),
        ("≥", "%"),
        ("TNC", "N"),
    ],
)
def test_units_of_different_things_do_not_convert(source: str, target: str) -> None:
    assert convert(D(1), source, target) is None
    assert convert(D(1), target, source) is None


@given(st.text(max_size=20))
def test_tidying_a_unit_once_is_enough(text: str) -> None:
    try:
        unit = tidy_unit(text)
    except LimitFault:
        return
    assert tidy_unit(unit) == unit
    assert convert(D(2), unit, unit) == 2


def test_the_unit_of_a_criterion_is_that_of_its_results() -> None:
    assert unit_of(parse("≥ 70 %")) == "%"
    assert unit_of(parse("release: ≥ 70 %; shelf life: ≥ 60 %")) == "%"
    assert unit_of(parse("a) < 70 % or b) difference > 50 pp")) == ""
    assert unit_of(parse("K/M")) == "EU/mL"
    assert unit_of(parse("> 5e5 cells/kg; 35e6 cells for a 70 kg patient")) == "cells/kg"
    assert unit_of(parse("absent in 10 mL")) == ""
