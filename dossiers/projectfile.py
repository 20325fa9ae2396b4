"""The project file's text: YAML (read as YAML 1.2) or JSON into nodes that know their line, and back into YAML.

Scalars stay the text they were: what a word means is the fact's business. So `no` is a word, `1e6` a number where a
number is asked for, and `2.0` stays "2.0" where a version is asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, TypeAlias

import yaml

LARGEST = 20_000_000  # characters; the largest demo project multiplied by a hundred is smaller
DEEPEST = 40


class FileFault(Exception):
    """The text is no project file; `line` counts from 1 (0: unknown)."""

    def __init__(self, sentence: str, line: int = 0):
        super().__init__(sentence)
        self.sentence, self.line = sentence, line


@dataclass(frozen=True, slots=True)
class Leaf:
    """A scalar: its text, or None where the file says nothing (null, ~, empty)."""

    text: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Group:
    """A mapping: (key, line of the key, node) in the order of the file; keys are unique."""

    entries: tuple[tuple[str, int, Node], ...]
    line: int

    def get(self, key: str) -> Node | None:
        """The node under `key`, or None."""
        return next((node for name, _, node in self.entries if name == key), None)


Node: TypeAlias = "Leaf | Many | Group"

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


def parse_text(text: str) -> Node:
    """The tree of a YAML or JSON project file. Raises `FileFault` with a sentence and a line."""
    if len(text) > LARGEST:
        raise FileFault(
            f"The file has {len(text):,} characters; a project file may have at most {LARGEST:,}. "
            "Split the project or remove what is not facts."
        )
    if found := re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", text):
        line = text.count("\n", 0, found.start()) + 1
        raise FileFault(f"The file holds a character that nobody can see (U+{ord(found[0]):04X}); remove it.", line)
    return _json(text) if text.lstrip().startswith("{") else _yaml(text)


def _yaml(text: str) -> Node:
    try:
        events = tuple(yaml.parse(text, Loader=Loader))
    except yaml.MarkedYAMLError as why:
        mark = why.problem_mark or why.context_mark
        raise FileFault(
            f"This is not YAML: {why.problem or why.context}. Check indentation, quotes and colons near here.",
            mark.line + 1 if mark else 0,
        ) from None
    except yaml.YAMLError as why:
        raise FileFault(f"This is not YAML: {str(why).splitlines()[0]}.") from None
    documents = [e for e in events if isinstance(e, yaml.DocumentStartEvent)]
    if len(documents) != 1:
        raise FileFault(
            "The file is empty." if not documents else "The file holds several documents (---); keep one.", 1
        )
    stream = (e for e in events if not isinstance(e, (yaml.StreamStartEvent, yaml.DocumentStartEvent)))
    return _node(next(stream), stream, 0)


def _node(event: Any, stream: Iterator[Any], depth: int) -> Node:
    line = event.start_mark.line + 1
    if depth > DEEPEST:
        raise FileFault(f"The file is nested more than {DEEPEST} levels deep.", line)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise FileFault(
            "Anchors (&) and aliases (*) are not used in project files; write the value out or quote it.", line
        )
    match event:
        case yaml.ScalarEvent():
            silent = event.implicit[0] and event.value in NULLS  # plain, not quoted
            return Leaf(None if silent else event.value, line)
        case yaml.SequenceStartEvent():
            items = []
            while not isinstance(event := next(stream), yaml.SequenceEndEvent):
                items.append(_node(event, stream, depth + 1))
            return Many(tuple(items), line)
        case yaml.MappingStartEvent():
            return _group(stream, line, depth)
    raise FileFault("The file ends in the middle.", line)  # pragma: no cover: the parser refuses this before


def _group(stream: Iterator[Any], line: int, depth: int) -> Group:
    entries: list[tuple[str, int, Node]] = []
    seen: dict[str, int] = {}
    while not isinstance(event := next(stream), yaml.MappingEndEvent):
        at = event.start_mark.line + 1
        if not isinstance(event, yaml.ScalarEvent):
            raise FileFault("A key must be a word, not a list or a group.", at)
        if event.value in seen:
            raise FileFault(f"“{event.value}” stands twice here (first in line {seen[event.value]}); keep one.", at)
        seen[event.value] = at
        entries.append((event.value, at, _node(next(stream), stream, depth + 1)))
    return Group(tuple(entries), line)


def _json(text: str) -> Node:
    def pairs(found: list[tuple[str, Any]]) -> Any:
        names = [name for name, _ in found]
        if double := next((n for n in names if names.count(n) > 1), None) if len(set(names)) < len(names) else None:
            raise FileFault(f"“{double}” stands twice in one group; keep one.")
        return dict(found)

    try:
        read = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number, object_pairs_hook=pairs)
    except json.JSONDecodeError as why:
        raise FileFault(f"This is not JSON: {why.msg}.", why.lineno) from None
    except RecursionError:
        raise FileFault(f"The file is nested more than {DEEPEST} levels deep.") from None
    return _from(read, 0)


class _Number(str):
    """A JSON number in its own digits."""


def _from(value: Any, depth: int) -> Node:
    if depth > DEEPEST:
        raise FileFault(f"The file is nested more than {DEEPEST} levels deep.")
    match value:
        case None:
            return Leaf(None, 0)
        case bool():
            return Leaf("true" if value else "false", 0)
        case str():
            return Leaf(str(value), 0)
        case list():
            return Many(tuple(_from(v, depth + 1) for v in value), 0)
    return Group(tuple((k, 0, _from(v, depth + 1)) for k, v in value.items()), 0)


# ---------------------------------------------------------------- writing


class _Dumper(yaml.SafeDumper):
    """Writes YAML that a reader of version 1.1 and one of 1.2 understand alike."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}  # type: ignore[misc]

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _resolve(tag: str, pattern: str, first: str) -> None:
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})$"), list(first))


_resolve("null", "null|Null|NULL|~|", "nN~")
_Dumper.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("$"), [""])
_resolve("bool", "true|True|TRUE|false|False|FALSE", "tTfF")
_resolve("int", "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789")
_resolve(
    "float",
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    "-+.0123456789",
)
_resolve(
    "old", "yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|y|Y|n|N|[-+]?[0-9][0-9_,:]*(?::[0-9]+)+", "yYnNoO-+0123456789"
)


def _word(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if _fits_block(text) else None)


def _fits_block(text: str) -> bool:
    return (
        "\n" in text and not re.search(r"[ \t]\n|^[ \t\n]|[\x85\u2028\u2029\ufeff]", text) and not text.endswith("\n")
    )


def _decimal(dumper: yaml.SafeDumper, number: Decimal) -> yaml.Node:
    text = str(number)
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'int' if re.fullmatch('[-+]?[0-9]+', text) else 'float'}", text)


_Dumper.add_representer(str, _word)
_Dumper.add_representer(Decimal, _decimal)


def write_yaml(shape: dict[str, Any]) -> str:
    """`shape` (dicts, lists, str, int, bool, Decimal, None) as YAML, keys in the order given, lines unfolded."""
    return str(
        yaml.dump(shape, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000, default_flow_style=None)
    )


def write_json(shape: dict[str, Any]) -> str:
    """`shape` as JSON, two spaces deep. A decimal that a JSON number would not keep digit for digit is a string."""
    return json.dumps(_plain(shape), ensure_ascii=False, indent=2) + "\n"


def _plain(value: Any) -> Any:
    match value:
        case Decimal():
            text = str(value)
            return next((n for n in (_as(int, text), _as(float, text)) if n is not None and repr(n) == text), text)
        case dict():
            return {k: _plain(v) for k, v in value.items()}
        case list():
            return [_plain(v) for v in value]
    return value


def _as(kind: type[int | float], text: str) -> int | float | None:
    try:
        return kind(text)
    except (ValueError, OverflowError):
        return None


def places(text: str) -> dict[tuple[str, str, str], int]:
    """(kind, key, fact) → line from 1 of every record ("" for the fact) and fact in a project file that can be read."""
    root = parse_text(text)
    kinds = root.get("records") if isinstance(root, Group) else None
    found: dict[tuple[str, str, str], int] = {}
    for kind, _, records in kinds.entries if isinstance(kinds, Group) else ():
        for key, line, facts in records.entries if isinstance(records, Group) else ():
            found[kind, key, ""] = line
            found.update(((kind, key, name), at) for name, at, _ in (facts.entries if isinstance(facts, Group) else ()))
    return found
