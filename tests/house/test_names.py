"""Names say what a thing is: no drawers for odds and ends, no verb that says nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

NO_MODULE = re.compile(r"^_?(utils?|helpers?|common|misc|managers?|services?|tools)$")
NO_CLASS = re.compile(r"(Helper|Manager|Service|Util|Utils)$")
NO_FUNCTION = re.compile(r"^_?(get_|do_|helper)")


def bad_names(name: str, source: str) -> list[str]:
    """Names in one module that the house does not use, a line each.

    A method of a class with a parent is left alone: the parent may have named it.
    """
    found = [f"{name}: the module's name" for part in Path(name).with_suffix("").parts if NO_MODULE.match(part)]
    tree = ast.parse(source)
    given = {m for c in ast.walk(tree) if isinstance(c, ast.ClassDef) and c.bases for m in c.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and NO_CLASS.search(node.name):
            found.append(f"{name}:{node.lineno} class {node.name}")
        if isinstance(node, ast.FunctionDef) and node not in given and NO_FUNCTION.match(node.name):
            found.append(f"{name}:{node.lineno} function {node.name}")
    return found


def test_names_say_what_a_thing_is(root: Path, modules: list[Path]) -> None:
    found = [line for path in modules for line in bad_names(str(path), (root / path).read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_the_rule_bites() -> None:
    assert bad_names("portal/utils.py", "") == ["portal/utils.py: the module's name"]
    assert bad_names("a.py", "class GateService: ...") == ["a.py:1 class GateService"]
    assert bad_names("a.py", "def get_gate(): ...") == ["a.py:1 function get_gate"]
    assert bad_names("a.py", "class Loader(Parent):\n    def get_source(self): ...") == []
