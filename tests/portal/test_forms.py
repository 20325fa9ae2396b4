"""Widgets out of facts, and what was typed back out of forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask, render_template_string
from hypothesis import given, settings
from hypothesis import strategies as some
from werkzeug.datastructures import MultiDict

from dossiers.facts import Fact, Form, facts, is_empty
from dossiers.reading import read
from dossiers.records import RECORDS
from dossiers.records.base import Record
from portal.app import create_app
from portal.config import Settings
from portal.forms import LONG_LIST, Filling, Widget, facts_apart, fields, typed
from tests.portal.conftest import check_html

IDS = [UUID(int=n) for n in range(1, LONG_LIST + 5)]


def few(_: str) -> list[tuple[str, str]]:
    return [(str(i), f"Record {n}") for n, i in enumerate(IDS[:3])]


def many(_: str) -> list[tuple[str, str]]:
    return [(str(i), f"Record {n}") for n, i in enumerate(IDS)]


def many_alike(_: str) -> list[tuple[str, str]]:
    return [(str(i), "Record") for i in IDS]


def blank(model: type[Record]) -> Record:
    return model(uid=uuid4(), project_id=uuid4(), key="k", absent={}, sources={})


def sent(widgets: tuple[Widget, ...]) -> MultiDict[str, str]:
    """What a browser sends for the widgets as they stand."""
    form: MultiDict[str, str] = MultiDict()
    for widget in widgets:
        if widget.shape == "checkboxes":
            form.add(widget.name, "")
        for text in widget.texts or (("",) if widget.shape != "checkboxes" else ()):
            form.add(widget.name, text.replace("\n", "\r\n"))
    return form


def value_for(f: Fact, text: str, flag: bool) -> Any:
    links = [str(i) for i in IDS[:2]]
    choice = next(iter(f.choices)).value if f.choices else None
    return {
        Form.INTEGER: str(max([int(b) for op, b in f.bounds if op in ("ge", "gt")] or [0]) + 1),
        Form.NUMBER: None,
        Form.DATE: "2026-03-12",
        Form.MONTH: "2026-03",
        Form.YESNO: "yes" if flag else "no",
        Form.CHOICE: choice,
        Form.CHOICES: [choice],
        Form.LINK: links[0],
        Form.LINKS: links,
        Form.LINES: [text, "second"],
        Form.CRITERION: None,
    }.get(f.form, text)


@pytest.mark.parametrize("kind", RECORDS)
@settings(max_examples=10)
@given(text=some.text("abc<&>\"'×⁶ ", min_size=1, max_size=8).filter(lambda t: t.strip()), flag=some.booleans())
def test_sending_a_form_as_it_stands_changes_nothing(kind: str, text: str, flag: bool) -> None:
    model = RECORDS[kind]
    values, messages = read(
        model, {f.name: value_for(f, text[: f.max_length or None].strip() or "x", flag) for f in facts(model)}
    )
    assert not messages
    record = blank(model)
    record.fill(values)
    for options_of in (few, many, many_alike):
        widgets = fields(model, record, Filling(options_of=options_of))
        assert [w.name for w in widgets] == [f.name for f in facts(model)]
        again, faults = read(model, typed(model, sent(widgets), options_of))
        assert not faults
        for name, value in values.items():
            assert again.get(name) == value or is_empty(value), name


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A portal whose database is never asked."""
    return create_app(Settings(f"sqlite:///{tmp_path_factory.mktemp('forms') / 'none.db'}", "t" * 32))


@pytest.mark.parametrize("kind", RECORDS)
def test_every_form_is_html_with_a_label_for_every_field(plain_app: Flask, kind: str) -> None:
    model = RECORDS[kind]
    names = [f.name for f in facts(model)]
    filling = Filling(
        typed=dict.fromkeys(names, '<b>"&'),
        messages=dict.fromkeys(names, "This & that <cannot> be."),
        options_of=few,
        gaps=frozenset(names),
    )
    template = (
        '{% import "forms.html" as forms with context %}<form method="post">{{ forms.hidden(3) }}'
        "{{ forms.errors(widgets) }}"
        '{% for w in widgets %}{{ forms.field(w, attrs={"hx-post": "/x?a=1&b=2"}) }}{% endfor %}</form>'
    )
    with plain_app.test_request_context("/"):
        for said in (Filling(), filling):
            widgets = fields(model, blank(model), said)
            html = render_template_string(template, widgets=widgets)
            check_html(html)
            assert "<b>" not in html
            for widget in widgets:
                assert f'id="{widget.id}"' in html
                assert f'for="{widget.id}"' in html or widget.shape == "checkboxes"
                if said is filling:
                    assert f'href="#{widget.id}"' in html
    assert 'name="revision" value="3"' in html


def test_only_some_facts_and_two_forms_on_a_page() -> None:
    model = RECORDS["product"]
    widgets = fields(model, None, Filling(prefix="row2"), only=("code", "name"))
    assert [w.id for w in widgets] == ["row2-code", "row2-name"]


def test_a_field_that_was_not_sent_is_not_typed() -> None:
    model = RECORDS["product"]
    assert typed(model, MultiDict([("code", "A"), ("nonsense", "x")])) == {"code": "A"}
    assert typed(model, MultiDict([("code", "  ")])) == {"code": ""}


def test_what_was_typed_and_not_taken_stays_in_the_field() -> None:
    model = RECORDS["product"]
    record = blank(model)
    record.fill({"code": "stored"})
    (widget,) = fields(model, record, Filling(typed={"code": "typed"}, messages={"code": "No."}), only=["code"])
    assert (widget.text, widget.error, widget.described_by) == ("typed", "No.", "f-code-hint f-code-error")


def test_a_name_typed_into_a_long_list_finds_its_record() -> None:
    model = next(m for m in RECORDS.values() if any(f.form is Form.LINK for f in facts(m)))
    f = next(f for f in facts(model) if f.form is Form.LINK)
    (widget,) = fields(model, None, Filling(options_of=many), only=[f.name])
    assert widget.shape == "datalist"
    assert typed(model, MultiDict([(f.name, " Record 3 ")]), many) == {f.name: str(IDS[3])}
    assert typed(model, MultiDict([(f.name, "Nothing")]), many) == {f.name: "Nothing"}


def test_a_conflict_shows_both_values_of_what_differs() -> None:
    model = RECORDS["product"]
    record = blank(model)
    record.fill({"code": "theirs", "name": "same"})
    (apart,) = facts_apart(record, {"code": "mine", "name": "same", "unknown": "x"})
    assert (apart.label, apart.yours, apart.theirs) == ("Code", "mine", "theirs") or apart.yours == "mine"
    assert facts_apart(object(), {"code": "x"}) == ()
