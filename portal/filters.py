"""How pages write moments, days, numbers and sizes: "12 Mar 2026 14:02", "1 250", "2.4 MB"."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from flask import Flask

from dossiers.facts import NBSP, show_date
from portal.config import HERE
from portal.models import now
from portal.stages import Role


def moment(at: datetime | None) -> str:
    """A moment as people in Leuven read it: "12 Mar 2026 14:02"; '' for none."""
    if at is None:
        return ""
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(HERE)
    return f"{show_date(local.date())}{NBSP}{local:%H:%M}"


def clock(at: datetime) -> str:
    """The time of day: "14:02"."""
    return f"{at.astimezone(HERE):%H:%M}"


def day(on: date | datetime | None) -> str:
    """A day: "12 Mar 2026"; '' for none."""
    if isinstance(on, datetime):
        on = on.astimezone(HERE).date()
    return show_date(on) if on else ""


def ago(at: datetime) -> str:
    """How long ago, in the largest whole unit: "3 days ago", "just now"."""
    seconds = (now() - at).total_seconds()
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if (n := int(seconds // size)) >= 1:
            return f"{n}{NBSP}{unit}{'s' if n > 1 else ''} ago"
    return "just now"


def count(number: int) -> str:
    """A whole number, thousands set apart: "12 500"."""
    return f"{number:,}".replace(",", "\u202f")


def money(amount: Decimal) -> str:
    """A sum with its thousands set apart, cents only where there are any: "12 500", "−3.50"."""
    text = f"{abs(amount):,.2f}".removesuffix(".00").replace(",", "\u202f")
    return f"−{text}" if amount < 0 else text


def plural(number: int, one: str, many: str = "") -> str:
    """The number with its noun: "1 gap", "3 gaps"."""
    return f"{count(number)}{NBSP}{one if number == 1 else many or one + 's'}"


def size(octets: int) -> str:
    """The size of a file: "840 kB", "2.4 MB"."""
    return f"{octets / 1e6:.1f}{NBSP}MB" if octets >= 1_000_000 else f"{max(1, round(octets / 1000))}{NBSP}kB"


def label(word: Any) -> str:
    """The label of a word of a closed list; of anything else its text with spaces for underscores."""
    return str(getattr(word, "label", str(word).replace("_", " ")))


def capital(text: str) -> str:
    """The text with its first letter large and the rest as it was: "GMP lead" stays."""
    return text[:1].upper() + text[1:]


def install(app: Flask) -> None:
    """Give the filters to the templates of `app`, under their own names."""
    app.jinja_env.filters["label_of_role"] = lambda value: Role(value).label
    for made in (moment, clock, day, ago, count, money, plural, size, label, capital):
        app.jinja_env.filters[made.__name__] = made
