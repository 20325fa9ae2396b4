"""The portal's commands, and the demo's seeds."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from dossiers.binder import load
from dossiers.outlines import outlines, texts
from portal import db, seeding
from portal.cli import portal, warm
from portal.db import reading, signed
from portal.models import Decision, Person, Project
from portal.rights import RULES
from portal.stages import MOVES, Role, fold


def run(url: str, *arguments: str, **environ: str) -> tuple[int, str]:
    done = CliRunner().invoke(portal, arguments, env={"DATABASE_URL": url, "TANDEM_SECRET_KEY": "k" * 32, **environ})
    return done.exit_code, done.output


def test_upgrade_and_seed_twice(database_url: str) -> None:
    assert run(database_url, "upgrade") == (0, "The database is up to date.\n")
    status, first = run(database_url, "seed")
    assert status == 0
    assert first.count("added") == len(seeding.accounts()) + len(seeding.files())
    with signed("tests", "a person works") as session:
        session.scalars(select(Person).limit(1)).one().name = "Kept"
    assert run(database_url, "seed") == (0, "Nothing to add: people and demo projects are there.\n")
    with reading() as session:
        assert [p.name for p in session.scalars(select(Person)) if p.name == "Kept"] == ["Kept"]
        for project in session.scalars(select(Project)):
            decisions = session.scalars(
                select(Decision).where(Decision.project_id == project.id).order_by(Decision.serial)
            )  # type: ignore[arg-type]
            assert fold(decisions).stage is project.standing_at
    db.engine().dispose()


def test_every_role_has_a_fictional_person_named_by_it() -> None:
    accounts = seeding.accounts()
    assert [account.roles for account in accounts] == [(role,) for role in Role]
    for account in accounts:
        assert account.name.startswith("Demo ")
        assert account.email.endswith("@tandem.example")


@pytest.mark.parametrize("file", seeding.files(), ids=lambda file: file.stem)
def test_every_demo_file_loads(file: Path) -> None:
    assert load(file.read_text(encoding="utf-8"), file.name).project


def test_a_port_in_use_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for command in ("demo", "serve"):
            status, said = run(f"sqlite:///{tmp_path}/x.db", command, "--port", port)
            assert status == 1
            assert f"Port {port} of 127.0.0.1 cannot be used" in said
            assert "TANDEM_PORT" in said
    assert not (tmp_path / "x.db").exists()


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    status, said = run(f"sqlite:///{tmp_path}/no/such/folder/x.db", "upgrade")
    assert status == 1
    assert "The database cannot be reached" in said
    assert "Traceback" not in said
    status, said = run("mysql://x", "upgrade")
    assert status == 1
    assert "DATABASE_URL must begin with" in said


def test_the_house_prints_its_own_tables() -> None:
    status, said = run("sqlite:///x.db", "house")
    assert status == 0
    for move in MOVES:
        assert f"  {move.name} " in said
    for rule in RULES:
        assert rule.right.value in said


def test_what_the_first_document_needs_is_loaded_before_it_is_asked_for() -> None:
    warm()
    assert "dossiers.drawing" in sys.modules
    assert texts().cache is not None and len(texts().cache) >= sum(1 for o in outlines() for s in o.sections if s.text)
