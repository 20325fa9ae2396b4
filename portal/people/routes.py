"""Pages about people: sign in and out, own account, the administrator's list, a project's team."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, current_app, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal import signin
from portal.config import Settings
from portal.db import Refused, signed
from portal.fragments import go, page, wants_fragment
from portal.people import actions, queries
from portal.people.actions import Entry
from portal.rights import COOKIE, Right, needs
from portal.stages import Function, Role

bp = Blueprint("people", __name__)


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _safe_next() -> str:
    """The page to go on to: a path of this portal, never another site."""
    path = request.values.get("next", "")
    inside = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if inside and not path.startswith("/sign-") else url_for("home.work")


# ---------------------------------------------------------------- signing in and out


@bp.get("/sign-in")
@needs(Right.ENTER)
def sign_in_form() -> Response | str:
    """The sign-in page; those who are signed in go on."""
    if g.asker is not None:
        return redirect(_safe_next(), 303)
    return render_template("people/sign_in.html", next=_safe_next(), email="", why="")


@bp.post("/sign-in")
@needs(Right.ENTER)
def sign_in() -> Response | tuple[str, int]:
    """Sign in with e-mail address and password."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    visitor = signin.Visitor(request.remote_addr or "", request.user_agent.string)
    try:
        token = signin.sign_in(email, password, visitor, _settings())
    except Refused as why:
        return render_template("people/sign_in.html", next=_safe_next(), email=email, why=str(why)), 422
    session.clear()  # a new token against forged forms for a new person
    answer = redirect(_safe_next(), 303)
    answer.set_cookie(COOKIE, token, httponly=True, samesite="Lax", secure=_settings().secure, path="/")
    return answer


@bp.post("/sign-out")
@needs(Right.USE)
def sign_out() -> Response:
    """Sign out of this browser."""
    signin.end(g.asker.person, g.sign_in)
    session.clear()
    answer = go(url_for("people.sign_in_form"), "You are signed out.")
    answer.delete_cookie(COOKIE, path="/")
    return answer


# ---------------------------------------------------------------- one's own account


@bp.get("/account")
@needs(Right.USE)
def account() -> Response:
    """Own password and the browsers that are signed in."""
    return _account()


def _account(why: str = "", status: int = 200) -> Response:
    live = queries.live_sign_ins(g.session, g.asker.person, _settings())
    return page("people/account.html", "people/_account.html", status=status, live=live, this=g.sign_in, why=why)


@bp.post("/account/password")
@needs(Right.USE)
def change_password() -> Response:
    """Change the own password; other browsers are signed out."""
    old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
    try:
        if new != again:
            raise Refused("The new password was typed differently the second time.")
        with signed(g.asker.person, "own password changed") as unit:
            actions.change_password(unit, g.asker.person.id, old, new)
    except Refused as why:
        return _account(str(why), 422)
    ended = signin.end(g.asker.person, other_than=g.sign_in)
    return go(
        url_for("people.account"),
        "Your password is changed." + (" Your other browsers are signed out." if ended else ""),
    )


@bp.post("/account/sign-ins/end")
@needs(Right.USE)
def end_others() -> Response:
    """Sign out everywhere but here."""
    ended = signin.end(g.asker.person, other_than=g.sign_in)
    return go(
        url_for("people.account"), "Your other browsers are signed out." if ended else "No other browser was signed in."
    )


# ---------------------------------------------------------------- administration


@bp.get("/people")
@needs(Right.ADMINISTER)
def everybody() -> Response:
    """All people with their roles."""
    words, number = request.args.get("q", "").strip()[:200], request.args.get("page", 1, type=int)
    return page("people/everybody.html", "people/_everybody.html", found=queries.everybody(g.session, words, number))


@bp.get("/people/new")
@needs(Right.ADMINISTER)
def invite_form() -> Response:
    """The form for somebody new."""
    return _person_form(None, Entry("", "", ()), {})


@bp.post("/people/new")
@needs(Right.ADMINISTER)
def invite() -> Response:
    """Add somebody; their first password is shown once."""
    entry = _entry()
    faults = entry.faults()
    if not faults:
        try:
            with signed(g.asker.person, "person added") as unit:
                person, password = actions.invite(unit, entry)
        except Refused as why:
            faults = {"email": str(why)}
    if faults:
        return _person_form(None, entry, faults, 422)
    return page("people/handed_over.html", "people/_handed_over.html", person=person, password=password)


@bp.get("/people/<uuid:row>")
@needs(Right.ADMINISTER)
def person_form(row: UUID) -> Response:
    """The form for somebody who is there."""
    person = queries.person(g.session, row)
    return _person_form(row, Entry(person.name, person.email, tuple(person.roles), person.active, person.unit), {})


@bp.post("/people/<uuid:row>")
@needs(Right.ADMINISTER)
def change(row: UUID) -> Response:
    """Change name, roles, activity."""
    person = queries.person(g.session, row)
    typed = _entry()
    entry = replace(typed, email=person.email, active="active" in request.form)
    if faults := entry.faults():
        return _person_form(row, entry, faults, 422)
    with signed(g.asker.person, "person changed") as unit:
        actions.change(unit, g.asker.person, row, request.form.get("revision", 0, type=int), entry)
    return go(url_for("people.everybody"), f"{entry.name} is saved.")


@bp.post("/people/<uuid:row>/password")
@needs(Right.ADMINISTER)
def reset_password(row: UUID) -> Response:
    """A new first password, shown once; the person is signed out everywhere."""
    with signed(g.asker.person, "password reset by an administrator") as unit:
        person, password = actions.reset_password(unit, row)
    return page("people/handed_over.html", "people/_handed_over.html", person=person, password=password)


def _entry() -> Entry:
    name, email, unit = (request.form.get(field, "") for field in ("name", "email", "unit"))
    return Entry(name, email, tuple(request.form.getlist("roles")), unit=unit)


def _person_form(row: UUID | None, entry: Entry, faults: dict[str, str], status: int = 200) -> Response:
    person = queries.person(g.session, row) if row else None
    things = {
        "person": person,
        "entry": entry,
        "faults": faults,
        "roles": tuple(Role),
        "units": queries.units(g.session),
    }
    return page("people/person.html", "people/_person.html", status=status, **things)


# ---------------------------------------------------------------- a project's team


@bp.get("/projects/<key>/people")
@needs(Right.SEE)
def members(key: str) -> Response:
    """Who works on the project."""
    return _members()


def _members(why: str = "", status: int = 200, said: str = "") -> Response:
    return page(
        "people/members.html", "people/_members.html", status=status, why=why, said=said, functions=tuple(Function),
        members=queries.members(g.session, g.project), candidates=queries.candidates(g.session, g.project),
    )  # fmt: skip


@bp.post("/projects/<key>/people")
@needs(Right.MEMBERS)
def join(key: str) -> Response:
    """Add somebody to the team."""
    who = request.form.get("person", type=UUID)
    try:
        if who is None:
            raise Refused("Choose a person.")
        with signed(g.asker.person, "joins the project") as unit:
            actions.join(unit, g.project, who, request.form.get("function", ""))
    except Refused as why:
        return _members(str(why), 422)
    return _after_change(key, "The person now works on the project.")


@bp.post("/projects/<key>/people/<uuid:row>/leave")
@needs(Right.MEMBERS)
def leave(key: str, row: UUID) -> Response:
    """Take somebody off the team."""
    with signed(g.asker.person, "leaves the project") as unit:
        actions.leave(unit, g.project, row)
    return _after_change(key, "The person no longer works on the project.")


@bp.post("/projects/<key>/confidential")
@needs(Right.MEMBERS)
def open_up(key: str) -> Response:
    """Make the project confidential, or open it to all staff of the portal."""
    confidential = request.form.get("confidential") == "yes"
    with signed(g.asker.person, "confidentiality changed") as unit:
        actions.open_up(unit, g.project.id, request.form.get("revision", 0, type=int), confidential=confidential)
    return go(
        url_for("people.members", key=key),
        "The project is confidential." if confidential else "All staff of the portal may see the project.",
    )


def _after_change(key: str, said: str) -> Response:
    if wants_fragment():
        return _members(said=said)
    return go(url_for("people.members", key=key), said)
