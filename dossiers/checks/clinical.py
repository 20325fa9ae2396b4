"""Rules about how the trial protects its subjects (C3): stopping, safety information, the manual, other medicines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, FIRST, rule
from dossiers.checks.studies import any_said, is_under_way, of_trial
from dossiers.facts import NBSP, show_date
from dossiers.limits import convert, show_number
from dossiers.records.clinical import MeasureType, SafetyMeasure
from dossiers.records.dosing import DoseCohort, DosingRule
from dossiers.records.formulation import AdministrationStep, Device, DeviceRole
from dossiers.records.handling import HandlingInstruction, HandlingTopic, StepPurpose
from dossiers.records.product import Origin as CellOrigin
from dossiers.records.product import Product
from dossiers.records.regulatory import Blinding, Trial, TrialPhase
from dossiers.records.results import Batch, Disposition
from dossiers.records.stability import ClaimScope, Segment, ShelfLifeClaim
from dossiers.records.trials import (
    AuxiliaryMedicine,
    AuxiliaryStatus,
    Element,
    ProtocolProvision,
    ProvisionTopic,
    TrialDocument,
    TrialDocumentKind,
)
from dossiers.stage import Stage

CLINICAL = "MHRA common issues, clinical"
EARLY_PHASES = (TrialPhase.I, TrialPhase.I_II)


def provisions(look: Look, trial: Trial, topic: ProvisionTopic) -> tuple[ProtocolProvision, ...]:
    """What the protocol of the trial lays down on a topic; a provision without words counts for nothing."""
    return tuple(p for p in of_trial(look, ProtocolProvision, trial) if p.topic is topic and p.provision)


def documents(look: Look, trial: Trial, kind: TrialDocumentKind) -> tuple[TrialDocument, ...]:
    """The documents of one kind of the trial."""
    return tuple(d for d in of_trial(look, TrialDocument, trial) if d.document is kind)


@rule(
    "C302",
    Severity.ERROR,
    "Stopping rules, escalation and an independent board are laid down",
    each=Trial,
    why="A trial without rules for its own end is a usual ground for non-acceptance.",
    source=("EMEA/CHMP/SWP/28367/07 rev. 1, section 8", CLINICAL),
    remedy="Enter the stopping rule as a safety measure, the others as provisions of the protocol.",
    section="5.7",
    reading="Asked of trials that are planned or run. What counts as dose-limiting is asked of phases I and I/II and "
    "of trials with several doses, rules of escalation of several doses, a board of the first trial in humans.",
)
def trial_can_be_stopped(look: Look, trial: Trial) -> Iterator[Said]:
    if not is_under_way(look, trial):
        return
    rules = [m for m in of_trial(look, SafetyMeasure, trial) if m.type is MeasureType.STOPPING_RULE and m.criterion]
    levels = {c.level for c in of_trial(look, DoseCohort, trial) if c.level is not None}
    lacking = [] if rules else ["a stopping rule with its criterion"]
    wanted = []
    if len(levels) > 1 or trial.phase in EARLY_PHASES:
        wanted.append(ProvisionTopic.TOXICITY_DEFINITION)
    if len(levels) > 1:
        wanted.append(ProvisionTopic.ESCALATION)
    if FIRST in look.phases:
        wanted.append(ProvisionTopic.SAFETY_BOARD)
    lacking += [topic.label for topic in wanted if not provisions(look, trial, topic)]
    if lacking:
        yield look.at(trial, "", f"The protocol of {trial.named()} lacks: {', '.join(lacking)}.")


@rule(
    "C305",
    Severity.ERROR,
    "The reference safety information is there, dated, and the same everywhere",
    each=Trial,
    why="It decides which reactions are reported as unexpected, and is the commonest clinical objection.",
    source=("Regulation (EU) 536/2014, Annex I.E and Annex III", "CTFG/CTCG questions and answers on the RSI"),
    remedy="State the section, what is expected (or that nothing is) and the day; repeat it in the application form.",
    section="5.3",
)
def reference_safety_is_set(look: Look, trial: Trial) -> Iterator[Said]:
    if not is_under_way(look, trial):
        return
    brochures = documents(look, trial, TrialDocumentKind.BROCHURE)
    if not brochures:
        yield look.at(trial, "", f"No investigator’s brochure of {trial.named()} is entered.")
    for brochure in brochures:
        if not brochure.reference_safety and not look.is_excused(brochure, "reference_safety"):
            yield look.at(brochure, "reference_safety", "The brochure does not say which reactions are expected.")
        elif brochure.reference_safety_date is None and not look.is_excused(brochure, "reference_safety_date"):
            said = "The reference safety information of the brochure bears no date."
            yield look.at(brochure, "reference_safety_date", said)
        for form in documents(look, trial, TrialDocumentKind.APPLICATION_FORM):
            yield from _form_differs(look, form, brochure)


def _form_differs(look: Look, form: TrialDocument, brochure: TrialDocument) -> Iterator[Said]:
    one, other = form.reference_safety, brochure.reference_safety
    if one and other and one.split() != other.split():
        said = f"The form says “{one}” of the reference safety information, the brochure “{other}”."
        yield look.at(form, "reference_safety", said)
    day, meant = form.reference_safety_date, brochure.reference_safety_date
    if day and meant and day != meant:
        said = f"The form dates the reference safety information {show_date(day)}, the brochure {show_date(meant)}."
        yield look.at(form, "reference_safety_date", said)


@rule(
    "C306",
    Severity.WARNING,
    "The protocol says what is done with a product out of specification",
    each=Trial,
    why="The patient’s own cells cannot be replaced; physicians will ask for them under pressure of time.",
    source=("EudraLex Vol. 4 Part IV, 11.5", "C(2019) 7140"),
    remedy="Lay down who decides, what the patient is told and agrees to, and who is informed by when.",
    types=CELL_BASED,
    section="5.6",
    reading="Asked where the cells are the patient’s own. What manufacture does when a batch fails is another rule.",
)
def failed_product_is_settled(look: Look, trial: Trial) -> Iterator[Said]:
    if look.need(look.product(), "origin") is not CellOrigin.AUTOLOGOUS or not is_under_way(look, trial):
        return
    held = provisions(look, trial, ProvisionTopic.OUT_OF_SPECIFICATION)
    if not held:
        given = [b.named() for b in look.of(Batch, disposition=Disposition.OOS_GIVEN)]
        told = f", though it happened ({', '.join(given)})" if given else ""
        yield look.at(
            trial, "", f"{trial.named()} does not say what is done with a product out of specification{told}."
        )
    for provision in held:
        told_of = set(look.need(provision, "elements"))
        lacking = [element.label for element in Element if element not in told_of]
        if lacking:
            said = f"The provision on a product out of specification does not settle: {', '.join(lacking)}."
            yield look.at(provision, "elements", said)


WAITING = (StepPurpose.PREPARATION, StepPurpose.TRANSPORT, StepPurpose.ADMINISTRATION)
IN_USE = (Segment.POST_THAW, Segment.DILUTED, Segment.IN_USE)


@rule(
    "C308",
    Severity.WARNING,
    "The instructions for pharmacy and ward are complete and within the in-use time",
    why="The last metres decide the dose that reaches the patient.",
    source=("C(2019) 7140, administration", "EudraLex Vol. 4 Part IV, section 16"),
    remedy="Add the step or instruction, or shorten the steps to what the in-use study covers.",
    section="5.6",
    reading="Steps are told apart by their purpose; the time in use runs from the end of thawing (else from the first "
    "preparation) over preparation, way and administration. Premedication and waste do not count.",
)
def instructions_are_complete(look: Look) -> Iterator[Said]:
    product = look.product()
    steps = sorted(
        (*look.of(AdministrationStep, product=product.uid), *look.of(AdministrationStep, product=None)),
        key=lambda step: (step.order is None, step.order or 0),
    )
    if not steps:
        raise Needs(look.missing(AdministrationStep, "", name="purposes").origin)
    claims = [c for c in look.of(ShelfLifeClaim, scope=ClaimScope.DP) if c.product in (product.uid, None)]
    yield from any_said(
        (
            lambda: _parts_are_there(look, product, steps, claims),
            lambda: _steps_have_limits(look, steps),
            lambda: _time_in_use_holds(look, steps, claims),
        )
    )


def _parts_are_there(
    look: Look, product: Product, steps: list[AdministrationStep], claims: list[ShelfLifeClaim]
) -> Iterator[Said]:
    wanted = [StepPurpose.RECEIPT, StepPurpose.IDENTITY, StepPurpose.ADMINISTRATION]
    if any(claim.segment is Segment.FROZEN for claim in claims):
        wanted.append(StepPurpose.THAWING)
    held = {purpose for step in steps for purpose in step.purposes or ()}
    topics = {one.topic for one in look.all(HandlingInstruction) if one.instruction}
    lacking = [purpose.label for purpose in wanted if purpose not in held]
    if lacking:
        for step in steps:
            look.need(step, "purposes")
    if any(device.role is DeviceRole.DELIVERY for device in look.all(Device)) and not any(s.device for s in steps):
        lacking.append("the device of administration")
    if HandlingTopic.SPILL not in topics:
        lacking.append(HandlingTopic.SPILL.label)
    if HandlingTopic.WASTE not in topics and StepPurpose.WASTE not in held:
        lacking.append(HandlingTopic.WASTE.label)
    if lacking:
        yield look.at(product, "", f"The instructions for pharmacy and ward lack: {', '.join(lacking)}.")


def _steps_have_limits(look: Look, steps: list[AdministrationStep]) -> Iterator[Said]:
    for step in steps:
        if step.time_limit is None and not look.is_excused(step, "time_limit"):
            yield look.at(step, "time_limit", f"Step {step.named()} has no limit of time.", "Say how long it may take.")


def _time_in_use_holds(look: Look, steps: list[AdministrationStep], claims: list[ShelfLifeClaim]) -> Iterator[Said]:
    open_claims = [claim for claim in claims if claim.segment in IN_USE]
    if not open_claims:
        return
    allowed = Decimal(0)
    for claim in open_claims:
        duration, unit = look.need(claim, "duration", "unit")
        allowed += convert(duration, unit.value, "min") or Decimal(0)
    thawed = [n for n, step in enumerate(steps) if StepPurpose.THAWING in (step.purposes or ())]
    after = steps[thawed[-1] + 1 :] if thawed else steps
    waiting = [s for s in after if any(p in WAITING for p in s.purposes or ()) and s.time_limit is not None]
    spent = sum((s.time_limit or Decimal(0) for s in waiting), Decimal(0))
    if allowed and spent > allowed:
        said = (
            f"The steps until the end of administration may take {show_number(spent)}{NBSP}min; "
            f"{show_number(allowed)}{NBSP}min are claimed for the use."
        )
        yield look.at(waiting[-1], "time_limit", said)


@rule(
    "C309",
    Severity.WARNING,
    "Each other medicine of the protocol is entered with its authorisation",
    why="Conditioning, premedication and rescue are auxiliary medicines; an unauthorised one needs data of its own.",
    source=("Regulation (EU) 536/2014, art. 59 and Annex I.H",),
    remedy="Enter the medicine with its role and authorisation; if it is not authorised for this use, the reason.",
    section="5.6",
    reading="Names are looked for in dosing rules, safety measures and steps of administration, by the words of "
    "the setting; a medicine that the setting does not know is not found.",
)
def other_medicines_are_known(look: Look) -> Iterator[Said]:
    held = look.all(AuxiliaryMedicine)
    for medicine in held:
        if medicine.status is None and not look.is_excused(medicine, "status"):
            yield look.at(medicine, "status", f"{medicine.named()} does not say whether it is authorised.")
        elif _owes_reason(look, medicine):
            said = f"{medicine.named()} is {look.says(medicine, 'status')}, and nothing says what its use rests on."
            yield look.at(medicine, "justification", said)
    known = " ".join((medicine.name or "").casefold() for medicine in held)
    words = sorted(look.settings.words("auxiliary_words"))
    for kind, name in ((DosingRule, "concomitant"), (SafetyMeasure, "action"), (AdministrationStep, "action")):
        for record in look.all(kind):
            text = (getattr(record, name) or "").casefold()
            for word in words:
                if re.search(rf"\b{re.escape(word)}", text) and word not in known and f"no {word}" not in text:
                    yield look.at(record, name, f"{word.capitalize()} is given, and no auxiliary medicine is entered.")


def _owes_reason(look: Look, medicine: AuxiliaryMedicine) -> bool:
    doubtful = medicine.status in (AuxiliaryStatus.OTHER_USE, AuxiliaryStatus.UNAUTHORISED)
    return doubtful and not medicine.justification and not look.is_excused(medicine, "justification")


@rule(
    "C312",
    Severity.INFO,
    "The protocol has its chapters on reports and unblinding",
    each=Trial,
    why="That they are there can be checked; whether they are good cannot.",
    source=(CLINICAL, "Regulation (EU) 536/2014, art. 41"),
    remedy="Enter the provision with the section of the protocol.",
    section="5.7",
    due=Stage.SUBMITTED,
    reading="Unblinding is asked for where subjects or investigators do not know the treatment, not where only "
    "assessors are blinded.",
)
def reports_are_laid_down(look: Look, trial: Trial) -> Iterator[Said]:
    if not is_under_way(look, trial):
        return
    wanted = [ProvisionTopic.SAE_REPORTING, ProvisionTopic.SUSAR_REPORTING]
    if look.need(trial, "blinding") in (Blinding.SINGLE, Blinding.DOUBLE):
        wanted.append(ProvisionTopic.UNBLINDING)
    lacking = [topic.label for topic in wanted if not provisions(look, trial, topic)]
    if lacking:
        yield look.at(trial, "", f"The protocol of {trial.named()} lacks: {', '.join(lacking)}.")
