"""Whole numbers as they come in addresses and forms, where anything may have been typed."""

from __future__ import annotations

MOST = 999_999_999  # what a database's integer holds, with room


def whole(said: str, otherwise: int = 0) -> int:
    """The number that stands in ASCII digits, at most `MOST`; `otherwise` for anything else."""
    return int(said) if said.isascii() and said.isdecimal() and len(said) <= len(str(MOST)) else otherwise


def page_number(said: str) -> int:
    """Which page is asked for, counted from 1; the first for anything else."""
    return max(1, whole(said, 1))
