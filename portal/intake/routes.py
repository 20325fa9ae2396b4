"""Pages around an idea: invitations, the tandem's confirmation, attached documents, the classification walk."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import date
from uuid import UUID

from flask import Blueprint, abort, current_app, g, make_response, request, url_for
from werkzeug.wrappers import Response

from portal.db import Refused, signed
from portal.fragments import go, page
from portal.gates.actions import KINDS, Document
from portal.intake import actions, queries
from portal.intake.request import docx
from portal.intake.walk import QUESTIONS, Walked, walk
from portal.media import DOCX
from portal.models import Project
from portal.numerals import whole
from portal.programme import Invitation
from portal.proposals.queries import proposal_of
from portal.rights import Right, needs
from portal.stages import Function

bp = Blueprint("intake", __name__)


def _visible(said: Mapping[str, str]) -> dict[str, str]:
    """What was typed, without the control characters that no page can hold."""
    return {name: "".join(c for c in text if c.isprintable() or c in "\n\t") for name, text in said.items()}


# ---------------------------------------------------------------- invitations


@bp.get("/projects/<key>/invitations")
@needs(Right.MEMBERS)
def invitations(key: str) -> Response:
    """Who was invited into the project, and the form to invite somebody."""
    return _invitations({}, ())


def _invitations(said: Mapping[str, str], why: tuple[str, ...], status: int = 200, link: str = "") -> Response:
    return page(
        "intake/invitations.html", "intake/_invitations.html", status=status, said=said, why=why, link=link,
        found=[(i, queries.state(i)) for i in queries.invitations(g.session, g.project)], functions=actions.INVITED,
        function_of=Function, days=actions.LASTS.days,
    )  # fmt: skip


@bp.post("/projects/<key>/invitations")
@needs(Right.MEMBERS)
def invite(key: str) -> Response:
    """Invite somebody by e-mail address; the link is shown once."""
    said = {name: request.form.get(name, "")[:300] for name in ("email", "function")}
    try:
        with signed(g.asker.person, "invites into the project") as session:
            made, token, known = actions.invite(session, g.asker, g.project, said["email"], said["function"])
            mails = current_app.config["SETTINGS"].mail is not None
            if mails and not known:
                actions.mail_to_address(session, made, token)
    except Refused as why:
        return _invitations(_visible(said), why.reasons, 409)
    way = "notice" if known else "mail" if mails else ""
    return _invitations({"email": made.email, "way": way}, (), link=_link(token))


def _link(token: str) -> str:
    return url_for("intake.invitation", token=token, _external=True)


@bp.post("/projects/<key>/invitations/<uuid:row>/withdraw")
@needs(Right.MEMBERS)
def withdraw_invitation(key: str, row: UUID) -> Response:
    """Withdraw an invitation that is still open."""
    try:
        with signed(g.asker.person, "withdraws an invitation") as session:
            actions.withdraw_invitation(session, g.project, row)
    except Refused as why:
        return _invitations({}, why.reasons, 409)
    return go(url_for("intake.invitations", key=key), "The invitation is withdrawn; its link opens nothing any more.")


@bp.get("/invitations/<token>")
@needs(Right.USE)
def invitation(token: str) -> Response:
    """What somebody is invited to. The project is named to the person invited only."""
    found = _invitation(token)
    why = queries.why_not(found, g.asker.person)
    return _invited(token, found, (why,) if why else (), 409 if why else 200)


def _invitation(token: str) -> Invitation:
    found = queries.invited(g.session, token)
    if found is None:
        raise LookupError("There is no such invitation. Check that the link is whole.")
    return found


def _invited(token: str, found: Invitation, why: tuple[str, ...], status: int) -> Response:
    into = g.session.get(Project, found.project_id) if not why else None
    return page(
        "intake/invitation.html", "intake/_invitation.html", status=status, token=token, invitation=found, into=into,
        why=why, function=Function(found.function),
    )  # fmt: skip


@bp.post("/invitations/<token>")
@needs(Right.USE)
def accept(token: str) -> Response:
    """Accept an invitation."""
    try:
        with signed(g.asker.person, "accepts an invitation") as session:
            key = actions.accept(session, g.asker, token).key
    except Refused as why:
        return _invited(token, _invitation(token), why.reasons, 409)
    return go(url_for("proposals.form", key=key), f"You work on {key} now.")


# ---------------------------------------------------------------- the tandem confirms


@bp.post("/projects/<key>/proposal/confirm")
@needs(Right.SUBMIT)
def confirm(key: str) -> Response:
    """Confirm the proposal as it was seen."""
    seen = request.form.get("revision", "")
    with signed(g.asker.person, "confirms the proposal") as session:
        actions.confirm(session, g.asker, g.project, whole(seen, -1))
    return go(url_for("proposals.check", key=key), "You confirmed the proposal as it stands.")


# ---------------------------------------------------------------- attached documents


@bp.get("/projects/<key>/proposal/documents")
@needs(Right.SEE)
def documents(key: str) -> Response:
    """The documents attached to the proposal, and the form to attach one."""
    return _documents({}, ())


def _documents(said: Mapping[str, str], why: tuple[str, ...], status: int = 200) -> Response:
    return page(
        "intake/documents.html", "intake/_documents.html", status=status, said=said, why=why,
        attachments=queries.attachments(g.session, g.project), kinds=", ".join(KINDS),
    )  # fmt: skip


@bp.post("/projects/<key>/proposal/documents")
@needs(Right.SHOW)
def attach(key: str) -> Response:
    """Attach a named and dated document, with its file or without."""
    said = {name: request.form.get(name, "")[:5_000] for name in ("title", "dated", "note")}
    document = Document("", said["title"], _day(said["dated"]), said["note"], _file())
    try:
        with signed(g.asker.person, "attached a document to the proposal") as session:
            actions.attach(session, g.asker, g.project, document)
    except Refused as why:
        return _documents(_visible(said), why.reasons, 409)
    return go(url_for("intake.documents", key=key), "The document is attached.")


def _file() -> tuple[str, bytes]:
    """(name, bytes) of the file that was sent; ("", b"") for none."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return "", b""
    with closing(sent):  # a large one lies in a temporary file
        return sent.filename, sent.read()


def _day(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


@bp.post("/projects/<key>/proposal/documents/<uuid:uid>/withdraw")
@needs(Right.SHOW)
def take_back(key: str, uid: UUID) -> Response:
    """Withdraw a document of the proposal."""
    try:
        with signed(g.asker.person, "withdrew a document of the proposal") as session:
            actions.take_back(session, g.project, uid)
    except Refused as why:
        return _documents({}, why.reasons, 409)
    return go(url_for("intake.documents", key=key), "The document is withdrawn.")


# ---------------------------------------------------------------- the classification walk


def _walked(sent: Mapping[str, str]) -> Walked:
    return walk({name: sent[name] for name in QUESTIONS if name in sent})


@bp.get("/projects/<key>/classification")
@needs(Right.SEE)
def classification(key: str) -> Response:
    """The walk: answers stand in the address, so that any step can be gone back to."""
    return _classification(_walked(request.args), ())


def _classification(walked: Walked, why: tuple[str, ...], status: int = 200) -> Response:
    proposal = proposal_of(g.session, g.project)
    return page(
        "intake/classification.html", "intake/_classification.html", status=status, walked=walked, why=why,
        proposal=proposal, answers={s.question.id: s.answer for s in walked.steps},
    )  # fmt: skip


@bp.post("/projects/<key>/classification")
@needs(Right.SHOW)
def keep_class(key: str) -> Response:
    """Keep the reasoned class as evidence for gate G0."""
    walked = _walked(request.form)
    if walked.outcome is None:
        return _classification(walked, ("Answer the last question first; there is no class to keep yet.",), 422)
    title = f"Class by the definitions: {walked.outcome.title}"
    try:
        with signed(g.asker.person, "kept the reasoned class") as session:
            actions.keep_class(session, g.asker, g.project, title, walked.reasoning)
    except Refused as why:
        return _classification(walked, why.reasons, 409)
    return go(url_for("gates.sheet", key=key), "The class and its reasons are kept as evidence for gate G0.")


@bp.get("/projects/<key>/classification/request.docx")
@needs(Right.SEE)
def class_request(key: str) -> Response:
    """The draft of a classification request to the CAT, in Word."""
    walked, proposal = _walked(request.args), proposal_of(g.session, g.project)
    if proposal is None or walked.outcome is None:
        abort(404, "Walk through the classification to its end first; the request is drafted out of it.")
    answer = make_response(docx(g.project, proposal, walked))
    answer.mimetype = DOCX
    answer.headers["Content-Disposition"] = f'attachment; filename="{key} classification request.docx"'
    return answer
