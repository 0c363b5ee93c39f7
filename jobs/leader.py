"""One leader among any number of schedulers.

PostgreSQL: a session-level advisory lock, gone with the connection that holds it. SQLite: a row with a lease, renewed
well before it ends. Leases are measured with the real clock, never the demonstration's. Should two leaders exist for
an instant, nothing is harmed: jobs claim what they do, row by row.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import SystemClock
from casework.db import transaction
from casework.runs import Lease

NAME = "scheduler"
LEASE = timedelta(seconds=8)
RENEW_SECONDS = 2
_LOCK_KEY = 0x6361_7365


class Leader(Protocol):
    def leads(self) -> bool:
        """Take or keep the lead; False while another process has it."""
        ...

    def resign(self) -> None: ...


def leader_for(engine: sa.Engine, sessions: sessionmaker[Session]) -> Leader:
    return AdvisoryLock(engine) if engine.dialect.name == "postgresql" else LeasedRow(sessions)


class AdvisoryLock:
    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None

    def leads(self) -> bool:
        try:
            if self._connection is not None:
                self._connection.execute(sa.text("SELECT 1"))
                return True
            return self._take()
        except sa.exc.DBAPIError:
            self._connection = None
            return False

    def _take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = bool(connection.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}).scalar())
        if taken:
            self._connection = connection
        else:
            connection.close()
        return taken

    def resign(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


class LeasedRow:
    def __init__(self, sessions: sessionmaker[Session], holder: str | None = None) -> None:
        self._sessions = sessions
        self._holder = holder or f"{socket.gethostname()}:{os.getpid()}"[:80]

    def leads(self) -> bool:
        now = SystemClock().now()
        with transaction(self._sessions) as session:
            lease = session.get(Lease, NAME)
            if lease is None:
                session.add(Lease(name=NAME, holder=self._holder, until=now + LEASE))
                return True
            if lease.holder != self._holder and lease.until > now:
                return False
            lease.holder, lease.until = self._holder, now + LEASE
            return True

    def resign(self) -> None:
        with transaction(self._sessions) as session:
            session.execute(sa.delete(Lease).where(Lease.name == NAME, Lease.holder == self._holder))
