"""What a test can measure, as far as rules of the field ask for it: the bridge from a row's name to a requirement."""

from __future__ import annotations

from dossiers.records.base import Choice


class Measurand(Choice):
    """Something that a test measures. The list holds what is asked for by name, not everything that can be tested."""

    APPEARANCE = "appearance"
    VIABILITY = "viability"
    CELL_NUMBER = "cell_number"
    CELL_DENSITY = "cell_density"
    INTEGRITY = "integrity"
    PHENOTYPE = "phenotype"
    PATIENT_IDENTITY = "patient_identity"
    STERILITY = "sterility"
    BIOBURDEN = "bioburden"
    ENDOTOXIN = "endotoxin"
    MYCOPLASMA = "mycoplasma"
    ADVENTITIOUS_VIRUS = "adventitious_virus"
    DONOR_MARKERS = "donor_markers"
    TRANSDUCTION = "transduction"
    EXPRESSION = "expression"
    COPY_NUMBER = "copy_number"
    REPLICATING_RETROVIRUS = "replicating_retrovirus"
    REPLICATING_VECTOR = "replicating_vector"
    VECTOR_TITRE = "vector_titre"
    INFECTIOUS_TITRE = "infectious_titre"
    FULL_CAPSIDS = "full_capsids"
    AGGREGATES = "aggregates"
    HOST_DNA = "host_dna"
    HOST_PROTEIN = "host_protein"
    PLASMID_DNA = "plasmid_dna"
    NUCLEASE = "nuclease"
    EDITOR = "editor"
    ON_TARGET = "on_target"
    RECEPTOR_POSITIVE = "receptor_positive"
    PLURIPOTENT_CELLS = "pluripotent_cells"
    KARYOTYPE = "karyotype"
    MALIGNANT_CELLS = "malignant_cells"
    FIBROBLASTS = "fibroblasts"
    BLOOD_CELLS = "blood_cells"


Measurand.labelled(
    CELL_DENSITY="cells for each area or volume of scaffold",
    INTEGRITY="integrity and handling",
    PATIENT_IDENTITY="identity of the patient’s material",
    ADVENTITIOUS_VIRUS="adventitious viruses",
    DONOR_MARKERS="infectious markers of the donor",
    TRANSDUCTION="share of modified cells",
    EXPRESSION="expression of the transgene",
    COPY_NUMBER="vector copy number",
    REPLICATING_RETROVIRUS="replication-competent retro- or lentivirus",
    REPLICATING_VECTOR="replication-competent AAV or adenovirus",
    VECTOR_TITRE="vector genome titre",
    FULL_CAPSIDS="full and empty capsids",
    HOST_DNA="residual host cell DNA",
    HOST_PROTEIN="residual host cell protein",
    PLASMID_DNA="residual plasmid DNA",
    NUCLEASE="residual endonuclease",
    EDITOR="residual editor or transposase",
    ON_TARGET="on-target editing",
    RECEPTOR_POSITIVE="residual T-cell receptor positive cells",
    PLURIPOTENT_CELLS="residual pluripotent cells",
    KARYOTYPE="karyotype",
    MALIGNANT_CELLS="residual malignant or B cells",
    FIBROBLASTS="synovial or fibroblast-like cells",
    BLOOD_CELLS="cells of the blood line",
)
