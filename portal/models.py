"""People, projects and what happened: the tables beside those of the records."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    TypeDecorator,
    UniqueConstraint,
    Uuid,
)
from sqlmodel import Field, SQLModel

from dossiers.records import RECORDS
from dossiers.records.base import record_id
from dossiers.stage import Stage


class Moment(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, so it is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


def project_id(key: str) -> UUID:
    """The id of the project with this key, as project files derive it."""
    return record_id(key, "project", "")


def _to(target: str, **manner: Any) -> Any:
    return Field(sa_type=Uuid, sa_column_args=[ForeignKey(target)], **manner)


def _moment(**manner: Any) -> Any:
    return Field(sa_type=Moment, **manner)


def _text(**manner: Any) -> Any:
    return Field(sa_type=Text, **manner)


class Row(SQLModel):
    """What the portal's own tables share. `withheld` names columns whose values the trail may not repeat."""

    withheld: ClassVar[frozenset[str]] = frozenset()
    trailed: ClassVar[bool] = True  # whether the trail keeps its values; only traffic without meaning is left out
    appended: ClassVar[bool] = False  # whether rows are only ever added: database triggers refuse anything else
    derived: ClassVar[frozenset[str]] = frozenset()  # columns that follow from other rows; the trail has those

    id: UUID = Field(default_factory=uuid4, primary_key=True)


class Person(Row, table=True):
    """Somebody who may sign in. People are deactivated, never removed: the trail names them."""

    withheld = frozenset({"password"})

    name: str = Field(max_length=200)
    email: str = Field(max_length=254, unique=True)  # kept in lower case
    password: str = Field(default="", max_length=300)  # argon2 hash; empty: no password set, cannot sign in
    roles: list[str] = Field(default_factory=list, sa_type=JSON)  # values of stages.Role
    unit: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})  # same unit: a conflict
    digest: str = Field(default="each", max_length=10, sa_column_kwargs={"server_default": "each"})  # or daily, never
    active: bool = True
    demo: bool = False  # a sign-in whose password is printed; refused outside a demo
    created_at: datetime = _moment(default_factory=now)
    revision: int = 1


class Project(Row, table=True):
    """One therapy on its way. Its id derives from `key`, which never changes.

    `stage`, `since` and `gate` follow the decisions (see `pace.stand`) and stand here so that lists of thousands need
    not read them all.
    """

    __table_args__ = (Index("ix_project_stage_since", "stage", "since"),)
    derived = frozenset({"since", "gate"})

    key: str = Field(max_length=60, unique=True)
    title: str = Field(max_length=500)
    stage: str = Field(default=Stage.IDEA.value, max_length=20, index=True)
    since: datetime = _moment(default_factory=now)  # at this stage, time beside the road left out
    gate: str = Field(default="", max_length=4, index=True)  # id of the gate ahead; empty: none
    confidential: bool = True
    invented: bool = False  # made-up demo data; every page and document says so
    created_at: datetime = _moment(default_factory=now)
    revision: int = 1

    @property
    def standing_at(self) -> Stage:
        """The stage as a `Stage`."""
        return Stage(self.stage)


class Membership(Row, table=True):
    """A person works on a project, in one function (value of stages.Function)."""

    __table_args__ = (UniqueConstraint("project_id", "person_id"),)

    project_id: UUID = _to("project.id", index=True)
    person_id: UUID = _to("person.id", index=True)
    function: str = Field(max_length=40)
    since: datetime = _moment(default_factory=now)
    revision: int = 1


class Decision(Row, table=True):
    """A move that was made. Appended: what was decided stays; `serial` counts from 1 within the project."""

    __table_args__ = (UniqueConstraint("project_id", "serial"),)
    appended = True

    project_id: UUID = _to("project.id", index=True)
    serial: int
    move: str = Field(max_length=40)  # name in stages.MOVES, or stages.TAKEN_IN
    gate: str = Field(default="", max_length=4)
    verdict: str = Field(default="", max_length=20)
    source: str = Field(default="", max_length=20)  # stage before; empty: the project began with this
    target: str = Field(max_length=20)
    reasons: str = _text(default="")
    conditions: str = _text(default="")
    evidence: str = _text(default="")  # the named and dated document that shows what facts cannot yet show
    # What the decider had before them, and what they tied their reasons to.
    attempt: int | None = Field(default=None, nullable=True)
    rulebook: int | None = Field(default=None, nullable=True)
    proposal: str | None = Field(default=None, nullable=True, max_length=20)
    sheet: list[Any] | None = Field(default=None, sa_type=JSON, nullable=True)  # [{id, text, green, shown}]
    tied: list[Any] | None = Field(default=None, sa_type=JSON, nullable=True)  # ids of lines the reasons rest on
    told: bool | None = Field(default=None, nullable=True)
    by_id: UUID | None = _to("person.id", default=None, nullable=True)
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)


class Issue(Row, table=True):
    """A document that went out. Appended: the binder it was made from, its block tree and the very file."""

    __table_args__ = (UniqueConstraint("project_id", "outline", "version"),)
    appended = True
    withheld = frozenset({"binder", "tree", "docx"})

    project_id: UUID = _to("project.id", index=True)
    outline: str = Field(max_length=60)
    version: int
    binder: str = _text()  # the project file as of the issue
    tree: str = _text()  # the block tree as JSON
    docx: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(max_length=64)  # of `docx`, in hexadecimal
    binder_sha256: str = Field(max_length=64)  # of `binder`
    gaps: list[Any] = Field(default_factory=list, sa_type=JSON)  # [{record, fact, label}] open when it went out
    waiver: str = _text(default="")  # why it went out with these gaps
    by_id: UUID = _to("person.id")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)


class HouseTemplate(Row, table=True):
    """A house's own Word template, checked when it was uploaded. Appended; the last is in use."""

    __tablename__ = "house_template"
    appended = True
    withheld = frozenset({"docx"})

    name: str = Field(max_length=200)
    docx: bytes = Field(sa_type=LargeBinary)
    sha256: str = Field(max_length=64)
    by_id: UUID = _to("person.id")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)


class Change(SQLModel, table=True):
    """One value that changed: who, when, why, from what to what. Appended, and written by the trail alone.

    `deed` is added, changed or removed; `kind` the table, `row` its id, `called` what a reader called it then.
    """

    appended: ClassVar[bool] = True

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = _moment(default_factory=now)
    who: str = Field(max_length=200)
    who_id: UUID | None = Field(default=None, index=True)
    why: str = _text()
    project_id: UUID | None = Field(default=None, index=True)
    deed: str = Field(max_length=10)
    kind: str = Field(max_length=60)
    row: UUID = Field(index=True)
    called: str = _text(default="")
    fact: str = Field(max_length=80)
    old: str | None = _text(default=None, nullable=True)
    new: str | None = _text(default=None, nullable=True)


class SignIn(Row, table=True):
    """One browser of one person. The token itself is known to the browser only."""

    __tablename__ = "sign_in"
    trailed = False

    token_sha256: str = Field(max_length=64, unique=True)
    person_id: UUID = _to("person.id", index=True)
    created_at: datetime = _moment(default_factory=now)
    seen_at: datetime = _moment(default_factory=now)
    ended_at: datetime | None = _moment(default=None, nullable=True)
    browser: str = Field(default="", max_length=200)


class LoginAttempt(Row, table=True):
    """A sign-in that was tried, for throttling; kept a day."""

    __tablename__ = "login_attempt"
    trailed = False

    email: str = Field(max_length=254, index=True)
    address: str = Field(default="", max_length=60, index=True)
    good: bool = False
    at: datetime = _moment(default_factory=now)


class Pending(Row, table=True):
    """What a person typed into a form and has not saved: a draft, never a value of the dossier."""

    __table_args__ = (UniqueConstraint("person_id", "form"),)
    trailed = False

    person_id: UUID = _to("person.id", index=True)
    form: str = Field(max_length=200)  # which form, such as "ARI-0001/batch/<uid>"
    typed: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # field → text, or a list of texts
    on_revision: int = 0  # the record's revision when typing began
    saved_at: datetime = _moment(default_factory=now)


class CheckCount(Row, table=True):
    """How much the checks found in a project on one day: open findings by weight, and what stands apart."""

    __tablename__ = "check_count"
    __table_args__ = (UniqueConstraint("project_id", "day"),)
    trailed = False

    project_id: UUID = _to("project.id", index=True)
    day: date
    errors: int = 0
    warnings: int = 0
    remarks: int = 0
    cannot: int = 0
    justified: int = 0


class SectionWork(Row, table=True):
    """How far a section of a document is, and who sees to it; a section nobody took up has none.

    `sealed` is the SHA-256 of what the section said when its status was last set by a step: it shows later changes.
    """

    __tablename__ = "section_work"
    __table_args__ = (UniqueConstraint("project_id", "outline", "section"),)

    project_id: UUID = _to("project.id", index=True)
    outline: str = Field(max_length=60)
    section: str = Field(max_length=200)  # key in the draft, such as "S.3.1.1@ari-0001-ds"
    owner_id: UUID | None = _to("person.id", default=None, nullable=True)
    owner: str = Field(default="", max_length=200)
    status: str = Field(default="empty", max_length=20)  # value of sections.steps.Status
    sealed: str = Field(default="", max_length=64)
    set_by: str = Field(default="", max_length=200)  # who set the status last, and when
    set_at: datetime | None = _moment(default=None, nullable=True)
    revision: int = 1

    @property
    def title(self) -> str:
        """What the history calls it."""
        return f"{self.outline} {self.section}"


class Comment(Row, table=True):
    """What somebody said about a section. It stays as it was said; that it was resolved is the only change to it."""

    __tablename__ = "section_comment"

    project_id: UUID = _to("project.id", index=True)
    outline: str = Field(max_length=60)
    section: str = Field(max_length=200)
    text: str = _text()
    by_id: UUID = _to("person.id")
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)
    resolved_at: datetime | None = _moment(default=None, nullable=True)
    resolved_by: str = Field(default="", max_length=200)

    @property
    def title(self) -> str:
        """What the history calls it."""
        return f"{self.outline} {self.section}"


class Paste(Row, table=True):
    """A block of cells that was taken in one act; the trail between `first` and `last` says what it did to which."""

    trailed = False  # it points into the trail

    project_id: UUID = _to("project.id", index=True)
    kind: str = Field(max_length=60)
    by_id: UUID = _to("person.id", index=True)
    by: str = Field(max_length=200)
    at: datetime = _moment(default_factory=now)
    first: int  # ids of Change
    last: int
    changed: int = 0  # rows
    added: int = 0
    undone_at: datetime | None = _moment(default=None, nullable=True)


class GridView(Row, table=True):
    """A named way to look at a table: the filter, order and columns of an address.

    The table is that of the records of a kind of a project, or, without a project, one over all projects. Its owner
    sees it; a shared one is seen by everybody who sees the table.
    """

    __tablename__ = "grid_view"
    __table_args__ = (UniqueConstraint("project_id", "kind", "person_id", "name"),)
    trailed = False  # how one looks, never a value of the dossier

    project_id: UUID | None = _to("project.id", default=None, nullable=True, index=True)
    kind: str = Field(max_length=60)
    person_id: UUID = _to("person.id", index=True)
    name: str = Field(max_length=80)
    asked: str = _text(default="")  # query string, without page
    is_shared: bool = False
    revision: int = 1


class FirstView(Row, table=True):
    """The view with which a person begins, for a kind of a project or for a table over all projects."""

    __tablename__ = "first_view"
    __table_args__ = (UniqueConstraint("person_id", "project_id", "kind"),)
    trailed = False

    person_id: UUID = _to("person.id", index=True)
    project_id: UUID | None = _to("project.id", default=None, nullable=True, index=True)
    kind: str = Field(max_length=60)
    view_id: UUID = _to("grid_view.id", index=True)


class Searched(SQLModel, table=True):
    """What a search reads of one row: a project, or a record of one. Database triggers write it, nobody else does."""

    id: int | None = Field(default=None, primary_key=True)
    row: UUID = Field(unique=True)
    project_id: UUID = Field(index=True)
    kind: str = Field(max_length=60)  # the table
    title: str = _text()
    body: str = _text()


APPENDED: tuple[str, ...] = ("change", "decision", "house_template", "issue", "rulebook_version")

# The library's records know no portal; here their project becomes one of ours.
for _model in RECORDS.values():
    _model.__table__.append_constraint(ForeignKeyConstraint(["project_id"], ["project.id"]))  # type: ignore[attr-defined]
