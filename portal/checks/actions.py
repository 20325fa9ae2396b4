"""Verbs about findings: answer one with a reason, keep the day's counts."""

from __future__ import annotations

from dataclasses import dataclass

from dossiers.checks import RULES, Results
from dossiers.checks.answering import justification
from dossiers.outlines import outlines
from dossiers.reading import read
from dossiers.records.answering import Justification
from dossiers.records.base import Record, record_id
from portal.checks import queries
from portal.db import signed
from portal.models import CheckCount, Person, Project, now
from portal.records.actions import Typed, Unfit, add
from portal.rights import Asker
from portal.trail import Unit

LONGEST = 5_000


@dataclass(frozen=True, slots=True)
class Reason:
    """What a person says in answer to a finding, and the section that shall print it."""

    reason: str
    section: str = ""


def justify(session: Unit, who: Asker, found: Results, about: tuple[str, Record], said: Reason) -> Record:
    """The record that answers the rule for the record, made or renewed. Raises `Unfit`, or `LookupError`."""
    rule, record = RULES[about[0]], about[1]
    messages = {}
    if not said.reason.strip():
        messages["reason"] = "Write the reason; it is printed in the dossier."
    elif len(said.reason) > LONGEST:
        messages["reason"] = f"Write at most {LONGEST:,} characters."
    if said.section and said.section not in sections():
        messages["section"] = f"No document has a section “{said.section}”; choose one of the list."
    if messages:
        raise Unfit(messages)
    values = justification(
        found,
        rule,
        (record.kind(), record.key),
        {"reason": said.reason.strip(), "section": said.section, "by": who.person.name, "on": now().date()},
    )
    key = f"{rule.id}-{record.key}"[:120]
    project = session.get(Project, record.project_id)
    assert project is not None
    row = session.get(Justification, record_id(project.key, "justification", key))
    if row is None:
        return add(session, project, Justification, Typed(values, key=key))
    row.fill(read(Justification, values)[0])
    session.flush()
    return row


def sections() -> dict[str, str]:
    """Number → title of every section in which a reason may be printed."""
    return {s.number: s.title for planned in outlines() for s in planned.sections if not s.group}


def keep_counts(person: Person, project: Project, found: Results) -> None:
    """Keep today's counts for the trend; nothing is written where they stand there already."""
    counts, today = queries.counts(found), now().date()
    with signed(person, "counted what the checks find") as session:
        row = queries.kept_on(session, project, today)
        if row is None:
            row = CheckCount(project_id=project.id, day=today)
            session.add(row)
        for name, number in counts.items():
            setattr(row, name, number)
