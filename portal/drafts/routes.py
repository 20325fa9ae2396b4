"""Pages about documents."""

from __future__ import annotations

import io

from flask import Blueprint, Response, g, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from dossiers.checks.remarks import commented
from dossiers.office import available, pdf
from dossiers.preview import section_html
from dossiers.word import write
from portal.addresses import address, within
from portal.checks.queries import results
from portal.db import Refused, signed
from portal.drafts import actions, queries
from portal.fragments import go, page
from portal.media import DOCX
from portal.numerals import whole
from portal.rights import Right, needs
from portal.sections import changes
from portal.sections import queries as sections

bp = Blueprint("drafts", __name__)


@bp.get("/projects/<key>/documents")
@needs(Right.SEE)
def documents(key: str) -> Answer:
    """Every document that can be made of this project, its gaps, and what went out."""
    return page(
        "drafts/documents.html",
        "drafts/_documents.html",
        listed=queries.listed(g.session, g.project),
        goes_out=queries.goes_out,
    )


@bp.get("/projects/<key>/documents/<outline>")
@needs(Right.SEE)
def document(key: str, outline: str) -> Answer:
    """The map of a document, one section of it as a preview, and the gaps of that section."""
    shown = queries.drafted(g.session, g.project, outline)
    part = shown.part(request.args.get("section", ""))
    at = sections.At(outline, part.section.key)
    before, after = shown.beside(at.section)
    since = changes.since_issue(g.session, g.project, shown)
    return page(
        "drafts/document.html",
        "drafts/_reading.html",
        shown=shown,
        goes_out=queries.goes_out,
        part=part,
        planned=shown.outline.section(part.section.number),
        html=section_html(part.section, within(outline, at.section)),
        missing=[m for m in shown.missing if m.section.key == part.section.key],
        before=before,
        after=after,
        address=address,
        beside=None if part.group else sections.beside(g.session, g.asker, g.project, at, part.section),
        marks=sections.marks(g.session, g.project, shown),
        since=since,
        told=changes.told(g.session, g.project, since, at.section) if since else (),
    )


@bp.get("/projects/<key>/documents/<outline>/draft.docx")
@needs(Right.SEE)
def word(key: str, outline: str) -> Response:
    """The document as a Word file as it stands now, gaps highlighted; with the open findings as comments if asked."""
    shown = queries.drafted(g.session, g.project, outline)
    house = queries.template(g.session)
    draft = (
        commented(shown.draft, results(g.session, g.project).findings) if "comments" in request.args else shown.draft
    )
    return _file(write(draft, house.docx if house else None), f"{key} {outline} draft.docx", DOCX)


def _file(data: bytes, name: str, kind: str) -> Response:
    answer = send_file(io.BytesIO(data), mimetype=kind, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/projects/<key>/documents/<outline>/issue")
@needs(Right.ISSUE)
def check(key: str, outline: str) -> Answer:
    """What is about to go out, and what still stands against it."""
    return _check(outline, "", ())


def _check(outline: str, reason: str, why: tuple[str, ...], status: int = 200) -> Answer:
    shown = queries.drafted(g.session, g.project, outline)
    return page(
        "drafts/issue.html",
        "drafts/_issue.html",
        status=status,
        shown=shown,
        doubtful=queries.unverified(shown.draft),
        issues=[i for i in queries.issued(g.session, g.project) if i.outline == outline],
        address=address,
        reason=reason,
        why=why,
        office=available(),
    )


@bp.post("/projects/<key>/documents/<outline>/issue")
@needs(Right.ISSUE)
def issue(key: str, outline: str) -> Answer:
    """Let the document out."""
    reason, seen = request.form.get("reason", "")[:10_000], request.form.get("gaps", "")
    asked = actions.Asked(outline, request.form.get("as") == "final", reason, whole(seen, -1))
    revision = request.form.get("revision", "")
    try:
        with signed(g.asker.person, f"issue {outline}") as session:
            row = (g.project.id, whole(revision, -1))
            version = actions.issue(session, g.asker, row, asked).version
    except Refused as why:
        return _check(outline, reason, why.reasons, 409)
    return go(url_for("drafts.documents", key=key), f"Version {version} is issued and kept.")


@bp.get("/projects/<key>/documents/<outline>/issues/<int:version>.<any(docx, pdf, yaml):kind>")
@needs(Right.SEE)
def issued(key: str, outline: str, version: int, kind: str) -> Response:
    """What went out: the very Word file, the facts it was made from, or a PDF of it."""
    found = queries.issue(g.session, g.project, outline, version)
    name = f"{key} {outline} v{version}"
    if kind == "yaml":
        return _file(found.binder.encode(), f"{name}.yaml", "application/yaml")
    if kind == "pdf":
        if not available():
            raise Refused("A PDF needs LibreOffice, which this server does not have. Download the Word file instead.")
        return _file(pdf(found.docx), f"{name}.pdf", "application/pdf")
    return _file(found.docx, f"{name}.docx", DOCX)


# ---------------------------------------------------------------- the house's template


@bp.get("/template")
@needs(Right.TAKE_IN)
def template() -> Answer:
    """The Word template that documents are made with."""
    return _template(())


def _template(why: tuple[str, ...], status: int = 200) -> Answer:
    return page(
        "drafts/template.html", "drafts/_template.html", status=status, house=queries.template(g.session), why=why
    )


@bp.post("/template")
@needs(Right.TAKE_IN)
def take_template() -> Answer:
    """Take a template into use after checking it, or go back to the product's own."""
    sent = request.files.get("file")
    data, name = (sent.read(), sent.filename or "template.docx") if sent and sent.filename else (b"", "")
    if not data and request.form.get("own") != "yes":
        return _template(("Choose a Word file (.docx) first.",), 422)
    try:
        with signed(
            g.asker.person, "take a Word template" if data else "go back to the product's Word template"
        ) as session:
            actions.take_template(session, g.asker.person, name, data)
    except Refused as why:
        return _template(why.reasons, 422)
    return go(
        url_for("drafts.template"),
        "Documents are made with this template from now on."
        if data
        else "Documents are made with Tandem's own template.",
    )


@bp.get("/template.docx")
@needs(Right.TAKE_IN)
def template_file() -> Response:
    """The template in use, to start one's own from."""
    house = queries.template(g.session)
    from dossiers.paths import templates

    data = house.docx if house else (templates() / "dossiers" / "reference.docx").read_bytes()
    return _file(data, house.name if house else "tandem template.docx", DOCX)
