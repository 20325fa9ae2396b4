"""The page of the what-if: right sums and reasons, nothing for those who may not know, all of it in the address."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some
from openpyxl import load_workbook
from sqlalchemy import event

from dossiers.stage import Stage
from portal import db
from portal.choice.asked import STAGES, VALUES, Asked
from portal.choice.queries import NO_MONEY, NO_SCORES, NO_SLOTS, Ground, ground
from portal.choosing import Limits, State
from portal.models import Person
from portal.programme import Interest
from portal.rights import asker
from portal.rulebook import read, seeded
from portal.scoring import Given, card, weighted_score
from portal.stages import Role
from tests.portal.choice.conftest import FULL

Made = Callable[..., Any]
Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]
URL = "/portfolio/what-if"
NO_ROOM = "?money=300000&slots=4"


def text(browser: FlaskClient, query: str = "", status: int = 200) -> str:
    answer = browser.get(URL + query)
    assert answer.status_code == status
    page = re.sub(r"<svg.*?</svg>", "", answer.get_data(as_text=True).split("<main")[1], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ").replace("\u202f", " ").split())


def part(page: str, begin: str, end: str) -> str:
    return page.split(begin, 1)[1].split(end, 1)[0]


def found(person: Person, query: str = "") -> Ground:
    with db.reading() as session:
        return ground(session, asker(session, person), Asked.of(parse_qs(query.lstrip("?"))))


@pytest.fixture
def three(able: Made) -> None:
    """GOOD is worth 80 points, FAIR 60, POOR 40; the first two together need more slots than the four there are."""
    able("GOOD", 4, "200000", 3)
    able("FAIR", 3, "150000", 2, committed="60000.50")
    able("POOR", 2, "100000", 1)


# ---------------------------------------------------------------- the answer


def test_what_is_taken_and_why(sign_in: Enter, three: None) -> None:
    page = text(sign_in("investment_manager"), NO_ROOM)
    assert "2 projects of 3 taken, 120.0 points in all" in page
    assert "Money, EUR 300 000 300 000 0" in page and "Clean-room slots 4 4 0" in page
    above, below = part(page, "Above the line", "Not taken"), part(page, "Below the line", "How it is")
    assert "GOOD Project GOOD Invented 80.0 200 000 3 Without it, FAIR would come in; 20.0 points less." in above
    assert "POOR Project POOR Invented 40.0 100 000 1" in above
    assert "FAIR Project FAIR Invented 60.0 89 999.50 2 It needs 89 999.50 EUR, and 0 EUR is left; " in below
    assert "it needs 2 slots, and 0 are left." in below
    assert "Taking it would put out GOOD and lose 20.0 points in all." in below
    assert "With 89 999.50 EUR and 2 slots more it would come in." in below


def test_the_picture_says_what_the_tables_say(sign_in: Enter, three: None) -> None:
    page = sign_in("investment_manager").get(URL + NO_ROOM).get_data(as_text=True)
    label = part(page, 'role="img" aria-label="', '"')
    assert label.startswith("Weighted score against money, 3 projects: GOOD 80.0 for 200000 EUR, taken;")
    assert "FAIR 60.0 for 90000 EUR, not taken" in label


def test_without_a_limit_everything_is_taken(sign_in: Enter, able: Made) -> None:
    able("A", 4, None, None)
    page = text(sign_in("investment_manager"))
    assert "1 project of 1 taken, 80.0 points in all" in page and "Everything is taken." in page
    assert "Give a sum or a number of slots" in page
    assert "Without it, nothing else would come in; 80.0 points less." in page


def test_pins_are_obeyed_and_can_be_freed(sign_in: Enter, three: None) -> None:
    browser = sign_in("investment_manager")
    page = text(browser, NO_ROOM + "&in=FAIR&out=POOR&in=NOBODY")
    assert "1 project of 3 taken, 60.0 points in all" in page
    assert "You put it in." in page and "You left it out." in page
    assert "It cannot be taken: it needs 1 slot more than is left beside what you put in." in page
    assert "Pinned, and not among what is to choose from here: NOBODY." in page
    links = re.findall(r'href="/portfolio/what-if(\?[^"#]*)#', browser.get(URL + NO_ROOM).get_data(as_text=True))
    assert "?money=300000&amp;slots=4&amp;stage=feasibility&amp;in=FAIR" in links and len(links) == 6
    free = browser.get(URL + NO_ROOM + "&in=FAIR").get_data(as_text=True)
    assert 'href="/portfolio/what-if?money=300000&amp;slots=4&amp;stage=feasibility#above-title"' in free
    assert '<input type="hidden" name="in" value="FAIR">' in free


def test_what_is_put_in_and_does_not_fit(sign_in: Enter, three: None) -> None:
    page = text(sign_in("investment_manager"), "?money=200000&slots=4&in=GOOD&in=FAIR")
    assert "What you put in needs 89 999.50 EUR and 1 slot more than there is, so nothing can be chosen." in page
    assert "0 projects of 3 taken" in page
    assert "Nothing is chosen while what you put in does not fit." in page


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("?money=1,5", "“1,5” is no sum in EUR"),
        ("?money=-5", "“-5” is no sum in EUR"),
        ("?slots=2.5", "“2.5” is no number of slots"),
        ("?slots=<b>", "“<b>” is no number of slots"),
    ],
)
def test_a_limit_that_cannot_be_read(sign_in: Enter, three: None, query: str, why: str) -> None:
    browser = sign_in("investment_manager")
    page = text(browser, query, 422)
    assert why in page and "The answer" not in page
    assert why in unescape(browser.get(URL + ".xlsx" + query).get_data(as_text=True))
    assert browser.get(URL + ".xlsx" + query).status_code == 400


def test_more_lines_than_a_page(sign_in: Enter, able: Made) -> None:
    for n in range(27):
        able(f"P-{n:02}", 3, "100", 1)
    browser = sign_in("investment_manager")
    first, last = text(browser, "?slots=26"), text(browser, "?slots=26&page=9")
    assert "Page 1 of 2" in first and "P-24" in first and "P-25" not in first
    assert "Page 2 of 2" in last and "P-24" not in last and "P-25 Project P-25 Invented 60.0 100 1" in last
    assert "P-26" in part(last, "Below the line", "How it is"), "of like ones the first by key are taken"
    assert 'href="/portfolio/what-if?slots=26&amp;stage=feasibility&amp;page=2"' in browser.get(
        f"{URL}?slots=26"
    ).get_data(as_text=True)


# ---------------------------------------------------------------- what there is to choose from


def test_who_stands_apart_and_why(sign_in: Enter, able: Made, people: People) -> None:
    able("FULL", 3, "100", 1)
    able("SCORELESS", None, "100", 1)
    able("MONEYLESS", 3, None, 1, committed="50")
    able("SLOTLESS", 3, "100", None)
    able("LATER", 3, "100", 1, days=(1, 1, 1, 1))
    able("IDEA", None, "100", 1, days=(1,))
    manager = people[Role.INVESTMENT]
    both = found(manager, "?money=5&slots=5")
    assert [c.key for c in both.candidates] == ["FULL"]
    assert {a.project.key: a.why for a in both.apart} == {
        "SCORELESS": (NO_SCORES,), "MONEYLESS": (NO_MONEY,), "SLOTLESS": (NO_SLOTS,),
    }  # fmt: skip
    assert [c.key for c in found(manager, "?money=5").candidates] == ["FULL", "SLOTLESS"]
    assert [c.key for c in found(manager, "?slots=5").candidates] == ["FULL", "MONEYLESS"]
    assert [c.key for c in found(manager, "?stage=transfer&stage=proposed").candidates] == ["LATER"]
    assert "SCORELESS Project SCORELESS Feasibility No full set of scores" in text(sign_in("investment_manager"))


def test_money_is_asked_less_committed_and_value_is_what_is_chosen(able: Made, people: People) -> None:
    able("A", 3, "100.75", 1, committed="40.50")
    able("B", 4, "100", 1, committed="400")
    scored = {c.key: (c.value, c.money) for c in found(people[Role.INVESTMENT]).candidates}
    assert scored == {"A": (Decimal(60), Decimal("60.25")), "B": (Decimal(80), Decimal(0))}
    needed = {c.key: c.value for c in found(people[Role.INVESTMENT], "?value=need").candidates}
    assert needed == {"A": Decimal("21.6"), "B": Decimal("38.4")}  # 12 × 3/5 × 3 and 12 × 4/5 × 4


def test_the_last_scores_count_and_half_a_card_does_not(able: Made, reviewed: Made, people: People) -> None:
    made = able("A", 3, "1", 1)
    reviewed(made, "quality", dict.fromkeys(FULL, 5), gate="G2", handed_in=False)
    assert found(people[Role.INVESTMENT]).candidates[0].value == 60
    reviewed(made, "gmp_lead", dict.fromkeys(FULL, 4), gate="G2")
    assert found(people[Role.INVESTMENT]).candidates[0].value == 80
    reviewed(made, "gmp_lead", dict.fromkeys(FULL[1:], 4), gate="G3")
    assert not found(people[Role.INVESTMENT]).candidates


SCORES = some.lists(some.tuples(some.sampled_from(FULL), some.integers(0, 5), some.sampled_from("ABC")), max_size=40)


@given(SCORES)
def test_the_weighted_score_is_the_cards(scores: list[tuple[str, int, str]]) -> None:
    book = read(seeded(), 0)
    given = [Given(*one, reviewer=str(n)) for n, one in enumerate(scores)]
    given += [Given(name, 3) for name in FULL] if len(scores) % 2 else []
    assert weighted_score(book, given) == card(book, "G1", given).weighted


# ---------------------------------------------------------------- who may know


def test_who_may_come_here(sign_in: Enter, client: FlaskClient, three: None) -> None:
    for page in (URL, f"{URL}.xlsx"):
        assert sign_in("administrator").get(page).status_code == 403
        assert client.get(page).status_code == 303
    for role in ("researcher", "clinician", "gmp_lead"):
        said = text(sign_in(role), NO_ROOM)
        assert ("There is nothing to choose from" in said) is (role != "gmp_lead")
    assert "2 projects of 3 taken" in text(sign_in("reviewer"), NO_ROOM), "whose own reviews they are"
    assert 'href="/portfolio/what-if"' in sign_in("reviewer").get("/portfolio").get_data(as_text=True)


def seen(browser: FlaskClient) -> list[object]:
    """All that the page and the workbook tell, for several questions."""
    texts: list[object] = []
    for query in ("", NO_ROOM, "?value=need&money=90000", "?slots=3&in=SECRET", "?money=1&out=SECRET"):
        texts.append(browser.get(URL + query).get_data(as_text=True).split("<main")[1])
        texts.append(cells(browser, query)[:2])
    return texts


def cells(browser: FlaskClient, query: str) -> list[list[tuple[Any, ...]]]:
    answer = browser.get(f"{URL}.xlsx{query}")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    return [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(BytesIO(answer.data))]


def test_a_person_in_conflict_cannot_tell_that_a_review_exists(
    sign_in: Enter, able: Made, reviewed: Made, people: People, three: None
) -> None:
    secret = able("SECRET", None, "90000", 1)
    with db.signed("tests", "interest") as session:
        session.add(Interest(project_id=secret.id, person_id=people[Role.INVESTMENT].id, ground="rival"))
    browser = sign_in("investment_manager")
    before = seen(browser)
    reviewed(secret, "reviewer", dict.fromkeys(FULL, 5))
    reviewed(secret, "gmp_lead", dict.fromkeys(FULL, 1), handed_in=False)
    assert seen(browser) == before
    assert "SECRET Project SECRET Feasibility No full set of scores that you may see" in text(browser, NO_ROOM)
    assert "SECRET Project SECRET Invented 100.0 90 000 1" in text(sign_in("regulatory"), NO_ROOM)


# ---------------------------------------------------------------- workbook, address, speed


def test_the_workbook_holds_all_of_it(sign_in: Enter, three: None, able: Made) -> None:
    able("=EVIL", None, "1", 1)
    first, apart, basis = cells(sign_in("investment_manager"), NO_ROOM + "&in=POOR")
    assert [row[0] for row in first] == ["Project", "GOOD", "POOR", "FAIR"]
    assert first[1][3:8] == ("yes", None, 80, 200000, 3) and "Without it, FAIR would come in" in first[1][8]
    assert first[2][3:5] == ("yes", "in") and first[3][3:8] == ("no", None, 60, 89999.5, 2)
    assert apart[1][0] == "=EVIL" and apart[1][3] == f"N{NO_SCORES[1:]}"
    said = {row[0]: str(row[1]).replace("\u00a0", " ").replace("\u202f", " ") for row in basis}
    assert (said["Money there is"], said["Money used"]) == ("300 000 EUR", "300 000 EUR, 0 EUR left")
    assert (said["Points in all"], said["Slots used"]) == ("120.0", "4, 0 left")
    assert [row[0] for row in basis].count("Method") == 3


KEYS = some.text("AB-&=é ?#/", min_size=1, max_size=5).map(str.strip).filter(bool)


@given(
    some.builds(
        Asked,
        some.sampled_from(["", "500000", "1 000.50", "x&y"]),
        some.sampled_from(["", "4", "-1"]),
        some.sets(some.sampled_from(STAGES), min_size=1).map(lambda s: tuple(x for x in STAGES if x in s)),
        some.sampled_from(VALUES),
        some.dictionaries(KEYS, some.sampled_from([State.MUST, State.OUT]), max_size=4),
        some.integers(1, 99_999),
    )
)
def test_the_address_holds_the_whole_question(asked: Asked) -> None:
    again = Asked.of(parse_qs(asked.address(number=asked.number)[1:], keep_blank_values=True))
    assert again == asked
    assert Asked.of(parse_qs(asked.pin("NEW", State.MUST)[1:])).pinned == {**asked.pinned, "NEW": State.MUST}
    assert "NEW" not in Asked.of(parse_qs(asked.pin("NEW", State.MAY)[1:])).pinned


def test_words_that_mean_nothing_are_left_out() -> None:
    odd = Asked.of({"stage": ["idea", "closed"], "value": ["luck"], "page": ["-3"], "in": ["", "A"], "out": ["A"]})
    assert odd == Asked(pinned={"A": State.MUST})
    assert odd.stages == (Stage.FEASIBILITY,) and odd.limits == Limits() and not odd.faults
    assert len(Asked.of({"in": [str(n) for n in range(900)]}).pinned) == 200


def test_as_many_queries_for_three_projects_as_for_forty(sign_in: Enter, able: Made) -> None:
    browser = sign_in("investment_manager")

    def asked(query: str) -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        event.listen(db.engine(), "before_cursor_execute", counted)
        assert browser.get(URL + query).status_code == 200
        event.remove(db.engine(), "before_cursor_execute", counted)
        return count

    def make(first: int, last: int) -> None:
        for n in range(first, last):
            able(f"P-{n:02}", n % 5 + 1, "1000", 1 if n % 3 else None)

    make(0, 3)
    text(browser)  # the first sight of a sign-in may be noted
    few = [asked("?money=9000&slots=5"), asked("?value=need")]
    make(3, 40)
    assert [asked("?money=9000&slots=5"), asked("?value=need")] == few
    assert max(few) <= 22


def test_too_many_to_choose_from(sign_in: Enter, three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.choice.answer.MOST", 2)
    page = text(sign_in("investment_manager"), NO_ROOM)
    assert "3 projects are too many for one answer; choose fewer stages." in page and "Above the line" not in page
