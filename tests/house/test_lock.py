"""What is installed is pinned with its hashes, and is what the project asks for."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PIN = re.compile(r"^([a-z0-9-]+)==([^\s;]+)(?: ; [^\\]+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def pins(text: str) -> dict[str, str]:
    """Version of each package in a lock file; raises on any line that is neither a pin nor a hash."""
    found = {}
    for line in text.splitlines():
        if match := PIN.match(line):
            found[match[1]] = match[2]
        elif not HASH.match(line):
            raise ValueError(line)
    return found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-bench.txt"])
def test_every_line_is_a_pin_or_a_hash(root: Path, name: str) -> None:
    assert pins((root / name).read_text(encoding="utf-8"))


def test_both_lock_files_agree(root: Path) -> None:
    first, second = (pins((root / n).read_text("utf-8")) for n in ("requirements.txt", "requirements-bench.txt"))
    assert {name: first[name] for name in first.keys() & second} == {
        name: second[name] for name in first.keys() & second
    }


def test_all_that_the_project_asks_for_is_pinned(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    asked = project["project"]["dependencies"] + groups["dev"] + project["build-system"]["requires"]
    names = {re.split(r"[\[=<>;~ ]", entry)[0] for entry in asked}
    assert not names - pins((root / "requirements.txt").read_text(encoding="utf-8")).keys()


def test_a_line_without_a_pin_is_refused() -> None:
    with pytest.raises(ValueError, match="flask"):
        pins("flask>=3\n")
