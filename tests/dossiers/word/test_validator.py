"""Each demo document, as the command line builds it, is valid by Microsoft's Open XML SDK."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dossiers import paths

PROJECTS = sorted((paths.folder("seeds") / "demo").glob("*.yaml"))
DOCUMENTS = sorted(outline.parent.name for outline in (paths.templates() / "dossiers").glob("*/outline.yaml"))


def test_there_are_demo_documents() -> None:
    assert PROJECTS
    assert DOCUMENTS


@pytest.mark.node
@pytest.mark.parametrize("project", PROJECTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_demo_document_is_valid(
    document: str, project: Path, tmp_path: Path, word_faults: Callable[[bytes], list[str]]
) -> None:
    target = tmp_path / "document.docx"
    command = [Path(sys.executable).parent / "dossiers", "build", document, project, "-o", target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert word_faults(target.read_bytes()) == []
