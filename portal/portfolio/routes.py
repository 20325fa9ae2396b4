"""Pages over all projects, and the first page of one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from dossiers.stage import Stage
from portal.db import Refused, signed
from portal.fragments import go, page
from portal.models import now
from portal.portfolio import actions, queries, standing
from portal.portfolio.plan import KINDS, SUMS
from portal.rights import Right, needs
from portal.stages import GATES

bp = Blueprint("portfolio", __name__)

NAMED = tuple((name, f"{name}, {gate.name}") for name, gate in GATES.items())


@bp.get("/projects")
@needs(Right.PORTFOLIO)
def projects() -> Response:
    """All projects the reader may see; filter, order and page stand in the address."""
    asked = queries.Asked.of(request.args)
    found = queries.listed(g.session, g.asker, asked)
    return page(
        "portfolio/projects.html",
        "portfolio/_projects.html",
        asked=asked,
        found=found,
        sorts=queries.SORTS,
        stages=tuple(Stage),
    )


@bp.get("/projects/<key>")
@needs(Right.SEE)
def project(key: str) -> Response:
    """Where one project stands, and the ways into it."""
    return _project()


def _project(status: int = 200, **typed: Any) -> Response:
    return page(
        "portfolio/project.html", "portfolio/_project.html", status=status, today=now().date(), gates=NAMED,
        it=standing.overview(g.session, g.asker, g.project), kinds=KINDS, sums=SUMS, shown_tasks=standing.SHOWN_TASKS,
        **{"why": (), "planned": actions.Planned(), "sum": actions.Sum(), "changing": None, "day": "", **typed},
    )  # fmt: skip


@bp.post("/projects/<key>/dates")
@needs(Right.PLAN)
def plan(key: str) -> Response:
    """Plan a milestone, a filing or a disclosure."""
    typed = actions.Planned(**{name: request.form.get(name, "") for name in ("kind", "title", "on", "note")})
    try:
        with signed(g.asker.person, "planned a date") as session:
            actions.plan(session, g.project, typed)
    except Refused as why:
        return _project(422, why=why.reasons, planned=typed)
    return go(url_for("portfolio.project", key=key), "The date is kept.")


@bp.post("/projects/<key>/dates/<uuid:uid>")
@needs(Right.PLAN)
def change(key: str, uid: UUID) -> Response:
    """Move an open date to another day, or say on which day it was done."""
    day, sent, then = (request.form.get(name, "") for name in ("day", "revision", "then"))
    row = (uid, int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0)
    try:
        with signed(g.asker.person, "finished a date" if then == "done" else "moved a date") as session:
            (actions.finish if then == "done" else actions.move)(session, g.project, row, day)
    except Refused as why:
        return _project(409, why=why.reasons, changing=uid, day=day)
    return go(url_for("portfolio.project", key=key), "The date is kept.")


@bp.post("/projects/<key>/money")
@needs(Right.FUND)
def fund(key: str) -> Response:
    """Enter a line of money."""
    names = ("source", "kind", "amount", "on", "gate", "note")
    typed = actions.Sum(**{name: request.form.get(f"sum-{name}", "") for name in names})
    try:
        with signed(g.asker.person, "entered money") as session:
            actions.fund(session, g.project, typed)
    except Refused as why:
        return _project(422, why=why.reasons, sum=typed)
    return go(url_for("portfolio.project", key=key), "The sum is kept.")
