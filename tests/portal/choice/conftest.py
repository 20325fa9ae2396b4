"""Projects that are scored in full, cost money and need slots."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from portal import db
from portal.models import Project, now
from portal.programme import Money, SlotNeed
from portal.rulebook import read, seeded
from tests.portal.insight.conftest import reviewed, walked

__all__ = ["able", "reviewed", "walked"]

FULL = tuple(criterion.id for criterion in read(seeded(), 0).criteria)
Able = Callable[..., Project]


@pytest.fixture
def able(walked: Callable[..., Project], reviewed: Callable[..., None]) -> Able:
    """A function that makes a project at feasibility which got one score (0 to 5) on every criterion.

    `asked`, `committed`: EUR; `slots`: its need. What is None is not entered.
    """

    def make(key: str, score: int | None, asked: str | None, slots: int | None, **more: Any) -> Project:
        made = walked(key, more.get("days", (1, 1, 1)))
        if score is not None:
            reviewed(made, "reviewer", dict.fromkeys(FULL, score))
        said: dict[str, Any] = {"project_id": made.id, "source": "Fund", "on": now().date()}
        with db.signed("tests", "what it needs") as session:
            for kind, amount in (("asked", asked), ("committed", more.get("committed"))):
                if amount is not None:
                    session.add(Money(kind=kind, amount=Decimal(amount), **said))
            if slots is not None:
                session.add(SlotNeed(project_id=made.id, slots=slots, note="for the test", by="tests"))
        return made

    return make
