"""The editor with a large project: a section after an edit, the whole IMPD, the grid of results, one cell.

`python -m benchmarks.editor` measures all; a number says how often each is run (5). The demo CAR-T is grown to 40
batches of drug product with 20 tests each and 300 process parameters, and served by the portal from a SQLite file of
its own. What is timed is the whole request, from the browser's message to the answer's bytes, in processor time of
this process; beside it stand the SQL queries it made and the rows they gave.
"""

from __future__ import annotations

import argparse
import gc
import platform
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from dossiers.binder import Binder, load
from dossiers.paths import folder
from dossiers.records.base import Record, record_id
from portal import db
from portal.app import create_app
from portal.config import Settings
from portal.migrations import run as migrations
from portal.models import Person
from portal.records.actions import take_in
from portal.signin import HASHER
from portal.stages import Function, Role

BATCHES, TESTS, PARAMETERS = 40, 20, 300
DEMO, SCOPE = "tdm_car19_01.yaml", "dp"
PASSWORD = "a word that opens"


# ---------------------------------------------------------------- the project


def grown(times: int = 1) -> Binder:
    """The demo CAR-T with `BATCHES` batches of drug product, `TESTS` results of each, `PARAMETERS` parameters.

    `times` as many batches and parameters; a specification does not grow.
    """
    file = folder("seeds") / "demo" / DEMO
    binder = load(file.read_text(encoding="utf-8"), file.name)
    batches = _more(binder, [b for b in _all(binder, "batch") if b.scope == SCOPE], BATCHES * times, "number")
    versions = {batch.spec_version for batch in batches}
    tests = _more(binder, [t for t in _all(binder, "spec_test") if t.specification in versions], TESTS, "test")
    known = {(r.batch, r.spec_test): r for r in _all(binder, "test_result")}
    of_test: dict[Any, Any] = {}
    for result in known.values():
        of_test.setdefault(result.spec_test, result)
    models = list(of_test.values())
    results = []
    for batch in batches:
        for n, test in enumerate(tests):
            model = known.get((batch.uid, test.uid)) or of_test.get(test.uid) or models[n % len(models)]
            results.append(_copy(binder, model, f"{batch.key}.{test.key}", batch=batch.uid, spec_test=test.uid))
    parameters = _more(binder, list(_all(binder, "process_parameter")), PARAMETERS * times, "name")
    mine = {batch.uid for batch in batches}
    records = dict(binder.records) | {
        "batch": _joined(binder, "batch", batches),
        "spec_test": _joined(binder, "spec_test", tests),
        "process_parameter": tuple(parameters),
        "test_result": (*results, *(r for r in _all(binder, "test_result") if r.batch not in mine)),
    }
    for of_kind in records.values():
        for place, record in enumerate(of_kind):
            record.position = place
    return replace(binder, records=records)


def _all(binder: Binder, kind: str) -> tuple[Any, ...]:
    return tuple(binder.all(kind))


def _more(binder: Binder, some: list[Any], number: int, name: str) -> list[Any]:
    """`number` records: those there are, then copies of them in turn, each with a name of its own."""
    copies = (
        _copy(binder, one, f"{one.key}-{n}", **{name: f"{getattr(one, name)}/{n}"})
        for n, one in enumerate(cycle(some), start=len(some))
    )
    return [*some[:number], *islice(copies, max(0, number - len(some)))]


def _copy(binder: Binder, one: Record, key: str, **changed: Any) -> Any:
    made = type(one)(**one.model_dump() | changed | {"key": key, "uid": record_id(binder.project, one.kind(), key)})
    made.absent, made.sources = dict(one.absent or {}), dict(one.sources or {})
    return made


def _joined(binder: Binder, kind: str, some: list[Any]) -> tuple[Any, ...]:
    mine = {record.uid for record in some}
    return (*some, *(record for record in binder.all(kind) if record.uid not in mine))


# ---------------------------------------------------------------- the portal


@dataclass
class Tally:
    """What a request cost: SQL queries, rows they gave."""

    queries: int = 0
    rows: int = 0


class Portal:
    """The portal on a SQLite file in a folder, with somebody from regulatory affairs signed in."""

    def __init__(self, place: Path, binder: Binder) -> None:
        self.key, self.tally = binder.project, Tally()
        settings = Settings(database_url=f"sqlite:///{place / 'tandem.db'}", secret_key="b" * 32)
        migrations.upgrade(db.use(settings.database_url))
        me = Person(name="B", email="b@bench.example", password=HASHER.hash(PASSWORD), roles=[Role.REGULATORY.value])
        with db.signed("bench", "project of the benchmark") as session:
            session.add(me)
            session.flush()
            take_in(session, None, binder, [(me, Function.REGULATORY)])
        self.browser: FlaskClient = create_app(settings).test_client()
        event.listen(db.engine(), "connect", self._count_rows)
        event.listen(db.engine(), "before_cursor_execute", self._count)
        self.token = self._token("/sign-in")
        self.post("/sign-in", email=me.email, password=PASSWORD)
        self.token = self._token("/")

    def _count_rows(self, connection: Any, _: Any) -> None:
        def row(_cursor: Any, values: tuple[Any, ...]) -> tuple[Any, ...]:
            self.tally.rows += 1
            return values

        connection.row_factory = row

    def _count(self, *_: Any) -> None:
        self.tally.queries += 1

    def _token(self, address: str) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get(address).decode())
        assert found
        return found[1]

    def get(self, address: str) -> bytes:
        """The bytes of a page."""
        answer = self.browser.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.data

    def post(self, address: str, **form: str) -> Any:
        """The answer to a form, as JSON where it is that."""
        answer = self.browser.post(address, data={"csrf_token": self.token, **form})
        assert answer.status_code in (200, 303), (address, answer.status_code, answer.text[:500])
        return answer.json if answer.is_json else None

    @contextmanager
    def counting(self) -> Iterator[Tally]:
        """The tally of what happens inside."""
        self.tally = Tally()
        yield self.tally
        self.tally = Tally()


@dataclass
class Cell:
    """One cell of the project, which is edited again and again."""

    portal: Portal
    kind: str
    fact: str
    uid: str = ""
    revision: int = 1
    number: int = 0

    def edit(self) -> None:
        """Another value, as the grid sends it."""
        self.number += 1
        address = f"/projects/{self.portal.key}/facts/{self.kind}/{self.uid}/cell"
        said = self.portal.post(address, fact=self.fact, text=str(70 + self.number), revision=str(self.revision))
        self.revision = said["revision"]


# ---------------------------------------------------------------- what is measured


@dataclass(frozen=True)
class Act:
    """Something a person does: `before` prepares it and is not timed."""

    name: str
    do: Callable[[], Any]
    before: Callable[[], Any] = lambda: None


def acts(portal: Portal, binder: Binder) -> tuple[Act, ...]:
    """What is measured, in the order in which it is."""
    facts, documents = (f"/projects/{portal.key}/{part}" for part in ("facts", "documents"))
    result = binder.all("test_result")[0]
    cell = Cell(portal, "test_result", "value", str(result.uid))
    edit = cell.edit
    return (
        Act("editing one cell", edit),
        Act(
            f"opening the grid of {len(binder.all('test_result'))} results", lambda: portal.get(f"{facts}/test_result")
        ),
        Act("the same, all gaps looked for", lambda: portal.get(f"{facts}/test_result?lacking=yes")),
        Act("one result as a form", lambda: portal.get(f"{facts}/test_result/{result.uid}"), edit),
        Act("section P.5.4 after an edit", lambda: portal.get(f"{documents}/impd-q?section=P.5.4"), edit),
        Act("section P.3.3 after an edit", lambda: portal.get(f"{documents}/impd-q?section=P.3.3"), edit),
        Act("the next section, nothing edited", lambda: portal.get(f"{documents}/impd-q?section=P.5.1")),
        Act("list of documents after an edit", lambda: portal.get(documents), edit),
        Act("whole IMPD-Q to Word after an edit", lambda: portal.get(f"{documents}/impd-q/draft.docx"), edit),
    )


def measure(act: Act, portal: Portal, runs: int) -> tuple[list[float], Tally]:
    """(seconds of each run, what the last one cost)."""
    seconds, tallies = [], []
    for _ in range(runs):
        act.before()
        gc.collect()
        with portal.counting() as tally:
            start = time.process_time()
            act.do()
            seconds.append(time.process_time() - start)
        tallies.append(tally)
    return seconds, tallies[-1]


def main(arguments: list[str] | None = None) -> None:
    """Measures and prints."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("runs", nargs="?", type=int, default=5, help="how often each is run")
    runs = asked.parse_args(arguments).runs
    binder = grown()
    with tempfile.TemporaryDirectory() as place:
        portal = Portal(Path(place), binder)
        counts = {kind: len(binder.all(kind)) for kind in ("batch", "test_result", "process_parameter")}
        print(f"\nThe editor with {sum(1 for _ in binder):,} records: {counts}")
        print(f"Python {platform.python_version()}, {platform.machine()}; processor time of {runs} runs\n")
        print("| what | first | median | queries | rows |\n|---|---|---|---|---|")
        for act in acts(portal, binder):
            seconds, tally = measure(act, portal, runs)
            print(f"| {act.name} | {seconds[0]:.2f} s | {median(seconds):.2f} s | {tally.queries} | {tally.rows:,} |")
            sys.stdout.flush()
        db.engine().dispose()


if __name__ == "__main__":
    main()
