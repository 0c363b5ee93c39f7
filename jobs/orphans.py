"""Delete the stored bytes that no case needs: failed transactions, interrupted uploads, drafts' discarded files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from casework.db import reading
from casework.storage import Storage
from workflows.application.files import ORPHAN_AGE, orphans


def clean_orphans(sessions: sessionmaker[Session], storage: Storage, now: datetime) -> int:
    """Delete what has been orphan for more than a day; how many files there were."""
    with sessions() as session:
        keys = orphans(reading(session), storage, now=now)
    for key in keys:
        storage.delete(key)
    return len(keys) + storage.clean_incoming(before=now - ORPHAN_AGE)
