"""What is owed by which stage: tables of a document that is read early, and the list of what remains open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dossiers.binder import Binder
from dossiers.blocks import Block, Cell, Column, Gap, Inline, Inlines, Paragraph, Run, Table
from dossiers.facts import Absence, Fact, by_name
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.shelf import NOTHING
from dossiers.stage import Stage, so_far

Open = tuple[Record, tuple[Fact, ...]]


def eased(block: Block, stage: Stage) -> Block:
    """The table with a dash in the place of every gap that is owed only after `stage`; other blocks as they are.

    A gap of which somebody said why it is open stays: its reason is worth reading early, too. A column in which no
    row says anything is left out, and named under the table.
    """
    if not isinstance(block, Table):
        return block
    stages = so_far(stage)

    def cell(one: Cell) -> Cell:
        if not any(_is_later(i, stages) for i in one.content):
            return one
        return replace(one, content=_settled(one.content, stages))

    return _narrowed(replace(block, rows=tuple(tuple(cell(c) for c in row) for row in block.rows)))


def _narrowed(made: Table) -> Table:
    """The table without the columns in which every row has a dash; their headings stand in a note."""
    if any(one.across > 1 or one.down > 1 for row in (*made.head, *made.rows) for one in row) or not made.head:
        return made
    kept = [n for n in range(len(made.columns)) if not made.rows or any(not _is_dash(row[n]) for row in made.rows)]
    if len(kept) == len(made.columns) or not kept:
        return made
    lost = (one for n, one in enumerate(made.head[-1]) if n not in kept)
    said = ", ".join(f"“{''.join(i.text for i in one.content if isinstance(i, Run))}”" for one in lost)
    rows = tuple(tuple(row[n] for n in kept) for row in made.rows)
    head = tuple(tuple(row[n] for n in kept) for row in made.head)
    columns = tuple(made.columns[n] for n in kept)
    return replace(made, columns=columns, head=head, rows=rows, notes=(*made.notes, (Run(f"Not entered: {said}."),)))


def _is_dash(one: Cell) -> bool:
    return all(isinstance(i, Run) and i.text == NOTHING for i in one.content)


def _settled(content: Inlines, stages: frozenset[Stage]) -> Inlines:
    """A cell without the gaps of later stages and the joints around them; a dash if nothing else is said in it."""
    kept: list[Inline] = []
    for at, inline in enumerate(content):
        before = content[at - 1] if at else None
        joint = isinstance(inline, Run) and inline.origin is None
        after = content[at + 1] if at + 1 < len(content) else None
        if _is_later(inline, stages) or (joint and (_is_later(after, stages) or (not kept and before is not None))):
            continue
        kept.append(inline)
    return tuple(kept) or (Run(NOTHING),)


def _is_later(inline: Inline | None, stages: frozenset[Stage]) -> bool:
    """Whether it is the gap of a fact that nobody is asked for by these stages."""
    if not isinstance(inline, Gap) or inline.note or inline.origin is None or not inline.origin.fact:
        return False
    model = RECORDS.get(inline.origin.kind)
    asked = by_name(model).get(inline.origin.fact) if model is not None else None
    return asked is not None and asked.due not in stages


def remaining(caption: str, binder: Binder, gates: Mapping[str, str]) -> Block:
    """A table of every fact that is open at one of these stages ("proposed": "G1"), by gate and record.

    Facts of which somebody said why they are open have a row of their own, with whoever owes them; the others of the
    same record share one. A sentence where nothing is open.
    """
    rows: list[tuple[Cell, ...]] = []
    for name, gate in gates.items():
        for record, found in _open(binder, Stage(name)):
            rows += list(_rows(gate, record, found))
    if not rows:
        gate_names = " and ".join(gates.values())
        return Paragraph((Run(f"Nothing that {gate_names} ask for is open in the records that are entered."),))
    width = 5 if any(row[3:] != _row("", "") for row in rows) else 3
    head = _row("Owed by gate", "Record", "What is open", "Why, as far as known", "Who")[:width]
    return Table("", (Run(caption),), (Column(),) * width, (head,), tuple(row[:width] for row in rows))


def _open(binder: Binder, stage: Stage) -> Iterator[Open]:
    """(record, its facts that are owed at exactly this stage), in the order of the project."""
    found: dict[str, tuple[Record, list[Fact]]] = {}
    for record, f in binder.gaps(stage):
        if f.due is stage:
            found.setdefault(str(record.uid), (record, []))[1].append(f)
    return ((record, tuple(facts)) for record, facts in found.values())


def _rows(gate: str, record: Record, found: tuple[Fact, ...]) -> Iterator[tuple[Cell, ...]]:
    called = record.called[0] if type(record).called[0] == record.named() else f"{record.called[0]} {record.named()}"
    said: Mapping[str, Any] = record.absent or {}
    plain = "; ".join(f.label for f in found if f.name not in said)
    if plain:
        yield _row(gate, called, plain, "", "")
    for f in found:
        if (why := said.get(f.name)) is not None:
            words = (Absence(why["kind"]).label, why.get("reason", ""))
            yield _row(gate, called, f.label, ": ".join(filter(None, words)), why.get("owner", ""))


def _row(*words: str) -> tuple[Cell, ...]:
    return tuple(Cell((Run(said or NOTHING),)) for said in words)
