"""Draft → HTML: the same tree that Word is written from, one `match` over its kinds; an unknown kind is an error.

What the page needs nothing of: styles and scripts inside it. A strict Content-Security-Policy holds (pictures as
`data:` need `img-src data:`). Ids are the tree's own anchors.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import assert_never
from urllib.parse import quote

from markupsafe import Markup, escape

from dossiers import svg
from dossiers.blocks import (
    Block,
    Blocks,
    Cell,
    Cover,
    Draft,
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
    Remark,
    Row,
    Run,
    Section,
    Standing,
    Table,
)
from dossiers.facts import show_date

Link = Callable[[Origin], str]

TAGS = {  # from the outside in
    Mark.UNVERIFIED: 'span class="unverified" title="The source of this value was not verified"',
    Mark.BOLD: "strong",
    Mark.ITALIC: "em",
    Mark.CODE: "code",
    Mark.SUB: "sub",
    Mark.SUP: "sup",
}
# What an HTML document may not hold: controls, surrogates, non-characters.
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + end) for plane in range(0, 0x110000, 0x10000) for end in (0xFFFE, 0xFFFF))
    + "]"
)
BREAK = re.compile("\r\n|\r|\n")


def html(draft: Draft, link: Link | None = None) -> Markup:
    """The whole draft as one `<article>`: what it is, contents, sections in order.

    `link` gives the address where a fact is entered; with it values and gaps are links. Footnotes count through.
    """
    return Markup(_article(draft, link, "p"))  # noqa: S704 - every word was escaped on its way in


def section_html(section: Section, link: Link | None = None, remarks: tuple[Remark, ...] = (), note: int = 1) -> Markup:
    """One section as a `<section>` with its key as id, its remarks and notes; `note` is its first footnote's number."""
    return Markup(_Sheet(section, link, note).html(remarks))  # noqa: S704 - as above


def standalone(draft: Draft) -> str:
    """A complete HTML document of the draft with its own small style sheet; it loads nothing from elsewhere."""
    title = " ".join(part for part in (draft.cover.code, draft.cover.document, draft.cover.version) if part)
    return (
        f'<!DOCTYPE html>\n<html{_lang(draft.lang)}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_words(title)}</title>\n<style>{SHEET}</style>\n</head>\n<body>\n<main>\n"
        f"{_article(draft, None, 'h1')}\n</main>\n</body>\n</html>\n"
    )


def anchor(key: str) -> str:
    """`key` as an id that may stand in a page and behind a `#`."""
    return quote(key, safe="@.:-_/+()")


def _article(draft: Draft, link: Link | None, title: str) -> str:
    parts = [f'<article class="draft"{_lang(draft.lang)}>', _cover(draft.cover, title), _contents(draft.sections)]
    note = 1
    for section in draft.sections:
        remarks = tuple(remark for remark in draft.remarks if remark.section == section.key)
        sheet = _Sheet(section, link, note)
        parts.append(sheet.html(remarks))
        note += len(sheet.notes)
    return "".join([*parts, "</article>"])


class _Sheet:
    """One section in the making: where its facts are entered, and the notes met so far."""

    def __init__(self, section: Section, link: Link | None, first: int) -> None:
        self.section, self.link, self.first = section, link, first
        self.id = anchor(section.key)
        self.notes: list[Inlines] = []
        self.in_note = False

    def html(self, remarks: tuple[Remark, ...]) -> str:
        section = self.section
        manner = " not-applicable" if section.standing is Standing.NOT_APPLICABLE else ""
        number = f'<span class="section-number">{_words(section.number)}</span> ' if section.number else ""
        level = _level(section.level)
        return (
            f'<section class="section{manner}" id="{self.id}" data-section="{_words(section.key)}">'
            f"<h{level}>{number}{_words(section.title)}</h{level}>"
            f"{_remarks(remarks)}{self.blocks(section.blocks)}{self.footnotes()}</section>"
        )

    def footnotes(self) -> str:
        """The notes of the section, each with a way back to its mark."""
        if not self.notes:
            return ""
        self.in_note = True
        items = "".join(
            f'<li id="{self.id}-note-{at}" value="{self.first + at - 1}">{self.inlines(note)} '
            f'<a class="back" href="#{self.id}-mark-{at}" aria-label="Back to the text">↩</a></li>'
            for at, note in enumerate(self.notes, 1)
        )
        return f'<aside class="footnotes" aria-label="Notes to {self.heading()}"><ol>{items}</ol></aside>'

    def heading(self) -> str:
        return _words(f"{self.section.number} {self.section.title}".strip())

    def blocks(self, blocks: Blocks) -> str:
        return "".join(map(self.block, blocks))

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, content):
                tag = f"h{_level(self.section.level + level)}"
                return f"<{tag}>{self.inlines(content)}</{tag}>"
            case Paragraph(content, manner):
                return self.paragraph(content, manner)
            case Listing(ordered, items):
                tag = "ol" if ordered else "ul"
                return f"<{tag}>{''.join(f'<li>{self.item(item)}</li>' for item in items)}</{tag}>"
            case Table():
                return self.table(block)
            case Figure():
                return self.figure(block)
            case _:
                assert_never(block)

    def paragraph(self, content: Inlines, manner: Manner) -> str:
        inner = self.inlines(content)
        match manner:
            case Manner.BODY:
                return f"<p>{inner}</p>"
            case Manner.NOTE:
                return f'<p class="note">{inner}</p>'
            case Manner.QUOTE:
                return f"<blockquote><p>{inner}</p></blockquote>"
            case Manner.CODE:
                return f'<p class="code"><code>{inner}</code></p>'
            case _:
                assert_never(manner)

    def item(self, blocks: Blocks) -> str:
        match blocks:
            case (Paragraph(content, Manner.BODY), *rest):
                return self.inlines(content) + self.blocks(tuple(rest))
            case _:
                return self.blocks(blocks)

    def table(self, table: Table) -> str:
        at = anchor(table.anchor)
        caption = self.caption(table.label, table.caption)  # in reading order, for this numbers the notes
        columns = "".join(f'<col class="{column.kind}">' for column in table.columns)
        head = f"<thead>{self.rows(table.head, table, True)}</thead>" if table.head else ""
        body = f"<tbody>{self.rows(table.rows, table, False)}</tbody>"
        notes = "".join(f'<p class="note">{self.inlines(note)}</p>' for note in table.notes)
        return (
            f'<div class="table" id="{at}">'
            f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{at}-caption">'
            f'<table><caption id="{at}-caption">{caption}</caption>'
            f"<colgroup>{columns}</colgroup>{head}{body}</table></div>{notes}</div>"
        )

    def rows(self, rows: tuple[Row, ...], table: Table, heading: bool) -> str:
        lines = (
            "".join(self.cell(cell, table.columns[column].kind if column < len(table.columns) else Kind.TEXT, heading)
                    for column, cell in row)
            for row in _placed(rows)
        )  # fmt: skip
        return "".join(f"<tr>{line}</tr>" for line in lines)

    def cell(self, cell: Cell, kind: Kind, heading: bool) -> str:
        across = f' colspan="{cell.across}"' if cell.across > 1 else ""
        down = f' rowspan="{cell.down}"' if cell.down > 1 else ""
        manner = "" if kind is Kind.TEXT else f' class="{kind}"'
        if (heading or cell.strong) and cell.content:  # an empty heading names nothing: it is a plain cell
            return f'<th scope="{"col" if heading else "row"}"{manner}{across}{down}>{self.inlines(cell.content)}</th>'
        return f"<td{manner}{across}{down}>{self.inlines(cell.content)}</td>"

    def figure(self, figure: Figure) -> str:
        at = anchor(figure.anchor)
        if figure.picture.svg:
            picture = svg.inline(figure.picture.svg, at, FORBIDDEN.sub("\ufffd", figure.alt))
        else:
            source = f"data:image/png;base64,{b64encode(figure.picture.png).decode()}"
            picture = f'<img src="{source}" alt="{_words(figure.alt)}">'
        caption = self.caption(figure.label, figure.caption)
        return f'<figure id="{at}">{picture}<figcaption>{caption}</figcaption></figure>'

    def caption(self, label: str, caption: Inlines) -> str:
        colon = ":" if label and caption else ""
        return (f'<span class="label">{_words(label)}{colon}</span> ' if label else "") + self.inlines(caption)

    def inlines(self, content: Inlines) -> str:
        if len(content) == 1:
            return self.inline(content[0])
        return "".join(self.stretch(origin, list(found)) for origin, found in groupby(content, _origin))

    def stretch(self, origin: Origin | None, found: list[Inline]) -> str:
        """Neighbours from one fact ("10" and a raised "6") are one value."""
        if origin is None:
            return "".join(map(self.inline, found))
        return self.value(origin, "".join(_run(thing) for thing in found if isinstance(thing, Run)))

    def inline(self, thing: Inline) -> str:
        match thing:
            case Run(origin=None):
                return _run(thing)
            case Run(origin=origin) if origin is not None:
                return self.value(origin, _run(thing))
            case Gap():
                return self.gap(thing)
            case Footnote(content):
                return self.mark(content)
            case Reference(target, text):
                return f'<a class="reference" href="#{anchor(target)}">{_text(text)}</a>'
            case _:
                raise TypeError(f"The page has no way to show {type(thing).__name__}.")

    def value(self, origin: Origin, inner: str) -> str:
        if self.link is None or origin.kind == "narrative":  # a person's text is read, not followed
            return f'<span class="value"{_data(origin)}>{inner}</span>'
        return f'<a class="value" href="{_words(self.link(origin))}"{_data(origin)}>{inner}</a>'

    def gap(self, gap: Gap) -> str:
        if gap.origin is None:
            return f'<mark class="gap">{_text(gap.text)}</mark>'
        if self.link is None:
            return f'<mark class="gap"{_data(gap.origin)}>{_text(gap.text)}</mark>'
        return f'<a class="gap" href="{_words(self.link(gap.origin))}"{_data(gap.origin)}>{_text(gap.text)}</a>'

    def mark(self, content: Inlines) -> str:
        """The number that leads to a note. A note in a note stands in brackets, as in Word, which knows none."""
        if self.in_note:
            return f" [{self.inlines(content)}]"
        self.notes.append(content)
        at = len(self.notes)
        number = self.first + at - 1
        return (
            f'<sup class="mark" id="{self.id}-mark-{at}">'
            f'<a href="#{self.id}-note-{at}" aria-label="Note {number}">{number}</a></sup>'
        )


def _origin(thing: Inline) -> Origin | None:
    return thing.origin if isinstance(thing, Run) else None


def _run(run: Run) -> str:
    inner = _text(run.text)
    for mark in reversed(TAGS):
        if mark in run.marks:
            inner = f"<{TAGS[mark]}>{inner}</{TAGS[mark].split(' ')[0]}>"
    return f"<span{_lang(run.lang)}>{inner}</span>" if run.lang else inner


def _placed(rows: tuple[Row, ...]) -> Iterator[list[tuple[int, Cell]]]:
    """Each row's cells with the column they begin in; a cell reaching down moves those of later rows aside."""
    covered: dict[int, int] = {}  # column → rows still covered by a cell from above
    for row in rows:
        column, places, reaching = 0, [], {}
        for cell in row:
            while covered.get(column):
                column += 1
            places.append((column, cell))
            if cell.down > 1:
                reaching.update(dict.fromkeys(range(column, column + cell.across), cell.down - 1))
            column += cell.across
        yield places
        covered = {place: left - 1 for place, left in covered.items() if left > 1} | reaching


def _cover(cover: Cover, title: str) -> str:
    rows = (
        ("Product", cover.product),
        ("Product code", cover.code),
        ("Sponsor", cover.sponsor),
        *cover.lines,
        ("Version", cover.version),
        ("Date", show_date(cover.on) if cover.on else ""),
        ("Status", "" if cover.final else cover.status),
        *((role, " ".join(filter(None, (name, when)))) for name, role, when in cover.signers),
        ("Confidentiality", cover.confidentiality),
    )
    terms = "".join(f"<dt>{_words(name)}</dt><dd>{_words(value)}</dd>" for name, value in rows if value)
    return f'<header class="cover"><{title} class="title">{_words(cover.document)}</{title}><dl>{terms}</dl></header>'


def _contents(sections: tuple[Section, ...]) -> str:
    lines = "".join(
        f'<li class="level-{min(section.level, 6)}"><a href="#{anchor(section.key)}">'
        f"{_words(f'{section.number} {section.title}'.strip())}</a></li>"
        for section in sections
    )
    return f'<nav class="contents" aria-label="Contents"><ul>{lines}</ul></nav>' if lines else ""


def _remarks(remarks: tuple[Remark, ...]) -> str:
    if not remarks:
        return ""
    lines = "".join(
        f"<li{_data(remark.origin) if remark.origin else ''}>{_text(remark.text)}</li>" for remark in remarks
    )
    return f'<aside class="remarks" aria-label="Findings"><ul>{lines}</ul></aside>'


def _data(origin: Origin) -> str:
    return (
        f' data-kind="{_words(origin.kind)}" data-key="{_words(origin.key)}"'
        f' data-record="{_words(origin.id)}" data-fact="{_words(origin.fact)}"'
    )


def _level(depth: int) -> int:
    """The page's own title is h1; a section of level 1 is h2; HTML ends at h6."""
    return min(max(depth, 1) + 1, 6)


def _lang(tag: str) -> str:
    return f' lang="{_words(tag)}"' if tag else ""


def _words(text: str) -> str:
    """`text` safe inside an element or a quoted attribute."""
    return str(escape(FORBIDDEN.sub("\ufffd", text)))


def _text(text: str) -> str:
    """`text` with its line ends as line breaks."""
    return BREAK.sub("<br>", _words(text)) if "\n" in text or "\r" in text else _words(text)


SHEET = """
:root { color-scheme: light dark; --line: #b6bcc4; --soft: #f2f4f7; --gap: #fff3a3; --ink: #14171a; --link: #0b57a4 }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: #fff }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2rem 0 .5rem }
a { color: var(--link) }
.cover dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem }
.cover dt { font-weight: 600 } .cover dd { margin: 0 }
.contents ul { list-style: none; padding: 0 }
.level-2 { padding-left: 1rem } .level-3 { padding-left: 2rem } .level-4 { padding-left: 3rem }
.level-5 { padding-left: 4rem } .level-6 { padding-left: 5rem }
.scroll { overflow-x: auto } table { border-collapse: collapse; margin: 1rem 0 .25rem }
caption, figcaption { text-align: left; font-weight: 600; padding: .25rem 0 }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
thead th { background: var(--soft) } .number { font-variant-numeric: tabular-nums }
td.number { text-align: right } .date, .short { white-space: nowrap }
.note, .footnotes { font-size: .875rem } .code { white-space: pre-wrap }
.gap { background: var(--gap); color: #14171a } .unverified { border-bottom: 2px dotted #a4580b }
a.value { color: inherit; text-decoration: none } a.value:hover { text-decoration: underline }
.remarks { border-left: 4px solid #a4580b; padding-left: 1rem } .not-applicable { opacity: .85 }
figure { margin: 1rem 0 } figure svg, figure img { max-width: 100%; height: auto; background: #fff }
@media (prefers-color-scheme: dark) {
  :root { --line: #555d66; --soft: #22272d; --gap: #6b5b00; --ink: #e8eaed; --link: #8ab8f0 }
  body { background: #14171a } .gap { color: #fff }
}
"""
