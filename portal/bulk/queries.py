"""Questions of an act on several projects: which ones, whom it may name, and what it would do to each.

The number of queries is the same for two projects and for two hundred.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from portal.bulk.acts import ACTS, MOST, Act, Closing, Deed, Reviewing, Tasking, Wanted, Writing, offered
from portal.conflicts import blind_among, conflicts_among
from portal.db import Refused
from portal.gates.rules import in_force
from portal.models import Decision, Membership, Person, Project
from portal.portfolio.queries import Asked, matching, ordered
from portal.programme import Notice, Review
from portal.programme import Task as TaskRow
from portal.reviews.queries import is_judge
from portal.rights import Asker, may, refusal, visible_to
from portal.stages import Role
from portal.tasks.actions import LONGEST, UNNAMED, ahead
from portal.tasks.actions import Wanted as Task
from portal.tasks.queries import ROLES
from portal.telling.actions import CARRYING
from portal.trail import Unit

SUBJECT, TEXT = 150, 5_000  # characters of a message


@dataclass(frozen=True, slots=True)
class Line:
    """What an act does to one project, or why not. `seal` is the same as long as all of this is.

    `is_changed`: it is not what somebody saw before.
    """

    project: Project
    says: str
    why_not: str
    seal: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """An act with its lines by key; `missing` counts the projects that are not there for the person any more."""

    act: Act
    wanted: Wanted
    lines: tuple[Line, ...]
    missing: int
    deed: Deed

    @property
    def possible(self) -> tuple[Line, ...]:
        """The lines that will be done."""
        return tuple(line for line in self.lines if not line.why_not)

    @property
    def left_out(self) -> int:
        """How many lines will not be done."""
        return len(self.lines) - len(self.possible)

    @property
    def seen(self) -> dict[str, str]:
        """Key → seal of every line."""
        return {line.project.key: line.seal for line in self.lines}

    def beside(self, seen: Mapping[str, str]) -> Preview:
        """The same with the lines marked that are not as they were `seen` (key → seal)."""
        return replace(self, lines=tuple(replace(x, is_changed=seen.get(x.project.key) != x.seal) for x in self.lines))


# ---------------------------------------------------------------- which projects, and who


def chosen(session: Unit, who: Asker, keys: Iterable[str]) -> list[Project]:
    """The projects of these keys that `who` may see, by key. Raises `Refused` for too many. One query."""
    return list(session.scalars(select(Project).where(*_named(who, keys)).order_by(col(Project.key))))


def locked(session: Unit, who: Asker, keys: Iterable[str]) -> list[Project]:
    """The same, held until the end of the unit, as they stand now."""
    query = select(Project).where(*_named(who, keys)).order_by(col(Project.key)).with_for_update()
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _named(who: Asker, keys: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    wanted = frozenset(keys)
    if len(wanted) > MOST:
        raise Refused(_too_many(len(wanted)))
    return visible_to(who), col(Project.key).in_(wanted)


def all_of(session: Unit, who: Asker, asked: Asked) -> list[Project]:
    """All projects that the list shows on its pages. Raises `Refused` for too many."""
    kept = matching(session, who, asked)
    found = list(session.scalars(ordered(select(Project).where(*kept), asked).limit(MOST + 1)))
    if len(found) > MOST:
        raise Refused(_too_many(session.scalar(select(func.count()).select_from(Project).where(*kept)) or 0))
    return found


def _too_many(number: int) -> str:
    return f"These are {number} projects; one act takes at most {MOST}. Filter the list further, then act on the rest."


def reviewers(session: Unit) -> list[tuple[str, str]]:
    """(id, name) of everybody who may be asked for a review at all, by name."""
    people = session.scalars(select(Person).where(col(Person.active)).order_by(col(Person.name)))
    return [(str(p.id), f"{p.name}, {p.unit}" if p.unit else p.name) for p in people if is_judge(p)]


def owners(session: Unit, projects: Sequence[Project]) -> list[tuple[str, str]]:
    """(value, label) of who may be given a task: the roles, then the people who work on one of the projects."""
    working = select(col(Membership.person_id)).where(col(Membership.project_id).in_(_ids(projects)))
    people = session.scalars(
        select(Person).where(col(Person.active), col(Person.id).in_(working)).order_by(col(Person.name))
    )
    roles = [(f"role:{role.value}", _holder(role)) for role in ROLES]
    return roles + [(f"person:{p.id}", p.name) for p in people]


def _holder(role: Role) -> str:
    return f"whoever is {role.label}"


def _ids(projects: Iterable[Project]) -> list[UUID]:
    return [p.id for p in projects]


# ---------------------------------------------------------------- what an act would do


def act_of(who: Asker, name: str) -> Act | None:
    """The act of that name, if `who` may do it to some project."""
    act = ACTS.get(name)
    return act if act in offered(who) else None


@dataclass(frozen=True, slots=True)
class Case:
    """Who wants which act done to which projects."""

    who: Asker
    wanted: Wanted
    projects: Sequence[Project]

    @property
    def ids(self) -> list[UUID]:
        """The ids of the projects."""
        return _ids(self.projects)


def preview(session: Unit, case: Case, keys: Collection[str]) -> Preview:
    """What the act does to each project of the case, found for `keys`. Raises `Refused` with what the form lacks."""
    act = act_of(case.who, case.wanted.act)
    if act is None:
        raise Refused("Choose what to do with the projects.")
    if not keys:
        raise Refused("Choose at least one project.")
    deed = _READY[act.id](session, case)
    lines = tuple(_line(case, act, deed, project) for project in case.projects)
    return Preview(act, case.wanted, lines, len(frozenset(keys)) - len(lines), deed)


def _line(case: Case, act: Act, deed: Deed, project: Project) -> Line:
    why_not = deed.why_not(project) if may(case.who, act.right, project) else refusal(act.right)
    says = "" if why_not else deed.says(project)
    told = json.dumps([asdict(case.wanted), project.key, says, why_not])
    return Line(project, says, why_not, hashlib.sha256(told.encode()).hexdigest()[:24])


def _reviewing(session: Unit, case: Case) -> Deed:
    ids, wanted = case.ids, case.wanted
    person = _person(session, wanted.reviewer)
    due, problem = ahead(wanted.due)
    reasons = [] if person is not None and is_judge(person) else ["Choose somebody who may review."]
    if due is None:
        reasons.append(problem or "Give the day by which the scores are wanted.")
    if reasons or person is None or due is None:
        raise Refused(*reasons)
    verdicts = select(col(Decision.project_id), col(Decision.gate), func.count()).where(
        col(Decision.project_id).in_(ids), col(Decision.gate) != ""
    )
    asked = select(col(Review.project_id), col(Review.gate), col(Review.attempt)).where(
        col(Review.project_id).in_(ids), col(Review.reviewer_id) == person.id
    )
    given = session.execute(verdicts.group_by(col(Decision.project_id), col(Decision.gate)))
    return Reviewing(
        person,
        due,
        frozenset(in_force(session).thresholds),
        {(project, gate): number + 1 for project, gate, number in given},
        frozenset((project, gate, number) for project, gate, number in session.execute(asked)),
        conflicts_among(session, person, ids),
        blind_among(session, case.who.person, ids),
    )


def _tasking(session: Unit, case: Case) -> Deed:
    ids, wanted, title = case.ids, case.wanted, case.wanted.title.strip()
    due, problem = ahead(wanted.due)
    reasons = [problem] if problem else []
    if not 4 <= len(title) <= LONGEST:
        reasons.append(UNNAMED)
    kind, _, whom = wanted.owner.partition(":")
    person = _person(session, whom) if kind == "person" else None
    role = next((r for r in ROLES if kind == "role" and r.value == whom), None)
    if role is None and (person is None or not person.active):
        reasons.append("Choose who does it: somebody who works on the projects, or a role.")
    if reasons:
        raise Refused(*reasons)
    theirs = col(TaskRow.owner_id) == person.id if person else col(TaskRow.owner_role) == whom
    there = select(col(TaskRow.project_id)).where(
        col(TaskRow.project_id).in_(ids), col(TaskRow.title) == title, col(TaskRow.done_at).is_(None), theirs
    )
    works_on = select(col(Membership.project_id)).where(
        col(Membership.project_id).in_(ids), col(Membership.person_id) == (person.id if person else None)
    )
    return Tasking(
        Task(title, wanted.owner, wanted.due),
        due,
        person,
        person.name if person else _holder(Role(whom)),
        frozenset(session.scalars(works_on)) if person else frozenset(),
        frozenset(session.scalars(there)),
    )


def _closing(_: Unit, case: Case) -> Deed:
    return Closing(case.wanted.act == "close")


def _writing(session: Unit, case: Case) -> Deed:
    ids, subject, text = case.ids, " ".join(case.wanted.subject.split()), case.wanted.text.strip()
    reasons = []
    if not 4 <= len(subject) <= SUBJECT:
        reasons.append(f"Say in 4 to {SUBJECT} characters what it is about.")
    if not 4 <= len(text) <= TEXT:
        reasons.append(f"Write what the applicants should know, in 4 to {TEXT} characters.")
    if reasons:
        raise Refused(*reasons)
    signed = f"{text}\n\n{case.who.person.name}"
    people = (
        select(col(Membership.project_id), col(Person.name))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.project_id).in_(ids), col(Membership.function).in_(CARRYING), col(Person.active))
        .order_by(col(Person.name))
    )
    names: dict[UUID, tuple[str, ...]] = {}
    for project, name in session.execute(people):
        names[project] = (*names.get(project, ()), name)
    told = (
        select(col(Notice.project_id), col(Notice.subject), func.max(col(Notice.at)))
        .where(col(Notice.project_id).in_(ids), col(Notice.person_id).is_not(None), col(Notice.text) == signed)
        .group_by(col(Notice.project_id), col(Notice.subject))
    )
    return Writing(subject, signed, names, {(uid, said): at for uid, said, at in session.execute(told) if uid})


_READY: Mapping[str, Callable[[Unit, Case], Deed]] = {
    "review": _reviewing,
    "task": _tasking,
    "close": _closing,
    "open": _closing,
    "tell": _writing,
}


def _person(session: Unit, text: str) -> Person | None:
    """The person of the id that a form names, or None."""
    try:
        return session.get(Person, UUID(text))
    except ValueError:
        return None
