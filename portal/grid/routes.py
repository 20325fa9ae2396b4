"""What the grid sends: one cell, a pasted block, and what its row buttons do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from dossiers.facts import by_name
from dossiers.records.base import Record
from portal import pending, views
from portal.db import Refused, Stale, signed
from portal.filters import clock, plural
from portal.fragments import go, page
from portal.grid import actions, pastes, queries
from portal.grid.asked import Asked, chosen, moved
from portal.grid.views import place
from portal.models import now
from portal.numerals import whole
from portal.records import actions as verbs
from portal.records.conflicts import conflict
from portal.records.names import Names
from portal.records.queries import draft_form, drafts, model_of, one
from portal.rights import Right, may_here, needs

bp = Blueprint("grid", __name__)


@bp.post("/projects/<key>/facts/<kind>/<uuid:uid>/cell")
@needs(Right.EDIT_FACTS)
def cell(key: str, kind: str, uid: UUID) -> Response:
    """Take one cell. JSON: its text as kept and the row's revision; 422 with a sentence; 409 with both texts (HTML)."""
    model, name = model_of(kind), request.form.get("fact", "")
    typed = verbs.Typed({name: request.form.get("text", "")}, _number(request.form.get("revision", "")))
    form, me = draft_form(g.project, kind, uid), g.asker.person
    before = (drafts(g.session, me, [form]).get(form), dict(typed.facts))
    try:
        with signed(me, f"edited a {model.called[0].lower()}") as session:
            row = verbs.save(session, g.project, (model, uid), typed)
            _drop(session, form, name)
    except verbs.Unfit as why:
        pending.keep(me, form, (before[0].typed if before[0] else {}) | before[1], typed.revision)
        return _json(422, message=" ".join(why.messages.values()))
    except Stale as why:
        pending.keep(me, form, (before[0].typed if before[0] else {}) | before[1], typed.revision)
        found = conflict(g.session, g.project, why.record, typed)
        called = Names(g.session, g.project.id).called(why.record)
        return Response(render_template("grid/_apart.html", found=found, named=called, fact=name), 409)
    names = Names(g.session, g.project.id)
    text = names.text(by_name(model)[name], getattr(row, name))
    return _json(200, text=text, revision=row.revision, said=f"Saved {clock(now())}", named=names.called(row))


def _drop(session: Any, form: str, name: str) -> None:
    """Forget what was kept of one fact; it is saved now."""
    kept = pending.kept(session, g.asker.person, form)
    if kept is not None and name in kept.typed:
        rest = {n: t for n, t in kept.typed.items() if n != name}
        if rest:
            kept.typed = rest
        else:
            session.delete(kept)


@bp.post("/projects/<key>/facts/<kind>/<uuid:uid>/duplicate")
@needs(Right.EDIT_FACTS)
def duplicate(key: str, kind: str, uid: UUID) -> Response:
    """Make a copy of a row at the end."""
    model = model_of(kind)
    with signed(g.asker.person, f"duplicated a {model.called[0].lower()}") as session:
        made = verbs.duplicate(session, g.project, (model, uid))
    return go(_grid(model, made.uid), f"A copy was added at the end, with the key “{made.key}”.")


@bp.post("/projects/<key>/facts/<kind>/<uuid:uid>/move")
@needs(Right.EDIT_FACTS)
def move(key: str, kind: str, uid: UUID) -> Response:
    """Move a row up or down by one."""
    model, up = model_of(kind), request.form.get("way") == "up"
    with signed(g.asker.person, f"moved a {model.called[0].lower()}") as session:
        verbs.move(session, g.project, (model, uid), -1 if up else 1)
    return go(_grid(model, uid), f"Moved {'up' if up else 'down'}.")


@bp.post("/projects/<key>/facts/<kind>/<uuid:uid>/remove")
@needs(Right.EDIT_FACTS)
def remove(key: str, kind: str, uid: UUID) -> Response:
    """Remove a row that nothing refers to; it can be restored."""
    model = model_of(kind)
    with signed(g.asker.person, f"removed a {model.called[0].lower()}") as session:
        named = Names(session, g.project.id).called(one(session, g.project, model, uid))
        verbs.remove(session, g.project, (model, uid), _number(request.form.get("revision", "")))
        pending.drop(session, g.asker.person, draft_form(g.project, kind, uid))
    return go(_grid(model), f"{model.called[0]} “{named}” was removed. You can restore it at the foot of this page.")


@bp.post("/projects/<key>/facts/<kind>/<uuid:uid>/restore")
@needs(Right.EDIT_FACTS)
def restore(key: str, kind: str, uid: UUID) -> Response:
    """Put a removed record back as it was."""
    model = model_of(kind)
    with signed(g.asker.person, f"restored a {model.called[0].lower()}") as session:
        row, lost = verbs.restore(session, g.project, (model, uid))
    said = f"{model.called[0]} “{Names(g.session, g.project.id).called(row)}” was restored."
    if lost:
        said += f" What it named under {', '.join(lost)} has been removed since; choose anew."
    return go(_grid(model, uid), said)


# ---------------------------------------------------------------- a block


@bp.post("/projects/<key>/facts/<kind>/paste")
@needs(Right.EDIT_FACTS)
def paste(key: str, kind: str) -> Response:
    """Take a block of cells, whole or not at all; what cannot be taken comes back as a table to mend."""
    model = model_of(kind)
    given = _mended(model) if "facts" in request.form else _pasted(model)
    try:
        with signed(g.asker.person, pastes.reason(model, len(given.rows))) as session:
            taken = pastes.paste(session, g.asker.person, g.project, model, given)
    except actions.Torn as why:
        return _torn(model, given, why)
    said = f"{plural(taken.changed, 'row')} changed and {plural(taken.added, 'row')} added."
    if request.headers.get("X-Grid") == "1":
        return _json(200, said=said)
    return go(_grid(model), said)


def _pasted(model: type[Record]) -> actions.Block:
    facts, _ = queries.columns(model, g.project)
    rows = [_row(text) for text in request.form.getlist("row")]
    spot = actions.Spot(queries.shown(facts, _back(model).columns), facts, request.form.get("fact", ""))
    return actions.block(request.form.get("block", ""), spot, [(u, n) for u, n in rows if u])


def _mended(model: type[Record]) -> actions.Block:
    """The block out of the table in which a person mended it."""
    names = tuple(request.form.getlist("facts"))
    if unknown := [name for name in names if name not in by_name(model)]:
        raise Refused(f"There is no fact “{unknown[0]}” here. Open the grid again and paste once more.")
    rows = [_row(text) for text in request.form.getlist("row")]
    cells = [[request.form.get(f"c{n}.{name}", "") for name in names] for n in range(len(rows))]
    return actions.Block(
        names, tuple(actions.Row(uid, revision, tuple(c)) for (uid, revision), c in zip(rows, cells, strict=True))
    )


def _torn(model: type[Record], given: actions.Block, why: actions.Torn) -> Response:
    known, grid = by_name(model), request.headers.get("X-Grid") == "1"
    return page(
        "grid/_paste.html" if grid else "grid/paste.html", "grid/_paste.html", status=422, model=model,
        kind=model.kind(), given=given, columns=[known[name] for name in given.facts], messages=why.messages,
        named=Names(g.session, g.project.id).of(model.kind()), back=_back(model).here,
    )  # fmt: skip


@bp.post("/projects/<key>/facts/<kind>/pastes/<uuid:uid>/undo")
@needs(Right.EDIT_FACTS)
def undo(key: str, kind: str, uid: UUID) -> Response:
    """Take a paste back whole; 409 with both texts where somebody changed what it put there."""
    model, me = model_of(kind), g.asker.person
    try:
        with signed(me, f"took back a paste into {model.called[1].lower()}") as session:
            act, lost = pastes.undo(session, me, g.project, (model, uid))
    except pastes.Overtook as why:
        whole = "grid/_overtook.html" if request.headers.get("X-Grid") == "1" else "grid/overtook.html"
        back = _back(model).here
        return page(whole, "grid/_overtook.html", status=409, model=model, kind=kind, cells=why.cells, back=back)
    said = f"The paste of {clock(act.at)} was taken back: {plural(act.changed, 'row')} as before"
    said += f", {plural(act.added, 'new row')} removed."
    if lost:
        said += f" What stood under {', '.join(dict.fromkeys(lost))} has been removed since; choose anew."
    return _json(200, said=said) if request.headers.get("X-Grid") == "1" else go(_grid(model), said)


# ---------------------------------------------------------------- columns and views


@bp.get("/projects/<key>/facts/<kind>/columns")
@needs(Right.SEE)
def choose_columns(key: str, kind: str) -> Response:
    """The grid with the columns that were ticked, or with one of them moved, at an address one can share."""
    model, sent = model_of(kind), request.args
    names = chosen(sent.getlist("show"), model)
    place = ""
    for way, steps in (("earlier", -1), ("later", 1)):
        if way in sent:
            names, place = tuple(moved(names, sent[way], steps)), f"#c-{sent[way]}" if sent[way] in names else ""
    asked = Asked.read(sent.get("back", ""), model)
    return redirect(_address(model) + asked.address(columns=",".join(names)) + place, 303)


def _place(model: type[Record]) -> views.Place:
    return place(g.project, model, g.asker.person, may_here(Right.EDIT_FACTS))


@bp.post("/projects/<key>/facts/<kind>/views")
@needs(Right.SEE)
def save_view(key: str, kind: str) -> Response:
    """Keep the filter, order and columns that show under a name."""
    model, sent = model_of(kind), request.form
    given = views.Named(sent.get("name", ""), "shared" in sent, _back(model))
    with signed(g.asker.person, "saved a view") as session:
        made = views.save(session, _place(model), given)
        if "first" in sent:
            views.begin_with(session, _place(model), made.id)
    return go(_address(model) + _back(model).address(view=str(made.id)), f"The view “{made.name}” was saved.")


@bp.post("/projects/<key>/facts/<kind>/views/<uuid:uid>")
@needs(Right.SEE)
def change_view(key: str, kind: str, uid: UUID) -> Response:
    """Rename a view, share it or not, or let it show what shows now."""
    model, sent = model_of(kind), request.form
    given = views.Named(sent.get("name", ""), "shared" in sent, _back(model) if "anew" in sent else None)
    with signed(g.asker.person, "changed a view") as session:
        view = views.change(session, _place(model), (uid, _number(sent.get("revision", ""))), given)
    return go(_grid(model), f"The view “{view.name}” was changed.")


@bp.post("/projects/<key>/facts/<kind>/views/<uuid:uid>/remove")
@needs(Right.SEE)
def remove_view(key: str, kind: str, uid: UUID) -> Response:
    """Delete a view; the rows it showed stay."""
    model = model_of(kind)
    with signed(g.asker.person, "deleted a view") as session:
        name = views.remove(session, _place(model), (uid, _number(request.form.get("revision", ""))))
    asked = _back(model)
    view = views.PLAIN if asked.view == str(uid) else asked.view
    return go(_address(model) + asked.address(view=view), f"The view “{name}” was deleted; no row was.")


@bp.post("/projects/<key>/facts/<kind>/views/first")
@needs(Right.SEE)
def begin_with(key: str, kind: str) -> Response:
    """Begin with a view from now on, or with all rows."""
    model, which = model_of(kind), request.form.get("view", "")
    with signed(g.asker.person, "chose a view to begin with") as session:
        view = views.begin_with(session, _place(model), views.uid(which) if which else None)
    said = f"You begin with the view “{view.name}” now." if view else "You begin with all rows now."
    return go(_grid(model), said)


# ---------------------------------------------------------------- reading


def _row(text: str) -> tuple[UUID | None, int]:
    """A row of a block as the page sends it: "id:revision", or "" for a new record."""
    uid, _, revision = text.partition(":")
    try:
        return (UUID(uid), _number(revision)) if uid else (None, 0)
    except ValueError:
        raise Refused("The page sent a row that is none. Open the grid again and paste once more.") from None


def _number(text: str) -> int:
    return whole(text)


def _json(status: int, **said: Any) -> Response:
    answer = jsonify(**said)
    answer.status_code = status
    return answer


def _back(model: type[Record]) -> Asked:
    """What the page asked for from which the form was sent."""
    return Asked.read(request.form.get("back", ""), model)


def _address(model: type[Record]) -> str:
    return url_for("records.kind", key=g.project.key, kind=model.kind())


def _grid(model: type[Record], row: UUID | None = None) -> str:
    """The address of the grid, as the form that was sent found it, at a row."""
    return _address(model) + _back(model).here + (f"#r-{row}" if row else "")
