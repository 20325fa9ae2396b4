"""The trend of findings as a picture, drawn on the server; the table behind it says the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from dossiers.svg import inline
from portal.models import CheckCount

WIDTH, HEIGHT = 170.0, 48.0  # millimetres
LINES = (
    ("errors", "Errors", "#9b1c1c", "-"),
    ("warnings", "Warnings", "#8a5a00", "--"),
    ("cannot", "Cannot be checked", "#4d5b6a", ":"),
)


def counts_of(row: CheckCount) -> dict[str, int]:
    """The counts of a day, as `queries.counts` gives them."""
    return {
        "errors": row.errors,
        "warnings": row.warnings,
        "remarks": row.remarks,
        "cannot": row.cannot,
        "justified": row.justified,
    }


def trend(days: Sequence[CheckCount]) -> str:
    """The counts over the days as an SVG element; "" until there are two days to compare."""
    if len(days) < 2:
        return ""
    first, last = days[0], days[-1]
    alt = (
        f"Open findings from {first.day.isoformat()} to {last.day.isoformat()}: errors from {first.errors} to "
        f"{last.errors}, warnings from {first.warnings} to {last.warnings}."
    )
    rows = tuple((d.day.toordinal(), *(getattr(d, name) for name, *_ in LINES)) for d in days)
    return inline(_drawn(rows), "trend", alt)


@lru_cache(maxsize=32)
def _drawn(rows: tuple[tuple[int, ...], ...]) -> str:
    from dossiers import drawing

    return drawing.drawn(WIDTH, HEIGHT, lambda sheet: _paint(sheet, rows))[1]


def _paint(sheet: Any, rows: tuple[tuple[int, ...], ...]) -> None:
    from matplotlib import dates, ticker

    axes = sheet.add_axes((0.06, 0.16, 0.74, 0.78))
    at = [date.fromordinal(row[0]) for row in rows]
    apart = max(max(row[1:]) for row in rows) * 0.12 or 1.0
    ends: list[float] = []
    for n, (_, label, colour, manner) in enumerate(LINES, 1):
        values = [row[n] for row in rows]
        axes.step(at, values, where="post", color=colour, linestyle=manner, linewidth=1.2)
        height = float(values[-1])
        while any(abs(height - other) < apart for other in ends):
            height += apart
        ends.append(height)
        manners: Any = {"textcoords": "offset points", "color": colour, "va": "center", "annotation_clip": False}
        axes.annotate(f"{label} {values[-1]}", (at[-1], height), xytext=(4, 0), **manners)
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=4))
    locator: Any = dates.AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
