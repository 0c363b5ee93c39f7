"""Every run leaves a row; a failing job stops nobody; a rehearsal leaves nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.people import Territory
from casework.runs import JobRun, JobWatch
from casework.settings import Settings
from casework.storage import Storage
from jobs.runner import ABANDONED, rehearse, run_job, watch
from jobs.schedule import JOBS, SCHEDULE, Job
from jobs.work import Means, Outcome
from tests.support.template import NOW


def a_job(run: object, name: str = "outbox") -> Job:
    return Job(name, "Essai", run, "toutes les minutes", "*", "*")  # type: ignore[arg-type]


def runs(sessions: sessionmaker[Session]) -> list[JobRun]:
    with sessions() as session:
        return list(session.scalars(sa.select(JobRun).order_by(JobRun.id)))


def storage(settings: Settings) -> Storage:
    return Storage(Path(settings.files_dir))


def test_a_run_is_a_row_with_what_it_did_and_found(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    run_job(a_job(lambda means: Outcome(3, 1, "dossier 4", "à voir")), sessions, settings, storage(settings), clock)
    (row,) = runs(sessions)
    assert (row.name, row.started_at, row.ended_at) == ("outbox", NOW, NOW)
    assert (row.done, row.failed, row.error, row.note) == (3, 1, "dossier 4", "à voir")
    with sessions() as session:
        seen = session.get_one(JobWatch, "outbox")
    assert (seen.seen_at, seen.silent_after) == (NOW, NOW + timedelta(minutes=2))


def test_a_job_that_breaks_is_a_failed_run_and_nothing_more(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    def broken(means: Means) -> Outcome:
        raise RuntimeError("panne")

    assert run_job(a_job(broken), sessions, settings, storage(settings), clock).failed == 1
    assert [(row.failed, row.error) for row in runs(sessions)] == [(1, "RuntimeError : panne")]


def test_a_run_by_hand_is_said_and_does_not_hide_that_the_scheduler_is_silent(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    job = a_job(lambda means: Outcome())
    run_job(job, sessions, settings, storage(settings), clock, by_hand=True)
    assert runs(sessions)[0].note == "Lancée à la main."
    with sessions() as session:
        assert session.get(JobWatch, "outbox") is None


def test_what_a_killed_scheduler_had_begun_is_closed_when_the_job_runs_again_but_not_a_run_by_hand(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock
) -> None:
    with transaction(sessions) as session:
        for name, note in (("outbox", ""), ("outbox", "Lancée à la main."), ("journal", "")):
            session.add(JobRun(name=name, started_at=NOW - timedelta(seconds=8), note=note))
    job = a_job(lambda means: Outcome())
    run_job(job, sessions, settings, storage(settings), clock, by_hand=True)
    assert [row.ended_at for row in runs(sessions)] == [None, None, None, NOW]
    run_job(job, sessions, settings, storage(settings), clock)
    killed, by_hand, other, *_ = runs(sessions)
    assert (killed.ended_at, killed.failed, killed.error.startswith("Interrompue")) == (NOW, 1, True)
    assert (by_hand.ended_at, other.ended_at) == (None, None)


def test_a_rehearsal_does_the_work_and_undoes_it(engine: sa.Engine, settings: Settings, clock: FixedClock) -> None:
    def rename(means: Means) -> Outcome:
        done = 0
        for code in ("artois", "ternois"):
            with transaction(means.sessions) as session:
                territory = session.scalars(sa.select(Territory).where(Territory.code == code)).one()
                territory.name = f"{territory.name} (essai)"
                done += 1
        with means.sessions() as session:
            assert session.scalar(sa.select(sa.func.count()).where(Territory.name.contains("essai"))) == 2
        return Outcome(done)

    assert rehearse(a_job(rename), engine, settings, storage(settings), clock).done == 2
    with engine.connect() as connection:
        names = connection.execute(sa.select(Territory.name)).scalars().all()
        assert not [name for name in names if "essai" in name]
        assert connection.scalar(sa.select(sa.func.count()).select_from(JobRun)) == 0


@pytest.mark.parametrize("name", JOBS)
def test_every_job_can_be_rehearsed_and_run_where_there_is_nothing_to_do(
    sessions: sessionmaker[Session], engine: sa.Engine, settings: Settings, clock: FixedClock, name: str
) -> None:
    assert rehearse(JOBS[name], engine, settings, storage(settings), clock).failed == 0
    assert run_job(JOBS[name], sessions, settings, storage(settings), clock).failed == 0


def test_what_is_expected_of_each_job_is_written_before_its_first_run(
    sessions: sessionmaker[Session], clock: FixedClock
) -> None:
    with transaction(sessions) as session:
        session.add(JobWatch(name="ancienne", position=9, label="Ancienne", schedule="jamais", silent_after=NOW))
        session.add(JobRun(name="outbox", started_at=NOW - ABANDONED - timedelta(minutes=1)))
        session.add(JobRun(name="outbox", started_at=NOW - timedelta(minutes=1)))
    watch(sessions, NOW)
    watch(sessions, NOW)
    with sessions() as session:
        rows = list(session.scalars(sa.select(JobWatch).order_by(JobWatch.position)))
    assert [(row.name, row.label, row.schedule) for row in rows] == [(j.name, j.label, j.when) for j in SCHEDULE]
    assert all(row.seen_at is None and row.silent_after > NOW for row in rows)
    assert [row.error.startswith("Interrompue") for row in runs(sessions)] == [True, False]
