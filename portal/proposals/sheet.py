"""The proposal as its form shows it: groups of fields, how far each is, what was typed and not saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dossiers.binder import Binder
from dossiers.facts import gaps, is_empty
from dossiers.reading import Messages
from dossiers.records.proposal import Proposal
from dossiers.stage import Stage
from portal.forms import Filling, Widget, fields
from portal.models import Pending, Person, Project
from portal.pending import kept
from portal.proposals.queries import form_name, proposal_of
from portal.trail import Unit

# The groups of the form, each beginning with this fact (order of the declaration).
GROUPS: Mapping[str, str] = {
    "project_title": "Applicant and team",
    "indication": "Patient and need",
    "product_type": "Product",
    "evidence_list": "Evidence",
    "process_sketch": "Manufacture and supply",
    "ip": "Rights, ethics, law",
    "route_wish": "Plan, money, value",
    "confidential": "Declaration",
}


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the form: its title, its fields, how many of those asked for are filled."""

    title: str
    widgets: tuple[Widget, ...]
    asked: int
    filled: int

    @property
    def anchor(self) -> str:
        """The id of the part on the page."""
        return "part-" + self.title.lower().replace(",", "").replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Form:
    """The proposal as its form shows it; `draft` is what was typed and not saved, if anything was."""

    proposal: Proposal | None
    groups: tuple[Group, ...]
    draft: Pending | None

    @property
    def asked(self) -> int:
        """How many answers the first gate asks for."""
        return sum(g.asked for g in self.groups)

    @property
    def filled(self) -> int:
        """How many of them are given."""
        return sum(g.filled for g in self.groups)

    @property
    def percent(self) -> int:
        """Share of the answers asked for that are given, rounded down."""
        return 100 * self.filled // self.asked if self.asked else 0

    @property
    def widgets(self) -> tuple[Widget, ...]:
        """All fields in order."""
        return tuple(w for g in self.groups for w in g.widgets)

    @property
    def first_open(self) -> str:
        """The id of the first field that is asked for and empty; '' if there is none."""
        return next((w.id for w in self.widgets if w.is_gap), "")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and could not be taken, with why."""

    typed: Mapping[str, Any] = field(default_factory=dict)
    messages: Messages = field(default_factory=dict)


def form(session: Unit, person: Person, project: Project, said: Typed | None = None) -> Form:
    """The form of the project's proposal; without `said` it shows what `person` typed last and did not save."""
    proposal, draft = proposal_of(session, project), None
    if said is None:
        draft = kept(session, person, form_name(project))
        said = Typed(draft.typed if draft else {})
    # the proposal's conditions ask of the proposal alone: the project's other records stay unread
    alone = Binder(project.key, records={"proposal": (proposal,)} if proposal else {})
    open_ = gaps(proposal, {Stage.PROPOSED}, alone) if proposal else ()
    missing = frozenset(f.name for f in open_)
    widgets = fields(Proposal, proposal, Filling(said.typed, said.messages, gaps=missing))
    return Form(proposal, _groups(widgets, proposal, missing), draft)


def _groups(widgets: tuple[Widget, ...], proposal: Proposal | None, missing: frozenset[str]) -> tuple[Group, ...]:
    parts: list[tuple[str, list[Widget]]] = []
    for widget in widgets:
        if widget.name in GROUPS:
            parts.append((GROUPS[widget.name], []))
        parts[-1][1].append(widget)
    made = []
    for title, inside in parts:
        given = sum(1 for w in inside if w.fact.due and not is_empty(getattr(proposal, w.name, None)))
        lacking = sum(1 for w in inside if w.name in missing)
        made.append(Group(title, tuple(inside), given + lacking, given))
    return tuple(made)
