"""What the checks found, written for a terminal, a machine (JSON, SARIF 2.1.0), a page (Markdown) or a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, TypeAlias

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from dossiers.checks.findings import Finding, Severity, State
from dossiers.checks.rules import RULES, Rule

Lines = Mapping[tuple[str, str, str], int]
"""(kind, key, fact) → line of the project file; (kind, key, "") → the record's."""


@dataclass(frozen=True, slots=True)
class Report:
    """Findings of one project file: its name, the findings in order, where each record and fact stands in the file."""

    file: str
    findings: tuple[Finding, ...]
    lines: Lines

    def of(self, state: State) -> tuple[Finding, ...]:
        """The findings in that state."""
        return tuple(f for f in self.findings if f.state is state)

    def line(self, finding: Finding) -> int:
        """The line of the finding's place in the file, from 1; 0 where it stands nowhere."""
        kind, key, fact = finding.origin.kind, finding.origin.key, finding.origin.fact
        return self.lines.get((kind, key, fact)) or self.lines.get((kind, key, ""), 0)

    @property
    def summary(self) -> str:
        """How many of what, in a line."""
        there = self.of(State.OPEN)
        parts = [counted(sum(f.severity is s for f in there), *_PLURAL[s]) for s in Severity]
        apart = {
            State.JUSTIFIED: "justified",
            State.CANNOT: "cannot be checked yet",
            State.LATER: "asked for later",
        }
        parts += [f"{number} {said}" for state, said in apart.items() if (number := len(self.of(state)))]
        return ", ".join(parts) + "."


_PLURAL = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("remark", "remarks"),
}


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"


def wanted(findings: tuple[Finding, ...]) -> dict[str, tuple[Finding, ...]]:
    """The "cannot check" findings by what they need: one missing fact often holds up many rules. Most first."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.sentence, []).append(finding)
    return {said: tuple(those) for said, those in sorted(found.items(), key=lambda pair: -len(pair[1]))}


# ---------------------------------------------------------------- for people


def text(report: Report) -> bytes:
    """For a terminal: a line for each finding with file, line and rule, its remedy under it; then what is missing."""
    return ("\n".join(_text(report)) + "\n").encode()


def _text(report: Report) -> Iterator[str]:
    for f in report.of(State.OPEN):
        line = report.line(f)
        where = f"{report.file}:{line}" if line else report.file
        yield f"{where}: {f.rule} {f.severity.value}: {f.sentence} [{f.place}]"
        if f.fallen:
            yield f"    {f.fallen}"
        if f.remedy:
            yield f"    {f.remedy}"
    for said, those in wanted(report.of(State.CANNOT)).items():
        rules = ", ".join(dict.fromkeys(f.rule for f in those))
        yield f"{report.file}: {rules}: {said}"
    for f in report.of(State.JUSTIFIED):
        yield f"{report.file}: {f.rule} justified for {f.place}: {f.reason}"
    yield report.summary


def markdown(report: Report) -> bytes:
    """For a page: a table of what was found, a table of what is missing."""
    return ("\n".join(_markdown(report)) + "\n").encode()


def _markdown(report: Report) -> Iterator[str]:
    yield from (f"# Findings: {_cell(report.file)}", "", report.summary, "")
    if shown := [f for f in report.findings if f.state is not State.CANNOT]:
        yield from ("| Rule | Weight | State | Place | Finding | Remedy |", "|---|---|---|---|---|---|")
        for f in shown:
            cells = (f.rule, f.severity.value, f.state.value, f.place, f.sentence, f.reason or f.remedy)
            yield f"| {' | '.join(map(_cell, cells))} |"
    if lacking := wanted(report.of(State.CANNOT)):
        yield from ("", "| Cannot be checked yet | Rules |", "|---|---|")
        for said, those in lacking.items():
            yield f"| {_cell(said)} | {', '.join(dict.fromkeys(f.rule for f in those))} |"


def _cell(said: str) -> str:
    for mark in "\\|`*_<[":
        said = said.replace(mark, f"\\{mark}")
    return " ".join(said.split())


def xlsx(report: Report) -> bytes:
    """For a spreadsheet: one row a finding, every column a filter. Texts that look like formulas stay texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Findings")
    sheet.freeze_panes = "A2"
    heads = ("Rule", "Subject", "Weight", "State", "Place", "Finding", "Remedy", "Reason given", "Line", "Source")
    for column, width in zip("ABCDEFGHIJ", (8, 22, 10, 14, 36, 80, 60, 40, 8, 50), strict=True):
        sheet.column_dimensions[column].width = width
    sheet.append([text_cell(sheet, head, bold=True) for head in heads])
    for f in report.findings:
        rule = RULES[f.rule]
        said = (f.rule, rule.subject, f.severity.value, f.state.value, f.place, f.sentence, f.remedy, f.reason)
        sheet.append(
            [*(text_cell(sheet, s) for s in said), report.line(f) or None, text_cell(sheet, "; ".join(rule.source))]
        )
    sheet.auto_filter.ref = f"A1:J{len(report.findings) + 1}"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def text_cell(sheet: Any, said: str, *, bold: bool = False) -> Any:
    """A cell of a write-only sheet that holds a text as it is, even one that looks like a formula."""
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", said))
    cell.data_type = "s"
    cell.quotePrefix = said[:1] in tuple("=+-@")
    if bold:
        cell.font = Font(bold=True)
    return cell


# ---------------------------------------------------------------- for machines


def as_json(report: Report) -> bytes:
    """Every finding with all that is known of it, in order."""
    shape = {"file": report.file, "summary": report.summary, "findings": [_shape(report, f) for f in report.findings]}
    return (json.dumps(shape, ensure_ascii=False, indent=1) + "\n").encode()


def _shape(report: Report, f: Finding) -> dict[str, Any]:
    return {
        "rule": f.rule,
        "subject": RULES[f.rule].subject,
        "severity": f.severity.value,
        "state": f.state.value,
        "record": {"kind": f.origin.kind, "key": f.origin.key, "fact": f.origin.fact},
        "section": {"document": f.section[0], "section": f.section[1]} if f.section[0] else None,
        "line": report.line(f) or None,
        "sentence": f.sentence,
        "remedy": f.remedy,
        "needs": [{"kind": n.kind, "key": n.key, "fact": n.fact} for n in f.needs],
        "reason": f.reason or None,
        "fallen": f.fallen or None,
    }


_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def sarif(report: Report) -> bytes:
    """SARIF 2.1.0 (OASIS, 27 Mar 2020): open findings, and justified ones as suppressed."""
    shown = [f for f in report.findings if f.state in (State.OPEN, State.JUSTIFIED)]
    rules = list(dict.fromkeys(f.rule for f in shown))
    run = {
        "tool": {"driver": {"name": "Tandem checks", "rules": [_sarif_rule(RULES[name]) for name in rules]}},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(report, f, rules.index(f.rule)) for f in shown],
    }
    whole = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode()


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why or rule.title},
        "help": {"text": f"{rule.remedy} Source: {'; '.join(rule.source)} ({rule.read}).".strip()},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"subject": rule.subject},
    }


def _sarif_result(report: Report, f: Finding, index: int) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": report.file.replace("\\", "/").replace(" ", "%20")}}
    if line := report.line(f):
        physical["region"] = {"startLine": line}
    made: dict[str, Any] = {
        "ruleId": f.rule,
        "ruleIndex": index,
        "level": _LEVELS[f.severity],
        "message": {"text": f"{f.sentence} {f.remedy}".strip()},
        "locations": [{"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": f.place}]}],
    }
    if f.state is State.JUSTIFIED:
        made["suppressions"] = [{"kind": "external", "justification": f.reason}]
    return made


Writer: TypeAlias = Callable[[Report], bytes]

FORMATS: Mapping[str, Writer] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "md": markdown,
    "xlsx": xlsx,
}
"""How a report can be written, by the word a person asks for it with."""
