"""A filled record of every kind survives the database, digit for digit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, create_engine

from dossiers.facts import Fact, Form, facts
from dossiers.reading import read
from dossiers.records import KINDS
from dossiers.records.base import Record, record_id

PROJECT = uuid4()
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20).map(
    str.strip
)
CRITERIA = st.sampled_from(["≥ 70 %", "1e6–5e6 cells/kg", "absent in 10 mL", "cloudy liquid", "report result"])
TYPED: dict[Form, st.SearchStrategy[Any]] = {
    Form.LINE: WORDS,
    Form.TEXT: st.lists(WORDS, min_size=1, max_size=3).map("\n".join),
    Form.PROSE: WORDS,
    Form.DATE: st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(date.isoformat),
    Form.MONTH: st.sampled_from(["2024", "2024-06", "2024-06-12"]),
    Form.YESNO: st.sampled_from(["yes", "no"]),
    Form.LINES: st.lists(WORDS.filter(lambda word: word and ";" not in word), min_size=1, max_size=3),
    Form.LINK: st.uuids().map(str),
    Form.LINKS: st.lists(st.uuids().map(str), min_size=1, max_size=3),
    Form.CRITERION: CRITERIA,
    Form.QUANTITY: st.sampled_from(["88", "0.50", "1.05e13", "absent", "< 0.1 EU/mL"]),
}


def typed(f: Fact) -> st.SearchStrategy[Any]:
    if f.choices is not None:
        word = st.sampled_from([word.value for word in f.choices])
        return word if f.form is Form.CHOICE else st.lists(word, min_size=1, max_size=3)
    if f.form in (Form.INTEGER, Form.NUMBER):
        bounds = dict(f.bounds)
        least = int(bounds.get("ge", bounds.get("gt", Decimal(-5)))) + ("gt" in bounds)
        most = int(bounds.get("le", bounds.get("lt", Decimal(10**6))))
        whole = st.integers(least, most)
        return whole.map(str) if f.form is Form.INTEGER else whole.map(lambda number: f"{number}.0")
    words = TYPED[f.form]
    return words.map(lambda text: text[: f.max_length].strip()) if f.max_length and f.form is Form.LINE else words


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine, tables=[SQLModel.metadata.tables[model.kind()] for model in KINDS])
    yield engine
    engine.dispose()


@pytest.mark.parametrize("model", [pytest.param(model, id=model.kind()) for model in KINDS])
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_a_filled_record_survives(engine: Engine, model: type[Record], data: st.DataObject) -> None:
    raw = {f.name: data.draw(typed(f)) for f in facts(model)}
    values, messages = read(model, raw)
    assert not messages
    key = str(uuid4())
    record = model(uid=record_id("p", model.kind(), key), project_id=PROJECT, key=key)
    record.fill(values)
    before = record.values()
    assert before == {f.name: values.get(f.name) for f in facts(model)}
    with Session(engine) as session:
        session.add(record)
        session.commit()
        session.expunge_all()
        again = session.get(model, record_id("p", model.kind(), key))
        assert again is not None
        assert {name: str(value) for name, value in again.values().items()} == {
            name: str(value) for name, value in before.items()
        }, "numbers keep their digits"
        assert again.values() == before
        assert isinstance(again.uid, UUID)
        assert again.named()
