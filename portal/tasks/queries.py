"""Questions about tasks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col

from portal.models import Membership, Person, Project, now
from portal.programme import Task
from portal.rights import Asker, Right, may, visible_to
from portal.stages import TANDEM, Role
from portal.trail import Unit

SHOWN_OPEN, SHOWN_DONE, SHOWN_MINE = 200, 50, 30
ROLES = tuple(role for role in Role if role is not Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Line:
    """A task with its owner in words, its project, whether the reader may end it, and whether its day has passed."""

    task: Task
    project: Project
    owner: str
    may_end: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of a project: open, the most urgent first; done, the last first. `overdue` counts among the open."""

    open: tuple[Line, ...]
    done: tuple[Line, ...]

    @property
    def overdue(self) -> int:
        """How many open tasks are past their day."""
        return sum(1 for line in self.open if line.is_overdue)


def owns(who: Asker, task: Task) -> bool:
    """Whether the task is theirs: named, or a holder of its role; a role of the tandem counts within its project."""
    if task.owner_id is not None:
        return task.owner_id == who.person.id
    return task.owner_role in who.roles and (task.owner_role not in TANDEM or task.project_id in who.member_of)


def may_end(who: Asker, task: Task, project: Project) -> bool:
    """Whether `who` may end the task: its owner, or somebody who answers for the project's gates."""
    return may(who, Right.SEE, project) and (owns(who, task) or may(who, Right.JUDGE, project))


def _owned_by(who: Asker) -> ColumnElement[bool]:
    """`owns` in SQL."""
    own = [role.value for role in who.roles & TANDEM]
    wide = [role.value for role in who.roles - TANDEM]
    mine = select(col(Membership.project_id)).where(col(Membership.person_id) == who.person.id)
    by_role = or_(col(Task.owner_role).in_(wide), and_(col(Task.owner_role).in_(own), col(Task.project_id).in_(mine)))
    return or_(col(Task.owner_id) == who.person.id, and_(col(Task.owner_id).is_(None), by_role))


def tasks(session: Unit, who: Asker, project: Project, mine: bool = False) -> Tasks:
    """The tasks of `project`, or only those of `who`: two queries."""
    base = select(Task, col(Person.name)).outerjoin(Person, col(Person.id) == col(Task.owner_id))
    base = base.where(col(Task.project_id) == project.id)
    if mine:
        base = base.where(_owned_by(who))
    urgent = (col(Task.due).is_(None), col(Task.due), col(Task.made_at), col(Task.id))
    open_ = base.where(col(Task.done_at).is_(None)).order_by(*urgent).limit(SHOWN_OPEN)
    done = base.where(col(Task.done_at).is_not(None)).order_by(col(Task.done_at).desc(), col(Task.id)).limit(SHOWN_DONE)
    today = now().date()
    return Tasks(
        tuple(_line(who, task, project, (name, today)) for task, name in session.execute(open_)),
        tuple(_line(who, task, project, (name, today)) for task, name in session.execute(done)),
    )


def _line(who: Asker, task: Task, project: Project, known: tuple[str | None, date]) -> Line:
    name, today = known
    owner = name or (Role(task.owner_role).label if task.owner_role in tuple(Role) else "nobody yet")
    late = task.done_at is None and task.due is not None and task.due < today
    return Line(task, project, owner, task.done_at is None and may_end(who, task, project), late)


def waiting(session: Unit, who: Asker) -> tuple[Line, ...]:
    """The open tasks of `who` in every project they see, the most urgent first: one query."""
    query = (
        select(Task, Project, col(Person.name))
        .join(Project, col(Project.id) == col(Task.project_id))
        .outerjoin(Person, col(Person.id) == col(Task.owner_id))
        .where(col(Task.done_at).is_(None), _owned_by(who), visible_to(who))
        .order_by(col(Task.due).is_(None), col(Task.due), col(Project.key), col(Task.id))
        .limit(SHOWN_MINE)
    )
    today = now().date()
    return tuple(_line(who, task, project, (name, today)) for task, project, name in session.execute(query))


def owners(session: Unit, project: Project) -> tuple[tuple[str, str], ...]:
    """(value, label) of who may be asked: the project's people, then the roles."""
    query = (
        select(Person)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.project_id) == project.id, col(Person.active))
        .order_by(col(Person.name))
    )
    people = [(f"person:{person.id}", person.name) for person in session.scalars(query)]
    return (*people, *((f"role:{role.value}", f"whoever is {role.label}") for role in ROLES))
