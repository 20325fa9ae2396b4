"""What Alembic runs: the migrations on the connection it is given, then the triggers of the appended tables and those
of the search."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, TypeDecorator
from sqlmodel import SQLModel

from portal import models, programme  # noqa: F401 (they declare the tables)
from portal.indexed import install
from portal.trail import guard


def render(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """The house's own column types as the plain types they are kept in, so that migrations stand by themselves."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


def declared(name: str | None, kind: str, _: Any) -> bool:
    """Whether a thing in the database is a model's; the words of the search belong to its triggers."""
    return kind != "table" or not (name or "").startswith("searched_words")


def migrate(connection: Connection) -> None:
    """Run what is to be run, in one transaction."""
    options: dict[str, Any] = {"render_as_batch": True, "render_item": render, "compare_type": True}
    options["include_name"] = declared
    context.configure(connection=connection, target_metadata=SQLModel.metadata, **options)
    with context.begin_transaction():
        context.run_migrations()
        if context.config.attributes.get("guards", False):
            guard(connection)
            install(connection)


migrate(context.config.attributes["connection"])
