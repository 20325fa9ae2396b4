"""Tasks: added by people, ended by who owns them or answers for the project, met on My work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from portal import db
from portal.db import reading, signed
from portal.models import Person, Project, now
from portal.programme import Notice, Task
from portal.rights import asker
from portal.stages import Role
from portal.tasks import queries
from tests.portal.conftest import post

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]
URL = "/projects/P-1/tasks"


@pytest.fixture
def made(project: Make) -> Project:
    return project("feasibility", "P-1", members=("researcher", "gmp_lead"))


def plant(project: Project, **more: Any) -> Task:
    task = Task(project_id=project.id, **{"title": "Ask the authority", **more})
    with signed("tests", "a task") as session:
        session.add(task)
    return task


def text(browser: FlaskClient, url: str = URL) -> str:
    return browser.get(url).get_data(as_text=True)


def stored() -> list[Task]:
    with reading() as session:
        return list(session.scalars(select(Task)))


def test_a_person_is_asked_told_and_ends_it_with_an_outcome(
    sign_in: Enter, people: dict[Role, Person], made: Project
) -> None:
    manager, lead = sign_in("investment_manager"), sign_in("gmp_lead")
    due = (now() + timedelta(days=5)).date()
    form: dict[str, Any] = {
        "title": "Book a clean room",
        "owner": f"person:{people[Role.GMP].id}",
        "due": due.isoformat(),
    }
    assert post(manager, URL, **form).status_code == 303
    with reading() as session:
        (notice,) = session.scalars(select(Notice))
    assert (notice.person_id, notice.subject) == (people[Role.GMP].id, "P-1: Book a clean room")
    assert "Tasks for you" in text(lead, "/")
    (task,) = stored()
    answer = post(lead, f"{URL}/{task.id}/end", revision="1", outcome=" ")
    assert answer.status_code == 409
    assert "what came of it" in answer.get_data(as_text=True)
    assert post(lead, f"{URL}/{task.id}/end", revision="1", outcome="Room 4, <week 9>").status_code == 303
    assert "Room 4, &lt;week 9&gt;" in text(lead)
    assert "Tasks for you" not in text(lead, "/")
    assert post(lead, f"{URL}/{task.id}/end", revision="2", outcome="Again").status_code == 409
    assert [(t.done_by, t.outcome) for t in stored()] == [("Test GMP lead", "Room 4, <week 9>")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"title": " x "}, "what is to be done"),
        ({"title": "x" * 301}, "4 to 300 characters"),
        ({"due": "2001-01-01"}, "1 Jan 2001 lies in the past"),
        ({"due": "tomorrow"}, "“tomorrow” is no day"),
        ({"owner": ""}, "Choose who does it"),
        ({"owner": "role:administrator"}, "Choose who does it"),
        ({"owner": "role:queen"}, "Choose who does it"),
        ({"owner": f"person:{uuid4()}"}, "Choose who does it"),
    ],
)
def test_bad_input_is_refused_and_stays_typed(sign_in: Enter, made: Project, change: dict[str, str], why: str) -> None:
    form: dict[str, Any] = {"title": "A task to keep", "owner": "role:quality", "detail": "typed words", **change}
    answer = post(sign_in("gmp_lead"), URL, **form)
    page = answer.get_data(as_text=True).replace("\u00a0", " ")
    assert answer.status_code == 422
    assert why in page
    assert "typed words" in page
    assert not stored()


def test_only_owner_or_who_answers_for_the_project_ends_it(
    sign_in: Enter, people: dict[Role, Person], made: Project
) -> None:
    task = plant(made, owner_id=people[Role.GMP].id)
    researcher = sign_in("researcher")
    assert "End it" not in text(researcher)
    answer = post(researcher, f"{URL}/{task.id}/end", revision="1", outcome="I did it")
    assert answer.status_code == 409
    assert "Only who owns the task" in answer.get_data(as_text=True)
    assert "I did it" not in (stored()[0].outcome)
    assert post(sign_in("clinician"), f"{URL}/{task.id}/end", revision="1", outcome="I did it").status_code == 404
    assert post(sign_in("regulatory"), f"{URL}/{task.id}/end", revision="1", outcome="Withdrawn").status_code == 303


def test_a_stale_a_foreign_and_a_missing_task(sign_in: Enter, made: Project, project: Make) -> None:
    other = project("feasibility", "P-2")
    task, foreign = plant(made, owner_role="gmp_lead"), plant(other, owner_role="gmp_lead")
    lead = sign_in("gmp_lead")
    for sent in ("7", "", "x", "9" * 40):
        assert post(lead, f"{URL}/{task.id}/end", revision=sent, outcome="Done it").status_code == 409
    assert post(lead, f"{URL}/{foreign.id}/end", revision="1", outcome="Done it").status_code == 404
    assert post(lead, f"{URL}/{uuid4()}/end", revision="1", outcome="Done it").status_code == 404
    assert not any(t.done_at for t in stored())


def test_a_role_owns_a_task_and_a_role_of_the_tandem_only_within_its_project(
    people: dict[Role, Person], project: Make
) -> None:
    inside = project("feasibility", "P-1", members=("researcher",), confidential=False)
    outside = project("feasibility", "P-2", members=("clinician",), confidential=False)
    for made in (inside, outside):
        for role in Role:
            plant(made, owner_role=role.value)
        plant(made, owner_id=people[Role.REVIEWER].id, owner_role="quality")
        plant(made)
    with reading() as session:
        for role in Role:
            who = asker(session, people[role])
            rows = list(session.execute(select(Task, Project).join(Project, Project.id == Task.project_id)))  # type: ignore[arg-type]
            by_hand = {t.id for t, p in rows if queries.owns(who, t) and role is not Role.ADMINISTRATOR}
            assert {line.task.id for line in queries.waiting(session, who)} == by_hand, role
        quality = {line.task.owner_id for line in queries.waiting(session, asker(session, people[Role.QUALITY]))}
        assert quality == {None}, "a named person owns it, not the role beside"
        keys = {line.project.key for line in queries.waiting(session, asker(session, people[Role.RESEARCHER]))}
        assert keys == {"P-1"}


def test_tasks_of_a_project_one_does_not_see_are_never_shown(sign_in: Enter, project: Make) -> None:
    plant(project("idea", "HID-1"), owner_role="quality", title="A hidden task")
    browser = sign_in("quality")
    assert "A hidden task" not in text(browser, "/")
    assert browser.get("/projects/HID-1/tasks").status_code == 404


def test_overdue_first_and_only_mine(sign_in: Enter, made: Project) -> None:
    plant(made, title="Without a day", owner_role="quality")
    plant(made, title="Late already", owner_role="gmp_lead", due=date(2001, 1, 1))
    page = text(sign_in("gmp_lead"))
    assert page.index("Late already") < page.index("Without a day")
    assert "2, 1 overdue" in page
    mine = text(sign_in("gmp_lead"), f"{URL}?mine=yes")
    assert "Late already" in mine
    assert "Without a day" not in mine


def test_only_who_plans_a_project_adds_to_it(sign_in: Enter, made: Project) -> None:
    with signed("tests", "open it") as session:
        session.get(Project, made.id).confidential = False  # type: ignore[union-attr]
    reader = sign_in("clinician")  # sees an open project, works on another
    assert "Add a task" not in text(reader)
    assert post(reader, URL, title="A task", owner="role:quality").status_code == 403
    assert not stored()


def test_the_queries_do_not_grow_with_the_tasks(sign_in: Enter, made: Project, project: Make) -> None:
    browser = sign_in("gmp_lead")

    def count(url: str) -> int:
        statements: list[str] = []
        event.listen(db.engine(), "before_cursor_execute", lambda *a: statements.append(a[2]))
        browser.get(url)
        return len(statements)

    plant(made, owner_role="gmp_lead")
    urls = ("/", URL)
    few = [count(url) for url in urls]
    for _ in range(30):
        plant(made, owner_role="gmp_lead")
    assert [count(url) for url in urls] <= few
