"""Need against feasibility, and money: what projects are worth and cost, for those who may know.

Scores appear only of projects whose scores the reader may see: who may not judge a project learns nothing of its
reviews here, not even by a number that changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col

from dossiers.records.product import Product
from dossiers.records.proposal import Proposal
from portal.conflicts import blind_among, owing
from portal.gates.rules import in_force
from portal.models import Project
from portal.programme import Money, Review, Score
from portal.rights import Asker, judged_by, visible_to
from portal.rulebook import Rulebook
from portal.scoring import Given, usable
from portal.stages import GATES
from portal.trail import Unit

NEED = "C01"
FEASIBILITY = ("C05", "C07", "C08", "C09")
KINDS = ("asked", "committed", "spent")
NOTHING = Decimal(0)
SHOWN = 200  # projects of the picture and its table


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
    """Those of `projects` whose scores `who` may see. At most six queries.

    Who is asked for a review sees the others' scores only once it is handed in.
    """
    judged = set(session.scalars(select(col(Project.id)).where(judged_by(who))))
    wanted = (judged | who.reviews) & {p.id for p in projects} - owing(session, who.person)
    return frozenset(wanted - blind_among(session, who.person, wanted))


def valued(
    session: Unit, who: Asker, projects: Sequence[Project], money: Mapping[UUID, Sequence[Sum]] | None = None
) -> tuple[Valued, ...]:
    """Those of the visible `projects` that `points` finds, with what they cost and are. At most ten queries.

    `money` is what `sums` gave, if it was asked already.
    """
    scored = points(session, who, projects)
    kinds, money = product_types(session, who), sums(session, who) if money is None else money
    return tuple(
        Valued(
            project, *scored[project.id],
            sum((row.amounts["asked"] for row in money.get(project.id, ())), NOTHING), kinds.get(project.id, ""),
        )
        for project in projects if project.id in scored
    )  # fmt: skip


class Points(NamedTuple):
    """Need in weighted points, and feasibility of 5."""

    need: Decimal
    feasibility: Decimal


def points(session: Unit, who: Asker, projects: Sequence[Project]) -> dict[UUID, Points]:
    """Project id → its points, for those of the visible `projects` that are scored and whose scores `who` may see.

    The scores are those handed in at the last gate and attempt that has any. At most eight queries.
    """
    book = in_force(session)
    if not {NEED, *FEASIBILITY} <= {c.id for c in book.criteria}:
        return {}
    found = _last_scores(session, who, open_to(session, who, projects))
    return {project: some for project, given in found.items() if (some := _points(book, given)) is not None}


def weight(session: Unit) -> Decimal:
    """The weighted points that the need can come to by the rulebook in force; 0 where it does not ask for it."""
    return next((c.weight for c in in_force(session).criteria if c.id == NEED), NOTHING)


def _last_scores(session: Unit, who: Asker, allowed: frozenset[UUID]) -> dict[UUID, list[Given]]:
    """Project id → the scores handed in at its last gate and attempt that has some; a row of the query is a review."""
    names = (NEED, *FEASIBILITY)
    given = (
        func.max(case((col(Score.criterion) == name, column)))
        for name in names
        for column in (col(Score.score), col(Score.confidence))
    )
    query = (
        select(col(Review.project_id), col(Review.gate), col(Review.attempt), *given)
        .join(Score, col(Score.review_id) == col(Review.id))
        .where(
            col(Review.handed_in_at).is_not(None),
            col(Score.criterion).in_(names),
            col(Review.project_id).in_(select(col(Project.id)).where(visible_to(who))),
        )
        .group_by(col(Review.id), col(Review.project_id), col(Review.gate), col(Review.attempt))
    )
    order = list(GATES)
    found: dict[UUID, dict[tuple[int, int], list[Given]]] = {}
    for project, gate, attempt, *said in session.execute(query):
        if project in allowed:
            those = found.setdefault(project, {}).setdefault((order.index(gate), attempt), [])
            pairs = zip(names, said[::2], said[1::2], strict=True)
            those += [Given(name, score, sure) for name, score, sure in pairs if score is not None]
    return {project: by_attempt[max(by_attempt)] for project, by_attempt in found.items()}


def _points(book: Rulebook, given: Sequence[Given]) -> Points | None:
    left: dict[str, list[Decimal]] = {}
    for one in given:
        left.setdefault(one.criterion, []).append(usable(book, one))
    if not left.keys() >= {NEED, *FEASIBILITY}:
        return None
    need, *rest = (sum(left[name], NOTHING) / len(left[name]) for name in (NEED, *FEASIBILITY))
    return Points(book.criterion(NEED).weight * need / 5, sum(rest, NOTHING) / len(rest))


def foremost(scored: Sequence[Valued]) -> tuple[Valued, ...]:
    """Those of `scored` that a picture can show, in their order: where they are too many, those with the most need."""
    if len(scored) <= SHOWN:
        return tuple(scored)
    order = sorted(range(len(scored)), key=lambda n: (scored[n].need, scored[n].feasibility), reverse=True)
    return tuple(scored[n] for n in sorted(order[:SHOWN]))


def product_types(session: Unit, who: Asker) -> dict[UUID, str]:
    """Project id → the class of its product, as its facts have it; before they do, as its proposal names it.

    Two queries.
    """
    seen = select(col(Project.id)).where(visible_to(who))
    proposed = select(col(Proposal.project_id), col(Proposal.product_type)).where(col(Proposal.project_id).in_(seen))
    known = select(col(Product.project_id), col(Product.atmp_class)).where(col(Product.project_id).in_(seen))
    ordered = (proposed, known.order_by(col(Product.position).desc()))  # the first product of several is the last here
    return {project: kind.label for query in ordered for project, kind in session.execute(query) if kind is not None}


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
