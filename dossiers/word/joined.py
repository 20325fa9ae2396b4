"""Fragments joined into one body: pages turned where needed, numbers given that count through the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dossiers.word import markup
from dossiers.word.body import Fragment
from dossiers.word.house import Pages

_SPACE_AT_END = re.compile(re.escape(markup.paragraph("TableEnd", "").encode()) + rb"((?:</w:sdtContent></w:sdt>)*)\Z")
_SLOT = re.compile(rb"\x01([nfcvb])(\d+)\x01")


@dataclass(frozen=True, slots=True)
class Firsts:
    """The first number that a fragment's lists, footnotes, comments and values get; and that of the bullet list."""

    lists: int
    footnotes: int
    comments: int
    values: int
    bullets: int

    def fill(self, xml: bytes) -> bytes:
        """The XML with its slots filled."""
        if b"\x01" not in xml:
            return xml
        bases = {b"n": self.lists, b"f": self.footnotes, b"c": self.comments, b"v": self.values, b"b": self.bullets}
        return _SLOT.sub(lambda m: b"%d" % (bases[m[1]] + int(m[2])), xml)


def firsts(fragments: Sequence[Fragment], comments: Sequence[int], bullets: int) -> list[Firsts]:
    """The first numbers of each fragment; `comments` says how many remarks each has, lists follow the bullet list."""
    out = []
    now = Firsts(bullets + 1, 1, 0, 1, bullets)
    for fragment, remarks in zip(fragments, comments, strict=True):
        out.append(now)
        now = Firsts(
            now.lists + len(fragment.lists),
            now.footnotes + len(fragment.footnotes),
            now.comments + remarks,
            now.values + fragment.values,
            bullets,
        )
    return out


def footnotes(fragments: Sequence[Fragment], numbers: Sequence[Firsts]) -> Iterator[bytes]:
    """The text of each footnote, in order."""
    for fragment, own in zip(fragments, numbers, strict=True):
        yield from map(own.fill, fragment.footnotes)


def _openings(fragments: Sequence[Fragment]) -> list[bool]:
    """Whether each fragment opens on a landscape page; a heading without text goes where the next one opens."""
    out: list[bool] = []
    following = False
    for fragment in reversed(fragments):
        opens = following if fragment.bare else bool(fragment.pieces) and fragment.pieces[0][0]
        out.append(opens)
        following = opens
    return out[::-1]


def body(
    root: str, opening: str, fragments: Sequence[Fragment], numbers: Sequence[Firsts], layout: Pages
) -> Iterator[bytes]:
    """The main part piece by piece: root (its attributes), front matter (`opening`), sections, page layout."""
    held = f"{markup.DECLARATION}<w:document {root}><w:body>{opening}".encode()
    turned, first = False, True
    for (fragment, own), opens in zip(zip(fragments, numbers, strict=True), _openings(fragments), strict=True):
        for at, (own_way, xml) in enumerate(fragment.pieces):
            sideways = opens if at == 0 else own_way
            if sideways != turned:
                held = _lowered(held) + _turn(layout.section(turned, first))
                turned, first = sideways, False
            yield held
            held = own.fill(xml)
    yield held + f"{layout.section(turned, first)}</w:body></w:document>".encode()


def _lowered(xml: bytes) -> bytes:
    """The XML, the space under a table at its end taken away: on a full page it would make an empty page of its own."""
    return _SPACE_AT_END.sub(markup.paragraph("SectionBreak", "").encode() + rb"\1", xml)


def _turn(section: str) -> bytes:
    """The paragraph that ends pages of one orientation: so low that it never makes a page of its own."""
    return f'<w:p><w:pPr><w:pStyle w:val="SectionBreak"/>{section}</w:pPr></w:p>'.encode()
