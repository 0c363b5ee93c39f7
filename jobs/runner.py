"""Run one job and leave a row that says so: when, what was done, what failed, what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import Clock
from casework.db import transaction
from casework.runs import JobRun, JobWatch
from casework.settings import Settings
from casework.storage import Storage
from jobs.schedule import JOBS, SCHEDULE, Job
from jobs.work import Means, Outcome

log = structlog.get_logger("jobs")
ABANDONED = timedelta(hours=1)
BY_HAND = "Lancée à la main."


def run_job(
    job: Job,
    sessions: sessionmaker[Session],
    settings: Settings,
    storage: Storage,
    clock: Clock,
    *,
    stopping: Callable[[], bool] = lambda: False,
    by_hand: bool = False,
) -> Outcome:
    """Run a job now. An unexpected failure is kept on the row and raised to nobody: the next run tries again.

    A run by hand is a row too, but says nothing of the scheduler: the job's silence is still watched. One process
    leads, and runs a job once at a time: what the scheduler had begun of it and not ended died with another process.
    """
    means = Means(sessions, settings, storage, clock.now(), clock, stopping)
    with transaction(sessions) as session:
        if not by_hand:
            _close(
                session,
                "le planificateur s’est arrêté en route",
                JobRun.name == job.name,
                JobRun.note != BY_HAND,
                at=means.now,
            )
        run = JobRun(name=job.name, started_at=means.now, note=BY_HAND if by_hand else "")
        session.add(run)
        session.flush()
        run_id = run.id
    outcome = _attempt(job, means)
    if by_hand:
        outcome = replace(outcome, note=f"{outcome.note} {BY_HAND}".strip())
    with transaction(sessions) as session:
        run = session.get_one(JobRun, run_id)
        run.ended_at, run.done, run.failed = clock.now(), outcome.done, outcome.failed
        run.error, run.note = outcome.error, outcome.note
        if not by_hand:
            _seen(session, job, means.now)
    return outcome


def rehearse(job: Job, engine: sa.Engine, settings: Settings, storage: Storage, clock: Clock) -> Outcome:
    """The same work as a run, rolled back whole: nothing is written, sent nor deleted; only the counts remain."""
    with engine.connect() as connection:
        undone = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        try:
            return _attempt(job, Means(sessions, settings, storage, clock.now(), clock, rehearsal=True))
        finally:
            undone.rollback()


def _attempt(job: Job, means: Means) -> Outcome:
    try:
        return job.run(means)
    except Exception as fault:
        log.exception("job failed", job=job.name)
        return Outcome(failed=1, error=f"{type(fault).__name__} : {str(fault)[:300]}")


def watch(sessions: sessionmaker[Session], now: datetime) -> None:
    """Write what is expected of each job of the schedule, and close the runs that a dead process left open."""
    with transaction(sessions) as session:
        known = {row.name: row for row in session.scalars(sa.select(JobWatch))}
        for name in known.keys() - {job.name for job in SCHEDULE}:
            session.delete(known[name])
        for position, job in enumerate(SCHEDULE):
            row = known.get(job.name) or JobWatch(name=job.name, silent_after=job.silent_after(now))
            row.position, row.label, row.schedule = position, job.label, job.when
            session.add(row)
        close_abandoned(session, now)


def close_abandoned(session: Session, now: datetime) -> None:
    """A run that has no end after an hour belongs to a process that died: say so."""
    _close(session, "le processus s’est arrêté en route", JobRun.started_at < now - ABANDONED, at=now)


def _close(session: Session, why: str, *which: sa.ColumnElement[bool], at: datetime) -> None:
    left = sa.update(JobRun).where(JobRun.ended_at.is_(None), *which)
    session.execute(left.values(ended_at=at, failed=1, error=f"Interrompue : {why}."))


def _seen(session: Session, job: Job, at: datetime) -> None:
    row = session.get(JobWatch, job.name) or JobWatch(
        name=job.name, position=list(JOBS).index(job.name), label=job.label, schedule=job.when
    )
    row.seen_at, row.silent_after = at, job.silent_after(at)
    session.add(row)
