"""The portal on a database of the test's own, browsers without a screen, and somebody in every role."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import html5lib
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from dossiers.binder import Binder
from dossiers.stage import Stage
from portal import db
from portal.app import create_app
from portal.config import Settings
from portal.migrations import run
from portal.models import Person, Project
from portal.records.actions import take_in
from portal.signin import HASHER
from portal.stages import Function, Role
from tests.conftest import drop_database, new_database

PASSWORD = "a word that opens"
FUNCTIONS = {
    Role.RESEARCHER: Function.INVESTIGATOR,
    Role.CLINICIAN: Function.CLINICAL_LEAD,
    Role.GMP: Function.PRODUCTION,
    Role.QUALITY: Function.QUALIFIED_PERSON,
    Role.REGULATORY: Function.REGULATORY,
    Role.REVIEWER: Function.REVIEWER,
}


class CheckedClient(FlaskClient):
    """A browser that refuses HTML which is not valid HTML5, whole pages and fragments alike."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.data:
            check_html(answer.get_data(as_text=True))
        return answer


# What html5lib calls an error and HTML5 does not: elements younger than the parser.
_TOLERATED = ("named-entity-without-semicolon",)


def check_html(text: str) -> None:
    parser = html5lib.HTMLParser(strict=False)
    if text.lstrip()[:9].lower() == "<!doctype":
        parser.parse(text)
    else:
        parser.parseFragment(text)
    faults = [(place, code, data) for place, code, data in parser.errors if code not in _TOLERATED]
    lines = text.splitlines()
    shown = [
        f"{code} {data} near: {lines[place[0] - 1].strip()[:160] if place[0] <= len(lines) else ''}"
        for place, code, data in faults[:3]
    ]
    assert not faults, f"not HTML5: {'; '.join(shown)}"
    ids = re.findall(r'\sid="([^"]*)"', text)
    twice = {one for one in ids if ids.count(one) > 1}
    assert not twice, f"ids stand twice: {twice}"


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An upgraded, empty SQLite database to copy."""
    file = tmp_path_factory.mktemp("empty") / "tandem.db"
    engine = db.open_engine(f"sqlite:///{file}")
    run.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(scope="session")
def empty_postgres(postgres_server: str) -> Iterator[str]:
    """URL of an upgraded, empty PostgreSQL database to copy."""
    with new_database(postgres_server) as url:
        engine = db.open_engine(url)
        run.upgrade(engine)
        engine.dispose()
        yield url


@pytest.fixture
def upgraded_postgres(empty_postgres: str, postgres_server: str) -> Iterator[str]:
    """URL of an upgraded, empty PostgreSQL database of this test's own."""
    url = make_url(postgres_server).set(database=f"tandem_test_{uuid4().hex}")
    server = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.exec_driver_sql(
                f'CREATE DATABASE "{url.database}" TEMPLATE "{make_url(empty_postgres).database}"'
            )
        yield url.render_as_string(hide_password=False)
        with server.connect() as connection:
            drop_database(connection, str(url.database))
    finally:
        server.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a portal on an upgraded, empty database that is in use; the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "tandem.db")
        url = f"sqlite:///{tmp_path / 'tandem.db'}"
    else:
        url = request.getfixturevalue("upgraded_postgres")
    engine = db.use(url)
    yield Settings(database_url=url, secret_key="t" * 32)
    db.engine().dispose()
    engine.dispose()


@pytest.fixture
def app(settings: Settings) -> Flask:
    made = create_app(settings)
    made.testing = True
    made.test_client_class = CheckedClient
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser nobody signed in with."""
    return app.test_client()


@pytest.fixture(scope="session")
def hashed() -> str:
    return HASHER.hash(PASSWORD)


@pytest.fixture
def people(settings: Settings, hashed: str) -> dict[Role, Person]:
    """Somebody in each role, all with the password `PASSWORD`."""
    made = {
        role: Person(name=f"Test {role.label}", email=f"{role.value}@test.example", password=hashed, roles=[role.value])
        for role in Role
    }
    with db.signed("tests", "people of the test") as session:
        session.add_all(made.values())
    return made


@pytest.fixture
def sign_in(app: Flask, people: dict[Role, Person]) -> Callable[[str], FlaskClient]:
    """A function from a role to a browser somebody in that role signed in with."""

    def enter(role: str) -> FlaskClient:
        browser = app.test_client()
        answer = post(browser, "/sign-in", email=people[Role(role)].email, password=PASSWORD)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return browser

    return enter


@pytest.fixture
def project(people: dict[Role, Person]) -> Callable[..., Project]:
    """A function that makes a project: stage, key, members (roles), records (a Binder's), confidential."""

    def make(
        stage: str = "feasibility",
        key: str = "TST-1",
        members: tuple[str, ...] = (),
        records: Any = None,
        confidential: bool = True,
    ) -> Project:
        binder = Binder(key, f"Project {key}", Stage(stage), True, records or {})
        team = [(people[Role(role)], FUNCTIONS.get(Role(role), Function.MEMBER)) for role in members]
        with db.signed("tests", "project of the test") as session:
            made = take_in(session, None, binder, team)
            made.confidential = confidential
        return made

    return make


def token(browser: FlaskClient, page: str = "/sign-in") -> str:
    """The CSRF token of the browser's session."""
    answer = browser.get(page, follow_redirects=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', answer.get_data(as_text=True))
    assert found, answer.get_data(as_text=True)
    return found[1]


def post(browser: FlaskClient, url: str, htmx: bool = False, **form: Any) -> TestResponse:
    """The answer to a form sent with the CSRF token; `htmx` sends it as htmx does."""
    headers = {"HX-Request": "true"} if htmx else {}
    return browser.post(url, data={"csrf_token": token(browser), **form}, headers=headers)


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """Address of the portal, served for a real browser."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
