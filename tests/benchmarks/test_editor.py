"""The project that the editor is measured with is as large as is said, and a project like others."""

from __future__ import annotations

import pytest

from benchmarks import editor
from dossiers.binder import dump, load


def test_the_demo_is_grown_to_what_is_said() -> None:
    binder = editor.grown()
    batches = [batch for batch in binder.all("batch") if batch.scope == editor.SCOPE]
    assert len(batches) == editor.BATCHES and len(binder.all("process_parameter")) == editor.PARAMETERS
    for batch in batches:
        tests = [result.spec_test for result in binder.all("test_result") if result.batch == batch.uid]
        assert len(tests) == len(set(tests)) == editor.TESTS
    assert load(dump(binder)).records == binder.records, "it is as whole as a project file"


def test_every_act_is_done_and_counted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, number in {"BATCHES": 3, "TESTS": 4, "PARAMETERS": 5}.items():
        monkeypatch.setattr(editor, name, number)
    editor.main(["1"])
    said = capsys.readouterr().out
    rows = [line.split("|") for line in said.splitlines() if line.startswith("| ") and " s |" in line]
    assert len(rows) == 9
    assert all(int(row[4]) > 0 for row in rows), "each makes queries"
