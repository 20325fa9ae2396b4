"""Facts as people meet them: all kinds, the form of a record, two people at one record."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from dossiers.binder import load
from dossiers.records import RECORDS
from portal.models import Project
from tests.portal.conftest import post
from tests.portal.records.conftest import FILE, all_of

Enter = Callable[[str], FlaskClient]
AT = "/projects/TST-1/facts"


def test_all_kinds_with_their_numbers_and_gaps(sign_in: Enter, made: Project) -> None:
    text = sign_in("regulatory").get(AT).get_data(as_text=True)
    for kind, model in RECORDS.items():
        assert f'href="{AT}/{kind}"' in text
        assert (model.called[0] if model.single else model.called[1]) in text
    assert f'href="{AT}/batch?lacking=yes"' in text
    assert "At least one is due" in text
    assert "No facts yet" not in text


def test_an_empty_project_says_where_to_begin(sign_in: Enter, project: Callable[..., Project]) -> None:
    project("transfer", members=("gmp_lead",))
    text = sign_in("gmp_lead").get(AT).get_data(as_text=True)
    assert "No facts yet" in text
    assert f"{AT}/product/new" in text
    assert "No facts yet" in sign_in("regulatory").get(AT).get_data(as_text=True)


def test_every_kind_has_a_grid_and_a_form(sign_in: Enter, made: Project) -> None:
    browser = sign_in("regulatory")
    for kind in RECORDS:
        assert browser.get(f"{AT}/{kind}").status_code in (200, 303), kind
        assert browser.get(f"{AT}/{kind}/new").status_code == 200, kind
        for record in all_of(made, kind):
            answer = browser.get(f"{AT}/{kind}/{record.uid}")
            assert answer.status_code == 200
            for name in record.values():
                assert f'id="f-{name}"' in answer.get_data(as_text=True)


def test_a_kind_that_is_none_is_a_sentence(sign_in: Enter, made: Project) -> None:
    answer = sign_in("regulatory").get(f"{AT}/nothing")
    assert answer.status_code == 404
    assert "There is no kind of record “nothing”" in answer.get_data(as_text=True)


def test_saving_a_form_keeps_value_source_and_reason(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[1]
    url = f"{AT}/batch/{batch.uid}"
    form = {"number": "B-2a", "site": "Second site", "use": ["clinical"], "revision": "1"}
    form |= {
        "absent.date": "not_applicable",
        "reason.date": "never made",
        "owner.date": "",
        "where.number": "S1\nS2",
        "basis.number": "read",
    }
    answer = post(browser, url, **form)
    assert answer.status_code == 303
    now = all_of(made, "batch")[1]
    assert (now.number, now.revision) == ("B-2a", 2)
    assert now.site == all_of(made, "site")[1].uid
    assert now.absent["date"] == {"kind": "not_applicable", "reason": "never made"}
    assert now.absent["disposition_reason"]["owner"] == "QA"
    assert now.sources["number"] == {"where": ["S1", "S2"], "basis": "read"}
    text = browser.get(url).get_data(as_text=True)
    assert "Empty: not applicable" in text
    assert "Last changes" in text
    assert re.search(r"<del class=\"pre\">B-2</del> → <ins class=\"pre\">B-2a</ins>", text)


def test_a_value_takes_the_reason_for_its_absence_away(sign_in: Enter, made: Project) -> None:
    batch = all_of(made, "batch")[1]
    post(sign_in("gmp_lead"), f"{AT}/batch/{batch.uid}", disposition_reason="given", revision="1")
    now = all_of(made, "batch")[1]
    assert now.disposition_reason == "given"
    assert now.absent == {}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"date": "12/03/2026"}, "Manufactured must be a day written as 2026-03-12"),
        ({"site": "Third site"}, "Site must name a site of this project"),
        ({"scope": "whale"}, "Scope must be one of"),
        ({"absent.date": "not_applicable"}, "Say in a sentence why it is not applicable"),
        ({"absent.number": "not_found"}, "Batch has a value, so it needs no reason"),
        ({"note.number": "see there"}, "A remark on the source needs the source"),
        ({"reason.date": "because"}, "choose why the fact is empty"),
        ({"remark": "a\u202eb"}, "Remark holds a mark that changes the writing direction"),
    ],
)
def test_what_cannot_be_taken_is_said_and_kept(form: dict[str, str], said: str, sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[0]
    url = f"{AT}/batch/{batch.uid}"
    answer = post(browser, url, revision="1", size_unit="cells", **form)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert said in text
    assert "<title>Error:" in text
    assert all_of(made, "batch")[0].size_unit is None
    again = browser.get(url).get_data(as_text=True)
    assert "not saved to the record yet" in again
    assert 'value="cells"' in again


def test_a_link_into_another_project_is_refused(sign_in: Enter, made: Project, project: Callable[..., Project]) -> None:
    other = project("transfer", key="OTHER", records=load(FILE.replace("TST-1", "OTHER")).records)
    foreign = all_of(other, "site")[0].uid
    answer = post(sign_in("gmp_lead"), f"{AT}/batch/{all_of(made, 'batch')[0].uid}", revision="1", site=str(foreign))
    assert answer.status_code == 422
    assert "Site names a site that this project does not have" in answer.get_data(as_text=True)


def test_a_record_of_another_project_is_not_there(
    sign_in: Enter, made: Project, project: Callable[..., Project]
) -> None:
    other = project("transfer", key="OTHER", records=load(FILE.replace("TST-1", "OTHER")).records)
    foreign = all_of(other, "batch")[0].uid
    browser = sign_in("gmp_lead")
    assert browser.get(f"{AT}/batch/{foreign}").status_code == 404
    for way in ("", "/duplicate", "/move", "/remove", "/restore", "/cell"):
        answer = post(browser, f"{AT}/batch/{foreign}{way}", revision="1", number="X", fact="number", text="X")
        assert answer.status_code in (404, 409), way
    assert all_of(other, "batch")[0].number == "B-1"


def test_two_people_at_one_record_see_both_texts_and_choose(sign_in: Enter, made: Project) -> None:
    first, second = sign_in("gmp_lead"), sign_in("regulatory")
    url = f"{AT}/batch/{all_of(made, 'batch')[0].uid}"
    assert post(first, url, revision="1", number="B-1 first", remark="first").status_code == 303
    typed = {"revision": "1", "number": "B-1 second", "size_unit": "cells", "remark": "", "where.number": "mine"}
    answer = post(second, url, **typed)
    assert answer.status_code == 409
    text = answer.get_data(as_text=True)
    assert "Test GMP lead saved B-1 first first" in text
    assert "B-1 second" in text
    assert 'name="take.number" value="mine" required>' in text  # both changed it: no choice is made for them
    assert 'name="take.size_unit" value="mine" required checked>' in text
    assert "take.remark" not in text  # the second did not touch it
    assert "take.about.number" in text
    assert all_of(made, "batch")[0].number == "B-1 first"
    assert "B-1 second" in second.get(url).get_data(as_text=True)  # kept as a draft
    chosen = {
        "revision": "2",
        "number": "B-1 second",
        "size_unit": "cells",
        "take.number": "theirs",
        "take.size_unit": "mine",
    }
    assert post(second, url, **chosen).status_code == 303
    now = all_of(made, "batch")[0]
    assert (now.number, now.remark, now.size_unit, now.revision) == ("B-1 first", "first", "cells", 3)


def test_a_draft_is_kept_shown_and_discarded(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("gmp_lead"), all_of(made, "batch")[0]
    url = f"{AT}/batch/{batch.uid}"
    answer = post(browser, f"{url}/draft", revision="1", number="half a sen", **{"reason.date": "so"})
    assert re.fullmatch(r"Draft saved \d\d:\d\d", answer.get_data(as_text=True))
    assert all_of(made, "batch")[0].number == "B-1"
    text = browser.get(url).get_data(as_text=True)
    assert 'value="half a sen"' in text
    assert 'value="so"' in text
    assert "half a sen" not in sign_in("regulatory").get(url).get_data(as_text=True)
    assert post(browser, f"{url}/discard").status_code == 303
    assert "half a sen" not in browser.get(url).get_data(as_text=True)


def test_a_new_record_gets_a_key_from_its_name(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    assert post(browser, f"{AT}/batch/new", number="ARI 0001/07").status_code == 303
    assert post(browser, f"{AT}/batch/new", number="ARI 0001/07").status_code == 303
    assert post(browser, f"{AT}/batch/new", number="Z", key="my-key").status_code == 303
    assert post(browser, f"{AT}/batch/new", remark="nameless").status_code == 303
    assert [b.key for b in all_of(made, "batch")][3:] == ["ARI-0001/07", "ARI-0001/07-2", "my-key", "batch-1"]
    again = post(browser, f"{AT}/batch/new", number="Z", key="my-key")
    assert again.status_code == 422
    assert "Another batch has the key “my-key”" in again.get_data(as_text=True)


def test_a_single_kind_is_there_once(sign_in: Enter, made: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = "proposal"
    monkeypatch.setattr(RECORDS[kind], "single", True)
    browser = sign_in("gmp_lead")
    assert browser.get(f"{AT}/{kind}").status_code == 200
    assert post(browser, f"{AT}/{kind}/new").status_code == 303
    assert browser.get(f"{AT}/{kind}").status_code == 303
    second = post(browser, f"{AT}/{kind}/new")
    assert second.status_code == 409
    assert "has it already" in second.get_data(as_text=True)
    assert len(all_of(made, kind)) == 1


def test_who_may_only_see_cannot_write(sign_in: Enter, made: Project) -> None:
    browser, batch = sign_in("investment_manager"), all_of(made, "batch")[0]
    url = f"{AT}/batch/{batch.uid}"
    assert "You may read this" in browser.get(url).get_data(as_text=True)
    grid = browser.get(f"{AT}/batch").get_data(as_text=True)
    assert "grid-acts" not in grid
    assert 'id="r-new"' not in grid
    for way in ("", "/draft", "/duplicate", "/move", "/remove", "/restore", "/cell", "/discard"):
        assert post(browser, url + way, revision="1", number="X").status_code == 403, way
    for way in ("/new", "/paste", "/new/draft"):
        assert post(browser, f"{AT}/batch{way}").status_code == 403, way
    assert [b.number for b in all_of(made, "batch")] == ["B-1", "B-2", "B-3"]
