"""The investigational product: what it is, whose cells it is made of, how it is given."""

from __future__ import annotations

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Choice, Form, Record, fact
from dossiers.stage import Stage

GROUP = "Product and regulation"


class ProductRole(Choice):
    """What a product does in the trial."""

    TEST = "test"
    PLACEBO = "placebo"
    COMPARATOR = "comparator"
    AUXILIARY = "auxiliary"


class AtmpClass(Choice):
    """Legal class of an advanced therapy medicinal product; combined where a device is part of it."""

    GTMP_IN_VIVO = "gtmp_in_vivo"
    GTMP_EX_VIVO = "gtmp_ex_vivo"
    SCTMP = "sctmp"
    TEP = "tep"
    COMBINED = "combined"


AtmpClass.labelled(
    GTMP_IN_VIVO="gene therapy, in vivo",
    GTMP_EX_VIVO="gene therapy, ex vivo modified cells",
    SCTMP="somatic cell therapy",
    TEP="tissue-engineered product",
    COMBINED="combined ATMP",
)


class SubType(Choice):
    """Technical type of a product; decides which example tests a specification starts with."""

    CAR_T_LENTIVIRAL = "CAR-T lentiviral"
    CAR_T_NON_VIRAL = "CAR-T non-viral"
    CAR_T_EDITED = "CAR-T edited allogeneic"
    TCR_T = "TCR-T"
    CAR_NK = "CAR-NK"
    HSC_LV = "HSC-LV"
    HSC_EDITED = "HSC edited"
    AAV = "AAV"
    ADENOVIRUS = "adenovirus"
    ONCOLYTIC = "oncolytic"
    PLASMID = "plasmid"
    MRNA = "mRNA"
    IN_VIVO_EDITING = "in vivo editing"
    MSC = "MSC"
    TIL = "TIL"
    TREG = "Treg"
    VIRUS_SPECIFIC_T = "virus-specific T cells"
    NK = "NK"
    DC = "DC"
    IPSC_DERIVED = "iPSC-derived"
    CHONDROCYTE = "chondrocyte"
    KERATINOCYTE = "keratinocyte"
    SCAFFOLD_TISSUE = "cells on scaffold"
    OTHER = "other"


finds_by_receptor = only.where(
    "The cells find their target by a receptor that was put into them.",
    sub_type=(
        SubType.CAR_T_LENTIVIRAL,
        SubType.CAR_T_NON_VIRAL,
        SubType.CAR_T_EDITED,
        SubType.TCR_T,
        SubType.CAR_NK,
    ),
)


class Origin(Choice):
    """Whose cells the product is made of."""

    AUTOLOGOUS = "autologous"
    ALLOGENEIC = "allogeneic"
    NOT_CELLS = "not_cells"


class Route(Choice):
    """Route of administration."""

    INTRAVENOUS = "intravenous"
    INTRA_ARTERIAL = "intra_arterial"
    INTRATHECAL = "intrathecal"
    INTRACEREBRAL = "intracerebral"
    SUBRETINAL = "subretinal"
    INTRAVITREAL = "intravitreal"
    INTRAMUSCULAR = "intramuscular"
    SUBCUTANEOUS = "subcutaneous"
    INTRADERMAL = "intradermal"
    INTRATUMORAL = "intratumoral"
    INTRALESIONAL = "intralesional"
    INTRA_ARTICULAR = "intra_articular"
    INTRACARDIAC = "intracardiac"
    IMPLANTATION = "implantation"
    CUTANEOUS = "cutaneous"
    OCULAR = "ocular"
    OTHER = "other"


Route.labelled(INTRA_ARTERIAL="intra-arterial", INTRA_ARTICULAR="intra-articular")


class DevelopmentPhase(Choice):
    """How far the clinical development is, which decides the depth of the dossier."""

    EXPLORATORY = "exploratory"
    CONFIRMATORY = "confirmatory"


class GmoStatus(Choice):
    """Procedure for genetically modified organisms."""

    NONE = "none"
    CONTAINED = "contained"
    DELIBERATE = "deliberate"
    BOTH = "both"


GmoStatus.labelled(
    CONTAINED="contained use", DELIBERATE="deliberate release", BOTH="contained use and deliberate release"
)


class Product(Record, table=True):
    """The investigational product; one record for each product, placebo or comparator."""

    called = ("Product", "Products")
    group = GROUP
    naming = ("name",)

    code: str | None = fact(
        "Product code",
        ask="The code on labels and in the protocol.",
        due=Stage.FEASIBILITY,
        source=by.OVERVIEW,
        example="KUL-CAR19-01",
        max_length=80,
    )
    other_codes: list[str] | None = fact("Other codes", ask="Earlier or other codes, one on a line.")
    name: str | None = fact(
        "Product name",
        ask="What the product is called in the dossier.",
        due=Stage.FEASIBILITY,
        source=by.OVERVIEW,
        example="Autologous CD19 CAR-T cells",
    )
    inn: str | None = fact(
        "International non-proprietary name",
        ask="Leave empty with a reason if none is assigned.",
        example="varnimcabtagene autoleucel",
    )
    atc: str | None = fact(
        "ATC code", ask="Anatomical therapeutic chemical code of an authorised product.", example="M09AX09"
    )
    role: ProductRole | None = fact(
        "Role in the trial",
        ask="Test product, placebo, comparator or auxiliary.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
    )
    sponsor: str | None = fact(
        "Sponsor",
        ask="Organisation that takes responsibility for the trial.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
        example="UZ Leuven",
    )
    # A01: one organisation may play every role, or several share one.
    developers: list[str] | None = fact("Developers", ask="Organisations that developed the product, one on a line.")
    atmp_class: AtmpClass | None = fact(
        "ATMP class",
        ask="Legal class; it decides which sections apply.",
        due=Stage.FEASIBILITY,
        source=by.ATMP_REGULATION,
    )
    # A59: the class is a decision, not a consequence of "genetically modified".
    class_reference: str | None = fact(
        "Classification decision",
        ask="Who decided the class, when, under which reference.",
        example="CAT scientific recommendation, 12 Mar 2026",
    )
    sub_type: SubType | None = fact(
        "Product type", ask="Technical type; it decides the example tests.", due=Stage.FEASIBILITY, source=by.OVERVIEW
    )
    origin: Origin | None = fact(
        "Origin of the cells", ask="Own cells, a donor's cells, or no cells.", due=Stage.FEASIBILITY, source=by.OVERVIEW
    )
    # A08: self, related, unrelated or bank donors, and for whom the product is meant.
    donor_relation: str | None = fact(
        "Donor and recipient",
        ask="How donor and recipient are related and matched.",
        example="haploidentical family donor for one named recipient",
    )
    indication: str | None = fact(
        "Indication",
        ask="Disease, stage and population in one line.",
        due=Stage.FEASIBILITY,
        source=by.OVERVIEW,
        example="relapsed or refractory B-ALL, adults",
    )
    pharmaceutical_form: str | None = fact(
        "Pharmaceutical form",
        ask="EDQM standard term.",
        due=Stage.DOSSIER,
        source=by.P_1,
        example="dispersion for infusion",
    )
    appearance: str | None = fact(
        "Appearance", ask="What the product looks like to the person who gives it.", example="cloudy liquid"
    )
    presentation: str | None = fact(
        "Presentation",
        ask="Containers, number and fill; a rule where the dose decides.",
        due=Stage.DOSSIER,
        source=by.P_1,
        example="1 to 2 cryobags of 20 to 50 mL",
    )
    route: Route | None = fact(
        "Route of administration", ask="Route by which the product is given.", due=Stage.FEASIBILITY, source=by.OVERVIEW
    )
    # Units count what is dosed (spheroids/cm², vg/eye), so that no closed list holds them.
    dose_unit: str | None = fact(
        "Dose unit",
        ask="What is counted, and per what.",
        due=Stage.DOSSIER,
        source=by.RULE_DENOMINATOR,
        example="viable CAR+ T cells/kg",
        max_length=80,
    )
    strength: str | None = fact(
        "Strength",
        form=Form.CRITERION,
        ask="Range or value with its unit.",
        due=Stage.DOSSIER,
        source=by.P_1,
        example="1e6–1e7 viable CAR+ cells/mL",
    )
    dev_phase: DevelopmentPhase | None = fact(
        "Development phase",
        ask="Exploratory or confirmatory; it decides the depth of data.",
        due=Stage.DOSSIER,
        source=by.OVERVIEW,
    )
    # A56, A59: four independent flags; none follows from the class.
    genetically_modified: bool | None = fact(
        "Genetically modified",
        ask="Whether the product holds modified genetic material.",
        due=Stage.FEASIBILITY,
        source=by.ATMP_REGULATION,
    )
    integrating: bool | None = fact(
        "Integrates into the genome",
        ask="Whether a vector or an edit changes the genome for good.",
        due=Stage.DOSSIER,
        when=only.is_genetically_modified,
        source=by.FOLLOW_UP,
    )
    new_binder: bool | None = fact(
        "New binder",
        ask="Whether this binder has not been in humans before; a known binder on a known target is not new.",
        due=Stage.DOSSIER,
        when=finds_by_receptor,
        source=by.EDITING,
    )
    gmo_status: GmoStatus | None = fact(
        "GMO procedure", ask="Contained use, deliberate release, both or none.", due=Stage.DOSSIER, source=by.GMO_STATUS
    )
    expected_benefit: str | None = fact(
        "Expected benefit",
        form=Form.TEXT,
        ask="What the patient may gain, in a sentence.",
        due=Stage.DOSSIER,
        source=by.CTR_ANNEX_I_G,
        example="remission before transplant",
    )
