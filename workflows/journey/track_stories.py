"""Telling what sheets follow for their participants: phases and hours that grow, solutions, childcare, requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy.orm import Session

from casework.participants import Journey
from workflows.engine import Act
from workflows.journey.tracks import record_fact
from workflows.versions import scheme_of

TOLD: dict[str, tuple[tuple[int, str, dict[str, str]], ...]] = {
    "3.5": (
        (5, "mobility", {"choice": "licence", "marked": "yes", "obtained": "60"}),
        (12, "mobility", {"choice": "carpool", "marked": "no", "obtained": "15"}),
        (30, "mobility", {"choice": "repair", "marked": "no"}),
    ),
    "3.6": (
        (1, "parent", {"choice": "seeking"}),
        (2, "childcare", {"choice": "adaptation", "hours": "8", "marked": "no"}),
        (20, "childcare", {"choice": "collective", "hours": "20", "marked": "no"}),
        (60, "parent", {"choice": "work"}),
        (62, "childcare", {"choice": "collective", "hours": "35", "marked": "yes"}),
    ),
    "3.7": (
        (0, "phase", {"choice": "orientation"}),
        (3, "phase", {"choice": "discovery"}),
        (3, "weekly_hours", {"hours": "4"}),
        (20, "phase", {"choice": "activity"}),
        (21, "weekly_hours", {"hours": "8"}),
        (50, "phase", {"choice": "growth"}),
        (51, "weekly_hours", {"hours": "16"}),
    ),
    "3.8": (
        (-90, "requests", {"choice": "rqth"}),
        (-20, "requests", {"choice": "aah"}),
        (2, "phase", {"choice": "reception"}),
        (15, "evaluation", {"choice": "positive"}),
        (16, "phase", {"choice": "support"}),
        (70, "phase", {"choice": "placement"}),
    ),
}
"""By sheet: days after the entry, track, answers. « obtained » is a number of days after the proposal."""


def tell_tracks(
    session: Session, journey: Journey, entry: date, rank: int, *, past: Callable[[date], bool],
    act: Callable[[date, dict[str, str]], Act],
) -> None:  # fmt: skip
    """Note what the sheet follows until the present: each next person a few days later than the one before."""
    for days, track, answers in TOLD.get(scheme_of(journey.application).code, ()):
        day = entry + timedelta(days=days * (4 + rank % 3) // 4)
        if not past(day) or (journey.exited_on is not None and day > journey.exited_on):
            continue
        data = {"since_on": day.isoformat(), **answers}
        obtained = day + timedelta(days=int(data.pop("obtained", "0")))
        if obtained > day and past(obtained):
            data["settled_on"] = obtained.isoformat()
        told = max(entry, day, obtained if "settled_on" in data else day)
        record_fact(session, journey, track, act(told, data))
