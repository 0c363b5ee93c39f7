"""What was said of a journey (activities, months, grids, dated steps, what its sheet follows) holds its dates."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.activities import Activity, JourneyMonth
from casework.assessments import Assessment
from casework.clock import paris_day
from casework.french import long_date, month_of
from casework.journey_facts import JourneyFact
from workflows.engine import Context
from workflows.rules.results import end_of_month

Errors = dict[str, str]


def entry_before_traces(context: Context) -> Errors:
    """An entry moved later leaves behind it no activity, no month of presence, no assessment."""
    entered_on = context.answers["entered_on"]
    assessed = _assessed(context, sa.func.min)
    if assessed is not None and assessed < entered_on:
        return {"entered_on": f"Une évaluation date du {long_date(assessed)} : l’entrée ne peut pas la suivre."}
    activity, month = _activity(context, sa.func.min), _month(context, sa.func.min)
    if activity is not None and activity < entered_on:
        return {"entered_on": f"Une activité est saisie le {long_date(activity)} : l’entrée ne peut pas la suivre."}
    fact = fact_days(context)[0]
    if fact is not None and fact < min(entered_on, paris_day(context.case.oriented_at)):
        return {"entered_on": f"Un suivi est noté le {long_date(fact)} : l’entrée ne peut pas le suivre."}
    step = min(_steps(context), default=entered_on)
    if step < entered_on:
        return {"entered_on": f"Une étape est notée le {long_date(step)} : l’entrée ne peut pas la suivre."}
    if month is not None and end_of_month(month) < entered_on:
        return {"entered_on": f"La personne est notée présente en {month_of(month)} : l’entrée ne peut pas suivre."}
    return {}


def exit_after_traces(context: Context) -> Errors:
    """An exit leaves after it no activity, no month of presence, no assessment."""
    exited_on = context.answers["exited_on"]
    assessed = _assessed(context, sa.func.max)
    if assessed is not None and assessed > exited_on:
        return {"exited_on": f"Une évaluation date du {long_date(assessed)} : la sortie ne peut pas la précéder."}
    activity, month = _activity(context, sa.func.max), _month(context, sa.func.max)
    if activity is not None and activity > exited_on:
        return {"exited_on": f"Une activité est saisie le {long_date(activity)} : la sortie ne peut pas la précéder."}
    fact = fact_days(context)[1]
    if fact is not None and fact > exited_on:
        return {"exited_on": f"Un suivi est noté le {long_date(fact)} : la sortie ne peut pas le précéder."}
    step = max((*_steps(context), context.case.hired_on or exited_on), default=exited_on)
    if step > exited_on:
        return {"exited_on": f"Une étape est notée le {long_date(step)} : la sortie ne peut pas la précéder."}
    if month is not None and month > exited_on:
        return {"exited_on": f"La personne est notée présente en {month_of(month)} : corrigez d’abord ce mois."}
    return {}


def fact_days(context: Context) -> tuple[date | None, date | None]:
    """The first and the last day that the facts followed for this journey bear; a request may be older than it."""
    first = sa.func.min(JourneyFact.since_on).filter(JourneyFact.status != "deposited")
    last = sa.func.max(sa.func.coalesce(JourneyFact.settled_on, JourneyFact.since_on))
    query = sa.select(first, last).where(JourneyFact.journey_id == context.case.id)
    first_day, last_day = context.session.execute(query).one()
    return first_day, last_day


def _steps(context: Context) -> list[date]:
    """The days of a stay in a college and of the dated steps; people may be hired before they enter."""
    case = context.case
    days = (case.college_entered_on, case.college_left_on, *(one.done_on for one in case.milestones))
    return [day for day in days if day is not None]


def _activity(context: Context, extreme: Any) -> date | None:
    query = sa.select(extreme(Activity.done_on)).where(Activity.journey_id == context.case.id)
    return context.session.scalar(query)


def _assessed(context: Context, extreme: Any) -> date | None:
    query = sa.select(extreme(Assessment.done_on)).where(Assessment.journey_id == context.case.id)
    return context.session.scalar(query)


def _month(context: Context, extreme: Any) -> date | None:
    present = (JourneyMonth.journey_id == context.case.id, JourneyMonth.present)
    return context.session.scalar(sa.select(extreme(JourneyMonth.month)).where(*present))
