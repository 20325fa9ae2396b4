"""What every test may ask for: a place of its own, and the programs that not every machine has.

A test that needs PostgreSQL, Chromium, LibreOffice or the Open XML SDK validator asks for the fixture of that name.
Where the program is absent the test is skipped with one line; with TANDEM_CI_REQUIRE=1 it fails instead.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest
import sqlalchemy
from playwright.sync_api import Browser, Page, sync_playwright

# No example is timed: a busy machine is not a fault of the code.
hypothesis.settings.register_profile("tandem", deadline=None, max_examples=50)
hypothesis.settings.load_profile("tandem")

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def miss(what: str) -> None:
    """Skip the test that asked, or fail it where TANDEM_CI_REQUIRE=1 says that everything must be there."""
    if os.environ.get("TANDEM_CI_REQUIRE") == "1":
        pytest.fail(f"{what} (TANDEM_CI_REQUIRE=1 asks for it)", pytrace=False)
    pytest.skip(what)


# ---------------------------------------------------------------- a place of its own


@pytest.fixture(scope="session", autouse=True)
def _own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nobody's database but the tests' own: SQLite in a temporary folder, and no setting of the caller's shell."""
    folder = tmp_path_factory.mktemp("environment")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("FLASK_", "TANDEM_"))]:
            if not name.startswith(("TANDEM_TEST_", "TANDEM_CI_", "TANDEM_OOXML_")):
                patch.delenv(name)
        patch.setenv("DATABASE_URL", f"sqlite:///{folder / 'tandem.db'}")
        patch.setenv("TANDEM_VAR", str(folder / "var"))
        patch.setenv("MPLCONFIGDIR", str(folder / "matplotlib"))
        yield


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database on the server, dropped at the end."""
    url = sqlalchemy.make_url(server).set(database=f"tandem_test_{uuid4().hex}")
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{url.database}"')
        yield url.render_as_string(hide_password=False)
        with engine.connect() as connection:
            drop_database(connection, str(url.database))
    finally:
        engine.dispose()


def drop_database(connection: sqlalchemy.Connection, name: str) -> None:
    """Drop a database of ours. Plainly first: that also ends a vacuum there, which only an administrator may force."""
    try:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}"')
    except sqlalchemy.exc.OperationalError:  # somebody is still connected
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """URL of a PostgreSQL database whose role may create databases."""
    url = os.environ.get("TANDEM_TEST_POSTGRES", "")
    if not url:
        miss("no PostgreSQL: TANDEM_TEST_POSTGRES names no database")
    return url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test's own."""
    with new_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database of this test's own: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'tandem.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


# ---------------------------------------------------------------- a browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, driven by Playwright."""
    if not CHROMIUM.exists():
        miss(f"no Chromium: {CHROMIUM} is not there")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page in a browser session of this test's own; what goes wrong in the page fails the test."""
    with chromium.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(15_000)
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        assert not faults, "the page raised: " + "; ".join(faults)


# ---------------------------------------------------------------- an office


@pytest.fixture(scope="session")
def office() -> str:
    """Path of LibreOffice's `soffice`."""
    found = shutil.which("soffice")
    if found is None:
        miss("no LibreOffice: soffice is not on the PATH")
    return str(found)


@pytest.fixture(scope="session")
def to_pdf(office: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], bytes]:
    """A function from the bytes of a .docx to the bytes of LibreOffice's PDF of it.

    The profile belongs to this worker, so that two workers never wait for each other's LibreOffice.
    """
    folder = tmp_path_factory.mktemp("office")

    def convert(docx: bytes) -> bytes:
        source = folder / f"{uuid4().hex}.docx"
        source.write_bytes(docx)
        profile = (folder / "profile").as_uri()
        command = [office, f"-env:UserInstallation={profile}", "--headless", "--norestore"]
        command += ["--convert-to", "pdf", "--outdir", str(folder), str(source)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        target = source.with_suffix(".pdf")
        assert target.exists(), f"LibreOffice made no PDF: {done.stdout} {done.stderr}"
        return target.read_bytes()

    return convert


@pytest.fixture(scope="session")
def pdf_text(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], str]:
    """A function from the bytes of a PDF to its text in reading order, a form feed after each page."""
    program = shutil.which("pdftotext")
    if program is None:
        miss("no poppler-utils: pdftotext is not on the PATH")
    folder = tmp_path_factory.mktemp("pdf")

    def read(pdf: bytes) -> str:
        source = folder / f"{uuid4().hex}.pdf"
        source.write_bytes(pdf)
        command = [str(program), "-enc", "UTF-8", str(source), "-"]
        return subprocess.run(command, capture_output=True, timeout=60, check=True).stdout.decode()

    return read


@pytest.fixture(scope="session")
def word_faults(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], list[str]]:
    """A function from the bytes of a .docx to what Microsoft's Open XML SDK finds wrong with it, a line each."""
    program = os.environ.get("TANDEM_OOXML_VALIDATOR", "")
    if not program and os.environ.get("TANDEM_CI_WITHOUT_NODE") == "1":
        pytest.skip("no Open XML SDK validator: this machine has no Node")
    if not program:
        miss("no Open XML SDK validator: TANDEM_OOXML_VALIDATOR names no program (it needs Node)")
    folder = tmp_path_factory.mktemp("validator")

    def validate(docx: bytes) -> list[str]:
        source = folder / f"{uuid4().hex}.docx"
        source.write_bytes(docx)
        done = subprocess.run([program, str(source)], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in {0, 1}, f"the validator did not run: {done.stderr}"
        answer = json.loads(done.stdout)
        return [f"{error['path']} {error['xPath']}: {error['description']}" for error in answer["errors"]]

    return validate
