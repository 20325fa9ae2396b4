"""How many projects went, read at once and kept, is what their decisions say one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlmodel import col

from dossiers.stage import Stage
from portal import courses, db
from portal.board.queries import MOST, board
from portal.config import HERE, Settings
from portal.crowd import Size, lay
from portal.gates.queries import decided
from portal.gates.rules import in_force
from portal.home.queries import SHOWN_WAITING, waiting
from portal.insight.queries import ahead, walk
from portal.insight.sheet import lines
from portal.insight.worth import FEASIBILITY, NEED, points, valued
from portal.models import Decision, Person, Project, now
from portal.pace import age, allowance, since, stand, stays, time_left
from portal.portfolio.queries import Asked
from portal.programme import Money, Review, Score
from portal.rights import Asker, Right, asker, may
from portal.scoring import Given, summed
from portal.stages import Role, fold, next_gate, open_moves
from portal.trail import Unit

AT = now()


@pytest.fixture
def crowd(settings: Settings) -> Iterator[None]:
    """Sixty invented projects that went all ways."""
    lay(Size(60, 600, 60), AT)
    yield
    courses._KEPT.clear()


def everybody(session: Unit) -> list[Asker]:
    """Somebody of each role, with what they may see."""
    people = {person.roles[0]: person for person in session.scalars(select(Person))}
    assert set(people) == {role.value for role in Role}
    return [asker(session, person) for person in people.values()]


def visible(session: Unit, who: Asker) -> list[Project]:
    every = session.scalars(select(Project).order_by(col(Project.key)))
    return [project for project in every if may(who, Right.SEE, project)]


def test_a_walk_says_what_the_decisions_say(crowd: None) -> None:
    later = AT + timedelta(days=3.25)
    seen_by_any = set()
    with db.reading() as session:
        for who in everybody(session):
            seen = walk(session, who, later)
            assert [p.key for p in seen.projects] == [p.key for p in visible(session, who)]
            for project in seen.projects:
                one, mine = seen.went[project.id], decided(session, project.id)
                seen_by_any.add(project.id)
                assert one.course == fold(mine) and one.gate == next_gate(fold(mine))
                assert seen.stays[project.id] == stays(mine, later)
                assert one.age(later) == age(mine, later) == max(0, (later - since(mine, later)).days)
    assert len(seen_by_any) > 45


def test_gates_ahead_are_those_of_each_course(crowd: None) -> None:
    with db.reading() as session:
        who = next(a for a in everybody(session) if Role.INVESTMENT in a.roles)
        book, expected = in_force(session), []
        for project in visible(session, who):
            mine = decided(session, project.id)
            gate, left = next_gate(fold(mine)), time_left(book, fold(mine), stays(mine, AT))
            if gate is not None and left is not None:
                expected.append(((AT + left).date(), project.key, gate.id, left < timedelta()))
        found = [(o.expected, o.project.key, o.gate.id, o.is_overdue) for o in ahead(walk(session, who, AT))]
    assert found == sorted(expected) and len(found) > 10


def test_what_is_kept_follows_a_new_decision(crowd: None) -> None:
    with db.reading() as session:
        who = next(a for a in everybody(session) if Role.INVESTMENT in a.roles)
        project = next(p for p in visible(session, who) if p.standing_at is Stage.PROPOSED)
        before = walk(session, who, AT).went[project.id]
        with db.signed("tests", "a decision") as unit:
            unit.add(
                Decision(
                    project_id=project.id, serial=before.number + 1, move="admit", gate="G0", verdict="go",
                    source="proposed", target="feasibility", by="tests", at=AT,
                )
            )  # fmt: skip
            unit.flush()
            stand(unit.get_one(Project, project.id), decided(unit, project.id))
        read: list[Any] = []
        event.listen(db.engine(), "before_cursor_execute", lambda *a: read.append((a[2], a[3])))
        after = walk(session, who, AT)
        numbers, fresh = ((text, said) for text, said in read if "FROM decision" in text)
        assert "count(" in numbers[0] and len(fresh[1]) == 1, "only the project that has more is read anew"
        assert after.went[project.id].course == fold(decided(session, project.id))
        assert after.went[project.id].number == before.number + 1
        others = set(after.went) - {project.id}
        assert all(after.went[uid] is walk(session, who, AT).went[uid] for uid in others)


def test_the_board_shows_those_longest_at_each_stage(crowd: None) -> None:
    with db.reading() as session:
        for who in everybody(session):
            expected: dict[Stage, list[str]] = {stage: [] for stage in Stage}
            for project in sorted(visible(session, who), key=lambda p: (p.since, p.key)):
                expected[project.standing_at].append(project.key)
            for column in board(session, who, AT):
                assert [card.project.key for card in column.cards] == expected[column.stage][:MOST]
                assert column.total == len(expected[column.stage])


def test_gates_wait_for_those_who_decide_them(crowd: None) -> None:
    waited = 0
    with db.reading() as session:
        for who in everybody(session):
            expected = []
            for project in visible(session, who):
                course = fold(decided(session, project.id))
                gate = next_gate(course)
                mine = gate and any(move.gate == gate.id for move in open_moves(course.stage, who.roles))
                if gate and mine and may(who, Right.DECIDE, project):
                    expected.append((project.since, project.key, gate.id))
            found = waiting(session, who)
            assert [(w.project.since, w.project.key, w.gate.id) for w in found.first] == sorted(expected)
            assert found.total == len(expected) <= SHOWN_WAITING and not found.left_out
            waited += found.total
    assert waited > 15


def scores(session: Unit, project: Project) -> list[Given]:
    """The scores handed in at the last gate and attempt that has any, read one review at a time."""
    handed = [
        review
        for review in session.scalars(select(Review).where(col(Review.project_id) == project.id))
        if review.handed_in_at is not None
    ]
    last = max(((review.gate, review.attempt) for review in handed), default=None)
    return [
        Given(score.criterion, score.score, score.confidence, str(review.reviewer_id))
        for review in handed
        if (review.gate, review.attempt) == last
        for score in session.scalars(select(Score).where(col(Score.review_id) == review.id))
    ]


def test_points_are_those_of_each_scorecard(crowd: None) -> None:
    with db.reading() as session:
        who = next(a for a in everybody(session) if Role.REGULATORY in a.roles)
        book, projects = in_force(session), visible(session, who)
        found = points(session, who, projects)
        for project in projects:
            if project.id not in found:
                continue
            given = scores(session, project)
            need, *rest = (summed(book, book.criterion(c), given, {}).usable for c in (NEED, *FEASIBILITY))
            assert need is not None
            assert found[project.id].need == book.criterion(NEED).weight * need / 5
            assert found[project.id].feasibility == sum(x for x in rest if x is not None) / len(FEASIBILITY)
        asked = select(col(Money.amount)).where(col(Money.kind) == "asked")
        for one in valued(session, who, projects):
            mine = session.scalars(asked.where(col(Money.project_id) == one.project.id))
            assert one.cost == sum(mine, Decimal(0))
        assert len(found) > 3


def test_the_sheet_says_what_the_decisions_say(crowd: None) -> None:
    with db.reading() as session:
        who = next(a for a in everybody(session) if Role.INVESTMENT in a.roles)
        book, found = in_force(session), lines(session, who, Asked(), AT)
        for line in found:
            mine = decided(session, line.project.id)
            moved = [d.at for d in mine if d.source != d.target]
            assert line.since == (moved[-1].astimezone(HERE).date() if moved else None)
            assert line.days == age(mine, AT) and line.weeks == allowance(book, fold(mine))
        assert len(found) == len(visible(session, who)) > 30
