"""The rule about orphans: what nothing else in the dossier uses, and what is used and not described (X511)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import rule
from dossiers.facts import Form, by_name
from dossiers.judging import are_versions
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.records.characterisation import Impurity
from dossiers.records.dossier import Narrative
from dossiers.records.materials import Material
from dossiers.records.methods import AnalyticalMethod, MethodValidation
from dossiers.records.nonclinical import NonclinicalStudy
from dossiers.records.quality import Specification, SpecTest
from dossiers.records.results import Batch, TestResult
from dossiers.records.sites import Site
from dossiers.records.stability import StabilityStudy

ASKED: tuple[type[Record], ...] = (Material, AnalyticalMethod, Site, NonclinicalStudy, StabilityStudy)
"""Kinds that are there to be used by something else."""

CITING = (
    *("risk_factor", "dose_cohort", "dosing_rule", "spec_test", "adventitious_control", "hold_point"),
    *("nonclinical_study", "characterisation_study"),
)
"""Kinds whose words may cite a study or a method by its code."""

NO_USE: dict[type[Record], frozenset[str]] = {
    AnalyticalMethod: frozenset({MethodValidation.kind()}),  # a method that is only validated is used by no test
    Material: frozenset({Impurity.kind()}),
}
"""Kinds whose links do not count as a use."""


@rule(
    "X511",
    Severity.WARNING,
    "Nothing is left over, and nothing is missing",
    why="What nothing uses is a leftover of an older version, or the place that should use it is missing.",
    source=("internal consistency",),
    remedy="Link the record where it is used, or remove it.",
    reading="A material is used if a step, a composition, a construct, a bank or a measure names it; a method, if a "
    "test, control, study or measure does; a site, if it has an activity or anything is done there; a study, if a "
    "risk, a claim, a device, a result or a text cites it. A result outside the specification of its batch is a "
    "finding; one that names its own test is not. Links to records that are gone are findings as well.",
)
def nothing_is_left_over(look: Look) -> Iterator[Said]:
    used, broken = look.once("links", lambda: _links(look))
    for record, name in broken:
        label = by_name(RECORDS[record.kind()])[name].label
        sentence = f"“{label}” of {record.named()} names a record that is not there."
        yield look.at(record, name, sentence, "Choose another record, or empty the fact.")
    texts = look.once("cited words", lambda: _texts(look))
    for model in ASKED:
        for record in look.all(model):
            users = used.get(record.uid, set()) - NO_USE.get(model, frozenset())
            if not users and not _is_used(look, record, texts):
                yield look.at(record, "", f"Nothing uses the {model.called[0].lower()} {record.named()}.")
    yield from _foreign(look)


def _links(look: Look) -> tuple[dict[UUID, set[str]], list[tuple[Record, str]]]:
    """Id → kinds that link to it, and the links that lead nowhere."""
    used: dict[UUID, set[str]] = {}
    broken: list[tuple[Record, str]] = []
    there = {record.uid for model in RECORDS.values() for record in look.all(model)}
    for kind, model in RECORDS.items():
        names = [f.name for f in by_name(model).values() if f.form in (Form.LINK, Form.LINKS)]
        for record in look.all(model) if names else ():
            for name in names:
                value = getattr(record, name)
                for uid in value if isinstance(value, list) else [value]:
                    if uid is not None and uid not in there:
                        broken.append((record, name))
                    elif uid is not None and uid != record.uid:
                        used.setdefault(uid, set()).add(kind)
    return used, broken


def _texts(look: Look) -> str:
    """What people wrote and what studies and risks say of others, in one piece: a study may be cited there."""
    pieces: list[str] = [n.text or "" for n in look.all(Narrative)]
    for kind in CITING:
        model = RECORDS[kind]
        names = [f.name for f in by_name(model).values() if f.form in (Form.TEXT, Form.LINE)]
        pieces += [str(getattr(r, n) or "") for r in look.all(model) for n in names if n != "id"]
    return "\n".join(pieces)


def _is_used(look: Look, record: Record, texts: str) -> bool:
    match record:
        case Material():
            return record.used_in_step is not None or look.is_excused(record, "used_in_step")
        case NonclinicalStudy():
            return bool(record.id) and str(record.id) in texts
        case StabilityStudy():
            return bool(record.protocol_id) and str(record.protocol_id) in texts
        case AnalyticalMethod():
            return bool(record.code) and str(record.code) in texts
    return False


def _foreign(look: Look) -> Iterator[Said]:
    """Results that answer the row of a specification that is not the batch's own."""
    for result in look.all(TestResult):
        batch, test = look.find(Batch, result.batch), look.find(SpecTest, result.spec_test)
        if batch is None:
            continue
        if test is None:
            if not result.test and result.spec_test is None and result.value is not None:
                sentence = f"A result of batch {batch.named()} names neither a row of a specification nor a test."
                yield look.at(result, "spec_test", sentence, "Name the test that the result answers.")
            continue
        mine, theirs = look.find(Specification, batch.spec_version), look.find(Specification, test.specification)
        if mine is not None and theirs is not None and mine.uid != theirs.uid and not are_versions(mine, theirs):
            sentence = (
                f"A result of batch {batch.named()} answers {test.named()} of {theirs.named()}; the batch was tested "
                f"by {mine.named()}."
            )
            yield look.at(result, "spec_test", sentence, "Name the row of the specification of the batch.")
