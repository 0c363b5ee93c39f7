"""Reminders of deadlines: which step of the ladder is due, for whom, each once.

A sweep costs what is due, not what exists: it reads a range of the index (status, next_reminder_on, application_id).
A step is due when its day has come (`<=`, never `=`) and it was not done: a night without the service loses nothing.
When several steps passed meanwhile only the latest goes out; the others are kept as skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_day
from casework.deadlines import Deadline, Reminder
from casework.french import short_date
from casework.people import User
from casework.recipients import Directory, Owed, Told
from casework.workdays import LADDER, reminder_ladder

_DEADLINES = cast(sa.Table, Deadline.__table__)
_REMINDERS = cast(sa.Table, Reminder.__table__)
NOBODY = "Personne n’a pu être prévenu : aucun compte actif n’est concerné."


@dataclass(frozen=True)
class Steps:
    """What is to be done today for one deadline: the step to send (None: nothing), those it replaces, and the next day
    to look at it (None: the ladder is over)."""

    due: tuple[int, date] | None
    replaced: tuple[tuple[int, date], ...]
    next_on: date | None


@dataclass(frozen=True)
class Pending:
    """A reminder that waits for the person's digest."""

    reminder: Reminder
    deadline: Deadline
    application: Application


def steps_due(due_on: date, since_on: date, look_on: date, today: date, ladder: Sequence[int] = LADDER) -> Steps:
    """The steps whose day has come between the last look (`look_on`) and today.

    Those of the day when the deadline became known (`since_on`), or before, are nobody's to receive; but who learns of
    a deadline already passed is told at once.
    """
    days = sorted(reminder_ladder(due_on, ladder).items(), key=lambda item: (item[1], item[0]))
    come = [(step, day) for step, day in days if look_on <= day <= today and day > since_on]
    if not come and due_on < since_on and look_on == since_on:
        come = [(step, day) for step, day in days if day <= today][-1:]
    coming = [day for _, day in days if day > max(today, since_on)]
    due = come[-1] if come else None
    replaced = tuple(item for item in come[:-1] if due is not None and item[1] != due[1])
    return Steps(due, replaced, coming[0] if coming else None)


def cases_due(session: Session, today: date) -> list[int]:
    """The cases that have a deadline to look at today: an index-only range."""
    query = sa.select(Deadline.application_id).where(Deadline.status == "open", Deadline.next_reminder_on <= today)
    return list(session.scalars(query.distinct().order_by(Deadline.application_id)))


def remind(
    session: Session, case_id: int, directory: Directory, *, at: datetime, ladder: Sequence[int] = LADDER
) -> int:
    """Write the reminders due on one case, which is claimed: another worker leaves it alone. Returns how many people
    are told (each counts for each deadline).

    The rows are written in the caller's transaction; the case itself is not changed.
    """
    today = paris_day(at)
    rows: list[dict[str, Any]] = []
    looked: list[dict[str, Any]] = []
    connection = session.connection()
    for found in connection.execute(_CLAIM, {"case_id": case_id, "today": today}).all():
        steps = steps_due(found.due_on, found.since_on, found.next_reminder_on, today, ladder)
        looked.append({"key": found.id, "next_on": steps.next_on})
        rows += _rows(found, steps, directory, at)
    if looked:
        connection.execute(_LATER, looked)
    if rows:
        connection.execute(_WRITE[connection.dialect.name], rows)
    return sum(row["skipped"] is None for row in rows)


def _claim() -> sa.Select[Any]:
    """The deadlines to look at, locked with their case; nothing when somebody else holds one of them."""
    # Wrapped, so that no planner reads for each case the range of all that is due instead of the case's own rows.
    due = sa.func.coalesce(Deadline.next_reminder_on, date.max) <= sa.bindparam("today", type_=sa.Date)
    case_id = sa.bindparam("case_id", type_=sa.BigInteger)
    columns: tuple[Any, ...] = (
        Deadline.id,
        Deadline.due_on,
        Deadline.since_on,
        Deadline.next_reminder_on,
        Deadline.owed_by,
        Deadline.territory_id,
        Deadline.partner,
        Application.id.label("case_id"),
        Application.organisation_id,
        Application.officer_id,
        Application.scheme_code,
    )
    return (
        sa.select(*columns)
        .join(Application, Application.id == Deadline.application_id)
        .where(Application.id == case_id, Deadline.application_id == case_id, Deadline.status == "open", due)
        .order_by(Deadline.id)
        .with_for_update(skip_locked=True)
    )


# Made once: a sweep sends each of them thousands of times.
_CLAIM = _claim()
_LATER = (
    sa.update(_DEADLINES).where(_DEADLINES.c.id == sa.bindparam("key")).values(next_reminder_on=sa.bindparam("next_on"))
)
# A step told before (the deadline came back to an earlier day) is not told again.
_WRITE = {
    "postgresql": postgresql.insert(_REMINDERS).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(_REMINDERS).on_conflict_do_nothing(),
}


def _rows(found: Any, steps: Steps, directory: Directory, at: datetime) -> list[dict[str, Any]]:
    if steps.due is None:
        return []
    step, day = steps.due
    owed = Owed(
        found.case_id,
        found.organisation_id,
        found.officer_id,
        found.scheme_code,
        found.owed_by,
        found.territory_id,
        found.partner,
    )
    told = directory.told(owed, step)
    rows = [_row(found, step, day, at, person=person) for person in told]
    if not told:
        rows = [_row(found, step, day, at, skipped=NOBODY)]
    why = f"Remplacé par le rappel du {short_date(day)}."
    return [*(_row(found, old, on, at, skipped=why) for old, on in steps.replaced), *rows]


def _row(
    found: Any, step: int, day: date, at: datetime, *, person: Told | None = None, skipped: str | None = None
) -> dict[str, Any]:
    return {
        "deadline_id": found.id,
        "due_on": found.due_on,
        "step": step,
        "planned_on": day,
        "user_id": person.user_id if person else None,
        "role": person.role if person else found.owed_by,
        "note": person.note if person else "",
        "created_at": at,
        "skipped": skipped,
    }


def people_with_reminders(session: Session) -> list[int]:
    """The ids of the active people whom some reminder waits for."""
    waiting = sa.select(Reminder.user_id).join(User, User.id == Reminder.user_id)
    query = waiting.where(Reminder.message_id.is_(None), Reminder.skipped.is_(None))
    return [key for key in session.scalars(query.distinct().order_by(Reminder.user_id)) if key is not None]


def pending_reminders(session: Session, user_id: int) -> list[Pending]:
    """What waits for this person's digest, the earliest deadline first: set `reminder.message_id` once it is told."""
    query = (
        sa.select(Reminder, Deadline, Application)
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .join(Application, Application.id == Deadline.application_id)
        .where(Reminder.user_id == user_id, Reminder.message_id.is_(None), Reminder.skipped.is_(None))
        .order_by(Deadline.due_on, Application.reference, Reminder.id)
    )
    return [Pending(*row) for row in session.execute(query)]


def reminders_of(session: Session, case_id: int) -> list[tuple[Reminder, str, str | None]]:
    """Every reminder of a case with what it recalls and the name of the person, the newest first."""
    query = (
        sa.select(Reminder, Deadline, User.name)
        .join(Deadline, Deadline.id == Reminder.deadline_id)
        .outerjoin(User, User.id == Reminder.user_id)
        .where(Deadline.application_id == case_id)
        .order_by(Reminder.planned_on.desc(), Reminder.id.desc())
    )
    return [(reminder, deadline.label, name) for reminder, deadline, name in session.execute(query)]
