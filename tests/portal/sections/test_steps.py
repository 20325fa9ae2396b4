"""How far a section is: who may take which step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.sections.steps import STEPS, Case, Status, open_steps, refusals, step
from portal.stages import Role

READER = Case(Status.IN_REVIEW, frozenset({Role.QUALITY}), writes=True, text=True)


def test_a_section_without_faults_is_approved_by_quality_or_regulatory() -> None:
    assert refusals(step("approve"), READER) == ()
    assert refusals(step("approve"), replace(READER, roles=frozenset({Role.REGULATORY}))) == ()


@pytest.mark.parametrize(
    ("case", "why"),
    [
        (replace(READER, wrote=True), "somebody else"),
        (replace(READER, roles=frozenset({Role.RESEARCHER})), "Only quality (QP) or regulatory"),
        (replace(READER, gaps=1), "1 gap:"),
        (replace(READER, gaps=2), "2 gaps:"),
        (replace(READER, comments=1), "1 comment is still open"),
        (replace(READER, writes=False), "may not write"),
        (replace(READER, status=Status.DRAFT), "A section that is draft"),
    ],
)
def test_each_reason_against_approval_is_told(case: Case, why: str) -> None:
    (reason,) = refusals(step("approve"), case)
    assert why in reason


def test_writers_go_as_far_as_review_and_back() -> None:
    writer = Case(Status.DRAFT, frozenset({Role.RESEARCHER}), writes=True, wrote=True, text=True)
    assert refusals(step("submit"), writer) == ()
    assert refusals(step("return"), replace(writer, status=Status.IN_REVIEW)) == ()
    assert refusals(step("reopen"), replace(writer, status=Status.APPROVED)) == ()


def test_only_steps_that_lead_on_are_offered() -> None:
    for status in Status:
        offered = open_steps(replace(READER, status=status))
        assert offered and all(status in s.source for s in offered)
        assert open_steps(replace(READER, status=status, writes=False)) == ()
    assert "review" not in {s.name for s in open_steps(replace(READER, text=False))}
    assert refusals(step("review"), replace(READER, text=False))
    assert {s.target for s in STEPS} == {Status.DRAFT, Status.IN_REVIEW, Status.APPROVED}
    with pytest.raises(LookupError, match="no step"):
        step("jump")
