"""The command `dossiers`: documents out of a project file. The only module of this package that touches the disk.

Exit status: 0 done, 1 the data leave something open (gaps that matter), 2 the call or the file is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NoReturn

import click
import yaml

from dossiers import checks
from dossiers.binder import Binder, ProjectFault, load
from dossiers.blocks import Draft
from dossiers.checks import SettingFault, Severity, State
from dossiers.checks.answering import concerning, explained, justification
from dossiers.checks.reports import FORMATS, Report
from dossiers.compose import compose
from dossiers.facts import Fact
from dossiers.outlines import ids, outline, outlines
from dossiers.parse import TextFault
from dossiers.projectfile import places
from dossiers.records.base import Record
from dossiers.schema import schema as project_schema
from dossiers.stage import Stage


class _Commands(click.Group):
    """The commands of this package, and those that others add to it: the portal's group is one such."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_added()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _added():
            group: click.Command = _added()[cmd_name].load()
            return group
        return super().get_command(ctx, cmd_name)


def _added() -> dict[str, EntryPoint]:
    """Command name → where it is found; loaded only when it is asked for."""
    return {entry.name: entry for entry in entry_points(group="dossiers.commands")}


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tandem", prog_name="dossiers")
def main() -> None:
    """Documents for advanced therapies out of one project file of facts."""


def fail(message: str) -> NoReturn:
    """Say why on standard error and leave with status 2."""
    click.echo(message, err=True)
    sys.exit(2)


def read(path: Path) -> Binder:
    """The binder in the file at `path`; leaves with status 2 and every problem named if it cannot be taken in."""
    try:
        return load(path.read_text("utf-8-sig"), str(path))
    except UnicodeDecodeError as why:
        fail(f"{path}: this is not a text in UTF-8 (byte {why.start + 1}); save it as UTF-8.")
    except OSError as why:
        fail(f"{path}: {why.strerror or why}.")
    except ProjectFault as why:
        count = len(why.problems)
        fail(f"{why}\n{count} problem{'s' if count > 1 else ''}; nothing was made.")


@main.command("list")
def list_documents() -> None:
    """The documents that can be built."""
    for one in outlines():
        count = sum(not s.group for s in one.sections)
        click.echo(f"{one.id:<18} {one.title} ({count} sections)")


@main.command()
def schema() -> None:
    """The JSON Schema of the project file."""
    click.echo(json.dumps(project_schema(), ensure_ascii=False, indent=2))


FILE = click.argument("file", type=click.Path(path_type=Path))


@main.command()
@click.argument("document")
@FILE
@click.option(
    "-o", "out", required=True, type=click.Path(path_type=Path), help="Where to: .docx .pdf .html .md .txt .json"
)
@click.option("--pages", is_flag=True, help="Fill in page numbers (.docx; needs LibreOffice and takes longer).")
@click.option("--template", type=click.Path(path_type=Path, exists=True), help="A house template (.docx).")
def build(document: str, file: Path, out: Path, pages: bool, template: Path | None) -> None:
    """Build DOCUMENT from the project file FILE."""
    writer = WRITERS.get(out.suffix.lower())
    if writer is None:
        fail(f"{out}: the ending {out.suffix or '(none)'} is not known; known are {', '.join(WRITERS)}.")
    try:
        planned = outline(document)
    except LookupError as why:
        fail(str(why))
    binder = read(file)
    try:
        draft = compose(planned, binder)
    except TextFault as why:
        fail(f"A section text is wrong: {why}")
    try:
        made = writer(draft, Way(_template(template), pages))
        out.write_bytes(made)
    except OSError as why:
        fail(f"{out}: {why.strerror or why}.")
    except (ValueError, RuntimeError) as why:
        fail(str(why))


def _template(path: Path | None) -> bytes | None:
    if path is None:
        return None
    from dossiers.word.inspection import inspect

    data = path.read_bytes()
    if faults := inspect(data):
        fail("\n".join(f"{path}: {fault}" for fault in faults))
    return data


@dataclass(frozen=True, slots=True)
class Way:
    """How a document is asked for: a house template or None, and whether page numbers are wanted."""

    template: bytes | None
    pages: bool


def _docx(draft: Draft, way: Way) -> bytes:
    from dossiers.issue import paged
    from dossiers.word import write

    return write(paged(draft, way.template) if way.pages else draft, way.template)


def _pdf(draft: Draft, way: Way) -> bytes:
    from dossiers.office import pdf

    return pdf(_docx(draft, replace(way, pages=True)))


def _html(draft: Draft, _: Way) -> bytes:
    from dossiers.preview import standalone

    return standalone(draft).encode()


def _markdown(draft: Draft, _: Way) -> bytes:
    from dossiers.plain import markdown

    return markdown(draft).encode()


def _text(draft: Draft, _: Way) -> bytes:
    from dossiers.plain import text

    return text(draft).encode()


def _json(draft: Draft, _: Way) -> bytes:
    from dossiers.plain import tree

    return (json.dumps(tree(draft), ensure_ascii=False, indent=1) + "\n").encode()


WRITERS: dict[str, Callable[[Draft, Way], bytes]] = {
    ".docx": _docx,
    ".pdf": _pdf,
    ".html": _html,
    ".md": _markdown,
    ".txt": _text,
    ".json": _json,
}


@main.command()
@FILE
@click.option(
    "--stage",
    type=click.Choice([s.value for s in Stage]),
    help="What should be known by then (default: the project's stage).",
)
def gaps(file: Path, stage: str | None) -> None:
    """What the project file FILE should say by now and does not. Status 1 if anything is open."""
    binder = read(file)
    asked = Stage(stage) if stage else binder.stage
    found = binder.gaps(asked)
    for record, f in found:
        click.echo(_gap(file, record, f))
    count = len(found)
    click.echo(f"{count} gap{'' if count == 1 else 's'} for the stage “{asked.label}”.", err=True)
    sys.exit(1 if found else 0)


def _gap(file: Path, record: Record, f: Fact) -> str:
    said: dict[str, Any] = (record.absent or {}).get(f.name, {})
    why = " ".join(part for part in (said.get("kind", "").replace("_", " "), said.get("reason", "")) if part)
    return f"{file}: {record.kind()} {record.key}: {f.name}: {f.label}{f' ({why})' if why else ''}"


ON = click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day it is checked on (default: today).")
SETTINGS = click.option(
    "--settings", "own", type=click.Path(path_type=Path), help="A house's own thresholds (YAML), laid over ours."
)


@main.command()
@FILE
@click.option("--document", help="Only what this document prints, and its own text.")
@click.option("--select", default="", help="Only rules that begin with these, as Q,N2.")
@click.option("--ignore", default="", help="Not the rules that begin with these.")
@click.option("--stage", type=click.Choice([s.value for s in Stage]), help="As if the project stood there.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", help="How it is written.")
@click.option("-o", "out", type=click.Path(path_type=Path), help="Where to (default: standard output).")
@ON
@SETTINGS
def check(file: Path, form: str, out: Path | None, **asked: Any) -> None:
    """What an assessor would ask about the project file FILE. Status 1 if there is an open error."""
    binder = read(file)
    try:
        findings = checks.check(binder, question(asked)).findings
        if asked["document"]:
            findings = concerning(findings, binder, asked["document"])
    except LookupError as why:
        fail(str(why))
    made = FORMATS[form](Report(str(file), findings, places(file.read_text("utf-8-sig"))))
    if out is None:
        sys.stdout.buffer.write(made)
    else:
        try:
            out.write_bytes(made)
        except OSError as why:
            fail(f"{out}: {why.strerror or why}.")
    sys.exit(1 if any(f.severity is Severity.ERROR and f.state is State.OPEN for f in findings) else 0)


def question(asked: Mapping[str, Any]) -> checks.Question:
    """What the options ask of the checks. Raises `LookupError` with a sentence."""
    split: Callable[[str], list[str]] = lambda said: [w for w in said.upper().replace(" ", "").split(",") if w]  # noqa: E731
    document, stage, on = asked.get("document"), asked.get("stage"), asked.get("on")
    return checks.Question(
        (on or datetime.now().astimezone()).date(),
        own_settings(asked.get("own")),
        checks.chosen(split(asked.get("select") or ""), split(asked.get("ignore") or "")),
        (outline(document).id,) if document else ids(),
        Stage(stage) if stage else None,
    )


def own_settings(path: Path | None) -> checks.Settings:
    """The thresholds that travel with the product, with a house's own laid over them."""
    if path is None:
        return checks.settings()
    try:
        return checks.settings().overlaid(path.read_text("utf-8-sig"), str(path))
    except OSError as why:
        fail(f"{path}: {why.strerror or why}.")
    except (SettingFault, UnicodeDecodeError) as why:
        fail(str(why))


@main.command()
@click.argument("rule", required=False)
@click.option("--settings", "thresholds", is_flag=True, help="The thresholds, lists and tables that rules go by.")
def explain(rule: str | None, thresholds: bool) -> None:
    """What RULE asks, why, on whose authority and what to do; without a RULE the list of them."""
    if thresholds:
        for one in checks.settings().by_name.values():
            click.echo(f"{one.name}: {one.value}{' ' + one.unit if one.unit else ''}\n    {one.means}")
            click.echo(f"    {one.source} ({one.as_of.isoformat()}; {one.read})")
    elif rule is None:
        for found in checks.chosen():
            click.echo(f"{found.id}  {found.severity.value:<8} {found.title}")
    else:
        try:
            click.echo("\n".join(explained(checks.find(rule))))
        except LookupError as why:
            fail(str(why))


@main.command()
@FILE
@click.argument("rule")
@click.argument("kind")
@click.argument("key")
@click.option("--reason", required=True, help="Why the departure is right.")
@click.option("--by", required=True, help="Role or name of the person who answers for it.")
@click.option("--section", help="Number of the section that prints it (default: where the rule says).")
@ON
def justify(file: Path, rule: str, kind: str, key: str, **said: Any) -> None:
    """Print the record that answers RULE for the record KIND KEY of FILE with a reason, to be put into the file."""
    binder = read(file)
    try:
        asked = checks.find(rule)
        on = (said["on"] or datetime.now().astimezone()).date()
        results = checks.check(binder, checks.Question(on, rules=(asked,), stage=Stage.CLOSED))
        record = justification(results, asked, (kind, key), {**said, "on": on})
    except LookupError as why:
        fail(str(why))
    click.echo(yaml.safe_dump({"justification": {f"{asked.id}-{key}": record}}, allow_unicode=True, sort_keys=False))


if __name__ == "__main__":
    main()
