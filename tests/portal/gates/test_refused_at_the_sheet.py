"""Refusals at the sheet: said to everybody who acts there, and nothing typed is lost to an older sheet."""

from __future__ import annotations

import io
from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db import reading
from portal.models import Decision, Project
from tests.portal.conftest import PASSWORD, post

Make = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
SHEET = "/projects/P-1/gates"


def test_somebody_who_decides_nothing_is_told_why_a_file_is_not_taken(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1", members=("researcher", "clinician"))
    file = (io.BytesIO(b"MZ"), "profile.exe")
    answer = post(
        sign_in("researcher"), f"{SHEET}/G1/documents", item="target-profile", title="Profile", dated="2026-03-12",
        file=file,
    )  # fmt: skip
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "A file of the type “exe” is not taken" in page
    assert "Take the decision" not in page
    assert 'value="Profile"' in page
    assert 'value="2026-03-12"' in page


def test_what_was_typed_at_a_line_or_of_the_meeting_stays_where_it_is_refused(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1", members=("researcher", "clinician"))
    manager = sign_in("investment_manager")
    answered = post(manager, f"{SHEET}/G1/answers", item="money-next", met="no", note="no")
    assert answered.status_code == 409
    page = answered.get_data(as_text=True)
    line = page.split('id="line-money-next"')[1].split("</li>")[0]
    assert '<details class="more" open>' in line
    assert "Say in a few words what shows it" in page
    assert 'value="no" checked' in page
    assert page.count('role="alert"') == 1
    level = post(manager, f"{SHEET}/readiness", track="science", level="3", note="so")
    assert level.status_code == 409
    assert '<option value="3" selected>' in level.get_data(as_text=True)
    said = {
        "held_on": "2026-03-12",
        "place": "Room 4",
        "present": "Ada, chair",
        "votes": "Ada perhaps",
        "notes": "Long.",
    }
    meeting = post(manager, f"{SHEET}/G1/meeting", **said)
    assert meeting.status_code == 409
    for kept in ("Room 4", "Ada perhaps", "Long.", "2026-03-12"):
        assert kept in meeting.get_data(as_text=True)


def test_a_decision_on_an_older_sheet_is_refused_and_keeps_what_was_typed(sign_in: Enter, project: Make) -> None:
    made = project("feasibility", "P-1", members=("researcher", "clinician"))
    manager, seen = sign_in("investment_manager"), str(made.revision)
    form = {"move": "hold", "revision": seen, "reasons": "No slot this year.", "password": PASSWORD}
    assert post(manager, SHEET, **form).status_code == 303
    answer = post(manager, SHEET, **{**form, "move": "stop", "reasons": "Nobody pays for it."})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "The project moved on since you opened this sheet, so nothing was decided." in page
    assert "Its last decision is: hold, by Test investment manager" in page
    assert "Nobody pays for it." in page
    with reading() as session:
        assert [d.move for d in session.scalars(select(Decision).order_by(Decision.serial))][-1] == "hold"  # type: ignore[arg-type]
