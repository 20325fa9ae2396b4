"""Rules about cells that are edited or derive from pluripotent cells (Q3): what may be left over or rearranged."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from dossiers.binder import origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, EX_VIVO, rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import (
    DP,
    DS,
    INTERMEDIATE,
    is_limited,
    known,
    lacking,
    lowers,
    measuring,
    rows,
    speaks_of,
    together,
    uppers,
)
from dossiers.limits import convert, quantity
from dossiers.records.characterisation import CharacterisationStudy, StudyTopic
from dossiers.records.dosing import DosingRule
from dossiers.records.measurands import Measurand
from dossiers.records.methods import MethodValidation, ValidationParameter
from dossiers.records.nonclinical import NonclinicalStudy
from dossiers.records.product import Origin, SubType
from dossiers.records.quality import SpecificationScope, SpecTest
from dossiers.records.substance import ActiveSubstance, EditTarget, OffTargetSite

T_CELLS = (
    SubType.CAR_T_LENTIVIRAL,
    SubType.CAR_T_NON_VIRAL,
    SubType.CAR_T_EDITED,
    SubType.TCR_T,
    SubType.TREG,
    SubType.VIRUS_SPECIFIC_T,
)
SENSED = (ValidationParameter.DETECTION_LIMIT, ValidationParameter.QUANTITATION_LIMIT)


def _is_edited(look: Look) -> bool:
    return look.product().sub_type in (SubType.CAR_T_EDITED, SubType.HSC_EDITED) or bool(look.all(EditTarget))


@rule(
    "Q312",
    Severity.ERROR,
    "Products of pluripotent cells: what is left undifferentiated, and the genome",
    why="One clone of stem cells that survives can grow into a teratoma.",
    source=("EMA/CAT/571134/2009", "EMA/CAT/22473/2025, S.3 and P.5.1"),
    remedy="Add the test, or say in “Measures” which row does it.",
    types=CELL_BASED,
    reading="A karyotype at the end of the process may be a characterisation study; at the bank it is a test.",
)
def pluripotent_origin_is_controlled(look: Look) -> Iterator[Said]:
    product = look.product()
    named = [product.name, *(w for s in look.all(ActiveSubstance) for w in (s.name, s.descriptive_name))]
    if product.sub_type is not SubType.IPSC_DERIVED:
        if product.sub_type is None and not any(named):
            look.need(product, "sub_type", "name")
        if not speaks_of(look.settings.words("pluripotent_words"), *named):
            return
    yield from together(_left_over(look), _genome(look))


def _left_over(look: Look) -> Iterator[Said]:
    tests = measuring(look, known(look, DS, DP, INTERMEDIATE), Measurand.PLURIPOTENT_CELLS)
    if not tests:
        yield lacking(look, "Residual pluripotent cells are not tested.", DP, DS)
    for test in tests:
        if not is_limited(look, test):
            yield look.at(test, "criterion", f"The test {test.named()} has no limit.", "Set a limit.")
        if test.method is not None and not any(
            look.of(MethodValidation, method=test.method, parameter=parameter) for parameter in SENSED
        ):
            said = f"How few pluripotent cells the method of {test.named()} finds is not reported."
            yield look.at(test, "method", said, "Report the limit of detection among the validation of the method.")


def _genome(look: Look) -> Iterator[Said]:
    known(look, DS, DP, INTERMEDIATE)
    if not measuring(look, rows(look, SpecificationScope.BANK), Measurand.KARYOTYPE):
        yield lacking(look, "The karyotype of the bank is not tested.", SpecificationScope.BANK)
    if not measuring(look, rows(look, DS, DP, INTERMEDIATE), Measurand.KARYOTYPE) and not look.of(
        CharacterisationStudy, topic=StudyTopic.KARYOTYPE
    ):
        yield look.missing(
            CharacterisationStudy,
            "The karyotype at the end of the process is neither tested nor characterised.",
            "Add a study of the karyotype at the end of the process, or a test.",
            "topic",
        )


@rule(
    "Q315",
    Severity.ERROR,
    "Allogeneic edited T cells: cells that kept their receptor are limited",
    why="A small number of alloreactive T cells can cause graft-versus-host disease.",
    source=("EMA/CAT/22473/2025, P.5.1", "EMA/CAT/GTWP/671639/2008 rev. 1"),
    remedy="Add the test with an upper limit.",
    types=frozenset({EX_VIVO}),
    reading="The load is worked out for the largest dose for each kg. Where the dose counts modified cells only, all "
    "cells are taken from the lowest share of modified cells that the specification allows. A load above the setting "
    "is answered by the justification of the row.",
)
def receptor_positive_cells_are_limited(look: Look) -> Iterator[Said]:
    product = look.product()
    if not _is_edited(look) or look.need(product, "sub_type") not in T_CELLS:
        return
    if look.need(product, "origin") is not Origin.ALLOGENEIC:
        return
    tests = measuring(look, known(look, DS, DP), Measurand.RECEPTOR_POSITIVE)
    if not tests:
        yield lacking(look, "Cells that kept their T-cell receptor are not limited.", DP, DS)
    yield from together(*(_receptors(look, t) for t in tests))


def _receptors(look: Look, test: SpecTest) -> Iterator[Said]:
    limits = uppers(look.criterion(test))
    if not limits:
        yield look.at(test, "criterion", f"The test {test.named()} has no upper limit.", "Set an upper limit.")
    shares = [v for high, unit in limits if (v := convert(high, unit or "%", "%")) is not None]
    if not shares or test.justification:
        return
    cells = _largest_dose(look) * max(shares) / 100
    most = look.settings.number("alloreactive_cells")
    if cells > most:
        said = (
            f"The test {test.named()} at its limit brings {quantity(_rounded(cells), 'cells/kg')} with the largest dose"
        )
        yield look.at(
            test,
            "criterion",
            f"{said}, more than {quantity(most, 'cells/kg')}, and no reason is given.",
            "Lower the limit or the dose, or justify it.",
            Severity.WARNING,
        )


def _largest_dose(look: Look) -> Decimal:
    """All cells for each kg in the largest dose. Raises `Needs`."""
    rules = look.all(DosingRule)
    doses = [r.maximum for r in rules if r.maximum is not None and (r.unit or "").endswith("/kg")]
    if not doses:
        without = tuple(origin(bare(r), "maximum") for r in rules)
        raise Needs(*without or (look.missing(DosingRule, "", name="maximum").origin,))
    tests = measuring(look, rows(look, DP, DS), Measurand.TRANSDUCTION)
    found = (convert(low, unit or "%", "%") for t in tests for low, unit in lowers(look.criterion(t)))
    shares = [s for s in found if s is not None and 0 < s <= 100]
    return max(doses) * 100 / min(shares) if shares else max(doses)


def _rounded(value: Decimal) -> Decimal:
    return Decimal(f"{value:.2g}").normalize()


@rule(
    "Q317",
    Severity.ERROR,
    "Edited cells: on target, off target, rearranged",
    why="Broken ends are joined wrongly at times. These are the controls that a hold which became public asked for.",
    source=("EMA/CAT/22473/2025, S.3.1 and P.5.1", "Wills 2023, table 1"),
    types=frozenset({EX_VIVO}),
    remedy="Add the study or the test.",
    reading="Off-target sites may be kept as records of their own. Growth without cytokine is looked for by words "
    "among the characterisation and the non-clinical studies; without it there is a warning only.",
)
def edits_are_characterised(look: Look) -> Iterator[Said]:
    if not _is_edited(look):
        return
    yield from together(_on_target(look), _studies(look))


def _on_target(look: Look) -> Iterator[Said]:
    if not measuring(look, known(look, DS, DP), Measurand.ON_TARGET):
        yield lacking(look, "The share of cells edited on target is not specified.", DS, DP)


def _studies(look: Look) -> Iterator[Said]:
    studies = look.all(CharacterisationStudy)
    topics = {s.topic for s in studies}
    if StudyTopic.OFF_TARGET not in topics and not look.all(OffTargetSite):
        yield look.missing(CharacterisationStudy, "No off-target site was characterised.", name="topic")
    if StudyTopic.TRANSLOCATION not in topics:
        said = "Large deletions and translocations were not characterised."
        yield look.missing(CharacterisationStudy, said, name="topic")
    words = look.settings.words("independent_growth_words")
    texts = [t for s in studies for t in (s.attribute, s.method)]
    texts += [t for n in look.all(NonclinicalStudy) for t in (n.title, n.endpoints)]
    if not speaks_of(words, *texts):
        product = look.product()
        said = "No assay shows that the edited cells do not grow without cytokine."
        yield look.at(product, "", said, "Add the assay to the characterisation.", Severity.WARNING)
