"""Saved views: a filter, an order and columns under a name, a person's own or shared with those who see the table.

One mechanism for every table: that of the records of a kind of a project, and that of all projects.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlmodel import col

from portal.db import Refused, held
from portal.models import FirstView, GridView, Person, Project
from portal.trail import Unit

LONGEST = 80  # characters of a name
MOST = 100  # views one person keeps of one table
PLAIN = "none"  # in place of a view: the whole table as it usually shows, even for who begins with a view


class Look(Protocol):
    """What of a table is asked for, as its address says it."""

    @property
    def view(self) -> str:
        """The id of the saved view it began from, PLAIN, or ""."""

    @property
    def look(self) -> str:
        """The query string of what a view keeps, wherever in the table one is."""

    def address(self, **changed: Any) -> str:
        """The query string with something changed."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a table is looked at: how its address is read, who shares views of it, and what one might be called."""

    read: Callable[[str], Look]
    sharers: str  # completes "Only those …"
    example: str


@dataclass(frozen=True, slots=True)
class Place:
    """Whose views of what: a person's, of a table (`kind`) of a project, or of one over all projects (None).

    `shares`: the person may share views of it, and change those that are shared.
    """

    project: Project | None
    kind: str
    person: Person
    manner: Manner
    shares: bool = False

    def seen(self) -> ColumnElement[bool]:
        """The condition on `GridView` for those the person sees here: their own, and the shared ones."""
        own_or_shared = or_(col(GridView.person_id) == self.person.id, col(GridView.is_shared).is_(True))
        return self.here(GridView) & own_or_shared

    def here(self, table: type[GridView | FirstView]) -> ColumnElement[bool]:
        """The condition on a table of views that they belong to this place."""
        owner = col(table.project_id)
        of = owner.is_(None) if self.project is None else owner == self.project.id
        return of & (col(table.kind) == self.kind)

    def may_change(self, view: GridView) -> bool:
        """Whether the person may rename or delete it: what is shared belongs to those who share."""
        return view.person_id == self.person.id or (view.is_shared and self.shares)


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


def shelf(session: Unit, place: Place, asked: Look) -> Shelf:
    """The views that the person may open here, their own first, by name. Two queries."""
    rows = session.execute(
        select(GridView, col(Person.name)).join(Person, col(Person.id) == col(GridView.person_id)).where(place.seen())
    ).all()
    first = session.scalars(select(col(FirstView.view_id)).where(_first(place))).one_or_none()
    views = [
        Saved(
            view,
            "" if view.person_id == place.person.id else name,
            _address(place, view),
            view.id == first,
            place.may_change(view),
        )
        for view, name in rows
    ]
    views.sort(key=lambda saved: (bool(saved.by), saved.view.name.casefold(), saved.by))
    begun = next((saved for saved in views if str(saved.view.id) == asked.view), None)
    is_changed = begun is not None and place.manner.read(begun.view.asked).look != asked.look
    return Shelf(tuple(views), begun, is_changed)


def beginning(session: Unit, place: Place) -> str:
    """The query string with which a person who asks for nothing begins; "" for the whole table."""
    query = select(GridView).join(FirstView, col(FirstView.view_id) == col(GridView.id))
    view = session.scalars(query.where(place.seen(), _first(place))).one_or_none()
    return _address(place, view) if view else ""


def plain() -> str:
    """The query string of the whole table as it usually shows, for everybody."""
    return f"?view={PLAIN}"


def named(text: str) -> str:
    """The view that an address names: its id, PLAIN, or "" for what is neither."""
    if text == PLAIN:
        return PLAIN
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def uid(text: str) -> UUID:
    """The id of the view that a form names. Raises `LookupError` for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise LookupError("This view is not there; open the list of views again.") from None


def _address(place: Place, view: GridView) -> str:
    return place.manner.read(view.asked).address(view=str(view.id))


def _first(place: Place) -> ColumnElement[bool]:
    return place.here(FirstView) & (col(FirstView.person_id) == place.person.id)


# ---------------------------------------------------------------- verbs


@dataclass(frozen=True, slots=True)
class Named:
    """What a form says of a view: its name, whether it is shared, what it shows (None: as it was)."""

    name: str
    is_shared: bool = False
    asked: Look | None = None


def save(session: Unit, place: Place, given: Named) -> GridView:
    """A new view. Raises `Refused` for a name that is none or is taken, or where one may not share."""
    _in_turn(session, place.person.id)
    mine = list(session.scalars(select(GridView).where(place.here(GridView), _own(place.person.id))))
    if len(mine) >= MOST:
        raise Refused(f"You keep {MOST} views of this table; delete one that you no longer need.")
    owner = place.project.id if place.project else None
    made = GridView(project_id=owner, kind=place.kind, person_id=place.person.id, name="")
    _put(made, place, given, [view.name for view in mine])
    session.add(made)
    session.flush()
    return made


def change(session: Unit, place: Place, which: tuple[UUID, int], given: Named) -> GridView:
    """The view `which` (id, revision) with another name, sharing or content. Raises `Refused` or `Stale`."""
    _in_turn(session, _one(session, place, which[0]).person_id)
    view = _held(session, place, which)
    same = select(col(GridView.name)).where(place.here(GridView), _own(view.person_id), col(GridView.id) != view.id)
    was_shared = view.is_shared
    _put(view, place, given, session.scalars(same).all())
    if was_shared and not view.is_shared:
        _forget(session, view, but=view.person_id)
    session.flush()
    return view


def remove(session: Unit, place: Place, which: tuple[UUID, int]) -> str:
    """The name of the view that was deleted. Who began with it begins with the whole table again."""
    view = _held(session, place, which)
    _forget(session, view)
    session.delete(view)
    session.flush()
    return view.name


def begin_with(session: Unit, place: Place, uid: UUID | None) -> GridView | None:
    """The view with which the person begins from now on; None: with the whole table as it usually shows."""
    _in_turn(session, place.person.id)
    view = _one(session, place, uid) if uid else None
    first = session.scalars(select(FirstView).where(_first(place)).with_for_update()).one_or_none()
    if view is None:
        if first is not None:
            session.delete(first)
    elif first is None:
        owner = place.project.id if place.project else None
        session.add(FirstView(person_id=place.person.id, project_id=owner, kind=place.kind, view_id=view.id))
    else:
        first.view_id = view.id
    session.flush()
    return view


def _in_turn(session: Unit, owner: UUID) -> None:
    """Let the acts on a person's views wait for each other.

    A constraint of the database lets two names be the same where there is no project, so this unit must see them all.
    """
    session.get(Person, owner, with_for_update=True)


def _own(person: UUID) -> ColumnElement[bool]:
    return col(GridView.person_id) == person


def _put(view: GridView, place: Place, given: Named, taken: Sequence[str]) -> None:
    name = " ".join(given.name.split())
    if not name or len(name) > LONGEST or not name.isprintable():
        raise Refused(f"Give the view a name of 1 to {LONGEST} characters, such as “{place.manner.example}”.")
    if name.casefold() in {other.casefold() for other in taken}:
        raise Refused(f"There is a view “{name}” already; choose another name, or change that one.")
    if given.is_shared and not view.is_shared and not place.shares:
        raise Refused(f"Only those {place.manner.sharers} share views; keep this one for yourself.")
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
        raise Refused(f"Only its owner, or those {place.manner.sharers}, may change a shared view.")
    return view


def _forget(session: Unit, view: GridView, but: UUID | None = None) -> None:
    """Let nobody (`but` one person) begin with the view any more."""
    for first in session.scalars(select(FirstView).where(col(FirstView.view_id) == view.id)):
        if first.person_id != but:
            session.delete(first)
    session.flush()
