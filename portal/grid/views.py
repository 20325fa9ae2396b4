"""Saved views: a filter, an order and columns under a name, a person's own or shared with the project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from dossiers.records.base import Record
from portal.db import Refused, held
from portal.grid.asked import PLAIN, Asked
from portal.models import FirstView, GridView, Person, Project
from portal.trail import Unit

LONGEST = 80  # characters of a name
MOST = 100  # views one person keeps of one kind


@dataclass(frozen=True, slots=True)
class Place:
    """Whose views of what: a person's, of the records of one kind of a project. `edits`: they may edit its facts."""

    project: Project
    model: type[Record]
    person: Person
    edits: bool = False

    def seen(self) -> ColumnElement[bool]:
        """The condition on `GridView` for those the person sees: their own, and the shared ones."""
        own_or_shared = or_(col(GridView.person_id) == self.person.id, col(GridView.is_shared).is_(True))
        here = (col(GridView.project_id) == self.project.id, col(GridView.kind) == self.model.kind())
        return and_(*here, own_or_shared)

    def may_change(self, view: GridView) -> bool:
        """Whether the person may rename or delete it: what is shared belongs to those who edit the facts."""
        return view.person_id == self.person.id or (view.is_shared and self.edits)


@dataclass(frozen=True, slots=True)
class Saved:
    """A view in the list: whose it is ("" for one's own), its address, whether one begins with it and may change it."""

    view: GridView
    by: str
    address: str
    is_first: bool
    may_change: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """The views a person may open; `open`: the one the address began from; `is_changed`: it asks for more or less."""

    views: tuple[Saved, ...]
    open: Saved | None = None
    is_changed: bool = False

    @property
    def first(self) -> Saved | None:
        """The view with which the person begins, or None."""
        return next((saved for saved in self.views if saved.is_first), None)


def shelf(session: Unit, place: Place, asked: Asked) -> Shelf:
    """The views that the person may open here, their own first, by name."""
    rows = session.execute(
        select(GridView, col(Person.name)).join(Person, col(Person.id) == col(GridView.person_id)).where(place.seen())
    ).all()
    first = session.scalars(select(col(FirstView.view_id)).where(*_first(place))).one_or_none()
    views = [
        Saved(
            view,
            "" if view.person_id == place.person.id else name,
            Asked.read(view.asked, place.model).address(view=str(view.id)),
            view.id == first,
            place.may_change(view),
        )
        for view, name in rows
    ]
    views.sort(key=lambda saved: (bool(saved.by), saved.view.name.casefold(), saved.by))
    begun = next((saved for saved in views if str(saved.view.id) == asked.view), None)
    is_changed = begun is not None and Asked.read(begun.view.asked, place.model).look != asked.look
    return Shelf(tuple(views), begun, is_changed)


def _first(place: Place) -> tuple[ColumnElement[bool], ...]:
    return (
        col(FirstView.person_id) == place.person.id,
        col(FirstView.project_id) == place.project.id,
        col(FirstView.kind) == place.model.kind(),
    )


# ---------------------------------------------------------------- verbs


@dataclass(frozen=True, slots=True)
class Named:
    """What a form says of a view: its name, whether it is shared, what it shows (None: as it was)."""

    name: str
    is_shared: bool = False
    asked: Asked | None = None


def save(session: Unit, place: Place, given: Named) -> GridView:
    """A new view. Raises `Refused` for a name that is none or is taken, or where one may not share."""
    mine = list(session.scalars(select(GridView).where(place.seen(), col(GridView.person_id) == place.person.id)))
    if len(mine) >= MOST:
        raise Refused(f"You keep {MOST} views of this table; delete one that you no longer need.")
    made = GridView(project_id=place.project.id, kind=place.model.kind(), person_id=place.person.id, name="")
    _put(made, place, given, [view.name for view in mine])
    session.add(made)
    session.flush()
    return made


def change(session: Unit, place: Place, which: tuple[UUID, int], given: Named) -> GridView:
    """The view `which` (id, revision) with another name, sharing or content. Raises `Refused` or `Stale`."""
    view = _held(session, place, which)
    same = select(col(GridView.name)).where(
        col(GridView.project_id) == view.project_id,
        col(GridView.kind) == view.kind,
        col(GridView.person_id) == view.person_id,
        col(GridView.id) != view.id,
    )
    was_shared = view.is_shared
    _put(view, place, given, session.scalars(same).all())
    if was_shared and not view.is_shared:
        _forget(session, view, but=view.person_id)
    session.flush()
    return view


def remove(session: Unit, place: Place, which: tuple[UUID, int]) -> str:
    """The name of the view that was deleted. Who began with it begins with all rows again."""
    view = _held(session, place, which)
    _forget(session, view)
    session.delete(view)
    session.flush()
    return view.name


def begin_with(session: Unit, place: Place, uid: UUID | None) -> GridView | None:
    """The view with which the person begins from now on; None: with all rows and the usual columns."""
    view = _one(session, place, uid) if uid else None
    first = session.scalars(select(FirstView).where(*_first(place)).with_for_update()).one_or_none()
    if view is None:
        if first is not None:
            session.delete(first)
    elif first is None:
        ids = {"person_id": place.person.id, "project_id": place.project.id}
        session.add(FirstView(**ids, kind=place.model.kind(), view_id=view.id))
    else:
        first.view_id = view.id
    session.flush()
    return view


def _put(view: GridView, place: Place, given: Named, taken: Sequence[str]) -> None:
    name = " ".join(given.name.split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise Refused(f"Give the view a name of 1 to {LONGEST} characters, such as “Released batches”.")
    if name.casefold() in {other.casefold() for other in taken}:
        raise Refused(f"There is a view “{name}” already; choose another name, or change that one.")
    if given.is_shared and not view.is_shared and not place.edits:
        raise Refused("Only those who may edit the facts of this project share views; keep this one for yourself.")
    view.name, view.is_shared = name, given.is_shared
    if given.asked is not None:
        view.asked = given.asked.look


def _one(session: Unit, place: Place, uid: UUID) -> GridView:
    found = session.scalars(select(GridView).where(place.seen(), col(GridView.id) == uid)).one_or_none()
    if found is None:
        raise LookupError("This view is not there; it was deleted, or is not shared with you any more.")
    return found


def _held(session: Unit, place: Place, which: tuple[UUID, int]) -> GridView:
    """The view, locked, if the person may change it."""
    _one(session, place, which[0])
    view = held(session, GridView, *which)
    if not place.may_change(view):
        raise Refused("Only its owner, or who may edit the facts of this project, changes a shared view.")
    return view


def _forget(session: Unit, view: GridView, but: UUID | None = None) -> None:
    """Let nobody (`but` one person) begin with the view any more."""
    for first in session.scalars(select(FirstView).where(col(FirstView.view_id) == view.id)):
        if first.person_id != but:
            session.delete(first)
    session.flush()


def beginning(session: Unit, place: Place) -> str:
    """The query string with which a person who asks for nothing begins; "" for all rows."""
    query = select(GridView).join(FirstView, col(FirstView.view_id) == col(GridView.id))
    view = session.scalars(query.where(place.seen(), *_first(place))).one_or_none()
    return Asked.read(view.asked, place.model).address(view=str(view.id)) if view else ""


def plain() -> str:
    """The query string of all rows with the usual columns, for everybody."""
    return f"?view={PLAIN}"
