"""Documents attached to a proposal; what the next gates ask; similar ideas; a bounded number of queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from dossiers.records.proposal import Proposal
from portal import db
from portal.gates import actions as gates
from portal.intake.queries import ahead
from portal.models import Person, Project, now
from portal.programme import Evidence
from portal.proposals.similar import similar, words
from portal.rights import asker
from portal.stages import Role
from tests.portal.conftest import post, token
from tests.portal.intake.conftest import KEY

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]
PAGE = f"/projects/{KEY}/proposal/documents"
GOOD = {"title": "Letter of support", "dated": "2026-03-12", "note": "From the head"}


def send(browser: FlaskClient, file: tuple[bytes, str] | None = None, **form: str) -> tuple[int, str]:
    """(status, page) of attaching a document."""
    data: dict[str, Any] = {"csrf_token": token(browser), **GOOD, **form}
    if file is not None:
        data["file"] = (BytesIO(file[0]), file[1])
    answer = browser.post(PAGE, data=data, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def attached() -> list[Evidence]:
    with db.reading() as session:
        return list(session.scalars(select(Evidence)))


def test_a_document_is_attached_read_and_withdrawn(researcher: FlaskClient, sign_in: Enter) -> None:
    assert send(researcher, (b"%PDF-1.7 x", "letter.pdf"))[0] == 303
    (row,) = attached()
    assert (row.gate, row.item, row.file_name, row.mime) == ("", "", "letter.pdf", "application/pdf")
    assert "Letter of support" in researcher.get(f"/projects/{KEY}/proposal").get_data(as_text=True)
    file = f"/projects/{KEY}/gates/documents/{row.id}"
    assert researcher.get(file).data == b"%PDF-1.7 x"
    assert sign_in("clinician").get(file).status_code == 404
    status, page = send(researcher, (b"%PDF-1.7 x", "letter.pdf"))
    assert status == 409 and "attached already" in page
    assert post(researcher, f"{PAGE}/{row.id}/withdraw").status_code == 303
    answer = post(researcher, f"{PAGE}/{row.id}/withdraw")
    assert answer.status_code == 409 and "withdrawn before" in answer.get_data(as_text=True)
    assert "Nothing is attached yet" in researcher.get(PAGE).get_data(as_text=True)
    assert post(researcher, f"{PAGE}/{uuid4()}/withdraw").status_code == 404
    assert send(researcher, (b"%PDF-1.7 x", "letter.pdf"))[0] == 303, "what was withdrawn may be attached anew"


@pytest.mark.parametrize(
    ("form", "file", "why"),
    [
        ({"title": "a\x00 letter"}, None, "The title holds"),
        ({"note": "From the head \u202e"}, None, "The note holds"),
        ({"title": "x"}, None, "Give the document&#39;s title"),
        ({"dated": "12/03/2026"}, None, "Give the date that stands on the document"),
        ({"dated": (now().date() + timedelta(days=2)).isoformat()}, None, "still to come"),
        ({}, (b"MZ", "run.exe"), "“exe” is not taken"),
        ({}, (b"no pdf", "letter.pdf"), "is no PDF"),
        ({}, (b"", "letter.pdf"), "is empty"),
        ({}, (b"%PDF-" + b"x" * 100, "big.pdf"), "at most"),
    ],
)
@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_what_cannot_be_attached(
    researcher: FlaskClient,
    monkeypatch: pytest.MonkeyPatch,
    form: dict[str, str],
    file: tuple[bytes, str] | None,
    why: str,
) -> None:
    monkeypatch.setattr(gates, "LARGEST", 100)
    status, page = send(researcher, file, **form)
    assert status == 409 and why in page
    assert "From the head" in page, "what was typed is still there"
    assert not attached()


def test_a_document_of_a_gate_is_not_taken_back_here(researcher: FlaskClient, people: dict[Role, Person]) -> None:
    with db.signed("tests", "of a gate") as session:
        project = session.scalars(select(Project)).one()
        row = Evidence(project_id=project.id, gate="G0", item="duplicates", title="Search", dated=now().date())
        row.by_id, row.by = people[Role.INVESTMENT].id, "x"
        session.add(row)
    assert post(researcher, f"{PAGE}/{row.id}/withdraw").status_code == 404
    assert "Search" not in researcher.get(PAGE).get_data(as_text=True)


# ---------------------------------------------------------------- what the next gates ask


def test_the_next_gates_and_who_supplies_what(project: Make, people: dict[Role, Person]) -> None:
    made = project("proposed", "P-1", ("researcher", "clinician"))
    with db.reading() as session:
        gates = {gate.id: {w.text: w for w in gate.wanted} for gate in ahead(session, made)}
    assert list(gates) == ["G0", "G1"]
    assert gates["G0"]["Completed intake form"].people == ("Test researcher",)
    assert gates["G1"]["Clinical concept"].people == ("Test clinician",)
    assert gates["G1"]["Target product profile"].owner == "researcher"
    assert gates["G1"]["First risk register"].people == ()
    assert gates["G1"]["Target product profile"].is_own
    assert not gates["G1"]["First risk register"].is_own
    assert any(text.endswith("not zero") and w.owner == "reviewer" for text, w in gates["G1"].items())
    assert any("level 2" in text for text, w in gates["G0"].items() if w.kind == "readiness")
    later = project("feasibility", "P-2", ("researcher",))
    with db.reading() as session:
        assert ahead(session, later) == (), "from there on the gate sheet says it"


# ---------------------------------------------------------------- similar ideas


def with_proposal(made: Project, title: str, **facts: str) -> Project:
    with db.signed("tests", "a proposal") as session:
        row = session.get(Project, made.id)
        assert row is not None
        row.title = title
        proposal = Proposal(uid=uuid4(), project_id=made.id, key="proposal", absent={}, sources={})
        proposal.fill(facts)
        session.add(proposal)
    return row


def test_similar_ideas_are_found_in_sight_only(project: Make, people: dict[Role, Person]) -> None:
    leukaemia = {"indication": "Relapsed B-cell leukaemia", "moa": "A receptor against CD19 activates T lymphocytes."}
    mine = with_proposal(project("idea", "MINE", ("researcher",)), "CD19 CAR-T", **leukaemia)
    with_proposal(project("proposed", "NEAR", confidential=False), "CD19 receptor for leukaemia", **leukaemia)
    with_proposal(project("proposed", "SECRET"), "CD19 CAR-T", **leukaemia)
    with_proposal(project("idea", "OTHERS", ("clinician",)), "CD19 CAR-T", **leukaemia)
    with_proposal(
        project("proposed", "FAR", confidential=False), "Cartilage of the knee", indication="cartilage defect"
    )
    for number in range(4):  # so that common words weigh little
        project("feasibility", f"P-{number}", confidential=False)
    with db.reading() as session:
        found = similar(session, asker(session, people[Role.RESEARCHER]), mine)
        assert [one.key for one in found] == ["NEAR"]
        assert len(found[0].words) >= 2
        assert set(found[0].words) <= words("CD19 CAR-T", *leukaemia.values())
        managers = similar(session, asker(session, people[Role.INVESTMENT]), mine)
        assert {one.key for one in managers} == {"NEAR", "SECRET"}


def test_a_page_of_an_idea_names_no_project_out_of_sight(
    sign_in: Enter, project: Make, people: dict[Role, Person]
) -> None:
    with_proposal(project("idea", "MINE", ("researcher",)), "CD19 CAR-T", indication="leukaemia relapsed")
    with_proposal(project("idea", "OTHERS", ("clinician",)), "CD19 CAR-T", indication="leukaemia relapsed")
    page = sign_in("researcher").get("/projects/MINE/proposal").get_data(as_text=True)
    assert "OTHERS" not in page and "Similar projects" not in page


def test_words_that_say_something() -> None:
    assert words("The CD19 CAR-T, for\nT-cell therapy", None, "") == {"cd19", "car-t", "t-cell"}
    assert words("%_% __ --") == frozenset()


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(db.engine(), "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine(), "before_cursor_execute", note)


def test_the_page_asks_as_much_of_thirty_projects_as_of_one(
    sign_in: Enter, project: Make, people: dict[Role, Person]
) -> None:
    with_proposal(project("idea", "MINE", ("researcher",)), "CD19 CAR-T", indication="leukaemia", moa="CD19 receptor")
    browser = sign_in("researcher")
    numbers = []
    for more in (1, 30):
        for number in range(more):
            made = project("proposed", f"P-{more}-{number}", confidential=False)
            with_proposal(made, "CD19 CAR-T", indication="leukaemia", moa="CD19 receptor")
        with counted() as seen:
            assert "Similar projects" in browser.get("/projects/MINE/proposal").get_data(as_text=True)
        numbers.append(len(seen))
    assert numbers[0] == numbers[1]
