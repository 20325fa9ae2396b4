"""Findings as comments in a draft: each hung on the first section that prints its fact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dossiers.blocks import Draft, Origin, Remark
from dossiers.checks.findings import Finding, State
from dossiers.compose import gaps_of, origins_of


def commented(draft: Draft, findings: Iterable[Finding]) -> Draft:
    """`draft` with the open findings as remarks, in reading order; what it does not print stays on the list alone."""
    facts: dict[tuple[str, str, str], tuple[str, Origin]] = {}
    records: dict[tuple[str, str], tuple[str, Origin]] = {}
    for section in draft.sections:
        shown = sorted(origins_of(section), key=lambda o: (o.kind, o.key, o.fact))
        shown += [gap.origin for _, gap in gaps_of((section,)) if gap.origin is not None]
        for origin in shown:
            facts.setdefault((origin.kind, origin.key, origin.fact), (section.key, origin))
            records.setdefault((origin.kind, origin.key), (section.key, origin))
    remarks = []
    for finding in findings:
        if finding.state is not State.OPEN:
            continue
        text = f"{finding.rule} ({finding.severity.value}): {finding.sentence} {finding.remedy}".strip()
        if finding.section[0]:
            if finding.section[0] == draft.outline:
                remarks.append(Remark(finding.section[1], text))
            continue
        at = finding.origin
        found = facts.get((at.kind, at.key, at.fact)) or (records.get((at.kind, at.key)) if at.key else None)
        if found is not None:
            remarks.append(Remark(found[0], text, found[1]))
    order = {section.key: n for n, section in enumerate(draft.sections)}
    return replace(draft, remarks=tuple(sorted(remarks, key=lambda r: order.get(r.section, 0))))
