"""Markdown with holes → blocks. Python-Markdown is a parser only: its element tree is taken before it is serialised.

Holes are private-use tokens that stand for values, gaps, tables, figures and prose. Data travel through them and never
as Markdown, so `HLA-A*02:01`, `p<0.05` and `<b>` arrive letter for letter. What a person writes is never refused and
never lost: raw HTML, images, rules and reference definitions are no markup here, they print as typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor

from dossiers.blocks import (
    Block,
    Blocks,
    Cell,
    Column,
    Figure,
    Footnote,
    Gap,
    Heading,
    Inline,
    Inlines,
    Kind,
    Listing,
    Manner,
    Mark,
    Origin,
    Paragraph,
    Reference,
    Run,
    Table,
)

OPEN, CLOSE = "\ue000", "\ue001"  # private-use characters: Markdown leaves them alone, `reading` refuses them in data
HOLE = re.compile(f"{OPEN}(\\d+){CLOSE}")
ALONE = re.compile(f"\\s*{OPEN}(\\d+){CLOSE}\\s*")
MARKUP = re.compile(
    r"[\\`*_\[\]~^<&|]|^\s*(?:[#>+-]|\d+[.)])|^\s|  $|://", re.MULTILINE
)  # where any of these stands, Markdown is asked

Hole = Any
"""Run(s), Gap, Reference, Footnote (inside a line) or Block(s) (alone on a line)."""


class TextFault(Exception):
    """A section text is wrong: the data are not to blame. The message names file and line where they are known."""


class _Note(InlineProcessor):
    """`^[text]` is a footnote."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802
        note = Element("note")
        note.text = m.group(1)
        return note, m.start(0), m.end(0)


class _Pointer(InlineProcessor):
    """`[[S.4.1]]` refers to a section, or `[[S.4.4:batch-analyses]]` to a table in it."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802
        pointer = Element("pointer")
        pointer.set("to", m.group(1))
        return pointer, m.start(0), m.end(0)


class _Language(InlineProcessor):
    """`[tekst]{lang=nl}` is a passage in another language."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802
        passage = Element("passage")
        passage.text, tag = m.group(1), m.group(2)
        passage.set("lang", tag)
        return passage, m.start(0), m.end(0)


class _Link(InlineProcessor):
    """`[text](address)` prints its address too: a printed dossier has no links to follow."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]  # noqa: N802
        link = Element("link")
        link.text = m.group(1)
        SubElement(link, "address").text = m.group(2)
        return link, m.start(0), m.end(0)


DROPPED_INLINE = (
    "reference",
    "link",
    "image_link",
    "image_reference",
    "short_reference",
    "short_image_ref",
    "autolink",
    "automail",
    "html",
    "entity",
)
SUB = r"()(?<!~)~([\w+−–-]{1,12})~(?!~)"
SUP = r"()(?<!\^)\^([\w+−–-]{1,12})\^(?![\w^])"


def reader() -> markdown.Markdown:
    """Python-Markdown without raw HTML, entities, images, rules or code by indentation; lists nest by two spaces."""
    md = markdown.Markdown(extensions=[TableExtension(), SaneListExtension()], tab_length=2)
    md.preprocessors.deregister("html_block")
    for name in DROPPED_INLINE:
        md.inlinePatterns.deregister(name)
    for name in ("code", "setextheader", "hr", "reference"):
        md.parser.blockprocessors.deregister(name)
    md.treeprocessors.deregister("prettify")
    # emphasis never begins inside a word: "HLA-A*02:01 and HLA-B*07:02" is none
    assert md.delimiters is not None
    md.delimiters.add("*", "strong,em", smart=True)
    md.inlinePatterns.register(_Note(r"\^\[((?:[^\[\]]|\[[^\]]*\])+)\]", md), "note", 175)
    md.inlinePatterns.register(_Pointer(r"\[\[([^\[\]\s]+)\]\]", md), "pointer", 174)
    md.inlinePatterns.register(
        _Language(r"\[([^\[\]]+)\]\{lang=([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\}", md), "passage", 173
    )
    md.inlinePatterns.register(_Link(r"(?<!!)\[([^\[\]]+)\]\((https?://[^\s()]+)\)", md), "link", 172)
    md.inlinePatterns.register(SimpleTagInlineProcessor(SUB, "sub"), "sub", 55)
    md.inlinePatterns.register(SimpleTagInlineProcessor(SUP, "sup"), "sup", 54)
    return md


_READER = reader()


def tree(text: str) -> Element:
    """The element tree of Markdown `text`."""
    md = _READER
    md.reset()
    lines = text.split("\n")
    for step in md.preprocessors:
        lines = step.run(lines)
    root: Any = md.parser.parseDocument(lines).getroot()
    for treeprocessor in md.treeprocessors:
        replaced = treeprocessor.run(root)
        root = root if replaced is None else replaced
    element: Element = root
    return element


def blocks(text: str, holes: Sequence[Hole] = (), origin: Origin | None = None) -> Blocks:
    """The blocks of Markdown `text`; `holes[i]` stands where token i stood; plain text carries `origin`.

    Paragraphs without any markup are taken as they are: most of a dossier's text is, and Markdown is slow.
    """
    found: list[Block] = []
    marked: list[str] = []
    filler = _Filler(holes, origin)
    for piece in re.split(r"\n[ \t]*\n+", text.strip("\n")):
        if MARKUP.search(piece):
            marked.append(piece)
            continue
        found += filler.marked(marked)
        marked.clear()
        if piece.strip():
            found += filler.paragraph(Paragraph(filler.words(piece)))
    return tuple(found + filler.marked(marked))


def inlines(text: str, holes: Sequence[Hole] = (), origin: Origin | None = None) -> Inlines:
    """Markdown `text` that must be one line: its inlines. Anything else is joined by spaces."""
    found: list[Inline] = []
    for block in blocks(text, holes, origin):
        if isinstance(block, (Paragraph, Heading)):
            found += ([Run(" ", origin=origin)] if found else []) + list(block.content)
    return tuple(found)


MARKS = {"em": Mark.ITALIC, "strong": Mark.BOLD, "code": Mark.CODE, "sub": Mark.SUB, "sup": Mark.SUP}
BLOCK_TAGS = frozenset({"ul", "ol", "p", "table", "blockquote"})
NONE: frozenset[Mark] = frozenset()


class _Filler:
    """Turns elements into blocks and tokens into what they stand for."""

    def __init__(self, holes: Sequence[Hole], origin: Origin | None):
        self.holes, self.origin = holes, origin

    def marked(self, pieces: list[str]) -> list[Block]:
        return [b for element in tree("\n\n".join(pieces)) for b in self.block(element)] if pieces else []

    def paragraph(self, made: Paragraph) -> Iterator[Block]:
        """A paragraph; one that is only a hole holding blocks is those blocks, an empty one is nothing."""
        if len(made.content) == 1 and isinstance(made.content[0], _Standing):
            yield from made.content[0].blocks
        elif any(isinstance(i, _Standing) for i in made.content):
            raise TextFault("A table, figure or prose fact must stand alone, with an empty line before and after it.")
        elif made.content:
            yield made

    def block(self, element: Element) -> Iterator[Block]:
        match element.tag:
            case "p":
                yield from self.paragraph(Paragraph(self.inline(element)))
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6" as tag:
                yield Heading(int(tag[1]), self.inline(element))
            case "ul" | "ol" as tag:
                yield Listing(tag == "ol", tuple(self.item(li) for li in element))
            case "blockquote":
                for child in element:
                    for made in self.block(child):
                        yield Paragraph(made.content, Manner.QUOTE) if isinstance(made, Paragraph) else made
            case "table":
                yield self.table(element)
            case other:
                raise TextFault(f"The house has no block for <{other}>.")

    def item(self, li: Element) -> tuple[Block, ...]:
        first = self.inline(li)
        made: list[Block] = list(self.paragraph(Paragraph(first))) if first else []
        for child in li:
            if child.tag in BLOCK_TAGS:
                made += self.block(child)
        return tuple(made) or (Paragraph(()),)

    def table(self, element: Element) -> Table:
        lines = [[self.inline(cell) for cell in row] for row in element.iter("tr")]
        width = max(map(len, lines))
        rows = tuple(tuple(Cell(line[i] if i < len(line) else ()) for i in range(width)) for line in lines)
        return Table("", (), (Column(Kind.TEXT),) * width, rows[:1], rows[1:])

    def inline(self, element: Element, marks: frozenset[Mark] = NONE, lang: str = "") -> Inlines:
        found = list(self.words(element.text, marks, lang))
        for child in element:
            match child.tag:
                case "br":
                    found.append(Run("\n", marks, self.origin, lang))
                case "note":
                    found.append(Footnote(self.inline(child)))
                case "pointer":
                    found.append(Reference(child.get("to", ""), ""))
                case "passage":
                    found += self.inline(child, marks, child.get("lang", ""))
                case "link":
                    address = child[0].text or ""
                    found += [*self.words(child.text, marks, lang), Run(f" ({address})", marks, self.origin, lang)]
                case tag if tag in MARKS:
                    found += self.inline(child, marks | {MARKS[tag]}, lang)
                case tag if tag not in BLOCK_TAGS:
                    raise TextFault(f"The house has no text for <{tag}>.")
            tail = child.tail or ""
            if child.tag in BLOCK_TAGS:
                tail = tail.strip()
            elif tail[:1].isspace() and HOLE.match(tail.lstrip()):
                found.append(Run(" ", marks, self.origin, lang))  # the space between a bold word and a value
            found += self.words(tail, marks, lang)
        return tuple(found)

    def words(self, text: str | None, marks: frozenset[Mark] = NONE, lang: str = "") -> Inlines:
        found: list[Any] = []
        for i, part in enumerate(HOLE.split(text or "")):
            if i % 2:
                found += self.hole(self.holes[int(part)], marks)
            elif part and (i or part.strip() or len(text or "") == len(part)):
                # a soft line end is a space on a page but a line break in Word
                found.append(Run(part.replace("\n", " "), marks, self.origin, lang))
        return tuple(found)

    def hole(self, thing: Hole, marks: frozenset[Mark]) -> Iterator[Any]:
        match thing:
            case Run(text, own, origin, lang):
                yield Run(text, own | marks, origin, lang)
            case Gap() | Reference() | Footnote():
                yield thing
            case Paragraph() | Listing() | Table() | Figure() | Heading():
                yield _Standing((thing,))
            case tuple() if all(isinstance(t, (Run, Gap, Reference, Footnote)) for t in thing):
                for t in thing:
                    yield from self.hole(t, marks)
            case tuple():
                yield _Standing(thing)
            case _:
                raise TextFault(f"The house cannot print {type(thing).__name__}.")


class _Standing:
    """Blocks in the place of an inline, until it is known that they stand alone."""

    def __init__(self, made: Blocks):
        self.blocks = made
