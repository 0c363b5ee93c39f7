"""Lapse the drafts whose deposit window has closed without both acts (deposit, then validation)."""

from __future__ import annotations

import sqlalchemy as sa

from casework.applications import Application
from casework.clock import paris_day
from jobs.work import Means, Outcome, fire_on_each

NAME = "Clôture des sessions de dépôt"


def run(means: Means) -> Outcome:
    due = sa.select(Application.id).where(
        Application.state.in_(("draft", "deposited")),
        Application.closes_on < paris_day(means.now),
        Application.channel == "casework",
    )
    return fire_on_each(means, due, "lapse", NAME)
