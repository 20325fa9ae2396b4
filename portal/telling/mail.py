"""Mail: what people are told leaves by a server, into a folder, or onto the console.

A notice is marked as mailed only after its letter was handed over. Should the portal stop between the two, the letter
goes out once more under the same Message-ID, by which mail programs know it for the same.

A notice without a person is a letter to an address. Its link may open something to whoever holds it, so it is kept
until the letter was handed over, or until that is given up, and no longer; that the letter went is all that stays.
"""

from __future__ import annotations

import os
import smtplib
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from portal.config import Mail, Settings
from portal.db import reading, signed
from portal.filters import moment
from portal.models import Person, now
from portal.programme import Notice

PATIENCE = 20.0  # seconds to wait for a server
FRESH = timedelta(days=14)  # what is older is not mailed any more: nobody is flooded after an outage
MOST = 500  # letters of one run; the next run goes on
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

ONCE = "You are written to this once. If you did not expect it, do nothing."

Carry = Callable[[EmailMessage], None]


class Unsent(Exception):
    """A letter could not be handed over; the text says why. `all_of_them`: nor could any other now."""

    def __init__(self, why: str, all_of_them: bool = False):
        super().__init__(why)
        self.all_of_them = all_of_them


@dataclass(frozen=True, slots=True)
class Letter:
    """Notices that go to a person together; without a person, one that goes to its own address."""

    person: Person | None
    notices: tuple[Notice, ...]

    @property
    def name(self) -> str:
        """What the reader is called; "" if only an address is known."""
        return line(self.person.name) if self.person else ""

    @property
    def email(self) -> str:
        """Where it goes."""
        return self.person.email if self.person else self.notices[0].address


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a run came to: letters handed over, letters that wait for the next run, and why they wait."""

    sent: int
    waiting: int
    why: tuple[str, ...]


def deliver(settings: Settings, daily: bool = False) -> Delivered:
    """Hand over what waits: a letter for each notice, or with `daily` one letter a person who wants a digest."""
    _give_up()
    if settings.mail is None:
        return Delivered(0, 0, ())
    letters, sent, why = waiting(settings, daily), 0, []
    try:
        with carrier(settings.mail) if letters else _nobody() as carry:
            for letter in letters:
                try:
                    carry(composed(settings.mail, settings.address, letter))
                except Unsent as reason:
                    if reason.all_of_them:
                        raise
                    why.append(str(reason))
                else:
                    _mark(letter)
                    sent += 1
    except Unsent as reason:
        why.append(str(reason))
    return Delivered(sent, len(letters) - sent, tuple(dict.fromkeys(why)))


def _mark(letter: Letter) -> None:
    with signed("mail", "a mail was handed over") as session:
        ids = [notice.id for notice in letter.notices]
        for notice in session.scalars(select(Notice).where(col(Notice.id).in_(ids)).with_for_update()):
            notice.mailed_at = now()
            if notice.person_id is None:
                notice.link = ""


def _give_up() -> None:
    """Letters to an address that nobody will hand over any more lose their links."""
    late = (col(Notice.person_id).is_(None), col(Notice.link) != "", col(Notice.at) <= now() - FRESH)
    with reading() as session:
        ids = list(session.scalars(select(col(Notice.id)).where(*late)))
    if ids:
        with signed("mail", "a letter was given up") as session:
            for notice in session.scalars(select(Notice).where(col(Notice.id).in_(ids)).with_for_update()):
                notice.link = ""


def waiting(settings: Settings, daily: bool = False) -> list[Letter]:
    """The letters that wait, oldest first: notices of the last days that were neither mailed nor read."""
    query = (
        select(Notice, Person)
        .outerjoin(Person, col(Person.id) == col(Notice.person_id))
        .where(col(Notice.mailed_at).is_(None), col(Notice.read_at).is_(None), col(Notice.at) > now() - FRESH)
        .where(_wanted(settings, daily))
        .order_by(col(Notice.at), col(Notice.id))
    )
    piles: dict[UUID, tuple[Person | None, list[Notice]]] = {}
    with reading() as session:
        for notice, person in session.execute(query.limit(MOST)):
            pile = person.id if daily and person is not None else notice.id
            piles.setdefault(pile, (person, []))[1].append(notice)
    return [Letter(person, tuple(notices)) for person, notices in piles.values()]


def _wanted(settings: Settings, daily: bool) -> ColumnElement[bool]:
    """Whose notices are mailed in this run: of people who want it so; a letter to an address knows no digest."""
    theirs = and_(col(Person.active), col(Person.digest) == ("daily" if daily else "each"))
    if not settings.demo:
        theirs = and_(theirs, col(Person.demo).is_(False))
    to_an_address = and_(col(Notice.person_id).is_(None), col(Notice.address) != "", col(Notice.link) != "")
    return theirs if daily else or_(theirs, to_an_address)


# ---------------------------------------------------------------- what a letter says


def composed(mail: Mail, address: str, letter: Letter) -> EmailMessage:
    """The message of a letter; `address` is where the portal is reached. Raises `Unsent` for an unusable address."""
    one = letter.notices[0] if len(letter.notices) == 1 else None
    message = EmailMessage(policy=SMTP)
    message["Subject"] = line(one.subject) if one else f"Tandem: {len(letter.notices)} notices"
    try:
        message["From"] = Address("Tandem", addr_spec=mail.sender)
        message["To"] = Address(letter.name, addr_spec=letter.email)
        letter.email.encode("ascii")
    except (ValueError, MessageError):
        raise Unsent(f"The e-mail address of {letter.name or 'somebody invited'} cannot be mailed; mend it.") from None
    message["Date"] = format_datetime(now())
    stamp = uuid5(NAMESPACE_URL, " ".join(str(notice.id) for notice in letter.notices))
    message["Message-ID"] = f"<{stamp}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    told = "\n\n".join(_told(address, notice, with_moment=one is None) for notice in letter.notices)
    foot = f"To be mailed otherwise, or not: {address}/notices" if letter.person else ONCE
    message.set_content(f"{told}\n\n-- \n{foot}\n")
    return message


def _told(address: str, notice: Notice, with_moment: bool) -> str:
    """The text of one notice. A link is one of the portal's own pages, or left out."""
    own = notice.link.startswith("/") and not notice.link.startswith("//")
    head = f"{moment(notice.at)}: {line(notice.subject)}" if with_moment else line(notice.subject)
    link = f"{address}{line(notice.link)}" if own else ""
    return "\n\n".join(part for part in (head, notice.text.strip(), link) if part)


def line(text: str) -> str:
    """The text as one line that can stand in a header: breaks and control characters become spaces.

    "=?" is parted, because the library would decode it as an encoded word (RFC 2047), line breaks inside included.
    """
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.replace("=?", "= ?").split())


# ---------------------------------------------------------------- how it leaves


@contextmanager
def carrier(mail: Mail) -> Iterator[Carry]:
    """What hands a message over, for as long as the context lasts. It raises `Unsent`."""
    if mail.kind == "console":
        yield _print
    elif mail.kind == "file":
        yield lambda message: _put(mail, message)
    else:
        with _connected(mail) as server:
            yield lambda message: _send(server, message)


@contextmanager
def _nobody() -> Iterator[Carry]:
    yield _print


def _print(message: EmailMessage) -> None:
    sys.stdout.write(f"{message.as_string()}\n")


def _put(mail: Mail, message: EmailMessage) -> None:
    """The message as a file that only the owner reads, whole or not there."""
    name = f"{now():%Y%m%dT%H%M%S}-{message['Message-ID'].strip('<>').partition('@')[0]}.eml"
    try:
        mail.folder.mkdir(parents=True, exist_ok=True)
        half = mail.folder / f".{name}"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(message.as_bytes())
        half.replace(mail.folder / name)
    except OSError as why:
        raise Unsent(f"The folder {mail.folder} cannot be written ({why.strerror}).", all_of_them=True) from None


@contextmanager
def _connected(mail: Mail) -> Iterator[smtplib.SMTP]:
    """A server that is ready to take mail. A password goes over an encrypted line only, or to this very machine."""
    where = f"The mail server {mail.host}:{mail.port}"
    try:
        server = _reached(mail)
    except (OSError, smtplib.SMTPException) as why:
        raise Unsent(f"{where} cannot be reached ({_said(mail, why)}).", all_of_them=True) from None
    try:
        _opened(mail, server, where)
        yield server
    except (OSError, smtplib.SMTPException) as why:
        raise Unsent(f"{where} broke off ({_said(mail, why)}).", all_of_them=True) from None
    finally:
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
        server.close()


def _reached(mail: Mail) -> smtplib.SMTP:
    if mail.kind == "smtps":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=PATIENCE, context=ssl.create_default_context())
    return smtplib.SMTP(mail.host, mail.port, timeout=PATIENCE)


def _opened(mail: Mail, server: smtplib.SMTP, where: str) -> None:
    server.ehlo()
    encrypted = mail.kind == "smtps"
    if not encrypted and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        server.ehlo()
        encrypted = True
    if not mail.user:
        return
    if not encrypted and mail.host not in LOOPBACK:
        raise Unsent(f"{where} offers no encryption, so the password was not sent. Use smtps://.", all_of_them=True)
    try:
        server.login(mail.user, mail.password)
    except smtplib.SMTPException as why:
        raise Unsent(f"{where} takes no sign-in ({_said(mail, why)}).", all_of_them=True) from None


def _send(server: smtplib.SMTP, message: EmailMessage) -> None:
    """Raises `Unsent` for a letter the server does not take; what ends the connection passes through."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as why:
        told = "; ".join(f"{who}: {code} {line(str(text, 'utf-8', 'replace'))}" for who, (code, text) in
                         why.recipients.items())  # fmt: skip
        raise Unsent(f"The mail server refuses a reader ({told}).") from None
    except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused, smtplib.SMTPNotSupportedError) as why:
        raise Unsent(f"The mail server refuses a letter ({line(str(why))}).") from None


def _said(mail: Mail, why: Exception) -> str:
    """What went wrong, in a line without the password."""
    text = line(getattr(why, "strerror", None) or str(why)) or type(why).__name__
    return text.replace(mail.password, "…") if mail.password else text
