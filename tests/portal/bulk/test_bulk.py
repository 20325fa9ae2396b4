"""One act on several projects: shown line by line, done whole or not at all, and never twice."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlmodel import col
from werkzeug.test import TestResponse

from portal import db
from portal.bulk import acts, queries
from portal.bulk.actions import Moved, confirm
from portal.bulk.acts import ACTS, Wanted, offered
from portal.bulk.queries import Case, Preview, chosen, preview
from portal.db import Refused
from portal.models import Change, Decision, Membership, Person, Project
from portal.programme import Interest, Notice, Review, Task, Telling
from portal.reviews.actions import ask
from portal.reviews.queries import CLOSED
from portal.rights import asker
from portal.stages import Function, Role
from tests.portal.conftest import post

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]
DUE = "2999-01-31"


def seen(person: Person, wanted: Wanted, *keys: str) -> Preview:
    with db.reading() as session:
        who = asker(session, person)
        return preview(session, Case(who, wanted, chosen(session, who, keys)), keys)


def said(found: Preview) -> dict[str, str]:
    told = {line.project.key: line.why_not or f"+ {line.says}" for line in found.lines}
    return {key: text.replace("\u00a0", " ") for key, text in told.items()}


def do(person: Person, found: Preview, as_seen: dict[str, str] | None = None) -> Preview:
    with db.reading() as session:
        who = asker(session, person)
    with db.signed(person, "one act") as session:
        return confirm(session, who, found.wanted, found.seen if as_seen is None else as_seen)


def rows(table: Any) -> list[Any]:
    with db.reading() as session:
        return list(session.scalars(select(table)))


def reviewing(people: People, due: str = DUE) -> Wanted:
    return Wanted("review", reviewer=str(people[Role.REVIEWER].id), due=due)


@pytest.fixture
def three(project: Make) -> tuple[str, ...]:
    """Projects at a gate that is scored, one of another stage, and one beside the road."""
    for key in ("F-1", "F-2"):
        project("feasibility", key, members=("researcher", "clinician"))
    project("transfer", "T-1")
    project("on_hold", "H-1")
    return ("F-1", "F-2", "H-1", "T-1")


# ---------------------------------------------------------------- reviews


def test_reviews_are_asked_for_where_that_is_possible(three: tuple[str, ...], people: People) -> None:
    manager, reviewer = people[Role.INVESTMENT], people[Role.REVIEWER]
    with db.signed("tests", "interest") as session:
        session.add(Interest(project_id=chosen_ids(session, "F-2")["F-2"], person_id=reviewer.id, ground="rival"))
    found = seen(manager, reviewing(people), *three)
    assert said(found) == {
        "F-1": "+ Test reviewer is asked for a review at G1, Feasibility, by 31 Jan 2999.",
        "F-2": "Test reviewer may not judge this project. An interest is declared: a competing project.",
        "H-1": "No gate that is scored lies ahead of this project.",
        "T-1": "+ Test reviewer is asked for a review at G4, GMP readiness, by 31 Jan 2999.",
    }
    done = do(manager, found)
    assert (len(done.possible), done.left_out) == (2, 2)
    assert sorted((r.gate, r.attempt, r.asked_by, str(r.due)) for r in rows(Review)) == [
        ("G1", 1, manager.name, DUE), ("G4", 1, manager.name, DUE),
    ]  # fmt: skip
    assert len(rows(Notice)) == 2
    with pytest.raises(Moved) as twice:
        do(manager, found)
    assert said(twice.value.preview)["F-1"] == "Test reviewer was asked already."
    assert [line.project.key for line in twice.value.preview.lines if line.is_changed] == ["F-1", "T-1"]
    assert len(rows(Review)) == len(rows(Notice)) == 2


def chosen_ids(session: Any, *keys: str) -> dict[str, Any]:
    found = session.execute(select(col(Project.key), col(Project.id)).where(col(Project.key).in_(keys)))
    return {row.key: row.id for row in found}


def test_a_preview_says_what_the_verb_says(three: tuple[str, ...], people: People, project: Make) -> None:
    manager, reviewer = people[Role.INVESTMENT], people[Role.REVIEWER]
    project("feasibility", "MEMBER", members=("reviewer",))
    project("feasibility", "UNIT", members=("researcher",))
    project("feasibility", "AGAIN")
    project("closed", "C-1")
    with db.signed("tests", "ties") as session:
        ids = chosen_ids(session, "MEMBER", "AGAIN", "F-1")
        for role in (Role.REVIEWER, Role.RESEARCHER):
            session.get_one(Person, people[role].id).unit = "Haematology"
        (member,) = session.scalars(select(Membership).where(col(Membership.project_id) == ids["MEMBER"]))
        member.function = Function.MEMBER.value
        verdict: dict[str, Any] = {"move": "rework feasibility", "gate": "G1", "verdict": "recycle", "by": "tests"}
        session.add(Decision(project_id=ids["AGAIN"], serial=2, source="feasibility", target="feasibility", **verdict))
        session.add(Review(project_id=ids["AGAIN"], gate="G1", attempt=1, reviewer_id=reviewer.id, asked_by="tests"))
    keys = (*three, "AGAIN", "C-1", "MEMBER", "UNIT")
    found = seen(manager, reviewing(people), *keys)
    assert said(found)["AGAIN"].endswith("at G1, Feasibility, attempt 2, by 31 Jan 2999.")
    assert "An applicant belongs to their unit, Haematology." in said(found)["F-1"]
    with db.reading() as session:
        who = asker(session, manager)
    for line in found.lines:
        try:
            with db.signed(manager, "asks") as session:
                ask(session, who, session.get_one(Project, line.project.id), reviewer.id, None)
                session.rollback()
            why = ""
        except Refused as refused:
            why = " ".join(refused.reasons)
        assert line.why_not == why, line.project.key


def test_who_is_in_conflict_reads_the_same_whether_reviews_exist(three: tuple[str, ...], people: People) -> None:
    manager = people[Role.INVESTMENT]
    with db.signed("tests", "interest") as session:
        mine = chosen_ids(session, *three)
        for uid in mine.values():
            session.add(Interest(project_id=uid, person_id=manager.id, ground="shares"))
    before = seen(manager, reviewing(people), *three)
    assert set(said(before).values()) == {CLOSED} and not before.possible
    with db.signed("tests", "asked") as session:
        for key, gate in (("F-1", "G1"), ("T-1", "G4")):
            review: dict[str, Any] = {"gate": gate, "reviewer_id": people[Role.REVIEWER].id, "asked_by": "tests"}
            session.add(Review(project_id=mine[key], **review))
    after = seen(manager, reviewing(people), *three)
    assert (said(after), after.seen) == (said(before), before.seen)
    with pytest.raises(Refused, match="Nothing of it can be done"):
        do(manager, after)


def test_only_who_answers_for_the_gates_asks(three: tuple[str, ...], people: People) -> None:
    gmp = people[Role.GMP]
    assert len(seen(gmp, reviewing(people), *three).possible) == 3
    with db.signed("tests", "open") as session:
        for uid in chosen_ids(session, *three).values():
            session.get_one(Project, uid).confidential = False
    with pytest.raises(Refused, match="Choose what to do"):
        seen(people[Role.REVIEWER], reviewing(people), *three)
    assert [act.id for act in offered(asked_by(people[Role.INVESTMENT]))] == list(ACTS)
    assert [act.id for act in offered(asked_by(people[Role.RESEARCHER]))] == ["task", "close", "open"]
    assert offered(asked_by(people[Role.REVIEWER])) == () == offered(asked_by(people[Role.ADMINISTRATOR]))


def asked_by(person: Person) -> Any:
    with db.reading() as session:
        return asker(session, person)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"act": "review", "due": DUE}, "Choose somebody who may review."),
        ({"act": "review", "reviewer": "researcher", "due": DUE}, "Choose somebody who may review."),
        ({"act": "review", "reviewer": "reviewer"}, "Give the day by which the scores are wanted."),
        (
            {"act": "review", "reviewer": "reviewer", "due": "2001-01-01"},
            "lies in the past; give a day",
        ),
        ({"act": "review", "reviewer": "reviewer", "due": "soon"}, "“soon” is no day"),
        ({"act": "task", "title": "abc", "owner": "role:quality"}, "Say in 4 to 300 characters what is to be done."),
        ({"act": "task", "title": "Order vectors", "owner": "role:king"}, "Choose who does it"),
        ({"act": "task", "title": "Order vectors", "owner": "person:whale"}, "Choose who does it"),
        ({"act": "task", "title": "Order vectors", "owner": "role:quality", "due": "2001-01-01"}, "lies in the past"),
        ({"act": "tell", "subject": "Hi", "text": "A call is open."}, "Say in 4 to 150 characters what it is about."),
        ({"act": "tell", "subject": "A call", "text": ""}, "Write what the applicants should know"),
        ({"act": "stop"}, "Choose what to do with the projects."),
    ],
)
def test_what_a_form_lacks_is_said(
    wanted: dict[str, str], sentence: str, three: tuple[str, ...], people: People
) -> None:
    if wanted.get("reviewer"):
        wanted = wanted | {"reviewer": str(people[Role(wanted["reviewer"])].id)}
    with pytest.raises(Refused, match=re.escape(sentence)):
        seen(people[Role.INVESTMENT], Wanted(**wanted), *three)
    with pytest.raises(Refused, match="Choose at least one project"):
        seen(people[Role.INVESTMENT], Wanted("close"))


# ---------------------------------------------------------------- tasks, confidentiality, messages


def test_a_task_is_entered_where_none_like_it_is_open(three: tuple[str, ...], people: People) -> None:
    manager, researcher = people[Role.INVESTMENT], people[Role.RESEARCHER]
    wanted = Wanted("task", title="Order  vectors", owner="role:gmp_lead", due=DUE)
    found = seen(manager, wanted, "F-1", "T-1")
    assert said(found)["F-1"] == "+ The task “Order  vectors” is entered for whoever is GMP lead, by 31 Jan 2999."
    do(manager, found)
    assert [(t.title, t.owner_role, str(t.due)) for t in rows(Task)] == [("Order  vectors", "gmp_lead", DUE)] * 2
    with pytest.raises(Moved) as twice:
        do(manager, found)
    assert "is open here already, for whoever is GMP lead" in said(twice.value.preview)["F-1"]
    assert len(rows(Task)) == 2
    person = Wanted("task", title="Order vectors", owner=f"person:{researcher.id}")
    found = seen(manager, person, *three)
    assert said(found)["T-1"] == "Test researcher does not work on this project."
    assert [line.project.key for line in do(manager, found).possible] == ["F-1", "F-2"]
    assert sum(t.owner_id == researcher.id for t in rows(Task)) == len(rows(Notice)) == 2


def test_a_right_is_asked_of_each_project(three: tuple[str, ...], people: People) -> None:
    researcher = people[Role.RESEARCHER]
    with db.signed("tests", "open") as session:
        session.get_one(Project, chosen_ids(session, "T-1")["T-1"]).confidential = False
    wanted = Wanted("task", title="Order vectors", owner="role:researcher")
    found = seen(researcher, wanted, *three)
    assert said(found)["T-1"].startswith("You may not plan the tasks and dates of this project now.")
    assert list(said(found)) == ["F-1", "F-2", "T-1"] and found.missing == 1, "H-1 is not theirs to see"
    refused = said(seen(researcher, Wanted("close"), "T-1"))
    assert refused["T-1"].startswith("You may not say who works on this project now.")


def test_confidentiality_changes_under_the_right_that_governs_it(three: tuple[str, ...], people: People) -> None:
    manager = people[Role.INVESTMENT]
    with db.signed("tests", "open") as session:
        session.get_one(Project, chosen_ids(session, "F-2")["F-2"]).confidential = False
    found = seen(manager, Wanted("open"), "F-1", "F-2")
    assert said(found)["F-2"] == "It is open to all staff already."
    do(manager, found)
    assert {p.key: p.confidential for p in rows(Project)} == {"F-1": False, "F-2": False, "T-1": True, "H-1": True}
    with pytest.raises(Moved):
        do(manager, found)
    do(manager, seen(manager, Wanted("close"), "F-1", "F-2", "T-1"))
    assert all(p.confidential for p in rows(Project))
    why = {c.why for c in rows(Change) if c.fact == "confidential" and c.deed == "changed" and c.who == manager.name}
    assert why == {"one act"}


def test_the_applicants_are_told_and_that_is_kept(three: tuple[str, ...], people: People) -> None:
    manager = people[Role.INVESTMENT]
    wanted = Wanted("tell", subject="A call is open", text="Apply by May.")
    found = seen(manager, wanted, *three)
    assert said(found)["F-1"] == "+ Told: Test clinician, Test researcher."
    assert said(found)["T-1"] == "Nobody would read it: none of the tandem or team may sign in."
    do(manager, found)
    assert sorted((t.act, t.told, t.by) for t in rows(Telling)) == [
        ("F-1: A call is open", True, manager.name), ("F-2: A call is open", True, manager.name),
    ]  # fmt: skip
    notices = rows(Notice)
    assert {n.text for n in notices} == {"Apply by May.\n\nTest investment manager"} and len(notices) == 4
    with pytest.raises(Moved) as twice:
        do(manager, found)
    assert said(twice.value.preview)["F-1"].startswith("The applicants were told this already, on ")
    assert len(rows(Notice)) == 4 and len(rows(Telling)) == 2
    assert len(seen(manager, Wanted("tell", subject="A call is open", text="Until June."), *three).possible) == 2


# ---------------------------------------------------------------- whole or not at all


def test_what_moved_since_it_was_seen_stops_all(three: tuple[str, ...], people: People) -> None:
    manager = people[Role.INVESTMENT]
    found = seen(manager, reviewing(people), "F-1", "F-2")
    with db.signed("tests", "joined") as session:
        uid = chosen_ids(session, "F-2")["F-2"]
        session.add(Membership(project_id=uid, person_id=people[Role.REVIEWER].id, function="team_member"))
    with pytest.raises(Moved) as moved:
        do(manager, found)
    assert [(line.project.key, line.is_changed) for line in moved.value.preview.lines] == [
        ("F-1", False), ("F-2", True),
    ]  # fmt: skip
    assert rows(Review) == []
    assert len(do(manager, moved.value.preview).possible) == len(rows(Review)) == 1


def test_a_project_that_is_gone_from_sight_stops_all(three: tuple[str, ...], people: People) -> None:
    quality = people[Role.QUALITY]
    found = seen(quality, reviewing(people), "F-1", "T-1")
    with db.signed("tests", "back to an idea") as session:
        session.get_one(Project, chosen_ids(session, "T-1")["T-1"]).stage = "idea"
    with pytest.raises(Moved) as moved:
        do(quality, found)
    assert moved.value.preview.missing == 1 and list(moved.value.preview.seen) == ["F-1"]
    assert rows(Review) == []


def test_a_form_that_is_sent_twice_at_once_does_nothing_twice(three: tuple[str, ...], people: People) -> None:
    manager = people[Role.INVESTMENT]
    found = seen(manager, reviewing(people), *three)

    def send(_: int) -> bool:
        try:
            do(manager, found)
        except Moved:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(send, range(3))) == [False, False, True]
    assert len(rows(Review)) == len(rows(Notice)) == 3


def test_a_refusal_of_one_verb_takes_all_back(
    three: tuple[str, ...], people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager, right = people[Role.INVESTMENT], ask

    def strict(session: Any, who: Any, project: Project, *more: Any) -> Any:
        if project.key == "T-1":
            raise Refused("It was locked.")
        return right(session, who, project, *more)

    found = seen(manager, reviewing(people), *three)
    monkeypatch.setattr(acts, "ask", strict)
    with pytest.raises(Refused, match="It was locked"):
        do(manager, found)
    assert rows(Review) == rows(Notice) == []


def test_the_number_of_queries_does_not_grow(project: Make, people: People) -> None:
    manager = people[Role.INVESTMENT]
    keys = [project("feasibility", f"P-{n}", members=("researcher",)).key for n in range(9)]
    wanted = [
        reviewing(people),
        Wanted("task", title="Order vectors", owner=f"person:{people[Role.RESEARCHER].id}"),
        Wanted("open"),
        Wanted("tell", subject="A call", text="Apply by May."),
    ]

    def asked(one: Wanted, number: int) -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        with db.reading() as session:
            who = asker(session, manager)
            event.listen(db.engine(), "before_cursor_execute", counted)
            preview(session, Case(who, one, chosen(session, who, keys[:number])), keys[:number])
            queries.owners(session, chosen(session, who, keys[:number]))
            event.remove(db.engine(), "before_cursor_execute", counted)
        return count

    for one in wanted:
        assert asked(one, 2) == asked(one, 9) <= 15, one.act


def test_an_act_takes_so_many_projects(
    three: tuple[str, ...], sign_in: Enter, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST", 3)
    browser = sign_in("investment_manager")
    answer = browser.get("/bulk?act=close&which=all&of=?sort=key")
    assert answer.status_code == 409
    assert "These are 4 projects; one act takes at most 3." in answer.text
    assert browser.get("/bulk?act=close&which=all&of=?stage=feasibility").status_code == 200
    with pytest.raises(Refused, match="These are 4 projects"):
        seen(people[Role.INVESTMENT], Wanted("close"), *three)


# ---------------------------------------------------------------- pages


def hidden(page: str, name: str) -> list[str]:
    return re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)">', page)


def shown(browser: FlaskClient, keys: tuple[str, ...], **form: Any) -> TestResponse:
    return post(browser, "/bulk/preview", p=list(keys), of="?stage=feasibility&page=2", **form)


def test_from_the_table_to_the_deed(three: tuple[str, ...], sign_in: Enter, people: People) -> None:
    browser, reviewer = sign_in("investment_manager"), str(people[Role.REVIEWER].id)
    page = browser.get("/projects?sort=key").text
    assert re.findall(r'name="p" value="([^"]+)"', page) == list(three)
    assert "Go on with all 4 that match" in page
    page = browser.get("/bulk?act=review&which=chosen&p=F-1&p=H-1&p=WHALE&of=?sort=key").text
    assert re.findall(r'name="p" value="([^"]+)" checked', page) == ["F-1", "H-1"]
    assert "Verdicts are never taken here" in page
    page = browser.get("/bulk?act=review&which=all&of=?waits=investment_manager").text
    assert sorted(re.findall(r'name="p" value="([^"]+)" checked', page)) == ["F-1", "F-2"]

    answer = shown(browser, ("F-1", "H-1", "WHALE"), act="review", reviewer=reviewer, due=DUE)
    assert answer.status_code == 200
    assert "It will be done to 1\u00a0project; 1\u00a0project is left out." in answer.text
    assert "1\u00a0project that was chosen is not there, or not for you to see any more" in answer.text
    assert rows(Review) == []
    back = shown(browser, ("F-1",), act="review", reviewer=reviewer, due=DUE, then="mend").text
    assert f'<option value="{reviewer}" selected>' in back and f'value="{DUE}"' in back

    form: dict[str, Any] = {
        "act": "review",
        "reviewer": reviewer,
        "due": DUE,
        "of": hidden(answer.text, "of")[0].replace("&amp;", "&"),
    }
    done = post(browser, "/bulk", line=hidden(answer.text, "line"), **form)
    assert done.status_code == 303
    assert urlsplit(done.location)[2:4] == ("/projects", "stage=feasibility&page=2")
    assert "1\u00a0project: a review was asked for. 1\u00a0project was left out." in browser.get("/projects?q=F").text
    again = post(browser, "/bulk", line=hidden(answer.text, "line"), **form)
    assert again.status_code == 409
    assert "so nothing was done" in again.text and "Test reviewer was asked already." in again.text
    assert again.text.count("changed since you saw it") == 1
    assert len(rows(Review)) == 1
    assert {c.why for c in rows(Change) if c.kind == "review"} == {"asked for reviews of several projects"}


def test_htmx_gets_the_part_that_changed(three: tuple[str, ...], sign_in: Enter) -> None:
    browser = sign_in("investment_manager")
    part = browser.get("/bulk?act=close&p=F-1", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="act"')
    answer = post(browser, "/bulk/preview", htmx=True, act="open", p=["F-1", "F-2"])
    assert answer.text.lstrip().startswith('<div id="preview"')
    wrong = post(browser, "/bulk/preview", htmx=True, act="tell", subject="x", text="kept text", p=["F-1"])
    assert wrong.status_code == 422 and wrong.text.lstrip().startswith('<div id="act"')
    assert "kept text" in wrong.text and "Say in 4 to 150 characters" in wrong.text
    done = post(browser, "/bulk", htmx=True, act="open", line=hidden(answer.text, "line"), of="//evil.example")
    assert done.status_code == 204 and done.headers["HX-Redirect"] == "/projects?"
    assert not any(p.confidential for p in rows(Project) if p.key.startswith("F"))


def test_a_message_is_shown_and_sent_as_it_was_typed(three: tuple[str, ...], sign_in: Enter) -> None:
    browser = sign_in("regulatory")
    text = "First <line>.\r\n\r\n“Second” & last."
    answer = shown(browser, ("F-1", "F-2"), act="tell", subject="A call", text=text)
    assert "First &lt;line&gt;." in answer.text and "Told: Test clinician, Test researcher." in answer.text
    sent = post(browser, "/bulk", act="tell", subject="A call", text=text, line=hidden(answer.text, "line"))
    assert sent.status_code == 303
    assert {n.text for n in rows(Notice)} == {"First <line>.\n\n“Second” & last.\n\nTest regulatory"}


def test_who_may_do_nothing_is_told_so(three: tuple[str, ...], sign_in: Enter) -> None:
    assert "Tick projects in the table" in sign_in("investment_manager").get("/bulk").text
    assert "No project is chosen" in sign_in("investment_manager").get("/bulk?act=whale&p=F-1").text
    reviewer = sign_in("reviewer")
    assert "Nothing that your role does" in reviewer.get("/bulk?act=close&p=F-1").text
    assert post(reviewer, "/bulk/preview", act="close", p=["F-1"]).status_code == 422
    assert post(reviewer, "/bulk", act="close", line=["F-1:x"]).status_code == 409
    assert sign_in("administrator").get("/bulk").status_code == 403
    assert post(sign_in("administrator"), "/bulk", act="close", line=["F-1:x"]).status_code == 403
    assert all(p.confidential for p in rows(Project))
