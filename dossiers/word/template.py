"""The house's own template, made from nothing: `python -m dossiers.word.template templates/dossiers/reference.docx`."""

from __future__ import annotations

import sys
from functools import partial
from itertools import product
from pathlib import Path

from dossiers.word import markup
from dossiers.word.package import archive, content_types
from dossiers.word.template_styles import RULE, styles

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
WIDTH = 9412  # twips between the margins


def build() -> bytes:
    """The template as a .docx; the same bytes each time.

    Its body is empty: a template whose body holds text uses that as the cover. Headers and footers show the
    document's own properties (see `notes.custom_values`) by DOCPROPERTY fields.
    """
    parts = {
        "docProps/app.xml": _app(),
        "docProps/core.xml": _core(),
        "word/document.xml": _document(),
        "word/footer1.xml": _footer(),
        "word/footer2.xml": _part("ftr", markup.paragraph("Footer", "")),
        "word/header1.xml": _header(),
        "word/header2.xml": _part("hdr", markup.paragraph("Header", "")),
        "word/settings.xml": _settings(),
        "word/styles.xml": styles(),
    }
    types = {
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/word/document.xml": f"{_WORD}document.main+xml",
        "/word/settings.xml": f"{_WORD}settings+xml",
        "/word/styles.xml": f"{_WORD}styles+xml",
    } | {f"/word/{kind}{n}.xml": f"{_WORD}{kind}+xml" for kind in ("header", "footer") for n in (1, 2)}
    package = [
        (f"{_OFFICE}officeDocument", "word/document.xml"),
        ("http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml"),
        (f"{_OFFICE}extended-properties", "docProps/app.xml"),
    ]
    main = [(_OFFICE + name.rstrip("12"), f"{name}.xml") for name in _RELATED]
    parts |= {"_rels/.rels": _relations(package), "word/_rels/document.xml.rels": _relations(main)}
    ordered = {"[Content_Types].xml": content_types(types)} | {n: parts[n].encode() for n in sorted(parts)}
    return archive({name: partial(list, [blob]) for name, blob in ordered.items()})


_RELATED = ("styles", "settings", "header1", "header2", "footer1", "footer2")  # rId1 to rId6


def _part(root: str, inner: str) -> str:
    return f"{markup.DECLARATION}<w:{root} {markup.ROOT_ATTRIBUTES}>{inner}</w:{root}>"


def _relations(targets: list[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{n}" Type="{kind}" Target="{target}"/>' for n, (kind, target) in enumerate(targets, 1)
    )
    return f'{markup.DECLARATION}<Relationships xmlns="{_PACKAGE}">{rows}</Relationships>'


def _document() -> str:
    uses = enumerate(product(("header", "footer"), ("default", "first")), 3)
    references = "".join(f'<w:{kind}Reference w:type="{use}" r:id="rId{n}"/>' for n, (kind, use) in uses)
    section = (
        f'<w:sectPr>{references}<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1701" w:right="1247" w:bottom="1361" '
        'w:left="1247" w:header="680" w:footer="624" w:gutter="0"/><w:cols w:space="708"/><w:titlePg/></w:sectPr>'
    )
    body = f"<w:body>{markup.paragraph('BodyText', '')}{section}</w:body>"
    return _part("document", body)


def _shown(name: str) -> str:
    return markup.field(f'DOCPROPERTY "{name}"', markup.run("–"))


def _header() -> str:
    """Product code, document, version; under it the line that states a draft's status."""
    left = _shown("ProductCode") + markup.run("  ·  ") + _shown("Document")
    right = markup.run("Version ") + _shown("Version")
    status = markup.paragraph("StatusLine", _shown("Status"))
    return _part("hdr", _line("Header", left, right, "bottom") + status)


def _footer() -> str:
    """Confidentiality and document number; page X of Y."""
    left = _shown("Confidentiality") + markup.run("  ·  ") + _shown("DocumentID")
    right = markup.run("Page ") + markup.field("PAGE", markup.run("1"))
    right += markup.run(" of ") + markup.field("NUMPAGES", markup.run("1"))
    return _part("ftr", _line("Footer", left, right, "top") + markup.paragraph("SectionBreak", ""))


def _line(style: str, left: str, right: str, side: str) -> str:
    """Two texts at the two margins, ruled on one side: a table as wide as the page, for a tab would not reach there
    on a landscape page.
    """
    shares = (3700, 1300)
    widths = (round(WIDTH * 0.74), WIDTH - round(WIDTH * 0.74))
    rule = f'<w:tblBorders><w:{side} w:val="single" w:sz="6" w:space="0" w:color="{RULE}"/></w:tblBorders>'
    cells = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{share}" w:type="pct"/></w:tcPr>{markup.paragraph(style, inner, ppr)}</w:tc>'
        for share, inner, ppr in zip(
            shares,
            (left, right),
            ('<w:spacing w:before="40" w:after="40"/>', '<w:spacing w:before="40" w:after="40"/><w:jc w:val="right"/>'),
            strict=True,
        )
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/>{rule}<w:tblLayout w:type="autofit"/><w:tblCellMar>'
        '<w:left w:w="0" w:type="dxa"/><w:right w:w="0" w:type="dxa"/></w:tblCellMar><w:tblLook w:val="0600" '
        'w:firstRow="0" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{widths[0]}"/><w:gridCol w:w="{widths[1]}"/></w:tblGrid>'
        f"<w:tr>{cells}</w:tr></w:tbl>"
    )


def _settings() -> str:
    compatibility = "".join(
        f'<w:compatSetting w:name="{name}" w:uri="http://schemas.microsoft.com/office/word" w:val="{value}"/>'
        for name, value in (("compatibilityMode", 15), ("overrideTableStyleFontSizeAndJustification", 1))
    )
    inner = (
        '<w:zoom w:percent="100"/><w:defaultTabStop w:val="709"/><w:characterSpacingControl w:val="doNotCompress"/>'
        f'<w:compat>{compatibility}</w:compat><w:themeFontLang w:val="en-GB"/><w:decimalSymbol w:val="."/>'
        '<w:listSeparator w:val=","/>'
    )
    return _part("settings", inner)


def _app() -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    return f'{markup.DECLARATION}<Properties xmlns="{kind}"><Application>Tandem</Application></Properties>'


def _core() -> str:
    return (
        f'{markup.DECLARATION}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/'
        'core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Reference template</dc:title>'
        "<dc:creator>Tandem</dc:creator></cp:coreProperties>"
    )


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(build())
