"""The rule about numbers that people typed into section texts, held against the data (X509)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from dossiers.checks.amounts import Amount, amounts, counted
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import rule
from dossiers.checks.stated import criterion, equal
from dossiers.limits import AllOf, AnyOf, Criterion, LimitFault, number, quantity, show_number, unit_of
from dossiers.records.clinical import ClinicalStudy, SafetyMeasure
from dossiers.records.controls import InProcessControl
from dossiers.records.criterion import ends_of
from dossiers.records.dosing import DoseCohort, DosingRule
from dossiers.records.dossier import Narrative
from dossiers.records.quality import QualityAttribute, SpecTest
from dossiers.records.regulatory import Trial
from dossiers.records.results import Batch, TestResult
from dossiers.records.stability import ClaimScope, ShelfLifeClaim, StabilityResult

_SENTENCE = re.compile(r"(?<=[a-z)\]%’”0-9²³⁰-⁹][.;!?])\s+(?=[A-Z*\[“])|\n+")
_MARKUP = re.compile(r"\*+|\[\[|\]\]")
_STRETCH = r"(?:[^.;:()]|(?<=\d)\.(?=\d))"
_SHELF_LIFE = re.compile(rf"shelf life (?:of|is|remains|was set at) ({_STRETCH}{{1,40}})")
_FOLLOWED = re.compile(
    r"follow(?:ed|-up|s)\b[^.;]{0,60}?\b(\w+)[ \u00a0]years|\b(\w+)[ \u00a0]years of follow-up|\b(\w+)-year follow-up"
)
_LEVEL = re.compile(rf"\blevel (\d+),? (?:\(|is |of )?({_STRETCH}{{1,40}})", re.IGNORECASE)
_LEVELS = re.compile(rf"\blevels (?:are planned, |are |of |: )({_STRETCH}{{1,60}})")
_TREATED = re.compile(r"\b(\w+) (?:subjects|patients) (?:were|have been) treated\b")
_CONDITION = re.compile(r"\b(?:once|until|after|when|if|before)\s*(?:the first\s*)?$")
_GENERAL = frozenset(
    {"", "%", "mL", "h", "min", "days", "day", "months", "°C", "µm", "g", "kg", "L", "percentage points"}
)
"""Units in which too many things are counted to tell from the unit what a number is of."""


@rule(
    "X509",
    Severity.WARNING,
    "Numbers in texts equal those of the data",
    each=Narrative,
    why="A number that was typed by hand is old as soon as the data change.",
    source=("internal consistency",),
    remedy="Correct the text, or the data if the text is right.",
    reading="Values that sections print come from the data and cannot differ; what is compared are the texts that "
    "people wrote. Only where a sentence says what a number is of: shelf life, years of follow-up, dose levels, "
    "subjects treated, a limit with its sign beside the name of the test, a result in a unit of its own beside the "
    "name of the test, and values in brackets after a batch number. Numbers with “about”, “at most” and the like, and "
    "sentences about other products, are not compared.",
)
def typed_numbers_agree(look: Look, text: Narrative) -> Iterator[Said]:
    written = _MARKUP.sub("", look.need(text, "text"))
    strange = look.settings.words("text_tolerance_words")
    for sentence in filter(None, _SENTENCE.split(written)):
        if any(word in sentence.casefold() for word in strange):
            continue
        for found in (
            *_claims(look, text, sentence),
            *_years(look, sentence),
            *_doses(look, sentence),
            *_subjects(look, sentence),
            *_batches(look, sentence),
            *_tests(look, sentence),
        ):
            yield look.at(text, "text", f"Section {text.section_number}: {found}")


def _differs(what: str, said: str, held: Iterable[str]) -> str:
    return f"the text says {said} for {what}, the data {', '.join(dict.fromkeys(held)) or 'nothing'}."


def _claims(look: Look, text: Narrative, sentence: str) -> Iterator[str]:
    section = text.section_number or ""
    scope = ClaimScope.DP if section.startswith("P.") else ClaimScope.DS if section.startswith("S.7") else None
    claims = [c for c in look.of(ShelfLifeClaim, scope=scope) if c.duration is not None and c.unit] if scope else []
    held = [(c.duration, c.unit.label) for c in claims if c.duration is not None and c.unit]
    for found in _SHELF_LIFE.finditer(sentence):
        for one in amounts(found[1]):
            if held and one.unit and not one.hedged and not any(equal(one.value, one.unit, *h) for h in held):
                shown = quantity(one.value, one.unit)
                yield _differs("the shelf life", shown, (quantity(*h) for h in held))
            break


def _years(look: Look, sentence: str) -> Iterator[str]:
    held = [m.period_years for m in look.all(SafetyMeasure) if m.period_years is not None]
    for found in _FOLLOWED.finditer(sentence):
        years = counted(next(g for g in found.groups() if g))
        if years is not None and held and Decimal(years) not in held:
            yield _differs("the follow-up", f"{years}\u00a0years", (f"{show_number(h)}\u00a0years" for h in held))


def _doses(look: Look, sentence: str) -> Iterator[str]:
    cohorts = [c for c in look.all(DoseCohort) if c.dose is not None and c.dose_unit]
    for found in _LEVEL.finditer(sentence):
        mine = [c for c in cohorts if str(c.level) == found[1]]
        for one in amounts(found[2]):
            held = [(c.dose, c.dose_unit) for c in mine if c.dose_unit and _is_of(one, c.dose_unit)]
            if held and not one.hedged and all(one.value != dose for dose, _ in held):
                dose, unit = held[0]
                yield _differs(
                    f"dose level {found[1]}", quantity(one.value, unit), [quantity(dose or Decimal(0), unit)]
                )
            break
    every = {c.dose for c in cohorts} | {v for r in look.all(DosingRule) for v in (r.minimum, r.target, r.maximum)}
    for found in _LEVELS.finditer(sentence):
        for one in amounts(found[1]):
            units = [c.dose_unit for c in cohorts if c.dose_unit and _is_of(one, c.dose_unit)]
            if units and not one.hedged and one.value not in every:
                held_doses = (quantity(c.dose, units[0]) for c in cohorts if c.dose is not None)
                yield _differs("a dose level", quantity(one.value, units[0]), held_doses)


def _is_of(one: Amount, unit: str) -> bool:
    """Whether a number in a text is counted in this unit: all of it, or the “/kg” behind it alone."""
    return bool(one.unit) and (one.unit == unit or (one.unit.startswith("/") and unit.endswith(one.unit)))


def _subjects(look: Look, sentence: str) -> Iterator[str]:
    held = [n for t in look.all(Trial) if (n := t.n_treated) is not None]
    held += [n for s in look.all(ClinicalStudy) if (n := s.n_subjects) is not None]
    for found in _TREATED.finditer(sentence):
        said = counted(found[1]) if not _CONDITION.search(sentence[: found.start()]) else None
        if said is not None and held and said > max(held):  # fewer may be some of them
            yield _differs("the subjects treated", str(said), map(str, held))


def _batches(look: Look, sentence: str) -> Iterator[str]:
    for batch in look.all(Batch):
        if not batch.number or f"{batch.number} (" not in sentence:
            continue
        inside = sentence.split(f"{batch.number} (", 1)[1].partition(")")[0]
        results = [r for r in look.of(TestResult, batch=batch.uid) if r.unit]
        for one in amounts(inside):
            held = [v for r in results if r.unit == one.unit and (v := _value(r)) is not None]
            if held and not one.hedged and not any(equal(one.value, "", v, "") for v in held):
                shown = (quantity(v, one.unit) for v in held)
                yield _differs(f"batch {batch.number}", quantity(one.value, one.unit), shown)


def _value(result: TestResult | StabilityResult) -> Decimal | None:
    try:
        return number(result.value) if result.value else None
    except LimitFault:
        return None


# ---------------------------------------------------------------- tests named in a sentence


def _tests(look: Look, sentence: str) -> Iterator[str]:
    said = [a for a in amounts(sentence) if a.unit and not a.hedged]
    named = _named(look, sentence) if said else []
    if not named:
        return
    what = " or ".join(dict.fromkeys(t.named() for t in named[:3]))
    for one in said:
        tests = [t for t in named if (t.unit or "") == one.unit]
        limits = [v for t in tests for v in _limits(look, t)]
        if one.sign and limits and one.value not in limits:
            shown = (quantity(v, one.unit) for v in sorted(set(limits)))
            yield _differs(f"the limit of {what}", f"{one.sign}\u00a0{quantity(one.value, one.unit)}", shown)
        elif not one.sign and tests and one.unit not in _GENERAL:
            results = [v for t in tests for v in _results(look, t)]
            if results and not any(equal(one.value, "", v, "") for v in (*results, *limits)):
                shown = (quantity(v, one.unit) for v in sorted(set(results)))
                yield _differs(what, quantity(one.value, one.unit), shown)


def _named(look: Look, sentence: str) -> list[SpecTest]:
    """The tests that a sentence names: by the whole name, by its last word if no other test has it, or by attribute."""
    words = f" {_plain(sentence)} "
    found = []
    for test, heads in look.once("names of tests", lambda: _names(look)):
        if any(f" {head} " in words or f" {head}s " in words for head in heads):
            found.append(test)
    return found


def _plain(text: str | None) -> str:
    return re.sub(r"[^\w+-]+", " ", (text or "").casefold()).strip()


def _names(look: Look) -> list[tuple[SpecTest, tuple[str, ...]]]:
    tests = [t for t in look.all(SpecTest) if t.test]
    plain = {t.uid: _plain(t.test) for t in tests}
    heads: dict[str, set[str]] = {}
    for name in plain.values():
        heads.setdefault(name.split()[-1].removesuffix("s") if name else "", set()).add(name)
    found = []
    for test in tests:
        name = plain[test.uid]
        head = name.split()[-1].removesuffix("s") if name else ""
        attribute = look.find(QualityAttribute, test.attribute)
        also = _plain(attribute.name) if attribute is not None else ""
        alone = (head,) if len(head) > 3 and len(heads[head]) == 1 else ()
        found.append((test, tuple(n for n in (name, *alone, also) if n)))
    return found


def _limits(look: Look, test: SpecTest) -> list[Decimal]:
    """The numbers of the criteria of a test, also of its other versions and of controls in process of that name."""
    rows: list[str | None] = [c for t in look.all(SpecTest) if t.test == test.test for c in (t.criterion,)]
    rows += [test.shelf_life_criterion]
    rows += [c.limit for c in look.all(InProcessControl) if c.test and test.test and test.test in c.test]
    parsed = [limit for text in rows if text and (limit := criterion(text)) is not None]
    return [v for limit in parsed for v in _ends(limit)]


def _ends(limit: Criterion) -> Iterator[Decimal]:
    if isinstance(limit, AnyOf | AllOf):
        for alternative in limit.alternatives:
            yield from _ends(alternative.criterion)
    elif unit_of(limit) or ends_of(limit) != (None, None):
        yield from (v for v in ends_of(limit) if v is not None)


def _results(look: Look, test: SpecTest) -> list[Decimal]:
    held: list[TestResult | StabilityResult] = [*look.of(TestResult, spec_test=test.uid)]
    held += look.of(StabilityResult, test=test.uid)
    return [v for r in held if (v := _value(r)) is not None]
