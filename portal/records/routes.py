"""The facts of a project: all kinds, one kind as a grid, one record as a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, g, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response

from dossiers.facts import Absence, Basis, by_name
from dossiers.records.base import Record
from portal import forms, pending, views
from portal.db import Refused, Stale, signed
from portal.filters import clock
from portal.fragments import go, page
from portal.grid import pastes
from portal.grid import queries as grid
from portal.grid.asked import SIZES, Asked
from portal.grid.views import place
from portal.models import Pending, now
from portal.numerals import whole
from portal.printed import spots
from portal.records import about, actions, queries
from portal.records.conflicts import conflict
from portal.records.names import Names
from portal.rights import Right, may_here, needs

bp = Blueprint("records", __name__)


@bp.get("/projects/<key>/facts")
@needs(Right.SEE)
def kinds(key: str) -> Response:
    """Every kind of record, with how many there are and what they lack at this stage."""
    return page("records/kinds.html", "records/_kinds.html", groups=queries.overview(g.session, g.project))


@bp.get("/projects/<key>/facts/<kind>")
@needs(Right.SEE)
def kind(key: str, kind: str) -> Response:
    """The records of one kind as a grid; the only record of a single kind as its form."""
    model = queries.model_of(kind)
    if model.single and (found := queries.of_kind(g.session, g.project, model)):
        return redirect(url_for("records.record", key=key, kind=kind, uid=found[0].uid), 303)
    mine = place(g.project, model, g.asker.person, may_here(Right.EDIT_FACTS))
    if not request.args and (first := views.beginning(g.session, mine)):
        return redirect(url_for("records.kind", key=key, kind=kind) + first, 303)
    asked = Asked.of(request.args, model)
    return page(
        "grid/kind.html", "grid/_kind.html", kind=kind, asked=asked, list_of=grid.list_of, sizes=SIZES,
        sheet=grid.Reading(g.session, g.project, model).sheet(asked, g.asker.person),
        shelf=views.shelf(g.session, mine, asked), plain=views.plain(), single=model.single,
        paste=pastes.last(g.session, g.asker.person, g.project, model),
        removed=queries.bin_of(g.session, g.project, model),
    )  # fmt: skip


# ---------------------------------------------------------------- a form


@bp.get("/projects/<key>/facts/<kind>/new")
@needs(Right.EDIT_FACTS)
def new(key: str, kind: str) -> Response:
    """An empty form, or what was typed into it before."""
    model = queries.model_of(kind)
    return _form(model, None, _kept(kind, "new"))


@bp.post("/projects/<key>/facts/<kind>/new")
@needs(Right.EDIT_FACTS)
def create(key: str, kind: str) -> Response:
    """Make a record out of the form, or of the last row of the grid."""
    model = queries.model_of(kind)
    typed = _typed(model)
    try:
        with signed(g.asker.person, f"added a {model.called[0].lower()}") as session:
            made = actions.add(session, g.project, model, typed)
            pending.drop(session, g.asker.person, queries.draft_form(g.project, kind, "new"))
    except actions.Unfit as why:
        _keep(model, "new", typed)
        return _unfit(model, None, typed, why)
    said = f"{model.called[0]} “{Names(g.session, g.project.id).called(made)}” was added."
    if _from_grid():
        return jsonify(said=said, uid=str(made.uid), revision=made.revision)
    return go(_back(kind) or url_for("records.record", key=key, kind=kind, uid=made.uid), said)


@bp.get("/projects/<key>/facts/<kind>/<uuid:uid>")
@needs(Right.SEE)
def record(key: str, kind: str, uid: UUID) -> Response:
    """One record as a form: its facts, why some are empty, where others come from, what happened to them."""
    model = queries.model_of(kind)
    found = queries.one(g.session, g.project, model, uid)
    return _form(model, found, _kept(kind, uid))


@bp.post("/projects/<key>/facts/<kind>/<uuid:uid>")
@needs(Right.EDIT_FACTS)
def save(key: str, kind: str, uid: UUID) -> Response:
    """Take the whole form, or say what to mend; if somebody saved meanwhile, show both texts."""
    model, typed = queries.model_of(kind), _typed(queries.model_of(kind))
    try:
        with signed(g.asker.person, f"edited a {model.called[0].lower()}") as session:
            saved = actions.save(session, g.project, (model, uid), typed)
            pending.drop(session, g.asker.person, queries.draft_form(g.project, kind, uid))
    except actions.Unfit as why:
        _keep(model, uid, typed)
        return _unfit(model, queries.one(g.session, g.project, model, uid), typed, why)
    except Stale as why:
        _keep(model, uid, typed)
        return _apart(why.record, typed)
    said = f"{model.called[0]} “{Names(g.session, g.project.id).called(saved)}” was saved at {clock(now())}."
    return go(_back(kind) or url_for("records.record", key=key, kind=kind, uid=uid), said)


@bp.post("/projects/<key>/facts/<kind>/<uuid:uid>/draft")
@needs(Right.EDIT_FACTS)
def keep(key: str, kind: str, uid: UUID) -> str:
    """Keep what is being typed, beside the record; answers with the state to show."""
    model = queries.model_of(kind)
    return _keep(model, uid, _typed(model))


@bp.post("/projects/<key>/facts/<kind>/new/draft")
@needs(Right.EDIT_FACTS)
def keep_new(key: str, kind: str) -> str:
    """Keep what is being typed into a record that is not there yet."""
    model = queries.model_of(kind)
    return _keep(model, "new", _typed(model))


@bp.post("/projects/<key>/facts/<kind>/<record>/discard")
@needs(Right.EDIT_FACTS)
def discard(key: str, kind: str, record: str) -> Response:
    """Forget what was typed and not saved."""
    model = queries.model_of(kind)
    with signed(g.asker.person, "discarded what was typed") as session:
        pending.drop(session, g.asker.person, queries.draft_form(g.project, kind, record))
    said = "What you typed and had not saved was discarded."
    if record == "new":
        return go(url_for("records.kind", key=key, kind=model.kind()), said)
    return go(url_for("records.record", key=key, kind=kind, uid=_uuid(record)), said)


@bp.get("/projects/<key>/facts/<kind>/<uuid:uid>/printed")
@needs(Right.SEE)
def printed(key: str, kind: str, uid: UUID) -> Response:
    """Which sections print which fact of a record; htmx puts each list beside its fact."""
    found = queries.one(g.session, g.project, queries.model_of(kind), uid)
    return page(
        "records/printed.html", "records/_printed.html", record=found, kind=kind, model=type(found),
        named=Names(g.session, g.project.id).called(found), known=by_name(type(found)),
        spots=spots(g.session, g.project, found),
    )  # fmt: skip


# ---------------------------------------------------------------- reading and drawing


def _typed(model: type[Record]) -> actions.Typed:
    """What the request's form says, without the facts for which somebody else's text was chosen."""
    sent = request.form
    names = Names(g.session, g.project.id)
    theirs = {name.removeprefix("take.") for name, choice in sent.items() if name[:5] == "take." and choice == "theirs"}
    facts = {n: t for n, t in forms.typed(model, sent, names.options).items() if n not in theirs}
    saying = {n: said for n, said in about.said_of(model, sent).items() if f"about.{n}" not in theirs}
    revision = sent.get("revision", "0")
    return actions.Typed(facts, whole(revision), saying, sent.get("key", ""))


def _keep(model: type[Record], record: UUID | str, typed: actions.Typed) -> str:
    """Keep what was typed, beside what was kept before where a grid sends one cell; answers with the state to show."""
    form = queries.draft_form(g.project, model.kind(), record)
    fields: dict[str, Any] = dict(typed.facts)
    for name, said in typed.about.items():
        fields |= {f"{part}.{name}": text for part, text in said.items()}
    if typed.key:
        fields["key"] = typed.key
    before = pending.kept(g.session, g.asker.person, form) if _from_grid() else None
    kept = pending.keep(g.asker.person, form, (before.typed if before else {}) | fields, typed.revision)
    return f"Draft saved {clock(kept.saved_at)}"


def _kept(kind: str, record: UUID | str) -> Pending | None:
    return pending.kept(g.session, g.asker.person, queries.draft_form(g.project, kind, record))


def _unfit(model: type[Record], record: Record | None, typed: actions.Typed, why: actions.Unfit) -> Response:
    if _from_grid():
        answer = jsonify(messages=why.messages)
        answer.status_code = 422
        return answer
    draft = Pending(person_id=g.asker.person.id, form="", on_revision=typed.revision)
    draft.typed = dict(typed.facts) | {"key": typed.key}
    for name, said in typed.about.items():
        draft.typed |= {f"{part}.{name}": text for part, text in said.items()}
    return _form(model, record, draft, why.messages)


def _apart(record: Record, typed: actions.Typed) -> Response:
    found = conflict(g.session, g.project, record, typed)
    return page(
        "records/conflict.html", "records/_conflict.html", status=409, found=found, kind=record.kind(),
        named=Names(g.session, g.project.id).called(record), back=request.form.get("back", ""),
    )  # fmt: skip


def _form(
    model: type[Record], record: Record | None, draft: Pending | None, messages: Mapping[str, str] | None = None
) -> Response:
    """The form of a record (None: a new one) with what was typed before; 422 where `messages` say what to mend."""
    names = Names(g.session, g.project.id)
    typed = draft.typed if draft else {}
    gaps = frozenset(f.name for f in queries.Holdings(g.session, g.project).gaps(record)) if record else frozenset()
    facts = {n: t for n, t in typed.items() if n in by_name(model)}
    filling = forms.Filling(facts, dict(messages or {}), names.options, gaps)
    said = about.said_of(model, typed)
    return page(
        "records/record.html", "records/_record.html", status=422 if messages else 200,
        kind=model.kind(), model=model, record=record, named=names.called(record) if record else "",
        widgets=forms.fields(model, record, filling),
        about={name: said.get(name) or about.shown(record, name) for name in by_name(model)},
        pasts=queries.pasts(g.session, g.project, record, names) if record else {},
        draft=draft if draft and not messages and _differs(record, draft, names) else None,
        revision=draft.on_revision if draft else (record.revision if record else None),
        typed_key=typed.get("key", ""), key_error=(messages or {}).get("key", ""),
        absences=tuple((a.value, a.label) for a in Absence), bases=tuple((b.value, b.value) for b in Basis),
        locked=not may_here(Right.EDIT_FACTS),
    )  # fmt: skip


def _differs(record: Record | None, draft: Pending, names: Names) -> bool:
    """Whether a draft holds anything that the record does not."""
    if record is None:
        return any(draft.typed.values())
    facts = {n: t for n, t in draft.typed.items() if n in by_name(type(record))}
    values, messages = names.read(type(record), facts)
    said = about.said_of(type(record), draft.typed)
    return bool(
        messages
        or any(values[n] != getattr(record, n) for n in values)
        or any(said[n] != about.shown(record, n) for n in said)
    )


def _from_grid() -> bool:
    return request.headers.get("X-Grid") == "1"


def _back(kind: str) -> str:
    """The grid a form came from, as it was filtered and sorted; "" if it came from elsewhere."""
    if "back" not in request.form:
        return ""
    model = queries.model_of(kind)
    return url_for("records.kind", key=g.project.key, kind=kind) + Asked.read(request.form["back"], model).here


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Refused("The address names no record.") from None
