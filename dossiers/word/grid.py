"""Tables: caption, heading rows repeated on each page, cells over several columns and rows, notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dossiers.blocks import Cell, Inlines, Kind, Run, Table
from dossiers.word import markup
from dossiers.word.names import number, tag
from dossiers.word.pen import Pen, inlines, plain
from dossiers.word.places import GOES_ON, Place, cell_text
from dossiers.word.widths import FONT, SMALL_FONT, Fit, groups, indents, row_heights

SHORT_TABLE, LOW_TABLE = 8, 4700  # rows, twips: a table so short and so low (a third of a page) is kept on one page


def captioned(pen: Pen, thing: str, anchor: str, label: str, caption: Inlines) -> str:
    """A caption's runs: the label in its bookmark, numbered by a SEQ field of `thing` ("Table", "Figure"); the text."""
    word, _, count = label.rpartition(" ")
    inner = markup.run(label)
    if word and count.isascii() and count.isdigit():
        inner = markup.run(word + " ") + markup.field(f"SEQ {thing} \\* ARABIC", markup.run(count))
    pen.idents.append(("bookmark", number("bookmark", anchor, pen.salt)))
    colon = markup.run(": ") if label and caption else ""
    return markup.marked(anchor, inner, pen.salt) + colon + inlines(pen, caption)


def table(pen: Pen, block: Table, fit: Fit) -> str:
    """The table in a control of its own, so that its cells can be found by place: caption, grid, notes."""
    head = markup.paragraph("Caption", captioned(pen, "Table", block.anchor, block.label, block.caption))
    values = len(pen.values)
    grid = _grid(pen, block, fit)
    after = [""] * (len(block.notes) - 1) + ['<w:spacing w:after="240"/>']
    notes = "".join(
        markup.paragraph("TableNote", inlines(pen, note), ppr) for note, ppr in zip(block.notes, after, strict=False)
    )
    name, ident = tag("t", block.anchor), number("control", "t:" + block.anchor, pen.salt)
    pen.idents.append(("control", ident))
    if len(pen.values) > values:
        pen.grids[-1] = f'<table tag="{name}" anchor="{markup.attribute(block.anchor)}">{pen.grids[-1]}</table>'
    else:
        pen.grids.pop()
    title = ": ".join(filter(None, (block.label, plain(block.caption)))) or "Table"
    return markup.control(name, title, ident, head + grid + (notes or markup.paragraph("TableEnd", "")))


def _grid(pen: Pen, block: Table, fit: Fit) -> str:
    """The w:tbl element; appends to `pen.grids` which value stands in which of its cells."""
    described = f"{len(block.rows)} rows, {len(fit.widths)} columns"
    if block.head:
        described += ": " + ", ".join(cell_text(cell) for cell in block.head[0])
    title = ": ".join(filter(None, (block.label, plain(block.caption))))
    opening = (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TandemTable"/><w:tblW w:w="{sum(fit.widths)}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblLook w:val="0420" w:firstRow="1" w:lastRow="0" w:firstColumn="0" '
        f'w:lastColumn="0" w:noHBand="0" w:noVBand="1"/><w:tblCaption w:val="{markup.attribute(title[:250])}"/>'
        f'<w:tblDescription w:val="{markup.attribute(described[:500])}"/></w:tblPr><w:tblGrid>'
        + "".join(f'<w:gridCol w:w="{width}"/>' for width in fit.widths)
        + "</w:tblGrid>"
    )
    setter = _Setter(pen, block, fit)
    rows: list[str] = []
    where: list[str] = []
    for xml, values in setter.head():
        rows.append(xml)
        where.append(values)
    for xml, values in setter.body():
        rows.append(xml)
        where.append(values)
    pen.grids.append("".join(f"<row>{values}</row>" for values in where))
    if not rows:
        rows = [f"<w:tr>{setter.blank()}</w:tr>"]
    return opening + "".join(rows) + "</w:tbl>"


@dataclass(slots=True)
class _Setter:
    """Sets the rows of one table; gives for each its XML and the numbers of its values, cell by cell ("3 4,5 -")."""

    pen: Pen
    block: Table
    fit: Fit
    is_low: bool = False
    groups: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        body = self.fit.body
        self.groups = [False] * len(body)
        is_merged = any(merge for row in body for _, _, merge in row)
        if not is_merged and len(body) > SHORT_TABLE:
            return
        heights = row_heights(self.fit)[len(self.fit.head) :]
        self.is_low = len(body) <= SHORT_TABLE and sum(heights) <= LOW_TABLE
        for first, last in groups(body, heights) if is_merged else ():
            self.groups[first:last] = [True] * (last - first)

    def head(self) -> Iterator[tuple[str, str]]:
        properties = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
        for row in self.fit.head:
            yield self._row(row, properties, [self._style(cell, at, True) for at, cell, _ in row])

    def body(self) -> Iterator[tuple[str, str]]:
        properties = "<w:trPr><w:cantSplit/></w:trPr>"
        count, rows = len(self.fit.widths), self.fit.body
        aligned = self._aligned()
        plain_styles = [self._style(None, at, False) for at in range(count)]
        for index, row in enumerate(rows):
            styles = [
                self._style(cell, at, False) if cell is not None and cell.strong else plain_styles[at]
                for at, cell, _ in row
            ]
            for n, (at, cell, _) in enumerate(row):
                if aligned[at] and cell is not None and cell.across <= 1:
                    styles[n] = self._number(styles[n], aligned[at][index])
            if self._is_kept(index):
                styles = [style.replace("/>", "/><w:keepNext/>", 1) for style in styles]
            yield self._row(row, properties, styles)

    def _is_kept(self, index: int) -> bool:
        """Whether a row stays on the page of the next: in short tables all do, in long ones no row stands alone.

        Rows under one merged cell stay together, since its words are not repeated on the next page. The last row stays
        with the notes.
        """
        left = len(self.fit.body) - 1 - index
        if left == 0:
            return bool(self.block.notes)
        return self.is_low or index == 0 or left == 1 or self.groups[index]

    def blank(self) -> str:
        empty = markup.paragraph(self._base("TableText"), "")
        return "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{empty}</w:tc>' for width in self.fit.widths
        )

    def _base(self, style: str) -> str:
        return style + ("Small" if self.fit.small else "")

    def _style(self, cell: Cell | None, at: int, head: bool) -> str:
        """The paragraph properties of a cell; heads over numbers and over several columns are centred."""
        kind = self.block.columns[at].kind if at < len(self.block.columns) else Kind.TEXT
        centred = head and cell is not None and (cell.across > 1 or kind is Kind.NUMBER)
        strong = "TableStrong" if cell is not None and cell.strong else "TableText"
        style = f'<w:pStyle w:val="{self._base("TableHead" if head else strong)}"/>'
        return style + ('<w:jc w:val="center"/>' if centred else "")

    @staticmethod
    def _number(style: str, indent: int | None) -> str:
        if indent is None:
            return style + '<w:jc w:val="center"/>'
        return style + f'<w:ind w:right="{indent}"/><w:jc w:val="right"/>'

    def _aligned(self) -> list[list[int | None]]:
        """For each number column the indent of each row's cell; an empty list for the others."""
        font = SMALL_FONT if self.fit.small else FONT
        out: list[list[int | None]] = [[] for _ in self.fit.widths]
        numbers = [at for at, column in enumerate(self.block.columns) if column.kind is Kind.NUMBER]
        if not numbers:
            return out
        by_place = [{at: cell for at, cell, _ in row if cell is not None} for row in self.fit.body]
        for at in numbers:
            cells = [row.get(at) for row in by_place]
            texts = [cell_text(cell) if cell is not None and cell.across == 1 else "" for cell in cells]
            out[at] = indents(texts, self.fit.widths[at], font)
        return out

    def _row(self, row: Sequence[Place], properties: str, styles: Sequence[str]) -> tuple[str, str]:
        pen, widths = self.pen, self.fit.widths
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="E9EEF6"/>' if "tblHeader" in properties else ""
        out, where = [f"<w:tr>{properties}"], []
        for (at, cell, merge), style in zip(row, styles, strict=True):
            width, spans, inner, first = widths[at], "", "", len(pen.values)
            if cell is not None:
                if cell.across > 1:
                    width, spans = sum(widths[at : at + cell.across]), f'<w:gridSpan w:val="{cell.across}"/>'
                if merge is not GOES_ON:
                    inner = _content(pen, cell.content)
            out.append(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}{merge}{shade}</w:tcPr>'
                f"<w:p><w:pPr>{style}</w:pPr>{inner}</w:p></w:tc>"
            )
            where.append(",".join(map(str, range(first, len(pen.values)))) or "-")
        out.append("</w:tr>")
        return "".join(out), " ".join(where)


def _content(pen: Pen, content: Inlines) -> str:
    """A cell's runs; the common cell, one plain run, the short way."""
    if len(content) == 1 and type(run := content[0]) is Run and not run.marks and not run.lang and not pen.hooks:
        if run.origin is not None and run.text:
            pen.values.append((run.origin, ""))
        return markup.run(run.text)
    return inlines(pen, content, in_grid=True)
