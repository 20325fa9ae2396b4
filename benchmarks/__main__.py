"""Runs every measurement: `make bench`."""

from __future__ import annotations

from benchmarks import editor, word

word.main([])
editor.main([])
