"""Days are those of Europe/Paris, whatever the hour in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from casework.clock import PARIS, FixedClock, ShiftedClock, SystemClock, paris_day, paris_instant
from casework.db import Instant


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2024, 1, 31, 22, 59, 59, tzinfo=UTC), date(2024, 1, 31)),
        (datetime(2024, 1, 31, 23, 0, 0, tzinfo=UTC), date(2024, 2, 1)),
        (datetime(2024, 7, 31, 21, 59, 59, tzinfo=UTC), date(2024, 7, 31)),
        (datetime(2024, 7, 31, 22, 0, 0, tzinfo=UTC), date(2024, 8, 1)),
        (datetime(2024, 3, 30, 23, 0, 0, tzinfo=UTC), date(2024, 3, 31)),
        (datetime(2024, 3, 31, 22, 0, 0, tzinfo=UTC), date(2024, 4, 1)),
        (datetime(2024, 10, 26, 22, 0, 0, tzinfo=UTC), date(2024, 10, 27)),
        (datetime(2024, 10, 27, 22, 59, 59, tzinfo=UTC), date(2024, 10, 27)),
    ],
)
def test_the_day_of_an_instant_is_the_one_in_paris(instant: datetime, day: date) -> None:
    assert paris_day(instant) == day


@pytest.mark.parametrize(
    ("day", "at", "instant"),
    [
        (date(2024, 1, 15), time(10, 0), datetime(2024, 1, 15, 9, 0, tzinfo=UTC)),
        (date(2024, 7, 15), time(10, 0), datetime(2024, 7, 15, 8, 0, tzinfo=UTC)),
        (date(2024, 3, 31), time(1, 59), datetime(2024, 3, 31, 0, 59, tzinfo=UTC)),
        (date(2024, 3, 31), time(3, 0), datetime(2024, 3, 31, 1, 0, tzinfo=UTC)),
        (date(2024, 10, 27), time(12, 0), datetime(2024, 10, 27, 11, 0, tzinfo=UTC)),
    ],
)
def test_a_wall_clock_time_in_paris_becomes_an_instant(day: date, at: time, instant: datetime) -> None:
    assert paris_instant(day, at) == instant


@pytest.mark.parametrize("day", [date(2024, 3, 31), date(2024, 10, 27), date(2024, 2, 29), date(2024, 12, 31)])
def test_the_last_second_of_a_day_is_still_that_day(day: date) -> None:
    last = paris_instant(day, time(23, 59, 59))
    assert paris_day(last) == day
    assert paris_day(last + timedelta(seconds=1)) == day + timedelta(days=1)


def test_a_fixed_clock_stands_still_until_it_is_moved(clock: FixedClock) -> None:
    start = clock.now()
    assert clock.now() == start
    clock.advance(timedelta(days=2))
    assert clock.now() - start == timedelta(days=2)
    clock.move_to(datetime(2024, 6, 1, tzinfo=PARIS))
    assert clock.now() == datetime(2024, 5, 31, 22, 0, tzinfo=UTC)


def test_a_shifted_clock_ticks_at_another_date() -> None:
    offset = timedelta(days=-500)
    before, shown, after = SystemClock().now(), ShiftedClock(offset).now(), SystemClock().now()
    assert before + offset <= shown <= after + offset


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Instant().process_bind_param(datetime(2024, 1, 1), None)  # type: ignore[arg-type]  # noqa: DTZ001
