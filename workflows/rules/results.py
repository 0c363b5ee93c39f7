"""What an operation achieved, as far as its grant depends on it (3.10–3.12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Results:
    """`months_done` are participant-months, `hours_done` hours of "mise à disposition" over the whole operation.

    `setting` is urban or rural (3.10, l.2518), `quality_pct` the officer's score from 0 to 100.
    Anything else raises `ValueError`.
    """

    posts: int = 0
    months_done: Decimal = Decimal(0)
    hours_done: Decimal = Decimal(0)
    setting: str = "urban"
    dynamic_exits: int = 0
    quality_pct: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        figures = (self.posts, self.months_done, self.hours_done, self.dynamic_exits, self.quality_pct)
        if any(figure < 0 for figure in figures):
            raise ValueError("a result is never negative")
        if self.quality_pct > 100 or self.setting not in ("urban", "rural"):
            raise ValueError("quality is at most 100 per cent, the setting is urban or rural")


def months_accompanied(first: date, last: date, away: Sequence[tuple[date, date]] = ()) -> int:
    """The calendar months in which a person was accompanied a day at least, both days included.

    `away`: the times out, both days included. A CRE is written for each month begun, and the payment follows them
    (l.2514, 2836, 3137). Nothing when `last` precedes `first`.
    """
    present: set[tuple[int, int]] = set()
    start = first
    for gone, back in [*sorted(away), (last + timedelta(days=1), last)]:
        present |= _months_between(start, min(gone - timedelta(days=1), last))
        start = max(start, back + timedelta(days=1))
    return len(present)


def days_accompanied(
    month: date, first: date, last: date | None, away: Sequence[tuple[date, date | None]] = ()
) -> set[date]:
    """The days of this month (its first day) in which a person was in the operation and not away, ends included."""
    begun, ended = month, end_of_month(month)
    start, end = max(first, begun), min(last or ended, ended)
    days = {start + timedelta(days=rank) for rank in range((end - start).days + 1)}
    return {day for day in days if not any(gone <= day <= (back or ended) for gone, back in away)}


def end_of_month(month: date) -> date:
    """The last day of the month of this day."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _months_between(first: date, last: date) -> set[tuple[int, int]]:
    if last < first:
        return set()
    begun, ended = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return {divmod(month, 12) for month in range(begun, ended + 1)}


NO_RESULT = Results()
"""Where the grant depends on no result."""
