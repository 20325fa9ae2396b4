"""A drawing as PNG and SVG, the same bytes from the same content on every machine: fonts come with the library."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing

BLUE, DEEP, SOFT, GREY, GAP, BAD = "#00407a", "#002b54", "#e8f0f8", "#4d5b6a", "#8a5a00", "#9b1c1c"
MANNER: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "svg.hashsalt": "tandem",
    "svg.fonttype": "path",
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "path.simplify": False,
}
MM = 1 / 25.4  # inches
DPI = 200


def sheet(width: float, height: float) -> Drawing:
    """An empty drawing of `width` × `height` millimetres."""
    with mpl.rc_context(MANNER):
        made = Drawing(figsize=(width * MM, height * MM), dpi=DPI, facecolor="white")
        FigureCanvasAgg(made)
    return made


def printed(made: Drawing) -> tuple[bytes, str]:
    """(PNG at 200 dpi, SVG text) of a drawing."""
    png, svg = io.BytesIO(), io.StringIO()
    with mpl.rc_context(MANNER):
        made.savefig(png, format="png", dpi=DPI, metadata={"Software": None})
        made.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    return png.getvalue(), svg.getvalue()
