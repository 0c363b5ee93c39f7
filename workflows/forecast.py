"""What will fall due and what will be sent in the coming days, from the deadlines as they stand. Nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.clock import paris_day
from casework.deadlines import Deadline
from casework.people import Actor
from casework.permissions import visible
from casework.recipients import Directory, Owed, told_roles
from casework.reminders import steps_due
from casework.workdays import LADDER, reminder_ladder

BATCH = 500


@dataclass(frozen=True)
class Falling:
    """A deadline that falls due in the period, or is late already."""

    due_on: date
    case_id: int
    reference: str
    kind: str
    label: str
    owed_by: str
    source: str
    late: bool


@dataclass(frozen=True)
class Sending:
    """A reminder that will go out: the day, the step of the ladder, to which roles, and to how many people today."""

    on: date
    step: int
    case_id: int
    reference: str
    label: str
    due_on: date
    roles: tuple[str, ...]
    people: int


@dataclass(frozen=True)
class Forecast:
    first: date
    last: date
    deadlines: tuple[Falling, ...]
    reminders: tuple[Sending, ...]

    def as_dict(self) -> dict[str, object]:
        """The JSON of `casework forecast`."""
        return {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "deadlines": [
                {
                    "due": one.due_on.isoformat(),
                    "application": one.reference,
                    "kind": one.kind,
                    "label": one.label,
                    "owed_by": one.owed_by,
                    "source": one.source,
                    "late": one.late,
                }
                for one in self.deadlines
            ],
            "reminders": [
                {
                    "on": one.on.isoformat(),
                    "step": one.step,
                    "application": one.reference,
                    "label": one.label,
                    "due": one.due_on.isoformat(),
                    "to": list(one.roles),
                    "people": one.people,
                }
                for one in self.reminders
            ],
        }


def forecast(
    session: Session, *, today: date, days: int, ladder: Sequence[int] = LADDER, actor: Actor | None = None
) -> Forecast:
    """From today to `days` later. `actor`: only what this person may see; everything by default."""
    last = today + timedelta(days=days)
    earliest, latest = today - timedelta(days=max(ladder) + 7), last - timedelta(days=min(ladder) - 7)
    columns: tuple[Any, ...] = (
        Deadline,
        Application.reference,
        Application.organisation_id,
        Application.officer_id,
        Application.scheme_code,
    )
    query = (
        sa.select(*columns)
        .join(Application, Application.id == Deadline.application_id)
        .where(Deadline.status == "open", Deadline.due_on <= latest, Deadline.awaits_id.is_(None))
        .where(sa.or_(Deadline.due_on >= earliest, Deadline.next_reminder_on.is_not(None), Deadline.due_on < today))
        .order_by(Deadline.due_on, Deadline.id)
    )
    rows = session.execute(query if actor is None else visible(query, actor)).all()
    directory = Directory(session)
    falling = tuple(_falling(row, today) for row in rows if row.Deadline.due_on <= last)
    sending: list[Sending] = []
    for start in range(0, len(rows), BATCH):
        page = rows[start : start + BATCH]
        directory.read_cases(session, {row.Deadline.application_id for row in page})
        sending += [one for row in page for one in _sendings(row, directory, today, last, ladder)]
    return Forecast(today, last, falling, tuple(sorted(sending, key=lambda one: (one.on, one.reference, one.due_on))))


def _falling(row: Any, today: date) -> Falling:
    one: Deadline = row.Deadline
    return Falling(
        one.due_on, one.application_id, row.reference, one.kind, one.label, one.owed_by, one.source, one.late(today)
    )


def _sendings(row: Any, directory: Directory, today: date, last: date, ladder: Sequence[int]) -> Iterator[Sending]:
    one: Deadline = row.Deadline
    if one.next_reminder_on is None:
        return
    owed = Owed(
        one.application_id,
        row.organisation_id,
        row.officer_id,
        row.scheme_code,
        one.owed_by,
        one.territory_id,
        one.partner,
    )
    for step, day in _coming(one, today, last, ladder):
        told = directory.told(owed, step)
        yield Sending(
            day,
            step,
            one.application_id,
            row.reference,
            one.label,
            one.due_on,
            told_roles(one.owed_by, step),
            len(told),
        )


def _coming(one: Deadline, today: date, last: date, ladder: Sequence[int]) -> Iterator[tuple[int, date]]:
    """What the job would send if it ran today, then each day of the ladder; steps that meet on one day are one."""
    now = steps_due(one.due_on, one.since_on, one.next_reminder_on or today, today, ladder).due
    if now is not None:
        yield now[0], today
    later = {day: step for step, day in sorted(reminder_ladder(one.due_on, ladder).items()) if today < day <= last}
    since = max(one.since_on, paris_day(one.planned_at))
    yield from ((step, day) for day, step in sorted(later.items()) if day > since)
