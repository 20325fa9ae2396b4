"""The table of projects as a workbook: what is seen there is what one may see, and texts stay texts."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event

from portal import db
from portal.insight.sheet import COLUMNS, lines
from portal.models import Person, Project, now
from portal.portfolio.queries import Asked
from portal.programme import Interest, Task
from portal.rights import asker
from portal.stages import Role

Made = Callable[..., Any]
Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]
FULL = {"C01": 5, "C05": 2, "C07": 2, "C08": 2, "C09": 2}


def rows(browser: FlaskClient, query: str = "") -> list[dict[str, Any]]:
    answer = browser.get(f"/projects.xlsx{query}")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    sheet = load_workbook(BytesIO(answer.data))["Projects"]
    heads, *found = sheet.iter_rows(values_only=True)
    assert list(heads) == [heading for heading, *_ in COLUMNS]
    return [dict(zip(map(str, heads), row, strict=True)) for row in found]


def test_every_column(sign_in: Enter, walked: Made, reviewed: Made, paid: Made, people: People) -> None:
    made = walked("P-1", (1, 5, 30))
    reviewed(made, "reviewer", FULL)
    paid(made, "FWO", "asked", "1000.50")
    with db.signed("tests", "task") as session:
        session.add_all([Task(project_id=made.id, title="A"), Task(project_id=made.id, title="B", done_at=now())])
    [row] = rows(sign_in("investment_manager"))
    assert row["Project"] == "P-1" and row["Stage"] == "Feasibility" and row["Gate ahead"] == "G1 Feasibility"
    assert row["Days at this stage, without hold"] == 30 and row["Weeks to the gate by the rulebook"] == 10
    assert (row["Gate expected"] - row["At this stage since"]).days in (69, 70, 71)
    assert (row["Asked, EUR"], row["Committed, EUR"], row["Open tasks"]) == (1000.5, 0, 1)
    assert (row["Need, weighted points"], row["Feasibility, of 5"], row["Invented"]) == (12, 2, "yes")


def test_a_title_that_looks_like_a_formula_is_a_text(sign_in: Enter, walked: Made) -> None:
    made = walked("P-1", (1, 5))
    evil = "=cmd|' /C calc'!A0\x0b"
    with db.signed("tests", "title") as session:
        session.get_one(Project, made.id).title = evil
    answer = sign_in("investment_manager").get("/projects.xlsx")
    cell = load_workbook(BytesIO(answer.data))["Projects"]["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (evil.rstrip("\x0b"), "s", True)


def test_the_rows_are_those_of_the_list(sign_in: Enter, walked: Made) -> None:
    walked("IDEA", (1,))
    walked("P-1", (1, 5))
    walked("P-2", (1, 5, 1))
    walked("P-3", (1, 5), confidential=False)
    browser = sign_in("investment_manager")
    assert [r["Project"] for r in rows(browser, "?sort=key&down=no")] == ["P-1", "P-2", "P-3"]
    assert [r["Project"] for r in rows(browser, "?stage=feasibility")] == ["P-2"]
    assert [r["Project"] for r in rows(sign_in("reviewer"))] == ["P-3"]
    assert 'href="/projects.xlsx?stage=feasibility"' in browser.get("/projects?stage=feasibility").get_data(
        as_text=True
    )
    assert sign_in("administrator").get("/projects.xlsx").status_code == 403


def test_who_is_in_conflict_finds_the_same_cells_whether_a_review_exists_or_not(
    sign_in: Enter, walked: Made, reviewed: Made, people: People
) -> None:
    made = walked("SECRET", (1, 5, 30))
    with db.signed("tests", "interest") as session:
        session.add(Interest(project_id=made.id, person_id=people[Role.INVESTMENT].id, ground="rival"))
    browser = sign_in("investment_manager")
    before = rows(browser)
    reviewed(made, "reviewer", FULL)
    assert rows(browser) == before and before[0]["Need, weighted points"] is None
    assert rows(sign_in("regulatory"))[0]["Need, weighted points"] == 12


def test_as_many_queries_for_five_projects_as_for_sixty(walked: Made, reviewed: Made, people: People) -> None:
    def make(first: int, last: int) -> None:
        for n in range(first, last):
            reviewed(walked(f"P-{n:02}", (1, 2, 3)), "reviewer", FULL)

    def asked() -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        with db.reading() as session:
            who = asker(session, people[Role.INVESTMENT])
            event.listen(db.engine(), "before_cursor_execute", counted)
            found = lines(session, who, Asked(), now())
            event.remove(db.engine(), "before_cursor_execute", counted)
        assert all(line.valued for line in found)
        return count

    make(0, 5)
    few = asked()
    make(5, 60)
    assert asked() == few <= 16
