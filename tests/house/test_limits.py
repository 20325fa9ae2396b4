"""Modules, functions and argument lists stay small enough to be read at once."""

from __future__ import annotations

import ast
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 40
ARGUMENTS = 5


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Number of arguments a caller may give, keyword-only ones included; `self` and `cls` are not the caller's."""
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]
    names += [a.arg for a in (function.args.vararg, function.args.kwarg) if a is not None]
    return len(names[1:] if names[:1] in (["self"], ["cls"]) else names)


def excesses(name: str, source: str) -> list[str]:
    """What in one module is too long, a line each."""
    found = []
    lines = len(source.splitlines())
    if lines > MODULE_LINES:
        found.append(f"{name} has {lines} lines")
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            found.append(f"{name}:{node.lineno} {node.name} has {length} lines")
        if arguments(node) > ARGUMENTS:
            found.append(f"{name}:{node.lineno} {node.name} takes {arguments(node)} arguments")
    return found


def test_modules_functions_and_argument_lists_are_small(root: Path, modules: list[Path]) -> None:
    assert modules
    found = [line for path in modules for line in excesses(str(path), (root / path).read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


def test_the_limits_bite() -> None:
    long = "def long():\n" + "    x = 1\n" * FUNCTION_LINES
    assert excesses("m", long) == [f"m:1 long has {FUNCTION_LINES + 1} lines"]
    assert excesses("m", "def f(self, a, b, c, d, e): ...") == []
    assert excesses("m", "def f(a, b, c, *, d, e, f): ...") == ["m:1 f takes 6 arguments"]
    assert excesses("m", "\n" * (MODULE_LINES + 1)) == [f"m has {MODULE_LINES + 1} lines"]
