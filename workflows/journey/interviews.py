"""The interviews with somebody who was hired (3.2): how often, and the one that meets a dated step.

The interview of a step is an activity like any other: it is typed once, with the step.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.activities import KINDS, MINUTES_A_DAY, MODES, Activity
from casework.applications import Application
from casework.participants import Journey
from workflows.engine import Context
from workflows.inputs import Input
from workflows.journey.activities import RECORDED, filled_on, journal_activities
from workflows.rules.pace import Pace, pace_of
from workflows.versions import scheme_of

MET = ("accompanied",)
"""Somebody whose journey is suspended, or over, is not waited for."""
_IN_PERSON = (
    "À l’issue de la période d’essai, la fiche veut un entretien en présence (l.288) : dites ce qui l’a empêché."
)


def paces_of(session: Session, application: Application, journeys: Sequence[Journey]) -> dict[int, Pace]:
    """Where each of these journeys of an operation stands, in one query; nothing where the sheet says no pace."""
    asked, convention = scheme_of(application).interview_pace, application.convention
    met = {journey.id: journey for journey in journeys if journey.state in MET}
    if asked is None or convention is None or not met:
        return {}
    interviews: dict[int, list[date]] = {}
    query = sa.select(Activity.journey_id, Activity.done_on)
    for key, day in session.execute(query.where(Activity.journey_id.in_(met), Activity.kind == "interview")):
        interviews.setdefault(key, []).append(day)
    return {
        key: pace_of(
            asked,
            interviews.get(key, []),
            hired_on=journey.hired_on,
            trial_ends_on=journey.trial_ends_on,
            ends_on=convention.last_on,
        )
        for key, journey in met.items()
    }


def inputs() -> tuple[Input, ...]:
    """What is asked of the interview of a step. The point at six months (l.304) may be made without one."""
    return (
        Input("mode", "Entretien", "choice", required=False, choices=tuple(MODES.items())),
        Input("not_in_person", "S’il n’était pas en présence, pourquoi", "long_text", required=False),
        Input(
            "minutes",
            "Durée en minutes",
            "integer",
            required=False,
            help="L’entretien est ajouté aux activités de la personne, s’il n’y est pas déjà.",
        ),
    )


def said(context: Context, code: str) -> dict[str, str]:
    """3.2 wants an interview in person at the end of the trial period (l.288): another way is explained, and kept."""
    answers, found = context.answers, {}
    mode, minutes = answers.get("mode"), answers.get("minutes")
    if mode is None and (code == "trial_end" or minutes is not None):
        found["mode"] = "Dites comment l’entretien s’est tenu."
    if minutes is None and (code == "trial_end" or mode is not None) and not _entered(context):
        found["minutes"] = "Dites combien de minutes l’entretien a duré."
    if code == "trial_end" and mode not in (None, "present") and not answers.get("not_in_person"):
        found["not_in_person"] = _IN_PERSON
    return found


def fits(context: Context) -> dict[str, str]:
    """The interview holds in its day, with what was already entered on it."""
    minutes = context.answers.get("minutes")
    if minutes is None or (minutes > 0 and _entered(context)):
        return {}
    day, key = context.answers["done_on"], context.case.id
    if 0 < minutes <= MINUTES_A_DAY - filled_on(context.session, [key]).get((key, day), 0):
        return {}
    return {
        "minutes": f"Une journée compte {MINUTES_A_DAY} minutes, activités déjà saisies comprises : vérifiez la durée."
    }


def record(context: Context) -> None:
    """Keep the interview among the activities, unless it was typed there already. The case is locked."""
    answers, journey = context.answers, context.case
    if answers.get("minutes") is None or _entered(context):
        return
    done = {"kind": "interview", "mode": answers["mode"], "minutes": answers["minutes"], "done_on": answers["done_on"]}
    entered = {"entered_at": context.act.at, "entered_by_id": context.act.actor.user_id}
    context.session.add(Activity(journey_id=journey.id, **done, **entered))
    told = {"activity": KINDS["interview"], "done_on": answers["done_on"].isoformat(), "minutes": answers["minutes"]}
    journal_activities(
        context.session, journey.application, RECORDED, context.act, **told, participants=1, activities=[journey.id]
    )


def _entered(context: Context) -> bool:
    """Whether an interview of this day is among the activities already."""
    own = (Activity.journey_id == context.case.id, Activity.kind == "interview")
    found = sa.exists().where(*own, Activity.done_on == context.answers["done_on"])
    return bool(context.session.scalar(sa.select(found)))
