"""What runs inside paragraphs: text, gaps, footnotes, references, each value traceable to its fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dossiers.blocks import Footnote, Gap, Inlines, Mark, Origin, Reference, Run
from dossiers.word import markup
from dossiers.word.markup import slot
from dossiers.word.names import bookmark, value_tag

_NO_MARKS: frozenset[Mark] = frozenset()
_GAP = '<w:rPr><w:rStyle w:val="Gap"/><w:highlight w:val="yellow"/></w:rPr>'
_NOTE_MARK = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
_COMMENT_MARK = '<w:rPr><w:rStyle w:val="CommentReference"/></w:rPr>'


@dataclass(slots=True)
class Pen:
    """What writing one section leaves behind besides its XML, and what it must know of the rest of the draft.

    `printed` gives, for each anchor of the draft, the text its bookmark holds ("Table 3", "2.1.S.4.1").
    `hooks` are the origins on which remarks of this section wait for their value, with the remarks' places in it.
    """

    printed: Mapping[str, str]
    hooks: dict[Origin, list[int]] = field(default_factory=dict)
    salt: int = 0
    footnotes: list[str] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)  # level of each numbered list
    values: list[tuple[Origin, str]] = field(default_factory=list)  # with the tag of its control, '' in a table
    grids: list[str] = field(default_factory=list)  # which value stands in which cell
    gaps: list[str] = field(default_factory=list)
    unverified: list[str] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)  # relationship id → PNG
    references: dict[str, str | None] = field(default_factory=dict)  # target → what its bookmark held
    idents: list[tuple[str, int]] = field(default_factory=list)
    tags: dict[Origin, str] = field(default_factory=dict)
    in_note: bool = False


def inlines(pen: Pen, content: Inlines, in_grid: bool = False) -> str:
    """The runs of a paragraph as XML. In a table (`in_grid`) values are listed, but not wrapped one by one."""
    out = []
    for item in content:
        match item:
            case Run():
                if item.origin is None and not item.marks and not item.lang:
                    out.append(markup.run(item.text))
                else:
                    out.append(_run(pen, item, in_grid))
            case Gap():
                pen.gaps.append(item.text)
                out.append(_traced(pen, item.origin, markup.run(item.text, _GAP), in_grid))
            case Footnote():
                out.append(_footnote(pen, item))
            case Reference():
                out.append(_reference(pen, item))
    return "".join(out)


def _run(pen: Pen, item: Run, in_grid: bool) -> str:
    if Mark.UNVERIFIED in item.marks:
        pen.unverified.append(item.origin.path if item.origin else item.text)
    return _traced(pen, item.origin, markup.run(item.text, markup.properties(item.marks, item.lang)), in_grid)


def _traced(pen: Pen, origin: Origin | None, xml: str, in_grid: bool) -> str:
    """The run in a control that names its fact, and inside the comments that wait for this value."""
    if origin is None or not xml:
        return xml
    if in_grid:
        pen.values.append((origin, ""))
    else:
        tag = pen.tags.get(origin) or pen.tags.setdefault(origin, value_tag(origin))
        ident = slot("v", len(pen.values))
        pen.values.append((origin, tag))
        name = markup.title(origin.path)
        xml = (
            f'<w:sdt><w:sdtPr><w:alias w:val="{name}"/><w:tag w:val="{tag}"/><w:id w:val="{ident}"/>'
            f'<w15:appearance w15:val="hidden"/></w:sdtPr><w:sdtContent>{xml}</w:sdtContent></w:sdt>'
        )
    if pen.hooks and not pen.in_note and origin in pen.hooks:
        xml = commented(pen.hooks.pop(origin), xml)
    return xml


def commented(remarks: list[int], xml: str) -> str:
    """The runs as the passage that the section's remarks (by their place in it) comment on."""
    ids = [slot("c", n) for n in remarks]
    return (
        "".join(f'<w:commentRangeStart w:id="{i}"/>' for i in ids)
        + xml
        + "".join(
            f'<w:commentRangeEnd w:id="{i}"/><w:r>{_COMMENT_MARK}<w:commentReference w:id="{i}"/></w:r>' for i in ids
        )
    )


def _footnote(pen: Pen, item: Footnote) -> str:
    """A footnote's mark; its text goes to the notes. Word has no note in a note: the inner one stands in brackets."""
    if pen.in_note:
        return markup.run(" [") + inlines(pen, item.content) + markup.run("]")
    index = len(pen.footnotes)
    pen.footnotes.append("")  # keeps its place: notes are numbered in reading order
    pen.in_note = True
    pen.footnotes[index] = inlines(pen, item.content)
    pen.in_note = False
    return f'<w:r>{_NOTE_MARK}<w:footnoteReference w:id="{slot("f", index)}"/></w:r>'


def _reference(pen: Pen, item: Reference) -> str:
    """A field that repeats what the target's bookmark holds, so that an update in Word leaves the text as it is."""
    held = pen.printed.get(item.target)
    pen.references[item.target] = held
    if held is None:
        return markup.run(item.text)
    before, found, after = item.text.partition(held) if held else (item.text, "", "")
    if not found:
        return f'<w:hyperlink w:anchor="{bookmark(item.target)}" w:history="1">{markup.run(item.text)}</w:hyperlink>'
    return markup.run(before) + markup.field(f"REF {bookmark(item.target)} \\h", markup.run(held)) + markup.run(after)


def formatted(content: Inlines) -> str:
    """The content for a list of tables or figures: as set, without notes, controls and highlighting."""
    out = []
    for item in content:
        match item:
            case Run():
                out.append(markup.run(item.text, markup.properties(item.marks - {Mark.UNVERIFIED}, item.lang)))
            case Gap() | Reference():
                out.append(markup.run(item.text))
    return "".join(out)


def plain(content: Inlines) -> str:
    """The content as bare text, without notes."""
    return "".join(item.text for item in content if not isinstance(item, Footnote))
