"""The what-if: what would be taken with so much money and so many slots. Reads only; all of it is in the address."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, abort, g, request, send_file
from werkzeug.wrappers import Response

from portal.choice import words
from portal.choice.answer import UNITS, answer
from portal.choice.asked import STAGES, Asked
from portal.choice.queries import ground
from portal.choice.sheet import xlsx
from portal.choosing import State
from portal.fragments import page
from portal.insight import pictures
from portal.insight.queries import MOST
from portal.media import XLSX
from portal.models import now
from portal.rights import Right, needs

bp = Blueprint("choice", __name__)

DRAWN = 300  # projects in the picture; all are in the tables


@bp.get("/portfolio/what-if")
@needs(Right.PORTFOLIO)
def what_if() -> Response:
    """The projects above and below the line, with a reason for each; or what to mend in the limits."""
    asked = _asked()
    found = None if asked.faults else answer(asked, ground(g.session, g.asker, asked))
    taken = found.choice.taken if found and found.choice else frozenset()
    picture = pictures.choices(found.order[:DRAWN], taken, UNITS[asked.value]) if found else ""
    return page(
        "choice/what_if.html", "choice/_what_if.html", status=422 if asked.faults else 200, asked=asked, found=found,
        stages=STAGES, units=UNITS, picture=picture, drawn=DRAWN, method=words.METHOD, State=State, most=MOST,
    )  # fmt: skip


@bp.get("/portfolio/what-if.xlsx")
@needs(Right.PORTFOLIO)
def table() -> Response:
    """The whole answer as a workbook."""
    asked = _asked()
    if asked.faults:
        abort(400, " ".join(asked.faults.values()))
    at = now()
    data = xlsx(answer(asked, ground(g.session, g.asker, asked), whole=True), at)
    name = f"What-if {at.date().isoformat()}.xlsx"
    sent = send_file(BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)
    sent.headers["Cache-Control"] = "no-store"
    return sent


def _asked() -> Asked:
    return Asked.of(request.args.to_dict(flat=False))
