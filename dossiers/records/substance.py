"""The active substance and its genetics: constructs, their elements, edits and off-target sites."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Substance and genetics"


class SubstanceType(Choice):
    """What an active substance consists of."""

    CELLS = "cells"
    VIRUS_VECTOR = "virus_vector"
    PLASMID = "plasmid"
    OTHER = "other"


class ActiveSubstance(Record, table=True):
    """An active substance; the substance part of the dossier repeats for each."""

    called = ("Active substance", "Active substances")
    group = GROUP
    naming = ("name",)

    products: list[UUID] | None = fact(
        "Products",
        to="product",
        ask="Products that hold it.",
        due=Stage.DOSSIER,
        when=only.has_several_products,
        source=by.RULE_REPEAT,
    )
    code: str | None = fact(
        "Substance code",
        ask="Laboratory or company code.",
        due=Stage.DOSSIER,
        source=by.S_1_1,
        example="KUL-CAR19-DS",
        max_length=80,
    )
    name: str | None = fact(
        "Active substance",
        ask="Short name.",
        due=Stage.FEASIBILITY,
        source=by.S_1_1,
        example="autologous CAR19 T cells",
    )
    type: SubstanceType | None = fact("Type", ask="What it consists of.", due=Stage.FEASIBILITY, source=by.S_1_2)
    descriptive_name: str | None = fact(
        "Descriptive name",
        ask="Cell or vector type, serotype, transgene or edit.",
        due=Stage.DOSSIER,
        source=by.S_1_1,
        example="CD3+ T cells with a 4-1BB-zeta CD19 CAR",
    )
    former_codes: list[str] | None = fact("Former codes", ask="Earlier codes, one on a line.", example="LAB-C19-A")
    inn: str | None = fact(
        "INN", ask="Leave empty with a reason if none is assigned.", example="varnimcabtagene autoleucel"
    )
    identifiers: list[str] | None = fact(
        "Other identifiers", ask="Classification, orphan or accession numbers, one on a line."
    )
    description: str | None = fact(
        "Description",
        form=Form.TEXT,
        ask="What it looks like and consists of.",
        due=Stage.DOSSIER,
        source=by.S_1_2,
        example="cryopreserved viable cells",
    )
    mechanism_of_action: list[str] | None = fact(
        "Mechanism of action",
        ask="Steps in order, one on a line.",
        due=Stage.DOSSIER,
        source=by.S_1_3,
        example="CAR binds CD19",
    )
    physical_properties: list[str] | None = fact(
        "Physical properties",
        ask="“property: value: method”, one on a line.",
        due=Stage.DOSSIER,
        source=by.S_1_3,
        example="cell diameter: 8–12 µm: image cytometry",
    )
    defined_at_step: UUID | None = fact(
        "Formed at step",
        to="process_step",
        ask="Step after which it is the active substance.",
        due=Stage.DOSSIER,
        source=by.OVERVIEW,
    )


class ConstructType(Choice):
    """Kind of nucleic acid or vector."""

    LENTIVIRAL = "lentiviral"
    RETROVIRAL = "retroviral"
    AAV = "aav"
    ADENOVIRAL = "adenoviral"
    ONCOLYTIC_VIRUS = "oncolytic_virus"
    PLASMID = "plasmid"
    MRNA = "mrna"
    TRANSPOSON = "transposon"
    LINEAR_DNA = "linear_dna"
    EDIT_DONOR = "edit_donor"
    GRNA = "grna"
    OTHER = "other"


ConstructType.labelled(AAV="AAV", MRNA="mRNA", LINEAR_DNA="linear DNA", EDIT_DONOR="repair template", GRNA="guide RNA")


class Replication(Choice):
    """Whether a vector can multiply."""

    DEFICIENT = "deficient"
    COMPETENT = "competent"
    CONDITIONAL = "conditional"


Replication.labelled(
    DEFICIENT="replication-deficient", COMPETENT="replication-competent", CONDITIONAL="conditionally replicating"
)


class SequenceExtent(Choice):
    """How much of a construct was sequenced."""

    FULL = "full"
    INSERT = "insert"
    PARTIAL = "partial"
    NONE = "none"


SequenceExtent.labelled(FULL="in full", INSERT="insert and its flanks", PARTIAL="in part", NONE="not sequenced")


class GeneticConstruct(Record, table=True):
    """A vector, plasmid, repair template or other nucleic acid."""

    called = ("Genetic construct", "Genetic constructs")
    group = GROUP
    naming = ("name",)

    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance it is or modifies.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    # A02: a vector may be a starting material and a part of the substance at once.
    material: UUID | None = fact("Material", to="material", ask="Starting material that carries it.")
    name: str | None = fact(
        "Construct", ask="Name of the construct.", due=Stage.DOSSIER, source=by.S_1_2, example="LV-CAR19"
    )
    type: ConstructType | None = fact("Type", ask="Kind of vector or nucleic acid.", due=Stage.DOSSIER, source=by.S_1_2)
    generation: str | None = fact(
        "Generation and design", ask="Generation and safety features.", example="third generation, self-inactivating"
    )
    serotype_or_pseudotype: str | None = fact(
        "Serotype or pseudotype",
        ask="Of the particle.",
        due=Stage.DOSSIER,
        when=only.is_viral,
        source=by.S_1_2,
        example="VSV-G",
    )
    transgene: str | None = fact(
        "Transgene",
        form=Form.TEXT,
        ask="What the construct carries and what it expresses.",
        example="anti-CD19 scFv with 4-1BB and CD3-zeta",
    )
    size_bp: int | None = fact(
        "Size",
        unit="bp",
        gt=0,
        ask="Length of the genome or plasmid.",
        due=Stage.DOSSIER,
        source=by.GENETICS,
        example="8900",
    )
    replication_status: Replication | None = fact(
        "Replication", ask="Whether it can multiply.", due=Stage.DOSSIER, source=by.S_1_2
    )
    sequence_file: str | None = fact(
        "Sequence file",
        ask="Name of the annotated sequence (GenBank).",
        due=Stage.DOSSIER,
        source=by.GENETICS,
        example="lv-car19.gb",
    )
    sequence_confirmed: SequenceExtent | None = fact(
        "Sequenced", ask="How much of it was confirmed by sequencing.", due=Stage.DOSSIER, source=by.GENETICS
    )
    map_image: str | None = fact(
        "Map", ask="Name of the picture of the map.", due=Stage.DOSSIER, source=by.GENETICS, example="map.png"
    )
    resistance_marker: str | None = fact(
        "Resistance marker",
        ask="Selection marker; “none” if there is none.",
        due=Stage.DOSSIER,
        when=only.is_plasmid,
        source=by.S_2_3,
        example="kanamycin",
    )
    residual_antibiotic: str | None = fact(
        "Residual antibiotic",
        ask="Limit of the selecting antibiotic in the plasmid, or why none is needed.",
        due=Stage.DOSSIER,
        when=only.is_plasmid,
        source=by.S_2_3,
        example="≤ 1 ng/mg plasmid",
    )
    unfiltered_because: str | None = fact(
        "Why it is not sterile-filtered", ask="If it cannot pass a filter of 0.2 µm.", example="particles of 250 nm"
    )
    producer_cells: str | None = fact(
        "Producer cells", ask="Cells in which it is made.", example="human embryonic kidney cells"
    )


class ConstructElement(Record, table=True):
    """A functional element of a construct."""

    called = ("Construct element", "Construct elements")
    group = GROUP
    naming = ("order", "name")

    genetic_construct: UUID | None = fact(
        "Construct", to="genetic_construct", ask="Construct it is part of.", due=Stage.DOSSIER, source=by.S_1_2
    )
    order: int | None = fact("Number", ge=1, ask="Order from 5' to 3'.", due=Stage.DOSSIER, source=by.S_1_2)
    name: str | None = fact(
        "Element", ask="Name of the element.", due=Stage.DOSSIER, source=by.S_1_2, example="EF1α promoter"
    )
    function: str | None = fact(
        "Function", ask="What it does.", due=Stage.DOSSIER, source=by.S_1_2, example="drives the CAR"
    )
    origin: str | None = fact("Origin", ask="Species or source.", due=Stage.DOSSIER, source=by.S_1_2, example="human")
    start_bp: int | None = fact("Start", unit="bp", ge=1, ask="First base.", due=Stage.DOSSIER, source=by.GENETICS)
    end_bp: int | None = fact("End", unit="bp", ge=1, ask="Last base.", due=Stage.DOSSIER, source=by.GENETICS)
    sequence_verified: bool | None = fact(
        "Sequence confirmed", ask="Whether the sequence was confirmed.", due=Stage.DOSSIER, source=by.GENETICS
    )
    sequence_method: str | None = fact(
        "Confirmed by",
        ask="Sequencing method.",
        due=Stage.DOSSIER,
        when=only.is_verified,
        source=by.GENETICS,
        example="Sanger",
    )


class GenomeBuild(Choice):
    """Reference genome that positions refer to."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"
    T2T = "T2T-CHM13"


class EditType(Choice):
    """What a genome edit does."""

    KNOCKOUT = "knockout"
    KNOCK_IN = "knock-in"
    BASE = "base"
    PRIME = "prime"


EditType.labelled(BASE="base edit", PRIME="prime edit")


class EditTarget(Record, table=True):
    """A position in the genome that is edited on purpose."""

    called = ("Edit target", "Edit targets")
    group = GROUP
    naming = ("gene",)

    active_substance: UUID | None = fact(
        "Active substance",
        to="active_substance",
        ask="Substance that is edited.",
        due=Stage.DOSSIER,
        when=only.has_several_substances,
        source=by.RULE_REPEAT,
    )
    gene: str | None = fact("Gene", ask="Gene symbol.", due=Stage.DOSSIER, source=by.EDITING, example="TRAC")
    locus: str | None = fact(
        "Locus", ask="Position in the genome.", due=Stage.DOSSIER, source=by.EDITING, example="chr14:22547500"
    )
    genome_build: GenomeBuild | None = fact(
        "Genome build", ask="Reference that the position refers to.", due=Stage.DOSSIER, source=by.EDITING
    )
    guide_sequence: str | None = fact(
        "Guide sequence", ask="Bases of the spacer, 5' to 3'.", due=Stage.DOSSIER, source=by.EDITING, max_length=80
    )
    pam: str | None = fact(
        "PAM", ask="Protospacer-adjacent motif.", due=Stage.DOSSIER, source=by.EDITING, example="NGG", max_length=20
    )
    nuclease: str | None = fact(
        "Nuclease or editor", ask="Enzyme used.", due=Stage.DOSSIER, source=by.EDITING, example="SpCas9"
    )
    edit_type: EditType | None = fact("Edit type", ask="What the edit does.", due=Stage.DOSSIER, source=by.EDITING)
    intended_outcome: str | None = fact(
        "Intended outcome",
        ask="What the cell gains or loses.",
        due=Stage.DOSSIER,
        source=by.EDITING,
        example="loss of the T-cell receptor",
    )
    template: str | None = fact("Repair template", ask="If one is used.")


class Discovery(Choice):
    """How a candidate off-target site was found."""

    IN_SILICO = "in_silico"
    BIOCHEMICAL = "biochemical"
    CELLULAR = "cellular"


class OffTargetSite(Record, table=True):
    """A place where the editor may cut by mistake."""

    called = ("Off-target site", "Off-target sites")
    group = GROUP
    naming = ("gene", "locus")

    edit_target: UUID | None = fact(
        "Edit target", to="edit_target", ask="Edit it belongs to.", due=Stage.DOSSIER, source=by.EDITING
    )
    gene: str | None = fact("Gene", ask="Gene or region.", due=Stage.DOSSIER, source=by.EDITING)
    locus: str | None = fact("Locus", ask="Position in the genome.", due=Stage.DOSSIER, source=by.EDITING)
    discovery_method: Discovery | None = fact(
        "Found by", ask="Kind of search that found it.", due=Stage.DOSSIER, source=by.EDITING
    )
    mismatches: int | None = fact("Mismatches", ge=0, ask="Bases that differ from the guide.")
    verification_method: str | None = fact(
        "Verified by",
        ask="Method that measured it in edited cells.",
        due=Stage.DOSSIER,
        source=by.EDITING,
        example="amplicon sequencing",
    )
    frequency: str | None = fact(
        "Verified frequency",
        unit="%",
        form=Form.QUANTITY,
        ask="Share of edited reads.",
        due=Stage.DOSSIER,
        source=by.EDITING,
        example="<0.1",
    )
    lod: Decimal | None = fact(
        "Limit of detection",
        unit="%",
        ge=0,
        le=100,
        ask="Smallest share that would be seen.",
        due=Stage.DOSSIER,
        source=by.EDITING,
    )
    relevance: str | None = fact(
        "Risk assessment",
        form=Form.TEXT,
        ask="What an edit there would mean.",
        due=Stage.DOSSIER,
        source=by.EDITING,
        example="none, non-coding",
    )
