"""The portfolio's pictures, drawn on the server; the table behind each says the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from dossiers.facts import show_date
from dossiers.svg import inline
from portal.choosing import Candidate as Choosable
from portal.forecast import Coming
from portal.insight.queries import Pace, Passage
from portal.insight.worth import KINDS, Sum, Valued

WIDTH = 170.0  # millimetres
FATES = (
    ("onward", "Went on", "#00407a", ""),
    ("here", "Here now", "#7fa8d1", ""),
    ("held", "On hold", "#fdf3df", "///"),
    ("back", "Went back", "#b9cee3", "---"),
    ("stopped", "Stopped", "#e2b4b4", "xxx"),
)
COLOURS = ("#00407a", "#8a5a00", "#14633c", "#5b2d8a", "#9b1c1c", "#1b7f8c", "#4d5b6a")
MARKS = "osD^vPX"
SAID = 25  # projects that the bubble picture names when it is read aloud; all are in its table
SOURCES = 8  # sources with a bar of their own


def _picture(height: float, paint: Callable[[Any, Any], None], data: Any, said: tuple[str, str]) -> str:
    return inline(_drawn(height, paint, data), *said)


@lru_cache(maxsize=64)
def _drawn(height: float, paint: Callable[[Any, Any], None], data: Any) -> str:
    """The drawing of `data`, which is hashable, so that a page asked for again is not drawn again."""
    from dossiers import drawing

    return drawing.drawn(WIDTH, height, lambda sheet: paint(sheet, data))[1]


def _bare(axes: Any) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=2)


# ---------------------------------------------------------------- flow


def funnel(passages: Sequence[Passage]) -> str:
    """How many projects entered each stage and what became of them, as an SVG element; "" where none ever did."""
    if not any(p.entered for p in passages):
        return ""
    alt = "Projects through the stages: " + "; ".join(
        f"{p.stage.label}: {p.entered} entered, {p.onward} went on" for p in passages
    )
    rows = tuple((p.stage.label, *(getattr(p, name) for name, *_ in FATES)) for p in passages)
    return _picture(74.0, _funnel, rows, ("funnel", f"{alt}."))


def _funnel(sheet: Any, rows: tuple[tuple[Any, ...], ...]) -> None:
    from matplotlib import ticker

    axes = sheet.add_axes((0.19, 0.12, 0.78, 0.74))
    places, left = range(len(rows)), [0] * len(rows)
    for n, (_, label, colour, hatch) in enumerate(FATES, 1):
        widths = [row[n] for row in rows]
        axes.barh(places, widths, left=left, color=colour, hatch=hatch, edgecolor="#4d5b6a", linewidth=0.4, label=label)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    for place, total in zip(places, left, strict=True):
        axes.annotate(str(total), (total, place), xytext=(3, 0), textcoords="offset points", va="center")
    axes.set_yticks(places, [row[0] for row in rows])
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=6))
    axes.set_xlabel("times the stage was entered")
    sheet.legend(loc="upper center", ncols=len(FATES), frameon=False)
    _bare(axes)


def times(paces: Sequence[Pace]) -> str:
    """Median and range of the days at each stage, with what the rulebook gives; "" where no stage was finished."""
    done = [p for p in paces if p.median is not None]
    if not done:
        return ""
    alt = "Days at a stage, median and range: " + "; ".join(
        f"{p.stage.label} {p.median:.0f} ({p.shortest:.0f} to {p.longest:.0f}), {p.finished} finished" for p in done
    )
    rows = tuple((p.stage.label, p.median, p.shortest, p.longest, p.weeks) for p in paces)
    return _picture(66.0, _times, rows, ("times", f"{alt}."))


def _times(sheet: Any, rows: tuple[tuple[Any, ...], ...]) -> None:
    axes = sheet.add_axes((0.19, 0.15, 0.78, 0.70))
    for place, (_, middle, shortest, longest, weeks) in enumerate(rows):
        if weeks is not None:
            axes.plot([weeks * 7], [place], marker="|", markersize=12, color="#8a5a00", linestyle="", zorder=2)
        if middle is not None:
            axes.plot([shortest, longest], [place, place], color="#7fa8d1", linewidth=5, solid_capstyle="butt")
            axes.plot([middle], [place], marker="o", markersize=6, color="#00407a", linestyle="", zorder=3)
    named: Any = {"linestyle": "", "color": "#00407a"}
    axes.plot([], [], marker="o", label="median", **named)
    axes.plot([], [], color="#7fa8d1", linewidth=5, label="range")
    axes.plot([], [], marker="|", markersize=12, linestyle="", color="#8a5a00", label="the rulebook's weeks")
    sheet.legend(loc="upper center", ncols=3, frameon=False)
    axes.set_yticks(range(len(rows)), [row[0] for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.set_xlabel("days, without time on hold")
    _bare(axes)


def gates(columns: Sequence[tuple[str, Mapping[str, int]]]) -> str:
    """How many gates are expected in each month, by gate; "" where none lies ahead."""
    total = sum(sum(counts.values()) for _, counts in columns)
    if not total:
        return ""
    alt = f"Gates ahead, {total} in all: " + "; ".join(
        f"{label} {sum(counts.values())}" for label, counts in columns if counts
    )
    rows = tuple((label, tuple(sorted(counts.items()))) for label, counts in columns)
    return _picture(58.0, _gates, rows, ("gates", f"{alt}."))


def _gates(sheet: Any, rows: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]) -> None:
    from matplotlib import ticker

    axes = sheet.add_axes((0.06, 0.14, 0.92, 0.70))
    names = sorted({gate for _, counts in rows for gate, _ in counts})
    bottom = [0] * len(rows)
    hatches = ("", "///", "\\\\\\", "xxx", "---", "|||", "+++", "//--")  # lines: dots make a page very long
    for n, gate in enumerate(names):
        heights = [dict(counts).get(gate, 0) for _, counts in rows]
        number = int(gate[1:])
        colour = COLOURS[number % len(COLOURS)]
        manner: Any = {"color": colour, "hatch": hatches[number % len(hatches)], "edgecolor": "white", "linewidth": 0.4}
        axes.bar(range(len(rows)), heights, bottom=bottom, label=names[n], **manner)
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
    for place, top in enumerate(bottom):
        if top:
            axes.annotate(str(top), (place, top), xytext=(0, 2), textcoords="offset points", ha="center")
    axes.set_xticks(range(len(rows)), [label.replace(" ", "\n") for label, _ in rows])
    axes.yaxis.set_major_locator(ticker.MaxNLocator(integer=True, nbins=4))
    sheet.legend(loc="upper center", ncols=8, frameon=False)
    _bare(axes)


# ---------------------------------------------------------------- worth


def bubbles(projects: Sequence[Valued], most: Decimal) -> str:
    """Need against feasibility, a bubble a project; `most` is what the need can come to. "" where there is none."""
    if not projects:
        return ""
    alt = (
        f"Need against feasibility of {len(projects)} {'project' if len(projects) == 1 else 'projects'}: "
        + "; ".join(
            f"{p.project.key} need {p.need:.1f} of {most:.0f}, feasibility {p.feasibility:.1f} of 5"
            for p in projects[:SAID]
        )
    )
    rows = tuple((p.project.key, float(p.need), float(p.feasibility), float(p.cost), p.kind) for p in projects)
    return _picture(100.0, _bubbles, (rows, float(most)), ("bubbles", f"{alt}."))


def _bubbles(sheet: Any, data: tuple[tuple[tuple[Any, ...], ...], float]) -> None:
    rows, most = data
    axes = sheet.add_axes((0.08, 0.11, 0.90, 0.78))
    dearest = max(row[3] for row in rows) or 1.0
    for n, kind in enumerate(sorted({row[4] for row in rows})):
        mine = [row for row in rows if row[4] == kind]
        sizes = [30 + 500 * row[3] / dearest for row in mine]
        manner: Any = {"color": COLOURS[n % len(COLOURS)], "alpha": 0.55, "edgecolors": "#1b1b1b", "linewidths": 0.5}
        axes.scatter([r[2] for r in mine], [r[1] for r in mine], s=sizes, marker=MARKS[n % len(MARKS)], **manner)
        axes.scatter([], [], s=40, marker=MARKS[n % len(MARKS)], label=kind or "not named", **manner)
    for key, need, feasible in _apart(rows, most):
        axes.annotate(key, (feasible, need), xytext=(5, 5), textcoords="offset points", fontsize=6.5)
    axes.set_xlim(-0.2, 5.4)
    axes.set_ylim(-0.04 * most, 1.1 * most)
    axes.set_xlabel("feasibility, mean usable score of 5")
    axes.set_ylabel(f"need, weighted points of {most:.0f}")
    sheet.legend(loc="upper center", ncols=4, frameon=False)
    _bare(axes)


def _apart(rows: Sequence[tuple[Any, ...]], most: float) -> list[tuple[str, float, float]]:
    """(key, need, feasibility) of the bubbles whose key finds room; the dearest find it first."""
    placed: list[tuple[str, float, float]] = []
    for key, need, feasible, *_ in sorted(rows, key=lambda row: -float(row[3])):
        if all(abs(need - n) > most * 0.035 or abs(feasible - f) > 0.5 for _, n, f in placed):
            placed.append((_short(key), need, feasible))
    return placed


def _short(text: str, room: int = 18) -> str:
    return text if len(text) <= room else f"{text[: room - 1]}…"


def choices(lines: Sequence[Choosable], taken: Collection[str], unit: str) -> str:
    """Value against money, filled where taken and hollow where not; `unit` says what is valued. "" where none is."""
    if not lines:
        return ""
    alt = f"{unit} against money, {'1 project' if len(lines) == 1 else f'{len(lines)} projects'}: " + "; ".join(
        f"{c.key} {c.value:.1f} for {c.money:.0f} EUR, {'taken' if c.key in taken else 'not taken'}"
        for c in lines[:SAID]
    )
    rows = tuple((c.key, float(c.value), float(c.money) / 1000, c.key in taken) for c in lines)
    return _picture(86.0, _choices, (rows, unit), ("choices", f"{alt}."))


def _choices(sheet: Any, data: tuple[tuple[tuple[str, float, float, bool], ...], str]) -> None:
    rows, unit = data
    axes = sheet.add_axes((0.09, 0.13, 0.89, 0.76))
    for is_taken, face, label in ((True, "#00407a", "taken"), (False, "none", "not taken")):
        mine = [row for row in rows if row[3] is is_taken]
        manner: Any = {"facecolors": face, "edgecolors": "#00407a", "linewidths": 1.0, "label": label}
        axes.scatter([row[2] for row in mine], [row[1] for row in mine], s=36, **manner)
    most, dearest = max(row[1] for row in rows) or 1.0, max(row[2] for row in rows) or 1.0
    for key, value, cost in _apart([(row[0], row[1], row[2] / dearest * 5, row[1]) for row in rows], most):
        axes.annotate(key, (cost * dearest / 5, value), xytext=(5, 4), textcoords="offset points", fontsize=6.5)
    axes.set_xlim(-0.03 * dearest, 1.12 * dearest)
    axes.set_ylim(-0.05 * most, 1.1 * most)
    axes.set_xlabel("money still needed, thousand EUR")
    axes.set_ylabel(unit)
    sheet.legend(loc="upper center", ncols=2, frameon=False)
    _bare(axes)


def money(sources: Sequence[Sum]) -> str:
    """Asked, committed and spent by source, the largest first; "" where no money is kept."""
    if not sources:
        return ""
    shown = sources[:SOURCES]
    alt = "Money by source, in EUR: " + "; ".join(
        f"{s.source} {', '.join(f'{s.amounts[kind]:.0f} {kind}' for kind in KINDS)}" for s in shown
    )
    rows = tuple((s.source, *(float(s.amounts[kind]) for kind in KINDS)) for s in shown)
    return _picture(22.0 + 11.0 * len(rows), _money, rows, ("money", f"{alt}."))


def _money(sheet: Any, rows: tuple[tuple[Any, ...], ...]) -> None:
    from matplotlib import ticker

    axes = sheet.add_axes((0.24, 0.28 if len(rows) < 3 else 0.14, 0.73, 0.52 if len(rows) < 3 else 0.72))
    manners = (("#b9cee3", ""), ("#00407a", ""), ("#8a5a00", "///"))
    for n, (kind, (colour, hatch)) in enumerate(zip(KINDS, manners, strict=True)):
        places = [place + (n - 1) * 0.26 for place in range(len(rows))]
        manner: Any = {"color": colour, "hatch": hatch, "edgecolor": "#4d5b6a", "linewidth": 0.4}
        axes.barh(places, [row[n + 1] / 1000 for row in rows], height=0.24, label=kind, **manner)
    axes.set_yticks(range(len(rows)), [_short(row[0], 25) for row in rows])
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(ticker.MaxNLocator(nbins=6))
    axes.set_xlabel("thousand EUR")
    sheet.legend(loc="upper center", ncols=3, frameon=False)
    _bare(axes)


# ---------------------------------------------------------------- forecast


def outlook(ends: Sequence[tuple[str, Coming]], today: date) -> str:
    """The dates of the end of one stage, a line a project (its key): 10 to 90 %, and 50 %; "" where there is none."""
    if not ends:
        return ""
    stage = ends[0][1].stage.label
    alt = f"End of the stage {stage}, 50 % and 10 to 90 % of the draws: " + "; ".join(
        f"{key} {show_date(end.middle)} ({show_date(end.early)} to {show_date(end.late)})" for key, end in ends
    )
    rows = tuple((key, end.early, end.middle, end.late) for key, end in ends)
    return _picture(26.0 + 6.0 * len(rows), _outlook, (rows, today), ("outlook", f"{alt}."))


def _outlook(sheet: Any, data: tuple[tuple[tuple[str, date, date, date], ...], date]) -> None:
    from matplotlib import dates

    rows, today = data
    high = 26.0 + 6.0 * len(rows)
    axes = sheet.add_axes((0.2, 12 / high, 0.77, (high - 22) / high))
    for place, (_, early, middle, late) in enumerate(rows):
        axes.plot([early, late], [place, place], color="#7fa8d1", linewidth=5, solid_capstyle="butt")
        axes.plot([middle], [place], marker="o", markersize=5, color="#00407a", linestyle="")
    axes.axvline(today, color="#8a5a00", linestyle="--", linewidth=1)
    axes.plot([], [], marker="o", color="#00407a", linestyle="", label="50 %")
    axes.plot([], [], color="#7fa8d1", linewidth=5, label="10 to 90 %")
    axes.plot([], [], color="#8a5a00", linestyle="--", label="today")
    sheet.legend(loc="upper center", ncols=3, frameon=False)
    axes.set_yticks(range(len(rows)), [_short(row[0]) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    locator: Any = dates.AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    _bare(axes)
