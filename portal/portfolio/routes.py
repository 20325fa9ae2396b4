"""Pages over all projects, and the first page of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from portal import views
from portal.bulk.acts import MOST, offered
from portal.db import Refused, Stale, signed
from portal.fragments import go, page
from portal.models import Project, now
from portal.numerals import whole
from portal.portfolio import actions, queries, standing
from portal.portfolio.plan import KINDS, MOST_SLOTS, SUMS
from portal.rights import Right, needs
from portal.stages import GATES
from portal.trail import Unit

bp = Blueprint("portfolio", __name__)

UNSAID = {"why": (), "changing": None, "day": "", "removing": None, "reason": "", "typed_slots": None}
NAMED = tuple((name, f"{name}, {gate.name}") for name, gate in GATES.items())


@bp.get("/projects")
@needs(Right.PORTFOLIO)
def projects() -> Response:
    """All projects the reader may see; filter, order and page stand in the address, or in the view one begins with."""
    place = queries.place(g.asker)
    if not request.args and (first := views.beginning(g.session, place)):
        return redirect(url_for("portfolio.projects") + first, 303)
    asked = queries.Asked.of(request.args)
    return page(
        "portfolio/projects.html", "portfolio/_projects.html", asked=asked, sorts=queries.SORTS, stages=queries.STAGES,
        found=queries.listed(g.session, g.asker, asked), gates=NAMED, waits=queries.WAITS, kinds=queries.KINDS,
        shelf=views.shelf(g.session, place, asked), plain=views.plain(), acts=offered(g.asker), most=MOST,
    )  # fmt: skip


def _listed(query: str, said: str) -> Response:
    return go(url_for("portfolio.projects") + query, said)


def _back() -> queries.Asked:
    """The list from which a form was sent."""
    return queries.Asked.read(request.form.get("back", ""))


def _revision() -> int:
    said = request.form.get("revision", "")
    return whole(said)


def _row(uid: UUID) -> tuple[UUID, int]:
    return uid, _revision()


@bp.post("/projects/views")
@needs(Right.PORTFOLIO)
def save_view() -> Response:
    """Keep the filter and order that show under a name."""
    sent, place = request.form, queries.place(g.asker)
    with signed(g.asker.person, "saved a view") as session:
        made = views.save(session, place, views.Named(sent.get("name", ""), "shared" in sent, _back()))
        if "first" in sent:
            views.begin_with(session, place, made.id)
    return _listed(_back().address(view=str(made.id)), f"The view “{made.name}” was saved.")


@bp.post("/projects/views/<uuid:uid>")
@needs(Right.PORTFOLIO)
def change_view(uid: UUID) -> Response:
    """Rename a view, share it or not, or let it show what shows now."""
    sent = request.form
    given = views.Named(sent.get("name", ""), "shared" in sent, _back() if "anew" in sent else None)
    with signed(g.asker.person, "changed a view") as session:
        view = views.change(session, queries.place(g.asker), _row(uid), given)
    return _listed(_back().here, f"The view “{view.name}” was changed.")


@bp.post("/projects/views/<uuid:uid>/remove")
@needs(Right.PORTFOLIO)
def remove_view(uid: UUID) -> Response:
    """Delete a view; the projects it showed stay."""
    with signed(g.asker.person, "deleted a view") as session:
        name = views.remove(session, queries.place(g.asker), _row(uid))
    back = _back()
    view = views.PLAIN if back.view == str(uid) else back.view
    return _listed(back.address(view=view), f"The view “{name}” was deleted; no project was.")


@bp.post("/projects/views/first")
@needs(Right.PORTFOLIO)
def begin_with() -> Response:
    """Begin with a view from now on, or with all projects."""
    which = request.form.get("view", "")
    with signed(g.asker.person, "chose a view to begin with") as session:
        view = views.begin_with(session, queries.place(g.asker), views.uid(which) if which else None)
    said = f"You begin with the view “{view.name}” now." if view else "You begin with all projects now."
    return _listed(_back().here, said)


@bp.get("/projects/<key>")
@needs(Right.SEE)
def project(key: str) -> Response:
    """Where one project stands, and the ways into it."""
    return _project()


def _project(status: int = 200, **typed: Any) -> Response:
    return page(
        "portfolio/project.html", "portfolio/_project.html", status=status, today=now().date(), gates=NAMED,
        it=standing.overview(g.session, g.asker, g.project), kinds=KINDS, sums=SUMS, shown_tasks=standing.SHOWN_TASKS,
        **{**UNSAID, "planned": actions.Planned(), "sum": actions.Sum(), "most_slots": MOST_SLOTS, **typed},
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
    day, then = (request.form.get(name, "") for name in ("day", "then"))
    try:
        with signed(g.asker.person, "finished a date" if then == "done" else "moved a date") as session:
            (actions.finish if then == "done" else actions.move)(session, g.project, _row(uid), day)
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


@bp.post("/projects/<key>/slots")
@needs(Right.PLAN)
def need_slots(key: str) -> Response:
    """Say how many clean-room slots the project needs for its next stage."""
    sent = request.form
    typed = actions.Slots(sent.get("slots", ""), sent.get("slots-note", ""))
    try:
        with signed(g.asker.person, "said how many slots are needed") as session:
            actions.need_slots(session, g.asker.person, g.project, typed, _revision())
    except Refused as why:
        return _project(422, why=why.reasons, typed_slots=typed)
    except Stale as why:
        return _project(409, why=(str(why),), typed_slots=typed)
    return go(url_for("portfolio.project", key=key), "The number of slots is kept.")


@bp.post("/projects/<key>/dates/<uuid:uid>/remove")
@needs(Right.PLAN)
def remove_date(key: str, uid: UUID) -> Response:
    """Remove a date that was entered by mistake."""
    return _removed(uid, "date", actions.remove_date)


@bp.post("/projects/<key>/money/<uuid:uid>/remove")
@needs(Right.FUND)
def remove_sum(key: str, uid: UUID) -> Response:
    """Remove a line of money that was entered by mistake."""
    return _removed(uid, "sum", actions.remove_sum)


def _removed(uid: UUID, what: str, remove: Callable[[Unit, Project, tuple[UUID, int]], object]) -> Response:
    reason = request.form.get("reason", "")
    try:
        with signed(g.asker.person, f"removed a {what}: {actions.because(reason)}") as session:
            remove(session, g.project, _row(uid))
    except Refused as why:
        return _project(409, why=why.reasons, removing=uid, reason=reason)
    return go(url_for("portfolio.project", key=g.project.key), f"The {what} was removed; the history keeps it.")
