"""The days of gate meetings, and their agenda and minutes in Word."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, g, make_response, request
from werkzeug.wrappers import Response

from portal.fragments import page
from portal.media import DOCX
from portal.meetings import agenda as agendas
from portal.meetings import minutes as records
from portal.meetings import queries
from portal.models import now
from portal.numerals import page_number
from portal.rights import Right, needs
from portal.stages import GATES

bp = Blueprint("meetings", __name__)


@bp.get("/meetings")
@needs(Right.MEETINGS)
def days() -> Response:
    """The days on which gates are judged that the reader may judge: those to come first."""
    today, number = now().date(), _number()
    found = queries.days(g.session, g.asker, today, number)
    return page("meetings/days.html", "meetings/_days.html", found=found, today=today, number=number)


@bp.get("/meetings/<day>")
@needs(Right.MEETINGS)
def day(day: str) -> Response:
    """A day's projects in order: what each gate asks, what is shown, what is missing, what the scores propose."""
    number, found = _number(), queries.day(g.session, g.asker, _on(day))
    shown = found.items[(number - 1) * queries.FULL : number * queries.FULL]
    cases = {i.project.id: queries.case(g.session, g.asker, i) for i in shown if i.decision is None}
    return page(
        "meetings/day.html", "meetings/_day.html", it=found, shown=shown, cases=cases, today=now().date(), number=number
    )


@bp.get("/meetings/<day>/agenda.docx")
@needs(Right.MEETINGS)
def agenda(day: str) -> Response:
    """The day's agenda with the gate pack of each project, in Word."""
    found = agendas.gathered(g.session, g.asker, queries.day(g.session, g.asker, _on(day)))
    return _word(agendas.docx(found), f"Gate meeting {day} agenda and gate pack")


@bp.get("/projects/<key>/gates/<gate>/<int:attempt>/minutes.docx")
@needs(Right.JUDGE)
def minutes(key: str, gate: str, attempt: int) -> Response:
    """The minutes of a gate at one attempt, in Word: a draft until the decision is sealed."""
    if gate not in GATES:
        raise LookupError(f"There is no gate {gate}.")
    found = queries.attempted(g.session, g.asker, g.project, GATES[gate], attempt)
    return _word(records.docx(found), f"{key} minutes of {gate}, attempt {attempt}")


def _on(said: str) -> date:
    """The day that an address names. Raises `LookupError`."""
    try:
        found = date.fromisoformat(said)
    except ValueError:
        raise LookupError(f"“{said}” is no day; write it as 2026-03-12, or start from Gate meetings.") from None
    if found.isoformat() != said:
        raise LookupError(f"“{said}” is no day; write it as {found.isoformat()}.")
    return found


def _number() -> int:
    said = request.args.get("page", "1")
    return page_number(said)


def _word(data: bytes, name: str) -> Response:
    answer = make_response(data)
    answer.mimetype = DOCX
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    return answer
