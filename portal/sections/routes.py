"""Pages of the work on a section: its text beside a preview, who sees to it, how far it is, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from dossiers.facts import by_name
from dossiers.preview import FORBIDDEN, section_html
from dossiers.reading import Unreadable
from dossiers.records.dossier import Narrative
from portal import pending
from portal.addresses import within
from portal.db import Refused, Stale, signed
from portal.drafts.queries import drafted
from portal.filters import clock
from portal.fragments import go, page, wants_fragment
from portal.models import Pending, now
from portal.numerals import whole
from portal.records.actions import Unfit
from portal.rights import Right, needs
from portal.sections import actions, queries
from portal.sections.queries import At, Budget, Spot
from portal.sections.steps import Status

bp = Blueprint("sections", __name__)

SECTION = "/projects/<key>/documents/<outline>/sections/<path:section>"


# ---------------------------------------------------------------- the text


@bp.get(f"{SECTION}/text")
@needs(Right.WRITE)
def text(key: str, outline: str, section: str) -> Response:
    """The text of a section in an editor, beside the section as it reads with it."""
    at = At(outline, section)
    spot = _spot(at)
    kept = pending.kept(g.session, g.asker.person, queries.draft_form(g.project, at))
    stored = spot.written.text or "" if spot.written else ""
    if kept is not None and kept.typed.get("text", "") != stored:
        return _editor(spot, actions.Typed(kept.typed.get("text", ""), kept.on_revision), draft=kept)
    return _editor(spot, actions.Typed(stored, spot.written.revision if spot.written else 0))


@bp.post(f"{SECTION}/text")
@needs(Right.WRITE)
def write(key: str, outline: str, section: str) -> Response:
    """Take the text, or say what to mend; if somebody saved another meanwhile, show both."""
    at, typed = At(outline, section), _typed()
    try:
        with signed(g.asker.person, f"wrote the text of {section}") as session:
            actions.write(session, g.asker, g.project, at, typed)
            pending.drop(session, g.asker.person, queries.draft_form(g.project, at))
    except Unfit as why:
        return _editor(_spot(at), typed, messages=why.messages)
    except Stale as why:
        _keep(at, typed)
        return _apart(_spot(at), typed, why.record)
    return go(url_for("sections.text", key=key, outline=outline, section=section), f"Saved at {clock(now())}.")


@bp.post(f"{SECTION}/text/preview")
@needs(Right.WRITE)
def preview(key: str, outline: str, section: str) -> Response:
    """The section as it would read with the text as typed; nothing is stored."""
    return _editor(_spot(At(outline, section)), _typed(), alone=True)


@bp.post(f"{SECTION}/text/draft")
@needs(Right.WRITE)
def keep(key: str, outline: str, section: str) -> str:
    """Keep what is being typed, beside the text; answers with the state to show."""
    at = At(outline, section)
    _spot(at)
    return f"Draft saved {clock(_keep(at, _typed()).saved_at)}"


@bp.post(f"{SECTION}/text/discard")
@needs(Right.WRITE)
def discard(key: str, outline: str, section: str) -> Response:
    """Forget what was typed and not saved."""
    with signed(g.asker.person, "discarded what was typed") as session:
        pending.drop(session, g.asker.person, queries.draft_form(g.project, At(outline, section)))
    said = "What you typed and had not saved was discarded."
    return go(url_for("sections.text", key=key, outline=outline, section=section), said)


def _typed() -> actions.Typed:
    """What the form holds, cleaned of the browser's line ends."""
    revision = request.form.get("revision", "")
    sent = request.form.get("text", "").replace("\r\n", "\n")
    return actions.Typed(sent, whole(revision))


def _visible(text: str) -> str:
    """`text` for a page, which cannot hold every character: those stand as a mark, at the place a message names."""
    return FORBIDDEN.sub("\ufffd", text)


def _keep(at: At, typed: actions.Typed) -> Pending:
    form = queries.draft_form(g.project, at)
    return pending.keep(g.asker.person, form, {"text": typed.text}, typed.revision)


def _spot(at: At) -> Spot:
    spot = queries.spot(g.session, g.project, at)
    if not spot.takes_text:
        raise Refused("This section is complete from facts and prints no text of its own. Change its facts instead.")
    return spot


def _editor(
    spot: Spot,
    typed: actions.Typed,
    *,
    draft: Pending | None = None,
    messages: Mapping[str, str] | None = None,
    alone: bool = False,
) -> Response:
    """The editor holding `typed`; for htmx only the preview where it is asked for `alone`."""
    reading, wrong = _read(spot, typed)
    error = (messages or {}).get("text", wrong)
    return page(
        "sections/text.html", "sections/_preview.html" if alone else "sections/_text.html",
        status=422 if messages else 200, spot=spot, typed=typed, text=_visible(typed.text), draft=draft, error=error,
        reading=reading, label=by_name(Narrative)["text"].label,
        stored=spot.written.revision if spot.written else 0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it will read: alone ('' if the section does not print it), in its section, its words counted."""

    text: str
    whole: str
    budget: Budget


def _read(spot: Spot, typed: actions.Typed) -> tuple[Reading | None, str]:
    """(the text as it will read, what is wrong with it)."""
    try:
        said = queries.read_text(typed.text)
    except Unreadable as why:
        return None, str(why)
    made = queries.preview(g.session, g.project, spot, said)
    text = queries.alone(made)
    whole = section_html(made, within(spot.at.outline, spot.at.section))
    return Reading(section_html(text) if text.blocks else "", whole, queries.budget(said, spot.planned)), ""


def _apart(spot: Spot, typed: actions.Typed, theirs: Narrative) -> Response:
    author = queries.last_author(g.session, spot.written)
    return page(
        "sections/conflict.html", "sections/_conflict.html", status=409, spot=spot, theirs=theirs,
        text=_visible(typed.text), who=author.who if author else "",
    )  # fmt: skip


# ---------------------------------------------------------------- the work


@bp.get(f"{SECTION}/work")
@needs(Right.SEE)
def work(key: str, outline: str, section: str) -> Response:
    """Who sees to a section, how far it is, and what was said of it."""
    return _work(At(outline, section))


@bp.post(f"{SECTION}/owner")
@needs(Right.WRITE)
def own(key: str, outline: str, section: str) -> Response:
    """Say who sees to the section."""
    owner = request.form.get("owner", "")
    try:
        person = UUID(owner) if owner else None
    except ValueError:
        raise Refused("Choose somebody who works on the project.") from None
    with signed(g.asker.person, f"said who sees to {section}") as session:
        actions.own(session, g.project, At(outline, section), person, _revision())
    return _told(At(outline, section), "It is kept who sees to this section.")


@bp.post(f"{SECTION}/step")
@needs(Right.WRITE)
def take(key: str, outline: str, section: str) -> Response:
    """Take the section one step further, or back."""
    asked = actions.Asked(request.form.get("step", ""), _revision(), request.form.get("seal", ""))
    with signed(g.asker.person, f"{asked.step} {section}") as session:
        row = actions.take(session, g.asker, g.project, At(outline, section), asked)
    return go(_reading(At(outline, section)), f"The section is {Status(row.status).label} now.")


@bp.post(f"{SECTION}/comments")
@needs(Right.SEE)
def comment(key: str, outline: str, section: str) -> Response:
    """Say something about the section."""
    at, said = At(outline, section), request.form.get("comment", "")
    try:
        with signed(g.asker.person, f"commented on {section}") as session:
            actions.comment(session, g.asker, g.project, at, said)
    except Unfit as why:
        return _work(at, said, why.messages["comment"])
    return _told(at, "The comment is kept.")


@bp.post(f"{SECTION}/comments/<uuid:comment>/resolve")
@needs(Right.SEE)
def resolve(key: str, outline: str, section: str, comment: UUID) -> Response:
    """Say that a comment is settled."""
    with signed(g.asker.person, f"resolved a comment on {section}") as session:
        actions.resolve(session, g.asker, g.project, At(outline, section), comment)
    return _told(At(outline, section), "The comment is resolved.")


def _revision() -> int:
    sent = request.form.get("revision", "")
    return whole(sent)


def _reading(at: At) -> str:
    return url_for("drafts.document", key=g.project.key, outline=at.outline, section=at.section)


def _told(at: At, said: str) -> Response:
    """The work as it is now in its place for htmx; otherwise the section with it."""
    return _work(at) if wants_fragment() else go(_reading(at) + "#work", said)


def _work(at: At, said: str = "", error: str = "") -> Response:
    part = drafted(g.session, g.project, at.outline).part(at.section)
    beside = queries.beside(g.session, g.asker, g.project, at, part.section)
    return page(
        "sections/work.html", "sections/_work.html", status=422 if error else 200,
        part=part, beside=beside, said=said, error=error,
    )  # fmt: skip
