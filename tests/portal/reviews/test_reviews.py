"""Reviews: asked, scored independently, handed in; conflicts are found and enforced, and leak nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from difflib import unified_diff
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from dossiers.binder import load
from portal.conflicts import conflicts, owing
from portal.db import Refused, reading, signed
from portal.models import Decision, Membership, Person, Project, now
from portal.programme import Interest, Meeting, Notice, Review, Score
from portal.reviews import actions, queries
from portal.rights import asker
from portal.roles import Function, Role
from portal.rulebook import read, seeded
from tests.portal.conftest import post

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
NAMES = tuple(c.id for c in read(seeded()).criteria)


@pytest.fixture
def candidate(project: Make) -> Project:
    return project("feasibility", "P-1", members=("researcher", "clinician"))


def ask(people: dict[Role, Person], project: Project, role: Role = Role.REVIEWER) -> Review:
    with reading() as session:
        who = asker(session, people[Role.INVESTMENT])
    with signed(who.person, "ask") as session:
        return actions.ask(session, who, session.get(Project, project.id), people[role].id, None)  # type: ignore[arg-type]


def scores(value: str = "3", **other: str) -> dict[str, str]:
    return {f"score-{n}": other.get(n, value) for n in NAMES}


def test_asked_told_scored_handed_in(sign_in: Enter, people: dict[Role, Person], candidate: Project) -> None:
    reviewer = sign_in("reviewer")
    assert reviewer.get("/projects/P-1").status_code == 404, "a reviewer sees a project once asked, not before"
    manager = sign_in("investment_manager")
    person = str(people[Role.REVIEWER].id)
    assert post(manager, "/projects/P-1/reviews", reviewer=person, due="2999-01-01").status_code == 303
    assert post(manager, "/projects/P-1/reviews", reviewer=person).status_code == 409
    with reading() as session:
        (notice,) = session.scalars(select(Notice))
    assert notice.person_id == people[Role.REVIEWER].id
    assert "/projects/P-1/review" in reviewer.get("/").get_data(as_text=True)
    assert "Mode of action" in reviewer.get("/projects/P-1/review").get_data(as_text=True)
    answer = post(reviewer, "/projects/P-1/review", then="hand in", **scores(C03="", C02="5"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "open are C03" in page
    assert "Say why a score is 0 or 5: C02" in page
    with reading() as session:
        assert len(list(session.scalars(select(Score)))) == len(NAMES) - 1, "what was typed is kept"
    assert "Scorecard" not in page, "nobody sees others' scores before handing in"
    assert post(reviewer, "/projects/P-1/review", then="hand in", **scores()).status_code == 303
    assert "Scorecard" in reviewer.get("/projects/P-1/review").get_data(as_text=True)
    assert post(reviewer, "/projects/P-1/review", then="keep", **scores("1")).status_code == 409
    board = manager.get("/projects/P-1/reviews").get_data(as_text=True)
    assert "handed in" in board
    assert "60.0" in board  # thirteen threes: 3/5 of 100


def test_a_review_can_be_taken_back_until_it_is_handed_in(people: dict[Role, Person], candidate: Project) -> None:
    review = ask(people, candidate)
    with signed("tests", "take back") as session:
        actions.take_back(session, candidate, (review.id, review.revision))
    review = ask(people, candidate)
    with signed("tests", "hand in") as session:
        row = session.get(Review, review.id)
        assert row is not None
        actions.score(session, row, {n: actions.Given(3) for n in NAMES}, "")
        actions.hand_in(session, asker(session, people[Role.REVIEWER]), candidate, row)
    with reading() as session:
        seen = session.get(Review, review.id).revision  # type: ignore[union-attr]
    with pytest.raises(Refused, match="were handed in"), signed("tests", "take back") as session:
        actions.take_back(session, candidate, (review.id, seen))


@pytest.mark.parametrize(
    ("given", "words"), [(actions.Given(6), "from 0 to 5"), (actions.Given(3, "Z"), "how well you saw the evidence")]
)
def test_scores_that_are_none_are_refused(
    people: dict[Role, Person], candidate: Project, given: actions.Given, words: str
) -> None:
    review = ask(people, candidate)
    with pytest.raises(Refused, match=words), signed("tests", "score") as session:
        actions.score(session, session.get(Review, review.id), {"C01": given}, "")  # type: ignore[arg-type]


class TestConflicts:
    def barred(self, people: dict[Role, Person], project: Project) -> str:
        with reading() as session:
            return " ".join(conflicts(session, session.get(Person, people[Role.REVIEWER].id), project))  # type: ignore[arg-type]

    def test_nobody_is_barred_without_a_reason(self, people: dict[Role, Person], candidate: Project) -> None:
        assert self.barred(people, candidate) == ""

    def test_membership_in_the_team(self, people: dict[Role, Person], candidate: Project) -> None:
        with signed("tests", "join") as session:
            person, function = people[Role.REVIEWER].id, Function.MEMBER.value
            session.add(Membership(project_id=candidate.id, person_id=person, function=function))
        assert "You work on this project" in self.barred(people, candidate)

    def test_the_same_unit(self, people: dict[Role, Person], candidate: Project) -> None:
        with signed("tests", "units") as session:
            for role, unit in ((Role.REVIEWER, "Oncology "), (Role.RESEARCHER, "oncology")):
                session.get(Person, people[role].id).unit = unit  # type: ignore[union-attr]
        assert "belongs to your unit, Oncology" in self.barred(people, candidate)

    def test_being_named_in_the_proposal(self, people: dict[Role, Person], project: Make) -> None:
        text = (
            "tandem: 1\nproject: P-2\nrecords:\n  proposal:\n    p: {acronym: P2, "
            "co_applicants: ['KU Leuven, test REVIEWER']}\n"
        )
        made = project("feasibility", "P-2", records=load(text).records)
        assert "names you" in self.barred(people, made)

    def test_a_declared_interest(self, people: dict[Role, Person], candidate: Project) -> None:
        with signed("tests", "declare") as session:
            session.add(Interest(project_id=candidate.id, person_id=people[Role.REVIEWER].id, ground="shares"))
        assert "shares" in self.barred(people, candidate)
        with pytest.raises(Refused, match="may not judge this project"):
            ask(people, candidate)

    def test_declaring_declines_what_is_open(
        self, sign_in: Enter, people: dict[Role, Person], candidate: Project
    ) -> None:
        ask(people, candidate)
        browser = sign_in("reviewer")
        assert post(browser, "/projects/P-1/interests", ground="kin", note="a cousin").status_code == 303
        assert browser.get("/projects/P-1/review").status_code == 404
        with reading() as session:
            (review,) = session.scalars(select(Review))
        assert "An interest was declared" in review.declined

    def test_an_interest_after_scoring_bars_handing_in(self, people: dict[Role, Person], candidate: Project) -> None:
        review = ask(people, candidate)
        with signed("tests", "declare") as session:
            session.add(Interest(project_id=candidate.id, person_id=people[Role.REVIEWER].id, ground="rival"))
        with reading() as session:
            who = asker(session, people[Role.REVIEWER])
        with pytest.raises(Refused, match="may not judge"), signed("tests", "hand in") as session:
            actions.hand_in(session, who, candidate, session.get(Review, review.id))  # type: ignore[arg-type]


# ---------------------------------------------------------------- nothing leaks


ENOUGH = 6
BY_ITSELF = re.compile(r'csrf[^>]*|value="Im[^"]*"|just now|\d+ minutes? ago')  # tokens and moments


def walk(browser: FlaskClient, key: str) -> dict[str, str]:
    """Every page, export and search that the person can reach about the project, by address, without what changes by
    itself (tokens, moments)."""
    waiting, found = ["/", "/projects", f"/projects?q={key}", f"/search?q={key}", f"/projects/{key}"], {}
    kinds: Counter[str] = Counter()
    while waiting:
        at = waiting.pop()
        kind = re.sub(r"(=|/)[^/&?]*$", "", at)  # of pages that differ in their last word only, a few
        is_one_of_many = "?" in at or at.count("/") > 3
        if at in found or (is_one_of_many and kinds[kind] >= ENOUGH):
            continue
        kinds[kind] += 1
        answer = browser.get(at)
        text = said(answer)
        found[at] = f"{answer.status_code} " + re.sub(
            r'(csrf[^>]*|value="Im[^"]*"|just now|\d+ minutes? ago)', "", text
        )
        if answer.mimetype != "text/html":
            continue
        for link in re.findall(r'(?:href|hx-get)="(/[^"#]*)', text.replace("&amp;", "&")):
            if key in link or link.startswith(("/projects?", "/search?", "/notices", "/portfolio", "/meetings")):
                waiting.append(link)
    return found


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["investment_manager", "regulatory", "researcher"])
def test_whoever_is_in_conflict_sees_the_same_before_and_after_a_hidden_review(
    sign_in: Enter, people: dict[Role, Person], candidate: Project, role: str
) -> None:
    if role != "researcher":
        with signed("tests", "declare") as session:
            session.add(Interest(project_id=candidate.id, person_id=people[Role(role)].id, ground="shares"))
    browser = sign_in(role)
    before = walk(browser, "P-1")
    review = ask(people, candidate, Role.REVIEWER) if role != "investment_manager" else hidden(people, candidate)
    with signed("tests", "score") as session:
        row = session.get(Review, review.id)
        assert row is not None
        actions.score(session, row, {n: actions.Given(0 if n == "C02" else 4, "A", "x") for n in NAMES}, "poor")
        actions.hand_in(session, asker(session, people[Role.REVIEWER]), candidate, row)
        day = now().date()
        session.add(Meeting(project_id=candidate.id, gate="G1", held_on=day, present=[{"name": "An Maes", "role": ""}]))
    after = walk(sign_in(role), "P-1")
    assert before.keys() == after.keys()
    differing = [at for at in before if before[at] != after[at]]
    assert differing == [], "\n".join(
        line for line in unified_diff(before[differing[0]].splitlines(), after[differing[0]].splitlines(), n=0)
    )
    assert len(before) > 15, "the walk reached too little to show anything"


def said(answer: TestResponse) -> str:
    """What an answer says: a page or text as it is, the parts of an Office file without its moments."""
    if not answer.data.startswith(b"PK"):
        return answer.get_data(as_text=True)
    with ZipFile(BytesIO(answer.data)) as package:
        parts = (n for n in sorted(package.namelist()) if not n.startswith("docProps"))
        return "\n".join(f"{n}: {package.read(n).decode('utf-8', 'replace')}" for n in parts)


def hidden(people: dict[Role, Person], project: Project) -> Review:
    with signed("tests", "a hidden review") as session:
        row = Review(project_id=project.id, gate="G1", reviewer_id=people[Role.REVIEWER].id, asked_by="somebody")
        session.add(row)
    return row


@pytest.mark.parametrize(
    ("path", "form"),
    [("/reviews", {"reviewer": "x"}), ("/reviews/00000000-0000-0000-0000-000000000001/take-back", {"revision": "1"})],
)
def test_whoever_is_in_conflict_cannot_act_on_reviews(
    sign_in: Enter, people: dict[Role, Person], candidate: Project, path: str, form: dict[str, Any]
) -> None:
    with signed("tests", "declare") as session:
        session.add(Interest(project_id=candidate.id, person_id=people[Role.INVESTMENT].id, ground="shares"))
    browser = sign_in("investment_manager")
    assert post(browser, f"/projects/P-1{path}", **form).status_code == 409
    assert "Closed to you" in browser.get("/projects/P-1/reviews").get_data(as_text=True)
    with reading() as session:
        assert queries.board(session, people[Role.INVESTMENT], candidate) is not None


# ---------------------------------------------------------------- nobody follows another


def test_whoever_owes_a_review_sees_no_score_until_it_is_handed_in(
    sign_in: Enter, people: dict[Role, Person], candidate: Project
) -> None:
    ask(people, candidate)
    post(sign_in("reviewer"), "/projects/P-1/review", then="hand in", **scores("1"))
    ask(people, candidate, Role.GMP)
    with signed("tests", "a meeting") as session:
        session.add(Meeting(project_id=candidate.id, gate="G1", held_on=now().date()))
    gmp, pages = sign_in("gmp_lead"), ("/projects/P-1/gates", "/projects/P-1/reviews", "/meetings", "/portfolio/value")
    manager = sign_in("investment_manager")
    assert "What the scores come to" in manager.get("/projects/P-1/gates").get_data(as_text=True)
    assert "Scorecard" in manager.get("/projects/P-1/reviews").get_data(as_text=True)
    assert "P-1" in manager.get("/meetings").get_data(as_text=True)
    before = [gmp.get(page).get_data(as_text=True) for page in pages]
    for said in before:
        for telling in ("What the scores come to", "Scorecard", "is zero, which", "20.0", "Minutes in Word"):
            assert telling not in said
    assert "once your own review is handed in" in before[0]
    assert "once your own review is handed in" in before[1]
    assert "P-1" not in before[2]
    assert gmp.get("/projects/P-1/gates/G1/1/minutes.docx").status_code == 404
    post(gmp, "/projects/P-1/review", then="hand in", **scores("1"))
    after = [gmp.get(page).get_data(as_text=True) for page in pages]
    assert "What the scores come to" in after[0]
    assert "Scorecard" in after[1]
    assert "P-1" in after[2]


def test_a_review_of_an_attempt_that_was_decided_waits_for_nobody(
    people: dict[Role, Person], candidate: Project
) -> None:
    ask(people, candidate)
    with reading() as session:
        assert len(queries.waiting(session, people[Role.REVIEWER])) == 1
        assert owing(session, people[Role.REVIEWER]) == {candidate.id}
    with signed("tests", "decided without them") as session:
        said: dict[str, Any] = {
            "move": "rework feasibility",
            "gate": "G1",
            "verdict": "recycle",
            "attempt": 1,
            "by": "tests",
        }
        session.add(Decision(project_id=candidate.id, serial=2, source="feasibility", target="feasibility", **said))
    with reading() as session:
        assert queries.waiting(session, people[Role.REVIEWER]) == []
        assert owing(session, people[Role.REVIEWER]) == frozenset()


def test_what_the_scores_came_to_is_told_by_no_decision_to_the_applicants(
    sign_in: Enter, people: dict[Role, Person], candidate: Project
) -> None:
    line = {"id": "no-zero", "text": "C02, C05, C08 and C10 are not zero", "green": False, "shown": "Zero: C05."}
    with signed("tests", "decided") as session:
        said: dict[str, Any] = {
            "move": "rework feasibility",
            "gate": "G1",
            "verdict": "recycle",
            "attempt": 1,
            "by": "tests",
        }
        kept: dict[str, Any] = {"sheet": [line], "proposal": "conditional_go", "reasons": "Repeat the runs."}
        session.add(
            Decision(project_id=candidate.id, serial=2, source="feasibility", target="feasibility", **said, **kept)
        )
    for role, sees in (("researcher", False), ("investment_manager", True)):
        browser = sign_in(role)
        sheet = browser.get("/projects/P-1/gates").get_data(as_text=True)
        assert "Repeat the runs." in sheet
        assert ("Zero: C05." in sheet) is sees
        history = browser.get("/projects/P-1/history").get_data(as_text=True)
        assert "Repeat the runs." in history
        assert "Zero: C05." not in history
        assert "conditional_go" not in history
