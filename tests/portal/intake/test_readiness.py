"""Readiness beside the proposal: a level for each track, the lowest overall; the tandem reads it, others argue it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import db
from portal.gates.actions import level
from portal.intake.queries import readiness
from portal.models import Person, Project
from portal.rights import asker
from portal.rulebook import read, seeded
from portal.stages import Role

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]
TRACKS = tuple(read(seeded()).tracks)


def argue(people: dict[Role, Person], project: Project, **levels: int) -> None:
    with db.reading() as session:
        who = asker(session, people[Role.INVESTMENT])
    with db.signed(who.person, "levels") as session:
        for track, number in levels.items():
            level(session, who, project, (track, number, f"Report on {track}"))


def words(browser: FlaskClient, key: str = "CAR19") -> str:
    """The card on the proposal's page, as text."""
    page = browser.get(f"/projects/{key}/proposal").get_data(as_text=True)
    (card,) = re.findall(r'(?s)<section class="card" aria-labelledby="ready-title">(.*?)</section>', page)
    return " ".join(re.sub(r"<[^>]+>", " ", card).split())


def test_before_anything_is_argued_the_card_says_what_the_gate_asks(researcher: FlaskClient) -> None:
    said = words(researcher)
    assert "No level is argued yet. The overall level is that of the lowest track." in said
    assert said.count("not argued") == len(TRACKS) == 5
    assert "Asked: hypothesis and experiments planned not argued 2 open" in said
    assert "Those who answer for the gates argue them on the gate sheet: investment manager" in said
    assert "Argue a level" not in said, "the tandem reads it"


def test_the_lowest_track_is_the_overall_level(
    researcher: FlaskClient, sign_in: Enter, people: dict[Role, Person]
) -> None:
    with db.reading() as session:
        project = session.scalars(select(Project)).one()
    argue(people, project, science=2, manufacturing=1)
    said = words(researcher)
    assert "none is argued for Regulation; Clinic; Rights, value and money." in said
    assert "Science and non-clinical Hypothesis and experiments planned. Shown by: Report on science (Test inv" in said
    assert "2 of 9 2 of 9 2 reached" in said, "in words, by the bar, and what the gate asks"
    argue(people, project, regulatory=3, clinical=1, value=4)
    said = words(researcher)
    assert "Level 1 of 9 overall , that of the lowest tracks: Manufacture and control; Clinic." in said
    assert "not argued" not in said
    argue(people, project, clinical=4)
    assert "Level 1 of 9 overall , that of the lowest track: Manufacture and control." in words(researcher)


@pytest.mark.parametrize(("stage", "gate"), [("idea", "G0"), ("proposed", "G0"), ("feasibility", "G1"), ("closed", "")])
def test_it_stands_beside_what_the_gate_ahead_asks(project: Make, stage: str, gate: str) -> None:
    made = project(stage, "P-1")
    with db.reading() as session:
        found = readiness(session, made)
    assert found.gate == gate
    asked = read(seeded()).gates[gate].readiness if gate else {}
    assert [track.asked for track in found.tracks] == [asked.get(name) for name in TRACKS]
    assert found.overall is None
    assert len(found.silent) == len(TRACKS)


def test_who_answers_for_the_gates_is_led_to_where_levels_are_argued(researcher: FlaskClient, sign_in: Enter) -> None:
    with db.signed("tests", "proposed") as session:
        session.scalars(select(Project)).one().stage = "proposed"
    assert "Argue a level" in words(sign_in("investment_manager"))
