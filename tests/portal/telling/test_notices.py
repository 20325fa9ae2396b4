"""The page Notices: one's own, read one by one or all, and how one is mailed."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import event, select

from portal import db
from portal.db import reading, signed
from portal.models import Person
from portal.programme import Notice
from portal.stages import Role
from portal.telling.actions import Told, tell, write
from tests.portal.conftest import post

Enter = Callable[[str], FlaskClient]


def notify(person: Person, *subjects: str, link: str = "/notices") -> list[Notice]:
    with signed("tests", "tell") as session:
        return [tell(session, [person.id], Told(subject, "The text.", link))[0] for subject in subjects]


def text(browser: FlaskClient, url: str = "/notices") -> str:
    return browser.get(url).get_data(as_text=True)


def test_a_person_meets_their_own_notices_with_the_count(sign_in: Enter, people: dict[Role, Person]) -> None:
    browser = sign_in("quality")
    assert "Nothing yet" in text(browser)
    assert "Notices</a>" in text(browser, "/"), "no count where nothing is unread"
    notify(people[Role.QUALITY], "First <b>", "Second")
    notify(people[Role.GMP], "Not yours")
    page = text(browser)
    assert "First &lt;b&gt;" in page
    assert "Not yours" not in page
    assert "2\u00a0unread notices" in page
    assert "Notices (2&nbsp;new)" in text(browser, "/")


def test_one_is_read_or_opened_and_then_all(sign_in: Enter, people: dict[Role, Person]) -> None:
    browser = sign_in("quality")
    one, two, _, away = notify(people[Role.QUALITY], "1", "2", "3", "4")
    with signed("tests", "a link that leads away") as session:
        session.get(Notice, away.id).link = "//evil.example"  # type: ignore[union-attr]
    assert post(browser, f"/notices/{one.id}/read").location == "/notices"
    assert post(browser, f"/notices/{two.id}/read", then="open").location == "/notices"
    assert post(browser, f"/notices/{away.id}/read", then="open").location == "/notices"
    assert "1\u00a0unread notice<" in text(browser)
    assert post(browser, "/notices/read").status_code == 303
    assert "0\u00a0unread notices" in text(browser)


def test_nobody_reads_anothers_notice(sign_in: Enter, people: dict[Role, Person]) -> None:
    (theirs,) = notify(people[Role.GMP], "Theirs", link="/projects/SECRET")
    browser = sign_in("quality")
    for uid in (theirs.id, uuid4()):
        answer = post(browser, f"/notices/{uid}/read", then="open")
        assert answer.status_code == 404
        assert "SECRET" not in answer.get_data(as_text=True)
    post(browser, "/notices/read")
    with reading() as session:
        assert session.scalars(select(Notice.read_at)).all() == [None]  # type: ignore[call-overload]


def test_the_choice_of_mail_is_kept_and_nonsense_refused(sign_in: Enter, people: dict[Role, Person]) -> None:
    browser = sign_in("quality")
    assert "sends no mail now" in text(browser)
    assert post(browser, "/notices/digest", digest="daily").status_code == 303
    assert 'value="daily" checked' in text(browser)
    for sent in ("", "hourly"):
        answer = post(browser, "/notices/digest", digest=sent)
        assert answer.status_code == 422
        assert "Choose how you want to be mailed" in answer.get_data(as_text=True)
    with reading() as session:
        assert session.get(Person, people[Role.QUALITY].id).digest == "daily"  # type: ignore[union-attr]


def test_many_notices_come_in_pages_with_the_same_queries(sign_in: Enter, people: dict[Role, Person]) -> None:
    browser = sign_in("quality")

    def count() -> int:
        statements: list[str] = []
        event.listen(db.engine(), "before_cursor_execute", lambda *a: statements.append(a[2]))
        text(browser)
        return len(statements)

    notify(people[Role.QUALITY], "One")
    count()
    few = count()
    notify(people[Role.QUALITY], *(f"More {n}" for n in range(40)))
    assert count() <= few + 1
    assert "Page 1 of 2" in text(browser)
    for odd in ("2", "99", "-1", "x", "٣", "9" * 30):
        assert browser.get(f"/notices?page={odd}").status_code == 200
    assert "Page 2 of 2" in text(browser, "/notices?page=99")


def test_a_letter_to_an_address_shows_on_nobodys_page(sign_in: Enter, people: dict[Role, Person]) -> None:
    with signed("tests", "write") as session:
        uid = write(session, people[Role.QUALITY].email, Told("To an address", "", "/invitations/a-token")).id
    for role in ("quality", "administrator", "investment_manager"):
        browser = sign_in(role)
        page = text(browser)
        assert "Nothing yet" in page
        assert "To an address" not in page
        assert "Notices</a>" in text(browser, "/")
        assert post(browser, f"/notices/{uid}/read", then="open").status_code == 404
        assert post(browser, "/notices/read").status_code == 303
    with reading() as session:
        assert session.get(Notice, uid).read_at is None  # type: ignore[union-attr]
