"""A crowd of invented projects, to measure with: as many projects, facts and people as are asked for.

The house's sessions keep every value in the trail and refuse what would pass it by. A crowd is nobody's work, so it is
written in bulk, in one transaction, and the trail keeps one line that says so. The same seed and moment give the same
crowd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select
from sqlmodel import SQLModel, col

from dossiers.records.base import record_id
from dossiers.stage import ROAD, Stage
from portal.crowd_courses import course, standings
from portal.crowd_facts import DISEASES, PRODUCTS, Subject, records
from portal.db import Refused, engine
from portal.models import Change, Decision, Membership, Person, Project, project_id
from portal.pace import stand
from portal.programme import Deadline, Money, Review, Score, SlotNeed, Task
from portal.rulebook import read, seeded
from portal.stages import GATES, TANDEM, Function, Role, Verdict, fold, move

HOUSE = "Tandem"
SAID = "Invented for measuring."
BATCH = 500  # projects that are written together
FIRST = ("Ada", "Bram", "Chloé", "Daan", "Elif", "Femke", "Goran", "Hanna", "Ilias", "Jana", "Koen", "Lotte", "Mira")
LAST = ("Adriaens", "Bogaert", "Claes", "Devos", "Evers", "Fierens", "Goossens", "Hermans", "Ilsen", "Janssens", "Kums")
FUNDS = ("Invented Research Fund", "Invented Seed Fund", "Invented Hospital Fund", "Invented Charity")
ROLES = {
    Role.RESEARCHER: 45, Role.CLINICIAN: 25, Role.REVIEWER: 12, Role.GMP: 6, Role.INVESTMENT: 4, Role.QUALITY: 4,
    Role.REGULATORY: 4, Role.ADMINISTRATOR: 1,
}  # fmt: skip
HEAVY = {Stage.IDEA: 0.5, Stage.PROPOSED: 0.6, Stage.TRANSFER: 1.6, Stage.DOSSIER: 2.0, Stage.SUBMITTED: 2.0}  # facts

Row = tuple[type[SQLModel], dict[str, Any]]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Size:
    """How large a crowd is; the same `seed` gives the same one."""

    projects: int = 10_000
    facts: int = 200_000
    people: int = 1_000
    seed: int = 1

    def key(self, n: int) -> str:
        """The key of the project `n`, from 1."""
        return f"CROWD-{self.seed}-{n:05}"


@dataclass(frozen=True)
class Cast:
    """The invented people by role, and what else all projects share."""

    by_role: Mapping[Role, Sequence[dict[str, Any]]]
    criteria: tuple[str, ...]
    size: Size
    now: datetime


@dataclass
class Play:
    """One invented project while it is made: its row, its chance, its team (person, function), its decisions."""

    project: Project
    rng: Random
    cast: Cast
    decisions: tuple[Decision, ...]
    team: list[tuple[dict[str, Any], Function]] = field(default_factory=list)

    @property
    def is_on(self) -> bool:
        """Whether it went further than an idea that was proposed."""
        return any(Stage(d.target) in ROAD[2:] for d in self.decisions)

    def row(self, model: type[SQLModel], name: object = "", **values: Any) -> Row:
        """A row of this project, with an id of its own where the model has one."""
        uid = record_id(self.project.key, f"crowd {model.__name__}", str(name))
        return model, {**_blank(model), "id": uid, "project_id": self.project.id, **values}

    def past(self, days: int) -> datetime:
        """A moment within so many days before now."""
        return self.cast.now - timedelta(days=self.rng.random() * days)


def lay(size: Size, now: datetime, tell: Tell = lambda _: None) -> int:
    """How many rows were written for a crowd of that size, as of `now`; `tell` hears how far it is.

    Raises `Refused` where real projects are kept, or this crowd is there already: nothing was written.
    """
    with engine().execution_options(writes=True).begin() as connection:
        _refuse(connection, size)
        rng = Random(size.seed)  # noqa: S311 (an invented crowd, no secret)
        cast = _cast(rng, size, now)
        rows: list[Row] = [(Person, person) for people in cast.by_role.values() for person in people]
        written, number = 0, 0
        for number, those in enumerate(_projects(rng, cast), 1):
            rows += those
            if number % BATCH == 0 or number == size.projects:
                written += _write(connection, rows)
                rows = []
                tell(f"{number:,} of {size.projects:,} projects")
        connection.execute(insert(_table(Change)), [_line(size, now)])
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE")  # what PostgreSQL would find out by itself within minutes
    return written


def _refuse(connection: Connection, size: Size) -> None:
    real = select(col(Project.key)).where(col(Project.invented).is_(False)).order_by(col(Project.key)).limit(1)
    if key := connection.scalar(real):
        raise Refused(
            f"This database holds real projects, such as {key}; a crowd is never mixed into them. "
            "Let DATABASE_URL name an empty database, or a demo's."
        )
    if connection.scalar(select(col(Project.id)).where(col(Project.key) == size.key(1))):
        raise Refused(f"The crowd of seed {size.seed} is here already. Say another: --seed {size.seed + 1}.")


def _line(size: Size, now: datetime) -> dict[str, Any]:
    """The one line of the trail."""
    said = f"{size.projects} invented projects, {size.facts} facts, {size.people} people, seed {size.seed}"
    return {
        "at": now, "who": HOUSE, "who_id": None, "why": "a crowd to measure with, written in bulk", "project_id": None,
        "deed": "added", "kind": "project", "row": project_id(size.key(1)), "called": "crowd", "fact": "key",
        "old": None, "new": said,
    }  # fmt: skip


@cache
def _blank(model: type[SQLModel]) -> dict[str, Any]:
    """What a new row has where nothing is said; moments and ids must be said."""
    plain = {name: info for name, info in model.model_fields.items() if not info.is_required()}
    return {n: i.default for n, i in plain.items() if i.default_factory is None} | {
        n: i.default_factory() for n, i in plain.items() if i.default_factory in (list, dict)
    }


def _table(model: type[SQLModel]) -> Any:
    return model.__table__  # type: ignore[attr-defined]


def _write(connection: Connection, rows: Sequence[Row]) -> int:
    """How many rows were written: people and projects first, and reviews before their scores."""
    tables: dict[type[SQLModel], list[dict[str, Any]]] = {Person: [], Project: [], Review: []}
    for model, row in rows:
        tables.setdefault(model, []).append(row)
    for model, those in tables.items():
        if those:
            connection.execute(insert(_table(model)), those)
    return len(rows)


# ---------------------------------------------------------------- people


def _cast(rng: Random, size: Size, now: datetime) -> Cast:
    """The people: at least one in each role, who cannot sign in."""
    roles = [*ROLES, *rng.choices(list(ROLES), weights=list(ROLES.values()), k=max(0, size.people - len(ROLES)))]
    found: dict[Role, list[dict[str, Any]]] = {role: [] for role in ROLES}
    for n, role in enumerate(roles[: size.people]):
        email = f"crowd-{size.seed}-{n:05}@crowd.example"
        person = {
            **_blank(Person), "id": record_id(email, "crowd person", ""), "email": email,
            "name": f"{rng.choice(FIRST)} {rng.choice(LAST)} {n} (invented)", "roles": [role.value],
            "unit": f"Invented laboratory {rng.randrange(1 + size.people // 12)}", "demo": True, "created_at": now,
        }  # fmt: skip
        found[role].append(person)
    return Cast(found, tuple(c.id for c in read(seeded()).criteria), size, now)


# ---------------------------------------------------------------- projects


def _projects(rng: Random, cast: Cast) -> Iterator[list[Row]]:
    """The rows of each project in turn; together their records have exactly the facts that were asked for."""
    goals = standings(rng, cast.size.projects)
    weights = [HEAVY.get(goal, 1.0) for goal in goals]
    left, facts = sum(weights), cast.size.facts
    for n, (goal, weight) in enumerate(zip(goals, weights, strict=True), 1):
        mine = facts if n == len(goals) else round(facts * weight / left)
        left, facts = left - weight, facts - mine
        yield list(_project(Random(f"{cast.size.seed}/{n}"), cast, (n, goal, mine)))  # noqa: S311 (as above)


def _project(rng: Random, cast: Cast, asked: tuple[int, Stage, int]) -> Iterator[Row]:
    n, goal, facts = asked
    key, decisions = cast.size.key(n), course(rng, goal, cast.now)
    product, disease = rng.choice(PRODUCTS), rng.choice(DISEASES)
    project = Project(
        id=project_id(key), key=key, title=f"Invented: {product} for {disease}, no. {n}", invented=True,
        confidential=rng.random() < 0.7, created_at=decisions[0].at,
    )  # fmt: skip
    stand(project, decisions)
    play = Play(project, rng, cast, decisions)
    yield Project, project.model_dump()
    yield from _team(play)
    yield from _decisions(play)
    yield from _tasks(play)
    yield from _money(play)
    yield from _reviews(play)
    names = {function: person["name"] for person, function in play.team}
    lead, clinician = (names.get(f, "nobody yet") for f in (Function.INVESTIGATOR, Function.CLINICAL_LEAD))
    subject = Subject(key, product, disease, lead, clinician, cast.now.date(), rng)
    for place, (kind, uid, name, said) in enumerate(records(subject, facts)):
        own = {"uid": uid, "project_id": project.id, "key": name, "position": place}
        yield kind, {**_blank(kind), **own, **said}


def _team(play: Play) -> Iterator[Row]:
    wanted = [(Role.RESEARCHER, Function.INVESTIGATOR), (Role.CLINICIAN, Function.CLINICAL_LEAD)]
    if play.is_on:
        wanted += [(Role.GMP, Function.PRODUCTION)]
    if play.rng.random() < 0.4:
        wanted += [(Role.RESEARCHER, Function.PROCESS)]
    taken: set[UUID] = set()
    for role, function in wanted:
        person = _one_of(play.rng, play.cast.by_role[role])
        if person is not None and person["id"] not in taken:
            taken.add(person["id"])
            play.team.append((person, function))
            yield play.row(
                Membership, function, person_id=person["id"], function=function.value, since=play.project.created_at
            )


def _one_of(rng: Random, people: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    return rng.choice(people) if people else None


def _decisions(play: Play) -> Iterator[Row]:
    tries: dict[str, int] = {}
    for serial, d in enumerate(play.decisions, 1):
        tries[d.gate] = tries.get(d.gate, 0) + 1
        able = move(d.move).by if d.source else TANDEM
        who = _one_of(play.rng, [p for role in sorted(able) for p in play.cast.by_role[role]])
        terms = "Invented condition: repeat the last batch." if d.verdict == Verdict.CONDITIONAL else ""
        shown = f"Invented report, {d.at:%Y-%m-%d}" if d.gate in ("G6", "G7") else ""
        yield play.row(
            Decision, serial, serial=serial, move=d.move, gate=d.gate, verdict=d.verdict, source=d.source,
            target=d.target, at=d.at, reasons=SAID, conditions=terms, evidence=shown,
            attempt=tries[d.gate] if d.gate else None, rulebook=0 if d.gate else None, told=True if d.source else None,
            proposal=d.verdict if d.gate else None, by_id=who["id"] if who else None, by=who["name"] if who else HOUSE,
        )  # fmt: skip


def _tasks(play: Play) -> Iterator[Row]:
    rng, today = play.rng, play.cast.now.date()
    for n in range(rng.randrange(4)):
        person = _one_of(rng, [p for p, _ in play.team]) if rng.random() < 0.5 else None
        done = play.past(200) if rng.random() < 0.4 else None
        yield play.row(
            Task, n, title=f"Invented task {n + 1}", detail=SAID, owner_id=person["id"] if person else None,
            owner_role="" if person else rng.choice((Role.INVESTMENT, Role.GMP, Role.QUALITY, Role.REGULATORY)).value,
            due=today + timedelta(days=rng.randrange(-60, 200)), done_at=done, outcome="Done." if done else "",
            done_by=HOUSE if done else "", made_at=play.past(300),
        )  # fmt: skip
    for n in range(rng.randrange(3)):
        on = today + timedelta(days=rng.randrange(-200, 400))
        kind = rng.choice(("milestone", "filing", "disclosure"))
        done_on = on if on < today and rng.random() < 0.7 else None
        yield play.row(Deadline, n, kind=kind, title=f"Invented {kind}", on=on, done_on=done_on, note=SAID)


def _money(play: Play) -> Iterator[Row]:
    rng, spent = play.rng, any(Stage(d.target) in ROAD[3:] for d in play.decisions)
    kinds = ["asked"] if len(play.decisions) > 1 else []
    kinds += ["committed"] if play.is_on else []
    kinds += ["spent"] if spent else []
    source = rng.choice(FUNDS)
    for kind in kinds:
        gate = rng.choice(list(GATES)) if kind == "committed" and rng.random() < 0.3 else ""
        amount = Decimal(rng.randrange(20, 1_500)) * 1_000
        on = play.past(700).date()
        yield play.row(Money, kind, source=source, kind=kind, amount=amount, on=on, gate=gate, note=SAID)
    if play.is_on and play.project.stage in (Stage.FEASIBILITY, Stage.TRANSFER):
        yield play.row(SlotNeed, slots=rng.randrange(1, 7), note=SAID, by=HOUSE, at=play.past(90))


def _reviews(play: Play) -> Iterator[Row]:
    """For a part of the projects that were admitted: two reviewers, most of whom have handed in."""
    rng, team = play.rng, {person["id"] for person, _ in play.team}
    able = [p for p in play.cast.by_role[Role.REVIEWER] if p["id"] not in team]
    if not play.is_on or rng.random() > 0.4:
        return
    gate = "G2" if "G1" in fold(play.decisions).passed and rng.random() < 0.5 else "G1"
    for person in rng.sample(able, min(2, len(able))):
        handed_in = play.past(400) if rng.random() < 0.8 else None
        model, review = play.row(
            Review, f"{gate} {person['email']}", gate=gate, reviewer_id=person["id"], asked_by=HOUSE,
            asked_at=play.past(500), handed_in_at=handed_in, due=play.cast.now.date(), summary=SAID,
        )  # fmt: skip
        yield model, review
        for criterion in play.cast.criteria if handed_in else ():
            yield play.row(
                Score, f"{criterion} {person['email']}", review_id=review["id"], criterion=criterion,
                score=rng.choice((1, 2, 3, 3, 4, 4, 5)), confidence=rng.choice("AAB"), comment="",
            )  # fmt: skip
