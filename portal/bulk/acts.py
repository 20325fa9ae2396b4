"""The acts that may be done to several projects at once: what each needs, whom it concerns, what it says and does.

Verdicts are none of them: each is sealed with its own gate sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from dossiers.facts import show_date
from portal.config import HERE
from portal.models import Person, Project
from portal.people.actions import open_up
from portal.reviews.actions import NOT_SCORED, ask, asked_before, in_conflict
from portal.reviews.queries import CLOSED
from portal.rights import RULES, Asker, Right
from portal.stages import GATES, Gate
from portal.tasks.actions import Wanted as Task
from portal.tasks.actions import add
from portal.telling.actions import Told, tell_applicants
from portal.trail import Unit

MOST = 200  # projects of one act


@dataclass(frozen=True, slots=True)
class Act:
    """Something that may be done to several projects, each of which needs `right`.

    `label` is what it is called; `does` what the button says; `why` what the trail keeps; `done` completes
    "3 projects: …".
    """

    id: str
    label: str
    right: Right
    about: str
    why: str
    done: str


_ACTS = (
    Act(
        "review", "Ask for reviews", Right.JUDGE,
        "One person is asked at the gate ahead of each project, and told. Nobody is asked who may not judge it.",
        "asked for reviews of several projects", "a review was asked for",
    ),
    Act(
        "task", "Enter a task", Right.PLAN,
        "The same task in each project. A person is named only where they work on the project.",
        "added a task to several projects", "the task was entered",
    ),
    Act(
        "close", "Make confidential", Right.MEMBERS,
        "Only its people, and those whose role must decide on it at its stage, see a confidential project.",
        "made several projects confidential", "confidential now",
    ),
    Act(
        "open", "Open to all staff", Right.MEMBERS,
        "All staff of the portal see an open project once it is submitted.",
        "opened several projects to all staff", "open to all staff now",
    ),
    Act(
        "tell", "Write to the applicants", Right.JUDGE,
        "The tandem and team of each project get a notice, and a mail if they wish; that they were told is kept.",
        "wrote to the applicants of several projects", "the applicants were told",
    ),
)  # fmt: skip
ACTS: Mapping[str, Act] = {act.id: act for act in _ACTS}


def offered(who: Asker) -> tuple[Act, ...]:
    """The acts that `who` may do to some project at some stage."""
    return tuple(a for a in _ACTS if any(rule.right is a.right and rule.roles & who.roles for rule in RULES))


@dataclass(frozen=True, slots=True)
class Wanted:
    """An act as somebody fills its form in; what the act does not ask for stays empty.

    `reviewer` is a person's id; `owner` "person:<id>" or "role:<role>"; `due` a day as YYYY-MM-DD.
    """

    act: str
    reviewer: str = ""
    due: str = ""
    title: str = ""
    owner: str = ""
    subject: str = ""
    text: str = ""


class Deed(Protocol):
    """An act that is ready: it knows what it needs of all projects, and asks the database again only to be done."""

    def why_not(self, project: Project) -> str:
        """Why it cannot be done to the project, as a sentence; "" if it can."""

    def says(self, project: Project) -> str:
        """What it will do to the project, as a sentence."""

    def do(self, session: Unit, who: Asker, project: Project) -> None:
        """Do it. Raises `Refused`."""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """Asking a person for reviews. `running`: (project, gate) → its attempt, 1 where none is told.

    `scored`: ids of the gates that are scored; `asked`: (project, gate, attempt) for which the person was asked;
    `barred`: project → their conflicts; `blind`: projects whose reviews the asker may not see.
    """

    person: Person
    due: date
    scored: frozenset[str]
    running: Mapping[tuple[UUID, str], int]
    asked: frozenset[tuple[UUID, str, int]]
    barred: Mapping[UUID, tuple[str, ...]]
    blind: frozenset[UUID]

    def _gate(self, project: Project) -> Gate | None:
        return GATES.get(project.gate) if project.gate in self.scored else None

    def _attempt(self, project: Project) -> int:
        return self.running.get((project.id, project.gate), 1)

    def why_not(self, project: Project) -> str:
        if project.id in self.blind:  # before all else: nothing of its reviews shows, not even whether there are any
            return CLOSED
        if self._gate(project) is None:
            return NOT_SCORED
        if why := self.barred.get(project.id):
            return in_conflict(self.person, why)
        if (project.id, project.gate, self._attempt(project)) in self.asked:
            return asked_before(self.person)
        return ""

    def says(self, project: Project) -> str:
        gate, number = GATES[project.gate], self._attempt(project)
        again = f", attempt {number}" if number > 1 else ""
        return f"{self.person.name} is asked for a review at {gate.id}, {gate.name}{again}, by {show_date(self.due)}."

    def do(self, session: Unit, who: Asker, project: Project) -> None:
        ask(session, who, project, self.person.id, self.due)


@dataclass(frozen=True, slots=True)
class Tasking:
    """Entering a task. `owner`: the person who does it, or None for a role, then `label` says which.

    `works_on`: projects of the person; `there`: projects where such a task is open.
    """

    task: Task
    due: date | None
    owner: Person | None
    label: str
    works_on: frozenset[UUID]
    there: frozenset[UUID]

    def why_not(self, project: Project) -> str:
        if self.owner is not None and project.id not in self.works_on:
            return f"{self.owner.name} does not work on this project."
        if project.id in self.there:
            return f"The task “{self.task.title}” is open here already, for {self.label}."
        return ""

    def says(self, project: Project) -> str:
        by = f", by {show_date(self.due)}" if self.due else ""
        return f"The task “{self.task.title}” is entered for {self.label}{by}."

    def do(self, session: Unit, who: Asker, project: Project) -> None:
        add(session, who, project, self.task)


@dataclass(frozen=True, slots=True)
class Closing:
    """Making projects confidential, or opening them to all staff."""

    confidential: bool

    def why_not(self, project: Project) -> str:
        if project.confidential is self.confidential:
            return "It is confidential already." if self.confidential else "It is open to all staff already."
        return ""

    def says(self, project: Project) -> str:
        if self.confidential:
            return "It becomes confidential: its people see it, and those whose role must decide on it at its stage."
        return "It becomes open: all staff of the portal see it once it is submitted."

    def do(self, session: Unit, who: Asker, project: Project) -> None:
        open_up(session, project.id, project.revision, confidential=self.confidential)


@dataclass(frozen=True, slots=True)
class Writing:
    """Writing to the applicants. `applicants`: project → names of those who may sign in.

    `told`: (project, subject) → when they were told the same text last.
    """

    subject: str
    text: str
    applicants: Mapping[UUID, tuple[str, ...]]
    told: Mapping[tuple[UUID, str], datetime]

    def why_not(self, project: Project) -> str:
        if not self.applicants.get(project.id):
            return "Nobody would read it: none of the tandem or team may sign in."
        if at := self.told.get((project.id, subject_in(project, self.subject))):
            return f"The applicants were told this already, on {show_date(at.astimezone(HERE).date())}."
        return ""

    def says(self, project: Project) -> str:
        return f"Told: {', '.join(self.applicants[project.id])}."

    def do(self, session: Unit, who: Asker, project: Project) -> None:
        told = Told(subject_in(project, self.subject), self.text, f"/projects/{project.key}", project.id)
        tell_applicants(session, who.person, project, told, really=True)


def subject_in(project: Project, subject: str) -> str:
    """The subject of a message as the applicants of a project read it."""
    return f"{project.key}: {subject}"
