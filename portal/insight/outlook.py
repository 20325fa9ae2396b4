"""The forecast of the projects that somebody may see, drawn from the finished stages of these projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dossiers.stage import ROAD, Stage
from portal.forecast import Basis, Coming, Forecast, basis, forecast
from portal.insight.queries import Walk
from portal.models import Project
from portal.pace import stage_weeks

PAGE = 15  # projects of a page
COMING = ROAD[:-1]  # the stages that have an end


@dataclass(frozen=True)
class Expected:
    """A project with its forecast."""

    project: Project
    forecast: Forecast

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return Stage(self.project.stage)

    def end(self, stage: Stage) -> Coming | None:
        """The end of that stage; None where it lies behind the project or nothing is known."""
        return next((end for end in self.forecast.ends if end.stage is stage), None)


@dataclass(frozen=True)
class Outlook:
    """A page of forecasts, with what the stages are drawn from; `total` counts the projects that are on the road."""

    bases: Mapping[Stage, Basis]
    lines: Sequence[Expected]
    total: int
    number: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def bases_of(seen: Walk) -> dict[Stage, Basis]:
    """What each stage that has an end is drawn from."""
    at = seen.at_stage
    return {
        stage: basis([stay.days for _, stay in at[stage] if stay.is_finished], stage_weeks(seen.book, stage))
        for stage in COMING
    }


def outlook(seen: Walk, number: int) -> Outlook:
    """The page `number` (from 1; the last where there are fewer) of the projects on the road, by key."""
    bases = bases_of(seen)
    going = [p for p in seen.projects if p.stage in COMING and seen.stays.get(p.id)]
    found = Outlook(bases, (), len(going), 1)
    number = min(max(1, number), found.pages)
    lines = []
    for project in going[(number - 1) * PAGE : number * PAGE]:
        elapsed = seen.stays[project.id][-1].days
        seed = project.id.int % 2**32  # a project's own: its dates do not depend on who stands beside it
        lines.append(Expected(project, forecast(Stage(project.stage), elapsed, bases, seen.now.date(), seed)))
    return Outlook(bases, tuple(lines), len(going), number)
