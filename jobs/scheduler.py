"""The scheduler's process (`casework jobs`): APScheduler wakes the jobs of `schedule` up, if this process leads.

A new leader first runs every job whose last run is older than its period: a change of leader skips nothing. SIGTERM
and SIGINT let the running job end, then stop.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import PARIS, Clock
from casework.runs import JobRun
from casework.settings import Settings
from casework.storage import Storage
from jobs.leader import RENEW_SECONDS, Leader
from jobs.runner import run_job
from jobs.schedule import SCHEDULE, Job

log = structlog.get_logger("jobs")


class Scheduler:
    """Runs the schedule while it leads. `clock` is a function because the demonstration's clock may be moved."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        settings: Settings,
        storage: Storage,
        clock: Callable[[], Clock],
        leader: Leader,
    ) -> None:
        self._sessions, self._settings, self._storage = sessions, settings, storage
        self._clock, self._leader = clock, leader
        self._leading = False
        self._stopped = threading.Event()

    def serve(self) -> None:
        """Block until a signal asks to stop."""
        scheduler = BackgroundScheduler(
            timezone=PARIS, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for job in SCHEDULE:
            trigger = CronTrigger(minute=job.minute, hour=job.hour, timezone=PARIS)
            scheduler.add_job(self.wake, trigger, args=[job], id=job.name, name=job.label)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stopped.set())
        scheduler.start()
        log.info("scheduler started", jobs=[job.name for job in SCHEDULE])
        while not self._stopped.wait(RENEW_SECONDS):
            self.keep_lead()
        scheduler.shutdown(wait=True)
        self._leader.resign()
        log.info("scheduler stopped")

    def keep_lead(self) -> None:
        """Take or renew the lead; catch up on becoming the leader."""
        led, self._leading = self._leading, self._leader.leads()
        if self._leading and not led:
            log.info("leading")
            for job in SCHEDULE:
                if self._is_late(job):
                    self.wake(job)

    def wake(self, job: Job) -> None:
        if self._leading:
            run_job(job, self._sessions, self._settings, self._storage, self._clock())

    def _is_late(self, job: Job) -> bool:
        with self._sessions() as session:
            last = session.scalar(sa.select(sa.func.max(JobRun.started_at)).where(JobRun.name == job.name))
        return last is None or (self._clock().now() - last).total_seconds() > job.period_seconds
