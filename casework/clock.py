"""The only place that reads the time. Instants are aware UTC datetimes; days are those of Europe/Paris."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: tests and the making of the demonstration."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def move_to(self, instant: datetime) -> None:
        self.instant = instant.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self.instant += by


@dataclass(frozen=True)
class ShiftedClock:
    """The real time moved by a constant: the demonstration's clock, which ticks but stands at another date."""

    offset: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.offset


def paris_day(instant: datetime) -> date:
    """The calendar day in Europe/Paris of an aware instant."""
    return instant.astimezone(PARIS).date()


def paris_instant(day: date, at: time = time(12, 0)) -> datetime:
    """The instant, in UTC, of a wall-clock time in Europe/Paris."""
    return datetime.combine(day, at, tzinfo=PARIS).astimezone(UTC)
