"""What stands before the first section: cover, document control, contents, lists of tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dossiers.blocks import Blocks, Draft, Figure, Listing, Section, Standing, Table
from dossiers.facts import show_date
from dossiers.word import markup
from dossiers.word.names import bookmark
from dossiers.word.pen import formatted
from dossiers.word.widths import Geometry, measure

_TAB = "<w:r><w:tab/></w:r>"
_GAP = '<w:rPr><w:rStyle w:val="Gap"/><w:highlight w:val="yellow"/></w:rPr>'
_UNVERIFIED = '<w:rPr><w:rStyle w:val="Unverified"/></w:rPr>'
LABEL_WIDTH = 2800
DEEPEST = 9
FEW = 14  # entries of a paper's contents that find room on its cover
Pairs = Sequence[tuple[str, str]]


def captioned(draft: Draft) -> Iterator[Table | Figure]:
    """Every table and figure of the draft in reading order."""
    for section in draft.sections:
        yield from _captioned(section.blocks)


def _captioned(blocks: Blocks) -> Iterator[Table | Figure]:
    for block in blocks:
        match block:
            case Table() | Figure():
                yield block
            case Listing():
                for item in block.items:
                    yield from _captioned(item)


@dataclass(frozen=True, slots=True)
class Count:
    """What the document holds that is not settled, as document control states it."""

    gaps: int
    unverified: int
    remarks: int


def front(draft: Draft, count: Count, room: Geometry, own_cover: bool) -> str:
    """All front matter as XML, ending with a page break; without the cover where the template brings its own.

    A paper has neither document control nor lists of tables and figures; its contents stand on the cover if few.
    """
    parts = [] if own_cover else _cover(draft, room)
    things = list(captioned(draft))
    parts += [] if draft.paper else [_break_before(_control(draft, count, room, things))]
    pages = dict(draft.pages)
    heading = markup.paragraph("TOCHeading", markup.run("Contents"))
    parts += [heading if draft.paper and len(draft.sections) <= FEW else _break_before(heading)]
    parts += _contents(draft.sections, pages, room)
    for kind, name, title in ((Table, "Table", "List of tables"), (Figure, "Figure", "List of figures")):
        listed = [] if draft.paper else [thing for thing in things if isinstance(thing, kind)]
        if listed:
            parts.append(markup.paragraph("TOCHeading", markup.run(title)))
            parts += _list(name, listed, pages, room)
    return "".join(parts) + '<w:p><w:pPr><w:pStyle w:val="SectionBreak"/></w:pPr><w:r><w:br w:type="page"/></w:r></w:p>'


def _break_before(xml: str) -> str:
    """The same, its first paragraph on a new page."""
    return xml.replace("/>", "/><w:pageBreakBefore/>", 1)


# ---------------------------------------------------------------- cover and document control


def identity(draft: Draft) -> str:
    """The document's id: product code and kind of document ("ARI-0001-IMPD-Q")."""
    return "-".join(filter(None, (draft.cover.code, draft.outline))).upper() or "DOCUMENT"


def status(draft: Draft) -> str:
    """The status as properties and document control show it."""
    return draft.cover.status or ("Final" if draft.cover.final else "Draft")


def _cover(draft: Draft, room: Geometry) -> list[str]:
    cover = draft.cover
    of_product = (("Product", cover.product), ("Product code", cover.code), ("Sponsor", cover.sponsor))
    facts = [
        *(() if draft.paper else of_product),
        *cover.lines,
        ("Version", cover.version),
        ("Date", show_date(cover.on) if cover.on else ""),
    ]
    parts = [
        markup.paragraph("CoverSponsor", markup.run(cover.sponsor)),
        markup.paragraph("Title", markup.run(cover.document)),
        markup.paragraph("Subtitle", markup.run(cover.product)),
    ]
    if not cover.final:
        parts.append(markup.paragraph("CoverStatus", markup.run(status(draft))))
    parts.append(_facts(facts, room, "About this document"))
    if cover.signers:
        parts.append(markup.paragraph("FrontHeading", markup.run("Signatures")))
        parts.append(_table((("Name", "Role", "Signed"), *cover.signers), room, "Who signed this document"))
    parts.append(markup.paragraph("CoverNote", markup.run(cover.confidentiality)))
    return parts


def _control(draft: Draft, count: Count, room: Geometry, things: Sequence[Table | Figure]) -> str:
    """The page that says which document this is and how far it is; in a draft also how to read its marks."""
    cover, sections = draft.cover, draft.sections
    absent = sum(section.standing is Standing.NOT_APPLICABLE for section in sections)
    tables = sum(isinstance(thing, Table) for thing in things)
    facts = [
        ("Document", cover.document),
        ("Document number", identity(draft)),
        ("Version", cover.version),
        ("Status", status(draft)),
        ("Date", show_date(cover.on) if cover.on else ""),
        ("Confidentiality", cover.confidentiality),
        ("Sections", f"{len(sections)}" + (f", of which {absent} not applicable" if absent else "")),
        ("Tables and figures", f"{_counted(tables, 'table')}, {_counted(len(things) - tables, 'figure')}"),
    ]
    if not cover.final:
        facts += [
            ("Missing facts", str(count.gaps)),
            ("Values not re-read at their source", str(count.unverified)),
            ("Findings, as comments", str(count.remarks)),
        ]
    parts = [
        markup.paragraph("FrontHeading", markup.run("Document control")),
        _facts(facts, room, "Document control"),
    ]
    if not cover.final:
        parts += [
            markup.paragraph("FrontHeading", markup.run("How to read this draft")),
            markup.paragraph(
                "BodyText",
                markup.run("[Name of the fact]", _GAP)
                + markup.run(" stands where a fact is missing. A value with a ")
                + markup.run("dotted line", _UNVERIFIED)
                + markup.run(
                    " under it was not re-read at its source. Comments by Tandem are findings of its checks. "
                    "A final document has none of these."
                ),
            ),
        ]
    return "".join(parts)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def _facts(facts: Pairs, room: Geometry, title: str) -> str:
    """Labels and values in two columns, empty ones left out."""
    widths = (LABEL_WIDTH, room.upright - LABEL_WIDTH)
    rows = "".join(
        "<w:tr><w:trPr><w:cantSplit/></w:trPr>"
        + _cell(widths[0], "CoverLabel", label)
        + _cell(widths[1], "CoverText", value)
        + "</w:tr>"
        for label, value in facts
        if value
    )
    return _grid("TandemPlain", widths, rows, title) + markup.paragraph("TableEnd", "")


def _table(rows: Sequence[tuple[str, ...]], room: Geometry, title: str) -> str:
    """A small table of the front matter, its first row the heading."""
    first, second = round(room.upright * 0.36), round(room.upright * 0.4)
    widths = (first, second, room.upright - first - second)
    out = ""
    for at, row in enumerate(rows):
        style = "TableText" if at else "TableHead"
        properties = "<w:cantSplit/>" if at else "<w:cantSplit/><w:tblHeader/>"
        cells = "".join(_cell(width, style, value) for width, value in zip(widths, row, strict=True))
        out += f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"
    return _grid("TandemTable", widths, out, title) + markup.paragraph("TableEnd", "")


def _cell(width: int, style: str, value: str) -> str:
    inner = markup.paragraph(style, markup.run(value))
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{inner}</w:tc>'


def _grid(style: str, widths: Sequence[int], rows: str, title: str) -> str:
    first_row = int(style == "TandemTable")
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:val="0{4 if first_row else 6}{2 if first_row else 8}0" '
        f'w:firstRow="{first_row}" w:lastRow="0" w:firstColumn="{1 - first_row}" w:lastColumn="0" '
        f'w:noHBand="{1 - first_row}" w:noVBand="1"/><w:tblCaption w:val="{markup.attribute(title)}"/></w:tblPr>'
        + "".join(["<w:tblGrid>", *(f'<w:gridCol w:w="{width}"/>' for width in widths), f"</w:tblGrid>{rows}</w:tbl>"])
    )


# ---------------------------------------------------------------- contents and lists


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the contents or of a list: its style, its tabs, and what it says of which anchor."""

    style: str
    anchor: str
    inner: str
    ppr: str


def _contents(sections: Sequence[Section], pages: Mapping[str, int], room: Geometry) -> list[str]:
    """The table of contents: a field Word can update, which already holds an entry for each section."""
    if not sections:
        return [markup.paragraph("BodyText", markup.run("This document has no sections."))]
    deepest = min(max(1, *(section.level for section in sections)), DEEPEST)
    widest = max(measure(section.number, 200) for section in sections)
    entries = []
    for section in sections:
        level = min(max(section.level, 1), DEEPEST)
        left = (level - 1) * 200
        title = left + round(min(max(widest + 160, 700), 2600)) if section.number else left
        number = markup.run(section.number) + _TAB if section.number else ""
        stop = f'<w:tab w:val="left" w:pos="{title}"/>' if section.number else ""
        ppr = _stops(stop, room) + f'<w:ind w:left="{title}" w:hanging="{title - left}"/>'
        entries.append(_Entry(f"TOC{level}", section.key, number + markup.run(section.title), ppr))
    return _field_of(f'TOC \\o "1-{deepest}" \\h \\z', entries, pages)


def _list(thing: str, things: Sequence[Table | Figure], pages: Mapping[str, int], room: Geometry) -> list[str]:
    ppr = _stops("", room)
    entries = []
    for one in things:
        separator = markup.run(": ") if one.label and one.caption else ""
        inner = markup.run(one.label) + separator + formatted(one.caption)
        entries.append(_Entry("TableofFigures", one.anchor, inner, ppr))
    return _field_of(f'TOC \\h \\z \\c "{thing}"', entries, pages)


def _stops(first: str, room: Geometry) -> str:
    return f'<w:tabs>{first}<w:tab w:val="right" w:leader="dot" w:pos="{room.upright}"/></w:tabs>'


def _field_of(instruction: str, entries: Sequence[_Entry], pages: Mapping[str, int]) -> list[str]:
    """The entries as the cached result of one field: it opens in the first paragraph and closes in the last."""
    opening, closing = markup.field(instruction, "\0").split("\0")
    out = []
    for at, entry in enumerate(entries):
        name, page = bookmark(entry.anchor), pages.get(entry.anchor)
        number = _TAB + markup.field(f"PAGEREF {name} \\h", markup.run(str(page))) if page is not None else ""
        link = f'<w:hyperlink w:anchor="{name}" w:history="1">{entry.inner}{number}</w:hyperlink>'
        first, last = opening if at == 0 else "", closing if at == len(entries) - 1 else ""
        out.append(markup.paragraph(entry.style, first + link + last, entry.ppr))
    return out
