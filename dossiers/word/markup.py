"""WordprocessingML as text: the one place where characters become XML."""

from __future__ import annotations

import re
from functools import lru_cache

from dossiers.blocks import Mark
from dossiers.word.names import TAG_LIMIT, bookmark, number

_FORBIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"  # what XML 1.0 has no way to write
_ILLEGAL = re.compile(f"[{_FORBIDDEN}]")
_IN_TEXT = re.compile(f"[&<>{_FORBIDDEN}]")
_IN_ATTRIBUTE = re.compile(f'[&<>"\t\n\r{_FORBIDDEN}]')
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_BREAKS = re.compile("([\n\t\r])")
_BREAK_XML = {"\n": "<w:br/>", "\t": "<w:tab/>", "\r": "<w:cr/>"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "w15": "http://schemas.microsoft.com/office/word/2012/wordml",
}
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
DECLARED = " ".join(f'xmlns:{p}="{uri}"' for p, uri in NAMESPACES.items())
ROOT_ATTRIBUTES = f'{DECLARED} mc:Ignorable="w15"'


def legal(value: str) -> str:
    """The same text, with each character XML cannot carry (controls, lone surrogates) as U+FFFD."""
    return _ILLEGAL.sub("\ufffd", value)


def text(value: str) -> str:
    """The text as XML character data: any str gives well-formed XML that reads back as `legal(value)`."""
    if _IN_TEXT.search(value) is None:
        return value
    return _IN_TEXT.sub(lambda m: _ENTITIES.get(m[0], "\ufffd"), value)


def attribute(value: str) -> str:
    """The text as the inside of a double-quoted attribute; line breaks and tabs are kept."""
    if _IN_ATTRIBUTE.search(value) is None:
        return value
    return _IN_ATTRIBUTE.sub(lambda m: _ENTITIES.get(m[0], "\ufffd"), value)


def is_language(tag: str) -> bool:
    """Whether Word can take the tag as a language."""
    return _LANGUAGE.fullmatch(tag) is not None


@lru_cache(maxsize=1024)
def properties(marks: frozenset[Mark], lang: str = "", style: str = "") -> str:
    """The run properties for marks, language and character style, in schema order; '' if there are none."""
    if not style and Mark.UNVERIFIED in marks:
        style = "Unverified"
    elif not style and Mark.CODE in marks:
        style = "CodeCharacter"
    parts = [f'<w:rStyle w:val="{style}"/>'] if style else []
    if Mark.CODE in marks and style != "CodeCharacter":
        parts.append('<w:rFonts w:ascii="Courier New" w:hAnsi="Courier New" w:cs="Courier New"/>')
    parts += ["<w:b/><w:bCs/>"] if Mark.BOLD in marks else []
    parts += ["<w:i/><w:iCs/>"] if Mark.ITALIC in marks else []
    if Mark.SUB in marks or Mark.SUP in marks:
        parts.append(f'<w:vertAlign w:val="{"subscript" if Mark.SUB in marks else "superscript"}"/>')
    if lang and is_language(lang):
        parts.append(f'<w:lang w:val="{lang}"/>')
    return f"<w:rPr>{''.join(parts)}</w:rPr>" if parts else ""


def run(value: str, rpr: str = "") -> str:
    """A run of text; line breaks and tabs in it become their elements. No text, no run."""
    if not value:
        return ""
    if _BREAKS.search(value) is None:
        return f'<w:r>{rpr}<w:t xml:space="preserve">{text(value)}</w:t></w:r>'
    inner = "".join(
        _BREAK_XML.get(piece) or f'<w:t xml:space="preserve">{text(piece)}</w:t>'
        for piece in _BREAKS.split(value)
        if piece
    )
    return f"<w:r>{rpr}{inner}</w:r>"


def paragraph(style: str, inner: str, ppr: str = "") -> str:
    """A paragraph in a style; `ppr` holds further paragraph properties, in schema order."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{ppr}</w:pPr>{inner}</w:p>'


def field(instruction: str, result: str, rpr: str = "") -> str:
    """A complex field with its cached result (runs as XML): right at first opening, without a question."""
    return (
        f'<w:r>{rpr}<w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r>{rpr}<w:instrText xml:space="preserve"> {text(instruction)} </w:instrText></w:r>'
        f'<w:r>{rpr}<w:fldChar w:fldCharType="separate"/></w:r>{result}'
        f'<w:r>{rpr}<w:fldChar w:fldCharType="end"/></w:r>'
    )


def marked(anchor: str, inner: str, salt: int) -> str:
    """The runs inside the bookmark of an anchor."""
    ident = number("bookmark", anchor, salt)
    return f'<w:bookmarkStart w:id="{ident}" w:name="{bookmark(anchor)}"/>{inner}<w:bookmarkEnd w:id="{ident}"/>'


def title(value: str) -> str:
    """A content control's title as attribute text: on one line and within Word's 64 UTF-16 units."""
    line = " ".join(legal(value).split())
    while len(line.encode("utf-16-le")) > 2 * TAG_LIMIT:
        line = line[:-1]
    return attribute(line)


def control(tag: str, name: str, ident: int, inner: str) -> str:
    """A block content control that cannot be deleted by accident; what is in it can be edited.

    It is marked as a building block, which Word treats like rich text: LibreOffice 7.4 makes an inline control of a
    block of rich text and then finds no bookmark in its first paragraph, so that every reference to it is empty.
    """
    return (
        f'<w:sdt><w:sdtPr><w:alias w:val="{title(name)}"/><w:tag w:val="{attribute(tag)}"/><w:id w:val="{ident}"/>'
        f'<w:lock w:val="sdtLocked"/><w:docPartObj><w:docPartGallery w:val="Custom 1"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{inner}</w:sdtContent></w:sdt>"
    )


def slot(kind: str, index: int) -> str:
    """A place for a number known only when sections are joined: of a list ("n", the bullets "b"), footnote ("f"),
    comment ("c") or value ("v").

    U+0001 cannot stand in XML, so no text can be mistaken for a slot.
    """
    return f"\x01{kind}{index}\x01"
