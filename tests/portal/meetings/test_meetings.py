"""Days of gate meetings, the agenda with its gate packs and the minutes: what they say, and to whom nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlmodel import col

from portal import db
from portal.conflicts import conflicts, conflicts_between
from portal.db import reading, signed
from portal.gates import rules
from portal.meetings import agenda, minutes, pack, queries
from portal.models import Decision, Person, Project, now
from portal.needs import Term
from portal.programme import Meeting
from portal.rights import asker
from portal.roles import Role
from portal.rulebook import seeded
from portal.stages import Said
from tests.dossiers.word.conftest import faults
from tests.portal.conftest import post
from tests.portal.gates.test_evidence import decide, owed_proposal, supply, token_of
from tests.portal.meetings.conftest import SOON, declare, planned, review, words

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]
Three = tuple[Project, Project, Project]
DAY = f"/meetings/{SOON.isoformat()}"
MINUTES = "/projects/{}/gates/G1/{}/minutes.docx"
TODAY = now().date()
papers = pytest.mark.parametrize(
    "settings", ["sqlite"], indirect=True
)  # what a paper says is no matter of the database


def text(browser: FlaskClient, address: str, status: int = 200) -> str:
    """The page without its token."""
    answer = browser.get(address)
    assert answer.status_code == status, f"{address}: {answer.status_code}"
    page = answer.get_data(as_text=True)
    return page.replace(token_of(page), "")


def held(project: Project, on: date = TODAY) -> None:
    """The meeting on the project, held with votes, dissent and talk of the scores."""
    with signed("tests", "the meeting") as session:
        row = session.scalars(select(Meeting).where(col(Meeting.project_id) == project.id)).one()
        row.held_on = on
        row.present = [{"name": "An Maes", "role": "chair"}, {"name": "Test  CLINICIAN", "role": ""}]
        row.votes = [
            {"name": "An Maes", "vote": "for", "reason": ""},
            {"name": "Test clinician", "vote": "against", "reason": "two runs are few"},
        ]
        row.dissent = "I would have waited.\n\nPlease note it."
        row.discussed = "C05: one reviewer had not seen the third run."
        row.notes = "The tandem showed the runs."


# ---------------------------------------------------------------- days


def test_days_to_come_stand_first_then_those_past(sign_in: Enter, project: Make) -> None:
    for n, days in enumerate((40, -3, 5, -90, 0)):
        planned(project("feasibility", f"P-{n}"), TODAY + timedelta(days=days))
    planned(project("feasibility", "P-9"), None)
    page = text(sign_in("quality"), "/meetings")
    assert re.findall(r'class="key">(P-\d)</span>', page) == ["P-4", "P-2", "P-0", "P-1", "P-3"]
    assert page.index("To come") < page.index("P-4") < page.index("Past") < page.index("P-1")
    assert "P-9" not in page, "a meeting without a day belongs to none"


def test_the_list_is_paged(sign_in: Enter, project: Make) -> None:
    one = project("feasibility", "P-1")
    with signed("tests", "many meetings") as session:
        session.add_all(
            Meeting(project_id=one.id, gate="G1", attempt=n, held_on=TODAY - timedelta(days=n))
            for n in range(1, queries.PAGE + 3)
        )
    browser = sign_in("regulatory")
    first, second = text(browser, "/meetings"), text(browser, "/meetings?page=2")
    assert first.count('scope="row"') == queries.PAGE
    assert second.count('scope="row"') == 2
    assert "Page 1 of 2" in first
    assert "No such page" in text(browser, "/meetings?page=3")


def test_nothing_planned_yet_says_how_to_plan(sign_in: Enter) -> None:
    assert "Set the day of a meeting on a project" in text(sign_in("gmp_lead"), "/meetings")


def test_a_day_to_come_is_planned_on_the_gate_sheet(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1")
    browser, at = sign_in("investment_manager"), "/projects/P-1/gates"
    assert "Held or planned on" in text(browser, at)
    form: dict[str, Any] = {"held_on": SOON.isoformat(), "place": "Room 2", "present": "An Maes, chair"}
    answer = post(browser, f"{at}/G1/meeting", **form, votes="An Maes: for")
    assert answer.status_code == 409
    assert "are written down once it was held" in answer.get_data(as_text=True)
    answer = post(browser, f"{at}/G1/meeting", **form, discussed="C05: nothing yet")
    assert answer.status_code == 409
    assert post(browser, f"{at}/G1/meeting", **form).status_code == 303
    page = text(browser, at)
    assert "Planned for" in page
    assert DAY in page
    assert "P-1" in text(browser, DAY)


def test_a_fixed_number_of_queries(people: People, project: Make) -> None:
    counts = []
    for number in (2, 9):
        for n in range(number):
            one = project("feasibility", f"P-{number}-{n}", members=("researcher",))
            planned(one, TODAY + timedelta(days=n))
            declare(one, people[Role.GMP])
        with reading() as session:
            who = asker(session, people[Role.INVESTMENT])
            seen: list[str] = []
            note = lambda *said: seen.append(said[2])  # noqa: E731, B023
            event.listen(db.engine(), "before_cursor_execute", note)
            try:
                found = queries.days(session, who, TODAY)
            finally:
                event.remove(db.engine(), "before_cursor_execute", note)
            assert sum(len(d.items) for d in found.days) >= number
            counts.append(len(seen))
    assert counts[0] == counts[1] <= 7


def test_a_day_shows_counts_and_proposals(sign_in: Enter, three: Three) -> None:
    page = text(sign_in("investment_manager"), DAY)
    assert page.index("CAR-1") < page.index("MSC-3") < page.index("TIL-2"), "in the order of their keys"
    assert "Do we take it into the portfolio?" in page
    assert "17 of 18 lines shown" in page
    assert "1\xa0line missing" in page
    assert "The scores propose: <span" in page
    assert "Nobody has handed in scores yet." in page
    assert "&lt;b&gt;for&lt;/b&gt;" in page
    for one in three:
        assert f"/projects/{one.key}/gates" in page
    assert f"{DAY}/agenda.docx" in page
    assert "minutes.docx" not in page, "a meeting to come has no minutes"


@papers
@pytest.mark.parametrize("address", ["/meetings/2026-13-01", "/meetings/20261201", "/meetings/tomorrow", DAY])
def test_a_day_without_a_meeting_is_not_there(sign_in: Enter, address: str) -> None:
    browser = sign_in("investment_manager")
    assert browser.get(address).status_code == 404
    assert browser.get(f"{address}/agenda.docx").status_code == 404


# ---------------------------------------------------------------- the agenda


def test_the_agenda_holds_the_gate_pack_of_each_project(sign_in: Enter, three: Three, people: People) -> None:
    declare(three[1], people[Role.REGULATORY])
    browser = sign_in("investment_manager")
    said = words(browser, f"{DAY}/agenda.docx")
    for part in (*agenda.PARTS, *pack.PARTS):
        assert part.title in said
    assert "Draft: not sent" in said
    assert "Confidential: for the gatekeepers alone" in said
    assert "Onderzoek 1, room 2" in said
    assert "Test regulatory has an interest in TIL-2 and leaves for this item." in said
    assert "Test regulatory has an interest in CAR-1" not in said
    assert "relapsed B-cell leukaemia (ORPHA:99860)" in said
    assert "Tumour-infiltrating lymphocytes <b>for</b> melanoma" in said
    assert "Nobody has handed in scores for this attempt." in said
    assert "Risk register, revision 18, with notes, 18\xa0Jan\xa02026" in said
    assert "and 16 attached before" in said
    assert "400\u202f000.50" in said
    assert "The rule set proposes: go. " in said
    assert "Evened out: for each reviewer" in said
    assert "No condition of an earlier gate is open." in said
    assert "Send paper 18 on the origin" in said
    assert "quality (QP)" in said
    assert "43 owed by nobody named" in said


@papers
def test_both_are_sound_word_files_with_a_short_front(sign_in: Enter, three: Three, people: People) -> None:
    held(three[0])
    decide(people, three[0], "rework feasibility", Said("the dose is not argued"))
    browser = sign_in("quality")
    for address in (f"{DAY}/agenda.docx", MINUTES.format("CAR-1", 1), MINUTES.format("TIL-2", 1)):
        assert faults(browser.get(address).data) == []
        said = words(browser, address)
        assert "Contents" in said
        assert "Document control" not in said
        assert "List of tables" not in said


def tables(browser: FlaskClient, address: str) -> dict[str, list[list[str]]]:
    """Heading of the first column → the rows of the first table that has it."""
    found: dict[str, list[list[str]]] = {}
    body = Document(BytesIO(browser.get(address).data)).element.body
    mark = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    for table in body.iter(f"{mark}tbl"):
        rows = [
            ["".join(t.text or "" for t in cell.iter(f"{mark}t")) for cell in row.iter(f"{mark}tc")]
            for row in table.iter(f"{mark}tr")
        ]
        found.setdefault(rows[0][0], rows[1:])
    return found


@papers
def test_scores_far_apart_are_marked_in_the_scorecard(sign_in: Enter, three: Three) -> None:
    rows = {row[0][:3]: row[1:] for row in tables(sign_in("quality"), f"{DAY}/agenda.docx")["Criterion"]}
    assert rows["C05"] == ["12", "2.5", "2.5", "3", "1", "A, A", "To be discussed"]
    assert rows["C07"] == ["8", "3.5", "3.5", "3", "1", "C, C", "To be discussed"]
    assert rows["C01"] == ["12", "4.0", "4.0", "0", "3", "A, A", ""]


@papers
def test_each_project_begins_a_page(sign_in: Enter, three: Three) -> None:
    body = Document(BytesIO(sign_in("quality").get(f"{DAY}/agenda.docx").data)).element.body
    xml = body.xpath("//w:p[w:pPr/w:pageBreakBefore]//w:t/text()")
    assert [piece for piece in xml if piece in ("4", "5", "6")] == ["4", "5", "6"]


def test_a_decided_item_points_to_its_minutes(sign_in: Enter, three: Three, people: People) -> None:
    decide(people, three[0], "rework feasibility", Said("the dose is not argued"))
    browser = sign_in("investment_manager")
    assert "Decided: <span" in text(browser, DAY)
    assert MINUTES.format("CAR-1", 1) in text(browser, DAY)
    said = words(browser, f"{DAY}/agenda.docx")
    assert "by Test investment manager: recycle." in said


def test_what_is_recused_agrees_with_the_conflicts_of_each(people: People, three: Three) -> None:
    declare(three[0], people[Role.QUALITY])
    with signed("tests", "units") as session:
        for role in (Role.GMP, Role.RESEARCHER):
            session.get(Person, people[role].id).unit = " Oncology" if role is Role.GMP else "oncology"  # type: ignore[union-attr]
    with reading() as session:
        everybody = list(session.scalars(select(Person)))
        each = {(p.id, one.id) for p in everybody for one in three if conflicts(session, p, one)}
        assert frozenset(conflicts_between(session, everybody, [one.id for one in three])) == each
    assert len(each) == 10, "tandem and unit of three projects, and one interest"


# ---------------------------------------------------------------- the minutes


@papers
def test_minutes_of_an_open_gate_say_that_they_are_a_draft(sign_in: Enter, three: Three) -> None:
    held(three[0])
    said = words(sign_in("quality"), MINUTES.format("CAR-1", 1))
    assert "Draft: no decision is sealed" in said
    assert "The sheet as it stands on" in said
    assert "Conditions are set with the decision." in said
    assert "The rule set proposes: go." in said
    bare = words(sign_in("quality"), MINUTES.format("TIL-2", 1))
    assert "Nobody has handed in scores for this attempt." in bare
    assert "There are no scores to compare." in bare
    assert "Planned for" in bare


def test_minutes_of_a_sealed_decision_hold_everything(sign_in: Enter, three: Three, people: People) -> None:
    held(three[0])
    said = Said("Manufacturability rests on two runs.", tied=("no-zero", "spread"), tell=False)
    made = decide(people, three[0], "rework feasibility", said)
    browser = sign_in("regulatory")
    paper = words(browser, MINUTES.format("CAR-1", 1))
    for part in minutes.PARTS:
        assert part.title in paper
    assert f"Sealed decision no. {made.serial} of" in paper
    assert "by Test investment manager" in paper
    assert "The sheet as it was sealed with decision no." in paper
    assert "Recused: Test clinician. Has an interest in CAR-1. A vote of theirs is written down" in paper
    assert "For 1, against 1, abstained 0." in paper
    assert "two runs are few" in paper
    assert "I would have waited.\nPlease note it." in paper
    assert "The tandem showed the runs." in paper
    assert "C05: one reviewer had not seen the third run." in paper
    assert "Recycle: rework feasibility. " in paper
    assert "Manufacturability rests on two runs." in paper
    assert "The rule set proposed: go. The verdict departs from it." in paper
    assert "C02, C05, C08 and C10 are not zero" in paper
    assert "Scores far apart, and what was said of them" in paper
    assert "The applicants were not told." in paper
    assert "The rulebook as proposed (version 0)" in paper
    assert paper.count("In the chair (investment manager)") == 1
    link = MINUTES.format("CAR-1", 1)
    assert link in text(browser, "/projects/CAR-1/gates")
    assert link not in text(sign_in("researcher"), "/projects/CAR-1/gates")


def test_a_decision_keeps_its_rulebook_and_conditions(sign_in: Enter, project: Make, people: People) -> None:
    one = project("feasibility", "P-1", records=owed_proposal())
    supply(people, one, "G1", "rights-note")
    by = Term("Write the note on rights", "investment_manager", TODAY + timedelta(days=30))
    decide(people, one, "adopt with conditions", Said("good", terms=(by,)))
    changed = seeded().replace("spread_to_discuss: 2", "spread_to_discuss: 1", 1)
    with signed("tests", "renew") as session:
        rules.renew(session, people[Role.INVESTMENT], changed, "closer")
    paper = words(sign_in("quality"), MINUTES.format("P-1", 1))
    assert "Conditional go: adopt with conditions. " in paper
    assert "Write the note on rights" in paper
    assert "The applicants were told the verdict and why." in paper
    assert "The rulebook as proposed (version 0)" in paper
    assert "no day is written down" in paper
    assert "The verdict departs from it." in paper


def test_a_second_attempt_has_minutes_of_its_own(sign_in: Enter, three: Three, people: People) -> None:
    decide(people, three[0], "rework feasibility", Said("the dose is not argued"))
    browser = sign_in("quality")
    assert browser.get(MINUTES.format("CAR-1", 2)).status_code == 404
    assert browser.get("/projects/CAR-1/gates/G8/1/minutes.docx").status_code == 404
    planned(three[0], SOON, attempt=2)
    assert "Draft: no decision is sealed" in words(browser, MINUTES.format("CAR-1", 2))
    assert "Sealed decision no. 2" in words(browser, MINUTES.format("CAR-1", 1))


# ---------------------------------------------------------------- rights


@papers
@pytest.mark.parametrize("role", ["researcher", "clinician", "reviewer", "administrator"])
def test_who_may_not_judge_reaches_nothing(sign_in: Enter, three: Three, role: str) -> None:
    browser = sign_in(role)
    for address in ("/meetings", DAY, f"{DAY}/agenda.docx"):
        assert browser.get(address).status_code == 403
    assert "/meetings" not in text(browser, "/")
    assert browser.get(MINUTES.format("CAR-1", 1)).status_code in (403, 404)


@papers
@pytest.mark.parametrize("role", [Role.INVESTMENT, Role.QUALITY])
def test_who_is_in_conflict_finds_the_same_before_and_after(
    sign_in: Enter, project: Make, people: People, role: Role
) -> None:
    mine, open_ = project("feasibility", "P-1", members=("researcher",)), project("feasibility", "P-2")
    declare(mine, people[role])
    planned(open_, SOON)
    browser, link = sign_in(role.value), MINUTES.format("P-1", 1)
    pages = ("/meetings", DAY, "/projects/P-1/gates", "/")
    before = [text(browser, at) for at in pages] + [words(browser, f"{DAY}/agenda.docx")]
    absent = text(browser, link, 404)
    planned(mine, SOON)
    planned(mine, SOON + timedelta(days=1), attempt=2)
    review(mine, people, Role.REVIEWER, {"C05": 1})
    review(mine, people, Role.GMP, {"C05": 5})
    after = [text(browser, at) for at in pages] + [words(browser, f"{DAY}/agenda.docx")]
    assert before == after
    assert text(browser, link, 404) == absent
    assert browser.get(f"/meetings/{(SOON + timedelta(days=1)).isoformat()}").status_code == 404
    assert "P-1" in text(sign_in("regulatory"), DAY), "others see it"


def test_sealed_minutes_are_closed_to_who_is_in_conflict(sign_in: Enter, three: Three, people: People) -> None:
    decide(people, three[0], "rework feasibility", Said("the dose is not argued"))
    declare(three[0], people[Role.QUALITY])
    browser = sign_in("quality")
    assert browser.get(MINUTES.format("CAR-1", 1)).status_code == 404
    page = text(browser, "/projects/CAR-1/gates")
    assert "the dose is not argued" in page, "the verdict and its reasons are told"
    assert "minutes.docx" not in page
    with reading() as session:
        assert session.scalars(select(Decision).where(col(Decision.gate) == "G1")).one().attempt == 1
