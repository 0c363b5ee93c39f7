"""Telling the grids of an invented participant: low at the entry, a little higher each time."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy.orm import Session

from casework.clock import paris_instant
from casework.participants import Journey
from casework.people import Actor
from casework.settings import Settings
from workflows.engine import Act
from workflows.journey.assessments import LEVEL, grid_of, record_assessment
from workflows.scheme_reported import AssessmentGrid

_HOUR = 16
_PRESCRIBER = "Référent RSA, Maison du Département Solidarité"


def tell_grids(
    session: Session,
    settings: Settings,
    actor: Actor,
    journey: Journey,
    days: dict[str, date],
    *,
    rank: int,
) -> None:
    """Fill in the grids of this journey on these days, by stage; `rank` makes people differ."""
    grid = grid_of(journey.application)
    for stage in grid.stages if grid is not None else ():
        if stage in days and grid is not None:
            day = days[stage]
            at = paris_instant(day, time(_HOUR))
            data = _levels(grid, stage, rank) | {"done_on": day.isoformat()} | _handed(grid, day, rank)
            record_assessment(session, journey, stage, Act(actor, at, settings, data, 0))


def _levels(grid: AssessmentGrid, stage: str, rank: int) -> dict[str, str]:
    """From one level or two at the entry, and one more now and then."""
    gained = {"entry": 0, "midway": 1, "exit": 2, "evaluation": 1}[stage]
    highest = len(grid.scale)
    return {
        f"{LEVEL}{area.code}": str(min(highest, 1 + (rank + place) % 2 + (gained if (rank + place) % 3 else 0)))
        for place, area in enumerate(grid.areas)
    }


def _handed(grid: AssessmentGrid, day: date, rank: int) -> dict[str, str]:
    if not grid.results:
        return {}
    answers = {"result": grid.results[rank % len(grid.results)].code}
    return answers if rank % 3 == 2 else answers | {"handed_on": day.isoformat(), "handed_to": _PRESCRIBER}
