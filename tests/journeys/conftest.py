"""The portal of the page tests, served to a real browser."""

from __future__ import annotations

from tests.portal.conftest import app, empty_postgres, empty_sqlite, hashed, people, project, served, settings

__all__ = ["app", "empty_postgres", "empty_sqlite", "hashed", "people", "project", "served", "settings"]
