"""Forget the runs of jobs that nobody looks at any more."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from casework.db import transaction
from casework.runs import JobRun
from jobs.work import Means, Outcome

NAME = "Oubli des anciennes exécutions"
KEEP = timedelta(days=30)


def run(means: Means) -> Outcome:
    with transaction(means.sessions) as session:
        deleted = session.execute(sa.delete(JobRun).where(JobRun.started_at < means.now - KEEP))
        return Outcome(deleted.rowcount)
