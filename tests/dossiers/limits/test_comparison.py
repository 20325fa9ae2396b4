"""Results against criteria: passes, fails, cannot say and why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dossiers.limits import Context, LimitFault, Outcome, Reading, compare, parse, show_number

D = Decimal
PASSES, FAILS, CANNOT, NO_LIMIT = Outcome.PASSES, Outcome.FAILS, Outcome.CANNOT_SAY, Outcome.NO_LIMIT


def judged(criterion: str, result: str, unit: str = "", context: Context | None = None) -> tuple[Outcome, str]:
    verdict = compare(parse(criterion), [Reading.read(result, unit)], context or Context())
    assert verdict.why.endswith(".")
    assert verdict.why[0].isupper() or verdict.why.startswith("a) ")
    return verdict.outcome, verdict.why.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("criterion", "result", "outcome"),
    [
        ("≥ 70 %", "70 %", PASSES),
        ("> 70 %", "70 %", FAILS),
        ("≥ 70 %", "69.99", FAILS),
        ("> 80 %", "79.2", FAILS),
        ("≤ 0.5 EU/mL", "<0.25 EU/mL", PASSES),
        ("≤ 0.5 EU/mL", "< 0.5 EU/mL", PASSES),
        ("< 0.5 EU/mL", "<0.5", PASSES),
        ("< 0.5 EU/mL", "≤0.5", CANNOT),
        ("≤ 0.5 EU/mL", "<1", CANNOT),
        ("≤ 0.5 EU/mL", ">1", FAILS),
        ("≤ 0.5 EU/mL", "> 0.1", CANNOT),
        ("≥ 70 %", "< 50", FAILS),
        ("≥ 70 %", "> 90", PASSES),
        ("> 70 %", "≥ 70", CANNOT),
        ("0–0.5 EU/mL", "< 0.1", PASSES),
        ("−80 to −60 °C", "< −60 °C", CANNOT),
        ("6.8–7.6", "7.6", PASSES),
        ("> 1 to < 5 %", "5", FAILS),
        ("7.2 ± 0.4", "6.8", PASSES),
        ("7.2 ± 0.4", "6.79", FAILS),
        ("2.0 mg/mL ± 10 %", "2200 µg/mL", PASSES),
        ("2.0 mg/mL ± 10 %", "2201 ug/mL", FAILS),
        ("≤ 0.5 EU/mL", "400 EU/L", PASSES),
        ("≤ 0.5 EU/mL", "0.1 IU/mL", CANNOT),
        ("≥ 20 % of viable CD3+", "26.0 %", PASSES),
        ("≥ 20 % of viable CD3+", "26 % of CD45+", CANNOT),
        ("< 1000 beads per 30e6 TNC", "99 beads per 3e6 TNC", PASSES),
        ("≤ 30:1", "31:1", FAILS),
        ("≥ 70 %", "complies", CANNOT),
        ("≥ 70 %", "ND", CANNOT),
        ("absent in 10 mL", "ND", PASSES),
        ("absent", "not detected", PASSES),
        ("not detected", "Complies", PASSES),
        ("negative", "positive", FAILS),
        ("negative", "negative to date", CANNOT),
        ("absent", "0 CFU", PASSES),
        ("absent", "3 CFU", FAILS),
        ("absent", "<1 CFU", CANNOT),
        ("no growth", "does not comply", FAILS),
        ("cloudy liquid", "Cloudy  liquid.", PASSES),
        ("cloudy liquid", "complies", PASSES),
        ("cloudy liquid", "not cloudy liquid", FAILS),
        ("cloudy liquid", "OOS", FAILS),
        ("cloudy liquid", "clear", CANNOT),
        ("sterile", "sterile", PASSES),
        ("detected", "ND", FAILS),
        ("detected", "positive", PASSES),
        ("report", "5", NO_LIMIT),
        ("for information only", "5", NO_LIMIT),
        ("not applicable", "5", NO_LIMIT),
        ("tbd", "5", CANNOT),
        ("not public", "5", CANNOT),
        ("not found", "5", CANNOT),
        ("not detected or ≤ 10 copies/cell", "12", FAILS),
        ("not detected or ≤ 10 copies/cell", "ND", PASSES),
        ("a) ≥ 1 and b) ≤ 2", "1.5", CANNOT),
    ],
)
def test_one_result(criterion: str, result: str, outcome: Outcome) -> None:
    assert judged(criterion, result)[0] is outcome


@pytest.mark.parametrize(
    ("criterion", "result", "why"),
    [
        ("≤ 0.5 EU/mL", "<1", "The result < 1 EU/mL may or may not meet ≤ 0.5 EU/mL."),
        (
            "≤ 0.5 EU/mL",
            "0.1 IU/mL",
            "The result is in IU/mL, the limit in EU/mL, and nothing converts one into the other.",
        ),
        ("≥ 70 %", "complies", "The result “complies” is not a number, and ≥ 70 % asks for one."),
        ("tbd", "5", "The limit is still to be set."),
        (
            "≥ 5e5 cells/kg",
            "35e6 cells",
            "The body weight is needed to compare 35000000 cells with ≥ 5 × 10⁵ cells/kg.",
        ),
    ],
)
def test_the_reason_is_a_sentence(criterion: str, result: str, why: str) -> None:
    assert judged(criterion, result)[1].replace("3.5 × 10⁷", "35000000") == why


def test_no_result_is_no_verdict() -> None:
    assert compare(parse("≥ 70 %"), []).outcome is CANNOT
    assert compare(parse("report"), []).outcome is NO_LIMIT


def test_each_of_several_results_must_pass() -> None:
    readings = [Reading(D(97)), Reading(D(61)), Reading(text="lost")]
    verdict = compare(parse("≥ 70 %"), readings)
    assert (verdict.outcome, verdict.why.count(".")) == (FAILS, 1)
    assert compare(parse("≥ 70 %"), readings[::2]).outcome is CANNOT
    assert compare(parse("≥ 70 %"), readings[:1] * 2).outcome is PASSES


def test_not_detected_with_its_detection_limit_is_a_number() -> None:
    reading = Reading(D("0.1"), "ND", "EU/mL")
    assert compare(parse("≤ 0.5 EU/mL"), [reading]).outcome is PASSES
    assert compare(parse("≤ 0.05 EU/mL"), [reading]).outcome is CANNOT
    assert compare(parse("≥ 0.5 EU/mL"), [reading]).outcome is FAILS
    assert compare(parse("absent"), [reading]).outcome is PASSES


# ---------------------------------------------------------------- either, or; minus the control

KILLING = "a) < 70 % (E:T 1:1) or b) control minus sample > 50 percentage points (E:T 4:1)"


@pytest.mark.parametrize(
    ("a", "b", "control", "outcome"),
    [
        ("14.9", "9.1", "100", PASSES),
        ("80", "20", "90", PASSES),
        ("80", "50", "90", FAILS),
        ("69.9", None, None, PASSES),
        ("80", None, None, CANNOT),
        (None, "20", "90", PASSES),
        (None, "50", "90", CANNOT),
        ("80", "20", None, CANNOT),
    ],
)
def test_one_alternative_suffices(a: str | None, b: str | None, control: str | None, outcome: Outcome) -> None:
    readings = [Reading(D(a), unit="%", label="A")] if a else []
    if b:
        readings.append(Reading(D(b), unit="%", label="b", control=D(control) if control else None))
    assert compare(parse(KILLING), readings).outcome is outcome


def test_a_difference_may_be_given_as_such_or_with_its_control() -> None:
    limit = parse("difference to untransduced cells > 50 percentage points")
    assert compare(limit, [Reading(D("90.9"), unit="percentage points")]).outcome is PASSES
    assert compare(limit, [Reading(D("90.9"))]).outcome is PASSES
    assert compare(limit, [Reading(D(90), unit="%", control=D(30))]).outcome is PASSES
    assert compare(limit, [Reading(D(30), unit="%", control=D(90))]).outcome is FAILS
    assert compare(limit, [Reading(D(90), ">", "%", control=D(40))]).outcome is PASSES
    assert compare(limit, [Reading(D(90), "<", "%", control=D(10))]).outcome is CANNOT
    assert "without its control" in compare(limit, [Reading(D(90), unit="%")]).why


def test_all_must_hold() -> None:
    both = parse("a) ≥ 70 % and b) absent in 10 mL and c) report")
    good = [Reading(D(80), label="a"), Reading(None, "ND", label="b")]
    assert compare(both, good).outcome is PASSES
    assert compare(both, good[:1]).outcome is CANNOT
    assert compare(both, [good[0], Reading(text="positive", label="b")]).outcome is FAILS


# ---------------------------------------------------------------- patient, stage, cohort and dose


@pytest.mark.parametrize(
    ("criterion", "result", "context", "outcome"),
    [
        ("> 0.5e6 cells/kg; 35e6 cells for a 70 kg patient", "36e6 cells", Context(weight=D(70)), PASSES),
        ("> 0.5e6 cells/kg; 35e6 cells for a 70 kg patient", "35e6 cells", Context(weight=D(70)), FAILS),
        ("> 0.5e6 cells/kg; 35e6 cells for a 70 kg patient", "36e6 cells", Context(), CANNOT),
        ("> 0.5e6 cells/kg; 35e6 cells for a 70 kg patient", "0.6e6 cells/kg", Context(), PASSES),
        ("> 0.5e6 CAR19+ cells/kg", "36e6 cells", Context(weight=D(70)), CANNOT),
        ("≤ 320 mOsm/kg", "30 mOsm", Context(weight=D(70)), CANNOT),
        ("≥ 1e8 below 50 kg; ≥ 2e8 from 50 kg", "1.5e8", Context(weight=D("49.9")), PASSES),
        ("≥ 1e8 below 50 kg; ≥ 2e8 from 50 kg", "1.5e8", Context(weight=D(50)), FAILS),
        ("≥ 1e8 up to 50 kg; ≥ 2e8 above 50 kg", "1.5e8", Context(weight=D(50)), PASSES),
        ("≥ 1e8 below 50 kg; ≥ 2e8 from 50 kg", "1.5e8", Context(), CANNOT),
        ("≥ 1e8 below 50 kg; ≥ 2e8 above 50 kg", "1.5e8", Context(weight=D(50)), CANNOT),
        ("release: ≥ 70 %; shelf life: ≥ 60 %", "65", Context(stage="shelf_life"), PASSES),
        ("release: ≥ 70 %; shelf life: ≥ 60 %", "65", Context(stage="Release"), FAILS),
        ("release: ≥ 70 %; shelf life: ≥ 60 %", "65", Context(stage="day 5"), CANNOT),
        ("cohort 1: ≥ 1; cohort 2: ≥ 2", "1", Context(cohort="2"), FAILS),
        ("autologous: > 50 %; allogeneic: > 70 %", "60", Context(met=("autologous",)), PASSES),
        ("≥ 70 % if allogeneic", "60", Context(met=("Allogeneic",)), FAILS),
        ("≥ 70 % if allogeneic", "60", Context(unmet=("allogeneic",)), NO_LIMIT),
        ("≥ 70 % if allogeneic", "60", Context(), CANNOT),
        ("ordered dose ± 20 %", "240e6 cells", Context(dose=D("200e6"), dose_unit="cells"), PASSES),
        ("ordered dose ± 20 %", "241e6 cells", Context(dose=D("200e6"), dose_unit="cells"), FAILS),
        ("ordered dose ± 20 %", "240e6 cells", Context(), CANNOT),
    ],
)
def test_limits_that_depend_on_the_case(criterion: str, result: str, context: Context, outcome: Outcome) -> None:
    assert judged(criterion, result, context=context)[0] is outcome


PATIENT = Context(weight=D(70), dose_volume=D(100), dose=D("2e8"), dose_unit="cells", route="iv")


@pytest.mark.parametrize(
    ("criterion", "result", "context", "outcome"),
    [
        ("K/M", "3.5 EU/mL", PATIENT, PASSES),
        ("K/M", "3.51", PATIENT, FAILS),
        ("K/M", "350 EU", PATIENT, PASSES),
        ("K/M", "351 EU/dose", PATIENT, FAILS),
        ("K/M", "1.75 EU/10^6 cells", PATIENT, PASSES),
        ("K/M", "1.76 EU/10^6 cells", PATIENT, FAILS),
        ("K/M", "5 EU/kg", PATIENT, PASSES),
        ("K/M, route intrathecal", "0.15", PATIENT, FAILS),
        ("K/M, K = 2.5 EU/kg/h", "2", PATIENT, FAILS),
        ("≤ 5 EU/kg/h", "3.5 EU/mL", PATIENT, PASSES),
        ("< 5 EU/kg/h", "3.5 EU/mL", PATIENT, FAILS),
        ("≤ 5 EU/kg/h", "5", PATIENT, PASSES),
        ("K/M", "7 EU/mL", Context(weight=D(70), dose_volume=D(100), hours=D(2), route="intravenous"), PASSES),
        ("K/M", "3.6 EU/mL", Context(weight=D(70), dose_volume=D(100), hours=D("0.1"), route="i.v."), FAILS),
        ("K/M", "0.1", Context(weight=D(70), route="iv"), CANNOT),
        ("K/M", "0.1", Context(weight=D(70), dose_volume=D(1)), CANNOT),
        ("K/M", "0.1", Context(weight=D(70), dose_volume=D(1), route="subretinal"), CANNOT),
        ("K/M", "0.1 IU/mL", PATIENT, CANNOT),
    ],
)
def test_endotoxin_is_derived_from_dose_weight_and_route(
    criterion: str, result: str, context: Context, outcome: Outcome
) -> None:
    assert judged(criterion, result, context=context)[0] is outcome


def test_what_is_missing_for_a_derived_limit_is_named() -> None:
    why = judged("K/M", "0.1", context=Context(route="iv"))[1]
    assert why == "The endotoxin limit K/M needs the body weight and the volume of the dose."
    assert "35 × 10⁶ cells for 70 kg" in judged("> 0.5e6 cells/kg; 35e6 cells for a 70 kg patient", "9e6 cells")[1]


# ---------------------------------------------------------------- results


def test_results_are_read_as_they_are_typed() -> None:
    assert Reading.read("<0,25 eu/ml") == Reading(D("0.25"), "<", "eu/ml")
    assert Reading.read("88", "%") == Reading(D(88), "", "%")
    assert Reading.read("n.d.", "%") == Reading(None, "ND", "%")
    assert Reading.read("cloudy liquid", label="a") == Reading(text="cloudy liquid", label="a")
    assert Reading.read("below LOD").is_not_detected
    for make in (
        lambda: Reading.read("1,000"),
        lambda: Reading(D(1), "~"),
        lambda: Reading(D("NaN")),
        lambda: Context(weight=D(0)),
    ):
        with pytest.raises(LimitFault):
            make()


@given(st.decimals(0, 1000, places=2), st.decimals(0, 1000, places=2), st.sampled_from("≥>≤<"))
def test_a_number_either_meets_a_limit_or_not(limit: Decimal, value: Decimal, sign: str) -> None:
    holds = {"≥": value >= limit, ">": value > limit, "≤": value <= limit, "<": value < limit}[sign]
    verdict = compare(parse(f"{sign} {show_number(limit)} mg/mL"), [Reading(value)])
    assert verdict.outcome is (PASSES if holds else FAILS)
    same = compare(parse(f"{sign} {show_number(limit)} mg/mL"), [Reading(value * 1000, unit="µg/mL")])
    assert same.outcome is verdict.outcome


@given(st.integers(0, 50), st.integers(0, 50), st.sampled_from("≥>≤<"), st.sampled_from("≥>≤<"), st.integers(0, 50))
def test_a_bounded_result_never_says_more_than_its_numbers(
    limit: int, edge: int, sign: str, qualifier: str, at: int
) -> None:
    """Whatever number the result can stand for gets no other outcome."""
    criterion = parse(f"{sign} {limit} mL")
    is_possible = {"≥": at >= edge, ">": at > edge, "≤": at <= edge, "<": at < edge}[qualifier]
    verdict = compare(criterion, [Reading(D(edge), qualifier)])
    if is_possible and verdict.outcome is not CANNOT:
        assert compare(criterion, [Reading(D(at))]).outcome is verdict.outcome
