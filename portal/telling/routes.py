"""Pages of what people are told."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from portal.db import Refused, signed
from portal.fragments import go, page
from portal.numerals import page_number
from portal.rights import Right, needs
from portal.telling import actions, queries

bp = Blueprint("telling", __name__)


@bp.app_context_processor
def unread() -> dict[str, object]:
    """For templates: `unread_notices()`, how many notices the person of this request has not read."""
    return {"unread_notices": _unread}


def _unread() -> int:
    if g.get("asker") is None:
        return 0
    try:
        return queries.unread(g.session, g.asker.person)
    except SQLAlchemyError:  # the page that says what went wrong must not go wrong over a count
        return 0


@bp.get("/notices")
@needs(Right.USE)
def notices() -> Response:
    """What the reader was told, newest first."""
    return _notices(())


def _notices(why: tuple[str, ...], status: int = 200) -> Response:
    sent = request.args.get("page", "1")
    number = page_number(sent)
    found = queries.told(g.session, g.asker.person, number)
    return page(
        "telling/notices.html", "telling/_notices.html", status=status, found=found, why=why, digests=actions.DIGESTS
    )


@bp.post("/notices/read")
@needs(Right.USE)
def read_all() -> Response:
    """Mark every notice as read."""
    with signed(g.asker.person, "read the notices") as session:
        actions.mark_all_read(session, g.asker.person)
    return go(url_for("telling.notices"), "Every notice is marked as read.")


@bp.post("/notices/<uuid:uid>/read")
@needs(Right.USE)
def read(uid: UUID) -> Response:
    """Mark one notice as read, and open the page it leads to if asked."""
    with signed(g.asker.person, "read a notice") as session:
        found = actions.mark_read(session, g.asker.person, uid)
        link = found.link
    opens = request.form.get("then") == "open" and link.startswith("/") and not link.startswith("//")
    return go(link if opens else url_for("telling.notices"))


@bp.post("/notices/digest")
@needs(Right.USE)
def digest() -> Response:
    """Choose how one is mailed."""
    try:
        with signed(g.asker.person, "chose how to be mailed") as session:
            actions.choose(session, g.asker.person, request.form.get("digest", ""))
    except Refused as why:
        return _notices(why.reasons, 422)
    return go(url_for("telling.notices"), "Your choice is kept.")
