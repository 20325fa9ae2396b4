"""What follows from a move by itself: answers create tasks when a proposal is submitted, and become facts at G0.

Which answer becomes which fact stands in `CARRIED`, nowhere else. An answer without a counterpart stays in the
proposal, which every member of the project can still read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import Basis, by_name, is_empty, show
from dossiers.records import RECORDS
from dossiers.records.base import Record
from dossiers.records.materials import MaterialRole
from dossiers.records.product import AtmpClass, GmoStatus, Origin, Product, ProductRole
from dossiers.records.proposal import Proposal
from dossiers.records.proposing import ProposedDonor, ProposedType, RouteWish, Tool, YesNoUnsure
from dossiers.records.regulatory import TrackKind, TrackState
from dossiers.records.substance import ConstructType, SubstanceType
from portal.gates.rules import in_force
from portal.models import Decision, Project
from portal.programme import Task
from portal.records.actions import Adding, Typed
from portal.stages import GATES, Verdict
from portal.trail import Unit

SOURCE = "Proposal"  # how a fact names where it comes from
FIRST = next(iter(GATES))
NOTHING = frozenset(
    {"none", "no", "nil", "n/a", "na", "-", "–", "geen", "nihil"}
)  # how people write that there is none


def follow(session: Unit, project: Project, made: Decision) -> None:
    """Do what follows from the decision `made`, in its unit: tasks after submitting, facts after admitting."""
    proposal = session.scalars(select(Proposal).where(col(Proposal.project_id) == project.id)).first()
    if proposal is None:
        return  # taken in from a project file: nobody filled in the form
    if made.move == "submit":
        triage(session, project, proposal, made.at.date())
    elif made.gate == FIRST and Verdict(made.verdict).passes:
        admit(session, project, proposal)


# ---------------------------------------------------------------- answers become facts


@dataclass(frozen=True, slots=True)
class Carried:
    """An answer that becomes a fact of a record: what of the answer it is, and what the reader should know of it."""

    answer: str
    kind: str
    fact: str
    turn: Callable[[Any], Any] = lambda answer: answer  # None: the answer says nothing of this fact
    note: str = ""


def _word(words: Mapping[Any, Any]) -> Callable[[Any], Any]:
    return words.get


CLASSES = {
    ProposedType.SOMATIC_CELL: AtmpClass.SCTMP,
    ProposedType.GENE_IN_VIVO: AtmpClass.GTMP_IN_VIVO,
    ProposedType.GENE_EX_VIVO: AtmpClass.GTMP_EX_VIVO,
    ProposedType.TISSUE_ENGINEERED: AtmpClass.TEP,
    ProposedType.COMBINED: AtmpClass.COMBINED,
}
ORIGINS = {
    ProposedDonor.AUTOLOGOUS: Origin.AUTOLOGOUS,
    ProposedDonor.ALLOGENEIC: Origin.ALLOGENEIC,
    ProposedDonor.NONE: Origin.NOT_CELLS,
}
OF_CELLS = dict.fromkeys(
    (ProposedType.SOMATIC_CELL, ProposedType.GENE_EX_VIVO, ProposedType.TISSUE_ENGINEERED), SubstanceType.CELLS
)
TRACKS = {RouteWish.CLINICAL_TRIAL: TrackKind.TRIAL, RouteWish.HOSPITAL_EXEMPTION: TrackKind.HOSPITAL_EXEMPTION}
CONSTRUCTS = {
    Tool.LENTIVIRUS: ConstructType.LENTIVIRAL,
    Tool.RETROVIRUS: ConstructType.RETROVIRAL,
    Tool.AAV: ConstructType.AAV,
    Tool.ADENOVIRUS: ConstructType.ADENOVIRAL,
    Tool.PLASMID: ConstructType.PLASMID,
    Tool.MRNA: ConstructType.MRNA,
}
FOR_GOOD = frozenset({Tool.LENTIVIRUS, Tool.RETROVIRUS, Tool.CRISPR_RNP, Tool.BASE_EDITOR})  # change the genome
# Messenger RNA alone is left to a person: whether the product then holds modified genetic material is argued.
MODIFIES = FOR_GOOD | {Tool.AAV, Tool.ADENOVIRUS, Tool.PLASMID}


def _any_of(tools: frozenset[Tool]) -> Callable[[list[Tool]], bool | None]:
    """True if one of `tools` is used; None, not False, if none is: the form asks of gene therapies only."""
    return lambda used: True if tools & frozenset(used) else None


def _construct(used: list[Tool]) -> ConstructType | None:
    """The kind of the construct, where only one is used."""
    kinds = [CONSTRUCTS[tool] for tool in used if tool in CONSTRUCTS]
    return kinds[0] if len(kinds) == 1 else None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


CARRIED: tuple[Carried, ...] = (
    Carried("project_title", "product", "name", note="The working title; give the product's own name."),
    Carried("acronym", "product", "other_codes", lambda acronym: [acronym]),
    Carried("product_type", "product", "atmp_class", _word(CLASSES), "As the applicants see it; no decision yet."),
    Carried("donor", "product", "origin", _word(ORIGINS)),
    Carried("indication", "product", "indication"),
    Carried("unmet_need", "product", "expected_benefit", note="In the words of the proposal."),
    Carried("vector", "product", "genetically_modified", _any_of(MODIFIES), "From the tools named."),
    Carried("vector", "product", "integrating", _any_of(FOR_GOOD), "From the tools named."),
    Carried("gmo", "product", "gmo_status", _word({YesNoUnsure.NO: GmoStatus.NONE})),
    Carried("indication", "indication", "indication"),
    Carried("route_wish", "regulatory_track", "track", _word(TRACKS), "A wish; nothing was applied for."),
    Carried("route_wish", "regulatory_track", "state", lambda wish: TrackState.PLANNED if wish in TRACKS else None),
    Carried("product_type", "active_substance", "type", _word(OF_CELLS)),
    Carried("moa", "active_substance", "mechanism_of_action", _lines),
    Carried("vector", "genetic_construct", "type", _construct),
    Carried("transgene", "genetic_construct", "transgene"),
    Carried("cell_source", "material", "name"),
    Carried("cell_source", "material", "role", lambda _: MaterialRole.STARTING),
)


def admit(session: Unit, project: Project, proposal: Proposal) -> tuple[Record, ...]:
    """The records that hold the answers from now on, each fact with the proposal as its source.

    What is there already stays: of the product only empty facts without a reason are filled; of any other kind a
    record is made only where the project has none.
    """
    made = []
    for kind in dict.fromkeys(c.kind for c in CARRIED):
        values = {c.fact: (value, c) for c, value in _said(proposal, kind)}
        if values and (row := _row(session, project, kind)) is not None:
            _fill(row, values)
            made.append(row)
    session.flush()
    return tuple(made)


def _said(proposal: Proposal, kind: str) -> Iterator[tuple[Carried, Any]]:
    """What the proposal says of facts of `kind`: only answers that say something."""
    for carried in (c for c in CARRIED if c.kind == kind):
        answer = getattr(proposal, carried.answer)
        value = None if is_empty(answer) else carried.turn(answer)
        if not is_empty(value):
            yield carried, value


def _row(session: Unit, project: Project, kind: str) -> Record | None:
    model = RECORDS[kind]
    query = select(model).where(col(model.project_id) == project.id).order_by(col(model.position), col(model.key))
    there = list(session.scalars(query))
    if not there:
        return Adding(session, project, model).one(Typed({}, key=kind.replace("_", "-")))
    tested = (r for r in there if isinstance(r, Product) and r.role in (None, ProductRole.TEST))
    return next(tested, None)


def _fill(row: Record, values: Mapping[str, tuple[Any, Carried]]) -> None:
    absent, sources = row.absent or {}, dict(row.sources or {})
    taken = {}
    for name, (value, carried) in values.items():
        if is_empty(getattr(row, name)) and name not in absent:
            taken[name] = value
            sources[name] = {"where": [SOURCE], "basis": Basis.READ.value}
            sources[name] |= {"note": carried.note} if carried.note else {}
    row.fill(taken)
    row.sources = sources


# ---------------------------------------------------------------- answers create tasks


def triage(session: Unit, project: Project, proposal: Proposal, on: date) -> tuple[Task, ...]:
    """The tasks that the rulebook's triage asks for and the project does not have yet; each is made once.

    Each is due the rule's weeks after `on`, the day the proposal was submitted.
    """
    known = set(session.scalars(select(col(Task.origin)).where(col(Task.project_id) == project.id)))
    made = []
    for rule in in_force(session).triage:
        origin = f"triage:{rule.id}"
        if origin not in known and fires(rule.when, proposal):
            task = Task(project_id=project.id, title=rule.task[:300], owner_role=rule.owner, origin=origin)
            task.due = on + timedelta(weeks=rule.weeks)
            task.detail = f"The proposal says: {_because(rule.when, proposal)}."
            made.append(task)
    session.add_all(made)
    session.flush()
    return tuple(made)


def _because(when: Mapping[str, Any], proposal: Proposal) -> str:
    known = by_name(Proposal)
    return "; ".join(f"{known[name].label}: {show(known[name], getattr(proposal, name))}" for name in when)


def fires(when: Mapping[str, Any], proposal: Proposal) -> bool:
    """Whether each fact named in `when` has one of its answers, or "any" answer, or a number within "<= n"."""
    return all(_holds(getattr(proposal, name), wanted) for name, wanted in when.items())


def _holds(answer: Any, wanted: Any) -> bool:
    given = [a for a in (answer if isinstance(answer, list) else [answer]) if not is_empty(a)]
    given = [a for a in given if str(a).strip().casefold().rstrip(".") not in NOTHING] if wanted == "any" else given
    if wanted == "any" or not given:
        return bool(given)
    if isinstance(wanted, str) and wanted.startswith("<="):
        return Decimal(given[0]) <= Decimal(wanted.removeprefix("<=").strip())  # the rulebook holds only numbers here
    return bool({str(a) for a in given} & {str(w) for w in (wanted if isinstance(wanted, list) else [wanted])})
