"""Every move in every stage in every role, with and without evidence, against a literal table; and the fold."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dossiers.binder import Binder
from dossiers.records import RECORDS
from dossiers.stage import ROAD, Stage
from portal.models import Decision
from portal.stages import (
    DUE,
    GATES,
    HELD,
    MOVES,
    PROPOSING,
    TAKEN_IN,
    Course,
    Function,
    Move,
    Role,
    Said,
    Standing,
    Verdict,
    fold,
    lacks,
    move,
    next_gate,
    open_moves,
    refusals,
    target,
)

# name: stages from which, stage to which, roles who
TABLE = {
    "submit": ("idea", "proposed", "researcher clinician"),
    "withdraw": ("proposed", "idea", "researcher clinician"),
    "admit": ("proposed", "feasibility", "investment_manager"),
    "return": ("proposed", "idea", "investment_manager"),
    "adopt": ("feasibility", "feasibility", "investment_manager"),
    "adopt with conditions": ("feasibility", "feasibility", "investment_manager"),
    "rework feasibility": ("feasibility", "feasibility", "investment_manager"),
    "choose": ("feasibility", "feasibility", "investment_manager"),
    "choose with conditions": ("feasibility", "feasibility", "investment_manager"),
    "rework candidate": ("feasibility", "feasibility", "investment_manager"),
    "start transfer": ("feasibility", "transfer", "gmp_lead"),
    "start transfer with conditions": ("feasibility", "transfer", "gmp_lead"),
    "rework design": ("feasibility", "feasibility", "gmp_lead"),
    "hand over": ("transfer", "dossier", "quality"),
    "hand over with conditions": ("transfer", "dossier", "quality"),
    "rework transfer": ("transfer", "transfer", "quality"),
    "file": ("dossier", "submitted", "regulatory"),
    "file with conditions": ("dossier", "submitted", "regulatory"),
    "rework dossier": ("dossier", "dossier", "regulatory"),
    "start trial": ("submitted", "running", "regulatory"),
    "close": ("running", "closed", "investment_manager"),
    "hold": ("proposed feasibility transfer dossier submitted running", "on_hold", "investment_manager"),
    "resume": ("on_hold", "back", "investment_manager"),
    "stop": ("proposed feasibility transfer dossier submitted running on_hold", "stopped", "investment_manager"),
    "reopen": ("stopped", "back", "investment_manager"),
}


class Whole(Binder):
    """A binder in which nothing is missing: the moves are tried here, not the facts."""

    def all(self, kind: str) -> tuple[object, ...]:  # type: ignore[override]
        return (object(),)

    def gaps(self, stage: Stage | None = None) -> tuple[()]:
        return ()


PEOPLE = frozenset({(uuid4(), Function.INVESTIGATOR), (uuid4(), Function.CLINICAL_LEAD)})
SAID = Said("It meets the need.", "Repeat the potency assay.", "Letter of 3 Nov 2026")
# The gates that must count as passed, or must not, before a move is due.
BEFORE = {
    "choose": "G1",
    "choose with conditions": "G1",
    "rework candidate": "G1",
    "start transfer": "G1 G2",
    "start transfer with conditions": "G1 G2",
    "rework design": "G1 G2",
}


def whole(made: Move, stage: Stage) -> Standing:
    course = Course(stage, frozenset(BEFORE.get(made.name, "").split()), Stage.FEASIBILITY)
    both = frozenset(who for who, _ in PEOPLE)
    return Standing(course, Whole("P"), PEOPLE, frozenset({"impd-q"}), SAID, confirmed=both)


def empty(stage: Stage) -> Standing:
    return Standing(Course(stage), Binder("P"))


def test_the_table_names_every_move() -> None:
    assert [m.name for m in MOVES] == list(TABLE)


@pytest.mark.parametrize("made", MOVES, ids=lambda made: made.name)
def test_every_move_in_every_stage_and_role_with_and_without_evidence(made: Move) -> None:
    sources, goal, by = TABLE[made.name]
    for stage in Stage:
        for role in Role:
            allowed = stage.value in sources.split() and role.value in by.split()
            with_evidence = refusals(made, whole(made, stage), {role})
            assert (with_evidence == ()) == allowed, f"{stage} {role}: {with_evidence}"
            assert refusals(made, empty(stage), {role}), f"{made.name} needs nothing at all"
            assert (made in open_moves(stage, {role})) == allowed
            if allowed:
                assert target(made, whole(made, stage).course) == (Stage.FEASIBILITY if goal == "back" else Stage(goal))
    assert refusals(made, whole(made, min(made.source)), ())


def test_each_refusal_is_a_sentence() -> None:
    for made in MOVES:
        for stage in Stage:
            for reason in refusals(made, empty(stage), ()):
                assert reason[0].isupper()
                assert reason.endswith("."), reason


@pytest.mark.parametrize(
    ("name", "spoilt", "said"),
    [
        (
            "submit",
            {"functions": frozenset()},
            "The tandem is not complete: nobody is named as principal investigator or clinical lead.",
        ),
        (
            "submit",
            {"functions": frozenset({(UUID(int=1), Function.INVESTIGATOR)})},
            "nobody is named as clinical lead",
        ),
        ("submit", {"binder": Binder("P")}, "Proposal: none yet"),
        (
            "submit",
            {"confirmed": frozenset()},
            "Not confirmed as it stands now by the principal investigator and the clinical lead.",
        ),
        ("admit", {"said": replace(SAID, reasons=" ")}, "Say why"),
        ("adopt with conditions", {"said": replace(SAID, conditions="")}, "states its conditions"),
        ("adopt", {"course": Course(Stage.FEASIBILITY, frozenset({"G1"}))}, "Gate G1 was passed already."),
        ("choose", {"course": Course(Stage.FEASIBILITY)}, "Gate G1 comes first"),
        ("start transfer", {"course": Course(Stage.FEASIBILITY, frozenset({"G1"}))}, "Gate G2 comes first"),
        ("hand over", {"binder": Binder("P")}, "Process: none yet"),
        ("file", {"issued": frozenset()}, "No IMPD quality part was issued yet"),
        ("file", {"binder": Binder("P")}, "Batch: none yet"),
        (
            "start trial",
            {"said": replace(SAID, evidence="the approval")},
            "Name the document that shows it, with its date.",
        ),
        ("close", {"said": replace(SAID, evidence="")}, "Name the document"),
    ],
)
def test_a_need_that_is_not_met_says_what_to_do(name: str, spoilt: dict[str, object], said: str) -> None:
    made = move(name)
    standing = replace(whole(made, min(made.source)), **spoilt)  # type: ignore[arg-type]
    found = " ".join(refusals(made, standing, made.by))
    assert said in found or ("and " in found and "more" in found), found


def test_gaps_refuse_a_go_and_owned_gaps_allow_a_conditional_one() -> None:
    product = RECORDS["product"](uid=uuid4(), project_id=uuid4(), key="p", absent={}, sources={})
    others = {
        kind: (RECORDS[kind](uid=uuid4(), project_id=uuid4(), key="k"),)
        for kinds in HELD.values()
        for kind in kinds
        if kind in RECORDS
    }
    binder = Binder("P", records={**others, "product": (product,)})
    open_ = [lack for lack in lacks(binder, Stage.FEASIBILITY) if lack.record is product]
    assert open_, "some facts of the product are due by feasibility"
    standing = Standing(Course(Stage.FEASIBILITY, frozenset({"G1"})), binder, PEOPLE, said=SAID)
    assert any("still empty" in reason for reason in refusals(move("choose"), standing, {Role.INVESTMENT}))
    assert any(
        "nobody is named" in reason for reason in refusals(move("choose with conditions"), standing, {Role.INVESTMENT})
    )
    for record in binder:
        record.absent = {
            f.name: {"kind": "not_yet_known", "reason": "to be measured", "owner": "QC"}
            for _, f in binder.gaps(Stage.FEASIBILITY)
        }
    assert refusals(move("choose"), standing, {Role.INVESTMENT})
    owned = [lack for lack in lacks(binder, Stage.FEASIBILITY) if not lack.owner]
    assert (refusals(move("choose with conditions"), standing, {Role.INVESTMENT}) == ()) == (not owned)
    for record in binder:
        record.absent = {name: {**said, "kind": "left_out"} for name, said in record.absent.items()}
    assert not [lack for lack in lacks(binder, Stage.FEASIBILITY) if lack.fact is not None]


def test_gates_and_moves_belong_together() -> None:
    for gate in GATES.values():
        moves = [m for m in MOVES if m.gate == gate.id]
        assert any(m.verdict is Verdict.GO for m in moves)
        assert all(m.source == {gate.at} and gate.chair in m.by for m in moves)
        if gate.id in {"G0", "G6", "G7"}:
            assert not any(m.verdict is Verdict.CONDITIONAL for m in moves), "must-meet criteria only"
    opened = {
        "G0": "feasibility",
        "G3": "transfer",
        "G4": "dossier",
        "G5": "submitted",
        "G6": "running",
        "G7": "closed",
    }
    for gate, stage in opened.items():
        assert {m.target for m in MOVES if m.gate == gate and m.verdict and m.verdict.passes} == {Stage(stage)}
    assert {gate: due for gate, due in DUE.items() if due not in ROAD} == {}


def test_kinds_that_must_be_held_exist() -> None:
    assert [kind for kinds in HELD.values() for kind in kinds if kind not in RECORDS] == []


# ---------------------------------------------------------------- the fold


def decided(name: str, course: Course, serial: int) -> Decision:
    made = move(name)
    verdict = made.verdict.value if made.verdict else ""
    return Decision(
        project_id=UUID(int=0),
        serial=serial,
        move=name,
        gate=made.gate,
        verdict=verdict,
        source=course.stage.value,
        target=target(made, course).value,
        by="T",
    )


def begun(stage: Stage, name: str = TAKEN_IN) -> Decision:
    return Decision(project_id=UUID(int=0), serial=1, move=name, target=stage.value, by="T")


def test_a_project_taken_in_late_has_passed_the_gates_before() -> None:
    assert fold([begun(Stage.DOSSIER)]).passed == {"G0", "G1", "G2", "G3", "G4"}
    assert fold([begun(Stage.IDEA, PROPOSING)]) == Course(Stage.IDEA)
    assert fold([]) == Course()
    assert next_gate(fold([begun(Stage.DOSSIER)])) == GATES["G5"]
    assert next_gate(fold([begun(Stage.IDEA)])) is None


def test_rework_takes_later_passes_away() -> None:
    decisions = [begun(Stage.FEASIBILITY)]
    for name in ("adopt", "choose"):
        decisions.append(decided(name, fold(decisions), len(decisions) + 1))
    assert fold(decisions).passed == {"G0", "G1", "G2"}
    decisions.append(decided("rework feasibility", fold(decisions), 4))
    assert fold(decisions) == Course(Stage.FEASIBILITY, frozenset({"G0"}), None)


@given(some.sampled_from(ROAD[1:7]), some.lists(some.sampled_from(["hold", "resume", "stop", "reopen"]), max_size=8))
def test_the_way_back_leads_to_the_stage_of_the_road(stage: Stage, names: list[str]) -> None:
    decisions = [begun(stage)]
    for name in names:
        course = fold(decisions)
        if course.stage in move(name).source:
            decisions.append(decided(name, course, len(decisions) + 1))
    course = fold(decisions)
    assert course.stage is stage or (course.stage in {Stage.ON_HOLD, Stage.STOPPED} and course.before is stage)


def test_a_way_back_from_nowhere_is_refused() -> None:
    with pytest.raises(LookupError, match="never held or stopped"):
        target(move("resume"), Course(Stage.ON_HOLD))
    with pytest.raises(LookupError, match="no move"):
        move("jump")


@pytest.mark.parametrize("made", MOVES, ids=lambda made: made.name)
@pytest.mark.parametrize(
    ("spoilt", "said", "stops"),
    [
        ({"unshown": ("Feasibility report",)}, "Not shown by evidence yet: Feasibility report.", {Verdict.GO}),
        # Scores far apart that nobody recorded a word on are a line of the sheet like others: a go with conditions,
        # which says what is still to be done, is not stopped by it.
        ({"unshown": ("Scores far apart",)}, "Not shown by evidence yet: Scores far apart.", {Verdict.GO}),
        (
            {"unmet": ("It is lawful",)},
            "Not met, or not answered yet: It is lawful.",
            {Verdict.GO, Verdict.CONDITIONAL},
        ),
        (
            {"barred": "You hold shares."},
            "You may not judge this project.",
            set(Verdict) - {Verdict.HOLD, Verdict.STOP},
        ),
        ({"attempts_left": False}, "as often as the rulebook allows", {Verdict.RECYCLE}),
    ],
    ids=["evidence missing", "scores far apart", "must-meet item missing", "in conflict", "no attempt left"],
)
def test_what_stands_against_a_verdict_stops_that_verdict_alone(
    made: Move, spoilt: dict[str, object], said: str, stops: set[Verdict]
) -> None:
    """Each move in each stage and role, with one thing standing against it: refused where its verdict is stopped."""
    for stage in made.source:
        for role in made.by:
            found = " ".join(refusals(made, replace(whole(made, stage), **spoilt), {role}))  # type: ignore[arg-type]
            assert (said in found) == (made.verdict in stops), f"{made.name} at {stage}: {found}"
            assert bool(found) == (made.verdict in stops)
