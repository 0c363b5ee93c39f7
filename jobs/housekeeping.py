"""Keep the tables that only serve for a while small, and the folder of files without orphans."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from casework.accounts import Link, LoginFailure, WebSession
from casework.db import transaction
from casework.runs import JobRun
from jobs.orphans import clean_orphans
from jobs.work import Means, Outcome

NAME = "Ménage"
KEEP_RUNS = timedelta(days=30)
KEEP_ACCESS = timedelta(days=30)


def run(means: Means) -> Outcome:
    old = means.now - KEEP_ACCESS
    deletions = (
        sa.delete(JobRun).where(JobRun.started_at < means.now - KEEP_RUNS),
        sa.delete(LoginFailure).where(LoginFailure.at < old),
        sa.delete(WebSession).where(WebSession.seen_at < old),
        sa.delete(Link).where(Link.expires_at < old),
    )
    with transaction(means.sessions) as session:
        rows = sum(session.execute(deletion).rowcount for deletion in deletions)
    return Outcome(rows + clean_orphans(means.sessions, means.storage, means.now))
