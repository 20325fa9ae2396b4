"""Findings written for people and machines, and the commands around them."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from openpyxl import load_workbook

from dossiers.amending import amend
from dossiers.binder import dump
from dossiers.blocks import Origin
from dossiers.checks import Finding, Severity, State
from dossiers.checks.reports import Report, markdown, sarif, text, xlsx
from dossiers.cli import main
from tests.dossiers.checks.test_cases import demo

AT = Origin("spec_test", "ds1", "u", "method")
OPEN = Finding("Q303", Severity.ERROR, State.OPEN, AT, "No method | here.", "Name it.")
RISKY = Finding("Q303", Severity.ERROR, State.OPEN, AT, "=1+1", "@x")
LACKS = Finding("Q303", Severity.ERROR, State.CANNOT, AT, "Cannot check: needs X.", "Enter it.", needs=(AT,))
ANSWERED = Finding("Q303", Severity.ERROR, State.JUSTIFIED, AT, "No method.", "Name it.", reason="A compendial test.")
REPORT = Report(
    "p.yaml", (OPEN, LACKS, LACKS, ANSWERED), {("spec_test", "ds1", ""): 7, ("spec_test", "ds1", "method"): 9}
)


def test_text_names_file_line_rule_sentence_remedy() -> None:
    said = text(REPORT).decode()
    assert "p.yaml:9: Q303 error: No method | here. [spec_test ds1: method]\n    Name it." in said
    assert said.count("Cannot check: needs X.") == 1
    assert "Q303 justified for spec_test ds1: method: A compendial test." in said
    assert said.endswith("1 error, 0 warnings, 0 remarks, 1 justified, 2 cannot be checked yet.\n")


def test_markdown_keeps_its_cells() -> None:
    (row,) = [line for line in markdown(REPORT).decode().splitlines() if "here." in line]
    assert row.replace("\\|", "").count("|") == 7


def test_xlsx_holds_texts_not_formulas() -> None:
    sheet = load_workbook(BytesIO(xlsx(Report("p", (RISKY,), {})))).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert "=1+1" in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} == {"s"}


def test_sarif_has_places_levels_and_suppressions() -> None:
    run = json.loads(sarif(REPORT))["runs"][0]
    assert [r["id"] for r in run["tool"]["driver"]["rules"]] == ["Q303"]
    first, second = run["results"]
    assert first["level"] == "error"
    assert first["locations"][0]["physicalLocation"]["region"]["startLine"] == 9
    assert "suppressions" not in first
    assert second["suppressions"][0]["justification"] == "A compendial test."


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    file = tmp_path / "flawed.yaml"
    file.write_text(dump(amend(demo("TDM-CAR19-01"), "spec_test: {ds1: {method: null}}")), "utf-8")
    return file


def run(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, [str(a) for a in arguments])
    return done.exit_code, done.output


class TestCommands:
    def test_check_finds_the_line_and_ends_with_one(self, flawed: Path) -> None:
        status, said = run("check", flawed, "--select", "Q303", "--on", "2026-11-25")
        assert status == 1
        line = next(n for n, s in enumerate(flawed.read_text("utf-8").splitlines(), 1) if s.strip().startswith("ds1:"))
        assert f"flawed.yaml:{line}: Q303 error" in said

    def test_an_early_stage_asks_nothing_yet(self, flawed: Path) -> None:
        status, said = run("check", flawed, "--select", "Q303", "--stage", "feasibility")
        assert status == 0
        assert "asked for later" in said

    @pytest.mark.parametrize(("document", "there"), [("impd-q", True), ("impd-se", False)])
    def test_a_document_shows_its_own(self, flawed: Path, document: str, there: bool) -> None:
        said = run("check", flawed, "--select", "Q303", "--document", document)[1]
        assert ("Q303 error" in said) is there

    def test_formats_and_file(self, flawed: Path, tmp_path: Path) -> None:
        out = tmp_path / "o.sarif"
        assert run("check", flawed, "--select", "Q303", "--format", "sarif", "-o", out) == (1, "")
        assert json.loads(out.read_text("utf-8"))["version"] == "2.1.0"
        assert run("check", flawed, "-o", tmp_path / "no" / "o.txt")[0] == 2

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--select", "K9"), "No rule begins with “K9”"),
            (("--document", "novel"), "There is no document “novel”"),
            (("--settings", "nowhere.yaml"), "nowhere.yaml"),
        ],
    )
    def test_wrong_calls_get_a_sentence(self, flawed: Path, arguments: tuple[str, ...], words: str) -> None:
        status, said = run("check", flawed, *arguments)
        assert status == 2
        assert words in said

    def test_explain(self) -> None:
        assert "Each test names a method" in run("explain", "q303")[1]
        assert run("explain", "Q000")[0] == 2
        assert "Q303" in run("explain")[1]
        assert run("explain", "--settings")[0] == 0

    def test_a_rule_that_takes_no_reason_says_so(self, flawed: Path) -> None:
        status, said = run("justify", flawed, "Q303", "spec_test", "ds1", "--reason", "x", "--by", "QA")
        assert status == 2
        assert "cannot be answered with a reason" in said

    def test_the_clean_file_has_no_such_finding(self, tmp_path: Path) -> None:
        file = tmp_path / "clean.yaml"
        file.write_text(dump(demo("TDM-CAR19-01")), "utf-8")
        status, said = run("check", file, "--select", "Q303", "--format", "json")
        assert status == 0
        assert yaml.safe_load(said)["findings"] == []
