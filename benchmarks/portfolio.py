"""Lists, board, search and portfolio with a crowd: the time of each page at 100, 1,000 and 10,000 projects.

`python -m benchmarks.portfolio` measures all; a number says how often each page is opened (5). A crowd of invented
projects (20 facts a project, one person for ten projects) is laid into a SQLite file and, where TANDEM_TEST_POSTGRES
names a server, into a PostgreSQL database of its own. What is timed is the whole request of an investment manager,
from the browser's message to the answer's bytes: with SQLite, whose work is done in this process, in its processor
time; with PostgreSQL by the clock on the wall, so that the server's work is in it. Every page is opened twice before.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import log10
from pathlib import Path
from statistics import median
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, make_url

from portal import db
from portal.app import create_app
from portal.config import Settings
from portal.crowd import Size, lay
from portal.migrations import run as migrations
from portal.models import Person, now
from portal.signin import HASHER
from portal.stages import Role

SIZES = (100, 1_000, 10_000)
PASSWORD = "a word that opens"
EMAIL = "m@bench.example"
ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
ASKED = {  # page → queries that are measured beside the bare page
    "/projects": ("?sort=title&down=no", "?q=leukaemia", "?stage=feasibility&page=2"),
    "/search": ("?q=leukaemia", "?q=crowd"),
    "/portfolio/forecast": ("?page=2",),
}
LEFT_OUT = frozenset({"/sign-in", "/account", "/proposals/new", "/template", "/template.docx", "/rulebook"})
"""Pages that show no projects."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one page cost: seconds of each run, SQL queries, bytes of the answer."""

    seconds: tuple[float, ...]
    queries: int
    length: int


Figures = dict[tuple[str, int, str], Figure]
"""(engine, projects, page) → what it cost."""


@dataclass
class Portal:
    """The portal on a database with a crowd of so many projects, with an investment manager signed in."""

    url: str
    projects: int
    laid: float = 0.0  # seconds
    queries: int = 0
    app: Flask = field(init=False)
    browser: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        migrations.upgrade(db.use(self.url))
        start = time.perf_counter()
        lay(Size(self.projects, self.projects * 20, max(len(Role), self.projects // 10)), now())
        self.laid = time.perf_counter() - start
        me = Person(name="Bench Manager", email=EMAIL, password=HASHER.hash(PASSWORD), roles=[Role.INVESTMENT.value])
        with db.signed("bench", "somebody who looks") as session:
            session.add(me)
        self.app = create_app(Settings(database_url=self.url, secret_key="b" * 32))
        self.browser = self.app.test_client()
        event.listen(db.engine(), "before_cursor_execute", self._count)
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.browser.get("/sign-in").text)
        assert token
        form = {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD}
        assert self.browser.post("/sign-in", data=form).status_code == 303

    def _count(self, *_: object) -> None:
        self.queries += 1

    def pages(self) -> list[str]:
        """Every page without an argument that shows projects to an investment manager, and what it may be asked."""
        rules = sorted(
            rule.rule for rule in self.app.url_map.iter_rules() if not rule.arguments and "GET" in (rule.methods or ())
        )
        shown = [page for page in rules if page not in LEFT_OUT and self.browser.get(page).status_code == 200]
        return [page + query for page in shown for query in ("", *ASKED.get(page, ()))]

    def measure(self, page: str, runs: int) -> Figure:
        """What `page` costs, opened `runs` times after two that are not counted."""
        clock = time.process_time if self.url.startswith("sqlite") else time.perf_counter
        seconds, counts, length = [], [], 0
        for n in range(runs + 2):
            gc.collect()
            self.queries, start = 0, clock()
            answer = self.browser.get(page)
            spent = clock() - start
            assert answer.status_code == 200, (page, answer.status_code)
            if n > 1:
                seconds.append(spent)
                counts.append(self.queries)
                length = len(answer.data)
        return Figure(tuple(seconds), int(median(counts)), length)


# ---------------------------------------------------------------- databases


@contextmanager
def database(kind: str) -> Iterator[str]:
    """URL of an empty database of that kind, which is gone at the end."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as place:
            yield f"sqlite:///{Path(place) / 'tandem.db'}"
            db.engine().dispose()
        return
    server = make_url(os.environ["TANDEM_TEST_POSTGRES"])
    url = server.set(database=f"tandem_bench_{uuid4().hex}")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{url.database}"')
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        db.engine().dispose()
        with engine.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{url.database}" WITH (FORCE)')
        engine.dispose()


# ---------------------------------------------------------------- what is told


def table(figures: Figures, kind: str, sizes: Sequence[int]) -> list[str]:
    """The lines of a Markdown table of one engine: a row a page, its medians, growth, queries and largest answer.

    Growth is the exponent between the last two sizes: 0 costs the same, 1 grows as the number of projects does.
    """
    heads = " | ".join(f"{size:,} projects" for size in sizes)
    lines = [f"| {ENGINES[kind]}: page | {heads} | growth | queries | kB |", "|---|" + "---|" * (len(sizes) + 3)]
    for page in dict.fromkeys(page for of, _, page in figures if of == kind):
        mine = [figures[kind, size, page] for size in sizes]
        middles = [median(figure.seconds) for figure in mine]
        shown = " | ".join(f"{middle * 1000:.0f} ms" for middle in middles)
        queries = "–".join(str(n) for n in sorted({min(f.queries for f in mine), max(f.queries for f in mine)}))
        rise = f"{growth(middles, sizes):.2f}" if len(sizes) > 1 else "–"
        lines.append(f"| `{page}` | {shown} | {rise} | {queries} | {mine[-1].length / 1000:.0f} |")
    return lines


def growth(middles: Sequence[float], sizes: Sequence[int]) -> float:
    """The exponent b of n ↦ n^b between the last two sizes."""
    return log10(middles[-1] / middles[-2]) / log10(sizes[-1] / sizes[-2])


def main(arguments: list[str] | None = None, sizes: Sequence[int] = SIZES) -> None:
    """Measures and prints."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("runs", nargs="?", type=int, default=5, help="how often each page is opened")
    runs = asked.parse_args(arguments).runs
    print(f"\nPages over many projects, medians of {runs} runs")
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors\n")
    for kind, name in ENGINES.items():
        if kind == "postgresql" and not os.environ.get("TANDEM_TEST_POSTGRES"):
            print(f"{name}: not measured here, for TANDEM_TEST_POSTGRES names no server.\n")
            continue
        figures: Figures = {}
        laid = []
        for size in sizes:
            with database(kind) as url:
                portal = Portal(url, size)
                laid.append(f"{size:,} in {portal.laid:.0f} s")
                for page in portal.pages():
                    figures[kind, size, page] = portal.measure(page, runs)
        print("\n".join(table(figures, kind, sizes)))
        print(f"\nThe crowd was laid in: {', '.join(laid)}.\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
