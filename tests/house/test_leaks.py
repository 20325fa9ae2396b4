"""Nothing of one machine, of other people's servers or of work left open is in the project's files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

# Written in pieces, so that this file does not trip over itself.
FORBIDDEN = {
    "an index host": r"(?:index-url|find-links|registry)[ =]+\S*:/" + r"/|(?:pypi|npmjs)\.(?:org|com)|pythonhosted\.",
    "a content network": r"https?:/" + r"/[^\s\"'/]*(?:unpkg|jsdelivr|cdnjs|googleapis|gstatic|cdn)[^\s\"'/]*/",
    "a machine path": r"(?<![\w.~-])/(?:work/(?:main|shared)|home/\w|root/|Users/\w|" + r"tmp/)",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE" + " KEY",
    "work left open": r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|raise NotImplemented" + "Error",
    "a skipped test": r"pytest\.mark\.(?:sk" + r"ip(?:if)?|xf" + r"ail)\b|@(?:unittest\.)sk" + "ip",
}
# The one place where a test may be skipped: what a machine lacks is said there.
MAY_SKIP = {Path("tests/conftest.py")}
SKIP_CALL = re.compile(r"pytest\.(?:sk" + r"ip|xf" + r"ail|importor" + r"skip)\(")


def texts(root: Path, files: list[Path]) -> dict[Path, str]:
    """Text of each file that is one."""
    found = {}
    for path in files:
        content = (root / path).read_bytes()
        if b"\0" not in content:
            found[path] = content.decode("utf-8")
    return found


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str, root: Path, own_files: list[Path]) -> None:
    pattern = re.compile(FORBIDDEN[what])
    if what == "a machine path":
        pattern = re.compile(f"{pattern.pattern}|{re.escape(str(root))}")
    found = [
        f"{path}:{number} {line.strip()[:120]}"
        for path, text in texts(root, own_files).items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, f"{what}:\n" + "\n".join(found)


def test_only_a_missing_program_skips_a_test(root: Path, own_files: list[Path]) -> None:
    tests = [path for path in own_files if path.parts[0] == "tests" and path not in MAY_SKIP]
    found = [str(path) for path, text in texts(root, tests).items() if SKIP_CALL.search(text)]
    assert not found, "\n".join(found)


def test_nothing_of_other_people_is_committed(own_files: list[Path]) -> None:
    found = [str(path) for path in own_files if ".min." in path.name or {"vendor", "node_modules"} & set(path.parts)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("an index host", "--index-" + "url https://packages.example/simple"),
        ("a content network", '<script src="https:/' + '/cdn.example.net/htmx.js">'),
        ("a machine path", "open('/" + "home/someone/facts.yaml')"),
        ("work left open", "# TO" + "DO: later"),
        ("a skipped test", "@pytest.mark.sk" + "ip"),
        ("a private key", "-----BEGIN RSA PRIVATE" + " KEY-----"),
    ],
)
def test_each_rule_bites(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)
