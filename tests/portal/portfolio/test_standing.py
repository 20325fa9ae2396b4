"""Where one project stands is computed: holder, next act, expected day, tracks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from dossiers.binder import Binder
from dossiers.records import RECORDS
from dossiers.records.regulatory import RegulatoryTrack, TrackKind, TrackState
from dossiers.stage import Stage
from portal import db
from portal.db import reading, signed
from portal.models import Decision, Membership, Person, Project
from portal.people.queries import Member
from portal.portfolio import standing
from portal.programme import Deadline, Money, Task
from portal.rights import asker
from portal.rulebook import read, seeded
from portal.stages import GATES, Course, Function, Lack, Role
from portal.tasks.queries import Tasks

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]
BOOK = read(seeded(), 3)
T0 = datetime(2026, 1, 5, tzinfo=UTC)
NONE = Tasks((), ())


def decision(day: int, source: str, target: str, move: str = "go", gate: str = "") -> Decision:
    return Decision(
        project_id=uuid4(), serial=1, move=move, source=source, target=target, by="A", at=T0 + timedelta(days=day),
        gate=gate, verdict="go" if gate else "",
    )  # fmt: skip


def member(name: str, function: Function) -> Member:
    who = Person(name=name, email=f"{name}@x.example")
    return Member(who, function, Membership(project_id=uuid4(), person_id=who.id, function=function.value))


TANDEM = (member("An", Function.CLINICAL_LEAD), member("Bo", Function.INVESTIGATOR), member("Cy", Function.MEMBER))
OPEN = tuple(Lack("product", owner=owner) for owner in ("Dora", "Eli", "Eli", ""))


@pytest.mark.parametrize(
    ("stage", "gate", "missing", "says"),
    [
        ("idea", "", (), "An and Bo"),
        ("feasibility", "G1", (), "investment manager, who chairs gate G1"),
        ("transfer", "G4", (), "quality (QP), who chairs gate G4"),
        ("transfer", "G4", OPEN, "Eli, who owes 2 of 4 missing facts"),
        ("transfer", "G4", OPEN[:2], "Dora and Eli, who owe 1 of 2 missing facts"),
        ("transfer", "G4", OPEN[3:], "An and Bo"),
        ("on_hold", "", (), "investment manager, who may take it up again"),
        ("closed", "", OPEN, "nobody: the project is closed"),
    ],
)
def test_who_holds_it(stage: str, gate: str, missing: tuple[Lack, ...], says: str) -> None:
    course = Course(Stage(stage), frozenset(), None)
    assert standing.holder(course, GATES.get(gate), missing, TANDEM) == says
    if stage == "idea":
        assert "not named" in standing.holder(course, None, (), TANDEM[2:])


def test_the_day_is_the_stage_begun_and_the_weeks_of_the_rulebook() -> None:
    decided = [
        decision(0, "", "idea", "propose"), decision(7, "idea", "proposed", "submit"),
        decision(14, "proposed", "feasibility", "admit", "G0"),
    ]  # fmt: skip
    course = Course(Stage.FEASIBILITY, frozenset({"G0"}), None)
    found = standing.expected(BOOK, course, decided, T0 + timedelta(days=20))
    assert found is not None
    weeks = BOOK.gates["G1"].weeks
    assert (found.on, found.weeks) == ((T0 + timedelta(days=14, weeks=weeks)).date(), weeks)
    assert (found.late_days, found.whole, found.version) == (0, True, 3)
    held = [*decided, decision(20, "feasibility", "on_hold", "hold"), decision(50, "on_hold", "feasibility", "resume")]
    later = standing.expected(BOOK, course, held, T0 + timedelta(days=60))
    assert later is not None
    assert later.on == found.on + timedelta(days=30), "time on hold does not count"
    over = standing.expected(BOOK, course, decided, T0 + timedelta(days=14 + weeks * 7 + 9))
    assert over is not None
    assert (over.on, over.late_days) == (found.on, 9)
    for course in (Course(Stage.ON_HOLD, frozenset(), Stage.FEASIBILITY), Course(Stage.IDEA), Course(Stage.CLOSED)):
        assert standing.expected(BOOK, course, decided, T0) is None
    assert standing.expected(BOOK, Course(Stage.DOSSIER), [], T0) is None


def test_what_comes_next(people: dict[Role, Person], project: Make) -> None:
    at = Course(Stage.TRANSFER, frozenset(), None)
    gate = GATES["G4"]
    found = standing.act(at, gate, (), NONE)
    assert found is not None
    assert (found.text, found.endpoint) == ("Decide gate G4, GMP readiness", "gates.sheet")
    found = standing.act(at, gate, (Lack("product"), Lack("batch")), NONE)
    assert found is not None
    assert (found.text, found.endpoint, found.parts) == (
        "Fill in what is missing: 2 facts", "records.kind", {"kind": "product"},
    )  # fmt: skip
    found = standing.act(Course(Stage.IDEA), None, (), NONE)
    assert found is not None and found.text == "Submit the proposal"
    assert standing.act(Course(Stage.CLOSED), None, (), NONE) is None
    held = standing.act(Course(Stage.ON_HOLD), None, (Lack("product"),), NONE)
    assert held is not None and held.endpoint == "gates.sheet"


def track(uid: int, kind: TrackKind, state: TrackState, since: str, **more: Any) -> RegulatoryTrack:
    return RegulatoryTrack(
        uid=uuid4(),
        project_id=uuid4(),
        key=str(uid),
        absent={},
        sources={},
        track=kind,
        state=state,
        since=since,
        **more,
    )


def test_tracks_stand_side_by_side_with_their_periods() -> None:
    rows = (
        track(1, TrackKind.TRIAL, TrackState.PLANNED, "2020-01", jurisdiction="ES"),
        track(2, TrackKind.HOSPITAL_EXEMPTION, TrackState.GRANTED, "2021-02", jurisdiction="ES", population="adults"),
        track(3, TrackKind.TRIAL, TrackState.GRANTED, "2022-03", jurisdiction="es"),
        track(4, TrackKind.TRIAL, TrackState.APPLIED, "2023-03", jurisdiction="BE"),
        track(5, TrackKind.TRIAL, TrackState.APPLIED, "2023-03", jurisdiction="BE", population="children"),
    )
    out = tuple(standing.Issued("impd-q", n, "A", T0) for n in (3, 2, 1))
    found = standing.tracks(Binder("P", "P", Stage.DOSSIER, True, {"regulatory_track": rows}), out)
    assert [[d.version for d in t.documents] for t in found] == [[3], [], [3], [3]]
    assert [(t.now.key, [x.key for x in t.earlier]) for t in found] == [("3", ["1"]), ("2", []), ("4", []), ("5", [])]


def text(browser: FlaskClient, url: str = "/projects/P-1") -> str:
    return browser.get(url).get_data(as_text=True).replace("\u00a0", " ")


def test_the_page_shows_it_all_and_hides_reviewers(sign_in: Enter, project: Make, people: dict[Role, Person]) -> None:
    made = project("dossier", "P-1", ("researcher", "clinician", "reviewer"))
    with signed("tests", "things") as session:
        row = track(1, TrackKind.NAMED_PATIENT, TrackState.GRANTED, "2021-02", population="one boy", jurisdiction="BE")
        row.project_id = made.id
        session.add_all((row, Task(project_id=made.id, title="Ring the sponsor", owner_role="quality")))
    page = text(sign_in("researcher"))
    for words in (
        "Named patient",
        "Population: one boy.",
        "Ring the sponsor",
        "the day the project was taken in",
        "is due about",
    ):
        assert words in page
    assert people[Role.CLINICIAN].name in page
    assert people[Role.REVIEWER].name not in page


@pytest.mark.parametrize("stage", [s.value for s in Stage])
def test_every_stage_has_its_page(sign_in: Enter, project: Make, stage: str) -> None:
    project(stage, "P-1", ("researcher",))
    page = text(sign_in("researcher"))
    assert "Where it stands" in page
    assert ("is due about" in page) == (stage not in ("idea", "closed", "stopped", "on_hold"))


def test_the_queries_do_not_grow_with_what_is_there(sign_in: Enter, project: Make, people: dict[Role, Person]) -> None:
    made = project("feasibility", "P-1", ("researcher",))

    def count() -> int:
        statements: list[str] = []

        def note(*said: Any) -> None:
            statements.append(said[2])

        event.listen(db.engine(), "before_cursor_execute", note)
        with reading() as session:
            session.get(Person, people[Role.RESEARCHER].id)
            who = asker(session, people[Role.RESEARCHER])
            standing.overview(session, who, session.get(Project, made.id))  # type: ignore[arg-type]
        event.remove(db.engine(), "before_cursor_execute", note)
        return len(statements)

    def plant(number: int) -> None:
        with signed("tests", "more") as session:
            for n in range(number):
                day = T0.date()
                session.add(
                    RECORDS["product"](uid=uuid4(), project_id=made.id, key=f"{number}-{n}", absent={}, sources={})
                )
                session.add(Deadline(project_id=made.id, kind="disclosure", title="D", on=day))
                session.add(Money(project_id=made.id, source=f"S{n}", kind="asked", amount=Decimal(1), on=day))
                session.add(Task(project_id=made.id, title="T", owner_role="quality"))

    plant(1)
    few = count()
    plant(12)
    assert count() == few
