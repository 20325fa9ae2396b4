"""What was typed and not yet saved, kept on the server: a draft of a form, never a value of the dossier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from portal.db import Refused, signed
from portal.models import Pending, Person, now
from portal.trail import Unit

LARGEST = 400_000  # characters of one form


def keep(person: Person, form: str, typed: Mapping[str, Any], on_revision: int = 0) -> Pending:
    """The draft of `form` as it is now kept for `person`."""
    with signed(person, "saved while typing") as session:
        found = kept(session, person, form)
        if found is None:
            found = Pending(person_id=person.id, form=form)
            session.add(found)
        found.typed, found.on_revision, found.saved_at = _within(typed), on_revision, now()
    return found


def _within(typed: Mapping[str, Any]) -> dict[str, Any]:
    if sum(len(str(value)) for value in typed.values()) > LARGEST:
        raise Refused(f"A form may hold at most {LARGEST:,} characters; shorten it or save it in parts.")
    return dict(typed)


def kept(session: Unit, person: Person, form: str) -> Pending | None:
    """The draft of `form` that is kept for `person`, or None."""
    mine = select(Pending).where(col(Pending.person_id) == person.id, col(Pending.form) == form)
    return session.scalars(mine).one_or_none()


def drop(session: Unit, person: Person, form: str) -> None:
    """Forget the draft of `form`: it was saved, in the unit `session`."""
    if (found := kept(session, person, form)) is not None:
        session.delete(found)
