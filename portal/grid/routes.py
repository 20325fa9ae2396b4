"""What the grid sends: one cell, a pasted block, and what its row buttons do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Blueprint, g, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from dossiers.facts import by_name
from dossiers.records.base import Record
from portal import pending
from portal.db import Refused, Stale, signed
from portal.filters import clock, plural
from portal.fragments import go, page
from portal.grid import actions, queries
from portal.models import now
from portal.records import actions as verbs
from portal.records.conflicts import conflict
from portal.records.names import Names
from portal.records.queries import draft_form, drafts, model_of, one
from portal.rights import Right, needs

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
    given = _mended() if "facts" in request.form else _pasted(model)
    try:
        with signed(g.asker.person, f"pasted {len(given.rows)} rows of {model.called[1].lower()}") as session:
            taken = actions.take(session, g.project, model, given)
    except actions.Torn as why:
        return _torn(model, given, why)
    said = f"{plural(taken.changed, 'row')} changed and {plural(taken.added, 'row')} added."
    if request.headers.get("X-Grid") == "1":
        return _json(200, said=said)
    return go(_grid(model), said)


def _pasted(model: type[Record]) -> actions.Block:
    columns, _ = queries.columns(model, g.project)
    rows = [_row(text) for text in request.form.getlist("row")]
    return actions.block(
        request.form.get("block", ""), columns, request.form.get("fact", ""), [(u, n) for u, n in rows if u]
    )


def _mended() -> actions.Block:
    """The block out of the table in which a person mended it."""
    names = tuple(request.form.getlist("facts"))
    rows = [_row(text) for text in request.form.getlist("row")]
    cells = [[request.form.get(f"c{n}.{name}", "") for name in names] for n in range(len(rows))]
    return actions.Block(
        names, tuple(actions.Row(uid, revision, tuple(c)) for (uid, revision), c in zip(rows, cells, strict=True))
    )


def _torn(model: type[Record], given: actions.Block, why: actions.Torn) -> Response:
    known = by_name(model)
    if unknown := [name for name in given.facts if name not in known]:
        raise Refused(f"There is no fact “{unknown[0]}” here. Open the grid again and paste once more.")
    reading = queries.Reading(g.session, g.project, model)
    whole = "grid/_paste.html" if request.headers.get("X-Grid") == "1" else "grid/paste.html"
    return page(
        whole, "grid/_paste.html", status=422, model=model, kind=model.kind(), given=given, list_of=queries.list_of,
        columns=[known[name] for name in given.facts], messages=why.messages, lists=reading.lists(),
        named=reading.names.of(model.kind()), back=request.form.get("back", ""),
    )  # fmt: skip


def _row(text: str) -> tuple[UUID | None, int]:
    """A row of a block as the page sends it: "id:revision", or "" for a new record."""
    uid, _, revision = text.partition(":")
    try:
        return (UUID(uid), _number(revision)) if uid else (None, 0)
    except ValueError:
        raise Refused("The page sent a row that is none. Open the grid again and paste once more.") from None


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _json(status: int, **said: Any) -> Response:
    answer = jsonify(**said)
    answer.status_code = status
    return answer


def _grid(model: type[Record], row: UUID | None = None) -> str:
    """The address of the grid, as the form that was sent found it, at a row."""
    sent: Sequence[tuple[str, str]] = parse_qsl(request.form.get("back", "").lstrip("?"))
    asked = queries.Asked.of(dict(sent), model)
    number = {"page": str(asked.number)} if asked.number > 1 else {}
    place = f"#r-{row}" if row else ""
    return url_for("records.kind", key=g.project.key, kind=model.kind()) + asked.address(**number) + place
