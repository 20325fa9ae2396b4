"""One undo takes a pasted block back whole, or says with both texts why not."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlmodel import col
from werkzeug.test import TestResponse

from dossiers.binder import dump
from dossiers.records import RECORDS
from portal import db
from portal.models import Change, Paste, Person, Project
from portal.records.actions import Typed, save
from portal.records.queries import binder_of
from portal.stages import Role
from tests.portal.conftest import post
from tests.portal.grid.test_routes import AT, Enter, send
from tests.portal.records.conftest import all_of

BLOCK = "Batch\tRemark\tReason\tSite\nB-2\tpasted\tout of trend\t\nB-3\t\t\tSecond site\nN-1\tnew\t\t\nN-2\t\t\t\n"


def whole(project: Project) -> str:
    with db.reading() as session:
        return dump(binder_of(session, project))


def pasted(browser: FlaskClient, project: Project, block: str = BLOCK) -> TestResponse:
    """A paste over B-2, B-3 and on, as grid.js sends it."""
    rows = [f"{b.uid}:{b.revision}" for b in all_of(project, "batch")[1:]]
    answer = send(browser, f"{AT}/batch/paste", block=block, fact="number", row=rows)
    assert answer.status_code == 200, answer.text
    return answer


def pastes() -> list[Paste]:
    with db.reading() as session:
        return list(session.scalars(select(Paste).order_by(col(Paste.at))))


def undo_of(paste: Paste) -> str:
    return f"{AT}/batch/pastes/{paste.id}/undo"


@pytest.fixture
def sourced(made: Project) -> Project:
    """The project; the site of B-3 has a source."""
    with db.signed("tests", "a source") as session:
        batch = session.get(RECORDS["batch"], all_of(made, "batch")[2].uid)
        assert batch is not None
        batch.site, batch.sources = all_of(made, "site")[0].uid, {"site": {"where": ["S"], "basis": "read"}}
    return made


def test_one_undo_takes_the_whole_block_back(sign_in: Enter, sourced: Project) -> None:
    browser, before = sign_in("gmp_lead"), whole(sourced)
    pasted(browser, sourced)
    assert [b.number for b in all_of(sourced, "batch")] == ["B-1", "B-2", "B-3", "N-1", "N-2"]
    assert all_of(sourced, "batch")[1].absent == {}
    page = browser.get(f"{AT}/batch").text
    assert "2\u00a0rows changed, 2\u00a0rows added" in page
    (address,) = re.findall(r'action="([^"]+/undo)"', page)
    answer = post(browser, address, back="?sort=number")
    assert answer.status_code == 303
    assert answer.location.endswith(f"{AT}/batch?sort=number")
    assert whole(sourced) == before
    page = browser.get(f"{AT}/batch").text
    assert "was taken back: 2\u00a0rows as before, 2\u00a0new rows removed." in page
    assert "/undo" not in page
    assert "taken back already" in post(browser, address).text
    with db.reading() as session:
        whys = set(session.scalars(select(col(Change.why)).where(col(Change.kind) == "batch")))
    assert {"pasted 4 rows of batches", "took back a paste into batches"} <= whys


def test_a_cell_changed_since_stops_the_undo_with_both_texts(sign_in: Enter, made: Project) -> None:
    browser, other = sign_in("gmp_lead"), sign_in("regulatory")
    pasted(browser, made)
    row = all_of(made, "batch")[1]
    send(other, f"{AT}/batch/{row.uid}/cell", fact="remark", text="theirs <b>", revision=row.revision)
    before = whole(made)
    for answer in (post(browser, undo_of(pastes()[0])), send(browser, undo_of(pastes()[0]))):
        assert answer.status_code == 409
        assert re.search(r"data-yours>pasted<.*data-theirs>theirs &lt;b&gt;<.*Test regulatory", answer.text, re.DOTALL)
        assert "Nothing was taken back" in answer.text
    assert whole(made) == before
    assert pastes()[0].undone_at is None
    row = all_of(made, "batch")[1]
    send(other, f"{AT}/batch/{row.uid}/cell", fact="remark", text="pasted", revision=row.revision)
    assert send(browser, undo_of(pastes()[0])).status_code == 200  # it stands as it was pasted again


def test_other_cells_of_a_changed_row_are_kept(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    pasted(browser, made)
    row = all_of(made, "batch")[1]
    send(browser, f"{AT}/batch/{row.uid}/cell", fact="size", text="7", revision=row.revision)
    assert send(browser, undo_of(pastes()[0])).status_code == 200
    row = all_of(made, "batch")[1]
    assert (row.remark, str(row.size), row.absent["disposition_reason"]["owner"]) == ("two\nlines", "7", "QA")


def test_a_reason_given_since_stops_the_undo(sign_in: Enter, sourced: Project, people: dict[Role, Person]) -> None:
    browser = sign_in("gmp_lead")
    pasted(browser, sourced)
    row, said = all_of(sourced, "batch")[2], {"where": "A letter", "basis": "read"}
    about = {"site": dict.fromkeys(("absent", "reason", "owner", "note"), "") | said}
    with db.signed(people[Role.REGULATORY], "says where from") as session:
        save(session, sourced, (type(row), row.uid), Typed({}, row.revision, about))
    answer = send(browser, undo_of(pastes()[0]))
    assert answer.status_code == 409
    assert "Site: reason and source" in answer.text
    assert "Source: A letter" in answer.text


@pytest.mark.parametrize(
    ("fact", "text", "said"),
    [("remark", "more", "data-theirs>more"), ("site", "First site", "First site"), ("size", "3", "data-theirs>3")],
)
def test_work_in_a_row_that_was_added_stops_the_undo(
    fact: str, text: str, said: str, sign_in: Enter, made: Project
) -> None:
    browser = sign_in("gmp_lead")
    pasted(browser, made)
    row = all_of(made, "batch")[3]
    send(browser, f"{AT}/batch/{row.uid}/cell", fact=fact, text=text, revision=row.revision)
    answer = send(browser, undo_of(pastes()[0]))
    assert answer.status_code == 409
    assert said in answer.text
    assert len(all_of(made, "batch")) == 5


def test_a_row_that_others_name_since_stops_the_undo(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    pasted(browser, made)
    first = all_of(made, "batch")[0]
    send(browser, f"{AT}/batch/{first.uid}/cell", fact="parents", text="N-1", revision=first.revision)
    answer = send(browser, undo_of(pastes()[0]))
    assert answer.status_code == 409
    assert "Batch “B-1” names it (Made from)" in answer.text
    assert len(all_of(made, "batch")) == 5


def test_rows_removed_since(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    pasted(browser, made)
    rows = all_of(made, "batch")
    post(browser, f"{AT}/batch/{rows[4].uid}/remove", revision=rows[4].revision)
    post(browser, f"{AT}/batch/{rows[2].uid}/remove", revision=rows[2].revision)
    answer = send(browser, undo_of(pastes()[0]))
    assert answer.status_code == 409
    assert "The whole row" in answer.text  # B-3, which the paste changed; that N-2 is gone is what undo wants
    assert answer.text.count("data-theirs") == 1
    post(browser, f"{AT}/batch/{rows[2].uid}/restore")
    assert send(browser, undo_of(pastes()[0])).status_code == 200
    assert [b.number for b in all_of(made, "batch")] == ["B-1", "B-2", "B-3"]


def test_two_pastes_alike_are_taken_back_one_by_one(sign_in: Enter, made: Project) -> None:
    browser, before = sign_in("gmp_lead"), whole(made)
    send(browser, f"{AT}/batch/paste", block="A-1\tdrug product\n", fact="number")
    between = whole(made)
    send(browser, f"{AT}/batch/paste", block="A-1\tdrug product\n", fact="number")
    send(browser, f"{AT}/batch/paste", block="B-1\n", fact="number", row=[f"{all_of(made, 'batch')[0].uid}:1"])
    assert len(pastes()) == 2  # the third changed nothing, so there is nothing to take back
    for state in (between, before):
        (address,) = re.findall(r'action="([^"]+/undo)"', browser.get(f"{AT}/batch").text)
        assert send(browser, address).status_code == 200
        assert whole(made) == state


def test_a_link_to_what_is_gone_is_left_out_and_told(sign_in: Enter, sourced: Project) -> None:
    browser, site = sign_in("gmp_lead"), all_of(sourced, "site")[0]
    pasted(browser, sourced, "Batch\tSite\nB-2\t\nB-3\tSecond site\n")
    first = all_of(sourced, "batch")[0]
    send(browser, f"{AT}/batch/{first.uid}/cell", fact="site", text="", revision=first.revision)
    assert post(browser, f"{AT}/site/{site.uid}/remove", revision=site.revision).status_code == 303
    answer = send(browser, undo_of(pastes()[0]))
    assert "What stood under Site has been removed since" in answer.get_json()["said"]
    assert all_of(sourced, "batch")[2].site is None


def test_only_who_pasted_takes_it_back(sign_in: Enter, made: Project) -> None:
    pasted(sign_in("gmp_lead"), made)
    other = sign_in("regulatory")
    assert "/undo" not in other.get(f"{AT}/batch").text
    answer = post(other, undo_of(pastes()[0]))
    assert answer.status_code == 409
    assert "Test GMP lead pasted this block" in answer.text
    assert post(sign_in("investment_manager"), undo_of(pastes()[0])).status_code == 403
    assert post(other, f"{AT}/batch/pastes/{uuid4()}/undo").status_code == 404
    assert post(other, undo_of(pastes()[0]).replace("/batch/", "/site/")).status_code == 404
    assert len(all_of(made, "batch")) == 5


def test_a_block_without_headings_follows_the_columns_that_show(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    for fact, block in (("number", "X-1\tsaid\t5"), ("remark", "Batch\tSize\nX-2\t6")):
        answer = send(browser, f"{AT}/batch/paste", block=block, fact=fact, back="?columns=number,remark,size")
        assert answer.status_code == 200, answer.text
    first, second = all_of(made, "batch")[3:]
    assert (first.number, first.remark, str(first.size)) == ("X-1", "said", "5")
    assert (second.number, second.remark, str(second.size)) == ("X-2", None, "6")
    answer = send(browser, f"{AT}/batch/paste", block="a\tb\tc", fact="remark", back="?columns=number,remark,size")
    assert answer.status_code == 409
    assert "from here on the grid has 2" in answer.text


def test_a_large_block_is_read_back_with_as_few_queries_as_a_small_one(sign_in: Enter, made: Project) -> None:
    browser, costs = sign_in("gmp_lead"), []
    for rows in (5, 60):
        send(browser, f"{AT}/batch/paste", block="\n".join(f"L{rows}-{n}" for n in range(rows)), fact="number")
        reads: list[str] = []

        def hear(_: Any, __: Any, statement: str, *more: Any, reads: list[str] = reads) -> None:
            reads.extend([statement] if statement.startswith("SELECT") else [])

        event.listen(db.engine(), "before_cursor_execute", hear)
        assert send(browser, undo_of(pastes()[-1])).status_code == 200
        event.remove(db.engine(), "before_cursor_execute", hear)
        costs.append(len(reads))
    assert len(all_of(made, "batch")) == 3
    assert costs[0] == costs[1]


def test_unknown_facts_of_a_mended_block_are_a_sentence(sign_in: Enter, made: Project) -> None:
    answer: Any = post(sign_in("gmp_lead"), f"{AT}/batch/paste", facts=["whale"], row=[""], **{"c0.whale": "x"})
    assert answer.status_code == 409
    assert "no fact “whale”" in answer.text
