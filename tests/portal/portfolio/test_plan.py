"""Dates and money of a project: nothing is published before a filing, a tranche waits for its gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from portal import seeding, seeding_programme
from portal.db import reading, signed
from portal.models import Project, now
from portal.portfolio.plan import KINDS, MOST_SLOTS, NOTHING, SUMS, dates, purse, stops, summed
from portal.programme import Deadline, Money, SlotNeed, Task
from portal.stages import GATES, Role
from tests.portal.conftest import post

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]
URL = "/projects/P-1"
TODAY = now().date()
WHO = uuid4()


@pytest.fixture
def made(project: Make) -> Project:
    return project("feasibility", "P-1", members=("researcher",))


def day(days: int) -> str:
    return (now().date() + timedelta(days=days)).isoformat()


def stored(model: type[Any]) -> list[Any]:
    with reading() as session:
        return list(session.scalars(select(model)))


def text(answer: Any) -> str:
    return str(answer.get_data(as_text=True)).replace("\u00a0", " ")


def of(kind: str, on: int, done: int | None = None) -> Deadline:
    finished = None if done is None else TODAY + timedelta(days=done)
    return Deadline(project_id=WHO, kind=kind, title=kind, on=TODAY + timedelta(days=on), done_on=finished)


# ---------------------------------------------------------------- nothing is published before a filing


@pytest.mark.parametrize(
    ("disclosure", "filing", "is_stop"),
    [
        (of("disclosure", 10), of("filing", 20), True),
        (of("disclosure", 20), of("filing", 20), False),
        (of("disclosure", 30), of("filing", 20), False),
        (of("disclosure", 30), of("filing", -1), True),  # late and open: nobody knows when
        (of("disclosure", 30), of("filing", -1, done=-1), False),
        (of("disclosure", -5, done=-5), of("filing", -1, done=-1), True),
        (of("disclosure", -5, done=-5), of("filing", 9), True),
        (of("disclosure", 1), of("milestone", 20), False),
    ],
)
def test_when_a_disclosure_is_stopped(disclosure: Deadline, filing: Deadline, is_stop: bool) -> None:
    assert bool(stops(disclosure, [disclosure, filing], TODAY)) is is_stop


@given(some.integers(-400, 400), some.integers(-400, 400), some.booleans())
def test_a_later_disclosure_is_never_stopped_where_an_earlier_one_was_not(on: int, filed: int, is_done: bool) -> None:
    filing = of("filing", filed, filed if is_done else None)
    if not stops(of("disclosure", on), [filing], TODAY):
        assert not stops(of("disclosure", on + 1), [filing], TODAY)


def test_a_disclosure_before_an_open_filing_is_refused_with_the_reason(sign_in: Enter, made: Project) -> None:
    browser = sign_in("researcher")
    form = {"kind": "filing", "title": "Priority filing", "on": day(60)}
    assert post(browser, f"{URL}/dates", **form).status_code == 303  # type: ignore[arg-type]
    form = {"kind": "disclosure", "title": "A <poster>", "on": day(30), "note": "typed words"}
    answer = post(browser, f"{URL}/dates", **form)  # type: ignore[arg-type]
    assert answer.status_code == 422
    for words in ("“Priority filing” is to be filed on", "nothing is published before", "typed words"):
        assert words in text(answer)
    assert [row.kind for row in stored(Deadline)] == ["filing"]
    assert post(browser, f"{URL}/dates", **{**form, "on": day(60)}).status_code == 303  # type: ignore[arg-type]
    poster = next(row for row in stored(Deadline) if row.kind == "disclosure")
    answer = post(browser, f"{URL}/dates/{poster.id}", revision="1", then="move", day=day(59))
    assert answer.status_code == 409
    assert next(r.on for r in stored(Deadline) if r.kind == "disclosure").isoformat() == day(60)


def test_a_filing_that_slips_past_a_disclosure_is_shown_as_a_stop(sign_in: Enter, made: Project) -> None:
    browser = sign_in("researcher")
    for kind, on in (("filing", day(10)), ("disclosure", day(20))):
        post(browser, f"{URL}/dates", kind=kind, title=f"The {kind}", on=on)
    assert "stops-title" not in text(browser.get(URL))
    filing = next(row for row in stored(Deadline) if row.kind == "filing")
    assert post(browser, f"{URL}/dates/{filing.id}", revision="1", then="move", day=day(30)).status_code == 303
    assert "“The filing” is to be filed on" in text(browser.get(URL))
    answer = post(browser, f"{URL}/dates/{filing.id}", revision="1", then="done", day=day(0))
    assert answer.status_code == 409, "somebody moved it meanwhile"
    assert post(browser, f"{URL}/dates/{filing.id}", revision="2", then="done", day=day(0)).status_code == 303
    assert "stops-title" not in text(browser.get(URL))
    answer = post(browser, f"{URL}/dates/{filing.id}", revision="3", then="done", day=day(0))
    assert "done before" in text(answer)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"kind": ""}, "milestone, a patent filing or a disclosure"),
        ({"kind": "party"}, "milestone, a patent filing or a disclosure"),
        ({"title": "x"}, "what is to happen"),
        ({"on": ""}, "Give the day"),
        ({"on": "soon"}, "“soon” is no day"),
        ({"on": "2001-01-01"}, "lies in the past"),
    ],
)
def test_a_bad_date_is_refused_and_stays_typed(sign_in: Enter, made: Project, change: dict[str, str], why: str) -> None:
    form: dict[str, Any] = {"kind": "milestone", "title": "A milestone", "on": day(3), "note": "typed words", **change}
    answer = post(sign_in("researcher"), f"{URL}/dates", **form)
    assert answer.status_code == 422
    assert why in text(answer)
    assert "typed words" in text(answer)
    assert not stored(Deadline)


def test_a_change_that_cannot_be(sign_in: Enter, made: Project, project: Make) -> None:
    other = project("feasibility", "P-2", members=("clinician",))
    with signed("tests", "dates") as session:
        mine, foreign = (Deadline(project_id=p.id, kind="milestone", title="M", on=TODAY) for p in (made, other))
        session.add_all((mine, foreign))
    browser = sign_in("researcher")
    for then, on, why in (
        ("done", day(1), "still to come"), ("move", day(-1), "lies in the past"), ("move", "x", "is no day"),
    ):  # fmt: skip
        answer = post(browser, f"{URL}/dates/{mine.id}", revision="1", then=then, day=on)
        assert answer.status_code == 409
        assert why in text(answer)
    assert post(browser, f"{URL}/dates/{foreign.id}", revision="1", then="done", day=day(0)).status_code == 404
    assert post(browser, f"{URL}/dates/{uuid4()}", revision="1", then="done", day=day(0)).status_code == 404
    assert all(row.done_on is None and row.on == TODAY for row in stored(Deadline))


# ---------------------------------------------------------------- money

SOURCES = some.sampled_from(["Fund", "Hospital"])
LINES = some.lists(
    some.builds(
        Money,
        project_id=some.just(WHO),
        source=SOURCES,
        kind=some.sampled_from(list(SUMS)),
        amount=some.decimals(1, 10**6, places=2),
        on=some.just(TODAY),
        gate=some.sampled_from(["", *GATES]),
    ),
    max_size=12,
)


@given(LINES, some.sets(some.sampled_from(list(GATES))))
def test_no_money_is_lost_between_released_and_waiting(lines: list[Money], passed: set[str]) -> None:
    total = summed(lines, passed).total
    assert total.free + total.waiting == sum((x.amount for x in lines if x.kind == "committed"), Decimal(0))
    assert total.spent == sum((x.amount for x in lines if x.kind == "spent"), Decimal(0))
    assert summed(lines, set(GATES)).total.waiting == 0
    assert summed(lines, passed).total.waiting <= summed(lines, set()).total.waiting


def test_a_tranche_waits_until_its_gate_is_passed(settings: Any, made: Project) -> None:
    tranche = Decimal("9.50")
    with signed("tests", "money") as session:
        session.add(Money(project_id=made.id, source="Fund", kind="committed", amount=tranche, on=TODAY, gate="G2"))
    with reading() as session:
        before, after = (purse(session, made.id, passed).sources[0] for passed in ((), ("G2",)))
    assert (before.free, before.waiting, after.free, after.waiting) == (NOTHING, tranche, tranche, NOTHING)


def test_a_manager_enters_money_and_nobody_else(sign_in: Enter, made: Project) -> None:
    form: dict[str, Any] = {
        "sum-source": "Seed  fund", "sum-kind": "committed", "sum-amount": "125 000.50", "sum-on": day(0),
        "sum-gate": "G3",
    }  # fmt: skip
    for role in ("researcher", "gmp_lead", "regulatory"):
        browser = sign_in(role)
        assert post(browser, f"{URL}/money", **form).status_code == 403
        assert "Enter money" not in text(browser.get(URL))
    manager = sign_in("investment_manager")
    assert post(manager, f"{URL}/money", **form).status_code == 303
    assert post(manager, f"{URL}/money", **{**form, "sum-source": "SEED fund", "sum-gate": ""}).status_code == 303
    page = text(manager.get(URL))
    assert "waits until gate G3 is passed" in page
    assert "125\u202f000.50" in page
    assert {row.source for row in stored(Money)} == {"Seed fund"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"source": " "}, "who gives the money"),
        ({"kind": "promised"}, "asked for, committed or spent"),
        *(({"amount": a}, "is no sum in EUR") for a in ("", "0", "-5", "1,250", "NaN", "1e9", "1.234", "٣", "9" * 13)),
        ({"gate": "G9"}, "Only a committed sum waits"),
        ({"kind": "spent", "gate": "G1"}, "Only a committed sum waits"),
        ({"kind": "spent", "gate": "", "on": day(2)}, "still to come"),
        ({"on": "x"}, "is no day"),
    ],
)
def test_bad_money_is_refused_and_stays_typed(sign_in: Enter, made: Project, change: dict[str, str], why: str) -> None:
    typed = {"source": "Fund", "kind": "committed", "amount": "10", "on": day(0), "gate": "G1", "note": "typed words"}
    form: dict[str, Any] = {f"sum-{name}": value for name, value in {**typed, **change}.items()}
    answer = post(sign_in("investment_manager"), f"{URL}/money", **form)
    assert answer.status_code == 422
    assert why in text(answer)
    assert "typed words" in text(answer)
    assert not stored(Money)


# ---------------------------------------------------------------- the demo's


def test_the_demo_programme_is_invented_says_so_and_obeys_the_rules(settings: Any, project: Make) -> None:
    said = seeding_programme.programme()
    assert "Invented" in said["note"]
    keys = {file.read_text("utf-8").split("\nproject: ")[1].split("\n")[0] for file in seeding.files()}
    assert set(said["projects"]) <= keys
    for key, parts in said["projects"].items():
        made = project("feasibility", key)
        with signed("tests", "plant") as session:
            added = seeding_programme.plant(session, made, date(2026, 11, 25))
        assert added == sum(len(lines) for lines in parts.values())
        with reading() as session:
            assert not [d.stops for d in dates(session, made.id, date(2026, 11, 25)) if d.stops]
    for row in (*stored(Deadline), *stored(Money), *stored(Task), *stored(SlotNeed)):
        assert "Invented" in (row.detail if isinstance(row, Task) else row.note)
    assert {row.kind for row in stored(Deadline)} <= set(KINDS)
    assert stored(SlotNeed) and all(0 < row.slots <= MOST_SLOTS and len(row.note) > 20 for row in stored(SlotNeed))
    assert {row.owner_role for row in stored(Task)} <= {role.value for role in Role}
    real = project("feasibility", "REAL-1")
    with signed("tests", "it is real") as session:
        session.get(Project, real.id).invented = False  # type: ignore[union-attr]
    real.invented, real.key = False, "DIJLE-HSC"
    with pytest.raises(ValueError, match="no invented project"), signed("tests", "plant") as session:
        seeding_programme.plant(session, real, TODAY)
