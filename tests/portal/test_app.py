"""The portal as a whole: headers, files, sentences for what goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.db import Refused, Stale, reading
from portal.rights import Right, needs
from tests.portal.conftest import post


def test_pages_carry_headers_that_tie_the_browser_down(client: FlaskClient) -> None:
    answer = client.get("/sign-in")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_carries_inline_script_or_style(sign_in: Callable[[str], FlaskClient]) -> None:
    for role, url in (
        ("researcher", "/"),
        ("administrator", "/people"),
        ("administrator", "/people/new"),
        ("reviewer", "/account"),
    ):
        text = sign_in(role).get(url).get_data(as_text=True)
        assert "<style" not in text
        assert " style=" not in text
        assert text.count("<script") == text.count("<script src=") == 2
        assert "onclick" not in text


def test_htmx_comes_out_of_the_installed_package(client: FlaskClient) -> None:
    answer = client.get("/vendor/htmx.min.js")
    assert answer.status_code == 200
    assert answer.data.startswith(b"var htmx")
    assert client.get("/vendor/other.js").status_code == 404
    assert client.get("/static/../portal/app.py").status_code == 404


def test_unknown_addresses_answer_in_sentences(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (Refused("First reason.", "Second reason."), 409, "<li>Second reason.</li>"),
        (Stale(None, {}, {}), 409, "Somebody else saved this first"),
        (LookupError("This batch was removed."), 404, "This batch was removed."),
    ],
)
def test_what_verbs_raise_becomes_a_page(
    app: Flask, sign_in: Callable[[str], FlaskClient], raised: Exception, status: int, said: str
) -> None:
    @needs(Right.USE)
    def view() -> str:
        raise raised

    app.add_url_rule("/raises", "home.raises", view)
    browser = sign_in("researcher")
    answer = browser.get("/raises")
    assert answer.status_code == status
    assert said in answer.get_data(as_text=True)
    part = browser.get("/raises", headers={"HX-Request": "true"})
    assert part.status_code == status
    assert part.headers["HX-Retarget"] == "#flash"
    assert part.get_data(as_text=True).lstrip().startswith('<section id="sorry"')


def test_a_fault_of_ours_shows_nothing_of_itself(app: Flask, sign_in: Callable[[str], FlaskClient]) -> None:
    @needs(Right.USE)
    def view() -> str:
        return {"a": "secret"}["b"]

    app.add_url_rule("/breaks", "home.breaks", view)
    browser = sign_in("researcher")
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = browser.get("/breaks")
    assert answer.status_code == 500
    assert "It was our fault" in answer.get_data(as_text=True)
    assert "KeyError" not in answer.get_data(as_text=True)


def test_forms_without_their_token_are_refused(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"email": "a@b.example", "password": "x"})
    assert answer.status_code == 400
    assert "This form has expired" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_forms_from_other_sites_are_refused(client: FlaskClient, headers: dict[str, str]) -> None:
    assert client.post("/sign-in", data={}, headers=headers).status_code == 403


def test_reading_after_a_write_sees_it(settings: object, people: dict[object, object]) -> None:
    from portal.db import signed
    from portal.models import Person

    (one, *_) = people.values()
    with reading() as session:
        before = session.get(Person, one.id)  # type: ignore[attr-defined]
        assert before is not None
        with signed("tests", "renamed") as unit:
            unit.get(Person, before.id).name = "Renamed"  # type: ignore[union-attr]
        assert before.name == "Renamed"


def test_the_token_of_a_form_is_renewed_at_sign_in(client: FlaskClient, people: dict[object, object]) -> None:
    answer = post(client, "/sign-in", email="nobody@test.example", password="wrong password")
    assert answer.status_code == 422
    assert "do not belong together" in answer.get_data(as_text=True)
