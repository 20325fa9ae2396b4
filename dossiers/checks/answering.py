"""Around a finding: what its rule says of itself, which documents it concerns, and the record that answers it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dossiers.binder import Binder
from dossiers.checks.findings import Finding, State
from dossiers.checks.rules import Rule
from dossiers.checks.running import Results
from dossiers.compose import compose, origins_of
from dossiers.justifying import places, seal
from dossiers.outlines import outline


def explained(rule: Rule) -> Iterator[str]:
    """What a rule says of itself, line by line."""
    yield f"{rule.id} {rule.severity.value}: {rule.title}"
    yield f"Subject: {rule.subject}."
    if rule.types or rule.phases:
        yield f"For: {', '.join(sorted(rule.types)) or 'every type of product'}; " + (
            f"{', '.join(sorted(rule.phases))}." if rule.phases else "every phase."
        )
    yield f"Counts from the stage: {rule.due.label}."
    for lead, said in (("Why", rule.why), ("Remedy", rule.remedy), ("Our reading", rule.reading)):
        if said:
            yield from textwrap.wrap(f"{lead}: {said}", 100, subsequent_indent="    ")
    yield from textwrap.wrap(f"Source: {'; '.join(rule.source)} ({rule.read}).", 100, subsequent_indent="    ")
    if rule.justifiable:
        where = f", printed in section {rule.section}" if rule.section else ""
        yield f"A reason may answer it for one record{where}."
    else:
        yield "No reason answers it: the facts must change."


def concerning(findings: Iterable[Finding], binder: Binder, document: str) -> tuple[Finding, ...]:
    """The findings about what `document` prints, its text, and what is not there at all."""
    printed = {(o.kind, o.key) for s in compose(outline(document), binder).sections for o in origins_of(s)}
    return tuple(
        f
        for f in findings
        if (f.section[0] == document if f.section[0] else not f.origin.key or (f.origin.kind, f.origin.key) in printed)
    )


def justification(results: Results, rule: Rule, about: tuple[str, str], said: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a `justification` record that answers `rule` for the record (kind, key).

    `said` has reason, by, on and perhaps section. Raises `LookupError` where there is nothing to answer.
    """
    if not rule.justifiable:
        raise LookupError(f"{rule.id} cannot be answered with a reason: {rule.remedy or 'the facts must change.'}")
    here = [f for f in results.findings if f.rule == rule.id and (f.origin.kind, f.origin.key) == about]
    if not here or all(f.state is State.CANNOT for f in here):
        raise LookupError(f"{rule.id} finds nothing in {about[0]} {about[1]} that could be answered.")
    lines = places(results.binder, results.rests_on(here[0]))
    return {
        "rule": rule.id,
        "about_kind": about[0],
        "about_key": about[1],
        "reason": said["reason"],
        "section": said.get("section") or rule.section,
        "given_by": said["by"],
        "given_on": said["on"].isoformat(),
        "rests_on": lines,
        "seal": seal(results.binder, lines),
    }
