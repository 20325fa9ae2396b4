"""The page one starts from."""

from __future__ import annotations

from flask import Blueprint, g
from werkzeug.wrappers import Response

from portal.fragments import page
from portal.home import queries
from portal.reviews import queries as reviews
from portal.rights import Right, may_here, needs
from portal.tasks import queries as tasks

bp = Blueprint("home", __name__)


@bp.get("/")
@needs(Right.USE)
def work() -> Response:
    """My work: own projects, gates that wait for me, what others changed."""
    return page(
        "home/work.html",
        "home/_work.html",
        mine=queries.mine(g.session, g.asker),
        waiting=queries.waiting(g.session, g.asker),
        changes=queries.changes(g.session, g.asker),
        reviews=reviews.waiting(g.session, g.asker.person),
        tasks=tasks.waiting(g.session, g.asker),
        shown_gaps=queries.SHOWN_GAPS,
        may_propose=may_here(Right.PROPOSE),
    )
