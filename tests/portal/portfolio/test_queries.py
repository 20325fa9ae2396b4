"""The list of projects: what is asked for stands in the address, and the queries stay few."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from dossiers.stage import Stage
from portal import db
from portal.models import Person, Project
from portal.portfolio.queries import Asked, listed
from portal.rights import asker
from portal.stages import Role

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({}, "?"),
        ({"q": "CAR T", "stage": "feasibility"}, "?q=CAR+T&stage=feasibility"),
        ({"stage": "moon", "sort": "drop table", "page": "x", "down": "no"}, "?down=no"),
        ({"mine": "yes", "page": "3", "sort": "title"}, "?mine=yes&sort=title&page=3"),
    ],
)
def test_the_address_says_what_is_asked(said: dict[str, str], address: str) -> None:
    asked = Asked.of(said)
    assert asked.address(number=asked.number) == address
    assert asked.address(sort="key").find("page=") == -1


def test_a_person_finds_what_they_may_see(project: Make, people: dict[Role, Person]) -> None:
    project("idea", "SECRET-1")
    project("proposed", "OPEN-1", confidential=False)
    project("feasibility", "MINE-1", members=("researcher",))
    with db.reading() as session:
        who = asker(session, people[Role.RESEARCHER])
        found = listed(session, who, Asked(sort="key", down=False))
        assert [line.project.key for line in found.lines] == ["MINE-1", "OPEN-1"]
        assert found.total == 2 and found.stages == {Stage.PROPOSED: 1, Stage.FEASIBILITY: 1}
        assert found.lines[0].leads == (people[Role.RESEARCHER].name,)
        assert [p.project.key for p in listed(session, who, Asked(mine=True)).lines] == ["MINE-1"]
        assert [p.project.key for p in listed(session, who, Asked(words="open project")).lines] == ["OPEN-1"]
        assert not listed(session, who, Asked(words="100%_")).lines


def test_the_number_of_queries_does_not_grow(project: Make, people: dict[Role, Person]) -> None:
    def queries(n: int) -> int:
        for i in range(n):
            project("feasibility", f"P-{n}-{i}", members=("researcher", "clinician"))
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        with db.reading() as session:
            who = asker(session, people[Role.INVESTMENT])
            event.listen(db.engine(), "before_cursor_execute", counted)
            listed(session, who, Asked())
            event.remove(db.engine(), "before_cursor_execute", counted)
        return count

    assert queries(2) == queries(8) <= 6


def test_pages(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1", members=("researcher",))
    browser = sign_in("investment_manager")
    page = browser.get("/projects").get_data(as_text=True)
    assert "P-1" in page and "1\u00a0project" in page
    assert "No project matches" in browser.get("/projects?q=nothing").get_data(as_text=True)
    part = browser.get("/projects?q=P-1", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith('<section id="projects"')
    one = browser.get("/projects/P-1").get_data(as_text=True)
    assert "Gate G1" in one and "road-here" in one
    assert sign_in("reviewer").get("/projects/P-1").status_code == 404
