"""What any document is made of. Page, Word, PDF, plain text, checks and comparison all read this one tree.

Everything is frozen and hashable, so that a section's blocks can be compared, cached and kept with an issue.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeAlias


class Mark(StrEnum):
    """How a run of text is set."""

    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"
    SUB = "sub"
    SUP = "sup"
    UNVERIFIED = "unverified"  # the value's source was not re-read: a draft shows it, a final refuses it


@dataclass(frozen=True, slots=True)
class Origin:
    """The fact a piece of text came from: kind of record, its readable key, its id, the fact's name."""

    kind: str
    key: str
    id: str
    fact: str

    @property
    def path(self) -> str:
        """The fact as a person names it: "batch ARI0001/01: viability"."""
        return f"{self.kind} {self.key}: {self.fact}"


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one manner. `lang` is a BCP 47 tag where the passage differs from its document, else ''."""

    text: str
    marks: frozenset[Mark] = frozenset()
    origin: Origin | None = None
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A place where a fact is missing: its label, where to enter it, who owes it and why, if known."""

    label: str
    origin: Origin | None = None
    note: str = ""

    @property
    def text(self) -> str:
        """What a reader sees in the gap's place: "[Shelf life: not found]"."""
        return f"[{self.label}: {self.note}]" if self.note else f"[{self.label}]"


@dataclass(frozen=True, slots=True)
class Footnote:
    """A note at the foot of the page, hung at this place of the text."""

    content: Inlines


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference to a section, table or figure, by the anchor it carries; `text` is what it reads as: "Table 3"."""

    target: str
    text: str


Inline: TypeAlias = "Run | Gap | Footnote | Reference"
Inlines: TypeAlias = "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section (levels count below the section's own)."""

    level: int
    content: Inlines


class Manner(StrEnum):
    """Kinds of paragraph."""

    BODY = "body"
    NOTE = "note"  # small print: guidance on a source, a not-applicable statement
    QUOTE = "quote"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. A run "\\n" inside it is a line break."""

    content: Inlines
    manner: Manner = Manner.BODY


@dataclass(frozen=True, slots=True)
class Listing:
    """A bulleted or numbered list; each item is blocks, the first of them a paragraph. Numbering starts at 1."""

    ordered: bool
    items: tuple[tuple[Block, ...], ...]


class Kind(StrEnum):
    """What a column holds: it decides width and alignment."""

    TEXT = "text"
    NUMBER = "number"  # aligned on the decimal mark
    DATE = "date"
    SHORT = "short"  # codes and words that should not be broken


@dataclass(frozen=True, slots=True)
class Column:
    """A column's kind and, where it matters, its share of the width (0 = from content)."""

    kind: Kind = Kind.TEXT
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, possibly over several columns (`across`) or rows (`down`); covered places have no cell in later rows."""

    content: Inlines
    across: int = 1
    down: int = 1
    strong: bool = False  # a row's own heading


Row: TypeAlias = "tuple[Cell, ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: columns left to right, heading rows, body rows, notes under it. `anchor` is unique in its draft.

    `label` ("Table 3") is given by compose once the whole draft is known; until then it is ''.
    """

    anchor: str
    caption: Inlines
    columns: tuple[Column, ...]
    head: tuple[Row, ...]
    rows: tuple[Row, ...]
    notes: tuple[Inlines, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """A picture that is there already: PNG bytes, SVG text ("" if there is none)."""

    png: bytes
    svg: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Still | Drawn) and (self.png, self.svg) == (other.png, other.svg)

    def __hash__(self) -> int:
        return hash("picture")  # the same for all: a hash of what is seen would draw it


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A picture drawn when somebody looks: `draw` makes (PNG, SVG) of `subject`, and remembers the last itself.

    Pictures are the same if they look the same; those of one subject are known to be, without being drawn.
    """

    draw: Callable[[Any], tuple[bytes, str]]
    subject: Hashable

    @property
    def png(self) -> bytes:
        """The picture for Word."""
        return self.draw(self.subject)[0]

    @property
    def svg(self) -> str:
        """The picture for a page."""
        return self.draw(self.subject)[1]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Drawn) and (self.draw, self.subject) == (other.draw, other.subject):
            return True
        return isinstance(other, Still | Drawn) and (self.png, self.svg) == (other.png, other.svg)

    def __hash__(self) -> int:
        return hash("picture")


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as PNG (Word) and SVG (page) with its caption; `width` in millimetres, `alt` says what it shows.

    `label` ("Figure 2") is given by compose, as for tables.
    """

    anchor: str
    caption: Inlines
    alt: str
    picture: Still | Drawn
    width: float = 160.0
    label: str = ""


Block: TypeAlias = "Heading | Paragraph | Listing | Table | Figure"
Blocks: TypeAlias = "tuple[Block, ...]"


class Standing(StrEnum):
    """Whether a section applies."""

    APPLIES = "applies"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a draft: number and title as printed, level from 1, its blocks (not those of sections below it).

    `key` is unique in the draft ("S.4.1", "S.4.1@ari-0001-ds" where a section is repeated); `repeat` names the record
    it is repeated for ('' if once). `new_page`: in Word it begins a page.
    """

    key: str
    number: str
    title: str
    level: int
    blocks: Blocks
    standing: Standing = Standing.APPLIES
    repeat: str = ""
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding as a document shows it: a comment hung on a section, and on a value's place if `origin` is given."""

    section: str
    text: str
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the cover and in headers, footers and properties.

    `version` is "draft" until issued; `on` is the date of the data or of issue; `signers` are (name, role, when).
    """

    document: str  # "Investigational medicinal product dossier: quality"
    code: str  # product code
    product: str
    sponsor: str
    version: str = "draft"
    on: date | None = None
    confidentiality: str = "Confidential"
    status: str = ""  # shown in the header of a draft: "Draft: 12 gaps, not for submission"
    lines: tuple[tuple[str, str], ...] = ()  # further cover rows: ("EU CT number", "2026-500001-11-00")
    signers: tuple[tuple[str, str, str], ...] = ()
    final: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A document ready to be shown: cover, sections in order, remarks. `outline` is the document's id ("impd-q").

    `paper`: it is a paper of the house, whose front is a cover with its own lines, and the contents.
    """

    outline: str
    cover: Cover
    sections: tuple[Section, ...]
    remarks: tuple[Remark, ...] = ()
    lang: str = "en-GB"
    pages: tuple[tuple[str, int], ...] = field(default=())  # anchor → page, frozen at issue; empty = not known
    paper: bool = False
