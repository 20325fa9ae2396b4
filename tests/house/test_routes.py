"""Every route states a right, writes by POST alone, and knows its project by the key in its address."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from portal.app import NAVIGATION, SLICES, TABS, create_app
from portal.config import Settings
from portal.rights import PORTAL_WIDE, Right


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("routes")
    return create_app(Settings(f"sqlite:///{folder / 'none.db'}", "t" * 32))


def test_every_route_states_a_right(app: Flask) -> None:
    silent = [name for name, view in app.view_functions.items() if not isinstance(getattr(view, "right", None), Right)]
    assert not silent


def test_a_right_on_a_project_goes_with_a_project_in_the_address(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        right = app.view_functions[rule.endpoint].right  # type: ignore[attr-defined]
        assert ("key" in rule.arguments) == (right not in PORTAL_WIDE), rule


def test_addresses_that_are_read_do_not_write(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        assert rule.methods is not None
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, rule


def test_only_the_sign_in_and_files_are_open_to_nobody(app: Flask) -> None:
    open_ = {name for name, view in app.view_functions.items() if view.right is Right.ENTER}  # type: ignore[attr-defined]
    assert open_ == {"people.sign_in_form", "people.sign_in", "assets.static", "assets.vendor"}


def test_the_navigation_leads_somewhere(app: Flask) -> None:
    for place in (*NAVIGATION, *TABS):
        assert place.endpoint in app.view_functions, place
        assert app.view_functions[place.endpoint].right is place.right, place  # type: ignore[attr-defined]
    assert {name.split(".")[0] for name in app.view_functions} == {*SLICES, "assets"}


def test_every_slice_has_the_same_three_files(root: Path) -> None:
    for name in SLICES:
        files = {file.name for file in (root / "portal" / name).glob("*.py")}
        assert files <= {"__init__.py", "routes.py", "actions.py", "queries.py"} or len(files) <= 7, name
        assert "routes.py" in files
