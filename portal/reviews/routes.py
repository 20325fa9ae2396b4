"""Pages of reviews: those who ask, those who score, and the declaration of an interest."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from uuid import UUID

from flask import Blueprint, abort, g, request, url_for
from werkzeug.wrappers import Response

from portal.conflicts import GROUNDS, is_blind
from portal.db import Refused, signed
from portal.fragments import go, page, sent
from portal.gates.rules import in_force
from portal.models import now
from portal.numerals import whole
from portal.programme import Review
from portal.reviews import actions, queries
from portal.rights import Right, needs

bp = Blueprint("reviews", __name__)


@bp.get("/projects/<key>/reviews")
@needs(Right.JUDGE)
def board(key: str) -> Response:
    """Who reviews, what the scores come to, whom to ask."""
    return _board(())


def _board(why: tuple[str, ...], status: int = 200) -> Response:
    if is_blind(g.session, g.asker.person, g.project):
        return page("reviews/barred.html", "reviews/_barred.html", grounds=GROUNDS)
    found = queries.board(g.session, g.asker.person, g.project)
    return page("reviews/board.html", "reviews/_board.html", status=status, board=found, why=why, today=now().date())


@bp.post("/projects/<key>/reviews")
@needs(Right.JUDGE)
def ask(key: str) -> Response:
    """Ask somebody for a review."""
    _keep_out()
    due = None
    with suppress(ValueError):
        due = date.fromisoformat(request.form.get("due", ""))
    try:
        person = UUID(request.form.get("reviewer", ""))
    except ValueError:
        return _board(("Choose somebody who may review.",), 422)
    try:
        with signed(g.asker.person, "asked for a review") as session:
            actions.ask(session, g.asker, g.project, person, due)
    except Refused as why:
        return _board(why.reasons, 409)
    return go(url_for("reviews.board", key=key), "The reviewer was asked and told.")


@bp.post("/projects/<key>/reviews/<uuid:uid>/take-back")
@needs(Right.JUDGE)
def take_back(key: str, uid: UUID) -> Response:
    """Ask a reviewer no longer."""
    _keep_out()
    seen_at = request.form.get("revision", "")
    with signed(g.asker.person, "asked for a review no longer") as session:
        actions.take_back(session, g.project, (uid, whole(seen_at)))
    return go(url_for("reviews.board", key=key), "The reviewer is asked no longer.")


def _keep_out() -> None:
    """Who may not judge the project learns nothing of its reviews, not even by trying."""
    if is_blind(g.session, g.asker.person, g.project):
        raise Refused(queries.CLOSED)


# ---------------------------------------------------------------- the reviewer


@bp.get("/projects/<key>/review")
@needs(Right.REVIEW)
def form(key: str) -> Response:
    """The scorecard of the reviewer: criteria with anchors, evidence to read, own scores."""
    return _form(())


def _review() -> Review:
    found = queries.mine(g.session, g.asker.person, g.project)
    if found is None:
        abort(404)
    return found


def _form(why: tuple[str, ...], status: int = 200) -> Response:
    review = _review()
    return page(
        "reviews/form.html", "reviews/_form.html", status=status, review=review, book=in_force(g.session), why=why,
        scores=queries.scores_of(g.session, review), card=queries.others(g.session, review), grounds=GROUNDS,
    )  # fmt: skip


@bp.post("/projects/<key>/review")
@needs(Right.REVIEW)
def score(key: str) -> Response:
    """Keep the scores, or hand them in."""
    review, given, then = _review(), _given(), request.form.get("then", "keep")
    said = "Your scores are kept; they count once you hand them in."
    try:
        with signed(g.asker.person, "scored" if then == "keep" else "handed scores in") as session:
            row = session.get(Review, review.id, with_for_update=True)
            assert row is not None
            actions.score(session, row, given, sent("summary"))
            if then == "hand in":
                actions.hand_in(session, g.asker, g.project, row)
                said = "Your scores are handed in. Thank you."
    except Refused as why:
        if then == "hand in":  # what was typed is kept even if it cannot be handed in yet
            with suppress(Refused), signed(g.asker.person, "scored") as session:
                row = session.get(Review, review.id)
                assert row is not None
                actions.score(session, row, given, sent("summary"))
        return _form(why.reasons, 409)
    return go(url_for("reviews.form", key=key), said)


def _given() -> dict[str, actions.Given]:
    found = {}
    for criterion in in_force(g.session).criteria:
        score_sent = request.form.get(f"score-{criterion.id}", "")
        found[criterion.id] = actions.Given(
            whole(score_sent, 99) if score_sent else None,
            request.form.get(f"confidence-{criterion.id}", "A"),
            sent(f"comment-{criterion.id}", 5_000),
        )
    return found


@bp.post("/projects/<key>/review/decline")
@needs(Right.REVIEW)
def decline(key: str) -> Response:
    """Decline the review, with a reason."""
    review = _review()
    try:
        with signed(g.asker.person, "declined a review") as session:
            row = session.get(Review, review.id, with_for_update=True)
            assert row is not None
            actions.decline(row, sent("why"))
    except Refused as why:
        return _form(why.reasons, 409)
    return go(url_for("home.work"), "You declined the review.")


@bp.post("/projects/<key>/interests")
@needs(Right.SEE)
def declare(key: str) -> Response:
    """Declare an interest in this project."""
    with signed(g.asker.person, "declared an interest") as session:
        actions.declare(session, g.asker, g.project, sent("ground"), sent("note"))
    return go(url_for("home.work"), f"Your interest in {key} is kept; you will not be asked to judge it.")
