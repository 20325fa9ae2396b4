"""Runs every measurement: `make bench`."""

from __future__ import annotations

from benchmarks import word

word.main([])
