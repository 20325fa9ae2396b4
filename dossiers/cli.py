"""The command `dossiers`: documents out of a project file. The only module of this package that touches the disk.

Exit status: 0 done, 1 the data leave something open (gaps that matter), 2 the call or the file is wrong.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NoReturn

import click

from dossiers.binder import Binder, ProjectFault, load
from dossiers.blocks import Draft
from dossiers.compose import compose
from dossiers.facts import Fact
from dossiers.outlines import outline, outlines
from dossiers.parse import TextFault
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
        click.echo(f"{one.id:<12} {one.title} ({count} sections)")


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


if __name__ == "__main__":
    main()
