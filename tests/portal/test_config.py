"""Settings out of the environment."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from portal.config import Misconfigured, database_url, from_environment


def test_without_any_setting_database_and_secret_lie_in_var(tmp_path: Path) -> None:
    var = tmp_path / "deep" / "var"
    first, again = from_environment({"TANDEM_VAR": str(var)}), from_environment({"TANDEM_VAR": str(var)})
    assert first == again
    assert first.database_url == f"sqlite:///{var / 'tandem.db'}"
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((var / "secret_key").stat().st_mode) == 0o600
    assert first.secret_key not in repr(first)
    assert not first.demo
    assert not first.secure


def test_every_setting_can_be_said(tmp_path: Path) -> None:
    said = from_environment(
        {
            "DATABASE_URL": "postgres://u:p@h/d",
            "TANDEM_SECRET_KEY": "k" * 32,
            "TANDEM_SECURE": "yes",
            "TANDEM_DEMO": "1",
            "TANDEM_PORT": "80",
            "TANDEM_IDLE_MINUTES": "5",
            "TANDEM_ABSOLUTE_HOURS": "2",
            "TANDEM_LARGEST_BODY": "1000",
            "TANDEM_HOST": "0.0.0.0",
        }
    )
    assert said.database_url == "postgresql+psycopg://u:p@h/d"
    assert (said.secure, said.demo, said.port, said.host, said.largest_body) == (True, True, 80, "0.0.0.0", 1000)
    assert (said.idle, said.absolute) == (timedelta(minutes=5), timedelta(hours=2))
    assert "u:p" not in repr(said)


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({"TANDEM_SECRET_KEY": "short"}, "at least 32 characters; this has 5"),
        ({"TANDEM_SECRET_KEY": "k" * 32, "TANDEM_PORT": "http"}, "TANDEM_PORT must be a whole number"),
        ({"TANDEM_SECRET_KEY": "k" * 32, "TANDEM_IDLE_MINUTES": "0"}, "TANDEM_IDLE_MINUTES"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must begin with"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, environ: dict[str, str], why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        from_environment({"DATABASE_URL": "sqlite:///x.db", "TANDEM_VAR": str(tmp_path), **environ})


@pytest.mark.parametrize("text", ["", "sqlite://", "sqlite:///:memory:", "file.db"])
def test_addresses_that_keep_nothing_are_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        database_url(text)
