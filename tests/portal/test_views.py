"""Saved views of the table of all projects: the mechanism of the grids, where a database guards no name."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlmodel import col

from portal import db, views
from portal.db import Refused
from portal.models import FirstView, GridView, Person, Project
from portal.portfolio.queries import VIEWS, Asked, place
from portal.rights import asker
from portal.stages import Role
from tests.portal.conftest import post

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]
People = dict[Role, Person]
AT = "/projects/views"


def of(person: Person) -> views.Place:
    with db.reading() as session:
        return place(asker(session, person))


def save(person: Person, name: str, query: str = "?late=yes", is_shared: bool = False) -> GridView:
    where = of(person)
    with db.signed(person, "saved a view") as session:
        return views.save(session, where, views.Named(name, is_shared, Asked.read(query)))


def kept() -> list[GridView]:
    with db.reading() as session:
        return list(session.scalars(select(GridView).order_by(col(GridView.name))))


def local(location: str | None) -> str:
    return urlsplit(location or "")._replace(scheme="", netloc="").geturl()


def shelf(browser: FlaskClient, query: str = "?view=none") -> dict[str, str]:
    """Name → address of the views that the table offers."""
    page = browser.get(f"/projects{query}").text
    part = page[page.index('id="views"') : page.index("Save what shows now as")]
    found = re.findall(r'<li><a href="/projects(\?[^"]*)"[^>]*>([^<]*)</a>', part)
    return {name: address.replace("&amp;", "&") for address, name in found}


# ---------------------------------------------------------------- verbs


def test_a_name_is_one_persons_once(people: People) -> None:
    manager, other = people[Role.INVESTMENT], people[Role.QUALITY]
    save(manager, "Late")
    save(other, "Late")
    with pytest.raises(Refused, match="There is a view “LATE” already"):
        save(manager, " LATE ")
    for name in ("", "x" * 81, "a\x07b"):
        with pytest.raises(Refused, match="such as “Late at G1”"):
            save(manager, name)
    assert [(view.kind, view.project_id, view.asked) for view in kept()] == [(VIEWS, None, "?late=yes")] * 2


def test_two_browsers_of_one_person_save_one_name_once(people: People) -> None:
    manager = people[Role.INVESTMENT]

    def one(_: int) -> bool:
        try:
            save(manager, "Mine")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]
    (view,) = kept()

    def begin(_: int) -> None:
        where = of(manager)
        with db.signed(manager, "begins") as session:
            views.begin_with(session, where, view.id)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(begin, range(4)))
    with db.reading() as session:
        assert len(session.scalars(select(FirstView)).all()) == 1
        assert views.beginning(session, place(asker(session, manager))) == f"?late=yes&view={view.id}"


def test_a_view_is_renamed_to_no_name_of_its_owner(people: People) -> None:
    manager = people[Role.INVESTMENT]
    save(manager, "One")
    two, where = save(manager, "Two"), of(manager)
    with pytest.raises(Refused, match="There is a view “one” already"), db.signed(manager, "renamed") as session:
        views.change(session, where, (two.id, 1), views.Named("one"))
    with db.signed(manager, "renamed") as session:
        assert views.change(session, where, (two.id, 1), views.Named("TWO")).asked == "?late=yes"
    assert [view.name for view in kept()] == ["One", "TWO"]


def test_who_keeps_the_rulebook_shares(people: People) -> None:
    manager, other = people[Role.INVESTMENT], people[Role.QUALITY]
    with pytest.raises(Refused, match="Only those who may change the programme's rulebook share views"):
        save(other, "For all", is_shared=True)
    shared, where = save(manager, "For all", is_shared=True), of(other)
    with pytest.raises(Refused, match="Only its owner, or those who"), db.signed(other, "renamed") as session:
        views.change(session, where, (shared.id, 1), views.Named("Mine"))
    own = save(other, "Own")
    with pytest.raises(LookupError, match="not shared with you"), db.signed(manager, "removed") as session:
        views.remove(session, of(manager), (own.id, 1))


# ---------------------------------------------------------------- pages


def test_a_look_is_saved_opened_by_its_address_and_said_to_be_changed(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1")
    project("transfer", "P-2")
    browser = sign_in("investment_manager")
    answer = post(browser, AT, name="Before G4", back="?gate=G4&sort=title&page=2&whale=yes")
    (view,) = kept()
    assert view.asked == "?gate=G4&sort=title"
    assert local(answer.location) == f"/projects?gate=G4&sort=title&view={view.id}"
    page = browser.get(local(answer.location)).text
    assert "View: Before G4</summary>" in page and "P-2" in page and "/projects/P-1" not in page
    assert f'<input type="hidden" name="view" value="{view.id}">' in page
    assert "View: Before G4, changed</summary>" in browser.get(f"{local(answer.location)}&late=yes").text
    assert shelf(browser) == {"All projects": "?view=none", "Before G4": f"?gate=G4&sort=title&view={view.id}"}
    other = sign_in("quality")
    assert list(shelf(other)) == ["All projects"]
    page = other.get(local(answer.location)).text  # the address holds what shows, whoever may open the view
    assert "View: all projects</summary>" in page and "P-2" in page and "/projects/P-1" not in page


def test_a_view_is_shared_renamed_filled_anew_and_deleted(sign_in: Enter, people: People) -> None:
    browser, other = sign_in("investment_manager"), sign_in("quality")
    post(browser, AT, name="Late", back="?late=yes", shared="yes")
    (view,) = kept()
    assert "Late" in shelf(other) and "shared by Test investment manager" in other.get("/projects").text
    assert "Share it with" in browser.get("/projects").text and "Share it with" not in other.get("/projects").text
    assert post(other, AT, name="All", shared="yes").status_code == 409
    assert post(other, f"{AT}/{view.id}", name="Mine", revision="1", shared="yes").status_code == 409
    answer = post(browser, f"{AT}/{view.id}", name="Too late", revision="1", back="?stage=transfer", shared="yes")
    assert local(answer.location) == "/projects?stage=transfer"
    assert kept()[0].asked == "?late=yes"
    assert post(browser, f"{AT}/{view.id}", name="Newer", revision="1").status_code == 409, "it was changed meanwhile"
    post(browser, f"{AT}/{view.id}", name="Too late", revision="2", back="?stage=transfer", shared="yes", anew="yes")
    assert kept()[0].asked == "?stage=transfer"
    answer = post(browser, f"{AT}/{view.id}/remove", revision="3", back=f"?stage=transfer&view={view.id}")
    assert local(answer.location) == "/projects?stage=transfer&view=none"
    assert kept() == []
    assert post(browser, f"{AT}/{view.id}/remove", revision="3").status_code == 404


def test_one_begins_with_the_view_of_ones_choice(sign_in: Enter, project: Make) -> None:
    project("feasibility", "P-1")
    browser, other = sign_in("investment_manager"), sign_in("regulatory")
    first = local(post(browser, AT, name="First", back="?late=yes", shared="yes", first="yes").location)
    assert local(browser.get("/projects").location) == first
    assert browser.get("/projects?view=none").status_code == browser.get("/projects?q=P").status_code == 200
    assert other.get("/projects").status_code == 200
    (view,) = kept()
    assert post(other, f"{AT}/first", view=str(view.id)).status_code == 303
    assert local(other.get("/projects").location) == first
    post(browser, f"{AT}/{view.id}", name="First", revision="1")  # not shared any more
    assert other.get("/projects").status_code == 200
    assert local(browser.get("/projects").location) == first
    assert post(browser, f"{AT}/first", view="").status_code == 303
    assert browser.get("/projects").status_code == 200
    assert post(browser, f"{AT}/first", view="whale").status_code == 404
    assert sign_in("administrator").get("/projects").status_code == 403
    assert post(sign_in("administrator"), AT, name="Mine").status_code == 403
