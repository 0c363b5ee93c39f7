"""One leader among any number of schedulers.

PostgreSQL: a session-level advisory lock, gone with the connection that holds it. SQLite: a row with a lease, renewed
well before it ends. Leases are measured with the real clock, never the demonstration's. Should two leaders exist for
an instant, nothing is harmed: jobs claim what they do, row by row.
"""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from casework.clock import SystemClock
from casework.db import transaction
from casework.runs import Lease

NAME = "scheduler"
LEASE = timedelta(seconds=6)
RENEW_SECONDS = 1
_LOCK_KEY = 0x6361_7365
_KEEPALIVES = "SET tcp_keepalives_idle = 3; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 2"
"""A machine that vanishes closes no connection: the server must notice, and free the lock, within seconds."""


class Leader(Protocol):
    def leads(self) -> bool:
        """Take or keep the lead; False while another process has it."""
        ...

    def resign(self) -> None: ...


def leader_for(engine: sa.Engine, sessions: sessionmaker[Session]) -> Leader:
    return AdvisoryLock(engine) if engine.dialect.name == "postgresql" else LeasedRow(sessions)


class AdvisoryLock:
    """PostgreSQL: the connection that holds the lock is kept, and asked for a sign of life at each renewal."""

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
            self.resign()
            return False

    def _take(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._connection = connection
        for setting in _KEEPALIVES.split("; "):
            connection.execute(sa.text(setting))
        if connection.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}).scalar():
            return True
        self.resign()
        return False

    def resign(self) -> None:
        """Close the connection for good: the lock goes with it, and its settings serve nobody else."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


class LeasedRow:
    """SQLite: whoever writes its name in the row leads until the lease ends; a dead leader stops renewing."""

    def __init__(self, sessions: sessionmaker[Session], holder: str | None = None) -> None:
        self._sessions = sessions
        self._holder = holder or f"{socket.gethostname()[:50]}:{os.getpid()}:{secrets.token_hex(6)}"

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
