"""A co-author is invited, signs in and accepts; whatever is expired, withdrawn, used or not theirs opens nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import show_date
from portal import db
from portal.config import Mail, Settings
from portal.models import Change, Membership, Person, Project, now
from portal.programme import Invitation, Notice
from portal.stages import Role
from portal.telling.mail import deliver
from tests.portal.conftest import PASSWORD, post

Enter = Callable[[str], FlaskClient]
PAGE = "/projects/CAR19/invitations"


def invite(browser: FlaskClient, email: str = "clinician@test.example", function: str = "clinical_lead") -> str:
    """The path of the link that the page shows once."""
    answer = post(browser, PAGE, email=email, function=function)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found = re.search(r"http://localhost(/invitations/[\w-]+)", answer.get_data(as_text=True))
    assert found
    return found[1]


def members() -> int:
    with db.reading() as session:
        return len(session.scalars(select(Membership)).all())


def refused(browser: FlaskClient, link: str, why: str) -> None:
    for answer in (browser.get(link), post(browser, link)):
        page = answer.get_data(as_text=True)
        assert answer.status_code == 409 and why in page
        assert "CD19 CAR-T" not in page and "Accept" not in page
    assert members() == 1


def test_somebody_invited_signs_in_and_works_on_it(
    researcher: FlaskClient, sign_in: Enter, client: FlaskClient, people: dict[Role, Person]
) -> None:
    link = invite(researcher)
    assert client.get(link).location.startswith("/sign-in?next=/invitations/")
    invited = sign_in("clinician")
    assert invited.get("/projects/CAR19/proposal").status_code == 404
    page = invited.get(link).get_data(as_text=True)
    assert "Test researcher invites you to work on" in page and "CD19 CAR-T" in page
    answer = post(invited, link)
    assert answer.status_code == 303 and answer.location.endswith("/projects/CAR19/proposal")
    assert invited.get("/projects/CAR19/proposal").status_code == 200
    answer = post(invited, link)
    assert answer.status_code == 409 and "was used already" in answer.get_data(as_text=True)
    assert members() == 2
    with db.reading() as session:
        told = {n.person_id: n for n in session.scalars(select(Notice))}
        assert told[people[Role.CLINICIAN].id].link == link
        assert "joined CAR19" in told[people[Role.RESEARCHER].id].subject
        kept = " ".join(f"{c.old} {c.new}" for c in session.scalars(select(Change)))
        assert link.rsplit("/", 1)[-1] not in kept, "the trail must not know the token"
    assert "accepted" in researcher.get(PAGE).get_data(as_text=True)


def test_an_unknown_address_is_left_to_the_administrator(researcher: FlaskClient, people: dict[Role, Person]) -> None:
    answer = post(researcher, PAGE, email="New.Person@Hospital.example", function="team_member")
    page = answer.get_data(as_text=True)
    assert "Nobody signs in with this address yet" in page and "administrators are told" in page
    with db.reading() as session:
        notice = session.scalars(select(Notice)).one()
        assert notice.person_id == people[Role.ADMINISTRATOR].id
        assert "new.person@hospital.example" in notice.text
        assert "CAR19" not in notice.subject + notice.text + notice.link, "an administrator sees no projects"
        assert notice.project_id is None


def letters() -> list[Notice]:
    with db.reading() as session:
        return list(session.scalars(select(Notice).where(col(Notice.person_id).is_(None))))


@pytest.fixture
def mailing(app: Flask, settings: Settings, tmp_path: Path) -> Settings:
    """The portal sends its mail into a folder."""
    made = replace(settings, mail=Mail("file", tmp_path / "mail"), address="https://t.example")
    app.config["SETTINGS"] = made
    return made


def mailed(portal: Settings) -> dict[str, EmailMessage]:
    """Reader → letter, of all that waits."""
    assert deliver(portal).waiting == 0
    assert portal.mail is not None
    read = (message_from_bytes(file.read_bytes(), policy=default) for file in portal.mail.folder.glob("*.eml"))
    return {str(letter["To"]): letter for letter in read}


def test_an_unknown_address_is_mailed_the_link(researcher: FlaskClient, mailing: Settings) -> None:
    answer = post(researcher, PAGE, email="new@hospital.example", function="clinical_lead")
    page = answer.get_data(as_text=True)
    assert "A letter with the link is on its way to it" in page
    link = re.search(r"http://localhost(/invitations/[\w-]+)", page)
    assert link
    (waits,) = letters()
    assert (waits.address, waits.link) == ("new@hospital.example", link[1])
    letter = mailed(mailing)["new@hospital.example"]
    body = letter.get_content()
    assert letter["Subject"] == "Test researcher invites you to a project in Tandem"
    assert f"https://t.example{link[1]}" in body
    assert f"holds until {show_date((now() + timedelta(days=14)).date())}" in body
    assert "as clinical lead" in body
    assert "CAR19" not in str(letter), "a stranger learns of no project"
    (sent,) = letters()
    assert sent.mailed_at is not None
    assert link[1] not in f"{sent.subject} {sent.text} {sent.link}", "the token is kept by nobody but the reader"


def test_without_mail_no_token_is_kept_for_an_unknown_address(researcher: FlaskClient) -> None:
    answer = post(researcher, PAGE, email="new@hospital.example", function="team_member")
    assert "This portal sends no mail now: hand on the link yourself" in answer.get_data(as_text=True)
    assert letters() == []


def test_somebody_known_gets_a_notice_and_no_letter_to_the_address(researcher: FlaskClient, mailing: Settings) -> None:
    invite(researcher)
    assert letters() == []


def test_a_letter_does_not_leave_once_its_invitation_is_withdrawn(researcher: FlaskClient, mailing: Settings) -> None:
    invite(researcher, "new@hospital.example", "team_member")
    with db.reading() as session:
        row = session.scalars(select(Invitation)).one().id
    assert post(researcher, f"{PAGE}/{row}/withdraw").status_code == 303
    assert [letter.link for letter in letters()] == [""]
    assert mailed(mailing).keys() == {"Test administrator <administrator@test.example>"}


def test_an_expired_invitation(researcher: FlaskClient, sign_in: Enter) -> None:
    link = invite(researcher)
    with db.signed("tests", "time passes") as session:
        session.scalars(select(Invitation)).one().expires_at = now() - timedelta(seconds=1)
    refused(sign_in("clinician"), link, "This invitation expired on")
    assert invite(researcher) != link, "a new one may be made"


def test_a_withdrawn_invitation(researcher: FlaskClient, sign_in: Enter) -> None:
    link = invite(researcher)
    with db.reading() as session:
        row = session.scalars(select(Invitation)).one().id
    assert post(researcher, f"{PAGE}/{row}/withdraw").status_code == 303
    answer = post(researcher, f"{PAGE}/{row}/withdraw")
    assert answer.status_code == 409 and "is withdrawn already" in answer.get_data(as_text=True)
    refused(sign_in("clinician"), link, "was withdrawn")


def test_an_invitation_of_somebody_else(researcher: FlaskClient, sign_in: Enter) -> None:
    refused(sign_in("reviewer"), invite(researcher), "for another e-mail address")


def test_an_invitation_that_is_none(researcher: FlaskClient) -> None:
    assert researcher.get("/invitations/guess").status_code == 404
    assert post(researcher, "/invitations/guess").status_code == 404


@pytest.mark.parametrize(
    ("email", "function", "why"),
    [
        ("nobody", "team_member", "Enter the e-mail address"),
        ("a\x00@b.example", "team_member", "Enter the e-mail address"),
        ("a@b.example", "reviewer", "Choose what the person does"),
        ("a@b.example", "", "Choose what the person does"),
        ("researcher@test.example", "team_member", "works on CAR19 already"),
        ("gmp_lead@test.example", "clinical_lead", "has the role researcher or clinician"),
        ("administrator@test.example", "team_member", "sees no project"),
    ],
)
def test_who_cannot_be_invited(researcher: FlaskClient, email: str, function: str, why: str) -> None:
    answer = post(researcher, PAGE, email=email, function=function)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and why in page and email.rpartition("@")[2] in page
    with db.reading() as session:
        assert not session.scalars(select(Invitation)).all()


def test_nobody_is_invited_twice_at_once(researcher: FlaskClient) -> None:
    invite(researcher)
    answer = post(researcher, PAGE, email="Clinician@test.example ", function="clinical_lead")
    assert answer.status_code == 409 and "was invited before" in answer.get_data(as_text=True)


def test_only_the_team_invites(researcher: FlaskClient, sign_in: Enter, client: FlaskClient) -> None:
    assert sign_in("investment_manager").get(PAGE).status_code == 404
    other = sign_in("clinician")
    assert post(other, PAGE, email="a@b.example", function="team_member").status_code == 404


def test_a_project_that_ended_is_joined_by_nobody(researcher: FlaskClient, sign_in: Enter) -> None:
    link = invite(researcher)
    with db.signed("tests", "stopped") as session:
        session.scalars(select(Project)).one().stage = "stopped"
    answer = post(sign_in("clinician"), link)
    assert answer.status_code == 409 and "has ended" in answer.get_data(as_text=True)


def test_the_account_may_be_made_after_the_invitation(
    researcher: FlaskClient, client: FlaskClient, people: dict[Role, Person]
) -> None:
    link = invite(researcher, "late@test.example", "team_member")
    with db.signed("tests", "account") as session:
        session.add(
            Person(
                name="Late", email="late@test.example", password=people[Role.REVIEWER].password, roles=["researcher"]
            )
        )
    assert post(client, "/sign-in", email="late@test.example", password=PASSWORD).status_code == 303
    assert post(client, link).status_code == 303
    assert client.get("/projects/CAR19/proposal").status_code == 200
