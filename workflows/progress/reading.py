"""What waits among the progress records: for an operator, for an SLAI, and which months of an operation have any."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.activities import Activity, JourneyMonth
from casework.applications import Application
from casework.deadlines import Deadline
from casework.participants import Journey, Suspension
from casework.people import Actor
from casework.progress_records import THEMES, VALIDATED_STATES, ProgressRecord
from workflows.journey.months import accompanied_in
from workflows.journey.reading import OPEN_STATES, measured
from workflows.journey.record_deadlines import has_records, month_of_rank
from workflows.rules.results import end_of_month


def concerned_in(application: Application, month: date) -> sa.Select[Any]:
    """The journeys that need a record for this month: accompanied, and not suspended from its first day to its last."""
    away = sa.exists().where(
        Suspension.journey_id == Journey.id,
        Suspension.started_on <= month,
        sa.or_(Suspension.ended_on.is_(None), Suspension.ended_on >= end_of_month(month)),
    )
    return accompanied_in(application, month).where(~away)


def without_record_in(session: Session, application: Application, month: date, states: Sequence[str]) -> int:
    """How many of them have no record in one of these states."""
    known = sa.exists().where(
        ProgressRecord.journey_id == Journey.id, ProgressRecord.month == month, ProgressRecord.state.in_(states)
    )
    query = concerned_in(application, month).where(~known)
    return session.scalar(sa.select(sa.func.count()).select_from(query.with_only_columns(Journey.id).subquery())) or 0


def empty_among(session: Session, records: Sequence[ProgressRecord]) -> set[int]:
    """The ids of those, among the records of one month, that would tell nothing: no hour, no activity, not a word."""
    unwritten = [record for record in records if not record.is_written]
    lived = with_facts(session, unwritten)
    return {record.id for record in unwritten if record.id not in lived}


def with_facts(session: Session, records: Sequence[ProgressRecord]) -> set[int]:
    """The ids of those, among the records of one month, whose month has an hour or an activity."""
    if not records:
        return set()
    month, keys = records[0].month, [record.journey_id for record in records]
    hours = sa.select(JourneyMonth.journey_id).where(
        JourneyMonth.journey_id.in_(keys), JourneyMonth.month == month, JourneyMonth.minutes > 0
    )
    done = sa.select(Activity.journey_id).where(
        Activity.journey_id.in_(keys), Activity.done_on.between(month, end_of_month(month))
    )
    found = set(session.scalars(hours.union(done)))
    return {record.id for record in records if record.journey_id in found}


def awaited_months(session: Session, application: Application) -> list[date]:
    """The months whose records the operator has to submit or to correct, the one due first at the head."""
    due = sa.select(Deadline.rank).where(
        Deadline.application_id == application.id, Deadline.kind == "cre", Deadline.status == "open"
    )
    ranks = session.scalars(due.order_by(Deadline.due_on, Deadline.rank))
    returned = sa.select(ProgressRecord.month).where(
        ProgressRecord.application_id == application.id, ProgressRecord.state == "returned"
    )
    owed = [month_of_rank(application, rank) for rank in ranks]
    return owed + sorted(set(session.scalars(returned)))


def waiting_records(actor: Actor) -> sa.Select[Any]:
    """The records that wait for this SLAI agent, the oldest first, in operations that are still open."""
    return (
        sa.select(ProgressRecord)
        .join(Application, Application.id == ProgressRecord.application_id)
        .where(
            ProgressRecord.territory_id.in_(actor.territories),
            ProgressRecord.state == "submitted",
            Application.state.in_(OPEN_STATES),
        )
        .order_by(ProgressRecord.submitted_at, ProgressRecord.id)
    )


def computed_results(session: Session, application: Application) -> dict[str, int]:
    """The results of a final report as the journeys show them; what they cannot say is left out.

    Where the sheet wants progress records, months and hours are those that the SLAI validated, and nothing else: an
    operation that keeps no record here declares its own.
    """
    found = measured(session, application)
    if not has_records(application):
        return found
    found.pop("months_done", None)
    return found | validated_results(session, application)


def validated_results(session: Session, application: Application) -> dict[str, int]:
    """Participant-months and whole hours of the months whose record the SLAI validated, empty without any record.

    A month counts when the person was present in it; the hours are added up, then rounded half up.
    """
    own = sa.and_(JourneyMonth.journey_id == ProgressRecord.journey_id, JourneyMonth.month == ProgressRecord.month)
    counts = sa.and_(ProgressRecord.state.in_(VALIDATED_STATES), JourneyMonth.present)
    query = sa.select(
        sa.func.count(),
        sa.func.count(sa.case((counts, 1))),
        sa.func.coalesce(sa.func.sum(sa.case((counts, JourneyMonth.minutes), else_=0)), 0),
    )
    query = query.select_from(ProgressRecord).join(JourneyMonth, own)
    records, months, minutes = session.execute(query.where(ProgressRecord.application_id == application.id)).one()
    return {"months_done": months, "hours_done": (int(minutes) + 30) // 60} if records else {}


def themes_worked(session: Session, application: Application) -> tuple[int, dict[str, int]]:
    """How many records the SLAI validated, and in how many of them each quality theme was worked on."""
    query = sa.select(ProgressRecord.themes).where(
        ProgressRecord.application_id == application.id, ProgressRecord.state.in_(VALIDATED_STATES)
    )
    known = list(session.scalars(query))
    return len(known), {code: sum(code in themes for themes in known) for code in THEMES}
