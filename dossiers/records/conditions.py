"""When a conditional fact is asked for: each takes a record and its binder and says yes or no; its docstring says why.

A condition whose own facts are still empty says no: the fact that decides is asked for first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID


class Holdings(Protocol):
    """What a condition may ask of a binder."""

    def all(self, kind: str) -> Sequence[Any]:
        """Every record of `kind`, in the project's order."""
        ...

    def find(self, uid: UUID) -> Any:
        """The record with that id, or None."""
        ...

    def grouped(self, kind: str, by: tuple[str, ...]) -> Mapping[tuple[Any, ...], Sequence[Any]]:
        """The records of `kind` by the values of the facts `by`."""
        ...

    @property
    def product(self) -> Any:
        """The investigational product, or None."""
        ...


Condition = Callable[[Any, Holdings], bool]


def where(reason: str, **facts: object) -> Condition:
    """A condition that holds where each named fact has the value given, or one of those given as a tuple."""

    def holds(record: Any, _binder: Holdings) -> bool:
        return all(getattr(record, name) in (v if isinstance(v, tuple) else (v,)) for name, v in facts.items())

    holds.__doc__ = reason
    return holds


def _linked(binder: Holdings, uid: UUID | None) -> Any:
    return binder.find(uid) if uid is not None else None


# ---------------------------------------------------------------- the project as a whole


def has_several_products(_record: Any, binder: Holdings) -> bool:
    """A record must say which product it belongs to once there are two."""
    return len(binder.all("product")) > 1


def has_several_substances(_record: Any, binder: Holdings) -> bool:
    """A record must say which active substance it belongs to once there are two."""
    return len(binder.all("active_substance")) > 1


def has_several_trials(_record: Any, binder: Holdings) -> bool:
    """A record must say which trial it belongs to once there are two."""
    return len(binder.all("trial")) > 1


def has_cells(_record: Any, binder: Holdings) -> bool:
    """The investigational product holds or consists of human cells."""
    return binder.product is not None and binder.product.origin in ("autologous", "allogeneic")


def is_confirmatory(_record: Any, binder: Holdings) -> bool:
    """The product is in confirmatory development, where limits are expected rather than reports."""
    return binder.product is not None and binder.product.dev_phase == "confirmatory"


def is_test_product(record: Any, binder: Holdings) -> bool:
    """The line belongs to the investigational product itself, not to a placebo or comparator."""
    product = _linked(binder, record.product) or binder.product
    return product is not None and product.role == "test"


# ---------------------------------------------------------------- product and dossier
is_genetically_modified = where(
    "The product holds genetically modified material, which is not the same as being a gene therapy.",
    genetically_modified=True,
)


def is_without_eudract_number(record: Any, _binder: Holdings) -> bool:
    """The trial was not begun under the old directive: it will have an EU trial number."""
    return not record.eudract_number


is_gmo_dossier = where("The document belongs to a procedure on genetically modified organisms.", type="gmo_dossier")
is_dossier_version = where("The document is a version of the dossier itself, whose history is told.", type="cover")
is_final = where("The document is in force, so somebody approved it.", status="final")
is_not_applicable = where("The section is declared not applicable and owes a reason.", applicable=False)
is_reviewed = where("The text was read by a second person.", status=("reviewed", "approved"))
is_other_body = where("The advice comes from a body that the list does not name.", body="other")


def is_open_risk(record: Any, binder: Holdings) -> bool:
    """No specification row, study or safety measure answers this risk yet."""
    answered = record.spec_tests or record.studies
    return not answered and all(measure.risk != record.uid for measure in binder.all("safety_measure"))


# ---------------------------------------------------------------- sites and genetics


def is_authorised(record: Any, _binder: Holdings) -> bool:
    """The site works under an authorisation, which has a number."""
    return record.authorisation_type is not None and record.authorisation_type != "none"


is_testing = where("The site tests; the tests it does are listed.", stage="testing")
is_shared = where("Other products are made in the same area.", shared=True)
is_viral = where(
    "The construct is packed in a virus particle with a serotype or a pseudotype.",
    type=("lentiviral", "retroviral", "aav", "adenoviral", "oncolytic_virus"),
)
is_plasmid = where("The construct is a plasmid, which bacteria keep because of a marker.", type="plasmid")
is_verified = where("The element's sequence was confirmed, by a method that is named.", sequence_verified=True)


# ---------------------------------------------------------------- materials and banks
is_of_human_or_animal_origin = where("The material comes from a human or an animal.", origin_type=("human", "animal"))
is_in_product_or_process = where(
    "A starting, raw or excipient material, which is tested when it arrives.", role=("starting", "raw", "excipient")
)


def is_specified_in_house(record: Any, binder: Holdings) -> bool:
    """A starting material, raw material or excipient that no pharmacopoeia specifies."""
    return is_in_product_or_process(record, binder) and record.grade is not None and record.grade != "pharmacopoeia"


is_made_to_order = where(
    "A starting material or excipient: who makes it matters, not only who sells it.", role=("starting", "excipient")
)
is_pharmacopoeial = where("The material follows a monograph, which is named.", grade="pharmacopoeia")
is_raw_material = where("Used in the process and not meant to be in the product: its residue is estimated.", role="raw")
is_dosed_material = where("A raw material or excipient, which is used in a concentration.", role=("raw", "excipient"))
is_excipient = where("The material is an excipient.", role="excipient")
is_diluent = where("The material dilutes or reconstitutes the product at the bedside.", role="diluent")


def is_diluent_or_novel(record: Any, _binder: Holdings) -> bool:
    """A diluent or a novel excipient: what it is made of is told."""
    return record.role == "diluent" or record.is_novel is True


is_derived_bank = where("The bank was made from another bank.", type=("WCB", "EPC", "WVS"))
is_passaged_bank = where(
    "The bank's cells or viruses are counted in passages.", type=("MCB", "WCB", "EPC", "MVS", "WVS")
)


# ---------------------------------------------------------------- process


def is_process_of_substance(record: Any, binder: Holdings) -> bool:
    """The process makes one of several active substances."""
    return record.scope in ("ds", "combined") and has_several_substances(record, binder)


def is_process_of_product(record: Any, binder: Holdings) -> bool:
    """The process makes one of several products."""
    return record.scope in ("dp", "combined") and has_several_products(record, binder)


is_process_of_material = where("The process makes a starting material, such as a vector.", scope=("starting", "vector"))


def has_no_steps(record: Any, binder: Holdings) -> bool:
    """The process has no steps from which its flow diagram could be drawn."""
    return all(step.process != record.uid for step in binder.all("process_step"))


def is_step_on_a_day(record: Any, binder: Holdings) -> bool:
    """The step belongs to a process that lasts longer than a day."""
    process = _linked(binder, record.process)
    return process is not None and process.duration is not None and process.duration > 1


is_critical_step = where("The step is critical and owes the reason.", is_critical=True)
is_ranged = where("A critical or key parameter, which is held within a range.", criticality=("critical", "key"))
is_acted_upon = where(
    "The control has a limit or an action level: what is done when it is missed is told.",
    limit_type=("limit", "action"),
)
is_transport = where("The material travels; its temperature is watched.", type="transport")
has_impact = where("The change may alter quality, so a comparison is due.", impact_on_quality=("possible", "expected"))


def is_run_on_product(record: Any, _binder: Holdings) -> bool:
    """The run used product, not medium or spiked material."""
    return record.type in ("evaluation", "validation", "transport", "hold") and record.material_type != "media"


is_aseptic_simulation = where("The run is an aseptic process simulation.", type="APS")
is_viral_clearance = where("The run shows removal or inactivation of a virus.", type="viral_clearance")


# ---------------------------------------------------------------- quality


def is_spec_of_substance(record: Any, binder: Holdings) -> bool:
    """The specification belongs to one of several active substances."""
    return record.scope == "ds" and has_several_substances(record, binder)


def is_spec_of_product(record: Any, binder: Holdings) -> bool:
    """The specification belongs to one of several products."""
    return record.scope == "dp" and has_several_products(record, binder)


is_spec_of_material = where(
    "The specification belongs to a material or a reagent.",
    scope=("starting_material", "plasmid", "vector", "reagent", "excipient", "scaffold"),
)
is_spec_of_bank = where("The specification belongs to a cell bank or virus seed.", scope=("bank", "virus_seed"))
is_spec_of_step = where("The specification belongs to an intermediate, which a step yields.", scope="intermediate")


def is_test_by_pharmacopoeia(record: Any, binder: Holdings) -> bool:
    """The test's method follows a pharmacopoeia chapter."""
    method = _linked(binder, record.method)
    return method is not None and bool(method.compendial_ref)


def is_method_by_pharmacopoeia(record: Any, binder: Holdings) -> bool:
    """A test that uses the method cites a pharmacopoeia chapter."""
    return any(test.method == record.uid and test.ph_eur_ref for test in binder.all("spec_test"))


is_withdrawn = where("The method is no longer used and owes the reason.", state="withdrawn")
has_numeric_criterion = where(
    "The criterion compares with a number, which has a unit.", criterion_type=("range", "min", "max")
)


def is_percentage(record: Any, _binder: Holdings) -> bool:
    """The criterion is a percentage, of a population that must be named."""
    return record.unit is not None and record.unit.lstrip().startswith("%")


is_reported_after_release = where(
    "The result comes after the patient was treated: a positive one needs a plan.", release_timing="after_release"
)


def is_without_bank(record: Any, _binder: Holdings) -> bool:
    """The result belongs to no bank, so it belongs to a batch."""
    return record.bank is None


def is_without_batch(record: Any, _binder: Holdings) -> bool:
    """The result belongs to no batch, so it belongs to a bank."""
    return record.batch is None


def is_made_from_substance_batch(record: Any, binder: Holdings) -> bool:
    """A drug product batch where drug substance batches are kept apart."""
    return record.scope == "dp" and any(batch.scope == "ds" for batch in binder.all("batch"))


is_given_out_of_specification = where(
    "The batch was given to a patient although it missed its specification.", disposition="oos_given"
)


def is_not_from_patient(record: Any, binder: Holdings) -> bool:
    """The batch was made of a healthy donor's cells: why it may speak for patients is told."""
    return record.donor_type == "healthy_donor" and has_cells(record, binder)


def is_reported(record: Any, _binder: Holdings) -> bool:
    """The result was reported, so it has a value."""
    return record.state is None or record.state in ("reported", "below_loq")


def is_not_extra_test(record: Any, _binder: Holdings) -> bool:
    """The result names no test of its own, so it answers a row of a specification."""
    return not record.test


def is_number(record: Any, _binder: Holdings) -> bool:
    """The value is a number, which has a unit."""
    return record.value is not None and any(char.isdigit() for char in record.value)


def is_not_measured(record: Any, _binder: Holdings) -> bool:
    """The impurity was not measured, so what remains at most is calculated."""
    return record.measured_level is None


def is_not_calculated(record: Any, _binder: Holdings) -> bool:
    """What remains of the impurity was not calculated, so its level is measured."""
    return record.calculated_max is None


is_of_substance_or_product = where("The study characterises substance or product.", scope=("ds", "dp"))
is_of_substance_or_product = where("The study characterises substance or product.", scope=("ds", "dp"))
is_formulation_trial = where("The study compares formulations or conditions.", scope="formulation")
is_in_house = where("The standard was made in house, from a batch.", type="in_house")


# ---------------------------------------------------------------- formulation, stability, use
is_kept_as_material = where(
    "The component is a material of this project, not one known by its name.", component_name=None
)
is_product_container = where("The container holds the drug product.", scope="dp")
is_ce_marked = where("The device bears the CE mark, on a certificate.", ce_marked=True)


def is_structural_or_unmarked(record: Any, _binder: Holdings) -> bool:
    """The device is part of the product or bears no CE mark: the dossier must describe it itself."""
    return record.role in ("integral", "scaffold") or record.ce_marked is False


is_scaffold = where("The device carries the cells.", role="scaffold")
is_compatibility = where("The study tests contact with an item.", type="compatibility")
is_compatibility_or_in_use = where("The study tests a time of contact or of use.", type=("compatibility", "in_use"))


def is_long_term_ongoing(record: Any, _binder: Holdings) -> bool:
    """The study goes on, and the shelf life may grow with it."""
    return bool(record.type == "long_term" and record.status == "ongoing")


def is_container_of_substance(record: Any, binder: Holdings) -> bool:
    """The container holds one of several active substances."""
    return record.scope == "ds" and has_several_substances(record, binder)


def is_container_of_product(record: Any, binder: Holdings) -> bool:
    """The container holds one of several products."""
    return record.scope == "dp" and has_several_products(record, binder)


is_study_of_product = is_claim_of_product = is_container_of_product


def is_one_of_several_batches(record: Any, binder: Holdings) -> bool:
    """The study follows several batches, so that the result must name its own."""
    study = _linked(binder, record.study)
    return study is not None and len(study.batch or ()) > 1


# ---------------------------------------------------------------- non-clinical and clinical
is_not_glp = where("The study was not done under good laboratory practice and owes the reason.", glp=False)
is_biodistribution = where("The study follows where the product goes.", type=("biodistribution", "shedding"))
is_toxicology = where("The study seeks the dose without adverse effect.", type="toxicology")


def has_human_data(record: Any, _binder: Holdings) -> bool:
    """Humans were treated in the study."""
    return record.status is not None and record.status.casefold() != "no human data" and record.n_subjects != 0


is_monitoring = where("The measure watches a value, which has a threshold.", type="monitoring")
is_sampling = where("The measure takes samples at set times.", type="sampling")
is_sampling_or_monitoring = where("The measure measures something, by a method.", type=("sampling", "monitoring"))
is_scheduled = where("The measure follows a calendar.", type=("sampling", "follow_up"))
is_stopping_rule = where("The measure stops the trial when a criterion is met.", type="stopping_rule")
is_follow_up = where("The measure follows subjects for years.", type="follow_up")
is_weight_banded = where("The dose is read from a table of weight bands.", basis_of_dose="weight_band")


# ---------------------------------------------------------------- proposal
is_of_cells = where("The proposed product is made from somebody's cells.", donor=("autologous", "allogeneic"))
is_gene_therapy = where(
    "The proposed product carries or uses a gene-transfer or editing tool.",
    product_type=("gene_in_vivo", "gene_ex_vivo"),
)


def may_be_rare(record: Any, _binder: Holdings) -> bool:
    """Fewer than 50 patients a year in Belgium: a prevalence decides on orphan designation."""
    return record.population_be is not None and record.population_be < 50


def has_inventions(record: Any, _binder: Holdings) -> bool:
    """An invention or a patent is named: the business developer is, too."""
    return bool(record.ip)
