"""Questions before examples are taken over: which specification, which panels fit it, which rows are there already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from dossiers.examples import Example, Panel, holding, meant, panels, rows
from dossiers.records.product import Product
from dossiers.records.quality import Specification, SpecTest
from portal.models import Project
from portal.records.queries import Holdings, of_kind, one
from portal.trail import Unit


@dataclass(frozen=True, slots=True)
class Offered:
    """A row that may be taken over; `there`: the specification has a test of this name."""

    example: Example
    there: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be taken over into a specification.

    `product` is None where the project has none; `panels` are those the rows come from, `choices` those with rows for
    this scope; `fitting`: the panels are those of the type of product, and were not chosen by hand. `unconfirmed` are
    the rows of the specification that are still examples.
    """

    specification: Specification
    product: Product | None
    panels: tuple[Panel, ...]
    choices: tuple[Panel, ...]
    fitting: bool
    rows: tuple[Offered, ...]
    unconfirmed: tuple[SpecTest, ...]


def offer(session: Unit, project: Project, uid: UUID, chosen: str = "") -> Offer:
    """What can be taken over into the specification `uid`; `chosen` is the id of a panel, "" for those that fit.

    Raises `LookupError` for a specification or a panel that is none.
    """
    specification = one(session, project, Specification, uid)
    assert isinstance(specification, Specification)
    found = Holdings(session, project).product
    product = found if isinstance(found, Product) else None
    scope, tests = specification.scope, tests_of(session, project, uid)
    fitting = meant(product.sub_type if product else None, scope) if scope else ()
    if chosen and chosen not in panels():
        raise LookupError("The list of examples has no such type of product. Choose one of the list.")
    taken = (panels()[chosen],) if chosen else fitting
    there = {(test.test or "").casefold() for test in tests}
    return Offer(
        specification,
        product,
        taken,
        holding(scope) if scope else (),
        not chosen,
        tuple(Offered(row, row.test.casefold() in there) for row in (rows(taken, scope) if scope else ())),
        tuple(test for test in tests if test.is_example),
    )


def tests_of(session: Unit, project: Project, specification: UUID) -> Sequence[SpecTest]:
    """The tests of a specification, in people's order."""
    query = select(SpecTest).where(col(SpecTest.project_id) == project.id, col(SpecTest.specification) == specification)
    return session.scalars(query.order_by(col(SpecTest.position), col(SpecTest.key))).all()


def specifications(session: Unit, project: Project) -> tuple[tuple[Specification, int], ...]:
    """(specification, how many tests it has), in people's order."""
    query = select(col(SpecTest.specification), func.count()).where(col(SpecTest.project_id) == project.id)
    counts = dict(session.execute(query.group_by(col(SpecTest.specification))).all())
    found = (record for record in of_kind(session, project, Specification) if isinstance(record, Specification))
    return tuple((record, counts.get(record.uid, 0)) for record in found)
