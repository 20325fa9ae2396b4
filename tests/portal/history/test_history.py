"""The history page reads the trail: who, when, why, from what to what."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from dossiers.records.base import record_id
from dossiers.records.product import Product
from portal import db
from portal.history.queries import Asked, history
from portal.models import Person, Project
from portal.stages import Role

Make = Callable[..., Project]


def changed(project: Project, person: Person) -> None:
    uid = record_id(project.key, "product", "main")
    with db.signed(person, "enter the product") as session:
        product = Product(uid=uid, project_id=project.id, key="main", position=0, revision=1, absent={}, sources={})
        product.fill({"name": "First name", "code": "P-1"})
        session.add(product)
    with db.signed(person, "name it better") as session:
        found = session.get(Product, uid)
        assert found is not None
        found.fill({"name": "Second name"})


def test_each_change_tells_who_why_before_and_after(project: Make, people: dict[Role, Person]) -> None:
    made = project("feasibility", "P-1")
    changed(made, people[Role.REGULATORY])
    with db.reading() as session:
        found = history(session, made, Asked())
        last = found.saves[0]
        assert (last.who, last.why, last.deed) == (people[Role.REGULATORY].name, "name it better", "changed")
        told = [(line.label, line.old, line.new) for line in last.lines]
        assert told == [("Product name", "First name", "Second name")]
        assert last.there
        assert {s.why for s in history(session, made, Asked(words="Second")).saves} == {"name it better"}
        assert not history(session, made, Asked(words="absent word")).saves
        assert {s.kind for s in history(session, made, Asked(kind="product")).saves} == {"product"}


def test_the_page(sign_in: Callable[[str], FlaskClient], project: Make, people: dict[Role, Person]) -> None:
    made = project("feasibility", "P-1")
    changed(made, people[Role.REGULATORY])
    browser = sign_in("regulatory")
    page = browser.get("/projects/P-1/history").get_data(as_text=True)
    assert "First name" in page and "Second name" in page and "name it better" in page
    odd = browser.get("/projects/P-1/history?q=zzz&since=bad&row=bad&before=x")
    assert "Nothing found" in odd.get_data(as_text=True)
