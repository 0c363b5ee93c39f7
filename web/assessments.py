"""The grids of an operation: who is assessed and who is not yet, how far people came, and the form of one grid."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, g, request, url_for

from casework.applications import Application
from casework.assessments import STAGES, Assessment, assessments_of
from casework.errors import CaseworkError, Forbidden, InvalidInput, NotFound, Refused, Stale
from casework.french import short_date
from casework.participants import Journey
from casework.permissions import may, may_journey, visible_journeys
from web.access import needs, on_application
from web.actions import typed_in, version_in
from web.case_convention import download
from web.case_layout import case_page, view_of
from web.errors import status_of
from web.fields import drawn
from web.forms import FormSchema, Number, read
from web.identities import person_of, shown, undo_to_read
from web.journeys import journey_in_scope
from web.participants import followed_case, menu_of
from web.render import back_to, page
from web.session import settings
from workflows.engine import Act
from workflows.journey.activities import entered_journeys
from workflows.journey.assessment_reading import (
    assessed_in,
    distances,
    grid_pdf,
    missing_stages,
    result_label,
)
from workflows.journey.assessments import LEVEL, assessment_inputs, grid_of, record_assessment
from workflows.journey.reading import why_not_assessed
from workflows.rules.explanation import line_source
from workflows.scheme_reported import AssessmentGrid

pages = Blueprint("assessments", __name__)
PAGE = 50


class ListForm(FormSchema):
    avant = Number(low=1, load_default=None)


@pages.get("/dossiers/<int:application_id>/evaluations")
@on_application("journey.read")
def index(application: Application) -> Any:
    followed_case(application)
    grid = _grid(application)
    view, asked = view_of(application, outline=True), read(ListForm(), request.args)
    found = _journeys(application, asked["avant"])
    rows, everything = found[:PAGE], assessed_in(g.db, application, g.actor)
    seen = shown(rows, "roster")
    measured = distances(grid, everything.values())
    older = found[PAGE - 1].id if found[PAGE:] else None
    return case_page(
        view,
        "participants",
        "participants/assessments.html",
        menu=menu_of(application, "assessments"),
        grid=grid,
        stages=[STAGES[stage] for stage in grid.stages],
        rows=[_row(one, grid, everything.get(one.id, {}), seen) for one in rows],
        distances=[one for one in measured if one.up or one.same or one.down],
        closed=why_not_assessed(application) if may(g.actor, "journey.follow", application) else None,
        older=url_for("assessments.index", application_id=application.id, avant=older) if older else None,
        newest=url_for("assessments.index", application_id=application.id) if asked["avant"] else None,
    )


@pages.get("/participants/<int:journey_id>/evaluations/<stage>")
@needs("journey.follow")
def show(journey_id: int, stage: str) -> Any:
    return _page(_followed(journey_id), stage)


@pages.post("/participants/<int:journey_id>/evaluations/<stage>")
@needs("journey.follow")
def record(journey_id: int, stage: str) -> Any:
    """Keep one grid. What is refused comes back as it was typed."""
    journey, typed = _followed(journey_id), typed_in(request.form)
    try:
        record_assessment(g.db, journey, stage, Act(g.actor, g.now, settings(), typed, version_in(request.form)))
    except (InvalidInput, Refused, Stale) as error:
        undo_to_read()
        return _page(_followed(journey_id), stage, typed=typed, error=error)
    sentence = f"{STAGES[stage]} : évaluation enregistrée."
    return back_to("journeys.show", sentence, journey_id=journey_id, _anchor="evaluations")


@pages.get("/participants/<int:journey_id>/evaluations/<stage>.pdf")
@needs("journey.identity")
def document(journey_id: int, stage: str) -> Response:
    """The grid to hand over, with the participant's name; the look is recorded."""
    journey = journey_in_scope(journey_id)
    grid = _grid(journey.application)
    found = assessments_of(g.db, [journey])[journey.id].get(stage)
    if found is None or journey.id not in shown([journey], "journey"):
        raise NotFound("Cette évaluation n’est pas encore enregistrée, ou ne vous est pas ouverte.")
    content = grid_pdf(journey, grid, found, name=journey.person.name, funder=settings().funder)
    return download(content, f"evaluation-{stage}-parcours-{journey.id}.pdf", "application/pdf")


def _grid(application: Application) -> AssessmentGrid:
    grid = grid_of(application)
    if grid is None:
        raise NotFound("Cette fiche ne demande pas d’évaluation des participants.")
    return grid


def _followed(journey_id: int) -> Journey:
    journey = journey_in_scope(journey_id)
    if not may_journey(g.actor, "journey.follow", journey):
        raise Forbidden()
    return journey


def _journeys(application: Application, before: int | None) -> list[Journey]:
    query = visible_journeys(entered_journeys(application), g.actor, application)
    if before is not None:
        query = query.where(Journey.id < before)
    found: sa.ScalarResult[Journey] = g.db.scalars(query.options(*person_of()).limit(PAGE + 1))
    return list(found)


def _row(journey: Journey, grid: AssessmentGrid, done: dict[str, Assessment], seen: set[int]) -> dict[str, Any]:
    missing = missing_stages(journey, done, g.today)
    cells = []
    for stage in grid.stages:
        one = done.get(stage)
        said = f"le {short_date(one.done_on)}" if one else "à faire" if stage in missing else "–"
        if one is not None and one.result and journey.id in seen:
            said += f" : {result_label(grid, one)}"
        if one is not None and stage == "evaluation":
            said += f", grille remise le {short_date(one.handed_on)}" if one.handed_on else ", grille à remettre"
        follows = may_journey(g.actor, "journey.follow", journey)
        address = url_for("assessments.show", journey_id=journey.id, stage=stage) if follows else None
        cells.append({"said": said, "late": stage in missing, "href": address})
    return {
        "name": journey.person.name if journey.id in seen else journey.label,
        "href": url_for("journeys.show", journey_id=journey.id, _anchor="evaluations"),
        "cells": cells,
    }


def _page(
    journey: Journey, stage: str, *, typed: dict[str, Any] | None = None, error: CaseworkError | None = None
) -> Any:
    grid = _grid(journey.application)
    if stage not in grid.stages:
        raise NotFound("Cette fiche ne demande pas cette évaluation.")
    known = assessments_of(g.db, [journey])[journey.id].get(stage)
    inputs = assessment_inputs(grid, stage, known, g.today)
    named = journey.id in shown([journey], "journey")
    stale = isinstance(error, Stale)
    seen = known.version if known else 0
    fields = [drawn(item, typed) for item in inputs]
    return page(
        "participants/assessment.html",
        status_of(error) if error else 200,
        journey=journey,
        case=journey.application,
        who=journey.person.name if named else journey.label,
        stage=stage,
        title=STAGES[stage],
        closed=why_not_assessed(journey.application),
        source=line_source(grid.line),
        day=fields[0],
        levels=[one for one in fields if one.name.startswith(LEVEL)],
        others=[one for one in fields[1:] if not one.name.startswith(LEVEL)],
        labels={item.name: item.label for item in inputs},
        errors=error.errors if isinstance(error, InvalidInput) else {},
        reasons=list(error.reasons) if isinstance(error, Refused) else [error.sentence] if stale and error else [],
        version=seen if typed is None or stale else typed.get("version", seen),
    )
