"""Need against feasibility and money: right for those who may know, nothing for those who may not; few queries."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from dossiers.records.proposal import Proposal
from dossiers.records.proposing import ProposedType
from portal import db
from portal.insight.queries import visible
from portal.insight.worth import Valued, by_source, sums, valued
from portal.models import Person
from portal.programme import Interest
from portal.rights import asker
from portal.stages import Role

Made = Callable[..., Any]
Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]
FULL = {"C01": 4, "C05": 1, "C07": 2, "C08": 3, "C09": 4}
PAGES = ("/portfolio", "/portfolio/value", "/portfolio/forecast")


def values(person: Person) -> dict[str, Valued]:
    with db.reading() as session:
        who = asker(session, person)
        return {one.project.key: one for one in valued(session, who, visible(session, who))}


def test_need_by_weight_feasibility_as_a_mean(walked: Made, reviewed: Made, paid: Made, people: People) -> None:
    made = walked("P-1", (1, 1, 1))
    reviewed(made, "reviewer", FULL)
    reviewed(made, "quality", FULL | {"C01": 2, "C05": 3})
    paid(made, "FWO", "asked", "1000.50")
    paid(made, "VLAIO", "asked", "99.50")
    paid(made, "VLAIO", "spent", "7")
    with db.signed("tests", "proposal") as session:
        session.add(Proposal(uid=made.id, project_id=made.id, key="p", product_type=ProposedType.COMBINED))
    found = values(people[Role.INVESTMENT])["P-1"]
    # Mean of C01 is 3 of 5, by its weight 12: 7.2. Means of the others: 2, 2, 3, 4.
    assert (found.need, found.feasibility) == (Decimal("7.2"), Decimal("2.75"))
    assert (found.cost, found.kind) == (Decimal("1100.00"), "combined")


def test_the_last_gate_that_has_scores_counts(walked: Made, reviewed: Made, people: People) -> None:
    made = walked("P-1", (1, 1, 1))
    reviewed(made, "reviewer", FULL)
    reviewed(made, "reviewer", FULL | {"C01": 5}, gate="G2")
    reviewed(made, "quality", FULL | {"C01": 0}, gate="G3", handed_in=False)
    assert values(people[Role.INVESTMENT])["P-1"].need == 12


@pytest.mark.parametrize("without", ["C01", "C05", "C09"])
def test_half_a_scorecard_is_not_shown(without: str, walked: Made, reviewed: Made, people: People) -> None:
    reviewed(walked("P-1", (1, 1, 1)), "reviewer", {name: 3 for name in FULL if name != without})
    assert not values(people[Role.INVESTMENT])


def test_who_sees_scores(walked: Made, reviewed: Made, people: People) -> None:
    made = walked("P-1", (1, 1, 1), confidential=False)
    reviewed(made, "reviewer", FULL)
    reviewed(made, "quality", FULL, handed_in=False)
    assert set(values(people[Role.INVESTMENT])) == {"P-1"}
    assert set(values(people[Role.REVIEWER])) == {"P-1"}  # handed in
    assert not values(people[Role.QUALITY])  # asked, and not handed in yet
    assert not values(people[Role.RESEARCHER]) and not values(people[Role.CLINICIAN])


def page_texts(browser: FlaskClient) -> list[str]:
    texts = [browser.get(page).get_data(as_text=True) for page in (*PAGES, "/board")]
    return [text.split("<main")[1] for text in texts]


def test_a_person_in_conflict_cannot_tell_that_a_review_exists(
    sign_in: Enter, walked: Made, reviewed: Made, people: People
) -> None:
    secret, plain = walked("SECRET", (1, 1, 1)), walked("PLAIN", (1, 1, 1))
    with db.signed("tests", "interest") as session:
        manager = people[Role.INVESTMENT]
        session.add(Interest(project_id=secret.id, person_id=manager.id, ground="invention"))
    reviewed(plain, "reviewer", FULL)
    browser = sign_in("investment_manager")
    before = page_texts(browser)
    assert "PLAIN need 9.6 of 12" in before[1]
    reviewed(secret, "reviewer", FULL)
    reviewed(secret, "gmp_lead", FULL, handed_in=False)
    assert page_texts(browser) == before
    assert "SECRET need 9.6 of 12" in page_texts(sign_in("regulatory"))[1]


def test_money_by_project_and_source(walked: Made, paid: Made, people: People) -> None:
    one, two, secret = walked("P-1", (1, 1)), walked("P-2", (1, 1)), walked("IDEA", (1,))
    for project, source, kind, amount in (
        (one, "VLAIO", "asked", "100.10"), (one, "VLAIO", "asked", "0.90"), (one, "FWO", "committed", "500"),
        (two, "VLAIO", "spent", "20"), (secret, "Hidden fund", "asked", "999"),
    ):  # fmt: skip
        paid(project, source, kind, amount)
    with db.reading() as session:
        found = sums(session, asker(session, people[Role.INVESTMENT]))
    assert [s.source for s in found[one.id]] == ["FWO", "VLAIO"] and secret.id not in found
    assert found[one.id][1].amounts == {"asked": Decimal("101.00"), "committed": 0, "spent": 0}
    assert [(s.source, *s.amounts.values()) for s in by_source(found)] == [
        ("FWO", 0, 500, 0),
        ("VLAIO", Decimal("101.00"), 0, 20),
    ]


@pytest.mark.parametrize("page", PAGES)
def test_as_many_queries_for_five_projects_as_for_sixty(
    page: str, sign_in: Enter, walked: Made, reviewed: Made, paid: Made
) -> None:
    browser = sign_in("investment_manager")

    def make(first: int, last: int) -> None:
        for n in range(first, last):
            made = walked(f"P-{n:02}", (1, 2, 3))
            reviewed(made, "reviewer", FULL)
            paid(made, f"Fund {n}", "asked", "5")

    def asked() -> int:
        count = 0

        def counted(*_: object) -> None:
            nonlocal count
            count += 1

        event.listen(db.engine(), "before_cursor_execute", counted)
        assert browser.get(page).status_code == 200
        event.remove(db.engine(), "before_cursor_execute", counted)
        return count

    make(0, 5)
    asked()  # the first sight of a sign-in may be noted
    few = asked()
    make(5, 60)
    assert asked() == few <= 22


def test_the_page(sign_in: Enter, walked: Made, reviewed: Made, paid: Made, people: People) -> None:
    browser = sign_in("investment_manager")
    empty = browser.get("/portfolio/value").get_data(as_text=True)
    assert "No project is to be shown" in empty and "No money is kept" in empty
    made = walked("P-1", (1, 1, 1))
    reviewed(made, "reviewer", FULL)
    paid(made, "Fund <b>", "asked", "1234567")
    page = browser.get("/portfolio/value").get_data(as_text=True)
    assert "1\u202f234\u202f567" in page and "Fund &lt;b&gt;" in page and "<b>" not in page
    assert page.split("<main")[1].count('role="img"') == 2
