"""Record: a table of facts, with the readable key, the reasons for what is empty and the sources of what is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sqlalchemy import JSON, Date, String, Text, TypeDecorator, UniqueConstraint, Uuid
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel
from sqlmodel.main import FieldInfoMetadata

from dossiers.facts import Choice, Form, annotated, by_name, fact, facts, is_empty, is_fact, show_bare

__all__ = ["Choice", "Form", "Record", "fact", "record_id"]

HOUSE = UUID("5f2c1a52-7a3b-5d0e-9c66-7a1d3e2b4c10")  # the namespace of every record id derived from a project file

# Every constraint has a name, so that migrations can speak of it on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def record_id(project: str, kind: str, key: str) -> UUID:
    """The id of a record: the same for the same project, kind and key, on every machine."""
    return uuid5(HOUSE, f"{project}/{kind}/{key}")


class Exact(TypeDecorator[Decimal]):
    """A decimal kept digit for digit: databases round or pad numerics, a result of 0.50 must stay 0.50."""

    impl = String(80)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Any) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Decimal | None:
        return None if value is None else Decimal(value)


class Word(TypeDecorator[Choice]):
    """A member of a closed list, kept as its value, so that lists may grow without a migration."""

    impl = String(60)
    cache_ok = True

    def __init__(self, choices: type[Choice]):
        super().__init__()
        self.choices = choices

    def process_bind_param(self, value: Choice | None, dialect: Any) -> str | None:
        return None if value is None else str(value.value)

    def process_result_value(self, value: str | None, dialect: Any) -> Choice | None:
        return None if value is None else self.choices(value)


class Several(TypeDecorator[list[Any]]):
    """A list of texts, ids or words of a closed list, kept as JSON."""

    impl = JSON
    cache_ok = True

    def __init__(self, item: type = str):
        super().__init__()
        self.item = item

    def process_bind_param(self, value: list[Any] | None, dialect: Any) -> list[str] | None:
        return None if value is None else [str(v.value) if isinstance(v, Choice) else str(v) for v in value]

    def process_result_value(self, value: list[str] | None, dialect: Any) -> list[Any] | None:
        return None if value is None else [self.item(v) for v in value]


def column(kind: Any, item: Any) -> Any:
    """The database type of a fact whose annotation is `kind` (a list of `item`); None leaves it to SQLModel."""
    if kind is list:
        return Several(item)
    if issubclass(kind, Choice):
        return Word(kind)
    return {Decimal: Exact(), str: Text(), UUID: Uuid(), date: Date()}.get(kind)


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Record(SQLModel):
    """One thing a dossier speaks of. Ids come from project and key; `revision` counts its saved states.

    The house's own columns have names no fact has (data_model.md uses id, name, title, version, order, status).

    `absent`: fact name → {kind: an `Absence`, reason: a sentence, owner: who owes the answer}.
    `sources`: fact name → {where: keys of `source` records or free text, basis: a `Basis`, note: a remark}.
    """

    called: ClassVar[tuple[str, str]]  # singular, plural: ("Batch", "Batches")
    group: ClassVar[str]  # where it stands in the editor's menu
    naming: ClassVar[tuple[str, ...]] = ()  # the facts that name it to a reader
    single: ClassVar[bool] = False  # at most one per project

    uid: UUID = Field(primary_key=True)
    project_id: UUID = Field(index=True)
    key: str = Field(max_length=120)
    position: int = Field(default=0)
    revision: int = Field(default=1)
    absent: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    sources: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return cls.kind()

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (UniqueConstraint("project_id", "key"),)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for info in cls.model_fields.values():
            if is_fact(info) and (made := column(*annotated(info))) is not None:
                next(m for m in info.metadata if isinstance(m, FieldInfoMetadata)).sa_type = made

    @classmethod
    def kind(cls) -> str:
        """The record's kind as files and addresses write it: "spec_test"."""
        return _snake(cls.__name__)

    def named(self) -> str:
        """What a reader calls this record: its naming facts, else its key."""
        known = by_name(type(self))
        words = [show_bare(known[n], getattr(self, n)) for n in self.naming if not is_empty(getattr(self, n))]
        return " ".join(words) or self.key

    def values(self) -> dict[str, Any]:
        """Fact name → value, in the order they are declared."""
        return {f.name: getattr(self, f.name) for f in facts(type(self))}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Take over values that `read` gave."""
        for name, value in values.items():
            setattr(self, name, value)
