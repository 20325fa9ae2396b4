"""Pages of an act on several projects: the form of the act, what it would do to each, and the confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from portal.bulk import actions, queries
from portal.bulk.acts import MOST, Act, Wanted, offered
from portal.db import Refused, signed
from portal.filters import plural
from portal.fragments import go, page, sent
from portal.models import Project, now
from portal.portfolio.queries import Asked
from portal.rights import Right, needs

bp = Blueprint("bulk", __name__)


@bp.get("/bulk")
@needs(Right.PORTFOLIO)
def form() -> Response:
    """The form of an act on the projects that were chosen in the table, or on all that match its filter."""
    asked, act = Asked.read(request.args.get("of", "")), queries.act_of(g.asker, request.args.get("act", ""))
    if request.args.get("which") == "all":
        projects: Sequence[Project] = queries.all_of(g.session, g.asker, asked)
    else:
        projects = queries.chosen(g.session, g.asker, request.args.getlist("p"))
    return _form(act, projects, Wanted(act.id if act else ""), asked)


def _form(
    act: Act | None, projects: Sequence[Project], wanted: Wanted, asked: Asked, why: tuple[str, ...] = ()
) -> Response:
    kind = act.id if act else ""
    return page(
        "bulk/form.html", "bulk/_act.html", status=422 if why else 200, act=act, projects=projects, wanted=wanted,
        of=asked.here, why=why, today=now().date(), acts=offered(g.asker), most=MOST,
        reviewers=queries.reviewers(g.session) if kind == "review" else (),
        owners=queries.owners(g.session, projects) if kind == "task" else (),
    )  # fmt: skip


def _wanted() -> Wanted:
    """What the form says, without the fields of other acts."""
    fields = {"review": ("reviewer", "due"), "task": ("title", "owner", "due"), "tell": ("subject", "text")}
    act = request.form.get("act", "")
    return Wanted(act, **{name: sent(name, 6_000) for name in fields.get(act, ())})


def _back() -> Asked:
    return Asked.read(request.form.get("of", ""))


@bp.post("/bulk/preview")
@needs(Right.PORTFOLIO)
def preview() -> Response:
    """What the act would do to each project, a line each; nothing is done yet. `then=mend` leads back to the form."""
    wanted, keys = _wanted(), request.form.getlist("p")
    projects = queries.chosen(g.session, g.asker, keys)
    act = queries.act_of(g.asker, wanted.act)
    if request.form.get("then") == "mend":
        return _form(act, projects, wanted, _back())
    try:
        return _preview(queries.preview(g.session, queries.Case(g.asker, wanted, projects), keys))
    except Refused as why:
        return _form(act, projects, wanted, _back(), why.reasons)


def _preview(found: queries.Preview, status: int = 200, why: tuple[str, ...] = ()) -> Response:
    return page(
        "bulk/preview.html", "bulk/_preview.html", status=status, found=found, wanted=found.wanted, why=why,
        of=_back().here,
    )  # fmt: skip


@bp.post("/bulk")
@needs(Right.PORTFOLIO)
def confirm() -> Response:
    """Do what was shown, whole; if anything moved meanwhile, show it anew and do nothing."""
    wanted = _wanted()
    seen = dict(text.rpartition(":")[::2] for text in request.form.getlist("line"))
    act = queries.act_of(g.asker, wanted.act)
    try:
        with signed(g.asker.person, act.why if act else "an act on several projects") as session:
            done = actions.confirm(session, g.asker, wanted, seen)
    except actions.Moved as moved:
        return _preview(moved.preview, 409, (str(moved),))
    said = f"{plural(len(done.possible), 'project')}: {done.act.done}."
    if done.left_out:
        said += f" {plural(done.left_out, 'project was', 'projects were')} left out."
    return go(url_for("portfolio.projects") + _back().here, said)
