"""The search page."""

from __future__ import annotations

from flask import Blueprint, g, request
from werkzeug.wrappers import Response

from portal.fragments import page
from portal.rights import Right, needs
from portal.search import queries
from portal.searching import RANKED, search

bp = Blueprint("search", __name__)

SHOWN = 6  # kinds that stand beside Everything; the rest folds away


@bp.get("/search")
@needs(Right.PORTFOLIO)
def find() -> Response:
    """What the reader may see that has the words, the best first; words, kind and page stand in the address."""
    asked = queries.Asked.of(request.args)
    found = search(g.session, g.asker, asked.sought)
    kinds = sorted(found.kinds.items(), key=lambda one: (-one[1], one[0]))
    return page(
        "search/find.html", "search/_find.html", asked=asked, found=found, kinds=kinds, most=RANKED,
        groups=queries.grouped(found.hits), called=queries.CALLED, shown_kinds=SHOWN,
    )  # fmt: skip
