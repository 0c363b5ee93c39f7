"""3.10 and the college market: what may be counted of somebody placed in a college (l.2425-2446).

Her follow-up counts for two months after she joined the college, so that one leads to the other; past them she leaves
the operation, and may come back to it. Who was placed there directly is never counted: the market pays for her.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from workflows.rules.calendar import add_months

COLLEGE_MONTHS = 2
DIRECT_LINE = 2446


def not_counted(entered_on: date | None, left_on: date | None) -> tuple[date, date | None] | None:
    """The days of this stay past the two months, both included; the last is None while she is still there."""
    if entered_on is None:
        return None
    first = add_months(entered_on, COLLEGE_MONTHS) + timedelta(days=1)
    last = None if left_on is None else left_on - timedelta(days=1)
    return None if last is not None and last < first else (first, last)


def without(period: tuple[date, date], taken: Iterable[tuple[date, date | None]]) -> list[tuple[date, date]]:
    """What remains of a period once others are taken from it; both days included everywhere."""
    first, last = period
    found = []
    for begun, ended in sorted(taken, key=lambda one: one[0]):
        if begun > first:
            found.append((first, min(last, begun - timedelta(days=1))))
        if ended is None or ended >= last:
            return [one for one in found if one[0] <= one[1]]
        first = max(first, ended + timedelta(days=1))
    return [one for one in (*found, (first, last)) if one[0] <= one[1]]
