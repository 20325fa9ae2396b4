"""Running the rules over a project, and again after an edit: only where what a rule read has changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from dossiers.binder import Binder
from dossiers.blocks import Origin, Section
from dossiers.checks.findings import Finding, Said, Severity, State
from dossiers.checks.look import Look, Needs
from dossiers.checks.printing import Documents
from dossiers.checks.rules import RULES, Rule, chosen
from dossiers.checks.seen import Note, bare
from dossiers.checks.settings import Settings, settings
from dossiers.compose import undisturbed
from dossiers.facts import by_name
from dossiers.justifying import Answer, answers
from dossiers.outlines import ids
from dossiers.records import RECORDS
from dossiers.stage import Stage, so_far

UnitKey: TypeAlias = tuple[str, str]
"""(rule id, what it was asked of: a record's id, "document key" of a section, or "" for the project)."""


@dataclass(frozen=True)
class Question:
    """What is asked: on which day, by which settings, of which rules and documents, as at which stage."""

    on: date
    settings: Settings = field(default_factory=settings)
    rules: tuple[Rule, ...] = field(default_factory=chosen)
    documents: tuple[str, ...] = field(default_factory=ids)
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """What one rule said of one thing, and the facts it read to say it."""

    findings: tuple[Finding, ...]
    read: frozenset[Note]


@dataclass(frozen=True)
class Scope:
    """Whether a rule is for this project, what it is asked of, and the facts that decided it."""

    items: tuple[tuple[str, Any], ...]
    findings: tuple[Finding, ...]
    read: frozenset[Note]


@dataclass(frozen=True)
class Results:
    """What the rules say of a project, and how many units were run to say it."""

    binder: Binder
    question: Question
    scopes: dict[str, Scope]
    units: dict[UnitKey, Unit]
    ran: int

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding: the gravest first, then by rule, then in the order of the records; answers laid over them."""
        order = {rule.id: n for n, rule in enumerate(self.question.rules)}
        scoped = (f for scope in self.scopes.values() for f in scope.findings)
        found = [f for unit in self.units.values() for f in unit.findings]
        held = answers(self.binder)
        settled = (self._settled(f, held) for f in (*scoped, *found))
        return tuple(sorted(settled, key=lambda f: (f.state is State.CANNOT, f.severity.rank, order[f.rule])))

    def _settled(self, finding: Finding, held: dict[tuple[str, str, str], Answer]) -> Finding:
        rule = RULES[finding.rule]
        stage = self.question.stage or self.binder.stage
        if rule.due not in so_far(stage):
            return replace(finding, state=State.LATER)
        if finding.state is State.CANNOT:
            return finding
        answer = held.get((finding.rule, finding.origin.kind, finding.origin.key)) if finding.origin.key else None
        if answer is not None and rule.justifiable:
            if answer.holds:
                return replace(finding, state=State.JUSTIFIED, reason=answer.reason)
            return replace(finding, fallen=answer.why)
        return finding

    def count(self, severity: Severity, state: State = State.OPEN) -> int:
        """How many findings of that weight are in that state."""
        return sum(f.severity is severity and f.state is state for f in self.findings)

    def rests_on(self, finding: Finding) -> frozenset[Note]:
        """What was read to say a finding; empty for one that is not of these results."""
        for (rule, _), unit in self.units.items():
            if rule == finding.rule and any(f.origin == finding.origin for f in unit.findings):
                return unit.read
        return frozenset()


def check(binder: Binder, question: Question) -> Results:
    """The results of every rule asked, over the whole project."""
    running = _Running(binder, question)
    scopes, units = {}, {}
    with undisturbed():
        for rule in question.rules:
            scopes[rule.id] = running.scope(rule)
            for key, item in scopes[rule.id].items:
                units[rule.id, key] = running.unit(rule, item)
    return Results(binder, question, scopes, units, running.ran)


def recheck(before: Results, binder: Binder, touched: Iterable[Note]) -> Results:
    """The results after an edit that touched these facts (`changed(old binder, new binder)`), as `check` gives them.

    Only units that read a touched fact run; a change of stage or of the day is a new question and needs `check`.
    """
    if (binder.stage, binder.on) != (before.binder.stage, before.binder.on):
        return check(binder, before.question)
    changed, running = frozenset(touched), _Running(binder, before.question)
    scopes, units = {}, {}
    for rule in before.question.rules:
        scope = before.scopes[rule.id]
        scopes[rule.id] = scope if changed.isdisjoint(scope.read) else running.scope(rule)
        items = scopes[rule.id].items
        for key, item in items:
            kept = before.units.get((rule.id, key))
            if kept is None or not changed.isdisjoint(kept.read):
                kept = running.unit(rule, running.anew(item))
            units[rule.id, key] = kept
    return Results(binder, before.question, scopes, units, running.ran)


class _Running:
    """One run over one binder."""

    def __init__(self, binder: Binder, question: Question):
        self.look = Look(binder, question.on, question.settings)
        self.documents = Documents(self.look, question.documents)
        self.ran = 0

    def scope(self, rule: Rule) -> Scope:
        """Whether the rule is for this product and phase, and what it is asked of."""
        read = self.look.notes.begin()
        try:
            if (rule.types and not rule.types & self.look.types) or (
                rule.phases and not rule.phases & self.look.phases
            ):
                return Scope((), (), frozenset(read))
            return Scope(tuple(self.items(rule)), (), frozenset(read))
        except Needs as why:
            return Scope((), (self.cannot(rule, why, None),), frozenset(read))

    def items(self, rule: Rule) -> Iterator[tuple[str, Any]]:
        if rule.each is None:
            yield "", None
        elif rule.each is Section:
            for document, place in self.documents.places():
                yield f"{document} {place.key}", (document, place)
        else:
            for record in self.look.all(rule.each):
                yield str(record.uid), record.uid

    def anew(self, item: Any) -> Any:
        """The same thing in this binder: a place of a section is made of records and is found again by its key."""
        if not isinstance(item, tuple):
            return item
        document, old = item
        return next((d, p) for d, p in self.documents.places() if d == document and p.key == old.key)

    def unit(self, rule: Rule, item: Any) -> Unit:
        """What the rule says of one thing."""
        self.ran += 1
        read, said = self.look.notes.begin(), []
        thing = None
        try:
            if rule.each is None:
                said = list(rule.judge(self.look))
            elif rule.each is Section:
                thing = self.documents.printed(*item)
                said = list(rule.judge(self.look, thing))
            else:
                thing = self.look.holdings.find(item)
                said = list(rule.judge(self.look, thing))
            findings = tuple(self.finding(rule, one) for one in said)
        except Needs as why:
            findings = (self.cannot(rule, why, thing),)
        return Unit(findings, frozenset(read))

    def finding(self, rule: Rule, said: Said) -> Finding:
        severity = said.severity or rule.severity
        return Finding(
            rule.id,
            severity,
            State.OPEN,
            said.origin,
            said.sentence,
            said.remedy or rule.remedy,
            said.section,
            justifiable=rule.justifiable,
        )

    def cannot(self, rule: Rule, why: Needs, thing: Any) -> Finding:
        where = why.places[0]
        names = "; ".join(dict.fromkeys(map(self.needed, why.places)))
        sentence = f"Cannot check: needs {names}."
        origin = Origin(thing.kind(), thing.key, str(thing.uid), where.fact) if hasattr(thing, "uid") else where
        return Finding(
            rule.id, rule.severity, State.CANNOT, origin, sentence, "Enter what is missing.", needs=why.places
        )

    def needed(self, place: Origin) -> str:
        """A missing fact as a person finds it: “Viability” of the batch B-1."""
        model = RECORDS.get(place.kind)
        if model is None:
            return place.path
        what = model.called[0].lower()
        fact = by_name(model).get(place.fact)
        record = self.look.whole.find(place.id) if place.id else None
        called = bare(record).named() if record is not None else ""
        if fact is None:
            return f"a record “{model.called[0]}”"
        return f"“{fact.label}” of the {what} {called}" if called else f"“{fact.label}” of a {what}"
