"""Every page over many projects makes as many queries for 120 as for 30, and no more than is said here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlmodel import col

from portal import db
from portal.crowd import Size, lay
from portal.models import Membership, Person, Project, now, project_id
from portal.programme import Notice, Review, Task
from portal.stages import Function, Role

Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]

MOST = 26  # queries of a page, with the three that recognise a browser
MORE = {"/": 48}  # My work reads the facts of the reader's own projects: a query for each kind of record they hold
LEFT_OUT = {
    "/sign-in": "nobody is signed in there",
    "/template.docx": "the file of the house's own Word template, or a 404: nothing of projects",
}
ASKED = {
    "/projects": ("?sort=title&down=no", "?sort=stage", "?q=invented", "?stage=feasibility&page=2", "?mine=yes"),
    "/projects.xlsx": ("?sort=key&down=no",),
    "/search": ("?q=leukaemia",),
    "/portfolio/forecast": ("?page=2",),
    "/notices": ("?page=2",),
}
OF_PROJECT = tuple(f"/projects/CROWD-1-00001/{part}" for part in ("tasks", "history", "people"))
READERS = ("investment_manager", "researcher", "administrator")


@dataclass(frozen=True)
class Cost:
    """What a page answered, and the queries it made."""

    status: int
    queries: int


def pages(app: Flask) -> list[str]:
    """Every address that is read and takes no argument, with what lists may be asked beside."""
    rules = sorted({r.rule for r in app.url_map.iter_rules() if not r.arguments and "GET" in (r.methods or ())})
    assert set(LEFT_OUT) <= set(rules), "an address that is left out is gone"
    return [page + query for page in rules if page not in LEFT_OUT for query in ("", *ASKED.get(page, ()))]


def costs(browser: FlaskClient, addresses: list[str]) -> dict[str, Cost]:
    """What each page costs when it was opened before."""
    made = 0

    def counted(*_: object) -> None:
        nonlocal made
        made += 1

    found = {}
    event.listen(db.engine(), "before_cursor_execute", counted)
    for address in addresses:
        browser.get(address)
        made = 0
        found[address] = Cost(browser.get(address).status_code, made)
    event.remove(db.engine(), "before_cursor_execute", counted)
    return found


def busy(people: People, size: Size) -> None:
    """Lay a crowd: everybody works on some projects of the crowd, and has tasks, reviews and notices there."""
    lay(size, now())
    ids = [project_id(size.key(n)) for n in range(1, size.projects + 1)]
    with db.signed("tests", "work for everybody") as session:
        for person in people.values():
            for uid in ids[::2]:
                session.add(Membership(project_id=uid, person_id=person.id, function=Function.MEMBER.value))
                session.add(Task(project_id=uid, title="Do it", owner_id=person.id))
            for uid in ids[1::2]:
                session.add(Review(project_id=uid, gate="G1", reviewer_id=person.id, asked_by="tests"))
                session.add(Notice(person_id=person.id, project_id=uid, subject="Look"))
    with db.signed("tests", "changes by somebody else") as session:
        for project in session.scalars(select(Project).where(col(Project.id).in_(ids[::2]))):
            project.title += ", again"


@pytest.mark.parametrize("role", READERS)
def test_as_many_queries_for_120_projects_as_for_30(role: str, app: Flask, people: People, sign_in: Enter) -> None:
    few, many = Size(30, 4_500, 24, seed=1), Size(90, 13_500, 60, seed=2)  # facts enough for every kind of record
    browser, addresses = sign_in(role), [*pages(app), *OF_PROJECT]
    busy(people, few)
    before = costs(browser, addresses)
    busy(people, many)
    after = costs(browser, addresses)
    assert after == before
    for address, cost in after.items():
        assert cost.queries <= MORE.get(address, MOST), address
    answered = {address.split("?")[0] for address, cost in after.items() if cost.status == 200}
    assert {"/", "/account", "/notices"} <= answered
    if role != "administrator":
        assert {"/board", "/portfolio", "/portfolio/value", "/portfolio/forecast", "/projects"} <= answered
    else:
        assert "/people" in answered
