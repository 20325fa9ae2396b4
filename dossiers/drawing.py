"""A drawing as PNG and SVG: the same bytes for the same content, with the typeface that comes with the library.

Importing this module loads matplotlib, which takes a while: whoever may not need it imports it where it draws.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from functools import lru_cache
from threading import RLock
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

INK, BLUE, DEEP, SOFT, GREY = "#1b1b1b", "#00407a", "#002b54", "#e8f0f8", "#4d5b6a"
AMBER, CREAM, RED, PALE = "#8a5a00", "#fdf3df", "#9b1c1c", "#d5dbe1"

MANNER: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "svg.hashsalt": "tandem",
    "svg.fonttype": "path",
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.unicode_minus": True,
    "path.simplify": False,
}
MM = 1 / 25.4  # inches
POINT = 25.4 / 72  # millimetres
DPI = 200

_ONE_AT_A_TIME = RLock()  # the plotting library keeps its settings and fonts in one place for all threads
_MEASURE = TextToPath()
_TOGETHER = re.compile(r"(?<=[≤≥<>±×]) | (?=[±×%]|°C)")  # spaces at which no line ends


def drawn(width: float, height: float, paint: Callable[[Drawing], None]) -> tuple[bytes, str]:
    """(PNG at 200 dpi, SVG text) of a white sheet of `width` × `height` millimetres that `paint` has drawn on."""
    png, svg = io.BytesIO(), io.StringIO()
    with _ONE_AT_A_TIME, mpl.rc_context(MANNER), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)  # a sign the typeface lacks is drawn as a box
        sheet = Drawing(figsize=(width * MM, height * MM), dpi=DPI, facecolor="white")
        FigureCanvasAgg(sheet)
        paint(sheet)
        sheet.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
        sheet.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return png.getvalue(), svg.getvalue()


@lru_cache(maxsize=8)
def _face(size: float, *, bold: bool) -> FontProperties:
    return FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=8192)
def length(text: str, size: float, *, bold: bool = False) -> float:
    """How long `text` is in millimetres, set in `size` points."""
    with _ONE_AT_A_TIME, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        width, _, _ = _MEASURE.get_text_width_height_descent(text, _face(size, bold=bold), False)
    return float(width) * POINT


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """`text` in lines that are no longer than `room` millimetres; a word that is longer is broken."""
    lines = [""]
    text = _TOGETHER.sub("\u00a0", text)
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if length(joined, size, bold=bold) <= room:
            lines[-1] = joined
            continue
        rest = word
        while length(rest, size, bold=bold) > room and len(rest) > 1:
            fits = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or length(rest[:n], size, bold=bold) <= room)
            lines += [rest[:fits]]
            rest = rest[fits:]
        lines.append(rest)
    return [line for line in lines if line] or [""]
