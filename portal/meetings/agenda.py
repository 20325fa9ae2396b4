"""The agenda of a day of gate meetings with the gate pack of each project, in Word by the document engine.

No reference outline exists for it; the parts below are our own (own knowledge, verify).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from dossiers.blocks import Block, Cover, Draft, Section
from dossiers.word import write
from portal.config import HERE
from portal.filters import capital, day, label, plural
from portal.gates.rules import in_force
from portal.meetings import pack as packs
from portal.meetings import queries
from portal.meetings.minutes import version_of
from portal.meetings.parts import (
    CAUTION,
    CONFIDENTIAL,
    SHORT,
    WORDS,
    Part,
    bullets,
    labelled,
    line,
    note,
    pairs,
    table,
)  # fmt: skip
from portal.meetings.queries import Day, Item, Pack
from portal.models import now
from portal.rights import Asker
from portal.roles import Role
from portal.rulebook import Rulebook
from portal.trail import Unit

PARTS = (
    Part("1", "The meeting", "day, place, who chairs and who keeps the gates, by function; the rulebook"),
    Part("2", "Items", "the projects in order with gate and question; the time of each is left to the chair"),
    Part("3", "Recusals", "who has an interest in which project and leaves for that item"),
    # After these, a gate pack for each project; its parts are those of `pack.PARTS`.
)
STATUS = "Draft: not sent"


@dataclass(frozen=True)
class Gathered:
    """Everything an agenda is made of: the day, the pack of each open item, who is recused, and the rules."""

    day: Day
    packs: Mapping[UUID, Pack]  # of the open items, by project
    recused: Mapping[UUID, tuple[str, ...]]
    book: Rulebook


def gathered(session: Unit, who: Asker, of: Day) -> Gathered:
    """What the agenda of a day says. A bounded number of queries for each of its projects."""
    made = {i.project.id: queries.pack(session, queries.case(session, who, i)) for i in of.items if i.decision is None}
    book = in_force(session)
    recused = queries.recused(session, [(i.project, book, i.gate, i.meeting) for i in of.items])
    return Gathered(of, made, recused, book)


def draft(it: Gathered) -> Draft:
    """The agenda with its gate packs, each project on a page of its own."""
    opening = (Section(p.number, p.number, p.title, 1, tuple(FILLED[p.number](it, p.number))) for p in PARTS)
    sections = [*opening]
    for number, item in enumerate(it.day.items, len(PARTS) + 1):
        sections += _item(it, item, number)
    cover = Cover(
        "Gate meeting: agenda and gate pack",
        it.day.on.isoformat(),
        "",
        "",
        version="draft",
        on=now().astimezone(HERE).date(),
        confidentiality=CONFIDENTIAL,
        status=STATUS,
        lines=(
            ("Meeting on", day(it.day.on)),
            ("Place", it.day.places or "not set yet"),
            ("In the chair", _chairs(it)),
            ("Projects", ", ".join(i.project.key for i in it.day.items)),
        ),
    )
    return Draft("gate-agenda", cover, labelled(sections), paper=True)


def docx(it: Gathered) -> bytes:
    """The agenda as a Word file."""
    return write(draft(it))


def _item(it: Gathered, item: Item, number: int) -> Iterator[Section]:
    made = it.packs.get(item.project.id)
    if made is not None:
        yield from packs.sections(made, number)
        return
    title, decision = f"{item.project.key}: {item.project.title}", item.decision
    said = f"Decided on {day(decision.at)} by {decision.by}: {label(decision.verdict)}." if decision else ""
    blocks = (line(f"{item.gate.id}, {item.gate.name}. {said} The minutes of this item say why."),)
    yield Section(str(number), str(number), title, 1, blocks, new_page=True)


def _chairs(it: Gathered) -> str:
    """Who chairs which gates of the day, by function."""
    return "; ".join(
        f"{role.label} ({', '.join(dict.fromkeys(i.gate.id for i in it.day.items if i.gate.chair is role))})"
        for role in it.day.chairs
    )


def _meeting(it: Gathered, at: str) -> Iterator[Block]:
    gates = dict.fromkeys(i.gate for i in it.day.items)
    keepers = (f"{g.id}: {', '.join(Role(r).label for r in it.book.gates[g.id].keepers)}" for g in gates)
    yield pairs(f"{at}:meeting", "The meeting", (
        ("Day", day(it.day.on)),
        ("Place", it.day.places or "Not set yet"),
        ("In the chair", capital(_chairs(it))),
        ("Gatekeepers", "\n".join(keepers)),
        ("Rules", capital(version_of(it.book.version))),
        ("Data as of", day(now())),
    ))  # fmt: skip
    yield note(CAUTION)


def _items(it: Gathered, at: str) -> Iterator[Block]:
    columns = (("Section", SHORT), ("Project", WORDS), ("Gate", WORDS), ("Question", WORDS), ("Time", SHORT))
    rows = [
        (str(n), f"{i.project.key}: {i.project.title}", f"{i.gate.id}, {i.gate.name}", i.gate.question, "__:__")
        for n, i in enumerate(it.day.items, len(PARTS) + 1)
    ]
    yield table(f"{at}:items", plural(len(rows), "item"), columns, rows)
    yield note("The order is that of the gates; the chair sets the time of each item.")


def _recusals(it: Gathered, _: str) -> Iterator[Block]:
    said = [
        f"{name} has an interest in {i.project.key} and leaves for this item."
        for i in it.day.items
        for name in it.recused.get(i.project.id, ())
    ]
    if said:
        yield bullets(said)
    else:
        yield line("Of the gatekeepers and those expected, nobody has a known interest in a project of this agenda.")
    yield note(
        "As declared, or found by the portal, on the day of this paper. The chair asks for further interests before "
        "each item."
    )


FILLED: Mapping[str, Callable[[Gathered, str], Iterator[Block]]] = {"1": _meeting, "2": _items, "3": _recusals}
