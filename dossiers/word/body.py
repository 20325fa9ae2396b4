"""A section as WordprocessingML: its heading and blocks, cut where pages turn to landscape."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dossiers.blocks import Block, Blocks, Figure, Heading, Listing, Manner, Origin, Paragraph, Section, Table
from dossiers.word import grid, markup
from dossiers.word.markup import slot
from dossiers.word.names import number, tag
from dossiers.word.pen import Pen, commented, inlines
from dossiers.word.turning import Layout, lay
from dossiers.word.widths import Geometry, fit, measure

_STYLES = {Manner.BODY: "BodyText", Manner.NOTE: "Note", Manner.QUOTE: "Quote", Manner.CODE: "CodeBlock"}
DEEPEST_LIST, DEEPEST_SUBHEADING, DEEPEST_HEADING = 8, 4, 9
NUMBER_ROOM, WIDE_NUMBER_ROOM = 1304, 2381  # twips left of a heading's title
EMU = 36000  # a millimetre
TWIP = 635  # in EMU
PNG = b"\x89PNG\r\n\x1a\n"
BULLET = "b"  # slot of the one bullet list


@dataclass(frozen=True, slots=True)
class Fragment:
    """A section's XML in pieces (on a landscape page or not), and what it adds to the other parts of the file."""

    pieces: tuple[tuple[bool, bytes], ...]
    footnotes: tuple[bytes, ...]
    lists: tuple[int, ...]
    values: int
    origins: bytes
    gaps: tuple[str, ...]
    unverified: tuple[str, ...]
    pictures: Mapping[str, bytes]
    references: Mapping[str, str | None]
    idents: tuple[tuple[str, int], ...]
    bare: bool = False  # nothing but a heading: it stands on the page of what follows

    @property
    def size(self) -> int:
        """The bytes of its XML, roughly."""
        return sum(len(xml) for _, xml in self.pieces) + len(self.origins)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a section's XML depends on besides the section: printed labels, page, remarks, the salt of its ids."""

    printed: Mapping[str, str]
    room: Geometry
    remarks: tuple[Origin | None, ...] = ()
    salt: int = 0


def compose(section: Section, setting: Setting) -> Fragment:
    """The section's fragment. Raises ValueError for a figure that is not a PNG."""
    pen = Pen(setting.printed, salt=setting.salt)
    for place, origin in enumerate(setting.remarks):
        if origin is not None:
            pen.hooks.setdefault(origin, []).append(place)
    layout = lay(section.blocks, setting.room)
    parts = list(_parts(pen, section.blocks, setting.room, layout))
    waiting = [place for places in pen.hooks.values() for place in places]
    waiting += [place for place, origin in enumerate(setting.remarks) if origin is None]
    heading = _heading(pen, section, sorted(waiting))
    pieces = _pieces(heading, parts, layout)
    ident = number("control", "s:" + section.key, pen.salt)
    name, title = tag("s", section.key), f"{section.number} {section.title}"
    wrapped = []
    for part, (sideways, xml) in enumerate(pieces):
        own = ident if part == 0 else number("control", f"s:{section.key}:{part}", pen.salt)
        pen.idents.append(("control", own))
        wrapped.append((sideways, markup.control(name, title, own, xml).encode()))
    return Fragment(
        pieces=tuple(wrapped),
        footnotes=tuple(note.encode() for note in pen.footnotes),
        lists=tuple(pen.lists),
        values=len(pen.values),
        origins=_origins(pen, section.key, name).encode(),
        gaps=tuple(pen.gaps),
        unverified=tuple(pen.unverified),
        pictures=pen.pictures,
        references=pen.references,
        idents=tuple(pen.idents),
        bare=not section.blocks,
    )


def _heading(pen: Pen, section: Section, remarks: list[int]) -> str:
    """The section's heading, its number typed inside the bookmark: a CTD number is an identity and never counts on."""
    pen.idents.append(("bookmark", number("bookmark", section.key, pen.salt)))
    if section.number:
        tabbed = "<w:r><w:tab/></w:r>" + markup.run(section.title)
        inner = markup.marked(section.key, markup.run(section.number), pen.salt) + tabbed
    else:
        inner = markup.marked(section.key, markup.run(section.title), pen.salt)
    ppr = ""
    if not section.number:
        ppr = '<w:ind w:left="0" w:firstLine="0"/>'
    elif measure(section.number, 250) > NUMBER_ROOM:
        room = WIDE_NUMBER_ROOM
        ppr = f'<w:tabs><w:tab w:val="left" w:pos="{room}"/></w:tabs><w:ind w:left="{room}" w:hanging="{room}"/>'
    if section.new_page:
        ppr = "<w:pageBreakBefore/>" + ppr
    style = f"Heading{min(max(section.level, 1), DEEPEST_HEADING)}"
    return markup.paragraph(style, commented(remarks, inner) if remarks else inner, ppr)


def _parts(pen: Pen, blocks: Blocks, room: Geometry, layout: Layout) -> Iterator[str]:
    """Each block's XML."""
    for at, (block, fitted) in enumerate(zip(blocks, layout.fits, strict=True)):
        if isinstance(block, Table) and fitted is not None:
            yield grid.table(pen, block, fitted)
        elif isinstance(block, Paragraph) and layout.stays[at]:
            yield markup.paragraph(_STYLES[block.manner], inlines(pen, block.content), "<w:keepNext/>")
        elif isinstance(block, Figure):
            yield "".join(_figure(pen, block, room, noted=layout.stays[at]))
        else:
            yield "".join(_block(pen, block, room))


def _pieces(heading: str, parts: list[str], layout: Layout) -> list[tuple[bool, str]]:
    """Heading and blocks in runs of one orientation."""
    pieces = [(layout.heading, [heading])]
    for sideways, xml in zip(layout.turned, parts, strict=True):
        if sideways != pieces[-1][0]:
            pieces.append((sideways, []))
        pieces[-1][1].append(xml)
    return [(sideways, "".join(xml)) for sideways, xml in pieces]


def _block(pen: Pen, block: Block, room: Geometry) -> Iterator[str]:
    match block:
        case Heading(level, content):
            yield markup.paragraph(f"Subheading{min(max(level, 1), DEEPEST_SUBHEADING)}", inlines(pen, content))
        case Paragraph(content, manner):
            yield markup.paragraph(_STYLES[manner], inlines(pen, content))
        case Listing():
            yield from _listing(pen, block, room, 0)
        case Table():
            yield grid.table(pen, block, fit(block, room, in_list=True))
        case Figure():
            yield from _figure(pen, block, room)


def _listing(pen: Pen, block: Listing, room: Geometry, depth: int) -> Iterator[str]:
    """The items of a list; a numbered list gets a number definition of its own, so that it starts at 1."""
    level = min(depth, DEEPEST_LIST)
    definition = slot(BULLET, 0)
    if block.ordered:
        definition = slot("n", len(pen.lists))
        pen.lists.append(level)
    numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{definition}"/></w:numPr>'
    further = f'<w:ind w:left="{(level + 1) * 397}" w:firstLine="0"/>'
    for item in block.items:
        first, rest = (item[0], item[1:]) if item and isinstance(item[0], Paragraph) else (Paragraph(()), item)
        yield markup.paragraph("ListParagraph", inlines(pen, first.content), numbered)
        for inner in rest:
            match inner:
                case Listing():
                    yield from _listing(pen, inner, room, depth + 1)
                case Paragraph(content):
                    yield markup.paragraph("ListParagraph", inlines(pen, content), further)
                case _:
                    yield from _block(pen, inner, room)


def _figure(pen: Pen, block: Figure, room: Geometry, *, noted: bool = False) -> Iterator[str]:
    """The picture in its line, as large as asked or as the page allows, and the caption under it, before its note."""
    png = block.picture.png
    if png[:8] != PNG or png[12:16] != b"IHDR" or len(png) < 24:
        raise ValueError(
            f"{block.label or 'The figure'} ({block.anchor}) is not a PNG picture; save it as PNG and place it again."
        )
    across, down = struct.unpack(">II", png[16:24])
    width = min(max(block.width, 5) * EMU, room.upright * TWIP)
    height = width * max(down, 1) / max(across, 1)
    limit = room.height * TWIP * 0.8
    if height > limit:
        width, height = width * limit / height, limit
    relation = "pic" + hashlib.sha1(png, usedforsecurity=False).hexdigest()[:24]
    pen.pictures[relation] = png
    ident = number("picture", block.anchor, pen.salt)
    pen.idents.append(("picture", ident))
    yield markup.paragraph("Figure", _drawing(block, relation, ident, (round(width), round(height))))
    caption = grid.captioned(pen, "Figure", block.anchor, block.label, block.caption)
    after = 60 if noted else 240
    kept = f'<w:keepNext w:val="{int(noted)}"/><w:spacing w:before="80" w:after="{after}"/>'
    yield markup.paragraph("Caption", caption, kept)


def _drawing(block: Figure, relation: str, ident: int, size: tuple[int, int]) -> str:
    name, alt = markup.attribute(block.label or "Figure"), markup.attribute(block.alt)
    extent = f'cx="{max(size[0], 1)}" cy="{max(size[1], 1)}"'
    return (
        '<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent {extent}/><wp:docPr id="{ident}" name="{name}" descr="{alt}"/>'
        '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="{ident}" name="{name}" descr="{alt}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def _origins(pen: Pen, key: str, name: str) -> str:
    """What the section adds to the map of values: record by record, and for each table the values cell by cell."""
    if not pen.values:
        return ""
    out = [f'<section key="{markup.attribute(key)}" tag="{name}">']
    record: tuple[str, str, str] | None = None
    for at, (origin, value) in enumerate(pen.values):
        own = (origin.kind, origin.key, origin.id)
        if own != record:
            out.append("</record>" if record else "")
            kind, key, ident = map(markup.attribute, own)
            out.append(f'<record kind="{kind}" key="{key}" id="{ident}">')
            record = own
        tagged = f' tag="{value}"' if value else ""
        out.append(f'<value n="{at}" fact="{markup.attribute(origin.fact)}"{tagged}/>')
    return "".join((*out, "</record>", *pen.grids, "</section>"))
