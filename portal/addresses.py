"""Where a fact, a gap or a text is entered."""

from __future__ import annotations

from collections.abc import Callable

from flask import g, url_for

from dossiers.blocks import Origin
from dossiers.records import RECORDS
from portal.rights import Right, may_here


def address(origin: Origin, outline: str = "", section: str = "") -> str:
    """The field of a fact's record, or the list of its kind where there is no record yet.

    A text is written on a page of its own, of `section` in `outline` where these are known; who may not write it is led
    to its record.
    """
    key = g.project.key
    if origin.kind == "narrative" and outline and (section or not origin.id) and may_here(Right.WRITE):
        return url_for("sections.text", key=key, outline=outline, section=section or origin.fact)
    if origin.kind not in RECORDS:
        return url_for("records.kinds", key=key)
    if not origin.id:
        return url_for("records.kind", key=key, kind=origin.kind)
    return url_for("records.record", key=key, kind=origin.kind, uid=origin.id) + (
        f"#f-{origin.fact}" if origin.fact else ""
    )


def within(outline: str, section: str) -> Callable[[Origin], str]:
    """`address` for what one section of a document prints."""
    return lambda origin: address(origin, outline, section)
