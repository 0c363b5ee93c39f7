"""How many hours one person's month can hold: what no calendar allows, and what is to be read again.

Nothing in the call bounds them: a day has 24 hours, and the labour code knows no longer working time than ten hours a
day and 48 hours a week (L3121-18, L3121-20). Beyond these the hours stand, and say so.
"""

from __future__ import annotations

from casework.activities import MINUTES_A_DAY

LONGEST_DAY, LONGEST_WEEK = 10 * 60, 48 * 60


def most_minutes(days: int) -> int:
    """The minutes of this many days."""
    return days * MINUTES_A_DAY


def usual_minutes(days: int) -> int:
    """The minutes that this many days of one month hold at most, at ten hours a day and 48 hours a week begun."""
    weeks = (days + 6) // 7
    return min(days * LONGEST_DAY, weeks * LONGEST_WEEK)
