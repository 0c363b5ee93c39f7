"""A full disk, nights when the clock changes, three days without any scheduler."""

from __future__ import annotations

import errno
import io
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.applications import Application
from casework.clock import FixedClock, paris_instant
from casework.db import transaction
from casework.deadlines import Reminder, plan
from casework.outbox import Message
from casework.people import User
from casework.runs import JobRun
from casework.settings import Settings
from casework.storage import Storage
from jobs import deadlines, digests, orphans, outbox
from jobs.mailbox import Mailbox
from jobs.outbox import DELAYS
from jobs.runner import run_job
from jobs.schedule import JOBS, SCHEDULE
from jobs.work import Means
from tests.support.mailserver import Inbox, mail_server
from tests.support.means import letters, means
from tests.support.stories import Teller, cast_of
from tests.support.template import NOW


class FullDisk(Storage):
    """A folder where nothing can be written nor moved any more."""

    def delete(self, key: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_fails_the_files_job_in_the_open_and_no_other(
    sessions: sessionmaker[Session], settings: Settings, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = FullDisk(Path(settings.files_dir))
    monkeypatch.setattr(orphans, "orphans", lambda *_, **__: ["aa/bb/aabb", "cc/dd/ccdd"])
    for job in SCHEDULE:
        run_job(job, sessions, settings, storage, clock)
    with sessions() as session:
        failed = {run.name: (run.failed, run.error) for run in session.scalars(sa.select(JobRun)) if run.failed}
    assert failed == {"orphans": (2, "aa/bb/aabb : No space left on device")}


def full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_that_finds_no_room_leaves_nothing_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casework.storage._copy", full)
    storage = Storage(Path(settings.files_dir))
    with pytest.raises(OSError, match="No space"):
        storage.put(io.BytesIO(b"%PDF-1.7"), name="a.pdf", limit=1000, at=NOW)
    assert [path for path in storage.root.rglob("*") if path.is_file()] == []


def test_a_mailbox_without_room_costs_no_message(
    sessions: sessionmaker[Session], settings: Settings, tmp_path: Path
) -> None:
    """The mail server has no disk left: it says « later », and the message waits."""
    letters(sessions, 1)
    with mail_server(Mailbox(Path("/dev/null/courrier"))) as port:
        assert outbox.run(means(sessions, settings, port=port)).failed == 1
    with mail_server(Mailbox(tmp_path)) as port:
        assert outbox.run(means(sessions, settings, now=NOW + DELAYS[0], port=port)).done == 1
    assert [path.suffix for path in tmp_path.iterdir() if path.is_file()].count(".eml") == 1


NIGHTS = [
    pytest.param(date(2026, 3, 29), 23, id="march"),
    pytest.param(date(2026, 10, 25), 25, id="october"),
]


@pytest.mark.parametrize(("day", "hours"), NIGHTS)
def test_every_job_runs_through_a_night_when_the_clock_changes(
    sessions: sessionmaker[Session], settings: Settings, day: date, hours: int
) -> None:
    """Minute after minute the schedule is asked what is due: nothing twice, nothing between two and four."""
    start, end = paris_instant(day, time(0, 0)), paris_instant(day + timedelta(days=1), time(0, 0))
    assert end - start == timedelta(hours=hours)
    clock, seen = FixedClock(start), dict.fromkeys(JOBS, start - timedelta(hours=1))
    storage = Storage(Path(settings.files_dir))
    daily = [JOBS[name] for name in ("purge", "orphans", "journal", "prune", "digests")]
    while clock.now() < end:
        for job in daily:
            if job.missed(seen[job.name], clock.now()):
                seen[job.name] = clock.now()
                run_job(job, sessions, settings, storage, clock)
        clock.advance(timedelta(minutes=10))
    with sessions() as session:
        names = list(session.scalars(sa.select(JobRun.name).order_by(JobRun.name)))
    assert names == ["journal", "orphans", "prune", "purge"], "a Sunday: no summary"


def test_three_days_without_a_scheduler_then_one_sends_what_mattered_once(
    sessions: sessionmaker[Session], settings: Settings
) -> None:
    """Friday's and Saturday's steps are replaced by the last one, and noted; each person has one mail."""
    due = date(2026, 6, 23)
    with transaction(sessions) as session:
        cast = cast_of(session)
        case = session.get_one(Application, Teller(session, settings, cast).tell("3.5", "execution").id)
        session.execute(sa.update(User).values(mail_tasks="never"))
        session.execute(sa.text("UPDATE deadline SET next_reminder_on = NULL"))
        session.execute(sa.delete(Reminder))
        session.execute(sa.delete(Message))
        known = paris_instant(date(2026, 6, 1), time(9, 0))
        planned = plan(session, case, "annual_accounts", due_on=due, owed_by="applicant", source="Fiche", at=known)
        key, applicant = planned.id, cast.applicant.user_id
    inbox = Inbox()
    with mail_server(inbox) as port:

        def morning(day: date) -> None:
            now: datetime = paris_instant(day, time(7, 0))
            given: Means = means(sessions, settings, now=now, port=port)
            for job in (deadlines, digests, outbox):
                outcome: Any = job.run(given)
                assert outcome.failed == 0, outcome.error

        morning(date(2026, 6, 8))
        before = len(inbox.received)
        morning(date(2026, 6, 25))
        morning(date(2026, 6, 25))
    assert before <= 1
    with sessions() as session:
        address = session.get_one(User, applicant).email
        rows = list(session.scalars(sa.select(Reminder).where(Reminder.deadline_id == key).order_by(Reminder.id)))
    told = [row for row in rows if row.user_id == applicant and row.message_id is not None]
    assert inbox.recipients.count(address) == before + 1
    assert told[-1].step == max(row.step for row in rows)
    replaced = [row for row in rows if row.skipped is not None]
    assert replaced
    assert all((row.skipped or "").startswith("Remplacé") for row in replaced)


def test_nothing_is_due_for_a_message_of_the_future(sessions: sessionmaker[Session], settings: Settings) -> None:
    """A demonstration's date that goes back, a server whose clock was wrong: the message waits for its time."""
    with mail_server(Inbox()) as port:
        assert outbox.run(means(sessions, settings, now=NOW - timedelta(days=1), port=port)).done == 0
