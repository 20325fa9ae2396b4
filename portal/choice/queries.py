"""What there is to choose from, as far as the reader may know it; and what stays outside, with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlmodel import col

from portal.choice.asked import NEED, Asked
from portal.choosing import CENT, Candidate, State, rounded
from portal.gates.rules import in_force
from portal.insight.worth import open_to, sums, valued
from portal.models import Project
from portal.programme import Review, Score, SlotNeed
from portal.rights import Asker, visible_to
from portal.scoring import Given, weighted_score
from portal.stages import GATES
from portal.trail import Unit

NOTHING = Decimal(0)
NO_SCORES = "no full set of scores that you may see"
NO_MONEY = "no sum asked for is entered"
NO_SLOTS = "clean-room slots are not stated"


@dataclass(frozen=True, slots=True)
class Apart:
    """A project that is not to choose from, and what is missing for it."""

    project: Project
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is to choose from, by key; what is not; and the pinned keys that are not among what is to choose from."""

    candidates: tuple[Candidate, ...]
    projects: Mapping[str, Project]
    apart: tuple[Apart, ...]
    loose: tuple[str, ...]


def ground(session: Unit, who: Asker, asked: Asked) -> Ground:
    """The projects that `who` may see at the stages that are asked for. A fixed number of queries.

    Where scores may not be seen, a project stands apart with the same words whether there are scores or not. Money:
    what is asked for less what is committed. Without a limit of money or slots, nobody needs to have stated them.
    """
    here = (visible_to(who), col(Project.stage).in_([stage.value for stage in asked.stages]))
    projects = list(session.scalars(select(Project).where(*here).order_by(col(Project.key))))
    values = _values(session, who, asked, projects)
    money, slots, limits = _money(session, who), _slots(session, here), asked.limits
    chosen: list[Candidate] = []
    apart = []
    for p in projects:
        value, needs, many = values.get(p.id), money.get(p.id), slots.get(p.id)
        why = [NO_SCORES] if value is None else []
        why += [NO_MONEY] if needs is None and limits.money is not None else []
        why += [NO_SLOTS] if many is None and limits.slots is not None else []
        if value is None or why:
            apart.append(Apart(p, tuple(why)))
        else:
            state = asked.pinned.get(p.key, State.MAY)
            chosen.append(Candidate(p.key, rounded(value), needs or NOTHING, many or 0, state))
    known = {c.key for c in chosen}
    loose = tuple(sorted(asked.pinned.keys() - known))
    return Ground(tuple(chosen), {p.key: p for p in projects if p.key in known}, tuple(apart), loose)


def _values(session: Unit, who: Asker, asked: Asked, projects: Sequence[Project]) -> dict[UUID, Decimal]:
    """Project id → its points, for the projects whose scores `who` may see and that are scored in full."""
    if asked.value == NEED:
        return {one.project.id: one.need * one.feasibility for one in valued(session, who, projects)}
    book = in_force(session)
    given = _last_scores(session, open_to(session, who, projects), asked)
    points = {project: weighted_score(book, scores) for project, scores in given.items()}
    return {project: value for project, value in points.items() if value is not None}


def _last_scores(session: Unit, allowed: frozenset[UUID], asked: Asked) -> dict[UUID, list[Given]]:
    """Project id → the scores handed in at its last gate and attempt that has some, for `allowed` projects."""
    at = select(col(Project.id)).where(col(Project.stage).in_([stage.value for stage in asked.stages]))
    query = (
        select(
            col(Review.project_id), col(Review.gate), col(Review.attempt), col(Score.criterion), col(Score.score),
            col(Score.confidence), col(Review.reviewer_id),
        )
        .join(Score, col(Score.review_id) == col(Review.id))
        .where(col(Review.handed_in_at).is_not(None), col(Review.project_id).in_(at))
    )  # fmt: skip
    order = list(GATES)
    found: dict[UUID, dict[tuple[int, int], list[Given]]] = {}
    for project, gate, attempt, criterion, score, confidence, reviewer in session.execute(query):
        if project in allowed:
            here = found.setdefault(project, {}).setdefault((order.index(gate), attempt), [])
            here.append(Given(criterion, score, confidence, str(reviewer)))
    return {project: by_attempt[max(by_attempt)] for project, by_attempt in found.items()}


def _money(session: Unit, who: Asker) -> dict[UUID, Decimal]:
    """Project id → EUR asked for less committed, not below 0, for the projects for which a sum is asked."""
    found = {}
    for project, sources in sums(session, who).items():
        asked, committed = (sum((s.amounts[kind] for s in sources), NOTHING) for kind in ("asked", "committed"))
        if asked:
            found[project] = max(NOTHING, asked - committed).quantize(CENT)
    return found


def _slots(session: Unit, here: Sequence[ColumnElement[bool]]) -> dict[UUID, int]:
    """Project id → the clean-room slots it needs for its next stage, where somebody has entered them."""
    query = select(col(SlotNeed.project_id), col(SlotNeed.slots)).where(
        col(SlotNeed.project_id).in_(select(col(Project.id)).where(*here))
    )
    return {row[0]: row[1] for row in session.execute(query)}
