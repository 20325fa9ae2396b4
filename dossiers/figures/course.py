"""How a stability plot is painted: points by batch, limits as lines, the fitted line with its confidence bound."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FuncFormatter, MaxNLocator, ScalarFormatter
from numpy.typing import NDArray

from dossiers import drawing as d
from dossiers.evidence.studies import unit_label
from dossiers.limits import show_number

if TYPE_CHECKING:
    from dossiers.figures.plots import Limit, Series

Numbers = NDArray[np.float64]

T95 = (6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753)
"""One-sided 95 % points of Student's t for 1 to 15 degrees of freedom; above them 1.645 + 1.6/df is true to 0.002."""

BOUND = "95\u00a0% confidence bound"
LABEL = 42  # millimetres of the upright axis: so long is a line of its label at most
MARKERS, COLOURS = "osDp*h", (d.BLUE, d.AMBER, d.GREY, d.DEEP, "#2e7d5b", "#7b4b94")


@dataclass(frozen=True)
class Fit:
    """A straight line by least squares: value = start + slope × time, and what its confidence bound needs."""

    slope: float
    start: float
    mean_time: float
    spread: float  # sum of squared distances of the times from their mean
    error: float  # residual standard deviation
    count: int

    @classmethod
    def of(cls, times: Numbers, values: Numbers) -> Fit:
        """The line through points at two times or more."""
        mean = float(times.mean())
        spread = float(((times - mean) ** 2).sum())
        slope = float(((times - mean) * (values - values.mean())).sum()) / spread
        start = float(values.mean()) - slope * mean
        free = len(times) - 2
        error = float(np.sqrt(((values - start - slope * times) ** 2).sum() / free)) if free else 0.0
        return cls(slope, start, mean, spread, error, len(times))

    def line(self, times: Numbers) -> Numbers:
        """The fitted mean at `times`."""
        return self.start + self.slope * times

    def reach(self, times: Numbers) -> Numbers:
        """How far the one-sided 95 % confidence bound of the mean lies from the line at `times`."""
        return (
            student(self.count - 2) * self.error * np.sqrt(1 / self.count + (times - self.mean_time) ** 2 / self.spread)
        )


def student(free: int) -> float:
    """The one-sided 95 % point of Student's t for `free` degrees of freedom (1 or more)."""
    return T95[free - 1] if free <= len(T95) else 1.645 + 1.6 / free


class Course:
    """One plot. `sides` are those of the fitted line (−1 below, 1 above) on which a confidence bound is drawn."""

    def __init__(self, series: Series, sides: tuple[int, ...]):
        self.series, self.sides = series, sides
        largest = max(abs(p.value) for _, points in series.batches for p in points)
        power = largest.adjusted() if largest else 0
        self.power = power if power >= 5 or power < -3 else 0
        points = series.measured
        self.fit: Fit | None = None
        if series.is_fitted:
            times = np.array([float(p.at) for p in points])
            self.fit = Fit.of(times, np.array([self.scaled(p.value) for p in points]))

    def scaled(self, value: Decimal) -> float:
        """A value as the axis counts it."""
        return float(value.scaleb(-self.power))

    def slope_said(self) -> str:
        """What the line comes to: "Linear regression: −0.42 % per month"."""
        if self.fit is None:
            return ""
        slope = Decimal(f"{self.fit.slope:.3g}").scaleb(self.power)
        per = unit_label(self.series.time, Decimal(1))
        return f"Linear regression: {show_number(slope)}{f' {self.series.unit}' if self.series.unit else ''} per {per}"

    def paint(self, made: Drawing) -> None:
        """The plot on its sheet."""
        wide, high = (inches / d.MM for inches in made.get_size_inches())
        columns, rows = self.legend_fits(wide - 16)
        beside = max((d.length(line, 7) for limit in self.series.limits for line in limit_lines(limit)), default=0) + 5
        low = 9.5 + 4.2 * rows
        axes: Any = made.add_axes((16 / wide, low / high, (wide - 16 - beside) / wide, (high - low - 4) / high))
        self.points(axes)
        if self.fit is not None:
            self.line(axes, self.fit)
        self.limits(axes)
        self.frame(axes)
        handles, names = axes.get_legend_handles_labels()
        made.legend(
            handles, names, loc="lower left", bbox_to_anchor=(14 / wide, 0.0), ncols=columns, frameon=False, fontsize=7,
            handlelength=1.8, columnspacing=1.4, borderaxespad=0.2,
        )  # fmt: skip

    def legend_fits(self, room: float) -> tuple[int, int]:
        """(columns, rows) of the legend in `room` millimetres."""
        names = [batch or "Result" for batch, _ in self.series.batches]
        names += ["Linear regression", BOUND] if self.fit is not None else []
        columns = min(len(names), max(1, int(room / (max(d.length(name, 7) for name in names) + 11))))
        if sum(d.length(name, 7) + 11 for name in names) <= room:
            columns = len(names)
        return columns, -(-len(names) // columns)

    def points(self, axes: Any) -> None:
        for n, (batch, points) in enumerate(self.series.batches):
            # open shapes of different size: results that coincide all stay visible
            colour = COLOURS[(n + n // 6) % 6]
            manner: dict[str, Any] = {
                "color": colour,
                "mfc": "none" if n else colour,
                "ls": "none",
                "zorder": 4 - (n > 0),
            }
            manner |= {"ms": 5.5 if n else 3.6, "mew": 1.0}
            inner = [(float(p.at), self.scaled(p.value)) for p in points if not p.beyond]
            label = batch or "Result"
            if inner:
                axes.plot(*zip(*inner, strict=True), MARKERS[n % 6], label=label, **manner)
                label = "_"
            for beyond, marker in ((-1, "v"), (1, "^")):
                bounds = [(float(p.at), self.scaled(p.value)) for p in points if p.beyond == beyond]
                if bounds:
                    axes.plot(*zip(*bounds, strict=True), marker, label=label, **(manner | {"mfc": "white", "ms": 5.5}))
                    label = "_"

    def line(self, axes: Any, fit: Fit) -> None:
        times = [float(p.at) for p in self.series.measured]
        grid = np.linspace(min(times), max(times), 61)
        axes.plot(grid, fit.line(grid), color=d.INK, lw=1.0, label="Linear regression")
        label = BOUND
        for side in self.sides:
            axes.plot(grid, fit.line(grid) + side * fit.reach(grid), color=d.INK, lw=0.8, ls=(0, (4, 2)), label=label)
            label = "_"

    def limits(self, axes: Any) -> None:
        """The limits as lines across, named beside the plot."""
        for limit in self.series.limits:
            at = self.scaled(limit.value)
            axes.axhline(at, color=d.RED, lw=1.1, zorder=1)
            words = "\n".join(limit_lines(limit))
            axes.annotate(
                words, (1.015, at), xycoords=("axes fraction", "data"), va="center", fontsize=7, color=d.RED,
                linespacing=1.2, annotation_clip=False,
            )  # fmt: skip

    def frame(self, axes: Any) -> None:
        times = sorted({float(p.at) for _, points in self.series.batches for p in points})
        if len(times) <= 10 and all(b - a >= (times[-1] - times[0]) / 18 for a, b in itertools.pairwise(times)):
            axes.set_xticks(times)
        axes.xaxis.set_major_formatter(FuncFormatter(_tick))
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        plain = ScalarFormatter(useOffset=False)
        plain.set_scientific(False)
        axes.yaxis.set_major_formatter(plain)
        axes.set_xlabel(f"Time ({unit_label(self.series.time)})", fontsize=7.5, labelpad=2)
        axes.set_ylabel("\n".join(d.wrapped(self.label(), LABEL, 7.5)), fontsize=7.5)
        axes.tick_params(labelsize=7, width=0.6, length=2.5, color=d.GREY)
        axes.margins(x=0.04, y=0.14)
        axes.grid(axis="y", color=d.PALE, lw=0.5)
        axes.set_axisbelow(True)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)

    def label(self) -> str:
        """The attribute with its unit, a power of ten put before the unit: "Vector genomes (10¹³ vg/mL)"."""
        if not self.power:
            return self.series.named
        ten = show_number(Decimal(1).scaleb(self.power)).rpartition("×")[2].strip()
        return (
            f"{self.series.attribute} ({ten} {self.series.unit})"
            if self.series.unit
            else f"{self.series.attribute} ({ten})"
        )


def limit_lines(limit: Limit) -> list[str]:
    """How a limit is called beside its line."""
    return d.wrapped(limit.words, 28, 7)


def _tick(value: float, _: object = None) -> str:
    return show_number(Decimal(f"{value:.6g}"))
