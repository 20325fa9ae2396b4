"""How one looks at a grid: columns chosen in the address, views saved under a name."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import facts
from dossiers.records import RECORDS
from portal import db
from portal.grid.asked import SIZES, Asked, chosen, moved
from portal.models import FirstView, GridView, Project
from portal.views import PLAIN
from tests.portal.conftest import post
from tests.portal.grid.test_routes import AT, Enter
from tests.portal.records.conftest import all_of

BATCH = RECORDS["batch"]
NAMES = [f.name for f in facts(BATCH)]


def heads(page: str) -> list[str]:
    return re.findall(r'<th scope="col" id="h-(\w+)"', page)


def place(location: str | None) -> str:
    """Path, query and fragment of an answer's location."""
    parts = urlsplit(location or "")
    return parts._replace(scheme="", netloc="").geturl()


# ---------------------------------------------------------------- the address


@given(
    st.builds(
        Asked,
        st.text(st.characters(exclude_categories=("Cs",)), max_size=40).map(lambda text: text.strip()[:200]),
        st.sampled_from(["", *NAMES]),
        st.sampled_from(["", *NAMES]),
        st.booleans(),
        st.booleans(),
        st.lists(st.sampled_from(NAMES), max_size=6).map(lambda names: chosen(names, BATCH)),
        st.sampled_from(["", PLAIN, "0e6a9a40-4c4e-4b0e-9a86-3c9b9a2ff001"]),
        st.integers(1, 99_999),
        st.sampled_from(SIZES),
    )
)
def test_an_address_says_all_that_is_asked(asked: Asked) -> None:
    assert Asked.read(asked.here, BATCH) == asked
    assert Asked.read(asked.look, BATCH).look == asked.look


@given(st.lists(st.text(max_size=8) | st.sampled_from(NAMES)))
def test_any_columns_may_be_asked_for(names: list[str]) -> None:
    found = chosen(names, BATCH)
    wanted = [name for name in dict.fromkeys(names) if name in NAMES]
    assert bool(found) == bool(wanted)
    if found:
        assert set(found) == {*wanted, "number"}
        assert [name for name in found if name in wanted] == wanted
    assert chosen(found, BATCH) == found


def test_a_column_is_moved_as_far_as_that_goes() -> None:
    assert moved("abc", "b", -1) == ["b", "a", "c"]
    assert moved("abc", "a", -1) == moved("abc", "c", 1) == moved("abc", "x", 1) == ["a", "b", "c"]


# ---------------------------------------------------------------- columns


def test_columns_show_as_the_address_says(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    assert len(heads(browser.get(f"{AT}/batch").text)) == len(NAMES)
    page = browser.get(f"{AT}/batch?columns=remark,whale,size,,remark").text
    assert heads(page) == ["number", "remark", "size"]
    assert f"3 of {len(NAMES)}" in page
    assert heads(browser.get(f"{AT}/batch?columns=use,number").text) == ["use", "number"]
    assert len(heads(browser.get(f"{AT}/batch?columns=whale").text)) == len(NAMES)
    fragment = browser.get(f"{AT}/batch?columns=size&q=B-1", headers={"HX-Request": "true"}).text
    assert heads(fragment) == ["number", "size"]
    assert "B-1" in browser.get(f"{AT}/batch?columns=size&q=first+site").text, "hidden columns are searched too"
    assert '<input type="hidden" name="columns" value="number,remark,size">' in page
    assert "?sort=size&amp;columns=number,remark,size" in page


def test_the_chooser_works_by_plain_forms(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    page = browser.get(f"{AT}/batch?q=b&columns=size,remark").text
    assert re.search(r'<input type="checkbox" value="number" checked disabled>', page), "what names a row stays"
    form = {"back": "?q=b&columns=number,size,remark&page=3", "show": ["number", "size", "use"]}
    url = f"{AT}/batch/columns"
    assert place(browser.get(url, query_string=form).location) == f"{AT}/batch?q=b&columns=number,size,use"
    earlier = browser.get(url, query_string=form | {"earlier": "size"})
    assert place(earlier.location) == f"{AT}/batch?q=b&columns=size,number,use#c-size"
    later = browser.get(url, query_string=form | {"later": "use"})
    assert place(later.location) == f"{AT}/batch?q=b&columns=number,size,use#c-use"
    assert place(browser.get(url, query_string={"show": ["whale"], "later": "whale"}).location) == f"{AT}/batch"
    assert browser.get(f"{AT}/whale/columns").status_code == 404


def test_a_row_saved_with_few_columns_keeps_the_others(sign_in: Enter, made: Project) -> None:
    browser, row = sign_in("gmp_lead"), all_of(made, "batch")[0]
    form = {"number": "B-1", "remark": "seen", "revision": "1", "back": "?columns=number,remark"}
    answer = post(browser, f"{AT}/batch/{row.uid}", **form)
    assert place(answer.location) == f"{AT}/batch?columns=number,remark"
    assert all_of(made, "batch")[0].values() == row.values() | {"remark": "seen"}


# ---------------------------------------------------------------- saved views


def view(name: str) -> GridView:
    with db.reading() as session:
        return session.scalars(select(GridView).where(col(GridView.name) == name)).one()


def keep(browser: FlaskClient, name: str, back: str = "?q=B-1&columns=number,size&page=2", **more: str) -> str:
    answer = post(browser, f"{AT}/batch/views", name=name, back=back, **more)
    assert answer.status_code == 303, answer.text
    return place(answer.location)


def shelf(browser: FlaskClient, query: str = f"?view={PLAIN}") -> dict[str, str]:
    """Name → address of the views that the page lists."""
    page = browser.get(f"{AT}/batch{query}").text
    part = page[page.index('id="views"') : page.index('id="columns"')]
    found = re.findall(r'<li><a href="[^"?]*(\?[^"]*)"[^>]*>([^<]*)</a>', part)
    return {name: address.replace("&amp;", "&") for address, name in found}


def test_a_view_is_saved_opened_and_said_to_be_changed(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    address = keep(browser, "  Mine   too ")
    made_ = view("Mine too")
    assert made_.asked == "?q=B-1&columns=number,size"
    assert address == f"{AT}/batch?q=B-1&columns=number,size&view={made_.id}"
    page = browser.get(address).text
    assert heads(page) == ["number", "size"]
    assert "View: Mine too</summary>" in page
    assert "View: Mine too, changed</summary>" in browser.get(address + "&sort=size").text
    assert shelf(browser)["Mine too"] == f"?q=B-1&columns=number,size&view={made_.id}"
    assert "Mine too" not in shelf(sign_in("regulatory"))


def test_a_shared_view_is_for_everybody_who_sees_the_project(sign_in: Enter, made: Project) -> None:
    owner, other = sign_in("gmp_lead"), sign_in("regulatory")
    keep(owner, "Ours", shared="yes")
    assert "Ours" in shelf(other)
    assert "shared by Test GMP lead" in other.get(f"{AT}/batch").text
    assert "Ours" not in sign_in("gmp_lead").get(f"{AT}/site").text
    reader = sign_in("investment_manager")  # sees the project, edits no facts
    assert "Ours" in shelf(reader)
    assert post(reader, f"{AT}/batch/views", name="For all", shared="yes").status_code == 409
    keep(reader, "For me")
    answer = post(reader, f"{AT}/batch/views/{view('Ours').id}", name="Theirs", revision="1", shared="yes")
    assert answer.status_code == 409
    assert "Only its owner" in answer.text
    assert post(other, f"{AT}/batch/views/{view('Ours').id}", name="All", revision="1", shared="yes").status_code == 303
    assert post(other, f"{AT}/batch/views/{view('For me').id}/remove", revision="1").status_code == 404


def test_a_view_is_renamed_filled_anew_and_deleted(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    keep(browser, "Old")
    url = f"{AT}/batch/views/{view('Old').id}"
    post(browser, url, name="New", revision="1", back="?q=x")
    assert view("New").asked == "?q=B-1&columns=number,size"
    assert post(browser, url, name="Newer", revision="1").status_code == 409  # somebody changed it meanwhile
    post(browser, url, name="New", revision="2", back="?q=x", anew="yes")
    assert view("New").asked == "?q=x"
    answer = post(browser, f"{url}/remove", revision="3", back=f"?q=x&view={view('New').id}")
    assert place(answer.location) == f"{AT}/batch?q=x&view=none"
    assert list(shelf(browser)) == ["All rows and columns"]
    assert post(browser, f"{url}/remove", revision="3").status_code == 404


def test_one_begins_with_the_view_of_ones_choice(sign_in: Enter, made: Project) -> None:
    browser, other = sign_in("gmp_lead"), sign_in("regulatory")
    first = keep(browser, "First", shared="yes", first="yes")
    assert place(browser.get(f"{AT}/batch").location) == first
    assert browser.get(f"{AT}/batch?view=none").status_code == 200
    assert browser.get(f"{AT}/batch?lacking=yes").status_code == 200
    assert other.get(f"{AT}/batch").status_code == 200
    post(other, f"{AT}/batch/views/first", view=str(view("First").id))
    assert place(other.get(f"{AT}/batch").location) == first
    second = keep(browser, "Second", "?sort=size", first="yes")
    assert place(browser.get(f"{AT}/batch").location) == second
    post(browser, f"{AT}/batch/views/first", view="")
    assert browser.get(f"{AT}/batch").status_code == 200
    assert place(other.get(f"{AT}/batch").location) == first
    post(browser, f"{AT}/batch/views/{view('First').id}", name="First", revision="1")  # not shared any more
    assert other.get(f"{AT}/batch").status_code == 200
    post(browser, f"{AT}/batch/views/first", view=str(view("First").id))
    post(browser, f"{AT}/batch/views/{view('First').id}/remove", revision="2")
    assert browser.get(f"{AT}/batch").status_code == 200
    with db.reading() as session:
        assert not session.scalars(select(FirstView)).all()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x07b"])
def test_a_name_that_is_none_is_refused(name: str, sign_in: Enter, made: Project) -> None:
    answer = post(sign_in("gmp_lead"), f"{AT}/batch/views", htmx=True, name=name)
    assert answer.status_code == 409
    assert "Give the view a name" in answer.text
    assert answer.headers["HX-Retarget"] == "#flash"  # what was typed stays in the form


def test_bad_requests_of_views_are_sentences(sign_in: Enter, made: Project) -> None:
    browser = sign_in("gmp_lead")
    keep(browser, "Mine")
    answer = post(browser, f"{AT}/batch/views", name="mine")
    assert answer.status_code == 409
    assert "There is a view “mine” already" in answer.text
    keep(browser, "Other")
    assert post(browser, f"{AT}/batch/views/{view('Other').id}", name="Mine", revision="1").status_code == 409
    assert post(browser, f"{AT}/batch/views/first", view="whale").status_code == 404
    assert post(browser, f"{AT}/site/views/{view('Mine').id}/remove", revision="1").status_code == 404
    assert post(sign_in("administrator"), f"{AT}/batch/views", name="Mine").status_code == 404
    assert {view("Mine").name, view("Other").name} == {"Mine", "Other"}
    assert browser.get(f"{AT}/batch?view=whale&columns=&size=7").status_code == 200
