"""The tests usually expected: look at them, take them over, confirm them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.db import Refused, signed
from portal.examples import actions, queries
from portal.filters import plural
from portal.fragments import go, page
from portal.records.names import Names
from portal.rights import Right, needs

bp = Blueprint("examples", __name__)


@bp.get("/projects/<key>/examples")
@needs(Right.EDIT_FACTS)
def specifications(key: str) -> Response:
    """Which specification the usual tests are meant for; the only one is gone to at once."""
    found = queries.specifications(g.session, g.project)
    if len(found) == 1:
        return go(url_for("examples.preview", key=key, uid=found[0][0].uid))
    names = Names(g.session, g.project.id)
    return page(
        "examples/specifications.html", "examples/_specifications.html",
        found=[(record, names.called(record), tests) for record, tests in found],
    )  # fmt: skip


@bp.get("/projects/<key>/examples/<uuid:uid>")
@needs(Right.EDIT_FACTS)
def preview(key: str, uid: UUID) -> Response:
    """The rows that may be taken over into one specification; nothing is written."""
    return _preview(uid, request.args.get("panel", ""), ())


def _preview(uid: UUID, panel: str, why: tuple[str, ...], status: int = 200) -> Response:
    offer = queries.offer(g.session, g.project, uid, panel)
    return page(
        "examples/preview.html", "examples/_preview.html", status=status, offer=offer, panel=panel, why=why,
        named=Names(g.session, g.project.id).called(offer.specification),
    )  # fmt: skip


@bp.post("/projects/<key>/examples/<uuid:uid>")
@needs(Right.EDIT_FACTS)
def take(key: str, uid: UUID) -> Response:
    """Add the rows that were ticked."""
    panel = request.form.get("panel", "")
    chosen = actions.Chosen(uid, panel, frozenset(request.form.getlist("row")))
    try:
        with signed(g.asker.person, "took over the tests usually expected") as session:
            added = len(actions.take(session, g.project, chosen))
    except Refused as why:
        return _preview(uid, panel, why.reasons, 422)
    said = f"{plural(added, 'test')} added as examples. Confirm each one, or change it."
    if added < len(chosen.rows):
        said += f" {plural(len(chosen.rows) - added, 'test')} stood there already."
    return go(_tests(), said)


@bp.post("/projects/<key>/examples/<uuid:uid>/confirm")
@needs(Right.EDIT_FACTS)
def confirm(key: str, uid: UUID) -> Response:
    """Make the rows that were ticked rows of this product."""
    seen = [_seen(text) for text in request.form.getlist("test")]
    try:
        with signed(g.asker.person, "confirmed tests that were examples") as session:
            number = actions.confirm(session, g.project, seen)
    except Refused as why:
        return _preview(uid, "", why.reasons, 422)
    return go(url_for("examples.preview", key=key, uid=uid), f"{plural(number, 'test')} confirmed for this product.")


def _tests() -> str:
    return url_for("records.kind", key=g.project.key, kind="spec_test", lacking="yes")


def _seen(text: str) -> tuple[UUID, int]:
    """A row as the page sends it: "id:revision"."""
    uid, _, revision = text.partition(":")
    try:
        return UUID(uid), int(revision)
    except ValueError:
        raise Refused("The page sent a row that is none. Open it again and confirm once more.") from None
