"""Word files of the same content in several ways: time, peak memory, growth.

`python -m benchmarks.word` measures all; sizes may be named (`… word 60 250`), and `--slow` adds what takes minutes.
Each run is a process of its own. The clock starts when everything is imported and the content is in memory, and
stops when the bytes of the .docx are there; nothing is kept between runs unless the line says so. It counts processor
time of the process and those it starts, for each way works on one core: what else runs on the machine does not show.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any

from benchmarks.content import FACTS, ROWS, SIZES, content

TANDEM, FLOOR = "Tandem", "Jinja, Markdown, zip alone"
LATER = {  # what else is timed in a process that has made the file once
    "compiled": "Tandem, texts compiled before",
    "amend": "Tandem, second export after one changed fact",
}


@dataclass(frozen=True)
class Way:
    """A way of making the file: where it is written, what it needs, its runs at each size (0: with --slow)."""

    name: str
    module: str
    function: str
    runs: dict[int, int]
    needs: str = ""


WAYS = (
    Way(TANDEM, "benchmarks.tandem", "tandem", {60: 7, 250: 7, 1000: 5}),
    Way(FLOOR, "benchmarks.tandem", "floor", {60: 7, 250: 7, 1000: 5}),
    Way("docxtpl", "benchmarks.peers", "docxtpl", {60: 5, 250: 5, 1000: 3}, "docxtpl"),
    Way("python-docx, expert", "benchmarks.peers", "expert", {60: 5, 250: 5, 1000: 3}),
    Way("pandoc", "benchmarks.peers", "pandoc", {60: 5, 250: 3, 1000: 0}, "pypandoc-binary"),
)


@dataclass
class Figure:
    """What was measured of one way at one size: seconds of each run; peak memory in MB, and that before the run."""

    seconds: list[float]
    peak: float
    before: float

    @property
    def middle(self) -> float:
        """The median run."""
        return median(self.seconds)


Figures = dict[tuple[str, int], Figure]


def run(way: Way, sections: int) -> dict[str, Any]:
    """One run in this process: the seconds, the peak memory of this process and those it started, the file's size."""
    made: Callable[[], bytes] = getattr(importlib.import_module(way.module), way.function)(content(sections))
    before = _peak()
    start = _clock()
    data = made()
    told: dict[str, Any] = {"seconds": _clock() - start, "size": len(data)}
    told |= {"peak": _peak(), "before": before}
    for name in LATER:
        if prepare := getattr(made, name, None):
            prepare()
            start = _clock()
            made()
            told[name] = _clock() - start
    return told


def _clock() -> float:
    """Seconds of processor time of this process and those it started and saw end."""
    return sum(os.times()[:4])


def _peak() -> float:
    """The most memory that this process, or one it started, has held, in MB."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def measure(ways: tuple[Way, ...], sizes: list[int], slow: bool) -> Figures:
    """Every way at every size, the ways taking turns so that a busy minute falls on all."""
    figures: Figures = {}
    for sections in sizes:
        left = {way.name: way.runs[sections] or int(slow) for way in ways}
        while any(left.values()):
            for way in ways:
                if left[way.name]:
                    left[way.name] -= 1
                    _note(figures, way, sections)
    return figures


def _note(figures: Figures, way: Way, sections: int) -> None:
    command = [sys.executable, "-m", "benchmarks.word", "--one", way.name, str(sections)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    print(f"{way.name}, {sections} sections: {told['seconds']:.2f} s", file=sys.stderr)
    for name, key in ((way.name, "seconds"), *((label, key) for key, label in LATER.items())):
        if (seconds := told.get(key)) is not None:
            figure = figures.setdefault((name, sections), Figure([], 0, told["before"]))
            figure.seconds.append(seconds)
            figure.peak = max(figure.peak, told["peak"])


# ---------------------------------------------------------------- what is printed


def table(figures: Figures, sizes: list[int]) -> Iterator[str]:
    """The figures as a Markdown table: seconds and, against Tandem, how many times as long; memory; growth."""
    heads = [f"{s} sections, {SIZES[s]} tables, {SIZES[s] * ROWS * len(FACTS):,} cells" for s in sizes]
    yield f"| way | {' | '.join(heads)} | peak MB at {sizes[-1]} (before) | growth |"
    yield "|---" * (len(sizes) + 3) + "|"
    names = dict.fromkeys(name for name, _ in figures)
    for name in names:
        cells = [_cell(figures, name, sections) for sections in sizes]
        last = figures.get((name, sizes[-1]))
        peak = f"{last.peak:.0f} ({last.before:.0f})" if last and name not in LATER.values() else "–"
        yield f"| {name} | {' | '.join(cells)} | {peak} | {_growth(figures, name, sizes)} |"


def _cell(figures: Figures, name: str, sections: int) -> str:
    figure, own = figures.get((name, sections)), figures[(TANDEM, sections)]
    if figure is None:
        return "not run"
    runs = "" if len(figure.seconds) >= 5 else f", {len(figure.seconds)} run{'s' * (len(figure.seconds) > 1)}"
    ratio = "" if name == TANDEM else f" ({figure.middle / own.middle:.2f} ×{runs})"
    return f"{figure.middle:.2f} s{ratio}"


def _growth(figures: Figures, name: str, sizes: list[int]) -> str:
    """The exponent of growth from the smallest to the largest size measured; 1 is proportional to the sections."""
    known = [sections for sections in sizes if (name, sections) in figures]
    if len(known) < 2:
        return "–"
    first, last = known[0], known[-1]
    ratio = figures[(name, last)].middle / figures[(name, first)].middle
    return f"{math.log(ratio) / math.log(last / first):.2f}" + ("" if last == sizes[-1] else f" (to {last})")


def _present(way: Way) -> bool:
    try:
        return not way.needs or bool(version(way.needs))
    except PackageNotFoundError:
        print(f"{way.name} is left out: {way.needs} is not installed (requirements-bench.txt)")
        return False


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("sizes", nargs="*", type=int, default=list(SIZES), help="sections: 60, 250, 1000")
    asked.add_argument("--slow", action="store_true", help="also what takes minutes: pandoc at 1000 sections")
    asked.add_argument("--one", metavar="WAY", help="one run in this process, told as JSON")
    given = asked.parse_args(arguments)
    if given.one:
        print(json.dumps(run(next(way for way in WAYS if way.name == given.one), given.sizes[0])))
        return
    ways = tuple(way for way in WAYS if _present(way))
    figures = measure(ways, given.sizes, given.slow)
    machine = f"Python {platform.python_version()}, {platform.machine()}"
    print(f"\n{machine}; medians of fresh processes, processor time; × = Tandem's time\n")
    print("\n".join(table(figures, given.sizes)))


if __name__ == "__main__":
    main()
