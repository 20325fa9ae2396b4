"""The linear map of a genetic construct: its elements in order, each as long as it is in base pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dossiers.blocks import Blocks, Drawn, Figure, Gap, Inlines, Manner, Paragraph, Run
from dossiers.facts import NBSP
from dossiers.shelf import Lacking, Shelf, Shown

FIVE, THREE = "5\u2032", "3\u2032"  # the ends of a strand
WIDTH, EDGE = 160.0, 6.0  # millimetres: the sheet, and what is left of the map on both sides
BAR, STEP = 6.5, 8.0  # the height of an element, and from one track of elements to the next
LINE, PRINT = 3.2, 7.0  # millimetres of a line, points of its type
ASIDE, APART, LANE_GAP = 1.0, 2.0, 1.4  # between a leader and its words, words and the next leader, two lanes
LEAST = 0.8  # so wide is an element at least, however short
SCALE = 9.0  # the height of the scale under the map
WIDEST = 72.0  # of a label; longer ones take several lines


@dataclass(frozen=True, slots=True)
class Element:
    """An element as the map shows it: number, name, first and last base (1 is the first of the construct)."""

    number: str
    name: str
    start: int
    end: int

    @property
    def titled(self) -> str:
        """Number and name."""
        return f"{self.number}. {self.name}" if self.number else self.name

    @property
    def said(self) -> str:
        """The element in words, for those who do not see it."""
        bases = self.end - self.start + 1
        return f"{self.titled}, {self.start} to {self.end} ({bases}{NBSP}bp)"


@dataclass(frozen=True, slots=True)
class Map:
    """What the figure shows: the construct, its length in base pairs, its elements in the order of their places."""

    named: str
    size: int
    elements: tuple[Element, ...]

    @property
    def said(self) -> str:
        """The figure in words."""
        head = f"Linear map of {self.named}, {self.size}{NBSP}bp, from {FIVE} to {THREE}"
        return ". ".join([head, *(element.said for element in self.elements)]) + "."


def construct_map(caption: str, construct: Shown | Lacking) -> Blocks:
    """The map of a construct; nothing where no element has a place. A note names the elements that have none."""
    if isinstance(construct, Lacking):
        return ()
    made, missing = read(construct)
    if not made.elements:
        return ()
    figure = Figure("", (Run(caption),), made.said, Drawn(_drawn, made), WIDTH)
    if not missing:
        return (figure,)
    return figure, Paragraph(
        (Run(f"Not drawn, because their places are not known: {'; '.join(missing)}."),), Manner.NOTE
    )


def read(construct: Shown) -> tuple[Map, tuple[str, ...]]:
    """(the map, the names of the elements whose first and last base are not known or not in this order)."""
    binder, record = construct._binder, construct.record
    rows = Shelf("construct_element", (Shown(e, binder) for e in binder.all("construct_element")))
    elements, missing = [], []
    for row in rows.where(genetic_construct=construct).by("order"):
        held: Any = row.record
        name = _told(row.name.inlines) if held.name else "(element without a name)"
        if held.start_bp is None or held.end_bp is None or held.end_bp < held.start_bp:
            missing.append(name)
        else:
            elements.append(Element(str(held.order or ""), name, held.start_bp, held.end_bp))
    size = max([getattr(record, "size_bp", None) or 0, *(e.end for e in elements)])
    return Map(str(construct), size, tuple(sorted(elements, key=lambda e: (e.start, e.end)))), tuple(missing)


def _told(words: Inlines) -> str:
    """Words as the picture has them, with the mark of a value whose source was not re-read."""
    return "".join(word.text for word in words if isinstance(word, Run | Gap))


# ---------------------------------------------------------------- where it stands


@dataclass(frozen=True, slots=True)
class Box:
    """Where an element is drawn: left edge and width in millimetres, track (0 is on the line of the construct)."""

    x: float
    width: float
    track: int

    @property
    def middle(self) -> float:
        """Where its leader begins."""
        return self.x + self.width / 2


@dataclass(frozen=True, slots=True)
class Label:
    """Where an element's words stand: left edge, width, lane (0 is next to the map), above the map or under it."""

    x: float
    width: float
    lane: int
    above: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Every box and its label, in the order of the elements; numbers of tracks and lanes, heights in millimetres."""

    boxes: tuple[Box, ...]
    labels: tuple[Label, ...]
    lane: float

    @property
    def tracks(self) -> int:
        """How many tracks of elements there are."""
        return 1 + max(box.track for box in self.boxes)

    def lanes(self, *, above: bool) -> int:
        """How many lanes of labels stand above or under the map."""
        return max((label.lane + 1 for label in self.labels if label.above == above), default=0)

    @property
    def low(self) -> float:
        """The lower edge of the lowest track, from the sheet's lower edge."""
        return SCALE + self.lanes(above=False) * self.lane + 2

    @property
    def top(self) -> float:
        """The upper edge of the first track."""
        return self.low + (self.tracks - 1) * STEP + BAR

    @property
    def height(self) -> float:
        """Of the whole sheet."""
        return self.top + self.lanes(above=True) * self.lane + 3

    def base(self, label: Label) -> float:
        """The lower edge of a label's lane."""
        if label.above:
            return self.top + 2 + label.lane * self.lane
        return self.low - 2 - (label.lane + 1) * self.lane


def arrange(made: Map) -> Arrangement:
    """The map's geometry, in which nothing stands on anything else and nothing leaves the sheet.

    Labels of the left half stand above the map and run to the right, those of the right half under it and run to the
    left: so there is always room, and no leader crosses another element's words.
    """
    from dossiers.drawing import length, wrapped

    boxes = _boxes(made)
    above = [box.middle <= WIDTH / 2 for box in boxes]
    texts = [
        (*wrapped(element.titled, WIDEST, PRINT, bold=True), f"{element.start}–{element.end}")
        for element in made.elements
    ]
    widths = [max(length(line, PRINT, bold=True) for line in lines) for lines in texts]
    lanes = _lanes(boxes, widths, above)
    labels = tuple(
        Label(box.middle + ASIDE if up else box.middle - ASIDE - width, width, lane, up, lines)
        for box, width, lane, up, lines in zip(boxes, widths, lanes, above, texts, strict=True)
    )
    return Arrangement(boxes, labels, max(len(lines) for lines in texts) * LINE + LANE_GAP)


def _boxes(made: Map) -> tuple[Box, ...]:
    """Elements that overlap stand on tracks of their own."""
    scale = (WIDTH - 2 * EDGE) / made.size
    ends: list[float] = []
    boxes = []
    for element in made.elements:
        width = max((element.end - element.start + 1) * scale, LEAST)
        x = min(EDGE + (element.start - 1) * scale, WIDTH - EDGE - width)
        track = next((n for n, end in enumerate(ends) if end <= x + 1e-6), len(ends))
        ends[track:] = [x + width, *ends[track + 1 :]]
        boxes.append(Box(x, width, track))
    return tuple(boxes)


def _lanes(boxes: Sequence[Box], widths: Sequence[float], above: Sequence[bool]) -> list[int]:
    """For each label its lane: farther out than those whose leaders it would stand in the way of."""
    lanes = [0] * len(boxes)
    for up in (True, False):
        side = sorted((n for n in range(len(boxes)) if above[n] == up), key=lambda n: boxes[n].middle, reverse=up)
        for at, n in enumerate(side):
            reach = ASIDE + widths[n] + APART
            crossed = [lanes[m] for m in side[:at] if abs(boxes[m].middle - boxes[n].middle) <= reach]
            lanes[n] = 1 + max(crossed, default=-1)
    return lanes


def scale_of(size: int) -> int:
    """How many base pairs the scale shows: 1, 2 or 5 times a power of ten, at most a quarter of the construct."""
    most = max(size // 4, 1)
    power = int("1".ljust(len(str(most)), "0"))
    return next(n * power for n in (5, 2, 1) if n * power <= most)


# ---------------------------------------------------------------- drawn


@lru_cache(maxsize=64)
def _drawn(made: Map) -> tuple[bytes, str]:
    from dossiers import drawing
    from dossiers.figures.strip import paint

    arranged = arrange(made)
    return drawing.drawn(WIDTH, arranged.height, lambda sheet: paint(sheet, made, arranged))
