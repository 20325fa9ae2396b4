"""Which cell of a table stands in which place of its grid."""

from __future__ import annotations

from collections.abc import Sequence

from dossiers.blocks import Cell, Row, Run, Table
from dossiers.word.pen import plain

Place = tuple[int, Cell | None, str]  # grid column, cell (None: filled up), vertical merge
Laid = list[list[Place]]  # a table's rows
RESTART, GOES_ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def cell_text(cell: Cell) -> str:
    """The cell's text, as far as it takes room in it."""
    content = cell.content
    if len(content) == 1 and type(content[0]) is Run:
        return content[0].text
    return plain(content)


def span(table: Table) -> int:
    """The number of grid columns: as declared, or as many as the fullest row needs, so that no cell is lost."""
    return max(len(table.columns), _fullest(table.head), _fullest(table.rows), 1)


def _fullest(rows: Sequence[Row]) -> int:
    most, covering = 0, [(0, 0)]  # what earlier rows cover of this one: rows left, columns
    for row in rows:
        covering = [(left - 1, across) for left, across in covering if left > 1]
        covering += [(cell.down, max(cell.across, 1)) for cell in row if cell.down > 1]
        earlier = sum(across for left, across in covering) - sum(max(c.across, 1) for c in row if c.down > 1)
        most = max(most, sum(max(cell.across, 1) for cell in row) + earlier)
    return most


def laid(rows: Sequence[Row], count: int) -> Laid:
    """Each row with every grid column filled: covered places go on, short rows are filled up, spans end at the edge."""
    covered: dict[int, tuple[int, Cell]] = {}  # column → rows left, the cell that covers it
    out: Laid = []
    for index, row in enumerate(rows):
        if not covered and len(row) == count and all(c.across == 1 == c.down for c in row):
            out.append([(at, cell, "") for at, cell in enumerate(row)])
        else:
            out.append(_laid_row(row, count, covered, len(rows) - index))
    return out


def _laid_row(row: Row, count: int, covered: dict[int, tuple[int, Cell]], rows_left: int) -> list[Place]:
    out: list[Place] = []
    cells, at = iter(row), 0
    while at < count:
        if at in covered:
            left, cell = covered.pop(at)
            if left > 1:
                covered[at] = (left - 1, cell)
            out.append((at, cell, GOES_ON))
            at += cell.across
            continue
        cell_or_none = next(cells, None)
        if cell_or_none is None:
            out.append((at, None, ""))
            at += 1
            continue
        cell = _clipped(cell_or_none, min(count, min((c for c in covered if c > at), default=count)) - at, rows_left)
        if cell.down > 1:
            covered[at] = (cell.down - 1, cell)
        out.append((at, cell, RESTART if cell.down > 1 else ""))
        at += cell.across
    return out


def _clipped(cell: Cell, room: int, rows: int) -> Cell:
    across, down = max(1, min(cell.across, room)), max(1, min(cell.down, rows))
    if (across, down) == (cell.across, cell.down):
        return cell
    return Cell(cell.content, across, down, cell.strong)
