"""What follows from a move by itself: tasks after submitting, facts at gate G0, each once and nothing overwritten."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlmodel import col

from dossiers.facts import LENGTHS, by_name
from dossiers.records import RECORDS
from dossiers.records.product import AtmpClass, GmoStatus, Origin, Product
from dossiers.records.proposal import Proposal
from dossiers.records.proposing import ProposedType, RouteWish, Tool
from dossiers.records.regulatory import Indication, RegulatoryTrack, TrackKind, TrackState
from dossiers.records.substance import ActiveSubstance, ConstructType, GeneticConstruct
from portal.db import reading, signed
from portal.intake.admission import CARRIED, CLASSES, CONSTRUCTS, TRACKS, admit, fires, follow, triage
from portal.models import Decision, Project
from portal.programme import Task
from portal.rulebook import TRIAGE_WEEKS, RulebookFault, read, seeded

Make = Callable[..., Project]

ANSWERS: dict[str, Any] = {
    "project_title": "CD19 CAR-T for adults",
    "acronym": "CAR19",
    "product_type": "gene_ex_vivo",
    "donor": "autologous",
    "indication": "relapsed B-cell leukaemia",
    "unmet_need": "A lasting remission.",
    "vector": ["lentivirus", "crispr_rnp"],
    "transgene": "CD19 CAR",
    "gmo": "yes",
    "route_wish": "hospital_exemption",
    "moa": "The receptor binds CD19.\n\nThe cell kills.",
    "cell_source": "leukapheresis",
    "prevalence_eu": "0.3",
    "paediatric": "later",
    "device": "None",
}


def proposal_in(project: Project, **answers: Any) -> Proposal:
    """The proposal of `project` with these answers, stored."""
    from dossiers.reading import read as understand

    values, messages = understand(Proposal, {**ANSWERS, **answers})
    assert not messages
    made = Proposal(uid=uuid4(), project_id=project.id, key="proposal", absent={}, sources={})
    made.fill(values)
    with signed("tests", "a proposal") as session:
        session.add(made)
    return made


def only(session: Any, model: Any) -> Any:
    return session.scalars(select(model)).one()


def test_answers_become_facts_that_say_where_they_come_from(project: Make) -> None:
    made = project("proposed", "P-1")
    proposal = proposal_in(made)
    with signed("tests", "admit") as session:
        admit(session, made, proposal)
    with reading() as session:
        product = only(session, Product)
        assert (product.key, product.name, product.other_codes) == ("product", "CD19 CAR-T for adults", ["CAR19"])
        assert (product.atmp_class, product.origin) == (AtmpClass.GTMP_EX_VIVO, Origin.AUTOLOGOUS)
        assert (product.genetically_modified, product.integrating) == (True, True)
        assert product.gmo_status is None, "that it is a GMO does not say which procedure follows"
        assert product.sources["indication"] == {"where": ["Proposal"], "basis": "read"}
        assert "no decision yet" in product.sources["atmp_class"]["note"]
        assert only(session, Indication).indication == "relapsed B-cell leukaemia"
        track = only(session, RegulatoryTrack)
        assert (track.track, track.state) == (TrackKind.HOSPITAL_EXEMPTION, TrackState.PLANNED)
        assert only(session, ActiveSubstance).mechanism_of_action == ["The receptor binds CD19.", "The cell kills."]
        construct = only(session, GeneticConstruct)
        assert (construct.type, construct.transgene) == (ConstructType.LENTIVIRAL, "CD19 CAR")


def test_nothing_that_is_there_is_overwritten(project: Make) -> None:
    made = project("proposed", "P-1")
    proposal = proposal_in(made)
    with signed("tests", "facts entered before the gate") as session:
        product = Product(uid=uuid4(), project_id=made.id, key="main", name="Own name", absent={}, sources={})
        product.absent = {"origin": {"kind": "left_out", "reason": "two origins"}}
        session.add(product)
        session.add(Indication(uid=uuid4(), project_id=made.id, key="i", population="adults", absent={}, sources={}))
    for _ in range(2):  # twice: the second time finds everything there
        with signed("tests", "admit") as session:
            admit(session, made, proposal)
    with reading() as session:
        product = only(session, Product)
        assert (product.key, product.name, product.origin) == ("main", "Own name", None)
        assert product.indication == "relapsed B-cell leukaemia"
        assert "name" not in product.sources
        assert only(session, Indication).indication is None
        assert only(session, RegulatoryTrack).state is TrackState.PLANNED


def test_an_answer_that_says_nothing_makes_no_record(project: Make) -> None:
    made = project("proposed", "P-1")
    silent = dict.fromkeys(ANSWERS) | {
        "acronym": "CAR19",
        "route_wish": "unsure",
        "product_type": "unsure",
        "gmo": "no",
    }
    proposal = proposal_in(made, **silent)
    with signed("tests", "admit") as session:
        rows = admit(session, made, proposal)
        assert [type(row) for row in rows] == [Product]
        assert rows[0].atmp_class is None
        assert rows[0].gmo_status is GmoStatus.NONE
    with reading() as session:
        assert not session.scalars(select(RegulatoryTrack)).all()


def test_the_mapping_names_facts_that_can_hold_the_answer() -> None:
    asked = by_name(Proposal)
    for carried in CARRIED:
        wanted = by_name(RECORDS[carried.kind])[carried.fact]
        answer = asked[carried.answer]
        if wanted.max_length and answer.max_length:
            assert answer.max_length <= wanted.max_length, carried
        assert wanted.max_length in (0, *LENGTHS.values()), carried
    places = [(c.kind, c.fact) for c in CARRIED]
    assert len(set(places)) == len(places)
    assert set(ProposedType) - set(CLASSES) == {ProposedType.UNSURE}
    assert set(RouteWish) - set(TRACKS) == {RouteWish.PARTNER, RouteWish.UNSURE}
    assert set(Tool) - set(CONSTRUCTS) == {Tool.CRISPR_RNP, Tool.BASE_EDITOR, Tool.NONE}


def test_triage_makes_each_task_once(project: Make) -> None:
    made = project("idea", "P-1")
    proposal_in(made)
    submitted = Decision(project_id=made.id, serial=2, move="submit", target="proposed", by="T")
    submitted.at = datetime(2027, 3, 1, 12, tzinfo=UTC)
    for _ in range(2):
        with signed("tests", "submit") as session:
            follow(session, made, submitted)
    with reading() as session:
        tasks = {t.origin: t for t in session.scalars(select(Task).where(col(Task.project_id) == made.id))}
        count = len(session.scalars(select(Task)).all())
    assert set(tasks) == {"triage:gmo", "triage:hospital-exemption", "triage:children", "triage:orphan"}
    assert count == len(tasks)
    assert tasks["triage:gmo"].owner_role == "regulatory"
    assert tasks["triage:gmo"].due == date(2027, 4, 12), "six weeks after submitting"
    assert tasks["triage:orphan"].due == date(2027, 5, 24), "twelve weeks"
    assert tasks["triage:orphan"].detail == "The proposal says: Prevalence in the EU: 0.3\u00a0per 10 000."


def test_a_task_that_comes_to_apply_later_is_added(project: Make) -> None:
    made = project("idea", "P-1")
    proposal = proposal_in(made)
    with signed("tests", "submit") as session:
        triage(session, made, proposal, date(2027, 3, 1))
    with signed("tests", "submit again") as session:
        row = session.get(Proposal, proposal.uid)
        assert row is not None
        row.device = ["collagen scaffold"]
        assert [t.origin for t in triage(session, made, row, date(2027, 3, 1))] == ["triage:device"]


@pytest.mark.parametrize(
    ("when", "answers", "does"),
    [
        ({"gmo": ["yes", "unsure"]}, {"gmo": "unsure"}, True),
        ({"gmo": ["yes", "unsure"]}, {"gmo": "no"}, False),
        ({"gmo": ["yes"]}, {"gmo": None}, False),
        ({"prevalence_eu": "<= 5"}, {"prevalence_eu": Decimal("5.0")}, True),
        ({"prevalence_eu": "<= 5"}, {"prevalence_eu": Decimal("5.01")}, False),
        ({"prevalence_eu": "<= 5"}, {"prevalence_eu": None}, False),
        ({"device": "any"}, {"device": ["none"]}, False),
        ({"device": "any"}, {"device": ["none", "a pump"]}, True),
        ({"genetic_resources": ["human_embryo"]}, {"genetic_resources": ["nagoya", "human_embryo"]}, True),
        ({"gmo": ["yes"], "donor": ["allogeneic"]}, {"gmo": "yes", "donor": "autologous"}, False),
    ],
)
def test_a_rule_fires_on_its_answers_only(when: dict[str, Any], answers: dict[str, Any], does: bool) -> None:
    made = Proposal(uid=uuid4(), project_id=uuid4(), key="p", absent={}, sources={})
    made.fill(answers)
    assert fires(when, made) is does


def test_the_weeks_stand_in_the_rulebook_and_older_versions_have_a_default() -> None:
    book = read(seeded())
    assert {rule.id: rule.weeks for rule in book.triage}["embryo"] == 4
    older = read(re.sub(r"(?m)^  weeks: \d+\n", "", seeded()))
    assert len(older.triage) == len(book.triage)
    assert {rule.weeks for rule in older.triage} == {TRIAGE_WEEKS}


@pytest.mark.parametrize("weeks", ["0", "105"])
def test_weeks_that_are_no_term_are_refused(weeks: str) -> None:
    with pytest.raises(RulebookFault, match=f"embryo: give 1 to 104 weeks to do it; {weeks} is outside"):
        read(seeded().replace("  weeks: 4\n", f"  weeks: {weeks}\n"))


def test_every_seeded_rule_can_fire() -> None:
    for rule in read(seeded()).triage:
        for name, wanted in rule.when.items():
            f = by_name(Proposal)[name]
            if isinstance(wanted, list):
                assert f.choices is None or set(wanted) <= set(f.choices), rule.id
