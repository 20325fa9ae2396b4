"""Spreadsheets as people use them: out, changed, looked at, in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from dossiers.binder import dump
from portal import db
from portal.models import Project
from portal.records.queries import binder_of
from tests.portal.conftest import post, token
from tests.portal.records.conftest import all_of

Enter = Callable[[str], FlaskClient]
AT = "/projects/TST-1/spreadsheets"


def upload(browser: FlaskClient, data: bytes, name: str = "facts.xlsx", **form: str) -> TestResponse:
    sent = {"csrf_token": token(browser), "file": (io.BytesIO(data), name), **form}
    return browser.post(f"{AT}/preview", data=sent, content_type="multipart/form-data")


def confirm(browser: FlaskClient, shown: TestResponse, **form: Any) -> TestResponse:
    text = shown.get_data(as_text=True)
    tables = re.search(r'<textarea name="tables"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    seen = re.search(r'name="seen" value="(\d+)"', text)
    assert tables and seen
    return post(browser, f"{AT}/take", tables=unescape(tables[1]), seen=seen[1], **form)


def exported(browser: FlaskClient, query: str = "") -> Any:
    return load_workbook(io.BytesIO(browser.get(f"{AT}/facts.xlsx{query}").data))


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def dumped(project: Project) -> str:
    with db.reading() as session:
        return dump(binder_of(session, project))


def test_an_export_comes_back_unchanged(sign_in: Enter, made: Project) -> None:
    browser, before = sign_in("gmp_lead"), dumped(made)
    data = browser.get(f"{AT}/facts.xlsx").data
    shown = upload(browser, data)
    text = shown.get_data(as_text=True)
    assert "There is nothing to import" in text or "there is nothing to import" in text
    assert "8\u00a0rows unchanged" in text
    assert dumped(made) == before


def test_an_export_fills_an_empty_project(sign_in: Enter, made: Project, project: Callable[..., Project]) -> None:
    browser, before = sign_in("gmp_lead"), dumped(made)
    data = browser.get(f"{AT}/facts.xlsx").data
    other = project("transfer", key="OTHER", members=("gmp_lead",))
    sent = {"csrf_token": token(browser), "file": (io.BytesIO(data), "a.xlsx")}
    shown = browser.post("/projects/OTHER/spreadsheets/preview", data=sent, content_type="multipart/form-data")
    assert "8\u00a0rows added" in shown.get_data(as_text=True)
    assert dumped(other).count("batch") == 0
    text = shown.get_data(as_text=True)
    tables = re.search(r'<textarea name="tables"[^>]*>\n(.*?)</textarea>', text, re.DOTALL)
    seen = re.search(r'name="seen" value="(\d+)"', text)
    assert tables and seen
    answer = post(browser, "/projects/OTHER/spreadsheets/take", tables=unescape(tables[1]), seen=seen[1])
    assert answer.status_code == 303
    assert dumped(other).replace("OTHER", "TST-1") == before


def test_a_workbook_helps_to_fill_it_in(sign_in: Enter, made: Project) -> None:
    book = exported(sign_in("regulatory"))
    assert book.sheetnames[:2] == ["Read me", "Lists"]
    batches = book["Batches"]
    heads = [cell.value for cell in batches[1]]
    assert heads[:2] == ["Key", "Batch"]
    assert batches.freeze_panes == "B2"
    rules = {str(rule.sqref).split("2:")[0]: rule.formula1 for rule in batches.data_validations.dataValidation}
    assert len(rules) >= 4
    letter = batches.cell(1, heads.index("Site") + 1).column_letter
    sheet, first, last = re.fullmatch(r"(\w+)!\$(\w+\$\d+):\$(\w+\$\d+)", rules[letter]).groups()  # type: ignore[union-attr]
    words = [cell.value for row in book[sheet][f"{first}:{last}".replace("$", "")] for cell in row]
    assert words == ["one", "two"]
    size = batches.cell(2, heads.index("Size") + 1)
    assert (size.value, size.number_format) == (1.2e9, "0.00E+00")
    read_me = [[cell.value for cell in row] for row in book["Read me"].iter_rows()]
    assert ["Batches", "Batch", "Batch number.", "line", None] in read_me


def test_what_would_change_is_shown_before_it_is_written(sign_in: Enter, made: Project) -> None:
    browser, before = sign_in("gmp_lead"), dumped(made)
    book = exported(browser, "?kind=batch")
    sheet = book["Batches"]
    heads = [cell.value for cell in sheet[1]]
    sheet.cell(2, heads.index("Site") + 1).value = "two"
    sheet.cell(3, heads.index("Remark") + 1).value = None
    sheet.append(["B-9", "Nine"])
    shown = upload(browser, saved(book))
    text = shown.get_data(as_text=True)
    assert shown.status_code == 200
    assert re.search(r'<strong>Site</strong>: <del class="pre">one</del> → <ins class="pre">two</ins>', text)
    assert '<ins class="pre">(empty)</ins>' in text
    assert "1\u00a0row added" in text
    assert "2\u00a0rows changed" in text
    assert "1\u00a0row unchanged" in text
    assert dumped(made) == before
    assert confirm(browser, shown).status_code == 303
    now = all_of(made, "batch")
    assert [b.key for b in now] == ["B-1", "B-2", "B-3", "B-9"]
    assert (now[0].site, now[1].remark, now[3].number) == (all_of(made, "site")[1].uid, None, "Nine")


def test_one_wrong_row_stops_all_unless_it_is_left_out(sign_in: Enter, made: Project) -> None:
    browser, before = sign_in("gmp_lead"), dumped(made)
    data = b"Key;Batch;Size;Made from\r\nB-1;One;12;\r\nB-8;Eight;many;\r\nB-9;Nine;9;B-8\r\n;Ten;10;\r\n"
    shown = upload(browser, data, "TST-1 batch.csv")
    text = shown.get_data(as_text=True)
    assert "Size must be a number" in text
    assert "Batches, row 3" in text
    blocked = confirm(browser, shown)
    assert blocked.status_code == 409
    assert "Nothing was imported: a row is wrong" in blocked.get_data(as_text=True)
    assert dumped(made) == before
    second = confirm(browser, blocked, without="batch:3")
    assert second.status_code == 409  # row 4 names the record of row 3, which will not be there
    assert "Made from must name a batch" in second.get_data(as_text=True)
    assert confirm(browser, second, without=["batch:3", "batch:4"]).status_code == 303
    assert [(b.key, b.number) for b in all_of(made, "batch")] == [
        ("B-1", "One"),
        ("B-2", "B-2"),
        ("B-3", "B-3"),
        ("Ten", "Ten"),
    ]


def test_a_project_that_moved_on_is_shown_anew(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    shown = upload(browser, b"Key,Batch\r\nB-1,From the file\r\n", "batch.csv")
    post(browser, f"/projects/TST-1/facts/batch/{all_of(made, 'batch')[0].uid}", revision="1", number="In between")
    answer = confirm(browser, shown)
    assert answer.status_code == 409
    assert "was changed since this preview" in answer.get_data(as_text=True)
    assert "In between" in answer.get_data(as_text=True)
    assert all_of(made, "batch")[0].number == "In between"
    assert confirm(browser, answer).status_code == 303
    assert all_of(made, "batch")[0].number == "From the file"


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 201_000_000)
    return out.getvalue()


def strange_sheet() -> bytes:
    book = Workbook()
    book.active.title = "Whales"
    book.active.append(["Key"])
    return saved(book)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xlsx", b"no workbook", "This is no workbook that can be read"),
        ("a.xlsx", bomb, "unpacks to more than 200 MB"),
        ("a.xlsx", strange_sheet, "“Whales” that is no kind of record"),
        ("a.xlsx", lambda: saved(Workbook()), "is no kind of record"),
        ("a.pdf", b"", "must be an XLSX workbook or a CSV file"),
        ("a.csv", b"Key", "Say which kind of record"),
        ("batch.csv", b"", "The file is empty"),
        ("batch.csv", b"Key,Whale\r\n", "a column “Whale” that is none of its facts"),
        ("batch.csv", b"Key,Batch,Batch\r\n", "has the column “Batch” twice"),
        ("batch.csv", b"Key,Batch\r\nB-1,a,b\r\n", "Row 2 has 3 cells"),
        ("batch.csv", b"\xff\xfe\x00K", "not UTF-8"),
        ("batch.csv", b'Key,Batch\r\nB-1,"a\r\n', "is not CSV"),
        ("batch.csv", b"Key,Batch\r\nB-1,\0\r\n", "no CSV: it holds a character"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_sentence(
    name: str, data: Any, said: str, sign_in: Enter, made: Project
) -> None:
    answer = upload(sign_in("gmp_lead"), data() if callable(data) else data, name)
    assert answer.status_code == 422
    assert said in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("B-1,a\r\nB-1,b\r\n", "The key “B-1” stands in row 2 as well"),
        (f"{'x' * 121},a\r\n", "A key is 1 to 120 printable characters"),
        ("B-1,a\u202eb\r\n", "Batch holds a mark that changes the writing direction"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(rows: str, said: str, sign_in: Enter, made: Project) -> None:
    answer = upload(sign_in("gmp_lead"), f"Key,Batch\r\n{rows}".encode(), "batch.csv")
    assert said in answer.get_data(as_text=True)
    assert "1\u00a0row wrong" in answer.get_data(as_text=True)


def test_reasons_and_sources_alone_are_taken(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    head = "Kind,Key,Fact,Why it is empty,Reason,Owed by,Source,How it was read\r\n"
    data = (
        head + "batch,B-1,date,not_found,,QA,,\r\nbatch,B-1,number,,,,S1,read\r\nbatch,B-7,number,,,,S,read\r\n"
        "whale,B-1,x,,,,,\r\n"
    )
    shown = upload(browser, data.encode(), "about.csv")
    text = shown.get_data(as_text=True)
    assert "It speaks of batch “B-7”, which neither the project nor the file has" in text
    assert "There is no fact “x” of a kind “whale”" in text
    assert confirm(browser, shown, without=["about:4", "about:5"]).status_code == 303
    batch = all_of(made, "batch")[0]
    assert batch.absent == {"date": {"kind": "not_found", "owner": "QA"}}
    assert batch.sources == {"number": {"where": ["S1"], "basis": "read"}}


def test_who_may_not_edit_may_export_only(sign_in: Enter, made: Project) -> None:
    browser = sign_in("investment_manager")
    assert browser.get(AT).status_code == 200
    assert browser.get(f"{AT}/facts.xlsx").status_code == 200
    assert browser.get(f"{AT}/batch.csv").status_code == 200
    assert upload(browser, b"Key\r\n", "batch.csv").status_code == 403
    assert post(browser, f"{AT}/take", tables="[]", seen="1").status_code == 403


def test_a_preview_that_was_tampered_with_is_refused(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    for text in ("", "[1]", '[["batch", ["whale"], []]]', '[["whale", ["key"], []]]', '[["batch", ["key"], [[2]]]]'):
        answer = post(browser, f"{AT}/take", tables=text, seen="1")
        assert answer.status_code == 409, text
        assert "did not come back whole" in answer.get_data(as_text=True)
