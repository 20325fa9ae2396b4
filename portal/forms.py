"""Forms out of the declarations of facts: one widget a fact, and what was typed back out of a submitted form.

The template macro `field` in `forms.html` draws a widget. Every form works without JavaScript.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from dossiers.facts import Choice, Fact, Form, by_name, facts, is_empty, show_bare
from dossiers.reading import Messages
from dossiers.records.base import Record


class Submitted(Protocol):
    """A submitted form, as Werkzeug gives it."""

    def getlist(self, key: str) -> list[str]:
        """Every value sent under `key`, in order."""

    def __contains__(self, key: object) -> bool: ...


Option = tuple[str, str]  # value as sent, label as read
OptionsOf = Callable[[str], Sequence[Option]]
"""kind of record → the records a link may name, as (id, name)."""

LONG_LIST = 15  # from so many options on, a person types and picks instead of unrolling a list


@dataclass(frozen=True, slots=True)
class Widget:
    """One field of a form. `shape`: input, textarea, select, datalist, checkboxes.

    `texts` holds what stands in the field: one text, or several for checkboxes.
    """

    fact: Fact
    id: str
    shape: str
    texts: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    mode: str = "text"  # keyboard of a phone: text, decimal, numeric
    kind: str = "text"  # type of an input
    rows: int = 0
    error: str = ""
    absent: Mapping[str, str] = field(default_factory=dict)  # why it is empty: kind, reason, owner
    source: Mapping[str, Any] = field(default_factory=dict)  # where the value comes from: where, basis, note
    is_gap: bool = False

    @property
    def name(self) -> str:
        """The name under which the field is sent: the fact's."""
        return self.fact.name

    @property
    def text(self) -> str:
        """What stands in a field that holds one text."""
        return self.texts[0] if self.texts else ""

    @property
    def described_by(self) -> str:
        """The ids of the texts that describe the field, for aria-describedby."""
        parts = [f"{self.id}-hint"] if self.fact.ask or self.fact.example else []
        return " ".join(parts + ([f"{self.id}-error"] if self.error else []))


@dataclass(frozen=True, slots=True)
class Filling:
    """What a form shows beside the record: what was typed and not taken, why not, links to offer, gaps to mark.

    `prefix` sets the ids of two forms on one page apart.
    """

    typed: Mapping[str, Any] = field(default_factory=dict)
    messages: Messages = field(default_factory=dict)
    options_of: OptionsOf = lambda _: ()
    gaps: frozenset[str] = frozenset()
    prefix: str = "f"


def fields(
    model: type[Record], record: Record | None = None, filling: Filling | None = None, only: Iterable[str] = ()
) -> tuple[Widget, ...]:
    """The widgets of a form for `record` (None: a new one), in the order of the declaration; `only` some facts."""
    said, names = filling or Filling(), frozenset(only)
    return tuple(widget(f, record, said) for f in facts(model) if not names or f.name in names)


def widget(f: Fact, record: Record | None, said: Filling) -> Widget:
    """The widget of one fact."""
    options = _options(f, said.options_of)
    shape = _shape(f, options)
    value = getattr(record, f.name) if record is not None else None
    texts = _typed_texts(said.typed[f.name]) if f.name in said.typed else _texts(f, value)
    if shape == "datalist":
        named = dict(options)
        texts = tuple(named.get(text, text) for text in texts)
    made = Widget(
        f,
        f"{said.prefix}-{f.name}",
        shape,
        texts,
        options,
        _MODES.get(f.form, "text"),
        "date" if f.form is Form.DATE else "text",
    )
    return replace(
        made,
        rows=_ROWS.get(f.form, 0),
        error=said.messages.get(f.name, ""),
        absent=(record.absent or {}).get(f.name, {}) if record is not None else {},
        source=(record.sources or {}).get(f.name, {}) if record is not None else {},
        is_gap=f.name in said.gaps,
    )


_MODES = {Form.INTEGER: "numeric", Form.NUMBER: "decimal"}
_ROWS = {Form.TEXT: 4, Form.PROSE: 12, Form.LINES: 4}


def _options(f: Fact, options_of: OptionsOf) -> tuple[Option, ...]:
    if f.form is Form.YESNO:
        return (("yes", "yes"), ("no", "no"))
    if f.choices is not None:
        return tuple((member.value, member.label) for member in f.choices)
    return tuple(options_of(f.to)) if f.is_link else ()


def _shape(f: Fact, options: tuple[Option, ...]) -> str:
    match f.form:
        case Form.TEXT | Form.PROSE | Form.LINES:
            return "textarea"
        case Form.CHOICES | Form.LINKS:
            return "checkboxes"
        case Form.CHOICE | Form.LINK | Form.YESNO:
            # A list that is typed needs names that differ; where they do not, the plain list stays.
            distinct = len({label for _, label in options}) == len(options)
            return "datalist" if len(options) > LONG_LIST and distinct else "select"
    return "input"


def _texts(f: Fact, value: Any) -> tuple[str, ...]:
    """A value as its field holds it, so that reading it back gives the same value."""
    if is_empty(value):
        return ()
    match value:
        case list() if f.form is Form.LINES:
            return ("\n".join(value),)
        case list():
            return tuple(_sent(item) for item in value)
        case bool():
            return ("yes" if value else "no",)
    return (_sent(value) if isinstance(value, (Choice, UUID)) else str(value),)


def _sent(item: Any) -> str:
    return str(item.value) if isinstance(item, Choice) else str(item)


def _typed_texts(typed: Any) -> tuple[str, ...]:
    return tuple(map(str, typed)) if isinstance(typed, (list, tuple)) else (str(typed),)


def typed(model: type[Record], sent: Submitted, options_of: OptionsOf = lambda _: ()) -> dict[str, Any]:
    """Fact name → what was typed, for the facts that the submitted form has; ready for `reading.read`.

    A name typed into a list is turned into the value it stands for; what stands for none stays as typed.
    """
    return {f.name: _one(f, sent.getlist(f.name), options_of) for f in facts(model) if f.name in sent}


def _one(f: Fact, sent: list[str], options_of: OptionsOf) -> Any:
    values = {label: value for value, label in _options(f, options_of)} if f.is_link else {}
    kept = [values.get(text.strip(), text) for text in sent if text.strip()]
    if f.form in (Form.CHOICES, Form.LINKS):
        return kept
    return kept[-1] if kept else ""


def shown(model: type[Record], name: str, value: Any, name_of: Callable[[UUID], str] = str) -> str:
    """A value of the fact `name` as a reader meets it; for conflicts and histories."""
    return show_bare(by_name(model)[name], value, name_of)


@dataclass(frozen=True, slots=True)
class Apart:
    """A fact on which two people differ: what you typed and what stands there, both as a reader meets them."""

    label: str
    yours: str
    theirs: str


def facts_apart(record: Any, yours: Mapping[str, Any], name_of: Callable[[UUID], str] = str) -> tuple[Apart, ...]:
    """Where what was typed differs from what `record` holds now; nothing for a row that is no record."""
    if not isinstance(record, Record):
        return ()
    known = by_name(type(record))
    pairs = (
        (known[n], " ; ".join(_typed_texts(t)), show_bare(known[n], getattr(record, n), name_of))
        for n, t in yours.items()
        if n in known
    )
    return tuple(Apart(f.label, mine, theirs) for f, mine, theirs in pairs if mine != theirs)
