"""Questions about many projects at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlmodel import col

from dossiers.stage import Stage
from portal.models import Decision, Membership, Person, Project
from portal.rights import Asker, visible_to
from portal.stages import Function
from portal.trail import Unit

PAGE = 25
SORTS = {"key": "Project", "title": "Title", "stage": "Stage", "since": "At this stage since"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; it stands in the address, so that links and Back work."""

    words: str = ""
    stage: Stage | None = None
    mine: bool = False
    sort: str = "since"
    down: bool = True
    number: int = 1

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Asked:
        """The list a query string asks for; words it does not know are left out."""
        stage = next((s for s in Stage if s.value == said.get("stage")), None)
        sort = said.get("sort", "since")
        number = said.get("page", "1")
        return cls(
            said.get("q", "").strip()[:200],
            stage,
            said.get("mine") == "yes",
            sort if sort in SORTS else "since",
            said.get("down", "yes") == "yes",
            max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1,
        )

    def address(self, **change: Any) -> str:
        """The query string of this list with `change` made to it; another order or filter begins at page 1."""
        new = replace(self, **({"number": 1} | change))
        said = {
            "q": new.words,
            "stage": new.stage.value if new.stage else "",
            "mine": "yes" if new.mine else "",
            "sort": new.sort if new.sort != "since" else "",
            "down": "" if new.down else "no",
            "page": str(new.number) if new.number > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in said.items() if value})


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: the project, who leads it, since when it stands where it stands."""

    project: Project
    since: Decision | None
    leads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Projects:
    """A page of the list; `total` counts those that match, `stages` how many stand at each stage."""

    lines: tuple[Listed, ...]
    total: int
    stages: Mapping[Stage, int]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def listed(session: Unit, who: Asker, asked: Asked) -> Projects:
    """The projects `who` may see that match, one page of them: five queries, however many there are."""
    kept = matching(who, asked)
    counts = session.execute(
        select(col(Project.stage), func.count())
        .where(*matching(who, replace(asked, stage=None)))
        .group_by(col(Project.stage))
    )
    stages = {Stage(stage): count for stage, count in counts}
    total = session.scalar(select(func.count()).select_from(Project).where(*kept)) or 0
    query = ordered(select(Project).where(*kept), asked).limit(PAGE).offset((asked.number - 1) * PAGE)
    projects = list(session.scalars(query))
    since, leads = _since(session, projects), tandems(session, projects)
    lines = tuple(Listed(p, since.get(p.id), tuple(leads.get(p.id, ()))) for p in projects)
    return Projects(lines, total, {s: stages[s] for s in Stage if s in stages})


def matching(who: Asker, asked: Asked) -> list[ColumnElement[bool]]:
    """The conditions on `Project` that keep those `who` may see and that match."""
    found = [visible_to(who)]
    if asked.stage:
        found.append(col(Project.stage) == asked.stage.value)
    if asked.mine:
        found.append(
            col(Project.id).in_(select(col(Membership.project_id)).where(col(Membership.person_id) == who.person.id))
        )
    for word in asked.words.split()[:8]:
        found.append(
            or_(col(Project.title).icontains(word, autoescape=True), col(Project.key).icontains(word, autoescape=True))
        )
    return found


def ordered(query: Select[Any], asked: Asked) -> Select[Any]:
    """The query of projects in the order that is asked for."""
    stage = case({s.value: n for n, s in enumerate(Stage)}, value=col(Project.stage))
    last = select(func.max(col(Decision.at))).where(col(Decision.project_id) == col(Project.id)).scalar_subquery()
    by: Any = {"key": col(Project.key), "title": func.lower(col(Project.title)), "stage": stage, "since": last}[
        asked.sort
    ]
    return query.order_by(by.desc() if asked.down else by.asc(), col(Project.key))


def _since(session: Unit, projects: list[Project]) -> dict[UUID, Decision]:
    """Project id → the decision that brought it to its stage."""
    query = (
        select(Decision).where(col(Decision.project_id).in_([p.id for p in projects])).order_by(col(Decision.serial))
    )
    found: dict[UUID, Decision] = {}
    for decision in session.scalars(query):
        if decision.target != decision.source:
            found[decision.project_id] = decision
    return found


def tandems(session: Unit, projects: list[Project]) -> dict[UUID, list[str]]:
    """Project id → names of its tandem."""
    tandem = (Function.CLINICAL_LEAD.value, Function.INVESTIGATOR.value)
    query = (
        select(col(Membership.project_id), col(Person.name))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.project_id).in_([p.id for p in projects]), col(Membership.function).in_(tandem))
        .order_by(col(Membership.function), col(Person.name))
    )
    found: dict[UUID, list[str]] = {}
    for project, name in session.execute(query):
        found.setdefault(project, []).append(name)
    return found
