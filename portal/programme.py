"""The tables of the programme: rulebook, reviews, evidence, tasks, meetings, invitations, notices, money, deadlines."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, Text, UniqueConstraint, Uuid
from sqlmodel import Field

from dossiers.records.base import Exact
from portal.models import Moment, Row, now


def _to(target: str, **manner: Any) -> Any:
    return Field(sa_type=Uuid, sa_column_args=[ForeignKey(target)], **manner)


def _moment(**manner: Any) -> Any:
    return Field(sa_type=Moment, **manner)


def _text(**manner: Any) -> Any:
    return Field(sa_type=Text, **manner)


class RulebookVersion(Row, table=True):
    """A version of the rulebook. Appended; the last is in force, earlier decisions keep theirs."""

    __tablename__ = "rulebook_version"
    appended = True
    withheld = frozenset({"text"})

    version: int = Field(unique=True)
    text: str = _text()
    reason: str = _text(default="")
    by_id: UUID | None = _to("person.id", default=None, nullable=True)
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)


class Review(Row, table=True):
    """A person is asked to score a project at one attempt of a gate. Scores open to others once it is handed in."""

    __table_args__ = (UniqueConstraint("project_id", "gate", "attempt", "reviewer_id"),)

    project_id: UUID = _to("project.id", index=True)
    gate: str = Field(max_length=4)
    attempt: int = 1
    reviewer_id: UUID = _to("person.id", index=True)
    due: date | None = Field(default=None, sa_type=Date)
    asked_by: str = Field(max_length=200)
    asked_at: datetime = _moment(default_factory=now)
    handed_in_at: datetime | None = _moment(default=None, nullable=True)
    declined: str = _text(default="")  # why the reviewer declined; empty: not declined
    summary: str = _text(default="")
    revision: int = 1


class Score(Row, table=True):
    """A reviewer's score of one criterion, 0 to 5, with the letter for how well the evidence was seen."""

    __table_args__ = (UniqueConstraint("review_id", "criterion"),)

    project_id: UUID = _to("project.id", index=True)
    review_id: UUID = _to("review.id", index=True)
    criterion: str = Field(max_length=6)
    score: int
    confidence: str = Field(default="A", max_length=1)
    comment: str = _text(default="")


class Interest(Row, table=True):
    """A person's interest that bars them from judging a project: declared by them, or entered by a manager."""

    __table_args__ = (UniqueConstraint("project_id", "person_id", "ground"),)

    project_id: UUID = _to("project.id", index=True)
    person_id: UUID = _to("person.id", index=True)
    ground: str = Field(max_length=40)  # shares, invention, kin, rival, other
    note: str = _text(default="")
    at: datetime = _moment(default_factory=now)
    ended_at: datetime | None = _moment(default=None, nullable=True)


class Evidence(Row, table=True):
    """A named and dated document that shows what a gate asks for where the portal holds no facts of it."""

    withheld: ClassVar[frozenset[str]] = frozenset({"data"})

    project_id: UUID = _to("project.id", index=True)
    gate: str = Field(default="", max_length=4)  # empty: attached to the proposal
    item: str = Field(default="", max_length=40)  # id of the deliverable or must-meet item
    title: str = Field(max_length=300)
    dated: date = Field(sa_type=Date)
    note: str = _text(default="")
    file_name: str = Field(default="", max_length=200)
    mime: str = Field(default="", max_length=100)
    data: bytes = Field(default=b"", sa_type=LargeBinary)
    sha256: str = Field(default="", max_length=64)
    by_id: UUID = _to("person.id")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)
    withdrawn_at: datetime | None = _moment(default=None, nullable=True)
    revision: int = 1


class Answer(Row, table=True):
    """Whether a must-meet item of a gate is met, at one attempt, with a note; by a person."""

    __table_args__ = (UniqueConstraint("project_id", "gate", "attempt", "item"),)

    project_id: UUID = _to("project.id", index=True)
    gate: str = Field(max_length=4)
    attempt: int = 1
    item: str = Field(max_length=40)
    is_met: bool
    note: str = _text(default="")
    by_id: UUID = _to("person.id")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)
    revision: int = 1


class Readiness(Row, table=True):
    """How ready a project is on one track of the rulebook, 1 to 9, with what shows it."""

    __table_args__ = (UniqueConstraint("project_id", "track"),)

    project_id: UUID = _to("project.id", index=True)
    track: str = Field(max_length=20)
    level: int
    note: str = _text(default="")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)
    revision: int = 1


class Meeting(Row, table=True):
    """The meeting that judges a gate at one attempt: when, who was there, how they voted, what dissented.

    `present`: [{name, role}]; `votes`: [{name, vote, reason}] with vote for, against or abstains.
    """

    __table_args__ = (UniqueConstraint("project_id", "gate", "attempt"),)

    project_id: UUID = _to("project.id", index=True)
    gate: str = Field(max_length=4)
    attempt: int = 1
    held_on: date | None = Field(default=None, sa_type=Date, index=True)
    place: str = Field(default="", max_length=200)
    present: list[Any] = Field(default_factory=list, sa_type=JSON)
    votes: list[Any] = Field(default_factory=list, sa_type=JSON)
    dissent: str = _text(default="")
    discussed: str = _text(default="", sa_column_kwargs={"server_default": ""})  # what was said of scores far apart
    notes: str = _text(default="")
    revision: int = 1


class Task(Row, table=True):
    """Something to be done by a day: from triage, from a condition of a verdict, or entered by a person."""

    project_id: UUID = _to("project.id", index=True)
    title: str = Field(max_length=300)
    detail: str = _text(default="")
    owner_id: UUID | None = _to("person.id", default=None, nullable=True, index=True)
    owner_role: str = Field(default="", max_length=40)  # whoever holds this role, where no person is named
    due: date | None = Field(default=None, sa_type=Date, index=True)
    origin: str = Field(
        default="", max_length=80
    )  # "triage:gmo", "condition:<decision id>"; empty: entered by a person
    gate: str = Field(default="", max_length=4)
    done_at: datetime | None = _moment(default=None, nullable=True)
    done_by: str = Field(default="", max_length=200)
    outcome: str = _text(default="")
    made_at: datetime = _moment(default_factory=now)
    revision: int = 1


class Invitation(Row, table=True):
    """Somebody is asked into a project, in one function, until a day. The token is known to the mail only."""

    withheld = frozenset({"token_sha256"})

    project_id: UUID = _to("project.id", index=True)
    email: str = Field(max_length=254)
    function: str = Field(max_length=40)
    token_sha256: str = Field(max_length=64, unique=True)
    by_id: UUID = _to("person.id")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)
    expires_at: datetime = _moment()
    accepted_at: datetime | None = _moment(default=None, nullable=True)
    withdrawn_at: datetime | None = _moment(default=None, nullable=True)


class Confirmation(Row, table=True):
    """A member of the tandem stands behind the proposal; falls when the proposal changes."""

    __table_args__ = (UniqueConstraint("project_id", "person_id"),)

    project_id: UUID = _to("project.id", index=True)
    person_id: UUID = _to("person.id", index=True)
    on_revision: int  # the proposal's revision that was confirmed
    at: datetime = _moment(default_factory=now)


class Notice(Row, table=True):
    """Something a person is told: in the portal, and by mail if they wish. Without a person: a letter to `address`."""

    trailed: ClassVar[bool] = False

    person_id: UUID | None = _to("person.id", default=None, nullable=True, index=True)
    address: str = Field(default="", max_length=254, sa_column_kwargs={"server_default": ""})
    project_id: UUID | None = _to("project.id", default=None, nullable=True, index=True)
    subject: str = Field(max_length=300)
    text: str = _text(default="")
    link: str = Field(default="", max_length=500)
    at: datetime = _moment(default_factory=now)
    read_at: datetime | None = _moment(default=None, nullable=True)
    mailed_at: datetime | None = _moment(default=None, nullable=True)


class Telling(Row, table=True):
    """Whether the applicants were told of an act, and by whom: "tell the applicant" and "do not tell" are both kept."""

    project_id: UUID = _to("project.id", index=True)
    act: str = Field(max_length=200)
    told: bool
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)


class Money(Row, table=True):
    """A sum of a project: asked, committed or spent; a committed tranche may wait for a gate."""

    project_id: UUID = _to("project.id", index=True)
    source: str = Field(max_length=200)  # who gives it
    kind: str = Field(max_length=12)  # asked, committed, spent
    amount: Decimal = Field(sa_type=Exact)  # EUR
    on: date = Field(sa_type=Date)
    gate: str = Field(default="", max_length=4)  # the gate that releases it; empty: free
    note: str = _text(default="")
    revision: int = 1


class SlotNeed(Row, table=True):
    """How many clean-room slots a project needs for its next stage, and what that rests on."""

    __tablename__ = "slot_need"
    __table_args__ = (UniqueConstraint("project_id"),)

    project_id: UUID = _to("project.id")
    slots: int
    note: str = _text(default="")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)
    revision: int = 1


class Deadline(Row, table=True):
    """A milestone, a patent filing or a planned disclosure, with its day; nothing is published before a filing.

    `kind`: milestone, filing, disclosure.
    """

    project_id: UUID = _to("project.id", index=True)
    kind: str = Field(max_length=12)
    title: str = Field(max_length=300)
    on: date = Field(sa_type=Date, index=True)
    done_on: date | None = Field(default=None, sa_type=Date)
    note: str = _text(default="")
    revision: int = 1


SEALED = ("review", "score", "interest", "meeting")
"""Tables whose changes no page of the history shows: who may not judge a project must not learn of its reviews, and
reviewers must not learn of each other's before they hand in. The trail keeps them all the same."""

SEALED_FACTS = (("decision", "sheet"), ("decision", "proposal"))
"""(table, column) of which the same holds: a decision repeats what the scores came to when it was made."""
