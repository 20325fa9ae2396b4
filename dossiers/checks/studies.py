"""Questions that several rules on studies and trials ask: which studies speak, which trials are meant, what is owed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from dossiers.checks.findings import Said
from dossiers.checks.look import Look, Needs
from dossiers.records.base import Record
from dossiers.records.nonclinical import Evidence, NonclinicalStudy, NonclinicalType
from dossiers.records.product import Product, SubType
from dossiers.records.regulatory import Trial, TrialState
from dossiers.records.substance import ConstructType, GeneticConstruct

R = TypeVar("R", bound=Record)
T = TypeVar("T")

EXPERIMENT = (Evidence.IN_VIVO, Evidence.IN_VITRO)
WORDS = (Evidence.LITERATURE, Evidence.ARGUMENT)
VIRAL = (
    ConstructType.LENTIVIRAL,
    ConstructType.RETROVIRAL,
    ConstructType.AAV,
    ConstructType.ADENOVIRAL,
    ConstructType.ONCOLYTIC_VIRUS,
)
EDITED = (SubType.CAR_T_EDITED, SubType.HSC_EDITED, SubType.IN_VIVO_EDITING)


def of_type(look: Look, *types: NonclinicalType) -> tuple[NonclinicalStudy, ...]:
    """The non-clinical studies of these types, in the order of the types."""
    return tuple(study for kind in types for study in look.of(NonclinicalStudy, type=kind))


def called(study: NonclinicalStudy) -> str:
    """What a sentence calls a study: its code, else what a reader calls the record."""
    return study.id or study.named()


def is_under_way(look: Look, trial: Trial) -> bool:
    """Whether the dossier is for this trial: it is planned or runs. Raises `Needs` where its state is not known."""
    return look.need(trial, "state") in (TrialState.PLANNED, TrialState.ONGOING)


def of_trial(look: Look, model: type[R], trial: Trial) -> tuple[R, ...]:
    """The records that belong to the trial; those that name none belong to every trial."""
    return (*look.of(model, trial=trial.uid), *look.of(model, trial=None))


def all_of(items: Iterable[T], asked: Callable[[T], Iterable[Said]]) -> Iterator[Said]:
    """What is said of each; what is missing for one is told only where nothing was found in any other."""
    lacking: list[Needs] = []
    found = 0
    for item in items:
        try:
            for said in asked(item):
                found += 1
                yield said
        except Needs as why:
            lacking.append(why)
    if lacking and not found:
        raise Needs(*(place for why in lacking for place in why.places))


def is_edited(look: Look, product: Product) -> bool:
    """Whether the genome is edited on purpose: the type says so, or a target of an edit is there."""
    return product.sub_type in EDITED or bool(look.holdings.all("edit_target"))


def active_constructs(look: Look) -> tuple[GeneticConstruct, ...]:
    """The constructs that reach the cell or the patient: plasmids that only make a vector are left out.

    Raises `Needs` where none is known.
    """
    found = look.all(GeneticConstruct)
    if not found:
        raise Needs(look.missing(GeneticConstruct, "").origin)
    lead = tuple(c for c in found if look.need(c, "type") is not ConstructType.PLASMID)
    return lead or found


def any_said(parts: Iterable[Callable[[], Iterable[Said]]]) -> Iterator[Said]:
    """What several parts of one rule say; what one part lacks is told only where no other part found anything."""
    yield from all_of(parts, lambda part: part())
