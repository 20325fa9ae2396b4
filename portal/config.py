"""Settings of one portal, out of the environment: read once, then frozen."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

SHORTEST_SECRET = 32


class Misconfigured(Exception):
    """A setting cannot be used; the text is a sentence that names it."""


HERE = ZoneInfo("Europe/Brussels")  # the clock that pages are read by


@dataclass(frozen=True, slots=True)
class Settings:
    """What a portal is told from outside.

    `secure` says that browsers reach it over https; `idle` and `absolute` limit a sign-in; `demo` permits the demo
    sign-ins whose passwords are printed; `largest_body` is the size of the largest request in bytes.
    """

    database_url: str = field(repr=False)
    secret_key: str = field(repr=False)
    secure: bool = False
    demo: bool = False
    idle: timedelta = timedelta(hours=2)
    absolute: timedelta = timedelta(hours=12)
    largest_body: int = 60_000_000
    host: str = "127.0.0.1"
    port: int = 5000


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment gives, with a folder `var` for the database and the secret by default.

    DATABASE_URL, TANDEM_VAR, TANDEM_SECRET_KEY, TANDEM_SECURE, TANDEM_DEMO, TANDEM_IDLE_MINUTES,
    TANDEM_ABSOLUTE_HOURS, TANDEM_LARGEST_BODY (bytes), TANDEM_HOST, TANDEM_PORT. Raises `Misconfigured`.
    """
    said = os.environ if environ is None else environ
    var = Path(said.get("TANDEM_VAR", "var")).absolute()
    return Settings(
        database_url=database_url(said.get("DATABASE_URL") or f"sqlite:///{_made(var) / 'tandem.db'}"),
        secret_key=_strong(said["TANDEM_SECRET_KEY"]) if said.get("TANDEM_SECRET_KEY") else _secret(_made(var)),
        secure=_yes(said, "TANDEM_SECURE"),
        demo=_yes(said, "TANDEM_DEMO"),
        idle=timedelta(minutes=_count(said, "TANDEM_IDLE_MINUTES", 120)),
        absolute=timedelta(hours=_count(said, "TANDEM_ABSOLUTE_HOURS", 12)),
        largest_body=_count(said, "TANDEM_LARGEST_BODY", 60_000_000),
        host=said.get("TANDEM_HOST", "127.0.0.1"),
        port=_count(said, "TANDEM_PORT", 5000),
    )


def database_url(text: str) -> str:
    """`text` with the driver that Tandem ships: postgres:// and postgresql:// are read by psycopg 3."""
    for scheme in ("postgres://", "postgresql://"):
        if text.startswith(scheme):
            return "postgresql+psycopg://" + text.removeprefix(scheme)
    if text.startswith(("sqlite:///", "postgresql+psycopg://")) and text != "sqlite:///:memory:":
        return text
    raise Misconfigured("DATABASE_URL must begin with sqlite:/// and name a file, or begin with postgresql://.")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _secret(folder: Path) -> str:
    """The secret kept in `folder`, made on the first start and readable by its owner only."""
    file = folder / "secret_key"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as made:
            made.write(secrets.token_hex(SHORTEST_SECRET))
    except FileExistsError:
        pass
    return _strong(file.read_text(encoding="ascii").strip())


def _strong(secret: str) -> str:
    if len(secret) < SHORTEST_SECRET:
        raise Misconfigured(f"The secret key must have at least {SHORTEST_SECRET} characters; this has {len(secret)}.")
    return secret


def _yes(said: Mapping[str, str], name: str) -> bool:
    return said.get(name, "").casefold() in {"1", "yes", "true", "on"}


def _count(said: Mapping[str, str], name: str, default: int) -> int:
    text = said.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) == 0:
        raise Misconfigured(f"{name} must be a whole number above 0; “{text}” is not.")
    return int(text)
