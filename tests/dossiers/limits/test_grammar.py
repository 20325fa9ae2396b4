"""What people type, and what is refused with the remedy."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.limits import (
    Absent,
    Alternative,
    AnyOf,
    Approx,
    Band,
    Bound,
    ByCase,
    Case,
    Example,
    LimitFault,
    OneSided,
    PerPatient,
    Range,
    number,
    parse,
    show,
)

D = Decimal
bounds = st.sampled_from(Bound)


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
        ("between 6.8 and 7.6|6.8-7.6|from 6.8 to 7.6|6.8…7.6|≥6.8 and ≤7.6|≤ 7.6 and ≥ 6.8", "6.8–7.6"),
        ("not less than 6.8, not more than 7.6|NLT 6.8 and NMT 7.6", "6.8–7.6"),
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
        ('cloudy liquid|“cloudy liquid”|"cloudy liquid"', "cloudy liquid"),
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
        ("difference to mock >5 pp|difference (sample minus mock) > 5 pp", "difference to mock > 5 percentage points"),
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
            "a) <70% (E:T 1:1) OR b) difference >50 pp (E:T 4:1)|(a) <70% (E:T 1:1), or (b) difference >50pp (E:T 4:1)",
            "a) < 70 % (E:T 1:1) or b) difference > 50 percentage points (E:T 4:1)",
        ),
        ("not detected or ≤ 10 copies/cell", "not detected or ≤ 10 copies/cell"),
        ("a) cloudy and b) ≥ 5 mL", "a) cloudy and b) ≥ 5 mL"),
        (
            "> 0.5e6 CAR19+ cells/kg; 35e6 cells for a 70-kg patient",
            "> 0.5 × 10⁶ CAR19+ cells/kg; 35 × 10⁶ cells for a 70 kg patient",
        ),
        (
            "≥1e8 below 50 kg; ≥2e8 from 50 kg|below 50 kg: ≥ 1e8; from 50 kg: ≥ 2e8",
            "≥ 1 × 10⁸ below 50 kg; ≥ 2 × 10⁸ from 50 kg",
        ),
        (
            "up to 50 kg: 0.2–5 × 10^6 cells/kg; above 50 kg: 0.1–2.5 × 10^8 cells",
            "0.2–5 × 10⁶ cells/kg up to 50 kg; 0.1–2.5 × 10⁸ cells above 50 kg",
        ),
        (
            "5 ± 1 mL from 8.6 to below 9.1 kg; report above 10 kg",
            "5 ± 1 mL from 8.6 kg to below 9.1 kg; report result above 10 kg",
        ),
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
def test_generated_spellings_say_the_same(
    signed: tuple[Bound, str], n: int, point: str, blank: str, unit: tuple[str, str]
) -> None:
    bound, sign = signed
    for spelt in unit:
        begun = f"{sign.upper() if n % 2 else sign}{blank or ' ' * sign[-1].isalpha()}"
        text = f"{begun}{n // 100}{point}{n % 100:02d}{blank}{spelt}"
        assert parse(text) == OneSided(bound, D(n) / 100, unit[0])


@given(
    st.integers(1, 99),
    st.integers(1, 99),
    st.sampled_from(["–", "-", " - ", " to ", "…"]),
    st.sampled_from(["×10^", " x 10^", "*10**"]),
)
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
        ("≥ 70-80 %", "70–80 %"),
        ("≥ 70 % typical", "remark in brackets"),
        ("a) ≥ 1; b) ≥ 2", "square brackets"),
        ("a) ≥ 1 or b) or c) ≥ 2", "no criterion"),
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
    with pytest.raises(LimitFault, match=r"\.$") as why:
        parse(typed)
    assert remedy in str(why.value)


def refusal(reader: Callable[[str], object], text: str) -> str:
    """The sentence with which `reader` refuses `text`; "" if it reads it."""
    try:
        reader(text)
    except LimitFault as why:
        return str(why)
    return ""


PIECES = (
    *(
        "(",
        "[",
        "]",
        ")",
        "“",
        "”",
        "if ",
        "a) ",
        "b) ",
        " or ",
        " and ",
        "; ",
        ": ",
        "1,",
        "1 ",
        "10^6",
        "<",
        "≥ 1 %",
        "x 10",
    ),
    *(
        "K/M",
        ", K = ",
        " from 5 kg",
        " below 9 kg",
        "difference ",
        " minus sample ",
        "±",
        "report",
        "absence of ",
        " in 5 mL",
    ),
    *(" to ", "-", "a", "%", "e6", " for a 70 kg patient", "between ", "dose ", " if x", "negative", "1–2 mL"),
)


@given(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
    | st.text()
    | st.text("0123456789.,eE+-–−^x×*10⁶ ±<≥()[]“”;:orandifKM%/ab\u202e\x00", max_size=60)
)
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    for reader in (parse, number):
        if said := refusal(reader, text):
            assert said.endswith(".")
            assert said[0].isupper()
            assert "“" in said
            assert said.isprintable()


ENDLESS = [
    "(",
    "[",
    "if a: ",
    "a) ",
    " or ",
    "; ",
    "1,",
    "1 ",
    "10^",
    "<",
    "“",
    "x 10",
    "K/M",
    " from 5 kg",
    "difference ",
    "± ",
]


@pytest.mark.parametrize("piece", ENDLESS)
def test_a_text_without_end_is_refused_at_once(piece: str) -> None:
    assert "too long" in refusal(parse, piece * 100_000)
    said = refusal(parse, piece * (1000 // len(piece)))
    assert not said or "“" in said


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
