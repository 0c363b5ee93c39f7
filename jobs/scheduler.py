"""The scheduler's process (`casework jobs`): APScheduler wakes the jobs of `schedule` up, if this process leads.

A new leader first runs every job one of whose times has passed unseen: a change of leader skips nothing. SIGTERM and
SIGINT let a running job leave between two things it does; one that does not in a few seconds is cut, as a power
failure would: its transaction is undone, and the next run does it again.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable

import sqlalchemy as sa
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import PARIS, Clock, SystemClock
from casework.runs import JobWatch
from casework.settings import Settings
from casework.storage import Storage
from jobs.leader import RENEW_SECONDS, Leader
from jobs.runner import run_job, watch
from jobs.schedule import QUIET_HOURS, SCHEDULE, Job

log = structlog.get_logger("jobs")
GRACE_SECONDS = 5
_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


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
        self._leading = self._caught_up = False
        self._stopped = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone=PARIS, job_defaults=_DEFAULTS, executors={"default": ThreadPoolExecutor(len(SCHEDULE))}
        )

    def serve(self) -> None:
        """Block until a signal asks to stop."""
        for job in SCHEDULE:
            self._scheduler.add_job(self.wake, job.trigger, args=[job], id=job.name, name=job.label)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        self._scheduler.start()
        log.info("scheduler started", jobs=[job.name for job in SCHEDULE])
        self.keep_lead()
        while not self._stopped.wait(RENEW_SECONDS):
            self.keep_lead()
        self._end()

    def stop(self) -> None:
        self._stopped.set()

    def keep_lead(self) -> None:
        """Take or renew the lead; catch up on becoming the leader, once the hours of the clock change are over.

        A database that does not answer is no reason to end: the lead is lost meanwhile, and tried again.
        """
        try:
            led, self._leading = self._leading, self._leader.leads()
            if self._leading and not led:
                log.info("leading")
                self._caught_up = False
            if self._leading and not self._caught_up and SystemClock().now().astimezone(PARIS).hour not in QUIET_HOURS:
                for job in self.late():
                    self._scheduler.modify_job(job.name, next_run_time=SystemClock().now())
                self._caught_up = True
        except SQLAlchemyError as fault:
            self._leading = False
            log.warning("lead lost", fault=type(fault).__name__)

    def late(self) -> list[Job]:
        """The jobs one of whose times has passed since they were last seen."""
        now = self._clock().now()
        watch(self._sessions, now)
        with self._sessions() as session:
            seen = {row.name: row.seen_at for row in session.scalars(sa.select(JobWatch))}
        return [job for job in SCHEDULE if job.missed(seen.get(job.name), now)]

    def wake(self, job: Job) -> None:
        """Run a job, if this process leads. A database that went away is met again at the job's next time."""
        if not self._leading or self._stopped.is_set():
            return
        try:
            run_job(job, self._sessions, self._settings, self._storage, self._clock(), stopping=self._stopped.is_set)
        except SQLAlchemyError as fault:
            log.warning("run not recorded", job=job.name, fault=type(fault).__name__)

    def _end(self) -> None:
        ending = threading.Thread(target=self._scheduler.shutdown, daemon=True)
        ending.start()
        ending.join(GRACE_SECONDS)
        try:
            self._leader.resign()
        except SQLAlchemyError as fault:
            log.warning("lead not given back", fault=type(fault).__name__)
        log.info("scheduler stopped", unfinished=ending.is_alive())
        if ending.is_alive():
            os._exit(0)
