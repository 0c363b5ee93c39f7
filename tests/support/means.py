"""What a job is given in a test: real sessions, a clock that stands still, a mail server of our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import FixedClock
from casework.db import transaction
from casework.outbox import Message, enqueue, new_message_id
from casework.people import User
from casework.settings import Settings
from casework.storage import Storage
from jobs.work import Means
from tests.support import people
from tests.support.template import NOW


def means(
    sessions: sessionmaker[Session], settings: Settings, *, now: datetime = NOW, port: int | None = None, **changes: Any
) -> Means:
    """The means of a job at this instant; with a port, mail goes to the server that listens there."""
    if port is not None:
        settings = replace(settings, smtp_host="127.0.0.1", smtp_port=port, smtp_tls="none", smtp_timeout_seconds=5)
    clock = FixedClock(now)
    return Means(sessions, settings, Storage(Path(settings.files_dir)), now, clock, **changes)


def queue(connection: sa.Connection, number: int, *, at: datetime = NOW, **content: Any) -> list[str]:
    """The identifiers of as many messages that wait, written at once, to nobody who has an account."""
    identifiers = [new_message_id() for _ in range(number)]
    same = {"subject": "Avance payée", "body": "Bonjour", "attempts": 0, "held": False, "error": "", **content}
    same |= {"category": "request", "created_at": at, "next_try_at": at}
    rows = [
        same | {"recipient": f"personne{rank}@exemple.invalid", "message_id": identifier}
        for rank, identifier in enumerate(identifiers)
    ]
    connection.execute(sa.insert(Message), rows)
    return identifiers


def letters(sessions: sessionmaker[Session], number: int, *, at: datetime = NOW, **content: Any) -> list[str]:
    """The addresses of as many people, a message waiting for each."""
    with transaction(sessions) as session:
        users: list[User] = [people.user(session) for _ in range(number)]
        enqueue(session, users, **{"subject": "Avance payée", "body": "Bonjour", "at": at, **content})
        return [user.email for user in users]
