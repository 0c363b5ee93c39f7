"""The conditions of a record's moves: each is None when it is met, else the French sentence that says why not."""

from __future__ import annotations

import sqlalchemy as sa

from casework.activities import JourneyMonth
from casework.french import long_date, of_month
from casework.progress_records import ProgressRecord
from workflows.engine import Context
from workflows.journey.reading import why_closed
from workflows.progress.reading import with_facts
from workflows.rules.calendar import add_months
from workflows.rules.results import end_of_month

NOTHING_TOLD = "Rien n’est écrit, aucune heure ni activité n’est saisie : écrivez ce qui a été fait, ou pourquoi rien."


def operation_is_open(context: Context) -> str | None:
    return why_closed(context.case.journey.application)


def month_is_said(context: Context) -> str | None:
    """Records are opened by their month; a record without one would have nothing to say."""
    record: ProgressRecord = context.case
    own = (JourneyMonth.journey_id == record.journey_id, JourneyMonth.month == record.month)
    if context.session.scalar(sa.select(JourneyMonth.id).where(*own)) is not None:
        return None
    return f"Saisissez d’abord la présence et les heures {of_month(record.month)}."


def month_is_over(context: Context) -> str | None:
    """A record is about a whole month, or about its part before the exit."""
    record: ProgressRecord = context.case
    exited_on, last = record.journey.exited_on, end_of_month(record.month)
    if context.day > last or (exited_on is not None and exited_on <= min(last, context.day)):
        return None
    return f"Ce CRE se remet une fois le mois fini, à partir du {long_date(add_months(record.month, 1))}."


def something_is_told(context: Context) -> dict[str, str]:
    """A month without an hour nor an activity may well have its record, but then it is written (l.2548-2554)."""
    if _written(context) or with_facts(context.session, [context.case]):
        return {}
    return {"comment": NOTHING_TOLD}


def something_is_written(context: Context) -> dict[str, str]:
    """Saving nothing over nothing would tell that the record is written."""
    if _written(context) or context.case.is_written:
        return {}
    return {"comment": "Rien n’est écrit : choisissez un thème ou écrivez ce qui a été fait."}


def _written(context: Context) -> bool:
    return bool(context.answers.get("themes") or context.answers.get("comment"))


def slai_has_validated(context: Context) -> str | None:
    return None if context.case.validated_at is not None else "Le SLAI n’a pas encore validé ce CRE."
