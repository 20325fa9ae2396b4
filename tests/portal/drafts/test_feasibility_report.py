"""The feasibility report goes out in feasibility, and shows its line of gate G1 by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dossiers.binder import load
from portal import db
from portal.drafts import actions
from portal.gates.lines import Line, asked
from portal.models import Issue, Project
from portal.paths import seeds
from portal.records.queries import binder_of
from portal.stages import GATES
from tests.portal.conftest import post

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
REPORT = "/projects/DIJLE-HSC/documents/feasibility-report"


@pytest.fixture
def idea(project: Make) -> Project:
    """An idea in feasibility with all answers of its proposal and a few records."""
    held = load((seeds() / "demo" / "idea_dijle_hsc.yaml").read_text("utf-8")).records
    return project("feasibility", "DIJLE-HSC", members=("researcher", "clinician"), records=held)


@pytest.fixture(autouse=True)
def without_office(monkeypatch: pytest.MonkeyPatch) -> None:
    """Issues without page numbers: renderings are tested where they are made."""
    monkeypatch.setattr(actions, "available", lambda: False)


def line() -> Line:
    """The line of gate G1 that asks for the report."""
    with db.reading() as session:
        project = session.scalars(select(Project)).one()
        found = asked(session, project, GATES["G1"], binder_of(session, project)).lines
        return next(one for one in found if one.id == "feasibility-report")


def send(browser: FlaskClient, outline: str = "feasibility-report") -> int:
    """The status of the answer to issuing a draft with a reason."""
    with db.reading() as session:
        seen = str(session.scalars(select(Project)).one().revision)
    url = f"/projects/DIJLE-HSC/documents/{outline}/issue"
    form: dict[str, Any] = {"as": "draft", "reason": "for the meeting", "revision": seen}
    return post(browser, url, **form).status_code


def test_issuing_the_report_turns_its_line_green_by_itself(sign_in: Enter, idea: Project) -> None:
    before = line()
    assert not before.is_green and before.missing == "Issue the document, or attach one with its date."
    assert send(sign_in("investment_manager")) == 303
    after = line()
    assert after.is_green and after.shown.startswith("Version 1, issued ") and not after.evidence
    with db.reading() as session:
        gone = session.scalars(select(Issue)).one()
        assert gone.outline == "feasibility-report" and gone.gaps
    page = sign_in("investment_manager").get("/projects/DIJLE-HSC/gates").get_data(as_text=True)
    assert after.shown.replace("\u00a0", " ") in page.replace("\u00a0", " ")


def test_the_list_and_the_sections_are_shown(sign_in: Enter, idea: Project) -> None:
    browser = sign_in("researcher")
    page = browser.get("/projects/DIJLE-HSC/documents").get_data(as_text=True)
    assert "Feasibility report" in page and "It holds no scores." in page
    page = browser.get(f"{REPORT}?section=F3").get_data(as_text=True)
    assert "Mouse model, 24 animals" in page and "A grade of confidence for each" in page and "Write the text" in page
    page = browser.get(f"{REPORT}?section=F9").get_data(as_text=True)
    assert "The scorecard stands in the gate pack" in page


def test_in_feasibility_only_the_report_goes_out(sign_in: Enter, idea: Project) -> None:
    browser = sign_in("investment_manager")
    page = browser.get("/projects/DIJLE-HSC/documents").get_data(as_text=True)
    assert f'href="{REPORT}/issue"' in page and "documents/impd-q/issue" not in page
    assert send(browser, "impd-q") == 409
    with db.reading() as session:
        assert session.scalars(select(Issue)).first() is None


def test_the_refusal_says_from_when_a_dossier_goes_out(sign_in: Enter, idea: Project) -> None:
    browser = sign_in("regulatory")
    with db.reading() as session:
        seen = str(session.scalars(select(Project)).one().revision)
    form: dict[str, Any] = {"as": "draft", "reason": "x", "revision": seen}
    answer = post(browser, "/projects/DIJLE-HSC/documents/impd-q/issue", **form)
    assert answer.status_code == 409 and "from the GMP tech transfer on" in answer.get_data(as_text=True)


@pytest.mark.parametrize("role", ["researcher", "clinician", "gmp_lead", "quality"])
def test_others_do_not_issue_it(sign_in: Enter, idea: Project, role: str) -> None:
    assert send(sign_in(role)) in (403, 404)
    assert not line().is_green
