"""Documents: the preview leads to fields, an issue is kept for good, a template is checked."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from flask.testing import FlaskClient
from sqlalchemy import select

from dossiers.binder import load
from dossiers.blocks import Cover, Draft, Paragraph, Run, Section
from dossiers.outlines import outline
from dossiers.paths import templates
from dossiers.plain import load_tree
from portal import db
from portal.drafts import actions, queries
from portal.models import HouseTemplate, Issue, Person, Project
from portal.rights import asker
from portal.stages import Role
from tests.portal.conftest import post

FILE = """\
tandem: 1
project: P-1
stage: dossier
records:
  product:
    main: {code: P-1, name: {value: A product, basis: recalled}, atmp_class: gtmp_ex_vivo, sponsor: A hospital}
  active_substance:
    cells: {code: DS-1, name: cells}
  batch:
    B-1: {number: "B<1> & co", scope: ds}
"""
Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]


@pytest.fixture
def filled(project: Make) -> Project:
    return project("dossier", "P-1", records=load(FILE).records)


@pytest.fixture(autouse=True)
def without_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issues without page numbers: renderings are tested where they are made."""
    monkeypatch.setattr(actions, "available", lambda: False)


def revision() -> int:
    with db.reading() as session:
        return session.scalars(select(Project)).one().revision


def test_the_list_and_the_preview(sign_in: Enter, filled: Project) -> None:
    browser = sign_in("regulatory")
    page = browser.get("/projects/P-1/documents").get_data(as_text=True)
    assert "impd-q" in page and "gaps" in page
    page = browser.get("/projects/P-1/documents/impd-q?section=S.4.4").get_data(as_text=True)
    assert 'id="S.4.4"' in page and "Gaps here" in page and 'aria-current="page"' in page
    assert browser.get("/projects/P-1/documents/impd-q?section=S.99").status_code == 404
    assert browser.get("/projects/P-1/documents/nothing").status_code == 404


def test_each_gap_leads_to_its_field(sign_in: Enter, filled: Project) -> None:
    browser = sign_in("regulatory")
    page = browser.get("/projects/P-1/documents/impd-q?section=S.1.1").get_data(as_text=True)
    uid = load(FILE).all("active_substance")[0].uid
    there = f"/projects/P-1/facts/active_substance/{uid}#f-descriptive_name"
    assert there in page
    field = browser.get(there.split("#", maxsplit=1)[0]).get_data(as_text=True)
    assert 'id="f-descriptive_name"' in field


def test_the_draft_in_word_says_what_the_facts_say(sign_in: Enter, filled: Project) -> None:
    answer = sign_in("regulatory").get("/projects/P-1/documents/impd-q/draft.docx")
    assert answer.status_code == 200 and "no-store" in answer.headers["Cache-Control"]
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        assert "B&lt;1&gt; &amp; co" in package.read("word/document.xml").decode()
    Document(io.BytesIO(answer.data))


def test_gaps_go_out_only_with_a_reason_and_never_as_final(sign_in: Enter, filled: Project) -> None:
    browser = sign_in("regulatory")
    page = browser.get("/projects/P-1/documents/impd-q/issue").get_data(as_text=True)
    assert "What stands against a final" in page
    url, seen = "/projects/P-1/documents/impd-q/issue", str(revision())
    for form, why in (
        ({"as": "final"}, "still shows"),
        ({"as": "draft", "reason": " "}, "Say why"),
        ({"as": "draft", "reason": "x", "gaps": "1"}, "changed while you read"),
    ):
        answer = post(browser, url, revision=seen, **form)
        assert answer.status_code == 409 and why in answer.get_data(as_text=True)
    assert post(browser, url, revision=seen, **{"as": "draft", "reason": "for the advice meeting"}).status_code == 303
    with db.reading() as session:
        gone = session.scalars(select(Issue)).one()
        assert gone.version == 1 and gone.gaps and gone.waiver == "for the advice meeting"
        assert load(gone.binder).product is not None
        assert load_tree(json.loads(gone.tree)).cover.version == "1 (draft)"
    page = browser.get("/projects/P-1/documents").get_data(as_text=True)
    assert "for the advice meeting" in page
    answer = browser.get("/projects/P-1/documents/impd-q/issues/1.docx")
    with db.reading() as session:
        assert answer.data == session.scalars(select(Issue)).one().docx
    assert browser.get("/projects/P-1/documents/impd-q/issues/1.yaml").get_data(as_text=True).startswith("tandem: 1")
    assert browser.get("/projects/P-1/documents/impd-q/issues/2.docx").status_code == 404
    assert post(sign_in("researcher"), url, revision=seen).status_code in (403, 404)


def test_a_whole_document_goes_out_as_final(
    monkeypatch: pytest.MonkeyPatch, filled: Project, people: dict[Role, Person]
) -> None:
    section = Section("1", "1", "All", 1, (Paragraph((Run("Everything is said."),)),))
    whole = Draft("impd-q", Cover("D", "P-1", "A product", "A hospital"), (section,))
    monkeypatch.setattr(queries, "compose", lambda *_: whole)
    with db.reading() as session:
        who = asker(session, people[Role.REGULATORY])
    with db.signed(who.person, "issue") as session:
        asked = actions.Asked("impd-q", True)
        gone = actions.issue(session, who, (filled.id, revision()), asked)
        assert load_tree(json.loads(gone.tree)).cover.final and not gone.gaps
    assert outline("impd-q").id == gone.outline


def test_the_house_template_is_checked(sign_in: Enter, filled: Project, tmp_path: Path) -> None:
    browser = sign_in("regulatory")
    assert "Tandem's own template" in browser.get("/template").get_data(as_text=True)
    own = browser.get("/template.docx").data
    assert own == (templates() / "dossiers" / "reference.docx").read_bytes()
    answer = post(browser, "/template", file=(io.BytesIO(b"no zip"), "x.docx"))
    assert answer.status_code == 422 and "not taken" in answer.get_data(as_text=True)
    assert post(browser, "/template").status_code == 422
    assert post(browser, "/template", file=(io.BytesIO(own), "house.docx")).status_code == 303
    assert "house.docx" in browser.get("/template").get_data(as_text=True)
    assert browser.get("/projects/P-1/documents/impd-q/draft.docx").status_code == 200
    assert post(browser, "/template", own="yes").status_code == 303
    with db.reading() as session:
        assert len(session.scalars(select(HouseTemplate)).all()) == 2 and queries.template(session) is None
