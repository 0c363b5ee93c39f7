"""The deadlines of progress records (CRE, 3.10 to 3.12): a month owes some when somebody is accompanied in it.

They are brought to what the journeys give in the transaction that changes one of them, the case locked after the
journey. A month without people owes nothing: its deadlines are cancelled, and come back with the next person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework import db, deadlines, extensions
from casework.activities import LOCKING_STATES
from casework.applications import Application
from casework.clock import paris_day
from casework.deadlines import RECORD_KINDS, Deadline
from casework.errors import NotFound
from casework.extensions import Computed
from casework.french import short_date
from casework.participants import Journey, Suspension
from casework.progress_records import VALIDATED_STATES, ProgressRecord
from workflows.engine import Context
from workflows.operation_calendar import computed_for
from workflows.rules.calendar import CRE_DAY, CRE_VALIDATION_DAYS, add_months, kept_day
from workflows.rules.results import end_of_month
from workflows.versions import scheme_of

NOBODY = "Personne n’est accompagné ce mois-là."
_DAYS_AFTER = {"cre": 0, "cre_validation": CRE_VALIDATION_DAYS}
_SENT = (("cre", LOCKING_STATES, "CRE remis."), ("cre_validation", VALIDATED_STATES, "CRE validés."))


def has_records(application: Application) -> bool:
    """True where the sheet wants a record for each participant (3.10–3.12)."""
    return scheme_of(application).followup.cre_per_participant


def rank_of(application: Application, month: date) -> int:
    """Which of the operation's months this one is, from 1: the rank of its deadlines."""
    if application.convention is None:
        raise LookupError("an operation has a convention")
    first = application.convention.starts_on
    return (month.year - first.year) * 12 + month.month - first.month + 1


def month_of_rank(application: Application, rank: int) -> date:
    """The month whose deadlines have this rank."""
    if application.convention is None:
        raise LookupError("an operation has a convention")
    return add_months(application.convention.starts_on.replace(day=1), rank - 1)


def people_by_rank(session: Session, application: Application) -> dict[int, set[int]]:
    """The journeys that need a record for each month, by its rank: accompanied, and not suspended all of it.

    Months without anybody are left out; somebody who has not left is accompanied until the end of the operation.
    """
    convention = application.convention
    if convention is None:
        return {}
    entered = (Journey.application_id == application.id, Journey.entered_on.is_not(None))
    away: dict[int, list[Suspension]] = {}
    query = sa.select(Suspension).join(Journey, Journey.id == Suspension.journey_id)
    for one in session.scalars(query.where(*entered)):
        away.setdefault(one.journey_id, []).append(one)
    found: dict[int, set[int]] = {}
    for key, entered_on, exited_on in session.execute(
        sa.select(Journey.id, Journey.entered_on, Journey.exited_on).where(*entered)
    ):
        if entered_on is None:
            continue
        last = min(exited_on or convention.last_on, convention.last_on)
        for rank in range(rank_of(application, entered_on), rank_of(application, last) + 1):
            if not _suspended(away.get(key, ()), month_of_rank(application, rank)):
                found.setdefault(rank, set()).add(key)
    return found


def _suspended(known: Collection[Suspension], month: date) -> bool:
    """From the first day of this month to the last."""
    end = end_of_month(month)
    return any(one.started_on <= month and (one.ended_on is None or one.ended_on >= end) for one in known)


def replan(context: Context) -> None:
    """After a move of a journey: the months of its operation in which somebody is accompanied now."""
    case: Application = context.case.application
    if has_records(case):
        bring(context.session, case, at=context.act.at)


def replan_operation(context: Context) -> None:
    """After a move of the case: its convention is signed, or its days move."""
    if context.case.convention is not None and has_records(context.case):
        bring(context.session, context.case, at=context.act.at)


def bring(session: Session, application: Application, *, at: datetime) -> None:
    """Bring the deadlines of the records of a case, locked here, to the months in which somebody is accompanied."""
    session.flush()
    case: Application | None = db.lock(session, Application, application.id)
    if case is None:
        raise NotFound()
    people = people_by_rank(session, case)
    asked = [one for one in computed_for(case) if one.kind in RECORD_KINDS and one.rank in people]
    wanted = [_after_signature(case, one) for one in asked]
    extensions.recompute(session, case, wanted, at=at, kinds=RECORD_KINDS, gone=NOBODY, keep_extended=False)
    _meet(session, case, people, at)


def _after_signature(case: Application, one: Computed) -> Computed:
    """Nobody could send the records of the months that had passed before the convention was signed: they are due with
    those of the month of the signature.
    """
    signed_on = case.convention.signed_on if case.convention else None
    if signed_on is None:
        return one
    first = add_months(signed_on, 1).replace(day=CRE_DAY)
    due_on = kept_day(scheme_of(case), first + timedelta(days=_DAYS_AFTER[one.kind]))
    if one.due_on >= due_on:
        return one
    computed = f"avec ceux du mois de la signature de la convention, le {short_date(signed_on)}"
    return replace(one, due_on=due_on, computed=computed)


def _meet(session: Session, case: Application, people: Mapping[int, set[int]], at: datetime) -> None:
    """Who was the last to miss has left or is suspended: what was waited for has come."""
    states = {
        (key, rank_of(case, month)): state
        for key, month, state in session.execute(
            sa.select(ProgressRecord.journey_id, ProgressRecord.month, ProgressRecord.state).where(
                ProgressRecord.application_id == case.id
            )
        )
    }
    for kind, sent, outcome in _SENT:
        for one in _waited(session, case, kind):
            if all(states.get((key, one.rank)) in sent for key in people.get(one.rank, ())):
                deadlines.close(session, case, [one], status="met", at=at, done_on=paris_day(at), outcome=outcome)
                extensions.release(session, case, one, days=CRE_VALIDATION_DAYS, at=at)


def _waited(session: Session, case: Application, kind: str) -> list[Deadline]:
    owed = (Deadline.status == "open", Deadline.awaits_id.is_(None), Deadline.kind == kind)
    return list(session.scalars(sa.select(Deadline).where(Deadline.application_id == case.id, *owed)))
