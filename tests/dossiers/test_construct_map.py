"""The map of a construct: what it says, and that nothing on it stands on anything else or leaves the sheet."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from dossiers import svg
from dossiers.binder import load
from dossiers.blocks import Blocks, Figure, Paragraph
from dossiers.figures import construct_map
from dossiers.figures.construct import BAR, EDGE, LINE, SCALE, STEP, WIDTH, Element, Map, arrange, scale_of
from dossiers.shelf import Lacking, Shown

VECTOR = """
tandem: 1
project: X
records:
  genetic_construct:
    gc: {name: LV-1, size_bp: 5000}
    other: {name: pOther}
  construct_element:
    tail: {genetic_construct: gc, order: 3, name: right LTR, start_bp: 4800, end_bp: 5000}
    head: {genetic_construct: gc, order: 1, name: left LTR, start_bp: 1, end_bp: 200}
    gene: {genetic_construct: gc, order: 2, name: {value: gene, basis: recalled}, start_bp: 900, end_bp: 2399}
    alien: {genetic_construct: other, order: 1, name: alien, start_bp: 1, end_bp: 90}
"""


def shown(text: str = VECTOR, key: str = "gc") -> Shown:
    binder = load(text)
    record = binder.by_key("genetic_construct", key)
    assert record is not None
    return Shown(record, binder)


def words(made: Blocks) -> str:
    return "".join(getattr(run, "text", "") for b in made if isinstance(b, Paragraph) for run in b.content)


def test_the_alternative_text_says_every_element_in_its_place() -> None:
    (figure,) = construct_map("Map", shown())
    assert isinstance(figure, Figure)
    assert figure.alt.replace("\u00a0", " ") == (
        "Linear map of LV-1, 5000 bp, from 5\u2032 to 3\u2032. 1. left LTR, 1 to 200 (200 bp). "
        "2. gene (unverified), 900 to 2399 (1500 bp). 3. right LTR, 4800 to 5000 (201 bp)."
    )


def test_the_map_is_a_picture_for_word_and_a_drawing_for_the_page() -> None:
    (figure,) = construct_map("Map", shown())
    assert isinstance(figure, Figure) and figure.picture.png.startswith(b"\x89PNG")
    root = etree.fromstring(svg.inline(figure.picture.svg, "map", figure.alt))
    assert root.get("aria-label") == figure.alt
    assert construct_map("Map", shown()) == (figure,)


def test_elements_without_a_place_are_named_and_not_drawn() -> None:
    lost = VECTOR.replace("start_bp: 900, end_bp: 2399", "start_bp: 900").replace(
        "start_bp: 4800, end_bp: 5000", "start_bp: 9, end_bp: 3"
    )
    made = construct_map("Map", shown(lost))
    assert isinstance(made[0], Figure) and "gene" not in made[0].alt and "right LTR" not in made[0].alt
    assert words(made) == "Not drawn, because their places are not known: gene\u00a0(unverified); right LTR."


def test_nothing_is_drawn_where_nothing_has_a_place() -> None:
    assert construct_map("Map", Lacking("genetic_construct")) == ()
    assert construct_map("Map", shown(re.sub(r", start_bp.*?}", "}", VECTOR))) == ()


def test_a_construct_shorter_than_its_elements_is_as_long_as_they_are() -> None:
    (figure,) = construct_map(
        "Map", shown(VECTOR.replace(", size_bp: 5000", "").replace("4800, end_bp: 5000", "4800, end_bp: 6001"))
    )
    assert isinstance(figure, Figure) and "LV-1, 6001\u00a0bp" in figure.alt


@pytest.mark.parametrize(("size", "bases"), [(1, 1), (90, 20), (3980, 500), (5493, 1000), (145_000, 20_000)])
def test_the_scale_is_a_round_number_of_bases(size: int, bases: int) -> None:
    assert scale_of(size) == bases


# ---------------------------------------------------------------- geometry

PLACES = st.tuples(st.integers(1, 20_000), st.integers(0, 9_000))
NAMES = st.text("abcdefgh ABC-", min_size=1, max_size=60)


@st.composite
def maps(draw: st.DrawFn) -> Map:
    places = sorted((start, start + more) for start, more in draw(st.lists(PLACES, min_size=1, max_size=14)))
    elements = tuple(Element(str(n), draw(NAMES), *place) for n, place in enumerate(places, 1))
    return Map("M", max(end for _, end in places) + draw(st.integers(0, 3000)), elements)


Area = tuple[float, float, float, float]  # left, low, right, top


def meet(one: Area, other: Area) -> bool:
    slack = 1e-6
    return (
        one[0] < other[2] - slack
        and other[0] < one[2] - slack
        and one[1] < other[3] - slack
        and other[1] < one[3] - slack
    )


@given(maps())
def test_nothing_overlaps_and_nothing_leaves_the_sheet(made: Map) -> None:
    arranged = arrange(made)
    boxes: list[Area] = []
    leaders: list[Area] = []
    labels: list[Area] = []
    for box, label in zip(arranged.boxes, arranged.labels, strict=True):
        low = arranged.top - box.track * STEP - BAR
        boxes.append((box.x, low, box.x + box.width, low + BAR))
        base = arranged.base(label)
        labels.append((label.x, base, label.x + label.width, base + arranged.lane))
        near = arranged.top if label.above else arranged.low
        far = base + arranged.lane if label.above else base
        leaders.append((box.middle, min(near, far), box.middle, max(near, far)))
        assert len(label.lines) * LINE <= arranged.lane
    for area in (*boxes, *labels, *leaders):
        assert area[0] >= 0 and area[2] <= WIDTH and area[1] >= SCALE - 1e-6 and area[3] <= arranged.height
    assert all(box[0] >= EDGE - 1e-6 and box[2] <= WIDTH - EDGE + 1e-6 for box in boxes)
    assert not [pair for pair in combinations((*boxes, *labels), 2) if meet(*pair)]
    assert not [
        (leader, label)
        for n, leader in enumerate(leaders)
        for m, label in enumerate(labels)
        if n != m
        and label[0] - 1e-6 < leader[0] < label[2] + 1e-6
        and leader[1] < label[3] - 1e-6
        and label[1] < leader[3] - 1e-6
    ]


@given(maps())
def test_elements_are_as_long_as_their_bases_and_stand_in_order(made: Map) -> None:
    arranged = arrange(made)
    scale = (WIDTH - 2 * EDGE) / made.size
    for element, box in zip(made.elements, arranged.boxes, strict=True):
        assert box.width == pytest.approx(max((element.end - element.start + 1) * scale, 0.8))
    assert [e.titled for e in made.elements] == re.findall(r"\. (\d+\. .*?), \d+ to", made.said.replace("\n", " "))
