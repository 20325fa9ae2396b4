"""What the house tests look at: the project's own files, as git would take them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def own_files(root: Path) -> list[Path]:
    """Files of the checkout that git tracks or would add, relative to its root, sorted."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return sorted(Path(name) for name in set(listing.split("\0")) if name and (root / name).is_file())


@pytest.fixture(scope="session")
def modules(own_files: list[Path]) -> list[Path]:
    """The modules of the two packages, without the generated migrations."""
    return [
        path
        for path in own_files
        if path.suffix == ".py"
        and path.parts[0] in {"dossiers", "portal"}
        and path.parts[:3] != ("portal", "migrations", "versions")
    ]
