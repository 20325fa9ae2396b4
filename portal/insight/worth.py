"""Need against feasibility, and money: what projects are worth and cost, for those who may know.

Scores appear only of projects whose scores the reader may see: who may not judge a project learns nothing of its
reviews here, not even by a number that changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from portal.conflicts import blind_among
from portal.gates.rules import in_force
from portal.models import Project
from portal.programme import Money, Review, Score
from portal.rights import Asker, Right, may, visible_to
from portal.rulebook import Rulebook
from portal.scoring import Given, summed
from portal.stages import GATES
from portal.trail import Unit

NEED = "C01"
FEASIBILITY = ("C05", "C07", "C08", "C09")
KINDS = ("asked", "committed", "spent")
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Valued:
    """A project's need (weighted points of its criterion) and feasibility (mean usable score, 0 to 5), as scored last.

    `cost` is the sum asked, in EUR; `kind` the class of product that was proposed, "" where none was named.
    """

    project: Project
    need: Decimal
    feasibility: Decimal
    cost: Decimal
    kind: str


def open_to(session: Unit, who: Asker, projects: Sequence[Project]) -> frozenset[UUID]:
    """Those of `projects` whose scores `who` may see. At most five queries.

    Who is asked for a review sees the others' scores only once it is handed in.
    """
    judged = {p.id for p in projects if may(who, Right.JUDGE, p)}
    mine = select(col(Review.project_id), col(Review.handed_in_at)).where(
        col(Review.reviewer_id) == who.person.id, col(Review.declined) == ""
    )
    waiting: set[UUID] = set()
    for project, handed_in in session.execute(mine):
        judged.add(project)
        if handed_in is None:
            waiting.add(project)
    wanted = judged & {p.id for p in projects} - waiting
    return frozenset(wanted - blind_among(session, who.person, wanted))


def valued(session: Unit, who: Asker, projects: Sequence[Project]) -> tuple[Valued, ...]:
    """Those of the visible `projects` that are scored on need and feasibility, as far as `who` may see the scores.

    The scores are those handed in at the last gate and attempt that has any. At most nine queries.
    """
    book = in_force(session)
    if not {NEED, *FEASIBILITY} <= {c.id for c in book.criteria}:
        return ()
    allowed = open_to(session, who, projects)
    scored = _last_scores(session, who, allowed)
    kinds, money = product_types(session, who), sums(session, who)
    found = []
    for project in projects:
        points = _points(book, scored.get(project.id, ()))
        if points is not None:
            cost = sum((row.amounts["asked"] for row in money.get(project.id, ())), NOTHING)
            found.append(Valued(project, *points, cost, kinds.get(project.id, "")))
    return tuple(found)


def weight(session: Unit) -> Decimal:
    """The weighted points that the need can come to by the rulebook in force; 0 where it does not ask for it."""
    return next((c.weight for c in in_force(session).criteria if c.id == NEED), NOTHING)


def _last_scores(session: Unit, who: Asker, allowed: frozenset[UUID]) -> dict[UUID, list[Given]]:
    """Project id → the scores handed in at its last gate and attempt that has some."""
    query = (
        select(
            col(Score.project_id), col(Review.gate), col(Review.attempt), col(Score.criterion), col(Score.score),
            col(Score.confidence), col(Review.reviewer_id),
        )
        .join(Review, col(Review.id) == col(Score.review_id))
        .where(
            col(Review.handed_in_at).is_not(None),
            col(Score.criterion).in_((NEED, *FEASIBILITY)),
            col(Score.project_id).in_(select(col(Project.id)).where(visible_to(who))),
        )
    )  # fmt: skip
    order = list(GATES)
    found: dict[UUID, dict[tuple[int, int], list[Given]]] = {}
    for project, gate, attempt, criterion, score, confidence, reviewer in session.execute(query):
        if project in allowed:
            given = Given(criterion, score, confidence, str(reviewer))
            found.setdefault(project, {}).setdefault((order.index(gate), attempt), []).append(given)
    return {project: by_attempt[max(by_attempt)] for project, by_attempt in found.items()}


def _points(book: Rulebook, given: Sequence[Given]) -> tuple[Decimal, Decimal] | None:
    need, *rest = (summed(book, book.criterion(name), given, {}).usable for name in (NEED, *FEASIBILITY))
    known = [points for points in rest if points is not None]
    if need is None or len(known) < len(FEASIBILITY):
        return None
    return book.criterion(NEED).weight * need / 5, sum(known, NOTHING) / len(known)


def product_types(session: Unit, who: Asker) -> dict[UUID, str]:
    """Project id → the class of product that its proposal names."""
    query = select(col(Proposal.project_id), col(Proposal.product_type)).where(
        col(Proposal.project_id).in_(select(col(Project.id)).where(visible_to(who)))
    )
    return {project: kind.label for project, kind in session.execute(query) if kind is not None}


# ---------------------------------------------------------------- money


@dataclass(frozen=True, slots=True)
class Sum:
    """The money of one source, by kind (asked, committed, spent), in EUR."""

    source: str
    amounts: Mapping[str, Decimal]


def sums(session: Unit, who: Asker) -> dict[UUID, tuple[Sum, ...]]:
    """Project id → its money by source, for the projects that `who` may see. One query."""
    query = select(col(Money.project_id), col(Money.source), col(Money.kind), col(Money.amount)).where(
        col(Money.project_id).in_(select(col(Project.id)).where(visible_to(who)))
    )
    found: dict[UUID, dict[str, dict[str, Decimal]]] = {}
    for project, source, kind, amount in session.execute(query):
        of = found.setdefault(project, {}).setdefault(source, dict.fromkeys(KINDS, NOTHING))
        if kind in of:
            of[kind] += amount
    return {project: _sorted(by_source) for project, by_source in found.items()}


def _sorted(by_source: Mapping[str, Mapping[str, Decimal]]) -> tuple[Sum, ...]:
    return tuple(Sum(source, by_source[source]) for source in sorted(by_source, key=str.casefold))


def by_source(money: Mapping[UUID, Sequence[Sum]]) -> tuple[Sum, ...]:
    """The money of all projects by source, the largest sum asked or committed first."""
    total: dict[str, dict[str, Decimal]] = {}
    for those in money.values():
        for one in those:
            of = total.setdefault(one.source, dict.fromkeys(KINDS, NOTHING))
            for kind in KINDS:
                of[kind] += one.amounts[kind]
    return tuple(sorted(_sorted(total), key=lambda s: max(s.amounts["asked"], s.amounts["committed"]), reverse=True))
