"""Tandem's own way, and the floor under it: what its parser, its texts and the zip cost by themselves."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import jinja2
import markdown

from benchmarks.content import FACTS, Chapter, Content, context
from benchmarks.peers import Way
from dossiers.blocks import Cover, Draft, Section
from dossiers.compose import anchored, settle, undisturbed
from dossiers.records.process import ProcessParameter
from dossiers.shelf import Shelf, Shown
from dossiers.texts import fill, library
from dossiers.word import kept, write

COVER = Cover("Investigational medicinal product dossier", "BENCH", "Invented product", "Invented sponsor")


def texts_of(content: Content) -> dict[str, str]:
    """Each chapter's text as an author writes it, by its name."""
    out = {}
    for chapter in content.chapters:
        parts = [*chapter.paragraphs, "\n".join(f"- {bullet}" for bullet in chapter.bullets)]
        if chapter.records:
            columns = ", ".join(f'"{name}"' for name in FACTS)
            parts.append(f'{{{{ table("Parameters of {chapter.title.lower()}, {chapter.number}", rows, {columns}) }}}}')
        out[chapter.number] = "\n\n".join(parts) + "\n"
    return out


class Tandem:
    """Binder in memory → texts → blocks → .docx, with every field, bookmark, control and contents list."""

    def __init__(self, content: Content) -> None:
        self.content, self.texts = content, texts_of(content)
        self.library = library(jinja2.DictLoader(self.texts))

    def __call__(self) -> bytes:
        return write(self.draft())

    def draft(self) -> Draft:
        """The document as blocks."""
        with undisturbed():
            sections = tuple(self.section(chapter) for chapter in self.content.chapters)
            return Draft("bench", COVER, settle(sections))

    def section(self, chapter: Chapter) -> Section:
        """One chapter filled."""
        binder = self.content.binder
        rows = Shelf("process_parameter", (Shown(record, binder) for record in chapter.records))
        made = fill(self.library, chapter.number, {"p": Shown(chapter.first, binder), "rows": rows})
        return Section(chapter.number, chapter.number, chapter.title, chapter.level, anchored(chapter.number, made))

    def compiled(self) -> None:
        """As in a portal that has made another document: texts are compiled, but none of these sections was written."""
        kept._cache = kept.Cache()

    def amend(self) -> None:
        """Another value for one fact of one record, as a person would enter it."""
        chapters = list(self.content.chapters)
        at = next(at for at, chapter in enumerate(chapters) if chapter.records)
        old = chapters[at].records[1]
        changed = ProcessParameter(**old.model_dump())
        changed.target = (old.target or Decimal(0)) + Decimal("0.1")
        chapters[at] = replace(chapters[at], records=(chapters[at].records[0], changed, *chapters[at].records[2:]))
        self.content = replace(self.content, chapters=tuple(chapters))


def tandem(content: Content) -> Way:
    """Tandem, as it stands."""
    return Tandem(content)


def floor(content: Content) -> Way:
    """Filling the texts with bare Jinja, parsing them with bare Python-Markdown, zipping the parts of Tandem's file.

    Tables are left out of the texts, for in Tandem they do not pass through Markdown either.
    """
    with zipfile.ZipFile(io.BytesIO(Tandem(content)())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    texts = texts_of(content)
    told = [context(chapter) for chapter in content.chapters]

    def make() -> bytes:
        environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        environment.globals["table"] = lambda *_: "the table"
        reader = markdown.Markdown(extensions=["tables", "sane_lists"], tab_length=2)
        for text, things in zip(texts.values(), told, strict=True):
            reader.reset()
            reader.parser.parseDocument(environment.from_string(text).render(things).split("\n"))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for name, part in parts.items():
                archive.writestr(name, part)
        return out.getvalue()

    return make
