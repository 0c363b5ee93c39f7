"""The schedule as data: what runs, when, never while the clock changes, and when a silence becomes abnormal."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from casework.clock import PARIS, paris_instant
from jobs.schedule import JOBS, QUIET_HOURS, SCHEDULE, Job

EVERY_MINUTE = JOBS["outbox"]


def fires(job: Job, start: datetime, end: datetime) -> list[datetime]:
    """Every time of a job in a period, in Paris."""
    found, at = [], job.next_after(start - timedelta(seconds=1))
    while at < end:
        found.append(at.astimezone(PARIS))
        at = job.next_after(at)
    return found


def test_every_job_of_the_issue_is_there_once() -> None:
    assert {job.name for job in SCHEDULE} == EXPECTED
    assert len(JOBS) == len(SCHEDULE)


EXPECTED = {
    "deadlines",
    "windows",
    "operations",
    "reminders",
    "digests",
    "outbox",
    "purge",
    "retention",
    "foretelling",
    "orphans",
    "owed",
    "journal",
    "prune",
}


@pytest.mark.parametrize("job", SCHEDULE, ids=lambda job: job.name)
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 15)])
def test_nothing_runs_while_the_clock_may_change(job: Job, day: date) -> None:
    night = fires(job, paris_instant(day, time(0, 0)), paris_instant(day + timedelta(days=1), time(0, 0)))
    assert {at.hour for at in night} & set(QUIET_HOURS) == set()
    assert len(night) == len({at.astimezone(None) for at in night})


@pytest.mark.parametrize("day", [date(2026, 3, 30), date(2026, 10, 26)])
def test_the_summary_is_at_seven_in_paris_after_a_clock_change_too(day: date) -> None:
    first, *again = fires(JOBS["digests"], paris_instant(day, time(0, 0)), paris_instant(day, time(23, 59)))
    assert (first.date(), first.time()) == (day, time(7, 0))
    assert all(at.hour < 9 for at in again)


def test_the_summary_leaves_weekends_alone() -> None:
    week = fires(JOBS["digests"], paris_instant(date(2026, 6, 15)), paris_instant(date(2026, 6, 22), time(6, 0)))
    assert {at.isoweekday() for at in week} == {2, 3, 4, 5}


def test_a_job_is_missed_when_one_of_its_times_has_passed_unseen() -> None:
    seen = paris_instant(date(2026, 6, 15), time(12, 0))
    assert not EVERY_MINUTE.missed(seen, seen + timedelta(seconds=59))
    assert EVERY_MINUTE.missed(seen, seen + timedelta(seconds=60))
    daily = JOBS["journal"]
    assert not daily.missed(seen, seen + timedelta(hours=16))
    assert daily.missed(seen, seen + timedelta(hours=17))
    assert daily.missed(None, seen)


def test_silence_is_abnormal_after_twice_the_period_and_never_because_of_the_night_or_of_sunday() -> None:
    noon = paris_instant(date(2026, 6, 15), time(12, 0))
    assert EVERY_MINUTE.silent_after(noon) == noon + timedelta(minutes=2)
    before_two = paris_instant(date(2026, 6, 15), time(1, 59))
    assert EVERY_MINUTE.silent_after(before_two) == paris_instant(date(2026, 6, 15), time(4, 1))
    friday = paris_instant(date(2026, 6, 19), time(8, 30))
    assert JOBS["digests"].silent_after(friday) == paris_instant(date(2026, 6, 22), time(7, 30))
