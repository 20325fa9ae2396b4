"""Rules about the safety from viruses and other agents (Q8)."""

from __future__ import annotations

from collections.abc import Iterator

from dossiers.binder import origin
from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import CELL_BASED, GENE, rule
from dossiers.checks.seen import bare
from dossiers.checks.specified import in_force
from dossiers.checks.wording import listed, names
from dossiers.records.adventitious import AdventitiousControl
from dossiers.records.characterisation import Impurity
from dossiers.records.clinical import SafetyMeasure
from dossiers.records.controls import InProcessControl
from dossiers.records.donors import CellBank
from dossiers.records.materials import Material, MaterialCategory, MaterialOrigin, MaterialRole
from dossiers.records.methods import AnalyticalMethod
from dossiers.records.process import Process, ProcessScope, ProcessStep
from dossiers.records.quality import SpecificationScope, SpecTest
from dossiers.records.results import TestResult
from dossiers.records.substance import ActiveSubstance, SubstanceType


@rule(
    "Q801",
    Severity.ERROR,
    "The evaluation of adventitious agents follows each biological material",
    each=Material,
    why="Assessors tick the materials off against this section, one by one.",
    source=("EMA/CAT/22473/2025, A.2", "ICH Q5A(R2)"),
    remedy="Add a control of adventitious agents for the material, with test, result and residual risk.",
    reading="Asked of material of human or animal origin and of vectors. A material that is made from another one of "
    "this "
    "file needs a line of its own.",
)
def agents_follow_the_material(look: Look, material: Material) -> Iterator[Said]:
    is_biological = material.origin_type is not None and material.origin_type.value in look.settings.words(
        "biological_origins"
    )
    is_vector = material.category is MaterialCategory.VECTOR and material.role is MaterialRole.STARTING
    if not (is_biological or is_vector):
        return
    lines = look.of(AdventitiousControl, source_material=material.uid)
    if not lines:
        if not look.all(AdventitiousControl):
            raise Needs(look.missing(AdventitiousControl, "", name="agent").origin)
        yield look.at(material, "", f"The evaluation of adventitious agents does not speak of {material.named()}.")
        return
    places = [
        origin(bare(line), fact)
        for line in lines
        for fact in ("test", "result", "residual_risk")
        if getattr(line, fact) in (None, "") and not look.is_excused(line, fact)
    ]
    if places:
        raise Needs(*places)


@rule(
    "Q802",
    Severity.ERROR,
    "The unprocessed harvest of a vector is tested for adventitious viruses",
    each=Process,
    why="The harvest is the richest sample in which an intruding virus can be found.",
    source=("ICH Q5A(R2)", "EMA/CAT/80183/2014"),
    remedy="Test the unprocessed harvest in cell culture, and for nucleic acid of viruses of the species.",
    types=GENE,
    reading="Asked of processes in use that make a vector. A control of a step counts, and a test of the "
    "specification whose "
    "sample is the harvest. Without a test for nucleic acid it is a warning.",
)
def harvest_is_tested(look: Look, process: Process) -> Iterator[Said]:
    if process.until or not _makes_vector(look, process):
        return
    steps = look.of(ProcessStep, process=process.uid)
    controls = [control for step in steps for control in look.of(InProcessControl, step=step.uid)]
    rows = _harvest_rows(look, process)
    if not controls and not rows:
        raise Needs(look.missing(InProcessControl, "", name="test").origin)
    titles = [*(_told(look, c) for c in controls), *(_told(look, r) for r in rows)]
    of_virus = [
        t for t in titles if names(t, look.settings.words("adventitious_virus_words")) or names(t, ["virus", "viral"])
    ]
    if not any(names(t, look.settings.words("virus_culture_words")) for t in of_virus):
        said = (
            f"No control tests the unprocessed harvest of {process.named()} for adventitious viruses in cell culture."
        )
        yield look.at(process, "", said)
    elif not any(names(t, look.settings.words("virus_nucleic_words")) for t in of_virus):
        said = f"The harvest of {process.named()} is tested in cell culture, and not for nucleic acid of viruses."
        yield look.at(process, "", said, "Add a test of nucleic acid, or give the reason.", Severity.WARNING)


def _makes_vector(look: Look, process: Process) -> bool:
    if process.scope is ProcessScope.VECTOR:
        return True
    if process.scope not in (ProcessScope.DS, ProcessScope.COMBINED):
        return False
    substances = look.named(ActiveSubstance, [process.active_substance] if process.active_substance else [])
    return any(s.type is SubstanceType.VIRUS_VECTOR for s in substances or look.all(ActiveSubstance))


def _harvest_rows(look: Look, process: Process) -> list[SpecTest]:
    """Rows of the vector's specification whose sample is the harvest."""
    words = look.settings.words("harvest_words")
    if process.scope is ProcessScope.VECTOR:
        held = [s for s in in_force(look, SpecificationScope.VECTOR) if s.material == process.material]
    else:
        held = list(in_force(look, SpecificationScope.DS))
    rows = [test for s in held for test in look.of(SpecTest, specification=s.uid)]
    return [t for t in rows if names(t.sampling, words) or names(t.time_point, words) or names(t.test, words)]


def _told(look: Look, test: InProcessControl | SpecTest) -> str:
    method = look.find(AnalyticalMethod, test.method)
    return " ".join(filter(None, (test.test, method.title if method else "", method.principle if method else "")))


@rule(
    "Q803",
    Severity.ERROR,
    "Animal feeder cells are handled as xenogeneic material",
    each=Material,
    why="Contact with living animal cells carries the risk of an infection from the animal to the patient.",
    source=("EMEA/CHMP/CPWP/83508/2009", "EMA/CAT/22473/2025, A.2"),
    remedy="Test the bank, show that the cells stop growing, limit what remains, and keep patients from giving blood.",
    types=CELL_BASED,
    reading="That patients do not give blood is read from the safety measures.",
)
def feeder_cells_are_safe(look: Look, material: Material) -> Iterator[Said]:
    if (
        material.category is not MaterialCategory.FEEDER
        or look.need(material, "origin_type") is not MaterialOrigin.ANIMAL
    ):
        return
    banks = look.of(CellBank, material=material.uid)
    measures = look.all(SafetyMeasure)
    lacking = {
        "tested bank": any(look.of(TestResult, bank=bank.uid) for bank in banks),
        "proof that the cells stop growing": bool(material.inactivation) or look.is_excused(material, "inactivation"),
        "limit of what remains": any(i.limit for i in look.of(Impurity, material=material.uid)),
        "assessment of the animal's viruses": bool(material.viral_treatment),
        "ban on giving blood": any(names(m.measure, look.settings.words("blood_ban_words")) for m in measures),
    }
    missing = [what for what, is_there in lacking.items() if not is_there]
    if missing:
        yield look.at(material, "", f"The animal feeder cells {material.named()} have no {listed(missing)}.")
