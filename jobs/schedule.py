"""The schedule, as data: one line per job. Hours are those of Europe/Paris; nothing runs between 02:00 and 04:00,
when the clock changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jobs import housekeeping, operations, outbox, windows
from jobs.work import Means, Outcome

WAKING = "0-1,4-23"


@dataclass(frozen=True)
class Job:
    """A job, its period in crontab form (minute, hours), and the seconds after which it should have been seen again.

    `daily`: also run once for each day that the demonstration's clock passes.
    """

    name: str
    label: str
    run: Callable[[Means], Outcome]
    minute: str
    hour: str
    period_seconds: int
    daily: bool = True


SCHEDULE = (
    Job("windows", windows.NAME, windows.run, "*/5", WAKING, 300),
    Job("operations", operations.NAME, operations.run, "*/5", WAKING, 300),
    Job("outbox", outbox.NAME, outbox.run, "*", WAKING, 60),
    Job("housekeeping", housekeeping.NAME, housekeeping.run, "15", "4", 86_400, daily=False),
)
JOBS = {job.name: job for job in SCHEDULE}
