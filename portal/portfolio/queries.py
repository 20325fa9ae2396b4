"""Questions about many projects at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlmodel import col

from dossiers.records.proposal import Proposal
from dossiers.records.proposing import ProposedType
from dossiers.stage import Stage
from portal.db import within
from portal.gates.rules import in_force
from portal.models import Membership, Person, Project, now
from portal.numerals import page_number
from portal.pace import DAY, allowances
from portal.rights import Asker, Right, may, visible_to
from portal.rulebook import Rulebook
from portal.stages import GATES, Function, Gate
from portal.trail import Unit
from portal.views import Manner, Place, named

PAGE = 25
SORTS = {"key": "Project", "title": "Title", "stage": "Stage", "since": "Days here", "gate": "Gate ahead"}
TANDEM = "tandem"  # whom an idea waits for
WAITS = {TANDEM: "the tandem"} | {gate.chair.value: gate.chair.label for gate in GATES.values()}
STAGES = tuple((stage.value, stage.label) for stage in Stage)
KINDS = tuple((kind.value, kind.label) for kind in ProposedType)
VIEWS = "projects"  # the kind under which saved views of this table are kept


@dataclass(frozen=True, slots=True)
class Asked:
    """What the list is asked for; it stands in the address, so that links and Back work."""

    words: str = ""
    stage: Stage | None = None
    mine: bool = False
    gate: str = ""  # id of the gate ahead
    waits: str = ""  # one of WAITS
    late: bool = False  # only those longer at their stage than the rulebook gives
    kind: ProposedType | None = None  # class of product that was proposed
    sort: str = "since"
    down: bool = True  # left unsaid in the address for "since", the other way for every other order
    view: str = ""  # the id of the saved view it began from, or views.PLAIN
    number: int = 1

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Asked:
        """The list a query string asks for; words it does not know are left out."""
        sort, number = said.get("sort", "since"), said.get("page", "1")
        return cls(
            words=said.get("q", "").strip()[:200],
            stage=next((s for s in Stage if s.value == said.get("stage")), None),
            mine=said.get("mine") == "yes",
            gate=said.get("gate", "") if said.get("gate") in GATES else "",
            waits=said.get("waits", "") if said.get("waits") in WAITS else "",
            late=said.get("late") == "yes",
            kind=next((k for k in ProposedType if k.value == said.get("kind")), None),
            sort=sort if sort in SORTS else "since",
            down=said.get("down", "no" if sort in SORTS and sort != "since" else "yes") == "yes",
            view=named(said.get("view", "")),
            number=page_number(number),
        )

    @classmethod
    def read(cls, query: str) -> Asked:
        """The same out of a query string, with or without its question mark."""
        return cls.of(dict(parse_qsl(query.lstrip("?"), keep_blank_values=True)))

    def address(self, **changed: Any) -> str:
        """The query string of this list with something changed; another order or filter begins at page 1."""
        new = replace(self, **({"number": 1} | changed))
        said = {
            "q": new.words,
            "stage": new.stage.value if new.stage else "",
            "mine": "yes" if new.mine else "",
            "gate": new.gate,
            "waits": new.waits,
            "late": "yes" if new.late else "",
            "kind": new.kind.value if new.kind else "",
            "sort": new.sort if new.sort != "since" else "",
            "down": "" if new.down == (new.sort == "since") else "yes" if new.down else "no",
            "view": new.view,
            "page": str(new.number) if new.number > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in said.items() if value})

    @property
    def look(self) -> str:
        """What a saved view keeps: filter and order, wherever one is in the list."""
        return self.address(view="")

    @property
    def here(self) -> str:
        """The query string of this page of it."""
        return self.address(number=self.number)

    @property
    def is_filtered(self) -> bool:
        """Whether some projects are left out."""
        return replace(self, sort="since", down=True, view="", number=1) != Asked()


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list: whole days at the stage, whether that is longer than the rulebook gives, the gate ahead.

    `waits_for`: who has to act now, as a label, "" for nobody; `leads`: names of the tandem.
    """

    project: Project
    days: int
    is_late: bool
    gate: Gate | None
    waits_for: str
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
    """The projects `who` may see that match, one page of them: four queries, however many there are."""
    at, book = now(), in_force(session)
    kept = _matching(who, asked, _late(book, at))
    counts = session.execute(
        select(col(Project.stage), func.count())
        .where(*_matching(who, replace(asked, stage=None), _late(book, at)))
        .group_by(col(Project.stage))
    )
    stages = {Stage(stage): count for stage, count in counts}
    total = stages.get(asked.stage, 0) if asked.stage else sum(stages.values())
    query = ordered(select(Project).where(*kept), asked).limit(PAGE).offset((asked.number - 1) * PAGE)
    projects = list(session.scalars(query))
    leads, weeks = tandems(session, projects), allowances(book)
    lines = tuple(_line(p, at, weeks.get(p.gate), leads.get(p.id, ())) for p in projects)
    return Projects(lines, total, {s: stages[s] for s in Stage if s in stages})


def _line(project: Project, at: datetime, weeks: int | None, leads: Sequence[str]) -> Listed:
    days = max(0, (at - project.since) // DAY)
    late = weeks is not None and days > weeks * 7
    gate = GATES.get(project.gate)
    waits = gate.chair.value if gate else TANDEM if project.standing_at is Stage.IDEA else ""
    return Listed(project, days, late, gate, WAITS.get(waits, ""), tuple(leads))


def matching(session: Unit, who: Asker, asked: Asked) -> list[ColumnElement[bool]]:
    """The conditions on `Project` that keep those `who` may see and that match. At most one query."""
    return _matching(who, asked, _late(in_force(session), now()) if asked.late else false())


def _matching(who: Asker, asked: Asked, late: ColumnElement[bool]) -> list[ColumnElement[bool]]:
    found = [visible_to(who)]
    if asked.stage:
        found.append(col(Project.stage) == asked.stage.value)
    if asked.mine:
        found.append(
            col(Project.id).in_(select(col(Membership.project_id)).where(col(Membership.person_id) == who.person.id))
        )
    if asked.gate:
        found.append(col(Project.gate) == asked.gate)
    if asked.waits == TANDEM:
        found.append(col(Project.stage) == Stage.IDEA.value)
    elif asked.waits:
        found.append(col(Project.gate).in_([g.id for g in GATES.values() if g.chair.value == asked.waits]))
    if asked.late:
        found.append(late)
    if asked.kind:
        found.append(
            col(Project.id).in_(select(col(Proposal.project_id)).where(col(Proposal.product_type) == asked.kind))
        )
    for word in asked.words.split()[:8]:
        found.append(
            or_(col(Project.title).icontains(word, autoescape=True), col(Project.key).icontains(word, autoescape=True))
        )
    return found


def _late(book: Rulebook, at: datetime) -> ColumnElement[bool]:
    """The condition on `Project` that it has been at its stage for more whole days than its gate ahead allows."""
    return or_(
        false(),
        *(
            and_(col(Project.gate) == gate, col(Project.since) <= at - timedelta(weeks=weeks, days=1))
            for gate, weeks in allowances(book).items()
        ),
    )


def ordered(query: Select[Any], asked: Asked) -> Select[Any]:
    """The query of projects in the order that is asked for; those without a gate ahead stand last in its order."""
    stage = case({s.value: n for n, s in enumerate(Stage)}, value=col(Project.stage))
    by: Any = {
        "key": col(Project.key), "title": func.lower(col(Project.title)), "stage": stage, "since": col(Project.since),
        "gate": col(Project.gate),
    }[asked.sort]  # fmt: skip
    last = (col(Project.gate) == "",) if asked.sort == "gate" else ()
    return query.order_by(*last, by.desc() if asked.down else by.asc(), col(Project.key))


def tandems(session: Unit, projects: list[Project]) -> dict[UUID, list[str]]:
    """Project id → names of its tandem."""
    tandem = (Function.CLINICAL_LEAD.value, Function.INVESTIGATOR.value)
    some = within(col(Membership.project_id), [p.id for p in projects])
    query = (
        select(col(Membership.project_id), col(Person.name))
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(some, col(Membership.function).in_(tandem))
        .order_by(col(Membership.function), col(Person.name))
    )
    found: dict[UUID, list[str]] = {}
    for project, name in session.execute(query):
        found.setdefault(project, []).append(name)
    return found


def place(who: Asker) -> Place:
    """The saved views of this table that `who` may open; those who keep the rulebook share them."""
    manner = Manner(Asked.read, "who may change the programme's rulebook", "Late at G1")
    return Place(None, VIEWS, who.person, manner, may(who, Right.RULEBOOK))
