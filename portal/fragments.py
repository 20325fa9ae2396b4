"""A page or only the part that changed; a way to the next page; a message for the reader."""

from __future__ import annotations

import re
from typing import Any

from flask import flash, make_response, redirect, render_template, request
from flask_htmx import HTMX
from werkzeug.wrappers import Response

htmx = HTMX()


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page (and does not restore a whole one from history)."""
    return bool(htmx) and not htmx.history_restore_request


def page(whole: str, fragment: str, *, status: int = 200, **things: Any) -> Response:
    """The template `whole`, or only `fragment` when htmx asks. 422: a form to mend; 409: refused."""
    answer = make_response(render_template(fragment if wants_fragment() else whole, **things), status)
    answer.headers["Vary"] = "HX-Request"
    return answer


def go(url: str, said: str = "") -> Response:
    """Send the reader on to `url`, where they are told `said`.

    303 for a plain form; 204 with HX-Redirect for htmx, which would swap the next page into the fragment's place.
    """
    if said:
        flash(said)
    return Response(status=204, headers={"HX-Redirect": url}) if htmx else redirect(url, 303)


_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def sent(field: str, longest: int = 10_000) -> str:
    """What the request's form holds in a field that is no fact: without what nobody can see, cut where it is too long.

    Databases and Word files refuse such characters; nobody typed them on purpose.
    """
    return _UNSEEN.sub("", request.form.get(field, ""))[:longest].replace("\r\n", "\n")
