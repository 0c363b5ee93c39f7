"""Working days of metropolitan France, and the days on which a deadline is recalled. Days are those of Europe/Paris.

A reminder goes out on a working day: the day of its step, or the working day before. A reminder of lateness never goes
out before the deadline has passed: it waits for the first working day after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import holidays

LADDER = (-30, -15, -7, -1, 0, 1, 7, 15)
"""Days from the deadline at which a reminder is due; negative ones come before it."""


def is_working_day(day: date) -> bool:
    """Neither a Saturday, a Sunday nor a legal holiday of metropolitan France."""
    return day.weekday() < 5 and day not in _legal_holidays(day.year)


def working_day_on_or_before(day: date) -> date:
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def working_day_on_or_after(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def working_day_after(day: date) -> date:
    """The first working day strictly after `day`."""
    return working_day_on_or_after(day + timedelta(days=1))


def reminder_ladder(due: date, steps: Iterable[int] = LADDER) -> dict[int, date]:
    """The day each step of the ladder goes out, by its distance in days from the deadline. Only working days.

    Steps that meet on one day are all listed; see `reminder_days` for the days themselves.
    """
    return {step: _reminder_day(due, step) for step in steps}


def reminder_days(due: date, steps: Iterable[int] = LADDER) -> list[date]:
    """The days on which a reminder goes out, each once, in order."""
    return sorted(set(reminder_ladder(due, steps).values()))


def _reminder_day(due: date, step: int) -> date:
    day = working_day_on_or_before(due + timedelta(days=step))
    return working_day_after(due) if step > 0 and day <= due else day


@lru_cache(maxsize=256)
def _legal_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))
