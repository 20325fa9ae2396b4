"""The board by stage. Moving a card asks for the decision form of the project's gate sheet."""

from __future__ import annotations

from flask import Blueprint, g
from werkzeug.wrappers import Response

from portal.board import queries
from portal.fragments import page
from portal.models import now
from portal.rights import Right, needs

bp = Blueprint("board", __name__)


@bp.get("/board")
@needs(Right.PORTFOLIO)
def stages() -> Response:
    """The projects the reader may see, a column for each stage."""
    return page("board/stages.html", "board/_stages.html", columns=queries.board(g.session, g.asker, now()))
