"""How often a person who was hired is met (3.2, l.283-288): what was done, and when the next interview is awaited.

It reminds and never blocks: the sheet wants more interviews during the trial period, and gives no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from workflows.rules.calendar import add_months
from workflows.scheme import InterviewPace


@dataclass(frozen=True)
class Pace:
    """Interviews before the person was hired, during the trial period, and since; the last one, and the next one.

    `next_by` is None when nobody waits for one: not hired yet, or after `until`, the end of the months of the sheet.
    """

    before: int
    during: int
    later: int
    last_on: date | None
    next_by: date | None = None
    until: date | None = None

    def awaited(self, today: date) -> date | None:
        """By when the next interview is awaited; None when nobody waits for one any more."""
        return self.next_by if self.until is not None and today <= self.until else None

    def is_late(self, today: date) -> bool:
        awaited = self.awaited(today)
        return awaited is not None and awaited < today


def pace_of(
    asked: InterviewPace,
    interviews: Sequence[date],
    *,
    hired_on: date | None,
    trial_ends_on: date | None,
    ends_on: date,
) -> Pace:
    """Where one journey stands. `ends_on`: the end of the operation. Days are Europe/Paris."""
    last = max(interviews, default=None)
    if hired_on is None:
        return Pace(len(interviews), 0, 0, last)
    trial_ends_on = trial_ends_on or hired_on - timedelta(days=1)
    before = sum(day < hired_on for day in interviews)
    during = sum(hired_on <= day <= trial_ends_on for day in interviews)
    since = max(last or hired_on, hired_on)
    gap = asked.trial_days if since < trial_ends_on else asked.later_days
    next_by = since + timedelta(days=gap)
    until = min(add_months(hired_on, asked.months), ends_on)
    awaited = (next_by, until) if next_by <= until else (None, None)
    return Pace(before, during, len(interviews) - before - during, last, *awaited)
