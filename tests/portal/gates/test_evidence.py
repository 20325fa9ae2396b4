"""Green only from evidence: documents, answers, levels, scores and earlier conditions; a go is refused without them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import facts
from dossiers.records.base import Record, record_id
from dossiers.records.proposal import Proposal
from portal.db import Refused, reading, signed
from portal.gates import actions, queries, rules
from portal.models import Decision, Person, Project, now
from portal.needs import Term
from portal.programme import Answer, Evidence, Interest, Notice, Readiness, Review, Score, Task, Telling
from portal.rights import Asker, asker
from portal.roles import Role
from portal.rulebook import Rulebook, read, seeded
from portal.stages import Said, move
from tests.portal.conftest import PASSWORD, post, token

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
BOOK: Rulebook = read(seeded())


def supply(people: dict[Role, Person], project: Project, gate: str, leave: str = "") -> None:
    """Everything the gate's sheet asks for, but the line called `leave`."""
    by = people[Role.INVESTMENT]
    wanted = BOOK.gates[gate]
    with signed(by, "supply the gate") as session:
        number = rules.attempt(session, project.id, gate)
        for d in wanted.deliverables:
            if d.id != leave:
                row = Evidence(project_id=project.id, gate=gate, item=d.id, title=d.item, dated=date(2026, 3, 12))
                row.by_id, row.by = by.id, by.name
                session.add(row)
        for m in wanted.must_meet:
            if m.id != leave and not m.scores:
                session.add(
                    Answer(
                        project_id=project.id, gate=gate, attempt=number, item=m.id, is_met=True, note="seen",
                        by_id=by.id, by=by.name,
                    )
                )  # fmt: skip
        for track, level in wanted.readiness.items():
            if (
                f"readiness-{track}" != leave
                and not session.scalars(
                    select(Readiness).where(col(Readiness.project_id) == project.id, col(Readiness.track) == track)
                ).first()
            ):
                session.add(Readiness(project_id=project.id, track=track, level=max(level, 6), note="x", by="y"))
        if gate in BOOK.thresholds and leave != "scores":
            for role in (Role.REVIEWER, Role.QUALITY):
                review = Review(
                    project_id=project.id, gate=gate, attempt=number, reviewer_id=people[role].id, asked_by="x"
                )
                review.handed_in_at = review.asked_at
                session.add(review)
                session.flush()
                session.add_all(
                    Score(project_id=project.id, review_id=review.id, criterion=c.id, score=4) for c in BOOK.criteria
                )


def sheet_of(project: Project, person: Person) -> queries.Sheet:
    with reading() as session:
        return queries.sheet(session, asker(session, person), session.get(Project, project.id))  # type: ignore[arg-type]


@pytest.fixture
def candidate(project: Make) -> Project:
    """A project before gate G1."""
    return project("feasibility", "P-1", members=("researcher", "clinician"))


GONE = [d.id for d in BOOK.gates["G1"].deliverables if not d.optional] + ["money-next", "readiness-science", "scores"]


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("leave", GONE)
def test_each_line_alone_refuses_a_go(candidate: Project, people: dict[Role, Person], leave: str) -> None:
    supply(people, candidate, "G1", leave)
    sheet = sheet_of(candidate, people[Role.INVESTMENT])
    against = [line.id for line in sheet.lines if line.stands_against]
    assert against == ([leave, "no-zero"] if leave == "scores" else [leave]) or set(against) == {leave, "no-zero"}
    adopt = next(c for c in sheet.choices if c.move.name == "adopt")
    assert any("Not shown by evidence" in why or "Not met" in why for why in adopt.why_not)


def test_a_whole_sheet_is_green(candidate: Project, people: dict[Role, Person]) -> None:
    supply(people, candidate, "G1")
    sheet = sheet_of(candidate, people[Role.INVESTMENT])
    assert not [line.id for line in sheet.lines if line.stands_against]
    assert sheet.asked is not None
    assert sheet.asked.card is not None
    assert sheet.asked.card.proposal == "go"
    adopt = next(c for c in sheet.choices if c.move.name == "adopt")
    assert not [why for why in adopt.why_not if "evidence" in why or "Not met" in why]


def decide(
    people: dict[Role, Person], project: Project, name: str, said: Said, role: Role = Role.INVESTMENT
) -> Decision:
    with reading() as session:
        who: Asker = asker(session, people[role])
        seen = session.get(Project, project.id).revision  # type: ignore[union-attr]
    with signed(who.person, name) as session:
        return actions.take(session, who, (project.id, seen), move(name), said)


def test_rework_opens_a_new_attempt_and_old_answers_no_longer_count(
    candidate: Project, people: dict[Role, Person]
) -> None:
    supply(people, candidate, "G1")
    made = decide(people, candidate, "rework feasibility", Said("the dose is not argued", tied=("no-zero", "nonsense")))
    assert (made.verdict, made.attempt, made.tied, made.proposal) == ("recycle", 1, ["no-zero"], "go")
    assert made.sheet is not None
    assert {line["id"] for line in made.sheet} >= {"feasibility-report", "money-next"}
    sheet = sheet_of(candidate, people[Role.INVESTMENT])
    assert sheet.asked is not None
    assert sheet.asked.attempt == 2
    assert {line.id for line in sheet.lines if line.stands_against} == {"scores", "no-zero", "money-next"}
    decide(people, candidate, "rework feasibility", Said("again"))
    with pytest.raises(Refused, match="as often as the rulebook allows"):
        decide(people, candidate, "rework feasibility", Said("a third time"))


def test_hold_and_stop_belong_to_the_gate_ahead(candidate: Project, people: dict[Role, Person]) -> None:
    made = decide(people, candidate, "hold", Said("no slot", tell=False))
    assert (made.gate, made.verdict, made.told) == ("G1", "hold", False)
    with reading() as session:
        (telling,) = session.scalars(select(Telling))
        assert not telling.told
        assert not list(session.scalars(select(Notice)))


def test_the_applicants_are_told_where_asked(candidate: Project, people: dict[Role, Person]) -> None:
    decide(people, candidate, "hold", Said("no slot"))
    with reading() as session:
        told = list(session.scalars(select(Notice)))
    assert {n.person_id for n in told} == {people[Role.RESEARCHER].id, people[Role.CLINICIAN].id}
    assert all("no slot" in n.text for n in told)


def owed_proposal() -> dict[str, tuple[Record, ...]]:
    """A proposal of which nothing is known and everything has somebody who owes it: enough for a conditional go."""
    row = Proposal(uid=record_id("P-1", "proposal", "p"), project_id=record_id("P-1", "project", ""), key="p")
    row.absent = {f.name: {"kind": "not_yet_known", "owner": "An Maes"} for f in facts(Proposal) if f.due}
    row.sources, row.revision, row.position = {}, 1, 0
    return {"proposal": (row,)}


def test_conditions_become_tasks_that_the_next_gate_asks_for(project: Make, people: dict[Role, Person]) -> None:
    made = project("feasibility", "P-1", records=owed_proposal())
    supply(people, made, "G1", "rights-note")
    soon = now().date() + timedelta(days=60)
    with pytest.raises(Refused, match="Say who sees to"):
        decide(people, made, "adopt with conditions", Said("good", terms=(Term("Write the note", "", soon),)))
    late = Term("Write the note", "investment_manager", soon + timedelta(days=400))
    with pytest.raises(Refused, match="within six months"):
        decide(people, made, "adopt with conditions", Said("good", terms=(late,)))
    term = Term("Write the note", "investment_manager", soon)
    decision = decide(people, made, "adopt with conditions", Said("good", terms=(term,)))
    assert (decision.verdict, decision.gate) == ("conditional_go", "G1")
    with reading() as session:
        (task,) = session.scalars(select(Task).where(col(Task.origin) == f"condition:{decision.id}"))
    assert (task.title, task.owner_role, task.due) == ("Write the note", "investment_manager", soon)
    sheet = sheet_of(made, people[Role.INVESTMENT])
    assert sheet.gate is not None
    assert sheet.gate.id == "G2"
    (line,) = [line for line in sheet.lines if line.kind == "conditions"]
    assert line.stands_against, "an open condition of an earlier gate stands against the next go"
    with signed("tests", "do it") as session:
        row = session.get(Task, task.id)
        assert row is not None
        row.done_at, row.done_by, row.outcome = now(), "An Maes", "written"
    (line,) = [line for line in sheet_of(made, people[Role.INVESTMENT]).lines if line.kind == "conditions"]
    assert line.is_green


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "x"}, "so that somebody else finds it"),
        ({"dated": ""}, "Give the date that stands on the document"),
        ({"dated": "2999-01-01"}, "still to come"),
        ({"item": "moon"}, "Choose what the document shows"),
        ({"file": (b"MZ\x90", "tool.exe")}, "is not taken"),
        ({"file": (b"no pdf", "report.pdf")}, "is no PDF"),
        ({"file": (b"", "report.pdf")}, "is empty"),
    ],
)
def test_a_document_that_cannot_be_taken_is_refused(
    sign_in: Enter, candidate: Project, change: dict[str, Any], words: str
) -> None:
    browser = sign_in("investment_manager")
    form = {"item": "rights-note", "title": "Note on rights", "dated": "2026-03-12", "csrf_token": token(browser)}
    if "file" in change:
        data, name = change["file"]
        change = {"file": (BytesIO(data), name)}
    answer = browser.post("/projects/P-1/gates/G1/documents", data=form | change)
    assert answer.status_code == 409
    assert words in answer.get_data(as_text=True)
    with reading() as session:
        assert not list(session.scalars(select(Evidence)))


def test_a_document_is_attached_read_and_withdrawn(sign_in: Enter, candidate: Project) -> None:
    browser = sign_in("investment_manager")
    form = {"item": "rights-note", "title": "Note on rights", "dated": "2026-03-12", "csrf_token": token(browser)}
    file = (BytesIO(b"%PDF-1.7 note"), "note.pdf")
    assert browser.post("/projects/P-1/gates/G1/documents", data=form | {"file": file}).status_code == 303
    page = browser.get("/projects/P-1/gates").get_data(as_text=True)
    assert "Note on rights" in page
    with reading() as session:
        row = session.scalars(select(Evidence)).one()
    answer = browser.get(f"/projects/P-1/gates/documents/{row.id}")
    assert answer.data == b"%PDF-1.7 note"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert post(browser, f"/projects/P-1/gates/documents/{row.id}/withdraw").status_code == 303
    assert post(browser, f"/projects/P-1/gates/documents/{row.id}/withdraw").status_code == 409
    assert "Attach the document with its date." in browser.get("/projects/P-1/gates").get_data(as_text=True)


def test_answers_levels_and_meetings_are_kept(sign_in: Enter, candidate: Project) -> None:
    browser, at = sign_in("investment_manager"), "/projects/P-1/gates"
    assert post(browser, f"{at}/G1/answers", item="money-next", met="no", note="nothing applied for").status_code == 303
    assert "Answered with no" in browser.get(at).get_data(as_text=True)
    assert post(browser, f"{at}/G1/answers", item="money-next", met="yes", note="").status_code == 409
    assert post(browser, f"{at}/G1/answers", item="no-zero", met="yes", note="because").status_code == 409
    assert post(browser, f"{at}/readiness", track="science", level="3", note="first effect").status_code == 303
    assert post(browser, f"{at}/readiness", track="magic", level="3", note="first effect").status_code == 409
    votes = "An Maes: for\nBo Claes: against, too early"
    form = {"held_on": "2026-11-20", "place": "Onderzoek 1", "present": "An Maes, chair\nBo Claes", "votes": votes}
    assert post(browser, f"{at}/G1/meeting", **form).status_code == 303
    page = browser.get(at).get_data(as_text=True)
    assert "Bo Claes: against, too early" in page
    assert "An Maes, chair\nBo Claes\n" in page, "the form holds a line for each, as it was typed"
    assert "An Maes: for\nBo Claes: against, too early\n" in page
    assert post(browser, f"{at}/G1/meeting", **(form | {"votes": "An Maes: perhaps"})).status_code == 409


def test_somebody_in_conflict_may_not_decide_and_sees_no_scores(
    candidate: Project, people: dict[Role, Person], sign_in: Enter
) -> None:
    with signed(people[Role.INVESTMENT], "declare") as session:
        session.add(Interest(project_id=candidate.id, person_id=people[Role.INVESTMENT].id, ground="shares"))
    before = sign_in("investment_manager").get("/projects/P-1/gates").get_data(as_text=True)
    with reading() as session:
        assert "shares" in " ".join(queries.conflicts(session, people[Role.INVESTMENT], candidate))
    with pytest.raises(Refused, match="You may not judge this project"):
        decide(people, candidate, "rework feasibility", Said("x"))
    with signed(people[Role.QUALITY], "a hidden review") as session:
        review = Review(project_id=candidate.id, gate="G1", reviewer_id=people[Role.REVIEWER].id, asked_by="x")
        review.handed_in_at = review.asked_at
        session.add(review)
        session.flush()
        session.add(Score(project_id=candidate.id, review_id=review.id, criterion="C02", score=0))
    after = sign_in("investment_manager").get("/projects/P-1/gates").get_data(as_text=True)
    strip = lambda page: page.replace(token_of(page), "")  # noqa: E731
    assert strip(before) == strip(after)


def token_of(page: str) -> str:
    return page.split('name="csrf-token" content="')[1].split('"', maxsplit=1)[0]


def far(people: dict[Role, Person], project: Project, *given: tuple[Role, int]) -> None:
    """Everything the gate asks for, and reviews that agree but for C05, where they give these points."""
    supply(people, project, "G1", "scores")
    with signed("tests", "reviews") as session:
        for role, points in given:
            review = Review(project_id=project.id, gate="G1", reviewer_id=people[role].id, asked_by="x")
            review.handed_in_at = review.asked_at
            session.add(review)
            session.flush()
            session.add_all(
                Score(
                    project_id=project.id, review_id=review.id, criterion=c.id, score=points if c.id == "C05" else 4
                )
                for c in BOOK.criteria
            )  # fmt: skip


def test_scores_far_apart_stand_against_a_go_until_they_are_discussed(
    candidate: Project, people: dict[Role, Person], sign_in: Enter
) -> None:
    far(people, candidate, (Role.REVIEWER, 5), (Role.QUALITY, 3))
    sheet = sheet_of(candidate, people[Role.INVESTMENT])
    assert [line.id for line in sheet.lines if line.stands_against] == ["spread"]
    (line,) = [line for line in sheet.lines if line.id == "spread"]
    assert line.kind == "scores"
    assert line.missing == "Spread of 2 or more at C05: record what was said of it with the meeting."
    why = {c.move.name: " ".join(c.why_not) for c in sheet.choices}
    assert "Not shown by evidence yet: Scores far apart" in why["adopt"]
    assert "Scores far apart" not in why["adopt with conditions"], "what is not shown may become a condition"
    browser, at = sign_in("investment_manager"), "/projects/P-1/gates"
    said = "C05: Bo Claes had not seen the third run."
    form: dict[str, Any] = {"held_on": "2026-11-20", "present": "An Maes", "discussed": said}
    assert post(browser, f"{at}/G1/meeting", **form).status_code == 303
    assert "Bo Claes had not seen the third run" in browser.get(at).get_data(as_text=True)
    sheet = sheet_of(candidate, people[Role.INVESTMENT])
    assert not [line.id for line in sheet.lines if line.stands_against]
    assert "Scores far apart" not in " ".join(w for c in sheet.choices for w in c.why_not)


def test_close_scores_need_no_word(candidate: Project, people: dict[Role, Person]) -> None:
    far(people, candidate, (Role.REVIEWER, 4), (Role.QUALITY, 3))
    assert "spread" not in {line.id for line in sheet_of(candidate, people[Role.INVESTMENT]).lines}
    with signed(people[Role.INVESTMENT], "renew") as session:
        changed = seeded().replace("spread_to_discuss: 2", "spread_to_discuss: 1", 1)
        rules.renew(session, people[Role.INVESTMENT], changed, "closer")
    assert "spread" in {line.id for line in sheet_of(candidate, people[Role.INVESTMENT]).lines}


def test_an_older_rulebook_without_the_spread_goes_by_two_points() -> None:
    older = "\n".join(line for line in seeded().splitlines() if not line.startswith("spread_to_discuss"))
    assert older != seeded()
    assert read(older).spread == 2


def test_whoever_is_in_conflict_reads_nothing_of_scores_in_a_refusal(
    candidate: Project, people: dict[Role, Person], sign_in: Enter
) -> None:
    with signed("tests", "declare") as session:
        session.add(Interest(project_id=candidate.id, person_id=people[Role.INVESTMENT].id, ground="shares"))
    form: dict[str, Any] = {"move": "adopt", "reasons": "x", "revision": str(candidate.revision), "password": PASSWORD}
    browser, found = sign_in("investment_manager"), []
    for round_ in range(2):
        if round_:
            far(people, candidate, (Role.REVIEWER, 5), (Role.QUALITY, 0))
        with reading() as session:
            form["revision"] = str(session.get(Project, candidate.id).revision)  # type: ignore[union-attr]
        answer = post(browser, "/projects/P-1/gates", **form)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 409
        assert "You may not judge this project" in page
        found.append(page.split('role="alert"')[1].split("</div>")[0])
    assert found[0] == found[1]
    assert "Scored by" not in found[0]


def test_what_nobody_can_see_is_left_out(sign_in: Enter, candidate: Project) -> None:
    browser, at = sign_in("investment_manager"), "/projects/P-1/gates"
    said = {"item": "money-next", "met": "yes", "note": "grant\x00 of the fund\x0b"}
    assert post(browser, f"{at}/G1/answers", **said).status_code == 303
    with reading() as session:
        assert session.scalars(select(Answer)).one().note == "grant of the fund"


class TestRulebook:
    def test_a_manager_changes_the_weights_as_a_new_version(self, sign_in: Enter) -> None:
        browser = sign_in("investment_manager")
        changed = seeded().replace("weight: 12", "weight: 11", 1).replace("weight: 14", "weight: 15", 1)
        assert post(browser, "/rulebook", text=changed, reason="proof weighs more").status_code == 303
        with reading() as session:
            assert rules.in_force(session).version == 1
            assert rules.in_force(session).criterion("C02").weight == 15
        assert "Version 1" in browser.get("/rulebook").get_data(as_text=True)

    @pytest.mark.parametrize(
        ("text", "reason", "words"),
        [
            (seeded().replace("weight: 12", "weight: 50", 1), "x", "must come to 100"),
            (seeded(), "x", "Nothing was changed"),
            (seeded() + "\n# more", "", "Say why the rules change"),
            ("[", "x", "no YAML"),
        ],
    )
    def test_what_is_wrong_is_said_and_kept_in_the_form(
        self, sign_in: Enter, text: str, reason: str, words: str
    ) -> None:
        answer = post(sign_in("investment_manager"), "/rulebook", text=text, reason=reason)
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)

    def test_others_read_it_only(self, sign_in: Enter) -> None:
        browser = sign_in("quality")
        assert "Put in force" not in browser.get("/rulebook").get_data(as_text=True)
        assert post(browser, "/rulebook", text="x", reason="y").status_code == 403


def test_wrong_passwords_run_into_the_limit(sign_in: Enter, candidate: Project) -> None:
    browser = sign_in("investment_manager")
    for _ in range(6):
        post(browser, "/projects/P-1/gates", move="hold", reasons="x", revision="1", password="guess")
    answer = post(browser, "/projects/P-1/gates", move="hold", reasons="x", revision="1", password=PASSWORD)
    assert answer.status_code == 409
    assert "Too many sign-ins failed" in answer.get_data(as_text=True)
