"""How wide a table's columns are, whether it needs a landscape page, and where its numbers stand.

All lengths are in twips (1/20 point). Texts are measured with the advance widths of Arial, which Liberation Sans
shares, so that every program that opens the file shows the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest

from dossiers.blocks import Column, Kind, Table
from dossiers.word.places import GOES_ON, Laid, Place, cell_text, laid, span

_ADVANCES = {  # thousandths of the font size
    191: "'",
    222: "ijl",
    260: "|",
    278: " !,./:;I[\\]ft\u00a0",
    333: "()-`r²³",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu–≥≤±",
    584: "+<=>~−×",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_ADVANCE = {char: width for width, chars in _ADVANCES.items() for char in chars}
_NUMBER = re.compile(r"\d(?:[,\u00a0\u2009\u202f ]?\d)*")  # up to the decimal mark; the marks between are of thousands
FONT, SMALL_FONT = 180, 150  # 9 and 7.5 points
PADDING = 170  # left and right margin of a cell
SAFETY = 24  # a rule's thickness and rounding
SLACK = 60  # what is left of a column beside its block of numbers, so that no renderer breaks one
HARD_WORD = 2600  # a longer word (a sequence, an address) may be broken anywhere
COMFORT, SNUG, SNUG_SMALL = 1500, 1250, 1200  # a column of prose narrower than this reads badly, or in a short table
MANY = 9  # more columns than this go on a landscape page whatever they hold
LOW = 6000  # so low a table does not turn the page as long as its columns can be read upright
LOW_GROUP = 6000  # rows under one merged cell stay together up to this height
LEADING = 1.15  # a line's height, of its font size
ROW, SMALL_ROW = 105, 85  # what a table's row adds to its lines: spacing, cell margins, rule
BOLD = 1.125  # a heading's letters are wider by this, narrow ones most of all


@dataclass(frozen=True, slots=True)
class Geometry:
    """The room for text on the template's pages: width upright, width on its side, height upright and on its side."""

    upright: int = 9412
    sideways: int = 14118
    height: int = 13600
    height_sideways: int = 8900


@dataclass(frozen=True, slots=True)
class Fit:
    """How a table is set: on a landscape page or not, in small type or not, column widths, rows in their places."""

    sideways: bool
    small: bool
    widths: tuple[int, ...]
    head: Laid
    body: Laid


@dataclass(frozen=True, slots=True)
class Need:
    """What a column cannot go below (its longest word, or line if it should not be broken) and would like to have."""

    least: float
    wish: float
    share: float
    prose: bool


GAP_SIGNS = frozenset("[]")  # a gap stands in brackets and in bold, which is wider


@lru_cache(maxsize=16384)
def measure(text: str, font: int = FONT) -> float:
    """The width of a line of text."""
    advance = _ADVANCE
    return sum([advance.get(char, 600 if char < "\u2e80" else 1000) for char in text]) * font / 1000


def _texts(rows: Laid, count: int) -> list[list[str]]:
    """The texts of each column, of cells over one column only."""
    out: list[list[str]] = [[] for _ in range(count)]
    for row in rows:
        for at, cell, merge in row:
            if cell is not None and cell.across == 1 and merge is not GOES_ON:
                out[at].append(cell_text(cell))
    return out


def _need(column: Column, head: list[str], body: list[str], font: int) -> Need:
    room = PADDING + SAFETY
    head_least = max((measure(w, font) for text in head for w in _words(text)), default=0) * BOLD + room
    head_wish = max((measure(text, font) for text in head), default=0) * BOLD + room
    longest = nlargest(4, dict.fromkeys(line for text in body for line in text.split("\n")), key=len)
    wish = max((measure(line, font) for line in longest), default=0) + room
    words = nlargest(4, dict.fromkeys(_words(" ".join(body))), key=len)  # a set has no order to rely on
    least = max((measure(word, font) * (1.12 if set(word) & GAP_SIGNS else 1) for word in words), default=0) + room
    if column.kind is not Kind.TEXT and wish <= HARD_WORD + room:
        least = wish
    least = max(min(least, HARD_WORD), min(head_least, HARD_WORD))
    return Need(least, max(wish, min(head_wish, 1.6 * head_least), least), column.share, column.kind is Kind.TEXT)


def _words(text: str) -> list[str]:
    """What Word would not break: it breaks at spaces and after hyphens."""
    return text.replace("\n", " ").replace("\t", " ").replace("-", "- ").split(" ")


def fit(table: Table, room: Geometry, in_list: bool = False, turned: bool = False) -> Fit:
    """How the table is set: upright if its columns can breathe there, else on a landscape page, else in small type.

    A low table stays upright in narrower columns, or in small type, rather than turn a page for a few rows. Inside a
    list (`in_list`) every table stays upright: a list is not torn over a turned page. On a page that is turned already
    (`turned`) it takes the whole width.
    """
    count = span(table)
    head, body = laid(table.head, count), laid(table.rows, count)
    columns = (*table.columns, *(Column() for _ in range(count - len(table.columns))))
    texts = list(zip(columns, _texts(head, count), _texts(body, count), strict=True))

    def wanted(font: int) -> list[Need]:
        return [_need(column, heads, bodies, font) for column, heads, bodies in texts]

    def upright(font: int, comfort: float) -> Fit | None:
        needs = wanted(font)
        if _breath(needs, comfort) > room.upright:
            return None
        made = Fit(False, font == SMALL_FONT, _share_out(needs, room.upright), head, body)
        return made if sum(row_heights(made)) <= LOW else None

    normal = wanted(FONT)
    sideways = turned or (not in_list and (count > MANY or _breath(normal, COMFORT) > room.upright))
    if sideways and not turned and count <= MANY:
        snug = upright(FONT, SNUG) or upright(SMALL_FONT, SNUG_SMALL)
        if snug is not None:
            return snug
    width = room.sideways if sideways else room.upright
    small = sum(need.least for need in normal) > width
    return Fit(sideways, small, _share_out(wanted(SMALL_FONT) if small else normal, width), head, body)


def _breath(wanted: Sequence[Need], comfort: float) -> float:
    """The width at which every column can be read: prose gets `comfort` if it wishes as much."""
    return sum(max(need.least, min(need.wish, comfort)) if need.prose else need.least for need in wanted)


def _share_out(wanted: Sequence[Need], room: int) -> tuple[int, ...]:
    """Widths that add up to the room: fixed shares first, then least widths, then the rest by what is still wished."""
    fixed = {i: need.share * room for i, need in enumerate(wanted) if need.share > 0}
    free = [i for i in range(len(wanted)) if i not in fixed]
    if fixed and (sum(fixed.values()) > room * (0.95 if free else 1.0) or not free):
        factor = room * (0.8 if free else 1.0) / sum(fixed.values())
        fixed = {i: width * factor for i, width in fixed.items()}
    left = room - sum(fixed.values())
    least, wish = sum(wanted[i].least for i in free), sum(wanted[i].wish for i in free)
    widths = dict(fixed)
    for i in free:
        need = wanted[i]
        if least > left:
            widths[i] = need.least * left / least
        elif wish <= left:
            weights = [wanted[k].wish * (1.0 if wanted[k].prose else 0.5) for k in free]
            weight = need.wish * (1.0 if need.prose else 0.5)
            widths[i] = need.wish + (left - wish) * weight / sum(weights)
        else:
            yearning = sum((wanted[k].wish - wanted[k].least) ** 0.7 for k in free)
            widths[i] = need.least + (left - least) * (need.wish - need.least) ** 0.7 / yearning
    whole = [round(widths[i]) for i in range(len(wanted))]
    whole[-1] += room - sum(whole)
    return tuple(whole)


# ---------------------------------------------------------------- heights


def row_heights(made: Fit) -> list[float]:
    """The height of each row of a table as it is set, heading rows first."""
    font, around = (SMALL_FONT, SMALL_ROW) if made.small else (FONT, ROW)
    out = []
    for at, row in enumerate((*made.head, *made.body)):
        wider = BOLD if at < len(made.head) else 1.0
        most = max((_lines_in(place, made.widths, font, wider) for place in row), default=1)
        out.append(most * font * LEADING + around)
    return out


def _lines_in(place: Place, widths: Sequence[int], font: int, wider: float) -> int:
    at, cell, merge = place
    if cell is None or merge is GOES_ON or cell.down > 1:
        return 1
    return lines(cell_text(cell), sum(widths[at : at + cell.across]) - PADDING, font, wider)


def groups(body: Laid, heights: Sequence[float]) -> Iterator[tuple[int, int]]:
    """First and last row of each group of rows that stays on one page: those that merged cells hold together."""
    first = 0
    for index in range(1, len(body) + 1):
        if index == len(body) or all(merge is not GOES_ON for _, _, merge in body[index]):
            whole = sum(heights[first:index]) <= LOW_GROUP
            yield from [(first, index - 1)] if whole else ((n, n) for n in range(first, index))
            first = index


def lines(text: str, width: float, font: int, wider: float = 1.0) -> int:
    """How many lines a text takes in `width`, a little more rather than less: words do not break."""
    ample = max(width * 0.94, font)
    return sum(max(1, -int(-measure(line, font) * wider // ample)) for line in text.split("\n"))


# ---------------------------------------------------------------- numbers on the decimal mark


@lru_cache(maxsize=16384)
def _parts(text: str, font: int) -> tuple[float, float] | None:
    """The widths before and after the place of the decimal mark; None where the text holds no number."""
    number = _NUMBER.search(text)
    if number is None or "\n" in text:
        return None
    return measure(text[: number.end()], font), measure(text[number.end() :], font)


def indents(texts: Sequence[str], width: int, font: int) -> list[int | None]:
    """For each text of a column its right indent, so that right-aligned numbers stand on one decimal mark.

    The block of numbers is centred in the column. None (centre the text) for what is no number or would not fit.
    An indent instead of a decimal tab, because Word looks for the decimal mark of the reader's Windows, not of the
    document: on a German machine a tab would line up "0.5" wrongly.
    """
    parts = [_parts(text, font) for text in texts]
    known = [part for part in parts if part is not None]
    if not known:
        return [None] * len(texts)
    before, after = max(part[0] for part in known), max(part[1] for part in known)
    spare = width - PADDING - before - after
    if spare < SLACK:
        return [None] * len(texts)
    return [None if part is None else round(spare / 2 + after - part[1]) for part in parts]
