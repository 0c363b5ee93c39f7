"""What the scheduled jobs leave behind, the scheduler's lease, and the demonstration's clock."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.db import Base, Instant, Key


class JobRun(Base):
    """One run of one job: what it counted, what failed."""

    __tablename__ = "job_run"
    __table_args__ = (sa.Index("ix_job_run_name", "name", "started_at"),)
    id: Mapped[int] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    done: Mapped[int] = mapped_column(sa.Integer, default=0)
    failed: Mapped[int] = mapped_column(sa.Integer, default=0)
    error: Mapped[str] = mapped_column(sa.Text, default="")


class Lease(Base):
    """Who leads among several schedulers, until when (the real time, never the demonstration's)."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(sa.String(80))
    until: Mapped[datetime] = mapped_column(Instant)


class DemoClock(Base):
    """How far the demonstration's clock stands from the real one, in seconds. One row, in a demonstration only."""

    __tablename__ = "demo_clock"
    id: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    offset_seconds: Mapped[int] = mapped_column(sa.BigInteger)
