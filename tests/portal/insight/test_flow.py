"""Funnel, time at a stage, gates ahead and forecast, over the projects one may see."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask.testing import FlaskClient

from dossiers.stage import ROAD, Stage
from portal import db
from portal.insight.outlook import PAGE, Outlook, bases_of, outlook
from portal.insight.queries import Walk, ahead, funnel, months, paces, walk
from portal.models import Person, Project, now
from portal.rights import asker
from portal.stages import Role

Walked = Callable[..., Project]
Enter = Callable[[str], FlaskClient]
People = dict[Role, Person]


def seen(person: Person) -> Walk:
    with db.reading() as session:
        return walk(session, asker(session, person), now())


def test_what_entered_a_stage_is_what_became_of_it(walked: Walked, people: People) -> None:
    walked("A", (5, 10, 20, 1))
    walked("B", (5, 10, 30), beside="stopped")
    walked("C", (5, 10, 40), beside="on_hold")
    walked("D", (5, 10, 50))
    found = {p.stage: p for p in funnel(seen(people[Role.INVESTMENT]))}
    assert list(found) == list(ROAD)
    for p in found.values():
        assert p.entered == p.onward + p.back + p.stopped + p.held + p.here
    feasible = found[Stage.FEASIBILITY]
    assert (feasible.entered, feasible.onward, feasible.stopped, feasible.held, feasible.here) == (4, 1, 1, 1, 1)
    assert found[Stage.TRANSFER].here == 1 and found[Stage.CLOSED].entered == 0


def test_nothing_of_a_project_one_may_not_see(walked: Walked, people: People) -> None:
    walked("SECRET", (5, 10, 20, 1))
    walked("OPEN", (5, 3), confidential=False)
    found = seen(people[Role.REVIEWER])
    assert [p.key for p in found.projects] == ["OPEN"]
    assert sum(p.entered for p in funnel(found)) == 2
    assert {p.stage: p.finished for p in paces(found)}[Stage.PROPOSED] == 0
    assert not bases_of(found)[Stage.FEASIBILITY].days
    assert [one.project.key for one in ahead(found)] == ["OPEN"]


def test_median_and_range_of_finished_stages(walked: Walked, people: People) -> None:
    for n, days in enumerate((10, 20, 90)):
        walked(f"P-{n}", (1, days, 400))
    found = {p.stage: p for p in paces(seen(people[Role.INVESTMENT]))}
    done, open_ = found[Stage.PROPOSED], found[Stage.FEASIBILITY]
    assert (done.finished, round(done.median or 0), round(done.shortest or 0), round(done.longest or 0)) == (
        3,
        20,
        10,
        90,
    )
    assert done.weeks == 3 and done.waiting == 0
    assert (open_.finished, open_.median, open_.waiting, round(open_.so_far or 0)) == (0, None, 3, 400)


def test_gates_ahead_stand_at_the_weeks_of_the_rulebook(walked: Walked, people: People) -> None:
    walked("EARLY", (1, 2))  # G0: three weeks
    walked("LATE", (1, 30))
    walked("HELD", (1, 30), beside="on_hold")
    found = seen(people[Role.INVESTMENT])
    late, early = ahead(found)
    today = found.now.date()
    assert (late.project.key, late.is_overdue, late.expected) == ("LATE", True, today - timedelta(days=9))
    assert (early.project.key, early.is_overdue, early.expected) == ("EARLY", False, today + timedelta(days=19))
    columns = months((late, early), today)
    assert columns[0] == ("overdue", {"G0": 1}) and sum(sum(c.values()) for _, c in columns) == 2
    assert columns[-1] == ("later", {}) and len(columns) == 14
    assert [label for label, _ in months((), date(2026, 11, 25))][1:4] == ["Nov 2026", "Dec", "Jan 2027"]


def test_the_forecast_says_what_it_rests_on(walked: Walked, people: People) -> None:
    for n in range(5):
        walked(f"P-{n}", (1, 40, 1))
    found: Outlook = outlook(seen(people[Role.INVESTMENT]), 1)
    assert found.bases[Stage.PROPOSED].is_seen and not found.bases[Stage.FEASIBILITY].is_seen
    assert found.bases[Stage.FEASIBILITY].weeks == 88
    line = found.lines[0]
    end = line.end(Stage.FEASIBILITY)
    assert end is not None and 300 < (end.early - now().date()).days < 925 and line.end(Stage.PROPOSED) is None
    assert line.end(Stage.RUNNING) is not None


def test_a_project_has_the_same_dates_on_whatever_page(walked: Walked, people: People) -> None:
    for n in range(PAGE + 1):
        walked(f"P-{n:02}", (1, 2))
    whole = seen(people[Role.INVESTMENT])
    second = outlook(whole, 2)
    assert (second.pages, second.number, [x.project.key for x in second.lines]) == (2, 2, [f"P-{PAGE:02}"])
    assert outlook(whole, 99) == second
    alone = Walk([second.lines[0].project], whole.went, whole.stays, whole.book, whole.now)
    assert outlook(alone, 1).lines == second.lines


def test_pages(sign_in: Enter, walked: Walked) -> None:
    browser = sign_in("investment_manager")
    empty = browser.get("/portfolio").get_data(as_text=True)
    assert "You see no project yet" in empty and "<svg" not in empty.split("<main")[1]
    assert "nothing to forecast" in browser.get("/portfolio/forecast").get_data(as_text=True)
    for n in range(5):
        walked(f"P-{n}", (3, 40 + n, 1))
    page = browser.get("/portfolio").get_data(as_text=True)
    assert page.split("<main")[1].count('role="img"') == 3
    assert "Feasibility: 5 entered, 0 went on" in page and "style=" not in page
    forecast = browser.get("/portfolio/forecast?stage=feasibility&page=x").get_data(as_text=True)
    assert "these 5 durations" in forecast and "88\u00a0weeks ±50\u00a0%, because fewer than 5" in forecast
    assert "End of the stage Feasibility" in forecast and 'value="feasibility" selected' in forecast
    assert sign_in("administrator").get("/portfolio").status_code == 403
