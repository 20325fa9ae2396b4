"""Where the folders that travel with the code lie, in a wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def folder(name: str) -> Path:
    """Path of a top-level folder such as `templates`; it need not exist in a checkout.

    A checkout holds the folders beside the packages. The wheel ships them inside the portal package, so that
    nothing of ours lies at the top of site-packages.
    """
    return _ROOT / name if (_ROOT / "pyproject.toml").is_file() else _ROOT / "portal" / name


def templates() -> Path:
    """Folder of the page templates; `templates() / "dossiers"` holds the outlines and section texts."""
    return folder("templates")
