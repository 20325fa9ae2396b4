"""Which blocks of a section stand on a landscape page, and how high they are there. All lengths are in twips."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate, takewhile

from dossiers.blocks import Block, Blocks, Figure, Heading, Listing, Manner, Paragraph, Table
from dossiers.word.pen import plain
from dossiers.word.widths import LEADING, Fit, Geometry, fit, groups, lines, row_heights

LEAD = 700  # characters: so short a text before a wide table goes with it to the landscape page
SHORT_LEAD = 200  # characters: so short a text does not part from the table behind it
FULL = 0.6  # of a landscape page: what follows in the section fills it up to here
TEXT, TEXT_LINE, TEXT_AFTER = 200, 265, 140  # body text: size of its type, a line, the space after a paragraph
CAPTION, CAPTION_AROUND, NOTE, TABLE_END = 190, 320, 160, 240
HEADING = 700  # a heading with the space around it
MILLIMETRE = 56.7


@dataclass(frozen=True, slots=True)
class Layout:
    """Whether heading and blocks stand on a landscape page, how each table is set, what stays with the next."""

    heading: bool
    turned: tuple[bool, ...]
    fits: tuple[Fit | None, ...]
    stays: tuple[bool, ...]


def lay(blocks: Blocks, room: Geometry) -> Layout:
    """The blocks on upright and landscape pages: wide tables turn, with what leads up to them and what fills up."""
    fits = [fit(block, room) if isinstance(block, Table) else None for block in blocks]
    turned = [own is not None and own.sideways for own in fits]
    heading = False
    for at, own in enumerate(fits):
        if own is not None and own.sideways:
            first = _lead(blocks, at, turned)
            turned[first:at] = [True] * (at - first)
            heading = heading or first == 0
    if any(turned):
        _fill(blocks, turned, room, heading)
        for at, block in enumerate(blocks):
            own = fits[at]
            if isinstance(block, Table) and own is not None and turned[at] and not own.sideways:
                fits[at] = fit(block, room, turned=True)
    pairs = range(len(blocks) - 1)
    stays = [turned[at] == turned[at + 1] and _stays(blocks[at], blocks[at + 1]) for at in pairs]
    return Layout(heading, tuple(turned), tuple(fits), (*stays, False)[: len(blocks)])


def _stays(block: Block, following: Block) -> bool:
    """Whether a block stays on the page of the next: short text before a table or figure, a figure before its note."""
    if isinstance(block, Figure):
        return isinstance(following, Paragraph) and following.manner is Manner.NOTE
    is_short = isinstance(block, Paragraph) and len(plain(block.content)) <= SHORT_LEAD
    return is_short and isinstance(following, Table | Figure)


def _lead(blocks: Blocks, at: int, turned: Sequence[bool]) -> int:
    """Where the short text begins that leads up to block `at`: a subheading, or the section's start; else `at`."""
    length, first = 0, at
    for before in range(at - 1, -1, -1):
        block = blocks[before]
        if turned[before] or not isinstance(block, Heading | Paragraph):
            return first
        length += len(plain(block.content))
        if length > LEAD:
            return first
        if isinstance(block, Heading):
            first = before
    return 0


def _fill(blocks: Blocks, turned: list[bool], room: Geometry, heading: bool) -> None:
    """Turns the blocks behind a landscape table that fill its last page, rather than leave most of it empty."""
    at, down = 0, float(HEADING) if heading else 0.0
    while at < len(blocks):
        if not turned[at]:
            at, down = at + 1, 0.0
            continue
        end = next((n for n in range(at, len(blocks)) if not turned[n]), len(blocks))
        down = reduce(lambda y, block: _placed(block, y, room), blocks[at:end], down)
        at = end + _pulled(blocks, end, down, turned, room)
        turned[end:at] = [True] * (at - end)
        down = reduce(lambda y, block: _placed(block, y, room), blocks[end:at], down)
        if at < len(blocks) and not turned[at]:
            at, down = at + 1, 0.0


def _pulled(blocks: Blocks, at: int, down: float, turned: Sequence[bool], room: Geometry) -> int:
    """How many blocks from `at` on follow a landscape table whose last page is filled down to `down`.

    All up to the next landscape table, long text or the section's end if they fit on that page; none where it is full
    enough; else as few as fill it or the page after it; else as many as fill one best.
    """
    high = room.height_sideways
    stop = next((n for n in range(at, len(blocks)) if turned[n] or _is_long(blocks[at : n + 1])), len(blocks))
    placed = accumulate(blocks[at:stop], lambda y, block: _placed(block, y, room), initial=down)
    reached = list(takewhile(lambda y: y // high <= down // high + 1, placed))
    parted = stop < len(blocks) and not turned[stop] and _leads(blocks, stop)
    if len(reached) > stop - at and reached[-1] // high == down // high and not parted:
        return stop - at
    best, most = 0, down % high / high
    for count, y in enumerate(reached):
        if most >= FULL:
            break
        is_end = count == 0 or at + count == len(blocks) or not _leads(blocks, at + count)
        if is_end and y % high / high > most:
            best, most = count, y % high / high
    return best


def _is_long(blocks: Blocks) -> bool:
    """Whether the text among the blocks is too long for the long lines of a landscape page."""
    return sum(len(plain(block.content)) for block in blocks if isinstance(block, Paragraph)) > LEAD


def _leads(blocks: Blocks, at: int) -> bool:
    """Whether the block before `at` is text that leads up to a table or figure there, or a figure with its note."""
    if isinstance(blocks[at - 1], Figure):
        return _stays(blocks[at - 1], blocks[at])
    return isinstance(blocks[at - 1], Heading | Paragraph) and isinstance(blocks[at], Table | Figure)


# ---------------------------------------------------------------- heights


def _placed(block: Block, down: float, room: Geometry) -> float:
    """How far down the landscape pages are filled (counted through) once `block` stands on them."""
    if isinstance(block, Table):
        made = fit(block, room, turned=True)
        heights = row_heights(made)
        head, rows = sum(heights[: len(made.head)]), heights[len(made.head) :]
        above = _around(block, room.sideways) + head
        for first, last in groups(made.body, rows):
            down = _kept(above + sum(rows[first : last + 1]), down, room)
            above = 0.0
        return down
    return _kept(_height(block, room), down, room)


def _kept(height: float, down: float, room: Geometry) -> float:
    """The same for something that does not break over pages."""
    left = room.height_sideways - down % room.height_sideways
    return down + height + (left if height > left else 0)


def _height(block: Block, room: Geometry) -> float:
    match block:
        case Heading():
            return HEADING
        case Paragraph(content):
            return lines(plain(content), room.sideways, TEXT) * TEXT_LINE + TEXT_AFTER
        case Listing():
            return sum(_height(inner, room) for item in block.items for inner in item)
        case Figure():
            across, down = (int(side) for side in struct.unpack(">II", block.picture.png[16:24]))
            return block.width * MILLIMETRE * down / max(across, 1) + _around(block, room.sideways)
    return _around(block, room.sideways) + sum(row_heights(fit(block, room, turned=True)))


def _around(block: Table | Figure, width: float) -> float:
    """What stands above and under a table or figure: caption, notes, space."""
    notes = block.notes if isinstance(block, Table) else ()
    caption = lines(f"{block.label}: {plain(block.caption)}", width, CAPTION) * CAPTION * LEADING + CAPTION_AROUND
    return caption + sum(lines(plain(note), width, NOTE) * NOTE * LEADING + 60 for note in notes) + TABLE_END
