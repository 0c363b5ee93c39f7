"""Bring what operations owe of their participants to the settings of today, and to those that ran before it was asked.

Each act on a journey does it for its own operation; a number of days that changes in the settings is applied here, once
a day, and so are the deadlines of the operations that ran already when a new kind of them came, or another rule.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from casework.applications import Application
from casework.db import reading
from casework.schemes import SchemeVersion
from jobs.work import Means, Outcome, on_each
from workflows.journey import owed, record_deadlines
from workflows.journey.lacking import asks
from workflows.journey.reading import OPEN_STATES
from workflows.journey.record_deadlines import has_records
from workflows.scheme import Scheme
from workflows.versions import read_version, scheme_of

NAME = "Échéances du suivi des participants"


def run(means: Means) -> Outcome:
    """Counts the operations looked at."""
    running = Application.state.in_(OPEN_STATES)
    used = sa.select(SchemeVersion).where(sa.exists().where(Application.scheme_version_id == SchemeVersion.id, running))
    with means.sessions() as session:
        versions = [one.id for one in reading(session).scalars(used) if _owes(read_version(one))]
    due = sa.select(Application.id).where(running, Application.scheme_version_id.in_(versions))

    def bring(session: Session, case: Application) -> None:
        if asks(scheme_of(case)):
            owed.bring(session, case, means.settings, at=means.now)
        if has_records(case):
            record_deadlines.bring(session, case, at=means.now)

    return on_each(means, due, bring, NAME)


def _owes(scheme: Scheme) -> bool:
    return asks(scheme) or scheme.followup.cre_per_participant
