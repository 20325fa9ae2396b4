"""The list of projects: what is asked for stands in the address, and the queries stay few."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from dossiers.records.proposing import ProposedType
from dossiers.stage import Stage
from portal import db
from portal.config import Settings
from portal.models import Person, Project, now
from portal.pace import allowances
from portal.portfolio.queries import Asked, listed, ordered
from portal.rights import asker
from portal.rulebook import read, seeded
from portal.stages import GATES, Role

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ({}, "?"),
        ({"q": "CAR T", "stage": "feasibility"}, "?q=CAR+T&stage=feasibility"),
        ({"stage": "moon", "sort": "drop table", "page": "x", "down": "no"}, "?down=no"),
        ({"mine": "yes", "page": "3", "sort": "title"}, "?mine=yes&sort=title&page=3"),
        ({"sort": "gate", "down": "yes", "late": "yes"}, "?late=yes&sort=gate&down=yes"),
        ({"gate": "G1", "waits": "tandem", "kind": "combined"}, "?gate=G1&waits=tandem&kind=combined"),
        ({"gate": "G9", "waits": "nobody", "kind": "pill", "late": "maybe", "view": "whale"}, "?"),
        ({"view": "none"}, "?view=none"),
    ],
)
def test_the_address_says_what_is_asked(said: dict[str, str], address: str) -> None:
    asked = Asked.of(said)
    assert asked.address(number=asked.number) == address
    assert asked.address(sort="key").find("page=") == -1
    assert Asked.read(asked.here) == asked
    assert Asked.read(asked.look) == replace(asked, view="", number=1)


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


def test_filters_and_orders(project: Make, people: dict[Role, Person]) -> None:
    made = project("proposed", "P-0")
    with db.signed("tests", "proposal") as session:
        session.add(Proposal(uid=made.id, project_id=made.id, key="p", product_type=ProposedType.COMBINED))
    project("feasibility", "F-1")
    project("transfer", "T-1")
    project("running", "R-1")
    project("on_hold", "H-1")
    project("idea", "I-1", members=("investment_manager",))
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])

        def found(query: str) -> list[str]:
            return [line.project.key for line in listed(session, who, Asked.read(query)).lines]

        assert found("gate=G4") == ["T-1"]
        assert found("waits=investment_manager&sort=key") == ["F-1", "P-0", "R-1"]
        assert found("waits=quality") == ["T-1"]
        assert found("waits=tandem") == ["I-1"]
        assert found("kind=combined") == ["P-0"] and found("kind=gene_in_vivo") == []
        assert found("sort=gate") == ["P-0", "F-1", "T-1", "R-1", "H-1", "I-1"]
        assert found("sort=gate&down=yes") == ["R-1", "T-1", "F-1", "P-0", "H-1", "I-1"]
        assert found("sort=stage") == ["I-1", "P-0", "F-1", "T-1", "R-1", "H-1"]
        assert found("sort=title&down=yes")[0] == "T-1"
        lines = {line.project.key: line for line in listed(session, who, Asked()).lines}
    assert lines["P-0"].gate is GATES["G0"] and lines["P-0"].waits_for == "investment manager"
    assert (lines["I-1"].gate, lines["I-1"].waits_for) == (None, "the tandem")
    assert (lines["H-1"].gate, lines["H-1"].waits_for) == (None, "")


def test_late_is_longer_than_the_rulebook_gives(project: Make, people: dict[Role, Person]) -> None:
    weeks = allowances(read(seeded()))
    stages = {"proposed": "G0", "feasibility": "G1", "transfer": "G4", "submitted": "G6"}
    at = now() - timedelta(minutes=5)
    for stage, gate in stages.items():
        for name, days in (("LATE", weeks[gate] * 7 + 1), ("TIMELY", weeks[gate] * 7)):
            put(project(stage, f"{name}-{gate}"), at - timedelta(days=days))
    put(project("on_hold", "HELD"), at - timedelta(days=9_999))
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
        every = listed(session, who, Asked(sort="since", down=False)).lines
        late = listed(session, who, Asked(late=True, sort="key", down=False))
    assert [line.project.key for line in late.lines] == [f"LATE-{gate}" for gate in stages.values()]
    assert late.total == 4 and all(line.is_late for line in late.lines)
    assert {line.project.key for line in every if line.is_late} == {line.project.key for line in late.lines}
    assert every[0].project.key == "HELD" and every[0].days == 9_999
    assert [line.days for line in every] == sorted((line.days for line in every), reverse=True)


def put(project: Project, since: datetime) -> None:
    """Let the project be where it is since that moment."""
    with db.signed("tests", "waits for long") as session:
        session.get_one(Project, project.id).since = since


def test_the_order_by_days_needs_no_sorting(settings: Settings) -> None:
    if db.engine().dialect.name != "sqlite":
        return  # the planner of PostgreSQL reads a small table whole
    with db.reading() as session:
        query = ordered(select(col(Project.key)).where(col(Project.stage) == "feasibility"), Asked())
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {query.compile(db.engine(), compile_kwargs={'literal_binds': True})}"
        )
        steps = " ".join(str(row[3]) for row in plan)
    assert "ix_project_stage_since" in steps and "TEMP B-TREE FOR ORDER BY" not in steps


def test_the_number_of_queries_does_not_grow(project: Make, people: dict[Role, Person]) -> None:
    def queries(n: int, late: bool = False) -> int:
        for i in range(n):
            project("feasibility", f"P-{n}-{i}", members=("researcher", "clinician"))
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        with db.reading() as session:
            who = asker(session, people[Role.INVESTMENT])
            event.listen(db.engine(), "before_cursor_execute", counted)
            listed(session, who, Asked(late=late))
            event.remove(db.engine(), "before_cursor_execute", counted)
        return count

    assert queries(2) == queries(8) == queries(3, late=True) == 4


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


def test_the_table_says_how_each_stands(sign_in: Enter, project: Make) -> None:
    put(project("feasibility", "P-1", members=("researcher", "clinician")), now() - timedelta(days=1_234, hours=1))
    project("idea", "P-2", members=("investment_manager",))
    browser = sign_in("investment_manager")
    text = " ".join(re.sub(r"<[^>]+>", " ", browser.get("/projects?sort=key").text).split())
    assert "P-1 Project P-1 Invented Confidential Feasibility 1 234 late since" in text
    assert "G1, Feasibility Investment manager Test clinician, Test researcher" in text
    assert "P-2 Project P-2 Invented Confidential Idea 0 since" in text and "– The tandem –" in text
    page = browser.get("/projects?late=yes&waits=investment_manager").text
    assert "P-1" in page and "P-2" not in page
    assert re.search(r'name="late" value="yes" checked', page)
    assert '<option value="investment_manager" selected>' in page
    assert 'aria-sort="ascending"' in browser.get("/projects").text, "the fewest days first"
    assert 'aria-sort="descending"' in browser.get("/projects?down=no").text
    assert "Show all projects" in page and 'href="/projects.xlsx?waits=investment_manager&amp;late=yes"' in page
    assert 'action="/bulk"' in page
    assert 'action="/bulk"' not in sign_in("reviewer").get("/projects").text, "nothing is theirs to do to several"
