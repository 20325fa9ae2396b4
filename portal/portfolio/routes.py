"""Pages over all projects, and the first page of one."""

from __future__ import annotations

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from dossiers.stage import Stage
from portal.fragments import page
from portal.portfolio import queries
from portal.rights import Right, needs

bp = Blueprint("portfolio", __name__)


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
    return page("portfolio/project.html", "portfolio/_project.html", it=queries.overview(g.session, g.project))
