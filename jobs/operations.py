"""Move the operations whose last day has passed to their final report."""

from __future__ import annotations

import sqlalchemy as sa

from casework.applications import Application, Convention
from casework.clock import paris_day
from jobs.work import Means, Outcome, fire_on_each

NAME = "Fin des opérations"


def run(means: Means) -> Outcome:
    due = (
        sa.select(Application.id)
        .join(Convention)
        .where(Application.state == "execution", Convention.ends_on < paris_day(means.now))
    )
    return fire_on_each(means, due, "end_operation", NAME)
