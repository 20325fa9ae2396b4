"""Rules about specifications (Q3)."""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import rule
from dossiers.records.quality import SpecTest


@rule(
    "Q303",
    Severity.ERROR,
    "Each test names a method",
    each=SpecTest,
    why="A limit says nothing without the procedure by which it is measured.",
    source=("EMA/CAT/22473/2025, P.5.2",),
    remedy="Name the analytical method of the test.",
)
def tests_name_a_method(look: Look, test: SpecTest) -> Iterator[Said]:
    if test.method is None and not look.is_excused(test, "method"):
        yield look.at(test, "method", f"The test {test.named()} names no analytical method.")
