"""What one edit of one cell reads: the same, however large the project is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from dossiers.binder import load
from dossiers.records import RECORDS
from portal import db
from portal.models import Project
from portal.records.queries import of_kind
from tests.portal.conftest import token


def project_file(key: str, batches: int, tests: int) -> str:
    """A project file with results of every test on every batch."""
    results = [(b, t) for b in range(batches) for t in range(tests)]
    return "\n".join(
        [
            f"tandem: 1\nproject: {key}\nrecords:\n  batch:",
            *(f"    b{b}: {{number: B-{b}}}" for b in range(batches)),
            "  spec_test:",
            *(f"    t{t}: {{test: Test {t}}}" for t in range(tests)),
            "  test_result:",
            *(f'    r{b}-{t}: {{batch: b{b}, spec_test: t{t}, value: "88"}}' for b, t in results),
        ]
    )


@contextmanager
def counted() -> Iterator[dict[str, int]]:
    """How many queries are made inside, and on SQLite how many rows they give."""
    found = {"queries": 0, "rows": 0}

    def query(*_: Any) -> None:
        found["queries"] += 1

    def connected(connection: Any, *_: Any) -> None:
        if db.engine().dialect.name == "sqlite":
            connection.row_factory = row

    def row(_: Any, values: tuple[Any, ...]) -> tuple[Any, ...]:
        found["rows"] += 1
        return values

    db.engine().dispose()  # connections are made anew, with the counting row factory
    event.listen(db.engine(), "before_cursor_execute", query)
    event.listen(db.engine(), "connect", connected)
    try:
        yield found
    finally:
        event.remove(db.engine(), "before_cursor_execute", query)
        event.remove(db.engine(), "connect", connected)
        db.engine().dispose()


def edited(browser: FlaskClient, project: Project, fact: str, text: str) -> dict[str, int]:
    """What the edit of one cell of the first result reads."""
    with db.reading() as session:
        uid = of_kind(session, project, RECORDS["test_result"])[0].uid
    address = f"/projects/{project.key}/facts/test_result/{uid}/cell"
    form = {"csrf_token": token(browser), "fact": fact, "text": text, "revision": "1"}
    with counted() as found:
        answer = browser.post(address, data=form)
    assert answer.status_code == 200 and answer.json["named"] == "B-0 Test 0", answer.text
    return found


def test_an_edit_reads_the_same_in_a_small_and_a_large_project(
    project: Callable[..., Project], sign_in: Callable[[str], FlaskClient]
) -> None:
    small, large = (
        project("transfer", key, ("regulatory",), load(project_file(key, batches, tests)).records)
        for key, batches, tests in (("TST-1", 2, 2), ("TST-2", 30, 10))
    )
    browser = sign_in("regulatory")
    few, many = edited(browser, small, "value", "71"), edited(browser, large, "value", "71")
    assert few == many, "rows of other records are read to edit one"
    assert 0 < many["queries"] < 30
