"""Work on a section: its text is never lost or overwritten, steps are kept, what changed since the issue is told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from dossiers.outlines import outline
from dossiers.records.dossier import Narrative, NarrativeStatus
from portal import db
from portal.drafts import actions as drafts
from portal.models import Comment, Issue, Pending, Person, Project, SectionWork
from portal.rights import asker
from portal.sections import queries
from portal.sections.steps import Status
from portal.stages import Role
from tests.portal.conftest import post

Enter = Callable[[str], FlaskClient]
DOCUMENT = "/projects/SEC-1/documents/impd-q"
SECTION = f"{DOCUMENT}/sections/S.1.2"
NEW = f"{DOCUMENT}/sections/S.1.3"


def text(number: str = "S.1.2") -> Narrative:
    with db.reading() as session:
        return session.scalars(select(Narrative).where(Narrative.section_number == number)).one()


def html(browser: FlaskClient, address: str, status: int = 200) -> str:
    answer = browser.get(address)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def seen(browser: FlaskClient, section: str = SECTION) -> dict[str, str]:
    """What the form of a step sends with it."""
    page = html(browser, f"{section}/work")
    found = re.findall(r'name="(revision|seal)" value="(\w+)"', page)
    return dict(found[:2])


# ---------------------------------------------------------------- the text


def test_the_editor_shows_the_text_in_its_section_with_its_budget(sign_in: Enter, written: Project) -> None:
    page = html(sign_in("researcher"), f"{SECTION}/text")
    assert "The structure is *round*." in page and "<em>round</em>" in page
    budget = outline("impd-q").section("S.1.2").words
    assert f"6 of {budget} words" in page and outline("impd-q").section("S.1.2").guidance[0][:20] in page


def test_the_preview_shows_what_is_typed_and_stores_nothing(sign_in: Enter, written: Project) -> None:
    browser = sign_in("researcher")
    typed = "H~2~O, see [[S.4.1]].^[A note.]\n\n- <b>one</b>\n- " + "word " * 900
    for htmx in (True, False):
        answer = post(browser, f"{SECTION}/text/preview", htmx=htmx, text=typed, revision="1")
        page = answer.get_data(as_text=True)
        assert answer.status_code == 200 and "H<sub>2</sub>O" in page and "section S.4.1" in page
        assert "&lt;b&gt;one" in page and "over the budget" in page and "A note." in page
        assert ("<textarea" in page) is not htmx
    assert text().text == "The structure is *round*. It holds."
    page = post(browser, f"{SECTION}/text/preview", htmx=True, text="a\ue000b").get_data(as_text=True)
    assert "private-use" in page


def test_saving_makes_a_draft_of_the_author(sign_in: Enter, written: Project) -> None:
    browser = sign_in("researcher")
    assert post(browser, f"{SECTION}/text", text="Another.", revision="1").status_code == 303
    saved = text()
    assert (saved.text, saved.status, saved.author) == ("Another.", NarrativeStatus.DRAFT, "Test researcher")
    assert post(browser, f"{NEW}/text", text="It is new.\r\n\r\nIt has two lines.", revision="0").status_code == 303
    made = text("S.1.3")
    assert (made.key, made.text) == ("S.1.3", "It is new.\n\nIt has two lines.")
    assert "It has two lines." in html(browser, f"{DOCUMENT}?section=S.1.3")
    assert post(browser, f"{SECTION}/text", text="", revision=str(saved.revision)).status_code == 303
    assert text().text is None and f'href="{SECTION}/text"' in html(browser, f"{DOCUMENT}?section=S.1.2")


@pytest.mark.parametrize(
    ("address", "typed", "why"),
    [(SECTION, "a\x07b", "control character"), (NEW, "  \r\n ", "no text yet"), (SECTION, "a\u202eb", "direction")],
)
def test_what_cannot_be_taken_is_told_at_the_field(
    sign_in: Enter, written: Project, address: str, typed: str, why: str
) -> None:
    answer = post(sign_in("researcher"), f"{address}/text", text=typed, revision="1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and why in page and 'href="#f-text"' in page and "<title>Error:" in page


def test_two_people_at_one_text_see_both(sign_in: Enter, written: Project) -> None:
    first, second = sign_in("researcher"), sign_in("clinician")
    assert post(first, f"{SECTION}/text", text="First.", revision="1").status_code == 303
    answer = post(second, f"{SECTION}/text", text="Second.", revision="1")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "First." in page and "Second." in page and "Test researcher saved" in page
    assert text().text == "First."
    again = html(second, f"{SECTION}/text")
    assert "Second." in again and "Somebody saved the text since" in again
    assert post(second, f"{SECTION}/text", text="Both.", revision=str(text().revision)).status_code == 303
    assert text().text == "Both."
    assert post(first, f"{NEW}/text", text="Mine.", revision="0").status_code == 303
    assert post(second, f"{NEW}/text", text="Also mine.", revision="0").status_code == 409
    assert text("S.1.3").text == "Mine."


def test_a_status_set_meanwhile_is_no_conflict_of_texts(sign_in: Enter, written: Project) -> None:
    quality, writer = sign_in("quality"), sign_in("researcher")
    assert post(quality, f"{SECTION}/step", step="reopen", **seen(quality)).status_code == 303
    assert text().status is NarrativeStatus.DRAFT and text().revision == 2
    assert post(writer, f"{SECTION}/text", text="Later.", revision="1").status_code == 303
    assert text().text == "Later."


def test_what_is_typed_survives_and_can_be_discarded(sign_in: Enter, written: Project) -> None:
    browser = sign_in("researcher")
    answer = post(browser, f"{SECTION}/text/draft", text="Half a sen", revision="1")
    assert answer.get_data(as_text=True).startswith("Draft saved ")
    assert "Half a sen" in html(browser, f"{SECTION}/text") and "Half a sen" not in html(browser, DOCUMENT)
    assert "Half a sen" not in html(sign_in("clinician"), f"{SECTION}/text")
    assert post(browser, f"{SECTION}/text/discard").status_code == 303
    assert "Half a sen" not in html(browser, f"{SECTION}/text")
    post(browser, f"{SECTION}/text/draft", text="Whole.", revision="1")
    post(browser, f"{SECTION}/text", text="Whole.", revision="1")
    with db.reading() as session:
        assert session.scalars(select(Pending)).all() == []


def test_texts_stand_where_the_document_prints_one(sign_in: Enter, written: Project) -> None:
    browser = sign_in("researcher")
    facts_only = next(s for s in outline("impd-q").sections if s.narrative == "none" and not s.group)
    html(browser, f"{DOCUMENT}/sections/{facts_only.number}/text", 409)
    html(browser, f"{DOCUMENT}/sections/S.99/text", 404)
    html(browser, f"{DOCUMENT}/sections/S/text", 404)
    assert sign_in("reviewer").get(f"{SECTION}/text").status_code == 403


# ---------------------------------------------------------------- steps, owner, comments


def test_a_section_goes_from_draft_to_approved_and_falls_back(sign_in: Enter, written: Project) -> None:
    writer, quality = sign_in("researcher"), sign_in("quality")
    post(writer, f"{SECTION}/text", text="As written.", revision="1")
    assert post(writer, f"{SECTION}/step", step="submit", **seen(writer)).status_code == 303
    said = seen(quality)
    answer = post(writer, f"{SECTION}/step", step="approve", **seen(writer))
    assert answer.status_code == 409 and "Only quality" in answer.get_data(as_text=True)
    assert post(quality, f"{SECTION}/step", step="review", **said).status_code == 303
    assert (text().status, text().reviewed_by) == (NarrativeStatus.REVIEWED, "Test quality (QP)")
    assert post(quality, f"{SECTION}/step", step="approve", **said).status_code == 409  # seen before the review
    assert post(quality, f"{SECTION}/step", step="approve", **(seen(quality) | {"seal": "0"})).status_code == 409
    assert post(quality, f"{SECTION}/step", step="approve", **seen(quality)).status_code == 303
    assert text().status is NarrativeStatus.APPROVED
    assert 'badge-good">approved' in html(writer, DOCUMENT)
    post(writer, f"{SECTION}/text", text="As written later.", revision=str(text().revision))
    with db.reading() as session:
        assert session.scalars(select(SectionWork)).one().status == Status.DRAFT
    assert text().status is NarrativeStatus.DRAFT and text().reviewed_by is None


def test_who_wrote_a_text_does_not_approve_it(sign_in: Enter, written: Project) -> None:
    quality = sign_in("quality")
    post(quality, f"{SECTION}/text", text="By quality.", revision="1")
    post(quality, f"{SECTION}/step", step="submit", **seen(quality))
    answer = post(quality, f"{SECTION}/step", step="approve", **seen(quality))
    assert answer.status_code == 409 and "somebody else has to" in answer.get_data(as_text=True)
    regulatory = sign_in("regulatory")
    assert post(regulatory, f"{SECTION}/step", step="approve", **seen(regulatory)).status_code == 303


def test_an_approval_is_of_what_was_read(sign_in: Enter, written: Project) -> None:
    section = f"{DOCUMENT}/sections/S.1.2"
    quality = sign_in("quality")
    for name in ("reopen", "submit", "approve"):
        assert post(quality, f"{section}/step", step=name, **seen(quality)).status_code == 303, name
    assert "something else now" not in html(quality, f"{section}/work")
    with db.signed("tests", "a change past the editor") as session:
        session.get(Narrative, text().uid).text = "Otherwise."
    assert "something else now" in html(quality, f"{section}/work")
    assert "changed since approval" in html(quality, DOCUMENT)


def test_somebody_of_the_project_sees_to_a_section(
    sign_in: Enter, written: Project, people: dict[Role, Person]
) -> None:
    browser, mine = sign_in("researcher"), str(people[Role.CLINICIAN].id)
    answer = post(browser, f"{SECTION}/owner", htmx=True, owner=mine, revision="0")
    assert answer.status_code == 200 and f'value="{mine}" selected' in answer.get_data(as_text=True)
    assert post(browser, f"{SECTION}/owner", owner="", revision="0").status_code == 409  # somebody set it meanwhile
    for stranger in (str(people[Role.INVESTMENT].id), "nobody"):
        assert post(browser, f"{SECTION}/owner", owner=stranger, revision="1").status_code == 409
    assert post(browser, f"{SECTION}/owner", owner="", revision="1").status_code == 303
    assert post(sign_in("reviewer"), f"{SECTION}/owner", owner="", revision="2").status_code == 403


def test_comments_are_kept_and_resolved(sign_in: Enter, written: Project) -> None:
    reviewer, writer = sign_in("reviewer"), sign_in("researcher")
    assert post(reviewer, f"{SECTION}/comments", comment="Which <b>method</b>?").status_code == 303
    page = html(writer, f"{DOCUMENT}?section=S.1.2")
    assert "Which &lt;b&gt;method&lt;/b&gt;?" in page and "1 open comment" in page.replace("\u00a0", " ")
    answer = post(reviewer, f"{SECTION}/comments", htmx=True, comment="  ")
    assert answer.status_code == 422 and "Write what you want" in answer.get_data(as_text=True)
    assert "a\u202eb" in post(reviewer, f"{SECTION}/comments", comment="a\u202eb").get_data(as_text=True)
    with db.reading() as session:
        mine = session.scalars(select(Comment)).one()
    there = f"{SECTION}/comments/{mine.id}/resolve"
    assert post(sign_in("regulatory"), there.replace("S.1.2", "S.1.3")).status_code == 404
    assert post(sign_in("investment_manager"), there).status_code == 409
    page = post(writer, there, htmx=True).get_data(as_text=True)
    assert "1\u00a0resolved comment" in page and "No open comment" in page
    with db.reading() as session:
        assert session.scalars(select(Comment)).one().resolved_by == "Test researcher"


def test_open_comments_stand_against_approval(sign_in: Enter, written: Project) -> None:
    quality = sign_in("quality")
    for name in ("reopen", "submit"):
        post(quality, f"{SECTION}/step", step=name, **seen(quality))
    post(quality, f"{SECTION}/comments", comment="Why?")
    answer = post(quality, f"{SECTION}/step", step="approve", **seen(quality))
    assert answer.status_code == 409 and "1 comment is still open" in answer.get_data(as_text=True)


# ---------------------------------------------------------------- since the last issue


def test_what_changed_since_the_last_issue_is_told_with_who_did_it(
    sign_in: Enter, written: Project, people: dict[Role, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "available", lambda: False)
    browser = sign_in("researcher")
    assert "since version" not in html(browser, f"{DOCUMENT}?section=S.1.2")
    with db.reading() as session:
        who = asker(session, people[Role.REGULATORY])
    with db.signed(who.person, "issue") as session:
        drafts.issue(session, who, (written.id, 1), drafts.Asked("impd-q", False, "for advice"))
        assert session.scalars(select(Issue)).one().version == 1
    page = html(browser, f"{DOCUMENT}?section=S.1.2")
    assert "Unchanged since version 1" in page and "badge-changed" not in page
    post(browser, f"{SECTION}/text", text="The structure is *round*. It holds well.", revision="1")
    page = html(browser, f"{DOCUMENT}?section=S.1.2")
    assert "Changed since version 1" in page and '<del class="pre">It holds.</del>' in page
    assert '<ins class="pre">It holds well.</ins>' in page and page.count("badge-changed") == 1
    with db.signed(people[Role.CLINICIAN], "named it") as session:
        substance = queries.spot(
            session, session.get(Project, written.id), queries.At("impd-q", "S.1.1")
        ).place.substance
        substance.fill({"code": "DS-2"})
    page = html(browser, f"{DOCUMENT}?section=S.1.1")
    assert '<del class="pre">DS-1</del>' in page and '<ins class="pre">DS-2</ins>' in page
    assert "Test clinician" in page and "named it" in page
