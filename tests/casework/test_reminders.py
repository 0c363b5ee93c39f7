"""Which step of the ladder goes out, when, and what an outage leaves of the others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from casework.recipients import told_roles
from casework.reminders import steps_due
from casework.workdays import reminder_ladder

DUE = date(2026, 6, 30)
KNOWN = date(2026, 1, 5)


def sent(due: date, known: date, days: list[date]) -> list[tuple[int, date]]:
    """What goes out when the job runs on these days, in this order: (step, day of the run)."""
    found, look = [], known
    for day in days:
        if look is None or look > day:
            continue
        steps = steps_due(due, known, look, day)
        if steps.due is not None:
            found.append((steps.due[0], day))
        look = steps.next_on  # type: ignore[assignment]
    return found


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def test_every_step_goes_out_once_on_its_working_day() -> None:
    days = every_day(KNOWN, date(2026, 8, 31))
    assert sent(DUE, KNOWN, days) == [(step, day) for step, day in reminder_ladder(DUE).items()]


def test_running_twice_a_day_sends_nothing_twice() -> None:
    days = every_day(KNOWN, date(2026, 8, 31))
    assert sent(DUE, KNOWN, sorted(days + days)) == sent(DUE, KNOWN, days)


def test_three_days_without_the_job_send_the_latest_step_only() -> None:
    days = [day for day in every_day(KNOWN, date(2026, 8, 31)) if not DUE - timedelta(days=1) <= day <= DUE]
    found = sent(DUE, KNOWN, days)
    assert [step for step, _ in found] == [-30, -15, -7, 1, 7, 15]
    steps = steps_due(DUE, KNOWN, DUE - timedelta(days=1), DUE + timedelta(days=1))
    assert steps.due == (1, DUE + timedelta(days=1))
    assert [step for step, _ in steps.replaced] == [-1, 0]


def test_nobody_is_recalled_on_the_day_of_the_request_itself() -> None:
    asked = DUE - timedelta(days=15)
    assert [step for step, _ in sent(DUE, asked, every_day(asked, DUE))] == [-7, -1, 0]


def test_what_was_already_late_when_it_became_known_is_told_at_once() -> None:
    known = DUE + timedelta(days=40)
    assert sent(DUE, known, every_day(known, known + timedelta(days=30))) == [(15, known)]
    soon = DUE + timedelta(days=3)
    assert sent(DUE, soon, every_day(soon, soon + timedelta(days=30))) == [
        (1, soon),
        (7, DUE + timedelta(days=7)),
        (15, DUE + timedelta(days=15)),
    ]


@pytest.mark.parametrize("due", [date(2028, 2, 29), date(2026, 3, 29), date(2026, 10, 25), date(2026, 12, 25)])
def test_the_ladder_holds_on_29_february_clock_changes_and_holidays(due: date) -> None:
    known = due - timedelta(days=60)
    steps = [step for step, _ in sent(due, known, every_day(known, due + timedelta(days=30)))]
    assert steps[-2:] == [7, 15]
    assert len(steps) == len(set(steps)) == len(set(reminder_ladder(due).values()))


def test_the_officer_is_told_from_a_week_late_and_the_manager_from_two() -> None:
    assert told_roles("applicant", 1) == ("applicant",)
    assert told_roles("applicant", 7) == ("applicant", "officer")
    assert told_roles("applicant", 15) == ("applicant", "officer", "manager")
    assert told_roles("officer", 15) == ("officer", "manager")
