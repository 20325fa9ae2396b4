"""The idea as it is proposed: what the first gate asks of the tandem."""

from __future__ import annotations

from decimal import Decimal

from dossiers.records import authorities as by
from dossiers.records import conditions as only
from dossiers.records.base import Form, Record, fact
from dossiers.records.proposing import (
    Confidentiality,
    ConsentCells,
    Consulted,
    Exit,
    Facility,
    Manipulation,
    Paediatric,
    ProposedDonor,
    ProposedType,
    Repeated,
    RouteWish,
    Severity,
    Tool,
    Touched,
    YesNoUnsure,
)
from dossiers.stage import Stage

GROUP = "Proposal"


class Proposal(Record, table=True):
    """An idea for a therapy, proposed by a clinician and a basic researcher."""

    called = ("Proposal", "Proposals")
    group = GROUP
    naming = ("acronym",)

    project_title: str | None = fact(
        "Working title",
        ask="No confidential words: it stands in lists.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
        example="CD19 CAR-T for adult leukaemia",
    )
    acronym: str | None = fact(
        "Acronym", ask="2 to 15 capitals, digits or hyphens.", due=Stage.PROPOSED, source=by.INTAKE, example="CAR19"
    )
    pi: str | None = fact("Principal investigator", ask="Name and function.", due=Stage.PROPOSED, source=by.INTAKE)
    clinical_lead: str | None = fact(
        "Clinical lead", ask="Name and UZ Leuven department.", due=Stage.PROPOSED, source=by.INTAKE
    )
    lab: str | None = fact("Research group", ask="Group or department.", due=Stage.PROPOSED, source=by.INTAKE)
    co_applicants: list[str] | None = fact("Partners", ask="Other universities, hospitals, companies; one a line.")
    lrd_contact: str | None = fact(
        "LRD contact",
        ask="Business developer or IP officer.",
        due=Stage.PROPOSED,
        when=only.has_inventions,
        source=by.INTAKE,
    )
    team_gaps: list[str] | None = fact(
        "Missing competences", ask="What the team lacks.", example="statistics; regulatory"
    )
    coi: str | None = fact(
        "Interests of the team",
        form=Form.TEXT,
        ask="Shares, inventions, board seats; or none.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    indication: str | None = fact(
        "Disease and stage",
        ask="With ORPHA, ICD or MedDRA code if known.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
        example="relapsed B-cell leukaemia (ORPHA:99860)",
    )
    population_be: int | None = fact(
        "Patients a year in Belgium", ask="Who could be treated.", due=Stage.PROPOSED, source=by.INTAKE, example="40"
    )
    prevalence_eu: Decimal | None = fact(
        "Prevalence in the EU",
        unit="per 10 000",
        ask="Decides on orphan designation.",
        due=Stage.PROPOSED,
        when=only.may_be_rare,
        source=by.INTAKE,
        example="0.3",
    )
    current_care: str | None = fact(
        "Best present treatment", form=Form.TEXT, ask="And its limits.", due=Stage.PROPOSED, source=by.INTAKE
    )
    unmet_need: str | None = fact(
        "What should change for the patient",
        form=Form.TEXT,
        ask="In a patient's words.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    severity: Severity | None = fact("Severity", ask="How the disease weighs.", due=Stage.PROPOSED, source=by.INTAKE)
    paediatric: Paediatric | None = fact(
        "Children included", ask="Now, later or not.", due=Stage.PROPOSED, source=by.INTAKE
    )
    patient_input: Consulted | None = fact("Patient organisation consulted", ask="Whether patients were heard.")
    patient_input_note: str | None = fact("What patients said", form=Form.TEXT, ask="In a line or two.")
    competitors: str | None = fact(
        "Others with the same aim",
        form=Form.TEXT,
        ask="Trials, authorised products, hospital exemptions; or none found.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    product_type: ProposedType | None = fact(
        "Class of product", ask="As far as you know.", due=Stage.PROPOSED, source=by.INTAKE
    )
    donor: ProposedDonor | None = fact("Donor", ask="Whose cells.", due=Stage.PROPOSED, source=by.INTAKE)
    cell_source: str | None = fact(
        "Starting tissue",
        ask="And how it is procured.",
        due=Stage.PROPOSED,
        when=only.is_of_cells,
        source=by.INTAKE,
        example="leukapheresis",
    )
    vector: list[Tool] | None = fact(
        "Vector or editing tool",
        ask="All that are used.",
        due=Stage.PROPOSED,
        when=only.is_gene_therapy,
        source=by.INTAKE,
    )
    transgene: str | None = fact(
        "Transgene or edited gene",
        ask="And its function.",
        due=Stage.PROPOSED,
        when=only.is_gene_therapy,
        source=by.INTAKE,
    )
    manipulation: Manipulation | None = fact(
        "Manipulation", ask="Substantial? Same essential function?", due=Stage.PROPOSED, source=by.INTAKE
    )
    manipulation_note: str | None = fact("Why", form=Form.TEXT, ask="Reason for that answer.")
    device: list[str] | None = fact("Devices", ask="Scaffold, delivery device, selection kit, companion test.")
    moa: str | None = fact(
        "Mode of action", form=Form.TEXT, ask="In three sentences.", due=Stage.PROPOSED, source=by.INTAKE
    )
    form_route: str | None = fact(
        "Form and route",
        ask="Single or repeated, fresh or frozen.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
        example="frozen suspension, one infusion",
    )
    dose: str | None = fact("Foreseen dose", ask="Range and basis.", example="1 × 10⁶ CAR+ cells/kg")
    gmo: YesNoUnsure | None = fact("GMO", ask="Contains or consists of one.", due=Stage.PROPOSED, source=by.INTAKE)
    qtpp_draft: str | None = fact(
        "Draft target product profile", form=Form.TEXT, ask="What the product must be and do."
    )
    evidence_list: str | None = fact(
        "Evidence",
        form=Form.TEXT,
        ask="Model, number, result, who, published; one experiment a line.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    independent_repeat: Repeated | None = fact(
        "Repeated independently", ask="By a second person or laboratory.", due=Stage.PROPOSED, source=by.INTAKE
    )
    in_vivo: str | None = fact(
        "Animal data",
        form=Form.TEXT,
        ask="And how far the model speaks for patients.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    safety_signals: str | None = fact(
        "Known risks",
        form=Form.TEXT,
        ask="Tumour, insertion, off-target, cytokine release, rejection.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    human_data: str | None = fact("Human use so far", form=Form.TEXT, ask="Own or of others.")
    potency_idea: str | None = fact(
        "Idea for a potency test", form=Form.TEXT, ask="What could be measured.", due=Stage.PROPOSED, source=by.INTAKE
    )
    process_sketch: str | None = fact(
        "Process in steps", form=Form.TEXT, ask="With days; open or closed.", due=Stage.PROPOSED, source=by.INTAKE
    )
    runs_done: int | None = fact(
        "Runs at the intended scale", ask="How many.", due=Stage.PROPOSED, source=by.INTAKE, example="3"
    )
    runs_succeeded: int | None = fact(
        "Of them successful", ask="How many.", due=Stage.PROPOSED, source=by.INTAKE, example="2"
    )
    materials: str | None = fact(
        "Critical materials",
        form=Form.TEXT,
        ask="Supplier and grade; one a line.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    single_source: list[str] | None = fact(
        "Single-source items", ask="Or bound to a licence; or none.", due=Stage.PROPOSED, source=by.INTAKE
    )
    scale: str | None = fact(
        "Scale",
        form=Form.TEXT,
        ask="Batch size, batches a patient, patients a year.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    vein_to_vein: str | None = fact(
        "Time from collection to dose",
        ask="That the patient can bear.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
        example="4 weeks",
    )
    facility_wish: Facility | None = fact(
        "Where it is made", ask="As you see it now.", due=Stage.PROPOSED, source=by.INTAKE
    )
    qc_methods: str | None = fact("Assays available", form=Form.TEXT, ask="And how far they are validated.")
    ip: str | None = fact(
        "Inventions and patents",
        form=Form.TEXT,
        ask="Disclosures, filings, dates, planned publications; or none.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    third_party_rights: str | None = fact(
        "Rights of others",
        form=Form.TEXT,
        ask="Licences, transfer agreements, cell lines, limits of consent; or none.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    consent_cells: ConsentCells | None = fact(
        "Donors' consent",
        ask="For development and commercial use.",
        due=Stage.PROPOSED,
        when=only.is_of_cells,
        source=by.INTAKE,
    )
    genetic_resources: list[Touched] | None = fact("Rules touched", ask="All that apply.")
    data_protection: str | None = fact("Personal data", form=Form.TEXT, ask="Used so far, and on which basis.")
    route_wish: RouteWish | None = fact(
        "Route to patients", ask="As you see it now.", due=Stage.PROPOSED, source=by.INTAKE
    )
    trial_idea: str | None = fact(
        "First trial", form=Form.TEXT, ask="Phase, number, main end point, sites.", due=Stage.PROPOSED, source=by.INTAKE
    )
    timeline: str | None = fact(
        "First patient",
        form=Form.MONTH,
        ask="Month you wish for.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
        example="2028-03",
    )
    timeline_reason: str | None = fact(
        "Why then", form=Form.TEXT, ask="What decides on it.", due=Stage.PROPOSED, source=by.INTAKE
    )
    budget_need: str | None = fact(
        "Money needed",
        form=Form.TEXT,
        ask="Per block: non-clinical, process, GMP runs, control, trial, follow-up.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    funding: str | None = fact(
        "Money secured or applied for",
        form=Form.TEXT,
        ask="With end dates; or none.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
    )
    exit: Exit | None = fact("After the first trial", ask="As you see it now.", due=Stage.PROPOSED, source=by.INTAKE)
    exit_note: str | None = fact("How", form=Form.TEXT, ask="In a line or two.")
    help: str | None = fact(
        "What you want from us now", form=Form.TEXT, ask="The first thing.", due=Stage.PROPOSED, source=by.INTAKE
    )
    confidential: Confidentiality | None = fact(
        "Confidentiality", ask="Who may read this.", due=Stage.PROPOSED, source=by.INTAKE
    )
    readers: list[str] | None = fact("People allowed to read", ask="Beside the team.")
    approval: str | None = fact(
        "Approval of the head of department",
        ask="Name and date.",
        due=Stage.PROPOSED,
        source=by.INTAKE,
        example="Head of haematology, 12 Mar 2026",
    )
    consent_processing: bool | None = fact(
        "We agree that this is stored and scored", ask="Needed to submit.", due=Stage.PROPOSED, source=by.INTAKE
    )
