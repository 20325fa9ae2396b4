"""What was typed and not saved is kept for the person who typed it, and is no value of the dossier."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal import pending
from portal.db import Refused, reading, signed
from portal.models import Change, Person
from portal.stages import Role


def test_a_draft_is_kept_replaced_found_again_and_dropped(people: dict[Role, Person]) -> None:
    me, other = people[Role.RESEARCHER], people[Role.CLINICIAN]
    first = pending.keep(me, "P/batch/1", {"number": "A", "use": ["clinical"]}, 3)
    second = pending.keep(me, "P/batch/1", {"number": "AB"}, 4)
    assert first.id == second.id
    with reading() as session:
        assert pending.kept(session, other, "P/batch/1") is None
        found = pending.kept(session, me, "P/batch/1")
        assert found is not None
        assert (found.typed, found.on_revision) == ({"number": "AB"}, 4)
        assert not [c for c in session.scalars(select(Change)) if c.kind == "pending"]
    with signed(me, "saved") as session:
        pending.drop(session, me, "P/batch/1")
        pending.drop(session, me, "P/batch/none")
    with reading() as session:
        assert pending.kept(session, me, "P/batch/1") is None


def test_a_form_too_large_is_refused_and_the_draft_before_stays(people: dict[Role, Person]) -> None:
    me = people[Role.RESEARCHER]
    pending.keep(me, "f", {"a": "x"})
    with pytest.raises(Refused, match="at most 400,000 characters"):
        pending.keep(me, "f", {"a": "x" * (pending.LARGEST + 1)})
    with reading() as session:
        assert pending.kept(session, me, "f").typed == {"a": "x"}  # type: ignore[union-attr]
