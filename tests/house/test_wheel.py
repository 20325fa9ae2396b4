"""The wheel holds exactly the project's own files and starts where no checkout is."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

PLACES = {"dossiers": "dossiers", "portal": "portal"} | {n: f"portal/{n}" for n in ("templates", "static", "seeds")}


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=root, capture_output=True, check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_exactly_our_files(wheel: Path, own_files: list[Path]) -> None:
    expected = {
        f"{PLACES[path.parts[0]]}/{Path(*path.parts[1:]).as_posix()}"
        for path in own_files
        if len(path.parts) > 1 and path.parts[0] in PLACES
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected


def test_the_installed_wheel_starts(wheel: Path, tmp_path: Path) -> None:
    """In an environment of its own, which sees the third-party packages of this one but not this checkout."""
    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)}))
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], capture_output=True, check=True)
    (site / "third_party.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")

    ask = "import portal.paths as p; print(p.__file__, *(d().is_dir() for d in (p.templates, p.static, p.seeds)))"
    told = subprocess.run([str(python), "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    where, *there = told.stdout.split()
    assert Path(where).is_relative_to(site)
    assert there == ["True"] * 3

    command = [home / "bin" / "dossiers", "list"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
