"""What grids tell: how each person has moved, which grids are missing, how far people came, one grid on paper."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import pdf
from casework.applications import Application
from casework.assessments import STAGES, Assessment
from casework.french import long_date
from casework.participants import Journey
from casework.people import Actor
from casework.permissions import visible_journeys
from casework.settings import Settings
from casework.statement_pages import facts, statement, table, text
from workflows.rules.milestones import JourneyDates, milestones
from workflows.scheme_reported import AssessmentGrid
from workflows.versions import scheme_of

LAST_GRIDS = ("exit", "midway")
"""The grids that tell how far somebody has come, the latest first."""


@dataclass(frozen=True)
class Distance:
    """How far people came on one area, from their entry to their last grid: counts of journeys."""

    label: str
    up: int
    same: int
    down: int


def level_label(grid: AssessmentGrid, level: int | None) -> str:
    """The words of a level; "" for none, or one that the grid no longer has."""
    return grid.scale[level - 1] if level and level <= len(grid.scale) else ""


def result_label(grid: AssessmentGrid, assessment: Assessment) -> str:
    return next((one.label for one in grid.results if one.code == assessment.result), "")


def distances(grid: AssessmentGrid, assessments: Iterable[Mapping[str, Assessment]]) -> list[Distance]:
    """How the people assessed at entry and since then have moved, area by area."""
    pairs = []
    for done in assessments:
        last = next((done[stage] for stage in LAST_GRIDS if stage in done), None)
        if last is not None and "entry" in done:
            pairs.append((done["entry"].levels or {}, last.levels or {}))
    return [_distance(area.code, area.label, pairs) for area in grid.areas]


def _distance(code: str, label: str, pairs: list[tuple[dict[str, int], dict[str, int]]]) -> Distance:
    moved = [last[code] - first[code] for first, last in pairs if code in first and code in last]
    return Distance(label, sum(one > 0 for one in moved), moved.count(0), sum(one < 0 for one in moved))


def assessed_in(session: Session, application: Application, actor: Actor) -> dict[int, dict[str, Assessment]]:
    """Every grid of an operation that this actor may see, by journey and stage, in one query."""
    query = sa.select(Assessment).join(Journey, Journey.id == Assessment.journey_id)
    query = visible_journeys(query.where(Journey.application_id == application.id), actor, application)
    found: dict[int, dict[str, Assessment]] = {}
    for one in session.scalars(query):
        found.setdefault(one.journey_id, {})[one.stage] = one
    return found


def missing_stages(journey: Journey, done: Collection[str], today: date) -> list[str]:
    """The grids that this journey should have by now, and has not (`done`: those that it has)."""
    grid = scheme_of(journey.application).assessments
    if grid is None or journey.entered_on is None:
        return []
    wanted = [stage for stage in grid.stages if stage in ("entry", "evaluation")]
    due = _midway_due(journey) if "midway" in grid.stages else None
    if due is not None and due < today:
        wanted.append("midway")
    if "exit" in grid.stages and journey.exited_on is not None:
        wanted.append("exit")
    return [stage for stage in wanted if stage not in done]


def _midway_due(journey: Journey) -> date | None:
    """When the point midway is due by the rule of the sheet; nobody waits for it where the person left before."""
    convention = journey.application.convention
    if convention is None or journey.entered_on is None:
        return None
    dates = JourneyDates(entered_on=journey.entered_on, ends_on=convention.last_on)
    planned = milestones(scheme_of(journey.application), dates)
    due = next((one.due for one in planned if one.code == "midway"), None)
    left = journey.exited_on
    return None if due is None or (left is not None and left < due) else due


def grid_pdf(
    journey: Journey, grid: AssessmentGrid, assessment: Assessment, *, name: str | None, funder: str = Settings.funder
) -> bytes:
    """One grid as a tagged PDF. `name`: the participant's, for who may read it; else the journey's number."""
    case, who = journey.application, name or journey.label
    about: list[tuple[str, str]] = [
        ("Porteur", case.organisation.name),
        ("Dispositif", f"{case.scheme_code} {case.scheme_version.title}"),
        ("Participant", who),
        ("Étape", STAGES[assessment.stage]),
        ("Évaluation du", long_date(assessment.done_on)),
    ]
    if assessment.result:
        about.append(("Résultat", result_label(grid, assessment)))
    rows = [[area.label, level_label(grid, (assessment.levels or {}).get(area.code))] for area in grid.areas]
    sections: list[dict[str, Any]] = [
        facts("L’évaluation", about),
        table("La grille", [("Domaine", False), ("Niveau", False)], rows),
        text("Les niveaux", " ; ".join(f"{rank}. {words}" for rank, words in enumerate(grid.scale, start=1)) + "."),
    ]
    if assessment.handed_on is not None:
        sections.append(text("Remise", f"Remise le {long_date(assessment.handed_on)} à {assessment.handed_to}."))
    title = f"{who}, {STAGES[assessment.stage].lower()}, le {long_date(assessment.done_on)}."
    data = statement("Grille d’évaluation", case.reference, funder, title, sections)
    return pdf.render("statement", data, at=assessment.entered_at)
