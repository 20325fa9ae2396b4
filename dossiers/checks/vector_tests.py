"""Rules about tests that vectors call for (Q3): copies, replicating virus, transduction, particles, residues."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look
from dossiers.checks.rules import EX_VIVO, GENE, IN_VIVO, PIVOTAL, rule
from dossiers.checks.specified import (
    DP,
    DS,
    INTERMEDIATE,
    constructs,
    is_limited,
    is_open,
    known,
    lacking,
    measuring,
    meets,
    pieces,
    recognised,
    rows,
    speaks_of,
    spoken,
    together,
    uppers,
)
from dossiers.limits import Absent, LimitFault, parse, quantity
from dossiers.records.adventitious import AdventitiousControl, AgentClass, ControlLevel
from dossiers.records.characterisation import Impurity
from dossiers.records.materials import Material, MaterialCategory
from dossiers.records.measurands import Measurand
from dossiers.records.methods import AnalyticalMethod, MethodValidation, ValidationParameter
from dossiers.records.product import SubType
from dossiers.records.quality import SpecificationScope, SpecTest
from dossiers.records.substance import ConstructType, EditTarget, GeneticConstruct, Replication

RETROVIRAL = (ConstructType.LENTIVIRAL, ConstructType.RETROVIRAL)
VIRAL = (*RETROVIRAL, ConstructType.AAV, ConstructType.ADENOVIRAL, ConstructType.ONCOLYTIC_VIRUS)
CARRIERS = (
    *VIRAL,
    ConstructType.TRANSPOSON,
    ConstructType.EDIT_DONOR,
    ConstructType.LINEAR_DNA,
    ConstructType.MRNA,
)
VECTOR, BANK = SpecificationScope.VECTOR, SpecificationScope.BANK
MODIFIED_CELLS = "EMA/CAT/GTWP/671639/2008 rev. 1"
VECTORS = "EMA/CAT/80183/2014"
CELLS = frozenset({EX_VIVO})


@rule(
    "Q307",
    Severity.ERROR,
    "The vector copy number is limited",
    why="Each further insertion is a further chance to hit a gene that drives cancer.",
    source=(f"{MODIFIED_CELLS}, quality", "EMA/CAT/22473/2025, P.5.1"),
    remedy="Add the test with an upper limit for each modified cell.",
    types=CELLS,
    reading="Asked where a construct is of a kind that integrates in copies; an edit of the genome is not. A limit "
    "above the usual one is a warning, and a justification of the row answers it.",
)
def copies_are_limited(look: Look) -> Iterator[Said]:
    words = look.settings.words("integrating_constructs")
    integrating = (kind for kind in ConstructType if kind in words)
    if not constructs(look, *integrating):
        return
    tests = measuring(look, known(look, DS, DP), Measurand.COPY_NUMBER)
    if not tests:
        yield lacking(look, "The vector integrates, and no vector copy number is specified.", DP, DS)
    yield from together(*(_copies(look, t) for t in tests))


def _copies(look: Look, test: SpecTest) -> Iterator[Said]:
    limits = uppers(look.criterion(test))
    if not limits:
        yield look.at(test, "criterion", f"The test {test.named()} has no upper limit.", "Set an upper limit.")
        return
    words, usual = look.settings.words("transduced_words"), look.settings.number("most_copies")
    for value, unit in limits:
        if not speaks_of(words, unit, test.unit, test.population, test.test):
            if not measuring(look, rows(look, DS, DP), Measurand.TRANSDUCTION):
                said = f"The test {test.named()} counts for each cell, and no test tells the share of modified cells."
                yield look.at(test, "unit", said, "Count for each modified cell, or test their share, too.")
        elif value > usual and not test.justification:
            said = f"The test {test.named()} may reach {quantity(value, unit)}, above the usual {quantity(usual, unit)}"
            yield look.at(
                test, "criterion", f"{said}, and no reason is given.", "Lower or justify it.", Severity.WARNING
            )


@rule(
    "Q308",
    Severity.ERROR,
    "Replication-competent retro- or lentivirus is tested",
    why="Recombination while the vector is made would put a virus that multiplies into the patient.",
    source=(MODIFIED_CELLS, VECTORS, "Ph. Eur. 5.14"),
    types=CELLS,
    remedy="Add the test with the limit “not detected”.",
    reading="Asked of the vector lot, of the cells at the end of its production (found by words in the row, in its "
    "method’s sample or in the table of adventitious agents) and of the modified cells. For the modified cells a row "
    "of that table at the level of the product, which says what is done instead and why, is an answer.",
)
def replicating_retrovirus_is_tested(look: Look) -> Iterator[Said]:
    if constructs(look, *RETROVIRAL):
        yield from together(_of_vector(look), _of_producers(look), _of_cells(look), _of_assays(look))


def _replicating(look: Look, *scopes: SpecificationScope) -> tuple[SpecTest, ...]:
    return measuring(look, rows(look, *scopes), Measurand.REPLICATING_RETROVIRUS)


def _controls(look: Look) -> tuple[AdventitiousControl, ...]:
    return tuple(c for kind in (AgentClass.RCL, AgentClass.RCR) for c in look.of(AdventitiousControl, agent_class=kind))


def _of_vector(look: Look) -> Iterator[Said]:
    known(look, VECTOR)
    if not _replicating(look, VECTOR):
        yield lacking(look, "The vector is not tested for replication-competent virus.", VECTOR)


def _of_producers(look: Look) -> Iterator[Said]:
    known(look, VECTOR)
    words = look.settings.words("end_of_production_words")
    if any(speaks_of(words, *_told(look, t)) for t in _replicating(look, VECTOR, BANK)):
        return
    if not any(speaks_of(words, c.stage, c.test) for c in _controls(look)):
        said = "Nothing says that the cells at the end of vector production are tested for replication-competent virus."
        yield lacking(look, said, VECTOR, remedy="Test them, and say so in the sample of the test or its method.")


def _told(look: Look, test: SpecTest) -> tuple[str | None, ...]:
    method = look.find(AnalyticalMethod, test.method)
    return test.test, test.sampling, test.time_point, test.justification, method.sample if method else None


def _of_cells(look: Look) -> Iterator[Said]:
    known(look, DS, DP)
    if _replicating(look, DS, DP, INTERMEDIATE):
        return
    answered = (c for c in _controls(look) if c.control_level is ControlLevel.PRODUCT)
    if not any(c.test or look.is_excused(c, "test") for c in answered):
        said = "The modified cells are not tested for replication-competent virus, and no reason is given."
        remedy = "Add the test, or say among the adventitious agents, at the product, what is done instead and why."
        yield lacking(look, said, DP, DS, remedy=remedy)


def _of_assays(look: Look) -> Iterator[Said]:
    for test in _replicating(look, VECTOR, BANK, DS, DP, INTERMEDIATE):
        if not all(isinstance(p, Absent) for p in pieces(look.criterion(test))):
            said = f"The limit of {test.named()} is {test.criterion}; nothing may be found."
            yield look.at(test, "criterion", said, "Write “not detected”.")
        method = look.find(AnalyticalMethod, test.method)
        if method is None:
            continue
        if not is_sensitivity_stated(look, method):
            said = f"The sensitivity of {method.named()} is not stated."
            yield look.at(test, "method", said, "Report the limit of detection of the assay.")
        if not method.sample and not look.is_excused(method, "sample"):
            yield look.at(test, "method", f"How much {method.named()} tests is not stated.", "State the sample.")


def is_sensitivity_stated(look: Look, method: AnalyticalMethod) -> bool:
    """Whether the validation of a method, or the table of adventitious agents, tells its limit of detection."""
    rows = look.of(MethodValidation, method=method.uid, parameter=ValidationParameter.DETECTION_LIMIT)
    return any(r.result for r in rows) or any(c.lod for c in look.of(AdventitiousControl, method=method.uid))


@rule(
    "Q309",
    Severity.ERROR,
    "Replication-competent AAV or adenovirus is limited",
    each=GeneticConstruct,
    why="Recombinants with helper or wild-type sequence spread and are shed in another way than the vector.",
    source=(VECTORS, "Ph. Eur. 5.14"),
    remedy="Add the test, with its limit for a stated number of particles.",
    types=GENE,
)
def replicating_vector_is_limited(look: Look, construct: GeneticConstruct) -> Iterator[Said]:
    kind = look.need(construct, "type")
    if kind not in (ConstructType.AAV, ConstructType.ADENOVIRAL):
        return
    if kind is ConstructType.ADENOVIRAL and look.need(construct, "replication_status") is not Replication.DEFICIENT:
        return
    tests = measuring(look, known(look, VECTOR, DS, DP), Measurand.REPLICATING_VECTOR)
    if not tests:
        said = f"No test limits replication-competent virus in {construct.named()}."
        yield look.at(construct, "replication_status", said)
    for test in tests:
        parts = pieces(look.criterion(test))
        if not any(_is_per_particles(getattr(p, "unit", ""), getattr(p, "amount", None)) for p in parts):
            said = f"The limit of {test.named()}, {test.criterion}, does not say in how many particles."
            yield look.at(test, "criterion", said, "Write for example “not detected in 1e10 vg”.")


def _is_per_particles(unit: str, amount: object) -> bool:
    """Whether a limit names the number of particles that it holds for: "in 10¹⁰ vg", "1 RCA/3 × 10¹⁰ vp"."""
    counted = unit if amount is not None else "/".join(re.split(r"/|\bper\b", unit)[1:])
    return bool(re.search(r"\b(?:vg|vp|particles?|genomes?|GC)\b", counted))


@rule(
    "Q310",
    Severity.ERROR,
    "Transduction and expression are in the specification",
    why="They tell what share of the dose is the medicine.",
    source=(MODIFIED_CELLS, "EMA/CAT/22473/2025, P.5.1"),
    remedy="Add the test, or say in “Measures” which row does it.",
    types=CELLS,
    reading="One test may show both: cells that bear the receptor are modified and express it. Cells that are only "
    "cut, without a construct that carries a gene, are not asked.",
)
def transduction_is_specified(look: Look) -> Iterator[Said]:
    held = look.all(GeneticConstruct)
    if not any(c.type in CARRIERS for c in held) and look.all(EditTarget):
        return
    tests = known(look, DS, DP)
    for what in (Measurand.TRANSDUCTION, Measurand.EXPRESSION):
        if not measuring(look, tests, what):
            yield lacking(look, f"No test of the {what.label} is specified.", DP, DS)


@rule(
    "Q313",
    Severity.WARNING,
    "AAV particles are characterised on each batch",
    why="Empty capsids add to what the immune system sees and do nothing else, so that they move the safe dose.",
    source=(VECTORS, "EMA/CAT/22473/2025, S.4.1"),
    remedy="Add the test to the drug substance or the drug product.",
    types=frozenset({IN_VIVO}),
)
def aav_is_characterised(look: Look) -> Iterator[Said]:
    if not constructs(look, ConstructType.AAV):
        return
    tests = known(look, DS, DP)
    severity = Severity.ERROR if PIVOTAL in look.phases else None
    for name in sorted(look.settings.words("aav_tests")):
        if not meets(look, tests, name):
            yield lacking(look, f"No batch is tested for {spoken(name)}.", DS, DP, severity=severity)


@rule(
    "Q314",
    Severity.WARNING,
    "Residual nucleic acid and protein are limited",
    why="Sequences of the producer cells and of the plasmid are packaged or carried along; traces of plasmid alone "
    "have stopped a trial.",
    source=(VECTORS, "Ph. Eur. 5.14"),
    remedy="Limit it in the specification, or among the impurities.",
    types=GENE,
    reading="Plasmid DNA is asked where a plasmid is used, endonuclease where one is used. A limit of an impurity "
    "counts as well as one of the specification. The size of residual DNA of a tumour line is not asked: no fact "
    "tells it apart from its amount.",
)
def residues_are_limited(look: Look) -> Iterator[Said]:
    needed = _residues(look)
    if not needed:
        return
    severity = Severity.ERROR if PIVOTAL in look.phases else None

    def asked(requirement: str) -> Iterator[Said]:
        tests = meets(look, known(look, DS, DP, VECTOR), requirement)
        if not any(is_limited(look, t) for t in tests) and not _is_limited_impurity(look, requirement):
            yield lacking(look, f"Nothing limits {spoken(requirement)}.", DS, DP, severity=severity)

    yield from together(*map(asked, needed))


def _residues(look: Look) -> tuple[str, ...]:
    """What is asked of this product, as requirements."""
    needed: dict[str, None] = {}
    if IN_VIVO in look.types and constructs(look, *VIRAL):
        needed |= dict.fromkeys((Measurand.HOST_DNA, Measurand.HOST_PROTEIN))
        has_construct = bool(look.of(GeneticConstruct, type=ConstructType.PLASMID))
        if has_construct or look.of(Material, category=MaterialCategory.PLASMID):
            needed[Measurand.PLASMID_DNA] = None
        if any(Measurand.NUCLEASE in recognised(look, m.name or "") for m in look.all(Material)):
            needed[Measurand.NUCLEASE] = None
    if EX_VIVO in look.types and (
        look.of(GeneticConstruct, type=ConstructType.TRANSPOSON) or look.product().sub_type is SubType.CAR_T_NON_VIRAL
    ):
        needed[f"{Measurand.PLASMID_DNA.value} or {Measurand.EDITOR.value}"] = None
    return tuple(str(n) for n in needed)


def _is_limited_impurity(look: Look, requirement: str) -> bool:
    wanted = {w.strip() for w in requirement.split(" or ")}
    for impurity in look.all(Impurity):
        if not wanted & {m.value for m in recognised(look, impurity.name or "")} or not impurity.limit:
            continue
        try:
            if not is_open(parse(impurity.limit)):
                return True
        except LimitFault:
            continue
    return False
