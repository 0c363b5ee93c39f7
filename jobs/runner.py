"""Run one job and leave a row that says so: when, what was done, what failed."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import Clock
from casework.db import transaction
from casework.runs import JobRun
from casework.settings import Settings
from casework.storage import Storage
from jobs.schedule import Job
from jobs.work import Means, Outcome

log = structlog.get_logger("jobs")


def run_job(job: Job, sessions: sessionmaker[Session], settings: Settings, storage: Storage, clock: Clock) -> Outcome:
    """Run a job now. An unexpected failure is kept on the row and raised to nobody: the next run tries again."""
    started = clock.now()
    run_id = _open(sessions, job.name, started)
    try:
        outcome = job.run(Means(sessions, settings, storage, started))
    except Exception as fault:
        log.exception("job failed", job=job.name)
        outcome = Outcome(failed=1, error=type(fault).__name__)
    _close(sessions, run_id, outcome, clock.now())
    return outcome


def _open(sessions: sessionmaker[Session], name: str, at: datetime) -> int:
    with transaction(sessions) as session:
        run = JobRun(name=name, started_at=at)
        session.add(run)
        session.flush()
        return run.id


def _close(sessions: sessionmaker[Session], run_id: int, outcome: Outcome, at: datetime) -> None:
    with transaction(sessions) as session:
        run = session.get_one(JobRun, run_id)
        run.ended_at, run.done, run.failed, run.error = at, outcome.done, outcome.failed, outcome.error
