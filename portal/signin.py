"""Signing in: passwords, throttling, and browsers that are known by a random token.

Flask-free. The token goes to the browser alone; the database keeps its SHA-256. Sign-ins end by idleness, by age, by
the person, and with the person's deactivation. Limits are settings. Passwords: OWASP's argon2id profile of 19 MiB,
2 rounds (Password Storage Cheat Sheet, recalled, to be verified).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlmodel import col

from portal.config import Settings
from portal.db import Refused, reading, signed
from portal.models import LoginAttempt, Person, SignIn, now
from portal.trail import Unit

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
NOBODY = HASHER.hash(secrets.token_hex(16))  # an unknown address costs the same time as a known one

SHORTEST, LONGEST = 10, 200
WINDOW = timedelta(minutes=15)
TRIES_PER_PERSON, TRIES_PER_ADDRESS = 6, 40
KEPT = timedelta(days=1)
TOUCH = timedelta(minutes=1)  # `seen_at` is written at most this often

WRONG = "This e-mail address and password do not belong together. Check both; capitals count in the password."


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where a sign-in is tried: network address and what the browser calls itself."""

    address: str = ""
    browser: str = ""


def digest(token: str) -> str:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def weakness(password: str, person: Person) -> str:
    """Why `password` is not taken, as a sentence; '' if it is."""
    plain = password.casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        return f"A password has {SHORTEST} to {LONGEST} characters; this has {len(password)}. A few words do."
    if len(set(plain)) < 5:
        return "This password repeats too few characters; take a few words in a row."
    local = person.email.split("@")[0]
    if (
        plain in {person.name.casefold(), person.email, local}
        or (len(local) > 3 and local in plain)
        or "tandem" in plain
    ):
        return "A password may not hold your name, your e-mail address or the name of this portal."
    return ""


def set_password(person: Person, password: str) -> None:
    """Give `person`, held in a signed unit, this password. Raises `Refused` for a weak one."""
    if why := weakness(password, person):
        raise Refused(why)
    person.password = HASHER.hash(password)


def matches(person: Person | None, password: str) -> bool:
    """Whether `password` is the person's; takes as long for nobody as for somebody."""
    try:
        HASHER.verify(person.password if person and person.password else NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return person is not None


def sign_in(email: str, password: str, visitor: Visitor, settings: Settings) -> str:
    """A new token for the browser. Raises `Refused` with one sentence for whatever was wrong."""
    email = email.strip().casefold()[:254]
    with reading() as session:
        if wait := throttled(session, email, visitor.address):
            raise Refused(wait)
        person = session.scalars(select(Person).where(col(Person.email) == email)).one_or_none()
    # The slow part runs outside the writing unit: nobody else's save waits for it.
    good = matches(person, password) and _may_enter(person, settings)
    token = secrets.token_urlsafe(32)
    with signed("sign-in", "a sign-in was tried") as session:
        if wait := throttled(session, email, visitor.address):
            raise Refused(wait)
        session.add(LoginAttempt(email=email, address=visitor.address[:60], good=good))
        _forget_old(session)
        if good and person is not None:
            session.add(SignIn(token_sha256=digest(token), person_id=person.id, browser=visitor.browser[:200]))
    if not good:
        raise Refused(WRONG)
    return token


def confirm(person: Person, password: str, address: str) -> None:
    """Ask for the password of a person who is signed in, before an act that cannot be undone.

    Raises `Refused` for a wrong one; wrong tries count as failed sign-ins, so that they cannot be repeated at will.
    """
    with reading() as session:
        if wait := throttled(session, person.email, address):
            raise Refused(wait)
    good = matches(person, password)
    with signed("sign-in", "a password was asked again") as session:
        session.add(LoginAttempt(email=person.email, address=address[:60], good=good))
    if not good:
        raise Refused("This is not your password, so nothing was decided. Type it again.")


def _may_enter(person: Person | None, settings: Settings) -> bool:
    """Whether the account is in use; demo accounts, whose passwords are printed, are in use in a demo only."""
    return person is not None and person.active and (settings.demo or not person.demo)


def throttled(session: Unit, email: str, address: str) -> str:
    """The sentence that asks to wait, if too many sign-ins failed lately for this person or from this address."""
    since = now() - WINDOW
    failed = session.scalars(
        select(LoginAttempt)
        .where(col(LoginAttempt.good).is_(False), col(LoginAttempt.at) > since)
        .where((col(LoginAttempt.email) == email) | (col(LoginAttempt.address) == address))
        .order_by(col(LoginAttempt.at))
    ).all()
    for tries, limit in (
        ([a for a in failed if a.email == email], TRIES_PER_PERSON),
        ([a for a in failed if address and a.address == address], TRIES_PER_ADDRESS),
    ):
        if len(tries) >= limit:
            minutes = max(1, round((tries[-limit].at + WINDOW - now()).total_seconds() / 60))
            again = f"{minutes} minute{'s' if minutes > 1 else ''}"
            return f"Too many sign-ins failed. Try again in {again}, or ask an administrator for a new password."
    return ""


def _forget_old(session: Unit) -> None:
    for attempt in session.scalars(select(LoginAttempt).where(col(LoginAttempt.at) < now() - KEPT).limit(50)):
        session.delete(attempt)


def recognise(session: Unit, token: str, settings: Settings) -> tuple[SignIn | None, Person | None]:
    """The sign-in and the person behind a browser's token; (None, None) if it is unknown, ended or too old."""
    found = (
        session.scalars(select(SignIn).where(col(SignIn.token_sha256) == digest(token))).one_or_none()
        if token
        else None
    )
    if found is None or not is_live(found, settings):
        return None, None
    person = session.get(Person, found.person_id)
    if person is None or not _may_enter(person, settings):
        return None, None
    if now() - found.seen_at > TOUCH:
        with signed("sign-in", "a page was opened") as unit:
            if (mine := unit.get(SignIn, found.id)) is not None:
                mine.seen_at = now()
    return found, person


def is_live(found: SignIn, settings: Settings) -> bool:
    """Whether a sign-in still holds."""
    at = now()
    return found.ended_at is None and at - found.seen_at < settings.idle and at - found.created_at < settings.absolute


def end(person: Person, which: SignIn | None = None, *, other_than: SignIn | None = None) -> int:
    """How many of the person's sign-ins were ended: `which`, or all `other_than` one (None: all)."""
    with signed(person.name, "sign-ins were ended") as session:
        live = select(SignIn).where(col(SignIn.person_id) == person.id, col(SignIn.ended_at).is_(None))
        ended = [
            s
            for s in session.scalars(live)
            if (which is None or s.id == which.id) and (other_than is None or s.id != other_than.id)
        ]
        for sign_in_ in ended:
            sign_in_.ended_at = now()
    return len(ended)
