"""Questions about what belongs to an idea beside its form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import and_, select
from sqlmodel import col

from dossiers.facts import show_date
from dossiers.records.proposal import Proposal
from dossiers.stage import Stage
from portal.gates.rules import in_force
from portal.models import Membership, Person, Project, now
from portal.programme import Confirmation, Evidence, Invitation, Readiness
from portal.roles import HALVES
from portal.rulebook import GateRules, Rulebook
from portal.stages import GATES, TANDEM, Function, Role
from portal.trail import Unit

# ---------------------------------------------------------------- the tandem


@dataclass(frozen=True, slots=True)
class Half:
    """A member of the tandem, and when they confirmed the proposal as it stands now; None: not yet, or not any more."""

    person: UUID
    name: str
    function: Function
    confirmed_at: datetime | None
    fell: bool  # confirmed an earlier state


def tandem(session: Unit, project: Project) -> tuple[Half, ...]:
    """Who stands behind the proposal, the investigator first. One query."""
    # of an outer join: both are None where nobody confirmed
    stands, when = cast(Any, col(Confirmation.on_revision)), cast(Any, col(Confirmation.at))
    query = (
        select(col(Person.id), col(Person.name), col(Membership.function), stands, when, col(Proposal.revision))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .outerjoin(Proposal, col(Proposal.project_id) == project.id)
        .outerjoin(
            Confirmation,
            and_(col(Confirmation.project_id) == project.id, col(Confirmation.person_id) == col(Person.id)),
        )
        .where(col(Membership.project_id) == project.id, col(Membership.function).in_([f.value for f in HALVES]))
        .order_by(col(Person.name), col(Person.id))
    )
    found = []
    for who, name, function, on, at, held in session.execute(query):
        holds = on is not None and on == held
        found.append(Half(who, name, Function(function), at if holds else None, on is not None and not holds))
    return tuple(sorted(found, key=lambda half: HALVES.index(half.function)))


def confirmed(session: Unit, project: Project) -> frozenset[UUID]:
    """Who confirmed the proposal as it stands now."""
    return frozenset(half.person for half in tandem(session, project) if half.confirmed_at is not None)


# ---------------------------------------------------------------- invitations


def sealed(token: str) -> str:
    """What the database knows of an invitation's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def invitations(session: Unit, project: Project) -> list[Invitation]:
    """Every invitation into the project, newest first."""
    query = select(Invitation).where(col(Invitation.project_id) == project.id).order_by(col(Invitation.at).desc())
    return list(session.scalars(query))


def invited(session: Unit, token: str) -> Invitation | None:
    """The invitation that the token belongs to, in whatever state."""
    return session.scalars(select(Invitation).where(col(Invitation.token_sha256) == sealed(token))).one_or_none()


def state(invitation: Invitation) -> str:
    """Where an invitation stands: accepted, withdrawn, expired or open."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    return "expired" if invitation.expires_at <= now() else "open"


def why_not(invitation: Invitation, person: Person) -> str:
    """Why `person` cannot accept the invitation, as a sentence; "" if they can."""
    if person.email != invitation.email:
        return (
            f"This invitation is for another e-mail address than the one you sign in with ({person.email}). "
            f"Sign in as the person who was invited, or ask {invitation.by} to invite you under this address."
        )
    anew = f"Ask {invitation.by} for a new one."
    match state(invitation):
        case "accepted":
            return "This invitation was used already; an invitation opens a project once."
        case "withdrawn":
            return f"This invitation was withdrawn. {anew}"
        case "expired":
            return f"This invitation expired on {show_date(invitation.expires_at.date())}. {anew}"
    return unfit(frozenset(Role(role) for role in person.roles), Function(invitation.function))


def unfit(roles: frozenset[Role], function: Function) -> str:
    """Why somebody with these roles cannot hold the function; "" if they can."""
    if function in HALVES and not roles & TANDEM:
        return f"A {function.label} has the role researcher or clinician; the administrator can give it."
    return "" if roles - {Role.ADMINISTRATOR} else "An administrator's account sees no project; it needs another role."


# ---------------------------------------------------------------- what was attached


def attachments(session: Unit, project: Project) -> list[Evidence]:
    """The documents attached to the proposal and not withdrawn, in the order they came."""
    query = select(Evidence).where(
        col(Evidence.project_id) == project.id, col(Evidence.gate) == "", col(Evidence.withdrawn_at).is_(None)
    )
    return list(session.scalars(query.order_by(col(Evidence.at), col(Evidence.id))))


# ---------------------------------------------------------------- what the next gates ask


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing a gate will ask: what, of whom (a role), who of the team holds it, and what is attached already.

    `is_own`: the tandem itself supplies it; the programme's staff supply the rest, in the project or not.
    """

    text: str
    kind: str  # deliverable, must, readiness
    owner: str
    people: tuple[str, ...]
    optional: bool = False
    attached: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Ahead:
    """A gate that lies ahead with everything it will ask."""

    id: str
    name: str
    question: str
    wanted: tuple[Wanted, ...]


def ahead(session: Unit, project: Project) -> tuple[Ahead, ...]:
    """What G0 and G1 will ask, out of the rulebook, while the project is an idea or proposed; later the sheet says it.

    Three queries. It says nothing of reviews: what a gate asks is the same for everybody.
    """
    if project.standing_at not in (Stage.IDEA, Stage.PROPOSED):
        return ()
    book, team = in_force(session), _team(session, project)
    shown: dict[tuple[str, str], str] = {}
    query = select(col(Evidence.gate), col(Evidence.item), col(Evidence.title), col(Evidence.dated)).where(
        col(Evidence.project_id) == project.id, col(Evidence.gate) != "", col(Evidence.withdrawn_at).is_(None)
    )
    for gate, item, title, dated in session.execute(query.order_by(col(Evidence.at))):
        shown[gate, item] = f"{title}, {show_date(dated)}"
    return tuple(
        Ahead(gate.id, gate.name, gate.question, tuple(_wanted(book, book.gates[gate.id], team, shown)))
        for gate in list(GATES.values())[:2]
    )


def _team(session: Unit, project: Project) -> dict[Role, tuple[str, ...]]:
    """Role → names of the people of the project whose account holds it."""
    rows = session.execute(
        select(col(Person.name), col(Person.roles))
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Membership.project_id) == project.id, col(Person.active))
        .order_by(col(Person.name))
    ).all()
    return {role: tuple(name for name, roles in rows if role.value in roles) for role in Role}


def _wanted(
    book: Rulebook, rules: GateRules, team: dict[Role, tuple[str, ...]], shown: dict[tuple[str, str], str]
) -> Iterator[Wanted]:
    for d in rules.deliverables:
        owner = Role(d.owner)
        attached = shown.get((rules.id, d.id), "")
        yield Wanted(d.item, "deliverable", owner.label, team[owner], d.optional, attached, owner in TANDEM)
    chair = GATES[rules.id].chair
    for m in rules.must_meet:
        owner = Role.REVIEWER if m.scores else chair
        yield Wanted(m.item, "must", owner.label, team[owner])
    for track, level in rules.readiness.items():
        means = book.levels[level][track]
        text = f"{book.tracks[track]}: level {level}, {means[:1].lower()}{means[1:]}"
        yield Wanted(text, "readiness", chair.label, team[chair])


# ---------------------------------------------------------------- how ready it is


@dataclass(frozen=True, slots=True)
class Track:
    """How ready a project is on one track of the rulebook: the level with what it means, and what shows it.

    `level` None: nobody argued one. `asked` is the level that the gate ahead asks for; None: it asks for none.
    """

    name: str
    level: int | None
    means: str
    asked: int | None
    asked_means: str
    shown: str
    by: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The readiness of a project, a line for each track in the rulebook's order; `gate` is the one ahead, or ""."""

    tracks: tuple[Track, ...]
    gate: str
    most: int  # the highest level there is

    @property
    def silent(self) -> tuple[str, ...]:
        """The tracks for which nobody argued a level."""
        return tuple(track.name for track in self.tracks if track.level is None)

    @property
    def overall(self) -> int | None:
        """The level of the lowest track, which holds the others back; None as long as one is not argued."""
        levels = [track.level for track in self.tracks if track.level is not None]
        return min(levels) if levels and not self.silent else None

    @property
    def lowest(self) -> tuple[str, ...]:
        """The tracks that stand at the overall level."""
        return tuple(track.name for track in self.tracks if track.level is not None and track.level == self.overall)


def readiness(session: Unit, project: Project) -> Profile:
    """How ready the project is on each track, beside what the gate ahead asks. Two queries."""
    book = in_force(session)
    held = {r.track: r for r in session.scalars(select(Readiness).where(col(Readiness.project_id) == project.id))}
    gate = project.gate or (next(iter(GATES)) if project.standing_at is Stage.IDEA else "")
    wanted = book.gates[gate].readiness if gate else {}
    return Profile(
        tuple(_track(book, name, held.get(name), wanted.get(name)) for name in book.tracks), gate, max(book.levels)
    )


def _track(book: Rulebook, name: str, row: Readiness | None, asked: int | None) -> Track:
    def means(level: int | None) -> str:
        return book.levels.get(level, {}).get(name, "") if level is not None else ""

    level = row.level if row else None
    shown, by, at = (row.note, row.by, row.at) if row else ("", "", None)
    return Track(book.tracks[name], level, means(level), asked, means(asked), shown, by, at)


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside the form of a proposal."""

    halves: Sequence[Half]
    attachments: Sequence[Evidence]
    ahead: Sequence[Ahead]
    readiness: Profile


def around(session: Unit, project: Project) -> Around:
    """What stands beside the form of the project's proposal. A fixed number of queries."""
    return Around(
        tandem(session, project), attachments(session, project), ahead(session, project), readiness(session, project)
    )
