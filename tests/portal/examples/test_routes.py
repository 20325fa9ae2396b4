"""The tests usually expected: offered, taken over as examples, in the way of a final until confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from dossiers.binder import load
from dossiers.compose import compose_section
from dossiers.outlines import outline
from dossiers.records import RECORDS
from portal import db
from portal.drafts.queries import shown, unverified
from portal.models import Project
from portal.records.queries import binder_of, of_kind
from tests.portal.conftest import post

FILE = """
tandem: 1
project: TST-1
records:
  product:
    p: {code: TST-1, name: A product, sub_type: CAR-T lentiviral, atmp_class: gtmp_ex_vivo, role: test}
  specification:
    dp: {code: SP-DP, version: "1", scope: dp, product: p}
    ex: {code: SP-EX, version: "1", scope: excipient}
    un: {code: SP-UN, version: "1"}
  spec_test:
    v: {test: VIABILITY, specification: dp, order: 3, criterion: ≥ 80 %}
"""


@pytest.fixture
def made(project: Callable[..., Project]) -> Project:
    return project("transfer", members=("regulatory", "researcher"), records=load(FILE).records)


@pytest.fixture
def browser(made: Project, sign_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return sign_in("regulatory")


def records(project: Project, kind: str) -> list[Any]:
    with db.reading() as session:
        return list(of_kind(session, project, RECORDS[kind]))


def uid(project: Project, key: str) -> UUID:
    return next(r.uid for r in records(project, "specification") if r.key == key)


def address(project: Project, key: str = "dp") -> str:
    return f"/projects/TST-1/examples/{uid(project, key)}"


def test_the_preview_ticks_what_is_not_there_yet_and_writes_nothing(made: Project, browser: FlaskClient) -> None:
    text = browser.get(address(made)).get_data(as_text=True)
    assert 'value="sterility" checked' in text
    assert 'value="viability" checked' not in text and "there already" in text
    assert 'value="cd3_purity"' not in text, "a drug substance test has no place in a drug product specification"
    assert "PMC11461191" in text, "where a row was read is said"
    assert len(records(made, "spec_test")) == 1


def test_rows_are_added_as_examples_behind_the_others_with_their_sources(made: Project, browser: FlaskClient) -> None:
    answer = post(browser, address(made), row=["sterility", "endotoxin", "viability"], panel="")
    assert answer.status_code == 303 and answer.location.endswith("?lacking=yes")
    first, *added = records(made, "spec_test")
    assert first.test == "VIABILITY" and not first.is_example
    assert [(t.order, t.is_example, t.specification) for t in added] == [
        (4, True, uid(made, "dp")),
        (5, True, uid(made, "dp")),
    ]
    sterility, endotoxin = added
    assert sterility.criterion == "no growth" and sterility.stage == "dp" and sterility.ph_eur_ref == "2.6.27, 2.6.1"
    assert sterility.release_timing == "after_release"
    assert sterility.sources["criterion"]["basis"] == "recalled"
    assert sterility.absent["method"]["kind"] == "not_yet_known"
    assert "growth-based" in sterility.absent["method"]["reason"]
    assert endotoxin.criterion == "to be set" and "5 EU/kg/h" in endotoxin.sources["criterion"]["note"]
    said = browser.get("/projects/TST-1/facts/spec_test").get_data(as_text=True)
    assert "2\N{NO-BREAK SPACE}tests added as examples" in said and "1\N{NO-BREAK SPACE}test stood there" in said


def test_nothing_ticked_is_refused_in_place(made: Project, browser: FlaskClient) -> None:
    answer = post(browser, address(made), panel="")
    assert answer.status_code == 422 and "No row was ticked" in answer.get_data(as_text=True)
    assert post(browser, f"{address(made)}/confirm").status_code == 422
    assert len(records(made, "spec_test")) == 1


def doubtful(project: Project) -> list[tuple[str, str]]:
    with db.reading() as session:
        draft = shown(outline("impd-q"), binder_of(session, project)).draft
    return [(origin.kind, origin.fact) for origin in unverified(draft)]


def test_an_example_is_marked_in_the_specification_and_holds_up_a_final(made: Project, browser: FlaskClient) -> None:
    assert not doubtful(made)
    post(browser, address(made), row=["appearance", "mycoplasma"], panel="")
    assert doubtful(made).count(("spec_test", "is_example")) == 2, "each example by itself, read or recalled"
    with db.reading() as session:
        section = compose_section(outline("impd-q"), binder_of(session, made), "P.5.1")
    assert "not confirmed for this product yet" in repr(section.blocks)
    rows = [f"{t.uid}:{t.revision}" for t in records(made, "spec_test") if t.is_example]
    page = browser.get(address(made)).get_data(as_text=True)
    assert all(f'value="{row}"' in page for row in rows)
    answer = post(browser, f"{address(made)}/confirm", test=rows)
    assert answer.status_code == 303
    assert not doubtful(made)
    _, appearance, mycoplasma = records(made, "spec_test")
    assert not appearance.is_example and appearance.sources["criterion"]["basis"] == "read", "what was read stays read"
    assert "ph_eur_ref" not in appearance.sources and mycoplasma.sources["criterion"]["basis"] == "read"


def test_a_row_somebody_changed_meanwhile_is_not_confirmed(made: Project, browser: FlaskClient) -> None:
    post(browser, address(made), row=["mycoplasma"], panel="")
    row = records(made, "spec_test")[1]
    assert post(browser, f"{address(made)}/confirm", test=f"{row.uid}:{row.revision - 1}").status_code == 409
    assert records(made, "spec_test")[1].is_example
    assert post(browser, f"{address(made)}/confirm", test="nonsense").status_code == 409


@pytest.mark.parametrize(("key", "words"), [("ex", "Nothing is usual here"), ("un", "has no scope yet")])
def test_a_specification_without_usual_tests_says_so(made: Project, browser: FlaskClient, key: str, words: str) -> None:
    assert words in browser.get(address(made, key)).get_data(as_text=True)
    assert post(browser, address(made, key), row="sterility").status_code == 422


def test_a_panel_may_be_chosen_by_hand(made: Project, browser: FlaskClient) -> None:
    text = browser.get(f"{address(made)}?panel=msc").get_data(as_text=True)
    assert "CD73, CD90, CD105" in text and "by hand" in text
    assert browser.get(f"{address(made)}?panel=nonsense").status_code == 404
    post(browser, address(made), row="identity_pos", panel="msc")
    assert records(made, "spec_test")[1].criterion == "≥ 95 %"


def test_the_way_leads_from_the_specification_and_from_the_empty_grid(
    made: Project, browser: FlaskClient, project: Callable[..., Project]
) -> None:
    assert address(made) in browser.get(f"/projects/TST-1/facts/specification/{uid(made, 'dp')}").get_data(as_text=True)
    listed = browser.get("/projects/TST-1/examples").get_data(as_text=True)
    assert "SP-DP" in listed and "drug product" in listed
    project("transfer", key="TST-2", members=("regulatory",))
    assert "/projects/TST-2/examples" in browser.get("/projects/TST-2/facts/spec_test").get_data(as_text=True)
    assert "No specification yet" in browser.get("/projects/TST-2/examples").get_data(as_text=True)


def test_who_may_not_edit_facts_gets_no_examples(made: Project, sign_in: Callable[[str], FlaskClient]) -> None:
    reader = sign_in("reviewer")
    assert reader.get(address(made)).status_code in (403, 404)
