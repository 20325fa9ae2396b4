"""Rules about comparability: whether material before and after a change may speak for each other (Q9)."""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.blocks import Origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import rule
from dossiers.checks.specified import together
from dossiers.checks.wording import listed
from dossiers.records.development import (
    ComparabilityConclusion,
    ComparabilityResult,
    ComparabilityStudy,
    Impact,
    ProcessChange,
)
from dossiers.records.nonclinical import NonclinicalStudy
from dossiers.records.process import Process, ProcessScope, ProcessUse
from dossiers.records.quality import QualityAttribute, SpecTest, TestCategory
from dossiers.records.results import Batch, BatchUse
from dossiers.records.sites import Site

_OF_PRODUCT = (ProcessScope.DS, ProcessScope.DP, ProcessScope.COMBINED)
_CLINICAL = (ProcessUse.CLINICAL, ProcessUse.BOTH)


def _chain(look: Look, newest: Process) -> list[Process]:
    """The version and those it came from, the newest first; a loop ends it."""
    chain: list[Process] = []
    version: Process | None = newest
    while version is not None and version not in chain:
        chain.append(version)
        version = look.find(Process, version.came_from)
    return chain


def _in_use(look: Look, process: Process) -> Process | None:
    """The version of today that came from this one; None where there is no chain to it."""
    today = [p for p in look.of(Process, scope=process.scope) if not p.until and p.used_for in (*_CLINICAL, None)]
    return next((p for p in today if process in _chain(look, p)), None)


def _unbridged(look: Look, version: Process) -> Iterator[ProcessChange | None]:
    """The changes that led to a version and that nothing bridges; None stands for a version without any change."""
    changes = look.of(ProcessChange, process=version.uid)
    if not changes:
        yield None
    for change in changes:
        if change.impact_on_quality is Impact.NONE:
            continue
        study = look.find(ComparabilityStudy, change.comparability_ref)
        if study is None or study.conclusion is not ComparabilityConclusion.COMPARABLE:
            yield change


@rule(
    "Q901",
    Severity.ERROR,
    "What was tested in animals is comparable with the clinical material",
    each=NonclinicalStudy,
    why="Safety that was shown for one product does not pass to another without a bridge.",
    source=("EMA/CAT/499821/2019", "ICH Q5E", "EMA/CAT/22473/2025, S.2.6 and P.2"),
    remedy="Compare the versions in between, and link the study with its conclusion.",
    reading="Asked of studies whose result must hold for the clinical material, by a setting. Each version between "
    "that of "
    "the study and that in use must be bridged; a change without impact on quality is a bridge. A site is asked "
    "where the "
    "clinical batches of that process come from other sites only.",
)
def animal_material_is_bridged(look: Look, study: NonclinicalStudy) -> Iterator[Said]:
    if study.type is None or study.type.value not in look.settings.words("pivotal_study_types"):
        return
    batch = look.find(Batch, study.test_batch)
    tested = look.find(Process, batch.process_version if batch is not None else study.process_version)
    if tested is None:
        if not look.is_excused(study, "process_version"):
            look.need(study, "process_version")
        return
    yield from together(_versions(look, study, tested), _other_site(look, study, batch, tested))


def _versions(look: Look, study: NonclinicalStudy, tested: Process) -> Iterator[Said]:
    if tested.scope not in _OF_PRODUCT or not tested.until:
        return
    current = _in_use(look, tested)
    if current is None:
        raise Needs(Origin(Process.kind(), "", "", "came_from"))
    chain = _chain(look, current)
    between = chain[: chain.index(tested)]
    missing = [v for v in between if any(True for _ in _unbridged(look, v))]
    if missing:
        steps = listed([v.named() for v in reversed(missing)])
        said = f"Study {study.id or study.named()} used {tested.named()}; nothing shows that {steps} is comparable."
        yield look.at(study, "process_version", said)


def _other_site(look: Look, study: NonclinicalStudy, batch: Batch | None, tested: Process) -> Iterator[Said]:
    site = look.find(Site, batch.site) if batch is not None else None
    if site is None:
        return
    current = _in_use(look, tested)
    clinical = [
        b
        for p in (_chain(look, current) if current is not None else [tested])
        for b in look.of(Batch, process_version=p.uid)
        if BatchUse.CLINICAL in (b.use or ()) and b.site is not None
    ]
    sites = {b.site for b in clinical if b.site is not None}
    if sites and site.uid not in sites and not any(_compares(look, {site.uid, other}) for other in sites):
        made = listed([s.named() for s in look.named(Site, sorted(sites, key=str))])
        said = f"Study {study.id or study.named()} used material of {site.named()}; clinical batches come from {made}."
        yield look.at(study, "test_batch", said, "Compare material of both sites.")


def _compares(look: Look, sites: set[object]) -> bool:
    """Whether a study compares material of these sites, by its design and with a favourable end."""
    designs = look.settings.words("comparing_designs")
    return any(
        sites <= set(study.sites or ())
        and study.design is not None
        and study.design.value in designs
        and study.conclusion is ComparabilityConclusion.COMPARABLE
        for study in look.all(ComparabilityStudy)
    )


@rule(
    "Q902",
    Severity.ERROR,
    "Clinical versions of the process are comparable",
    each=Process,
    why="Half of the early applications for gene therapy met this objection.",
    source=("EMA/CAT/499821/2019", "Carvalho 2019"),
    remedy="Enter the change and compare both versions by criteria that were fixed beforehand.",
    reading="Asked where both versions were used in patients. Kinds of change are a setting; a change that may alter "
    "quality "
    "is asked in any case. Q901 asks for the bridge from animals.",
)
def clinical_versions_are_comparable(look: Look, process: Process) -> Iterator[Said]:
    before = look.find(Process, process.came_from)
    if process.scope not in _OF_PRODUCT or before is None:
        return
    if look.need(process, "used_for") not in _CLINICAL or look.need(before, "used_for") not in _CLINICAL:
        return
    changes = look.of(ProcessChange, process=process.uid)
    if not changes:
        said = f"{process.named()} came from {before.named()}, and no change says what is different."
        yield look.at(process, "came_from", said)
    yield from together(*(_compared(look, process, change) for change in changes))


def _compared(look: Look, process: Process, change: ProcessChange) -> Iterator[Said]:
    major = [k.label for k in change.kinds or () if k.value in look.settings.words("major_changes")]
    if not major and change.impact_on_quality in (None, Impact.NONE):
        look.need(change, "impact_on_quality", "kinds")
        return
    if change.impact_on_quality is Impact.NONE and look.is_excused(change, "comparability_ref"):
        return
    study = look.find(ComparabilityStudy, change.comparability_ref)
    what = f"The change to {process.named()} ({', '.join(major) or change.named()})"
    if study is None and change.impact_on_quality is Impact.NONE and _rides_along(look, process, change):
        return
    if study is None:
        yield look.at(change, "comparability_ref", f"{what} has no comparability study.")
        return
    results = look.of(ComparabilityResult, study=study.uid)
    if not results:
        raise Needs(Origin(ComparabilityResult.kind(), "", "", "acceptance"))
    for result in results:
        if not result.acceptance and not look.is_excused(result, "acceptance"):
            said = f"{what} is judged on {result.named()} without a criterion that was fixed beforehand."
            yield look.at(result, "acceptance", said)
    conclusion = look.need(study, "conclusion")
    if conclusion is not ComparabilityConclusion.COMPARABLE:
        yield look.at(study, "conclusion", f"{what} ends in “{conclusion.label}” (study {study.named()}).")


def _rides_along(look: Look, process: Process, change: ProcessChange) -> bool:
    """Whether a change without impact is covered by the study of another change to the same version."""
    others = [c for c in look.of(ProcessChange, process=process.uid) if c.uid != change.uid]
    return any(look.find(ComparabilityStudy, c.comparability_ref) is not None for c in others)


@rule(
    "Q903",
    Severity.ERROR,
    "A new site of manufacture is compared side by side",
    each=Process,
    why="Work by hand moves with people and not with paper.",
    source=("EMA/CAT/499821/2019",),
    remedy="Make batches of split material at both sites, compare them, and transfer the methods.",
    reading="Sites are those of clinical batches of the process and of the versions it came from. A study counts "
    "that names "
    "both sites and compares by material. Whether methods were transferred is asked by the rules about methods.",
)
def sites_are_compared(look: Look, process: Process) -> Iterator[Said]:
    if process.scope not in _OF_PRODUCT or process.until:
        return
    batches = [b for p in _chain(look, process) for b in look.of(Batch, process_version=p.uid)]
    clinical = [b for b in batches if BatchUse.CLINICAL in (b.use or ()) and b.site is not None]
    clinical.sort(key=lambda b: (b.date is None, b.date or look.on))
    sites = list(dict.fromkeys(b.site for b in clinical))
    for added in sites[1:]:
        if not any(_compares(look, {added, other}) for other in sites if other != added):
            batch = next(b for b in clinical if b.site == added)
            site = look.find(Site, added)
            called = site.named() if site is not None else "A site"
            said = f"{called} makes clinical batches of {process.named()} and was compared with no other site."
            yield look.at(batch, "site", said)


@rule(
    "Q904",
    Severity.WARNING,
    "A comparison includes function and what changes in storage",
    each=ComparabilityStudy,
    why="Phenotype and titre may agree while activity differs.",
    source=("EMA/CAT/499821/2019, part on cells",),
    remedy="Compare potency or another function, and an attribute that must hold to the end of shelf life.",
    reading="Function is an attribute of the category potency; an attribute of storage is one with a criterion at "
    "the end of "
    "shelf life.",
)
def comparison_includes_function(look: Look, study: ComparabilityStudy) -> Iterator[Said]:
    results = look.of(ComparabilityResult, study=study.uid)
    if not results:
        raise Needs(Origin(ComparabilityResult.kind(), "", "", "attribute"))
    attributes = look.named(QualityAttribute, [r.attribute for r in results if r.attribute is not None])
    lacking = []
    if not any(a.category is TestCategory.POTENCY for a in attributes):
        lacking.append("potency or another function")
    if not any(t.is_shelf_life_criterion for a in attributes for t in look.of(SpecTest, attribute=a.uid)):
        lacking.append("an attribute that must hold to the end of shelf life")
    if lacking:
        what = listed([a.named() for a in attributes]) if attributes else "nothing that is named"
        yield look.at(study, "", f"The study {study.named()} compares {what}; {' and '.join(lacking)} is missing.")
