"""The demo's reviews: invented, asked for and handed in through the verbs, and enough for a card at their gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from portal import db, seeding_reviews
from portal.gates.lines import meeting, scores
from portal.gates.rules import in_force
from portal.models import Person, Project
from portal.programme import Review
from portal.scoring import card
from portal.stages import Role

Make = Callable[..., Project]
TODAY = date(2026, 11, 25)


@pytest.fixture
def demo_people(people: dict[Role, Person]) -> None:
    with db.signed("tests", "people of a demo") as session:
        for person in session.scalars(select(Person)):
            person.demo = True


def test_what_the_seed_says_is_asked_for_scored_and_handed_in(demo_people: None, project: Make) -> None:
    said = seeding_reviews.reviews()
    assert "Invented" in said["note"]
    for key, lines in said["projects"].items():
        made = project("feasibility" if key == "DIJLE-HSC" else "dossier", key)
        with db.signed("tests", "plant") as session:
            assert seeding_reviews.plant(session, made, TODAY) == len(lines)
        with db.reading() as session:
            rows = list(session.scalars(select(Review).where(col(Review.project_id) == made.id)))
            handed_in = [row for row in rows if row.handed_in_at]
            assert len(rows) == len(lines)
            assert len(handed_in) == sum("scores" in line for line in lines)
            assert all(said["note"] in row.summary for row in handed_in)
            given, _ = scores(session, made.id, rows[0].gate, 1)
            assert card(in_force(session), rows[0].gate, given).proposal
            held = meeting(session, made.id, rows[0].gate, 1)
            assert (held is not None) is (key in said["meetings"])
            assert held is None or (held.held_on is not None and held.held_on > TODAY and said["note"] in held.notes)
    assert set(said["meetings"]) <= set(said["projects"])


def test_nothing_is_invented_for_a_real_project(demo_people: None, project: Make) -> None:
    real = project("feasibility", "DIJLE-HSC")
    real.invented = False
    with pytest.raises(ValueError, match="no invented project"), db.signed("tests", "plant") as session:
        seeding_reviews.plant(session, real, TODAY)


def test_a_project_the_seed_does_not_name_stays_as_it_is(demo_people: None, project: Make) -> None:
    with db.signed("tests", "plant") as session:
        assert seeding_reviews.plant(session, project("feasibility", "OTHER-1"), TODAY) == 0
    with db.reading() as session:
        assert not session.scalars(select(Review)).all()
