"""How a flow diagram is painted: boxes, arrows, sides, holds. Lengths in millimetres from the sheet's lower left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure as Drawing
from matplotlib.patches import FancyBboxPatch, Polygon

from dossiers import drawing as d
from dossiers.figures.flow import ARROW, BIG_PRINT, HEAD, LEFT, PRINT, RIGHT, SMALL, TITLE, WIDTH, Lines, Sheet

MIDDLE = (LEFT + RIGHT) / 2


class Chart:
    """One sheet being painted from its top downwards; `y` is where the next thing begins."""

    def __init__(self, made: Drawing, height: float):
        self.axes: Any = made.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, height))
        self.axes.axis("off")
        self.y, self.top = height, height - HEAD

    def paint(self, sheet: Sheet, lines: Sequence[Lines]) -> None:
        """The whole sheet: headings, steps, and how it goes on."""
        self.heading()
        if sheet.before:
            self.capsule(f"from {sheet.before}", d.GREY)
            self.arrow(headed=lines[0].box == lines[0].row)
        for n, part in enumerate(lines):
            self.step(part)
            self.between(part)
            if n + 1 < len(lines):
                self.arrow(headed=lines[n + 1].box == lines[n + 1].row)
            elif sheet.after or sheet.result:
                self.arrow()
        if sheet.after:
            self.capsule(f"to {sheet.after}", d.GREY)
        elif sheet.result:
            self.capsule(sheet.result[0].upper() + sheet.result[1:], d.DEEP)

    def text(self, x: float, y: float, words: str, **manner: Any) -> None:
        manner = {"ha": "center", "va": "center", "fontsize": PRINT, "color": d.INK} | manner
        self.axes.text(x, y, words, **manner)

    def line(self, xs: tuple[float, float], ys: tuple[float, float], **manner: Any) -> None:
        self.axes.plot(xs, ys, **({"color": d.GREY, "lw": 0.8, "solid_capstyle": "butt"} | manner))

    def arrow_to(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        manner = {"arrowstyle": "-|>,head_width=0.18,head_length=0.36", "color": d.GREY, "lw": 0.8}
        manner |= {"shrinkA": 0, "shrinkB": 0}
        self.axes.annotate("", end, start, arrowprops=manner)

    def heading(self) -> None:
        """What the three columns hold."""
        y = self.y - 2.6
        for x, words in (
            (LEFT / 2 - 1.5, "Goes in"),
            (MIDDLE, "Step"),
            ((RIGHT + WIDTH) / 2 + 1.5, "In-process control"),
        ):
            self.text(x, y, words, color=d.GREY, fontsize=PRINT, fontweight="bold")
        self.line((1, WIDTH - 1), (self.y - HEAD + 1.8, self.y - HEAD + 1.8), color=d.PALE)
        self.y -= HEAD

    def arrow(self, *, headed: bool = True) -> None:
        """To the next thing below; without a head where the next step's own arrow goes on from it."""
        ends = (MIDDLE, self.y), (MIDDLE, self.y - ARROW)
        if headed:
            self.arrow_to(*ends)
        else:
            self.line((MIDDLE, MIDDLE), (self.y, self.y - ARROW))
        self.y -= ARROW

    def step(self, part: Lines) -> None:
        """The box with its sides. Where a side is higher than the box, a line leads to the box and on from it."""
        middle, slack = self.y - part.row / 2, (part.row - part.box) / 2
        if slack and self.y < self.top:
            self.arrow_to((MIDDLE, self.y), (MIDDLE, self.y - slack))
        if slack:
            self.line((MIDDLE, MIDDLE), (middle - part.box / 2, self.y - part.row))
        self.box(part, middle)
        if part.inputs:
            self.side(part.inputs, middle, LEFT - 6, align="right")
            self.arrow_to((LEFT - 5, middle), (LEFT, middle))
        if part.controls:
            self.side(part.controls, middle, RIGHT + 6, align="left")
            self.line((RIGHT, RIGHT + 5), (middle, middle), color=d.AMBER, ls=(0, (2, 1.5)))
        self.y -= part.row

    def box(self, part: Lines, middle: float) -> None:
        critical = part.station.critical
        edge, width = (d.RED, 1.8) if critical else (d.BLUE, 0.8)
        corner = (LEFT, middle - part.box / 2)
        manner: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=1.2", "fc": d.SOFT, "ec": edge, "lw": width}
        self.axes.add_patch(FancyBboxPatch(corner, RIGHT - LEFT, part.box, **manner))
        top = middle + part.box / 2
        y = top - 2.2 - TITLE / 2
        for line in part.title:
            self.text(LEFT + 2.2, y, line, ha="left", va="center", fontsize=BIG_PRINT, fontweight="bold", color=d.DEEP)
            y -= TITLE
        for line in part.about:
            self.text(LEFT + 2.2, y + (TITLE - SMALL) / 2, line, ha="left", color=d.INK)
            y -= SMALL
        if critical:
            manner = {"boxstyle": "square,pad=0.25", "fc": d.RED, "ec": d.RED}
            self.text(RIGHT - 2, top - 3.6, "critical", ha="right", fontsize=6.5, color="white", bbox=manner)

    def side(self, items: Sequence[Sequence[str]], middle: float, x: float, *, align: str) -> None:
        """What stands beside the box, centred on it, a thin rule along its edge."""
        height = sum(len(item) * SMALL + 0.5 for item in items)
        y = middle + height / 2
        edge = x + (1 if align == "right" else -1)
        self.line((edge, edge), (middle - height / 2, y), color=d.GREY if align == "right" else d.AMBER)
        for item in items:
            for line in item:
                self.text(x, y - SMALL / 2 - 0.25, line, ha=align)
                y -= SMALL
            y -= 0.5

    def between(self, part: Lines) -> None:
        """What lies under a step: the line where the active substance is formed, and holds."""
        if part.station.becomes:
            self.formed(part.station.becomes)
        for hold in part.holds:
            self.hold(hold)

    def formed(self, words: str) -> None:
        """A line across the sheet: above it the active substance is made, below it the drug product."""
        self.line((MIDDLE, MIDDLE), (self.y, self.y - 8.2))
        y = self.y - 5.0
        self.line((2, WIDTH - 2), (y, y), color=d.DEEP, lw=1.1, ls=(0, (6, 2)))
        box = {"boxstyle": "square,pad=0.35", "fc": "white", "ec": d.DEEP, "lw": 0.8}
        self.text(MIDDLE, y, words, fontweight="bold", color=d.DEEP, bbox=box)
        self.y -= 8.2

    def hold(self, lines: Sequence[str]) -> None:
        """A hold or transport: a bar with pointed ends."""
        height = len(lines) * SMALL + 3.2
        self.line((MIDDLE, MIDDLE), (self.y, self.y - 4.0))
        top, low = self.y - 4.0, self.y - 4.0 - height
        half = max(d.length(line, PRINT) for line in lines) / 2 + 2
        edge = [(-half, top), (half, top), (half + 3, (top + low) / 2), (half, low), (-half, low)]
        corners = [*edge, (-half - 3, (top + low) / 2)]
        shape = [(MIDDLE + x, y) for x, y in corners]
        self.axes.add_patch(Polygon(shape, closed=True, fc=d.CREAM, ec=d.AMBER, lw=0.9))
        for n, line in enumerate(lines):
            self.text(MIDDLE, top - 1.6 - SMALL * (n + 0.5), line, color=d.INK)
        self.y = low

    def capsule(self, words: str, colour: str) -> None:
        """Where the diagram comes from, goes on, or ends."""
        bold = "bold" if colour == d.DEEP else "normal"
        wide = min(d.length(words, PRINT, bold=bold == "bold") + 8, WIDTH - 4)
        corner = (MIDDLE - wide / 2, self.y - 6)
        manner: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=3", "fc": "white", "ec": colour, "lw": 0.9}
        self.axes.add_patch(FancyBboxPatch(corner, wide, 6, **manner))
        self.text(MIDDLE, self.y - 3.1, words, color=colour, fontweight=bold)
        self.y -= 6.5
