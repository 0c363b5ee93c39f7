"""How often a person who was hired is met (3.2, l.283-288)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from workflows.rules.pace import Pace, pace_of
from workflows.scheme import Scheme

HIRED, TRIAL_ENDS, ENDS = date(2024, 3, 4), date(2024, 5, 3), date(2025, 2, 28)


def pace(schemes: dict[str, Scheme], *days: date, hired_on: date | None = HIRED, ends_on: date = ENDS) -> Pace:
    asked = schemes["3.2"].interview_pace
    assert asked is not None
    trial_ends_on = TRIAL_ENDS if hired_on else None
    return pace_of(asked, days, hired_on=hired_on, trial_ends_on=trial_ends_on, ends_on=ends_on)


def test_interviews_are_counted_before_the_hiring_during_the_trial_and_since(schemes: dict[str, Scheme]) -> None:
    found = pace(schemes, date(2024, 2, 20), HIRED, TRIAL_ENDS, date(2024, 5, 4))
    assert (found.before, found.during, found.later, found.last_on) == (1, 2, 1, date(2024, 5, 4))


@pytest.mark.parametrize(
    ("last", "next_by"),
    [
        (date(2024, 2, 1), date(2024, 3, 19)),
        (date(2024, 4, 1), date(2024, 4, 16)),
        (TRIAL_ENDS, date(2024, 6, 2)),
        (date(2024, 8, 4), date(2024, 9, 3)),
        (date(2024, 8, 6), None),
    ],
)
def test_the_next_one_comes_sooner_during_the_trial_and_none_after_six_months(
    schemes: dict[str, Scheme], last: date, next_by: date | None
) -> None:
    assert pace(schemes, last).next_by == next_by


def test_nobody_waits_for_an_interview_before_the_hiring_or_after_the_operation(schemes: dict[str, Scheme]) -> None:
    assert pace(schemes, date(2024, 2, 1), hired_on=None) == Pace(1, 0, 0, date(2024, 2, 1))
    assert pace(schemes, ends_on=HIRED + timedelta(days=14)).next_by is None


def test_an_interview_is_late_the_day_after_it_was_awaited(schemes: dict[str, Scheme]) -> None:
    awaited = pace(schemes).next_by
    assert awaited is not None
    assert not pace(schemes).is_late(awaited)
    assert pace(schemes).is_late(awaited + timedelta(days=1))


def test_nobody_is_late_for_ever(schemes: dict[str, Scheme]) -> None:
    last_day = date(2024, 9, 4)
    assert pace(schemes).is_late(last_day)
    assert pace(schemes).awaited(last_day + timedelta(days=1)) is None
