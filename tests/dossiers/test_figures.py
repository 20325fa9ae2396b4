"""Flow diagrams and stability plots: what they show, in words and in ink."""

from __future__ import annotations

import re
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dossiers import svg
from dossiers.binder import Binder, load
from dossiers.blocks import Figure, Gap, Paragraph
from dossiers.figures import flow, stability_plots
from dossiers.figures.course import Fit, student
from dossiers.figures.flow import HEIGHT, Station, sheets
from dossiers.figures.plots import Point, Series, begun, series_of
from dossiers.shelf import Lacking, Shelf, Shown, shelf

PROCESS = """
tandem: 1
project: X
records:
  product:
    p: {name: Examplecel}
  active_substance:
    ds: {name: CAR T cells, defined_at_step: harvest}
  process:
    mp: {code: MP-1, version: "2.0", scope: combined, product: p}
    other: {code: MP-9}
  process_step:
    harvest: {process: mp, number: 2, name: Harvest, day: 9, open_closed: open, clean_grade: A, is_critical: true}
    thaw: {process: mp, number: 1, name: "Thaw $5 & <b>", day: -1}
    fill: {process: mp, number: 3, name: Fill}
    alien: {process: other, number: 1, name: Alien}
  material:
    cells: {name: Leukapheresis, role: starting, used_in_step: thaw}
    dmso: {name: DMSO, role: excipient, used_in_step: fill}
    il2: {name: IL-2, role: raw, used_in_step: thaw}
  in_process_control:
    count: {step: thaw, test: Viable cells, limit: ">= 1e6 cells/mL", limit_type: action}
    via: {step: harvest, test: Viability, limit: NLT 70%, population: CD3+ cells}
  hold_point:
    h: {after_step: harvest, type: hold, material: harvested cells, temperature: 15–25, max_time: 4}
    t: {after_step: fill, type: transport, transport_route: unit to ward, max_time: 48}
"""


def binder(text: str = PROCESS) -> Binder:
    return load(text)


def of(binder: Binder, kind: str, key: str) -> Shown:
    record = binder.by_key(kind, key)
    assert record is not None
    return Shown(record, binder)


def figures(made: object) -> list[Figure]:
    assert isinstance(made, tuple)
    assert all(isinstance(f, Figure) for f in made)
    return list(made)


def caption(figure: Figure) -> str:
    return "".join(getattr(run, "text", "") for run in figure.caption)


def plotted(made: object) -> tuple[Figure, str]:
    """The one plot and the note under it."""
    assert isinstance(made, tuple)
    figure, note = made
    assert isinstance(figure, Figure) and isinstance(note, Paragraph)
    return figure, "".join(getattr(run, "text", "") for run in note.content)


# ---------------------------------------------------------------- flow


def test_the_alternative_text_says_all_steps_in_the_order_of_their_numbers() -> None:
    (figure,) = figures(flow("Flow", of(binder(), "process", "mp")))
    assert caption(figure) == "Flow"
    assert "Alien" not in figure.alt
    places = [
        figure.alt.index(words)
        for words in (
            "Step 1: Thaw $5 & <b>; day\u00a0−1",
            "goes in: Leukapheresis (starting material), IL-2",
            "in-process controls: Viable cells: ≥\u00a0",
            "(action level)",
            "Step 2: Harvest; critical step; day\u00a09, open, grade\u00a0A",
            "Viability: ≥\u00a070\u00a0% of CD3+ cells",
            "Then hold: harvested cells, 15–25\u00a0°C, at most 4\u00a0h",
            "Drug substance: CAR T cells",
            "Step 3: Fill; goes in: DMSO (excipient)",
            "Then transport: unit to ward, at most 48\u00a0h",
            "ends with drug product: Examplecel",
        )
    ]
    assert places == sorted(places)


def test_the_same_process_gives_the_same_bytes() -> None:
    from dossiers.figures.flow import _drawn

    (first,) = figures(flow("Flow", of(binder(), "process", "mp")))
    png, svg_text = first.picture.png, first.picture.svg
    _drawn.cache_clear()
    (second,) = figures(flow("Flow", of(binder(), "process", "mp")))
    assert first == second
    assert (png, svg_text) == (second.picture.png, second.picture.svg)
    assert b"Software" not in png and b"Creation" not in png
    assert "<dc:date>" not in svg_text


def test_nothing_is_drawn_until_somebody_looks() -> None:
    from dossiers.figures.flow import _drawn

    _drawn.cache_clear()
    (figure,) = figures(flow("Flow", of(binder(), "process", "mp")))
    assert _drawn.cache_info().currsize == 0
    assert figure.picture.svg.startswith("<?xml") and figure.picture.png.startswith(b"\x89PNG")
    assert _drawn.cache_info().currsize == 1


def test_the_drawing_stands_on_a_page_that_forbids_styles() -> None:
    (figure,) = figures(flow("Flow", of(binder(), "process", "mp")))
    page = svg.inline(figure.picture.svg, "fig", figure.alt)
    root = etree.fromstring(page)
    assert not root.xpath("//@style") and "<style" not in page
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert root.get("aria-label") == figure.alt


def test_a_shelf_of_steps_is_drawn_like_its_process() -> None:
    held = binder()
    steps = shelf(held)["process_steps"].where(process=of(held, "process", "mp"))
    assert flow("Flow", steps) == flow("Flow", of(held, "process", "mp"))


def test_a_part_of_a_process_says_what_it_goes_on_from_and_with() -> None:
    held = binder()
    steps = shelf(held)["process_steps"].where(process=of(held, "process", "mp")).by("number")
    (first,) = figures(flow("Flow", steps.upto(steps[1])))
    assert "Step 3" not in first.alt and first.alt.endswith("Continues with step 3.")
    assert "drug product" not in first.alt
    (second,) = figures(flow("Flow", steps.after(steps[1])))
    assert "Step 2" not in second.alt and "Continues from step 2. Step 3: Fill" in second.alt
    assert second.alt.endswith("The process ends with drug product: Examplecel.")


def test_a_long_process_runs_over_several_figures() -> None:
    rows = "".join(f"    s{n}: {{process: mp, number: {n}, name: Step {n}}}\n" for n in range(1, 25))
    text = f"tandem: 1\nproject: X\nrecords:\n  process:\n    mp: {{code: MP}}\n  process_step:\n{rows}"
    made = figures(flow("Flow", of(binder(text), "process", "mp")))
    assert [caption(f) for f in made] == [f"Flow ({n} of {len(made)})" for n in range(1, len(made) + 1)]
    assert len(made) > 1
    assert re.findall(r"Step (\d+): ", " ".join(f.alt for f in made)) == [str(n) for n in range(1, 25)]
    assert made[0].alt.endswith(f"Continues with step {len(re.findall(r'Step [0-9]+:', made[0].alt)) + 1}.")
    for figure in made:
        width, height = (int.from_bytes(figure.picture.png[at : at + 4]) for at in (16, 20))
        assert height / width * figure.width <= HEIGHT


@pytest.mark.parametrize("process", [Lacking("process"), Shelf("process_step")])
def test_without_steps_there_is_a_gap(process: Lacking | Shelf) -> None:
    (made,) = flow("Flow", process)
    assert isinstance(made, Paragraph)
    assert isinstance(made.content[0], Gap) and made.content[0].origin is not None
    assert made.content[0].origin.kind == "process_step"


STATIONS = st.builds(
    Station,
    st.text("0123456789", max_size=3),
    st.text("abc é$%", min_size=1, max_size=60),
    st.just("day 1"),
    st.lists(st.text("abc ", min_size=1, max_size=80), max_size=6).map(tuple),
    st.lists(st.text("xyz ≥", min_size=1, max_size=80), max_size=3).map(tuple),
    st.lists(st.text("hold", min_size=1, max_size=90), max_size=2).map(tuple),
    st.sampled_from(["", "Drug substance: x"]),
    st.booleans(),
)


@given(st.lists(STATIONS, min_size=1, max_size=14))
def test_every_step_stands_on_one_sheet_in_order(stations: list[Station]) -> None:
    made = sheets(stations, "drug product")
    assert [s for sheet in made for s in sheet.stations] == stations
    assert [bool(sheet.before) for sheet in made] == [n > 0 for n in range(len(made))] or any(
        not s.number for s in stations
    )
    assert [sheet.result for sheet in made] == [""] * (len(made) - 1) + ["drug product"]


# ---------------------------------------------------------------- stability

STUDY = """
tandem: 1
project: X
records:
  batch:
    b1: {number: B-1}
    b2: {number: B-2}
  spec_test:
    via: {test: Viability, criterion: ">= 70 %", shelf_life_criterion: ">= 60 %", unit: "%"}
    tit: {test: Titre, criterion: 0.8-1.2 x 10^13 vg/mL, unit: vg/mL}
    app: {test: Appearance, criterion: conforms to cloudy liquid}
  stability_study:
    st: {protocol_id: ST-1, batch: [b1, b2]}
    empty: {protocol_id: ST-2}
  stability_result:
"""


def study(*results: str) -> Shown:
    rows = "".join(f"    r{n}: {{study: st, {row}}}\n" for n, row in enumerate(results))
    held = load(STUDY + rows) if results else load(STUDY.removesuffix("  stability_result:\n"))
    return of(held, "stability_study", "st")


def at(months: object, value: object, test: str = "via", batch: str = "b1", more: str = "") -> str:
    return f"test: {test}, batch: {batch}, timepoint: {months}, timepoint_unit: m, value: '{value}'{more}"


def test_a_plot_says_attribute_points_limit_and_last_value() -> None:
    made, note = plotted(stability_plots(study(at(0, 88), at(6, "80.5"), at(3, 84), at(0, 90, batch="b2"))))
    assert caption(made) == "Viability (%) over time, study ST-1"
    assert note == "Results of 2 batches."
    assert "regression" not in note + made.alt
    assert "Limit ≥\u00a060\u00a0%" in made.alt
    assert "Batch B-1: 3 points, first 88\u00a0% at 0 months, last 80.5\u00a0% at 6 months" in made.alt
    assert "Batch B-2: 1 point, 90\u00a0% at 0 months" in made.alt


def test_a_line_is_drawn_from_four_time_points_on_and_said() -> None:
    made, note = plotted(stability_plots(study(*(at(t, 90 - 2 * t) for t in (0, 1, 3, 6)))))
    assert "linear regression with one-sided 95\u00a0% confidence bound of the mean" in note
    assert "pooled" not in note
    assert made.alt.endswith("Linear regression: −2 % per month.")
    _, note = plotted(stability_plots(study(at(0, 90), at(1, 89), at(3, 85, batch="b2"), at(6, 80, batch="b2"))))
    assert "2 batches; linear regression, pooled, with" in note


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("vector genome titre", "Vector genome titre"),
        ("pH of the bulk", "pH of the bulk"),
        ("rcAAV", "rcAAV"),
        ("7-AAD", "7-AAD"),
    ],
)
def test_a_caption_begins_with_a_capital_unless_the_word_has_a_case_of_its_own(typed: str, printed: str) -> None:
    assert begun(typed) == printed


def test_two_sided_limits_have_bounds_on_both_sides() -> None:
    rows = [
        at(t, v, "tit", more=", unit: vg/mL") for t, v in ((0, "1.0e13"), (1, "9.9e12"), (3, "9.8e12"), (6, "9.6e12"))
    ]
    made, note = plotted(stability_plots(study(*rows)))
    assert "confidence bounds of the mean" in note
    assert "Lower limit 0.8\u00a0×\u00a010¹³\u00a0vg/mL, upper limit 1.2\u00a0×\u00a010¹³\u00a0vg/mL" in made.alt


def test_bounds_are_no_values_and_words_are_no_points() -> None:
    rows = [at(0, 5), at(1, 5, more=", qualifier: '<'"), at(3, "<4"), at(6, 4, more=", qualifier: ND"), at(9, "n/a")]
    (series,) = series_of(study(*rows))
    assert [p.beyond for _, points in series.batches for p in points] == [0, -1, -1, -1]
    assert not series.is_fitted and series.left_out == 1
    made, note = plotted(stability_plots(study(*rows)))
    assert "open triangles are bounds" in note and "1 result without a number" in note
    assert "last <\u00a04\u00a0% at 6 months" in made.alt


def test_units_and_times_are_brought_together() -> None:
    rows = [
        "test: tit, timepoint: 0, timepoint_unit: h, value: 1e13, unit: vg/mL",
        "test: tit, timepoint: 1, timepoint_unit: m, value: 1e10, unit: vg/µL",
        "test: tit, timepoint: 1461, timepoint_unit: h, value: 9e12, unit: vg/mL",
        "test: tit, timepoint: 3, timepoint_unit: m, value: 9e12, unit: IU/mL",
    ]
    (series,) = series_of(study(*rows))
    assert series.batches == (
        ("", tuple(Point(Decimal(t), Decimal(v)) for t, v in (("0", "1e13"), ("1", "1e13"), ("2", "9e12")))),
    )
    assert series.left_out == 1


def test_nothing_is_plotted_where_nothing_can_be() -> None:
    assert stability_plots(Lacking("stability_study")) == ()
    assert stability_plots(study()) == ()
    assert stability_plots(study(at(0, 88), at(0, 90, batch="b2"))) == ()
    assert stability_plots(study(at(0, "conforms", "app"), at(3, "conforms", "app"))) == ()


def test_read_outs_are_plots_of_their_own_without_the_limit_of_the_whole() -> None:
    rows = [at(t, 50 + t, more=f", readout: {r}") for t in (0, 1, 2) for r in "ab"]
    assert [(s.attribute, s.limits) for s in series_of(study(*rows))] == [
        ("Viability, read-out a", ()),
        ("Viability, read-out b", ()),
    ]


def test_two_time_points_are_a_table_and_no_plot() -> None:
    assert not list(series_of(study(at(0, 90), at(1, 88))))


def test_the_line_is_that_of_least_squares() -> None:
    times, values = np.array([0.0, 3.0, 6.0, 12.0, 18.0]), np.array([100.2, 99.1, 98.9, 96.0, 95.2])
    fit = Fit.of(times, values)
    slope, start = np.polyfit(times, values, 1)
    assert (fit.slope, fit.start) == (pytest.approx(slope), pytest.approx(start))
    # by hand: t(3) = 2.353; the bound is narrowest at the mean of the times
    error = np.sqrt(((values - start - slope * times) ** 2).sum() / 3)
    assert fit.reach(np.array([7.8]))[0] == pytest.approx(2.353 * error * np.sqrt(1 / 5))
    assert fit.reach(np.array([0.0]))[0] > fit.reach(np.array([7.8]))[0] < fit.reach(np.array([18.0]))[0]


@pytest.mark.parametrize(("free", "known"), [(1, 6.314), (10, 1.812), (16, 1.746), (30, 1.697), (120, 1.658)])
def test_student_is_as_in_the_tables(free: int, known: float) -> None:
    assert student(free) == pytest.approx(known, abs=0.002)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.decimals("-1e15", "1e15", places=2), st.sampled_from([0, 0, -1, 1])),
        min_size=2,
        max_size=6,
        unique_by=lambda p: p[0],
    )
)
def test_any_numbers_can_be_drawn(points: list[tuple[int, Decimal, int]]) -> None:
    from dossiers.figures.course import Course
    from dossiers.records.stability import TimepointUnit

    held = tuple(Point(Decimal(t), v, b) for t, v, b in sorted(points))
    course = Course(Series("S", "A", "%", TimepointUnit.M, (("B", held),)), (-1,))
    assert course.slope_said().startswith("Linear regression") == (course.fit is not None)
    assert all(np.isfinite(course.scaled(p.value)) for p in held)
