"""The library of section texts: Jinja over Markdown, values made harmless by holes.

Manners of a section text: no headings (they come from the outline), no indentation, no macros; only `{{ }}`, `if`,
`for` and `include`. `check` holds authors to them and names file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
from jinja2 import nodes

from dossiers import evidence, figures, matrices, owing, tables
from dossiers.blocks import Blocks, Footnote, Gap, Manner, Paragraph, Reference, Run, Table
from dossiers.parse import CLOSE, OPEN, TextFault, blocks
from dossiers.shelf import Lacking, Shelf, Shown, Value, known

ALLOWED = (nodes.If, nodes.For, nodes.Include, nodes.Output, nodes.Template)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a section text: file, line from 1, a sentence."""

    file: str
    line: int
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.sentence}"


@jinja2.pass_context
def settle(context: jinja2.runtime.Context, value: Any) -> Any:
    """What a `{{ … }}` leaves in the text: a token for anything that came from data, so that it is never markup."""
    if isinstance(value, (jinja2.Undefined, str)) and not (isinstance(value, str) and _needs_hole(value)):
        return value
    holes: list[Any] = context["holes"]
    holes.append(_thing(value))
    return f"{OPEN}{len(holes) - 1}{CLOSE}"


def _needs_hole(text: str) -> bool:
    return bool(text) and not text.isalnum()


def _thing(value: Any) -> Any:
    match value:
        case Value() if value and value.fact.is_prose:
            return blocks(value.text, (), value.origin)
        case Value() | Shown() | Lacking():
            return value.inlines
        case Shelf():
            return tables._many([one.inlines for one in value]) or (Gap(value.kind.replace("_", " "), None),)
        case str() | int() | float():
            return Run(str(value))
        case Table():
            return tables.noted(value)
        case (Table(), *_):
            return tuple(tables.noted(one) if isinstance(one, Table) else one for one in value)
        case None:
            return ()
    return value


def ref(target: str) -> Reference:
    """A reference to a section ("S.4.1") or to a table or figure in it ("S.4.4:batch-analyses")."""
    return Reference(target, "")


def note(text: str) -> Footnote:
    """A footnote at this place."""
    return Footnote((Run(text),))


def stop(value: Any) -> Any:
    """What a value prints, with a full stop unless it ends a sentence already: facts are typed with and without."""
    words = _thing(value)
    if not isinstance(words, tuple):
        words = (words,)
    ended = bool(words) and isinstance(words[-1], Run) and words[-1].text.rstrip().endswith((".", "!", "?"))
    return words if ended else (*words, Run("."))


def small(text: str) -> Paragraph:
    """A remark in small print, on a line of its own."""
    return Paragraph((Run(text),), Manner.NOTE)


def library(loader: jinja2.BaseLoader) -> jinja2.Environment:
    """The section texts, ready to be filled. A misspelt name is an error, an empty fact is not."""
    env = jinja2.Environment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        finalize=settle,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        auto_reload=False,
        cache_size=-1,
    )
    env.globals.update(
        table=tables.table,
        listing=tables.listing,
        stated=tables.stated,
        results=evidence.results,
        burden=evidence.burden,
        specification=evidence.specification,
        stability=evidence.stability,
        matrix=matrices.matrix,
        of=matrices.of,
        span=matrices.span,
        length=matrices.length,
        outcome=matrices.outcome,
        place=matrices.place,
        ratio=matrices.ratio,
        whether=matrices.whether,
        lines=matrices.lines,
        remaining=owing.remaining,
        col=tables.col,
        **{draw.__name__: draw for draw in (figures.flow, figures.stability_plots, figures.construct_map)},
        ref=ref,
        note=note,
        small=small,
    )
    env.tests["known"] = known
    env.filters["stop"] = stop
    return env


def fill(texts: jinja2.Environment, name: str, shelf: Mapping[str, Any]) -> Blocks:
    """The blocks of section text `name`, filled from `shelf`. Raises `TextFault` with file and line."""
    holes: list[Any] = []
    try:
        text = texts.get_template(name).render(shelf, holes=holes)
    except jinja2.TemplateSyntaxError as why:
        raise TextFault(f"{why.name}:{why.lineno}: {why.message}") from why
    except jinja2.TemplateNotFound as why:
        raise TextFault(f"{name}: the text {why} does not exist.") from why
    except (jinja2.UndefinedError, AttributeError, LookupError, TypeError) as why:
        raise TextFault(f"{name}:{_line_of(why, name)}: {why}") from why
    try:
        return blocks(text, holes)
    except TextFault as why:
        raise TextFault(f"{name}: {why}") from why


def _line_of(why: BaseException, name: str) -> int:
    trace, line = why.__traceback__, 0
    while trace:
        if trace.tb_frame.f_code.co_filename.endswith((name, "<template>")):
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


# ---------------------------------------------------------------- checked before use


@cache
def _bare() -> jinja2.Environment:
    """A library without texts: what a text may use stands in it."""
    return library(jinja2.DictLoader({}))


def check(name: str, source: str, names: frozenset[str]) -> tuple[Fault, ...]:
    """What is wrong in a section text before it is ever filled: syntax, forbidden blocks, headings, unknown names."""
    env = _bare()
    try:
        parsed = env.parse(source, name)
    except jinja2.TemplateSyntaxError as why:
        return (Fault(name, why.lineno, _mended(why.message or "This is no section text.")),)
    return tuple(
        sorted(
            (
                *_forbidden(name, parsed),
                *_unknown(name, parsed, names | frozenset(env.globals), _takes(source)),
                *_manners(name, source),
            ),
            key=lambda f: f.line,
        )
    )


def _mended(message: str) -> str:
    return message if message.endswith(".") else f"{message}."


def _forbidden(name: str, parsed: nodes.Template) -> Iterator[Fault]:
    for node in parsed.find_all(nodes.Stmt):
        if not isinstance(node, ALLOWED):
            word = type(node).__name__.casefold()
            yield Fault(name, node.lineno, f"“{word}” is not used in section texts; only if, for and include are.")


def _unknown(name: str, parsed: nodes.Template, names: frozenset[str], takes: frozenset[str]) -> Iterator[Fault]:
    bound = {n.name for n in parsed.find_all(nodes.Name) if n.ctx == "store"} | {"loop", "holes"} | takes
    env = _bare()
    for word, known_words, use in (("filter", env.filters, nodes.Filter), ("test", env.tests, nodes.Test)):
        for used in parsed.find_all(use):
            if used.name not in known_words:
                yield Fault(name, used.lineno, f"There is no {word} “{used.name}”.")
    for node in parsed.find_all(nodes.Name):
        if node.ctx == "load" and node.name not in names | bound:
            yield Fault(name, node.lineno, f"“{node.name}” is no name a section text knows.")


def _takes(source: str) -> frozenset[str]:
    """The names that a shared piece takes from the text that includes it: its first line says "{# takes: tests #}"."""
    said = re.match(r"\{#-?\s*takes:([\w\s,]*?)-?#\}", source)
    return frozenset(re.findall(r"\w+", said[1])) if said else frozenset()


_TAGS = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def _manners(name: str, source: str) -> Iterator[Fault]:
    bare = _TAGS.sub(lambda m: "\n" * m[0].count("\n") + ("" if m[0].startswith("{%") else "x"), source)
    for line, text in enumerate(bare.split("\n"), 1):
        if re.match(r"#{1,6}\s", text):
            yield Fault(name, line, "A heading stands here; headings come from the outline. Use a section of its own.")
        if re.match(r"\s+\S", text) and not re.match(r"\s+(?:[-*+]|\d+[.)])\s", text):
            yield Fault(name, line, "This line is indented; begin it at the margin.")
        if found := re.search(r"<[a-zA-Z/!][^>]*>", text):
            yield Fault(name, line, f"“{found[0][:30]}” would print as typed; section texts have no HTML.")
        if OPEN in text or CLOSE in text:
            yield Fault(name, line, "A private-use character stands here; remove it.")
