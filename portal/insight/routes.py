"""Pages about the whole portfolio, as far as the reader may see it."""

from __future__ import annotations

from io import BytesIO

from flask import Blueprint, g, request, send_file
from werkzeug.wrappers import Response

from dossiers.stage import Stage
from portal.forecast import DRAWS, ENOUGH
from portal.fragments import page
from portal.insight import outlook, pictures, queries, sheet, worth
from portal.media import XLSX
from portal.models import now
from portal.numerals import page_number
from portal.portfolio.queries import Asked
from portal.rights import Right, needs

bp = Blueprint("insight", __name__)


@bp.get("/portfolio")
@needs(Right.PORTFOLIO)
def flow() -> Response:
    """How projects go through the stages, how long these take, and which gates lie ahead."""
    seen = queries.walk(g.session, g.asker, now())
    passages, paces, ahead = queries.funnel(seen), queries.paces(seen), queries.ahead(seen)
    columns = queries.months(ahead, seen.now.date())
    return page(
        "insight/flow.html", "insight/_flow.html", passages=passages, paces=paces, ahead=ahead[: queries.MOST],
        left_out=max(0, len(ahead) - queries.MOST), funnel=pictures.funnel(passages), times=pictures.times(paces),
        gates=pictures.gates(columns),
    )  # fmt: skip


@bp.get("/portfolio/value")
@needs(Right.PORTFOLIO)
def value() -> Response:
    """Need against feasibility where the reader may see the scores, and money."""
    projects = queries.visible(g.session, g.asker)
    money = worth.sums(g.session, g.asker)
    every, weight = worth.valued(g.session, g.asker, projects, money), worth.weight(g.session)
    scored = worth.foremost(every)
    lines = [(p, one) for p in projects for one in money.get(p.id, ())]
    sources = worth.by_source(money)
    return page(
        "insight/value.html", "insight/_value.html", scored=scored, unshown=len(every) - len(scored), weight=weight,
        sources=sources, lines=lines[: queries.MOST], left_out=max(0, len(lines) - queries.MOST),
        bubbles=pictures.bubbles(scored, weight), money=pictures.money(sources),
    )  # fmt: skip


@bp.get("/portfolio/forecast")
@needs(Right.PORTFOLIO)
def forecast() -> Response:
    """When projects may reach the end of the coming stages; stage of the picture and page stand in the address."""
    said = request.args.get("page", "1")
    seen = queries.walk(g.session, g.asker, now())
    found = outlook.outlook(seen, page_number(said))
    stage = next((s for s in outlook.COMING if s.value == request.args.get("stage")), Stage.DOSSIER)
    ends = [(line.project.key, end) for line in found.lines if (end := line.end(stage)) is not None]
    return page(
        "insight/forecast.html", "insight/_forecast.html", found=found, stage=stage, stages=outlook.COMING,
        picture=pictures.outlook(ends, seen.now.date()), draws=DRAWS, enough=ENOUGH,
    )  # fmt: skip


@bp.get("/projects.xlsx")
@needs(Right.PORTFOLIO)
def table() -> Response:
    """The list of projects as a workbook; filter and order stand in the address as they do for the list."""
    at = now()
    data = sheet.xlsx(sheet.lines(g.session, g.asker, Asked.of(request.args), at))
    name = f"Projects {at.date().isoformat()}.xlsx"
    answer = send_file(BytesIO(data), mimetype=XLSX, as_attachment=True, download_name=name, max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer
