"""The checks with a large dossier: the whole rule set, how it grows, and a rerun after one edit.

`python -m benchmarks.checks` measures the demo CAR-T grown to 40 batches of drug product with 20 tests each and 300
process parameters, and four and sixteen times as many batches and parameters. Processor time of this process; the
median of `RUNS`, once at the largest size.
"""

from __future__ import annotations

import datetime as dt
import gc
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.editor import grown
from dossiers.amending import put
from dossiers.binder import Binder
from dossiers.checks import Question, Results, changed, check, recheck
from dossiers.facts import is_empty
from dossiers.stage import Stage

QUESTION = Question(dt.date(2026, 11, 25), stage=Stage.RUNNING)
SIZES = (1, 4, 16)
RUNS = 3


def timed(act: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """(median seconds of processor time, what the last run gave)."""
    taken, made = [], None
    for _ in range(runs):
        gc.collect()
        began = time.process_time()
        made = act()
        taken.append(time.process_time() - began)
    return median(taken), made


def filled(binder: Binder) -> int:
    """How many facts of a dossier have a value."""
    return sum(not is_empty(value) for record in binder for value in record.values().values())


def edited(binder: Binder) -> dict[str, Binder]:
    """The dossier after one edit: of a result, of a limit, of the product's name."""
    result, row = binder.all("test_result")[0], binder.all("spec_test")[0]
    product = binder.product
    assert product is not None
    return {
        "one result": put(binder, result, {"value": "71.5"}),
        "one acceptance criterion": put(binder, row, {"criterion": "≥ 12.5 %"}),
        "the product's name": put(binder, product, {"name": "Another name"}),
    }


def main(_: list[str]) -> None:
    print("| dossier | facts | units | whole rule set | a thousand facts |")
    print("|---|---:|---:|---:|---:|")
    first: Results | None = None
    for times in SIZES:
        binder = grown(times)
        taken, results = timed(lambda binder=binder: check(binder, QUESTION), RUNS if times < SIZES[-1] else 1)  # type: ignore[misc]
        first = first or results
        facts = filled(binder)
        print(f"| {times} × | {facts:,} | {results.ran:,} | {taken:.2f} s | {1000 * taken / facts * 1000:.0f} ms |")
    assert first is not None
    whole, _ = timed(lambda: check(first.binder, QUESTION), RUNS)
    print("\n| after an edit of | units run again | time | of a whole run |")
    print("|---|---:|---:|---:|")
    for words, after in edited(first.binder).items():
        taken, results = timed(lambda after=after: recheck(first, after, changed(first.binder, after)), RUNS)  # type: ignore[misc]
        print(f"| {words} | {results.ran:,} of {first.ran:,} | {taken:.2f} s | {100 * taken / whole:.0f} % |")


if __name__ == "__main__":
    main(sys.argv[1:])
