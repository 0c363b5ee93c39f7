"""Delete by retention the rows that only serve for a while: sessions, refused sign-ins, links sent by mail."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from casework.accounts import Link, LoginFailure, WebSession
from casework.db import transaction
from jobs.work import Means, Outcome

NAME = "Purge des données périmées"
KEEP = timedelta(days=30)


def run(means: Means) -> Outcome:
    old = means.now - KEEP
    deletions = (
        sa.delete(LoginFailure).where(LoginFailure.at < old),
        sa.delete(WebSession).where(WebSession.seen_at < old),
        sa.delete(Link).where(Link.expires_at < old),
    )
    with transaction(means.sessions) as session:
        return Outcome(sum(session.execute(deletion).rowcount for deletion in deletions))
