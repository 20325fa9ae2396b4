"""Projects that went through stages, were reviewed and cost money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from portal import db
from portal.gates.queries import decided
from portal.models import Decision, Person, Project, now, project_id
from portal.pace import stand
from portal.programme import Money, Review, Score
from portal.stages import PROPOSING, Role

ROAD = (
    ("proposed", "submit", ""), ("feasibility", "admit", "G0"), ("transfer", "start transfer", "G3"),
    ("dossier", "hand over", "G4"), ("submitted", "file", "G5"), ("running", "start trial", "G6"),
)  # fmt: skip

Walked = Callable[..., Project]
Reviewed = Callable[..., None]


@pytest.fixture
def walked(people: dict[Role, Person]) -> Walked:
    """A function that makes a project which spent so many days at each stage; the last is the one it is at.

    `beside`: where it was put afterwards, a day before now.
    """

    def make(key: str, days: tuple[int, ...], beside: str = "", confidential: bool = True) -> Project:
        with db.signed("tests", "a project that went its way") as session:
            made = Project(
                id=project_id(key), key=key, title=f"Project {key}", invented=True, confidential=confidential
            )
            session.add(made)
            session.flush()
            at, stage = now() - timedelta(days=sum(days)), "idea"
            said: dict[str, Any] = {"project_id": made.id, "by": "tests"}
            session.add(Decision(serial=1, move=PROPOSING, target=stage, at=at, **said))
            for n, (spent, (to, move, gate)) in enumerate(zip(days[:-1], ROAD, strict=False), 2):
                at += timedelta(days=spent)
                verdict = "go" if gate else ""
                step: dict[str, Any] = {"move": move, "gate": gate, "verdict": verdict, "source": stage, "target": to}
                session.add(Decision(serial=n, at=at, **step, **said))
                stage = to
            if beside:
                step = {"move": "hold", "source": stage, "target": beside}
                session.add(Decision(serial=len(days) + 1, at=now() - timedelta(days=1), **step, **said))
            session.flush()
            stand(made, decided(session, made.id))
        return made

    return make


@pytest.fixture
def reviewed(people: dict[Role, Person]) -> Reviewed:
    """A function that hands in a review of a project: criterion → score."""

    def make(project: Project, role: str, scores: Mapping[str, int], gate: str = "G1", handed_in: bool = True) -> None:
        with db.signed("tests", "a review") as session:
            row = Review(
                project_id=project.id, gate=gate, reviewer_id=people[Role(role)].id, asked_by="tests",
                handed_in_at=now() if handed_in else None,
            )  # fmt: skip
            session.add(row)
            session.flush()
            for criterion, score in scores.items():
                session.add(Score(project_id=project.id, review_id=row.id, criterion=criterion, score=score))

    return make


@pytest.fixture
def paid() -> Callable[..., None]:
    """A function that keeps a sum of a project."""

    def make(project: Project, source: str, kind: str, amount: str) -> None:
        with db.signed("tests", "money") as session:
            session.add(
                Money(project_id=project.id, source=source, kind=kind, amount=Decimal(amount), on=date(2026, 1, 1))
            )

    return make
