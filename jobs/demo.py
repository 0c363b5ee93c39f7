"""The demonstration's clock: read it, set it, move it forward while the jobs of the days passed are run."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import Clock, FixedClock, ShiftedClock, SystemClock, paris_day, paris_instant
from casework.db import transaction
from casework.errors import Refused
from casework.runs import DemoClock
from casework.settings import Settings
from casework.storage import Storage
from jobs.runner import run_job
from jobs.schedule import SCHEDULE

LONGEST = timedelta(days=800)
MORNING = time(7, 0)


def demo_clock(session: Session) -> Clock:
    """The clock of the demonstration as it stands in the database; the real one when it was never set."""
    row = session.get(DemoClock, 1)
    return ShiftedClock(timedelta(seconds=row.offset_seconds)) if row else SystemClock()


def set_clock(sessions: sessionmaker[Session], to: datetime) -> None:
    """Make the demonstration's present `to`."""
    offset = int((to - SystemClock().now()).total_seconds())
    with transaction(sessions) as session:
        session.execute(sa.delete(DemoClock))
        session.add(DemoClock(id=1, offset_seconds=offset))


def advance(sessions: sessionmaker[Session], settings: Settings, to: datetime) -> int:
    """Move the clock forward to `to` and run each morning's jobs on the way. Returns the number of days passed.

    Raises Refused for a step back or a leap of more than 800 days.
    """
    with sessions() as session:
        now = demo_clock(session).now()
    if to <= now:
        raise Refused(
            ["L’horloge de la démonstration ne recule pas : relancez la démonstration pour revenir en arrière."]
        )
    if to - now > LONGEST:
        raise Refused([f"Avancez de {LONGEST.days} jours au plus à la fois."])
    storage = Storage(Path(settings.files_dir))
    days = _mornings(paris_day(now), paris_day(to))
    for day in days:
        instant = paris_instant(day, MORNING)
        set_clock(sessions, instant)
        for job in SCHEDULE:
            if job.daily:
                run_job(job, sessions, settings, storage, FixedClock(instant))
    set_clock(sessions, to)
    for job in SCHEDULE:
        if not job.daily or days:
            run_job(job, sessions, settings, storage, FixedClock(to))
    return len(days)


def _mornings(after: date, until: date) -> list[date]:
    return [after + timedelta(days=number) for number in range(1, (until - after).days + 1)]
