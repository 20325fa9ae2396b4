"""The grid: one cell, a pasted block, rows that are copied, moved, removed and restored."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from dossiers.binder import dump
from portal import db
from portal.models import Project
from portal.records.queries import binder_of
from tests.portal.conftest import post, token
from tests.portal.records.conftest import all_of

Enter = Callable[[str], FlaskClient]
AT = "/projects/TST-1/facts"


def send(browser: FlaskClient, url: str, **form: Any) -> TestResponse:
    """What grid.js sends."""
    return browser.post(url, data={"csrf_token": token(browser), **form}, headers={"X-Grid": "1"})


def test_naming_columns_come_first_then_those_due(sign_in: Enter, made: Project) -> None:
    text = sign_in("gmp_lead").get(f"{AT}/batch").get_data(as_text=True)
    heads = re.findall(r'<th scope="col" id="h-(\w+)".*?</th>', text)
    due = re.findall(r'id="h-(\w+)"[^\n]*badge-stage">due', text)
    assert heads[0] == "number"
    assert heads[: len(due)] == due
    assert "process_version" in due
    assert "1.20E+9" in text  # digits as they are kept
    assert "First site" in text
    assert 'title="Empty: not found, lost"' in text


def test_a_cell_is_saved_alone(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[0]
    url = f"{AT}/batch/{batch.uid}/cell"
    answer = send(browser, url, fact="site", text="second SITE", revision="1")
    assert answer.status_code == 200
    said = answer.get_json()
    assert (said["text"], said["revision"], said["named"]) == ("Second site", 2, "B-1")
    assert re.fullmatch(r"Saved \d\d:\d\d", said["said"])
    assert (
        send(browser, url, fact="use", text="clinical\nvalidation", revision="2").get_json()["text"]
        == "clinical\nvalidation"
    )
    assert send(browser, url, fact="parents", text="B-2; b-3", revision="3").get_json()["text"] == "B-2\nB-3"
    now = all_of(made, "batch")[0]
    assert (now.size, len(now.parents), now.number) == (Decimal("1.20e9"), 2, "B-1")


def test_a_new_value_leaves_the_old_source_behind(sign_in: Enter, made: Project) -> None:
    browser, product = sign_in("gmp_lead"), all_of(made, "product")[0]
    assert product.sources["name"]
    send(browser, f"{AT}/product/{product.uid}/cell", fact="name", text="Another", revision="1")
    assert all_of(made, "product")[0].sources == {}


def test_a_cell_that_cannot_be_taken_is_kept_beside_the_record(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[0]
    url = f"{AT}/batch/{batch.uid}/cell"
    answer = send(browser, url, fact="size", text="many", revision="1")
    assert answer.status_code == 422
    assert "Size must be a number" in answer.get_json()["message"]
    text = browser.get(f"{AT}/batch").get_data(as_text=True)
    assert 'value="many"' in text
    assert "Size must be a number" in text
    assert send(browser, url, fact="size", text="12", revision="1").status_code == 200
    assert "Size must be a number" not in browser.get(f"{AT}/batch").get_data(as_text=True)
    assert send(browser, url, fact="nothing", text="12", revision="2").status_code == 422


def test_a_cell_of_a_row_that_moved_on_shows_both_texts(sign_in: Enter, made: Project) -> None:
    first, second, batch = sign_in("gmp_lead"), sign_in("regulatory"), all_of(made, "batch")[0]
    url = f"{AT}/batch/{batch.uid}/cell"
    assert send(first, url, fact="remark", text="theirs", revision="1").status_code == 200
    answer = send(second, url, fact="remark", text="mine", revision="1")
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "Test GMP lead saved B-1 while you were typing" in text
    assert re.search(r"data-yours>mine<.*data-theirs>theirs<", text, re.DOTALL)
    assert 'data-revision="2"' in text
    assert all_of(made, "batch")[0].remark == "theirs"
    assert ">\nmine</textarea>" in second.get(f"{AT}/batch").get_data(as_text=True)


def test_editing_a_cell_reads_little_of_the_project(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[0]
    csrf = token(browser)
    asked: list[str] = []

    def hear(_: Any, __: Any, statement: str, *more: Any) -> None:
        asked.append(statement)

    event.listen(db.engine(), "before_cursor_execute", hear)
    data = {"csrf_token": csrf, "fact": "size", "text": "5", "revision": "1"}
    assert browser.post(f"{AT}/batch/{batch.uid}/cell", data=data).status_code == 200
    event.remove(db.engine(), "before_cursor_execute", hear)
    tables = {t for s in asked for t in re.findall(r'(?:FROM|UPDATE|INTO) "?(\w+)', s)}
    assert tables <= {"batch", "change", "project", "person", "membership", "sign_in", "pending", "review"}
    assert not [s for s in asked if "FROM batch" in s and "uid" not in s.split("WHERE")[-1]]


def block(rows: int, bad: bool = False) -> str:
    lines = [f"N-{n}\tdrug product\t{n}.50\tcells\t2026-01-{n % 28 + 1:02}\tFirst site" for n in range(rows)]
    if bad:
        lines[1] = lines[1].replace("drug product", "whale").replace("First site", "Nowhere")
    return "Batch\tScope\tSize\tUnit of size\tManufactured\tSite\r\n" + "\r\n".join(lines) + "\r\n"


def test_a_block_changes_rows_and_adds_the_rest(sign_in: Enter, made: Project) -> None:
    browser, batches = sign_in("gmp_lead"), all_of(made, "batch")
    rows = [f"{b.uid}:{b.revision}" for b in batches[1:]]
    answer = send(browser, f"{AT}/batch/paste", block=block(6), fact="number", row=rows)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.get_json()["said"] == "2\u00a0rows changed and 4\u00a0rows added."
    now = all_of(made, "batch")
    assert [b.number for b in now] == ["B-1", "N-0", "N-1", "N-2", "N-3", "N-4", "N-5"]
    assert [b.key for b in now][:4] == ["B-1", "B-2", "B-3", "N-2"]
    assert (now[1].size, now[1].site) == (Decimal("0.50"), all_of(made, "site")[0].uid)
    assert now[1].remark == "two\nlines"


def test_a_block_with_a_bad_cell_stores_nothing_and_can_be_mended(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    with db.reading() as session:
        before = dump(binder_of(session, made))
    answer = post(browser, f"{AT}/batch/paste", block=block(3, bad=True), fact="number")
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "2\u00a0cells to mend" in text
    assert "Scope must be one of" in text
    assert "Site must name a site" in text
    with db.reading() as session:
        assert dump(binder_of(session, made)) == before
    form = {
        m[0]: m[1].removeprefix("\n")
        for m in re.findall(r'<textarea rows="1" name="([^"]+)"[^>]*>([^<]*)</textarea>', text)
    }
    form |= {"c1.scope": "drug product", "c1.site": "First site"}
    facts = re.findall(r'name="facts" value="(\w+)"', text)
    answer = post(browser, f"{AT}/batch/paste", facts=facts, row=["", "", ""], **form)
    assert answer.status_code == 303
    assert [b.number for b in all_of(made, "batch")][3:] == ["N-0", "N-1", "N-2"]


@pytest.mark.parametrize(
    ("text", "fact", "said"),
    [
        ("", "number", "There is nothing to paste"),
        ("a\t" * 60 + "b", "number", "Paste further left, or copy fewer columns"),
        ("\n".join("a\tb" for _ in range(30_000)), "number", "at most 50,000 cells"),
    ],
)
def test_a_block_that_does_not_fit_is_a_sentence(
    text: str, fact: str, said: str, sign_in: Enter, made: Project
) -> None:
    answer = post(sign_in("gmp_lead"), f"{AT}/batch/paste", block=text, fact=fact)
    assert answer.status_code == 409
    assert said in answer.get_data(as_text=True)


def test_a_stale_row_in_a_block_stops_it(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[0]
    send(browser, f"{AT}/batch/{batch.uid}/cell", fact="remark", text="newer", revision="1")
    answer = send(browser, f"{AT}/batch/paste", block="A\tdrug product", fact="number", row=[f"{batch.uid}:1"])
    assert answer.status_code == 422
    assert "somebody changed this row meanwhile" in answer.get_data(as_text=True)


def test_rows_are_copied_and_moved(sign_in: Enter, made: Project) -> None:
    browser, batches = sign_in("gmp_lead"), all_of(made, "batch")
    assert post(browser, f"{AT}/batch/{batches[0].uid}/duplicate").status_code == 303
    assert post(browser, f"{AT}/batch/{batches[0].uid}/duplicate").status_code == 303
    now = all_of(made, "batch")
    assert [b.key for b in now] == ["B-1", "B-2", "B-3", "B-1-copy", "B-1-copy2"]
    assert now[3].values() == now[0].values()
    answer = post(browser, f"{AT}/batch/{batches[2].uid}/move", way="up", back="?size=25")
    assert answer.location.endswith(f"{AT}/batch?size=25#r-{batches[2].uid}")
    assert [b.key for b in all_of(made, "batch")][:3] == ["B-1", "B-3", "B-2"]
    post(browser, f"{AT}/batch/{batches[0].uid}/move", way="up")
    post(browser, f"{AT}/batch/{batches[0].uid}/move", way="down")
    assert [b.key for b in all_of(made, "batch")][:3] == ["B-3", "B-1", "B-2"]


def test_a_record_that_others_name_is_not_removed(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[0]
    answer = post(browser, f"{AT}/batch/{batch.uid}/remove", revision="1")
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "Batch “B-1” is named by batch “B-3” (Made from), test result “B-1 Viability” (Batch)" in text
    assert len(all_of(made, "batch")) == 3


def test_what_was_removed_comes_back_whole(sign_in: Enter, made: Project) -> None:
    browser, batches = sign_in("gmp_lead"), all_of(made, "batch")
    with db.reading() as session:
        before = dump(binder_of(session, made))
    assert post(browser, f"{AT}/batch/{batches[2].uid}/remove", revision="1").status_code == 303
    assert post(browser, f"{AT}/batch/{batches[1].uid}/remove", revision="1").status_code == 303
    text = browser.get(f"{AT}/batch").get_data(as_text=True)
    assert "Removed lately" in text
    assert f"{batches[2].uid}/restore" in text
    assert post(browser, f"{AT}/batch/{batches[1].uid}/restore").status_code == 303
    assert post(browser, f"{AT}/batch/{batches[2].uid}/restore").status_code == 303
    with db.reading() as session:
        assert dump(binder_of(session, made)) == before
    assert post(browser, f"{AT}/batch/{batches[2].uid}/restore").status_code == 409
    assert "Removed lately" not in browser.get(f"{AT}/batch").get_data(as_text=True)


def test_a_link_whose_target_is_gone_is_not_restored(sign_in: Enter, made: Project) -> None:
    browser, batches = sign_in("gmp_lead"), all_of(made, "batch")
    for batch in (batches[2], batches[1]):
        post(browser, f"{AT}/batch/{batch.uid}/remove", revision="1")
    answer = post(browser, f"{AT}/batch/{batches[2].uid}/restore")
    assert answer.status_code == 303
    assert "Made from has been removed since" in browser.get(f"{AT}/batch").get_data(as_text=True)
    assert all_of(made, "batch")[-1].parents == [batches[0].uid]


def test_filter_sort_and_page_stand_in_the_address(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    lines = "\n".join(f"X-{n}\tdrug product\t{n}" for n in range(1, 61))
    post(browser, f"{AT}/batch/paste", block=f"Batch\tScope\tSize\n{lines}", fact="number")

    def shown(query: str) -> list[str]:
        text = browser.get(f"{AT}/batch?{query}").get_data(as_text=True)
        return re.findall(r'<a id="n[1-9]\d*"[^>]*>([^<]*)</a>', text)

    assert len(shown("size=25")) == 25
    assert shown("size=25&page=3") == [f"X-{n}" for n in range(48, 61)]
    assert shown("sort=size&size=25")[:3] == ["X-1", "X-2", "X-3"]  # by number, not by letters
    assert shown("sort=size&down=yes&size=25")[:3] == ["B-1", "X-60", "X-59"]
    assert shown("sort=number&size=25")[3:6] == ["X-1", "X-2", "X-3"]
    assert shown("q=x-6") == ["X-6", "X-60"]
    assert shown("q=first+site&in=site") == ["B-1"]
    assert shown("q=first+site&in=number") == []
    assert "No row matches" in browser.get(f"{AT}/batch?q=nowhere").get_data(as_text=True)
    assert "B-1" in shown("lacking=yes")
    assert len(shown("page=99999&size=7&sort=nonsense")) == 0
