"""Verbs of a task: add one, end one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dossiers.facts import show_date
from portal.db import Refused, held
from portal.models import Project, now
from portal.programme import Task
from portal.rights import Asker
from portal.tasks.queries import may_end, owners
from portal.telling.actions import Told, tell
from portal.trail import Unit

LONGEST = 300
UNNAMED = f"Say in 4 to {LONGEST} characters what is to be done."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task as somebody types it; `owner` is one of `queries.owners`, `due` a day as YYYY-MM-DD or nothing."""

    title: str
    owner: str
    due: str = ""
    detail: str = ""


def add(session: Unit, who: Asker, project: Project, wanted: Wanted) -> Task:
    """The task; a person who is named as its owner is told. Raises `Refused` with everything to mend."""
    title, (due, problem) = wanted.title.strip(), ahead(wanted.due)
    reasons = [problem] if problem else []
    if not 4 <= len(title) <= LONGEST:
        reasons.append(UNNAMED)
    if wanted.owner not in {value for value, _ in owners(session, project)}:
        reasons.append("Choose who does it: somebody who works on the project, or a role.")
    if reasons:
        raise Refused(*reasons)
    kind, _, whom = wanted.owner.partition(":")
    made = Task(project_id=project.id, title=title, detail=wanted.detail.strip()[:5_000], due=due)
    made.owner_id, made.owner_role = (UUID(whom), "") if kind == "person" else (None, whom)
    session.add(made)
    if made.owner_id is not None and made.owner_id != who.person.id:
        until = f" by {show_date(due)}" if due else ""
        text = f"{who.person.name} asks you for it{until}."
        tell(
            session,
            [made.owner_id],
            Told(f"{project.key}: {title}", text, f"/projects/{project.key}/tasks", project.id),
        )
    return made


def day(text: str) -> tuple[date | None, str]:
    """(the day that was typed, or None for nothing; why it cannot be read, or '')."""
    if not text.strip():
        return None, ""
    try:
        return date.fromisoformat(text.strip()), ""
    except ValueError:
        return None, f"“{text.strip()[:40]}” is no day; write it as 2027-03-12."


def ahead(text: str) -> tuple[date | None, str]:
    """As `day`, of a day that is still to come, or today."""
    found, problem = day(text)
    if found is not None and found < now().date():
        return None, f"{show_date(found)} lies in the past; give a day that is still to come."
    return found, problem


def end(session: Unit, who: Asker, project: Project, task: tuple[UUID, int], outcome: str) -> Task:
    """The task `task` (id, revision seen), done with its outcome. Raises `Refused`, `Stale`, `LookupError`."""
    row = held(session, Task, *task)
    if row.project_id != project.id:
        raise LookupError("This task is not there.")
    if row.done_at is not None:
        raise Refused(f"This task was done before, by {row.done_by}.")
    if not may_end(who, row, project):
        raise Refused("Only who owns the task, or somebody who answers for the project's gates, may end it.")
    if len(outcome.strip()) < 4:
        raise Refused("Say in a few words what came of it; the outcome is kept with the task.")
    row.done_at, row.done_by, row.outcome = now(), who.person.name, outcome.strip()[:5_000]
    return row
