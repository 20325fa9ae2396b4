"""create_app: the portal as a Flask application, wired together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    render_template,
    request,
    send_from_directory,
)
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from portal import filters, fragments, paths, rights
from portal.config import Settings
from portal.db import Refused, Stale, use
from portal.rights import Right, needs

# The slices, each with a blueprint `bp` in its routes.
SLICES = (
    "home", "people", "proposals", "intake", "portfolio", "search", "insight", "board", "gates", "records", "grid",
    "spreadsheets", "examples", "drafts", "sections", "checks", "reviews", "history", "telling", "tasks",
    "meetings", "bulk", "choice",
)  # fmt: skip

csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Place:
    """A link of the navigation: shown to those who hold its right."""

    endpoint: str
    label: str
    right: Right


NAVIGATION = (
    Place("home.work", "My work", Right.USE),
    Place("portfolio.projects", "Projects", Right.PORTFOLIO),
    Place("board.stages", "Board", Right.PORTFOLIO),
    Place("insight.flow", "Portfolio", Right.PORTFOLIO),
    Place("meetings.days", "Gate meetings", Right.MEETINGS),
    Place("proposals.new", "Propose an idea", Right.PROPOSE),
    Place("people.everybody", "People", Right.ADMINISTER),
    Place("telling.notices", "Notices", Right.USE),
)
TABS = (  # of one project
    Place("portfolio.project", "Overview", Right.SEE),
    Place("proposals.form", "Proposal", Right.SEE),
    Place("gates.sheet", "Gates", Right.SEE),
    Place("reviews.board", "Reviews", Right.JUDGE),
    Place("records.kinds", "Facts", Right.SEE),
    Place("drafts.documents", "Documents", Right.SEE),
    Place("checks.findings", "Checks", Right.SEE),
    Place("history.trail", "History", Right.SEE),
    Place("people.members", "People", Right.SEE),
)


def create_app(settings: Settings) -> Flask:
    """The portal on the database of `settings`, which must have been upgraded."""
    app = Flask("portal", static_folder=None, template_folder=str(paths.templates()))
    app.config.update(configuration(settings))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    use(settings.database_url)
    rights.watch(app)
    csrf.init_app(app)
    fragments.htmx.init_app(app)
    filters.install(app)
    app.register_blueprint(assets)
    for slice_ in SLICES:
        app.register_blueprint(import_module(f"portal.{slice_}.routes").bp)
    app.context_processor(surroundings)
    app.after_request(harden)
    for kind, answer in ANSWERS.items():
        app.register_error_handler(kind, answer)
    return app


def configuration(settings: Settings) -> dict[str, Any]:
    """What Flask and its extensions are told."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": settings.largest_body,
        "MAX_FORM_MEMORY_SIZE": settings.largest_body,
        "MAX_FORM_PARTS": 20_000,
        "SESSION_COOKIE_NAME": "tandem",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure,
        "WTF_CSRF_TIME_LIMIT": None,  # what is typed for hours must still be taken; the token lives as the session does
    }


def surroundings() -> dict[str, Any]:
    """What every template may name beside its own things."""
    return {
        "settings": current_app.config["SETTINGS"],
        "asset_url": asset_url,
        "navigation": places(NAVIGATION),
        "tabs": places(TABS),
    }


def places(of: tuple[Place, ...]) -> list[Place]:
    """The links of `of` that the person of this request may follow."""
    return [place for place in of if rights.may_here(place.right)]


# ---------------------------------------------------------------- files for the browser

assets = Blueprint("assets", __name__)

# Third-party files come out of installed packages: name → (package, path in it, SHA-256 of the file we looked at).
VENDORED = {
    "htmx.min.js": (
        "js_lib_htmx",
        "static/htmx/htmx.min.js",
        "491955cd1810747d7d7b9ccb936400afb760e06d25d53e4572b64b6563b2784e",
    ),
}


@assets.get("/static/<path:name>")
@needs(Right.ENTER)
def static(name: str) -> Response:
    """One of our own files."""
    return send_from_directory(paths.static(), name, max_age=300)


@assets.get("/vendor/<name>")
@needs(Right.ENTER)
def vendor(name: str) -> Response:
    """A file of an installed package, if it is the one we know."""
    if name not in VENDORED:
        abort(404)
    return Response(vendored(name), mimetype="text/javascript", headers={"Cache-Control": "public, max-age=86400"})


@cache
def vendored(name: str) -> bytes:
    """The content of a third-party file. Raises `RuntimeError` if the package holds another than the one we know."""
    package, path, known = VENDORED[name]
    content = files(package).joinpath(path).read_bytes()
    if hashlib.sha256(content).hexdigest() != known:
        raise RuntimeError(f"{name} of the package {package} is not the file that was reviewed.")
    return content


static.asset = vendor.asset = True  # type: ignore[attr-defined]


def asset_url(name: str) -> str:
    """The address of one of our own files, new whenever the file changed."""
    file = paths.static() / name
    return f"/static/{name}?v={int(file.stat().st_mtime)}"


# ---------------------------------------------------------------- headers

POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
        "font-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    )
)  # fmt: skip

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def harden(answer: Response) -> Response:
    """The answer with the headers that keep a browser from doing more than the page needs."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if current_app.config["SETTINGS"].secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    if not request.path.startswith(("/static/", "/vendor/")):
        answer.headers.setdefault("Cache-Control", "no-store")  # confidential pages stay out of the browser's cache
    return answer


# ---------------------------------------------------------------- what went wrong, in sentences

SENTENCES = {
    400: (
        "This request could not be read",
        "The browser sent what this page does not understand. Go back and try again.",
    ),
    403: ("You may not do this", "Ask the project's lead or an administrator if you need to."),
    404: ("There is no such page", "The address is wrong, it was removed, or you may not see it. Start from My work."),
    405: ("This address takes no such request", "Go back and use the buttons of the page."),
    413: ("This is too large", "Send a smaller file or text."),
    500: ("Something broke here", "It was our fault, and nothing was saved by half. Try again, or ask for help."),
}
EXPIRED = (
    "You were signed out, or signed in again, since the page was opened. Open the page again and send the form once "
    "more; what you typed in a form that saves as you type is kept."
)


def _sorry(status: int, title: str, sentences: tuple[str, ...], **more: Any) -> Response:
    template = "_sorry.html" if fragments.wants_fragment() else "sorry.html"
    answer = make_response(render_template(template, status=status, title=title, sentences=sentences, **more), status)
    if fragments.wants_fragment():  # beside the form, not in its place: nothing typed is lost
        answer.headers.update({"HX-Retarget": "#flash", "HX-Reswap": "innerHTML"})
    return answer


def wrong(why: HTTPException) -> Any:
    """A page that says what went wrong."""
    status = why.code or 500
    if status < 400:
        return why
    title, sentence = SENTENCES.get(status, (why.name, ""))
    own = isinstance(why.description, str) and why.description != type(why).description and status != 500
    return _sorry(status, title, (why.description if own else sentence,))  # type: ignore[arg-type]


def forged(_: CSRFError) -> Any:
    """A form whose token is missing or old."""
    return _sorry(400, "This form has expired", (EXPIRED,))


def refused(why: Refused) -> Any:
    """What may not happen now, and why."""
    return _sorry(409, "This cannot be done now", why.reasons)


def stale(why: Stale) -> Any:
    """Two people saved the same thing: what you typed beside what is there."""
    from portal.forms import facts_apart

    return _sorry(409, "Somebody else saved this first", (str(why),), conflict=facts_apart(why.record, why.yours))


def gone(why: LookupError) -> Any:
    """What is not there. A KeyError or IndexError of our own code stays the fault it is."""
    if type(why) is not LookupError:
        raise why
    return _sorry(404, SENTENCES[404][0], (str(why) or SENTENCES[404][1],))


ANSWERS: dict[type[Exception], Callable[[Any], Any]] = {
    Refused: refused,
    Stale: stale,
    LookupError: gone,
    HTTPException: wrong,
    CSRFError: forged,
}
