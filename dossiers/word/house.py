"""What a template decides: its styles, pages, headers, footers and cover, fitted to what the writer needs."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from dossiers.word import markup
from dossiers.word.package import Package, parsed, serialised
from dossiers.word.widths import Geometry

W = markup.NAMESPACES["w"]
_DOCPROPERTY = re.compile(r'\s*DOCPROPERTY\s+(?:"([^"]+)"|(\S+))')
_LINKS = re.compile(r'(<w:(?:pStyle|rStyle|tblStyle|basedOn|next|link) w:val=")([^"]+)(")')
_SETTINGS_AFTER_NOTES = (
    "endnotePr",
    "compat",
    "docVars",
    "rsids",
    "mathPr",
    "attachedSchema",
    "themeFontLang",
    "clrSchemeMapping",
    "shapeDefaults",
    "decimalSymbol",
    "listSeparator",
)
_BEFORE_PAGE = ("headerReference", "footerReference", "footnotePr", "endnotePr")
STATUS_STYLE = "tandem status line"
DEFAULT_PAGE, DEFAULT_MARGIN = (11906, 16838), 1247


def w(name: str) -> str:
    """A name in the WordprocessingML namespace."""
    return f"{{{W}}}{name}"


# ---------------------------------------------------------------- styles


def adopt_styles(package: Package, reference: bytes, lang: str) -> Callable[[bytes], bytes]:
    """Give the template the styles it lacks and the document's language; what comes back fits XML to its style ids.

    Styles are told by their names, for in a template made with a German Word "heading 1" has the id "berschrift1".
    """
    ours = parsed(Package(reference).blob("styles") or b"")
    theirs = parsed(package.blob("styles") or b"")
    known = {_name(style): style.get(w("styleId"), "") for style in theirs.iter(w("style"))}
    ids = {style.get(w("styleId"), ""): known.get(_name(style), "") for style in ours.iter(w("style"))}
    differing = {own: id_ for own, id_ in ids.items() if id_ and id_ != own}

    def refit(xml: bytes) -> bytes:
        if not differing:
            return xml
        return _LINKS.sub(lambda m: m[1] + differing.get(m[2], m[2]) + m[3], xml.decode()).encode()

    for style in ours.iter(w("style")):
        if not ids[style.get(w("styleId"), "")]:
            theirs.append(parsed(refit(etree.tostring(style))))
    _set_language(theirs, lang)
    package.put("styles", serialised(theirs))
    return refit


def _name(style: etree._Element) -> str:
    name = style.find(w("name"))
    return "" if name is None else name.get(w("val"), "").lower()


def _set_language(styles: etree._Element, lang: str) -> None:
    if not markup.is_language(lang):
        return
    defaults = styles.find(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}")
    if defaults is not None:
        found = defaults.find(w("lang"))
        element = etree.SubElement(defaults, w("lang")) if found is None else found
        element.set(w("val"), lang)


def announce_notes(package: Package) -> None:
    """Name the two separators of the footnotes in the settings, as Word does."""
    blob = package.blob("settings")
    if blob is None:
        return
    settings = parsed(blob)
    if settings.find(w("footnotePr")) is not None:
        return
    element = etree.Element(w("footnotePr"))
    for ident in ("-1", "0"):
        etree.SubElement(element, w("footnote")).set(w("id"), ident)
    local = [etree.QName(child).localname for child in settings]
    settings.insert(next((i for i, name in enumerate(local) if name in _SETTINGS_AFTER_NOTES), len(local)), element)
    package.put("settings", serialised(settings))


# ---------------------------------------------------------------- fields of headers, footers, covers


def fill_fields(root: etree._Element, values: Mapping[str, str]) -> None:
    """Write the values of DOCPROPERTY fields into their cached results, so that they are right at first opening."""
    for simple in root.iter(w("fldSimple")):
        _show(list(simple.iter(w("t"))), values.get(_property(simple.get(w("instr"), ""))))
    name, result, texts = "", False, []
    for element in root.iter(w("fldChar"), w("instrText"), w("t")):
        if element.tag == w("instrText"):
            name = name or _property(element.text or "")
        elif element.tag == w("t"):
            texts += [element] if result else []
        else:
            kind = element.get(w("fldCharType"))
            if kind == "end":
                _show(texts, values.get(name))
            name, result, texts = name if kind == "separate" else "", kind == "separate", []


def _property(instruction: str) -> str:
    found = _DOCPROPERTY.match(instruction)
    return (found[1] or found[2]) if found else ""


def _show(texts: list[etree._Element], value: str | None) -> None:
    if value is None:
        return
    for at, element in enumerate(texts):
        element.text = " ".join(value.split("\n")) if at == 0 else ""
        element.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def fill_margins(package: Package, values: Mapping[str, str], final: bool) -> None:
    """Fill the fields of every header and footer; a final loses the line that states a draft's status."""
    styles = parsed(package.blob("styles") or b"")
    status = {style.get(w("styleId")) for style in styles.iter(w("style")) if _name(style) == STATUS_STYLE}
    for relation in package.main.rels.values():
        if not relation.reltype.endswith(("/header", "/footer")):
            continue
        part = relation.target_part
        root = parsed(part.blob)
        fill_fields(root, values)
        for paragraph in root.iter(w("p")):
            style = paragraph.find(f"{w('pPr')}/{w('pStyle')}")
            if final and style is not None and style.get(w("val")) in status:
                for child in paragraph[1:]:
                    paragraph.remove(child)
        package.changed[str(part.partname)] = serialised(root)


# ---------------------------------------------------------------- pages


@dataclass(frozen=True, slots=True)
class Pages:
    """How the template's pages are laid out: its section properties as a model for every section of the document."""

    model: etree._Element
    room: Geometry

    def section(self, sideways: bool, first: bool) -> str:
        """Section properties for upright or landscape pages, with the template's headers and footers.

        Only the first section may have a first page of its own and a first page number: later ones go on.
        """
        element = copy.deepcopy(self.model)
        for name in ("type", *(() if first else ("titlePg",))):
            for child in element.findall(w(name)):
                element.remove(child)
        numbers = element.find(w("pgNumType"))
        if numbers is not None and not first:
            numbers.attrib.pop(w("start"), None)
        size = element.find(w("pgSz"))
        assert size is not None
        if sideways:
            width, height = size.get(w("w"), ""), size.get(w("h"), "")
            size.set(w("w"), height)
            size.set(w("h"), width)
            size.set(w("orient"), "landscape")
        at = next((i for i, e in enumerate(element) if etree.QName(e).localname not in _BEFORE_PAGE), len(element))
        kind = etree.Element(w("type"))
        kind.set(w("val"), "nextPage")
        element.insert(at, kind)
        return _bare(element)


def _bare(element: etree._Element) -> str:
    """The element as text, without the namespaces that the document's root declares."""
    return re.sub(r' xmlns:\w+="[^"]*"', "", etree.tostring(element, encoding="unicode", with_tail=False))


def pages(package: Package) -> Pages:
    """The layout that the template's last section asks for, turned upright; A4 where it asks for nothing."""
    body = package.main.element.body
    found = body.find(w("sectPr"))
    model = etree.Element(w("sectPr"), nsmap={"w": W, "r": markup.NAMESPACES["r"]})
    if found is not None:
        model = etree.fromstring(etree.tostring(found))
    size, margin = _child(model, "pgSz"), _child(model, "pgMar")
    width, height = (int(size.get(w(k), d)) for k, d in zip("wh", DEFAULT_PAGE, strict=True))
    width, height = min(width, height), max(width, height)
    size.attrib.pop(w("orient"), None)
    size.set(w("w"), str(width))
    size.set(w("h"), str(height))
    for side in ("top", "right", "bottom", "left", "header", "footer", "gutter"):
        if margin.get(w(side)) is None:
            margin.set(w(side), str({"gutter": 0, "header": 708, "footer": 708}.get(side, DEFAULT_MARGIN)))
    beside = sum(int(margin.get(w(k), 0)) for k in ("left", "right", "gutter"))
    above = sum(abs(int(margin.get(w(k), 0))) for k in ("top", "bottom"))
    return Pages(model, Geometry(width - beside, height - beside, height - above, width - above))


def _child(model: etree._Element, name: str) -> etree._Element:
    found = model.find(w(name))
    if found is not None:
        return found
    element = etree.Element(w(name))
    after = (*_BEFORE_PAGE, "type", *(("pgSz",) if name == "pgMar" else ()))
    at = next((i for i, e in enumerate(model) if etree.QName(e).localname not in after), len(model))
    model.insert(at, element)
    return element


def cover(package: Package, values: Mapping[str, str]) -> str:
    """The template's own cover: whatever its body holds, fields filled; '' if it holds no text and no picture."""
    body = package.main.element.body
    children = [child for child in body if child.tag != w("sectPr")]
    if not any(_says_something(child) for child in children):
        return ""
    out = []
    for child in children:
        for inner in list(child.iter(w("sectPr"))):  # its pages follow the one model
            parent = inner.getparent()
            if parent is not None:
                parent.remove(inner)
        fill_fields(child, values)
        out.append(etree.tostring(child, encoding="unicode", with_tail=False))
    return "".join(out)


def root_attributes(package: Package) -> str:
    """The attributes of the document's root: our namespaces, and those that the template's cover may need."""
    root = package.main.element
    theirs = {p: uri for p, uri in root.nsmap.items() if p is not None and p not in markup.NAMESPACES}
    named = root.get(f"{{{markup.NAMESPACES['mc']}}}Ignorable", "").split()
    ignorable = ["w15", *(prefix for prefix in named if prefix in theirs)]
    declared = "".join(f' xmlns:{p}="{markup.attribute(uri)}"' for p, uri in sorted(theirs.items()))
    return f'{markup.DECLARED}{declared} mc:Ignorable="{" ".join(ignorable)}"'


def _says_something(child: etree._Element) -> bool:
    drawn: Iterator[etree._Element] = child.iter(w("drawing"), w("pict"), w("object"))
    return bool("".join(t.text or "" for t in child.iter(w("t"))).strip()) or next(drawn, None) is not None
