"""The board: cards of what one may see, ageing, what waits, the steps a card offers; few queries; nothing leaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlmodel import col, select

from dossiers.records.proposal import Proposal
from dossiers.stage import Stage
from portal import db
from portal.board.queries import MOST, Card, board
from portal.conflicts import blind_among, is_blind
from portal.models import Decision, Person, Project, now
from portal.programme import Interest, Review, Task
from portal.rights import asker
from portal.stages import Role

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]


def cards(person: Person, after: timedelta = timedelta()) -> dict[str, Card]:
    with db.reading() as session:
        columns = board(session, asker(session, person), now() + after)
        return {card.project.key: card for column in columns for card in column.cards}


def queries(person: Person) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    with db.reading() as session:
        who = asker(session, person)
        event.listen(db.engine(), "before_cursor_execute", counted)
        board(session, who, now())
        event.remove(db.engine(), "before_cursor_execute", counted)
    return count


def test_as_many_queries_for_five_projects_as_for_sixty(project: Make, people: People) -> None:
    def make(first: int, last: int) -> None:
        for n in range(first, last):
            made = project("feasibility", f"P-{n:02}", members=("researcher",))
            with db.signed("tests", "task") as session:
                session.add(Task(project_id=made.id, title="Do it", owner_role="gmp_lead"))

    make(0, 5)
    few = queries(people[Role.INVESTMENT])
    make(5, 60)
    assert queries(people[Role.INVESTMENT]) == few <= 12
    with db.reading() as session:
        columns = board(session, asker(session, people[Role.INVESTMENT]), now())
    [full] = [c for c in columns if c.cards]
    assert full.stage is Stage.FEASIBILITY and len(full.cards) == MOST == full.left_out
    assert full.cards[0].project.key == "P-00"  # longest there first


def test_a_card_is_seen_by_those_who_see_the_project(project: Make, people: People) -> None:
    project("idea", "IDEA-1", members=("researcher",))
    project("transfer", "TRF-1", members=("gmp_lead",))
    assert set(cards(people[Role.RESEARCHER])) == {"IDEA-1"}
    assert set(cards(people[Role.INVESTMENT])) == {"TRF-1"}
    assert not cards(people[Role.REVIEWER])


@pytest.mark.parametrize(("days", "late"), [(0, False), (70, False), (71, True)])
def test_ageing_against_the_weeks_of_the_gate_ahead(days: int, late: bool, project: Make, people: People) -> None:
    project("feasibility", "P-1")
    with db.signed("tests", "in") as session:  # proposed here, so that G1 (10 weeks) lies ahead
        made = project("proposed", "P-2")
        session.add(
            Decision(
                project_id=made.id, serial=2, move="admit", gate="G0", verdict="go", source="proposed",
                target="feasibility", by="tests",
            )
        )  # fmt: skip
        session.get_one(Project, made.id).stage = "feasibility"
    card = cards(people[Role.INVESTMENT], timedelta(days=days, minutes=1))["P-2"]
    assert (card.days, card.weeks, card.is_late) == (days, 10, late)


def test_what_waits_for_whom(project: Make, people: People) -> None:
    made = project("proposed", "P-1")
    with db.signed("tests", "tasks") as session:
        session.add_all(
            [
                Task(project_id=made.id, title="A", owner_role="gmp_lead", due=date(2020, 1, 1)),
                Task(project_id=made.id, title="B", owner_role="gmp_lead"),
                Task(project_id=made.id, title="C", owner_id=people[Role.QUALITY].id),
                Task(project_id=made.id, title="D", owner_id=people[Role.QUALITY].id, done_at=now()),
            ]
        )
    waits = cards(people[Role.INVESTMENT])["P-1"].waits
    assert waits[0].startswith("investment manager: decide G0")
    assert set(waits[1:]) == {f"{people[Role.QUALITY].name}: 1 task", "GMP lead: 2 tasks, 1 overdue"}


def test_steps_are_those_the_reader_may_take(project: Make, people: People) -> None:
    project("feasibility", "P-1", confidential=False)
    manager, researcher = cards(people[Role.INVESTMENT])["P-1"], cards(people[Role.RESEARCHER])["P-1"]
    assert [s.name for s in manager.steps][:1] == ["adopt"]
    assert manager.by_stage == {Stage.ON_HOLD: "hold", Stage.STOPPED: "stop"}
    assert researcher.steps == () and not researcher.by_stage


def test_a_person_in_conflict_learns_of_no_review(project: Make, people: People) -> None:
    made = project("feasibility", "P-1")
    manager = people[Role.INVESTMENT]
    with db.signed("tests", "interest") as session:
        session.add(Interest(project_id=made.id, person_id=manager.id, ground="shares"))
    before = cards(manager)["P-1"].waits
    with db.signed("tests", "review") as session:
        session.add(Review(project_id=made.id, gate="G1", reviewer_id=people[Role.REVIEWER].id, asked_by="tests"))
    assert cards(manager)["P-1"].waits == before
    assert "reviewers: 1 review" in cards(people[Role.REGULATORY])["P-1"].waits


def test_blindness_of_many_is_that_of_each(project: Make, people: People) -> None:
    made = {name: project("feasibility", name) for name in ("PLAIN", "ENDED", "SHARES", "NAMED")}
    made |= {"TEAM": project("feasibility", "TEAM", members=("investment_manager",))}
    made |= {"UNIT": project("feasibility", "UNIT", members=("researcher",))}
    manager = people[Role.INVESTMENT]
    with db.signed("tests", "ties") as session:
        for role, unit in ((Role.INVESTMENT, " Hématologie"), (Role.RESEARCHER, "HÉMATOLOGIE "), (Role.GMP, "GMP")):
            session.get_one(Person, people[role].id).unit = unit
        session.add(Interest(project_id=made["SHARES"].id, person_id=manager.id, ground="kin"))
        session.add(Interest(project_id=made["ENDED"].id, person_id=manager.id, ground="kin", ended_at=now()))
        session.add(
            Proposal(
                uid=made["NAMED"].id,
                project_id=made["NAMED"].id,
                key="p",
                co_applicants=["Dr  TEST investment  manager"],
            )
        )
    with db.reading() as session:
        for person in session.scalars(select(Person)).all():
            ids = [p.id for p in made.values()]
            each = {uid for uid in ids if is_blind(session, person, session.get_one(Project, uid))}
            assert blind_among(session, person, ids) == each, person.name
        again = session.scalars(select(Person).where(col(Person.id) == manager.id)).one()
        blind = blind_among(session, again, [p.id for p in made.values()])
        assert {name for name, p in made.items() if p.id in blind} == {"SHARES", "NAMED", "TEAM", "UNIT"}


def test_pages(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1")
    browser = sign_in("investment_manager")
    page = browser.get("/board").get_data(as_text=True)
    assert 'href="/projects/P-1/gates?move=adopt#decide"' in page and "board.js" in page
    assert 'data-moves="on_hold=hold|stopped=stop"' in page
    form = browser.get("/projects/P-1/gates?move=hold").get_data(as_text=True)
    assert 'id="decide"' in form and 'value="hold" checked' in form
    assert browser.get("/board", headers={"HX-Request": "true"}).get_data(as_text=True).lstrip().startswith("<div id=")
    assert sign_in("administrator").get("/board").status_code == 403
