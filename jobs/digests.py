"""Write the morning summaries: one per person and working day, each in its own transaction."""

from __future__ import annotations

from casework.clock import PARIS, paris_day
from casework.db import reading, transaction
from jobs.work import Means, Outcome, for_each_person
from workflows.digests import due_people, write_digest

NAME = "Récapitulatifs du matin"
FROM_HOUR = 7


def run(means: Means) -> Outcome:
    """From 07:00 in Paris, on working days; whoever was settled already is left alone."""
    today = paris_day(means.now)
    if means.now.astimezone(PARIS).hour < FROM_HOUR:
        return Outcome()
    with means.sessions() as session:
        people = due_people(reading(session), today)

    def write(user_id: int) -> int:
        with transaction(means.sessions) as session:
            return int(write_digest(session, means.settings, user_id, today=today, at=means.now) is not None)

    return for_each_person(means, people, write, NAME)
