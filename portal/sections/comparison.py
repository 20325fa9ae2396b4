"""Two states of a section, compared by what they say: facts by their origin, the words around them by sentence.

Numbers of tables and figures are left out of it: they move when another section gains a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from itertools import groupby

from dossiers.blocks import (
    Block,
    Figure,
    Footnote,
    Gap,
    Inline,
    Inlines,
    Listing,
    Origin,
    Reference,
    Run,
    Section,
    Table,
)

FACT = "\ue000"  # stands for a fact while its sentence is compared; no data may hold it
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\d“(\[\ue000])")


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact whose printed text changed; '' where it was not printed. A gap's text stands for a missing fact."""

    origin: Origin
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that were replaced: what stood there, what stands there; '' for nothing."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two states of a section; false if nothing does. `arrived`: it was not there before."""

    facts: tuple[Fact, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    arrived: bool = False

    def __bool__(self) -> bool:
        return bool(self.facts or self.sentences or self.arrived)


def compare(old: Section | None, new: Section) -> Differences:
    """What changed from `old` (None: the section was not there) to `new`."""
    if old is None:
        return Differences(arrived=True)
    if old.blocks == new.blocks and old.title == new.title:
        return Differences()
    return Differences(_facts(printed(old), printed(new)), _sentences(sentences(old), sentences(new)))


def seal(section: Section) -> str:
    """SHA-256, in hexadecimal, of all that the section says."""
    said = [section.number, section.title, section.standing.value, *(line for _, line in sentences(section))]
    return sha256("\n".join(said).encode()).hexdigest()


# ---------------------------------------------------------------- facts


def printed(section: Section) -> dict[Origin, str]:
    """Each fact of the section with the texts it prints, in reading order, each once; texts people wrote left out."""
    found: dict[Origin, dict[str, None]] = {}
    for line in _lines(section.blocks):
        for origin, text in _values(line):
            if origin is not None:
                found.setdefault(origin, {})[text] = None
    return {origin: " / ".join(texts) for origin, texts in found.items()}


def _facts(old: dict[Origin, str], new: dict[Origin, str]) -> tuple[Fact, ...]:
    both = dict.fromkeys((*new, *old))
    pairs = (Fact(o, old.get(o, ""), new.get(o, "")) for o in both)
    return tuple(fact for fact in pairs if fact.old != fact.new)


# ---------------------------------------------------------------- sentences


def sentences(section: Section) -> tuple[tuple[str, str], ...]:
    """(key, text) of each sentence and table row in reading order; in the key every fact is one mark."""
    return tuple(pair for line in _lines(section.blocks) for pair in _split(line))


def _split(line: Inlines) -> Iterator[tuple[str, str]]:
    values: list[str] = []
    masked = ""
    for origin, text in _values(line):
        if origin is None:
            masked += text
        else:
            masked += FACT
            values.append(text)
    told = iter(values)
    for key in END.split(re.sub(r"[ \t\r\n]+", " ", masked).strip()):
        if key:
            yield key, re.sub(FACT, lambda _: next(told), key)


def _sentences(old: tuple[tuple[str, str], ...], new: tuple[tuple[str, str], ...]) -> tuple[Sentence, ...]:
    def telling(found: Iterable[tuple[str, str]]) -> str:
        return " ".join(text for key, text in found if key.strip(f"{FACT} |.,;:"))

    before, after = [key for key, _ in old], [key for key, _ in new]
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    pairs = (Sentence(telling(old[a:b]), telling(new[c:d])) for step, a, b, c, d in steps if step != "equal")
    return tuple(pair for pair in pairs if pair.old != pair.new)


# ---------------------------------------------------------------- lines and values


def _lines(blocks: Iterable[Block]) -> Iterator[Inlines]:
    """The lines of blocks: a paragraph, caption or note each, a table row with bars between its cells."""
    for block in blocks:
        match block:
            case Table():
                yield block.caption
                for row in (*block.head, *block.rows):
                    yield tuple(i for n, cell in enumerate(row) for i in ((Run(" | "),) if n else ()) + cell.content)
                yield from block.notes
            case Figure():
                yield block.caption
                yield (Run(block.alt),)
            case Listing():
                for item in block.items:
                    yield from _lines(item)
            case _:
                yield block.content


def _values(line: Inlines) -> Iterator[tuple[Origin | None, str]]:
    """The stretches of a line: a fact's origin, or None for words, with its text."""
    for origin, found in groupby(_flat(line), _origin):
        yield origin, "".join(map(_text, found))


def _flat(line: Inlines) -> Iterator[Inline]:
    for inline in line:
        if isinstance(inline, Footnote):
            yield from (Run(" ["), *_flat(inline.content), Run("]"))
        else:
            yield inline


def _origin(inline: Inline) -> Origin | None:
    """The fact behind an inline; a text that a person wrote is words, not a fact."""
    origin = inline.origin if isinstance(inline, (Run, Gap)) else None
    return None if origin is not None and origin.kind == "narrative" else origin


def _text(inline: Inline) -> str:
    match inline:
        case Reference(target, _):
            return f"[{target}]"
        case Run(text=text) | Gap(text=text):
            return text
    return ""
