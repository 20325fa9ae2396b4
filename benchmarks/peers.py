"""The other ways from the same content to a Word file, each as its own documentation would have it.

None of them makes what Tandem's file holds besides (fields, bookmarks, content controls, landscape pages, a contents
list): the comparison is in their favour.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

import jinja2

from benchmarks.content import FACTS, Chapter, Content, caption, context, heads, pieces

Way = Callable[[], bytes]


def markdown_of(content: Content) -> list[str]:
    """Each chapter as a Markdown text with its places for values, as an author of section texts writes it."""
    tables, out = count(1), []
    for chapter in content.chapters:
        parts = [*chapter.paragraphs, "\n".join(f"- {bullet}" for bullet in chapter.bullets)]
        if chapter.records:
            parts.append(caption(next(tables), chapter))
            parts.append(
                f"| {' | '.join(heads())} |\n|{' --- |' * len(FACTS)}\n"
                "{% for row in rows %}| " + " | ".join(f"{{{{ row.{name} }}}}" for name in FACTS) + " |\n{% endfor %}"
            )
        out.append("\n\n".join(parts))
    return out


def _environment() -> jinja2.Environment:
    return jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


# ---------------------------------------------------------------- pandoc


def pandoc(content: Content) -> Way:
    """Jinja fills Markdown, pandoc makes the Word file."""
    import pypandoc

    texts = markdown_of(content)

    def make() -> bytes:
        environment, parts = _environment(), []
        for chapter, text in zip(content.chapters, texts, strict=True):
            parts.append(f"{'#' * chapter.level} {chapter.number} {chapter.title}")
            parts.append(environment.from_string(text).render(context(chapter)))
        handle, name = tempfile.mkstemp(suffix=".docx")
        os.close(handle)
        try:
            pypandoc.convert_text("\n\n".join(parts), "docx", format="gfm", outputfile=name)
            return Path(name).read_bytes()
        finally:
            Path(name).unlink()

    return make


# ---------------------------------------------------------------- docxtpl


def docxtpl(content: Content) -> Way:
    """A template document with every section's text and places in it, filled once; making the template is not timed."""
    from docxtpl import DocxTemplate

    template = _template(content)

    def make() -> bytes:
        document = DocxTemplate(io.BytesIO(template))
        document.render({"c": [context(chapter) for chapter in content.chapters]}, autoescape=True)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return make


def _template(content: Content) -> bytes:
    import docx

    document, tables = docx.Document(), count(1)
    for at, chapter in enumerate(content.chapters):
        document.add_heading(f"{chapter.number} {chapter.title}", chapter.level)
        for style, texts in (("Body Text", chapter.paragraphs), ("List Bullet", chapter.bullets)):
            for text in texts:
                added = document.add_paragraph(style=style)
                for piece, manner in pieces(text.replace("{{ p.", f"{{{{ c[{at}].p.")):
                    run = added.add_run(piece)
                    run.bold, run.italic = manner == "bold" or None, manner == "italic" or None
        if chapter.records:
            document.add_paragraph(caption(next(tables), chapter), style="Caption")
            rows = (
                heads(),
                (f"{{%tr for row in c[{at}].rows %}}", *[""] * (len(FACTS) - 1)),
                tuple(f"{{{{ row.{name} }}}}" for name in FACTS),
                ("{%tr endfor %}", *[""] * (len(FACTS) - 1)),
            )
            table = document.add_table(len(rows), len(FACTS), "Table Grid")
            for line, words in zip(table.rows, rows, strict=True):
                for cell, word in zip(line.cells, words, strict=True):
                    cell.text = word
                    cell.paragraphs[0].style = "Body Text"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


# ---------------------------------------------------------------- python-docx, written by somebody who knows it


def expert(content: Content) -> Way:
    """Style ids set on the XML, each row walked once, no call that searches the document."""
    import docx
    from docx.table import _Cell

    def make() -> bytes:
        document, tables, environment = docx.Document(), count(1), _environment()

        def paragraph(text: str, style: str) -> None:
            added = document.add_paragraph()
            added._p.get_or_add_pPr().get_or_add_pStyle().val = style
            for piece, manner in pieces(text):
                run = added.add_run(piece)
                if manner:
                    run.bold, run.italic = manner == "bold" or None, manner == "italic" or None

        def fill(chapter: Chapter) -> None:
            told = context(chapter)["rows"]
            table = document.add_table(len(told) + 1, len(FACTS))
            table._tbl.tblPr.style = "TableGrid"
            lines = (heads(), *(tuple(row[name] for name in FACTS) for row in told))
            for line, texts in zip(table._tbl.tr_lst, lines, strict=True):
                for cell, text in zip(line.tc_lst, texts, strict=True):
                    filled = _Cell(cell, table).paragraphs[0]
                    filled._p.get_or_add_pPr().get_or_add_pStyle().val = "BodyText"
                    filled.add_run(text)

        for chapter in content.chapters:
            paragraph(f"{chapter.number} {chapter.title}", f"Heading{chapter.level}")
            told = context(chapter)
            for text in chapter.paragraphs:
                paragraph(environment.from_string(text).render(told), "BodyText")
            for text in chapter.bullets:
                paragraph(environment.from_string(text).render(told), "ListBullet")
            if chapter.records:
                paragraph(caption(next(tables), chapter), "Caption")
                fill(chapter)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()

    return make
