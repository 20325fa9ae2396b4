"""How the map of a construct is painted: a line with its elements, leaders, labels, scale."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure as Drawing
from matplotlib.patches import Rectangle

from dossiers import drawing as d
from dossiers.facts import NBSP
from dossiers.figures.construct import (
    BAR,
    EDGE,
    FIVE,
    LINE,
    PRINT,
    STEP,
    THREE,
    WIDTH,
    Arrangement,
    Box,
    Label,
    Map,
    scale_of,
)

TINTS = (d.SOFT, "#c9dbee")  # neighbours are told apart


def paint(made: Drawing, shown: Map, arranged: Arrangement) -> None:
    """The whole map on its sheet. Lengths in millimetres from the sheet's lower left."""
    axes: Any = made.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, arranged.height))
    axes.axis("off")
    line = arranged.top - BAR / 2
    axes.plot((EDGE, WIDTH - EDGE), (line, line), color=d.GREY, lw=1.2, solid_capstyle="butt", zorder=1)
    for x, words in ((EDGE / 2, FIVE), (WIDTH - EDGE / 2, THREE)):
        axes.text(x, line, words, ha="center", va="center", fontsize=PRINT, color=d.GREY)
    for n, (box, label) in enumerate(zip(arranged.boxes, arranged.labels, strict=True)):
        _leader(axes, box, label, arranged)
        _box(axes, box, shown.elements[n].number, TINTS[n % 2], arranged)
        _label(axes, label, arranged)
    _scale(axes, shown)


def _leader(axes: Any, box: Box, label: Label, arranged: Arrangement) -> None:
    """From the element to its words, behind every element."""
    edge = arranged.top - box.track * STEP - (0 if label.above else BAR)
    base = arranged.base(label)
    far = base + (len(label.lines) * LINE if label.above else arranged.lane - len(label.lines) * LINE)
    axes.plot((box.middle, box.middle), (edge, far), color=d.GREY, lw=0.5, solid_capstyle="butt", zorder=0)


def _box(axes: Any, box: Box, number: str, tint: str, arranged: Arrangement) -> None:
    low = arranged.top - box.track * STEP - BAR
    axes.add_patch(Rectangle((box.x, low), box.width, BAR, fc=tint, ec=d.BLUE, lw=0.7, zorder=2))
    if number and d.length(number, PRINT, bold=True) + 1 <= box.width:
        manner = {"ha": "center", "va": "center_baseline", "fontsize": PRINT, "fontweight": "bold", "color": d.DEEP}
        axes.text(box.middle, low + BAR / 2, number, zorder=3, **manner)


def _label(axes: Any, label: Label, arranged: Arrangement) -> None:
    """Name and place, beside the leader: the words of the right half end at it."""
    x, align = (label.x, "left") if label.above else (label.x + label.width, "right")
    base = arranged.base(label)
    top = base + len(label.lines) * LINE if label.above else base + arranged.lane
    for n, words in enumerate(label.lines):
        is_place = n + 1 == len(label.lines)
        manner = {"color": d.GREY} if is_place else {"color": d.DEEP, "fontweight": "bold"}
        axes.text(x, top - LINE * (n + 0.5), words, ha=align, va="center", fontsize=PRINT, **manner)


def _scale(axes: Any, shown: Map) -> None:
    bases = scale_of(shown.size)
    end = EDGE + bases * (WIDTH - 2 * EDGE) / shown.size
    axes.plot((EDGE, end), (5.6, 5.6), color=d.INK, lw=1.2, solid_capstyle="butt")
    for x in (EDGE, end):
        axes.plot((x, x), (4.8, 6.4), color=d.INK, lw=0.8, solid_capstyle="butt")
    words = f"{bases}{NBSP}bp; the whole construct: {shown.size}{NBSP}bp"
    axes.text(EDGE, 2.2, words, ha="left", va="center", fontsize=PRINT, color=d.INK)
