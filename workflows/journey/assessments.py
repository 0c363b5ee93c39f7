"""Filling in the grid of a scheme for one participant: at entry, midway, at exit; or once, to evaluate skills (3.4).

3.9 (l.2098), 3.14 (l.3557), 3.15 (l.3900) and 3.16 (l.4243) want the change of each journey measured from its entry to
its exit, with a point midway: filling in that grid is how this step is met. 3.4 wants a result (l.717-719) and the
grid handed to the prescriber (l.794).

Levels are never repeated in the journal, which says which areas changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, deadlines, journal
from casework.applications import Application
from casework.assessments import STAGES, Assessment, assessments_of
from casework.errors import Forbidden, InvalidInput, NotFound, Refused, Stale
from casework.french import long_date
from casework.participants import Journey, JourneyMilestone
from casework.permissions import may_journey
from workflows.engine import Act
from workflows.inputs import Input, read
from workflows.journey import owed
from workflows.journey.milestones import code_of, open_steps
from workflows.journey.reading import why_not_assessed
from workflows.scheme_reported import AssessmentGrid
from workflows.versions import scheme_of

ASSESSED = journal.register("journey.assessed", "Évaluation enregistrée")
LEVEL = "level-"
HANDED = ("handed_on", "handed_to")
REPEATED = "Une évaluation est déjà enregistrée pour cette étape : relisez-la avant de la modifier."
Errors = dict[str, list[str]]


def grid_of(application: Application) -> AssessmentGrid | None:
    """The grid of the sheet of this operation, None where it assesses nobody."""
    return scheme_of(application).assessments


def assessment_inputs(grid: AssessmentGrid, stage: str, known: Assessment | None, today: date) -> tuple[Input, ...]:
    """The day, one level for each area, and for an evaluation its result and to whom its grid was handed."""
    levels = (known.levels or {}) if known else {}
    scale = tuple((str(rank), label) for rank, label in enumerate(grid.scale, start=1))
    asked = [
        Input("done_on", "Date de l’évaluation", "date", value=known.done_on if known else today),
        *(
            Input(f"{LEVEL}{area.code}", area.label, "choice", choices=scale, value=_text(levels.get(area.code)))
            for area in grid.areas
        ),
    ]
    if grid.results:
        results = tuple((one.code, one.label) for one in grid.results)
        asked.append(Input("result", "Résultat", "choice", choices=results, value=known.result if known else None))
    if stage == "evaluation":
        asked += _handing(known)
    return tuple(asked)


def _handing(known: Assessment | None) -> list[Input]:
    return [
        Input(
            "handed_on",
            "Grille remise au prescripteur le",
            "date",
            required=False,
            value=known.handed_on if known else None,
            help="Laissez vide tant qu’elle n’est pas remise.",
        ),
        Input(
            "handed_to",
            "Remise à",
            required=False,
            value=known.handed_to if known else None,
            limit=Assessment.handed_to.type.length,
            help="Le service ou le professionnel qui a orienté la personne, jamais un participant.",
        ),
    ]


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def record_assessment(session: Session, journey: Journey, stage: str, act: Act) -> Assessment:
    """Keep one grid, new or corrected. `act.version` is that of the grid the person saw, 0 for none.

    Raises NotFound, Forbidden, Refused, Stale, or InvalidInput (the fields of `assessment_inputs`); nothing is kept
    then.
    """
    locked: Journey | None = db.lock(session, Journey, journey.id)
    grid = grid_of(locked.application) if locked is not None else None
    if locked is None or grid is None or stage not in grid.stages:
        raise NotFound("Cette fiche ne demande pas cette évaluation.")
    if not may_journey(act.actor, "journey.follow", locked):
        raise Forbidden()
    _refuse(locked)
    others = assessments_of(session, [locked])[locked.id]
    known = others.pop(stage, None)
    if act.version != (known.version if known else 0):
        raise Stale(REPEATED)
    answers = read(assessment_inputs(grid, stage, known, act.day), act.data)
    _check(locked, stage, answers, others, act.day)
    return _keep(session, locked, stage, known, answers, grid, act)


def _refuse(journey: Journey) -> None:
    closed = why_not_assessed(journey.application)
    if closed is not None:
        raise Refused([closed])
    if journey.entered_on is None:
        raise Refused(["Enregistrez d’abord l’entrée : une évaluation porte sur une personne accompagnée."])


def _check(
    journey: Journey, stage: str, answers: Mapping[str, Any], others: Mapping[str, Assessment], today: date
) -> None:
    errors: Errors = {}
    day_fault = _wrong_day(journey, stage, answers["done_on"], others, today)
    if day_fault:
        errors["done_on"] = [day_fault]
    handed_on, handed_to = answers.get("handed_on"), answers.get("handed_to")
    if (handed_on is None) != (not handed_to):
        missing = "handed_to" if not handed_to else "handed_on"
        errors[missing] = ["Dites quand la grille a été remise, et à qui : l’un ne va pas sans l’autre."]
    elif handed_on is not None and not answers["done_on"] <= handed_on <= today:
        errors["handed_on"] = ["La grille est remise après l’évaluation, et pas dans le futur."]
    if errors:
        raise InvalidInput(errors)


def _wrong_day(journey: Journey, stage: str, day: date, others: Mapping[str, Assessment], today: date) -> str | None:
    if day > today:
        return "Cette date est dans le futur."
    if journey.entered_on is not None and day < journey.entered_on:
        return f"La personne est entrée le {long_date(journey.entered_on)} : l’évaluation ne peut pas la précéder."
    if journey.exited_on is not None and day > journey.exited_on:
        return f"La personne est sortie le {long_date(journey.exited_on)} : l’évaluation ne peut pas la suivre."
    order = list(STAGES)
    for other in others.values():
        first, second = sorted((other.stage, stage), key=order.index)
        earlier, later = (other.done_on, day) if first == other.stage else (day, other.done_on)
        if later < earlier:
            said = f"« {STAGES[other.stage].lower()} » est du {long_date(other.done_on)}"
            return f"L’évaluation {said} : celle-ci vient {'après' if second == stage else 'avant'}."
    return None


def _keep(
    session: Session,
    journey: Journey,
    stage: str,
    known: Assessment | None,
    answers: Mapping[str, Any],
    grid: AssessmentGrid,
    act: Act,
) -> Assessment:
    levels = {area.code: int(answers[f"{LEVEL}{area.code}"]) for area in grid.areas}
    before = (known.levels or {}) if known else {}
    kept = known or Assessment(journey_id=journey.id, stage=stage, version=0)
    kept.levels, kept.done_on = levels, answers["done_on"]
    kept.result = answers.get("result")
    kept.handed_on, kept.handed_to = answers.get("handed_on"), answers.get("handed_to") or ""
    kept.version += 1
    kept.entered_at, kept.entered_by_id = act.at, act.actor.user_id
    session.add(kept)
    if stage == "midway":
        _meet_midway(session, journey, act, kept.done_on)
    owed.bring(
        session,
        journey.application,
        act.settings,
        at=act.at,
        met_on=kept.handed_on if known and kept.handed_on else kept.done_on,
    )
    changed = [area.label for area in grid.areas if levels[area.code] != before.get(area.code)]
    told = {"handed_on": kept.handed_on.isoformat()} if kept.handed_on else {}
    journal.record(
        session,
        "journey",
        journey.id,
        ASSESSED,
        actor=act.actor,
        at=act.at,
        stage=stage,
        done_on=kept.done_on.isoformat(),
        areas=changed if known else [],
        **told,
    )
    return kept


def _meet_midway(session: Session, journey: Journey, act: Act, done_on: date) -> None:
    """The grid filled in is the dated step of the sheet: there is one way to say it. The case is locked after it."""
    case: Application = db.lock(session, Application, journey.application_id) or journey.application
    query = sa.select(JourneyMilestone).where(
        JourneyMilestone.journey_id == journey.id, JourneyMilestone.code == "midway"
    )
    step = session.scalars(query).one_or_none() or JourneyMilestone(journey_id=journey.id, code="midway")
    step.done_on = done_on
    session.add(step)
    waiting = [one for one in open_steps(session, journey) if one.kind == "milestone" and code_of(one) == "midway"]
    deadlines.close(session, case, waiting, status="met", at=act.at, done_on=done_on)
