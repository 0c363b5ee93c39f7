"""Filling in grids in tests: every area at one level, unless said."""

from __future__ import annotations

from casework.assessments import Assessment
from casework.participants import Journey
from tests.support.journeys import Roster
from workflows.engine import Act
from workflows.journey.assessments import LEVEL, grid_of, record_assessment


def answers(operation: Roster, day: int, level: int = 1, **changes: str) -> dict[str, str]:
    """What a form sends for a grid filled in on the n-th day of the convention."""
    grid = grid_of(operation.application)
    assert grid is not None
    return {"done_on": operation.day(day), **{f"{LEVEL}{area.code}": str(level) for area in grid.areas}, **changes}


def assess(
    operation: Roster, journey: Journey, stage: str, day: int, level: int = 1, *, seen: int = 0, **changes: str
) -> Assessment:
    data = answers(operation, day, level, **changes)
    act = Act(operation.operator, operation.late, operation.teller.settings, data, seen)
    return record_assessment(operation.teller.session, journey, stage, act)
