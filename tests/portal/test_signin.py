"""Passwords, throttling, and sign-ins that end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from portal import signin
from portal.config import Settings
from portal.db import Refused, reading, signed
from portal.models import LoginAttempt, Person, SignIn, now
from portal.signin import Visitor, recognise, sign_in, weakness
from portal.stages import Role
from tests.portal.conftest import PASSWORD, post

People = dict[Role, Person]
SOMEBODY = Person(name="An Peeters", email="an.peeters@hospital.example", roles=[])


def enter(
    settings: Settings, email: str = "researcher@test.example", password: str = PASSWORD, address: str = "10.0.0.1"
) -> str:
    return sign_in(email, password, Visitor(address), settings)


def who(token: str, settings: Settings) -> Person | None:
    with reading() as session:
        return recognise(session, token, settings)[1]


def shift(model: type, field: str, by: timedelta) -> None:
    with signed("tests", "time passes") as session:
        for row in session.scalars(select(model)):
            setattr(row, field, getattr(row, field) - by)


def test_the_right_password_opens_and_the_token_is_not_kept(people: People, settings: Settings) -> None:
    token = enter(settings, email="  Researcher@Test.example ")
    found = who(token, settings)
    assert found is not None
    assert found.id == people[Role.RESEARCHER].id
    with reading() as session:
        kept = session.scalars(select(SignIn)).one()
        assert kept.token_sha256 == signin.digest(token)
        assert token not in str(kept.model_dump())
    assert who("", settings) is None
    assert who(token[:-1], settings) is None


def test_passwords_are_argon2id_of_the_chosen_profile() -> None:
    assert signin.HASHER.hash("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("email", "password"),
    [("researcher@test.example", "wrong"), ("nobody@test.example", PASSWORD), ("", ""), ("x" * 400, "y" * 10_000)],
)
def test_whatever_is_wrong_gets_the_same_sentence(
    people: People, settings: Settings, email: str, password: str
) -> None:
    with pytest.raises(Refused, match="do not belong together"):
        enter(settings, email, password)


def test_a_person_without_a_password_or_deactivated_stays_outside(people: People, settings: Settings) -> None:
    with signed("tests", "spoilt") as session:
        session.get(Person, people[Role.GMP].id).password = ""  # type: ignore[union-attr]
        session.get(Person, people[Role.QUALITY].id).active = False  # type: ignore[union-attr]
    for email, password in (
        ("gmp_lead@test.example", ""),
        ("gmp_lead@test.example", PASSWORD),
        ("quality@test.example", PASSWORD),
    ):
        with pytest.raises(Refused):
            enter(settings, email, password)


def test_demo_accounts_open_in_a_demo_only(people: People, settings: Settings) -> None:
    with signed("tests", "demo") as session:
        session.get(Person, people[Role.RESEARCHER].id).demo = True  # type: ignore[union-attr]
    with pytest.raises(Refused):
        enter(settings)
    demo = replace(settings, demo=True)
    token = enter(demo)
    assert who(token, demo) is not None
    assert who(token, settings) is None


def test_many_failures_ask_to_wait_even_with_the_right_password(people: People, settings: Settings) -> None:
    for n in range(signin.TRIES_PER_PERSON):
        with pytest.raises(Refused, match="belong together"):
            enter(settings, password="wrong", address=f"10.0.0.{n}")
    with pytest.raises(Refused, match=r"Too many sign-ins failed\. Try again in 1[45] minutes"):
        enter(settings, address="10.0.1.1")
    assert who(enter(settings, "clinician@test.example"), settings) is not None
    shift(LoginAttempt, "at", signin.WINDOW)
    assert who(enter(settings), settings) is not None


def test_one_address_that_tries_many_names_waits_too(people: People, settings: Settings) -> None:
    with signed("tests", "attempts") as session:
        session.add_all(
            LoginAttempt(email=f"{n}@x.example", address="10.9.9.9") for n in range(signin.TRIES_PER_ADDRESS)
        )
    with pytest.raises(Refused, match="Too many"):
        enter(settings, address="10.9.9.9")
    assert enter(settings, address="10.9.9.8")


def test_old_attempts_are_forgotten(people: People, settings: Settings) -> None:
    with signed("tests", "attempts") as session:
        session.add(LoginAttempt(email="old@x.example", at=now() - signin.KEPT - timedelta(hours=1)))
    enter(settings)
    with reading() as session:
        assert [a.email for a in session.scalars(select(LoginAttempt))] == ["researcher@test.example"]


def test_idle_and_old_sign_ins_end(people: People, settings: Settings) -> None:
    token = enter(settings)
    shift(SignIn, "seen_at", settings.idle - timedelta(minutes=5))
    assert who(token, settings) is not None  # and it counts as used again
    shift(SignIn, "seen_at", timedelta(minutes=30))
    assert who(token, settings) is not None
    shift(SignIn, "seen_at", settings.idle)
    assert who(token, settings) is None
    token = enter(settings)
    shift(SignIn, "created_at", settings.absolute)
    assert who(token, settings) is None


def test_sign_ins_are_ended_one_by_one_or_all_but_one(people: People, settings: Settings) -> None:
    tokens = [enter(settings) for _ in range(3)]
    with reading() as session:
        one, person = recognise(session, tokens[0], settings)
    assert person is not None
    assert signin.end(person, other_than=one) == 2
    assert [who(token, settings) is not None for token in tokens] == [True, False, False]
    assert signin.end(person, one) == 1
    assert who(tokens[0], settings) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "10 to 200 characters; this has 5"),
        ("x" * 201, "10 to 200"),
        ("aaaaaaaaaaaa", "repeats too few"),
        ("abababababab", "repeats"),
        ("An.Peeters-2026", "your name"),
        ("tandem-tandem1", "name of this portal"),
        ("an peeters", "your name"),
        ("seven green bicycles", ""),
    ],
)
def test_weak_passwords_are_named(password: str, why: str) -> None:
    said = weakness(password, SOMEBODY)
    assert why in said
    assert bool(said) == bool(why)


@given(some.text(max_size=300))
def test_any_text_gets_an_answer_about_its_strength(password: str) -> None:
    said = weakness(password, SOMEBODY)
    assert said == "" or said.endswith(".")


# ---------------------------------------------------------------- in the browser


def test_signing_out_ends_the_sign_in_on_the_server(sign_in: Callable[[str], FlaskClient], app: Flask) -> None:
    browser = sign_in("reviewer")
    cookie = browser.get_cookie("tandem_sign_in")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert post(browser, "/sign-out").status_code == 303
    thief = app.test_client()
    thief.set_cookie("tandem_sign_in", cookie.value)
    assert thief.get("/").status_code == 303


def test_over_https_cookies_say_secure(settings: Settings, people: People) -> None:
    from portal.app import create_app

    browser = create_app(replace(settings, secure=True)).test_client()
    page = browser.get("/sign-in", base_url="https://tandem.example")
    assert "Strict-Transport-Security" in page.headers
    token = page.get_data(as_text=True).split('name="csrf-token" content="')[1].split('"')[0]
    form = {"csrf_token": token, "email": "reviewer@test.example", "password": PASSWORD}
    answer = browser.post(
        "/sign-in", data=form, base_url="https://tandem.example", headers={"Referer": "https://tandem.example/sign-in"}
    )
    assert answer.status_code == 303
    assert all("Secure" in line for line in answer.headers.getlist("Set-Cookie"))


def test_the_throttle_speaks_in_the_page(client: FlaskClient, people: People) -> None:
    for _ in range(signin.TRIES_PER_PERSON):
        post(client, "/sign-in", email="gmp_lead@test.example", password="wrong")
    answer = post(client, "/sign-in", email="gmp_lead@test.example", password=PASSWORD)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "Too many sign-ins failed" in text
    assert 'value="gmp_lead@test.example"' in text
    assert PASSWORD not in text
