"""What the page of a journey shows of grids: each stage, done or to do, and the levels side by side."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from casework.assessments import STAGES, Assessment, assessments_of
from casework.french import short_date
from casework.participants import Journey
from casework.permissions import may_journey
from workflows.journey.assessment_reading import level_label, result_label
from workflows.journey.assessments import grid_of
from workflows.journey.reading import why_not_assessed
from workflows.scheme_reported import AssessmentGrid


def panel(journey: Journey, *, named: bool) -> dict[str, Any] | None:
    """What the page of a journey shows of its grids; None where the sheet has none. Levels: for who sees who it is."""
    grid = grid_of(journey.application)
    if grid is None or journey.entered_on is None:
        return None
    done = assessments_of(g.db, [journey])[journey.id]
    follows = may_journey(g.actor, "journey.follow", journey) and why_not_assessed(journey.application) is None
    return {
        "stages": [
            _stage(journey, grid, stage, done.get(stage), named=named, follows=follows) for stage in grid.stages
        ],
        "head": ["Domaine", *(STAGES[stage] for stage in grid.stages if stage in done)],
        "areas": _areas(grid, done) if named and done else [],
    }


def _areas(grid: AssessmentGrid, done: dict[str, Assessment]) -> list[list[str]]:
    kept = [done[stage] for stage in grid.stages if stage in done]
    return [
        [area.label, *(level_label(grid, (one.levels or {}).get(area.code)) for one in kept)] for area in grid.areas
    ]


def _stage(
    journey: Journey, grid: AssessmentGrid, stage: str, one: Assessment | None, *, named: bool, follows: bool
) -> dict[str, Any]:
    said = "pas encore faite"
    if one is not None:
        by = f", par {one.entered_by.name}" if one.entered_by is not None else ""
        said = f"le {short_date(one.done_on)}{by}"
        said += f". {result_label(grid, one)}" if named and one.result else ""
        said += f". Grille remise le {short_date(one.handed_on)} à {one.handed_to}" if one.handed_on else ""
    values = {"journey_id": journey.id, "stage": stage}
    return {
        "label": STAGES[stage],
        "said": said,
        "done": one is not None,
        "fill": url_for("assessments.show", **values) if follows else None,
        "document": url_for("assessments.document", **values) if named and one is not None else None,
    }
