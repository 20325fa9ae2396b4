"""Runs every measurement: `make bench`."""

from __future__ import annotations

from benchmarks import checks, editor, portfolio, word

word.main([])
editor.main([])
checks.main([])
portfolio.main([])
