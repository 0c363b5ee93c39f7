"""What templates may call to write an amount, a date or a count as French people do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import Flask, g

from casework.amounts import NO_BREAK_SPACE, euros
from casework.clock import paris_day
from casework.french import (
    clock_time,
    counted,
    distance,
    listed,
    long_date,
    moment,
    month_of,
    of_month,
    of_name,
    short_date,
    short_moment,
)
from casework.journal import Event
from web.lines import for_reader, sees_lines
from web.tables import table_rows


def install(app: Flask) -> None:
    app.jinja_env.globals.update(sees_lines=sees_lines)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        euros=euros,
        date_fr=short_date,
        date_long=long_date,
        datetime_fr=short_moment,
        hour_of=clock_time,
        moment=moment,
        month_of=month_of,
        of_month=of_month,
        of_name=of_name,
        day_of=paris_day,
        day_of_year=day_of_year,
        days_left=days_left,
        counted=counted,
        listed=listed,
        size=size,
        timeline_entry=timeline_entry,
        remembered=remembered,
        table_rows=table_rows,
        for_reader=for_reader,
    )


def remembered(macro: Callable[..., str]) -> Callable[..., str]:
    """A macro that draws the same thing from the same words, drawn once: a list repeats an icon a hundred times."""
    return lru_cache(maxsize=2000, typed=True)(macro)


def day_of_year(close: tuple[int, int]) -> str:
    """« 31/12 », of a month and a day."""
    month, day = close
    return f"{day:02}/{month:02}"


def days_left(day: date | datetime | None) -> str:
    """« dans 3 jours », seen from the day of this request."""
    if day is None:
        return ""
    return distance(paris_day(day) if isinstance(day, datetime) else day, g.today)


def timeline_entry(event: Event) -> dict[str, Any]:
    """An event of the journal as the timeline draws it; what was erased says so."""
    text = "Le détail de cette entrée a été effacé." if event.erased else event.reason
    return {"at": event.at, "title": event.label, "actor": event.actor_name, "text": text}


def size(octets: int) -> str:
    """A file's size: « 12 Ko », « 3,4 Mo »."""
    if octets < 1024:
        return f"{octets}{NO_BREAK_SPACE}octets"
    if octets < 1024 * 1024:
        return f"{octets // 1024}{NO_BREAK_SPACE}Ko"
    return f"{octets / 1024 / 1024:.1f}".replace(".", ",") + f"{NO_BREAK_SPACE}Mo"
