"""Rules about what the text must tell: reasons that were given, and topics of the protocol (T808, T811)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dossiers.blocks import Origin, Run
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import rule
from dossiers.checks.seen import bare
from dossiers.compose import Composing, flat, inlines_of, undisturbed
from dossiers.justifying import answer
from dossiers.outlines import outlines
from dossiers.records.answering import Justification
from dossiers.records.nonclinical import NonclinicalStudy
from dossiers.records.regulatory import Blinding, Trial, TrialState
from dossiers.records.trials import ProtocolProvision, ProvisionTopic

_NUMBER = re.compile(r"\b(\d+)[ \u00a0]?(?:h|hours?)\b")


@rule(
    "T808",
    Severity.INFO,
    "A reason that answers a rule is printed",
    each=Justification,
    why="What is objected to is silence about a departure.",
    source=("MHRA, common issues",),
    remedy="Name the section in which the reason is to be read: one that applies and has a text.",
    reading="Asked of reasons that hold. A reason that fell answers nothing, and its finding stands again.",
)
def reasons_are_printed(look: Look, given: Justification) -> Iterator[Said]:
    reason, section = look.need(given, "reason", "section")
    look.need(given, "about_kind", "about_key")
    plain = bare(given)
    if not isinstance(plain, Justification) or not answer(plain, look.binder).holds:
        return
    if (section, reason) not in look.once("reasons printed", lambda: _printed(look)):
        sentence = f"The reason given for {given.rule} about {given.about_key} is not printed in section {section}."
        yield look.at(given, "section", sentence)


def _printed(look: Look) -> frozenset[tuple[str, str]]:
    """(section, reason) of every reason that a document prints."""
    found: set[tuple[str, str]] = set()
    wanted = {g.section for g in look.all(Justification)}
    with undisturbed():
        for each in outlines():
            composing = Composing(each, look.binder)
            for place in composing.places:
                if place.planned.number in wanted:
                    section = composing.section(place)
                    runs = (i for b in section.blocks for i in flat(inlines_of(b)) if isinstance(i, Run))
                    found.update(
                        (section.number, run.text)
                        for run in runs
                        if run.origin is not None
                        and run.origin.kind == Justification.kind()
                        and run.origin.fact == "reason"
                    )
    return frozenset(found)


@rule(
    "T811",
    Severity.INFO,
    "Assays, serious events and unblinding are written about",
    why="Only their presence is looked for here; that they are missing is a common objection.",
    source=("MHRA, common issues",),
    remedy="Enter the provision of the protocol, or the assays of the study.",
    reading="Asked of trials that are planned or run. Unblinding is not asked for where the trial is open or only "
    "assessors are blinded. The report of serious events must name its time.",
)
def topics_are_written_about(look: Look) -> Iterator[Said]:
    hours = look.settings.number("serious_event_hours")
    for trial in look.all(Trial):
        if trial.state in (TrialState.COMPLETED, TrialState.STOPPED):
            continue
        mine = [p for p in look.all(ProtocolProvision) if p.trial in (None, trial.uid)]
        serious = [p for p in mine if p.topic is ProvisionTopic.SAE_REPORTING]
        if not serious:
            sentence = f"No text tells how serious adverse events of {trial.named()} are reported."
            yield look.missing(ProtocolProvision, sentence, name="topic")
        for one in serious:
            told = [int(n) for n in _NUMBER.findall(one.provision or "")]
            if one.provision and not any(n <= hours for n in told):
                sentence = f"The report of serious adverse events names no time of at most {hours}\u00a0h."
                yield look.at(one, "provision", sentence)
        is_blind = look.need(trial, "blinding") in (Blinding.SINGLE, Blinding.DOUBLE)
        if is_blind and not any(p.topic is ProvisionTopic.UNBLINDING for p in mine):
            sentence = f"No text tells how subjects of {trial.named()} are unblinded in an emergency."
            yield look.missing(ProtocolProvision, sentence, name="topic")
    yield from _assays(look)


def _assays(look: Look) -> Iterator[Said]:
    studies = look.all(NonclinicalStudy)
    if studies and not any(s.assays for s in studies):
        where = Origin(NonclinicalStudy.kind(), "", "", "assays")
        yield Said(where, "No text names the assays by which the non-clinical studies measured.")
