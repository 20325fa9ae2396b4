"""How pages write moments, numbers and sizes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from portal import filters
from portal.models import now
from portal.stages import Role

N = "\u00a0"


def test_moments_are_those_of_leuven_in_summer_and_winter() -> None:
    assert filters.moment(datetime(2026, 3, 12, 13, 2, tzinfo=UTC)) == f"12{N}Mar{N}2026{N}14:02"
    assert filters.moment(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == f"2{N}Jul{N}2026{N}01:30"
    assert filters.moment(None) == filters.day(None) == ""
    assert filters.clock(datetime(2026, 3, 12, 13, 2, tzinfo=UTC)) == "14:02"


def test_days() -> None:
    assert filters.day(date(2026, 3, 1)) == f"1{N}Mar{N}2026"
    assert filters.day(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == f"1{N}Jan{N}2027"


def test_how_long_ago() -> None:
    assert filters.ago(now()) == "just now"
    assert filters.ago(now() - timedelta(minutes=1, seconds=1)) == f"1{N}minute ago"
    assert filters.ago(now() - timedelta(days=3, hours=2)) == f"3{N}days ago"


def test_numbers_and_sizes() -> None:
    assert filters.count(12500) == "12\u202f500"
    assert filters.plural(1, "gap") == f"1{N}gap"
    assert filters.plural(2, "entry", "entries") == f"2{N}entries"
    assert filters.size(840_000) == f"840{N}kB"
    assert filters.size(2_440_000) == f"2.4{N}MB"
    assert filters.size(0) == f"1{N}kB"


def test_words() -> None:
    assert filters.label(Role.GMP) == "GMP lead"
    assert filters.label("spec_test") == "spec test"
    assert filters.capital("gMP lead") == "GMP lead"


def test_money_shows_cents_only_where_there_are_any_and_a_true_minus() -> None:
    shown = {"0": "0", "12500": "12\u202f500", "12500.5": "12\u202f500.50", "-3.50": "−3.50"}
    assert {text: filters.money(Decimal(text)) for text in shown} == shown
