"""Where the portal's templates, static files and seeds lie, in a wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path

from dossiers.paths import folder, templates

__all__ = ["seeds", "static", "templates"]


def static() -> Path:
    """Folder of our own browser files; third-party ones come out of installed packages."""
    return folder("static")


def seeds() -> Path:
    """Folder of the seeds: people, demo projects, reference lists."""
    return folder("seeds")
