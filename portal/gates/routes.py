"""The gate sheet."""

from __future__ import annotations

from flask import Blueprint, abort, g, request, url_for
from werkzeug.wrappers import Response

from portal.db import Refused, signed
from portal.fragments import go, page
from portal.gates import actions, queries
from portal.rights import Right, may, needs, refusal
from portal.stages import TANDEM, Said, move

bp = Blueprint("gates", __name__)


@bp.get("/projects/<key>/gates")
@needs(Right.SEE)
def sheet(key: str) -> Response:
    """Where the project stands, what the next gate asks, what is missing, and the decision form."""
    return _shown(Said(), request.args.get("move", ""), ())


def _shown(said: Said, chosen: str, why: tuple[str, ...], status: int = 200) -> Response:
    found = queries.sheet(g.session, g.asker, g.project)
    return page("gates/sheet.html", "gates/_sheet.html", status=status, sheet=found, said=said, chosen=chosen, why=why)


@bp.post("/projects/<key>/gates")
@needs(Right.SEE)
def take(key: str) -> Response:
    """Make a move. What it needs, and who may, stands in the table of moves."""
    name = request.form.get("move", "")
    said = Said(*(request.form.get(field, "")[:10_000] for field in ("reasons", "conditions", "evidence")))
    if not name:
        return _shown(said, "", ("Choose what to decide.",), 422)
    made = move(name)
    right = Right.SUBMIT if made.by <= TANDEM else Right.DECIDE
    if not may(g.asker, right, g.project):
        abort(403, refusal(right))
    sent = request.form.get("revision", "")
    try:
        with signed(g.asker.person, f"{made.name}{f', gate {made.gate}' if made.gate else ''}") as session:
            revision = int(sent) if sent.isdecimal() else -1
            decision = actions.take(session, g.asker, (g.project.id, revision), made, said)
            told = f"Decided: {decision.move}. The decision is kept."
    except Refused as why:
        return _shown(said, name, why.reasons, 409)
    # An idea that was returned is its team's alone again: who decided that may no longer see it.
    seen = may(g.asker, Right.SEE, g.project)
    return go(url_for("gates.sheet", key=key) if seen else url_for("portfolio.projects"), told)
