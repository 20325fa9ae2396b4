"""A drawing's SVG text made fit to stand inside a page: no style attributes, no scripts, ids of its own.

A page that forbids inline styles (Content-Security-Policy) ignores `style="…"` and `<style>` in a drawing too, and
two drawings of one plotting library share ids ("patch_1"), which a page may not. Both are put right here.
"""

from __future__ import annotations

import re

from lxml import etree

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
KEPT = frozenset({
    "svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "use",
    "clipPath", "linearGradient", "radialGradient", "stop", "marker", "symbol", "title", "desc", "pattern", "mask",
})  # fmt: skip
POINTER = re.compile(r"url\(\s*#([^)\s]+)\s*\)")
PROPERTY = re.compile(r"[a-z-]+")


class DrawingFault(ValueError):
    """The text is no SVG drawing."""


def inline(svg: str, anchor: str, alt: str) -> str:
    """`svg` as one `<svg role="img">` element for an HTML page, said aloud as `alt`; its ids begin with `anchor`.

    Raises DrawingFault when it is not an SVG document, or one that declares entities.
    """
    root = _parsed(svg)
    _prune(root)
    for element in root.iter(f"{{{SVG}}}*"):
        _settle(element, f"{anchor}-")
    root.set("role", "img")
    root.set("aria-label", alt)
    root.set("class", "drawing")
    root.tail = None
    etree.cleanup_namespaces(root)
    return _unprefixed(root)


def _parsed(svg: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(svg.encode(), parser)
    except etree.XMLSyntaxError as why:
        raise DrawingFault(f"The figure is not a readable SVG drawing: {why}") from why
    if root.tag != f"{{{SVG}}}svg":
        raise DrawingFault("The figure is not an SVG drawing: its first element is not <svg>.")
    if (dtd := root.getroottree().docinfo.internalDTD) is not None and any(True for _ in dtd.iterentities()):
        raise DrawingFault("The figure declares entities; save it as a plain SVG drawing.")
    return root


def _prune(root: etree._Element) -> None:
    """Takes out everything that does not draw: metadata, style sheets, scripts, foreign content."""
    for element in list(root.iter(etree.Element)):
        name = etree.QName(element)
        if (name.namespace != SVG or name.localname not in KEPT) and (parent := element.getparent()) is not None:
            if name.localname == "style" and name.namespace == SVG:
                _inherit(root, element.text or "")
            parent.remove(element)


def _inherit(root: etree._Element, sheet: str) -> None:
    """A rule for every element ("*{stroke-linejoin: round}") becomes attributes of the root, which all inherit."""
    for rule in re.findall(r"\*\s*\{([^}]*)\}", sheet):
        _declare(root, rule)


def _declare(element: etree._Element, declarations: str) -> None:
    for declaration in declarations.split(";"):
        name, colon, value = (part.strip() for part in declaration.partition(":"))
        if colon and value and PROPERTY.fullmatch(name):
            element.set(name, value)


def _settle(element: etree._Element, prefix: str) -> None:
    """Style declarations as attributes, ids and references to them prefixed, links and event handlers taken out."""
    _declare(element, element.attrib.pop("style", ""))
    for name, value in list(element.attrib.items()):
        match name:
            case "id":
                element.set("id", prefix + value)
            case "href" | "{http://www.w3.org/1999/xlink}href":
                del element.attrib[name]
                if value.startswith("#"):
                    element.set("href", f"#{prefix}{value[1:]}")
            case _ if name.lower().startswith("on") or name == "class" or name.startswith("{"):
                del element.attrib[name]
            case _ if "url(" in value:
                element.set(name, POINTER.sub(lambda found: f"url(#{prefix}{found[1]})", value))
                if POINTER.sub("", value) == value:  # url(https://…): a page loads nothing from elsewhere
                    del element.attrib[name]


def _unprefixed(root: etree._Element) -> str:
    """The element as text without namespace prefixes, as HTML knows it."""
    text = etree.tostring(root, encoding="unicode")
    if prefix := root.prefix:  # in text a "<" is escaped, so that each of these opens or closes an element
        text = re.sub(f"<(/?){re.escape(prefix)}:", r"<\1", text).replace(f"xmlns:{prefix}=", "xmlns=", 1)
    return text
