"""Small dossiers made from a few lines of a project file, and what their sections say, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import dedent, indent

from dossiers.binder import Binder, load
from dossiers.blocks import Gap, Paragraph, Run, Section, Standing, Table
from dossiers.compose import compose_section, flat, inlines_of
from dossiers.outlines import outline
from dossiers.paths import folder
from dossiers.plain import words


def plain(text: str) -> str:
    """Text with common spaces, so that tests can be read."""
    return text.replace("\u00a0", " ")


@dataclass(frozen=True)
class Page:
    """One composed section."""

    section: Section

    @cached_property
    def sentences(self) -> list[str]:
        """What paragraphs and the items of lists say, in reading order."""
        found = (b for b in self.section.blocks if not isinstance(b, Table))
        return [
            plain("".join(getattr(i, "text", "") for i in flat(p.content)))
            for block in found
            for p in ([block] if isinstance(block, Paragraph) else _paragraphs(block))
        ]

    @cached_property
    def text(self) -> str:
        """All sentences in one."""
        return "\n".join(self.sentences)

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by their captions."""
        return {plain(words(b.caption)): b for b in self.section.blocks if isinstance(b, Table)}

    @cached_property
    def gaps(self) -> list[str]:
        """The labels of what is still owed."""
        return [g.label for b in self.section.blocks for g in flat(inlines_of(b)) if isinstance(g, Gap)]

    @property
    def reason(self) -> str:
        """Why the section does not apply."""
        assert self.section.standing is Standing.NOT_APPLICABLE, self.text
        return self.text

    def table(self, caption: str) -> list[dict[str, str]]:
        """The rows of the one table whose caption begins so, each by the headings of its columns."""
        several = [t for name, t in self.tables.items() if name.startswith(caption)]
        (found,) = [self.tables[caption]] if caption in self.tables else several or [None]
        assert found is not None, f"no table “{caption}” among {list(self.tables)}"
        head = _headings(found)
        return [dict(zip(head, (_said(cell.content) for cell in row), strict=True)) for row in found.rows]

    def column(self, caption: str, heading: str) -> list[str]:
        """One column of a table."""
        return [row[heading] for row in self.table(caption)]

    def notes(self, caption: str) -> list[str]:
        """The notes under a table."""
        (found,) = [t for name, t in self.tables.items() if name.startswith(caption)]
        return [_said(note) for note in found.notes]

    def facts(self, text: str) -> set[str]:
        """“kind.fact” of every run with this text: where the words come from."""
        runs = (i for b in self.section.blocks for i in flat(inlines_of(b)) if isinstance(i, Run))
        return {f"{r.origin.kind}.{r.origin.fact}" for r in runs if r.origin and plain(r.text) == text}


def _headings(table: Table) -> list[str]:
    """The heading right above each column, where the head has several rows and cells that span some."""
    grid = [[""] * len(table.columns) for _ in table.head]
    taken = [[False] * len(table.columns) for _ in table.head]
    for at, row in enumerate(table.head):
        for cell in row:
            first = taken[at].index(False)
            for down in range(at, at + cell.down):
                for place in range(first, first + cell.across):
                    grid[down][place], taken[down][place] = _said(cell.content), True
    return grid[-1]


def _said(content: tuple[object, ...]) -> str:
    return plain("".join(getattr(i, "text", "") for i in content))


def _paragraphs(block: object) -> list[Paragraph]:
    items = getattr(block, "items", ())
    inner = [one for item in items for one in item]
    return [p for one in inner for p in ([one] if isinstance(one, Paragraph) else _paragraphs(one))]


@dataclass(frozen=True)
class Dossier:
    """A binder and the pages made from it."""

    binder: Binder

    def page(self, key: str) -> Page:
        """The section with this key, of the quality part (“P.1”) or of the other (“5.5”)."""
        document = "impd-se" if key[0] in "456" else "impd-q"
        return Page(compose_section(outline(document), self.binder, key))


def dossier(records: str, stage: str = "dossier") -> Dossier:
    """A dossier that holds these records, written as in a project file from the kinds on."""
    body = indent(dedent(records).strip("\n"), "  ")
    return Dossier(load(f"tandem: 1\nproject: AWKWARD\nstage: {stage}\nrecords:\n{body}\n", "awkward.yaml"))


def demo(name: str) -> Dossier:
    """One of the demo dossiers, such as `ari_0001`."""
    path: Path = folder("seeds") / "demo" / f"{name}.yaml"
    return Dossier(load(path.read_text("utf-8"), path.name))
