"""Pages of a proposal."""

from __future__ import annotations

from flask import Blueprint, abort, g, request, url_for
from werkzeug.wrappers import Response

from dossiers.records.proposal import Proposal
from portal import pending
from portal.db import Refused, signed
from portal.filters import clock
from portal.forms import typed
from portal.fragments import go, page
from portal.gates.actions import take
from portal.intake.queries import around, tandem
from portal.numerals import whole
from portal.proposals import actions, queries, sheet
from portal.proposals.actions import Wrong
from portal.proposals.changes import answered
from portal.proposals.sheet import Typed
from portal.proposals.similar import similar
from portal.rights import RULES, Right, may_here, needs
from portal.stages import Role, Said, move

bp = Blueprint("proposals", __name__)

JUDGES = tuple(role.label for role in Role if any(r.right is Right.JUDGE and role in r.roles for r in RULES))


@bp.get("/proposals/new")
@needs(Right.PROPOSE)
def new() -> Response:
    """Begin a proposal: a title and an acronym are enough."""
    return _new({}, {})


def _new(said: dict[str, str], messages: dict[str, str], status: int = 200) -> Response:
    return page("proposals/new.html", "proposals/_new.html", status=status, said=said, messages=messages)


@bp.post("/proposals/new")
@needs(Right.PROPOSE)
def begin() -> Response:
    """Keep the idea and open its form."""
    said = {name: request.form.get(name, "") for name in ("project_title", "acronym")}
    try:
        with signed(g.asker.person, "propose an idea") as session:
            key = actions.propose(session, g.asker, said["project_title"], said["acronym"]).key
    except Wrong as why:
        return _new(said, dict(why.messages), 422)
    return go(
        url_for("proposals.form", key=key), "The idea is kept. Nobody but its team sees it until it is submitted."
    )


@bp.get("/projects/<key>/proposal")
@needs(Right.SEE)
def form(key: str) -> Response:
    """The proposal: a form for its team while it is an idea, to be read by everybody else."""
    return _form(None)


def _form(said: Typed | None, status: int = 200) -> Response:
    edits = may_here(Right.EDIT_PROPOSAL)
    shown = sheet.form(g.session, g.asker.person, g.project, said if edits else Typed())
    whole, part = ("form.html", "_form.html") if edits else ("read.html", "_read.html")
    return page(
        f"proposals/{whole}", f"proposals/{part}", status=status, form=shown, around=around(g.session, g.project),
        similar=similar(g.session, g.asker, g.project), answered=answered(g.session, g.project), judges=JUDGES,
    )  # fmt: skip


@bp.post("/projects/<key>/proposal")
@needs(Right.EDIT_PROPOSAL)
def save(key: str) -> Response:
    """Save the proposal; with the button “Save and check”, go on to the check before submitting."""
    proposal = queries.proposal_of(g.session, g.project) or abort(404)
    sent = typed(Proposal, request.form)
    try:
        with signed(g.asker.person, "work on the proposal") as session:
            row = (proposal.uid, _revision())
            actions.save(session, g.asker, row, sent, queries.form_name(g.project))
    except Wrong as why:
        return _form(Typed(sent, dict(why.messages)), 422)
    onward = "proposals.check" if request.form.get("then") == "check" else "proposals.form"
    return go(url_for(onward, key=key), "" if onward == "proposals.check" else "Saved.")


@bp.post("/projects/<key>/proposal/draft")
@needs(Right.EDIT_PROPOSAL)
def draft(key: str) -> str:
    """Keep what is being typed, as it stands; the answer says when."""
    kept = pending.keep(g.asker.person, queries.form_name(g.project), typed(Proposal, request.form), _revision())
    return f"Draft kept at {clock(kept.saved_at)}"


def _revision() -> int:
    seen = request.form.get("revision", "")
    return whole(seen, -1)


@bp.get("/projects/<key>/proposal/check")
@needs(Right.SUBMIT)
def check(key: str) -> Response:
    """What is still missing, and what follows from submitting (or from withdrawing)."""
    return _check("", ())


def _check(reason: str, why: tuple[str, ...], status: int = 200) -> Response:
    name = "submit" if g.project.stage == "idea" else "withdraw"
    return page(
        "proposals/check.html",
        "proposals/_check.html",
        status=status,
        check=queries.check(g.session, g.asker, g.project, name),
        form=sheet.form(g.session, g.asker.person, g.project, Typed()),
        reason=reason,
        why=why,
        halves=tandem(g.session, g.project),
        answered=answered(g.session, g.project),
    )


@bp.post("/projects/<key>/proposal/check")
@needs(Right.SUBMIT)
def step(key: str) -> Response:
    """Submit the proposal, or withdraw it."""
    made, reason = move(request.form.get("move", "")), request.form.get("reason", "")[:10_000]
    if made.name not in ("submit", "withdraw"):
        abort(404)
    try:
        with signed(g.asker.person, f"{made.name} the proposal") as session:
            seen = (g.project.id, _revision())
            take(session, g.asker, seen, made, Said(reason))
    except Refused as why:
        return _check(reason, why.reasons, 409)
    return go(url_for("portfolio.project", key=key), TOLD[made.name])


TOLD = {
    "submit": "Submitted. The investment managers see it now; you will find their verdict here.",
    "withdraw": "Withdrawn. It is an idea again, seen by its team only.",
}
