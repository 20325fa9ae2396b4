"""Rules about the container, and about the sterilising filter of vectors (Q707, Q708)."""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.binder import origin
from dossiers.blocks import Origin
from dossiers.checks.asepsis import simulations
from dossiers.checks.batches import GUIDELINE, is_of_the_product
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import EX_VIVO, GENE, PIVOTAL, rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import DS, INTERMEDIATE, is_open, measuring, rows, speaks_of
from dossiers.checks.temperatures import Span, temperature
from dossiers.checks.wording import listed
from dossiers.limits import LimitFault, parse
from dossiers.records.controls import InProcessControl
from dossiers.records.formulation import Container, ContainerScope
from dossiers.records.measurands import Measurand
from dossiers.records.process import Process, ProcessScope, ProcessStep
from dossiers.records.quality import SpecificationScope
from dossiers.records.stability import ClaimScope, Segment, ShelfLifeClaim
from dossiers.records.substance import ConstructType, GeneticConstruct

_VIRAL = (
    ConstructType.LENTIVIRAL,
    ConstructType.RETROVIRAL,
    ConstructType.AAV,
    ConstructType.ADENOVIRAL,
    ConstructType.ONCOLYTIC_VIRUS,
)


@rule(
    "Q707",
    Severity.WARNING,
    "The container is fit for what it holds",
    each=Container,
    why="Bags and vials leak or crack in liquid nitrogen.",
    source=(f"{GUIDELINE}, S.6 and P.7", "Ph. Eur. 3.2"),
    remedy="Enter the standard, the evidence of tightness at the temperature of storage, and the leachables.",
    reading="Asked of containers of substance and product, an error in the pivotal phase. The evidence of tightness is "
    "asked for product, and for what is stored frozen; there it must name a temperature as low as the storage.",
)
def container_is_fit(look: Look, container: Container) -> Iterator[Said]:
    if container.scope not in (ContainerScope.DS, ContainerScope.DP):
        return
    severity = Severity.ERROR if PIVOTAL in look.phases else None
    cold = _coldest(look, container)
    lacking = {
        "standard": "a standard that it meets (Ph. Eur. or CE mark)"
        if not speaks_of(look.settings.words("container_standards"), container.standard)
        else "",
        "integrity_evidence": _untight(container, cold),
        "leachables": "an assessment of extractables and leachables" if not container.leachables else "",
    }
    open_ = {n: w for n, w in lacking.items() if w and not look.is_excused(container, n)}
    if open_:
        said = f"The container {container.named()} lacks {listed(list(open_.values()))}."
        yield look.at(container, next(iter(open_)), said, severity=severity)


def _coldest(look: Look, container: Container) -> Span | None:
    """The temperature at which what the container holds is stored frozen, if it is."""
    scope = ClaimScope.DP if container.scope is ContainerScope.DP else ClaimScope.DS
    claims = look.of(ShelfLifeClaim, scope=scope, segment=Segment.FROZEN)
    spans = [temperature(look.need(c, "storage_condition")) for c in claims]
    return next((s for s in spans if s is not None), None)


def _untight(container: Container, cold: Span | None) -> str:
    """What the evidence of tightness lacks; "" if nothing."""
    if not container.integrity_evidence:
        is_asked = container.scope is ContainerScope.DP or cold is not None
        return "evidence that it keeps tight" if is_asked else ""
    if cold is None or cold.high is None:
        return ""
    tested = temperature(container.integrity_evidence)
    ends = [end for end in (tested.low, tested.high) if end is not None] if tested is not None else []
    return "" if ends and min(ends) <= cold.high else "evidence that it keeps tight at the temperature of storage"


# ---------------------------------------------------------------- filter


@rule(
    "Q708",
    Severity.WARNING,
    "A vector is sterile-filtered, with its bioburden limited, or made aseptically throughout",
    each=GeneticConstruct,
    why="Most vectors pass a filter of 0.2 µm; one that does not makes the whole process aseptic.",
    source=("EMA/CHMP/CVMP/QWP/850374/2015", "EMA/CAT/80183/2014"),
    remedy="Describe the filter, its test and the limit before it; or say why it cannot be filtered and simulate.",
    types=GENE,
    reading="Looked for in the process of the vector, or of the product where the vector is given as such: by the "
    "words of a step, and in-process controls of the process. A limit of bioburden in a specification before the "
    "product counts.",
)
def vector_is_filtered(look: Look, construct: GeneticConstruct) -> Iterator[Said]:
    if look.need(construct, "type") not in _VIRAL:
        return
    processes = _made_by(look, construct)
    steps = [s for p in processes for s in look.of(ProcessStep, process=p.uid)]
    words = look.settings.words("filter_words")
    filters = [s for s in steps if speaks_of(words, s.name, s.description, s.equipment)]
    if filters:
        yield from _controls(look, steps, filters)
    elif construct.unfiltered_because:
        yield from _simulated(look, construct, processes)
    elif steps:
        said = f"No step sterile-filters the vector {construct.named()}, and nothing says why."
        yield look.at(construct, "unfiltered_because", said)
    else:
        raise Needs(Origin(ProcessStep.kind(), "", "", "name"))


def _made_by(look: Look, construct: GeneticConstruct) -> list[Process]:
    """The processes in use that make the vector fit for use. Raises `Needs` where none is described."""
    if construct.material is not None:
        found = [p for p in look.of(Process, material=construct.material) if not p.until]
    elif EX_VIVO in look.types:
        raise Needs(origin(bare(construct), "material"))
    else:
        filled = (ProcessScope.DP, ProcessScope.COMBINED)
        found = [p for p in look.all(Process) if p.scope in filled and is_of_the_product(look, p)]
    if not found:
        raise Needs(Origin(Process.kind(), "", "", "scope"))
    return found


def _controls(look: Look, steps: list[ProcessStep], filters: list[ProcessStep]) -> Iterator[Said]:
    held = [c for s in steps for c in look.of(InProcessControl, step=s.uid) if _has_limit(c)]
    lacking = []
    if not any(speaks_of(look.settings.words("filter_test_words"), c.test) for c in held):
        lacking.append("a test of the filter’s integrity")
    before = measuring(look, rows(look, DS, INTERMEDIATE, SpecificationScope.VECTOR), Measurand.BIOBURDEN)
    if not before and not any(speaks_of(look.settings.words("bioburden_words"), c.test) for c in held):
        lacking.append("a limit of the bioburden before it")
    if lacking:
        yield look.at(filters[-1], "", f"The sterile filtration in {filters[-1].named()} lacks {listed(lacking)}.")


def _has_limit(control: InProcessControl) -> bool:
    try:
        return bool(control.limit) and not is_open(parse(control.limit or ""))
    except LimitFault:
        return False


def _simulated(look: Look, construct: GeneticConstruct, processes: list[Process]) -> Iterator[Said]:
    least = int(look.settings.number("least_media_fills"))
    for process in processes:
        good = [r for r in simulations(look, process) if r.n_positive == 0]
        if len(good) < least:
            said = f"{construct.named()} is not sterile-filtered, and {process.named()} has {len(good)} successful "
            yield look.at(construct, "unfiltered_because", f"{said}simulations; {least} are asked.")
