"""Rules about what brings genes into cells: vectors, plasmids and editing reagents as starting materials (Q1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dossiers.checks.findings import Said, Severity
from dossiers.checks.look import Look, Needs
from dossiers.checks.rules import EX_VIVO, GENE, rule
from dossiers.checks.specified import together
from dossiers.checks.studies import is_edited
from dossiers.checks.topics import rows_of, uncovered
from dossiers.checks.wording import listed, names
from dossiers.records.donors import CellBank
from dossiers.records.materials import Material, MaterialCategory, MaterialGrade, MaterialRole
from dossiers.records.process import Process
from dossiers.records.quality import SpecTest
from dossiers.records.results import Batch, TestResult
from dossiers.records.substance import ConstructElement, ConstructType, EditTarget, GeneticConstruct, SequenceExtent

_GENETIC = (
    MaterialCategory.VECTOR,
    MaterialCategory.PLASMID,
    MaterialCategory.LINEAR_DNA,
    MaterialCategory.HELPER_VIRUS,
    MaterialCategory.MRNA,
    MaterialCategory.GRNA,
    MaterialCategory.NUCLEASE,
    MaterialCategory.RNP,
    MaterialCategory.TEMPLATE,
)


@rule(
    "Q112",
    Severity.ERROR,
    "Genetic starting material is made to the principles of good manufacturing practice",
    each=Material,
    why="These materials decide what the product is; the principles hold from the bank onward.",
    source=("EMA/246400/2021", "EudraLex Vol. 4 Part IV, 7.3", "EMA/CAT/80183/2014"),
    remedy="Enter the grade, the quality agreement with the maker and the bank it is made from.",
    types=GENE,
    reading="A bank is asked for only of vectors, plasmids and helper viruses: what is synthesised has none. A grade "
    "that is "
    "not known cannot be judged.",
)
def genetic_material_is_well_made(look: Look, material: Material) -> Iterator[Said]:
    if material.role is not MaterialRole.STARTING or material.category not in _GENETIC:
        return

    def grade() -> Iterator[Said]:
        held: MaterialGrade = look.need(material, "grade")
        if held.value not in look.settings.words("starting_material_grades"):
            said = f"The starting material {material.named()} is of the grade “{held.label}”."
            yield look.at(material, "grade", said, "Have it made to the principles of good manufacturing practice.")

    lacking = []
    if not material.quality_agreement and not look.is_excused(material, "quality_agreement"):
        lacking.append("quality agreement with its maker")
    banked = material.category.value in look.settings.words("banked_starting_materials")
    if banked and not look.of(CellBank, material=material.uid):
        lacking.append("bank from which it is made")
    said = f"The starting material {material.named()} has no {listed(lacking)}."
    look.need(material, "grade")
    yield from together(grade(), [look.at(material, "quality_agreement", said)] if lacking else [])


@rule(
    "Q113",
    Severity.ERROR,
    "Vector used outside the body has a full specification and batch results",
    each=Material,
    why="The vector is looked at almost as an active substance; without its data the cells cannot be judged.",
    source=("EMA/CAT/GTWP/671639/2008 rev. 1, 4.2", "EMA/CAT/22473/2025, S.2.3"),
    remedy="Add the tests to the specification of the vector, and enter the results of its lots.",
    types=frozenset({EX_VIVO}),
    reading="Tests of its specification in force count. A vector without any row or any lot is not judged yet.",
)
def vector_is_specified(look: Look, material: Material) -> Iterator[Said]:
    if material.role is not MaterialRole.STARTING or material.category is not MaterialCategory.VECTOR:
        return
    yield from together(_vector_tests(look, material), _vector_lots(look, material))


def _vector_tests(look: Look, material: Material) -> Iterator[Said]:
    tests = rows_of(look, material)
    if not tests:
        look.need(material, "specification_ref")
        raise Needs(look.missing(SpecTest, "", name="test").origin)
    missing = uncovered(look, tests, look.settings.table("vector_tests"))
    if missing:
        yield look.at(
            material, "specification_ref", f"The specification of {material.named()} has no test of {listed(missing)}."
        )


def _vector_lots(look: Look, material: Material) -> Iterator[Said]:
    lots = [b for p in look.of(Process, material=material.uid) for b in look.of(Batch, process_version=p.uid)]
    if not lots:
        raise Needs(look.missing(Batch, "", name="number").origin)
    if not any(result.value for lot in lots for result in look.of(TestResult, batch=lot.uid)):
        yield look.at(material, "", f"No lot of {material.named()} has a result.", "Enter the results of its lots.")


@rule(
    "Q116",
    Severity.ERROR,
    "Each construct has a map and a confirmed sequence",
    each=GeneticConstruct,
    why="Identity and safety elements can only be judged from a sequence that was confirmed.",
    source=("EMA/CAT/80183/2014, 4.1", "EMA/CAT/22473/2025, S.1.2"),
    remedy="Attach the map and the annotated sequence, and sequence the construct at least over the insert and its "
    "flanks.",
    types=GENE,
    reading="Elements with their origin are asked of what reaches the cell or the patient, not of helper plasmids.",
)
def construct_is_sequenced(look: Look, construct: GeneticConstruct) -> Iterator[Said]:
    is_silent = not (construct.map_image or construct.sequence_file)
    if is_silent and not any(look.is_excused(construct, name) for name in ("map_image", "sequence_file")):
        look.need(construct, "map_image", "sequence_file")
    yield from together(_map_and_file(look, construct), _extent(look, construct), _elements(look, construct))


def _map_and_file(look: Look, construct: GeneticConstruct) -> Iterator[Said]:
    for fact, what in (("map_image", "map"), ("sequence_file", "annotated sequence")):
        if not getattr(construct, fact) and not look.is_excused(construct, fact):
            yield look.at(construct, fact, f"The construct {construct.named()} has no {what}.")


def _extent(look: Look, construct: GeneticConstruct) -> Iterator[Said]:
    if look.is_excused(construct, "sequence_confirmed"):
        return
    extent: SequenceExtent = look.need(construct, "sequence_confirmed")
    if extent not in (SequenceExtent.FULL, SequenceExtent.INSERT):
        said = f"The construct {construct.named()} is sequenced as follows: {extent.label}."
        yield look.at(construct, "sequence_confirmed", said)


def _elements(look: Look, construct: GeneticConstruct) -> Iterator[Said]:
    if construct.type in (None, ConstructType.PLASMID, ConstructType.GRNA):
        return
    elements = look.of(ConstructElement, genetic_construct=construct.uid)
    if not elements:
        raise Needs(look.missing(ConstructElement, "", name="name").origin)
    for element in elements:
        if not element.origin and not look.is_excused(element, "origin"):
            said = f"The element {element.named()} of {construct.named()} has no origin."
            yield look.at(element, "origin", said, "Enter the species or source of the element.")
        elif element.sequence_verified is False:
            said = f"The sequence of the element {element.named()} of {construct.named()} is not confirmed."
            yield look.at(element, "sequence_verified", said)


@rule(
    "Q117",
    Severity.WARNING,
    "The antibiotic that selects a plasmid is no beta-lactam, and its residue is told",
    each=GeneticConstruct,
    why="Beta-lactams are kept out of production upstream, too; a gene of resistance in DNA that is given calls for "
    "reasons.",
    source=("EMA/CAT/80183/2014, 4.2",),
    remedy="Use another marker, or give the reason; state the limit of the residue.",
    types=GENE,
    justifiable=True,
    section="S.2.3.4",
)
def plasmid_selection_is_safe(look: Look, construct: GeneticConstruct) -> Iterator[Said]:
    if construct.type is not ConstructType.PLASMID or look.is_excused(construct, "resistance_marker"):
        return
    marker = look.need(construct, "resistance_marker")
    if names(marker, ["none", "no marker", "antibiotic-free"]):
        return
    if names(marker, look.settings.words("beta_lactam_markers")):
        where = " and is given to the patient" if construct.material is None else ""
        said = f"The plasmid {construct.named()} is selected by {marker}, a beta-lactam{where}."
        yield look.at(construct, "resistance_marker", said)
    elif not construct.residual_antibiotic and not look.is_excused(construct, "residual_antibiotic"):
        said = f"Nothing is said of the {marker} that remains in the plasmid {construct.named()}."
        yield look.at(construct, "residual_antibiotic", said)


@rule(
    "Q119",
    Severity.ERROR,
    "Editing reagents are starting materials with a specification",
    why="The purity of a guide decides where else it cuts, so that reagents are controlled like a vector.",
    source=("EMA/246400/2021", "EMA/CAT/22473/2025, S.2.3"),
    remedy="Enter the reagent as a starting material, with a specification that covers what is missing.",
    types=frozenset({EX_VIVO}),
    reading="A repair template is asked for only where an edit names one; a ribonucleoprotein is nuclease and guide "
    "at once.",
)
def editing_reagents_are_held(look: Look) -> Iterator[Said]:
    if not is_edited(look, look.product()):
        return
    starting = look.of(Material, role=MaterialRole.STARTING)
    roles: dict[str, Any] = dict(look.settings.table("editing_reagents"))
    if not any(target.template for target in look.all(EditTarget)):
        roles.pop("repair template", None)
    yield from together(*(_reagent(look, role, starting, categories) for role, categories in roles.items()))


def _reagent(look: Look, role: str, starting: tuple[Material, ...], categories: list[str]) -> Iterator[Said]:
    held = [m for m in starting if m.category is not None and m.category.value in categories]
    if not held:
        yield look.missing(Material, f"The genome is edited, and no starting material is the {role}.", name="category")
    for material in held:
        tests = rows_of(look, material)
        if not tests:
            look.need(material, "specification_ref")
            raise Needs(look.missing(SpecTest, "", name="test").origin)
        missing = uncovered(look, tests, look.settings.table("editing_reagent_tests"))
        if missing:
            said = f"The specification of {material.named()} ({role}) has no test of {listed(missing)}."
            yield look.at(material, "specification_ref", said)
