"""The page of a project's tasks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.db import Refused, signed
from portal.fragments import go, page
from portal.models import now
from portal.numerals import whole
from portal.rights import Right, needs
from portal.tasks import actions, queries

bp = Blueprint("tasks", __name__)


@bp.get("/projects/<key>/tasks")
@needs(Right.SEE)
def tasks(key: str) -> Response:
    """The tasks of the project, or only the reader's own."""
    return _tasks()


def _tasks(status: int = 200, **typed: Any) -> Response:
    mine = request.args.get("mine") == "yes"
    return page(
        "tasks/tasks.html", "tasks/_tasks.html", status=status, mine=mine, today=now().date(),
        found=queries.tasks(g.session, g.asker, g.project, mine), owners=queries.owners(g.session, g.project),
        **{"why": (), "wanted": actions.Wanted("", ""), "ending": None, "outcome": "", **typed},
    )  # fmt: skip


@bp.post("/projects/<key>/tasks")
@needs(Right.PLAN)
def add(key: str) -> Response:
    """Add a task."""
    said = {name: request.form.get(name, "") for name in ("title", "owner", "due", "detail")}
    wanted = actions.Wanted(**said)
    try:
        with signed(g.asker.person, "added a task") as session:
            actions.add(session, g.asker, g.project, wanted)
    except Refused as why:
        return _tasks(422, why=why.reasons, wanted=wanted)
    return go(url_for("tasks.tasks", key=key), "The task is kept.")


@bp.post("/projects/<key>/tasks/<uuid:uid>/end")
@needs(Right.SEE)
def end(key: str, uid: UUID) -> Response:
    """End a task with its outcome."""
    sent, outcome = request.form.get("revision", ""), request.form.get("outcome", "")
    revision = whole(sent)
    try:
        with signed(g.asker.person, "ended a task") as session:
            actions.end(session, g.asker, g.project, (uid, revision), outcome)
    except Refused as why:
        return _tasks(409, why=why.reasons, ending=uid, outcome=outcome)
    return go(url_for("tasks.tasks", key=key), "The task is done.")
