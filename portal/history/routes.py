"""The history of a project."""

from __future__ import annotations

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from portal.fragments import page
from portal.history import queries
from portal.rights import Right, needs

bp = Blueprint("history", __name__)


@bp.get("/projects/<key>/history")
@needs(Right.SEE)
def trail(key: str) -> Response:
    """Every value that changed in this project: who, when, why, from what to what."""
    asked = queries.Asked.of(request.args)
    return page(
        "history/trail.html", "history/_trail.html", asked=asked, found=queries.history(g.session, g.project, asked)
    )
