"""The pages of the checks: the list and its filters, at the record, in the section, before the gate, the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from dossiers.amending import amend
from dossiers.binder import Binder, load
from dossiers.blocks import Origin
from dossiers.checks import RULES, Severity
from dossiers.checks.findings import Said
from dossiers.checks.look import Look
from dossiers.checks.rules import Rule
from dossiers.outlines import outline
from dossiers.paths import folder
from dossiers.records.answering import Justification
from dossiers.records.base import record_id
from dossiers.records.quality import SpecTest
from portal.checks import actions, queries
from portal.db import reading, signed
from portal.models import CheckCount, Person, Project
from portal.stages import Role
from tests.portal.conftest import post

ROW = record_id("TDM-CAR19-01", "spec_test", "ds1")


@cache
def whole() -> Binder:
    return load((folder("seeds") / "demo" / "tdm_car19_01.yaml").read_text("utf-8"))


def is_short(look: Look, test: SpecTest) -> Iterator[Said]:
    """A rule of this test: ds1 may not name a method whose criterion is its own."""
    if test.key == "ds1" and test.criterion:
        yield look.at(test, "criterion", "The criterion of this row is too short.")


@pytest.fixture
def justifiable(monkeypatch: pytest.MonkeyPatch) -> Rule:
    """A rule that a reason may answer, in the catalogue for this test only."""
    made = Rule("Q399", Severity.WARNING, "A criterion is long", is_short, SpecTest, "why", ("test",), justifiable=True)
    monkeypatch.setitem(RULES, "Q399", Rule(**{**made.__dict__, "section": "S.4.5"}))
    return made


@pytest.fixture
def flawed(project: Callable[..., Project]) -> Project:
    """The invented CAR-T with one test that names no method."""
    records = amend(whole(), "spec_test: {ds1: {method: null}}").records
    return project("dossier", "TDM-CAR19-01", records=records, members=("gmp_lead",))


def text(client: FlaskClient, path: str, **manner: Any) -> str:
    answer = client.get(f"/projects/TDM-CAR19-01{path}", **manner)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_the_list_leads_to_the_field(sign_in: Callable[[str], FlaskClient], flawed: Project) -> None:
    shown = text(sign_in("regulatory"), "/checks?rule=Q303")
    assert f"/projects/TDM-CAR19-01/facts/spec_test/{ROW}#f-method" in shown
    assert "names no analytical method" in shown
    assert "finding of rule Q303" in shown


@pytest.mark.parametrize("query", ["?state=justified&rule=Q303", "?weight=info&rule=Q303", "?subject=N2&rule=Q303"])
def test_a_filter_that_fits_nothing_says_so(sign_in: Callable[[str], FlaskClient], flawed: Project, query: str) -> None:
    assert "Nothing of this kind" in text(sign_in("regulatory"), f"/checks{query}")


def test_what_the_address_says_wrongly_is_left_out() -> None:
    asked = queries.Asked.of({"subject": "ZZ", "weight": "heavy", "state": "?", "rule": "Q9999", "page": "-1"})
    assert asked == queries.Asked()


@pytest.mark.parametrize("ending", ["txt", "json", "sarif", "md", "xlsx"])
def test_findings_download(sign_in: Callable[[str], FlaskClient], flawed: Project, ending: str) -> None:
    answer = sign_in("regulatory").get(f"/projects/TDM-CAR19-01/checks/findings.{ending}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    if ending == "json":
        assert any(f["rule"] == "Q303" for f in json.loads(answer.data)["findings"])


def test_what_is_typed_and_not_saved_is_checked_as_if_it_were(
    sign_in: Callable[[str], FlaskClient], flawed: Project
) -> None:
    client, at = sign_in("regulatory"), f"/facts/spec_test/{ROW}"
    place = f"/checks/of/spec_test/{ROW}"
    assert "Q303" in text(client, place)
    method = next(m for m in whole().all("analytical_method"))
    answer = post(client, f"/projects/TDM-CAR19-01{at}/draft", method=str(method.uid), revision="1")
    assert answer.status_code == 200
    shown = text(client, place, headers={"HX-Request": "true"})
    assert "Q303" not in shown
    assert re.search(r'id="said-method" hx-swap-oob="true"></div>', shown), "the place at the field is emptied"
    assert "Q303" in text(sign_in("quality"), place), "what one person types is nobody else's"


def test_after_an_edit_only_what_it_touched_runs(flawed: Project, people: dict[Role, Person]) -> None:
    with reading() as session:
        before = queries.results(session, flawed)
        assert queries.results(session, flawed) is before, "what did not change is not checked again"
    with signed(people[Role.REGULATORY], "mend it") as session:
        row = session.get(SpecTest, ROW)
        assert row is not None
        row.method = next(m.uid for m in whole().all("analytical_method"))
    with reading() as session:
        after = queries.results(session, flawed)
    assert after.ran < before.ran / 5
    assert not [f for f in after.findings if f.rule == "Q303"]


def test_section_and_gate_show_the_same(sign_in: Callable[[str], FlaskClient], flawed: Project) -> None:
    client = sign_in("regulatory")
    with reading() as session:
        known = queries.results(session, flawed)
    assert any(f.rule == "Q303" for f in known.findings)
    assert "Q303" in text(client, "/checks/before/submitted")
    assert "/checks/before/" in text(client, "/gates")
    sections = [s.number for s in outline("impd-q").sections if not s.group]
    shown = {n: text(client, f"/checks/in/impd-q/{n}") for n in sections if n in ("S.4.1", "S.4.2", "S.4.3")}
    assert any("Q303" in said for said in shown.values())


def test_the_day_is_counted_once(sign_in: Callable[[str], FlaskClient], flawed: Project) -> None:
    client = sign_in("regulatory")
    text(client, "/checks")
    text(client, "/checks")
    with reading() as session:
        rows = list(session.scalars(select(CheckCount).where(col(CheckCount.project_id) == flawed.id)))
    assert len(rows) == 1
    assert rows[0].errors >= 1


def test_two_days_make_a_trend(
    sign_in: Callable[[str], FlaskClient], flawed: Project, people: dict[Role, Person]
) -> None:
    with signed(people[Role.REGULATORY], "an earlier day") as session:
        session.add(CheckCount(project_id=flawed.id, day=date(2026, 1, 5), errors=7, warnings=3))
    shown = text(sign_in("regulatory"), "/checks")
    assert "<svg" in shown
    assert "errors from 7 to" in shown


def test_a_reason_answers_prints_and_falls(
    sign_in: Callable[[str], FlaskClient], flawed: Project, people: dict[Role, Person], justifiable: Rule
) -> None:
    client = sign_in("regulatory")
    form = f"/projects/TDM-CAR19-01/checks/rules/Q399/spec_test/{ROW}"
    assert "Answer with a reason" in text(client, "/checks?rule=Q399")
    answer = post(client, form, reason=" ", section="S.4.5")
    assert answer.status_code == 422
    assert "Write the reason" in answer.get_data(as_text=True)
    assert post(client, form, reason="Short is enough here.", section="Z.9").status_code == 422
    assert post(client, form, reason="Short is enough here.", section="S.4.5").status_code == 303
    assert "Short is enough here." in text(client, "/checks?rule=Q399&state=justified")
    assert "Short is enough here." in text(client, "/documents/impd-q?section=S.4.5")
    with signed(people[Role.REGULATORY], "change what it rested on") as session:
        row = session.get(SpecTest, ROW)
        assert row is not None
        row.criterion = "≥ 12 %"
    shown = text(client, "/checks?rule=Q399")
    assert "fell: a fact it rested on has changed" in shown
    assert "Short is enough here." not in text(client, "/documents/impd-q?section=S.4.5")
    assert post(client, form, reason="Still enough.", section="S.4.5").status_code == 303
    with reading() as session:
        found = list(session.scalars(select(Justification).where(col(Justification.project_id) == flawed.id)))
    assert [j.reason for j in found if j.rule == "Q399"] == ["Still enough."]


def test_who_may_not_answer_is_refused(
    sign_in: Callable[[str], FlaskClient], flawed: Project, justifiable: Rule
) -> None:
    client = sign_in("gmp_lead")
    assert "Answer with a reason" not in text(client, "/checks?rule=Q399")
    form = f"/projects/TDM-CAR19-01/checks/rules/Q399/spec_test/{ROW}"
    assert post(client, form, reason="x", section="S.4.5").status_code == 403


def test_a_rule_that_no_reason_answers_refuses(sign_in: Callable[[str], FlaskClient], flawed: Project) -> None:
    client = sign_in("regulatory")
    form = f"/projects/TDM-CAR19-01/checks/rules/Q303/spec_test/{ROW}"
    answer = post(client, form, reason="because", section="S.4.5")
    assert answer.status_code == 409
    assert "cannot be answered with a reason" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/checks/rules/Q998", "/checks/before/moon", "/checks/of/spec_test/" + str(UUID(int=1))]
)
def test_what_is_not_there_is_said(sign_in: Callable[[str], FlaskClient], flawed: Project, path: str) -> None:
    assert sign_in("regulatory").get(f"/projects/TDM-CAR19-01{path}").status_code == 404


def test_the_word_draft_carries_findings_as_comments_where_asked(
    sign_in: Callable[[str], FlaskClient], flawed: Project
) -> None:
    from io import BytesIO
    from zipfile import ZipFile

    client = sign_in("regulatory")
    answer = client.get("/projects/TDM-CAR19-01/documents/impd-q/draft.docx?comments=yes")
    with ZipFile(BytesIO(answer.data)) as package:
        assert "Q303 (error)" in package.read("word/comments.xml").decode()
    plain = client.get("/projects/TDM-CAR19-01/documents/impd-q/draft.docx")
    with ZipFile(BytesIO(plain.data)) as package:
        assert "Q303" not in "".join(package.read(n).decode("utf-8", "ignore") for n in package.namelist())


def test_sections_for_a_reason_are_those_of_the_documents() -> None:
    assert {"S.4.5", "P.5.6"} <= set(actions.sections())
    assert Origin("spec_test", "ds1", str(ROW), "method").path == "spec_test ds1: method"
