"""Spreadsheets out and in."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Blueprint, g, request, url_for
from werkzeug.wrappers import Response

from dossiers.records import RECORDS
from portal.db import Refused, signed
from portal.filters import plural
from portal.fragments import go, page
from portal.media import XLSX
from portal.numerals import whole
from portal.records.queries import model_of
from portal.rights import Right, needs
from portal.spreadsheets import actions, delimited, queries, xlsx
from portal.spreadsheets.queries import Fate, Plan
from portal.spreadsheets.tables import ABOUT, Line, Table, columns_of, headings, kind_of

bp = Blueprint("spreadsheets", __name__)


@bp.get("/projects/<key>/spreadsheets")
@needs(Right.SEE)
def book(key: str) -> Response:
    """Take facts out as spreadsheets, and bring them back."""
    return _book()


def _book(why: tuple[str, ...] = (), status: int = 200) -> Response:
    chosen = request.values.get("kind", "")
    return page(
        "spreadsheets/book.html", "spreadsheets/_book.html", status=status, why=why, records=RECORDS,
        chosen=chosen if chosen in RECORDS else "", filled=queries.filled(g.session, g.project),
    )  # fmt: skip


@bp.get("/projects/<key>/spreadsheets/facts.xlsx")
@needs(Right.SEE)
def workbook(key: str) -> Response:
    """The whole binder, or one kind, as a workbook."""
    kind = request.args.get("kind", "")
    kinds = [model_of(kind).kind()] if kind else queries.filled(g.session, g.project)
    tables = queries.tables_of(g.session, g.project, kinds)
    data = xlsx.write(tables, queries.keys_to_offer(g.session, g.project, kinds))
    return _file(data, f"{key} {kind or 'facts'}.xlsx", XLSX)


@bp.get("/projects/<key>/spreadsheets/<kind>.csv")
@needs(Right.SEE)
def text(key: str, kind: str) -> Response:
    """One kind as CSV (or the reasons and sources of all kinds)."""
    kinds = queries.filled(g.session, g.project) if kind == ABOUT else [model_of(kind).kind()]
    tables = queries.tables_of(g.session, g.project, kinds)
    found = tables[-1] if kind == ABOUT else tables[0]
    return _file(delimited.write(found), f"{key} {kind}.csv", "text/csv; charset=utf-8")


def _file(data: bytes, name: str, kind: str) -> Response:
    answer = Response(data, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name.replace("/", "-"))
    return answer


@bp.post("/projects/<key>/spreadsheets/preview")
@needs(Right.EDIT_FACTS)
def preview(key: str) -> Response:
    """What a file would change, row by row; nothing is written."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _book(("Choose a file first: an XLSX workbook or a CSV file.",), 422)
    try:
        tables = _tables(sent.filename, sent.read())
    except Refused as why:
        return _book(why.reasons, 422)
    return _preview(tables, queries.plan(g.session, g.project, tables), queries.newest(g.session, g.project))


def _tables(name: str, data: bytes) -> list[Table]:
    if name.casefold().endswith(".xlsx"):
        return xlsx.read(data)
    if not name.casefold().endswith((".csv", ".txt")):
        raise Refused("The file must be an XLSX workbook or a CSV file; save it as one of them.")
    kind = request.form.get("kind", "") or kind_of(name.rsplit(".", 1)[0].removeprefix(f"{g.project.key} ")) or ""
    if kind not in (*RECORDS, ABOUT):
        raise Refused("Say which kind of record the CSV file holds.")
    return [delimited.read(data, kind)]


@bp.post("/projects/<key>/spreadsheets/take")
@needs(Right.EDIT_FACTS)
def take(key: str) -> Response:
    """Write what the preview showed, without the rows left out."""
    tables, without = _sent(request.form.get("tables", "")), frozenset(request.form.getlist("without"))
    seen = request.form.get("seen", "")
    try:
        with signed(g.asker.person, "imported a spreadsheet") as session:
            done = actions.take(session, g.project, tables, without, whole(seen, -1))
    except actions.Blocked as why:
        newest = queries.newest(g.session, g.project)
        return _preview(tables, queries.plan(g.session, g.project, tables, without), newest, (str(why),))
    counts = done.counts
    said = f"{plural(counts[Fate.ADDED], 'row')} added, {plural(counts[Fate.CHANGED], 'row')} changed, "
    return go(url_for("records.kinds", key=key), f"{said}{counts[Fate.UNCHANGED]} as they were.")


def _preview(tables: Sequence[Table], plan: Plan, seen: int, why: tuple[str, ...] = ()) -> Response:
    return page(
        "spreadsheets/preview.html", "spreadsheets/_preview.html", status=409 if why else 200, why=why, plan=plan,
        Fate=Fate, seen=seen, tables=json.dumps([_plain(t) for t in tables], ensure_ascii=False), records=RECORDS,
    )  # fmt: skip


def _plain(table: Table) -> list[object]:
    rows = [[line.number, *(line.cells.get(name, "") for name in table.columns)] for line in table.lines]
    return [table.kind, list(table.columns), rows]


def _sent(text: str) -> list[Table]:
    """The tables that a preview carried along. Raises `Refused` if it was tampered with."""
    try:
        tables = []
        for kind, columns, rows in json.loads(text):
            columns_of(kind, [headings(kind)[name] for name in columns])
            cells = ((row[0], dict(zip(columns, map(str, row[1:]), strict=True))) for row in rows)
            tables.append(Table(kind, tuple(columns), tuple(Line(int(number), said) for number, said in cells)))
    except (ValueError, KeyError, TypeError, IndexError):
        raise Refused("The preview did not come back whole. Choose the file once more.") from None
    return tables
