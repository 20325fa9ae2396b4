"""One declaration of a fact, read six ways: form, check, history, completeness, table, exchange.

A fact is declared once, on a record class; its form follows from the annotation:

    number:    str | None     = fact("Batch", due=Stage.TRANSFER)
    viability: Decimal | None = fact("Cell viability", unit="%", ge=0, le=100, due=Stage.DOSSIER)
    site:      UUID | None    = fact("Made at", to="site")

Every fact may be empty: `read` says whether a value is possible, `gaps` whether it is there yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, get_args, get_origin
from uuid import UUID

from pydantic.fields import FieldInfo
from sqlmodel import Field, SQLModel

from dossiers.limits import show_number
from dossiers.stage import Stage

if TYPE_CHECKING:
    from dossiers.records.base import Record

NBSP = "\u00a0"

When = Callable[[Any, Any], bool]
"""(record, binder) → whether a conditional fact is asked for."""


class Form(StrEnum):
    """How a fact is asked for, kept and shown."""

    LINE = "line"  # one line of text
    TEXT = "text"  # several lines, no markup
    PROSE = "prose"  # Markdown, written by a person
    INTEGER = "integer"
    NUMBER = "number"  # exact decimal, digits kept as typed
    DATE = "date"
    MONTH = "month"  # a date known to the year, month or day: 2024, 2024-06, 2024-06-12
    YESNO = "yes or no"
    CHOICE = "choice"
    CHOICES = "choices"
    LINES = "lines"  # a list of short texts
    LINK = "link"  # another record
    LINKS = "links"
    CRITERION = "criterion"  # the acceptance-criterion language of `limits`
    QUANTITY = "quantity"  # a number or a word, as a result is reported: 88, "absent"


class Manner(TypedDict, total=False):
    """What may be said of a fact beside its label."""

    ask: str  # one line of help at the field
    unit: str
    due: Stage | None  # the stage by which it may no longer be empty
    source: str  # on whose authority it is asked for
    example: str
    when: When | None  # condition of a conditional fact
    to: str  # kind of record a link points to
    form: Form  # where the annotation `str` does not say enough
    ge: Decimal | int
    le: Decimal | int
    gt: Decimal | int
    lt: Decimal | int
    max_length: int


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing the dossier must know: how to ask for it, check it, show it, and who demands it."""

    name: str
    label: str
    form: Form
    ask: str = ""
    unit: str = ""
    due: Stage | None = None
    source: str = ""
    example: str = ""
    when: When | None = None
    to: str = ""
    choices: type[Choice] | None = None
    bounds: tuple[tuple[str, Decimal], ...] = ()
    max_length: int = 0

    @property
    def heading(self) -> str:
        """The label with its unit, as a column heads it: "Cell viability (%)"."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def is_prose(self) -> bool:
        """Whether the value is Markdown written by a person."""
        return self.form is Form.PROSE

    @property
    def is_link(self) -> bool:
        """Whether the value names other records."""
        return self.form in (Form.LINK, Form.LINKS)


class Choice(StrEnum):
    """A closed list of words. The value is what files hold; the label is what people read."""

    @property
    def label(self) -> str:
        """The word as a reader meets it; by default the value with spaces for underscores."""
        return _LABELS.get((type(self).__name__, self.value), self.value.replace("_", " "))

    @classmethod
    def labelled(cls, **labels: str) -> None:
        """Give members (by name) a label that their value does not spell."""
        for name, label in labels.items():
            _LABELS[(cls.__name__, cls[name].value)] = label


_LABELS: dict[tuple[str, str], str] = {}

LENGTHS = {Form.LINE: 500, Form.TEXT: 5_000, Form.PROSE: 50_000, Form.CRITERION: 1_000, Form.QUANTITY: 500}


def fact(label: str, **manner: Unpack[Manner]) -> Any:
    """A declaration of a fact for a record class. `due` says by which stage it may no longer be empty."""
    return Field(
        default=None, title=label, description=manner.get("ask", ""), schema_extra={"json_schema_extra": dict(manner)}
    )


@cache
def facts(model: type[SQLModel]) -> tuple[Fact, ...]:
    """The facts of `model`, in the order they are declared."""
    return tuple(_fact(name, info) for name, info in model.model_fields.items() if is_fact(info))


@cache
def by_name(model: type[SQLModel]) -> Mapping[str, Fact]:
    """The facts of `model` by their names."""
    return {f.name: f for f in facts(model)}


def is_fact(info: FieldInfo) -> bool:
    """Whether a model field was declared with `fact`."""
    return isinstance(info.json_schema_extra, dict) and info.title is not None


def annotated(info: FieldInfo) -> tuple[Any, Any]:
    """(type, item type) of a field: `Decimal | None` → (Decimal, None); `list[UUID] | None` → (list, UUID)."""
    kind = info.annotation
    if type(None) in get_args(kind):
        kind = next(a for a in get_args(kind) if a is not type(None))
    return (list, get_args(kind)[0]) if get_origin(kind) is list else (kind, None)


_FORMS = {str: Form.LINE, int: Form.INTEGER, Decimal: Form.NUMBER, date: Form.DATE, bool: Form.YESNO, UUID: Form.LINK}


def _form(kind: Any, item: Any) -> Form:
    if kind is list:
        if item is UUID:
            return Form.LINKS
        return Form.LINES if item is str else Form.CHOICES
    return Form.CHOICE if issubclass(kind, Choice) else _FORMS[kind]


def _fact(name: str, info: FieldInfo) -> Fact:
    said: dict[str, Any] = dict(info.json_schema_extra)  # type: ignore[arg-type]
    kind, item = annotated(info)
    form = said.pop("form", None) or _form(kind, item)
    bounds = tuple((op, Decimal(said.pop(op))) for op in ("ge", "le", "gt", "lt") if op in said)
    word = item if kind is list else kind
    choices = word if isinstance(word, type) and issubclass(word, Choice) else None
    said.setdefault("max_length", LENGTHS.get(form, 0))
    return Fact(name, str(info.title), form, choices=choices, bounds=bounds, **said)


# ---------------------------------------------------------------- showing

Namer = Callable[[UUID], str]


def show(f: Fact, value: Any, name_of: Namer = str) -> str:
    """`value` as a reader meets it, with its unit: '70.5 %', '12 Mar 2026', 'yes'. Empty gives ''."""
    bare = show_bare(f, value, name_of)
    return f"{bare}{NBSP}{f.unit}" if bare and f.unit and f.form in (Form.NUMBER, Form.INTEGER) else bare


def show_bare(f: Fact, value: Any, name_of: Namer = str) -> str:
    """`value` without its unit, as a table cell holds it whose heading names the unit."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Choice():
            return value.label
        case date():
            return show_date(value)
        case Decimal() | int():
            return show_number(Decimal(value))
        case UUID():
            return name_of(value)
        case list() | tuple():
            return "; ".join(show_bare(f, item, name_of) for item in value)
    return show_month(str(value)) if f.form is Form.MONTH else str(value)


def show_date(day: date) -> str:
    """A day as '12 Mar 2026', without regard to the machine's language."""
    return f"{day.day}{NBSP}{MONTHS[day.month - 1]}{NBSP}{day.year}"


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def show_month(text: str) -> str:
    """'2024-06' as 'Jun 2024', '2024' as itself, '2024-06-12' as '12 Jun 2024'."""
    year, *rest = text.split("-")
    if not rest:
        return year
    month = MONTHS[int(rest[0]) - 1]
    return NBSP.join(([str(int(rest[1]))] if len(rest) > 1 else []) + [month, year])


# ---------------------------------------------------------------- completeness


class Absence(StrEnum):
    """Why a fact has no value. The first two close the question; the others leave it open and owed."""

    NOT_APPLICABLE = "not_applicable"
    LEFT_OUT = "left_out"
    NOT_YET_KNOWN = "not_yet_known"
    WITHHELD = "withheld"
    NOT_FOUND = "not_found"

    @property
    def closes(self) -> bool:
        """Whether nobody owes an answer any more."""
        return self in (Absence.NOT_APPLICABLE, Absence.LEFT_OUT)

    @property
    def label(self) -> str:
        """The absence as a reader meets it."""
        return {"left_out": "deliberately left out", "withheld": "withheld by its holder"}.get(
            self.value, self.value.replace("_", " ")
        )


class Basis(StrEnum):
    """How a value's source was read. What was recalled or invented is not verified."""

    READ = "read"
    MEASURED = "measured"
    DERIVED = "derived"
    RECALLED = "recalled"
    INVENTED = "invented"

    @property
    def is_verified(self) -> bool:
        """Whether a person may rely on the value as it stands."""
        return self in (Basis.READ, Basis.MEASURED, Basis.DERIVED)


def is_empty(value: Any) -> bool:
    """Whether a fact's value is nothing: None, '' or an empty list."""
    return value is None or value == "" or value == []


def gaps(record: Record, stages: Iterable[Stage], binder: Any = None) -> tuple[Fact, ...]:
    """Facts that should be known by one of `stages`, are empty, and carry no reason that closes the question.

    A conditional fact is asked for only if its condition holds in `binder` (without a binder: asked for).
    """
    asked = frozenset(stages)
    return tuple(
        f
        for f in facts(type(record))
        if f.due in asked
        and is_empty(getattr(record, f.name))
        and not is_closed(record, f.name)
        and (f.when is None or binder is None or f.when(record, binder))
    )


def is_closed(record: Record, name: str) -> bool:
    """Whether the fact's emptiness carries a reason after which nobody owes it."""
    said = (record.absent or {}).get(name)
    return said is not None and Absence(said["kind"]).closes
