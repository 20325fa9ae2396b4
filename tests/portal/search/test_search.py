"""The search page and the field in the header: found, led there, filtered, paged; who may; a way on from nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from dossiers.binder import load
from portal.models import Project
from portal.search.queries import Asked, grouped
from portal.searching import Hit

Enter = Callable[[str], FlaskClient]
Make = Callable[..., Project]

FILE = """
tandem: 1
project: {key}
records:
  proposal:
    p: {{acronym: {key}, indication: Relapsed leukaemia of adults, moa: "A <b>receptor</b> against CD19."}}
  material:
{materials}
"""


def filled(project: Make, key: str, materials: int = 2, **more: Any) -> Project:
    lines = "\n".join(
        f"    m{n}: {{name: Plasmid {n}, composition: Water for leukaemia cells}}" for n in range(materials)
    )
    return project("feasibility", key, records=load(FILE.format(key=key, materials=lines)).records, **more)


def read(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def test_each_hit_leads_to_where_it_stands(sign_in: Enter, project: Make) -> None:
    filled(project, "LEUK-1", members=("researcher",))
    browser = sign_in("researcher")
    page = read(browser, "/search?q=leuk")
    assert "4 hits for “leuk”" in page.replace("\xa0", " ")
    assert (
        '<h2 id="found-1"><a href="/projects/LEUK-1"><mark>LEUK</mark>-1 Project <mark>LEUK</mark>-1</a></h2>' in page
    )
    assert 'href="/projects/LEUK-1/proposal"' in page
    assert "Relapsed <mark>leukaemia</mark> of adults · A &lt;b&gt;receptor&lt;/b&gt; against CD19." in page
    links = re.findall(r'href="(/projects/LEUK-1/facts/material/[0-9a-f-]{36})"', page)
    assert len(links) == 2
    assert all("Plasmid" in read(browser, link) for link in links)
    assert "Water for <mark>leukaemia</mark> cells" in page


def test_kinds_and_pages(sign_in: Enter, project: Make) -> None:
    filled(project, "LEUK-1", 30)
    browser = sign_in("investment_manager")
    page = read(browser, "/search?q=leuk")
    assert "Everything 32" in page and "Materials 30" in page and "Page 1 of 2" in page
    assert 'href="/search?q=leuk&amp;page=2"' in page
    assert "Page 2 of 2" in read(browser, "/search?q=leuk&page=2")
    assert "Page 2 of 2" in read(browser, "/search?q=leuk&page=77")
    only = read(browser, "/search?q=leuk&kind=proposal")
    assert 'href="/search?q=leuk&amp;kind=proposal" aria-current="page"' in only
    assert "Plasmid" not in only and "Relapsed" in only and "Materials 30" in only
    other = read(browser, "/search?q=relapsed&kind=material")
    assert "Nothing of this kind" in other and 'href="/search?q=relapsed">Show hits of every kind' in other
    assert "Everything 32" in read(browser, "/search?q=leuk&kind=no-such-kind&page=-1")


def test_the_empty_page_teaches(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    page = read(browser, "/search")
    assert "What are you looking for?" in page and "The beginning of a word is enough" in page
    assert "There is no word in “+++”" in read(browser, "/search?q=%2B%2B%2B")


def test_when_nothing_is_found_there_is_a_way_on(sign_in: Enter, project: Make) -> None:
    filled(project, "LEUK-1")
    browser = sign_in("investment_manager")
    page = read(browser, "/search?q=leukaemia+unicorn")
    assert "Nothing found for “leukaemia unicorn”" in page and 'href="/search?q=leukaemia"' in page
    assert "Search for “unicorn”" not in read(browser, "/search?q=unicorn")


@pytest.mark.parametrize("typed", ["%22", "%27+OR+1%3D1", "%00", "a" * 500, "NEAR(", "%3Cscript%3E", "title:%20x*"])
def test_odd_things_typed_are_no_fault(sign_in: Enter, project: Make, typed: str) -> None:
    page = read(sign_in("investment_manager"), f"/search?q={typed}")
    assert "<script>" not in page.replace('<script src="', "")


def test_who_may(sign_in: Enter, client: FlaskClient, project: Make) -> None:
    filled(project, "SECRET-1", members=("clinician",))
    filled(project, "OPEN-1", confidential=False)
    assert client.get("/search?q=leuk").status_code == 303
    page = read(sign_in("researcher"), "/search?q=leuk")
    assert "OPEN-1" in page and "SECRET-1" not in page and "Everything 3<" in page
    assert "SECRET-1" in read(sign_in("clinician"), "/search?q=leuk")
    administrator = sign_in("administrator")
    assert administrator.get("/search?q=leuk").status_code == 403
    assert 'action="/search"' not in read(administrator, "/")


def test_the_header_has_a_labelled_field_but_not_beside_the_other(sign_in: Enter) -> None:
    browser = sign_in("researcher")
    page = read(browser, "/projects")
    assert 'action="/search"' in page and '<label class="hidden" for="seek">' in page
    assert 'id="seek"' not in read(browser, "/search")


def test_htmx_gets_the_hits_alone(sign_in: Enter, project: Make) -> None:
    filled(project, "LEUK-1")
    answer = sign_in("investment_manager").get("/search?q=leuk", headers={"HX-Request": "true"})
    assert answer.get_data(as_text=True).lstrip().startswith('<section id="find"')


def test_what_the_address_says() -> None:
    asked = Asked.of({"q": " cd19 & β ", "kind": "batch", "page": "3"})
    assert asked == Asked("cd19 & β", "batch", 3)
    assert asked.address() == "?q=cd19+%26+%CE%B2&kind=batch"
    assert asked.address(number=4).endswith("&page=4")
    assert Asked.of({"kind": "review", "page": "²"}) == Asked()


def test_hits_of_a_project_stand_together() -> None:
    hits = [
        Hit(key, key.lower(), kind, None, (), ())  # type: ignore[arg-type]
        for key, kind in (("B", "batch"), ("A", "site"), ("B", "project"))
    ]
    first, second = grouped(hits)
    assert (first.key, first.whole, first.hits) == ("B", hits[2], (hits[0],))
    assert (second.key, second.whole, second.hits) == ("A", None, (hits[1],))
