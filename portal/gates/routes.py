"""The gate sheet, what is shown on it, and the programme's rulebook."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from uuid import UUID

from flask import Blueprint, abort, g, request, send_file, url_for
from werkzeug.wrappers import Response

from portal.db import Refused, Stale, signed
from portal.filters import moment
from portal.fragments import go, page, sent
from portal.gates import actions, queries, rules
from portal.models import now
from portal.needs import Term
from portal.numerals import whole
from portal.rights import Right, may, needs, refusal
from portal.signin import confirm
from portal.stages import GATES, TANDEM, Gate, Role, Said, move
from portal.trail import Unit

bp = Blueprint("gates", __name__)

TERMS = range(1, 6)  # conditions a form holds

MEETING = "meeting"


@bp.get("/projects/<key>/gates")
@needs(Right.SEE)
def sheet(key: str) -> Response:
    """Where the project stands, what the next gate asks, what is missing, and the decision form."""
    return _shown(Said(), request.args.get("move", ""), ())


def _shown(said: Said, chosen: str, why: tuple[str, ...], status: int = 200, at: str = "") -> Response:
    """The sheet. `at`: the line, or "meeting", whose form was refused; it opens with what was typed, and says why."""
    found = queries.sheet(g.session, g.asker, g.project)
    terms = [said.terms[n - 1] if n <= len(said.terms) else Term("") for n in TERMS]
    return page(
        "gates/sheet.html", "gates/_sheet.html", status=status, sheet=found, said=said, chosen=chosen, why=why,
        terms=terms, roles=tuple(Role), today=now().date(), kinds=", ".join(actions.KINDS),
        at=at if at == MEETING or any(line.id == at for line in found.lines) else "", typed=request.form,
    )  # fmt: skip


@bp.post("/projects/<key>/gates")
@needs(Right.SEE)
def take(key: str) -> Response:
    """Make a move. What it needs, and who may, stands in the table of moves; a verdict asks for the password again."""
    name = request.form.get("move", "")
    said = _said()
    if not name:
        return _shown(said, "", ("Choose what to decide.",), 422)
    made = move(name)
    right = Right.SUBMIT if made.by <= TANDEM else Right.DECIDE
    if not may(g.asker, right, g.project):
        abort(403, refusal(right))
    seen_at = request.form.get("revision", "")
    try:
        if made.verdict is not None:
            confirm(g.asker.person, request.form.get("password", ""), request.remote_addr or "")
        with signed(g.asker.person, f"{made.name}{f', gate {made.gate}' if made.gate else ''}") as session:
            revision = whole(seen_at, -1)
            decision = actions.take(session, g.asker, (g.project.id, revision), made, said)
            told = f"Decided: {decision.move}. The decision is kept."
    except Refused as why:
        return _shown(said, name, why.reasons, 409)
    except Stale:
        return _shown(said, name, (_moved_on(),), 409)
    # An idea that was returned is its team's alone again: who decided that may no longer see it.
    seen = may(g.asker, Right.SEE, g.project)
    return go(url_for("gates.sheet", key=key) if seen else url_for("portfolio.projects"), told)


def _moved_on() -> str:
    """What somebody is told who decides on an older sheet; what they typed stays in the form."""
    last = queries.decided(g.session, g.project.id)[-1]
    return (
        "The project moved on since you opened this sheet, so nothing was decided. Its last decision is: "
        f"{last.move}, by {last.by}, {moment(last.at)}. Read the sheet as it stands now; then decide."
    )


def _said() -> Said:
    """What the form says of a decision."""
    reasons, conditions, evidence = (sent(field) for field in ("reasons", "conditions", "evidence"))
    terms = []
    for n in TERMS:
        text = sent(f"condition-{n}", 300).strip()
        if text:
            owner = request.form.get(f"owner-{n}", "")
            terms.append(Term(text, owner if owner in tuple(Role) else "", _day(f"due-{n}")))
    tied, tell = tuple(request.form.getlist("tied"))[:60], request.form.get("tell", "yes") == "yes"
    return Said(reasons, conditions, evidence, tuple(terms), tied, tell)


def _day(field: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(request.form.get(field, ""))
    return None


# ---------------------------------------------------------------- what is shown


def _gate(name: str) -> Gate:
    if name not in GATES:
        raise LookupError(f"There is no gate {name}.")
    return GATES[name]


def _act(why: str, said: str, verb: Callable[[Unit], object], at: str = "") -> Response:
    """Do one act at the sheet; what is refused is said at the line (`at`) it was for, where what was typed stays."""
    try:
        with signed(g.asker.person, why) as session:
            verb(session)
    except Refused as refused:
        return _shown(Said(), "", refused.reasons, 409, at)
    return go(url_for("gates.sheet", key=g.project.key), said)


@bp.post("/projects/<key>/gates/<gate>/documents")
@needs(Right.SHOW)
def show(key: str, gate: str) -> Response:
    """Attach a named and dated document, with its file or without."""
    at, upload = _gate(gate), request.files.get("file")
    file = (upload.filename or "", upload.read()) if upload and upload.filename else ("", b"")
    document = actions.Document(sent("item"), sent("title"), _day("dated"), sent("note"), file)
    return _act(
        f"attached a document to gate {gate}",
        "The document is attached.",
        lambda session: actions.show(session, g.asker, g.project, at, document),
        document.item,
    )


@bp.post("/projects/<key>/gates/documents/<uuid:uid>/withdraw")
@needs(Right.SHOW)
def withdraw(key: str, uid: UUID) -> Response:
    """Withdraw an attached document."""
    return _act(
        "withdrew a document",
        "The document is withdrawn; it shows nothing any more.",
        lambda session: actions.withdraw(session, g.project, uid),
    )


@bp.get("/projects/<key>/gates/documents/<uuid:uid>")
@needs(Right.SEE)
def document(key: str, uid: UUID) -> Response:
    """The file of an attached document."""
    found = queries.evidence(g.session, g.project, uid)
    if not found.data:
        raise LookupError("Only the title and date of this document are kept, not its file.")
    answer = send_file(
        io.BytesIO(found.data), mimetype=found.mime, as_attachment=True, download_name=found.file_name, max_age=0
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/projects/<key>/gates/<gate>/answers")
@needs(Right.JUDGE)
def answer(key: str, gate: str) -> Response:
    """Say whether a must-meet item is met, and what shows it."""
    at = _gate(gate)
    said = (sent("item"), request.form.get("met") == "yes", sent("note"))
    return _act(
        f"answered for gate {gate}",
        "The answer is kept.",
        lambda session: actions.answer(session, g.asker, g.project, at, said),
        said[0],
    )


@bp.post("/projects/<key>/gates/readiness")
@needs(Right.JUDGE)
def level(key: str) -> Response:
    """Say how ready the project is on one track."""
    number = request.form.get("level", "")
    said = (sent("track"), whole(number), sent("note"))
    return _act(
        "argued a readiness level",
        "The level is kept.",
        lambda session: actions.level(session, g.asker, g.project, said),
        f"readiness-{said[0]}",
    )


@bp.post("/projects/<key>/gates/<gate>/meeting")
@needs(Right.JUDGE)
def meet(key: str, gate: str) -> Response:
    """Keep the record of the meeting."""
    at = _gate(gate)
    texts = (sent(field) for field in ("place", "present", "votes", "dissent", "notes", "discussed"))
    said = actions.Minutes(_day("held_on"), *texts)
    return _act(
        f"wrote the record of the meeting on gate {gate}",
        "The record of the meeting is kept.",
        lambda session: actions.meet(session, g.project, at, said),
        MEETING,
    )


# ---------------------------------------------------------------- the rulebook


@bp.get("/rulebook")
@needs(Right.PORTFOLIO)
def rulebook() -> Response:
    """The rules the programme goes by, with their versions."""
    return _rulebook("", "", ())


def _rulebook(text: str, reason: str, why: tuple[str, ...], status: int = 200) -> Response:
    book = rules.in_force(g.session)
    return page(
        "gates/rulebook.html", "gates/_rulebook.html", status=status, book=book, text=text or book.text, reason=reason,
        why=why, versions=rules.versions(g.session), gates=GATES, roles={r.value: r.label for r in Role},
    )  # fmt: skip


@bp.post("/rulebook")
@needs(Right.RULEBOOK)
def renew() -> Response:
    """Put a new version of the rulebook in force."""
    text, reason = sent("text", 200_000), sent("reason", 5_000)
    try:
        with signed(g.asker.person, "changed the rulebook") as session:
            made = rules.renew(session, g.asker.person, text, reason)
            said = f"Version {made.version} of the rulebook is in force. Decisions taken before keep theirs."
    except Refused as why:
        return _rulebook(text, reason, why.reasons, 422)
    return go(url_for("gates.rulebook"), said)
