"""Draft → Markdown, plain words and the JSON tree that is kept with an issue.

The words (`text`) are what page, Word and PDF are compared by. The tree (`tree`, `load_tree`) is the draft itself,
lossless: each run that came from a fact names its record and fact, so that a reviewed file can be read back even
from an editor that dropped every anchor.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, assert_never, get_origin, get_type_hints

from dossiers import blocks
from dossiers.blocks import (
    Block,
    Blocks,
    Draft,
    Drawn,
    Figure,
    Footnote,
    Gap,
    Heading,
    Inline,
    Inlines,
    Listing,
    Manner,
    Mark,
    Paragraph,
    Reference,
    Row,
    Run,
    Section,
    Still,
    Table,
)

# ---------------------------------------------------------------- words


def text(draft: Draft) -> str:
    """The words of the draft's sections, one block a line, cells separated by tabs, notes after their section's blocks.

    Numbers that the reading program makes (footnote marks, list numbers) are not words of the tree and not in it.
    """
    return "".join(f"{line}\n" for section in draft.sections for line in section_lines(section))


def section_lines(section: Section) -> Iterator[str]:
    """The words of one section, a line a block; a line break inside a block is a space."""
    notes: list[Inlines] = []
    yield _flat(f"{section.number} {section.title}")
    for block in section.blocks:
        yield from _lines(block, notes)
    yield from map(words, notes)


def words(content: Inlines, notes: list[Inlines] | None = None) -> str:
    """The words of a line; the notes hung on it are added to `notes`.

    Without `notes` they stand in brackets where they are hung, as a note in a note does in Word, which knows none.
    """
    return _flat("".join(_word(thing, notes) for thing in content))


def _word(thing: Inline, notes: list[Inlines] | None) -> str:
    match thing:
        case Run(text=said) | Reference(text=said) | Gap(text=said):
            return said
        case Footnote(content):
            if notes is None:
                return f" [{words(content)}]"
            notes.append(content)
            return ""
        case _:
            assert_never(thing)


def _flat(said: str) -> str:
    return re.sub(r"[\t\r\n]+", " ", said).strip(" ")


def _lines(block: Block, notes: list[Inlines]) -> Iterator[str]:
    match block:
        case Heading(_, content) | Paragraph(content):
            yield words(content, notes)
        case Listing(_, items):
            for item in items:
                for inner in item:
                    yield from _lines(inner, notes)
        case Table():
            yield _captioned(block, words(block.caption, notes))
            for row in (*block.head, *block.rows):
                yield "\t".join(words(cell.content, notes) for cell in row)
            for note in block.notes:
                yield words(note, notes)
        case Figure():
            yield _captioned(block, words(block.caption, notes))
        case _:
            assert_never(block)


def _captioned(block: Table | Figure, caption: str) -> str:
    return f"{block.label}: {caption}" if block.label and block.caption else block.label + caption


# ---------------------------------------------------------------- Markdown

SYNTAX = re.compile(r"([\\`*_{}\[\]<>#|~^$&!])")
OPENING = re.compile(r"^[ \t]*(\d*)([-+=.)])|^[ \t]+", re.MULTILINE)  # makes a list, a heading, code of a line


def markdown(draft: Draft) -> str:
    """The draft as Markdown: CommonMark with pipe tables and `[^1]` notes; a picture is its caption and description."""
    cover = draft.cover
    parts = [f"# {_escaped(cover.document)}", _escaped(" · ".join(filter(None, (cover.product, cover.version))))]
    notes: list[Inlines] = []
    for section in draft.sections:
        title = _escaped(f"{section.number} {section.title}".strip())
        parts.append(f"{'#' * min(section.level + 1, 6)} {title}")
        parts += [_marked_block(block, section.level, notes) for block in section.blocks]
    parts += [f"[^{at}]: {_marked(note, None)}" for at, note in enumerate(notes, 1)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _marked_block(block: Block, level: int, notes: list[Inlines]) -> str:
    match block:
        case Heading(below, content):
            return f"{'#' * min(level + below + 1, 6)} {_marked(content, notes)}"
        case Paragraph(content, manner):
            return _led("> " if manner is Manner.QUOTE else "", _marked(content, notes))
        case Listing(ordered, items):
            return "\n".join(
                _item(f"{number}. " if ordered else "- ", item, level, notes) for number, item in enumerate(items, 1)
            )
        case Table():
            return _pipes(block, notes)
        case Figure(caption=caption, alt=alt):
            return f"**{_captioned(block, _marked(caption, notes))}**\n\n*{_escaped(alt)}*"
        case _:
            assert_never(block)


def _led(lead: str, said: str) -> str:
    return "\n".join(lead + line for line in said.split("\n"))


def _item(lead: str, item: Blocks, level: int, notes: list[Inlines]) -> str:
    inner = "\n\n".join(_marked_block(block, level, notes) for block in item)
    return lead + inner.replace("\n", "\n" + " " * len(lead))


def _pipes(table: Table, notes: list[Inlines]) -> str:
    def line(row: Row) -> str:
        cells = [part for cell in row for part in (_cell(cell.content), *[""] * (cell.across - 1))]
        return f"| {' | '.join(cells)} |"

    def _cell(content: Inlines) -> str:
        return _marked(content, notes).replace("\\\n", " ")

    caption = f"**{_captioned(table, _marked(table.caption, notes))}**"
    head, *more = table.head or ((),)
    width = max(1, len(table.columns))
    rows = [line(head) if head else "|" + " |" * width, "|" + " --- |" * width, *map(line, (*more, *table.rows))]
    return "\n\n".join([caption, "\n".join(rows), *(_marked(note, notes) for note in table.notes)])


SIGNS = {Mark.BOLD: ("**", "**"), Mark.ITALIC: ("*", "*"), Mark.SUB: ("<sub>", "</sub>"), Mark.SUP: ("<sup>", "</sup>")}


def _marked(content: Inlines, notes: list[Inlines] | None) -> str:
    parts = []
    for thing in content:
        match thing:
            case Run(text=said, marks=marks):
                parts.append(_signed(said, marks))
            case Gap():
                parts.append(f"**{_escaped(thing.text)}**")
            case Reference(_, said):
                parts.append(_escaped(said))
            case Footnote(note) if notes is None:
                parts.append(f" \\[{_marked(note, None)}\\]")
            case Footnote(note) if notes is not None:
                notes.append(note)
                parts.append(f"[^{len(notes)}]")
            case _:
                assert_never(thing)
    return OPENING.sub(lambda found: f"{found[1]}\\{found[2]}" if found[2] else "", "".join(parts))


def _signed(said: str, marks: frozenset[Mark]) -> str:
    """A sign touches a word: white space at the ends of a run stays outside its signs."""
    core = said.strip()
    if not core:
        return said.replace("\n", "\\\n")
    inner = _escaped(core).replace("\n", "\\\n")
    for mark in (mark for mark in SIGNS if mark in marks):
        inner = inner.join(SIGNS[mark])
    start = said.index(core)
    return said[:start] + inner + said[start + len(core) :]


def _escaped(said: str) -> str:
    return SYNTAX.sub(r"\\\1", said)


# ---------------------------------------------------------------- the tree

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
PICTURES = (Still, Drawn)  # no kinds of their own: a figure says its PNG and SVG itself, drawn by then
KINDS = {
    kind.__name__.lower(): kind
    for kind in vars(blocks).values()
    if isinstance(kind, type) and is_dataclass(kind) and kind not in PICTURES
}


class TreeFault(ValueError):
    """The JSON is no tree of a draft; the message names the place."""


def tree(draft: Draft) -> dict[str, Any]:
    """The draft as JSON values: objects named by `is`, fields at their default left out, bytes in base64.

    A run's origin reads `{"record": {"kind", "key", "id"}, "fact"}`.
    """
    made = _encoded(draft)
    assert isinstance(made, dict)
    return made


def load_tree(made: dict[str, Any]) -> Draft:
    """The draft that `tree` was made of. Raises TreeFault where the values are none."""
    draft = _decoded(made, Draft, "draft")
    if not isinstance(draft, Draft):
        raise TreeFault("draft: this is the tree of a part, not of a draft")
    return draft


def _encoded(value: Any) -> Json:
    match value:
        case blocks.Origin():
            return {"record": {"kind": value.kind, "key": value.key, "id": value.id}, "fact": value.fact}
        case Enum():
            return str(value.value)
        case bytes():
            return b64encode(value).decode()
        case date():
            return value.isoformat()
        case tuple():
            return [_encoded(part) for part in value]
        case frozenset():
            return [*sorted(str(part) for part in value)]
        case None | bool() | int() | float() | str():
            return value
    said: dict[str, Json] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, PICTURES):
            said |= {"png": _encoded(part.png)} | ({"svg": part.svg} if part.svg else {})
        elif part != _default(field):
            said[field.name] = _encoded(part)
    return {"is": type(value).__name__.lower()} | said


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _decoded(value: Any, hint: Any, place: str) -> Any:
    match value:
        case {"record": {"kind": kind, "key": key, "id": id_}, "fact": fact}:
            return blocks.Origin(kind, key, id_, fact)
        case {"is": str(name)}:
            return _made(name, {part: inner for part, inner in value.items() if part != "is"}, place)
        case list() if get_origin(hint) is frozenset:
            return frozenset(_scalar(part, Mark, f"{place}[{at}]") for at, part in enumerate(value))
        case list():
            return tuple(_decoded(part, object, f"{place}[{at}]") for at, part in enumerate(value))
        case dict():
            raise TreeFault(f"{place}: an object that does not say what it is")
    return _scalar(value, hint, place)


def _made(name: str, values: dict[str, Any], place: str) -> Any:
    kind = KINDS.get(name)
    if kind is None:
        raise TreeFault(f"{place}: there is no {name!r}; known are {', '.join(KINDS)}")
    hints = _hints(kind)
    if unknown := sorted(set(values) - set(hints)):
        raise TreeFault(f"{place}: {name} has no {', '.join(unknown)}")
    try:
        made = {part: _decoded(value, hints[part], f"{place}.{part}") for part, value in values.items()}
        if kind is Figure:
            made["picture"] = Still(**{part: made.pop(part) for part in ("png", "svg") if part in made})
        return kind(**made)
    except TypeError as why:
        raise TreeFault(f"{place}: {name} is incomplete: {why}") from why


@cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a dataclass's fields; an optional one by what it holds when it holds something."""
    hints = get_type_hints(kind, vars(blocks))
    if hints.pop("picture", None):
        hints |= get_type_hints(Still)
    return {name: _bare(hint) for name, hint in hints.items()}


def _bare(hint: Any) -> Any:
    parts: Sequence[Any] = [part for part in getattr(hint, "__args__", ()) if part is not type(None)]
    optional = len(parts) == 1 and type(None) in hint.__args__
    return parts[0] if optional else hint


def _scalar(value: Any, hint: Any, place: str) -> Any:
    try:
        match hint, value:
            case type(), str() if issubclass(hint, Enum):
                return hint(value)
            case type(), str() if hint is bytes:
                return b64decode(value, validate=True)
            case type(), str() if hint is date:
                return date.fromisoformat(value)
    except ValueError as why:
        raise TreeFault(f"{place}: {value!r} is no {hint.__name__}: {why}") from why
    simple = hint if hint in (str, int, float, bool) else object
    if not isinstance(value, (int, float) if simple is float else simple):
        raise TreeFault(f"{place}: {value!r} is no {simple.__name__}")
    return value
