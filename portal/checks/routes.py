"""Pages of the checks: the list, a rule, what is found at a record, in a section, before a gate; and the answer."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from dossiers.checks import RULES, SUBJECTS, Finding, Severity, State, find
from dossiers.checks.reports import FORMATS, Report, wanted
from dossiers.facts import by_name
from dossiers.records import RECORDS
from dossiers.stage import Stage
from portal import pending
from portal.addresses import address
from portal.checks import actions, pictures, queries
from portal.db import Refused, signed
from portal.drafts.queries import drafted
from portal.fragments import go, page, sent
from portal.records import queries as records
from portal.records.actions import Unfit
from portal.records.names import Names
from portal.rights import Right, needs

bp = Blueprint("checks", __name__)

ENDINGS = {"text": "txt", "json": "json", "sarif": "sarif", "md": "md", "xlsx": "xlsx"}


@bp.get("/projects/<key>/checks")
@needs(Right.SEE)
def findings(key: str) -> Answer:
    """Every finding of the project, to filter; what cannot be checked yet, by what it needs; the trend."""
    found = queries.results(g.session, g.project)
    asked = queries.Asked.of(request.args)
    days = queries.trend(g.session, g.project)
    if not days or days[-1].day != found.question.on or queries.counts(found) != pictures.counts_of(days[-1]):
        actions.keep_counts(g.asker.person, g.project, found)
        days = queries.trend(g.session, g.project)
    lacking = wanted(tuple(f for f in found.findings if f.state is State.CANNOT))
    return page(
        "checks/findings.html", "checks/_findings.html", asked=asked, listed=queries.listed(found, asked),
        lacking=lacking, rules=RULES, subjects=SUBJECTS, weights=tuple(Severity), states=tuple(State), where=where,
        days=days, picture=pictures.trend(days), formats=ENDINGS,
    )  # fmt: skip


def where(finding: Finding) -> str:
    """The address at which a finding is mended: the field, the section's page, or the kind of record to add."""
    if finding.section[0]:
        document, section = finding.section
        return url_for("drafts.document", key=g.project.key, outline=document, section=section)
    return address(finding.needs[0] if finding.needs else finding.origin)


@bp.app_template_filter("place")
def place(finding: Finding) -> str:
    """The place of a finding as people call it: "Specification test ds1: Method"."""
    if finding.section[0] or finding.origin.kind not in RECORDS:
        return finding.place
    model = RECORDS[finding.origin.kind]
    fact = by_name(model).get(finding.origin.fact)
    record = " ".join((model.called[0], finding.origin.key)).strip()
    return f"{record}: {fact.label}" if fact is not None else record


@bp.get("/projects/<key>/checks/findings.<any(txt, json, sarif, md, xlsx):ending>")
@needs(Right.SEE)
def download(key: str, ending: str) -> Response:
    """Every finding as a file."""
    from io import BytesIO

    form = next(f for f, e in ENDINGS.items() if e == ending)
    found = queries.results(g.session, g.project)
    data = FORMATS[form](Report(f"{key}.yaml", found.findings, {}))
    answer = send_file(BytesIO(data), as_attachment=True, download_name=f"{key} findings.{ending}", max_age=0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/projects/<key>/checks/rules/<rule>")
@needs(Right.SEE)
def rule(key: str, rule: str) -> Answer:
    """What a rule asks, why, on whose authority, and what it finds here."""
    asked = find(rule)
    found = queries.results(g.session, g.project)
    mine = [f for f in found.findings if f.rule == asked.id]
    return page("checks/rule.html", "checks/_rule.html", rule=asked, findings=mine, where=where)


@bp.get("/projects/<key>/checks/of/<kind>/<uuid:uid>")
@needs(Right.SEE)
def of_record(key: str, kind: str, uid: UUID) -> Answer:
    """What is found in a record, as it would be with what its reader has typed and not saved yet."""
    record = records.one(g.session, g.project, records.model_of(kind), uid)
    found = queries.results(g.session, g.project)
    draft = pending.kept(g.session, g.asker.person, records.draft_form(g.project, kind, uid))
    if draft is not None:
        facts = {n: t for n, t in draft.typed.items() if n in by_name(type(record))}
        values, _ = Names(g.session, g.project.id).read(type(record), facts)
        found = queries.with_typed(found, record, values)
    mine = queries.of_record(found, record)
    return page(
        "checks/of_record.html", "checks/_of_record.html", record=record, kind=kind, findings=mine,
        said=queries.by_fact(mine, record), known=by_name(type(record)), typed=draft is not None, rules=RULES,
        where=where, called=Names(g.session, g.project.id).called(record),
    )  # fmt: skip


@bp.get("/projects/<key>/checks/in/<outline>/<path:section>")
@needs(Right.SEE)
def of_section(key: str, outline: str, section: str) -> Answer:
    """What is found in a section."""
    part = drafted(g.session, g.project, outline).part(section)
    found = queries.of_section(queries.results(g.session, g.project), outline, part.section)
    return page(
        "checks/of_section.html", "checks/_of_section.html", findings=found, part=part, outline=outline, where=where
    )


@bp.get("/projects/<key>/checks/before/<stage>")
@needs(Right.SEE)
def before(key: str, stage: str) -> Answer:
    """What stands against the gate that opens a stage: the open findings as that stage asks for them."""
    if stage not in tuple(Stage):
        raise LookupError(f"There is no stage “{stage}”.")
    found = queries.as_at(queries.results(g.session, g.project), Stage(stage))
    errors = [f for f in found.findings if f.severity is Severity.ERROR and f.state is State.OPEN]
    return page(
        "checks/before.html", "checks/_before.html", stage=Stage(stage), errors=errors, where=where,
        counts=queries.counts(found),
    )  # fmt: skip


# ---------------------------------------------------------------- the answer


@bp.get("/projects/<key>/checks/rules/<rule>/<kind>/<uuid:uid>")
@needs(Right.JUSTIFY)
def answer(key: str, rule: str, kind: str, uid: UUID) -> Answer:
    """The form in which a finding is answered with a reason."""
    return _answer(rule, kind, uid, actions.Reason("", find(rule).section))


def _answer(rule: str, kind: str, uid: UUID, said: actions.Reason, messages: dict[str, str] | None = None) -> Answer:
    asked, record = find(rule), records.one(g.session, g.project, records.model_of(kind), uid)
    found = queries.results(g.session, g.project)
    here = [f for f in found.findings if f.rule == asked.id and f.origin.id == str(uid)]
    given = next((f for f in here if f.reason or f.fallen), None)
    if not said.reason and not messages and given is not None:
        said = actions.Reason(given.reason, said.section)
    return page(
        "checks/answer.html", "checks/_answer.html", status=422 if messages else 200, rule=asked, record=record,
        kind=kind, findings=here, said=said, messages=messages or {}, sections=sorted(actions.sections().items()),
        called=Names(g.session, g.project.id).called(record), where=where,
    )  # fmt: skip


@bp.post("/projects/<key>/checks/rules/<rule>/<kind>/<uuid:uid>")
@needs(Right.JUSTIFY)
def justify(key: str, rule: str, kind: str, uid: UUID) -> Answer:
    """Keep the reason; the finding counts as justified until a fact it rests on changes."""
    said = actions.Reason(sent("reason"), sent("section", 40))
    asked, record = find(rule), records.one(g.session, g.project, records.model_of(kind), uid)
    found = queries.results(g.session, g.project)
    try:
        with signed(g.asker.person, f"answered {asked.id} for {record.key}") as session:
            actions.justify(session, g.asker, found, (asked.id, record), said)
    except Unfit as why:
        return _answer(rule, kind, uid, said, dict(why.messages))
    except LookupError as why:
        raise Refused(str(why)) from None
    return go(url_for("checks.rule", key=key, rule=asked.id), "The reason is kept and will be printed.")
