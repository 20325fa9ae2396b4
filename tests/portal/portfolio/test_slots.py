"""How many clean-room slots a project needs; and dates and sums that were entered by mistake are taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import reading, signed
from portal.models import Change, Project, now
from portal.portfolio.plan import amount, whole
from portal.programme import Deadline, Money, SlotNeed
from tests.portal.conftest import post

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]
URL = "/projects/P-1"
SAID: dict[str, Any] = {"slots": "3", "slots-note": "two engineering runs", "revision": "0"}


@pytest.fixture
def made(project: Make) -> Project:
    return project("feasibility", "P-1", members=("researcher",))


def stored(model: type[Any]) -> list[Any]:
    with reading() as session:
        return list(session.scalars(select(model)))


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True)).replace("\u00a0", " ")


# ---------------------------------------------------------------- slots


def test_the_gmp_lead_says_how_many_slots(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    assert "Nobody has said how many slots it needs" in text(browser.get(URL))
    assert post(browser, f"{URL}/slots", **SAID).status_code == 303
    [row] = stored(SlotNeed)
    assert (row.project_id, row.slots, row.note, row.by) == (made.id, 3, "two engineering runs", "Test GMP lead")
    page = text(browser.get(URL))
    assert "3 slots." in page and "two engineering runs" in page and "Change the number of slots" in page
    assert post(browser, f"{URL}/slots", **SAID | {"slots": "0", "revision": "1"}).status_code == 303
    assert [(r.slots, r.revision) for r in stored(SlotNeed)] == [(0, 2)]
    assert "0 slots." in text(browser.get(URL))


def test_two_who_say_it_at_once(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    post(browser, f"{URL}/slots", **SAID)
    assert post(browser, f"{URL}/slots", **SAID).status_code == 303, "sent twice, it is said once"
    for revision in ("0", "7", "x"):
        answer = post(browser, f"{URL}/slots", **SAID | {"slots": "9", "revision": revision})
        assert answer.status_code == 409
        assert "Somebody else saved this" in text(answer) and 'value="9"' in text(answer)
    assert [(r.slots, r.revision) for r in stored(SlotNeed)] == [(3, 1)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        *(
            ({"slots": n}, "is no number of slots; write a whole number, 0 to 500")
            for n in ("", "-1", "2.5", "501", "٣")
        ),
        ({"slots-note": " x "}, "what the number of slots rests on"),
        ({"slots-note": "x" * 5_001}, "what the number of slots rests on"),
    ],
)
def test_a_bad_number_of_slots_is_refused_and_stays_typed(
    sign_in: Enter, made: Project, change: dict[str, str], why: str
) -> None:
    answer = post(sign_in("gmp_lead"), f"{URL}/slots", **SAID | change)
    assert answer.status_code == 422 and why in text(answer)
    assert f'value="{(SAID | change)["slots"]}"' in text(answer)
    assert not stored(SlotNeed)


def test_who_may_not_plan_may_not_say_it(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1", confidential=False)
    browser = sign_in("researcher")
    assert post(browser, f"{URL}/slots", **SAID).status_code == 403
    page = text(browser.get(URL))
    assert "Clean-room slots for the next stage" in page and "Say how many slots" not in page
    project("feasibility", "P-2")
    assert post(browser, "/projects/P-2/slots", **SAID).status_code == 404


def test_sums_and_whole_numbers_as_people_type_them() -> None:
    typed = ("125 000.50", " 0 ", "1\u202f000")
    assert [amount(text) for text in typed] == [Decimal("125000.50"), Decimal(0), Decimal(1000)]
    assert [amount(bad) for bad in ("", "1,5", "-1", "1e3", "1.234", "٣")] == [None] * 6
    assert (whole("1 000"), whole("0"), whole(""), whole("1.0"), whole("-1"), whole("²")) == (1000, 0, *[None] * 4)


# ---------------------------------------------------------------- taking back


@pytest.fixture
def lines(made: Project) -> tuple[Deadline, Deadline, Money]:
    """An open date, one that is done, and a sum, all of P-1."""
    today = now().date()
    said: dict[str, Any] = {"project_id": made.id, "kind": "milestone", "on": today + timedelta(days=3)}
    open_, done = Deadline(title="Wrong date", **said), Deadline(title="Real date", done_on=today, **said)
    fund = Money(
        project_id=made.id,
        source="Wrong fund",
        kind="committed",
        amount=Decimal("12.50"),
        on=date(2026, 1, 5),
        gate="G3",
    )
    with signed("tests", "lines") as session:
        session.add_all((open_, done, fund))
    return open_, done, fund


Lines = tuple[Deadline, Deadline, Money]


def test_a_date_is_removed_with_a_reason_that_the_history_keeps(sign_in: Enter, lines: Lines) -> None:
    browser, url = sign_in("researcher"), f"{URL}/dates/{lines[0].id}/remove"
    assert text(browser.get(URL)).count("Entered by mistake") == 1, "not for what is done, nor for money"
    assert post(browser, url, revision="1", reason=" it belongs  to P-2 ").status_code == 303
    assert [row.title for row in stored(Deadline)] == ["Real date"]
    assert {c.why for c in stored(Change) if c.deed == "removed"} == {"removed a date: it belongs to P-2"}
    history = text(browser.get(f"{URL}/history"))
    assert "removed" in history and "deadline Wrong date" in history and "it belongs to P-2" in history
    assert post(browser, url, revision="1", reason="once more").status_code == 404


def test_a_sum_is_removed_by_who_may_enter_it(sign_in: Enter, lines: Lines) -> None:
    url = f"{URL}/money/{lines[2].id}/remove"
    assert post(sign_in("gmp_lead"), url, revision="1", reason="entered twice").status_code == 403
    browser = sign_in("investment_manager")
    assert "Why it is removed" in text(browser.get(URL))
    assert post(browser, url, revision="1", reason="entered twice").status_code == 303
    assert not stored(Money)
    removed = {c.fact: c.old for c in stored(Change) if c.deed == "removed"}
    assert (removed["source"], removed["amount"], removed["gate"]) == ("Wrong fund", "12.50", "G3")
    history = text(browser.get(f"{URL}/history"))
    assert "removed a sum: entered twice" in history and "Wrong fund" in history


def test_what_is_not_removed(sign_in: Enter, lines: Lines, project: Make) -> None:
    browser = sign_in("investment_manager")
    open_, done, fund = lines
    answer = post(browser, f"{URL}/dates/{done.id}/remove", revision="1", reason="not ours")
    assert answer.status_code == 409 and "what happened stays" in text(answer)
    for row, place in ((open_, "dates"), (fund, "money")):
        answer = post(browser, f"{URL}/{place}/{row.id}/remove", revision="1", reason="  no ")
        assert answer.status_code == 409 and "Say in 4 to 500 characters why" in text(answer)
        assert 'value="  no "' in text(answer)
        answer = post(browser, f"{URL}/{place}/{row.id}/remove", revision="2", reason="it is wrong")
        assert answer.status_code == 409 and "Somebody else saved this" in text(answer)
        assert post(browser, f"{URL}/{place}/{uuid4()}/remove", revision="1", reason="it is wrong").status_code == 404
    project("feasibility", "P-2")
    for row, place in ((open_, "dates"), (fund, "money")):
        url = f"/projects/P-2/{place}/{row.id}/remove"
        assert post(browser, url, revision="1", reason="it is wrong").status_code == 404
    assert len(stored(Deadline)) == 2 and len(stored(Money)) == 1
