"""The closed lists of the proposal."""

from __future__ import annotations

from dossiers.records.base import Choice


class Severity(Choice):
    """How the disease weighs."""

    LIFE_THREATENING = "life_threatening"
    SERIOUSLY_DEBILITATING = "seriously_debilitating"
    OTHER = "other"


Severity.labelled(LIFE_THREATENING="life-threatening")


class Paediatric(Choice):
    """Whether children are included."""

    NO = "no"
    LATER = "later"
    YES = "yes"


class Consulted(Choice):
    """Whether patients were heard."""

    NO = "no"
    PLANNED = "planned"
    YES = "yes"


class ProposedType(Choice):
    """Which class of product it might be."""

    SOMATIC_CELL = "somatic_cell"
    GENE_IN_VIVO = "gene_in_vivo"
    GENE_EX_VIVO = "gene_ex_vivo"
    TISSUE_ENGINEERED = "tissue_engineered"
    COMBINED = "combined"
    UNSURE = "unsure"


ProposedType.labelled(
    SOMATIC_CELL="somatic cell therapy",
    GENE_IN_VIVO="gene therapy, in vivo",
    GENE_EX_VIVO="gene therapy, modified cells",
)


class ProposedDonor(Choice):
    """Whose cells it is made from."""

    AUTOLOGOUS = "autologous"
    ALLOGENEIC = "allogeneic"
    NONE = "none"


class Tool(Choice):
    """Vector or editing tool."""

    LENTIVIRUS = "lentivirus"
    RETROVIRUS = "retrovirus"
    AAV = "aav"
    ADENOVIRUS = "adenovirus"
    MRNA = "mrna"
    CRISPR_RNP = "crispr_rnp"
    BASE_EDITOR = "base_editor"
    PLASMID = "plasmid"
    NONE = "none"


Tool.labelled(AAV="AAV", MRNA="mRNA", CRISPR_RNP="CRISPR ribonucleoprotein")


class Manipulation(Choice):
    """Whether cells are substantially manipulated or used for another function."""

    SUBSTANTIAL = "substantial"
    OTHER_FUNCTION = "other_function"
    NEITHER = "neither"
    UNSURE = "unsure"


Manipulation.labelled(OTHER_FUNCTION="not the same essential function")


class YesNoUnsure(Choice):
    """An answer that may be open."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Repeated(Choice):
    """Whether somebody else found the same."""

    NO = "no"
    SECOND_PERSON = "second_person"
    SECOND_LAB = "second_lab"


Repeated.labelled(SECOND_PERSON="by a second person", SECOND_LAB="by a second laboratory")


class Facility(Choice):
    """Where it might be made."""

    LEUVEN = "leuven"
    OTHER_HOSPITAL = "other_hospital"
    CDMO = "cdmo"
    UNKNOWN = "unknown"


Facility.labelled(LEUVEN="UZ/KU Leuven ATMP facility", CDMO="contract manufacturer")


class ConsentCells(Choice):
    """What the donors' consent covers."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNSURE = "unsure"


ConsentCells.labelled(YES="yes, development and commercial use")


class Touched(Choice):
    """Rules that the work touches."""

    NAGOYA = "nagoya"
    DUAL_USE = "dual_use"
    ANIMAL_ETHICS = "animal_ethics"
    HUMAN_EMBRYO = "human_embryo"


Touched.labelled(NAGOYA="Nagoya protocol", HUMAN_EMBRYO="human embryo rules")


class RouteWish(Choice):
    """How it might reach patients."""

    CLINICAL_TRIAL = "clinical_trial"
    HOSPITAL_EXEMPTION = "hospital_exemption"
    PARTNER = "partner"
    UNSURE = "unsure"


RouteWish.labelled(PARTNER="a partner takes over")


class Exit(Choice):
    """What follows the first trial."""

    FURTHER_TRIAL = "further_trial"
    SPIN_OFF = "spin_off"
    LICENCE = "licence"
    HOSPITAL_EXEMPTION = "hospital_exemption"
    UNSURE = "unsure"


Exit.labelled(FURTHER_TRIAL="a further academic trial", SPIN_OFF="spin-off")


class Confidentiality(Choice):
    """Who may read the proposal."""

    TEAM_ONLY = "team_only"
    PROGRAMME = "programme"
    OPEN = "open"


Confidentiality.labelled(PROGRAMME="the programme's staff", OPEN="all staff of the portal")
