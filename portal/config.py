"""Settings of one portal, out of the environment: read once, then frozen."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

SHORTEST_SECRET = 32


class Misconfigured(Exception):
    """A setting cannot be used; the text is a sentence that names it."""


HERE = ZoneInfo("Europe/Brussels")  # the clock that pages are read by


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves the portal. `kind`: console, file (into `folder`), smtp or smtps (to `host` at `port`).

    `sender` is the address that mail comes from.
    """

    kind: str
    folder: Path = Path()
    host: str = ""
    port: int = 0
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    sender: str = "tandem@localhost"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a portal is told from outside.

    `secure` says that browsers reach it over https; `idle` and `absolute` limit a sign-in; `demo` permits the demo
    sign-ins whose passwords are printed; `largest_body` is the size of the largest request in bytes. `mail` is None
    where no mail is sent; `address` is what people type to reach the portal, for the links in a mail.
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
    var: Path = Path("var")
    mail: Mail | None = None
    address: str = "http://127.0.0.1:5000"


def from_environment(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment gives, with a folder `var` for the database and the secret by default.

    DATABASE_URL, TANDEM_VAR, TANDEM_SECRET_KEY, TANDEM_SECURE, TANDEM_DEMO, TANDEM_IDLE_MINUTES,
    TANDEM_ABSOLUTE_HOURS, TANDEM_LARGEST_BODY (bytes), TANDEM_HOST, TANDEM_PORT, TANDEM_MAIL and
    TANDEM_MAIL_FROM (see `mail`), TANDEM_ADDRESS. Raises `Misconfigured`.
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
        var=var,
        mail=mail(said.get("TANDEM_MAIL", ""), said.get("TANDEM_MAIL_FROM", "")),
        address=_address(said),
    )


MAIL = "TANDEM_MAIL must be empty, console:, file:<folder>, smtp://user:password@host:port or smtps://… ; {}"
PORTS = {"smtp": 587, "smtps": 465}


def mail(text: str, sender: str = "") -> Mail | None:
    """How mail leaves, out of its setting; None for none. Raises `Misconfigured`, which repeats no password."""
    scheme, _, rest = text.strip().partition(":")
    sender = sender.strip() or "tandem@localhost"
    if not sender.isascii() or not sender.isprintable() or sender.count("@") != 1 or " " in sender:
        raise Misconfigured("TANDEM_MAIL_FROM must be one plain e-mail address, such as tandem@hospital.example.")
    if not text.strip():
        return None
    if scheme == "console" and not rest:
        return Mail("console", sender=sender)
    if scheme == "file" and rest:
        return Mail("file", Path(rest).absolute(), sender=sender)
    if scheme not in PORTS:
        raise Misconfigured(MAIL.format("this begins otherwise."))
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port or PORTS[scheme]
    except ValueError:
        raise Misconfigured(MAIL.format("host or port of this cannot be read.")) from None
    if not host or parts.path.strip("/") or parts.query or bool(parts.username) is not bool(parts.password):
        raise Misconfigured(MAIL.format("this lacks a host, a user or a password, or says more than it may."))
    return Mail(scheme, Path(), host, port, unquote(parts.username or ""), unquote(parts.password or ""), sender)


def _address(said: Mapping[str, str]) -> str:
    """What people type to reach the portal, without a stroke at its end."""
    text = said.get("TANDEM_ADDRESS", "").strip().rstrip("/")
    if not text:
        return f"http://{said.get('TANDEM_HOST') or '127.0.0.1'}:{_count(said, 'TANDEM_PORT', 5000)}"
    if not text.startswith(("http://", "https://")) or any(c.isspace() for c in text):
        raise Misconfigured("TANDEM_ADDRESS must begin with https:// or http://, such as https://tandem.example.")
    return text


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
