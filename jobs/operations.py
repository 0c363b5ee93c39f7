"""Move the operations whose last day has passed, or whose termination takes effect, to their final report."""

from __future__ import annotations

import sqlalchemy as sa

from casework.amendments import Amendment
from casework.applications import Application, Convention
from casework.clock import paris_day
from jobs.work import Means, Outcome, fire_on_each

NAME = "Fin des opérations"


def run(means: Means) -> Outcome:
    today = paris_day(means.now)
    extended = sa.exists().where(
        Amendment.application_id == Application.id,
        Amendment.status == "accepted",
        Amendment.ends_on > Convention.ends_on,
    )
    signed = sa.select(Application.id).join(Convention, Convention.application_id == Application.id)
    over = signed.where(Application.state == "execution", Convention.ends_on < today, ~extended)
    terminated = signed.where(Application.state.in_(("advance", "execution")), Convention.terminated_on <= today)
    ended = fire_on_each(means, terminated, "end_terminated", NAME)
    return ended + fire_on_each(means, over, "end_operation", NAME)
