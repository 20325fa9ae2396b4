"""A crowd of invented projects: as large as is said, the same for a seed, on permitted courses, never in real work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlmodel import SQLModel, col

from dossiers.binder import dump, load
from dossiers.facts import is_empty
from dossiers.records import RECORDS
from dossiers.stage import Stage
from portal import db
from portal.cli import portal
from portal.config import Settings
from portal.crowd import Size, lay
from portal.crowd_courses import course, standings
from portal.db import Refused
from portal.gates.queries import decided
from portal.models import Change, Decision, Person, Project
from portal.pace import stand
from portal.programme import Deadline, Money, Review, Score, SlotNeed, Task
from portal.records.queries import binder_of
from portal.signin import matches
from portal.stages import MOVES, PROPOSING, TAKEN_IN, fold, next_gate, target

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
SIZE = Size(60, 3_000, 40)


def values() -> Iterator[tuple[str, str]]:
    """(kind of record, fact) of every value in the database."""
    with db.reading() as session:
        for kind, model in RECORDS.items():
            for record in session.scalars(select(model)):
                yield from ((kind, name) for name, value in record.values().items() if not is_empty(value))


def test_it_is_as_large_as_is_said(settings: Settings) -> None:
    heard: list[str] = []
    rows = lay(SIZE, AT, heard.append)
    found = list(values())
    assert len(found) == 3_000
    assert {"proposal", "product", "process_step", "batch", "test_result"} <= {kind for kind, _ in found}
    with db.reading() as session:
        counts = {
            model: session.scalar(select(func.count()).select_from(model)) or 0
            for model in (Project, Person, Decision, Task, Review, Score, Money, Deadline, SlotNeed)
        }
        assert (counts[Project], counts[Person]) == (60, 40) and min(counts.values()) > 0
        assert rows > sum(counts.values())
        for project in session.scalars(select(Project)):
            assert project.invented and "Invented" in project.title and project.key.startswith("CROWD-1-")
        lines = session.scalars(select(Change)).all()
    assert [line.new for line in lines] == ["60 invented projects, 3000 facts, 40 people, seed 1"]
    assert heard == ["60 of 60 projects"]


def test_nobody_of_it_can_sign_in(settings: Settings) -> None:
    lay(SIZE, AT)
    with db.reading() as session:
        for person in session.scalars(select(Person)):
            assert person.demo and not person.password and not matches(person, "")
            assert "invented" in person.name and person.email.endswith(".example")


def test_every_project_stands_where_its_decisions_bring_it(settings: Settings) -> None:
    lay(SIZE, AT)
    with db.reading() as session:
        for project in session.scalars(select(Project)).all():
            mine = decided(session, project.id)
            there = Project(key=project.key, title=project.title)
            stand(there, mine)
            assert (there.stage, there.since, there.gate) == (project.stage, project.since, project.gate)
            assert [d.serial for d in mine] == list(range(1, len(mine) + 1)) and mine[-1].at < AT
            assert [d.at for d in mine] == sorted(d.at for d in mine)


def test_every_step_is_one_of_the_moves() -> None:
    rng, begun, stages = Random(7), set(), set()
    for goal in standings(rng, 600):
        first, *steps = made = course(rng, goal, AT)
        assert first.move in (PROPOSING, TAKEN_IN) and not first.source
        begun.add(first.move)
        for n, step in enumerate(steps, 1):
            before = fold(made[:n])
            [move] = [m for m in MOVES if m.name == step.move]
            gate = next_gate(before)
            assert step.source == before.stage.value and before.stage in move.source
            assert step.target == target(move, before).value
            assert (step.gate, step.verdict) == (move.gate, move.verdict.value if move.verdict else "")
            assert not move.gate or (gate is not None and gate.id == move.gate), "gates come in their order"
        assert fold(made).stage is goal
        stages.add(goal)
    assert begun == {PROPOSING, TAKEN_IN} and stages == set(Stage)


def test_its_records_are_those_of_a_project_file(settings: Settings) -> None:
    lay(Size(5, 600, 12), AT)
    with db.reading() as session:
        for project in session.scalars(select(Project)).all():
            binder = binder_of(session, project)
            read = load(dump(binder))
            assert {kind: [r.values() for r in read.all(kind)] for kind in RECORDS} == {
                kind: [r.values() for r in binder.all(kind)] for kind in RECORDS
            }


def everything() -> dict[str, list[tuple[Any, ...]]]:
    with db.engine().connect() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
        }


def test_a_seed_gives_the_same_crowd(empty_sqlite: Path, tmp_path: Path) -> None:
    found = []
    for name, size in (("a", SIZE), ("b", SIZE), ("c", Size(60, 3_000, 40, seed=2))):
        shutil.copy(empty_sqlite, tmp_path / f"{name}.db")
        db.use(f"sqlite:///{tmp_path / name}.db")
        lay(size, AT)
        found.append(everything())
        db.engine().dispose()
    assert found[0] == found[1]
    assert [row[2:4] for row in found[0]["decision"]] != [row[2:4] for row in found[2]["decision"]]


def test_it_is_never_mixed_into_real_work(settings: Settings) -> None:
    with db.signed("tests", "a real project") as session:
        session.add(Project(key="REAL-1", title="Real"))
    with pytest.raises(Refused, match="holds real projects, such as REAL-1"):
        lay(SIZE, AT)
    with db.reading() as session:
        assert [project.key for project in session.scalars(select(Project))] == ["REAL-1"]
        assert not session.scalars(select(Person)).all()


def test_it_stands_beside_a_demo_and_another_seed(settings: Settings) -> None:
    with db.signed("tests", "a demo project") as session:
        session.add(Project(key="DEMO-1", title="Demo", invented=True))
    lay(Size(3, 30, 8), AT)
    with pytest.raises(Refused, match="seed 1 is here already"):
        lay(SIZE, AT)
    lay(Size(3, 30, 8, seed=2), AT)
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Project)) == 7


def test_the_command(database_url: str) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        environ = {"DATABASE_URL": database_url, "TANDEM_SECRET_KEY": "k" * 32}
        done = CliRunner().invoke(portal, ["crowd", *arguments], env=environ)
        return done.exit_code, done.output

    status, said = run("--projects", "3", "--facts", "40", "--people", "9", "--seed", "5")
    assert status == 0 and "3 of 3 projects" in said and "fact of them is invented." in said
    status, said = run("--projects", "3", "--seed", "5")
    assert status == 1 and "Say another: --seed 6" in said
    with db.signed("tests", "it becomes real") as session:
        session.scalars(select(Project).order_by(col(Project.key)).limit(1)).one().invented = False
    status, said = run()
    assert status == 1 and "such as CROWD-5-00001" in said and "Traceback" not in said
    assert run("--projects", "0")[0] == 2
    db.engine().dispose()
