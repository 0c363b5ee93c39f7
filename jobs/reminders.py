"""Write at once the reminders of those who prefer them so to the morning summary."""

from __future__ import annotations

from casework.clock import paris_day
from casework.db import reading, transaction
from jobs.work import Means, Outcome, for_each_person
from workflows.reminder_letters import people_told_at_once, write_reminders

NAME = "Rappels envoyés tout de suite"


def run(means: Means) -> Outcome:
    with means.sessions() as session:
        people = people_told_at_once(reading(session))

    def write(user_id: int) -> int:
        with transaction(means.sessions) as session:
            return write_reminders(session, means.settings, user_id, today=paris_day(means.now), at=means.now)

    return for_each_person(means, people, write, NAME)
