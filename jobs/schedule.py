"""The schedule, as data: one line per job. Hours are those of Europe/Paris; nothing runs between 02:00 and 04:00,
when the clock changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from apscheduler.triggers.cron import CronTrigger

from casework.clock import PARIS
from jobs import (
    deadlines,
    digests,
    foretelling,
    housekeeping,
    journal,
    operations,
    orphans,
    outbox,
    owed,
    prune,
    reminders,
    retention,
    windows,
)
from jobs.work import Means, Outcome

WAKING = "0-1,4-23"
QUIET_HOURS = (2, 3)


@dataclass(frozen=True)
class Job:
    """A job and its times in crontab form (minute, hours, days). `when` says the same to people.

    `daily`: also run once for each day that the demonstration's clock passes; the others run once at the end.
    """

    name: str
    label: str
    run: Callable[[Means], Outcome]
    when: str
    minute: str
    hour: str
    day_of_week: str = "*"
    daily: bool = True

    @property
    def trigger(self) -> CronTrigger:
        return CronTrigger(minute=self.minute, hour=self.hour, day_of_week=self.day_of_week, timezone=PARIS)

    def next_after(self, instant: datetime) -> datetime:
        """The first time of this job strictly after an instant."""
        found = self.trigger.get_next_fire_time(None, instant + timedelta(seconds=1))
        if found is None:
            raise ValueError(f"job {self.name} has no next time")
        return found

    def missed(self, seen: datetime | None, now: datetime) -> bool:
        """True when a time has passed since this job was last seen (a day ago when it never was)."""
        return self.next_after(seen or now - timedelta(days=1)) <= now

    def silent_after(self, seen: datetime) -> datetime:
        """From when the silence of this job is abnormal: twice its period, nights and days of rest left out."""
        return self.next_after(self.next_after(seen))


SCHEDULE = (
    Job("windows", windows.NAME, windows.run, "toutes les 5 minutes", "*/5", WAKING),
    Job("operations", operations.NAME, operations.run, "toutes les 5 minutes", "*/5", WAKING),
    Job("deadlines", deadlines.NAME, deadlines.run, "toutes les 5 minutes", "1-59/5", WAKING),
    Job("reminders", reminders.NAME, reminders.run, "toutes les 5 minutes, de 7 h à 20 h", "2-59/5", "7-19"),
    Job("digests", digests.NAME, digests.run, "dès 7 h, du lundi au vendredi", "0,30", "7-8", "mon-fri"),
    Job("outbox", outbox.NAME, outbox.run, "toutes les minutes", "*", WAKING),
    Job("purge", housekeeping.NAME, housekeeping.run, "à 4 h 10", "10", "4", daily=False),
    Job("retention", retention.NAME, retention.run, "à 4 h 15", "15", "4", daily=False),
    Job("foretelling", foretelling.NAME, foretelling.run, "à 4 h 40", "40", "4", daily=False),
    Job("orphans", orphans.NAME, orphans.run, "à 4 h 20", "20", "4", daily=False),
    Job("owed", owed.NAME, owed.run, "à 4 h 35", "35", "4", daily=False),
    Job("journal", journal.NAME, journal.run, "à 4 h 30", "30", "4", daily=False),
    Job("prune", prune.NAME, prune.run, "à 4 h 50", "50", "4", daily=False),
)
JOBS = {job.name: job for job in SCHEDULE}
