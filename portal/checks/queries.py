"""Questions about findings. What was found is remembered, and after an edit only what the edit touched runs again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select
from sqlmodel import col

from dossiers.amending import put
from dossiers.blocks import Section
from dossiers.checks import (
    RULES,
    SUBJECTS,
    Finding,
    Question,
    Results,
    Severity,
    State,
    changed,
    check,
    edited,
    recheck,
)
from dossiers.compose import gaps_of, origins_of
from dossiers.facts import by_name
from dossiers.records.base import Record
from dossiers.stage import Stage
from portal.db import engine, reading
from portal.drafts.queries import Remembered, state_of
from portal.models import CheckCount, Project, now
from portal.numerals import page_number
from portal.records.queries import binder_of
from portal.trail import Unit

_KEPT: Remembered[tuple[Engine, UUID], tuple[int, Results]] = Remembered(16)


def results(session: Unit, project: Project) -> Results:
    """What the checks say of the project as it is now."""
    state, today = state_of(session, project), now().date()
    known = _KEPT.get((engine(), project.id))
    if known is not None and known[0] == state and known[1].question.on == today:
        return known[1]
    # Read apart: what is remembered outlives the request and its session.
    with reading() as apart:
        binder = binder_of(apart, project)
        apart.expunge_all()
    if known is not None and known[1].question.on == today:
        made = recheck(known[1], binder, changed(known[1].binder, binder))
    else:
        made = check(binder, Question(today))
    return _KEPT.keep((engine(), project.id), (state, made))[1]


def with_typed(found: Results, record: Record, values: Mapping[str, Any]) -> Results:
    """What the checks would say if these values, typed and not saved yet, were the record's."""
    mine = found.binder.find(record.uid)
    if mine is None:
        return found
    names = [n for n, value in values.items() if value != getattr(mine, n)]
    binder = put(found.binder, mine, {n: values[n] for n in names})
    return recheck(found, binder, edited(record.kind(), record.uid, names)) if names else found


def as_at(found: Results, stage: Stage) -> Results:
    """The same results, judged by what the stage asks for."""
    return replace(found, question=replace(found.question, stage=stage))


# ---------------------------------------------------------------- the list


@dataclass(frozen=True, slots=True)
class Asked:
    """Which findings a reader wants, as the address says it; what is not known is left out."""

    subject: str = ""
    weight: str = ""
    state: str = ""
    rule: str = ""
    page: int = 1

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> Asked:
        """What the address asks for."""
        page = sent.get("page", "")
        return cls(
            sent.get("subject", "") if sent.get("subject", "") in SUBJECTS else "",
            sent.get("weight", "") if sent.get("weight", "") in tuple(Severity) else "",
            sent.get("state", "") if sent.get("state", "") in tuple(State) else "",
            sent.get("rule", "").upper() if sent.get("rule", "").upper() in RULES else "",
            page_number(page),
        )

    def fits(self, finding: Finding) -> bool:
        """Whether the reader wants this one. Without a state: what is open."""
        return (
            finding.rule.startswith(self.subject)
            and self.weight in ("", finding.severity.value)
            and self.rule in ("", finding.rule)
            and finding.state.value == (self.state or State.OPEN.value)
        )

    def address(self, **other: Any) -> dict[str, Any]:
        """The parts of an address for this choice, with something put differently."""
        said = {"subject": self.subject, "weight": self.weight, "state": self.state, "rule": self.rule}
        return {k: v for k, v in (said | {"page": None} | other).items() if v}


PAGE = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of findings, how many there are, and the counts beside the filters."""

    findings: tuple[Finding, ...]
    total: int
    pages: int
    by_state: Mapping[str, int]
    by_weight: Mapping[str, int]
    by_subject: Mapping[str, int]


def listed(found: Results, asked: Asked) -> Listed:
    """The findings asked for."""
    fitting = [f for f in found.findings if asked.fits(f)]
    first = (asked.page - 1) * PAGE
    wide = replace(asked, subject="")
    return Listed(
        tuple(fitting[first : first + PAGE]),
        len(fitting),
        max(1, -(-len(fitting) // PAGE)),
        Counter(f.state.value for f in found.findings),
        Counter(f.severity.value for f in found.findings if f.state is State.OPEN),
        Counter(f.rule[:2] for f in found.findings if wide.fits(f)),
    )


def of_record(found: Results, record: Record) -> tuple[Finding, ...]:
    """What is found in one record, and what cannot be checked because something of it is missing."""
    return tuple(f for f in found.findings if f.origin.id == str(record.uid) and f.state is not State.LATER)


def by_fact(findings: Iterable[Finding], record: Record) -> dict[str, tuple[Finding, ...]]:
    """Fact → what is found at it; every fact of the record has its place, those of the whole record stand under ""."""
    said: dict[str, list[Finding]] = {name: [] for name in ("", *by_name(type(record)))}
    for finding in findings:
        said[finding.origin.fact if finding.origin.fact in said else ""].append(finding)
    return {name: tuple(those) for name, those in said.items()}


def of_section(found: Results, document: str, section: Section) -> tuple[Finding, ...]:
    """What is found in the text of a section, or in a fact that it prints or misses."""
    missed = (gap.origin for _, gap in gaps_of((section,)) if gap.origin is not None)
    printed = {(o.id, o.fact) for o in (*origins_of(section), *missed)}
    return tuple(
        f
        for f in found.findings
        if f.state in (State.OPEN, State.JUSTIFIED)
        and (f.section == (document, section.key) if f.section[0] else (f.origin.id, f.origin.fact) in printed)
    )


# ---------------------------------------------------------------- the trend


def trend(session: Unit, project: Project) -> tuple[CheckCount, ...]:
    """The counts kept for this project, a line a day, oldest first."""
    query = select(CheckCount).where(col(CheckCount.project_id) == project.id).order_by(col(CheckCount.day))
    return tuple(session.scalars(query))


def counts(found: Results) -> dict[str, int]:
    """How many findings of each weight are open, and how many are in each other state, as `CheckCount` keeps them."""
    open_ = Counter(f.severity for f in found.findings if f.state is State.OPEN)
    states = Counter(f.state for f in found.findings)
    return {
        "errors": open_[Severity.ERROR],
        "warnings": open_[Severity.WARNING],
        "remarks": open_[Severity.INFO],
        "cannot": states[State.CANNOT],
        "justified": states[State.JUSTIFIED],
    }


def kept_on(session: Unit, project: Project, day: date) -> CheckCount | None:
    """The counts kept for that day, or None."""
    query = select(CheckCount).where(col(CheckCount.project_id) == project.id, col(CheckCount.day) == day)
    return session.scalars(query).one_or_none()
