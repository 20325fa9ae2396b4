"""The parts beside the body: footnotes, comments, list numbers, properties, the map of values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from lxml import etree

from dossiers.blocks import Draft
from dossiers.facts import show_date
from dossiers.word import front, markup

W = markup.NAMESPACES["w"]
ORIGINS = "urn:tandem:origins:1"
_BULLETS = ("•", "–", "▪")
_NUMBERS = (("decimal", "%{}."), ("lowerLetter", "%{})"), ("lowerRoman", "%{}."))
_EPOCH = date(1980, 1, 1)


def footnotes(notes: Iterable[bytes]) -> bytes:
    """The footnotes part: the two separators and the notes, numbered from 1."""
    mark = '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>' + markup.run(" ")
    out = [
        f"{markup.DECLARATION}<w:footnotes {markup.ROOT_ATTRIBUTES}>",
        '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>',
        '<w:footnote w:type="continuationSeparator" w:id="0">',
        "<w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>",
    ]
    for number, note in enumerate(notes, 1):
        inner = markup.paragraph("FootnoteText", mark + note.decode())
        out.append(f'<w:footnote w:id="{number}">{inner}</w:footnote>')
    return "".join((*out, "</w:footnotes>")).encode()


def comments(texts: Iterable[str], on: date | None) -> bytes:
    """The comments part: each text a comment by Tandem, numbered from 0, all of one date."""
    mark = '<w:r><w:rPr><w:rStyle w:val="CommentReference"/></w:rPr><w:annotationRef/></w:r>'
    out = [f"{markup.DECLARATION}<w:comments {markup.ROOT_ATTRIBUTES}>"]
    for number, text in enumerate(texts):
        inner = markup.paragraph("CommentText", mark + markup.run(text))
        attributes = f'w:id="{number}" w:author="Tandem" w:date="{moment(on)}" w:initials="T"'
        out.append(f"<w:comment {attributes}>{inner}</w:comment>")
    return "".join((*out, "</w:comments>")).encode()


def moment(on: date | None) -> str:
    """The one time in a file: the day of its data or issue, so that the same inputs give the same bytes."""
    return f"{(on or _EPOCH).isoformat()}T00:00:00Z"


# ---------------------------------------------------------------- lists


def numbering(existing: bytes | None, lists: Sequence[int]) -> tuple[bytes, int]:
    """The numbering part with our lists added, and the number of the bullet list; the numbered ones follow it.

    `lists` holds the level of each numbered list; each gets a definition of its own that starts again at 1.
    """
    root = etree.fromstring(existing) if existing else etree.Element(_w("numbering"), nsmap={"w": W})
    abstract = 1 + max((int(e.get(_w("abstractNumId"), 0)) for e in root.iter(_w("abstractNum"))), default=0)
    first = 1 + max((int(e.get(_w("numId"), 0)) for e in root.iter(_w("num"))), default=0)
    at = next((i for i, e in enumerate(root) if e.tag in (_w("num"), _w("numIdMacAtCleanup"))), len(root))
    for offset, xml in enumerate((_bullets(abstract), _numbers(abstract + 1))):
        root.insert(at + offset, etree.fromstring(xml))
    end = next((i for i, e in enumerate(root) if e.tag == _w("numIdMacAtCleanup")), len(root))
    nums = [f'<w:num xmlns:w="{W}" w:numId="{first}"><w:abstractNumId w:val="{abstract}"/></w:num>']
    nums += [
        f'<w:num xmlns:w="{W}" w:numId="{first + 1 + n}"><w:abstractNumId w:val="{abstract + 1}"/>'
        f'<w:lvlOverride w:ilvl="{level}"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        for n, level in enumerate(lists)
    ]
    for offset, xml in enumerate(nums):
        root.insert(end + offset, etree.fromstring(xml))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), first


def _w(name: str) -> str:
    return f"{{{W}}}{name}"


def _bullets(ident: int) -> str:
    levels = [_level(level, "bullet", _BULLETS[level % 3]) for level in range(9)]
    return _abstract(ident, "7A4D0001", levels)


def _numbers(ident: int) -> str:
    levels = []
    for level in range(9):
        kind, pattern = _NUMBERS[level % 3]
        levels.append(_level(level, kind, pattern.format(level + 1)))
    return _abstract(ident, "7A4D0002", levels)


def _abstract(ident: int, mark: str, levels: Iterable[str]) -> str:
    return (
        f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="{ident}"><w:nsid w:val="{mark}"/>'
        f'<w:multiLevelType w:val="hybridMultilevel"/>{"".join(levels)}</w:abstractNum>'
    )


def _level(level: int, kind: str, pattern: str) -> str:
    left = (level + 1) * 397
    font = '<w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial" w:hint="default"/></w:rPr>'
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{pattern}"/>'
        f'<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="{left}" w:hanging="397"/></w:pPr>{font}</w:lvl>'
    )


# ---------------------------------------------------------------- properties and map


def custom_values(draft: Draft) -> dict[str, str]:
    """The document's own properties, by the names that fields of headers, footers and covers ask for."""
    cover = draft.cover
    values = {
        "DocumentID": front.identity(draft),
        "Document": cover.document,
        "Version": cover.version,
        "Status": front.status(draft),
        "ProductCode": cover.code,
        "Product": cover.product,
        "Sponsor": cover.sponsor,
        "Confidentiality": cover.confidentiality,
        "Date": show_date(cover.on) if cover.on else "",
        "Outline": draft.outline,
    }
    return {name: markup.legal(value) or "–" for name, value in values.items()}  # Word shows an error for an empty one


def custom(values: dict[str, str]) -> bytes:
    """The custom properties part."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006"
    rows = "".join(
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="{name}">'
        f"<vt:lpwstr>{markup.attribute(value)}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(values.items(), 2)
    )
    return (
        f'{markup.DECLARATION}<Properties xmlns="{base}/custom-properties" xmlns:vt="{base}/docPropsVTypes">'
        f"{rows}</Properties>"
    ).encode()


def core(draft: Draft) -> bytes:
    """The core properties part: title, subject, author, language, the day twice."""
    cover = draft.cover
    subject = " ".join(filter(None, (cover.code, cover.product)))
    language = draft.lang if markup.is_language(draft.lang) else "en-GB"
    day = moment(cover.on)
    return (
        f'{markup.DECLARATION}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{markup.attribute(cover.document)}</dc:title><dc:subject>{markup.attribute(subject)}</dc:subject>"
        f"<dc:creator>Tandem</dc:creator><dc:language>{language}</dc:language>"
        f"<cp:lastModifiedBy>Tandem</cp:lastModifiedBy><cp:version>{markup.attribute(cover.version)}</cp:version>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{day}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{day}</dcterms:modified></cp:coreProperties>'
    ).encode()


def origins(sections: Iterable[bytes]) -> bytes:
    """The map of values as custom XML: which record and fact each came from, and where it stands.

    In each section: records with their values, numbered; `tag` is the tag of the value's content control in running
    text. A table (`tag`: that of its control) has a row for each of its rows and there, cell by cell, the numbers of
    the values in it, "-" for none, commas between several.
    """
    body = b"".join(sections)
    return f'{markup.DECLARATION}<origins xmlns="{ORIGINS}">'.encode() + body + b"</origins>"
